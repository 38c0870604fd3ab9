/// Says when the counts of an input are enough (law 4).
///
/// It is asked at the checkpoints of the plan only, with the counts of the estimation samples before
/// the checkpoint, all of them. Its answer is a function of these counts, so that every run of the
/// plan ends at the same sample.
public protocol StoppingRule: Sendable {
    /// Whether an input with these counts needs no more samples.
    ///
    /// - Throws: an arithmetic that comes to no end; the campaign stops.
    mutating func isDecided(selection: ClassCounts, estimation: ClassCounts) throws -> Bool
}

/// The fixed-n procedure: every input gets all its samples.
public struct AllSamples: StoppingRule {
    /// The rule.
    public init() {}

    /// Never before the last checkpoint.
    public func isDecided(selection: ClassCounts, estimation: ClassCounts) -> Bool { false }
}
