internal import BallArithmetic

// Is p above tau, with as few samples as it takes?
// ================================================
//
// The failure probability alpha is split in two halves, beforehand:
//
// - alpha/2 for the mixture test (``MixtureTest``) at every checkpoint;
// - alpha/2 for one test at the cap N by the binomial tail: reject if P[X >= k; N, tau] <= alpha/2,
//   as Clopper and Pearson would. It is made at a sample count that was fixed beforehand, so it is
//   valid whatever went before, and it errs more often than alpha/2 in no case: by the union bound
//   the two together err with probability at most alpha.
//
// The second half makes the rule at the cap nearly as strong as a fixed number of samples with all of
// alpha (a shortfall of ln 2 in evidence, not of ln(1/alpha)), and costs the first half ln 2 as well:
// a few percent more samples. docs/sequential.md has figures for other shares.
//
// It gives up (``FinalCountForecast``) where the count at the cap will not suffice: of the inputs that
// the test at the cap would have granted, a share of at most `lossProbability` is given up, in
// expectation, whatever their probabilities are. That includes exact futility: no more samples, all
// successes, could reach the count that is needed.

//
// Going on past the cap N, to a larger one, spends nothing more: the looks past N are by the mixture
// alone, which is valid at any time, and the test at N stays the only one at a fixed count. Whatever is
// rejected by then or later, the event is part of the same two, which do not mention the new cap; so it
// may be chosen after a look, and again later. The new cap gets no test of its own.

/// A decision whether p > tau at the checkpoints of a grid, by comparing counts with tabulated
/// integers.
public struct SequentialThresholdTest: Sendable {
    /// What the counts at a checkpoint mean.
    public enum Verdict: String, Sendable, CaseIterable {
        /// Neither is known: take more samples.
        case open
        /// p > tau, except with the failure probability.
        case exceeds
        /// What the cap asks for is out of reach, or all but out of reach. Nothing is claimed.
        case hopeless
        /// The cap was reached, and the count does not suffice. Nothing is claimed.
        case undecided
    }

    /// The counts that decide at a checkpoint.
    public struct Boundary: Sendable, Hashable {
        /// The checkpoint.
        public let trials: Int
        /// From this many successes on p > tau; nil if not even all suffice.
        public let exceedsFrom: Int?
        /// Up to so many successes the test gives up, or at the cap is undecided; nil if it never
        /// does here.
        public let givesUpTo: Int?
    }

    /// The checkpoints.
    public let grid: CheckpointGrid
    /// The probability tau, from above.
    public let threshold: ProbabilityUpperBound
    /// The chance alpha of ``Verdict/exceeds`` while p <= tau.
    public let failureProbability: Double
    /// The chance of giving up what the cap would have granted.
    public let lossProbability: Double
    /// The counts that decide at each checkpoint, in their order.
    public let boundaries: [Boundary]

    /// The loss probability that is used unless another is asked for.
    public static let defaultLossProbability = 0.001

    /// Tabulates the counts that decide; milliseconds to seconds, by the size of the cap.
    ///
    /// - Parameters:
    ///   - threshold: tau, for example from ``StandardNormal/probability(below:)``.
    ///   - failureProbability: from 2e-150 to less than 1.
    ///   - lossProbability: strictly between 0 and 1.
    ///   - firstCap: the checkpoint at which the binomial test is made; nil: the cap of the grid.
    public init(
        excluding threshold: ProbabilityUpperBound, grid: CheckpointGrid,
        failureProbability: Double, lossProbability: Double = defaultLossProbability,
        firstCap: Int? = nil
    ) throws(InvalidBinomialSample) {
        let half = failureProbability / 2
        let (cap, once) = (firstCap ?? grid.cap, BinomialTest(excluding: threshold))
        try self.init(
            MixtureTest(excluding: threshold, failureProbability: half), grid: grid,
            failureProbability: failureProbability, lossProbability: lossProbability,
            onceAt: (cap, once.smallestRejecting(trials: cap, failureProbability: half)))
    }

    /// The test by the mixture alone, with all of alpha at every checkpoint and the cap: it claims
    /// where the evidence is at least 1/alpha.
    init(
        byEvidenceAgainst threshold: ProbabilityUpperBound, grid: CheckpointGrid,
        failureProbability: Double, lossProbability: Double
    ) throws(InvalidBinomialSample) {
        try self.init(
            MixtureTest(excluding: threshold, failureProbability: failureProbability), grid: grid,
            failureProbability: failureProbability, lossProbability: lossProbability)
    }

    /// - Parameter once: a checkpoint at which a smaller count suffices too.
    private init(
        _ mixture: MixtureTest, grid: CheckpointGrid, failureProbability: Double,
        lossProbability: Double, onceAt once: (trials: Int, count: Int?)? = nil
    ) throws(InvalidBinomialSample) {
        self.grid = grid
        threshold = mixture.threshold
        self.failureProbability = failureProbability
        self.lossProbability = lossProbability
        let forecast = try FinalCountForecast(
            total: grid.cap, lossProbability: lossProbability)
        func rejecting(_ trials: Int) -> Int? {
            let atAnyTime = mixture.smallestRejecting(trials: trials)
            guard trials == once?.trials else { return atAnyTime }
            return [atAnyTime, once?.count].compactMap { $0 }.min()
        }
        let needed = rejecting(grid.cap)
        boundaries = grid.checkpoints.map { trials in
            guard trials < grid.cap else {
                return Boundary(
                    trials: trials, exceedsFrom: needed, givesUpTo: needed.map { $0 - 1 } ?? trials)
            }
            return Boundary(
                trials: trials, exceedsFrom: rejecting(trials),
                givesUpTo: needed.map {
                    forecast.largestExcluding(finalCount: $0, trials: trials)
                } ?? trials)
        }
    }

