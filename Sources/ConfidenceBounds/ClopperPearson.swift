internal import BallArithmetic
internal import Glibc

/// The exact one-sided confidence bounds on a binomial probability.
///
/// C. Clopper and E. Pearson, "The use of confidence or fiducial limits illustrated in the case of
/// the binomial", Biometrika 26 (1934). For X successes in n independent trials of probability p,
/// the lower bound is the p' with P[X >= k; p'] = alpha; whatever p is,
/// P[lower bound(X) > p] <= alpha, and likewise above.
///
/// Of p' and 1 - p', the one below 1/2 is rounded to a double in the direction that claims less,
/// and the other is derived from it, rounded too: see ``DirectedRoot``. So a bound is a function
/// of (k, n, alpha), the same on every machine.
public enum ClopperPearson {
    /// The bound below p, which fails with probability at most `failureProbability` over the
    /// trials.
    ///
    /// It takes 0 to `trials` successes, 1 to 10^9 trials, and alpha strictly between 0 and 1;
    /// anything else throws. It takes about a millisecond, whatever the number of trials.
    public static func lowerBound(
        successes: Int, trials: Int, failureProbability: Double
    ) throws(InvalidBinomialSample) -> ProbabilityLowerBound {
        try InvalidBinomialSample.check(
            successes: successes, trials: trials, failureProbability: failureProbability)
        if successes == 0 { return .trivial }
        if failureProbability <= 0.5 {
            return BinomialTailRoot(
                atLeast: successes, of: trials, equals: failureProbability
            ).lowerBound
        }
        // The same p' has P[at least n - k + 1 failures] = 1 - alpha, which is exact in doubles.
        return BinomialTailRoot(
            atLeast: trials - successes + 1, of: trials, equals: 1 - failureProbability
        ).upperBound.ofOppositeEvent
    }

    /// The bound above p, which fails with probability at most `failureProbability` over the
    /// trials.
    ///
    /// It takes what ``lowerBound(successes:trials:failureProbability:)`` takes.
    public static func upperBound(
        successes: Int, trials: Int, failureProbability: Double
    ) throws(InvalidBinomialSample) -> ProbabilityUpperBound {
        try InvalidBinomialSample.check(
            successes: successes, trials: trials, failureProbability: failureProbability)
        return try lowerBound(
            successes: trials - successes, trials: trials, failureProbability: failureProbability
        ).ofOppositeEvent
    }
}

/// Counts or a failure probability for which there is no bound.
public struct InvalidBinomialSample: Error, Hashable, CustomStringConvertible {
    /// What is wrong, and what would be right.
    public let description: String

    static func check(
        successes: Int, trials: Int, failureProbability alpha: Double
    ) throws(InvalidBinomialSample) {
        guard 1...1_000_000_000 ~= trials else {
            throw InvalidBinomialSample(
                description: "A bound needs from 1 to 1000000000 trials; there are \(trials).")
        }
        guard 0...trials ~= successes else {
            throw InvalidBinomialSample(
                description: "\(successes) successes in \(trials) trials cannot be; "
                    + "count from 0 to \(trials).")
        }
        guard 0 < alpha && alpha < 1 else {
            throw InvalidBinomialSample(
                description: "The failure probability is \(alpha); "
                    + "it must lie strictly between 0 and 1.")
        }
    }
}

/// The p with P[X >= k; p] = `target` for a binomial X of n trials, `target` at most 1/2.
struct BinomialTailRoot {
    private let successes: Int
    private let trials: Int
    private let target: Double

    init(atLeast successes: Int, of trials: Int, equals target: Double) {
        self.successes = successes
        self.trials = trials
        self.target = target
    }

    var lowerBound: ProbabilityLowerBound {
        let (side, root) = smallerSide(success: .down, failure: .up)
        return switch side {
        case .success: ProbabilityLowerBound(LowerBound(proved: root))
        case .failure: ProbabilityUpperBound(UpperBound(proved: root)).ofOppositeEvent
        }
    }

