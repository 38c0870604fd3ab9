public import ConfidenceBounds
import RandomizedSmoothing

/// How well radius or abstention tells attacked versions of inputs from the inputs themselves.
///
/// The rule that is judged: call an input attacked if its radius is at most t; an abstention has the
/// radius 0, and is called so at every t. For each t, the share of attacked inputs that are called so is
/// the *detected* share, and that of clean inputs the *false alarms*: the points of the receiver operating
/// characteristic (ROC), of which guessing gives the diagonal.
///
/// - The band: both shares are distribution functions of radii, and the inequality of Dvoretzky, Kiefer
///   and Wolfowitz bounds each at all t at once (``DistributionBand``), with half of the failure
///   probability each. It needs no independence between an input and its attacked version.
/// - The area is the chance that an attacked input has a smaller radius than a clean one, of
///   another input or not; equal radii count half (Mann and Whitney 1947). Theorem: it is off by
///   at most the sum of the half widths of both bands. (|∫ F dG - ∫ F' dG'| <= |∫ (F - F') dG| +
///   |∫ F' d(G - G')|, and the latter is at most sup |G - G'|, by parts, as F' rises from 0 to 1.)
/// - The bootstrap's interval for the area is narrower and approximate; it draws an input together with its
///   attacked version.
public struct Distinction: Sendable {
    /// Clean inputs.
    public let clean: RunOutcomes
    /// The same inputs, attacked.
    public let attacked: RunOutcomes
    /// How many inputs there are in both.
    public let inputs: Int
    /// The points of the characteristic, from the lowest threshold to the highest.
    public let points: [Point]
    /// The area under it.
    public let area: Double
    /// Where the area lies, whatever the distributions are, with 95 % confidence.
    public let certainArea: ProportionInterval
    /// Where it lies, approximately, with 95 % confidence.
    public let bootstrapArea: ClosedRange<Double>
    /// The band of either share.
    public let band: DistributionBand
    /// The share of all such inputs that are certified with a wrong class once attacked, with 95 %
    /// confidence (Clopper and Pearson).
    public let wrongShare: ProportionInterval
    /// How the approximate interval was drawn.
    public let bootstrap: PairedBootstrap

    private let pairs: [(clean: InputOutcome, attacked: InputOutcome)]

    /// What is called attacked by a threshold.
    public struct Point: Hashable, Sendable {
        /// Inputs are called attacked whose radius is at most this; nil: none are.
        public let threshold: Double?
        /// How many clean inputs are.
        public let falseAlarms: Int
        /// How many attacked inputs are.
        public let detected: Int
    }

    /// The chance that a band misses anywhere, or an interval.
    public static let failureProbability = 0.05

    /// Compares two runs on the inputs that both have, at least one.
    public init(
        clean: RunOutcomes, attacked: RunOutcomes, bootstrap: PairedBootstrap
    ) throws(InvalidBinomialSample) {
        self.clean = clean
        self.attacked = attacked
        self.bootstrap = bootstrap
        pairs = clean.paired(with: attacked)
        inputs = pairs.count
        // Halving a double is exact.
        band = try DistributionBand(
            draws: inputs, failureProbability: Distinction.failureProbability / 2)
        wrongShare = try ProportionInterval(
            successes: pairs.count(where: \.attacked.isWrong), trials: inputs,
            failureProbability: Distinction.failureProbability)
        let ranks = RadiusRanks(pairs.map { ($0.clean.radius, $0.attacked.radius) })
        points = ranks.points
        let once = [Int](repeating: 1, count: inputs)
        area = ranks.area(weights: once)
        certainArea = ProportionInterval(
            lower: LowerBound(proved: area.nextDown) - (band.halfWidth + band.halfWidth),
            upper: UpperBound(proved: area.nextUp) + (band.halfWidth + band.halfWidth))
        bootstrapArea = bootstrap.interval(inputs: inputs, of: ranks.area)
    }

    /// How many inputs are certified at a radius, and how many of these are right and wrong.
    public func count(
        at radius: Double, ofAttacked isAttacked: Bool
    ) -> (certified: Int, right: Int, wrong: Int) {
        let outcomes = pairs.map { isAttacked ? $0.attacked : $0.clean }
            .filter { $0.isCertified(at: radius) }
        return (outcomes.count, outcomes.count(where: \.isRight), outcomes.count(where: \.isWrong))
    }

    /// The attacked input with the largest radius around a wrong class; nil: there is none.
    public var worst: InputOutcome? {
        pairs.map(\.attacked).filter(\.isWrong).max {
            ($0.radius, -$0.index) < ($1.radius, -$1.index)
        }
    }

    /// How many inputs are certified with the right class, and with a wrong one once attacked.
    public var turned: Int { pairs.count { $0.clean.isRight && $0.attacked.isWrong } }

    /// The point with the most detected whose false alarms are at most this share; nil: there is none
    /// with any.
    public func point(falseAlarmsAtMost share: Double) -> Point? {
        points.last {
            $0.threshold != nil && Double($0.falseAlarms) <= share * Double(inputs)
        }
    }
}

/// The radii of pairs by rank: equal radii have equal ranks.
private struct RadiusRanks {
    private let clean: [Int]
    private let attacked: [Int]
    private let radii: [Double]

    init(_ pairs: [(clean: Double, attacked: Double)]) {
        let radii = Set(pairs.flatMap { [$0.clean, $0.attacked] }).sorted()
        let ranks = Dictionary(uniqueKeysWithValues: radii.enumerated().map { ($1, $0) })
        self.radii = radii
        clean = pairs.map { ranks[$0.clean] ?? 0 }
        attacked = pairs.map { ranks[$0.attacked] ?? 0 }
    }

    var points: [Distinction.Point] {
        let once = [Int](repeating: 1, count: clean.count)
        var (falseAlarms, detected) = (0, 0)
        var points = [Distinction.Point(threshold: nil, falseAlarms: 0, detected: 0)]
        let counts = zip(counts(clean, once), counts(attacked, once))
        for (radius, count) in zip(radii, counts) {
            falseAlarms += count.0
            detected += count.1
            points.append(
                Distinction.Point(threshold: radius, falseAlarms: falseAlarms, detected: detected))
        }
        return points
    }

    /// The chance that an attacked radius is smaller, with so many copies of each pair; a tie is half.
    func area(weights: [Int]) -> Double {
        // Twice the number of pairs of a clean and an attacked copy in that order: exact up to
        // 2 * 10^9 copies.
        var (twice, below) = (0, 0)
        for (clean, attacked) in zip(counts(clean, weights), counts(attacked, weights)) {
            twice += clean * (2 * below + attacked)
            below += attacked
        }
        return Double(twice) / (2 * Double(below) * Double(below))
    }

    private func counts(_ ranks: [Int], _ weights: [Int]) -> [Int] {
        var counts = [Int](repeating: 0, count: radii.count)
        for (rank, weight) in zip(ranks, weights) { counts[rank] += weight }
        return counts
    }
}
