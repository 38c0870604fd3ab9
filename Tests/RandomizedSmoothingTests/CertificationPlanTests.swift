import RandomizedSmoothing
import Testing

/// What is fixed before the first draw (law 4), and what is refused.
@Suite struct CertificationPlanTests {
    private func plan(
        sigma: Double = 0.5, selection: Int = 100, estimation: Int = 1000,
        rule: CertificationRule = .runnerUp, alpha: Double = 0.001, dimension: Int = 784,
        distance: Double = 1e-32
    ) throws -> CertificationPlan {
        try CertificationPlan(
            sigma: sigma, selectionSamples: selection, estimationSamples: estimation, rule: rule,
            alpha: alpha, dimension: dimension, noiseDistance: distance)
    }

    /// "At alpha = .001 nothing can be certified by this rule with n < 10 (runner-up: 11)"; n is
    /// the smallest with alpha < 2^-n, or alpha / 2 for the runner-up rule.
    @Test(arguments: [
        (CertificationRule.cohen, 0.001, 10), (.runnerUp, 0.001, 11), (.cohen, 1e-7, 24),
        (.runnerUp, 1e-7, 25), (.cohen, 0.4, 2), (.cohen, 0.6, 1),
    ])
    func `the smallest number of samples that can certify is the published one`(
        rule: CertificationRule, alpha: Double, smallest: Int
    ) throws {
        #expect(try CertificationPlan.smallestSamples(rule: rule, netAlpha: alpha) == smallest)
        #expect(throws: PlanError.self) {
            try plan(estimation: smallest - 1, rule: rule, alpha: alpha, distance: 0)
        }
        #expect(throws: Never.self) {
            try plan(estimation: smallest, rule: rule, alpha: alpha, distance: 0)
        }
    }

    @Test func `a refusal names the smallest count that could work`() {
        do {
            _ = try plan(estimation: 5)
            Issue.record("five samples were accepted")
        } catch {
            #expect("\(error)".contains("5") && "\(error)".contains("is 11"))
        }
    }

    @Test(arguments: [0, -1, Double.nan, Double.infinity])
    func `a noise level that is no positive number is refused`(sigma: Double) {
        #expect(throws: PlanError.self) { try plan(sigma: sigma) }
    }

    @Test(arguments: [0, 1, -0.1, 1.5, Double.nan, Double.infinity, 1e-200])
    func `a failure probability that is none is refused`(alpha: Double) {
        #expect(throws: PlanError.self) { try plan(alpha: alpha) }
    }

    @Test(arguments: [0, -1, 1_000_000_001, Int.max, Int.min])
    func `sample counts out of range are refused`(samples: Int) {
        #expect(throws: PlanError.self) { try plan(selection: samples) }
        #expect(throws: PlanError.self) { try plan(estimation: samples) }
    }

    /// "total variation distance … times coordinates times samples … is taken from alpha".
    @Test func `the sampler's distance from the ideal is charged to alpha`() throws {
        let error = try plan(selection: 100, estimation: 900, distance: 1e-12).error
        // 1000 samples of 784 coordinates at 1e-12: 7.84e-7
        #expect(error.noiseCharge >= 7.84e-7 && error.noiseCharge < 7.84e-7 * (1 + 1e-12))
        #expect(error.netAlpha <= 0.001 - error.noiseCharge)
        #expect(error.netAlpha > 0.001 - error.noiseCharge - 1e-15)
    }

    @Test func `a sampler that would cost more than a thousandth of alpha is refused`() {
        #expect(throws: PlanError.self) { try plan(distance: 2e-12) }
    }

    @Test func `the largest radius is that of unanimous counts`() throws {
        // METHODS: the ceiling of Cohen's rule at n = 1000 is 2.463 sigma.
        let largest = try #require(try plan(sigma: 2, rule: .cohen).largestRadius())
        #expect(largest.description.hasPrefix("4.92652522"))
    }
}
