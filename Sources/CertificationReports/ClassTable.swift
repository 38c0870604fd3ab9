public import CertificateRecords

/// What came of the inputs of each class, and what the certificates that name it are worth.
public struct ClassTable: Hashable, Sendable {
    /// One line a class that is the label of an input or the class of a certificate; lowest accuracy
    /// first, then by class.
    public let lines: [Line]

    /// One class.
    public struct Line: Hashable, Sendable {
        /// The class.
        public let name: Int
        /// How many inputs have it as their label.
        public internal(set) var inputs = 0
        /// How many of them are covered, by a certificate for whatever class.
        public internal(set) var covered = 0
        /// How many of them are covered by a certificate for this class.
        public internal(set) var right = 0
        /// How many certificates name the class.
        public internal(set) var named = 0

        /// Of the inputs of the class those with a right certificate.
        public var accuracy: Share { Share(right, of: inputs) }
        /// Of the inputs of the class those with a certificate.
        public var coverage: Share { Share(covered, of: inputs) }
        /// Of the certificates that name the class those of inputs of the class.
        public var precision: Share { Share(right, of: named) }
    }

    /// Counts inputs; those without a label are left out.
    public init(_ inputs: some Sequence<ReportedInput>, at radius: DecimalNumber?) {
        var lines: [Int: Line] = [:]
        for input in inputs {
            guard let label = input.label else { continue }
            lines[label, default: Line(name: label)].inputs += 1
            let isCovered = radius.map(input.isCertified) ?? (input.outcome == .predicted)
            guard isCovered else { continue }
            lines[label, default: Line(name: label)].covered += 1
            lines[input.selectedClass, default: Line(name: input.selectedClass)].named += 1
            if input.selectedClass == label {
                lines[label, default: Line(name: label)].right += 1
            }
        }
        self.lines = lines.values.sorted { ($0.order, $0.name) < ($1.order, $1.name) }
    }
}

extension ClassTable.Line {
    /// Classes without inputs come last.
    fileprivate var order: Double { inputs == 0 ? 2 : Double(right) / Double(inputs) }
}
