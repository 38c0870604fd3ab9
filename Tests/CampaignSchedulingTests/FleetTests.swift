import CampaignScheduling
import Digests
import RandomizedSmoothing
import SmoothingNoise
import Sodium
import Testing

/// Laws 1 and 2 on the real cores of coordinator and workers, joined by queues instead of sockets.
@Suite struct FleetTests {
    @Test(arguments: [1, 2, 5], [1, 3])
    func `the counts do not depend on the number of workers or sessions`(
        workers: Int, sessions: Int
    ) {
        var fleet = Fleet(seed: 1, workers: workers, sessions: sessions)
        fleet.run()
        fleet.expectEveryInputSettled()
    }

    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func `the counts do not depend on which workers die, or when`(seed: UInt64) {
        var fleet = Fleet(seed: seed, workers: 3, sessions: 1 + Int(seed % 2), deaths: 6)
        fleet.run()
        fleet.expectEveryInputSettled()
    }

    @Test func `a worker on another engine is refused with both named`() throws {
        var coordinator = Fleet.coordinator()
        var hello = Campaign.hello(1)
        hello.fingerprint = "engine 2"
        let directives = coordinator.handle(
            .received(.hello(hello), from: PeerID([1])), at: .zero)
        let refusal = try #require(Fleet.refusal(in: directives))
        #expect(refusal.reason.contains("engine 1") && refusal.reason.contains("engine 2"))
        #expect(!refusal.mayRetry)
    }

    @Test func `a worker of another protocol version is refused with both named`() throws {
        var coordinator = Fleet.coordinator()
        var hello = Campaign.hello(1)
        hello.protocolVersion = 99
        let directives = coordinator.handle(
            .received(.hello(hello), from: PeerID([1])), at: .zero)
        let refusal = try #require(Fleet.refusal(in: directives))
        #expect(refusal.reason.contains("99") && refusal.reason.contains("\(protocolVersion)"))
    }

    @Test(arguments: [
        (KnownAnswer(noise: Campaign.digest(8), scores: Campaign.digest(7)), "noise self-test"),
        (KnownAnswer(noise: Campaign.digest(6), scores: Campaign.digest(8)), "scores"),
    ])
    func `a worker that draws or classifies the known block otherwise is refused, and why`(
        answer: KnownAnswer, reason: String
    ) throws {
        var coordinator = Fleet.coordinator()
        let peer = PeerID([1])
        _ = coordinator.handle(.received(.hello(Campaign.hello(1)), from: peer), at: .zero)
        let ready = Ready(
            campaign: Campaign.seal, knownAnswer: answer, capacity: 2)
        let directives = coordinator.handle(.received(.ready(ready), from: peer), at: .zero)
        #expect(Fleet.refusal(in: directives)?.reason.contains(reason) == true)
        #expect(Fleet.refusal(in: directives)?.mayRetry == false)
        #expect(Fleet.grants(in: directives).isEmpty)
    }

    @Test func `nothing is lent before a worker is ready`() {
        var coordinator = Fleet.coordinator()
        let peer = PeerID([1])
        let welcome = coordinator.handle(
            .received(.hello(Campaign.hello(1)), from: peer), at: .zero)
        let early = coordinator.handle(.received(.heartbeat(capacity: 8), from: peer), at: .zero)
        #expect(Fleet.grants(in: welcome + early).isEmpty)
    }

    @Test func `a worker whose tally is wrong is sent away and its leases are lent again`() throws {
        var coordinator = Fleet.coordinator()
        let leases = Fleet.join(&coordinator, 1, capacity: 2)
        let wrong = Tally(
            campaign: Campaign.seal, lease: leases[0].id, counts: ClassCounts([0, 0, 0]),
            nanoseconds: 5)
        let directives = coordinator.handle(
            .received(.tally(wrong), from: PeerID([1])), at: .seconds(1))
        #expect(Fleet.refusal(in: directives) != nil)
        let again = Fleet.join(&coordinator, 2, capacity: 2)
        #expect(Set(again.map(\.blocks)) == Set(leases.map(\.blocks)))
    }

    @Test func `a silent worker's leases are lent again`() {
        var coordinator = Fleet.coordinator()
        let leases = Fleet.join(&coordinator, 1, capacity: 2)
        for second in 1...12 { _ = coordinator.handle(.tick, at: .seconds(second)) }
        #expect(coordinator.readyWorkers == 0)
        let again = Fleet.join(&coordinator, 2, capacity: 2, at: .seconds(13))
        #expect(Set(again.map(\.blocks)) == Set(leases.map(\.blocks)))
    }

