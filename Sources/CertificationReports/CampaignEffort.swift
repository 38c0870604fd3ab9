public import CertificateRecords

/// Who counted a campaign, how long, and what went wrong: read off `provenance.json`.
///
/// None of it determines a record, so nothing that is missing here stops a report.
public struct CampaignEffort: Hashable, Sendable {
    /// How the last run ended: `finished`, `interrupted` or `stopped`.
    public let ending: String
    /// Why, when it was stopped.
    public let reason: String?
    /// When the last run began and when it ended.
    public let began: String
    /// See ``began``.
    public let ended: String
    /// How long it took, in seconds.
    public let seconds: Double
    /// Who drew the noise key.
    public let keyOrigin: String
    /// How workers were told from strangers.
    public let admission: String
    /// How many samples were settled, over all runs.
    public let samples: Int
    /// How many samples were settled or lent past a stop.
    public let needlessSamples: Int
    /// The processor time of the coordinator, in seconds.
    public let coordinatorSeconds: Double
    /// The workers, in the order of joining.
    public let workers: [Worker]
    /// What happened to the fleet.
    public let incidents: [String]
    /// How many more incidents there were.
    public let incidentsNotListed: Int
    /// How many runs it was merged from, whose times are added; 0: it is no merged run.
    public let parts: Int
    /// The paths of the files that were read, by role.
    public let files: [String: String]

    /// A worker.
    public struct Worker: Hashable, Sendable {
        /// Its name.
        public let name: String
        /// How many samples it settled.
        public let samples: Int
        /// How long its sessions counted, together.
        public let sessionSeconds: Double
        /// When it joined, in seconds since the beginning.
        public let joined: Double
        /// When it left; nil: it stayed to the end.
        public let left: Double?
        /// How it left.
        public let departure: String?
        /// Counts of it that could not be the answer to their lease.
        public let refusedTallies: Int
    }

    /// Reads the file.
    ///
    /// - Throws: ``UnreadableMember``.
    public init(_ json: JSON) throws {
        let object = try ObjectReader(json)
        ending = try object.string("ending")
        reason = try object.optionalString("reason")
        began = try object.string("began")
        ended = try object.string("ended")
        seconds = try object.double("seconds")
        keyOrigin = try object.string("noiseKeyOrigin")
        admission = try object.string("admission")
        samples = try object.integer("samplesSettled")
        needlessSamples = try object.integer("samplesNeedless")
        coordinatorSeconds = try object.double("coordinatorProcessorSeconds")
        incidents = try object.strings("incidents")
        incidentsNotListed = try object.integer("incidentsNotListed")
        guard case .array(let list) = try object.value("workers") else {
            throw UnreadableMember("workers", "is no list")
        }
        workers = try list.map { try Worker(ObjectReader($0)) }
        if case .array(let list)? = object["parts"] { parts = list.count } else { parts = 0 }
        var files: [String: String] = [:]
        for member in try object.object("files").members {
            if case .string(let path) = member.value { files[member.key] = path }
        }
        self.files = files
    }

    /// How long the workers counted, together, with the coordinator's processor time: about the
    /// core-seconds, where a session keeps one core busy.
    public var coreSeconds: Double {
        workers.reduce(coordinatorSeconds) { $0 + $1.sessionSeconds }
    }

    /// How long the workers were there, together, in seconds.
    public var workerSeconds: Double {
        workers.reduce(0) { $0 + max(0, ($1.left ?? seconds) - $1.joined) }
    }
}

extension CampaignEffort.Worker {
    fileprivate init(_ object: ObjectReader) throws {
        name = try object.string("name")
        samples = try object.integer("samples")
        sessionSeconds = try object.double("sessionSeconds")
        joined = try object.double("joined")
        left = try object.optional("left") == nil ? nil : object.double("left")
        departure = try object.optionalString("departure")
        refusedTallies = try object.integer("refusedTallies")
    }
}
