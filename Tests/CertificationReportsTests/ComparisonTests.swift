import CertificateRecords
import CertificationReports
import ConfidenceBounds
import Foundation
import RandomizedSmoothing
import Testing

/// Runs for tests, as the tables in which the field exchanges them.
enum Table {
    static let claim = TableClaim(sigma: 1, samples: 100_000, alpha: 0.001)

    /// One input a radius, of class 0 and label 0, from index 0; a radius of 0 is an abstention.
    static func run(radii: [Double], claim: TableClaim = claim) throws -> RunOutcomes {
        try run(
            radii.enumerated().map { index, radius in
                radius == 0
                    ? "\(index)\t0\t-1\t0.0\t0\t1" : "\(index)\t0\t0\t\(radius)\t1\t1"
            }, claim: claim)
    }

    static func run(_ lines: [String], claim: TableClaim = claim) throws -> RunOutcomes {
        let text = (["idx\tlabel\tpredict\tradius\tcorrect\ttime"] + lines).joined(separator: "\n")
        return try RunOutcomes(
            name: "table", table: CertificateTable(reading: text), claim: claim)
    }

    static func vectors(_ file: String) throws -> [[Double]] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let url = folder.appending(path: "Vectors/\(file)")
        return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map { line in
            line.split(separator: "\t").compactMap { Double($0) }
        }
    }

    /// The seeds of the vectors, which are no doubles.
    static func bootstraps(_ file: String, every lines: Int) throws -> [PairedBootstrap] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let text = try String(
            contentsOf: folder.appending(path: "Vectors/\(file)"), encoding: .utf8)
        let heads = text.split(separator: "\n").enumerated().filter { $0.offset % lines == 0 }
        return try heads.map { _, line in
            let parts = line.split(separator: "\t")
            return PairedBootstrap(
                replicates: try #require(Int(parts[1])), seed: try #require(UInt64(parts[0])))
        }
    }
}

@Suite struct RunComparisonTests {
    private let bootstrap = PairedBootstrap(replicates: 100, seed: 1)

    private func compare(_ runs: RunOutcomes..., radii: [Double]? = nil) -> RunComparison {
        RunComparison(runs, radii: radii, bootstrap: bootstrap)
    }

