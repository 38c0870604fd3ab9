import RandomizedSmoothing
public import CertificateRecords

/// What a report needs of one record.
public struct ReportedInput: Hashable, Sendable {
    /// The index of the input in the data set.
    public let index: Int
    /// The true label, when it is known.
    public let label: Int?
    /// What came of the input.
    public let outcome: RecordedCertificate.Outcome
    /// The class that was selected.
    public let selectedClass: Int
    /// The certified radius; 0 where there is none.
    public let radius: DecimalNumber
    /// Why nothing is claimed, or what was decided.
    public let reason: String?
    /// The lower bound on the probability of the class.
    public let lower: DecimalNumber
    /// The upper bound on the probability of any other class.
    public let upper: DecimalNumber
    /// The samples that chose the class.
    public let selectionSamples: Int
    /// The samples that bounded its probability.
    public let estimationSamples: Int
    /// How many of these are of the class.
    public let count: Int
    /// The largest count of another class.
    public let runnerUpCount: Int
    /// How many of these are of the true label, when it is known.
    public let labelCount: Int?

    /// Reads it off a record.
    public init(_ record: RecordedCertificate) {
        index = record.index
        label = record.label
        outcome = record.outcome
        selectedClass = record.selectedClass
        radius = record.radius
        reason = record.reason
        lower = record.lower
        upper = record.upper
        selectionSamples = record.selection.samples
        estimationSamples = record.estimation.samples
        count = record.estimation.values[record.selectedClass]
        runnerUpCount = record.estimation.largestCount(except: record.selectedClass)
        labelCount = record.label.map { record.estimation.values[$0] }
    }

    /// Whether the budget of the campaign ended its estimation.
    public var isLeftByBudget: Bool { reason == AbstentionReason.budgetSpent.rawValue }

    /// The class that is certified or predicted; nil for an abstention.
    public var answer: Int? { outcome == .abstained ? nil : selectedClass }

    /// Whether the answer is the true label; nil without an answer or a label.
    public var isRight: Bool? {
        guard let answer, let label else { return nil }
        return answer == label
    }

    /// Whether there is a certificate of at least this radius.
    public func isCertified(at radius: DecimalNumber) -> Bool {
        outcome == .certified && !(self.radius < radius)
    }

    /// The samples of both phases.
    public var samples: Int { selectionSamples + estimationSamples }
}
