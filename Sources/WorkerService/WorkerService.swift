public import CampaignKeys
import CampaignMessages
public import CampaignScheduling
import ClassifierRuntime
import Digests
import Glibc
import RandomizedSmoothing
import Sodium
public import ZeroMQ

/// A worker: the thread that runs it owns the socket and feeds the worker's core; a pool of sessions,
/// one thread each, draws noise and classifies.
///
/// It needs no file: the model and the inputs reach it over the socket.
public final class WorkerService {
    private let endpoint: String
    private let key: WorkerKey?
    private let runtime: OnnxRuntime
    private let context: Context
    private let mailbox: Mailbox<Command>
    private var socket: Socket
    private var door: CoordinatorDoor
    private var core: CampaignWorker
    private var pool: CountingPool?
    private var farewell: CampaignWorker.Farewell?
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private let limits: WorkerLimits
    private var idleWatch = IdleWatch()

    /// What other threads tell the thread that owns the socket.
    public enum Command: Sendable {
        /// Something that the sessions did.
        case event(CampaignWorker.Event)
        /// Finish what was begun, hand it in, leave.
        case drain
        /// Leave at once.
        case abandon
        /// The engine asked for memory in vain.
        case outOfMemory
    }

    /// A worker with so many sessions that takes part in what is coordinated at the address.
    ///
    /// - Parameters:
    ///   - endpoint: where the coordinator listens.
    ///   - key: proves who the worker is, to the coordinator that made it alone; nil: the coordinator
    ///     asks for none.
    ///   - sessions: how many blocks it classifies at the same time.
    ///   - limits: how long it stays and how much it takes.
    ///   - mailbox: where commands for it are posted.
    public init(
        connectingTo endpoint: String, key: WorkerKey? = nil, sessions: Int,
        limits: WorkerLimits = WorkerLimits(), mailbox: Mailbox<Command>
    ) throws {
        self.endpoint = endpoint
        self.key = key
        self.limits = limits
        self.mailbox = mailbox
        runtime = try OnnxRuntime.load()
        context = try Context()
        socket = try WorkerService.connect(to: endpoint, with: key, in: context)
        door = CoordinatorDoor(endpoint: endpoint, key: key)
        guard let id = WorkerID(bytes: OperatingSystemRandom.bytes(count: WorkerID.byteCount))
        else { preconditionFailure("an identity has 16 bytes") }
        let name = "\(hostName().suffix(100))/\(getpid())"
        core = CampaignWorker(
            hello: Hello(
                protocolVersion: protocolVersion, worker: id,
                name: (key.map { $0.name + ":" } ?? "") + name,
                fingerprint: runtime.fingerprint.description,
                sessions: sessions),
            digest: { SHA256.digest(of: $0) })
        start = clock.now
    }

    /// Its name at the coordinator: host and process, after that of its key.
    public var name: String { core.hello.name }

    /// Works until the campaign ends, the worker is refused or told to leave.
    ///
    /// - Parameters:
    ///   - isOrphan: asked from time to time; once it says yes, the worker leaves at once.
    ///   - note: called with one line for each thing a person may want to know.
    /// - Returns: why it ends; nil when it was told to leave at once.
    public func run(
        isOrphan: () -> Bool = { false }, note: (String) -> Void = { _ in }
    ) throws -> CampaignWorker.Farewell? {
        defer { pool?.end() }
        try feed(.begin, note: note)
        var nextTick = WorkerService.tick
        while farewell == nil {
            _ = try Poller.wait(on: socket, wakeup: mailbox.wakeup, timeout: nextTick - now)
            for command in mailbox.takeAll() {
                switch command {
                case .event(let event): try feed(event, note: note)
                case .drain: try feed(.drain, note: note)
                case .abandon: return nil
                case .outOfMemory: try leave(WorkerService.outOfMemory)
                }
            }
            try receiveBurst(note: note)
            guard now >= nextTick else { continue }
            nextTick = now + WorkerService.tick
            if isOrphan() { return nil }
            try lookWhetherLetIn(note: note)
            try feed(.tick, note: note)
            if isTimeToLeave { try feed(.drain, note: note) }
        }
        return farewell
    }

    private static let tick = Duration.milliseconds(100)
    private static let burst = 64

    private var now: Duration { start.duration(to: clock.now) }

    private var isTimeToLeave: Bool {
        limits.duration.map { now >= $0 } ?? false
            || limits.leavesWhenIdle && idleWatch.isIdle(at: now)
    }

    /// Leaves for a reason that the core does not know.
    private func leave(_ refusal: Refusal) throws {
        _ = try socket.send(WireFormat.encode(WorkerMessage.goodbye))
        farewell = .refused(refusal)
    }

    private static let outOfMemory = Refusal(
        reason: "\(ClassifierFailure.outOfMemory)", mayRetry: true)

    /// Ends the worker when nobody would ever answer it.
    private func lookWhetherLetIn(note: (String) -> Void) throws {
        while let handshake = try socket.nextHandshake() {
            guard let refusal = door.refusal(after: handshake, at: now) else { continue }
            farewell = farewell ?? .refused(refusal)
        }
        if let line = door.reproach(at: now) { note(line) }
    }

    static func connect(
        to endpoint: String, with key: WorkerKey?, in context: Context
    ) throws(ZeroMQError) -> Socket {
        var options = SocketOptions()
        // What is said last (goodbye, a tally) may still leave; nothing waits longer than that.
        options.linger = .seconds(1)
        options.ipv6 = endpoint.contains("[")
        var socket = try Socket(
            .dealer, in: context, options: options, curve: key.map(Curve.init(provingWith:)))
        try socket.watchHandshakes()
        try socket.connect(endpoint)
        return socket
    }

    private func receiveBurst(note: (String) -> Void) throws {
        for _ in 0..<WorkerService.burst {
            guard farewell == nil, let received = try socket.receive() else { return }
            guard case .message(let frames) = received,
                let message = try? WireFormat.decodeCoordinatorMessage(frames)
            else {
                note("a message of the coordinator could not be read and was dropped")
                continue
            }
            if case .welcome(let plan) = message,
                let refusal = limits.refusal(of: plan, sessions: core.hello.sessions)
            {
                try leave(refusal)
                return
            }
            try feed(.received(message), note: note)
        }
    }

    private func feed(_ event: CampaignWorker.Event, note: (String) -> Void) throws {
        idleWatch.notice(event, at: now)
        for directive in core.handle(event, at: now) {
            idleWatch.notice(directive)
            switch directive {
            case .send(let message): _ = try socket.send(WireFormat.encode(message))
            case .reconnect:
                note("the coordinator at \(endpoint) is not heard; connecting again")
                socket = try WorkerService.connect(to: endpoint, with: key, in: context)
            case .prepare(let plan, let model): prepare(plan, model: model)
            case .count(let lease, let image): pool?.count(lease, image: image)
            case .drop(let lease): pool?.drop(lease)
            case .leave(let farewell): self.farewell = farewell
            }
        }
    }

    private func prepare(_ plan: CountingPlan, model: [UInt8]) {
        pool?.end()
        do {
            pool = try CountingPool(
                plan: plan, model: model, runtime: runtime, sessions: core.hello.sessions,
                mailbox: mailbox)
        } catch {
            mailbox.post(.event(.unprepared(reason: "\(error)")))
        }
    }
}

private func hostName() -> String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}

extension Curve {
    fileprivate init(provingWith key: WorkerKey) {
        self = .client(
            publicKey: key.keys.publicKey.bytes, secretKey: key.keys.secretKey.copiedBytes(),
            serverKey: key.coordinator.bytes)
    }
}
