internal import BallArithmetic

/// The largest radius that any counts of n samples can certify at alpha: that of unanimous counts.
///
/// Both rules bound p_A by at most P, where P = alpha^(1/n) for Cohen's and (alpha/2)^(1/n) for the
/// runner-up rule, for Clopper-Pearson bounds grow with the count and P^n = alpha is their equation at
/// k = n. The runner-up rule bounds the others by at least 1 - P (its bound of a count of 0). So either
/// way R <= sigma Phi^-1(P).
///
/// No rule at all can do more than Cohen's does with unanimous counts: let a rule claim R > sigma
/// Phi^-1(alpha^(1/n)) of them, and take p with alpha^(1/n) < p < Phi(R / sigma). A half space whose
/// class has the probability p under the noise is a classifier for which that radius is false, and
/// all n samples agree with probability p^n > alpha. (So it is with fewer samples, and with a bound
/// that holds at all times.)
public struct RadiusCeiling: Hashable, Sendable {
    /// The noise level.
    public let sigma: Double
    /// The number of estimation samples, n.
    public let samples: Int
    /// The failure probability that bounds p_A: alpha, or alpha/2 for the runner-up rule.
    public let failureProbability: Double

    /// A ceiling for a finite sigma above 0, 1 to 10^9 samples and a probability strictly between 0
    /// and 1.
    public init(
        sigma: Double, samples: Int, failureProbability: Double
    ) throws(InvalidBinomialSample) {
        try InvalidBinomialSample.check(
            successes: 0, trials: samples, failureProbability: failureProbability)
        precondition(sigma > 0 && sigma.isFinite, "a noise level")
        self.sigma = sigma
        self.samples = samples
        self.failureProbability = failureProbability
    }

    /// sigma Phi^-1(P), from above: a larger radius is impossible. 0 where nothing can be certified.
    public var radius: UpperBound {
        let precision = 192
        let p = Ball(failureProbability).logarithm(precision: precision)
            .divided(by: samples, precision: precision).exponential(precision: precision)
        let q = Ball(1).subtracting(p, precision: precision)
        let bound = ProbabilityUpperBound(
            value: UpperBound(proved: min(1, p.upperEndpoint)),
            complement: LowerBound(proved: max(0, q.lowerEndpoint)))
        return max(
            UpperBound(proved: 0), StandardNormal.quantile(of: bound).multiplied(byExactly: sigma))
    }

    /// Phi(R / sigma)^n, from below: a radius of at least R is possible only with a failure probability
    /// (alpha, or alpha/2 for the runner-up rule) of at least this. 0 for a radius that is not positive.
    public static func leastFailureProbability(
        certifying radius: LowerBound, sigma: Double, samples: Int
    ) -> LowerBound {
        guard radius.value > 0 else { return LowerBound(proved: 0) }
        let precision = 192
        let z = Ball(radius.value).divided(by: Ball(sigma), precision: precision)
        let power = Ball(1)
            .subtracting(.standardNormalUpperTail(z, precision: precision), precision: precision)
            .logarithm(precision: precision).multiplied(by: samples, precision: precision)
            .exponential(precision: precision)
        return LowerBound(proved: max(0, power.lowerEndpoint))
    }
}