    /// A test that claims where one test does, and gives up where another one does, which claims
    /// more; at the cap it gives up where that is undecided, and is open in between.
    init(claimingBy strict: SequentialThresholdTest, givingUpBy lenient: SequentialThresholdTest) {
        grid = strict.grid
        threshold = strict.threshold
        failureProbability = strict.failureProbability
        lossProbability = lenient.lossProbability
        boundaries = zip(strict.boundaries, lenient.boundaries).map {
            Boundary(
                trials: $0.trials, exceedsFrom: $0.exceedsFrom, givesUpTo: $1.givesUpTo)
        }
    }

    /// The smallest count of successes that suffices at the cap; nil if no count does, so that
    /// nothing can ever be claimed at this tau.
    public var neededAtCap: Int? { boundaries.last?.exceedsFrom }

    /// The verdict on a prefix that ends at a checkpoint, given that all before were open.
    public func verdict(successes: Int, trials: Int) -> Verdict {
        guard let boundary = boundary(at: trials) else {
            preconditionFailure("\(trials) samples are no checkpoint")
        }
        if let enough = boundary.exceedsFrom, successes >= enough { return .exceeds }
        if let few = boundary.givesUpTo, successes <= few {
            return trials == grid.cap ? .undecided : .hopeless
        }
        return .open
    }

    private func boundary(at trials: Int) -> Boundary? {
        var (low, high) = (0, boundaries.count)
        while low < high {
            let middle = (low + high) / 2
            if boundaries[middle].trials < trials { low = middle + 1 } else { high = middle }
        }
        guard low < boundaries.count, boundaries[low].trials == trials else { return nil }
        return boundaries[low]
    }
}

/// Bounds that hold at every checkpoint up to a cap, sharpened at the cap.
///
/// alpha/2 goes to the confidence sequence (``ConfidenceSequence``) and alpha/2 to the
/// Clopper-Pearson bound at the cap, a sample count fixed beforehand: so all bounds that this gives
/// for one sequence of samples hold at once, except with probability alpha. What goes on beyond the
/// cap, to one that was not fixed beforehand, has the first half alone.
public struct CappedConfidenceSequence: Sendable {
    /// The most samples.
    public let cap: Int
    /// The sample count at which Clopper and Pearson's bound is valid.
    public let firstCap: Int
    /// The chance alpha that any bound fails.
    public let failureProbability: Double
    private var sequence: ConfidenceSequenceTable
    private var fixed: ClopperPearsonTable

    /// Bounds for 1 to 10^9 samples, with alpha from 2e-150 to less than 1. Clopper and Pearson's bound
    /// belongs to `firstCap`, or to the cap, if that is nil.
    public init(
        cap: Int, firstCap: Int? = nil, failureProbability: Double
    ) throws(InvalidBinomialSample) {
        try MixtureTest.check(
            successes: 0, trials: cap, failureProbability: failureProbability / 2)
        self.cap = cap
        self.firstCap = firstCap ?? cap
        self.failureProbability = failureProbability
        sequence = ConfidenceSequenceTable()
        fixed = ClopperPearsonTable()
    }

    /// The bound below p from a prefix of at most `cap` samples.
    public mutating func lowerBound(
        successes: Int, trials: Int
    ) throws(InvalidBinomialSample) -> ProbabilityLowerBound {
        precondition(trials <= cap, "\(trials) samples are beyond the cap of \(cap)")
        let anytime = try sequence.lowerBound(
            successes: successes, trials: trials, failureProbability: failureProbability / 2)
        guard trials == firstCap else { return anytime }
        let atCap = try fixed.lowerBound(
            successes: successes, trials: trials, failureProbability: failureProbability / 2)
        return ProbabilityLowerBound(
            value: max(anytime.value, atCap.value),
            complement: min(anytime.complement, atCap.complement))
    }

    /// About the bound below p from a prefix of less than `cap` samples, in floating point: for a look
    /// ahead, never for a claim. Its distance from 1 errs by less than 2^-38 of itself.
    public func approximateLowerBound(successes: Int, trials: Int) -> Double {
        precondition(0...trials ~= successes && trials < cap, "not a prefix")
        return ConfidenceSequence.approximateLowerBound(
            successes: successes, trials: trials, failureProbability: failureProbability / 2)
    }

    /// The bound above p from a prefix of at most `cap` samples.
    public mutating func upperBound(
        successes: Int, trials: Int
    ) throws(InvalidBinomialSample) -> ProbabilityUpperBound {
        try MixtureTest.check(
            successes: successes, trials: trials, failureProbability: failureProbability / 2)
        return try lowerBound(successes: trials - successes, trials: trials).ofOppositeEvent
    }
}
