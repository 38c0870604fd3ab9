public import ConfidenceBounds

/// A table of certificates as the field's scripts write it: a header, and a line for each input, with tabs
/// between the columns.
///
/// The first such script is `certify.py` of Cohen, Rosenfeld and Kolter (2019); others write more or
/// fewer columns (``Dialect``). Beyond the columns, files differ in how they say the same, and all of
/// this is understood: spaces around the tabs; labels as `tensor([0])`; times as a timedelta of Python
/// or in seconds; an abstention as class -1, or as a radius below 0. What is not understood is refused
/// with its line: nothing is skipped or guessed.
///
/// Such a table cannot show with which sigma, n0, n, alpha and rule it was made, nor of which model and
/// which data; nor whether the end of it is missing.
public struct CertificateTable: Hashable, Sendable {
    /// Which columns there are.
    public let dialect: Dialect
    /// The inputs, in the order of the lines; no index occurs twice.
    public let rows: [Row]

    /// What columns a file has.
    public enum Dialect: String, CaseIterable, Sendable {
        /// Cohen's `certify.py`, and our own `certificates.tsv`.
        case certification
        /// Cohen's `predict.py`: classes without radii.
        case prediction
        /// Decisions at a radius that was asked for, with adaptive sampling (Horváth et al. 2022).
        case adaptive
        /// Sample counts that differ from input to input (Chen et al. 2022).
        case inputSpecific = "input-specific"

        /// The columns, in order.
        public var columns: [String] {
            let names =
                switch self {
                case .certification: "idx label predict radius correct time"
                case .prediction: "idx label predict correct time"
                case .adaptive:
                    "idx label predict radius proved correct levels_needed estimated_pr time"
                case .inputSpecific:
                    "idx label predict pA samplesize radius correct time_forward"
                }
            return names.split(separator: " ").map(String.init)
        }
    }

    /// What a line says of an input.
    public struct Row: Hashable, Sendable {
        /// The line of the file, the header being line 1.
        public let line: Int
        /// The index in the data set.
        public let index: Int
        /// The true label; nil: unknown (-1).
        public let label: Int?
        /// The class that is claimed; nil for an abstention.
        public let answer: Int?
        /// The radius of the claim; nil for an abstention, and in a table without radii.
        public let radius: PrintedNumber?
    }

    /// Reads a file.
    ///
    /// - Throws: what is not understood first.
    public init(reading text: String) throws(CertificateTableError) {
        var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        while let last = lines.last, last.allSatisfy(\.isWhitespace) { lines.removeLast() }
        guard let header = lines.first else {
            throw CertificateTableError(line: 1, reason: "the file is empty")
        }
        dialect = try CertificateTable.dialect(of: header)
        var rows: [Row] = []
        var lineOfIndex: [Int: Int] = [:]
        var answers = AnswerColumn()
        for (place, text) in lines.enumerated().dropFirst() {
            if dialect == .inputSpecific, text.hasPrefix("===Certification Summary") { break }
            let fields = try Fields(text, line: place + 1, dialect: dialect)
            let row = try fields.row(&answers)
            if let earlier = lineOfIndex.updateValue(row.line, forKey: row.index) {
                throw fields.error(
                    "index \(row.index) was in line \(earlier) already; an input may occur once")
            }
            rows.append(row)
        }
        self.rows = rows
    }

    private static func dialect(of header: Substring) throws(CertificateTableError) -> Dialect {
        let names = header.split(separator: "\t", omittingEmptySubsequences: false)
            .map { String($0.trimmed) }
        if let dialect = Dialect.allCases.first(where: { $0.columns == names }) { return dialect }
        let known = Dialect.allCases.map { "'" + $0.columns.joined(separator: " ") + "'" }
        throw CertificateTableError(
            line: 1,
            reason: "the header is \(quoted(header)), but it must be, with a tab between each two, "
                + known.dropLast().joined(separator: ", ") + " or \(known[known.count - 1])")
    }
}

/// A number as it was printed: to nearest, with so many decimal places.
public struct PrintedNumber: Hashable, Sendable {
    /// The number.
    public let value: Double
    /// The last digit counts units of 10 to this power.
    public let exponentOfLastDigit: Int

