/// What is asked of Slurm for the workers of a campaign.
public struct SlurmAllocation: Hashable, Sendable {
    /// How many workers: the tasks of the array.
    public let workers: Int
    /// How many of them may run at the same time; nil: all.
    public let limit: Int?
    /// How many cores each of them has.
    public let cores: Int
    /// The partition; nil: Slurm's default.
    public let partition: String?
    /// The account that pays; nil: Slurm's default.
    public let account: String?
    /// For how long each may run before it is queued again; nil: what the partition allows.
    public let timeLimit: SlurmTimeLimit?
    /// Further `#SBATCH` lines for every script.
    public let furtherLines: [String]

    /// Checks each value.
    ///
    /// - Throws: ``SlurmError`` with the option and its value.
    public init(
        workers: Int, limit: Int? = nil, cores: Int = 1, partition: String? = nil,
        account: String? = nil, timeLimit: SlurmTimeLimit? = nil, furtherLines: [String] = []
    ) throws {
        try SlurmAllocation.check(workers, named: "--array")
        if let limit { try SlurmAllocation.check(limit, named: "--array-limit") }
        guard (1...1024).contains(cores) else {
            throw SlurmError("--cpus-per-task is \(cores), but it must lie between 1 and 1024")
        }
        try SlurmAllocation.check(partition, named: "--partition")
        try SlurmAllocation.check(account, named: "--account")
        for line in furtherLines {
            guard line.hasPrefix("#SBATCH --") || line.hasPrefix("#SBATCH -"),
                !line.contains(where: \.isNewline)
            else {
                throw SlurmError(
                    "--sbatch-line is '\(line)', but it must be one line that begins with "
                        + "#SBATCH, for example \"#SBATCH --mem=4G\"")
            }
        }
        self.workers = workers
        self.limit = limit
        self.cores = cores
        self.partition = partition
        self.account = account
        self.timeLimit = timeLimit
        self.furtherLines = furtherLines
    }

    private static func check(_ number: Int, named option: String) throws {
        guard (1...100_000).contains(number) else {
            throw SlurmError("\(option) is \(number), but it must lie between 1 and 100000")
        }
    }

    private static func check(_ name: String?, named option: String) throws {
        guard let name else { return }
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "_-.,+@".utf8.contains(byte)
            }
        }
        guard isPlain, !name.isEmpty, !name.hasPrefix("-") else {
            throw SlurmError("\(option) is '\(name)', which is not a name that Slurm can have")
        }
    }
}

/// A time limit in one of Slurm's forms: `90` (minutes), `30:00`, `2:00:00`, `1-12`, `1-12:30`,
/// `1-12:30:00` or `UNLIMITED`.
public struct SlurmTimeLimit: Hashable, Sendable {
    /// As it was written.
    public let text: String

    /// Nil when the text has none of the forms, or leaves less than two minutes.
    public init?(_ text: String) {
        guard text == "UNLIMITED" || (SlurmTimeLimit.seconds(text) ?? 0) >= 120 else { return nil }
        self.text = text
    }

    private static func seconds(_ text: String) -> Int? {
        let halves = text.split(separator: "-", omittingEmptySubsequences: false)
        guard let last = halves.last, halves.count <= 2 else { return nil }
        let parts = last.split(separator: ":", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { part in
            part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
                && part.count <= 6 ? Int(part) : nil
        }
        guard numbers.count == parts.count, (1...3).contains(numbers.count) else { return nil }
        if halves.count == 2 {
            guard let days = Int(halves[0]), (0...10_000).contains(days) else { return nil }
            return zip(numbers, [3600, 60, 1]).reduce(days * 86_400) { $0 + $1.0 * $1.1 }
        }
        let weights = [[60], [60, 1], [3600, 60, 1]][numbers.count - 1]
        return zip(numbers, weights).reduce(0) { $0 + $1.0 * $1.1 }
    }
}
