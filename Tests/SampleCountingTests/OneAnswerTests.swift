import ClassifierRuntime
import Foundation
import SampleCounting
import SmoothingNoise
import Testing

/// Law 9: "A classifier's answer to a sample is a function of that sample alone: not of its neighbours in the
/// batch, not of what was asked before, not of a random source of its own." The models are other people's
/// operators, put together by `Tests/Fixtures/make_answer_models.py`.
@Suite struct OneAnswerTests {
    private static let tests = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()

    private static func counter(
        _ path: String, block: Int = 50, output: String? = nil, sigma: Double = 0.25
    ) throws -> BlockCounter {
        let classifier = try OnnxClassifier(
            model: [UInt8](Data(contentsOf: tests.appending(path: path))), runtime: .load(),
            batchSize: block, outputName: output)
        let noise = try RoundedGaussian(sigma: sigma, stepsPerUnit: 255)
        return BlockCounter(
            classifier: classifier, sampler: NoiseSampler(distribution: noise, key: .zero),
            normalization: nil)
    }

    /// What the test finds; nil: nothing.
    private static func flaw(
        of counter: BlockCounter, patience: Duration = .zero
    ) throws -> OneAnswerFlaw? {
        do {
            try counter.testOneAnswer(width: 1, patience: patience)
            return nil
        } catch let flaw as OneAnswerFlaw {
            return flaw
        }
    }

    /// Models that mix the samples of a batch: by which contents of the other rows it is noticed.
    static let mixing = [
        "batchnorm_in_training", "cumulated", "dynamic_quantization", "first_of_batch",
        "fixed_batch_of_5", "half_a_batch_away", "inside_a_branch", "largest_value",
        "mean_over_batch", "only_above_a_threshold", "pairs", "recurrent_over_batch",
        "softmax_over_batch",
    ]

    /// Models that draw at random or keep state.
    static let changing = [
        "bernoulli", "multinomial", "noise_of_its_own", "only_after_200_calls",
    ]

    @Test(arguments: mixing)
    func `a model that mixes its batch is found out by its neighbours`(name: String) throws {
        let flaw = try Self.flaw(
            of: Self.counter("Fixtures/answers/dependent/\(name).onnx"))
        guard case .besideOthers = flaw?.part else {
            Issue.record("\(String(describing: flaw))")
            return
        }
        #expect(flaw?.description.contains("It mixes the samples of its batch") == true)
    }

    @Test func `what mixes only beyond a threshold is found by the largest values`() throws {
        let flaw = try Self.flaw(
            of: Self.counter("Fixtures/answers/dependent/only_above_a_threshold.onnx"))
        #expect(flaw?.part == .besideOthers(.largest))
    }

    @Test(arguments: changing)
    func `a model that draws or keeps state is found out by asking again`(name: String) throws {
        let flaw = try Self.flaw(
            of: Self.counter("Fixtures/answers/dependent/\(name).onnx"), patience: .seconds(600))
        guard case .again(let time) = flaw?.part else {
            Issue.record("\(String(describing: flaw))")
            return
        }
        #expect((time > 2) == (name == "only_after_200_calls"))
        #expect(flaw?.isOfNeighbours == false)
    }

    @Test func `a model whose answer depends on the row is found out by moving the samples`() throws
    {
        let flaw = try Self.flaw(
            of: Self.counter("Fixtures/answers/dependent/row_number.onnx"))
        #expect(flaw?.part == .elsewhere)
    }

    /// Sizes of blocks that are no powers of two, and a fixed batch that a half or a quarter of a block is
    /// made of: every row is seen with every other one replaced.
    @Test(arguments: [2, 3, 5, 20, 64])
    func `pairs of rows are found in blocks of every size`(block: Int) throws {
        for name in ["half_a_batch_away", "mean_over_batch"] {
            let counter = try Self.counter(
                "Fixtures/answers/dependent/\(name).onnx", block: block)
            #expect(try Self.flaw(of: counter) != nil, "\(name)")
        }
        if block.isMultiple(of: 5) {
            let fixed = try Self.counter(
                "Fixtures/answers/dependent/fixed_batch_of_5.onnx", block: block)
            let flaw = try Self.flaw(of: fixed)
            #expect(flaw?.description.contains("its batch is fixed at 5") == true)
        }
    }

