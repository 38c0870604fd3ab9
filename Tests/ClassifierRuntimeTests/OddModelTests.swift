import ClassifierRuntime
import Foundation
import Testing

@Suite struct OddModelTests {
    @Test func `a model's signature is what the model says`() throws {
        let signature = try classifier("two_outputs_8", outputName: "logits").signature
        #expect(signature.inputs.map(\.name) == ["input"])
        #expect(signature.inputs.first?.elementType == .float32)
        #expect(signature.inputs.first?.shape == [nil, 1, 8, 8])
        #expect(
            signature.outputs.map(\.description)
                == ["hidden: float32 [?, 64]", "logits: float32 [?, 10]"])
    }

    @Test(arguments: [
        ("symbolic_classes_8", nil), ("map_of_one_pixel_8", nil), ("two_outputs_8", "logits"),
    ])
    func `twins of one linear model agree`(model: String, outputName: String?) throws {
        let samples = scatteredPixels(8 * 64)
        let expected = try classifier("linear_8").rows(of: samples)
        let twin = try classifier(model, outputName: outputName)
        #expect(twin.decision == .largestLogit(classCount: 10))
        for (row, expected) in zip(try twin.rows(of: samples), expected) {
            #expect(isClose(row, expected))
        }
    }

    @Test func `probabilities of a labelled model decide as its labels do`() throws {
        let samples = scatteredPixels(8 * 64)
        let logits = try classifier("linear_8")
        let probabilities = try classifier("labels_8", outputName: "probabilities")
        _ = try logits.rows(of: samples)
        let rows = try probabilities.rows(of: samples)
        for row in rows { #expect(isClose([row.reduce(0, +)], [1])) }
        #expect(try probabilities.classes(counted: 8) == logits.classes(counted: 8))
    }

    @Test(arguments: refusals)
    func `a model that is no classifier here is refused, with what it has and what to do`(
        refused: Refused
    ) throws {
        let sentence = try #require(
            refusal {
                try classifier(
                    refused.model, outputName: refused.outputName,
                    decisionThreshold: refused.threshold)
            })
        #expect(sentence.hasPrefix(refused.start), "\(sentence)")
        #expect(sentence.contains(refused.advice), "\(sentence)")
        #expect(sentence.hasSuffix(".") && !sentence.contains("\n"))
    }

    @Test func `a batch too large for memory is refused`() throws {
        #expect(
            refusal { try classifier("linear_8", batchSize: 1 << 40) }
                == "A batch of 1099511627776 samples of shape [1, 8, 8] is larger than 4 GiB: "
                + "choose a smaller batch.")
    }

    @Test func `bytes that are no model are refused`() throws {
        let runtime = try OnnxRuntime.load()
        let text = Array("These are not the bytes of a model.".utf8)
        for bytes in [[], [0], text, Array(repeating: 0xff, count: 1000)] {
            #expect(isUnreadable(bytes, runtime))
        }
    }

    @Test func `a model cut short anywhere is refused`() throws {
        let runtime = try OnnxRuntime.load()
        let whole = try bytes(of: "Fixtures/models/linear_8")
        for length in Array(stride(from: 0, to: whole.count, by: 97)) + [whole.count - 1] {
            #expect(isUnreadable(Array(whole[..<length]), runtime), "cut at \(length)")
        }
    }

    @Test func `a model whose weights lie in another file is refused even where that file lies`()
        async
    {
        await #expect(processExitsWith: .success) {
            let folder = tests.appending(path: "Fixtures/models").path
            #expect(FileManager.default.changeCurrentDirectoryPath(folder))
            #expect(FileManager.default.fileExists(atPath: "weights.bin"))
            let sentence = refusal { try classifier("weights_elsewhere_8") }
            #expect(sentence?.hasPrefix("The model keeps weights in other files") == true)
        }
    }

    private func isUnreadable(_ bytes: [UInt8], _ runtime: OnnxRuntime) -> Bool {
        do {
            _ = try OnnxClassifier(model: bytes, runtime: runtime, batchSize: 8)
            return false
        } catch .modelUnreadable(let reason) {
            return reason.hasSuffix(".") && !reason.contains("\n")
        } catch {
            return false
        }
    }
}

