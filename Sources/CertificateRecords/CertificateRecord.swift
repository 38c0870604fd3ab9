import ConfidenceBounds
public import Digests
public import RandomizedSmoothing

/// A certificate, a prediction or an abstention with everything that is needed to check it: one line of
/// `records.jsonl`.
///
/// A record is a function of the manifest, of the counts and of the label (law 1).
public struct CertificateRecord: Hashable, Sendable {
    /// The seal of the manifest.
    public let campaign: Digest
    /// The index of the input in the data set.
    public let index: Int
    /// The true label, when it is known.
    public let label: Int?
    /// The counts that chose the class.
    public let selection: ClassCounts
    /// The counts that bounded its probability.
    public let estimation: ClassCounts
    /// What was fixed before the first draw.
    public let plan: CertificationPlan
    /// How far the input is at most from the grid point that was sampled.
    public let gridDistance: GridDistance
    /// Bounds and decision.
    public let certification: Certification
    /// Other runs of the same classifier on the same inputs.
    public let earlier: EarlierRuns

    /// Assembles the record from its parts.
    public init(
        campaign: Digest, index: Int, label: Int?, selection: ClassCounts,
        estimation: ClassCounts, plan: CertificationPlan, gridDistance: GridDistance,
        certification: Certification, earlier: EarlierRuns = .none
    ) {
        self.campaign = campaign
        self.index = index
        self.label = label
        self.selection = selection
        self.estimation = estimation
        self.plan = plan
        self.gridDistance = gridDistance
        self.certification = certification
        self.earlier = earlier
    }

    /// The record as one line of JSON, without the line break.
    public var line: String {
        var members: [JSON.Member] = []
        func add(_ object: JSON) { if case .object(let more) = object { members += more } }
        add([
            "index": .integer(index),
            "label": label.map { .integer($0) } ?? .null,
            "outcome": .string(outcome),
            "class": .integer(certification.selectedClass),
            "radius": .decimal(radius?.description ?? "0"),
            "reason": reason.map { .string($0) } ?? .null,
            "norm": "L2",
            "sigma": .number(plan.sigma),
            "rule": .string(plan.ruleName),
            "alpha": .number(plan.error.alpha),
            "netAlpha": .number(plan.error.netAlpha),
        ])
        if let alphaSummed { add(["alphaSummed": .number(alphaSummed)]) }
        add([
            "lower": .decimal(certification.lower.value.decimal(places: 12)),
            "upper": .decimal(certification.upper.value.decimal(places: 12)),
            "gridDistance": .decimal(gridDistance.description),
            "selection": CertificateRecord.member(selection),
            "estimation": CertificateRecord.member(estimation),
            "campaign": .string(campaign.hex),
            "claims": claim.map { .string($0) } ?? .null,
            "doesNotClaim": .array(notClaimed.map { .string($0) }),
            "assumes": .array(assumptions.map { .string($0) }),
        ])
        return JSON.object(members).line
    }

    /// The line of `certificates.tsv` for this record: `idx label predict radius correct time`.
    /// An abstention is `-1` and `0.0`, an unknown label `-1`. The radius is rounded down, and that of a
    /// prediction is `0.0`.
    ///
    /// - Parameter nanoseconds: how long workers counted this input.
    public func tabSeparatedLine(nanoseconds: Int) -> String {
        let fields = [
            String(index), String(label ?? -1),
            String(answer ?? -1),
            radius?.description ?? "0.0", isCorrect ? "1" : "0",
            CertificateRecord.clock(nanoseconds),
        ]
        return fields.joined(separator: "\t")
    }

    /// The first line of `certificates.tsv`.
    public static let tabSeparatedHeader = "idx\tlabel\tpredict\tradius\tcorrect\ttime"

    /// The class that is certified or predicted; nil for an abstention.
    public var answer: Int? {
        switch certification.decision {
        case .certified(let answer, _), .predicted(let answer): answer
        case .abstained: nil
        }
    }

    /// The certified radius; nil for an abstention or a prediction.
    public var radius: Radius? {
        guard case .certified(_, let radius) = certification.decision else { return nil }
        return radius
    }

    /// Whether the class that is certified or predicted is the true label.
    public var isCorrect: Bool { answer != nil && label == answer }

