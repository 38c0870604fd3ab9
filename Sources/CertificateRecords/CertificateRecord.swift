import ConfidenceBounds
public import Digests
public import RandomizedSmoothing

/// A certificate, a prediction or an abstention with everything that is needed to check it: one line of
/// `records.jsonl`.
///
/// A record is a function of the manifest, of the counts and of the label (law 1).
public struct CertificateRecord: Hashable, Sendable {
    /// The manifest of the campaign.
    public let manifest: Manifest
    /// The seal of the manifest.
    public let campaign: Digest
    /// The index of the input in the data set.
    public let index: Int
    /// The digest of the encoded input.
    public let input: Digest
    /// The true label, when it is known.
    public let label: Int?
    /// The counts that chose the class.
    public let selection: ClassCounts
    /// The counts that bounded its probability.
    public let estimation: ClassCounts
    /// How far the input is at most from the grid point that was sampled.
    public let gridDistance: GridDistance
    /// Bounds and decision.
    public let certification: Certification
    /// The noise levels of which this record is the one to be reported; nil: it is that of its campaign.
    public let choice: Choice?

    /// That this record was chosen from those of several noise levels.
    public struct Choice: Hashable, Sendable {
        /// The seal of the manifest of all of them.
        public let whole: Digest
        /// The failure probability of an input at all levels together.
        public let alpha: Double
        /// How they share it.
        public let split: AlphaSplit

        /// The choice from all noise levels of a plan; nil when it has only one.
        public init?(from plan: CertificationPlan, whole: Digest) {
            guard let split = plan.split else { return nil }
            self.whole = whole
            self.split = split
            // A family shares what a level has: the shares of an input are summed, rounded up.
            let sum = UpperBound(proved: plan.error.alpha)
                .multiplied(byExactly: Double(split.sigmas.count))
            alpha = plan.error.family == nil ? split.alpha : sum.value
        }
    }

    /// Assembles the record from its parts.
    public init(
        manifest: Manifest, campaign: Digest, index: Int, input: Digest, label: Int?,
        selection: ClassCounts, estimation: ClassCounts, gridDistance: GridDistance,
        certification: Certification, choice: Choice? = nil
    ) {
        self.manifest = manifest
        self.campaign = campaign
        self.index = index
        self.input = input
        self.label = label
        self.selection = selection
        self.estimation = estimation
        self.gridDistance = gridDistance
        self.certification = certification
        self.choice = choice
    }

    /// The same record, as the one that is reported of several noise levels.
    public func chosen(_ choice: Choice?) -> CertificateRecord {
        CertificateRecord(
            manifest: manifest, campaign: campaign, index: index, input: input, label: label,
            selection: selection, estimation: estimation, gridDistance: gridDistance,
            certification: certification, choice: choice)
    }

    /// The format of a line. Within a format keys may be added; none is removed, and none changes its
    /// meaning.
    public static let format = "wardein record 1"

    /// The record as one line of JSON, without the line break.
    public var line: String { members.line }

