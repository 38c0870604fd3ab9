import Foundation
import Testing

/// `wardein report` on real campaigns. The figures are compared with those that an independent program
/// makes of the records, as a browser shows them (`Tests/Reference/check_report.py`).
@Suite(.serialized) struct ReportTests {
    /// One campaign of each kind, made once.
    private static let campaigns = Result {
        let scratch = try Scratch()
        for (name, command, options) in [
            ("fixed", "certify", []), ("decided", "certify", ["--decide-radius", "0.25"]),
            ("family", "certify", ["--family-wise", "--rule", "cohen"]),
            ("predicted", "predict", []),
        ] {
            let outcome = try Program.run(
                [command, "--ledger", "none"]
                    + Digits.options(inputs: 40, samples: 500, output: scratch.path(name))
                    + options)
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        let unlabelled = Digits.options(
            inputs: 40, samples: 500, output: scratch.path("unlabelled"))
        let labels = unlabelled.firstIndex(of: "--labels") ?? 0
        let outcome = try Program.run(
            ["certify", "--ledger", "none"] + unlabelled[..<labels] + unlabelled[(labels + 2)...])
        #expect(outcome.status == 0, "\(outcome.errors)")
        return scratch
    }

    private func report(_ campaign: String, _ more: [String], to output: String) throws
        -> Program.Outcome
    {
        let scratch = try Self.campaigns.get()
        return try Program.run(
            ["report", scratch.path(campaign), "--output", scratch.path(output)] + more)
    }

    @Test(
        .enabled(if: Reference.isThere && Browser.isThere, "scripts/setup --with-browser"),
        arguments: [
            ("fixed", ["--threat-radius", "0.3", "--context", "--price-per-hour", "2"], "0.3"),
            ("fixed", [], nil), ("decided", ["--context"], nil),
            ("family", ["--threat-radius", "0.25"], "0.25"), ("predicted", [], nil),
            ("unlabelled", ["--threat-radius", "0.3"], "0.3"),
        ])
    func `a browser shows the figures of the records, at a desk and on a phone, light and dark`(
        campaign: String, options: [String], threat: String?
    ) throws {
        let scratch = try Self.campaigns.get()
        let output = "report-\(UUID().uuidString)"
        let outcome = try report(campaign, options, to: output)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let answer = try Reference.run(
            "check_report.py",
            [scratch.path(campaign), scratch.path(output)] + (threat.map { [$0] } ?? []))
        #expect(answer.contains("figures agree"), "\(answer)")
    }

    @Test(.enabled(if: Reference.isThere && Browser.isThere, "scripts/setup --with-browser"))
    func `so it does of a public report, which has nothing about single inputs`() throws {
        let scratch = try Self.campaigns.get()
        let outcome = try Program.run([
            "report", scratch.path("fixed"), "--threat-radius", "0.3", "--audience", "public",
            "--context",
        ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let answer = try Reference.run(
            "check_report.py",
            [scratch.path("fixed"), scratch.path("fixed/public"), "0.3", "--public"])
        #expect(answer.contains("figures agree"), "\(answer)")
    }

    /// Pictures need the file of inputs; it is found where the campaign had it, and only it will do.
    @Test func `pictures are drawn of the campaign's own inputs alone`() throws {
        let scratch = try Self.campaigns.get()
        #expect(try report("fixed", [], to: "found").status == 0)
        let page = String(decoding: try scratch.contents("found/report.html"), as: UTF8.self)
        #expect(page.contains("data:image/png;base64,iVBORw0KGgo"))
        let digits = try Data(
            contentsOf: URL(filePath: Program.demo("data/digits450_images.npy")))
        var changed = [UInt8](digits)
        changed[changed.count - 64 * 4 * 420 + 3] ^= 0x40  // the first number of input 30
        let path = try scratch.write(changed, to: "changed.npy")
        let refused = try report("fixed", ["--inputs", path], to: "refused")
        #expect(refused.status == 2)
        #expect(refused.errors.contains("changed.npy does not hold the inputs of this campaign"))
        #expect(!scratch.exists("refused"))
    }

    @Test func `two reports on one campaign are the same bytes`() throws {
        let scratch = try Self.campaigns.get()
        for output in ["once", "twice"] {
            let options = ["--threat-radius", "0.3", "--context"]
            #expect(try report("fixed", options, to: output).status == 0)
        }
        for file in ["report.html", "report.md", "report.csv"] {
            #expect(try scratch.contents("once/\(file)") == scratch.contents("twice/\(file)"))
        }
    }

    @Test(arguments: [
        ("fixed", ["--threat-radius", "-1"], "-1"),
        ("fixed", ["--threat-radius", "0"], "--threat-radius is 0"),
        ("fixed", ["--threat-radius", "nan"], "nan"),
        ("fixed", ["--price-per-hour", "-2"], "--price-per-hour is -2"),
        ("fixed", ["--audience", "public"], "give the radius with --threat-radius"),
        ("fixed", ["--audience", "press"], "press"),
        ("fixed", ["--inputs", "/no/such/file"], "/no/such/file"),
        ("predicted", ["--threat-radius", "1"], "predicts classes and certifies no radius"),
        ("nowhere", [], "there is no folder"),
    ])
    func `a mistake is answered with a sentence, and nothing is written`(
        campaign: String, mistake: [String], says: String
    ) throws {
        let scratch = try Self.campaigns.get()
        let outcome = try report(campaign, mistake, to: "mistaken")
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains(says), "\(outcome.errors)")
        #expect(!scratch.exists("mistaken") && outcome.output.isEmpty)
    }

    @Test(arguments: [
        ("\"campaign\":\"", "\"campaign\":\"0", "records.jsonl, line 1"),
        ("\"index\":0,", "\"index\":7,", "is not where manifest.json has that input"),
        ("\"outcome\":\"certified\"", "\"outcome\":\"secret\"", "outcome"),
    ])
    func `a record that cannot be of the campaign stops the report`(
        old: String, new: String, says: String
    ) throws {
        let scratch = try Self.campaigns.get()
        let copy = try Scratch()
        try FileManager.default.copyItem(atPath: scratch.path("fixed"), toPath: copy.path("run"))
        let records = String(decoding: try copy.contents("run/records.jsonl"), as: UTF8.self)
        let first = try #require(records.range(of: old))
        _ = try copy.write(
            records.replacingCharacters(in: first, with: new).utf8, to: "run/records.jsonl")
        let outcome = try Program.run(["report", copy.path("run")])
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains(says), "\(outcome.errors)")
        #expect(!copy.exists("run/report.html"))
    }
}

/// Chromium, from Debian.
enum Browser {
    static var isThere: Bool {
        ["/usr/bin/chromium", "/usr/bin/chromium-browser"]
            .contains { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
