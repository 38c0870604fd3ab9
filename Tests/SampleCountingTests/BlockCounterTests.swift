import ClassifierRuntime
import Digests
import Foundation
import SampleCounting
import SmoothingNoise
import Testing

/// Law 1 for a single block: what a sample's answer is does not depend on how its lease was cut.
@Suite struct BlockCounterTests {
    private let pixels = (0..<64).map { Int32(($0 * 7) % 17) }

    private func counter(block: Int = 20, key: String = "ab", bias: Float? = nil) throws
        -> BlockCounter
    {
        let model = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Demo/models/digits_mlp_s025.onnx")
        let classifier = try OnnxClassifier(
            model: [UInt8](Data(contentsOf: model)), runtime: .load(), batchSize: block)
        let key = try #require(NoiseKey(hex: String(repeating: key, count: 32)))
        let normalization = try bias.map {
            try Normalization(means: [$0], standardDeviations: [1], innerStride: 64)
        }
        return BlockCounter(
            classifier: classifier,
            sampler: NoiseSampler(
                distribution: try RoundedGaussian(sigma: 0.5, stepsPerUnit: 16), key: key),
            normalization: normalization)
    }

    private func counts(
        _ counter: BlockCounter, from block: Int, samples: Int,
        phase: SamplingPhase = .estimation, input: UInt32 = 3
    ) throws -> [Int] {
        let counts = try counter.counts(
            of: pixels, input: input, phase: phase, firstBlock: block, samples: samples)
        return try #require(counts)
    }

    @Test func `the counts of a range are the sum of the counts of its parts`() throws {
        let counter = try counter()
        let whole = try counts(counter, from: 0, samples: 95)
        var sum = [Int](repeating: 0, count: 10)
        for (block, samples) in [(0, 20), (1, 40), (3, 35)] {
            let part = try counts(counter, from: block, samples: samples)
            for (answer, count) in part.enumerated() { sum[answer] += count }
        }
        #expect(whole == sum)
        #expect(whole.reduce(0, +) == 95)
        #expect(whole.count { $0 > 0 } > 1, "the noise is strong enough to see a difference")
    }

    /// "The last block is padded with the noise of the next sample indices, uncounted, so that more
    /// samples later do not change a neighbour."
    @Test func `more samples later only add to the counts`() throws {
        let counter = try counter()
        var before = try counts(counter, from: 0, samples: 1)
        for samples in 2...60 {
            let after = try counts(counter, from: 0, samples: samples)
            #expect(zip(before, after).allSatisfy { $0 <= $1 })
            before = after
        }
    }

    /// Law 3: selection and estimation never share a noise stream; no two inputs do.
    @Test func `phases, inputs and keys have noise of their own`() throws {
        let counter = try counter()
        let one = try counts(counter, from: 0, samples: 4000)
        #expect(try counts(counter, from: 0, samples: 4000, phase: .selection) != one)
        #expect(try counts(counter, from: 0, samples: 4000, input: 4) != one)
        #expect(try counts(try self.counter(key: "ac"), from: 0, samples: 4000) != one)
        #expect(try counts(try self.counter(), from: 0, samples: 4000) == one)
    }

    @Test
    func `the known answer differs with noise, block and normalisation, and with nothing else`()
        throws
    {
        let answer = try counter().knownAnswer()
        #expect(try counter(key: "ac").knownAnswer() == answer)
        #expect(try counter(block: 21).knownAnswer() != answer)
        let biased = try counter(bias: 0.5).knownAnswer()
        #expect(biased.noise == answer.noise && biased.scores != answer.scores)
    }

    @Test func `counting stops between blocks when it is not wanted any more`() throws {
        let counter = try counter()
        var blocks = 0
        let counts = try counter.counts(
            of: pixels, input: 0, phase: .selection, firstBlock: 0, samples: 1000
        ) {
            blocks += 1
            return blocks < 4
        }
        #expect(counts == nil)
        #expect(blocks == 4)
    }

    @Test(arguments: [1, 4])
    func `an encoded input is read back`(width: Int) {
        let values: [Int32] = width == 1 ? [0, 1, 255, 7] : [0, -1, 8_388_607, -8_388_608, 255]
        let bytes = EncodedInput.bytes(of: values, width: width)
        #expect(bytes.count == width * values.count)
        #expect(EncodedInput.pixels(from: bytes, width: width) == values)
    }
}
