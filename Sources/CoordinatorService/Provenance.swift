import CertificateRecords

/// Who counted what, when and how: all that may differ between two campaigns of one manifest.
struct Provenance: Hashable, Sendable {
    /// How the campaign ended: `finished`, `interrupted` or `stopped`.
    var ending: String
    /// Why, when it was stopped.
    var reason: String?
    /// When the campaign began, as ISO 8601 in UTC.
    var began: String
    /// When it ended.
    var ended: String
    /// How long it took, in seconds.
    var seconds: Double
    /// The seal of the manifest.
    var campaign: String
    /// Whether the noise key was drawn by the operating system or given by the caller.
    var noiseKeyOrigin: String
    /// The seal of the run with whose samples the campaign went on; nil: there was none.
    var extends: String?
    /// The command line.
    var command: [String]
    /// Where the inputs, labels and model came from, by role.
    var files: [File]
    /// Where the coordinator listened.
    var endpoint: String
    /// How many samples were settled.
    var samples: Int
    /// How many were counted, or being counted, past the checkpoint that decided their input.
    var needlessSamples: Int
    /// How many inputs were decided.
    var inputs: Int
    /// The processor time of the coordinator, in seconds.
    var coordinatorSeconds: Double
    /// One entry a worker, in the order of joining.
    var workers: [Worker]
    /// What happened, in order.
    var incidents: [String]
    /// How many more incidents there were than are listed.
    var incidentsNotListed: Int
    /// How many messages could not be read and were dropped.
    var malformedMessages: Int
    /// How workers were told from strangers.
    var admission: String
    /// How many times a connection with a key that was not allowed was turned away.
    var strangersRefused: Int
    /// How many messages of revoked workers were dropped unread.
    var messagesDropped: Int
    /// How many messages were handed to the decoder.
    var messagesDecoded: Int

    /// A file that was read.
    struct File: Hashable, Sendable {
        /// What it is to the campaign.
        var role: String
        /// Its path as it was given.
        var path: String
    }

    /// What a worker did.
    struct Worker: Hashable, Sendable {
        /// Its name: host and process.
        var name: String
        /// The name of the key that it proved to hold; nil without keys.
        var key: String?
        /// The engine that it ran.
        var fingerprint: String
        /// How many blocks it classified at the same time.
        var sessions: Int
        /// How many leases and samples it settled.
        var leases: Int
        /// How many samples it settled.
        var samples: Int
        /// How long its sessions counted them, in seconds.
        var sessionSeconds: Double
        /// When it joined and left, in seconds since the beginning.
        var joined: Double
        /// When it left; nil: it stayed to the end.
        var left: Double?
        /// How it left.
        var departure: String?
        /// Tallies that did not count: repeated, late, refused.
        var repeatedTallies: Int
        /// Tallies for inputs that were decided before.
        var lateTallies: Int
        /// Tallies that could not be the answer to their lease.
        var refusedTallies: Int
    }

    /// The file.
    var page: String {
        let page: JSON = [
            "format": "wardein provenance 1",
            "campaign": .string(campaign),
            "ending": .string(ending),
            "reason": JSON.optional(reason),
            "began": .string(began),
            "ended": .string(ended),
            "seconds": .number(seconds),
            "noiseKeyOrigin": .string(noiseKeyOrigin),
            "extends": extends.map { .string($0) } ?? .null,
            "command": .array(command.map { .string($0) }),
            "files": .object(files.map { JSON.Member(key: $0.role, value: .string($0.path)) }),
            "endpoint": .string(endpoint),
            "inputsDecided": .integer(inputs),
            "samplesSettled": .integer(samples),
            "samplesNeedless": .integer(needlessSamples),
            "coordinatorProcessorSeconds": .number(coordinatorSeconds),
            "workers": .array(workers.map(\.member)),
            "incidents": .array(incidents.map { .string($0) }),
            "incidentsNotListed": .integer(incidentsNotListed),
            "malformedMessages": .integer(malformedMessages),
            "admission": .string(admission),
            "strangersRefused": .integer(strangersRefused),
            "messagesDropped": .integer(messagesDropped),
            "messagesDecoded": .integer(messagesDecoded),
        ]
        return page.page
    }
}

extension Provenance.Worker {
    fileprivate var member: JSON {
        [
            "name": .string(name),
            "key": JSON.optional(key),
            "fingerprint": .string(fingerprint),
            "sessions": .integer(sessions),
            "leases": .integer(leases),
            "samples": .integer(samples),
            "sessionSeconds": .number(sessionSeconds),
            "joined": .number(joined),
            "left": left.map { .number($0) } ?? .null,
            "departure": JSON.optional(departure),
            "repeatedTallies": .integer(repeatedTallies),
            "lateTallies": .integer(lateTallies),
            "refusedTallies": .integer(refusedTallies),
        ]
    }
}

extension JSON {
    fileprivate static func optional(_ text: String?) -> JSON {
        text.map { .string($0) } ?? .null
    }
}