    var upperBound: ProbabilityUpperBound {
        let (side, root) = smallerSide(success: .up, failure: .down)
        return switch side {
        case .success: ProbabilityUpperBound(UpperBound(proved: root))
        case .failure: ProbabilityLowerBound(LowerBound(proved: root)).ofOppositeEvent
        }
    }

    /// Which of p and 1 - p is below 1/2, and that one, rounded. Should both be 1/2, the directions
    /// decide which it is, and not the guess.
    private func smallerSide(
        success: DirectedRoot<TailExcess>.Rounding, failure: DirectedRoot<TailExcess>.Rounding
    ) -> (TailExcess.Side, Double) {
        if successes == 1 && trials == 1 { return (.success, target) }  // P[X >= 1; p] = p
        let logOdds = approximateLogOdds()
        func root(_ side: TailExcess.Side) -> Double {
            let equation = DirectedRoot(domain: 0...1) {
                TailExcess(
                    tail: BinomialTail(atLeast: successes, of: trials, precision: $0),
                    target: target, side: side, precision: $0)
            }
            return side == .success
                ? equation.rounded(success, near: probability(ofLogOdds: logOdds))
                : equation.rounded(failure, near: probability(ofLogOdds: -logOdds))
        }
        // A wrong guess here costs time alone: the rounded root shows on which side it lies.
        if logOdds > 0 {
            let q = root(.failure)
            if q < 0.5 || q == 0.5 && failure == .up { return (.failure, q) }
        }
        let p = root(.success)
        return p < 0.5 || p == 0.5 && success == .up ? (.success, p) : (.failure, root(.failure))
    }

    /// Newton's iteration for ln P[X >= k] in the log-odds u of p.
    ///
    /// ln P[X >= k] is concave in u (the density of u under Beta(k, n - k + 1) is log-concave, so
    /// its distribution function is), so that the iteration converges from anywhere.
    private func approximateLogOdds() -> Double {
        let failures = Double(trials - successes)
        let spread = (1 / Double(successes) + 1 / (failures + 1)).squareRoot()
        var u =
            log((Double(successes) + 0.5) / (failures + 0.5))
            - StandardNormal.approximateUpperTailQuantile(target) * spread
        let precision = 96
        let tail = BinomialTail(atLeast: successes, of: trials, precision: precision)
        for _ in 0..<60 {
            let side: TailExcess.Side = u < 0 ? .success : .failure
            let (p, q) = side.probabilities(Ball(probability(ofLogOdds: -abs(u))), precision: 256)
            // In balls, for far from the root the tail may be below the least double.
            let probability = tail.probability(p: p, q: q)
            let slope = tail.density(p: p, q: q)
                .multiplied(by: p, precision: precision)
                .multiplied(by: q, precision: precision)
                .divided(by: probability, precision: precision)
            let step = probability.divided(by: Ball(target), precision: precision)
                .logarithm(precision: precision)
                .divided(by: slope, precision: precision)
                .approximation
            guard step.isFinite else { break }
            u -= step
            // What is left is about step^2 / spread, and DirectedRoot looks 2^-40 around.
            if step * step < 0x1p-42 * spread { break }
        }
        return u
    }

    private func probability(ofLogOdds u: Double) -> Double { 1 / (1 + exp(-u)) }
}

/// P[X >= k; p] - target as a function of p, or its negative as a function of q = 1 - p: either
/// way it increases.
private struct TailExcess: IncreasingFunction {
    enum Side {
        case success, failure

        /// p and q, given the one of this side.
        func probabilities(_ number: Ball, precision: Int) -> (p: Ball, q: Ball) {
            let other = Ball(1).subtracting(number, precision: precision)
            return self == .success ? (number, other) : (other, number)
        }
    }

    let tail: BinomialTail
    let target: Double
    let side: Side
    let precision: Int

    func value(at number: Ball) -> Ball {
        let (p, q) = side.probabilities(number, precision: precision)
        let excess = tail.probability(p: p, q: q)
            .subtracting(Ball(target), precision: precision)
        return side == .success ? excess : excess.negated
    }

    func derivative(over number: Ball) -> Ball {
        let (p, q) = side.probabilities(number, precision: precision)
        return tail.density(p: p, q: q)
    }
}
