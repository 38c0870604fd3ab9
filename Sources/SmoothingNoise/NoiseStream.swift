/// The random bits of one input in one phase.
///
/// ## Specification
///
/// Bits come from ChaCha20 (RFC 8439: 32-bit block counter, 96-bit nonce) under the noise key.
/// Numbering the words of its state from 0:
///
/// | word | content |
/// |------|---------|
/// | 0–3  | the constants of ChaCha20 |
/// | 4–11 | the noise key, 32 bytes as eight little-endian words |
/// | 12   | the block counter |
/// | 13   | the input's index in its data set |
/// | 14   | the low 32 bits of the sample index |
/// | 15   | the top byte is the phase; the others are the high 24 bits of the sample index |
///
/// The phase is 0 for selection and 1 for estimation, plus 0x80 in streams of refinement.
///
/// Draw c of a sample, which is coordinate c's, is bytes w c ..< w (c + 1) of the sample's
/// keystream, its blocks one after another as RFC 8439 serialises them, as a little-endian number:
/// w is 3, or 4 for a table of more than 4,096 columns. The draw's highest bit is the noise's sign,
/// and ``AliasTable`` says what the others mean. Each sample begins with a fresh block, so what is
/// left of its last block is not used.
///
/// In a stream of refinement, coordinate c owns the block whose counter is c: its first eight
/// words, in keystream order and the first the most significant, are 256 further bits.
///
/// No two (input, phase, refinement or not, sample, counter) share a block, since each is written
/// in bits of its own. So selection and estimation never share noise, nor do two inputs; and any
/// ChaCha20 library can draw a campaign's noise again.
///
/// Manifests call all this `stream 2`; when it changes, so does that number.
struct NoiseStream {
    var key: NoiseKey
    var input: UInt32
    var phase: SamplingPhase

    /// Sample indices are less than this.
    static let sampleLimit: UInt64 = 1 << 56

    private static let refinementFlag: UInt32 = 0x80

    /// A block of the keystream of one sample.
    func block(_ counter: UInt32, of sample: UInt64) -> [UInt32] {
        ChaCha20.block(
            key: key.words, counter: counter, nonce: nonce(flag: 0, sample: sample))
    }

    /// A coordinate's draw of 3 or 4 bytes.
    func draw(of sample: UInt64, coordinate: Int, bytes: Int) -> UInt32 {
        let (first, last) = (bytes * coordinate, bytes * coordinate + bytes - 1)
        var words = block(UInt32(first / 64), of: sample)
        if last / 64 > first / 64 { words += block(UInt32(last / 64), of: sample) }
        return (0..<bytes).reduce(0) { draw, place in
            let byte = first % 64 + place
            return draw | (words[byte / 4] >> UInt32(8 * (byte % 4)) & 0xff) << UInt32(8 * place)
        }
    }

    /// The 256 further bits of a coordinate, the most significant word first.
    func refinement(of sample: UInt64, coordinate: UInt32) -> [UInt64] {
        let words = ChaCha20.block(
            key: key.words, counter: coordinate,
            nonce: nonce(flag: Self.refinementFlag, sample: sample))
        return (0..<4).map { UInt64(words[2 * $0]) << 32 | UInt64(words[2 * $0 + 1]) }
    }

    private func nonce(flag: UInt32, sample: UInt64) -> SIMD3<UInt32> {
        precondition(sample < Self.sampleLimit)
        let top = (UInt32(phase.rawValue) | flag) << 24 | UInt32(sample >> 32)
        return SIMD3(input, UInt32(truncatingIfNeeded: sample), top)
    }
}

/// What samples are drawn for. The two phases never share noise.
public enum SamplingPhase: UInt8, Sendable, CaseIterable {
    /// Choosing the class that the certificate will be about.
    case selection = 0
    /// Bounding that class's probability.
    case estimation = 1
}

/// ChaCha20's block function: RFC 8439, section 2.3.
enum ChaCha20 {
    static func block(
        key: SIMD8<UInt32>, counter: UInt32, nonce: SIMD3<UInt32>
    ) -> [UInt32] {
        let constants = SIMD4<UInt32>(0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574)
        let last = SIMD4<UInt32>(counter, nonce[0], nonce[1], nonce[2])
        var (a, b, c, d) = (constants, key.lowHalf, key.highHalf, last)
        for _ in 0..<10 {
            quarterRounds(&a, &b, &c, &d)  // one on each column
            (b, c, d) = (turned(b, by: 1), turned(c, by: 2), turned(d, by: 3))
            quarterRounds(&a, &b, &c, &d)  // one on each diagonal
            (b, c, d) = (turned(b, by: 3), turned(c, by: 2), turned(d, by: 1))
        }
        let rows = [a &+ constants, b &+ key.lowHalf, c &+ key.highHalf, d &+ last]
        return rows.flatMap { row in (0..<4).map { row[$0] } }
    }

    private static func quarterRounds(
        _ a: inout SIMD4<UInt32>, _ b: inout SIMD4<UInt32>, _ c: inout SIMD4<UInt32>,
        _ d: inout SIMD4<UInt32>
    ) {
        a &+= b
        d = rotated(d ^ a, by: 16)
        c &+= d
        b = rotated(b ^ c, by: 12)
        a &+= b
        d = rotated(d ^ a, by: 8)
        c &+= d
        b = rotated(b ^ c, by: 7)
    }

    private static func rotated(_ x: SIMD4<UInt32>, by bits: UInt32) -> SIMD4<UInt32> {
        let high = x &<< SIMD4(repeating: bits)
        let low = x &>> SIMD4(repeating: 32 - bits)
        return high | low
    }

    private static func turned(_ x: SIMD4<UInt32>, by lanes: Int) -> SIMD4<UInt32> {
        SIMD4(x[lanes % 4], x[(lanes + 1) % 4], x[(lanes + 2) % 4], x[(lanes + 3) % 4])
    }
}
