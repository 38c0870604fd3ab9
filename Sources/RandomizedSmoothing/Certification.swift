public import ConfidenceBounds

// The smoothed classifier and what its counts prove
// =================================================
//
// f is the base classifier, N ~ Normal(0, sigma^2 I), and the smoothed classifier
//
//     g(x) = argmax_c  P[f(round(x + N)) = c],
//
// where round goes to the nearest point of the grid on which the inputs lie.
//
// Theorem (Cohen, Rosenfeld, Kolter 2019, theorem 1). If P[f(x + N) = A] >= pA >= pB >=
// max_{c != A} P[f(x + N) = c], then g(x + d) = A for every |d|_2 < R with
//
//     R = sigma/2 (Phi^-1(pA) - Phi^-1(pB)).
//
// It holds for every measurable f, so also for "round, then f" (Voracek, Hein 2023): the rounded
// Gaussian may be drawn exactly, and the certificate is that of the real one.
//
// pA and pB are not known. CERTIFY (algorithm 1 of the paper) bounds them from counts:
//
//     n0 selection samples choose class A: the most frequent class, the lowest one in a tie.
//     n estimation samples, independent of the former (law 3), count: kA say A, and no other class
//     has more than kB.
//
// Rule `cohen`: pA = Clopper-Pearson lower bound of (kA, n) at alpha, pB = 1 - pA. Then
// R = sigma Phi^-1(pA), if pA > 1/2.
//
// Rule `runnerUp` (Voracek 2024, appendix B): pA = lower bound of (kA, n) at alpha/2 and
// pB = min(upper bound of (kB, n) at alpha/2, 1 - pA). Given A, the class B* = argmax_{c != A} p_c
// is one fixed class and not chosen by the estimation samples; the largest other count is at least
// that of B*, and the upper bound grows with the count, so it covers p_B* with probability
// 1 - alpha/2 whatever the number of classes. Both bounds hold at once except with probability
// alpha/2 + alpha/2.
//
// Either way the chance of a certificate that is false is at most alpha for each input, over the
// draw of the estimation samples. Law 5: pA is rounded down, pB up, R down.

/// How counts become bounds on the two probabilities of the theorem.
public enum CertificationRule: String, Sendable, CaseIterable {
    /// Bounds class A and the runner-up at alpha/2 each (Voracek 2024, appendix B).
    case runnerUp = "runner-up"
    /// Bounds class A alone, at alpha, against the rest (Cohen et al. 2019, algorithm 1).
    case cohen
}

/// What the counts of one input prove.
public enum Decision: Hashable, Sendable {
    /// g is constantly `class` within the open L2 ball of `radius`.
    case certified(class: Int, radius: Radius)
    /// `class` is g's answer at the sampled grid point itself. Nothing is said of any other point.
    case predicted(class: Int)
    /// Nothing is claimed. `class` is the selected class.
    case abstained(class: Int, reason: AbstentionReason)
}

/// Why nothing is claimed.
public enum AbstentionReason: String, Error, Sendable, CaseIterable {
    /// The lower bound of the selected class is not above the upper bound of the others.
    case notSeparated = "not separated"
    /// There is a radius for the rounded input, but the input is farther than that from it.
    case offGrid = "off grid"
    /// Estimation ended early, since what was asked for was out of reach or all but out of reach.
    case refused = "out of reach"
    /// All samples did not decide whether the radius that was asked for can be certified, or which
    /// class is the most probable one.
    case undecided
    /// The budget of the campaign was spent before the radius that was asked for was decided.
    case budgetSpent = "budget spent"
}

/// A decision with the bounds that it rests on.
public struct Certification: Hashable, Sendable {
    /// The selected class A; of PREDICT with a fixed n, the most frequent one of the samples.
    public let selectedClass: Int
    /// The lower bound on the probability of class A.
    public let lower: ProbabilityLowerBound
    /// The upper bound on the probability of any other class.
    public let upper: ProbabilityUpperBound
    /// What they prove.
    public let decision: Decision
    /// What the counts say for the radius, of a claim that was decided for all inputs together.
    public var evidence: BatchEvidence? = nil
    /// About how many samples more would have decided the input, if they were like those that it got;
    /// of an input that a budget left undecided, else nil.
    public var furtherSamples: Int? = nil
}

/// Turns counts into decisions for one noise level, rule and failure probability.
public struct Certifier: Sendable {
    /// The noise level.
    public let sigma: Double
    /// How counts become bounds.
    public let rule: CertificationRule
    /// The failure probability that is left for the counts, after the distance of the sampler from
    /// the ideal is paid for.
    public let netAlpha: Double

    private var table: ClopperPearsonTable

    /// A certifier; `sigma` above 0 and `netAlpha` between 0 and 1 are the caller's to check
    /// (``CertificationPlan`` does).
    public init(sigma: Double, rule: CertificationRule, netAlpha: Double) {
        self.sigma = sigma
        self.rule = rule
        self.netAlpha = netAlpha
        table = ClopperPearsonTable()
    }

