import Foundation

/// The tables that `Vectors/make_vectors.py` writes.
enum Vectors {
    static func rows(_ file: String, separator: Character = "\t") throws -> [[String]] {
        let url = Bundle.module.bundleURL.appending(path: "Vectors").appending(path: file)
        return try String(contentsOf: url, encoding: .utf8)
            .split(separator: "\n")
            .map { $0.split(separator: separator).map(String.init) }
    }

    static func double(_ bits: some StringProtocol) throws -> Double {
        guard let pattern = UInt64(bits, radix: 16) else { throw CocoaError(.formatting) }
        return Double(bitPattern: pattern)
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
