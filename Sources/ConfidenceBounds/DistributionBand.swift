internal import BallArithmetic

/// A band that holds a whole distribution function at once, whatever it is.
///
/// Theorem (A. Dvoretzky, J. Kiefer, J. Wolfowitz 1956, with the constant of P. Massart, "The tight
/// constant in the Dvoretzky-Kiefer-Wolfowitz inequality", Annals of Probability 18, 1990, corollary 1).
/// For the empirical distribution function F_m of m independent draws from F, continuous or not,
///
///     P[sup_r |F_m(r) - F(r)| > e] <= 2 exp(-2 m e^2).
///
/// So with e = sqrt(ln(2/g) / (2 m)) every point of F, and every left limit, lies within e of F_m,
/// all of them together, except with probability g. A curve of the share of inputs whose radius is at
/// least r is one minus such a left limit (an input without a radius, or whose class is wrong, counts
/// with the radius 0-), so the band holds the whole curve.
public struct DistributionBand: Hashable, Sendable {
    /// The number of draws m.
    public let draws: Int
    /// e, rounded up.
    public let halfWidth: UpperBound

    /// The band of m independent draws, which misses anywhere with probability at most
    /// `failureProbability`.
    ///
    /// - Throws: ``InvalidBinomialSample`` unless there are 1 to 10^9 draws and the probability lies
    ///   strictly between 0 and 1.
    public init(draws: Int, failureProbability: Double) throws(InvalidBinomialSample) {
        try InvalidBinomialSample.check(
            successes: 0, trials: draws, failureProbability: failureProbability)
        self.draws = draws
        let precision = 128
        let square = Ball(2).divided(by: Ball(failureProbability), precision: precision)
            .logarithm(precision: precision)
            .divided(by: 2 * draws, precision: precision)
        halfWidth = UpperBound(proved: square.squareRoot(precision: precision).upperEndpoint)
    }

    /// Where the curve lies at a place where `count` of the draws are.
    public func interval(around count: Int) -> ProportionInterval {
        precondition(0...draws ~= count, "a part of the draws")
        let draws = Double(draws)
        return ProportionInterval(
            lower: LowerBound(proved: Double(count)).divided(byExactly: draws) - halfWidth,
            upper: UpperBound(proved: Double(count)).divided(byExactly: draws) + halfWidth)
    }
}

extension ProportionInterval {
    /// Where a / (a + b) lies, for two proportions a and b that lie in these intervals at once: it
    /// grows with a and shrinks with b. All of [0, 1] where both may be 0.
    public init(ratioOf part: ProportionInterval, toItselfAnd rest: ProportionInterval) {
        self.init(
            lower: ProportionInterval.ratio(part.lower, rest.upper),
            upper: -(ProportionInterval.ratio(rest.lower, part.upper) - UpperBound(proved: 1)))
    }

    /// At least a / (a + b) for every a that the first bound allows and b that the second does.
    private static func ratio(_ a: LowerBound, _ b: UpperBound) -> LowerBound {
        guard a.value > 0 else { return LowerBound(proved: 0) }
        let whole = UpperBound(proved: a.value) + b
        return a.divided(byExactly: whole.value)
    }
}