    /// "A block of one row passes by construction: for a batch-mixing model `--block 1` is the remedy that
    /// keeps the model."
    @Test(
        arguments: mixing.filter { !["pairs", "fixed_batch_of_5"].contains($0) } + ["row_number"])
    func `alone, a sample has no neighbours`(name: String) throws {
        let counter = try Self.counter("Fixtures/answers/dependent/\(name).onnx", block: 1)
        #expect(try Self.flaw(of: counter) == nil)
    }

    @Test(arguments: changing)
    func `alone, a model that draws or keeps state is still found`(name: String) throws {
        let counter = try Self.counter("Fixtures/answers/dependent/\(name).onnx", block: 1)
        #expect(try Self.flaw(of: counter, patience: .seconds(600)) != nil)
    }

    static let healthy = [
        "attention", "batchnorm", "dropout", "fixed_batch_of_1", "image_of_224",
        "instance_normalization", "linear", "map_of_one_pixel", "recurrent", "reduction_of_weights",
        "softmax", "static_quantization",
    ]

    @Test(arguments: healthy, [50, 7])
    func `a model of one sample passes`(name: String, block: Int) throws {
        let counter = try Self.counter("Fixtures/answers/healthy/\(name).onnx", block: block)
        try counter.testOneAnswer(width: 1, patience: .zero)
    }

    @Test(arguments: [
        "boosted_trees", "naive_bayes", "random_forest", "scaled_perceptron", "support_vectors",
    ])
    func `classifiers of scikit-learn pass`(name: String) throws {
        let counter = try Self.counter(
            "Fixtures/answers/healthy/sklearn_\(name).onnx", output: "probabilities")
        try counter.testOneAnswer(width: 1, patience: .zero)
    }

    @Test(arguments: [
        "digits_mlp_s025", "digits_mlp_s050", "fmnist_cnn_s000", "fmnist_cnn_s025",
        "fmnist_cnn_s050", "fmnist_cnn_s100", "fmnist_resnet_s050",
    ])
    func `the demo's models pass`(name: String) throws {
        try Self.counter("Demo/models/\(name).onnx", sigma: 0.5)
            .testOneAnswer(width: 1, patience: .zero)
    }

    @Test func `noisy samples of two images are told apart as those of the known block are`() throws
    {
        let path = "Fixtures/answers/dependent/mean_over_batch.onnx"
        let counter = try Self.counter(path)
        let (black, white) = (
            TestSamples(of: Array(repeating: 0, count: 64), input: 2),
            TestSamples(of: Array(repeating: 255, count: 64), input: 3)
        )
        #expect(throws: OneAnswerFlaw.self) { try counter.testOneAnswer(on: black, beside: white) }
        let healthy = try Self.counter("Fixtures/answers/healthy/linear.onnx")
        let scores = try healthy.testOneAnswer(on: black, beside: white)
        #expect(scores.first != scores.second)
    }

    /// What changes late is noticed while counting: the known block is looked at again after 1, 2, 4, …
    /// blocks, and then after every thousand.
    @Test func `a model that changes while it counts stops counting`() throws {
        let counter = try Self.counter(
            "Fixtures/answers/dependent/only_after_200_calls.onnx")
        _ = try counter.knownAnswer()
        let image = [Int32](repeating: 128, count: 64)
        let flaw = #expect(throws: OneAnswerFlaw.self) {
            for block in 0..<400 {
                _ = try counter.counts(
                    of: image, input: 0, phase: .estimation, firstBlock: block, samples: 50)
            }
        }
        // The 200th call is that of block 192 or so: 1, 2, 4, …, 128 were looked at before it.
        #expect(flaw?.part == .later(blocks: 256))
    }

    @Test func `counting is not disturbed by looking at the known block`() throws {
        let image = [Int32](repeating: 128, count: 64)
        let counts = try [false, true].map { looks in
            let counter = try Self.counter("Fixtures/answers/healthy/linear.onnx")
            if looks { _ = try counter.knownAnswer() }
            return try (0..<20).map { block in
                try counter.counts(
                    of: image, input: 0, phase: .estimation, firstBlock: block, samples: 50)
            }
        }
        #expect(counts[0] == counts[1])
    }
}