    /// Law 5, of a drawing: a step is nowhere above the share of inputs that are certified there, and it is
    /// at most two pixels late.
    @Test func `no drawn step claims more than is certified`() throws {
        let radii = [0.1, 0.1001, 0.3337, 0.31, 0.5, 0.5, 0.777, 0, 0, 1]
        let run = try Table.run(radii: radii)
        let drawing = ComparisonPlot(compare(run, run, radii: [0, 0.5])).svg
        let path = /d="M80\.0 (?<first>[0-9.]+)(?<steps>(?:V[0-9.]+H[0-9.]+)+)" fill="none"/
        let curve = try #require(drawing.firstMatch(of: path))
        // 650 pixels are a radius of 1, and 300 a share of 1; at radius 0 it is 0.8.
        let zero = try #require(Double(curve.output.first)) + 0.8 * 300
        var left = 80.0
        for step in curve.output.steps.matches(of: /V(?<y>[0-9.]+)H(?<x>[0-9.]+)/) {
            let right = try #require(Double(step.output.x))
            let share = (zero - (try #require(Double(step.output.y)))) / 300
            func certified(atPixel x: Double) -> Double {
                Double(radii.count { $0 > 0 && $0 >= (x - 80) / 650 }) / Double(radii.count)
            }
            #expect(share <= certified(atPixel: right - 0.1) + 0.001, "at \(right)")
            #expect(share >= certified(atPixel: right + 0.1) - 0.001, "at \(right)")
            #expect(right > left && right - left < 2.2)
            left = right
        }
        #expect(left == 730)
    }

    @Test func `the interval of a mean is that of NumPy from the same draws`() throws {
        let vectors = try Table.vectors("means.tsv")
        for (place, bootstrap) in try Table.bootstraps("means.tsv", every: 3).enumerated() {
            let differences = vectors[3 * place + 1]
            let interval = bootstrap.interval(inputs: differences.count) { weights in
                zip(weights, differences).reduce(0) { $0 + Double($1.0) * $1.1 }
                    / Double(differences.count)
            }
            let expected = vectors[3 * place + 2]
            #expect(abs(interval.lowerBound - expected[0]) < 1e-12)
            #expect(abs(interval.upperBound - expected[1]) < 1e-12)
        }
    }

    @Test func `inputs that are certified and right in one run alone are tested at each radius`()
        throws
    {
        let first = try Table.run([
            "0\t1\t1\t1.0\t1\t1", "1\t1\t1\t0.4\t1\t1", "2\t1\t0\t2.0\t0\t1", "3\t1\t-1\t0.0\t0\t1",
            "4\t1\t1\t0.5\t1\t1",
        ])
        let second = try Table.run([
            "4\t1\t1\t0.5\t1\t1", "0\t1\t0\t1.0\t0\t1", "1\t1\t1\t0.6\t1\t1", "2\t1\t1\t0.1\t1\t1",
            "3\t1\t1\t0.7\t1\t1",
        ])
        let comparison = compare(first, second, radii: [0, 0.5, 3])
        let lines = comparison.pairs[0].lines
        // At 0: input 0 in the first alone, 2 and 3 in the second. At 0.5: 0 against 1 and 3.
        #expect(lines.map(\.test.onlyFirst) == [1, 1, 0])
        #expect(lines.map(\.test.onlySecond) == [2, 2, 0])
        // scipy.stats.binomtest(1, 3).pvalue = 1, and all are adjusted to at most 1.
        #expect(lines.map(\.pValue.value) == [1, 1, 1])
        #expect(comparison.runs[0].count(at: 0) == (certified: 4, right: 3, wrong: 1))
        #expect(comparison.runs[1].count(at: 0.5) == (certified: 4, right: 3, wrong: 1))
        let mean = try #require(comparison.pairs[0].meanRadius)
        #expect(abs(mean.value - (1.9 - 1.9) / 5) < 1e-12)
        #expect(comparison.reasons == [])
    }

    @Test func `p-values are adjusted for all radii and all runs together`() throws {
        let none = try Table.run(radii: [Double](repeating: 0, count: 10))
        let some = try Table.run(radii: [Double](repeating: 0.5, count: 10))
        let comparison = compare(none, some, none, radii: [0.25, 0.5])
        // 10 of 10: 2^-9, and Holm takes it 4 and 3 times, not below the one before; the others are 1.
        let pValues = comparison.pairs.flatMap(\.lines).map(\.pValue.value)
        let adjusted = comparison.pairs.flatMap(\.lines).map(\.adjusted.value)
        for (bound, exact) in zip(pValues + adjusted, [0x1p-9, 0x1p-9, 1, 1, 0x1p-7, 0x1p-7, 1, 1])
        {
            #expect(bound >= exact && bound <= exact * (1 + 0x1p-50))
        }
    }

    @Test func `only inputs that all runs have are compared, and that is a reason against it`()
        throws
    {
        let five = try Table.run(radii: [1, 1, 1, 1, 1])
        let three = try Table.run(radii: [1, 0, 1])
        let comparison = compare(five, three, radii: [0.5])
        #expect(comparison.inputs == 3)
        #expect(comparison.pairs[0].lines[0].test == McNemarTest(onlyFirst: 1, onlySecond: 0))
        #expect(comparison.reasons.count == 1)
        #expect(comparison.reasons[0].contains("have 5 and 3, of which 3"))
    }

    @Test(arguments: [
        (
            TableClaim(sigma: 1, samples: 1000, alpha: 0.001),
            "n, the number of estimation samples, is"
        ),
        (TableClaim(sigma: 1, samples: 100_000, alpha: 0.01), "alpha is 0.001 in A and 0.01 in B"),
        (
            TableClaim(sigma: 1, samples: 100_000, alpha: 0.001, rule: .runnerUp),
            "the rule is cohen"
        ),
        (TableClaim(sigma: 1), "B does not show its n and alpha"),
        (TableClaim(sigma: 1, samples: 100_000), "B does not show its alpha: give --assume-alpha"),
        (
            TableClaim(sigma: 0.1, samples: 100_000, alpha: 0.001),
            "B: 2 of its 2 radii are impossible"
        ),
    ])
    func `what makes runs not comparable is said`(claim: TableClaim, reason: String) throws {
        let comparison = compare(
            try Table.run(radii: [1, 0.5]), try Table.run(radii: [1, 0.5], claim: claim))
        #expect(comparison.reasons.count == 1, "\(comparison.reasons)")
        #expect(comparison.reasons[0].contains(reason), "\(comparison.reasons)")
        let text = ComparisonReport(comparison).text
        #expect(text.hasPrefix("These runs are not comparable:\n- "))
    }

    @Test func `another sigma is no reason, but is said`() throws {
        let other = TableClaim(sigma: 0.5, samples: 100_000, alpha: 0.001)
        let comparison = compare(
            try Table.run(radii: [1, 0.5]), try Table.run(radii: [1, 0.5], claim: other))
        #expect(comparison.reasons == [])
        #expect(comparison.notes.contains("sigma is 1.0 in A and 0.5 in B"))
    }

    @Test func `other labels are a reason`() throws {
        let comparison = compare(
            try Table.run(["7\t1\t1\t1.0\t1\t1"]), try Table.run(["7\t2\t1\t1.0\t0\t1"]))
        #expect(
            comparison.reasons == [
                "the labels of 1 inputs differ, first that of index 7: it is 1 in A and 2 in B"
            ])
    }

    @Test func `a table of decisions at a radius is compared there alone`() throws {
        let text =
            "idx\tlabel\tpredict\tradius\tproved\tcorrect\tlevels_needed\testimated_pr\ttime\n"
            + "0\t3\t3\t0.5\t1\t1\t2\t0.99\t1\n1\t3\t3\t0.5\t0\t1\t3\t0.7\t1\n"
        let decided = try RunOutcomes(
            name: "decided", table: CertificateTable(reading: text), claim: Table.claim)
        let alike = compare(decided, decided)
        #expect(alike.radii == [0.5] && alike.reasons == [] && alike.pairs[0].meanRadius == nil)
        #expect(compare(decided, decided, radii: [0.25]).reasons.count == 1)
        let free = try Table.run(["0\t3\t3\t0.5\t1\t1", "1\t3\t3\t0.5\t1\t1"])
        #expect(compare(decided, free).reasons.contains { $0.contains("do not say the same") })
    }

    @Test func `tables of other kinds of radii are no match for one of whole samples`() throws {
        let free = try Table.run(["0\t3\t3\t0.5\t1\t1", "1\t3\t3\t0.5\t1\t1"])
        let head = "idx\tlabel\tpredict"
        let texts = [
            "radii that differ": head
                + "\tradius\tproved\tcorrect\tlevels_needed\testimated_pr\ttime\n"
                + "0\t3\t3\t0.5\t1\t1\t2\t0.9\t1\n1\t3\t3\t0.25\t1\t1\t3\t0.7\t1\n",
            "sample counts that differ": head + "\tpA\tsamplesize\tradius\tcorrect\ttime_forward\n"
                + "0\t3\t3\t0.9\t10\t0.5\t1\t1\n1\t3\t3\t0.9\t20\t0.5\t1\t1\n",
            "classes without radii": head + "\tradius\tcorrect\ttime\n"
                + "0\t3\t3\t0.0\t1\t1\n1\t3\t-1\t0.0\t0\t1\n",
            "predicts classes": head + "\tcorrect\ttime\n0\t3\t3\t1\t1\n1\t3\t3\t1\t1\n",
        ]
        for (reason, text) in texts {
            let other = try RunOutcomes(
                name: "other", table: CertificateTable(reading: text), claim: Table.claim)
            let reasons = compare(free, other).reasons
            #expect(reasons.contains { $0.contains(reason) }, "\(reasons)")
            #expect(compare(other, other).reasons == [])
        }
    }

    /// Law 5: what is printed claims no more than the counts do.
    @Test func `shares are rounded down and differences toward none`() throws {
        let first = try Table.run(radii: [1, 1, 0, 0, 0, 0, 0])
        let second = try Table.run(radii: [1, 0, 0, 0, 0, 0, 0])
        let text = ComparisonReport(compare(first, second, radii: [0.5])).text
        #expect(text.contains("28.5 %") && text.contains("14.2 %") && text.contains("-14.2 "))
    }
}

/// Law 5 again: no radius is called impossible that rounding to nearest explains.
@Suite struct ImpossibleRadiiTests {
    /// PEERS: 3.91 sigma at n = 100,000 is impossible at alpha = .001, where the ceiling is 3.811, and
    /// possible at .01.
    @Test func `radii above the ceiling are counted, and an alpha is named that allows for them`()
        throws
    {
        let claim = TableClaim(sigma: 0.5, samples: 100_000, alpha: 0.001)
        let run = try Table.run(radii: [1.96, 1.25, 1.93, 0, 1.9], claim: claim)
        let found = try #require(run.impossibleRadii)
        #expect(found.count == 2 && found.radii == 4)
        #expect(found.largest.index == 0 && found.largest.line == 2)
        #expect(found.ceiling.decimal(places: 4) == "1.9058")
        #expect(found.possibleAlpha == 0.01)
        // mpmath: Phi(1.955 / 0.5)^100000 = 0.00991…
        #expect(found.leastAlpha.value > 0.0098 && found.leastAlpha.value < 0.01)
        #expect(found.sentences.contains("at alpha = 0.01 all are possible"))
        let allowed = TableClaim(sigma: 0.5, samples: 100_000, alpha: 0.01)
        #expect(try Table.run(radii: [1.96, 1.25], claim: allowed).impossibleRadii == nil)
    }

