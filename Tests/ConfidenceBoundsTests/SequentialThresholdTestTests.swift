import ConfidenceBounds
import Testing

@Suite struct SequentialThresholdTestTests {
    private static let caps = [0.5: 5_000, 0.6: 5_000, 0.9: 20_000, 0.99: 100_000, 0.999: 100_000]

    private func rule(
        _ tau: Double, alpha: Double, cap: Int
    ) throws -> SequentialThresholdTest {
        try SequentialThresholdTest(
            excluding: ProbabilityUpperBound(UpperBound(proved: tau)),
            grid: CheckpointGrid(blockSize: 10, cap: cap), failureProbability: alpha)
    }

    /// Giving up only ever lowers this chance, so the walks here go on.
    @Test(arguments: [0.5, 0.6, 0.9, 0.99, 0.999], [0.05, 0.001])
    func `law 4: looking at every checkpoint, the rule errs no more often than alpha`(
        tau: Double, alpha: Double
    ) throws {
        let rule = try rule(tau, alpha: alpha, cap: #require(Self.caps[tau]))
        let error = ErrorByRecursion(
            failure: 1 - tau, checkpoints: rule.grid.checkpoints,
            rejectsFrom: rule.boundaries.map(\.exceedsFrom)
        ).chance
        #expect(error <= alpha * (1 - 1e-9))
        // It spends a good part of what it has: no test that never rejects would do.
        #expect(error >= alpha / 5)
    }

    private static func extended(
        _ tau: Double, alpha: Double, caps: [Int]
    ) throws -> SequentialThresholdTest {
        try SequentialThresholdTest(
            excluding: ProbabilityUpperBound(UpperBound(proved: tau)),
            grid: CheckpointGrid(
                blockSize: 10, cap: caps[caps.count - 1], including: caps.dropLast()),
            failureProbability: alpha, firstCap: caps[0])
    }

    /// "`--extend RUN`: free for anytime-valid rules": whatever rejects in the first run or in any that
    /// goes on with it is one event of probability alpha.
    @Test(arguments: [0.5, 0.9, 0.99], [0.05, 0.001])
    func `law 4: a rule that is extended again and again errs no more often than alpha in all`(
        tau: Double, alpha: Double
    ) throws {
        let caps = [500, 510, 1000, 1700, 4000, 20_000]
        let rule = try Self.extended(tau, alpha: alpha, caps: caps)
        let error = ErrorByRecursion(
            failure: 1 - tau, checkpoints: rule.grid.checkpoints,
            rejectsFrom: rule.boundaries.map(\.exceedsFrom)
        ).chance
        #expect(error <= alpha * (1 - 1e-9))
        // Each shorter rule rejects nothing that this one does not reject at the same checkpoint.
        for last in caps.indices.dropFirst() {
            let shorter = try Self.extended(tau, alpha: alpha, caps: Array(caps[..<last]))
            for boundary in shorter.boundaries {
                #expect(
                    rule.boundaries.first { $0.trials == boundary.trials }?.exceedsFrom
                        == boundary.exceedsFrom)
            }
        }
    }

    @Test func `with a test of its own at each new cap it would err more often than it says`()
        throws
    {
        let caps = Array(stride(from: 500, through: 5000, by: 250))
        let rule = try Self.extended(0.9, alpha: 0.001, caps: caps)
        let fixed = BinomialTest(excluding: rule.threshold)
        let naive = rule.boundaries.map { boundary in
            let once = fixed.smallestRejecting(
                trials: boundary.trials, failureProbability: 0.0005)
            return caps.contains(boundary.trials)
                ? [boundary.exceedsFrom, once].compactMap { $0 }.min() : boundary.exceedsFrom
        }
        let error = ErrorByRecursion(
            failure: 0.1, checkpoints: rule.grid.checkpoints, rejectsFrom: naive
        ).chance
        #expect(error > 0.002)
    }

