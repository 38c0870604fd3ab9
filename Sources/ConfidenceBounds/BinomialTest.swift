internal import BallArithmetic

/// The one-sided test of p <= tau by the binomial tail P[X >= k; n, tau], for a sample count that
/// was fixed beforehand.
///
/// P[X >= k; n, p] grows with p, so its value at tau is the largest of all p <= tau, and the chance
/// that it is at most alpha is at most alpha.
public struct BinomialTest: Sendable, Hashable {
    /// The largest probability of the null hypothesis, from above.
    public let threshold: ProbabilityUpperBound

    /// A test of p <= tau, for every tau that `threshold` allows.
    public init(excluding threshold: ProbabilityUpperBound) {
        self.threshold = threshold
    }

    /// P[X >= k; n, tau], from above.
    public func pValue(successes: Int, trials: Int) -> UpperBound {
        precondition(0...trials ~= successes && trials <= 1_000_000_000, "not a sample")
        let gap = threshold.complement.value
        if successes == 0 || gap <= 0 { return UpperBound(proved: 1) }
        if gap >= 1 { return UpperBound(proved: 0) }
        let q = Ball(gap)
        let tail = BinomialTail(atLeast: successes, of: trials, precision: 128)
            .probability(p: Ball(1).subtracting(q, precision: 128), q: q)
        return UpperBound(proved: min(1, tail.upperEndpoint))
    }

    /// The smallest number of successes in `trials` whose tail is proved to be at most alpha; nil
    /// if not even all are enough.
    public func smallestRejecting(trials: Int, failureProbability alpha: Double) -> Int? {
        func rejects(_ successes: Int) -> Bool {
            pValue(successes: successes, trials: trials).value <= alpha
        }
        guard rejects(trials) else { return nil }
        var (failing, rejecting) = (-1, trials)
        while rejecting - failing > 1 {
            let middle = (failing + rejecting) / 2
            if rejects(middle) { rejecting = middle } else { failing = middle }
        }
        return rejecting
    }
}