    /// The ceiling at sigma 1 is 3.81145656339: as 3.81 it was rounded down, as 3.8115 up; 3.812 is too
    /// much with four digits and as 3.81 is not.
    @Test(arguments: [
        ("3.81", true), ("3.8115", true), ("3.81146", true), ("3.812", false), ("3.8116", false),
        ("3.82", false), ("4", true), ("3.9", false),
    ])
    func `half a unit of the last digit decides`(radius: String, isPossible: Bool) throws {
        let run = try Table.run(["0\t1\t1\t\(radius)\t1\t1"])
        #expect((run.impossibleRadii == nil) == isPossible)
    }

    @Test func `the runner-up rule has a lower ceiling`() throws {
        // scipy: norm.ppf(0.0005 ** 1e-5) = 3.78775…
        let claim = TableClaim(sigma: 1, samples: 100_000, alpha: 0.001, rule: .runnerUp)
        #expect(try Table.run(["0\t1\t1\t3.8\t1\t1"]).impossibleRadii == nil)
        #expect(try Table.run(["0\t1\t1\t3.80\t1\t1"], claim: claim).impossibleRadii != nil)
    }

    @Test func `without all three claims nothing is impossible`() throws {
        for claim in [
            TableClaim(), TableClaim(sigma: 0.01), TableClaim(sigma: 0.01, samples: 10),
            TableClaim(samples: 10, alpha: 0.001),
        ] {
            #expect(try Table.run(radii: [5], claim: claim).impossibleRadii == nil)
        }
    }
}

@Suite struct DistinctionTests {
    private func distinction(
        _ clean: [Double], _ attacked: [Double],
        _ bootstrap: PairedBootstrap = PairedBootstrap(replicates: 100)
    ) throws -> Distinction {
        let claim = TableClaim()
        return try Distinction(
            clean: Table.run(radii: clean, claim: claim),
            attacked: Table.run(radii: attacked, claim: claim), bootstrap: bootstrap)
    }

