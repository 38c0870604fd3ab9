/// Something that happened to the fleet or to the campaign: a line for a person, and what a program
/// needs to know of it.
public struct FleetEvent: Hashable, Sendable {
    /// What happened, in a word that stays the same from release to release.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A worker became ready.
        case joined = "worker_joined"
        /// A worker left, or was sent away.
        case left = "worker_left"
        /// A worker fell silent, or its connection was gone.
        case lost = "worker_lost"
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
        /// So much happened at a time that some of it is only counted.
        case notShown = "lines_not_shown"
    }

    /// What happened.
    public var kind: Kind
    /// The sentence.
    public var message: String
    /// The name of the worker.
    public var worker: String?
    /// The number of the lease that it is about.
    public var lease: UInt64?

    /// This happened.
    public init(_ kind: Kind, _ message: String, worker: String? = nil, lease: UInt64? = nil) {
        self.kind = kind
        self.message = message
        self.worker = worker
        self.lease = lease
    }

    /// Whether something is not as it should be.
    public var isTrouble: Bool {
        switch kind {
        case .joined, .left, .keys: false
        case .lost, .refused, .leaseExpired, .leaseLost, .failed, .cut, .notShown: true
        }
    }
}
