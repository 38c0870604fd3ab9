import Foundation
import Testing

/// "Otherwise the new run continues the old samples on the same streams (`--extend RUN`: free for
/// anytime-valid rules; a fixed-n run only at additional, summed alpha; class A stays)."
@Suite(.serialized) struct ExtensionTests {
    private static let inputs = 40

    @Test func `an extended run has the counts of one that drew everything itself`() throws {
        let scratch = try Scratch()
        try run(scratch, "short", samples: 1000)
        let longer = try run(scratch, "long", samples: 3000, ["--extend", scratch.path("short")])
        #expect(longer.output.contains("\(Self.inputs * 2000) samples in"), "\(longer.output)")
        try run(scratch, "alone", samples: 3000, ["--ledger", scratch.path("another.sqlite")])
        let (extended, alone) = (try records(scratch, "long"), try records(scratch, "alone"))
        for (record, whole) in zip(extended, alone) {
            #expect(record.selection.counts == whole.selection.counts)
            #expect(record.estimation.counts == whole.estimation.counts)
            #expect(record.radius == whole.radius && record.class == whole.class)
        }
        let summed = try SummedRecord.all(in: scratch.contents("long/records.jsonl"))
        #expect(summed.count == Self.inputs && summed.allSatisfy { $0.alphaSummed == 0.002 })
        // The same without taking anything over, and so with the same bytes.
        try run(scratch, "again", samples: 3000)
        for file in ["records.jsonl", "manifest.json"] {
            #expect(try scratch.contents("again/\(file)") == scratch.contents("long/\(file)"))
        }
    }

    @Test func `part of the inputs may be extended`() throws {
        let scratch = try Scratch()
        try run(scratch, "short", samples: 1000)
        let part = try run(
            scratch, "part", samples: 1500, ["--extend", scratch.path("short")], inputs: 3)
        #expect(part.output.contains("1500 samples in"), "\(part.output)")
        #expect(try records(scratch, "part").map(\.estimation.samples) == [1500, 1500, 1500])
    }