    @Test func `the area is that of scikit-learn, and its interval that of the same draws`() throws
    {
        let vectors = try Table.vectors("areas.tsv")
        for (place, bootstrap) in try Table.bootstraps("areas.tsv", every: 4).enumerated() {
            let found = try distinction(vectors[4 * place + 1], vectors[4 * place + 2], bootstrap)
            let expected = vectors[4 * place + 3]
            #expect(abs(found.area - expected[0]) < 1e-12)
            #expect(abs(found.bootstrapArea.lowerBound - expected[1]) < 1e-12)
            #expect(abs(found.bootstrapArea.upperBound - expected[2]) < 1e-12)
        }
    }

    @Test func `points count the radii up to each threshold`() throws {
        let vectors = try Table.vectors("areas.tsv")
        let (clean, attacked) = (vectors[9], vectors[10])
        let found = try distinction(clean, attacked)
        let first = try #require(found.points.first)
        #expect(first.threshold == nil && first.falseAlarms == 0 && first.detected == 0)
        #expect(found.points.last?.falseAlarms == clean.count)
        #expect(found.points.last?.detected == attacked.count)
        for point in found.points {
            guard let threshold = point.threshold else { continue }
            #expect(point.falseAlarms == clean.count { $0 <= threshold })
            #expect(point.detected == attacked.count { $0 <= threshold })
        }
        let few = try #require(found.point(falseAlarmsAtMost: 0.25))
        #expect(Double(few.falseAlarms) <= 0.25 * Double(clean.count))
        let next = try #require(
            found.points.first { ($0.threshold ?? -1) > (few.threshold ?? -1) })
        #expect(Double(next.falseAlarms) > 0.25 * Double(clean.count))
    }

