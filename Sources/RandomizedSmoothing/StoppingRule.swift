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

    /// Of a campaign with a budget: up to which estimation sample each of the inputs that rest is to be
    /// counted in the next round, in their order. It is asked when every input is decided or rests at
    /// its goal of the round before, so that its answer too is a function of counts that every run of
    /// the plan has. What it answers for one that gets nothing more is the count that it has; when
    /// none gets more, the campaign ends.
    ///
    /// - Parameters:
    ///   - resting: the inputs, in campaign order.
    ///   - samplesLeft: how many samples may still be spent; the goals must not cost more.
    mutating func goals(of resting: [RestingInput], samplesLeft: Int) throws -> [Int]
}

extension StoppingRule {
    /// Nothing more.
    public mutating func goals(of resting: [RestingInput], samplesLeft: Int) throws -> [Int] {
        resting.map(\.estimation.samples)
    }
}

/// The counts of an input at its goal of a round, which did not decide it.
public struct RestingInput: Hashable, Sendable {
    /// The counts that choose the class.
    public let selection: ClassCounts
    /// The counts that bound its probability.
    public let estimation: ClassCounts

    /// Assembles the counts from their parts.
    public init(selection: ClassCounts, estimation: ClassCounts) {
        self.selection = selection
        self.estimation = estimation
    }
}

/// The fixed-n procedure: every input gets all its samples.
public struct AllSamples: StoppingRule {
    /// The rule.
    public init() {}

    /// Never before the last checkpoint.
    public func isDecided(selection: ClassCounts, estimation: ClassCounts) -> Bool { false }
}
