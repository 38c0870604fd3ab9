public import CertificateRecords

/// How many inputs of a campaign came to what, at one radius: what a scheme is to be judged by.
///
/// Every input is in one of four parts: covered (by a right, a wrong or an unlabelled certificate), with
/// a smaller radius, or without any. Of a campaign that predicts, `radius` is nil, and an input is
/// covered when its class is predicted.
public struct Scorecard: Hashable, Sendable {
    /// The radius r; nil: the campaign predicts classes.
    public let radius: DecimalNumber?
    /// How many inputs there are.
    public private(set) var inputs = 0
    /// How many have a known label.
    public private(set) var labelled = 0
    /// Those with a certificate of at least r, or a prediction.
    public private(set) var covered = 0
    /// Those of them whose class is right.
    public private(set) var right = 0
    /// Those of them whose class is wrong.
    public private(set) var wrong = 0
    /// Those with a certificate of a radius below r.
    public private(set) var smaller = 0
    /// Those without a certificate of any radius, or without a prediction.
    public private(set) var abstained = 0

    /// Counts inputs.
    public init(_ inputs: some Sequence<ReportedInput>, at radius: DecimalNumber?) {
        self.radius = radius
        for input in inputs { add(input) }
    }

    private mutating func add(_ input: ReportedInput) {
        inputs += 1
        if input.label != nil { labelled += 1 }
        guard input.outcome != .abstained else {
            abstained += 1
            return
        }
        guard radius.map(input.isCertified) ?? (input.outcome == .predicted) else {
            smaller += 1
            return
        }
        covered += 1
        switch input.isRight {
        case true?: right += 1
        case false?: wrong += 1
        case nil: break
        }
    }

    /// Whether right can be told from wrong.
    public var knowsLabels: Bool { labelled > 0 && labelled == inputs }

    /// The share of inputs that are covered.
    public var coverage: Share { Share(covered, of: inputs) }

    /// The share of inputs that are covered and right: certified accuracy.
    public var accuracy: Share { Share(right, of: inputs) }

    /// The share of certificates, or predictions, that name the right class.
    public var precision: Share { Share(right, of: covered) }

    /// The share of inputs that are covered and wrong.
    public var wrongShare: Share { Share(wrong, of: inputs) }

    /// The share of inputs that are not covered.
    public var uncovered: Share { Share(inputs - covered, of: inputs) }
}
