import ConfidenceBounds
import Foundation
import RandomizedSmoothing
import Testing

/// Stopping at checkpoints: "no claim is weakened".
@Suite struct SequentialCertifierTests {
    private func plan(
        _ stopping: Stopping, rule: CertificationRule = .runnerUp, cap: Int = 600,
        alpha: Double = 0.05
    ) throws -> CertificationPlan {
        try CertificationPlan(
            sigma: 1, selectionSamples: 10, estimationSamples: cap, rule: rule, alpha: alpha,
            dimension: 4, noiseDistance: 0, stopping: stopping, blockSize: 50)
    }

    /// The chance that an input with two classes is ever certified, by recursion over the checkpoints:
    /// exact but for rounding (1e-12).
    private func chanceOfCertificate(
        _ plan: CertificationPlan, probability: Double
    ) throws -> Double {
        var certifier = try SequentialCertifier(plan)
        var open: [Int: Double] = [0: 1]
        var (certified, samples) = (0.0, 0)
        for checkpoint in plan.checkpoints {
            let more = checkpoint - samples
            let steps = binomialMasses(more, probability)
            var next: [Int: Double] = [:]
            for (count, mass) in open {
                for (step, chance) in steps.enumerated() {
                    next[count + step, default: 0] += mass * chance
                }
            }
            open = [:]
            for (count, mass) in next {
                let verdict = try certifier.verdict(
                    selection: ClassCounts([10, 0]),
                    estimation: ClassCounts([count, checkpoint - count]))
                switch verdict {
                case .certified: certified += mass
                case .open: open[count] = mass
                case .refused, .undecided: break
                }
            }
            samples = checkpoint
        }
        return certified
    }

    /// "A nonnegative supermartingale; reject at 1/alpha (Ville)": at the boundary, where the smoothed
    /// classifier's radius is exactly the one asked for, a certificate has a chance of at most alpha.
    @Test(arguments: CertificationRule.allCases, [0.2, 0.6])
    func `a false certificate has a chance of at most alpha`(
        rule: CertificationRule, radius: Double
    ) throws {
        let plan = try plan(.whenDecided(radius: radius), rule: rule)
        let boundary = 0.5 * erfc(-radius / 2.0.squareRoot())
        let chance = try chanceOfCertificate(plan, probability: boundary)
        #expect(chance <= 0.05)
        #expect(chance > 0.002, "the test is not vacuous")
    }

    /// The same input one step of 0.15 above the boundary is mostly certified.
    @Test func `what is well above the radius is mostly certified`() throws {
        let plan = try plan(.whenDecided(radius: 0.2))
        let above = 0.5 * erfc(-0.5 / 2.0.squareRoot())
        #expect(try chanceOfCertificate(plan, probability: above) > 0.9)
    }

    @Test func `giving up before the cap claims nothing`() throws {
        for stopping in [
            Stopping.whenHopeless, .whenDecided(radius: 0.5), .whenPrecise(width: 0.1),
        ] {
            var certifier = try SequentialCertifier(plan(stopping))
            let (selection, estimation) = (ClassCounts([10, 0]), ClassCounts([5, 45]))
            #expect(try certifier.verdict(selection: selection, estimation: estimation) == .refused)
            let decision = try certifier.certify(selection: selection, estimation: estimation)
                .decision
            #expect(decision == .abstained(class: 0, reason: .refused))
        }
    }

    /// A certificate at radius R for an input that lies d away from its grid point needs R + d there.
    @Test func `an input off the grid has to reach farther`() throws {
        let counts = (ClassCounts([10, 0]), ClassCounts([50, 0]))
        let plan = try plan(.whenDecided(radius: 0.9))
        var near = try SequentialCertifier(plan)
        var far = try SequentialCertifier(
            plan, largestGridDistance: GridDistance(roundingUp: UpperBound(proved: 1)))
        #expect(try near.verdict(selection: counts.0, estimation: counts.1) == .certified)
        #expect(try far.verdict(selection: counts.0, estimation: counts.1) == .open)
    }

    @Test func `the runner-up rule certifies where three classes compete and Cohen's does not`()
        throws
    {
        let (selection, estimation) = (ClassCounts([10, 0, 0]), ClassCounts([300, 150, 150]))
        var runnerUp = try SequentialCertifier(plan(.whenDecided(radius: 0.1)))
        var cohen = try SequentialCertifier(plan(.whenDecided(radius: 0.1), rule: .cohen))
        #expect(
            try runnerUp.verdict(selection: selection, estimation: estimation) == .certified)
        #expect(try cohen.verdict(selection: selection, estimation: estimation) != .certified)
    }

    @Test func `the approximate quantile is that of SciPy`() {
        // scipy.stats.norm.ppf
        for (p, z) in [
            (1e-9, -5.997807015007687), (0.01, -2.3263478740408408), (0.3, -0.5244005127080407),
            (0.5, 0), (0.75, 0.6744897501960817), (0.9999, 3.719016485455709),
        ] {
            #expect(abs(StandardNormal.approximateQuantile(p) - z) < 1e-9)
        }
        #expect(StandardNormal.approximateQuantile(0) == -.infinity)
        #expect(StandardNormal.approximateQuantile(1) == .infinity)
    }
}