    /// Law 6: trouble is not an answer.
    @Test
    func `a classifier that fails in three processes, one after the other, stops the campaign`()
        throws
    {
        var coordinator = Fleet.coordinator()
        for number: UInt8 in 1...2 {
            let lease = try #require(Fleet.join(&coordinator, number, capacity: 1).first)
            let failed = Fleet.fail(&coordinator, lease, of: number)
            #expect(Fleet.stop(in: failed) == nil)
            #expect(Fleet.refusal(in: failed)?.mayRetry == true)
        }
        let lease = try #require(Fleet.join(&coordinator, 3, capacity: 1).first)
        let stop = try #require(Fleet.stop(in: Fleet.fail(&coordinator, lease, of: 3)))
        #expect(stop.contains("not a number") && stop.contains("input 0"))
    }

    @Test func `a classifier that fails on one machine is sent away and another one tries`()
        throws
    {
        var coordinator = Fleet.coordinator()
        let leases = Fleet.join(&coordinator, 1, capacity: 1)
        _ = Fleet.join(&coordinator, 2, capacity: 1)
        let first = Fleet.fail(&coordinator, leases[0], of: 1)
        #expect(Fleet.stop(in: first) == nil)
        #expect(Fleet.refusal(in: first)?.mayRetry == true)
        #expect(Fleet.grants(in: first, to: 2).map(\.blocks) == leases.map(\.blocks))
    }

    @Test func `three workers that fail on the same blocks stop the campaign`() throws {
        var coordinator = Fleet.coordinator()
        for number: UInt8 in 2...6 { _ = Fleet.join(&coordinator, number, capacity: 1) }
        var lease = try #require(Fleet.join(&coordinator, 1, capacity: 1).first)
        let blocks = lease.blocks
        for number: UInt8 in 1...2 {
            let directives = Fleet.fail(&coordinator, lease, of: number)
            #expect(Fleet.stop(in: directives) == nil)
            lease = try #require(Fleet.grants(in: directives, to: number + 1).first)
            #expect(lease.blocks == blocks)
        }
        #expect(Fleet.stop(in: Fleet.fail(&coordinator, lease, of: 3)) != nil)
    }

    @Test func `when nothing else is left a stuck worker's blocks are lent once more`() throws {
        var coordinator = Fleet.coordinator()
        // The window holds three inputs of eight blocks; the first worker holds all of them.
        let held = Fleet.join(&coordinator, 1, capacity: 100)
        let copies = Fleet.join(&coordinator, 2, capacity: 2)
        #expect(copies.map(\.blocks) == held.prefix(2).map(\.blocks))
        let third = Fleet.join(&coordinator, 3, capacity: 1)
        #expect(third.map(\.blocks) == [held[2].blocks])
        let tally = Campaign.tally(copies[0])
        let directives = coordinator.handle(
            .received(.tally(tally), from: PeerID([2])), at: .seconds(1))
        #expect(directives.contains(.send(.cancel([held[0].id]), to: PeerID([1]))))
        let late = Campaign.tally(held[0])
        _ = coordinator.handle(.received(.tally(late), from: PeerID([1])), at: .seconds(2))
        #expect(coordinator.ledger.settledSamples == held[0].samples)
        #expect(coordinator.accounts[0].repeatedTallies == 1)
    }

    @Test(arguments: [0, 1, -7, Int.max])
    func `whatever time a worker claims, the coordinator goes on`(nanoseconds: Int) {
        var coordinator = Fleet.coordinator()
        var leases = Fleet.join(&coordinator, 1, capacity: 1)
        for second in 1...20 {
            guard let lease = leases.first else { break }
            var tally = Campaign.tally(lease)
            tally.nanoseconds = nanoseconds
            leases = Fleet.grants(
                in: coordinator.handle(
                    .received(.tally(tally), from: PeerID([1])), at: .seconds(second)))
        }
        #expect(coordinator.ledger.settledSamples > 30)
    }

    @Test func `a second introduction over one connection gives back what was held`() {
        var coordinator = Fleet.coordinator()
        let held = Fleet.join(&coordinator, 1, capacity: 3)
        _ = coordinator.handle(
            .received(.hello(Campaign.hello(2)), from: PeerID([1])), at: .zero)
        let again = Fleet.join(&coordinator, 3, capacity: 3)
        #expect(again.map(\.blocks) == held.map(\.blocks))
    }

