import CampaignMonitoring
import CampaignScheduling
import Foundation
public import ZeroMQ

/// Runs any number of campaigns side by side on one fleet: the thread that makes it owns the socket.
///
/// A worker counts for one campaign at a time and stays when that ends. To count for another one it is
/// welcomed with the other plan, on the strength of the introduction that it has made; what it held is
/// lent to others. What it still says of the campaign before, the other one takes for nothing: tallies and
/// failures name their campaign, and it is lent nothing before it is ready for the new one.
public final class FleetService {
    /// A campaign that runs or ran here.
    public struct Seat: Hashable, Sendable {
        let number: Int
    }

    /// How a campaign ended.
    public struct Ended {
        /// Which one.
        public let seat: Seat
        /// What it came to.
        public let outcome: CoordinatorService.Outcome
        /// Whether it was stopped by something that would stop any other campaign here too.
        public let isStoppedByTheMachine: Bool
    }

    /// The address at which workers reach it, with the port that was chosen for `*`.
    public var endpoint: String { door.endpoint }

    private let door: FleetDoor
    private let log = FleetLog()
    private var members: [PeerID: Member] = [:]
    private var peers: [WorkerID: PeerID] = [:]
    /// The campaigns that run, the first one first.
    private var seats: [(seat: Seat, running: RunningCampaign, command: [String])] = []
    private var ended: [Ended] = []
    private var lastSeat = 0
    private var lastTick = Duration.zero
    /// Whether somebody came or went, or a campaign did, since the fleet was last shared out.
    private var isToBeShared = false

    /// A worker that has introduced itself.
    private struct Member {
        let hello: Hello
        /// In the order of joining.
        let number: Int
        var seat: Seat?
        var lastHeard: Duration
        var lastSpokenTo = Duration.zero
    }

    private var joined = 0

    /// Listens at the address. Workers may connect from now on, and wait for a campaign.
    ///
    /// - Parameters:
    ///   - address: where to listen.
    ///   - admission: who may count.
    /// - Throws: one sentence: the address is in use, is none, …
    public init(
        listeningAt address: String, admitting admission: Admission = .thisMachine
    ) throws {
        door = try FleetDoor(listeningAt: address, admitting: admission)
    }

    /// Called with one line for each thing that happens to the fleet and is of no campaign.
    public var note: (String) -> Void {
        get { log.note }
        set { log.note = newValue }
    }

    /// Who looks on from outside its thread, at what is of no campaign.
    public var observer: CampaignObserver? {
        get { log.observer }
        set { log.observer = newValue }
    }

    /// How many workers are there.
    public var workers: Int { members.count }

    /// How far a campaign that runs is; nil: it does not.
    public func progress(of seat: Seat) -> CampaignProgress? { running(seat)?.progress }

    /// Begins a campaign, or goes on with one, with its share of the fleet from the next tick on.
    ///
    /// - Parameters:
    ///   - campaign: the campaign.
    ///   - unfinished: what there is of it already.
    ///   - ledger: where it is entered when it begins.
    ///   - output: its folder.
    ///   - origin: how it was begun, so that it can be gone on with.
    ///   - place: how many of those that run have precedence over it.
    ///   - observer: who looks on from outside this thread.
    ///   - note: called with one line for each thing that happens to its workers.
    /// - Throws: one sentence, and nothing was begun.
    public func begin(
        _ campaign: PreparedCampaign, goingOnWith unfinished: UnfinishedCampaign? = nil,
        enteringInto ledger: CampaignLedger = .none, writingTo output: String,
        origin: UnfinishedCampaign.Origin, after place: Int, observer: CampaignObserver? = nil,
        note: @escaping (String) -> Void = { _ in }
    ) throws -> Seat {
        try campaign.check(goingOnWith: unfinished)
        let log = FleetLog()
        log.note = note
        log.observer = observer
        let running = try RunningCampaign(
            campaign, goingOnWith: unfinished, enteringInto: ledger, through: door, log: log)
        running.farewell = .never
        try running.open(output, origin: origin)
        lastSeat += 1
        let seat = Seat(number: lastSeat)
        seats.insert((seat, running, origin.arguments), at: min(max(0, place), seats.count))
        isToBeShared = true
        return seat
    }