    /// Going on spends nothing: the same bounds hold at all looks of all three runs.
    @Test(arguments: [["--decide-radius", "0.5"], ["--width", "0.1"]])
    func `a rule that may be looked at at any time goes on at the same alpha`(rule: [String]) throws
    {
        let scratch = try Scratch()
        try run(scratch, "first", samples: 1000, rule)
        var before = try records(scratch, "first")
        for (name, from, samples) in [("second", "first", 3000), ("third", "second", 6000)] {
            let outcome = try run(
                scratch, name, samples: samples, rule + ["--extend", scratch.path(from)])
            #expect(outcome.errors.contains("rests on the same bounds as the one in"))
            #expect(outcome.output.contains("each is false with probability at most 0.001"))
            let after = try records(scratch, name)
            let summed = try SummedRecord.all(in: scratch.contents("\(name)/records.jsonl"))
            #expect(summed.allSatisfy { $0.alphaSummed == nil })
            for (old, new) in zip(before, after) {
                #expect(old.selection.counts == new.selection.counts)
                #expect(zip(old.estimation.counts, new.estimation.counts).allSatisfy { $0 <= $1 })
                if rule[0] == "--decide-radius", old.outcome == "certified" {
                    #expect(new.estimation.counts == old.estimation.counts)
                    #expect(new.outcome == "certified" && new.radius == old.radius)
                }
            }
            #expect(
                after.reduce(0) { $0 + $1.estimation.samples }
                    > before.reduce(0) { $0 + $1.estimation.samples })
            before = after
        }
    }

    /// Law 1.
    @Test func `an extension is the same with three workers and kills in between`() throws {
        let scratch = try Scratch()
        let rule = ["--decide-radius", "0.5"]
        try run(scratch, "short", samples: 1000, rule)
        let extending = rule + ["--extend", scratch.path("short")]
        try run(scratch, "calm", samples: 40_000, extending)
        let options = options(scratch, "wild", samples: 40_000, extending, workers: 3)
        let running = try Running(["certify"] + options)
        try waitUntil("it has begun") { scratch.exists("wild/journal.sqlite") }
        usleep(300_000)
        running.signal(SIGKILL)
        _ = running.wait()
        let resumed = try Program.run(["resume", scratch.path("wild")])
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(
            try scratch.contents("wild/records.jsonl") == scratch.contents("calm/records.jsonl"))
    }

    @Test func `predictions go on likewise`() throws {
        let scratch = try Scratch()
        let options = ["--block", "25"]
        try run(scratch, "short", samples: 50, options, command: "predict")
        try run(
            scratch, "long", samples: 1000, options + ["--extend", scratch.path("short")],
            command: "predict")
        let (short, long) = (try records(scratch, "short"), try records(scratch, "long"))
        for (old, new) in zip(short, long) where old.outcome == "predicted" {
            #expect(new.estimation.counts == old.estimation.counts && new.class == old.class)
        }
        let summed = try SummedRecord.all(in: scratch.contents("long/records.jsonl"))
        #expect(summed.allSatisfy { $0.alphaSummed == nil })
    }

    @Test func `what is no extension is refused in a sentence, and nothing is begun`() throws {
        let scratch = try Scratch()
        try run(scratch, "short", samples: 1000)
        try run(
            scratch, "broken", samples: 1010, ["--ledger", scratch.path("2.sqlite")])
        let short = scratch.path("short")
        for (samples, options, says) in [
            (1000, ["--extend", short], "has 1000 of an input already"),
            (2000, ["--extend", short, "--sigma", "0.3"], "noise.sigma is 0.3 and was 0.25"),
            (2000, ["--extend", short, "--N0", "50"], "plan.selectionSamples is 50 and was 100"),
            (2000, ["--extend", short, "--block", "25"], "counting.blockSize is 25 and was 50"),
            (2000, ["--extend", short, "--decide-radius", "0.5"], "plan.stopping"),
            (2000, ["--extend", short, "--early-abstain"], "plan.stopping"),
            (2000, ["--extend", short, "--first", "41"], "no record of input 40"),
            (2000, ["--extend", short, "--ledger", "none"], "needs a ledger"),
            (2000, ["--extend", short, "--ledger", scratch.path("3")], "is not in the ledger"),
            (2000, ["--extend", scratch.path("nothing")], "holds no campaign"),
            (
                2000, ["--extend", scratch.path("broken"), "--ledger", scratch.path("2.sqlite")],
                "not whole blocks of 50"
            ),
            (
                2000, ["--extend", short, "--key", String(repeating: "00", count: 32)],
                "noise.key is"
            ),
        ] {
            let outcome = try Program.run(
                ["certify"] + self.options(scratch, "long", samples: samples, options, key: nil))
            #expect(outcome.status == 2 || options.contains("none"), "\(outcome.output)")
            #expect(outcome.errors.contains(says), "\(outcome.errors)")
            #expect(!scratch.exists("long"))
        }
    }

    @Test(arguments: ["manifest.json", "records.jsonl"])
    func `a run whose files were changed is not gone on with`(file: String) throws {
        let scratch = try Scratch()
        try run(scratch, "short", samples: 1000)
        let contents = String(decoding: try scratch.contents("short/\(file)"), as: UTF8.self)
        let changed =
            file == "manifest.json"
            ? contents.replacing("\"alpha\": 0.001", with: "\"alpha\": 0.01")
            : contents.replacing("\"samples\":1000", with: "\"samples\":1001")
        #expect(changed != contents)
        _ = try scratch.write(changed.utf8, to: "short/\(file)")
        let outcome = try Program.run(
            ["certify"]
                + options(scratch, "long", samples: 2000, ["--extend", scratch.path("short")]))
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("cannot be extended"), "\(outcome.errors)")
        #expect(!scratch.exists("long"))
    }

    private func options(
        _ scratch: Scratch, _ name: String, samples: Int, _ more: [String] = [],
        inputs: Int = inputs, workers: Int = 2, key: String? = Digits.key
    ) -> [String] {
        Digits.options(inputs: inputs, samples: samples, output: scratch.path(name), key: key)
            + ["--workers", "\(workers)"] + more
    }

    @discardableResult
    private func run(
        _ scratch: Scratch, _ name: String, samples: Int, _ more: [String] = [],
        inputs: Int = inputs, command: String = "certify"
    ) throws -> Program.Outcome {
        let outcome = try Program.run(
            [command] + options(scratch, name, samples: samples, more, inputs: inputs))
        #expect(outcome.status == 0, "\(outcome.errors)")
        return outcome
    }

    private func records(_ scratch: Scratch, _ name: String) throws -> [Record] {
        try Record.all(in: scratch.contents("\(name)/records.jsonl"))
    }
}
