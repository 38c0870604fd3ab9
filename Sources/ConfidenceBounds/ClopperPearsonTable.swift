/// Clopper-Pearson bounds that remembers what it computed.
///
/// A bound takes about a millisecond, and a campaign asks for the same few counts again and again
/// (most often k = n). The table holds no more than `capacity` bounds: when full, it starts anew.
public struct ClopperPearsonTable: Sendable {
    private struct Key: Hashable {
        let successes: Int
        let trials: Int
        let failureProbability: Double
    }

    /// The most bounds held at a time.
    public let capacity: Int
    private var bounds: [Key: ProbabilityLowerBound] = [:]

    /// An empty table.
    public init(capacity: Int = 100_000) {
        precondition(capacity > 0, "a table of no capacity")
        self.capacity = capacity
    }

    /// As ``ClopperPearson/lowerBound(successes:trials:failureProbability:)``.
    public mutating func lowerBound(
        successes: Int, trials: Int, failureProbability: Double
    ) throws(InvalidBinomialSample) -> ProbabilityLowerBound {
        let key = Key(
            successes: successes, trials: trials, failureProbability: failureProbability)
        if let bound = bounds[key] { return bound }
        let bound = try ClopperPearson.lowerBound(
            successes: successes, trials: trials, failureProbability: failureProbability)
        if bounds.count >= capacity { bounds.removeAll(keepingCapacity: true) }
        bounds[key] = bound
        return bound
    }

    /// As ``ClopperPearson/upperBound(successes:trials:failureProbability:)``.
    public mutating func upperBound(
        successes: Int, trials: Int, failureProbability: Double
    ) throws(InvalidBinomialSample) -> ProbabilityUpperBound {
        try InvalidBinomialSample.check(
            successes: successes, trials: trials, failureProbability: failureProbability)
        return try lowerBound(
            successes: trials - successes, trials: trials, failureProbability: failureProbability
        ).ofOppositeEvent
    }
}
