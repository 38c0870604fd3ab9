/// How far a campaign is at a moment, and who counts for it: what the status page, the metrics and the
/// health checks are made of. A value that the coordinator's thread hands over and never looks at again.
public struct CampaignSnapshot: Hashable, Sendable {
    /// The folder of the campaign, as it was given: its name everywhere.
    public var folder: String
    /// The seal of the manifest.
    public var seal: String
    /// What is claimed, in a line: `sigma 0.25, alpha 0.001, …`.
    public var claim: String
    /// Where workers reach the coordinator.
    public var endpoint: String
    /// Whether it runs, or how it ended.
    public var state: State
    /// Why it was stopped.
    public var reason: String?
    /// For how long this coordinator has run it, in seconds.
    public var seconds: Double

    /// How many samples are settled.
    public var samplesSettled: Int
    /// How many of them were when this coordinator was started.
    public var samplesBefore: Int
    /// How many there are in all, or are expected to be when inputs may be decided early.
    public var samplesExpected: Int
    /// How many inputs are decided, in campaign order and without a gap.
    public var inputsDecided: Int
    /// How many of them were when this coordinator was started.
    public var inputsBefore: Int
    /// How many there are.
    public var inputs: Int

    /// How many workers are counting.
    public var workersReady: Int
    /// How many blocks they classify at the same time.
    public var sessionsReady: Int
    /// How many leases are out.
    public var leasesOut: Int
    /// The workers in the order of joining; of too many those that are there first.
    public var workers: [WorkerSnapshot]
    /// The sum of those that are not listed; nil: all are.
    public var otherWorkers: OtherWorkers?

    /// What the records amount to so far.
    public var outcomes: OutcomeCounts
    /// How often each kind of thing happened to the fleet, by name.
    public var incidents: [IncidentCount]
    /// What happened last, oldest first.
    public var recent: [String]
    /// What went over the wire.
    public var traffic: Traffic
    /// What was made durable.
    public var storage: Storage

    /// Whether a campaign runs, or how it ended.
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// It counts, or waits for workers.
        case running
        /// Every input is decided.
        case finished
        /// A person stopped it.
        case interrupted
        /// It cannot go on.
        case stopped
    }

    /// How often one kind of thing happened.
    public struct IncidentCount: Hashable, Sendable {
        /// What happened, in a word.
        public var kind: FleetEvent.Kind
        /// How often.
        public var count: Int

        /// So often this.
        public init(_ kind: FleetEvent.Kind, _ count: Int) {
            self.kind = kind
            self.count = count
        }
    }

    /// A campaign of which nothing is known but its name.
    public init(folder: String, seal: String, claim: String = "", endpoint: String = "") {
        self.folder = folder
        self.seal = seal
        self.claim = claim
        self.endpoint = endpoint
        state = .running
        seconds = 0
        (samplesSettled, samplesBefore, samplesExpected) = (0, 0, 0)
        (inputsDecided, inputsBefore, inputs) = (0, 0, 0)
        (workersReady, sessionsReady, leasesOut) = (0, 0, 0)
        workers = []
        outcomes = OutcomeCounts()
        incidents = []
        recent = []
        traffic = Traffic()
        storage = Storage()
    }
}

/// What one worker has done. Workers of one name are one worker here.
public struct WorkerSnapshot: Hashable, Sendable {
    /// Its name: host and process.
    public var name: String
    /// How many blocks it classifies at the same time.
    public var sessions: Int
    /// How it left; nil while it is there.
    public var departure: String?
    /// How many leases it settled.
    public var leases = 0
    /// How many samples it settled.
    public var samples = 0
    /// How long its sessions counted them, in seconds.
    public var sessionSeconds = 0.0
    /// Its tallies that did not count.
    public var faults = TallyFaults()

    /// A worker that has done nothing yet.
    public init(name: String, sessions: Int, departure: String? = nil) {
        self.name = name
        self.sessions = sessions
        self.departure = departure
    }
}

/// Tallies that did not count.
public struct TallyFaults: Hashable, Sendable {
    /// For ranges that were settled before, with the same counts.
    public var repeated = 0
    /// For inputs that were decided before.
    public var late = 0
    /// Those that could not be the answer to their lease.
    public var refused = 0

    /// None.
    public init() {}
}

/// Workers that are too many to be listed one by one.
public struct OtherWorkers: Hashable, Sendable {
    /// How many they are.
    public var count = 0
    /// How many samples they settled.
    public var samples = 0
    /// None.
    public init() {}

    /// Adds a worker.
    public mutating func add(_ worker: WorkerSnapshot) {
        count += 1
        samples += worker.samples
    }
}

/// What the records so far amount to.
public struct OutcomeCounts: Hashable, Sendable {
    /// How many records there are.
    public var records = 0
    /// How many of them are certificates.
    public var certified = 0
    /// How many are predictions.
    public var predicted = 0
    /// How many are abstentions.
    public var abstained: Int { records - certified - predicted }
    /// How many have a known label.
    public var labelled = 0
    /// How many predictions are right.
    public var predictedCorrectly = 0
    /// How many certificates there are of at least some radii, smallest radius first.
    public var radii: [AtRadius] = []

    /// The certificates of at least a radius.
    public struct AtRadius: Hashable, Sendable {
        /// The radius.
        public var radius: Double
        /// How many certificates are at least so large.
        public var certified: Int
        /// How many of them name the right class.
        public var correct: Int

        /// So many at this radius.
        public init(radius: Double, certified: Int, correct: Int) {
            self.radius = radius
            self.certified = certified
            self.correct = correct
        }
    }

    /// No records.
    public init() {}
}

/// What went over the wire, and what of it was not taken.
public struct Traffic: Hashable, Sendable {
    /// Bytes of messages that were sent.
    public var bytesSent = 0
    /// Bytes of messages that arrived.
    public var bytesReceived = 0
    /// Messages that were handed to the decoder.
    public var messagesDecoded = 0
    /// Messages that could not be read.
    public var messagesMalformed = 0
    /// Messages of workers whose keys were revoked, dropped unread.
    public var messagesDropped = 0
    /// Connections with a key that is not allowed.
    public var strangersRefused = 0

    /// Nothing.
    public init() {}
}

/// What was made durable, and what room there is.
public struct Storage: Hashable, Sendable {
    /// How often entries were appended to the journal.
    public var journalAppends = 0
    /// How long that took, in seconds.
    public var journalSeconds = 0.0
    /// How large the journal is, in bytes.
    public var journalBytes = 0
    /// How many bytes the file system of the folder has left for this user; nil: it does not say.
    public var bytesFree: Int?

    /// Nothing.
    public init() {}
}
