import CampaignKeys
import CampaignScheduling
import Sodium
import ZeroMQ

/// Stands between the socket and the decoder: in keyed mode only what workers sent whose keys are
/// allowed now gets past (law 8), a worker that is revoked is dropped at once, and none can pass
/// for another.
///
/// A stranger does not come this far: ``Authenticator`` turns it away at the handshake. ZeroMQ never
/// ends a connection that it let in, so whose key is revoked later is told so, and cut off.
struct Gate {
    /// How many messages were handed on to be decoded.
    private(set) var admitted = 0
    /// How many messages of revoked workers were dropped unread.
    private(set) var dropped = 0

    private let admission: Admission
    private let authenticator: Authenticator?
    /// The names of the keys that are allowed, and of those that were before.
    private var names: [String: String] = [:]
    private var hasComplained = false
    private var formerNames: [String: String] = [:]
    private var stamp: [Int]?
    private var peers: [PeerID: Peer] = [:]
    private var book = IdentityBook()
    private var leaving: [(connection: Connection, due: Duration)] = []
    private var announced: Set<[UInt8]> = []
    private var nextLook = Duration.zero

    private struct Peer {
        /// The key that it proved to hold, as digits.
        let user: String
        let connection: Connection?
    }

    /// Begins to answer for who may connect, if there are keys.
    init(_ admission: Admission, in context: Context) throws {
        self.admission = admission
        guard case .keys(let folder) = admission else {
            authenticator = nil
            return
        }
        authenticator = try Authenticator(in: context)
        stamp = folder.allowedStamp
        allow(try folder.allowedWorkers())
    }

    /// What the coordinator's socket proves, and asks for.
    var curve: Curve? {
        guard case .keys(let folder) = admission, let authenticator else { return nil }
        return .server(
            secretKey: folder.coordinator.secretKey.copiedBytes(), authenticator: authenticator)
    }

    /// How many times a stranger, or a revoked worker, was turned away.
    var strangersRefused: Int { authenticator?.denialCount ?? 0 }

    /// The name of the key that a worker introduced itself with.
    func keyName(of worker: WorkerID) -> String? { book[worker]?.name }

    private mutating func allow(_ allowed: [AllowedWorker]) {
        names = Dictionary(allowed.map { ($0.key.hex, $0.name) }) { first, _ in first }
        authenticator?.allow(
            Dictionary(allowed.map { ($0.key.bytes, $0.key.hex) }) { first, _ in first })
    }
}

// MARK: Messages

extension Gate {
    /// What is to be done with a message that came.
    enum Passage {
        /// Decode it.
        case open
        /// Decode it; the peer of this name was another one until now, and is gone.
        case openToAnother
        /// Drop it unread.
        case closed
    }

    /// Whether what the socket received last may be decoded.
    mutating func passage(of peer: PeerID, from socket: borrowing Socket) -> Passage {
        guard authenticator != nil else {
            admitted += 1
            return .open
        }
        guard let user = socket.lastUser, names[user] != nil else {
            dropped += 1
            if let connection = socket.lastConnection, !isLeaving(connection) { connection.cut() }
            return .closed
        }
        admitted += 1
        let known = peers[peer]
        if known?.user == user { return .open }
        if peers.count >= Gate.maximumPeers { peers = [:] }
        peers[peer] = Peer(user: user, connection: socket.lastConnection)
        return known == nil ? .open : .openToAnother
    }

