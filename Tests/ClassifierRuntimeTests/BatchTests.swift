import ClassifierRuntime
import Foundation
import Testing

@Suite struct BatchTests {
    @Test(arguments: [
        "Demo/models/digits_mlp_s025", "Demo/models/fmnist_cnn_s050",
        "Demo/models/fmnist_resnet_s050", "cnn_28", "cnn_28_batch1", "cnn_28_batch4",
    ])
    func `a sample's logits do not depend on its place in the batch`(model: String) throws {
        let classifier = try classifier(model, batchSize: 32)
        let size = classifier.sampleSize
        let samples = scatteredPixels(32 * size)
        let rows = bits(try classifier.rows(of: samples))
        #expect(Set(rows).count == 32)
        for shift in [1, 5, 16, 31] {
            let moved = Array(samples[(shift * size)...] + samples[..<(shift * size)])
            let expected = Array(rows[shift...] + rows[..<shift])
            #expect(bits(try classifier.rows(of: moved)) == expected)
        }
    }

    @Test(arguments: ["cnn_28_batch1", "cnn_28_batch4"])
    func `a model of fixed batch gives what its twin of any batch gives`(model: String) throws {
        let samples = scatteredPixels(12 * 784)
        let twin = try classifier("cnn_28", batchSize: 12).rows(of: samples)
        let rows = try classifier(model, batchSize: 12).rows(of: samples)
        for (row, expected) in zip(rows, twin) { #expect(isClose(row, expected)) }
    }

    @Test func `a batch that is no multiple of a model's own is refused`() throws {
        #expect(
            refusal { try classifier("cnn_28_batch4", batchSize: 10) }
                == "The model takes exactly 4 samples at a time, so a batch of 10 cannot be cut: "
                + "choose a multiple, or export the model with a dynamic first axis.")
    }

    @Test(arguments: [("linear_28", 28, 1), ("linear_cifar", 32, 3)])
    func `samples lie as the model's shape says, channels first or last`(
        model: String, side: Int, channels: Int
    ) throws {
        let first = try classifier(model)
        let last = try classifier("\(model)_nhwc")
        #expect(first.sampleShape == [channels, side, side])
        #expect(last.sampleShape == [side, side, channels])
        let samples = scatteredPixels(8 * channels * side * side)
        let plane = side * side
        let turned = (0..<8).flatMap { sample in
            (0..<plane).flatMap { pixel in
                (0..<channels).map { samples[(sample * channels + $0) * plane + pixel] }
            }
        }
        for (row, expected) in zip(try last.rows(of: turned), try first.rows(of: samples)) {
            #expect(isClose(row, expected))
        }
    }

    @Test func `the batch stays in place and is left as it was`() throws {
        for model in ["cnn_28", "cnn_28_batch4"] {
            let classifier = try classifier(model, batchSize: 8)
            let address = classifier.batch.baseAddress
            #expect(Int(bitPattern: address).isMultiple(of: 64))
            let samples = scatteredPixels(8 * 784)
            let once = try classifier.rows(of: samples)
            let again = try classifier.logits()
            #expect(Array(again) == once.flatMap(\.self))
            #expect(Array(classifier.batch) == samples)
            #expect(classifier.batch.baseAddress == address)
        }
    }

    @Test func `classifiers on several threads at once give the same bits`() async throws {
        let runtime = try OnnxRuntime.load()
        let model = try bytes(of: "Demo/models/fmnist_resnet_s050")
        let answers = try await withThrowingTaskGroup(of: [[UInt32]].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let classifier = try OnnxClassifier(
                        model: model, runtime: runtime, batchSize: 16)
                    return bits(try classifier.rows(of: scatteredPixels(16 * 784)))
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count == 4)
        #expect(Set(answers).count == 1)
    }
}

/// Equal up to the rounding of another order of summation.
func isClose(_ row: [Float], _ expected: [Float]) -> Bool {
    row.count == expected.count
        && zip(row, expected).allSatisfy { abs($0 - $1) <= 1e-5 * max(1, abs($1)) }
}