    @Test func `all radii smaller is an area of 1, all abstentions one of a half`() throws {
        let apart = try distinction([1, 2, 3], [0.1, 0.2, 0])
        #expect(apart.area == 1 && apart.bootstrapArea == 1...1)
        #expect(apart.certainArea.upper.value == 1)
        #expect(try distinction([0, 0], [0, 0]).area == 0.5)
        #expect(try distinction([0, 0.5], [1, 2]).area == 0)
    }

    /// The theorem by simulation: 150 sets of 60 pairs that are strongly dependent, with a true area of
    /// 1/2 by symmetry. Each interval misses with probability at most 0.05, so more than 27 do with
    /// probability below 10^-8 (scipy.stats.binom.sf(27, 150, .05)). The bootstrap's is approximate and
    /// is allowed the same: at a miss in 14 that would be
    /// binom.sf(27, 150, 1 / 14) = 3 * 10^-6.
    @Test func `intervals of the area hold as often as they say`() throws {
        var generator = SystemSeeded(state: 7)
        var (misses, missesOfBootstrap) = (0, 0)
        for set in 0..<150 {
            let clean = (0..<60).map { _ in Double.random(in: 0.1...1, using: &generator) }
            let attacked = clean.map {
                0.9 * $0 + 0.1 * Double.random(in: 0.1...1, using: &generator)
            }
            let isSwapped = set % 2 == 1
            let found = try distinction(
                isSwapped ? attacked : clean, isSwapped ? clean : attacked,
                PairedBootstrap(replicates: 100, seed: UInt64(set)))
            let truth = 0.5
            if found.certainArea.lower.value > truth || found.certainArea.upper.value < truth {
                misses += 1
            }
            if !found.bootstrapArea.contains(truth) { missesOfBootstrap += 1 }
        }
        #expect(misses <= 27 && missesOfBootstrap <= 27)
    }

    @Test func `wrong certificates are counted, and the worst is named`() throws {
        let clean = try Table.run([
            "0\t1\t1\t1.0\t1\t1", "1\t1\t1\t0.4\t1\t1", "2\t1\t0\t0.2\t0\t1", "3\t1\t-1\t0.0\t0\t1",
        ])
        let attacked = try Table.run([
            "0\t1\t2\t0.75\t0\t1", "1\t1\t-1\t0.0\t0\t1", "2\t1\t0\t0.9\t0\t1",
            "3\t1\t1\t0.1\t1\t1",
        ])
        let found = try Distinction(
            clean: clean, attacked: attacked, bootstrap: PairedBootstrap(replicates: 100))
        #expect(found.count(at: 0, ofAttacked: true) == (certified: 3, right: 1, wrong: 2))
        #expect(found.count(at: 0.8, ofAttacked: true) == (certified: 1, right: 0, wrong: 1))
        #expect(found.count(at: 0, ofAttacked: false) == (certified: 3, right: 2, wrong: 1))
        #expect(found.turned == 1)
        #expect(found.worst?.index == 2)
        // scipy.stats.binomtest(2, 4).proportion_ci(.95, 'exact'), rounded outwards.
        #expect(found.wrongShare.lower.decimal(places: 4) == "0.0675")
        #expect(found.wrongShare.upper.decimal(places: 4) == "0.9325")
        let text = DistinctionReport([found], radii: [0, 0.8]).text
        #expect(text.contains("2 of 4 attacked inputs (50.0 %) are certified with a wrong class"))
        for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
private struct SystemSeeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
