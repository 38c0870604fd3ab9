internal import BallArithmetic
internal import Glibc

// Giving up early
// ===============
//
// With a cap of N samples, what will the count of successes at the cap be? Refusing to go on claims
// nothing and costs none of alpha; but it should seldom forgo what the cap would have granted.
//
// Given that K of all N samples succeed, every order of them is equally likely, whatever p is: the
// first n are a sample without replacement. For a sequence with k successes among the first n,
//
//     P_K = C(N - n, K - k) / C(N, K),     Q = B(k + 1/2, n - k + 1/2) / B(1/2, 1/2),
//
// where Q is the probability of the same sequence under the Krichevsky-Trofimov mixture (the
// Beta(1/2, 1/2) mixture of all p).
//
// Theorem. Given K, the chance that Q/P_K ever reaches 1/beta is at most beta.
//
// Proof. Q/P_K is a likelihood ratio of the samples so far against their law given K, so under that
// law it is a nonnegative supermartingale that starts at 1: Ville's inequality. (I. Waudby-Smith and
// A. Ramdas, "Confidence sequences for sampling without replacement", NeurIPS 2020, section 2.)
//
// A final count of K is *excluded from above* once Q/P_K >= 1/beta while k (N + 1) <= K n, that is,
// while the successes so far are too few for it.
//
// - Then every larger final count is excluded too: P_(K+1) <= P_K if and only if
//   k (N + 1) <= (K + 1) n.
// - So are all smaller k of the same n, for that K: with S = K - k and R = N - n the ratio Q/P_K
//   falls from k to k + 1 if (k + 1/2)(R - S + 1) <= S (n - k - 1/2), that is, if
//   k (N + 1) + (N - n + 1)/2 <= K n, which (k + 1)(N + 1) <= K n implies.
// - So the chance of ever excluding K while the final count is K or more is at most beta: making
//   failures into successes only raises the prefixes.
//
// With successes and failures exchanged, final counts are excluded from below, and both together
// err with probability at most beta, for the event of the theorem is the same. It includes what is
// certain: where K - k > N - n, P_K = 0 and K is excluded.

/// What the count at the cap may still be, given the count so far; wrong with probability at most
/// `lossProbability` over all prefixes together, whatever the probability of success.
public struct FinalCountForecast: Sendable, Hashable {
    /// The number of samples at the cap, N.
    public let total: Int
    /// The chance beta of ever excluding the count that the cap will have.
    public let lossProbability: Double

    /// A forecast for 1 to 10^9 samples and a loss probability strictly between 0 and 1.
    public init(total: Int, lossProbability: Double) throws(InvalidBinomialSample) {
        try InvalidBinomialSample.check(successes: 0, trials: total, failureProbability: 0.5)
        guard 0 < lossProbability && lossProbability < 1 else {
            throw InvalidBinomialSample(
                description: "The loss probability is \(lossProbability); "
                    + "it must lie strictly between 0 and 1.")
        }
        self.total = total
        self.lossProbability = lossProbability
    }

    /// Whether too few of the first `trials` samples succeeded for `finalCount` of all to do so.
    public func excludes(finalCount: Int, successes: Int, trials: Int) -> Bool {
        precondition(0...trials ~= successes && trials <= total, "not a prefix")
        precondition(0...total ~= finalCount, "not a count")
        guard successes * (total + 1) <= finalCount * trials else { return false }
        let (wanted, rest) = (finalCount - successes, total - trials)
        if wanted > rest { return true }
        if let excluded = quicklyExcludes(
            finalCount: finalCount, successes: successes, trials: trials)
        {
            return excluded
        }
        for precision in [128, 256, 512] {
            let excess = logarithmicRatio(
                finalCount: finalCount, successes: successes, trials: trials,
                precision: precision
            ).adding(Ball(lossProbability).logarithm(precision: precision), precision: precision)
            if excess.isPositive { return true }
            if excess.negated.isPositive { return false }
        }
        return false
    }

