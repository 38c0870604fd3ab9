/// The percentile bootstrap of a statistic of inputs (B. Efron, Annals of Statistics 7, 1979).
///
/// Each replicate draws as many inputs as there are, with replacement, and takes the statistic of them.
/// What belongs to one input is drawn together, so that pairs stay pairs. The interval holds the middle
/// of the replicates and is approximate: it becomes right as the number of inputs grows. It is a function
/// of the seed, the same on every machine.
public struct PairedBootstrap: Hashable, Sendable {
    /// How many times inputs are drawn.
    public let replicates: Int
    /// The seed of the draws.
    public let seed: UInt64
    /// The share of the replicates that the interval holds.
    public static let level = 0.95

    /// A bootstrap of at least 40 replicates.
    public init(replicates: Int = 10_000, seed: UInt64 = 1) {
        precondition(replicates >= 40, "both tails have a replicate")
        self.replicates = replicates
        self.seed = seed
    }

    /// The interval for a statistic that is a function of how often each input was drawn.
    public func interval(inputs: Int, of statistic: ([Int]) -> Double) -> ClosedRange<Double> {
        precondition(inputs > 0, "something to draw")
        var random = SplitMix64(state: seed)
        var weights = [Int](repeating: 0, count: inputs)
        var values: [Double] = []
        values.reserveCapacity(replicates)
        for _ in 0..<replicates {
            for place in weights.indices { weights[place] = 0 }
            for _ in 0..<inputs {
                // Any input as likely as any other, but for 2^-64 of `inputs`.
                weights[Int(random.next().multipliedFullWidth(by: UInt64(inputs)).high)] += 1
            }
            values.append(statistic(weights))
        }
        values.sort()
        // Rounded outwards: no more than 1/40 of the replicates lie beyond either end.
        let cut = replicates / 40
        return values[cut - 1]...values[replicates - cut]
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
private struct SplitMix64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
