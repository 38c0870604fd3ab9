import Synchronization

/// Where the thread that coordinates leaves what it knows, and others read it: neither waits for the
/// other longer than a copy takes.
public final class StatusBoard: Sendable {
    /// What stands on the board.
    public struct Contents: Sendable {
        /// The campaigns, in the order in which they were begun.
        public var campaigns: [Posted] = []
        /// Whether workers are listened for.
        public var isListening = false
        /// When the coordinating thread last came by; nil: it has not begun.
        public var lastTurn: ContinuousClock.Instant?
        /// Counts the changes.
        public var version = 0
    }

    /// A campaign and the pace at which it goes.
    public struct Posted: Sendable {
        /// How far it is.
        public var snapshot: CampaignSnapshot
        /// Samples a second during the last minute.
        public var pace = Pace()

        /// Whether it runs.
        var isRunning: Bool { snapshot.state == .running }
    }

    private let contents = Mutex(Contents())

    /// An empty board: something is being prepared.
    public init() {}

    /// What stands on the board now.
    public var current: Contents { contents.withLock { $0 } }

    /// Posts how far a campaign is, in place of what was posted of it before. Called about once a second
    /// by the thread that coordinates while it listens for workers.
    public func post(_ snapshot: CampaignSnapshot, at now: ContinuousClock.Instant = .now) {
        contents.withLock { contents in
            contents.version += 1
            contents.lastTurn = now
            let place =
                contents.campaigns.firstIndex { $0.snapshot.folder == snapshot.folder }
                ?? contents.campaigns.endIndex
            if place == contents.campaigns.endIndex {
                contents.campaigns.append(Posted(snapshot: snapshot))
            }
            contents.campaigns[place].snapshot = snapshot
            contents.campaigns[place].pace.note(snapshot)
            contents.forgetTheOldest(beyond: StatusBoard.mostCampaigns)
            contents.isListening = contents.campaigns.contains(where: \.isRunning)
        }
    }

    /// Of more campaigns than this those that have ended longest ago are not shown.
    public static let mostCampaigns = 50

    /// Says that the thread turns and listens for workers, though there is nothing new.
    public func turn(at now: ContinuousClock.Instant = .now) {
        contents.withLock { contents in
            contents.lastTurn = now
            contents.isListening = true
        }
    }
}

/// How fast samples were settled during the last minute, while there were workers.
public struct Pace: Hashable, Sendable {
    private static let window = 60.0
    private var marks: [Mark] = []

    private struct Mark: Hashable {
        var seconds: Double
        var samples: Int
    }

    /// Nothing is known yet.
    public init() {}

    /// Takes note of how far a campaign is.
    public mutating func note(_ snapshot: CampaignSnapshot) {
        guard snapshot.workersReady > 0 || !marks.isEmpty else { return }
        marks.append(Mark(seconds: snapshot.seconds, samples: snapshot.samplesSettled))
        while marks.count > 2, marks[1].seconds < snapshot.seconds - Pace.window {
            marks.removeFirst()
        }
    }

    /// Samples a second; nil when there is no pace yet.
    public var samplesPerSecond: Double? {
        guard let first = marks.first, let last = marks.last, last.seconds > first.seconds else {
            return nil
        }
        return Double(last.samples - first.samples) / (last.seconds - first.seconds)
    }
}

/// Whether a coordinator is well: the answer to who looks after it.
public struct Health: Hashable, Sendable {
    /// Whether it is.
    public var isGood: Bool
    /// Why, in a sentence.
    public var sentence: String

    /// It is well, or not, and this is why.
    public init(isGood: Bool, sentence: String) {
        self.isGood = isGood
        self.sentence = sentence
    }

    /// For how long the coordinating thread may not come by.
    public static let patience = Duration.seconds(30)

    /// Whether the process lives and its thread turns, and no campaign was stopped by trouble.
    public static func life(
        _ board: StatusBoard.Contents, at now: ContinuousClock.Instant = .now
    ) -> Health {
        if let trouble = board.trouble { return Health(isGood: false, sentence: trouble) }
        guard let lastTurn = board.lastTurn else {
            return Health(isGood: true, sentence: "The campaign is being prepared.")
        }
        let silence = now - lastTurn
        guard !board.isListening || silence < patience else {
            return Health(
                isGood: false,
                sentence: "The coordinating thread has not come by for "
                    + "\(silence.components.seconds) seconds: a disk may not answer.")
        }
        return Health(isGood: true, sentence: "The coordinating thread turns.")
    }

    /// Whether workers are listened for.
    public static func readiness(
        _ board: StatusBoard.Contents, at now: ContinuousClock.Instant = .now
    ) -> Health {
        let life = life(board, at: now)
        guard life.isGood, board.lastTurn != nil else {
            return Health(isGood: false, sentence: life.sentence)
        }
        return board.isListening
            ? Health(isGood: true, sentence: "The coordinator listens for workers.")
            : Health(isGood: false, sentence: "No campaign runs: the last one has ended.")
    }
}

extension StatusBoard.Contents {
    fileprivate mutating func forgetTheOldest(beyond most: Int) {
        guard campaigns.count > most, let oldest = campaigns.firstIndex(where: { !$0.isRunning })
        else { return }
        campaigns.remove(at: oldest)
    }

    /// Why the campaign that ran last cannot go on.
    fileprivate var trouble: String? {
        guard !isListening, let last = campaigns.last?.snapshot, last.state == .stopped else {
            return nil
        }
        return "The campaign in \(last.folder) was stopped: \(last.reason ?? "trouble")."
    }
}
