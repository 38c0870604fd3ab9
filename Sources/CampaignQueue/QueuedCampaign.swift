public import Foundation

/// A campaign that somebody wants done: the command with its options, and how urgent it is.
public struct Submission: Hashable, Sendable {
    /// `certify` or `predict`.
    public var command: String
    /// The options, as they would follow the command, without `--output`.
    public var arguments: [String]
    /// The folder that relative paths among them start from.
    public var directory: String
    /// Campaigns of higher priority come first.
    public var priority: Int
    /// Of those of one priority, the one that was submitted first does.
    public var submitted: Date

    /// Assembles a submission from its parts.
    public init(
        command: String = "certify", arguments: [String], directory: String, priority: Int = 0,
        submitted: Date
    ) {
        self.command = command
        self.arguments = arguments
        self.directory = directory
        self.priority = priority
        self.submitted = submitted
    }

    /// The commands that may be queued.
    public static let commands = ["certify", "predict"]
}

/// A campaign in a queue.
public struct QueuedCampaign: Hashable, Sendable {
    /// Its name: that of its file, and of its folder.
    public let name: String
    /// What is wanted.
    public let submission: Submission
    /// How it ended; nil: it waits or runs.
    public let ending: Ending?

    /// How a campaign ended, as far as the queue is concerned.
    public struct Ending: Hashable, Sendable, Codable {
        /// How.
        public let kind: Kind
        /// What somebody should know about it.
        public let reason: String?
        /// When.
        public let at: Date

        /// The ways in which a campaign ends.
        public enum Kind: String, Hashable, Sendable, Codable {
            /// Every input is decided.
            case finished
            /// Somebody did not want it any more; what was counted is kept.
            case cancelled
            /// It cannot be begun or gone on with.
            case failed
        }

        /// An ending of this kind.
        public init(_ kind: Kind, because reason: String? = nil, at: Date) {
            self.kind = kind
            self.reason = reason
            self.at = at
        }
    }

    /// Assembles a queued campaign from its parts.
    public init(name: String, submission: Submission, ending: Ending? = nil) {
        self.name = name
        self.submission = submission
        self.ending = ending
    }
}

extension [QueuedCampaign] {
    /// In the order in which they are done: by priority, and then by when they were submitted.
    public var inOrder: [QueuedCampaign] {
        sorted { one, other in
            let (first, second) = (one.submission, other.submission)
            if first.priority != second.priority { return first.priority > second.priority }
            if first.submitted != second.submitted { return first.submitted < second.submitted }
            return one.name < other.name
        }
    }

    /// Those that are to run now, the first one first, when so many may run side by side. One of higher
    /// priority takes the place of one that runs, which waits; one of the same priority does not.
    public func toRun(atOnce: Int, whileRunning running: Set<String> = []) -> [QueuedCampaign] {
        let pending = filter { $0.ending == nil }.inOrder
        let priorities = Set(pending.map(\.submission.priority)).sorted(by: >)
        let ranked = priorities.flatMap { priority in
            let equals = pending.filter { $0.submission.priority == priority }
            return equals.filter { running.contains($0.name) }
                + equals.filter { !running.contains($0.name) }
        }
        return Array(ranked.prefix(atOnce))
    }
}
