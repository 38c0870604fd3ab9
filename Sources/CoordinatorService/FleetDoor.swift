import CampaignMessages
import CampaignMonitoring
import CampaignScheduling
import ZeroMQ

/// Where workers reach a coordinator: the socket, who may speak over it and how much, and what is on
/// its way to whom. The thread that makes it owns the socket.
///
/// It knows nothing of campaigns: what gets past it is an ``Arrival``, and whoever runs campaigns
/// says to which of them it belongs.
final class FleetDoor {
    /// The address at which workers reach it, with the port that was chosen for `*`.
    let endpoint: String
    let admission: Admission
    private(set) var gate: Gate
    /// How many bytes of messages came in and went out.
    private(set) var bytes = (received: 0, sent: 0)

    private let context: Context
    private var socket: Socket
    private var outbox = Outbox()
    private var floods = FloodWatch()
    /// The peers to which nothing can be sent, and since when: what they said last may still wait to
    /// be read.
    private var lost: [(peer: PeerID, since: Duration)] = []
    private var lostPeers: Set<PeerID> = []
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant

    /// What came in.
    enum Arrival {
        /// A message that could be read, of somebody who may speak.
        case message(WorkerMessage, from: PeerID)
        /// A message that could not be read.
        case malformed
        /// The peer is gone, or is another one now than it was.
        case gone(PeerID)
        /// The peer was turned away; the event says why, unless that is said elsewhere.
        case expelled(PeerID, WorkerAccount.Departure, FleetEvent?)
    }

    /// Listens at the address. Workers may connect from now on, and wait.
    ///
    /// - Throws: one sentence: the address is in use, is none, …
    init(listeningAt address: String, admitting admission: Admission) throws {
        try admission.check(address)
        FileDescriptorLimit.raise()
        context = try Context()
        var options = SocketOptions()
        options.linger = .seconds(2)
        options.ipv6 = address.contains("[")
        // So many messages may wait for a peer that does not read; the outbox bounds their bytes.
        options.sendHighWaterMark = 128
        // A connection that is held up and breaks may end the process (see ``FloodWatch``): none is
        // held up. Nor does this side ping, which ends it too then. Workers do, and a connection on
        // which they have ceased to is closed (``SocketOptions/heartbeatTimeToLive``).
        options.receiveHighWaterMark = nil
        options.heartbeatInterval = .zero
        self.admission = admission
        gate = try Gate(admission, in: context)
        socket = try Socket(.router, in: context, options: options, curve: gate.curve)
        try socket.bind(address)
        endpoint = try socket.lastEndpoint
        start = clock.now
    }

    /// The time since it was opened.
    var now: Duration { start.duration(to: clock.now) }

    /// Waits until something can be read or the wakeup is signalled, but not beyond the time.
    func wait(for wakeup: Wakeup, until time: Duration) throws {
        _ = try Poller.wait(on: socket, wakeup: wakeup, timeout: time - now)
    }
}

// MARK: Reading

extension FleetDoor {
    /// For how long the last words of a peer that is gone are looked for among those of others.
    private static let lastWords = Duration.seconds(1)
    /// How many messages are taken before the time is looked at again.
    private static let burst = 64

    /// Takes what waits to be read, but not too much at once.
    ///
    /// - Parameters:
    ///   - standing: what the campaigns know of a worker.
    ///   - take: called for each arrival, before the next message is read.
    func receive(
        standing: (WorkerID) -> IdentityBook.Standing, take: (Arrival) throws -> Void
    ) throws {
        for _ in 0..<FleetDoor.burst {
            guard let received = try socket.receive() else {
                return try giveUp(lostBefore: now, take)
            }
            // Of an overlong message there is nothing to decode.
            let frames: [[UInt8]]
            switch received {
            case .message(let all): frames = all
            case .overlong(let first, _): frames = [first]
            }
            try open(frames.dropFirst(), from: PeerID(frames[0]), standing, take)
        }
    }

