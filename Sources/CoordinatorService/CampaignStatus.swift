public import Foundation

/// How far a campaign is and who counts for it: what the coordinator writes to `status.json` every
/// two seconds and at the end, for people and scripts that look on.
public struct CampaignStatus: Codable, Sendable {
    /// `running`, `finished`, `interrupted` or `stopped`.
    public var state: String
    /// Why it was stopped.
    public var reason: String?
    /// When this was written.
    public var updated: Date
    /// The coordinator's host and process.
    public var host: String
    /// The coordinator's process.
    public var process: Int32
    /// Where workers reach it.
    public var endpoint: String
    /// How many inputs are decided, and how many there are.
    public var inputsDecided: Int
    /// How many inputs there are.
    public var inputs: Int
    /// How many samples are settled.
    public var samplesSettled: Int
    /// How many there are in all.
    public var samples: Int
    /// Samples a second since the coordinator was started.
    public var samplesPerSecond: Double
    /// For how long the coordinator has run.
    public var seconds: Double
    /// The workers, in the order of joining.
    public var workers: [Worker]
    /// What happened to the fleet last, oldest first.
    public var incidents: [String]

    /// One worker.
    public struct Worker: Codable, Sendable {
        /// Its name: host and process.
        public var name: String
        /// How many blocks it classifies at the same time.
        public var sessions: Int
        /// How many samples it settled.
        public var samples: Int
        /// How it left; nil while it is there.
        public var departure: String?
    }

    /// Samples that are left over the pace so far, in seconds; nil when there is no pace yet.
    public var secondsLeft: Double? {
        samplesPerSecond > 0 ? (Double(samples) - Double(samplesSettled)) / samplesPerSecond : nil
    }

    /// The name of the file in the campaign folder.
    public static let fileName = "status.json"

    /// The status of the campaign in a folder.
    ///
    /// - Throws: one sentence when there is none, or it cannot be read.
    public static func read(from folder: String) throws -> CampaignStatus {
        guard let data = FileManager.default.contents(atPath: folder + "/" + fileName) else {
            throw FolderError.noStatus(folder)
        }
        guard let status = CampaignStatus(json: data) else {
            throw FolderError.unreadable(folder + "/" + fileName)
        }
        return status
    }

    /// Whether a coordinator that says it is running has not been heard for ten seconds, or is a
    /// process of this machine that is gone.
    public func isStale(at now: Date, onHost here: String) -> Bool {
        guard state == "running" else { return false }
        if host == here, kill(process, 0) != 0, errno == ESRCH { return true }
        return now.timeIntervalSince(updated) > 10
    }

    /// The status as JSON, with sorted keys.
    public func json() throws -> String {
        try encoded([.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]) + "\n"
    }

    /// The status as one line of JSON of at most so many bytes: of more workers than that allows
    /// those that are there and joined first are named.
    func line(atMost bytes: Int) throws -> String {
        var short = self
        while true {
            let line = try short.encoded([.sortedKeys, .withoutEscapingSlashes])
            if line.utf8.count <= bytes || short.workers.isEmpty { return line }
            let present = short.workers.filter { $0.departure == nil }
            short.workers = Array(present.prefix(short.workers.count / 2))
        }
    }

    private func encoded(_ formatting: JSONEncoder.OutputFormatting) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting
        encoder.dateEncodingStrategy = .iso8601
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

extension CampaignStatus {
    /// The status that this JSON says; nil when it says none.
    public init?(json: Data) {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        guard let status = try? decoder.decode(CampaignStatus.self, from: json) else { return nil }
        self = status
        // Names and reasons come from others, and a terminal obeys control characters.
        let plain = { (text: String) in
            String(
                String.UnicodeScalarView(
                    text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }))
        }
        endpoint = plain(endpoint)
        host = plain(host)
        state = plain(state)
        reason = reason.map(plain)
        incidents = incidents.map(plain)
        for place in workers.indices {
            workers[place].name = plain(workers[place].name)
            workers[place].departure = workers[place].departure.map(plain)
        }
    }
}
