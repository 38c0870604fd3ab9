internal import BallArithmetic

// A test that may be looked at after every sample
// ===============================================
//
// Is a probability p above tau? Let d = 1 - tau, and let f of the first n samples fail, k = n - f.
// Against a rival q > tau the likelihood ratio of these samples is (q/tau)^k ((1-q)/(1-tau))^f. The
// statistic is its mean over rivals q = 1 - d u, with u between 0 and 1 drawn from a prior that does
// not depend on tau:
//
//     M(k, n; d) = E[ ((1 - d u)/(1 - d))^k u^f ].
//
// Theorem (Ville 1939, with the likelihood ratio of Robbins 1970). If p <= tau, then
// P[M >= 1/alpha after any number of samples] <= alpha.
//
// Proof. For each rival, one more sample multiplies the ratio by a factor of mean
// p q/tau + (1-p) (1-q)/(1-tau) = 1 + (p - tau) (q - tau) / (tau (1 - tau)) <= 1, since p <= tau < q.
// So each ratio, and hence their mean over the prior, is a nonnegative supermartingale that starts
// at 1, and Ville's inequality bounds the chance that it ever reaches 1/alpha. It need not be looked
// at after every sample; and it stays valid if whoever stops does so for reasons of their own.
//
// The prior is u ~ Beta(1/4, 1), so q ~ Beta(1, 1/4) restricted to q > tau. Written as a density of
// q, Beta(1/2, 1/2) restricted to q > tau is much the same with 1/2 for 1/4, which costs more where
// no or hardly any sample fails: near the ceiling of radii, where samples are dearest. docs/sequential.md
// has the comparison. What the prior is changes how soon the test decides, never its error.
//
// Three consequences, each visible in the formula, since (1 - d u)/(1 - d) >= 1 >= u:
//
// - M grows with k for a fixed n, so that for each n there is one smallest k that rejects;
// - M grows with d, so that what rejects p <= tau rejects every smaller tau too;
// - M is at most E[u^f] = 1 / (4 f + 1) if k = 0.
//
// Evaluation. With b = 1/4, integrating by the series of the incomplete beta function (NIST DLMF
// 8.17.7 and 8.17.8, at x = d) gives, with no logarithm, power or gamma function left,
//
//     M = (1 - d) / (4 f + 1) * sum over i >= 0 of d^i (n + 5/4)_i / (f + 5/4)_i.

/// The one-sided mixture test of p <= tau, valid after any number of samples.
///
/// It rejects only what it proved to exceed 1/alpha, so its decisions are functions of
/// (k, n, tau, alpha), the same on every machine.
///
///     let test = try MixtureTest(excluding: tau, failureProbability: 0.0005)
///     test.rejects(successes: 9_990, trials: 10_000)   // p > tau, or an event of chance 0.0005
public struct MixtureTest: Sendable, Hashable {
    /// The largest probability of the null hypothesis, from above.
    public let threshold: ProbabilityUpperBound
    /// The chance of ever rejecting while p is at most the threshold.
    public let failureProbability: Double
    /// d = 1 - tau, from below, which makes the null hypothesis the larger.
    private let gap: Double

    /// The largest 1 - tau: a tau below 2^-10 is tested as 2^-10, for the series converges slowly
    /// there. What rejects that rejects every smaller one.
    static let largestGap = 1 - 0x1p-10

    /// A test of p <= tau, for every tau that `threshold` allows.
    ///
    /// - Parameters:
    ///   - threshold: if it allows 1, nothing is ever rejected.
    ///   - failureProbability: at least 10^-150 and less than 1.
    public init(
        excluding threshold: ProbabilityUpperBound, failureProbability: Double
    ) throws(InvalidBinomialSample) {
        try Self.check(successes: 0, trials: 1, failureProbability: failureProbability)
        self.threshold = threshold
        self.failureProbability = failureProbability
        gap = min(max(threshold.complement.value, 0), Self.largestGap)
    }

    static func check(
        successes: Int, trials: Int, failureProbability alpha: Double
    ) throws(InvalidBinomialSample) {
        try InvalidBinomialSample.check(
            successes: successes, trials: trials, failureProbability: alpha)
        guard alpha >= 1e-150 else {
            throw InvalidBinomialSample(
                description: "The failure probability is \(alpha); "
                    + "a sequential test needs at least 1e-150.")
        }
    }

    /// Whether `successes` of `trials` prove p > tau: true only if proved.
    ///
    /// - Complexity: about sqrt(n (1 - tau)) / tau steps near the border, fewer away from it; a
    ///   step takes nanoseconds.
    public func rejects(successes: Int, trials: Int) -> Bool {
        precondition(0...trials ~= successes && trials <= 1_000_000_000, "not a sample")
        guard gap > 0 else { return false }
        return MixtureStatistic(successes: successes, trials: trials)
            .compare(gap: gap, with: failureProbability) == .reached
    }

