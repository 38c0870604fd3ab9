import CampaignScheduling
import RandomizedSmoothing
import SmoothingNoise
import Testing

/// Law 8: no peer can crash, stall or silently bias a campaign, nor use up what remembers it; and
/// law 6: a machine that fails does not speak for the others.
@Suite struct TroublesomeWorkerTests {
    @Test func `peers that borrow and leave, thousands of times, leave nothing that grows`() {
        var play = ChurnPlay()
        for round in 0..<5000 {
            play.borrowAndLeave(Campaign.stranger(round))
            if round % 20 == 0 { play.countOne() }
            play.expectBounds()
        }
        play.countTheRest()
        play.expectRightRecords()
    }

    @Test func `nor does one that comes back under the same name, or over the same connection`() {
        var play = ChurnPlay()
        for _ in 0..<2000 {
            play.borrowAndLeave(Campaign.stranger(7))
            play.expectBounds()
        }
        play.enter(Campaign.stranger(7))
        for _ in 1...2000 {
            // It says that it never got what it was lent.
            play.pass(.seconds(60))
            play.say(.heartbeat(capacity: 4096))
            play.expectBounds()
        }
        play.leave()
        #expect(play.coordinator.accounts.count == 2)
        play.countTheRest()
        play.expectRightRecords()
    }

    @Test func `nor one that settles a lease each time before it leaves`() {
        var play = ChurnPlay()
        for round in 0..<100 {
            play.enter(Campaign.stranger(round))
            play.countOneAsStranger()
            play.leave()
            play.expectBounds()
        }
        play.countTheRest()
        play.expectRightRecords()
    }

    @Test func `a coordinator that is started again among such peers ends with the same records`() {
        var play = ChurnPlay()
        for round in 0..<1000 {
            play.borrowAndLeave(Campaign.stranger(round))
            if round % 10 == 0 { play.countOne() }
            if round % 70 == 69 { play.restart() }
            play.expectBounds()
        }
        play.countTheRest()
        play.expectRightRecords()
    }

    @Test func `a worker may hold two leases a session, and one more for each that it settles`() {
        let outline = Campaign.outline(inputs: 100)
        var coordinator = CampaignCoordinator(plan: Campaign.plan, outline: outline)
        let peer = PeerID([1])
        _ = coordinator.handle(
            .received(.hello(Campaign.hello(1, sessions: 3)), from: peer), at: .zero)
        let ready = Ready(
            campaign: Campaign.seal, knownAnswer: Campaign.knownAnswer, capacity: 4096)
        var held = Fleet.grants(
            in: coordinator.handle(.received(.ready(ready), from: peer), at: .zero))
        #expect(held.count == 6)
        for settled in 1...50 {
            held += Fleet.grants(
                in: coordinator.handle(
                    .received(.tally(Campaign.tally(held.removeFirst())), from: peer), at: .zero))
            #expect(held.count == 6 + settled)
        }
    }

    @Test
    func `a bad machine that asks again and again does not stop what a good one would finish`()
        throws
    {
        var coordinator = Fleet.coordinator()
        // The good one is busy, and has as much as it wants.
        var good = Fleet.join(&coordinator, 1, capacity: 1)
        for process: UInt8 in 2...40 {
            guard let bad = Fleet.join(&coordinator, process, capacity: 1).first else {
                _ = coordinator.handle(.unreachable(PeerID([process])), at: .seconds(1))
                continue
            }
            let directives = Fleet.fail(&coordinator, bad, of: process)
            #expect(Fleet.stop(in: directives) == nil)
            good += Fleet.grants(in: directives, to: 1)
            #expect(good.contains { $0.input == bad.input && $0.blocks == bad.blocks })
        }
        var isFinished = false
        while !good.isEmpty {
            let directives = coordinator.handle(
                .received(.tally(Campaign.tally(good.removeFirst())), from: PeerID([1])),
                at: .seconds(2))
            good += Fleet.grants(in: directives, to: 1)
            isFinished = directives.contains(.finish)
        }
        #expect(isFinished)
    }

    @Test func `a failure on blocks that somebody else holds does not stop the campaign`() throws {
        let outline = Campaign.outline(inputs: 1, selection: 4, estimation: 4)
        var coordinator = CampaignCoordinator(plan: Campaign.plan, outline: outline)
        let held = Fleet.join(&coordinator, 1, capacity: 2)
        for process: UInt8 in 2...9 {
            for copy in Fleet.join(&coordinator, process, capacity: 2).prefix(1) {
                #expect(Fleet.stop(in: Fleet.fail(&coordinator, copy, of: process)) == nil)
            }
        }
        for lease in held {
            _ = coordinator.handle(
                .received(.tally(Campaign.tally(lease)), from: PeerID([1])), at: .seconds(2))
        }
        #expect(coordinator.ledger.isFinished)
    }

    @Test func `when the last holder fails too, and three have failed, the campaign stops`() throws
    {
        let outline = Campaign.outline(inputs: 1, selection: 4, estimation: 4)
        var coordinator = CampaignCoordinator(plan: Campaign.plan, outline: outline)
        let first = Fleet.join(&coordinator, 1, capacity: 1)[0]
        _ = Fleet.join(&coordinator, 2, capacity: 1)
        let copy = Fleet.join(&coordinator, 3, capacity: 1)[0]
        #expect(copy.blocks == first.blocks)
        let one = Fleet.fail(&coordinator, copy, of: 3)
        let again = try #require(Fleet.grants(in: one, to: 2).first)
        #expect(again.blocks == first.blocks, "a third one tries it at once")
        #expect(Fleet.stop(in: Fleet.fail(&coordinator, first, of: 1)) == nil)
        let stop = try #require(Fleet.stop(in: Fleet.fail(&coordinator, again, of: 2)))
        #expect(stop.contains("failed on input 0 in 3 processes: not a number"))
    }