    /// Reads `1.25`, `-0.5`, `.5`, `6e-05` and the like; nil for anything else, also for `nan` and `inf`.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
        guard (1...2).contains(parts.count), let value = Double(text), value.isFinite else {
            return nil
        }
        let exponent = parts.count == 2 ? Int(parts[1]) : 0
        guard let exponent, (-400...400).contains(exponent) else { return nil }
        let digits = parts[0].drop { $0 == "-" || $0 == "+" }
        guard digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }) else { return nil }
        let places = digits.split(separator: ".", omittingEmptySubsequences: false).dropFirst()
            .first
        self.value = value
        exponentOfLastDigit = exponent - (places?.count ?? 0)
    }

    /// What was printed is at least this: half a unit of the last digit may have been added by
    /// rounding to nearest.
    public var smallest: LowerBound {
        // Doubles next to the decimal numbers, on the side that allows for more.
        let halfUnit = (Double("5e\(exponentOfLastDigit - 1)") ?? .infinity).nextUp
        return LowerBound(proved: value.nextDown) - UpperBound(proved: halfUnit)
    }
}

/// The line of a table that is not understood, and why.
public struct CertificateTableError: Error, Hashable, CustomStringConvertible {
    /// The line, the header being line 1.
    public let line: Int
    /// What stands there and what may.
    public let reason: String

    /// One sentence.
    public var description: String { "line \(line): \(reason)" }
}

/// The fields of one line.
private struct Fields {
    private let line: Int
    private let dialect: CertificateTable.Dialect
    private let values: [String: Substring]

    init(
        _ text: Substring, line: Int, dialect: CertificateTable.Dialect
    ) throws(CertificateTableError) {
        self.line = line
        self.dialect = dialect
        let fields = text.split(separator: "\t", omittingEmptySubsequences: false).map(\.trimmed)
        guard fields.count == dialect.columns.count else {
            let what =
                text.allSatisfy(\.isWhitespace)
                ? "the line is empty" : "there are \(fields.count) columns in \(quoted(text))"
            throw CertificateTableError(
                line: line, reason: "\(what), but the header has \(dialect.columns.count)")
        }
        values = Dictionary(uniqueKeysWithValues: zip(dialect.columns, fields))
    }

    func error(_ reason: String) -> CertificateTableError {
        CertificateTableError(line: line, reason: reason)
    }

    func row(_ answers: inout AnswerColumn) throws(CertificateTableError) -> CertificateTable.Row {
        let index = try number("idx", atLeast: 0)
        let label = try number("label", atLeast: -1)
        let predicted = try number("predict", atLeast: -1)
        try checkRest()
        let radius = try radius(predicted: predicted)
        let isProved = try isProved()
        let isAbstention = predicted == -1 || (radius?.value ?? 0) < 0 || !isProved
        try checkCorrect(
            label: label, predicted: predicted, isAbstention: isAbstention, &answers)
        return CertificateTable.Row(
            line: line, index: index, label: label == -1 ? nil : label,
            answer: isAbstention ? nil : predicted, radius: isAbstention ? nil : radius)
    }

    /// `correct` says whether the class is the label. Of an abstention by its radius, which keeps the
    /// class, it may say that or 0.
    private func checkCorrect(
        label: Int, predicted: Int, isAbstention: Bool, _ answers: inout AnswerColumn
    ) throws(CertificateTableError) {
        let correct = try number("correct", atLeast: 0)
        let isRight = label != -1 && predicted == label
        answers.add(correct, isRight: isRight)
        if correct == (isRight ? 1 : 0) || isAbstention && correct == 0 { return }
        if answers.isRunningTotal {
            throw error(
                "'correct' is \(correct), which is how many classes were right up to this line: it is a "
                    + "running total, and must be 1 where 'predict' is 'label' and else 0")
        }
        throw error(
            "'correct' is \(correct), but 'predict' is \(predicted) and 'label' is \(label): it must be 1 "
                + "where they are the same and else 0")
    }