    @Test func `a coordinator that was away itself takes nobody for lost`() {
        var coordinator = Fleet.coordinator()
        _ = Fleet.join(&coordinator, 1, capacity: 1)
        _ = coordinator.handle(.tick, at: .seconds(1))
        _ = coordinator.handle(.tick, at: .seconds(60))
        #expect(coordinator.readyWorkers == 1)
    }

    @Test func `a worker that is ten times slower gets leases a tenth as large`() throws {
        let outline = Campaign.outline(inputs: 4, estimation: 100_000)
        var coordinator = CampaignCoordinator(plan: Campaign.plan, outline: outline)
        var sizes: [Int] = []
        for (number, pace): (UInt8, Int) in [(1, 2_000_000), (2, 20_000_000)] {
            var lease = try #require(Fleet.join(&coordinator, number, capacity: 1).first)
            // Time passes, so that what the worker says of its own time is believed.
            for minute in 1...5 {
                var tally = Campaign.tally(lease)
                tally.nanoseconds = lease.blocks.count * pace
                lease = try #require(
                    Fleet.grants(
                        in: coordinator.handle(
                            .received(.tally(tally), from: PeerID([number])),
                            at: .seconds(60 * minute))
                    ).first)
            }
            sizes.append(lease.blocks.count)
        }
        #expect(sizes == [100, 10])
    }

    @Test func `a lease that expires on a live worker is lent again and is nobody's fault`() {
        var coordinator = Fleet.coordinator()
        let held = Fleet.join(&coordinator, 1, capacity: 1)
        for second in 1...700 {
            let ids = held.map(\.id)
            _ = coordinator.handle(
                .received(.heartbeat(capacity: 1, leases: ids), from: PeerID([1])),
                at: .seconds(second))
            _ = coordinator.handle(.tick, at: .seconds(second))
        }
        #expect(coordinator.readyWorkers == 1)
        #expect(coordinator.accounts[0].departure == nil)
        // It is given to the one who asks next, and the late answer is still good.
        let late = coordinator.handle(
            .received(.tally(Campaign.tally(held[0])), from: PeerID([1])), at: .seconds(701))
        #expect(Fleet.refusal(in: late) == nil)
        #expect(coordinator.ledger.settledSamples == held[0].samples)
    }

    @Test func `what a worker does not know of was lost on the way and is lent again`() {
        var coordinator = Fleet.coordinator()
        let lost = Fleet.join(&coordinator, 1, capacity: 1)
        let young = coordinator.handle(
            .received(.heartbeat(capacity: 1), from: PeerID([1])), at: .seconds(9))
        #expect(Fleet.grants(in: young).isEmpty, "it may still be under way")
        let again = coordinator.handle(
            .received(.heartbeat(capacity: 1), from: PeerID([1])), at: .seconds(11))
        #expect(Fleet.grants(in: again).map(\.blocks) == lost.map(\.blocks))
    }

    @Test func `an unknown peer is asked to introduce itself and counts nothing`() {
        var coordinator = Fleet.coordinator()
        let leases = Fleet.join(&coordinator, 1, capacity: 1)
        let directives = coordinator.handle(
            .received(.tally(Campaign.tally(leases[0])), from: PeerID([9])), at: .zero)
        #expect(directives == [.send(.introduceYourself, to: PeerID([9]))])
        #expect(coordinator.ledger.settledSamples == 0)
    }

    @Test func `a worker never holds more leases than it asked for`() {
        for capacity in 1...5 {
            var coordinator = Fleet.coordinator()
            #expect(Fleet.join(&coordinator, 1, capacity: capacity).count == capacity)
        }
    }

    /// How long the pieces are that a worker asks for at the end of a model of 8 MiB over a way of so
    /// many bytes a second, and how many bytes it asked for at a time at the most.
    private func piecesOver(bytesPerSecond: Int) -> (last: Int, mostUnderWay: Int) {
        var plan = Campaign.plan
        plan.modelSize = 8 << 20
        var worker = CampaignWorker(hello: Campaign.hello(1)) { SHA256.digest(of: $0) }
        _ = worker.handle(.begin, at: .zero)
        var requests: [PieceRequest] = []
        func take(_ directives: [CampaignWorker.Directive]) {
            for case .send(.fetch(let request)) in directives { requests.append(request) }
        }
        take(worker.handle(.received(.welcome(plan)), at: .zero))
        var (now, last, most) = (Duration.zero, 0, 0)
        while !requests.isEmpty {
            most = max(most, requests.reduce(0) { $0 + $1.length })
            let request = requests.removeFirst()
            last = max(request.length, request.offset + request.length < 8 << 20 ? 0 : last)
            let end = request.offset + request.length
            now += .nanoseconds(request.length * 1_000_000_000 / bytesPerSecond)
            if end == 8 << 20 { break }
            let bytes = [UInt8](repeating: 0, count: request.length)
            let piece = Piece(blob: plan.model, offset: request.offset, bytes: bytes)
            take(worker.handle(.received(.piece(piece)), at: now))
        }
        return (last, most)
    }

    @Test func `a piece takes seconds on a slow way and is long on a fast one`() {
        // 64 kbit/s: 4 seconds a piece.
        let slow = piecesOver(bytesPerSecond: 8_000)
        #expect(slow.last == 32 << 10)
        #expect(slow.mostUnderWay == 128 << 10)
        let fast = piecesOver(bytesPerSecond: 100 << 20)
        #expect(fast.last == 256 << 10)
        // Four, and a shorter one while they grow.
        #expect(fast.mostUnderWay < 5 * 256 << 10)
    }

    @Test func `a model that arrives changed is asked for again and never used`() {
        var worker = CampaignWorker(hello: Campaign.hello(1)) { SHA256.digest(of: $0) }
        _ = worker.handle(.begin, at: .zero)
        _ = worker.handle(.received(.welcome(Campaign.plan)), at: .zero)
        var spoiled = Campaign.model
        spoiled[17] ^= 1
        var directives: [CampaignWorker.Directive] = []
        for _ in 1...3 {
            let piece = Piece(blob: Campaign.plan.model, offset: 0, bytes: spoiled)
            directives += worker.handle(.received(.piece(piece)), at: .zero)
        }
        #expect(!directives.contains { if case .prepare = $0 { true } else { false } })
        #expect(
            directives.contains { if case .leave(.refused) = $0 { true } else { false } })
    }
}