    @Test func `a worker that contradicts itself is told apart from two that differ`() throws {
        for (second, says): (UInt8, String) in [
            (1, "worker w1 counted selection blocks 0 to 0 of input 0 differently from itself"),
            (2, "worker w2 counted selection blocks 0 to 0 of input 0 differently from another"),
        ] {
            var coordinator = Fleet.coordinator()
            let lease = Fleet.join(&coordinator, 1, capacity: 1)[0]
            // The other one gets the same blocks when the first one is away for a moment.
            _ = coordinator.handle(.unreachable(PeerID([1])), at: .zero)
            let again = Fleet.join(&coordinator, 2, capacity: 1)[0]
            #expect(again.blocks == lease.blocks)
            _ = Fleet.join(&coordinator, 1, capacity: 1)
            _ = coordinator.handle(
                .received(.tally(Campaign.tally(lease)), from: PeerID([1])), at: .zero)
            var lie = Campaign.tally(second == 1 ? lease : again)
            lie.counts = ClassCounts(lie.counts.values == [4, 0, 0] ? [0, 4, 0] : [4, 0, 0])
            let directives = coordinator.handle(
                .received(.tally(lie), from: PeerID([second])), at: .zero)
            #expect(Fleet.stop(in: directives)?.contains(says) == true)
        }
    }
}

/// An honest worker and others that borrow without counting, all of whom a coordinator keeps books
/// of.
private struct ChurnPlay {
    private static let outline = Campaign.outline(inputs: 40)
    private static let openInputs = 3

    private(set) var coordinator = CampaignCoordinator(
        plan: Campaign.plan, outline: outline, maximumOpenInputs: openInputs)
    private var journal: [JournalEntry] = []
    private var records: [SettledInput] = []
    private var honest: [Lease] = []
    private var strange: [Lease] = []
    private var settled = 0
    private var starts = 1
    private var isFinished = false
    private var now = Duration.zero
    private let ours = PeerID([1])
    private let theirs = PeerID([9, 9])

    init() { enterOurs() }

    private mutating func enterOurs() {
        handle(.received(.hello(Campaign.hello(1)), from: ours))
        handle(.received(.ready(ChurnPlay.ready), from: ours))
    }

    private static let ready = Ready(
        campaign: Campaign.seal, knownAnswer: Campaign.knownAnswer, capacity: 4096)

    private mutating func handle(_ event: CampaignCoordinator.Event) {
        for directive in coordinator.handle(event, at: now) {
            switch directive {
            case .send(.grant(let leases), let peer):
                if peer == ours { honest += leases } else { strange += leases }
            case .send(.cancel(let ids), let peer) where peer == ours:
                honest.removeAll { ids.contains($0.id) }
            case .journal(let entry):
                journal.append(entry)
                if case .settled = entry { settled += 1 }
            case .decide(let input): records.append(input)
            case .finish: isFinished = true
            case .stop(let reason): Issue.record("the campaign stopped: \(reason)")
            default: break
            }
        }
    }

    mutating func enter(_ hello: Hello) {
        strange = []
        handle(.received(.hello(hello), from: theirs))
        handle(.received(.ready(ChurnPlay.ready), from: theirs))
        #expect(strange.count <= 64)
    }

    mutating func say(_ message: WorkerMessage) {
        strange = []
        handle(.received(message, from: theirs))
    }

    mutating func leave() { handle(.received(.goodbye, from: theirs)) }

    mutating func pass(_ time: Duration) { now += time }

    mutating func borrowAndLeave(_ hello: Hello) {
        enter(hello)
        leave()
    }

    mutating func countOne() {
        guard !honest.isEmpty else { return }
        handle(.received(.tally(Campaign.tally(honest.removeFirst())), from: ours))
    }

    mutating func countOneAsStranger() {
        guard let lease = strange.first else { return }
        handle(.received(.tally(Campaign.tally(lease)), from: theirs))
    }

    mutating func countTheRest() {
        for _ in 0..<1000 where !isFinished { countOne() }
    }

    mutating func restart() {
        starts += 1
        honest = []
        coordinator = CampaignCoordinator(
            plan: Campaign.plan, outline: ChurnPlay.outline,
            maximumOpenInputs: ChurnPlay.openInputs, firstLease: UInt64(starts) << 32,
            history: CampaignHistory(replaying: journal))
        enterOurs()
    }

    /// What is kept in memory and in the journal grows with the inputs that are open and with what
    /// is settled, not with what is asked for.
    func expectBounds() {
        #expect(coordinator.violatedInvariant() == nil)
        let blocks = ChurnPlay.openInputs * ChurnPlay.outline.blocksPerInput
        #expect(
            coordinator.ledger.rememberedLeases <= blocks * SampleLedger.rememberedLeasesOfRange)
        #expect(journal.count <= 3 * settled + records.count)
        #expect(coordinator.accounts.count { $0.leases == 0 } <= 1000)
        #expect(coordinator.accounts.count <= 1000 + settled)
    }

    func expectRightRecords() {
        #expect(isFinished)
        #expect(records.map(\.position) == Array(0..<40))
        for input in records {
            #expect(
                input.selection
                    == Campaign.counts(input: input.index, phase: .selection, samples: 6))
            #expect(
                input.estimation
                    == Campaign.counts(input: input.index, phase: .estimation, samples: 21))
        }
    }
}
