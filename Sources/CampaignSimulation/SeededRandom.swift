/// SplitMix64 (Steele, Lea, Flood 2014): all chance of a simulation, from one seed.
public struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// The source that this seed names.
    public init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    /// A number from 0 to `bound` - 1.
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }

    /// True with this probability.
    mutating func chance(_ share: Double) -> Bool {
        Double(next() >> 11) * 0x1p-53 < share
    }

    /// A duration between the two, to the microsecond.
    mutating func duration(in range: ClosedRange<Duration>) -> Duration {
        let width = (range.upperBound - range.lowerBound) / .microseconds(1)
        return range.lowerBound + .microseconds(below(Int(width) + 1))
    }
}
