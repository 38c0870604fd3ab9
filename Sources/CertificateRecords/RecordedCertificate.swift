public import Digests
public import RandomizedSmoothing

/// One line of `records.jsonl` as it stands there: read, and nothing of it believed.
public struct RecordedCertificate: Sendable {
    /// The line, with all members in order: also those that this release does not know.
    public let json: JSON
    /// The index of the input in the data set.
    public let index: Int
    /// The true label, when it is known.
    public let label: Int?
    /// What the line says came of the input.
    public let outcome: Outcome
    /// The class that was selected; what is certified or predicted, unless it is an abstention.
    public let selectedClass: Int
    /// The certified radius; 0 for an abstention or a prediction.
    public let radius: DecimalNumber
    /// Why nothing is claimed, or what was decided.
    public let reason: String?
    /// The noise level.
    public let sigma: Double
    /// The failure probability that is claimed for the input.
    public let alpha: Double
    /// The lower bound on the probability of the class.
    public let lower: DecimalNumber
    /// The upper bound on the probability of any other class.
    public let upper: DecimalNumber
    /// How far the input is at most from the grid point that was sampled.
    public let gridDistance: DecimalNumber
    /// The counts that chose the class.
    public let selection: ClassCounts
    /// The counts that bounded its probability.
    public let estimation: ClassCounts
    /// The digest of the encoded input; nil in files of releases that did not write it.
    public let input: Digest?
    /// The seal of the manifest that it names.
    public let campaign: Digest

    /// What came of an input.
    public enum Outcome: String, Sendable, CaseIterable {
        /// A radius.
        case certified
        /// A class without a radius.
        case predicted
        /// Nothing.
        case abstained
    }

    /// Reads a line, with or without its line break.
    ///
    /// Counts have at least two classes, none is negative, and each list adds up to its `samples`; the
    /// class and the label are classes.
    ///
    /// - Throws: ``JSONSyntaxError`` or ``UnreadableMember``.
    public init(line: some Sequence<UInt8>) throws {
        try self.init(JSON(parsing: line))
    }

    /// Reads a line that is parsed already.
    public init(_ json: JSON) throws(UnreadableMember) {
        let object = try ObjectReader(json)
        // The first release wrote none.
        if object["format"] != nil {
            let format = try object.string("format")
            guard format == CertificateRecord.format else {
                throw UnreadableMember(
                    "format",
                    "is \"\(format)\", but this release reads \"\(CertificateRecord.format)\"")
            }
        }
        self.json = json
        index = try object.integer("index", in: 0...Int(UInt32.max))
        selection = try RecordedCertificate.counts("selection", of: object)
        estimation = try RecordedCertificate.counts("estimation", of: object)
        guard selection.values.count == estimation.values.count else {
            throw UnreadableMember("estimation.counts", "has other classes than selection.counts")
        }
        let classes = 0...selection.values.count - 1
        label = try object.optional("label") == nil ? nil : object.integer("label", in: classes)
        guard let outcome = Outcome(rawValue: try object.string("outcome")) else {
            throw UnreadableMember("outcome", "is none of certified, predicted and abstained")
        }
        self.outcome = outcome
        selectedClass = try object.integer("class", in: classes)
        radius = try object.decimal("radius")
        reason = try object.optionalString("reason")
        sigma = try object.double("sigma")
        alpha = try object.double("alpha")
        lower = try object.decimal("lower")
        upper = try object.decimal("upper")
        gridDistance = try object.decimal("gridDistance")
        input = object["input"] == nil ? nil : try object.digest("input")
        campaign = try object.digest("campaign")
    }

    /// The class that is certified or predicted; nil for an abstention.
    public var answer: Int? { outcome == .abstained ? nil : selectedClass }

    /// How many samples it rests on.
    public var samples: Int { selection.samples + estimation.samples }

    /// Whether the class that is certified or predicted is the true label.
    public var isCorrect: Bool { answer != nil && label == answer }

    private static func counts(
        _ key: String, of object: ObjectReader
    ) throws(UnreadableMember) -> ClassCounts {
        let phase = try object.object(key)
        let samples = try phase.integer("samples", in: 0...CertificationPlan.maximumSamples)
        let counts = ClassCounts(try phase.integers("counts"))
        guard counts.values.count > 1 else {
            throw UnreadableMember(phase.path(of: "counts"), "has fewer than two classes")
        }
        guard counts.isPlausible(classes: counts.values.count, samples: samples) else {
            throw UnreadableMember(
                phase.path(of: "counts"), "does not add up to \(samples) samples")
        }
        return counts
    }
}
