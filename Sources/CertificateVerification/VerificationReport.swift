public import CertificateRecords

/// What was checked of a run, what was not, and what did not hold.
public struct VerificationReport: Sendable {
    /// The folder.
    public let run: String
    /// All checks in the order in which they were made.
    public internal(set) var checks: [Check] = []
    /// What the checks that are about no single level or part are about.
    var whole = "all levels"
    /// What was asked for and could not be done for want of a file.
    public internal(set) var unmet: VerificationError?

    /// One thing that was to be checked.
    public struct Check: Sendable {
        /// The folder of the noise level, or of the part of a merged run, that it is about; nil: the whole
        /// run.
        public internal(set) var level: String?
        /// What, in a few words.
        public let subject: String
        /// What came of it.
        public let outcome: Outcome
    }

    /// What came of a check.
    public enum Outcome: Sendable {
        /// It holds; how that was seen.
        case held(String)
        /// It does not hold; at least one fault.
        case failed([Fault])
        /// It was not checked; why.
        case notChecked(String)
    }

    init(run: String) { self.run = run }

    mutating func hold(_ subject: String, _ how: String, unless faults: [Fault] = []) {
        checks.append(
            Check(subject: subject, outcome: faults.isEmpty ? .held(how) : .failed(faults)))
    }

    mutating func skip(_ subject: String, _ why: String) {
        checks.append(Check(subject: subject, outcome: .notChecked(why)))
    }

    /// Takes over what was checked of one of several noise levels or parts.
    mutating func add(_ report: VerificationReport, of level: String) {
        checks += report.checks.map { check in
            var check = check
            check.level = level
            return check
        }
        unmet = unmet ?? report.unmet
    }

    /// Everything that did not hold.
    public var faults: [Fault] {
        checks.flatMap { check -> [Fault] in
            if case .failed(let faults) = check.outcome { faults } else { [] }
        }
    }

    /// The fault of the first kind, of these the one that was seen first; nil: all that was checked holds.
    public var worstFault: Fault? { faults.min { $0.kind.rawValue < $1.kind.rawValue } }

    /// The exit code: 0 when all that was checked holds, else that of the first kind of fault.
    public var exitCode: Int32 { worstFault?.kind.rawValue ?? 0 }
}

// For people and for scripts
// --------------------------

extension VerificationReport {
    /// How many faults of one check are listed.
    private static let mostListed = 10

    /// Of more levels or parts than these, those that hold have one row each.
    private static let mostShownWhole = 4

    /// The table, with what was not checked below what was.
    public var table: String {
        let lines = ["checked"] + rowsOfDone + ["", "not checked"] + rowsOfSkipped
        return lines.joined(separator: "\n") + "\n\n" + conclusion
    }

    /// The checks of each level or part, and of the whole.
    private var groups: [(name: String, checks: [Check])] {
        checks.reduce(into: []) { groups, check in
            let name = check.level ?? whole
            if groups.last?.name == name {
                groups[groups.count - 1].checks.append(check)
            } else {
                groups.append((name, [check]))
            }
        }
    }

    private var isLong: Bool { groups.count > VerificationReport.mostShownWhole + 1 }

    private var rowsOfDone: [String] {
        groups.flatMap { name, checks -> [String] in
            let done = checks.filter { !rows(ofDone: $0).isEmpty }
            let hold = done.allSatisfy { if case .held = $0.outcome { true } else { false } }
            guard !isLong || !hold || name == whole else {
                return [row("holds ", name, done.map(\.subject).joined(separator: ", "))]
            }
            return headed([name], done.flatMap(rows(ofDone:)))
        }
    }

    /// Of many levels or parts what is the same stands there once.
    private var rowsOfSkipped: [String] {
        var blocks: [(names: [String], rows: [String])] = []
        for (name, checks) in groups {
            let rows = checks.flatMap(rows(ofSkipped:))
            if isLong, let place = blocks.firstIndex(where: { $0.rows == rows }) {
                blocks[place].names.append(name)
            } else {
                blocks.append(([name], rows))
            }
        }
        return blocks.flatMap { headed($0.names, $0.rows) }
    }

    /// Rows below the names of what they are about, if there is more than one run.
    private func headed(_ names: [String], _ rows: [String]) -> [String] {
        guard !rows.isEmpty, groups.count > 1 else { return rows }
        let rest = names.count > 3 ? " and \(names.count - 3) more" : ""
        return ["  \(names.prefix(3).joined(separator: ", "))\(rest)"] + rows
    }

    private func rows(ofDone check: Check) -> [String] {
        switch check.outcome {
        case .held(let how): return [row("holds ", check.subject, how)]
        case .failed(let faults):
            let rest = faults.count - VerificationReport.mostListed
            return [row("FAILS ", check.subject, faults[0].description)]
                + faults.dropFirst().prefix(VerificationReport.mostListed - 1).map {
                    row("", "", $0.description)
                }
                + (rest > 0 ? [row("", "", "and \(rest) more")] : [])
        case .notChecked: return []
        }
    }

    private func rows(ofSkipped check: Check) -> [String] {
        guard case .notChecked(let why) = check.outcome else { return [] }
        return [row("      ", check.subject, why)]
    }

    private func row(_ mark: String, _ subject: String, _ text: String) -> String {
        "  " + pad(mark, 7) + pad(subject, 20) + text
    }

    private func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    private var conclusion: String {
        let failed = checks.flatMap { check -> [(level: String?, fault: Fault)] in
            guard case .failed(let faults) = check.outcome else { return [] }
            return faults.map { (check.level, $0) }
        }
        guard
            let (level, worst) = failed.min(by: { $0.fault.kind.rawValue < $1.fault.kind.rawValue })
        else { return "All that was checked of \(run) holds." }
        return "\(run) does not hold (\(worst.kind), exit code \(exitCode))"
            + (level.map { ", in \($0)" } ?? "") + ": \(worst.description)."
    }

    /// The same for scripts.
    public var json: JSON {
        [
            "format": "wardein verification 1",
            "run": .string(run),
            "holds": .bool(faults.isEmpty),
            "exitCode": .integer(Int(exitCode)),
            "checks": .array(checks.map(VerificationReport.member)),
        ]
    }

    private static func member(_ check: Check) -> JSON {
        let (outcome, text, faults): (String, String?, [Fault]) =
            switch check.outcome {
            case .held(let how): ("holds", how, [])
            case .failed(let faults): ("fails", nil, faults)
            case .notChecked(let why): ("not checked", why, [])
            }
        return [
            "level": check.level.map { .string($0) } ?? .null,
            "subject": .string(check.subject),
            "outcome": .string(outcome),
            "how": text.map { .string($0) } ?? .null,
            "faults": .array(
                faults.map {
                    [
                        "kind": .string("\($0.kind)"), "place": .string($0.place),
                        "reason": .string($0.reason),
                    ]
                }),
        ]
    }
}