/// A model of the fixtures, how it is asked for, and how the refusal starts and what it advises.
struct Refused: Sendable {
    var model: String
    var outputName: String?
    var threshold: Float?
    var start: String
    var advice: String
}

private let refusals = [
    Refused(
        model: "two_inputs_8",
        start: "The model has 2 inputs (image: float32 [?, 1, 8, 8], noise: float32 [?, 1, 8, 8])",
        advice: "export it with the others as constants"),
    Refused(
        model: "float64_8", start: "The model's input is 'input: float64 [?, 1, 8, 8]'",
        advice: "export it with a float32 input"),
    Refused(
        model: "float16_8", start: "The model's input is 'input: float16 [?, 1, 8, 8]'",
        advice: "export it with a float32 input"),
    Refused(
        model: "uint8_8", start: "The model's input is 'input: uint8 [?, 1, 8, 8]'",
        advice: "export it with a float32 input"),
    Refused(
        model: "scalar", start: "The model's input is 'input: float32 []'",
        advice: "samples along the first axis"),
    Refused(
        model: "vector", start: "The model's input is 'input: float32 [?]'",
        advice: "samples along the first axis"),
    Refused(
        model: "any_size", start: "The model's input is 'input: float32 [?, 1, ?, ?]'",
        advice: "only the first axis dynamic"),
    Refused(
        model: "two_outputs_8",
        start: "The model has 2 outputs (hidden: float32 [?, 64], logits: float32 [?, 10])",
        advice: "--output-name logits"),
    Refused(
        model: "labels_8",
        start: "The model has 2 outputs (output_label: int64 [?], probabilities: float32 [?, 10])",
        advice: "--output-name probabilities"),
    Refused(
        model: "labels_8", outputName: "output_label",
        start: "The model's output 'output_label: int64 [?]' holds labels",
        advice: "--output-name probabilities"),
    Refused(
        model: "labels_8", outputName: "scores",
        start: "The model has no output named scores",
        advice: "it has output_label: int64 [?], probabilities: float32 [?, 10]"),
    Refused(
        model: "label_only_8", start: "The model's output 'output_label: int64 [?]' holds labels",
        advice: "export the model with them"),
    Refused(
        model: "double_output_8", start: "The model's output is 'wide: float64 [?, 10]'",
        advice: "a cast to float32"),
    Refused(
        model: "sequence_8", start: "The model's output is 'rows: not a tensor'",
        advice: "zipmap=False"),
    Refused(
        model: "map_of_pixels_8",
        start: "For 8 samples the model's output logits has the shape [8, 10, 8, 8]",
        advice: "scores of shape [N, classes]"),
    Refused(
        model: "sum_of_batch_8",
        start: "For 8 samples the model's output sum has the shape [1, 10]",
        advice: "scores of shape [N, classes]"),
    Refused(
        model: "reshaped_for_one_8",
        start: "The model does not run on a batch of [8, 1, 8, 8]",
        advice: "dynamic throughout. ONNX Runtime failed: The input tensor cannot be reshaped"),
    Refused(
        model: "one_logit_8", start: "The model gives one score a sample",
        advice: "--decision-threshold"),
    Refused(
        model: "one_logit_8", threshold: .nan, start: "The decision threshold nan",
        advice: "not a finite number"),
    Refused(
        model: "linear_8", threshold: 0, start: "The model gives 10 scores a sample",
        advice: "leave it out"),
]

/// The sentence with which a classifier is refused.
func refusal(_ make: () throws -> OnnxClassifier) -> String? {
    do {
        _ = try make()
        return nil
    } catch let failure as ClassifierFailure {
        return failure.description
    } catch {
        return nil
    }
}