    /// Ends a campaign where it is; it can be gone on with.
    public func interrupt(_ seat: Seat) { running(seat)?.end(.interrupted) }

    /// The campaigns that have ended since this was asked last.
    public func takeEnded() -> [Ended] {
        defer { ended = [] }
        return ended
    }

    /// Runs until `tend` says that there is nothing more to do, throws, or somebody interrupts; then ends
    /// whatever runs where it is.
    ///
    /// - Parameters:
    ///   - interrupts: where an interrupt is posted.
    ///   - tend: called about ten times a second: begins and interrupts campaigns; false ends the run.
    /// - Returns: whether somebody interrupted.
    public func run(
        interrupts: Mailbox<CoordinatorService.Interrupt>, tend: () throws -> Bool
    ) throws -> Bool {
        defer { endAll() }
        while true {
            try door.wait(for: interrupts.wakeup, until: lastTick + CoordinatorService.tick)
            if !interrupts.takeAll().isEmpty { return true }
            try door.receive(standing: standing) { try take($0) }
            for seat in seats { try seat.running.carryOut() }
            guard door.now - lastTick >= CoordinatorService.tick else { continue }
            try tick()
            guard try tend() else { return false }
        }
    }

    /// Tells all workers, and those that come late, that nothing more is wanted.
    public func dismissWorkers(
        for lateness: Duration, interrupts: Mailbox<CoordinatorService.Interrupt>
    ) throws {
        for peer in members.keys { try door.send(.goodbye, to: peer) }
        let end = door.now + lateness
        while door.now < end {
            try door.wait(for: interrupts.wakeup, until: end)
            if !interrupts.takeAll().isEmpty { return }
            try door.receive(standing: standing) { arrival in
                guard case .message(let message, let peer) = arrival, message != .goodbye else {
                    return
                }
                try door.send(.goodbye, to: peer)
            }
        }
    }
}

// MARK: What comes in

extension FleetService {
    /// After which silence a worker is taken for lost.
    private static let silence = Duration.seconds(10)
    /// How often a worker hears of a coordinator that has nothing for it.
    private static let heartbeat = Duration.seconds(1)

    private func running(_ seat: Seat?) -> RunningCampaign? {
        seats.first { $0.seat == seat }?.running
    }

    private func standing(of worker: WorkerID) -> IdentityBook.Standing {
        let standings = seats.map { $0.running.standing(of: worker) }
        return IdentityBook.Standing(
            isLetIn: peers[worker] != nil || standings.contains(where: \.isLetIn),
            hasSettled: standings.contains(where: \.hasSettled))
    }

    private func take(_ arrival: FleetDoor.Arrival) throws {
        switch arrival {
        case .message(.hello(let hello), let peer): try greet(hello, from: peer)
        case .message(.statusRequest, let peer) where seats.isEmpty:
            try door.send(.status(json: CampaignStatus.idle(at: endpoint)), to: peer)
        case .message(.statusRequest, _): seats[0].running.take(arrival)
        case .message(.goodbye, let peer):
            running(members[peer]?.seat)?.take(arrival)
            forget(peer)
        case .message(_, let peer): try take(arrival, from: peer)
        case .malformed: for seat in seats { seat.running.take(arrival) }
        case .gone(let peer):
            running(members[peer]?.seat)?.take(arrival)
            forget(peer)
        case .expelled(let peer, let departure, let event):
            running(members[peer]?.seat)?.take(.expelled(peer, departure, nil))
            if let event { tell(event, isRefusal: true) }
            forget(peer)
        }
    }

    private func take(_ arrival: FleetDoor.Arrival, from peer: PeerID) throws {
        guard let member = members[peer] else { return try door.send(.introduceYourself, to: peer) }
        members[peer]?.lastHeard = door.now
        running(member.seat)?.take(arrival)
    }

    /// Lets a worker in. One that comes back over another connection, or introduces itself again, stays
    /// where it was; another one has its campaign at the next tick, so that however many knock, the fleet
    /// is shared out ten times a second at the most.
    private func greet(_ hello: Hello, from peer: PeerID) throws {
        let known = peers[hello.worker].flatMap { members[$0] } ?? members[peer]
        for old in [peers[hello.worker], peer].compactMap(\.self) where members[old] != nil {
            if old != peer || members[old]?.hello.worker != hello.worker {
                running(members[old]?.seat)?.take(.gone(old))
                forget(old)
            }
        }
        joined += 1
        var member = Member(
            hello: hello, number: known?.number ?? joined, seat: known?.seat,
            lastHeard: door.now)
        if running(member.seat) == nil { member.seat = nil }
        members[peer] = member
        peers[hello.worker] = peer
        isToBeShared = true
        running(member.seat)?.take(.message(.hello(hello), from: peer))
    }

