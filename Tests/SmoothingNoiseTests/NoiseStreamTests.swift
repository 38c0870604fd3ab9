import CSmoothingNoise
import Testing

@testable import SmoothingNoise

/// RFC 8439's vectors for the block function: section 2.3.2, then appendix A.1 in order.
private let blockVectors: [(key: String, counter: UInt32, nonce: SIMD3<UInt32>, block: String)] = [
    (
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 1,
        SIMD3(0x0900_0000, 0x4a00_0000, 0),
        "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e"
            + "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e"
    ),
    (
        String(repeating: "0", count: 64), 0, .zero,
        "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
            + "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586"
    ),
    (
        String(repeating: "0", count: 64), 1, .zero,
        "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed"
            + "29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f"
    ),
    (
        String(repeating: "0", count: 63) + "1", 1, .zero,
        "3aeb5224ecf849929b9d828db1ced4dd832025e8018b8160b82284f3c949aa5a"
            + "8eca00bbb4a73bdad192b5c42f73f2fd4e273644c8b36125a64addeb006c13a0"
    ),
    (
        "00ff" + String(repeating: "0", count: 60), 2, .zero,
        "72d54dfbf12ec44b362692df94137f328fea8da73990265ec1bbbea1ae9af0ca"
            + "13b25aa26cb4a648cb9b9d1be65b2c0924a66c54d545ec1b7374f4872e99f096"
    ),
    (
        String(repeating: "0", count: 64), 0, SIMD3(0, 0, 0x0200_0000),
        "c2c64d378cd536374ae204b9ef933fcd1a8b2288b3dfa49672ab765b54ee27c7"
            + "8a970e0e955c14f3a88e741b97c286f75f8fc299e8148362fa198a39531bed6d"
    ),
]

/// Words as little-endian bytes, in hexadecimal.
private func hex(_ words: ArraySlice<UInt32>) -> String {
    var digits = ""
    for word in words {
        for byte: UInt32 in 0..<4 {
            digits += String(word >> (8 * byte + 4) & 15, radix: 16)
            digits += String(word >> (8 * byte) & 15, radix: 16)
        }
    }
    return digits
}

@Suite struct ChaCha20Tests {
    @Test(arguments: blockVectors.indices)
    func `the Swift block function is RFC 8439's`(index: Int) throws {
        let vector = blockVectors[index]
        let key = try #require(NoiseKey(hex: vector.key))
        let block = ChaCha20.block(key: key.words, counter: vector.counter, nonce: vector.nonce)
        #expect(hex(block[...]) == vector.block)
    }

    @Test(arguments: blockVectors.indices)
    func `every kernel's keystream is RFC 8439's`(index: Int) throws {
        let vector = blockVectors[index]
        let key = try #require(NoiseKey(hex: vector.key))
        let (input, low, high) = (vector.nonce[0], vector.nonce[1], vector.nonce[2])
        var stream = noise_stream(NoiseStream(key: key, input: input, phase: .selection))
        stream.phase = UInt8(high >> 24)
        let sample = UInt64(high & 0xff_ffff) << 32 | UInt64(low)
        for set in InstructionSet.allCases where set.isAvailable {
            var words = [UInt32](repeating: 0, count: 3 * 16)
            noise_write_keystream(set.code, &stream, 3, sample, 1, &words)
            let start = 16 * Int(vector.counter)
            #expect(hex(words[start..<start + 16]) == vector.block, "\(set)")
        }
    }
}

@Suite struct NoiseStreamTests {
    @Test func `no two inputs, phases, samples, blocks or refinements share bits`() throws {
        let key = try #require(NoiseKey(hex: String(repeating: "a5", count: 32)))
        let samples: [UInt64] = [0, 1, 2, 255, 1 << 24, 1 << 32 - 1, 1 << 32, 1 << 56 - 1]
        var seen = Set<[UInt32]>()
        var drawn = 0
        for input: UInt32 in [0, 1, 2, .max] {
            for phase in SamplingPhase.allCases {
                let stream = NoiseStream(key: key, input: input, phase: phase)
                for sample in samples {
                    for counter: UInt32 in 0..<4 {
                        let further = stream.refinement(of: sample, coordinate: counter)
                        seen.insert(Array(stream.block(counter, of: sample).prefix(8)))
                        seen.insert(
                            further.flatMap { [UInt32($0 >> 32), UInt32($0 & 0xffff_ffff)] })
                        drawn += 2
                    }
                }
            }
        }
        #expect(seen.count == drawn)
    }

    @Test func `another key gives another stream`() throws {
        let keys = try (0..<256).map { bit in
            let digits = (0..<64).map { $0 == bit / 4 ? ["1", "2", "4", "8"][bit % 4] : "0" }
            return try #require(NoiseKey(hex: digits.joined()))
        }
        let blocks = keys.map { NoiseStream(key: $0, input: 0, phase: .estimation).block(0, of: 0) }
        #expect(Set(blocks).count == 256)
    }
}

@Suite struct NoiseKeyTests {
    private let digits = "00112233445566778899aabbccddeeff0f1e2d3c4b5a69788796a5b4c3d2e1f0"

    @Test func `hexadecimal digits come back`() throws {
        let key = try #require(NoiseKey(hex: digits))
        #expect(key.hex == digits)
        #expect(NoiseKey(hex: digits.uppercased()) == key)
        #expect(key.words[0] == 0x3322_1100)
    }

    @Test func `anything but 64 hexadecimal digits is refused`() {
        for text in [
            "", String(digits.dropLast()), digits + "0", "g" + digits.dropFirst(),
            "0x" + digits.dropFirst(2), " " + digits.dropFirst(), "é" + digits.dropFirst(2),
        ] {
            #expect(NoiseKey(hex: text) == nil, "\(text)")
        }
    }
}
