import CertificateRecords
import Digests
import Foundation
import Sodium
import Testing

/// Runs of one plan on disjoint inputs are one run: a record rests on its counts and its plan, and on no
/// other input.
@Suite(.serialized) struct MergeTests {
    /// Law 1, over sites: what one key draws for an input does not depend on who else is certified where.
    @Test(arguments: [
        ["certify"], ["certify", "--decide-radius", "0.2", "--rule", "cohen"],
        ["certify", "--width", "0.1", "--ledger", "none"], ["certify", "--early-abstain"],
        ["predict"],
    ])
    func `runs of one key become the campaign over all their inputs, byte for byte`(
        command: [String]
    ) throws {
        let sites = try Sites()
        try sites.run("whole", Array(0..<24), command)
        try sites.run("a", Array(stride(from: 0, to: 24, by: 2)), command)
        try sites.run("b", [5, 3, 1], command)
        try sites.run("c", Array(stride(from: 23, to: 6, by: -2)), command)
        try sites.merge(["a", "b", "c"], into: "all")
        for file in ["manifest.json", "records.jsonl"] {
            #expect(
                try sites.text("all/\(file)") == sites.text("whole/run/\(file)"), "\(file)")
        }
        #expect(
            try sites.table("all").map { $0.dropLast() }
                == sites.table("whole/run").map { $0.dropLast() })
        try sites.verify("all")
    }

    @Test func `one campaign is a run by itself without its parts, and merges with others`() throws
    {
        let sites = try Sites()
        try sites.run("a", [0, 2])
        try sites.run("b", [1, 3])
        try sites.run("c", [4, 5], key: nil)
        try sites.merge(["a", "b"], into: "half/run")
        try FileManager.default.removeItem(atPath: sites.path("half/run/parts"))
        let alone = try sites.verify("half/run")
        #expect(alone.output.contains("those of all 4 records follow from their counts"))
        try sites.merge(["half", "c"], into: "all")
        try sites.verify("all")
        #expect(try sites.lines("all/records.jsonl").count == 6)
    }

    @Test func `with keys of their own the records stay as they are, in the order of inputs`()
        throws
    {
        let sites = try Sites()
        try sites.run("a", [1, 3, 9], key: nil)
        try sites.run("b", [0, 2, 8], key: nil)
        let outcome = try sites.merge(["a", "b"], into: "all")
        let lines = try ["a", "b"].flatMap { try sites.lines("\($0)/run/records.jsonl") }
        let byIndex = try lines.sorted { try sites.index(of: $0) < sites.index(of: $1) }
        #expect(try sites.lines("all/records.jsonl") == byIndex)
        #expect(try sites.table("all").map { $0[0] } == ["idx", "0", "1", "2", "3", "8", "9"])
        #expect(outcome.output.contains("They drew from 2 keys."), "\(outcome.output)")
        #expect(
            outcome.output.contains("Of the first 10 of the data set they are 6; missing: 4 to 7."))
        try sites.verify("all", ["--replay", "all"])
    }

    @Test func `it does not matter in which order, or in how many steps, runs are merged`() throws {
        let sites = try Sites()
        for (name, indices) in [("a", [0, 4]), ("b", [1, 5]), ("c", [2, 3])] {
            try sites.run(name, indices, key: nil)
        }
        try sites.merge(["a", "b", "c"], into: "at-once")
        try sites.merge(["c", "b"], into: "half")
        let outcome = try sites.merge(["half/", "a"], into: "in-steps", isPath: true)
        #expect(outcome.output.contains("parts/3  half/parts/2"), "\(outcome.output)")
        for file in ["manifest.json", "records.jsonl", "certificates.tsv"] {
            #expect(try sites.text("at-once/\(file)") == sites.text("in-steps/\(file)"), "\(file)")
        }
    }

    /// A decision about inputs off the grid is made for the farthest of its campaign.
    @Test func `where a decision depends on the other inputs, records stay as they are`() throws {
        let sites = try Sites()
        let plan = ["certify", "--decide-radius", "0.2", "--grid", "1/50"]
        try sites.run("a", [0, 1, 2], plan)
        try sites.run("b", [3, 4, 5], plan)
        let outcome = try sites.merge(["a", "b"], into: "all")
        #expect(
            outcome.output.contains("All drew from one key. Each record names the campaign of its"))
        #expect(
            try sites.lines("all/records.jsonl")
                == ["a", "b"].flatMap { try sites.lines("\($0)/run/records.jsonl") })
        try sites.verify("all")
    }

    /// One campaign's manifest says one thing of other runs; these say what their sites' ledgers knew.
    @Test func `where ledgers say different things, records stay as they are`() throws {
        let sites = try Sites()
        try sites.run("a", [0, 1])
        try sites.run("b", [2, 3], ["certify", "--ledger", "none"])
        try sites.run("c", [4, 5], key: nil)
        try FileManager.default.moveItem(
            atPath: sites.path("c/run"), toPath: sites.path("c/earlier"))
        try sites.run("c", [4, 5], ["certify", "--sum-alpha"])
        try sites.merge(["a", "b", "c"], into: "all")
        #expect(
            try sites.lines("all/records.jsonl")
                == ["a", "b", "c"].flatMap { try sites.lines("\($0)/run/records.jsonl") })
        let manifest = try RecordedManifest(text: sites.scratch.contents("all/manifest.json"))
        #expect(manifest.parts.map(\.earlier.isKnown) == [true, false, true])
        #expect(manifest.earlier.runs.map(\.indices) == [[4, 5]])
        try sites.verify("all")
        let report = try Program.run(["report", sites.path("all"), "--threat-radius", "0.2"])
        #expect(report.status == 0, "\(report.errors)")
        // What one site did not look into is not said to be looked into.
        let words = try sites.text("all/report.md")
        #expect(words.contains("by the ledger of runs") && words.contains("no ledger was kept"))
        #expect(words.contains("It was merged from 3 runs, of which the first began "))
    }

    @Test func `equal inputs under different indices are pointed at`() throws {
        let sites = try Sites()
        // Two data sets whose first three images are in another order.
        let images = try Data(
            contentsOf: URL(filePath: Program.demo("data/digits450_images.npy")))
        let size = (images.count - 128) / 450
        let header = images.prefix(128)
        let pixels = images.dropFirst(128)
        let turned =
            header + pixels.dropFirst(2 * size).prefix(size) + pixels.dropFirst(size).prefix(size)
            + pixels.prefix(size) + pixels.dropFirst(3 * size)
        let file = try sites.scratch.write(turned, to: "turned.npy")
        try sites.run("a", [0])
        try sites.run("b", [2], ["certify", "--inputs", file])
        let outcome = try sites.merge(["a", "b"], into: "all")
        #expect(
            outcome.output.contains("1, of which the first is 0, again as 2"), "\(outcome.output)")
    }

    // Refusals
    // --------

    @Test(arguments: Unlike.all)
    func `what differs is said, and nothing is written`(unlike: Unlike) throws {
        let sites = try Sites()
        try sites.run("a", [0, 1, 2], ["certify"] + unlike.first)
        try sites.run("b", unlike.indices, ["certify"] + unlike.second)
        let outcome = try Program.run([
            "merge", sites.path("a/run"), sites.path("b/run"), "--output", sites.path("out/all"),
        ])
        #expect(outcome.status == unlike.code, "\(outcome.errors)")
        let said = outcome.errors.replacing(sites.path(""), with: "")
        for phrase in unlike.phrases { #expect(said.contains(phrase), "\(said)") }
        #expect(said.split(separator: "\n").count == unlike.lines, "\(said)")
        #expect(!sites.scratch.exists("out"))
    }

    @Test func `one run, an existing folder, and what is no run are refused`() throws {
        let sites = try Sites()
        try sites.run("a", [0, 1])
        try sites.run("b", [2, 3])
        try sites.run("levels", [4, 5], ["certify", "--sigma", "0.25,0.5"])
        func refuses(_ names: [String], _ output: String, _ phrase: String) throws {
            let outcome = try Program.run(
                ["merge"] + names.map(sites.path) + ["--output", sites.path(output)])
            #expect(outcome.status == 2, "\(outcome.errors)")
            #expect(outcome.errors.contains(phrase), "\(outcome.errors)")
        }
        try refuses(["a/run"], "all", "there is one run, and it takes two")
        try refuses(["a/run", "b/run"], "a", "/a already, and a merged run goes into a new folder")
        try refuses(["a/run", "b"], "all", "there is no campaign in ")
        try refuses(["a/run", "c"], "all", "there is no folder ")
        try refuses(["a/run", "levels/run"], "all", "holds campaigns at several noise levels")
        try refuses(["a/run", "b/run"], "a/run/manifest.json/all", "Not a directory")
        #expect(!sites.scratch.exists("all"))
    }

    @Test func `a run that does not hold, or is not finished, is not merged`() throws {
        let sites = try Sites()
        try sites.run("a", [0, 1])
        try sites.run("b", [2, 3])
        let records = try sites.text("b/run/records.jsonl")
        func refuses(_ code: Int32, _ phrase: String) throws {
            let outcome = try Program.run([
                "merge", sites.path("a/run"), sites.path("b/run"), "--output", sites.path("all"),
            ])
            #expect(outcome.status == code, "\(outcome.errors)")
            #expect(outcome.errors.contains(phrase), "\(outcome.errors)")
            #expect(try sites.folders() == ["a", "b"])
        }
        try sites.write(
            records.replacing("\"class\":", with: "\"class\":1", maxReplacements: 1),
            to: "b/run/records.jsonl")
        try refuses(
            12, "b/run does not hold and was not merged: records.jsonl, line 1: class is no")
        try sites.write(
            records.replacing(/"radius":0\.(\d)/, maxReplacements: 1) {
                "\"radius\":1.\($0.output.1)"
            },
            to: "b/run/records.jsonl")
        try refuses(13, "b/run does not hold and was not merged: records.jsonl, line 1 (input 2)")
        let lines = records.split(separator: "\n")
        try sites.write("\(lines[0])\n", to: "b/run/records.jsonl")
        try sites.write(
            try sites.text("b/run/provenance.json").replacing("finished", with: "stopped"),
            to: "b/run/provenance.json")
        try refuses(18, "b/run is not finished: wardein resume ")
        try FileManager.default.removeItem(atPath: sites.path("b/run/records.jsonl"))
        try FileManager.default.createSymbolicLink(
            atPath: sites.path("b/run/records.jsonl"), withDestinationPath: "/dev/zero")
        try refuses(2, "b/run/records.jsonl is no regular file")
    }

    /// A second draw that neither site's own ledger could notice.
    @Test
    func `where another run sampled the same inputs, the ledger beside the merged run knows it`()
        throws
    {
        let sites = try Sites()
        try sites.run("a", [0, 1], key: nil)
        try sites.run("b", [2, 3], key: nil)
        let tried = ["certify", "--ledger", sites.path("wardein-ledger.sqlite")]
        try sites.run("tried", [3, 4], tried, key: nil)
        func merge(_ options: [String]) throws -> Program.Outcome {
            try Program.run(
                ["merge", sites.path("a/run"), sites.path("b/run"), "--output", sites.path("all")]
                    + options)
        }
        let refused = try merge([])
        #expect(refused.status == 3 && !sites.scratch.exists("all"), "\(refused.errors)")
        #expect(refused.errors.contains("- 1 input of \(sites.path("b/run")) was sampled in "))
        #expect(refused.errors.contains(sites.path("tried/run")), "\(refused.errors)")
        let unnoticed = try merge(["--ledger", "none"])
        #expect(unnoticed.status == 0, "\(unnoticed.errors)")
        let elsewhere = ["--ledger", sites.path("elsewhere.sqlite")]
        try FileManager.default.removeItem(atPath: sites.path("all"))
        #expect(try merge(elsewhere).status == 0)
        // From now on a second chance for what was certified elsewhere is noticed.
        let list = try sites.scratch.write("2\n".utf8, to: "again.indices")
        var options = Digits.options(samples: 500, output: sites.path("again"), key: nil)
        let first = try #require(options.firstIndex(of: "--first"))
        options.replaceSubrange(first...first + 1, with: ["--indices", list])
        let again = try Program.run(["certify"] + options + elsewhere)
        #expect(again.status == 2, "\(again.errors)")
        #expect(again.errors.contains(sites.path("all/parts/2")), "\(again.errors)")
    }

    @Test func `what a stranger's manifest says obeys no terminal`() throws {
        let sites = try Sites()
        try sites.run("a", [0, 1])
        try sites.run("b", [2, 3])
        try sites.edit("b/run/manifest.json") {
            $0.replacing("\"onnxruntime ", with: "\"\\u001b[2J")
        }
        let outcome = try Program.run([
            "merge", sites.path("a/run"), sites.path("b/run"), "--output", sites.path("all"),
        ])
        #expect(outcome.status == 3)
        #expect(outcome.errors.contains("\\u001b[2J") && !outcome.errors.contains("\u{1b}"))
    }

    /// Whoever kills it finds no folder of that name, or a whole one.
    @Test func `a merge that is killed leaves nothing that passes for a run`() throws {
        let sites = try Sites()
        try sites.run("a", Array(0..<40))
        try sites.run("b", Array(40..<80))
        var killed = 0
        for round in 0..<12 {
            let merge = try Running([
                "merge", sites.path("a/run"), sites.path("b/run"), "--output",
                sites.path("all-\(round)"),
            ])
            var steps = 0
            while merge.isRunning, try sites.folders().allSatisfy({ !$0.hasPrefix("all-\(round)") })
            {
                usleep(500)
            }
            while merge.isRunning, steps < 8 * round {
                usleep(1000)
                steps += 1
            }
            merge.signal(SIGKILL)
            _ = merge.wait()
            if sites.scratch.exists("all-\(round)") {
                try sites.verify("all-\(round)")
            } else {
                killed += 1
            }
        }
        #expect(killed > 0)
        for left in try sites.folders() where left.contains("unfinished") {
            let outcome = try Program.run(["verify", sites.path(left)])
            #expect(outcome.status == 2 || outcome.status == 0, "\(outcome.output)")
            #expect(!left.isEmpty && left.contains(".unfinished-"))
        }
    }

    // Checking
    // --------

    @Test(arguments: MergeTampering.all)
    func `what was changed in a merged run is found, and in which part`(
        tampering: MergeTampering
    ) throws {
        let sites = try Sites.merged()
        try tampering.change(sites)
        let outcome = try Program.run(["verify", sites.path("all")])
        #expect(outcome.status == tampering.code, "\(outcome.output)\(outcome.errors)")
        #expect(outcome.output.contains(tampering.phrase), "\(outcome.output)\(outcome.errors)")
    }

    @Test func `of many parts those that hold have a row each, and the others all of theirs`()
        throws
    {
        let sites = try Sites()
        let names = (0..<6).map { "site-\($0)" }
        for (place, name) in names.enumerated() { try sites.run(name, [place], key: nil) }
        try sites.merge(names, into: "all")
        let holds = try sites.verify("all").output
        #expect(
            holds.contains("  holds  parts/5             seal, plan, records, bounds and radii,"))
        #expect(holds.contains("\n  parts/1, parts/2, parts/3 and 3 more\n"), "\(holds)")
        try sites.edit("all/parts/5/certificates.tsv") { $0.replacing("4\t", with: "5\t") }
        let fails = try Program.run(["verify", sites.path("all")])
        #expect(fails.status == 14)
        #expect(fails.output.contains("\n  parts/5\n  holds  seal "), "\(fails.output)")
        #expect(fails.output.contains("  FAILS  certificates.tsv    certificates.tsv, line 2"))
    }

    @Test func `signatures of parts stay theirs, and the whole is signed by itself`() throws {
        let sites = try Sites()
        for name in ["site", "all"] {
            let keys = try Program.run(["keys", "signing", "--output", sites.path("\(name)-keys")])
            #expect(keys.status == 0, "\(keys.errors)")
        }
        try sites.run("a", [0, 1], ["certify", "--sign", sites.path("site-keys/signing.key")])
        try sites.run("b", [2, 3], key: nil)
        try sites.merge(["a", "b"], into: "all")
        let site = ["--public-key", sites.path("site-keys/signing.pub")]
        try sites.verify("all/parts/1", site)
        let unsigned = try Program.run(["verify", sites.path("all")] + site)
        #expect(unsigned.status == 17, "\(unsigned.output)")
        let signed = try Program.run([
            "sign", sites.path("all"), "--key", sites.path("all-keys/signing.key"),
        ])
        #expect(signed.status == 0, "\(signed.errors)")
        let holds = try sites.verify("all", ["--public-key", sites.path("all-keys/signing.pub")])
        #expect(holds.output.ranges(of: "the files are those that were signed by ").count == 2)
        try sites.run("c", [4, 5])
        let more = try sites.merge(["all", "c/run"], into: "more", isPath: true)
        #expect(more.output.contains("all was signed as a whole: that signature is of no part"))
    }

    // Using
    // -----

    @Test func `report, compare, distinguish and status take a merged run`() throws {
        let sites = try Sites()
        try sites.run("whole", Array(0..<12), key: nil)
        try sites.run("a", Array(0..<6), key: nil)
        try sites.run("b", Array(6..<12), key: nil)
        try sites.merge(["a", "b"], into: "all")
        for command in [
            ["report", "all", "--threat-radius", "0.2"], ["compare", "all", "whole/run"],
            ["compare", "whole/run", "all"], ["status", "all"], ["status", "all", "--json"],
        ] {
            let arguments = command.map { sites.scratch.exists($0) ? sites.path($0) : $0 }
            let outcome = try Program.run(arguments)
            #expect(outcome.status == 0, "\(command): \(outcome.errors)")
        }
        let unlike = try Program.run(["distinguish", sites.path("whole/run"), sites.path("all")])
        #expect(unlike.status == 3)
        #expect(unlike.errors.contains("is of the same inputs as A"), "\(unlike.errors)")
        let page = try sites.text("all/report.html")
        #expect(page.contains("parts/2: ") && page.contains("<img"), "pictures and incidents")
        let resumed = try Program.run(["resume", sites.path("all")])
        #expect(resumed.status == 2)
        #expect(resumed.errors.contains("was merged from others"), "\(resumed.errors)")
    }

    @Test func `a part without table or provenance is merged without them`() throws {
        let sites = try Sites()
        try sites.run("a", [0, 1], key: nil)
        try sites.run("b", [2, 3], key: nil)
        for file in ["certificates.tsv", "provenance.json"] {
            try FileManager.default.removeItem(atPath: sites.path("b/run/\(file)"))
        }
        try sites.merge(["a", "b"], into: "all")
        #expect(!sites.scratch.exists("all/certificates.tsv"))
        #expect(
            try sites.text("all/provenance.json").contains("parts/2: who counted it, it does not"))
        try sites.verify("all")
        let report = try Program.run(["report", sites.path("all"), "--threat-radius", "0.2"])
        #expect(report.status == 0, "\(report.errors)")
    }
}