    /// The smallest number of successes in `trials` that rejects; nil if not even all do.
    ///
    /// - Complexity: log2(`trials`) tests.
    public func smallestRejecting(trials: Int) -> Int? {
        guard rejects(successes: trials, trials: trials) else { return nil }
        // M increases with k, and k = 0 does not reject.
        var (failing, rejecting) = (0, trials)
        while rejecting - failing > 1 {
            let middle = (failing + rejecting) / 2
            if rejects(successes: middle, trials: trials) {
                rejecting = middle
            } else {
                failing = middle
            }
        }
        return rejecting
    }

    /// The smallest number of trials that can reject; nil if a billion cannot.
    ///
    /// All successes are the strongest evidence, and more of them are stronger.
    public func smallestTrials() -> Int? {
        func rejectsAll(_ trials: Int) -> Bool { rejects(successes: trials, trials: trials) }
        guard rejectsAll(1_000_000_000) else { return nil }
        var enough = 1
        while !rejectsAll(enough) { enough = min(2 * enough, 1_000_000_000) }
        var tooFew = enough / 2
        while enough - tooFew > 1 {
            let middle = (enough + tooFew) / 2
            if rejectsAll(middle) { enough = middle } else { tooFew = middle }
        }
        return enough
    }

    /// The evidence M against p <= tau, from below: an e-value, of mean at most 1 under the null
    /// hypothesis at whatever moment one stops.
    ///
    /// Evidence of more than 2^200 is reported as 2^200.
    public func evidence(successes: Int, trials: Int) -> LowerBound {
        precondition(0...trials ~= successes && trials <= 1_000_000_000, "not a sample")
        guard gap > 0 else { return LowerBound(proved: 0) }
        let statistic = MixtureStatistic(successes: successes, trials: trials)
        if statistic.compare(gap: gap, with: 0x1p-200) == .reached {
            return LowerBound(proved: 0x1p200)
        }
        let value = statistic.values(gap: Ball(gap), precision: 128).value
        return LowerBound(proved: max(0, min(value.lowerEndpoint, 0x1p200)))
    }
}

/// M(k, n; d) as a function of d.
struct MixtureStatistic {
    let successes: Int
    let trials: Int

    private var failures: Int { trials - successes }
    /// 4 (n + 5/4) and 4 (f + 5/4): the series in quarters.
    private var numerator: Int { 4 * trials + 5 }
    private var denominator: Int { 4 * failures + 5 }

    enum Comparison { case below, undecided, reached }

    /// Whether M is proved to be at least, or proved to be less than, 1 / `alpha`.
    func compare(gap: Double, with alpha: Double) -> Comparison {
        if successes == 0 { return .below }
        let quick = quickComparison(gap: gap, with: alpha)
        guard quick == .undecided else { return quick }
        for precision in [128, 256, 512] {
            let value = values(gap: Ball(gap), precision: precision).value
                .multiplied(by: Ball(alpha), precision: precision)
            if Ball(1).isLess(than: value) { return .reached }
            if value.isLess(than: Ball(1)) { return .below }
        }
        return .undecided
    }

    /// The same in doubles, left undecided within their error.
    ///
    /// Every quantity is a product or sum of positive numbers, so relative errors add up: 2^-53 for
    /// each operation, three for each new term and one for each sum. Hence after i terms a partial
    /// sum is off by less than (4 i + 4) 2^-53 of itself and the target by less than 5 * 2^-53;
    /// `slack` is twice as wide and more. No library function is called. A term is at most n times
    /// the one before, and the sum is left as soon as it passes the target, which is below 10^163:
    /// nothing overflows.
    ///
    /// From where the ratio of terms is below 1, it falls on, so what is left is at most that of a
    /// geometric series.
    func quickComparison(gap: Double, with alpha: Double) -> Comparison {
        let target = Double(4 * failures + 1) / ((1 - gap) * alpha)
        var (term, sum, index) = (1.0, 1.0, 0)
        while true {
            let slack = Double(8 * index + 32) * 0x1p-53
            if sum >= target * (1 + slack) { return .reached }
            let ratio =
                gap * (Double(numerator + 4 * index) / Double(denominator + 4 * index))
            if ratio < 1 - 0x1p-30 {
                let rest = term * ratio / (1 - ratio) * (1 + 0x1p-20)
                if (sum + rest) * (1 + slack) < target { return .below }
                if rest < sum * 0x1p-50 { return .undecided }
            }
            term *= ratio
            sum += term
            index += 1
        }
    }

    /// M and its derivative by d, at a ball of numbers in (0, 1).
    ///
    /// The derivative of (1 - d) sum of c_i d^i has the coefficients (i + 1) (c_(i+1) - c_i), which
    /// are c_i (i + 1) k / (f + 5/4 + i).
    func values(gap: Ball, precision: Int) -> (value: Ball, derivative: Ball) {
        let (sum, slope) = RisingSeries(numerator: numerator, denominator: denominator, stride: 4)
            .sums(at: gap, precision: precision)
        let value = Ball(1).subtracting(gap, precision: precision)
            .multiplied(by: sum, precision: precision)
            .divided(by: 4 * failures + 1, precision: precision)
        let derivative = slope.multiplied(by: successes, precision: precision)
            .divided(by: 4 * failures + 1, precision: precision)
        return (value, derivative)
    }
}