    private var outcome: String {
        switch certification.decision {
        case .certified: "certified"
        case .predicted: "predicted"
        case .abstained: "abstained"
        }
    }

    /// Why nothing is claimed, or what was decided.
    private var reason: String? {
        switch (certification.decision, plan.stopping) {
        case (.certified, .whenDecided(let radius)): "certified at \(radius)"
        case (.certified, .whenPrecise(let width)) where !isAtTheCap: "within \(width) of the cap"
        case (.certified, _), (.predicted, _): nil
        case (.abstained(_, .refused), .whenDecided(let radius)): "refused at \(radius)"
        case (.abstained(_, .undecided), _): "undecided at the cap"
        case (.abstained(_, let reason), _): reason.rawValue
        }
    }

    /// The sum of alpha over all runs on this input; nil: there is no other one.
    public var alphaSummed: Double? { earlier.alpha(plan.error.alpha, summedAt: index) }

    private var isAtTheCap: Bool { estimation.samples == plan.estimationSamples }

    private var claim: String? {
        switch certification.decision {
        case .certified(let answer, _):
            "the smoothed classifier answers class \(answer) everywhere within L2 distance less than "
                + "radius of this input, except with probability at most \(errorClaim)"
                + familyClaim
        case .predicted(let answer):
            "class \(answer) is the most probable one under this noise at \(place), except with "
                + "probability at most \(errorClaim)" + familyClaim
        case .abstained: nil
        }
    }

    private var errorClaim: String {
        alphaSummed == nil
            ? "alpha over the drawing of the noise"
            : "alphaSummed over the drawing of the noise, in this run and in the earlier ones on this "
                + "input that the manifest names"
    }

    /// What was sampled, and nothing else is claimed of it.
    private var place: String {
        gridDistance == .zero
            ? "this very input" : "the grid point to which this input is rounded"
    }

    private var familyClaim: String {
        guard let family = plan.error.family else { return "" }
        let claims = plan.stopping.predicts ? "predictions" : "certificates"
        return "; and so for all \(claims) of the campaign at once, except with probability at "
            + "most \(earlier.familyAlpha(family.alpha))"
    }

    private var notClaimed: [String] {
        let always =
            plan.stopping.predicts
            ? CertificateRecord.notClaimedByPredictions
            : CertificateRecord.notClaimedByCertificates
        return plan.error.family == nil
            ? always + ["that this holds for all inputs of the campaign at once"] : always
    }

    private static let notClaimedByCertificates = [
        "that the class is right",
        "that the input was not attacked before it was certified",
        "anything outside the radius, in another norm or at another noise level",
        "anything about the classifier without this noise or a prediction from finitely many "
            + "samples",
    ]

    private static let notClaimedByPredictions = [
        "that the class is right",
        "that the input was not attacked before its class was predicted",
        "anything about any other input, however near: no radius is certified",
        "how probable the class is, or anything at another noise level",
        "anything about the classifier without this noise",
    ]

    private var assumptions: [String] {
        var assumptions = [
            "the noise key was drawn at random and after the model and inputs were fixed",
            "ChaCha20 under that key cannot be told from random bits",
            "the workers counted as they were told: not audited",
            earlier.isKnown
                ? "the ledger knows all other runs of this model on this input with this noise level"
                : "there was no other run of this model on this input with this noise level: not "
                    + "checked, since no ledger was kept",
        ]
        if earlier.looksAgain(at: index) {
            assumptions.append(
                "this plan was not made to fit the counts of the earlier run on the same noise: not "
                    + "checked")
        }
        return assumptions
    }

    private static func member(_ counts: ClassCounts) -> JSON {
        ["samples": .integer(counts.samples), "counts": .integers(counts.values)]
    }

    /// As Python writes a timedelta, for example `0:02:31.238689`.
    private static func clock(_ nanoseconds: Int) -> String {
        let microseconds = nanoseconds / 1000
        let (minutes, rest) = microseconds.quotientAndRemainder(dividingBy: 60_000_000)
        let (hours, minute) = minutes.quotientAndRemainder(dividingBy: 60)
        let (second, fraction) = rest.quotientAndRemainder(dividingBy: 1_000_000)
        func padded(_ value: Int, _ digits: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        return "\(hours):\(padded(minute, 2)):\(padded(second, 2)).\(padded(fraction, 6))"
    }
}