    /// Looks who is allowed no longer, and gives up peers that are gone. Called about ten times a second.
    ///
    /// - Returns: what happened to the keys.
    func tend(take: (Arrival) throws -> Void) throws -> [FleetEvent] {
        let changes = gate.look(at: now)
        for (peer, reason) in changes.expelled {
            let refusal = Refusal(reason: reason, mayRetry: false)
            try take(turnAway(peer, refusal, .revoked, nil))
        }
        try giveUp(lostBefore: now - FleetDoor.lastWords, take)
        outbox.tidy()
        return changes.notes.map { FleetEvent(.keys, $0) }
    }

    /// Decodes a message, if its sender may send it.
    private func open(
        _ frames: ArraySlice<[UInt8]>, from peer: PeerID,
        _ standing: (WorkerID) -> IdentityBook.Standing, _ take: (Arrival) throws -> Void
    ) throws {
        guard !floods.isFlood(peer) else { return }
        let size = frames.reduce(0) { $0 + $1.count }
        bytes.received += size
        if let flood = floods.note(size, from: peer, at: now) {
            return try take(cut(peer, because: flood))
        }
        switch gate.passage(of: peer, from: socket) {
        case .open: break
        case .openToAnother: try take(.gone(peer))
        case .closed: return
        }
        guard let message = try? WireFormat.decodeWorkerMessage(frames) else {
            try take(.malformed)
            if let flood = floods.noteMalformed(from: peer, at: now) {
                try take(cut(peer, because: flood))
            }
            return
        }
        if case .hello(let hello) = message,
            let refusal = gate.refusal(of: hello, from: peer, at: now, standing: standing)
        {
            let line = "worker \(hello.name) was refused: \(refusal.reason)"
            return try take(
                turnAway(
                    peer, refusal, .dismissed, FleetEvent(.refused, line, worker: hello.name)))
        }
        try take(.message(message, from: peer))
    }

    /// Cuts the connection of a peer that sent too much, and reads nothing more of it.
    private func cut(_ peer: PeerID, because flood: String) -> Arrival {
        socket.lastConnection?.cut()
        outbox.forget(peer)
        return .expelled(
            peer, .dismissed, FleetEvent(.cut, "a connection was cut: it sent \(flood)"))
    }

    /// Tells a peer why it may not take part, if it still listens.
    private func turnAway(
        _ peer: PeerID, _ refusal: Refusal, _ departure: WorkerAccount.Departure,
        _ event: FleetEvent?
    ) throws -> Arrival {
        _ = try socket.send([peer.bytes] + WireFormat.encode(.refusal(refusal)))
        return .expelled(peer, departure, event)
    }

    /// Counts peers as gone to which nothing could be sent. Whatever they said is read by then: a
    /// goodbye and the end of its connection often come together, and the end shows first.
    private func giveUp(lostBefore time: Duration, _ take: (Arrival) throws -> Void) throws {
        let count = lost.prefix { $0.since <= time }.count
        let gone = lost.prefix(count).map(\.peer)
        lost.removeFirst(count)
        for peer in gone {
            lostPeers.remove(peer)
            try take(.gone(peer))
        }
    }
}

// MARK: Sending

extension FleetDoor {
    /// Sends a message. A peer to which nothing can be sent is given up soon.
    func send(_ message: CoordinatorMessage, to peer: PeerID) throws {
        let frames = WireFormat.encode(message)
        let size = frames.reduce(0) { $0 + $1.count }
        bytes.sent += size
        var backlog: Backlog?
        if size >= Backlog.longFrame {
            backlog = outbox.backlog(of: peer, forMore: size)
            guard backlog != nil else { return lose(peer) }
        }
        guard try socket.send([peer.bytes] + frames, countingIn: backlog) != .sent else { return }
        lose(peer)
    }

    /// Has a request for a piece wait until the peer has read those before.
    func add(_ request: PieceRequest, of peer: PeerID) { outbox.add(request, of: peer) }

    /// The peers whose requests wait.
    var waitingPeers: [PeerID] { outbox.waiting }

    /// The next request of the peer that may be answered now.
    func takeRequest(of peer: PeerID) -> PieceRequest? { outbox.takeRequest(of: peer) }

    /// Nothing can be sent to the peer: it is gone, or does not read.
    private func lose(_ peer: PeerID) {
        outbox.forget(peer)
        if lostPeers.insert(peer).inserted { lost.append((peer, now)) }
    }
}