    /// Why the worker of this introduction may not take part, if it is not the one that its key says,
    /// or one of too many.
    mutating func refusal(
        of hello: Hello, from peer: PeerID, at now: Duration,
        standing: (WorkerID) -> IdentityBook.Standing
    ) -> Refusal? {
        // The scheduling core refuses another version, with its sentence.
        guard hello.protocolVersion == protocolVersion else { return nil }
        if let refusal = book.introduce(hello.worker, over: peer) { return refusal }
        guard authenticator != nil, let user = peers[peer]?.user, let name = names[user] else {
            return nil
        }
        if let reason = disguise(of: hello, by: user, named: name) {
            return Refusal(reason: reason, mayRetry: false)
        }
        let old = book[hello.worker]?.peer
        let entry = IdentityBook.Entry(user: user, name: name, peer: peer)
        let refusal = book.enter(hello.worker, as: entry, at: now, standing: standing)
        if refusal == nil, let old, old != peer { peers[old] = nil }
        return refusal
    }

    /// Why the worker is not the one that its key says, if that is so; one sentence.
    private func disguise(
        of hello: Hello, by user: String, named name: String
    ) -> String? {
        guard hello.name.hasPrefix(name + ":") else {
            return "the worker calls itself \(hello.name), but its key is allowed under the name "
                + "\(name): give it the key file of that name, or allow its key under its own name"
        }
        if let known = book[hello.worker], known.user != user {
            return "the worker of \(name) says that it is one that came with the key of "
                + "\(known.name): start it again, so that it draws an identity of its own"
        }
        return nil
    }

    /// Connections beyond it make the gate forget all, which costs nothing but another look.
    private static let maximumPeers = 200_000
}

// MARK: Changes of what is allowed

extension Gate {
    /// What came of a look at the list of allowed workers.
    struct Changes {
        /// The connections of workers that are allowed no longer, and why.
        var expelled: [(peer: PeerID, reason: String)] = []
        /// Lines for a person.
        var notes: [String] = []
    }

    /// Looks twice a second whether the list of allowed workers has changed, and who was turned
    /// away meanwhile.
    mutating func look(at now: Duration) -> Changes {
        var changes = Changes()
        guard case .keys(let folder) = admission, now >= nextLook else { return changes }
        nextLook = now + .milliseconds(500)
        for old in leaving where old.due <= now { old.connection.cut() }
        leaving.removeAll { $0.due <= now }
        readAgain(folder, at: now, &changes)
        for denial in authenticator?.takeDenials() ?? [] { announce(denial, folder, &changes) }
        return changes
    }

    private func isLeaving(_ connection: Connection) -> Bool {
        leaving.contains { $0.connection == connection }
    }

    private mutating func readAgain(
        _ folder: KeyFolder, at now: Duration, _ changes: inout Changes
    ) {
        let newest = folder.allowedStamp
        guard newest != stamp else { return }
        let before = names
        do {
            allow(try folder.allowedWorkers())
        } catch {
            // Tried again at the next look, but said once.
            if !hasComplained {
                changes.notes.append(
                    "\(error); until then the same workers are allowed as before")
            }
            hasComplained = true
            return
        }
        stamp = newest
        hasComplained = false
        for (user, name) in before.sorted(by: { $0.value < $1.value }) where names[user] == nil {
            formerNames[user] = name
            changes.notes.append("the key of \(name) was revoked; its workers are dropped")
        }
        for (peer, known) in peers where names[known.user] == nil {
            let name = before[known.user] ?? "this worker"
            changes.expelled.append((peer, "the key of \(name) was revoked"))
            peers[peer] = nil
            // It is told why first.
            if let connection = known.connection {
                leaving.append((connection, now + .seconds(1)))
            }
        }
    }

    /// Names a stranger once, so that whoever knows it can let it in.
    private mutating func announce(
        _ denial: Authenticator.Denial, _ folder: KeyFolder, _ changes: inout Changes
    ) {
        guard announced.count < 100, announced.insert(denial.key).inserted,
            let key = PublicKey(bytes: denial.key)
        else { return }
        if let name = formerNames[key.hex] {
            changes.notes.append("turned away \(name), whose key was revoked")
            return
        }
        changes.notes.append(
            "turned away a stranger from \(denial.address); if you know it, let it in with: "
                + "wardein keys allow NAME \(key) --keys \(folder.path)")
    }
}
