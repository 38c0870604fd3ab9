import SmoothingNoise
import Testing

@Suite struct NormalizationTests {
    private let means: [Float] = [0.4914, 0.4822, 0.4465]
    private let deviations: [Float] = [0.2023, 0.1994, 0.2010]

    /// The bits of float32 pixels 37 i mod 256 over 255, normalised.
    private func normalized(innerStride: Int, samples: Int = 1) throws -> [UInt32] {
        let normalization = try Normalization(
            means: means, standardDeviations: deviations, innerStride: innerStride)
        var values = (0..<12 * samples).map { Float(37 * ($0 % 12) % 256) / 255 }
        values.withUnsafeMutableBufferPointer { normalization.apply(to: $0) }
        return values.map(\.bitPattern)
    }

    /// By numpy, in float32: (v.reshape(3, 4) - mean[:, None]) / std[:, None].
    private let channelsFirst: [UInt32] = [
        0xc01b_75d0, 0xbfdb_1d0c, 0xbf7e_9ceb, 0xbe8d_ff82, 0x3efc_20de, 0x3f9c_2c9d,
        0x3ff9_5102, 0xc016_fe06, 0xbfb8_7214, 0xbf38_16f9, 0x3b36_3447, 0x3f39_8364,
    ]

    @Test func `channels first are numpy's bits`() throws {
        #expect(try normalized(innerStride: 4) == channelsFirst)
        #expect(try normalized(innerStride: 4, samples: 2) == channelsFirst + channelsFirst)
    }

    @Test func `channels last are numpy's bits`() throws {
        // (v.reshape(4, 3) - mean) / std
        #expect(
            try normalized(innerStride: 1) == [
                0xc01b_75d0, 0xbfd8_64f9, 0xbf47_12da, 0xbe8d_ff82, 0x3efc_20de, 0x3fb1_aa58,
                0x3fef_ebe0, 0xc016_fe06, 0xbfb8_7214, 0xbf6f_b9b0, 0xbe34_76d5, 0x3f39_8364,
            ])
    }

    @Test func `channels that do not match, or cannot divide, are refused`() {
        let good: [Float] = [1, 2]
        for (means, deviations, stride): ([Float], [Float], Int) in [
            ([], [], 1), (good, [1], 1), (good, good, 0), (good, [1, 0], 1), (good, [1, -1], 1),
            (good, [1, .infinity], 1), ([1, .nan], good, 1),
        ] {
            #expect(throws: SmoothingNoiseError.self) {
                try Normalization(
                    means: means, standardDeviations: deviations, innerStride: stride)
            }
        }
    }
}
