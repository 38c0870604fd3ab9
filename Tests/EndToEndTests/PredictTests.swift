import Foundation
import Testing

/// The classes that the smoothed classifier answers, from few samples.
@Suite(.serialized) struct PredictTests {
    private static func options(_ scratch: Scratch, inputs: Int = 450) -> [String] {
        Digits.options(inputs: inputs, samples: 10_000, output: scratch.path("run"))
    }

    private static let undisturbed = Result {
        let scratch = try Scratch()
        let outcome = try Program.run(["predict", "--workers", "1"] + options(scratch))
        #expect(outcome.status == 0, "\(outcome.errors)")
        return (
            records: try scratch.contents("run/records.jsonl"),
            table: String(decoding: try scratch.contents("run/certificates.tsv"), as: UTF8.self),
            output: outcome.output
        )
    }

    @Test func `law 1: predictions are the same with three workers and a kill in between`() throws {
        let scratch = try Scratch()
        let running = try Running(["predict", "--workers", "3"] + Self.options(scratch))
        try waitUntil("it has begun") { scratch.exists("run/journal.sqlite") }
        usleep(200_000)
        running.signal(SIGKILL)
        _ = running.wait()
        let outcome = try Program.run(["resume", scratch.path("run")])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try scratch.contents("run/records.jsonl") == Self.undisturbed.get().records)
    }

    @Test func `clear inputs need less than 200 samples, and hardly any abstains`() throws {
        let records = try Record.all(in: Self.undisturbed.get().records)
        #expect(records.count == 450)
        let samples = records.map { $0.selection.samples + $0.estimation.samples }.sorted()
        #expect(samples[405] < 200)
        #expect(records.count { $0.outcome == "predicted" } >= 440)
        for record in records where record.estimation.counts[record.class] == 25 {
            #expect(record.outcome == "predicted" && record.estimation.samples == 25)
        }
    }

    @Test func `a prediction has no radius, and says so`() throws {
        let (records, table, output) = try Self.undisturbed.get()
        for record in try Record.all(in: records) {
            #expect(record.radius == 0 && record.rule == "sequential prediction")
        }
        let text = String(decoding: records, as: UTF8.self)
        #expect(text.contains("is the most probable one under Gaussian noise of sigma 0.25"))
        #expect(text.contains("at this very input, except with probability at most 0.001"))
        #expect(!text.contains("everywhere within"))
        #expect(text.contains("no radius is certified"))
        let line = try #require(table.split(separator: "\n").dropFirst().first)
        #expect(line.hasPrefix("0\t0\t0\t0.0\t1\t"))
        for words in [
            "accuracy of predictions", "Samples of an input: median 75",
            "of 450 inputs 0.45 at most",
        ] {
            #expect(output.replacing("\n", with: " ").contains(words), "\(output)")
        }
    }

    /// The two-sided binomial test of the two largest counts, in doubles: no count is near its boundary
    /// but by some percent.
    @Test func `--fixed is the test of Cohen's predict.py`() throws {
        let scratch = try Scratch()
        let outcome = try Program.run(
            ["predict", "--fixed"]
                + Digits.options(inputs: 450, samples: 100, output: scratch.path("run")))
        #expect(outcome.status == 0, "\(outcome.errors)")
        let records = try Record.all(in: scratch.contents("run/records.jsonl"))
        for record in records {
            let counts = record.estimation.counts.sorted(by: >)
            #expect(record.estimation.counts[record.class] == counts[0])
            #expect(record.estimation.samples == 100)
            let isClear = pValue(counts[0], counts[1]) <= 0.001
            #expect(record.outcome == (isClear ? "predicted" : "abstained"))
            #expect(record.reason == (isClear ? nil : "undecided at the cap"))
        }
        #expect(records.contains { $0.outcome == "abstained" })
    }

    private func pValue(_ first: Int, _ second: Int) -> Double {
        let trials = first + second
        var (term, tail) = (pow(0.5, Double(trials)), 0.0)
        for successes in stride(from: trials, through: first, by: -1) {
            tail += term
            term *= Double(successes) / Double(trials - successes + 1)
        }
        return min(1, 2 * tail)
    }

    @Test func `with --family-wise all predictions hold at once`() throws {
        let scratch = try Scratch()
        let outcome = try Program.run(
            ["predict", "--family-wise"] + Self.options(scratch, inputs: 10))
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains(" samples each at most, "), "\(outcome.errors)")
        #expect(outcome.errors.contains("alpha 0.001 for all together"), "\(outcome.errors)")
        #expect(outcome.output.contains("any of the 10 predictions is false"), "\(outcome.output)")
        let text = String(decoding: try scratch.contents("run/records.jsonl"), as: UTF8.self)
        #expect(text.contains("for all predictions of the campaign at once"))
    }

    @Test(arguments: [
        (["--samples", "10"], "the smallest number that could predict is 11"),
        (["--samples", "10", "--fixed"], "the smallest number that could predict is 11"),
        (["--alpha", "1e-7", "--samples", "24"], "the smallest number that could predict is 25"),
        (["--alpha", "0"], "alpha is 0.0"),
        (["--N0", "0"], "number of selection samples is 0"),
        (["--N0", "10", "--fixed"], "--fixed uses no selection samples"),
        (["--keys", "keys"], "--keys and --insecure-plaintext go with --listen"),
        (["--decide-radius", "1"], "Unknown option '--decide-radius'"),
    ])
    func `what cannot be predicted is refused`(options: [String], says: String) throws {
        let scratch = try Scratch()
        let given = Digits.options(inputs: 3, output: scratch.path("run"))
        let outcome = try Program.run(["predict"] + given + options)
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains(says), "\(outcome.errors)")
        #expect(!scratch.exists("run"))
    }
}
