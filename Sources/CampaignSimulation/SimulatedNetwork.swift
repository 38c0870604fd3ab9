import CampaignScheduling

// The network
// -----------
// Each worker has one connection, which keeps the order of messages in either direction as TCP does,
// unless a fault says otherwise. A worker that connects again, or a coordinator that was started
// again, makes a new one; the coordinator knows it by another name.

/// A message under way.
struct Parcel<Message: Sendable>: Sendable {
    let message: Message
    let slot: Int
    /// The worker's connection on which it was sent.
    let connection: Int
}

/// Which directions of a worker's connection are cut.
enum Cut: Int, Sendable {
    case none, toWorker, toCoordinator, both

    var stopsWorkerMessages: Bool { self == .toCoordinator || self == .both }
    var stopsCoordinatorMessages: Bool { self == .toWorker || self == .both }
}

extension PeerID {
    /// How a coordinator names a connection.
    init(connection: Int, epoch: Int) {
        self.init(
            (0..<4).map { UInt8(truncatingIfNeeded: connection >> (8 * $0)) }
                + (0..<4).map { UInt8(truncatingIfNeeded: epoch >> (8 * $0)) })
    }
}

extension Simulation {
    /// Sends a worker's message.
    mutating func transmit(_ message: WorkerMessage, from slot: Int) {
        note("w\(slot + 1) -> coordinator  \(message.line)")
        guard !workers[slot].cut.stopsWorkerMessages else { return }
        ship(
            message, slot, wire?.workerWay, last: \.lastArrivals.atCoordinator,
            Event.arrivesAtCoordinator)
    }

    /// Sends a coordinator's message; false when the coordinator can know that there is nobody.
    mutating func transmit(_ message: CoordinatorMessage, to peer: PeerID) -> Bool {
        guard let slot = slot(of: peer) else { return false }
        note("coordinator -> w\(slot + 1)  \(message.line)")
        guard !workers[slot].cut.stopsCoordinatorMessages else { return true }
        ship(
            message, slot, wire?.coordinatorWay, last: \.lastArrivals.atWorker,
            Event.arrivesAtWorker)
        return true
    }

    /// Lets a message arrive as often and as late as befalls it, behind the last one of its
    /// direction unless that befalls it too.
    private mutating func ship<Message>(
        _ message: Message, _ slot: Int, _ way: Way<Message>?,
        last: WritableKeyPath<SimulatedWorker, Duration>, _ event: (Parcel<Message>) -> Event
    ) {
        guard let (message, copies, delay, isInOrder) = befall(message, way) else { return }
        for _ in 0..<copies {
            var arrival = now + delay
            if isInOrder {
                arrival = max(arrival, workers[slot][keyPath: last])
                workers[slot][keyPath: last] = arrival
            }
            let parcel = Parcel(
                message: message, slot: slot, connection: workers[slot].connection)
            queue.add(event(parcel), at: arrival)
        }
    }

    private func slot(of peer: PeerID) -> Int? {
        workers.indices.first { slot in
            workers[slot].core != nil
                && PeerID(connection: workers[slot].connection, epoch: coordinator.epoch) == peer
        }
    }

    mutating func arrive(_ parcel: Parcel<WorkerMessage>) {
        // A coordinator that is away finds what ZeroMQ still had when it is back, or does not.
        guard coordinator.core != nil else {
            if random.chance(0.5), workers[parcel.slot].connection == parcel.connection {
                queue.add(.arrivesAtCoordinator(parcel), at: now + .milliseconds(500))
            }
            return
        }
        // A contradiction counts only where something is there to contradict.
        let peer = PeerID(connection: parcel.connection, epoch: coordinator.epoch)
        receive(parcel.message, from: peer)
    }

    mutating func arrive(_ parcel: Parcel<CoordinatorMessage>) {
        guard workers[parcel.slot].connection == parcel.connection else { return }
        feed(.received(parcel.message), to: parcel.slot)
    }

    /// What becomes of a message on its way; nil when it does not arrive.
    private mutating func befall<Message>(
        _ message: Message, _ way: Way<Message>?
    ) -> (message: Message, copies: Int, delay: Duration, isInOrder: Bool)? {
        var message = message
        var delay = random.duration(in: scenario.delay)
        var copies = 1
        var isInOrder = true
        var frames = way.map { $0.encode(message) }
        for fault in scenario.faults where fault.kind.hasShare && isSafetyPhase {
            guard Simulation.befallsMessages(fault.kind), random.chance(fault.share) else {
                continue
            }
            count(fault.kind)
            switch fault.kind {
            case .drop: copies = 0
            case .duplicate: copies = 2
            case .delay: delay += random.duration(in: .zero...fault.lasts)
            case .reorder:
                isInOrder = false
                delay += random.duration(in: .zero...fault.lasts)
            case .corrupt: frames = frames.map { damaged($0) } ?? [[]]
            default: continue
            }
        }
        if let frames, frames == [[]] { return nil }
        if let way, let frames {
            guard let decoded = way.decode(frames) else { return nil }
            message = decoded
        }
        return copies > 0 ? (message, copies, delay, isInOrder) : nil
    }

    private static func befallsMessages(_ kind: Fault.Kind) -> Bool {
        switch kind {
        case .drop, .duplicate, .delay, .reorder, .corrupt: true
        default: false
        }
    }

    private mutating func damaged(_ frames: [[UInt8]]) -> [[UInt8]] {
        var frames = frames
        let place = random.below(frames.count)
        guard !frames[place].isEmpty else { return frames }
        let bit = random.below(8 * frames[place].count)
        frames[place][bit / 8] ^= 1 << (bit % 8)
        return frames
    }
}

/// One direction of the encoding.
struct Way<Message> {
    let encode: @Sendable (Message) -> [[UInt8]]
    let decode: @Sendable ([[UInt8]]) -> Message?
}

extension WireCodec {
    var workerWay: Way<WorkerMessage> { Way(encode: encodeWorker, decode: decodeWorker) }
    var coordinatorWay: Way<CoordinatorMessage> {
        Way(encode: encodeCoordinator, decode: decodeCoordinator)
    }
}
