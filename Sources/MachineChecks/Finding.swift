/// One thing about a machine that was looked at before a campaign is started on it.
public struct Finding: Codable, Hashable, Sendable {
    /// How it is.
    public enum Grade: String, Codable, Sendable {
        /// As it should be.
        case ok
        /// A campaign runs, and something is worth knowing.
        case warn
        /// A campaign would not run.
        case fail
    }

    /// How it is.
    public let grade: Grade
    /// What was looked at, in two words or so.
    public let what: String
    /// What was found.
    public let value: String
    /// The command that mends it, or what to do.
    public let remedy: String?

    /// Assembles a finding from its parts.
    public init(grade: Grade, what: String, value: String, remedy: String?) {
        self.grade = grade
        self.what = what
        self.value = value
        self.remedy = remedy
    }

    /// As it should be.
    public static func ok(_ what: String, _ value: String) -> Finding {
        Finding(grade: .ok, what: what, value: value, remedy: nil)
    }

    /// A campaign runs, and this is worth knowing.
    public static func warn(_ what: String, _ value: String, mend remedy: String?) -> Finding {
        Finding(grade: .warn, what: what, value: value, remedy: remedy)
    }

    /// A campaign would not run.
    public static func fail(_ what: String, _ value: String, mend remedy: String?) -> Finding {
        Finding(grade: .fail, what: what, value: value, remedy: remedy)
    }

    /// One line: `warn  file limit    1024 open files; mend: ulimit -n 65536`.
    public var line: String {
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(2, width - text.count))
        }
        let mending = remedy.map { "; mend: \($0)" } ?? ""
        return padded(grade.rawValue, 6) + padded(what, 18) + value + mending
    }
}

/// What was found on one machine, and when by its clock.
public struct Examination: Codable, Hashable, Sendable {
    /// The version of the program that looked.
    public var version: String
    /// The name of the machine.
    public var host: String
    /// Its clock when it looked, in seconds since 1970.
    public var time: Double
    /// What it found.
    public var findings: [Finding]

    /// Assembles what was found from its parts.
    public init(version: String, host: String, time: Double, findings: [Finding]) {
        self.version = version
        self.host = host
        self.time = time
        self.findings = findings
    }
}
