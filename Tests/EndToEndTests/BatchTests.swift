import Foundation
import Testing

/// Claims that are decided when all inputs are counted, with real processes.
@Suite(.serialized) struct BatchTests {
    private static let inputs = 200

    private static func options(_ scratch: Scratch, _ batch: [String]) -> [String] {
        Digits.options(inputs: inputs, samples: 20_000, output: scratch.path("run"))
            + ["--decide-radius", "0.6"] + batch
    }

    private static func records(_ batch: [String]) throws -> Data {
        let scratch = try Scratch()
        let outcome = try Program.run(["certify", "--workers", "1"] + options(scratch, batch))
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try scratch.contents("run/records.jsonl")
    }

    /// Holm 1979, as in a textbook: the smallest p-value against alpha/m, the next against
    /// alpha/(m - 1), … until one fails.
    @Test func `--holm certifies what Holm's procedure says of the records' p-values`() throws {
        let records = try Record.all(in: Self.records(["--holm", "--alpha", "0.01"]))
        let pValues = try records.map { try #require($0.evidence?.pValue) }
        var claimed = Set<Int>()
        for (rank, place) in pValues.indices.sorted(by: { pValues[$0] < pValues[$1] }).enumerated()
        {
            guard pValues[place] <= 0.01 / Double(records.count - rank) else { break }
            claimed.insert(place)
        }
        #expect(claimed.count > 10 && claimed.count < records.count - 3)
        for (place, record) in records.enumerated() {
            #expect((record.outcome == "certified") == claimed.contains(place))
            #expect(record.alpha == 0.01 && record.rule == "cohen")
            if record.outcome == "certified" { #expect(record.radius == 0.6) }
        }
    }

    /// Wang and Ramdas 2022: with e-values in decreasing order, the first k, for the largest k with
    /// k e_(k) >= m/q.
    @Test func `--fdr certifies what e-BH says of the records' e-values`() throws {
        let records = try Record.all(in: Self.records(["--fdr", "0.05"]))
        let eValues = try records.map { try #require($0.evidence?.eValue) }.sorted(by: >)
        let wanted = Double(records.count) / 0.05
        let claims = (1...records.count).last { Double($0) * eValues[$0 - 1] >= wanted } ?? 0
        #expect(claims > 10 && claims < records.count - 3)
        #expect(records.count { $0.outcome == "certified" } == claims)
        for record in records where record.outcome == "certified" {
            #expect(try #require(record.evidence?.eValue) >= eValues[claims - 1])
            #expect(record.estimation.samples == 20_000 || record.evidence?.eValue ?? 0 >= wanted)
        }
    }

    /// Law 1, for a campaign whose records are all written at its end.
    @Test func `a batch is the same with five workers and kills in between`() throws {
        let scratch = try Scratch()
        let outcome = try Program.certifyAmongKills(
            Self.options(scratch, ["--fdr", "0.05"]), in: scratch, after: [150_000, 250_000])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try scratch.contents("run/records.jsonl") == Self.records(["--fdr", "0.05"]))
    }

    @Test(arguments: [
        (["--holm"], "--holm decides about one radius: name it with --decide-radius"),
        (["--fdr", "0.1", "--width", "1"], "--fdr decides about one radius"),
        (["--fdr", "0.1", "--holm", "--decide-radius", "1"], "only one of --holm and --fdr"),
        (
            ["--fdr", "0.1", "--family-wise", "--decide-radius", "1"],
            "only one of --family-wise and --fdr"
        ),
        (["--fdr", "1.5", "--decide-radius", "1"], "--fdr is 1.5"),
        (["--fdr", "nan", "--decide-radius", "1"], "--fdr is nan"),
        (
            ["--holm", "--decide-radius", "1", "--rule", "runner-up"],
            "--holm tests the selected class alone"
        ),
        (
            ["--fdr", "0.1", "--alpha", "0.1", "--decide-radius", "1"],
            "--fdr 0.1 takes the place of --alpha 0.1"
        ),
        (["--fdr", "1e-300", "--decide-radius", "1"], "1e-100"),
        (["--holm", "--decide-radius", "5"], "no counts of 2000 samples certify a radius of 5.0"),
    ])
    func `a batch that cannot be decided is refused`(options: [String], says: String) throws {
        let scratch = try Scratch()
        let outcome = try Program.run(
            ["certify"] + Digits.options(inputs: 3, output: scratch.path("run")) + options)
        #expect(outcome.status != 0)
        #expect(outcome.errors.contains(says), "\(outcome.errors)")
        #expect(!scratch.exists("run"))
    }
}
