internal import CArb

/// P[X >= k] for a binomial X of n trials, as a function of the probability of success.
///
/// It equals I_p(k, n - k + 1), the regularized incomplete beta function (NIST DLMF 8.17.5), which
/// Arb evaluates by series that get long and lose bits as n grows. To the left of the mean a
/// continued fraction is some twenty times faster (A. Didonato and A. Morris, "Algorithm 708",
/// ACM TOMS 18, 1992, `bfrac`): with a = k, b = n - k + 1, q = 1 - p and e = a q - b p + 1,
///
///     I_p(a, b) = p^a q^b / B(a, b) / (beta_0 + alpha_1 / (beta_1 + alpha_2 / (beta_2 + …)))
///     alpha_m = (a + m - 1) (a + b + m - 1) m (b - m) p^2 / (a + 2m - 1)^2
///     beta_m  = m + m (b - m) p / (a + 2m - 1) + (a + m) (e + m (1 + q)) / (a + 2m + 1)
///
/// For e > 0 and m < b all terms are positive and alpha_b = 0 ends it, so what is cut off after
/// beta_m lies between 0 and alpha_(m+1) / beta_(m+1). A ball over that range, carried back
/// through the fraction, proves the rest: nothing is assumed about how fast it converges.
public struct BinomialTail: Sendable {
    private let successes: Int
    private let trials: Int
    private let precision: Int
    /// ln B(k, n - k + 1).
    private let logarithmOfBeta: Ball

    /// The tail from `successes` upwards of `trials`, where 1 <= `successes` <= `trials` <= 10^9.
    ///
    /// About log2(`trials`) of the bits of `precision` are lost.
    public init(atLeast successes: Int, of trials: Int, precision: Int) {
        precondition(1 <= successes && successes <= trials && trials <= 1_000_000_000)
        self.successes = successes
        self.trials = trials
        self.precision = precision
        let logarithms = [successes, trials - successes + 1, trials + 1].map {
            Ball($0).logarithmOfGamma(precision: precision)
        }
        logarithmOfBeta = logarithms[0].adding(logarithms[1], precision: precision)
            .subtracting(logarithms[2], precision: precision)
    }

    /// The tail at a probability `p` of success and `q` = 1 - `p` of failure, both in (0, 1).
    ///
    /// Both are asked for, so that neither a tiny `p` nor a tiny `q` loses digits.
    public func probability(p: Ball, q: Ball) -> Ball {
        let product = density(p: p, q: q)
            .multiplied(by: p, precision: precision)
            .multiplied(by: q, precision: precision)
        // A first guess at how deep to go, which only the time depends on.
        let narrower = Double(min(successes, trials - successes + 1))
        var depth = min(precision * 3 / 4, 4 + Int(3 * narrower.squareRoot()))
        while let fraction = continuedFraction(p: p, q: q, depth: depth) {
            let probability = product.divided(by: fraction, precision: precision)
            if depth >= trials - successes || fraction.accuracy >= precision / 2 {
                return probability
            }
            depth *= 2
        }
        return .regularizedIncompleteBeta(
            x: p, a: Ball(successes), b: Ball(trials - successes + 1), precision: precision)
    }

    /// The tail's derivative, p^(k-1) q^(n-k) / B(k, n - k + 1).
    public func density(p: Ball, q: Ball) -> Ball {
        let powerOfP = p.logarithm(precision: precision)
            .multiplied(by: successes - 1, precision: precision)
        let powerOfQ = q.logarithm(precision: precision)
            .multiplied(by: trials - successes, precision: precision)
        return powerOfP.adding(powerOfQ, precision: precision)
            .subtracting(logarithmOfBeta, precision: precision)
            .exponential(precision: precision)
    }

    /// The fraction, its first `depth` levels taken exactly; `nil` where it need not be positive,
    /// or is too long to be worth it.
    private func continuedFraction(p: Ball, q: Ball, depth: Int) -> Ball? {
        guard depth <= 1 << 14 else { return nil }
        let (a, b) = (successes, trials - successes + 1)
        let excess = q.multiplied(by: a, precision: precision)
            .subtracting(p.multiplied(by: b, precision: precision), precision: precision)
            .adding(1, precision: precision)
        guard excess.isPositive else { return nil }
        let square = p.multiplied(by: p, precision: precision)
        let onePlusQ = q.adding(1, precision: precision)

        func alpha(_ m: Int) -> Ball {
            square.multiplied(by: (a + m - 1) * m, precision: precision)
                .multiplied(by: (a + b + m - 1) * (b - m), precision: precision)
                .divided(by: (a + 2 * m - 1) * (a + 2 * m - 1), precision: precision)
        }
        func beta(_ m: Int) -> Ball {
            let last = onePlusQ.multiplied(by: m, precision: precision)
                .adding(excess, precision: precision)
                .multiplied(by: a + m, precision: precision)
                .divided(by: a + 2 * m + 1, precision: precision)
            guard m > 0 else { return last }
            return p.multiplied(by: m * (b - m), precision: precision)
                .divided(by: a + 2 * m - 1, precision: precision)
                .adding(m, precision: precision)
                .adding(last, precision: precision)
        }

        let depth = min(depth, b - 1)
        var value = beta(depth)
        if depth < b - 1 {
            let cut = alpha(depth + 1).divided(by: beta(depth + 1), precision: precision)
            value = value.union(value.adding(cut, precision: precision), precision: precision)
        }
        for m in stride(from: depth, to: 0, by: -1) {
            value = alpha(m).divided(by: value, precision: precision)
                .adding(beta(m - 1), precision: precision)
        }
        return value
    }
}