/// Folders of sites, each with a ledger of its own.
final class Sites: Sendable {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// Two runs with keys of their own, merged.
    static func merged() throws -> Sites {
        let sites = try Sites()
        try FileManager.default.copyItem(
            atPath: try untouched.get().path("all"), toPath: sites.path("all"))
        return sites
    }

    private static let untouched = Result {
        let sites = try Sites()
        try sites.run("a", [0, 2, 4], key: nil)
        try sites.run("b", [1, 3, 5], key: nil)
        try sites.merge(["a", "b"], into: "all")
        return sites
    }

    func path(_ name: String) -> String { scratch.path(name) }

    func folders() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: scratch.url.path).sorted()
            .filter { !$0.hasSuffix(".indices") }
    }

    @discardableResult
    func run(
        _ name: String, _ indices: [Int], _ command: [String] = ["certify"],
        key: String? = Digits.key
    ) throws -> Program.Outcome {
        let list = try scratch.write(
            indices.map { "\($0)\n" }.joined().utf8, to: "\(name).indices")
        var options = Digits.options(samples: 500, output: path("\(name)/run"), key: key)
        let first = try #require(options.firstIndex(of: "--first"))
        options.replaceSubrange(first...first + 1, with: ["--indices", list])
        if command.contains("--no-labels") {
            let labels = try #require(options.firstIndex(of: "--labels"))
            options.removeSubrange(labels...labels + 1)
        }
        let outcome = try Program.run(
            [command[0]] + options + command.dropFirst().filter { $0 != "--no-labels" })
        #expect(outcome.status == 0, "\(name): \(outcome.errors)")
        return outcome
    }

    @discardableResult
    func merge(
        _ names: [String], into output: String, isPath: Bool = false
    ) throws -> Program.Outcome {
        let runs = names.map { path(isPath && $0 != "a" ? $0 : "\($0)/run") }
        let outcome = try Program.run(["merge"] + runs + ["--output", path(output)])
        #expect(outcome.status == 0, "\(outcome.errors)")
        return Program.Outcome(
            status: outcome.status, output: outcome.output.replacing(path("") + "/", with: ""),
            errors: outcome.errors)
    }

    @discardableResult
    func verify(_ name: String, _ options: [String] = []) throws -> Program.Outcome {
        let outcome = try Program.run(["verify", path(name)] + options)
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        return outcome
    }

    func text(_ name: String) throws -> String {
        String(decoding: try scratch.contents(name), as: UTF8.self)
    }

    func lines(_ name: String) throws -> [Substring] { try text(name).split(separator: "\n") }

    func table(_ run: String) throws -> [[Substring]] {
        try lines("\(run)/certificates.tsv").map { $0.split(separator: "\t") }
    }

    func index(of line: Substring) throws -> Int {
        try JSONDecoder().decode(Record.self, from: Data(line.utf8)).index
    }

    func write(_ text: String, to name: String) throws {
        _ = try scratch.write(text.utf8, to: name)
    }

    func edit(_ name: String, _ change: (String) -> String) throws {
        let before = try text(name)
        let after = change(before)
        // The texts themselves would fill the log.
        let isChanged = before != after
        try #require(isChanged)
        try write(after, to: name)
    }
}

