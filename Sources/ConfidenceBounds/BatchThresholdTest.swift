// Is p above tau, for many inputs that are judged together?
// =========================================================
//
// Each input hands in what its samples say against p <= tau, whenever its sampling stopped, and the
// claims are made at the end of the batch (``MultipleTesting``). What an input hands in is valid at
// any checkpoint, so it may stop for whatever reason; two such reasons save samples:
//
// - what it has makes it a claim whatever the others have, or
// - at the cap it could hardly have what makes it one even if all others were claims.
//
// Holm's procedure takes p-values. With E the mixture's evidence (``MixtureTest``) where sampling
// stopped, and P[X >= k; N, tau] the binomial tail if that was at the cap N,
//
//     p = min(1, 2 / E, 2 P[X >= k; N, tau])
//
// is one: for every u, P[p <= u] <= P[E >= 2/u at any time] + P[tail <= u/2] <= u/2 + u/2. The claims
// at level alpha include each p <= alpha/m, and none above alpha.
//
// e-BH takes e-values: E itself, whose mean under p <= tau is at most 1 wherever one stops. The claims
// at rate q include each E >= m/q, and none below 1/q (k claims need k E >= m/q, and k <= m). Stopping
// already at 1/alpha, as a claim about one input would, starves it.

/// What the samples of one input say against p <= tau, for a claim that is made at the end of a batch.
public enum BatchEvidence: Hashable, Sendable {
    /// A p-value, from above.
    case pValue(UpperBound)
    /// An e-value, from below.
    case eValue(LowerBound)
}

/// Decides for many inputs together whether p > tau, with samples that stop early.
public struct BatchThresholdTest: Sendable {
    /// How the claims are made.
    public enum Method: String, Hashable, Sendable, CaseIterable {
        /// Any claim is false with probability at most the level: Holm (1979).
        case holm = "Holm"
        /// The expected share of false claims among all is at most the level: e-BH, Wang and
        /// Ramdas (2022).
        case eBenjaminiHochberg = "e-BH"
    }

    /// How the claims are made.
    public let method: Method
    /// alpha or q: what the error of the batch is kept below.
    public let level: Double
    /// How many inputs there are.
    public let inputs: Int
    /// When an input needs no more samples.
    public let stops: SequentialThresholdTest

    private let mixture: MixtureTest
    private let atCap: BinomialTest

    /// Tabulates the counts that stop an input; milliseconds to seconds, by the size of the cap.
    ///
    /// - Parameters:
    ///   - threshold: tau.
    ///   - grid: the checkpoints.
    ///   - level: strictly between 0 and 1, and at least 1e-149 times `inputs`.
    ///   - inputs: how many inputs hand in evidence, at least 1.
    ///   - lossProbability: the chance that an input is given up which the cap might have made a claim.
    public init(
        excluding threshold: ProbabilityUpperBound, grid: CheckpointGrid, method: Method,
        level: Double, inputs: Int,
        lossProbability: Double = SequentialThresholdTest.defaultLossProbability
    ) throws(InvalidBinomialSample) {
        self.method = method
        self.level = level
        self.inputs = inputs
        let share = MultipleTesting.share(of: level, among: inputs)
        mixture = try MixtureTest(excluding: threshold, failureProbability: share)
        atCap = BinomialTest(excluding: threshold)
        func test(_ alpha: Double) throws(InvalidBinomialSample) -> SequentialThresholdTest {
            switch method {
            case .holm:
                try SequentialThresholdTest(
                    excluding: threshold, grid: grid, failureProbability: alpha,
                    lossProbability: lossProbability)
            case .eBenjaminiHochberg:
                try SequentialThresholdTest(
                    byEvidenceAgainst: threshold, grid: grid, failureProbability: alpha,
                    lossProbability: lossProbability)
            }
        }
        stops = SequentialThresholdTest(claimingBy: try test(share), givingUpBy: try test(level))
    }

    /// Whether any counts could make a claim, with the best of company.
    public var canClaim: Bool { stops.boundaries.last.map { $0.givesUpTo != $0.trials } ?? false }

    /// What a prefix that ends at a checkpoint hands in.
    public func evidence(successes: Int, trials: Int) -> BatchEvidence {
        let evidence = mixture.evidence(successes: successes, trials: trials)
        guard method == .holm else { return .eValue(evidence) }
        let one = UpperBound(proved: 1)
        var smallest = one
        if evidence.value > 1 {
            smallest = one.divided(byExactly: evidence.value).multiplied(byExactly: 2)
        }
        if trials == stops.grid.cap {
            let tail = atCap.pValue(successes: successes, trials: trials)
            smallest = min(smallest, tail.multiplied(byExactly: 2))
        }
        return .pValue(min(smallest, one))
    }

    /// The claims, in the order of the evidence, one for each input of the batch.
    public func claims(_ evidence: [BatchEvidence]) -> [Bool] {
        precondition(evidence.count == inputs, "every input hands in its evidence")
        switch method {
        case .holm:
            let pValues = evidence.map { evidence in
                guard case .pValue(let p) = evidence else { preconditionFailure("not a p-value") }
                return p
            }
            return MultipleTesting.holm(pValues).map { $0.value <= level }
        case .eBenjaminiHochberg:
            let eValues = evidence.map { evidence in
                guard case .eValue(let e) = evidence else { preconditionFailure("not an e-value") }
                return e
            }
            return MultipleTesting.eBenjaminiHochberg(eValues, falseDiscoveryRate: level)
        }
    }
}
