import ConfidenceBounds
import RandomizedSmoothing
import Testing

/// PREDICT: "the class of the smoothed classifier, or an abstention".
@Suite struct PredictorTests {
    private func plan(
        _ stopping: Stopping, cap: Int = 600, alpha: Double = 0.05, distance: Double = 0
    ) throws -> CertificationPlan {
        try CertificationPlan(
            sigma: 1, selectionSamples: 10, estimationSamples: cap, rule: .runnerUp, alpha: alpha,
            dimension: 4, noiseDistance: distance, stopping: stopping, blockSize: 25)
    }

    /// What becomes of an input with two classes whose class 0 was selected, by recursion over the
    /// checkpoints: exact but for rounding (1e-12).
    private struct Fate {
        var predicted = 0.0
        /// Given up, though the cap would have predicted.
        var lost = 0.0
        var samples = 0.0

        init(_ plan: CertificationPlan, probability: Double) throws {
            var certifier = try SequentialCertifier(plan)
            func verdict(_ count: Int, of samples: Int) throws -> Verdict {
                try certifier.verdict(
                    selection: ClassCounts([10, 0]),
                    estimation: ClassCounts([count, samples - count]))
            }
            let cap = plan.estimationSamples
            let isPredictedAtTheCap = try (0...cap).map { try verdict($0, of: cap) == .certified }
            var open: [Int: Double] = [0: 1]
            var reached = 0
            for checkpoint in plan.checkpoints {
                let steps = binomialMasses(checkpoint - reached, probability)
                var next: [Int: Double] = [:]
                for (count, mass) in open {
                    for (step, chance) in steps.enumerated() {
                        next[count + step, default: 0] += mass * chance
                    }
                }
                open = [:]
                let rest = binomialMasses(cap - checkpoint, probability)
                for (count, mass) in next {
                    switch try verdict(count, of: checkpoint) {
                    case .open: open[count] = mass
                    case .certified: predicted += mass
                    case .undecided: break
                    case .refused:
                        for (more, chance) in rest.enumerated()
                        where isPredictedAtTheCap[count + more] {
                            lost += mass * chance
                        }
                    }
                }
                let ended = next.values.reduce(0, +) - open.values.reduce(0, +)
                samples += Double(checkpoint) * ended
                reached = checkpoint
            }
        }
    }

    /// "A class that is not the only most probable one is predicted with probability at most alpha":
    /// two equally probable classes are the worst case.
    @Test(arguments: [0.05, 0.001])
    func `a wrong class is predicted with a chance of at most alpha`(alpha: Double) throws {
        let fate = try Fate(plan(.whenPredicted, alpha: alpha), probability: 0.5)
        #expect(fate.predicted <= alpha * (1 - 1e-9))
        #expect(fate.predicted > alpha / 8, "the test is not vacuous")
    }

    /// Cohen et al., proposition 2, over all outcomes of 60 samples.
    @Test(arguments: [0.05, 0.001])
    func `with a fixed n two equal classes are told apart with a chance of at most alpha`(
        alpha: Double
    ) throws {
        let fate = try Fate(plan(.predictedAtTheCap, cap: 60, alpha: alpha), probability: 0.5)
        #expect(fate.predicted <= alpha * (1 - 1e-9))
        #expect(fate.predicted > alpha / 4, "the test is not vacuous")
        #expect(abs(fate.samples - 60) < 1e-9)
    }

    @Test func `giving up loses hardly any prediction, and spares a lost cause its samples`() throws
    {
        for probability in [0.5, 0.55, 0.6] {
            let fate = try Fate(plan(.whenPredicted), probability: probability)
            #expect(fate.lost <= CertificationPlan.lossProbability)
        }
        let lostCause = try Fate(plan(.whenPredicted), probability: 0.2)
        #expect(lostCause.predicted < 1e-6)
        #expect(lostCause.samples < 200)
        let clear = try Fate(plan(.whenPredicted), probability: 0.95)
        #expect(clear.predicted > 1 - 1e-9)
        #expect(clear.samples < 50)
    }

    /// The estimation samples must not choose the class that they test.
    @Test func `the sequential test predicts the selected class alone, the fixed one any`() throws {
        let (selection, estimation) = (ClassCounts([6, 4, 0]), ClassCounts([10, 580, 10]))
        var sequential = try SequentialCertifier(plan(.whenPredicted), classes: 3)
        var fixed = try SequentialCertifier(plan(.predictedAtTheCap), classes: 3)
        #expect(
            try sequential.certify(selection: selection, estimation: estimation).decision
                == .abstained(class: 0, reason: .undecided))
        #expect(
            try fixed.certify(selection: selection, estimation: estimation).decision
                == .predicted(class: 1))
    }

    @Test func `a plan that predicts certifies nothing and bounds nothing`() throws {
        for stopping in [Stopping.whenPredicted, .predictedAtTheCap] {
            let plan = try plan(stopping)
            #expect(try plan.largestRadius() == nil)
            var certifier = try SequentialCertifier(plan)
            let certification = try certifier.certify(
                selection: ClassCounts([10, 0]), estimation: ClassCounts([600, 0]))
            #expect(certification.decision == .predicted(class: 0))
            #expect(certification.lower == .trivial && certification.upper == .trivial)
        }
    }

    /// 2 * 2^-10 is above .001, and 2 * 2^-11 is not.
    @Test func `a plan that can only abstain is refused with the smallest number that works`() {
        for stopping in [Stopping.whenPredicted, .predictedAtTheCap] {
            #expect(throws: Never.self) { try plan(stopping, cap: 11, alpha: 0.001) }
            do {
                _ = try plan(stopping, cap: 10, alpha: 0.001)
                Issue.record("ten samples were accepted")
            } catch {
                #expect("\(error)".contains("with 10 ") && "\(error)".contains("predict is 11"))
            }
        }
    }
}
