/// Clopper-Pearson bounds that remembers what it computed.
///
/// A bound takes about a millisecond, and a campaign asks for the same few counts again and again
/// (most often k = n). The table holds no more than `capacity` bounds: when full, it starts anew.
public struct ClopperPearsonTable: Sendable {
    private var table: LowerBoundTable

    /// The most bounds held at a time.
    public var capacity: Int { table.capacity }

    /// An empty table.
    public init(capacity: Int = 100_000) {
        table = LowerBoundTable(capacity: capacity)
    }

    /// As ``ClopperPearson/lowerBound(successes:trials:failureProbability:)``.
    public mutating func lowerBound(
        successes: Int, trials: Int, failureProbability: Double
    ) throws(InvalidBinomialSample) -> ProbabilityLowerBound {
        try table.lowerBound(
            successes, trials, failureProbability, compute: ClopperPearson.lowerBound)
    }

    /// As ``ClopperPearson/upperBound(successes:trials:failureProbability:)``.
    public mutating func upperBound(
        successes: Int, trials: Int, failureProbability: Double
    ) throws(InvalidBinomialSample) -> ProbabilityUpperBound {
        try table.upperBound(
            successes, trials, failureProbability, compute: ClopperPearson.lowerBound)
    }
}

/// Bounds of the confidence sequence that remembers what it computed, like
/// ``ClopperPearsonTable``.
public struct ConfidenceSequenceTable: Sendable {
    private var table: LowerBoundTable

    /// The most bounds held at a time.
    public var capacity: Int { table.capacity }

    /// An empty table.
    public init(capacity: Int = 100_000) {
        table = LowerBoundTable(capacity: capacity)
    }

    /// As ``ConfidenceSequence/lowerBound(successes:trials:failureProbability:)``.
    public mutating func lowerBound(
        successes: Int, trials: Int, failureProbability: Double
    ) throws(InvalidBinomialSample) -> ProbabilityLowerBound {
        try table.lowerBound(
            successes, trials, failureProbability, compute: ConfidenceSequence.lowerBound)
    }

    /// As ``ConfidenceSequence/upperBound(successes:trials:failureProbability:)``.
    public mutating func upperBound(
        successes: Int, trials: Int, failureProbability: Double
    ) throws(InvalidBinomialSample) -> ProbabilityUpperBound {
        try table.upperBound(
            successes, trials, failureProbability, compute: ConfidenceSequence.lowerBound)
    }
}

/// Lower bounds by (k, n, alpha). An upper bound is the lower one of the opposite event.
private struct LowerBoundTable: Sendable {
    typealias Compute =
        (_ successes: Int, _ trials: Int, _ failureProbability: Double)
        throws(InvalidBinomialSample) -> ProbabilityLowerBound

    private struct Key: Hashable {
        let successes: Int
        let trials: Int
        let failureProbability: Double
    }

    let capacity: Int
    private var bounds: [Key: ProbabilityLowerBound] = [:]

    init(capacity: Int) {
        precondition(capacity > 0, "a table of no capacity")
        self.capacity = capacity
    }

    mutating func lowerBound(
        _ successes: Int, _ trials: Int, _ failureProbability: Double, compute: Compute
    ) throws(InvalidBinomialSample) -> ProbabilityLowerBound {
        let key = Key(
            successes: successes, trials: trials, failureProbability: failureProbability)
        if let bound = bounds[key] { return bound }
        let bound = try compute(successes, trials, failureProbability)
        if bounds.count >= capacity { bounds.removeAll(keepingCapacity: true) }
        bounds[key] = bound
        return bound
    }

    mutating func upperBound(
        _ successes: Int, _ trials: Int, _ failureProbability: Double, compute: Compute
    ) throws(InvalidBinomialSample) -> ProbabilityUpperBound {
        try InvalidBinomialSample.check(
            successes: successes, trials: trials, failureProbability: failureProbability)
        return try lowerBound(
            trials - successes, trials, failureProbability, compute: compute
        ).ofOppositeEvent
    }
}
