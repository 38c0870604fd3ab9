/// An interval that holds a proportion of a population, rounded outwards.
public struct ProportionInterval: Hashable, Sendable {
    /// The proportion is at least this.
    public let lower: LowerBound
    /// The proportion is at most this.
    public let upper: UpperBound

    /// The interval between two bounds, cut to [0, 1], where every proportion lies.
    public init(lower: LowerBound, upper: UpperBound) {
        self.lower = max(LowerBound(proved: 0), lower)
        self.upper = min(UpperBound(proved: 1), upper)
    }

    /// Clopper and Pearson's interval: of `trials` members that were drawn independently, `successes`
    /// belong to the proportion. It misses with probability at most `failureProbability`, half of it
    /// on either side.
    ///
    /// - Throws: ``InvalidBinomialSample``, as ``ClopperPearson`` does.
    public init(
        successes: Int, trials: Int, failureProbability: Double
    ) throws(InvalidBinomialSample) {
        try InvalidBinomialSample.check(
            successes: successes, trials: trials, failureProbability: failureProbability)
        // Halving a double is exact (but for the tiniest ones, which are refused as 0).
        let half = failureProbability / 2
        self.init(
            lower: try ClopperPearson.lowerBound(
                successes: successes, trials: trials, failureProbability: half
            ).value,
            upper: try ClopperPearson.upperBound(
                successes: successes, trials: trials, failureProbability: half
            ).value)
    }
}
