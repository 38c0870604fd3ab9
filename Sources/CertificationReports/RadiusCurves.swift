public import CertificateRecords
public import ConfidenceBounds
import RandomizedSmoothing

// What a curve over m inputs says about others
// ============================================
//
// Let the inputs be independent draws from a population (with their labels and their noise). Then
//
//     coverage(r)    the chance that an input of it gets a certificate of at least r,
//     accuracy(r)    that it does, and the certificate names the right class,
//     precision(r)   accuracy(r) / coverage(r),
//
// and three kinds of doubt are told apart:
//
// 1. At one radius that was chosen beforehand: of m inputs `covered` are covered, a binomial number, so
//    Clopper and Pearson's interval holds coverage(r), and likewise accuracy(r). Given how many
//    certificates there are, the right ones among them are a binomial number of probability
//    precision(r). Each interval is pointwise: it misses with probability at most g by itself.
// 2. At all radii together: the band of Dvoretzky, Kiefer and Wolfowitz (`DistributionBand`) holds a
//    whole curve except with probability g. For the precision, the curves of right and of wrong
//    certificates each get g/2; where both bands hold, so does the ratio of their ends.
// 3. Over our drawing of the noise, each certificate is false with probability at most alpha. Of these
//    inputs at most B certificates are false, at whatever radius, except with probability 0.001
//    (`BatchError`): at least right - B of the certificates are right *and* true. In the population
//    the chance of a false certificate is at most alpha, so accuracy(r) - alpha is a lower bound on the
//    chance that an input is classified rightly, and constantly so within r, by the smoothed
//    classifier itself.

/// The curves of a campaign at one radius, each with its bands.
public struct CurvePoint: Hashable, Sendable {
    /// The counts at the radius.
    public let card: Scorecard
    /// Where coverage, accuracy and precision lie, at this radius alone.
    public let pointwise: Bands
    /// Where they lie at all radii together.
    public let simultaneous: Bands
    /// Of these inputs at least so many have a right and true certificate; at all radii together.
    public let rightAndTrue: Share
    /// The share of the population for which the smoothed classifier is right and constant within the
    /// radius is at least this, at this radius alone.
    public let populationRightAndTrue: LowerBound

    /// Intervals for the three curves at a radius; nil where there is nothing to count.
    public struct Bands: Hashable, Sendable {
        /// For the share of inputs with a certificate.
        public let coverage: ProportionInterval
        /// For the share of inputs with a right certificate.
        public let accuracy: ProportionInterval?
        /// For the share of certificates that are right.
        public let precision: ProportionInterval?
    }

    /// The probability g with which a band may miss.
    public static let missProbability = 0.05
    /// g in words.
    public static let confidence = "95 %"
}

/// Makes the points of the curves of one campaign.
public struct RadiusCurves: Sendable {
    private let inputs: [ReportedInput]
    private let alpha: Double
    let wholeBand: DistributionBand
    let halfBand: DistributionBand
    /// How many of the certificates are false at most, and except with which probability.
    public let falseCertificates: FalseClaims

    /// Prepares the bands for a campaign of at least one input.
    public init(_ inputs: [ReportedInput], error: FalseClaims) throws {
        self.inputs = inputs
        falseCertificates = error
        alpha = error.alpha
        let miss = CurvePoint.missProbability
        wholeBand = try DistributionBand(draws: inputs.count, failureProbability: miss)
        halfBand = try DistributionBand(draws: inputs.count, failureProbability: miss / 2)
    }

