import Foundation
import Testing

/// "Bad input gets one clear sentence with the offending value and what to do", exit code 2, and
/// nothing half-written.
@Suite struct BadInputTests {
    /// One thing that a user gets wrong: the options that are changed, and what must be said.
    struct Mistake: CustomTestStringConvertible, Sendable {
        let what: String
        let change: [String: String]
        let says: [String]

        var testDescription: String { what }

        init(_ what: String, _ change: [String: String], says: String...) {
            self.what = what
            self.change = change
            self.says = says
        }
    }

    static let mistakes = [
        Mistake(
            "no such model", ["--model": "/no/such.onnx"], says: "/no/such.onnx", "no such file"),
        Mistake("no such inputs", ["--inputs": "/no/such.npy"], says: "/no/such.npy"),
        Mistake("no such labels", ["--labels": "/no/such.npy"], says: "/no/such.npy"),
        Mistake(
            "not a model", ["--model": Program.demo("README.md")],
            says: Program.demo("README.md") + ": ", "ONNX"),
        Mistake("inputs that are no array", ["--inputs": Program.demo("README.md")], says: "npy"),
        Mistake(
            "inputs of another shape",
            ["--inputs": Program.demo("data/fmnist500-images-idx3-ubyte.gz")],
            says: "[28, 28]", "[1, 8, 8]"),
        Mistake(
            "labels of other inputs",
            ["--labels": Program.demo("data/fmnist500-labels-idx1-ubyte.gz")],
            says: "500", "450"),
        Mistake("sigma 0", ["--sigma": "0"], says: "sigma", "0.0"),
        Mistake("sigma negative", ["--sigma": "-0.5"], says: "sigma", "-0.5"),
        Mistake("sigma not a number", ["--sigma": "nan"], says: "sigma", "nan"),
        Mistake("sigma infinite", ["--sigma": "inf"], says: "sigma", "inf"),
        Mistake("sigma no number at all", ["--sigma": "half"], says: "sigma", "half"),
        Mistake("alpha 0", ["--alpha": "0"], says: "alpha", "0.0"),
        Mistake("alpha 1", ["--alpha": "1"], says: "alpha", "1.0"),
        Mistake("alpha negative", ["--alpha": "-0.1"], says: "alpha", "-0.1"),
        Mistake("alpha not a number", ["--alpha": "nan"], says: "alpha", "nan"),
        Mistake("samples that can only abstain", ["--samples": "10"], says: "10", "smallest", "11"),
        Mistake("no samples", ["--samples": "0"], says: "estimation samples", "0"),
        Mistake("too many samples", ["--samples": "2000000000"], says: "2000000000"),
        Mistake("no selection samples", ["--selection-samples": "0"], says: "selection samples"),
        Mistake("unknown rule", ["--rule": "bayes"], says: "bayes", "runner-up"),
        Mistake("no inputs selected", ["--first": "0"], says: "--first 0", "450"),
        Mistake("more inputs than there are", ["--first": "451"], says: "451", "450"),
        Mistake("a short key", ["--key": "abc"], says: "64", "abc"),
        Mistake("no workers", ["--workers": "0"], says: "--workers", "0"),
        Mistake("a block of nothing", ["--block": "0"], says: "block", "0"),
        Mistake("a grid that is no reciprocal", ["--grid": "0.3"], says: "0.3"),
        Mistake("a grid too fine for the noise", ["--grid": "2^-22"], says: "finest grid"),
        Mistake(
            "bytes divided where there are none", ["--scale": "255"], says: "--scale", "float32"),
        Mistake("means of other channels", ["--mean": "0.1,0.2"], says: "2 channels", "[1, 8, 8]"),
        Mistake("a deviation of 0", ["--std": "0"], says: "standard deviation", "0.0"),
        Mistake(
            "an output that is not there", ["--output-name": "scores"], says: "scores", "logits"),
        Mistake(
            "an output that is a file", ["--output": Program.demo("README.md")],
            says: "not a folder"),
    ]