/// A coordinator and workers that exchange messages in an order that a seed chooses; each
/// connection keeps the order of its own messages, as ZeroMQ does.
struct Fleet {
    private var coordinator = Fleet.coordinator()
    private var members: [Member] = []
    private var choices: Choices
    private let sessions: Int
    private var deaths: Int
    private var joined: UInt8 = 0
    private var now = Duration.zero
    private(set) var settled: [SettledInput] = []
    private(set) var isFinished = false

    private struct Member {
        var core: CampaignWorker
        let peer: PeerID
        var inbox: [CoordinatorMessage] = []
        var outbox: [WorkerMessage] = []
        var counting: [Lease] = []
        var isPreparing = false
        var isGone = false
    }

    init(seed: UInt64, workers: Int, sessions: Int, deaths: Int = 0) {
        choices = Choices(seed: seed)
        self.sessions = sessions
        self.deaths = deaths
        for _ in 0..<workers { addMember() }
    }

    static func coordinator() -> CampaignCoordinator {
        CampaignCoordinator(
            plan: Campaign.plan, outline: Campaign.outline(inputs: 7), maximumOpenInputs: 3)
    }

    mutating func run() {
        for _ in 0..<200_000 where !isFinished { step() }
    }

    func expectEveryInputSettled() {
        #expect(isFinished)
        #expect(settled.map(\.position) == Array(0..<7))
        for input in settled {
            let selection = Campaign.counts(input: input.index, phase: .selection, samples: 6)
            let estimation = Campaign.counts(input: input.index, phase: .estimation, samples: 21)
            #expect(input.selection == selection)
            #expect(input.estimation == estimation)
        }
    }

    private mutating func addMember() {
        joined += 1
        var core = CampaignWorker(hello: Campaign.hello(joined, sessions: sessions)) {
            SHA256.digest(of: $0)
        }
        let directives = core.handle(.begin, at: now)
        members.append(Member(core: core, peer: PeerID([joined])))
        carryOut(directives, of: members.count - 1)
    }

    private mutating func step() {
        now += .milliseconds(choices.below(200))
        let place = choices.below(members.count)
        switch choices.below(deaths > 0 ? 41 : 40) {
        case 0..<15: deliverToCoordinator(from: place)
        case 15..<30: deliverToWorker(place)
        case 30..<38: finishWork(of: place)
        case 38..<40:
            carryOut(coordinator.handle(.tick, at: now))
            for place in members.indices where !members[place].isGone {
                carryOut(members[place].core.handle(.tick, at: now), of: place)
            }
        default:
            // Killed in the middle: nothing of it is heard again, and another one joins.
            deaths -= 1
            members[place].isGone = true
            addMember()
        }
    }

