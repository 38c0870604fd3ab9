import Foundation
import Testing

/// Runs that release 0.1.0 wrote, as it wrote them: they stay readable, verifiable, reportable and
/// comparable. `Tests/Fixtures/runs-of-release-0.1/README.md` says how they were made.
@Suite struct EarlierReleaseTests {
    private static let folder = Program.project.appending(
        path: "Tests/Fixtures/runs-of-release-0.1")

    /// All finished runs.
    static let names = [
        "budget", "bytes", "cohen", "decide", "early-abstain", "extended", "extended-fixed",
        "family",
        "fdr", "fixed", "holm", "ledger-first", "ledger-summed", "levels", "merged", "part-a",
        "part-b",
        "predict", "predict-fixed", "two-classes", "two-classes-decide", "width", "width-decide",
    ]

    private static func run(_ name: String) -> String { folder.appending(path: name).path }

    private static func evidence(of name: String) -> [String] {
        switch name {
        case "bytes":
            [
                "--model", Program.demo("models/fmnist_cnn_s050.onnx"),
                "--inputs", Program.demo("data/fmnist500-images-idx3-ubyte.gz"),
            ]
        case "two-classes", "two-classes-decide":
            [
                "--model", Program.fixture("one_logit_8.onnx"),
                "--inputs", Program.demo("data/digits450_images.npy"),
            ]
        default:
            [
                "--model", Program.demo("models/digits_mlp_s050.onnx"),
                "--inputs", Program.demo("data/digits450_images.npy"),
            ]
        }
    }

    @Test func `there is a test of every run that is kept`() throws {
        let kept = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        #expect(
            Set(kept).subtracting(["README.md", "interrupted", "mixed-batch"]) == Set(Self.names))
    }

    @Test(arguments: names)
    func `a run of release 0.1 holds, counted again too`(name: String) throws {
        let outcome = try Program.run(
            ["verify", Self.run(name), "--replay", "all"] + Self.evidence(of: name))
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    }

    /// Of several noise levels each is a run of its own.
    static let reported =
        names.filter { $0 != "levels" } + ["levels/sigma-0.25", "levels/sigma-0.5"]

    @Test(arguments: reported)
    func `a run of release 0.1 is reported and compared with itself`(name: String) throws {
        let scratch = try Scratch()
        let report = try Program.run(["report", Self.run(name), "--output", scratch.path("report")])
        #expect(report.status == 0, "\(report.errors)")
        let comparison = try Program.run(["compare", Self.run(name), Self.run(name), "--anyway"])
        #expect(comparison.status == 0, "\(comparison.errors)")
    }

    /// Law 9 was learned after release 0.1, which certified a model that averages the scores of its batch.
    @Test func `a run of release 0.1 with a model that mixes its batch is found out by replay`()
        throws
    {
        let run = Self.run("mixed-batch")
        let unread = try Program.run(["verify", run])
        #expect(unread.status == 0)
        #expect(unread.output.contains("that release did not test it"), "\(unread.output)")
        let replayed = try Program.run([
            "verify", run, "--replay", "all", "--inputs", Program.demo("data/digits450_images.npy"),
            "--model", Program.answers("dependent/mean_over_batch"),
        ])
        #expect(replayed.status == 16)
        #expect(
            (replayed.output + replayed.errors).contains("It mixes the samples of its batch"),
            "\(replayed.output)\(replayed.errors)")
    }

    @Test func `an unfinished campaign of release 0.1 is not gone on with, and is named as such`()
        throws
    {
        let scratch = try Scratch()
        try FileManager.default.copyItem(
            atPath: Self.run("interrupted"), toPath: scratch.path("run"))
        let before = try scratch.contents("run/manifest.json")
        let outcome = try Program.run(["resume", scratch.path("run")])
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("wardein 0.1.0"), "\(outcome.errors)")
        #expect(try scratch.contents("run/manifest.json") == before)
    }
}
