internal import BallArithmetic

/// Bounds on a probability that hold after any number of samples, all at once.
///
/// The lower bound after n samples is the largest tau such that the mixture test of
/// ``MixtureTest`` rejects p <= tau.
///
/// Theorem. P[lower bound > p after any number of samples] <= alpha.
///
/// Proof. The statistic M(k, n; 1 - tau) falls as tau grows, strictly if there is a success: so the
/// test rejects exactly the tau up to the one with M = 1/alpha, which is the bound. If the bound
/// exceeds p, then M(k, n; 1 - p) >= 1/alpha, which by Ville's inequality for tau = p ever happens
/// with probability at most alpha. (Each tau has its own prior, restricted to q > tau. That is no
/// matter, for only the one at tau = p is ever used; it gains a factor of about (1 - tau)^-1/4 in
/// evidence over a common prior, which would have to cover all q.)
///
/// Of p and 1 - p, the one below 1/2 is rounded to a double in the direction that claims less, as
/// for ``ClopperPearson``, and so a bound is a function of (k, n, alpha). Lower bounds below 2^-10
/// are reported as 0.
public enum ConfidenceSequence {
    /// The bound below p. Over all numbers of samples together it fails with probability at most
    /// `failureProbability`.
    ///
    /// It takes 0 to `trials` successes, 1 to 10^9 trials and 1e-150 <= alpha < 1; anything else
    /// throws.
    ///
    /// - Complexity: about sqrt(n (1 - p)) / p steps of a microsecond: milliseconds up to 10^6
    ///   samples.
    public static func lowerBound(
        successes: Int, trials: Int, failureProbability: Double
    ) throws(InvalidBinomialSample) -> ProbabilityLowerBound {
        try MixtureTest.check(
            successes: successes, trials: trials, failureProbability: failureProbability)
        return MixtureRoot(
            statistic: MixtureStatistic(successes: successes, trials: trials),
            failureProbability: failureProbability
        ).lowerBound
    }

    /// About the lower bound, in floating point: for a look ahead, never for a claim. Its distance from
    /// 1 errs by less than 2^-38 of itself.
    static func approximateLowerBound(
        successes: Int, trials: Int, failureProbability: Double
    ) -> Double {
        MixtureRoot(
            statistic: MixtureStatistic(successes: successes, trials: trials),
            failureProbability: failureProbability
        ).approximation
    }

    /// The bound above p, mirrored: the lower bound on the chance of failure.
    public static func upperBound(
        successes: Int, trials: Int, failureProbability: Double
    ) throws(InvalidBinomialSample) -> ProbabilityUpperBound {
        try MixtureTest.check(
            successes: successes, trials: trials, failureProbability: failureProbability)
        return try lowerBound(
            successes: trials - successes, trials: trials, failureProbability: failureProbability
        ).ofOppositeEvent
    }
}

/// The d with M(k, n; d) = 1/alpha.
private struct MixtureRoot {
    let statistic: MixtureStatistic
    let failureProbability: Double

    var lowerBound: ProbabilityLowerBound {
        guard let gaps = isolatedRoot() else { return .trivial }
        if gaps.upperBound <= 0.5 {
            let gap = root(.failure, in: gaps).rounded(.up, near: middle(gaps))
            return ProbabilityUpperBound(UpperBound(proved: gap)).ofOppositeEvent
        }
        // From 1/2 on, 1 - x is exact in doubles, and a wider interval does no harm below it.
        let probabilities = (1 - gaps.upperBound)...(1 - gaps.lowerBound).nextUp
        let probability = root(.success, in: probabilities)
            .rounded(.down, near: 1 - middle(gaps))
        return ProbabilityLowerBound(LowerBound(proved: probability))
    }

    var approximation: Double { isolatedRoot().map { 1 - middle($0) } ?? 0 }

    private func root(
        _ side: MixtureExcess.Side, in domain: ClosedRange<Double>
    ) -> DirectedRoot<MixtureExcess> {
        DirectedRoot(domain: domain) {
            MixtureExcess(
                statistic: statistic, target: failureProbability, side: side, precision: $0)
        }
    }

    private func middle(_ gaps: ClosedRange<Double>) -> Double {
        (gaps.lowerBound + gaps.upperBound) / 2
    }

    /// Two neighbouring gaps, some 2^-40 of themselves apart, between which the root is proved to
    /// lie; nil if M does not reach 1/alpha even at the largest gap.
    ///
    /// Where doubles do not decide, the root is nearer than the interval is wide, and the interval
    /// is closed by proof at its other end.
    private func isolatedRoot() -> ClosedRange<Double>? {
        var above = MixtureTest.largestGap
        guard comparison(above) == .reached else { return nil }
        var below = above / 2
        // M(0) = 1 / (4 f + 1), and alpha < 1: so it ends.
        while comparison(below) != .below {
            if comparison(below) == .reached { above = below }
            below /= 2
        }
        while above - below > above * 0x1p-40 {
            let middle = (above + below) / 2
            switch comparison(middle) {
            case .below: below = middle
            case .reached: above = middle
            case .undecided: return narrowed(below, middle, above)
            }
        }
        return below...above
    }

    private func narrowed(_ below: Double, _ middle: Double, _ above: Double) -> ClosedRange<Double>
    {
        var (below, above) = (below, above)
        var width = middle * 0x1p-44
        while width < above - below {
            if middle - width > below, comparison(middle - width) == .below {
                below = middle - width
            }
            if middle + width < above, comparison(middle + width) == .reached {
                above = middle + width
            }
            width *= 4
        }
        return below...above
    }

    private func comparison(_ gap: Double) -> MixtureStatistic.Comparison {
        statistic.successes == 0
            ? .below : statistic.quickComparison(gap: gap, with: failureProbability)
    }
}

/// M - 1/alpha as a function of the chance of failure d, or its negative as a function of 1 - d:
/// either way it increases.
private struct MixtureExcess: IncreasingFunction {
    enum Side { case success, failure }

    let statistic: MixtureStatistic
    let target: Double
    let side: Side
    let precision: Int

    func value(at number: Ball) -> Ball {
        let excess = statistic.values(gap: gap(number), precision: precision).value
            .subtracting(
                Ball(1).divided(by: Ball(target), precision: precision), precision: precision)
        return side == .success ? excess.negated : excess
    }

    func derivative(over number: Ball) -> Ball {
        statistic.values(gap: gap(number), precision: precision).derivative
    }

    private func gap(_ number: Ball) -> Ball {
        side == .success ? Ball(1).subtracting(number, precision: precision) : number
    }
}
