public import CertificateRecords
public import ConfidenceBounds
import RandomizedSmoothing

/// Radii of a table that no counts can certify with what is claimed of it: at least one of the claims is
/// false, or the radii are.
public struct ImpossibleRadii: Hashable, Sendable {
    /// How many there are.
    public let count: Int
    /// How many radii the table has.
    public let radii: Int
    /// The line with the largest one.
    public let largest: CertificateTable.Row
    /// What unanimous counts certify: the most that is possible.
    public let ceiling: UpperBound
    /// With a smaller failure probability than this the largest one is impossible.
    public let leastAlpha: LowerBound
    /// The smallest of the usual failure probabilities at which all radii are possible; nil: none.
    public let possibleAlpha: Double?

    private let claim: TableClaim

    /// The failure probabilities that are usual.
    static let usualAlphas = [0.001, 0.005, 0.01, 0.05, 0.1]

    /// Compares radii with the ceiling; nil when none is above it, or sigma, n or alpha is not claimed.
    ///
    /// A radius that was printed to nearest counts as half a unit of its last digit less.
    init?(in table: CertificateTable, claim: TableClaim) throws {
        guard let sigma = claim.sigma, let samples = claim.samples, let alpha = claim.alpha else {
            return nil
        }
        func ceiling(alpha: Double) throws -> UpperBound {
            // Halving a double is exact.
            try RadiusCeiling(
                sigma: sigma, samples: samples,
                failureProbability: claim.rule == .cohen ? alpha : alpha / 2
            ).radius
        }
        let rows = table.rows.compactMap { row in row.radius.map { (row, $0.smallest) } }
        guard let largest = rows.max(by: { $0.1 < $1.1 }) else { return nil }
        let most = try ceiling(alpha: alpha)
        guard largest.1.value > most.value else { return nil }
        let least = RadiusCeiling.leastFailureProbability(
            certifying: largest.1, sigma: sigma, samples: samples)
        self.claim = claim
        self.ceiling = most
        self.largest = largest.0
        radii = rows.count
        count = rows.count { $0.1.value > most.value }
        leastAlpha = claim.rule == .cohen ? least : least.multiplied(byExactly: 2)
        possibleAlpha = try ImpossibleRadii.usualAlphas.first {
            try $0 > alpha && largest.1.value <= ceiling(alpha: $0).value
        }
    }

    /// What was found, in sentences.
    public var sentences: String {
        let claims = [
            claim.samples.map { "n = \($0)" }, claim.alpha.map { "alpha = \($0)" },
            claim.sigma.map { "sigma = \($0)" },
        ].compactMap(\.self).joined(separator: ", ")
        let radius = largest.radius?.value ?? 0
        let remedy =
            possibleAlpha.map { "at alpha = \($0) all are possible" }
            ?? "at no usual alpha are all of them possible"
        return "\(count) of its \(radii) radii are impossible: with \(claims) and the rule "
            + "\(claim.rule.rawValue) no counts certify more than \(ceiling.decimal(places: 4)), and "
            + "line \(largest.line) (index \(largest.index)) has \(radius). With these n and sigma it "
            + "takes an alpha of at least \(ImpossibleRadii.digits(leastAlpha)); \(remedy)"
    }

    /// Three digits, rounded down.
    static func digits(_ bound: LowerBound) -> String {
        var (places, scaled) = (3, bound.value)
        while places < 18, scaled > 0, scaled < 0.1 {
            scaled *= 10
            places += 1
        }
        return bound.decimal(places: places)
    }
}