    /// The point at a radius; nil: of a campaign that predicts.
    public func point(at radius: DecimalNumber?) throws -> CurvePoint {
        let card = Scorecard(inputs, at: radius)
        let pointwise = CurvePoint.Bands(
            coverage: try card.coverage.interval ?? .everything,
            accuracy: card.knowsLabels ? try card.accuracy.interval : nil,
            precision: card.knowsLabels ? try card.precision.interval : nil)
        let simultaneous = CurvePoint.Bands(
            coverage: wholeBand.interval(around: card.covered),
            accuracy: card.knowsLabels ? wholeBand.interval(around: card.right) : nil,
            precision: card.knowsLabels
                ? ProportionInterval(
                    ratioOf: halfBand.interval(around: card.right),
                    toItselfAnd: halfBand.interval(around: card.wrong)) : nil)
        let lower = pointwise.accuracy?.lower ?? LowerBound(proved: 0)
        return CurvePoint(
            card: card, pointwise: pointwise, simultaneous: simultaneous,
            rightAndTrue: Share(
                max(0, card.right - falseCertificates.most), of: card.inputs),
            populationRightAndTrue: max(
                LowerBound(proved: 0), lower - UpperBound(proved: alpha)))
    }
}

extension ProportionInterval {
    /// What is known of any proportion.
    public static let everything = ProportionInterval(
        lower: LowerBound(proved: 0), upper: UpperBound(proved: 1))
}

/// How many claims of a campaign may be false, over the drawing of the noise.
public struct FalseClaims: Hashable, Sendable {
    /// What is claimed of an input is false with at most this probability.
    public let alpha: Double
    /// The failure probability that all inputs share; nil: each has its own.
    public let family: Double?
    /// The expected share of false claims among all is at most this, and nothing else is known of them;
    /// nil: the other figures hold.
    public let expectedShare: Double?
    /// The mean number of false claims is at most this.
    public let expected: UpperBound
    /// The chance that any claim is false is at most this.
    public let anyFalse: UpperBound
    /// No more than so many claims are false, except with probability ``excess``.
    public let most: Int

    /// The probability with which more claims may be false.
    public static let excess = 0.001

    /// The error of so many inputs.
    public init(inputs: Int, alpha: Double, family: Double?) throws {
        let batch = try BatchError(inputs: inputs, failureProbability: alpha)
        self.alpha = alpha
        self.family = family
        expectedShare = nil
        expected = batch.expected
        anyFalse = family.map { min(batch.anyFalse, UpperBound(proved: $0)) } ?? batch.anyFalse
        let most = batch.most(exceptWith: FalseClaims.excess)
        self.most = family.map { $0 <= FalseClaims.excess ? 0 : most } ?? most
    }

    /// The error of a campaign with so many records, and of the runs before it that its manifest names.
    ///
    /// Of claims that are decided together (Holm, e-BH) one false one may come with others, so their
    /// number is bounded by nothing but the chance that there is any. V false ones among R claims of m
    /// inputs have V/m <= V/R, so that the chance of a false claim about an input of the population is at
    /// most the expected share.
    public init(of manifest: RecordedManifest, inputs: Int) throws {
        let (plan, earlier) = (manifest.plan, manifest.earlier)
        switch plan.batch?.method {
        case .holm: self.init(ofAll: min(1, earlier.familyAlpha(plan.alpha)), inputs: inputs)
        case .eBenjaminiHochberg: self.init(expectedShare: plan.alpha, inputs: inputs)
        case nil:
            let alpha = earlier.largestAlpha(plan.alpha)
            guard alpha < 1 else {
                self.init(ofAll: 1, inputs: inputs)
                return
            }
            try self.init(
                inputs: inputs, alpha: alpha,
                family: plan.family.map { earlier.familyAlpha($0.alpha) })
        }
    }

    private init(ofAll alpha: Double, inputs: Int) {
        self.alpha = alpha
        family = alpha
        expectedShare = nil
        expected = UpperBound(proved: alpha).multiplied(byExactly: Double(inputs))
        anyFalse = UpperBound(proved: alpha)
        most = alpha <= FalseClaims.excess ? 0 : inputs
    }

    private init(expectedShare share: Double, inputs: Int) {
        alpha = share
        family = nil
        expectedShare = share
        expected = UpperBound(proved: share).multiplied(byExactly: Double(inputs))
        anyFalse = UpperBound(proved: 1)
        most = inputs
    }
}
