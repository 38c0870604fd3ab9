/// Something that happened to the fleet or to the campaign: a line for a person, and what a program
/// needs to know of it.
public struct FleetEvent: Hashable, Sendable {
    /// What happened, in a word that stays the same from release to release.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A worker became ready.
        case joined = "worker_joined"
        /// A worker left.
        case left = "worker_left"
        /// A worker was not let in.
        case refused = "worker_refused"
        /// A lease was not answered in time and is lent again.
        case leaseExpired = "lease_expired"
        /// A worker does not know of a lease that it was lent.
        case leaseLost = "lease_lost"
        /// The classifier failed.
        case failed = "worker_failed"
        /// A connection was cut.
        case cut = "connection_cut"
        /// Who is allowed has changed, or somebody came who is not.
        case keys = "keys_changed"
    }

    /// How much it matters.
    public enum Level: String, Hashable, Sendable {
        /// It belongs to the course of things.
        case info
        /// Something is not as it should be, and the campaign goes on.
        case warning
        /// The campaign cannot go on, or the command was wrong.
        case error
    }

    /// What happened.
    public var kind: Kind
    /// The sentence.
    public var message: String
    /// The name of the worker.
    public var worker: String?

    /// This happened.
    public init(_ kind: Kind, _ message: String, worker: String? = nil) {
        self.kind = kind
        self.message = message
        self.worker = worker
    }

    /// How much it matters.
    public var level: Level {
        switch kind {
        case .joined, .left, .keys: .info
        case .refused, .leaseExpired, .leaseLost, .failed, .cut: .warning
        }
    }
}
