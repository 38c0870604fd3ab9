/// The key of a campaign's noise: 256 bits.
///
/// Whoever knows it can draw the noise again, which is how a certificate is checked. Whoever knows
/// it *beforehand* can look for an input that the drawn noise misjudges: choose it at random, and
/// disclose it only after the inputs are fixed.
public struct NoiseKey: Sendable, Hashable {
    /// The key's bytes as little-endian words.
    let words: SIMD8<UInt32>

    /// The key whose bytes are all 0: for known answers, never for a campaign.
    public static let zero = NoiseKey(words: .zero)

    private init(words: SIMD8<UInt32>) { self.words = words }

    /// The key of 32 bytes; nil for any other number of bytes.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        var words = SIMD8<UInt32>.zero
        for (index, byte) in bytes.enumerated() {
            words[index / 4] |= UInt32(byte) << (8 * UInt32(index % 4))
        }
        self.words = words
    }

    /// The key's 32 bytes.
    public var bytes: [UInt8] {
        (0..<32).map { UInt8(truncatingIfNeeded: words[$0 / 4] >> (8 * UInt32($0 % 4))) }
    }

    /// Reads 64 hexadecimal digits, of either case; nil for anything else.
    public init?(hex: some StringProtocol) {
        let digits = hex.utf8.map { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count == 64 else { return nil }
        var words = SIMD8<UInt32>.zero
        for (index, digit) in digits.enumerated() {
            guard let digit else { return nil }
            let byte = index / 2
            let shift = 8 * (byte % 4) + (index % 2 == 0 ? 4 : 0)
            words[byte / 4] |= UInt32(digit) << shift
        }
        self.words = words
    }

    /// The key as 64 lower-case hexadecimal digits.
    public var hex: String {
        let digits = Array("0123456789abcdef")
        return String(
            (0..<64).map { index in
                let byte = index / 2
                let shift = 8 * (byte % 4) + (index % 2 == 0 ? 4 : 0)
                return digits[Int(words[byte / 4] >> shift & 15)]
            })
    }
}