    private func forget(_ peer: PeerID) {
        guard let member = members.removeValue(forKey: peer) else { return }
        if peers[member.hello.worker] == peer { peers[member.hello.worker] = nil }
        isToBeShared = true
    }

    private func speak(_ message: CoordinatorMessage, to peer: PeerID) throws {
        members[peer]?.lastSpokenTo = door.now
        try door.send(message, to: peer)
    }

    /// Says what concerns all campaigns, and lists it in each.
    private func tell(_ event: FleetEvent, isRefusal: Bool = false) {
        for seat in seats { seat.running.list(event, isRefusal: isRefusal) }
        log.say(event, isRefusal: isRefusal, at: door.now)
    }
}

// MARK: Time passes

extension FleetService {
    private func tick() throws {
        let pause = door.now - lastTick
        lastTick = door.now
        for event in try door.tend(take: { try take($0) }) { tell(event) }
        for seat in seats { try seat.running.tick() }
        for peer in door.waitingPeers {
            try running(members[peer]?.seat)?.sendPieces(to: peer)
        }
        try tendMembers(after: pause)
        concludeEnded()
        try share()
        observer?.turn()
        log.tellHeld(at: door.now)
    }

    /// Speaks to those that count for nothing, and forgets those that are not heard. After a pause of
    /// its own this thread has not listened: nobody was silent.
    private func tendMembers(after pause: Duration) throws {
        for (peer, member) in members {
            if pause > FleetService.silence / 4 { members[peer]?.lastHeard = door.now }
            if members[peer].map({ door.now - $0.lastHeard }) ?? .zero > FleetService.silence {
                running(member.seat)?.take(.gone(peer))
                forget(peer)
            } else if member.seat == nil,
                door.now - member.lastSpokenTo >= FleetService.heartbeat
            {
                try speak(.heartbeat, to: peer)
            }
        }
    }

    /// Closes the campaigns that have ended; their workers are free.
    private func concludeEnded() {
        for (seat, running, command) in seats where running.ending != nil {
            seats.removeAll { $0.seat == seat }
            isToBeShared = true
            do {
                let outcome = try running.conclude(after: running.now, command: command)
                ended.append(
                    Ended(
                        seat: seat, outcome: outcome,
                        isStoppedByTheMachine: running.isStoppedByTheMachine))
            } catch {
                log.note("\(error)")
            }
        }
    }

    /// Shares the fleet out among the campaigns that run.
    private func share() throws {
        guard isToBeShared else { return }
        isToBeShared = false
        let workers = members.sorted { $0.value.number < $1.value.number }
            .map { ($0.key, $0.value.hello.sessions, $0.value.seat) }
        for move in FleetSharing(among: seats.map(\.seat), of: workers).moves() {
            guard let member = members[move.worker] else { continue }
            running(member.seat)?.take(.expelled(move.worker, .reassigned, nil))
            members[move.worker]?.seat = move.campaign
            running(move.campaign)?.take(.message(.hello(member.hello), from: move.worker))
        }
        for (peer, member) in members where member.seat != nil && running(member.seat) == nil {
            members[peer]?.seat = nil
        }
        for seat in seats { try seat.running.carryOut() }
    }

    private func endAll() {
        for seat in seats { seat.running.end(.interrupted) }
        concludeEnded()
    }
}

extension CampaignStatus {
    /// What a coordinator says that has no campaign now.
    fileprivate static func idle(at endpoint: String) throws -> String {
        try CampaignStatus(
            state: "idle", reason: nil, updated: Date(), host: ProcessInfo.processInfo.hostName,
            process: getpid(), endpoint: endpoint, inputsDecided: 0, inputs: 0, samplesSettled: 0,
            samples: 0, samplesPerSecond: 0, seconds: 0, workers: [], incidents: []
        ).line(atMost: 1 << 16)
    }
}
