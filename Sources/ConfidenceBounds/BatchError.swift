internal import BallArithmetic

/// How many of a batch of certificates may be false, when each is with probability at most alpha.
///
/// The noise of every input is drawn independently, so the number of false ones is a sum of
/// independent events of probability at most alpha each: it exceeds any number with at most the
/// chance that a binomial variable of (m, alpha) does. That is so also where the number of samples
/// of an input depended on the counts of others, if its bounds hold at all times: each event is part
/// of one about that input's own samples alone.
public struct BatchError: Sendable, Hashable {
    /// The number of inputs m for which a certificate could have been issued.
    public let inputs: Int
    /// The failure probability alpha of each.
    public let failureProbability: Double

    /// A batch of 1 to 10^9 inputs, with alpha strictly between 0 and 1.
    public init(inputs: Int, failureProbability: Double) throws(InvalidBinomialSample) {
        try InvalidBinomialSample.check(
            successes: 0, trials: inputs, failureProbability: failureProbability)
        self.inputs = inputs
        self.failureProbability = failureProbability
    }

    /// The mean number of false certificates is at most this.
    public var expected: UpperBound {
        UpperBound(proved: failureProbability).multiplied(byExactly: Double(inputs))
    }

    /// The chance that any certificate is false is at most this: m alpha or 1.
    public var anyFalse: UpperBound { min(expected, UpperBound(proved: 1)) }

    /// The number of false certificates is at most this, except with probability `excess`.
    ///
    ///     // 21 of 10,000, and 4 of 500, with probability 99.9 %
    ///     try BatchError(inputs: 10_000, failureProbability: 0.001).most(exceptWith: 0.001)
    public func most(exceptWith excess: Double = 0.001) -> Int {
        precondition(0 < excess && excess < 1, "a probability strictly between 0 and 1")
        let p = Ball(failureProbability)
        let q = Ball(1).subtracting(p, precision: 128)
        func isEnough(_ count: Int) -> Bool {
            if count == inputs { return true }
            return BinomialTail(atLeast: count + 1, of: inputs, precision: 128)
                .probability(p: p, q: q).isLess(than: Ball(excess))
        }
        var (tooFew, enough) = (-1, inputs)
        while enough - tooFew > 1 {
            let middle = (enough + tooFew) / 2
            if isEnough(middle) { enough = middle } else { tooFew = middle }
        }
        return enough
    }
}