/// Two runs that are not of one plan on disjoint inputs.
struct Unlike: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var first: [String] = []
    var second: [String] = []
    var indices = [3, 4, 5]
    let phrases: [String]
    var lines = 2
    var code: Int32 = 3

    static let all = [
        Unlike(
            testDescription: "sigma", second: ["--sigma", "0.5"],
            phrases: ["the noise level (noise.sigma) is 0.25 in /a/run and 0.5 in /b/run"]),
        Unlike(
            testDescription: "samples and alpha", second: ["--samples", "600", "--alpha", "0.01"],
            phrases: [
                "plan.estimationSamples is 500 in /a/run and 600 in /b/run",
                "plan.alpha is 0.001 in /a/run and 0.01 in /b/run",
            ], lines: 3),
        Unlike(
            testDescription: "rule", second: ["--rule", "cohen"],
            phrases: ["the rule (plan.rule) is runner-up in /a/run and cohen in /b/run"]),
        Unlike(
            testDescription: "stopping", first: ["--decide-radius", "0.2", "--rule", "runner-up"],
            second: ["--decide-radius", "0.3", "--rule", "runner-up"],
            phrases: ["plan.stopping.decideRadius is 0.2 in /a/run and 0.3 in /b/run"]),
        Unlike(
            testDescription: "grid", second: ["--grid", "1/32"],
            phrases: ["the grid (noise.stepsPerUnit) is 16 in /a/run and 32 in /b/run"]),
        Unlike(
            testDescription: "model", second: ["--mean", "0.1", "--std", "0.5"],
            phrases: ["model.mean is none in /a/run and [0.1] in /b/run", "model.std is none"],
            lines: 3),
        Unlike(
            testDescription: "block size", second: ["--batch", "10"],
            phrases: ["counting.blockSize is ", " in /a/run and 10 in /b/run"]),
        Unlike(
            testDescription: "labels", second: ["--no-labels"],
            phrases: ["labels are known in /a/run and not in /b/run: certify what has none again"]),
        Unlike(
            testDescription: "overlap", indices: [1, 2, 3],
            phrases: ["/a/run and /b/run have 2 inputs in common: 1 to 2. Two draws for an input"]),
        Unlike(
            testDescription: "the same run", indices: [0, 1, 2],
            phrases: ["/a/run and /b/run are the same campaign"]),
        Unlike(
            testDescription: "family-wise", first: ["--family-wise"], second: ["--family-wise"],
            phrases: [
                "family-wise alpha was shared among the inputs of each run alone (/a/run, /b/run)",
                "fails with probability up to the sum, 0.002",
            ]),
        Unlike(
            testDescription: "Holm", first: ["--decide-radius", "0.2", "--holm"],
            second: ["--decide-radius", "0.2", "--holm"],
            phrases: [
                "/a/run decides about its own 3 inputs together (Holm)", "/b/run decides about its",
            ], lines: 3),
        Unlike(
            testDescription: "e-BH", first: ["--decide-radius", "0.2", "--fdr", "0.05"],
            second: ["--decide-radius", "0.2", "--fdr", "0.05"],
            phrases: ["/a/run decides about its own 3 inputs together (e-BH)"], lines: 3),
        Unlike(
            testDescription: "budget", first: ["--decide-radius", "0.2", "--budget", "5000"],
            second: ["--decide-radius", "0.2", "--budget", "5000"],
            phrases: ["/a/run had a budget of 5000 samples for its own 3 inputs"], lines: 3),
    ]
}