    @Test(arguments: [0.5, 0.6, 0.9, 0.99])
    func `naive peeking at the same checkpoints errs more than ten times as often as it says`(
        tau: Double
    ) throws {
        let grid = try CheckpointGrid(blockSize: 10, cap: #require(Self.caps[tau]))
        let fixed = BinomialTest(excluding: ProbabilityUpperBound(UpperBound(proved: tau)))
        let error = ErrorByRecursion(
            failure: 1 - tau, checkpoints: grid.checkpoints,
            rejectsFrom: grid.checkpoints.map {
                fixed.smallestRejecting(trials: $0, failureProbability: 0.001)
            }
        ).chance
        #expect(error > 10 * 0.001)
    }

    @Test func `the recursion knows the chances that are known`() {
        let unanimous = ErrorByRecursion(failure: 0.5, checkpoints: [10], rejectsFrom: [10])
        #expect(abs(unanimous.chance - 0x1p-10) < 1e-17)
        // Two heads at once, or else (1 - 1/4) three of four in all, having had one of two.
        let twice = ErrorByRecursion(failure: 0.5, checkpoints: [2, 4], rejectsFrom: [2, 3])
        #expect(abs(twice.chance - (0.25 + 0.5 * 0.25)) < 1e-16)
        let never = ErrorByRecursion(failure: 0.3, checkpoints: [5, 50], rejectsFrom: [nil, nil])
        #expect(never.chance == 0)
    }

    @Test func `the smallest count of a fixed sample is the first with a small enough tail`()
        throws
    {
        for row in try Vectors.rows("tailtest.tsv") {
            let gap = try Vectors.double(row[1])
            let test = BinomialTest(
                excluding: ProbabilityUpperBound(UpperBound(proved: 1 - gap)))
            let smallest = try test.smallestRejecting(
                trials: #require(Int(row[0])), failureProbability: Vectors.double(row[2]))
            #expect(smallest == Int(row[3]), "\(row)")
        }
        let certain = BinomialTest(excluding: .trivial)
        #expect(certain.smallestRejecting(trials: 9, failureProbability: 0.5) == nil)
        #expect(certain.pValue(successes: 9, trials: 9).value == 1)
    }

    @Test func `a verdict is what the tabulated counts say`() throws {
        let rule = try rule(0.75, alpha: 0.001, cap: 1000)
        let mixture = try MixtureTest(excluding: rule.threshold, failureProbability: 0.0005)
        for boundary in rule.boundaries {
            let trials = boundary.trials
            for successes in [0, trials / 2, trials * 3 / 4, trials * 5 / 6, trials] {
                let verdict = rule.verdict(successes: successes, trials: trials)
                if trials < 1000 {
                    #expect(
                        (verdict == .exceeds)
                            == mixture.rejects(successes: successes, trials: trials))
                } else {
                    #expect(verdict == .exceeds || verdict == .undecided)
                }
            }
        }
        let needed = try #require(rule.neededAtCap)
        #expect(rule.verdict(successes: needed, trials: 1000) == .exceeds)
        #expect(rule.verdict(successes: needed - 1, trials: 1000) == .undecided)
        #expect(rule.verdict(successes: 10, trials: 100) == .hopeless)
    }

    @Test func `what cannot be had even at the cap is hopeless at once`() throws {
        let rule = try rule(0.9999, alpha: 0.001, cap: 1000)
        #expect(rule.neededAtCap == nil)
        #expect(rule.verdict(successes: 10, trials: 10) == .hopeless)
        #expect(rule.verdict(successes: 1000, trials: 1000) == .undecided)
    }

    @Test func `an impossible failure or loss probability is refused with a sentence`() {
        let grid = CheckpointGrid(blockSize: 10, cap: 100)
        for (alpha, beta, word) in [
            (0, 0.001, "failure"), (2, 0.001, "failure"), (0.001, 0, "loss"), (0.001, 1, "loss"),
        ] {
            let error = #expect(throws: InvalidBinomialSample.self) {
                try SequentialThresholdTest(
                    excluding: ProbabilityUpperBound(UpperBound(proved: 0.5)), grid: grid,
                    failureProbability: alpha, lossProbability: beta)
            }
            #expect(error?.description.hasPrefix("The \(word) probability is") == true)
        }
    }
}
