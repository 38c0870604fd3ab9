import Foundation
import Testing

/// Campaigns on the demo's network against short independent programs (`Tests/Reference`).
@Suite(.serialized, .enabled(if: Reference.isThere, "scripts/setup --with-python makes it"))
struct ReferenceTests {
    /// Both programs draw their own noise. For each image and radius, whether an image is certified
    /// with the right class is an independent draw from the same distribution in both, so of the
    /// images on which they differ each is as likely to be on either side: an exact binomial test
    /// at 10^-6 for each of five radii. And the number of noisy samples with the right label is a
    /// sum of independent draws in both: it differs by more than five standard deviations with
    /// probability 6 x 10^-7. A false alarm has probability below 6 x 10^-6; key and seed are fixed.
    @Test func `certified accuracy agrees with an independent program`() throws {
        let scratch = try Scratch()
        let samples = 1000
        let outcome = try Program.run(demo(scratch, rule: "cohen", samples: samples))
        #expect(outcome.status == 0, "\(outcome.errors)")
        let ours = try Record.all(in: scratch.contents("run/records.jsonl"))
        let theirs = try Reference.certify(sigma: 0.5, selection: 100, estimation: samples)
        #expect(ours.count == 500 && theirs.count == 500)

        for radius in [1e-9, 0.25, 0.5, 0.75, 1.0] {
            let mine = ours.map { $0.class == $0.label && $0.radius >= radius }
            let other = theirs.map { $0.certified == $0.label && $0.radius >= radius }
            let gained = zip(mine, other).count { $0 && !$1 }
            let lost = zip(mine, other).count { !$0 && $1 }
            #expect(twoSidedCoinTest(gained, lost) > 1e-6, "\(gained) and \(lost) at \(radius)")
        }

        var difference = 0.0
        var variance = 0.0
        for (record, row) in zip(ours, theirs) {
            let label = try #require(record.label)
            let mine = record.estimation.counts[label]
            difference += Double(mine - row.labelCount)
            // The pooled share, with one of each added so that it is never certain.
            let share = Double(mine + row.labelCount + 1) / Double(2 * samples + 2)
            variance += 2 * Double(samples) * share * (1 - share)
        }
        #expect(abs(difference) < 5 * variance.squareRoot(), "\(difference), \(variance)")
    }

    @Test(arguments: ["runner-up", "cohen"])
    func `every radius is its formula's, to 1e-9 sigma and never above`(rule: String) throws {
        let scratch = try Scratch()
        let outcome = try Program.run(demo(scratch, rule: rule, samples: 300))
        #expect(outcome.status == 0, "\(outcome.errors)")
        let report = try Reference.run("check_radii.py", [scratch.path("run")])
        #expect(report.hasPrefix("500 "), "\(report)")
    }

    @Test func `so is every radius of inputs off the grid`() throws {
        let scratch = try Scratch()
        let options = Digits.options(inputs: 100, samples: 700, output: scratch.path("run"))
            .map { $0 == "1/16" ? "1/50" : $0 }
        let outcome = try Program.run(["certify"] + options)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let report = try Reference.run("check_radii.py", [scratch.path("run")])
        #expect(report.hasPrefix("100 "), "\(report)")
    }

    private func demo(_ scratch: Scratch, rule: String, samples: Int) -> [String] {
        [
            "certify", "--model", Program.demo("models/fmnist_cnn_s050.onnx"),
            "--inputs", Program.demo("data/fmnist500-images-idx3-ubyte.gz"),
            "--labels", Program.demo("data/fmnist500-labels-idx1-ubyte.gz"), "--sigma", "0.5",
            "--samples", "\(samples)", "--rule", rule, "--key", Digits.key,
            "--output", scratch.path("run"),
        ]
    }

    /// The probability that a fair coin falls at least as unevenly.
    private func twoSidedCoinTest(_ heads: Int, _ tails: Int) -> Double {
        let (few, all) = (min(heads, tails), heads + tails)
        var term = 1.0
        for _ in 0..<all { term /= 2 }
        var tail = 0.0
        for k in 0...few {
            tail += term
            term *= Double(all - k) / Double(k + 1)
        }
        return min(1, 2 * tail)
    }
}

/// The independent programs, in the Python that `scripts/setup --with-python` makes.
enum Reference {
    struct Row {
        let label: Int
        let certified: Int
        let radius: Double
        let labelCount: Int
    }

    private static let python = Program.project.appending(path: ".wardein/python/bin/python")

    static var isThere: Bool { FileManager.default.isExecutableFile(atPath: python.path) }

    static func certify(sigma: Double, selection: Int, estimation: Int) throws -> [Row] {
        let table = try run(
            "cohen.py",
            [
                Program.demo("models/fmnist_cnn_s050.onnx"),
                Program.demo("data/fmnist500-images-idx3-ubyte.gz"),
                Program.demo("data/fmnist500-labels-idx1-ubyte.gz"), "\(sigma)", "\(selection)",
                "\(estimation)", "0.001", "7",
            ])
        return try table.split(separator: "\n").map { line in
            let fields = line.split(separator: "\t")
            return Row(
                label: try #require(Int(fields[1])), certified: try #require(Int(fields[2])),
                radius: try #require(Double(fields[3])), labelCount: try #require(Int(fields[4])))
        }
    }

    static func run(_ script: String, _ arguments: [String]) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = python
        process.arguments =
            [Program.project.appending(path: "Tests/Reference/\(script)").path] + arguments
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: data, as: UTF8.self)
    }
}