/// One way to change a merged run.
struct MergeTampering: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: Int32
    let phrase: String
    let change: @Sendable (Sites) throws -> Void

    static let all = [
        MergeTampering(
            testDescription: "a radius in a part", code: 13,
            phrase: ", in parts/2: records.jsonl, line 1 (input 1): "
        ) { sites in
            try sites.edit("all/parts/2/records.jsonl") {
                $0.replacing(/"radius":0\.(\d)/, maxReplacements: 1) {
                    "\"radius\":1.\($0.output.1)"
                }
            }
        },
        MergeTampering(
            testDescription: "a part is missing", code: 12,
            phrase: ", in parts/1: parts/1: this part is missing"
        ) { try FileManager.default.removeItem(atPath: $0.path("all/parts/1")) },
        MergeTampering(
            testDescription: "a part is another's", code: 11,
            phrase: "parts/2 is to be the campaign "
        ) { sites in
            try sites.run("c", [1, 3, 5], key: nil)
            try FileManager.default.removeItem(atPath: sites.path("all/parts/2"))
            try FileManager.default.copyItem(
                atPath: sites.path("c/run"), toPath: sites.path("all/parts/2"))
        },
        MergeTampering(
            testDescription: "a part is of another plan, and the whole was sealed anew", code: 11,
            phrase: "plan.alpha is 0.001 in parts/1 and 0.01 in parts/2"
        ) { sites in
            try sites.run("c", [1, 3, 5], ["certify", "--alpha", "0.01"], key: nil)
            let old = try sites.seal("all/parts/2/manifest.json")
            let new = try sites.seal("c/run/manifest.json")
            try FileManager.default.removeItem(atPath: sites.path("all/parts/2"))
            try FileManager.default.copyItem(
                atPath: sites.path("c/run"), toPath: sites.path("all/parts/2"))
            try sites.reseal { $0.replacing(old, with: new) }
        },
        MergeTampering(
            testDescription: "a member of the manifest", code: 10, phrase: "it was changed"
        ) {
            try $0.edit("all/manifest.json") {
                $0.replacing("\"alpha\": 0.001", with: "\"alpha\": 0.0001")
            }
        },
        MergeTampering(
            testDescription: "a member of the manifest, sealed anew", code: 11,
            phrase: "plan.alpha is 0.0001, but 0.001 follows"
        ) { try $0.reseal { $0.replacing("\"alpha\": 0.001", with: "\"alpha\": 0.0001") } },
        MergeTampering(
            testDescription: "a label of the whole", code: 13,
            phrase: "records.jsonl, line 2: label is 9, but 4 follows from parts/2, line 1"
        ) {
            try $0.edit("all/records.jsonl") {
                $0.replacing("\"index\":1,\"label\":4", with: "\"index\":1,\"label\":9")
            }
        },
        MergeTampering(
            testDescription: "two records change places", code: 12,
            phrase: "records.jsonl, line 1: input 1 stands where input 0 is due"
        ) { sites in
            let lines = try sites.lines("all/records.jsonl")
            try sites.write(
                ([lines[1], lines[0]] + lines.dropFirst(2)).joined(separator: "\n") + "\n",
                to: "all/records.jsonl")
        },
        MergeTampering(
            testDescription: "the last record is missing", code: 12,
            phrase: "records.jsonl, line 6: the line of input 5 is missing"
        ) { sites in
            try sites.write(
                sites.lines("all/records.jsonl").dropLast().joined(separator: "\n") + "\n",
                to: "all/records.jsonl")
        },
        MergeTampering(
            testDescription: "a record too many", code: 12,
            phrase: "records.jsonl, line 7: no part has this line"
        ) { sites in
            let lines = try sites.lines("all/records.jsonl")
            try sites.write(
                (lines + [lines[5]]).joined(separator: "\n") + "\n", to: "all/records.jsonl")
        },
        MergeTampering(
            testDescription: "a truncated file", code: 12, phrase: "it was truncated"
        ) { sites in
            try sites.write(
                String(sites.text("all/records.jsonl").dropLast(9)), to: "all/records.jsonl")
        },
        MergeTampering(
            testDescription: "the time in the table", code: 14,
            phrase: "certificates.tsv, line 3: it is not that of parts/2, line 2"
        ) { sites in
            let lines = try sites.lines("all/certificates.tsv")
            let changed = "\(lines[2].dropLast(7)).999999"
            try sites.write(
                (lines[..<2] + [changed[...]] + lines[3...]).joined(separator: "\n") + "\n",
                to: "all/certificates.tsv")
        },
        MergeTampering(
            testDescription: "the provenance is of another", code: 14,
            phrase: "provenance.json: it is of the campaign "
        ) {
            try $0.edit("all/provenance.json") {
                $0.replacing(/"campaign": "[0-9a-f]{4}/, maxReplacements: 1) { _ in
                    "\"campaign\": \"0000"
                }
            }
        },
    ]
}

extension Sites {
    func seal(_ manifest: String) throws -> String {
        let json = try JSON(parsing: text(manifest).utf8)
        return try ObjectReader(json).string("seal")
    }

    /// Changes the manifest of the whole and gives it the seal that it then has to have.
    func reseal(_ change: (String) -> String) throws {
        try edit("all/manifest.json", change)
        let json = try JSON(parsing: text("all/manifest.json").utf8)
        guard case .object(let members) = json else { return }
        let rest = members.dropLast()
        let seal = SHA256.digest(of: Array(JSON.object(Array(rest)).line.utf8))
        let sealed = JSON.object(rest + [JSON.Member(key: "seal", value: .string(seal.hex))])
        try write(sealed.page, to: "all/manifest.json")
    }
}