    private mutating func deliverToCoordinator(from place: Int) {
        guard !members[place].outbox.isEmpty else { return }
        let message = members[place].outbox.removeFirst()
        carryOut(
            coordinator.handle(.received(message, from: members[place].peer), at: now))
    }

    private mutating func deliverToWorker(_ place: Int) {
        guard !members[place].isGone, !members[place].inbox.isEmpty else { return }
        let message = members[place].inbox.removeFirst()
        carryOut(members[place].core.handle(.received(message), at: now), of: place)
    }

    private mutating func finishWork(of place: Int) {
        guard !members[place].isGone else { return }
        if members[place].isPreparing {
            members[place].isPreparing = false
            let event = CampaignWorker.Event.prepared(
                campaign: Campaign.seal, knownAnswer: Campaign.knownAnswer)
            carryOut(members[place].core.handle(event, at: now), of: place)
        } else if !members[place].counting.isEmpty {
            let lease = members[place].counting.removeFirst()
            let event = CampaignWorker.Event.counted(
                lease.id, Campaign.counts(of: lease), nanoseconds: 50_000_000)
            carryOut(members[place].core.handle(event, at: now), of: place)
        }
    }

    private mutating func carryOut(_ directives: [CampaignCoordinator.Directive]) {
        for directive in directives {
            switch directive {
            case .send(let message, let peer): deliver(message, to: peer)
            case .sendPiece(let request, let peer):
                let blobs = [Campaign.model] + (0..<7).map { Campaign.image($0).bytes }
                guard let blob = blobs.first(where: { SHA256.digest(of: $0) == request.blob })
                else { continue }
                let end = min(blob.count, request.offset + request.length)
                let piece = Piece(
                    blob: request.blob, offset: request.offset,
                    bytes: Array(blob[request.offset..<end]))
                deliver(.piece(piece), to: peer)
            case .decide(let input): settled.append(input)
            case .finish: isFinished = true
            case .note, .journal, .sendStatus: break
            case .stop(let reason): Issue.record("the campaign stopped: \(reason)")
            }
        }
    }

    private mutating func deliver(_ message: CoordinatorMessage, to peer: PeerID) {
        guard let place = members.firstIndex(where: { $0.peer == peer }) else { return }
        members[place].inbox.append(message)
    }

    private mutating func carryOut(_ directives: [CampaignWorker.Directive], of place: Int) {
        for directive in directives {
            switch directive {
            case .send(let message): members[place].outbox.append(message)
            case .prepare: members[place].isPreparing = true
            case .count(let lease, _): members[place].counting.append(lease)
            case .drop(let id): members[place].counting.removeAll { $0.id == id }
            case .leave: members[place].isGone = true
            case .reconnect:
                members[place].inbox = []
                members[place].outbox = []
            }
        }
    }

    static func join(
        _ coordinator: inout CampaignCoordinator, _ number: UInt8, capacity: Int,
        at now: Duration = .zero
    ) -> [Lease] {
        let peer = PeerID([number])
        let hello = Campaign.hello(number, sessions: (capacity + 1) / 2)
        _ = coordinator.handle(.received(.hello(hello), from: peer), at: now)
        let ready = Ready(
            campaign: Campaign.seal, knownAnswer: Campaign.knownAnswer, capacity: capacity)
        return grants(in: coordinator.handle(.received(.ready(ready), from: peer), at: now))
    }

    static func grants(
        in directives: [CampaignCoordinator.Directive], to number: UInt8? = nil
    ) -> [Lease] {
        directives.flatMap { directive -> [Lease] in
            guard case .send(.grant(let leases), let peer) = directive,
                number.map({ peer == PeerID([$0]) }) ?? true
            else { return [] }
            return leases
        }
    }

    static func fail(
        _ coordinator: inout CampaignCoordinator, _ lease: Lease, of number: UInt8
    ) -> [CampaignCoordinator.Directive] {
        let failure = LeaseFailure(
            campaign: Campaign.seal, lease: lease.id, reason: "not a number")
        return coordinator.handle(
            .received(.failure(failure), from: PeerID([number])), at: .seconds(1))
    }

    static func stop(in directives: [CampaignCoordinator.Directive]) -> String? {
        directives.lazy.compactMap { directive -> String? in
            guard case .stop(let reason) = directive else { return nil }
            return reason
        }.first
    }

    static func refusal(in directives: [CampaignCoordinator.Directive]) -> Refusal? {
        directives.lazy.compactMap { directive -> Refusal? in
            guard case .send(.refusal(let refusal), _) = directive else { return nil }
            return refusal
        }.first
    }
}