    @Test(arguments: mistakes)
    func `a mistake is answered with one sentence and nothing is written`(
        _ mistake: Mistake
    ) throws {
        let scratch = try Scratch()
        let outcome = try Program.run(["certify"] + options(mistake.change, scratch))
        #expect(outcome.status == 2)
        for words in mistake.says { #expect(outcome.errors.contains(words), "\(outcome.errors)") }
        #expect(outcome.output.isEmpty)
        #expect(!outcome.errors.contains("Fatal error"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path("")).isEmpty)
    }

    @Test func `a truncated array is refused`() throws {
        let scratch = try Scratch()
        let whole = try Data(contentsOf: URL(filePath: Program.demo("data/digits450_images.npy")))
        let file = try scratch.write(whole.dropLast(7), to: "cut.npy")
        let outcome = try Program.run(["certify"] + options(["--inputs": file], scratch))
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains(file))
        #expect(!scratch.exists("run"))
    }

    @Test func `a label out of range is refused with its index`() throws {
        let scratch = try Scratch()
        let labels = (0..<450).map { $0 == 17 ? "10" : "3" }.joined(separator: "\n")
        let file = try scratch.write(labels.utf8, to: "labels.txt")
        let outcome = try Program.run(["certify"] + options(["--labels": file], scratch))
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("17") && outcome.errors.contains("is 10"))
        #expect(!scratch.exists("run"))
    }

    @Test func `a folder that holds a campaign is never overwritten`() throws {
        let scratch = try Scratch()
        let first = try Program.run(["certify"] + options(["--first": "2"], scratch))
        #expect(first.status == 0, "\(first.errors)")
        let before = try scratch.contents("run/records.jsonl")
        let second = try Program.run(["certify"] + options(["--first": "3"], scratch))
        #expect(second.status == 2)
        #expect(second.errors.contains("already holds a campaign"))
        #expect(try scratch.contents("run/records.jsonl") == before)
    }

    @Test func `a port in use is named and nothing is written`() throws {
        let scratch = try Scratch()
        let other = try Coordinator(Digits.options(output: scratch.path("other")))
        let outcome = try Program.run(
            ["coordinate", "--listen", other.endpoint]
                + Digits.options(output: scratch.path("run")))
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains(other.endpoint) && outcome.errors.contains("in use"))
        #expect(!scratch.exists("run"))
    }

    @Test func `two ways of choosing inputs at once are refused`() throws {
        let scratch = try Scratch()
        let outcome = try Program.run(
            ["certify"] + options(["--first": "3", "--every": "2"], scratch))
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("seq 0 2 2 >list, and --indices list"))
    }

    @Test func `the words of Cohen's script choose the same inputs`() throws {
        let scratch = try Scratch()
        for (cohen, ours, count) in [
            (["--max": "3"], ["--first": "3"], 3), (["--skip": "200"], ["--every": "200"], 3),
        ] {
            let name = try #require(cohen.keys.first)
            var manifests: [Data] = []
            for (place, change) in [cohen, ours].enumerated() {
                let output = name + String(place)
                let more = ["--key": Digits.key, "--output": scratch.path(output)]
                let outcome = try Program.run(
                    ["certify"] + options(change.merging(more) { $1 }, scratch))
                #expect(outcome.status == 0, "\(outcome.errors)")
                #expect(
                    try Record.all(in: scratch.contents(output + "/records.jsonl")).count == count)
                manifests.append(try scratch.contents(output + "/manifest.json"))
            }
            #expect(manifests[0] == manifests[1])
        }
    }

    private func options(_ change: [String: String], _ scratch: Scratch) -> [String] {
        var options = [
            "--model": Program.demo("models/digits_mlp_s025.onnx"),
            "--inputs": Program.demo("data/digits450_images.npy"),
            "--labels": Program.demo("data/digits450_labels.npy"),
            "--grid": "1/16", "--sigma": "0.25", "--samples": "1000", "--workers": "1",
            "--output": scratch.path("run"),
        ]
        options.merge(change) { $1 }
        return options.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
    }
}