    /// The same in floating point, some hundred times faster; nil within its error, which decides
    /// nothing: so the answer is the same on every machine.
    ///
    /// `lgamma` of a positive number errs by a few units in the last place in any library that is
    /// used, and a sum of ten such numbers by a few more: 2^-44 of their sizes is hundreds of units.
    private func quicklyExcludes(finalCount: Int, successes: Int, trials: Int) -> Bool? {
        var (excess, size) = (log(lossProbability) - log(Double.pi), 1.0)
        func add(_ sign: Double, logarithmOfGamma number: Double) {
            var signOfGamma: Int32 = 0
            let logarithm = lgamma_r(number, &signOfGamma)
            excess += sign * logarithm
            size += abs(logarithm)
        }
        for count in [successes, trials - successes] {
            add(1, logarithmOfGamma: Double(count) + 0.5)
        }
        let (wanted, rest) = (finalCount - successes, total - trials)
        for count in [total, wanted, rest - wanted] {
            add(1, logarithmOfGamma: Double(count + 1))
        }
        for count in [trials, finalCount, total - finalCount, rest] {
            add(-1, logarithmOfGamma: Double(count + 1))
        }
        let error = size * 0x1p-44 + abs(log(lossProbability)) * 0x1p-44
        return abs(excess) > error ? excess > 0 : nil
    }

    /// The largest number of successes in the first `trials` samples that excludes `finalCount`;
    /// nil if not even 0 does.
    public func largestExcluding(finalCount: Int, trials: Int) -> Int? {
        bisect(from: 0, to: finalCount * trials / (total + 1)) {
            excludes(finalCount: finalCount, successes: $0, trials: trials)
        }
    }

    /// The largest final count that these samples do not exclude.
    public func largestFinalCount(successes: Int, trials: Int) -> Int {
        let possible = total - trials + successes
        let smallest = bisect(from: 0, to: possible) {
            !excludes(finalCount: $0, successes: successes, trials: trials)
        }
        guard let smallest else { preconditionFailure("no final count is below zero") }
        return smallest
    }

    /// The smallest final count that these samples do not exclude.
    public func smallestFinalCount(successes: Int, trials: Int) -> Int {
        total - largestFinalCount(successes: trials - successes, trials: trials)
    }

    /// The last number that has the property, which holds up to some number and not beyond.
    private func bisect(from first: Int, to last: Int, _ holds: (Int) -> Bool) -> Int? {
        guard holds(first) else { return nil }
        var (holding, beyond) = (first, last + 1)
        while beyond - holding > 1 {
            let middle = (holding + beyond) / 2
            if holds(middle) { holding = middle } else { beyond = middle }
        }
        return holding
    }

    /// ln(Q/P_K), where P_K > 0; B(1/2, 1/2) is pi.
    private func logarithmicRatio(
        finalCount: Int, successes: Int, trials: Int, precision: Int
    ) -> Ball {
        let half = Ball(0.5)
        func gammaOfHalf(_ count: Int) -> Ball {
            half.adding(count, precision: precision).logarithmOfGamma(precision: precision)
        }
        func factorial(_ count: Int) -> Ball {
            Ball(count + 1).logarithmOfGamma(precision: precision)
        }
        let (wanted, rest) = (finalCount - successes, total - trials)
        let positive = [
            gammaOfHalf(successes), gammaOfHalf(trials - successes),
            factorial(total), factorial(wanted), factorial(rest - wanted),
        ]
        let negative = [
            factorial(trials), Ball.pi(precision: precision).logarithm(precision: precision),
            factorial(finalCount), factorial(total - finalCount), factorial(rest),
        ]
        func sum(_ balls: [Ball]) -> Ball {
            balls.reduce(Ball(0)) { $0.adding($1, precision: precision) }
        }
        return sum(positive).subtracting(sum(negative), precision: precision)
    }
}