    private func radius(predicted: Int) throws(CertificateTableError) -> PrintedNumber? {
        guard let text = values["radius"] else { return nil }
        guard let radius = PrintedNumber(text) else {
            throw error("'radius' is \(quoted(text)), but it must be a finite number")
        }
        if predicted == -1, radius.value > 0, dialect != .adaptive {
            throw error(
                "'radius' is \(quoted(text)), but 'predict' is -1, and an abstention has no radius")
        }
        return radius
    }

    private func isProved() throws(CertificateTableError) -> Bool {
        switch values["proved"] {
        case nil, "1", "True": return true
        case "0", "False": return false
        case .some(let text):
            throw error("'proved' is \(quoted(text)), but it must be 0, 1, True or False")
        }
    }

    /// The columns that say nothing about the claim, which must be what their names say.
    private func checkRest() throws(CertificateTableError) {
        if values["samplesize"] != nil { _ = try number("samplesize", atLeast: 0) }
        if values["levels_needed"] != nil { _ = try number("levels_needed", atLeast: -1) }
        for name in ["pA", "estimated_pr"] {
            guard let text = values[name] else { continue }
            guard let share = PrintedNumber(text), (0...1).contains(share.value) else {
                throw error("'\(name)' is \(quoted(text)), but it must lie between 0 and 1")
            }
        }
        for name in ["time", "time_forward"] {
            guard let text = values[name] else { continue }
            guard isTime(text) else {
                throw error(
                    "'\(name)' is \(quoted(text)), but it must be a time such as 0:02:31.238689 or "
                        + "seconds such as 15.4")
            }
        }
    }

    /// A whole number, also as `tensor([7])` or `tensor(7, device='cuda:0')`.
    private func number(
        _ name: String, atLeast smallest: Int
    ) throws(CertificateTableError) -> Int {
        let text = values[name] ?? ""
        var digits = text
        if text.hasPrefix("tensor("), text.hasSuffix(")") {
            digits = text.dropFirst("tensor(".count).dropLast()
            if let comma = digits.firstRange(of: ", device=") {
                digits = digits[..<comma.lowerBound]
            }
            if digits.hasPrefix("["), digits.hasSuffix("]") {
                digits = digits.dropFirst().dropLast()
            }
        }
        guard let number = Int(digits), number >= smallest else {
            throw error(
                "'\(name)' is \(quoted(text)), but it must be a whole number of at least \(smallest)"
            )
        }
        return number
    }

    /// Seconds, or what Python's `str` makes of a timedelta: `1 day, 0:02:31.238689`.
    private func isTime(_ text: Substring) -> Bool {
        if let seconds = PrintedNumber(text) { return seconds.value >= 0 }
        var clock = text
        if let days = text.firstRange(of: " day, ") ?? text.firstRange(of: " days, ") {
            guard Int(text[..<days.lowerBound]) != nil else { return false }
            clock = text[days.upperBound...]
        }
        let parts = clock.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let hours = Int(parts[0]), let minutes = Int(parts[1]),
            let seconds = PrintedNumber(parts[2])
        else { return false }
        return hours >= 0 && (0..<60).contains(minutes) && seconds.value >= 0 && seconds.value < 60
    }
}

/// What the column `correct` has been so far: some scripts write a running total there.
private struct AnswerColumn {
    private var total = 0
    /// Whether every number so far was how many were right up to then.
    private(set) var isRunningTotal = true

    mutating func add(_ correct: Int, isRight: Bool) {
        total += isRight ? 1 : 0
        if correct != total { isRunningTotal = false }
    }
}

/// Text of a file, short and printable.
private func quoted(_ text: Substring) -> String {
    let printable = text.prefix(80).map { $0 == "\t" ? " " : $0 }
        .filter { $0.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 } }
    return "'" + String(printable) + (text.count > 80 ? "…" : "") + "'"
}

extension Substring {
    fileprivate var trimmed: Substring {
        let start = drop(while: \.isWhitespace)
        return start.lastIndex { !$0.isWhitespace }.map { start[...$0] }
            ?? start[..<start.startIndex]
    }
}