    /// What the counts of one input prove.
    ///
    /// - Parameters:
    ///   - selection: the counts that choose class A; at least one sample.
    ///   - estimation: the counts of samples that are independent of them.
    ///   - gridDistance: how far the input is at most from the grid point that was sampled (L2). A
    ///     ball of radius R around that point holds a ball of radius R minus that around the input.
    public mutating func certify(
        selection: ClassCounts, estimation: ClassCounts,
        gridDistance: GridDistance = .zero
    ) throws -> Certification {
        guard let selected = selection.mode else {
            preconditionFailure("a class is selected by at least one sample")
        }
        let lower: ProbabilityLowerBound
        let upper: ProbabilityUpperBound
        switch rule {
        case .cohen:
            lower = try lowerBound(of: selected, in: estimation, failureProbability: netAlpha)
            upper = lower.ofOppositeEvent
        case .runnerUp:
            // Halving a double is exact (but for the tiniest ones, which no plan may have).
            let half = netAlpha / 2
            lower = try lowerBound(of: selected, in: estimation, failureProbability: half)
            let runnerUp = try table.upperBound(
                successes: estimation.largestCount(except: selected),
                trials: estimation.samples, failureProbability: half)
            let rest = lower.ofOppositeEvent
            upper = runnerUp.value < rest.value ? runnerUp : rest
        }
        let decision: Decision =
            switch radius(lower: lower, upper: upper, gridDistance: gridDistance) {
            case .success(let radius): .certified(class: selected, radius: radius)
            case .failure(let reason): .abstained(class: selected, reason: reason)
            }
        return Certification(
            selectedClass: selected, lower: lower, upper: upper, decision: decision)
    }

    private mutating func lowerBound(
        of selected: Int, in estimation: ClassCounts, failureProbability: Double
    ) throws -> ProbabilityLowerBound {
        try table.lowerBound(
            successes: estimation.values[selected], trials: estimation.samples,
            failureProbability: failureProbability)
    }

    /// The radius that two bounds prove, or why they prove none.
    func radius(
        lower: ProbabilityLowerBound, upper: ProbabilityUpperBound, gridDistance: GridDistance
    ) -> Result<Radius, AbstentionReason> {
        guard lower.value.value > upper.value.value else { return .failure(.notSeparated) }
        let margin = StandardNormal.quantile(of: lower) - StandardNormal.quantile(of: upper)
        // Half of sigma is exact in binary.
        let radiusOnGrid = margin.multiplied(byExactly: sigma / 2)
        guard Radius(roundingDown: radiusOnGrid) != nil else { return .failure(.notSeparated) }
        guard let radius = Radius(roundingDown: radiusOnGrid - gridDistance.bound) else {
            return .failure(.offGrid)
        }
        return .success(radius)
    }
}

/// A certified radius: a positive multiple of 10^-12, never above what was proved.
public struct Radius: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The radius as a decimal number with twelve places.
    public let description: String
    /// The proved bound itself: at least the digits, and at most the true radius.
    public let value: Double

    /// The proved bound rounded down to twelve places; nil when nothing is left of it.
    public init?(roundingDown bound: LowerBound) {
        guard bound.value > 0, bound.value.isFinite else { return nil }
        description = bound.decimal(places: Radius.places)
        guard description.utf8.contains(where: { (0x31...0x39).contains($0) }) else { return nil }
        value = bound.value
    }

    /// How many decimal places a radius is written with.
    public static let places = 12

    /// The radius with fewer places, rounded down.
    public func decimal(places: Int) -> String {
        LowerBound(proved: value).decimal(places: places)
    }

    /// Smaller radii come first.
    public static func < (a: Radius, b: Radius) -> Bool { a.value < b.value }
}

/// How far an input is at most from the grid point that is sampled in its stead (L2): a multiple of
/// 10^-12, so that a record's own digits bear out its radius.
public struct GridDistance: Hashable, Sendable, CustomStringConvertible {
    /// The distance as a decimal number with twelve places.
    public let description: String
    /// A bound that is not below these digits.
    public let bound: UpperBound

    /// On the grid.
    public static let zero = GridDistance(roundingUp: UpperBound(proved: 0))

    /// The proved bound, finite and not negative, rounded up to twelve places.
    public init(roundingUp proved: UpperBound) {
        self.init(description: proved.decimal(places: Radius.places))
    }

    /// The distance that a record states: a decimal number from 0 with twelve places; nil for any other
    /// text.
    public init?(digits: String) {
        let parts = digits.utf8.split(
            separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let areDigits = parts.allSatisfy { part in
            !part.isEmpty && part.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        }
        guard parts.count == 2, areDigits, parts[1].count == Radius.places,
            Double(digits)?.isFinite == true
        else { return nil }
        self.init(description: digits)
    }

    private init(description: String) {
        self.description = description
        guard let nearest = Double(description), nearest > 0 else {
            bound = UpperBound(proved: 0)
            return
        }
        bound = UpperBound(proved: nearest.nextUp)
    }
}
