import ConfidenceBounds
import Foundation

/// A rule that decides whether p > tau from prefixes at checkpoints.
protocol ThresholdRule {
    var name: String { get }
    /// The smallest count that decides for p > tau at a checkpoint, and the largest that gives up.
    func limits(at trials: Int) -> (exceedsFrom: Int, givesUpTo: Int)
}

/// The rule of this program.
struct MixtureRule: ThresholdRule {
    let name = "mixture, and alpha/2 at the cap"
    let test: SequentialThresholdTest
    private let byTrials: [Int: SequentialThresholdTest.Boundary]

    init(_ test: SequentialThresholdTest) {
        self.test = test
        byTrials = Dictionary(uniqueKeysWithValues: test.boundaries.map { ($0.trials, $0) })
    }

    func limits(at trials: Int) -> (exceedsFrom: Int, givesUpTo: Int) {
        let boundary = byTrials[trials]
        return (boundary?.exceedsFrom ?? trials + 1, boundary?.givesUpTo ?? -1)
    }
}

/// The two-sided bet of Krichevsky and Trofimov, as in Voracek 2024: the likelihood of their mixture
/// over that of tau, against 1/alpha. In doubles, for the comparison alone.
struct BettingRule: ThresholdRule {
    let name = "two-sided bet"
    let tau: Double
    let alpha: Double

    func limits(at trials: Int) -> (exceedsFrom: Int, givesUpTo: Int) {
        let center = Int((Double(trials) * tau).rounded())
        let above = firstNumber(from: center, to: trials) { logarithm($0, trials) >= -log(alpha) }
        let below = firstNumber(from: trials - center, to: trials) {
            logarithm(trials - $0, trials) >= -log(alpha)
        }
        return (above, trials - below)
    }

    private func logarithm(_ successes: Int, _ trials: Int) -> Double {
        let (k, f) = (Double(successes), Double(trials - successes))
        return lgamma(k + 0.5) + lgamma(f + 0.5) - lgamma(k + f + 1) - log(Double.pi)
            - k * log(tau) - f * log1p(-tau)
    }
}

/// The union bound of V. Voracek, "Treatment of statistical estimation problems in randomized
/// smoothing for adversarial robustness", NeurIPS 2024: Clopper and Pearson's bound at the times
/// t >= beta^k, k = 1, 2, …, at alpha_k = 5 alpha / ((k + 4) (k + 5)), which add up to alpha; beta is
/// 1.1. Here the k-th time is the first checkpoint that is at least beta^k and later than the one
/// before.
struct UnionBoundRule: ThresholdRule {
    let name = "union bound"
    let tau: ProbabilityUpperBound
    private let shares: [Int: Double]

    init(tau: ProbabilityUpperBound, alpha: Double, checkpoints: [Int]) {
        self.tau = tau
        var shares: [Int: Double] = [:]
        var (k, due) = (1, 1.1)
        for trials in checkpoints where Double(trials) >= due {
            shares[trials] = 5 * alpha / (Double(k + 4) * Double(k + 5))
            k += 1
            due = max(due * 1.1, Double(trials + 1))
        }
        self.shares = shares
    }

    func limits(at trials: Int) -> (exceedsFrom: Int, givesUpTo: Int) {
        guard let share = shares[trials] else { return (trials + 1, -1) }
        let above = BinomialTest(excluding: tau)
            .smallestRejecting(trials: trials, failureProbability: share)
        let below = BinomialTest(excluding: tau.ofFailure)
            .smallestRejecting(trials: trials, failureProbability: share)
        return (above ?? trials + 1, below.map { trials - $0 } ?? -1)
    }
}

extension ProbabilityUpperBound {
    /// 1 - tau, from above, taking tau as it is rounded: for the comparison alone.
    fileprivate var ofFailure: ProbabilityUpperBound {
        ProbabilityUpperBound(UpperBound(proved: complement.value))
    }
}

/// The first number from `first` on that has a property which all later ones have; `last` + 1 if
/// none has.
private func firstNumber(from first: Int, to last: Int, _ holds: (Int) -> Bool) -> Int {
    guard first <= last, holds(last) else { return last + 1 }
    if holds(first) { return first }
    var (failing, holding) = (first, last)
    while holding - failing > 1 {
        let middle = (failing + holding) / 2
        if holds(middle) { holding = middle } else { failing = middle }
    }
    return holding
}
