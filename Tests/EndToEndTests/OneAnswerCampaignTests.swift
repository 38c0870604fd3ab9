import Foundation
import Testing

/// Law 9: "Independent votes of one function are what every bound rests on. Tested on every worker before it
/// counts, named in every record, never assumed."
@Suite struct OneAnswerCampaignTests {
    private static func options(
        _ model: String, output: String, block: Int? = nil, samples: Int = 1000
    ) -> [String] {
        [
            "--model", Program.answers(model), "--inputs",
            Program.demo("data/digits450_images.npy"), "--sigma", "0.5", "--first", "4",
            "--samples",
            "\(samples)", "--output", output,
        ] + (block.map { ["--block", "\($0)"] } ?? [])
    }

    @Test(arguments: ["mean_over_batch", "dynamic_quantization", "noise_of_its_own"])
    func `a model that is no function of one sample is refused before anything is written`(
        name: String
    ) throws {
        let scratch = try Scratch()
        let options = Self.options("dependent/\(name)", output: scratch.path("run"))
        let commands = [
            ["certify"] + options, ["predict"] + options,
            ["coordinate", "--listen", "tcp://127.0.0.1:*"] + options,
            ["plan"] + options.dropLast(2),
        ]
        for command in commands {
            let outcome = try Program.run(command)
            #expect(outcome.status == 2, "\(command.first ?? "")")
            #expect(
                outcome.errors.contains(
                    "\(name).onnx: The model's answer to a sample is not a function of that sample"),
                "\(outcome.errors)")
            #expect(!outcome.errors.contains("processor or build"))
            #expect(!scratch.exists("run"))
        }
    }

    @Test func `alone, samples of a model that mixes are certified, and the records say how`()
        throws
    {
        let scratch = try Scratch()
        let certified = try Program.run(
            ["certify"]
                + Self.options("dependent/mean_over_batch", output: scratch.path("run"), block: 1))
        #expect(certified.status == 0, "\(certified.errors)")
        let records = String(decoding: try scratch.contents("run/records.jsonl"), as: UTF8.self)
        #expect(records.contains("there are no neighbours, so that is not testable"))
        let verified = try Program.run(["verify", scratch.path("run"), "--replay", "all"])
        #expect(verified.status == 0, "\(verified.output)")
        #expect(verified.output.contains("holds  one answer"))
    }

    @Test func `the records name the assumption and how it was checked`() throws {
        let scratch = try Scratch()
        let outcome = try Program.run(
            ["certify"] + Self.options("healthy/linear", output: scratch.path("run")))
        #expect(outcome.status == 0, "\(outcome.errors)")
        let records = String(decoding: try scratch.contents("run/records.jsonl"), as: UTF8.self)
        #expect(
            records.contains(
                "the classifier's answer to a sample is a function of that sample alone"))
        #expect(
            records.contains("the same block after others, beside other samples, in other rows"))
    }

    /// Of two thousand calls before it changes, preparing makes some three hundred.
    @Test func `a model that changes in the middle of a campaign stops it`() throws {
        let scratch = try Scratch()
        let outcome = try Program.run(
            ["certify", "--workers", "1"]
                + Self.options(
                    "dependent/only_after_2000_calls", output: scratch.path("run"),
                    samples: 200_000))
        #expect(outcome.status == 1, "\(outcome.errors)")
        #expect(
            outcome.errors.contains("blocks had been counted. It draws at random or keeps state"),
            "\(outcome.errors)")
    }

    @Test func `such a model does not get into a queue`() throws {
        let scratch = try Scratch()
        let queue = scratch.path("queue")
        let options = Self.options("dependent/mean_over_batch", output: "").dropLast(2)
        let submitted = try Program.run(["submit", "--queue", queue] + options)
        #expect(submitted.status == 2)
        #expect(submitted.errors.contains("It mixes the samples of its batch"))
        let listed = try Program.run(["list", "--queue", queue])
        #expect(!listed.output.contains("mean_over_batch"))
    }
}
