import ConfidenceBounds
import Testing

@testable import RandomizedSmoothing

/// "The coordinator spends it where it changes the most (inputs near a decision first), in rounds."
@Suite struct SampleBudgetTests {
    private static let checkpoints = CheckpointGrid(blockSize: 10, cap: 2000).checkpoints

    private struct Round {
        let needs: [SampleBudget.Need]
        let left: Int
        let goals: [Int]
        var cost: Int { zip(needs, goals).reduce(0) { $0 + $1.1 - $1.0.samples } }
    }

    private func round(seed: UInt64) -> Round {
        var state = seed
        func below(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        let checkpoints = Self.checkpoints
        let needs = (0..<1 + below(30)).map { _ in
            let first = below(checkpoints.count - 1)
            let second = first + 1 + below(checkpoints.count - first - 1)
            return SampleBudget.Need(samples: checkpoints[first], expected: checkpoints[second])
        }
        let left = below(seed % 2 == 0 ? 100 : 20_000)
        return Round(
            needs: needs, left: left,
            goals: SampleBudget.goals(of: needs, checkpoints: checkpoints, samplesLeft: left))
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func `a round spends no more than what is left, on whole checkpoints`(seed: UInt64) {
        let round = round(seed: seed)
        #expect(round.cost <= round.left)
        for (need, goal) in zip(round.needs, round.goals) {
            #expect(Self.checkpoints.contains(goal) && need.samples <= goal)
            #expect(goal <= need.expected, "nobody gets more than it is expected to need")
        }
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func `a round without goals means that nobody's next checkpoint can be afforded`(seed: UInt64) {
        let round = round(seed: seed)
        let steps = round.needs.compactMap { need in
            Self.checkpoints.first { $0 > need.samples }.map { $0 - need.samples }
        }
        #expect((round.cost == 0) == (steps.min() ?? .max > round.left))
    }

    /// An input that gets less than it is expected to need is no nearer to its decision than one that
    /// gets all, up to what was left for it then.
    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func `inputs near a decision come first`(seed: UInt64) {
        let round = round(seed: seed)
        let steps = round.needs.compactMap { need in
            Self.checkpoints.first { $0 > need.samples }.map { $0 - need.samples }
        }
        var purse = max(round.left / 2, steps.min() ?? 0)
        let nearest = zip(round.needs, round.goals).enumerated().sorted {
            ($0.element.0.expected - $0.element.0.samples, $0.offset)
                < ($1.element.0.expected - $1.element.0.samples, $1.offset)
        }
        for (_, (need, goal)) in nearest where round.cost > 0 {
            if need.expected - need.samples <= purse { #expect(goal == need.expected) }
            purse -= goal - need.samples
        }
    }

    @Test func `what an undecided input would have needed is where its frequency decides it`()
        throws
    {
        let plan = try CertificationPlan(
            sigma: 1, selectionSamples: 10, estimationSamples: 20_000, rule: .cohen, alpha: 0.05,
            dimension: 4, noiseDistance: 0, stopping: .whenDecided(radius: 0.5), blockSize: 50,
            budget: 1000)
        var certifier = try SequentialCertifier(plan)
        let selection = ClassCounts([10, 0])
        // Phi(0.5) = 0.691: 72 % of 100 samples say little about it.
        let open = try certifier.certify(selection: selection, estimation: ClassCounts([108, 42]))
        #expect(open.decision == .abstained(class: 0, reason: .budgetSpent))
        let further = try #require(open.furtherSamples)
        for (samples, expected) in [(150 + further, Verdict.certified), (further, .open)] {
            let checkpoint = try #require(plan.checkpoints.last { $0 <= samples })
            let leading = 108 * checkpoint / 150
            let verdict = try certifier.verdict(
                selection: selection, estimation: ClassCounts([leading, checkpoint - leading]))
            #expect(verdict == expected, "\(checkpoint)")
        }
        let decided = try certifier.certify(
            selection: selection, estimation: ClassCounts([150, 0]))
        #expect(decided.furtherSamples == nil)
    }
}
