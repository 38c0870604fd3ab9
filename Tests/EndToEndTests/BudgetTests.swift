import Foundation
import Testing

/// A budget for the whole campaign, with real processes.
@Suite(.serialized) struct BudgetTests {
    private static let inputs = 60
    private static let budget = 40_000

    private static func options(_ scratch: Scratch, _ stopping: [String]) -> [String] {
        Digits.options(inputs: inputs, samples: 8000, output: scratch.path("run"))
            + ["--budget", "\(budget)"] + stopping
    }

    private static func run(_ stopping: [String]) throws -> (records: Data, output: String) {
        let scratch = try Scratch()
        let outcome = try Program.run(["certify", "--workers", "1"] + options(scratch, stopping))
        #expect(outcome.status == 0, "\(outcome.errors)")
        return (try scratch.contents("run/records.jsonl"), outcome.output)
    }

    private static let decided = Result { try run(["--decide-radius", "0.6"]) }

    /// "In rounds, each a function of all counts at the end of the round before, so law 1 still holds."
    @Test func `a budget gives the same records with five workers and kills in between`() throws {
        let scratch = try Scratch()
        let outcome = try Program.certifyAmongKills(
            Self.options(scratch, ["--decide-radius", "0.6"]), in: scratch,
            after: [150_000, 300_000, 200_000])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try scratch.contents("run/records.jsonl") == Self.decided.get().records)
    }

    @Test func `the records rest on no more samples than the budget, and on most of it`() throws {
        let records = try Record.all(in: Self.decided.get().records)
        #expect(records.count == Self.inputs)
        let spent = records.reduce(0) { $0 + $1.selection.samples + $1.estimation.samples }
        #expect(spent <= Self.budget)
        #expect(spent > Self.budget * 9 / 10)
        #expect(
            try Self.decided.get().output.contains(
                "Of the budget of \(Self.budget) samples \(spent)"))
    }

    /// "Each record says what it got and what more would have cost."
    @Test func `an input that the budget left says what more would have cost`() throws {
        let records = try Record.all(in: Self.decided.get().records)
        let left = records.filter { $0.reason == "budget spent" }
        #expect(left.count > 3 && left.count < records.count)
        for record in records {
            #expect((record.furtherSamples != nil) == (record.reason == "budget spent"))
            guard let further = record.furtherSamples else { continue }
            #expect(further > 0 && record.estimation.samples + further <= 8000)
            #expect(record.outcome == "abstained")
        }
        // Those that were left needed more than those that were decided.
        let most = left.map(\.estimation.samples).max() ?? 0
        let decided = records.filter { $0.furtherSamples == nil }.map(\.estimation.samples)
        #expect(decided.reduce(0, +) / decided.count < most)
    }

    @Test func `with a width a radius is certified wherever the budget ends`() throws {
        let records = try Record.all(in: Self.run(["--width", "0.05"]).records)
        let short = records.filter { $0.reason == "budget spent" && $0.outcome == "certified" }
        #expect(!short.isEmpty)
        #expect(short.allSatisfy { $0.radius > 0 && $0.furtherSamples ?? 0 > 0 })
    }

    @Test(arguments: [
        ([], "--budget needs to know what is to be decided"),
        (["--early-abstain"], "--budget needs to know what is to be decided"),
        (["--decide-radius", "0.5", "--holm"], "use it without --holm or --fdr"),
        (["--decide-radius", "0.5", "--budget", "449"], "the budget is 449 samples"),
        (["--decide-radius", "0.5", "--budget", "0"], "the budget is 0 samples"),
        (["--decide-radius", "0.5", "--budget", "-5"], "the budget is -5 samples"),
    ])
    func `a budget that cannot be spent is refused`(options: [String], says: String) throws {
        let scratch = try Scratch()
        let outcome = try Program.run(
            ["certify", "--budget", "1e6"]
                + Digits.options(inputs: 3, output: scratch.path("run")) + options)
        #expect(outcome.status != 0)
        #expect(outcome.errors.contains(says), "\(outcome.errors)")
        #expect(!scratch.exists("run"))
    }
}