    /// What stands in the line, in that order. Also what is the same in all records of a campaign, so
    /// that one that is handed to a stranger says by itself what it claims (law 7).
    private var members: JSON {
        var members: [JSON.Member] = []
        func add(_ object: JSON) { if case .object(let more) = object { members += more } }
        add([
            "format": .string(CertificateRecord.format),
            "index": .integer(index),
            "label": label.map { .integer($0) } ?? .null,
            "outcome": .string(outcome),
            "class": .integer(certification.selectedClass),
            "radius": .decimal(radius?.description ?? "0"),
            "reason": reason.map { .string($0) } ?? .null,
            "norm": "L2",
            "sigma": .number(plan.sigma),
            "rule": .string(plan.ruleName),
            "alpha": .number(choice?.alpha ?? plan.error.alpha),
            "alphaOf": .string(plan.error.meaning),
            "netAlpha": .number(plan.error.netAlpha),
        ])
        if let alphaSummed { add(["alphaSummed": .number(alphaSummed)]) }
        add([
            "lower": .decimal(certification.lower.value.decimal(places: 12)),
            "upper": .decimal(certification.upper.value.decimal(places: 12)),
            "evidence": evidence,
            "gridDistance": .decimal(gridDistance.description),
            "selection": CertificateRecord.member(selection),
            "estimation": CertificateRecord.member(estimation),
            "furtherSamples": certification.furtherSamples.map { .integer($0) } ?? .null,
            "noise": [
                "distribution": .string(Manifest.Noise.distribution),
                "stepsPerUnit": .integer(manifest.noise.stepsPerUnit),
                "distanceFromIdeal": .number(manifest.noise.distanceFromIdeal),
            ],
            "input": .string(input.hex),
            "model": .string(manifest.model.digest.hex),
            "campaign": .string(campaign.hex),
            "program": .string(manifest.program),
            "claims": claim.map { .string($0) } ?? .null,
            "doesNotClaim": .array(notClaimed.map { .string($0) }),
            "assumptions": .array(assumptions.map(\.member)),
        ])
        if let choice {
            let chosen: JSON = [
                "whole": .string(choice.whole.hex),
                "sigmas": .array(choice.split.sigmas.map(JSON.number)),
            ]
            add(["chosenFrom": chosen])
        }
        return .object(members)
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

    /// What was fixed before the first draw.
    public var plan: CertificationPlan { manifest.plan }

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
        case (.certified, .whenPrecise) where certification.furtherSamples != nil,
            (.abstained, _) where certification.furtherSamples != nil:
            AbstentionReason.budgetSpent.rawValue
        case (.certified, .whenPrecise(let width)) where !isAtTheCap: "within \(width) of the cap"
        case (.certified, _), (.predicted, _): nil
        case (.abstained(_, .refused), .whenDecided(let radius)): "refused at \(radius)"
        case (.abstained(_, .refused), .whenPrecise) where plan.leastRadius != nil:
            "refused at \(plan.leastRadius ?? 0)"
        case (.abstained(_, .undecided), _): "undecided at the cap"
        case (.abstained(_, let reason), _): reason.rawValue
        }
    }

    private var earlier: EarlierRuns { manifest.earlier }

    /// The sum of alpha over all runs on this input; nil: there is no other one.
    public var alphaSummed: Double? { earlier.alpha(plan.error.alpha, summedAt: index) }

    private var isAtTheCap: Bool { estimation.samples == plan.estimationSamples }

    /// What the counts say for the radius, where claims are decided for all inputs together.
    private var evidence: JSON {
        switch certification.evidence {
        case .pValue(let p): ["pValue": .decimal(p.decimal(places: 12))]
        case .eValue(let e): ["eValue": .decimal(e.decimal(places: 12))]
        case nil: .null
        }
    }

    private var claim: String? {
        let smoothing = "Gaussian noise of sigma \(JSON.number(plan.sigma).line)"
        switch certification.decision {
        case .certified(let answer, let radius):
            return "the classifier smoothed with \(smoothing) answers class \(answer) everywhere "
                + "within L2 distance less than \(radius) of this input, in \(manifest.unit), "
                + exception
        case .predicted(let answer):
            return "class \(answer) is the most probable one under \(smoothing), in "
                + "\(manifest.unit), at \(place), " + exception
        case .abstained: return nil
        }
    }

    /// What was sampled, and nothing else is claimed of it.
    private var place: String {
        gridDistance == .zero
            ? "this very input" : "the grid point to which this input is rounded"
    }

    /// With which exception a claim holds.
    private var exception: String {
        let (own, sampling) = (choice?.alpha ?? plan.error.alpha, "over the drawing of the noise")
        let alpha = JSON.number(alphaSummed ?? own).line
        return switch plan.error.batch?.method {
        case .holm:
            "and so for all certificates of the campaign at once, except with probability at most "
                + "\(JSON.number(earlier.familyAlpha(own)).line) \(sampling)\(earlierClaim)"
        case .eBenjaminiHochberg:
            "but for a share of the certificates of the campaign: the expected share of false ones "
                + "is at most \(JSON.number(own).line) \(sampling)"
        case nil:
            "except with probability at most \(alpha) \(sampling)\(earlierClaim)" + familyClaim
        }
    }

    private var earlierClaim: String {
        alphaSummed == nil
            ? "" : ", in this run and in the earlier ones on this input that the manifest names"
    }

    private var familyClaim: String {
        guard let family = plan.error.family else { return "" }
        let claims = plan.stopping.predicts ? "predictions" : "certificates"
        return "; and so for all \(claims) of the campaign at once, except with probability at "
            + "most \(earlier.familyAlpha(choice?.split.alpha ?? family.alpha))"
    }

    private var notClaimed: [String] {
        let always =
            plan.stopping.predicts
            ? CertificateRecord.notClaimedByPredictions
            : CertificateRecord.notClaimedByCertificates
        if plan.error.batch?.method == .eBenjaminiHochberg {
            return always + ["with which probability this very certificate holds"]
        }
        let ofOthers =
            (plan.error.family == nil && plan.error.batch == nil
                ? ["that this holds for all inputs of the campaign at once"] : [])
            + (plan.split != nil && choice == nil
                ? ["that this alpha is enough for the best of several noise levels"] : [])
        return always + ofOthers
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

    private var assumptions: [Assumption] {
        var assumptions =
            Assumption.ofEveryRecord + [.oneAnswer(checkedBy: manifest.counting.selfTests.check)]
            + [earlier.isKnown ? .otherRunsAreKnown : .noOtherRun]
        if earlier.looksAgain(at: index) { assumptions.append(.planIsNotFitted) }
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

/// Something that a record takes for granted, and how far it was looked into.
private struct Assumption {
    let text: String
    /// By what it was checked; nil: by nothing.
    let check: String?

    /// All that lies between the counts and what a record says of the classifier.
    static let ofEveryRecord = [
        Assumption(
            text: "the noise key was drawn at random, after the model and the inputs were fixed",
            check: nil),
        Assumption(
            text: "ChaCha20 under that key cannot be told from random bits", check: nil),
        Assumption(
            text: "the noise is at most distanceFromIdeal from the ideal in each coordinate",
            check: "proved by ball arithmetic, and paid for out of alpha"),
        Assumption(
            text: "all workers computed the same classifier",
            check: "all gave the same scores on a block that the manifest names"),
        Assumption(
            text: "the workers counted as they were told: wardein verify --replay counts again",
            check: nil),
    ]

    /// Law 9.
    static func oneAnswer(checkedBy check: String?) -> Assumption {
        Assumption(
            text:
                "the classifier's answer to a sample is a function of that sample alone, not of its "
                + "neighbours in the batch, of earlier ones or of chance", check: check)
    }

    static let otherRunsAreKnown = Assumption(
        text:
            "no other run was made of this model on this input with this noise level and left out",
        check: "by the ledger of runs, which names those that there were")
    static let noOtherRun = Assumption(
        text: "no other run was made of this model on this input with this noise level: no "
            + "ledger was kept", check: nil)
    static let planIsNotFitted = Assumption(
        text: "this plan was not made to fit the counts of the earlier run on the same noise",
        check: nil)

    var member: JSON {
        ["assumption": .string(text), "checked": .string(check ?? "unchecked")]
    }
}
