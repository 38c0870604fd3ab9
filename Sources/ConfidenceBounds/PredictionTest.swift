internal import BallArithmetic

/// Whether the most frequent class of a fixed number of samples is the most probable one.
///
/// PREDICT (Cohen, Rosenfeld, Kolter 2019, section 3.2.1): a two-sided binomial test of the largest
/// count against the second at 1/2. Where it does not decide, predict nothing.
///
/// Theorem (K. Hung and W. Fithian, "Rank verification for exponential families", Annals of
/// Statistics 47, 2019; Cohen et al., proposition 2). A class that is not the most probable one is
/// predicted with probability at most alpha, whatever the number of classes, although the same
/// samples chose it.
public struct PredictionTest: Sendable, Hashable {
    /// The chance alpha of a wrong prediction.
    public let failureProbability: Double

    /// A test with alpha strictly between 0 and 1.
    public init(failureProbability: Double) throws(InvalidBinomialSample) {
        try InvalidBinomialSample.check(
            successes: 0, trials: 1, failureProbability: failureProbability)
        self.failureProbability = failureProbability
    }

    /// The two-sided p-value of the two largest counts, min(1, 2 P[X >= first]) for a binomial X of
    /// `first` + `second` trials at 1/2; from above.
    public static func pValue(first: Int, second: Int) -> UpperBound {
        precondition(0 <= second && second <= first, "the larger count comes first")
        let tail = BinomialTest(excluding: half).pValue(successes: first, trials: first + second)
        return min(UpperBound(proved: 1), tail.multiplied(byExactly: 2))
    }

    /// Whether the class with the largest count is to be predicted, given the two largest counts:
    /// true only if proved.
    public func decides(first: Int, second: Int) -> Bool {
        guard first > second else { return false }
        return Self.pValue(first: first, second: second).value <= failureProbability
    }

    /// The fewest samples that can decide: unanimous ones, 2 * 2^-n <= alpha.
    public var smallestSamples: Int {
        var samples = 1
        while !decides(first: samples, second: 0) { samples += 1 }
        return samples
    }

    /// p = 1/2, for a class and its rival among the samples that say one of the two.
    static let half = ProbabilityUpperBound(UpperBound(proved: 0.5))
}

/// Whether a class that other samples selected is the most probable one, asked at every checkpoint.
///
/// Let A be the selected class, k its count and f the largest count of another. Theorem: if A is not
/// the only most probable class, then ``decides(selected:rival:isCap:)`` is ever true with
/// probability at most alpha.
///
/// Proof. Let c be a class with p_c >= p_A. The samples that say A or c say A with a probability of
/// at most 1/2, each independently of the others: so the mixture test of p <= 1/2 (``MixtureTest``)
/// on k of k + k_c ever rejects with probability at most alpha/2, and the binomial test at the cap,
/// given how many samples say A or c, with at most alpha/2. Both statistics fall as the rival's count
/// grows, and f >= k_c: what rejects for f rejects for c. A must not be chosen by the same samples.
public struct SequentialPrediction: Sendable, Hashable {
    /// The chance alpha of a wrong prediction.
    public let failureProbability: Double
    private let mixture: MixtureTest

    /// A test with alpha from 2e-150 to less than 1.
    public init(failureProbability: Double) throws(InvalidBinomialSample) {
        self.failureProbability = failureProbability
        mixture = try MixtureTest(
            excluding: PredictionTest.half, failureProbability: failureProbability / 2)
    }

    /// Whether the selected class is to be predicted: true only if proved.
    ///
    /// - Parameters:
    ///   - selected: how many of the samples so far say the selected class.
    ///   - rival: how many of them say the most frequent other class.
    ///   - isCap: whether this is the last checkpoint, fixed beforehand.
    public func decides(selected: Int, rival: Int, isCap: Bool) -> Bool {
        let trials = selected + rival
        if mixture.rejects(successes: selected, trials: trials) { return true }
        guard isCap, selected > rival else { return false }
        return BinomialTest(excluding: PredictionTest.half)
            .pValue(successes: selected, trials: trials).value <= failureProbability / 2
    }

    /// The smallest number of unanimous samples that decides before the cap.
    public var smallestSamples: Int? { mixture.smallestTrials() }
}
