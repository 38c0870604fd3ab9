public import RandomizedSmoothing

/// Something that must outlive the coordinator.
///
/// The coordinator's shell makes entries durable, in order, before it writes a record or ends the
/// campaign by a directive that comes after them: a tally is journalled before it counts towards a
/// record. What it sends may go ahead of them, for it claims nothing: whatever a crash loses is
/// counted again, with the same counts.
public enum JournalEntry: Hashable, Sendable {
    /// A range was lent.
    case lent(LentRange)
    /// A range was settled.
    case settled(SettledRange)
    /// All samples of an input and of those before it are settled: its record is due, and what was
    /// kept of its ranges is needed no more.
    case decided(SettledInput)
}

/// A range of blocks that was lent.
public struct LentRange: Hashable, Sendable {
    /// The lease.
    public var lease: LeaseID
    /// The input's place in the campaign.
    public var position: Int
    /// The blocks.
    public var range: BlockRange
    /// Who has it.
    public var borrower: WorkerID

    /// Assembles the entry from its parts.
    public init(lease: LeaseID, position: Int, range: BlockRange, borrower: WorkerID) {
        self.lease = lease
        self.position = position
        self.range = range
        self.borrower = borrower
    }
}

/// A range of blocks that was settled, and how.
public struct SettledRange: Hashable, Sendable {
    /// The lease whose tally it was.
    public var lease: LeaseID
    /// The input's place in the campaign.
    public var position: Int
    /// The blocks.
    public var range: BlockRange
    /// How often each class was the answer.
    public var counts: ClassCounts
    /// How long counting took, in nanoseconds of one session.
    public var nanoseconds: Int
    /// Who counted, as it introduced itself.
    public var worker: Hello

    /// Assembles the entry from its parts.
    public init(
        lease: LeaseID, position: Int, range: BlockRange, counts: ClassCounts, nanoseconds: Int,
        worker: Hello
    ) {
        self.lease = lease
        self.position = position
        self.range = range
        self.counts = counts
        self.nanoseconds = nanoseconds
        self.worker = worker
    }
}

/// What a journal gives back of an unfinished campaign.
public struct CampaignHistory: Hashable, Sendable {
    /// How many inputs, counted from the first of the campaign, are decided.
    public var decidedInputs: Int
    /// The ranges of later inputs that were lent, in order of lending.
    public var lent: [LentRange]
    /// Those of them that are settled, in order of settling.
    public var settled: [SettledRange]
    /// What each worker has counted so far, in order of its first settled range.
    public var contributions: [Contribution]
    /// What a run that this one extends has counted of each input, by its place in the campaign; empty:
    /// it extends none. (A journal does not hold this.)
    public var takenOver: [TakenOver] = []

    /// What one worker has counted.
    public struct Contribution: Hashable, Sendable {
        /// Its introduction.
        public var worker: Hello
        /// How many leases it settled.
        public var leases: Int
        /// How many samples.
        public var samples: Int
        /// How long it took, in nanoseconds of single sessions.
        public var nanoseconds: Int

        /// Assembles the entry from its parts.
        public init(worker: Hello, leases: Int, samples: Int, nanoseconds: Int) {
            self.worker = worker
            self.leases = leases
            self.samples = samples
            self.nanoseconds = nanoseconds
        }
    }

    /// The history of a campaign in which nothing has happened.
    public init() {
        decidedInputs = 0
        lent = []
        settled = []
        contributions = []
    }
}

/// What a run with the same key has counted of an input: all selection samples, and the estimation samples
/// before a block.
///
/// Only classes that occur take memory: of a campaign with many of them all inputs are held at once.
public struct TakenOver: Hashable, Sendable {
    /// How many selection samples were counted.
    public let selectionSamples: Int
    /// How many estimation samples were counted.
    public let estimationSamples: Int
    private let selectionCounts: [Int32: Int]
    private let estimationCounts: [Int32: Int]
    private let classes: Int

    /// The counts of both phases, of the same classes.
    public init(selection: ClassCounts, estimation: ClassCounts) {
        selectionSamples = selection.samples
        estimationSamples = estimation.samples
        selectionCounts = TakenOver.nonzero(selection)
        estimationCounts = TakenOver.nonzero(estimation)
        classes = selection.values.count
    }

    /// The counts of the selection samples.
    public var selection: ClassCounts { all(selectionCounts) }

    /// The counts of the estimation samples.
    public var estimation: ClassCounts { all(estimationCounts) }

    private static func nonzero(_ counts: ClassCounts) -> [Int32: Int] {
        var found: [Int32: Int] = [:]
        for (answer, value) in counts.values.enumerated() where value != 0 {
            found[Int32(answer)] = value
        }
        return found
    }

    private func all(_ counts: [Int32: Int]) -> ClassCounts {
        ClassCounts((0..<classes).map { counts[Int32($0)] ?? 0 })
    }
}

extension CampaignHistory {
    /// What these entries, in order, come to: the definition of what a journal gives back.
    public init(replaying entries: some Sequence<JournalEntry>) {
        self.init()
        var places: [WorkerID: Int] = [:]
        for entry in entries {
            switch entry {
            case .lent(let range): lent.append(range)
            case .settled(let range):
                settled.append(range)
                credit(range, &places)
            case .decided(let input):
                decidedInputs = input.position + 1
                lent.removeAll { $0.position <= input.position }
                settled.removeAll { $0.position <= input.position }
            }
        }
    }

    private mutating func credit(_ range: SettledRange, _ places: inout [WorkerID: Int]) {
        let place = places[range.worker.worker] ?? contributions.count
        if place == contributions.count {
            places[range.worker.worker] = place
            contributions.append(
                Contribution(worker: range.worker, leases: 0, samples: 0, nanoseconds: 0))
        }
        contributions[place].leases += 1
        contributions[place].samples += range.counts.samples
        contributions[place].nanoseconds += range.nanoseconds
    }
}
