import Digests
public import RandomizedSmoothing

/// The coordinator of a campaign as a value: events and a time go in at one door,
/// ``handle(_:at:)``, and directives come out. It has no clock, no socket and no random source.
///
/// It keeps every worker supplied with as many leases as that worker asked to hold, sized so that
/// one takes about ``Timing/leaseDuration`` there; takes back the leases of a worker that leaves,
/// falls silent or lets a deadline pass; and hands on the counts of each input, in campaign order,
/// as soon as all its samples and all inputs before it are settled.
public struct CampaignCoordinator: Sendable {
    /// What workers are told to count.
    public let plan: CountingPlan
    /// How patient the coordinator is.
    public let timing: Timing
    /// What is owed, lent and settled.
    public private(set) var ledger: SampleLedger
    /// An account of every worker that has settled anything, and of the first thousand others that
    /// were ready: whoever comes and goes without counting cannot use them up.
    public private(set) var accounts: [WorkerAccount] = []

    /// The workers that are let in, by connection; `roster` has their order.
    private var workers: [PeerID: Worker] = [:]
    private var roster: [PeerID] = []
    /// The connection of each worker that is let in, and the account of each that has one.
    private var connections: [WorkerID: PeerID] = [:]
    private var accountOf: [WorkerID: Int] = [:]
    /// How many accounts are of workers that have settled nothing.
    private var idleAccounts = 0
    /// How many blocks the workers that are ready classify at the same time.
    public private(set) var readySessions = 0
    /// Workers that want more leases than they hold, longest waiting first.
    private var waiting: [PeerID] = []
    private var holders: [LeaseID: PeerID] = [:]
    /// When an input needs no more samples.
    private var stopping: any StoppingRule
    private var lastTick = Duration.zero
    private var isOver = false

    /// A coordinator that has heard of no worker yet, and goes on where the history ends.
    public init(
        plan: CountingPlan, outline: CampaignOutline,
        stopping: any StoppingRule = AllSamples(), timing: Timing = Timing(),
        maximumOpenInputs: Int? = nil, firstLease: UInt64 = 1,
        history: CampaignHistory = CampaignHistory()
    ) {
        self.plan = plan
        self.stopping = stopping
        self.timing = timing
        ledger = SampleLedger(
            outline: outline, maximumOpenInputs: maximumOpenInputs, firstLease: firstLease,
            history: history)
        accounts = history.contributions.map(WorkerAccount.init)
        for (place, account) in accounts.enumerated() { accountOf[account.hello.worker] = place }
        idleAccounts = accounts.count { $0.leases == 0 }
    }

    /// How many workers are ready to count or counting.
    public private(set) var readyWorkers = 0

    /// How many leases are out.
    public var leasesOut: Int { holders.count }

    /// Whether the worker is let in now.
    public func isLetIn(_ worker: WorkerID) -> Bool { connections[worker] != nil }

    /// Whether the worker has settled a lease, now or before the coordinator was started again.
    public func hasSettled(_ worker: WorkerID) -> Bool {
        accountOf[worker].map { accounts[$0].leases > 0 } ?? false
    }

    /// The only door: what happened, and when, in time since the start of the campaign.
    public mutating func handle(_ event: Event, at now: Duration) -> [Directive] {
        guard !isOver else { return answerAfterTheEnd(event) }
        var directives: [Directive] = []
        switch event {
        case .received(let message, let peer): receive(message, from: peer, at: now, &directives)
        case .unreachable(let peer): lose(peer, .unreachable, at: now, &directives)
        case .expelled(let peer, let why): lose(peer, why, at: now, &directives)
        case .tick: tick(at: now, &directives)
        case .interrupt: end(&directives)
        }
        if !isOver { lookAtCheckpoints(&directives) }
        if !isOver {
            lendToTheWaiting(at: now, &directives)
            takeSettledInputs(&directives)
        }
        if !isOver, let problem = violatedInvariant(after: event) {
            stop("this is a mistake in wardein: its bookkeeping says that \(problem)", &directives)
        }
        return directives
    }
}

extension CampaignCoordinator {
    /// What happened.
    public enum Event: Hashable, Sendable {
        /// A message arrived.
        case received(WorkerMessage, from: PeerID)
        /// A message could not be delivered: the connection is gone.
        case unreachable(PeerID)
        /// It was told that it may not take part, or not any more.
        case expelled(PeerID, WorkerAccount.Departure)
        /// Time has passed.
        case tick
        /// A person wants to stop here.
        case interrupt
    }

    /// What is to be done.
    public enum Directive: Hashable, Sendable {
        /// Send a message.
        case send(CoordinatorMessage, to: PeerID)
        /// Look up a piece of a blob and send it.
        case sendPiece(PieceRequest, to: PeerID)
        /// Send how far the campaign is.
        case sendStatus(to: PeerID)
        /// Make this durable, in order, before a record or an end that comes after it.
        case journal(JournalEntry)
        /// All samples of an input are settled, and so are all inputs before it.
        case decide(SettledInput)
        /// Something went wrong or was put right; for the log and the provenance file.
        case note(Incident)
        /// The campaign cannot go on; everything is kept. The sentence says why.
        case stop(String)
        /// Every input was decided.
        case finish
    }

    /// How patient the coordinator is.
    public struct Timing: Hashable, Sendable {
        /// How often a heartbeat is sent.
        public var heartbeat = Duration.seconds(1)
        /// After which silence a worker is taken for lost.
        public var silence = Duration.seconds(10)
        /// How long counting a lease should take, in a small fleet.
        public var leaseDuration = Duration.milliseconds(200)
        /// How many leases the whole fleet may settle in a second at the most: in a large one they
        /// take longer, so that the coordinator keeps up.
        public var leasesPerSecond = 2000
        /// How long a lease may stay out at the least.
        public var shortestDeadline = Duration.seconds(600)
        /// How long a lease may stay out at the most.
        public var longestDeadline = Duration.seconds(24 * 3600)
        /// How many times as long as expected a lease may stay out.
        public var deadlineFactor = 50

        /// The usual patience.
        public init() {}
    }

    private mutating func receive(
        _ message: WorkerMessage, from peer: PeerID, at now: Duration,
        _ directives: inout [Directive]
    ) {
        if case .hello(let hello) = message {
            greet(hello, from: peer, at: now, &directives)
            return
        }
        if message == .statusRequest {
            directives.append(.sendStatus(to: peer))
            return
        }
        guard workers[peer] != nil else {
            if message != .goodbye { directives.append(.send(.introduceYourself, to: peer)) }
            return
        }
        workers[peer]?.lastHeard = now
        switch message {
        case .hello, .statusRequest: break
        case .ready(let ready): admit(ready, from: peer, at: now, &directives)
        case .fetch(let request): directives.append(.sendPiece(request, to: peer))
        case .tally(let tally): settle(tally, from: peer, at: now, &directives)
        case .failure(let failure): fail(failure, from: peer, at: now, &directives)
        case .heartbeat(let capacity, let leases):
            reclaim(allBut: leases, from: peer, at: now, &directives)
            wish(capacity, from: peer)
        case .goodbye: lose(peer, .goodbye, at: now, &directives)
        }
    }

    private mutating func greet(
        _ hello: Hello, from peer: PeerID, at now: Duration, _ directives: inout [Directive]
    ) {
        if let reason = refusal(of: hello) {
            directives.append(.note(Incident(at: now, worker: hello.name, kind: .refused(reason))))
            directives.append(
                .send(.refusal(Refusal(reason: reason, mayRetry: false)), to: peer))
            return
        }
        // The same worker over a new connection, or another one over the same: what was held is
        // lent to others.
        lose(peer, .reconnected, at: now, &directives)
        if let old = connections[hello.worker] { lose(old, .reconnected, at: now, &directives) }
        guard roster.count < maximumWorkers else {
            let reason = "there are \(maximumWorkers) workers already; try again later"
            directives.append(.send(.refusal(Refusal(reason: reason, mayRetry: true)), to: peer))
            return
        }
        workers[peer] = Worker(hello: hello, lastHeard: now)
        roster.append(peer)
        connections[hello.worker] = peer
        directives.append(.send(.welcome(plan), to: peer))
    }

    private func refusal(of hello: Hello) -> String? {
        if hello.protocolVersion != protocolVersion {
            return "the worker speaks version \(hello.protocolVersion) of the wire protocol and "
                + "the coordinator version \(protocolVersion); "
                + "use the same release of wardein on both sides"
        }
        if hello.fingerprint != plan.fingerprint {
            return "the worker's classifier runs on \(hello.fingerprint), "
                + "but this campaign counts on \(plan.fingerprint) only, "
                + "since others may answer differently in rare cases"
        }
        return nil
    }

    private mutating func admit(
        _ ready: Ready, from peer: PeerID, at now: Duration, _ directives: inout [Directive]
    ) {
        guard var worker = workers[peer] else { return }
        guard worker.joined == nil else {
            // It was not lent anything yet, as far as it knows.
            reclaim(allBut: [], from: peer, at: now, &directives)
            wish(ready.capacity, from: peer)
            return
        }
        guard ready.campaign == plan.campaign else {
            directives.append(.send(.welcome(plan), to: peer))
            return
        }
        if let reason = difference(of: ready.knownAnswer) {
            dismiss(peer, because: reason, at: now, &directives)
            return
        }
        guard accountOf[worker.hello.worker] != nil || accounts.count < maximumAccounts else {
            dismiss(
                peer, because: "too many workers took part already", mayRetry: true, at: now,
                &directives)
            return
        }
        worker.joined = now
        worker.account = account(for: worker.hello, at: now)
        workers[peer] = worker
        readyWorkers += 1
        readySessions += worker.hello.sessions
        directives.append(.note(Incident(at: now, worker: worker.hello.name, kind: .joined)))
        wish(ready.capacity, from: peer)
    }

    /// Why a worker that makes this of the known-answer block may not count.
    private func difference(of answer: KnownAnswer) -> String? {
        if answer.noise != plan.knownAnswer.noise {
            return
                "the worker's noise self-test failed: its known noise has digest \(answer.noise) "
                + "and the coordinator's \(plan.knownAnswer.noise), so its processor or build draws "
                + "other noise; use the same release of wardein on both sides"
        }
        if answer.scores != plan.knownAnswer.scores {
            return
                "the worker's scores on the known-answer block have digest \(answer.scores) "
                + "and the coordinator's \(plan.knownAnswer.scores): its processor or build computes "
                + "something else, so its counts would belong to another classifier"
        }
        return nil
    }

    /// The account of a worker that came back, or a new one; nil when there are many of workers that
    /// have settled nothing: then it gets one as soon as it has.
    private mutating func account(for hello: Hello, at now: Duration) -> Int? {
        if let old = accountOf[hello.worker] {
            accounts[old].left = nil
            accounts[old].departure = nil
            return old
        }
        return idleAccounts < maximumIdleAccounts ? openAccount(for: hello, at: now) : nil
    }

    private mutating func openAccount(for hello: Hello, at now: Duration) -> Int {
        accountOf[hello.worker] = accounts.count
        accounts.append(WorkerAccount(hello: hello, joined: now))
        idleAccounts += 1
        return accounts.count - 1
    }

    private mutating func credit(_ peer: PeerID, samples: Int, nanoseconds: Int) {
        guard let worker = workers[peer], let joined = worker.joined else { return }
        let account = worker.account ?? openAccount(for: worker.hello, at: joined)
        workers[peer]?.account = account
        if accounts[account].leases == 0 { idleAccounts -= 1 }
        accounts[account].credit(samples: samples, nanoseconds: nanoseconds)
    }

    private mutating func wish(_ capacity: Int, from peer: PeerID) {
        workers[peer]?.capacity = min(max(0, capacity), maximumCapacity)
        queue(peer)
    }

    /// Takes back what a worker should have and does not know of: the grant was lost, or the tally.
    /// What was lent a moment ago may still be under way to it.
    private mutating func reclaim(
        allBut leases: [LeaseID], from peer: PeerID, at now: Duration,
        _ directives: inout [Directive]
    ) {
        guard let worker = workers[peer] else { return }
        let known = Set(leases)
        for held in worker.held
        where now - held.granted > timing.silence && !known.contains(held.lease.id) {
            release(held.lease.id)
            ledger.giveBack(held.lease.id)
            directives.append(
                .note(
                    Incident(
                        at: now, worker: worker.hello.name, kind: .leaseLost,
                        lease: held.lease.id)))
        }
    }

    private mutating func settle(
        _ tally: Tally, from peer: PeerID, at now: Duration, _ directives: inout [Directive]
    ) {
        // A worker that was greeted again is not ready yet; what it held was lent to others.
        guard let worker = workers[peer], worker.joined != nil else { return }
        let held = worker.held.first { $0.lease.id == tally.lease }
        var tally = tally
        // What a worker says of its time is believed up to the time that the lease was out.
        let longest = held.map { (now - $0.granted).nanoseconds } ?? 0
        tally.nanoseconds = min(max(0, tally.nanoseconds), longest)
        let lent = ledger.lentRange(of: tally.lease)
        switch ledger.settle(tally, from: worker.hello.worker) {
        case .counted(let samples, let copies):
            if let lent { journal(tally, for: lent, by: worker.hello, &directives) }
            release(tally.lease)
            credit(peer, samples: samples, nanoseconds: tally.nanoseconds)
            workers[peer]?.learn(
                blocks: held?.lease.blocks.count ?? 0, nanoseconds: tally.nanoseconds)
            cancel(copies, &directives)
        case .repeated:
            if let account = worker.account { accounts[account].repeatedTallies += 1 }
        case .late:
            if let account = worker.account { accounts[account].lateTallies += 1 }
        case .refused(let reason):
            if let account = worker.account { accounts[account].refusedTallies += 1 }
            dismiss(peer, because: "its tally was refused: \(reason)", at: now, &directives)
        case .contradicts(let input, let range, let first):
            let other =
                first == worker.hello.worker
                ? "from itself before; it does not compute the same twice"
                : "from another worker of the same fingerprint; one of them does not compute "
                    + "what it says"
            stop(
                "worker \(worker.hello.name) counted \(range.phase) blocks \(range.first) to "
                    + "\(range.first + range.count - 1) of input \(input) differently \(other), "
                    + "and nothing tells which is right", &directives)
        }
        queue(peer)
    }

    private mutating func journal(
        _ tally: Tally, for lent: LentRange, by worker: Hello, _ directives: inout [Directive]
    ) {
        if let lent = ledger.takeUnjournalled(tally.lease) {
            directives.append(.journal(.lent(lent)))
        }
        let settled = SettledRange(
            lease: lent.lease, position: lent.position, range: lent.range, counts: tally.counts,
            nanoseconds: tally.nanoseconds, worker: worker)
        directives.append(.journal(.settled(settled)))
    }

    /// A classifier that fails on an input has no answer there, and trouble is not an answer
    /// (law 6). Others try it, or the same one in a fresh process; when three have failed, and nobody
    /// else holds those blocks, the campaign stops.
    private mutating func fail(
        _ failure: LeaseFailure, from peer: PeerID, at now: Duration,
        _ directives: inout [Directive]
    ) {
        guard let worker = workers[peer], failure.campaign == plan.campaign,
            let held = worker.held.first(where: { $0.lease.id == failure.lease }),
            let failed = ledger.fail(failure.lease)
        else { return }
        directives.append(
            .note(
                Incident(
                    at: now, worker: worker.hello.name, kind: .failed(failure.reason),
                    lease: held.lease.id)))
        if failed.workers.count >= CampaignCoordinator.failuresToStop, !failed.isHeld {
            stop(
                "the classifier failed on input \(held.lease.input) in "
                    + "\(failed.workers.count) processes: \(failure.reason)",
                &directives)
            return
        }
        let reason = "its classifier failed: \(failure.reason)"
        directives.append(.send(.refusal(Refusal(reason: reason, mayRetry: true)), to: peer))
        lose(peer, .dismissed, at: now, &directives)
        // What was copied before the first failure is tried by a third one at once; later there is
        // one at a time, or those that fail would always find another one trying.
        if !failed.isHeld || failed.workers.count == 1 {
            handOver(held.lease, notTo: failed.workers, at: now, &directives)
        }
    }

    /// After how many different workers have failed on the same range a campaign stops.
    public static let failuresToStop = 3

    /// Lends blocks on which a classifier failed to the worker that has settled the most, whether it
    /// wants more or not: a broken machine that asks again and again must not be the only one that
    /// tries them.
    private mutating func handOver(
        _ lease: Lease, notTo failed: Set<WorkerID>, at now: Duration,
        _ directives: inout [Directive]
    ) {
        var best: (peer: PeerID, worker: Worker)?
        for peer in roster {
            guard let worker = workers[peer], worker.joined != nil, !worker.isOverdue,
                worker.capacity > 0, worker.held.count < maximumCapacity,
                !failed.contains(worker.hello.worker),
                !worker.held.contains(where: { $0.lease.isSameWork(as: lease) }),
                worker.settled > best?.worker.settled ?? -1
            else { continue }
            best = (peer, worker)
        }
        guard let (peer, worker) = best,
            let again = ledger.lendAgain(lease.id, to: worker.hello.worker)
        else { return }
        grant([hold(again, by: worker, at: now)], to: peer, at: now, &directives)
    }

    private mutating func tick(at now: Duration, _ directives: inout [Directive]) {
        // After a pause of its own the coordinator has not listened: nobody was silent.
        let hasPaused = now - lastTick > timing.silence / 4
        lastTick = now
        for peer in roster {
            if hasPaused { workers[peer]?.lastHeard = now }
            guard let worker = workers[peer] else { continue }
            if now - worker.lastHeard > timing.silence {
                lose(peer, .silent, at: now, &directives)
                continue
            }
            for held in worker.held where held.deadline < now {
                workers[peer]?.isOverdue = true
                workers[peer]?.isWaiting = false
                waiting.removeAll { $0 == peer }
                release(held.lease.id)
                ledger.giveBack(held.lease.id)
                directives.append(
                    .note(
                        Incident(
                            at: now, worker: worker.hello.name, kind: .leaseExpired,
                            lease: held.lease.id)))
            }
            if now - worker.lastSpokenTo >= timing.heartbeat {
                workers[peer]?.lastSpokenTo = now
                directives.append(.send(.heartbeat, to: peer))
            }
        }
    }
}

extension CampaignCoordinator {
    /// Everything that is known about a worker that is let in.
    private struct Worker: Sendable {
        let hello: Hello
        var lastHeard: Duration
        var lastSpokenTo = Duration.zero
        /// When it was ready; nil: it is not yet.
        var joined: Duration?
        /// Its place in `accounts`, if it has one.
        var account: Int?
        var capacity = 0
        var held: [HeldLease] = []
        var isWaiting = false
        /// Whether it let a lease expire and has handed in nothing since: it gets nothing more.
        var isOverdue = false
        /// The most blocks that it has settled at once.
        var largestSettled = 1
        /// How many nanoseconds a block takes in one of its sessions.
        var nanosecondsPerBlock: Int?
        /// How many leases it has settled over this connection.
        var settled = 0
        /// For how many of them no other lease was journalled when it was lent.
        var unspent = 0

        /// How many leases it may hold: at first two a session, and one more with each that it
        /// settles. Whoever only borrows holds little, and leaves little behind.
        var credit: Int {
            min(capacity, min(2 * hello.sessions, largestFirstCredit) + settled)
        }

        init(hello: Hello, lastHeard: Duration) {
            self.hello = hello
            self.lastHeard = lastHeard
        }

        /// It has settled a lease. Its pace moves halfway to the one that was seen last.
        mutating func learn(blocks: Int, nanoseconds: Int) {
            settled += 1
            unspent += 1
            isOverdue = false
            guard blocks > 0, nanoseconds > 0 else { return }
            largestSettled = max(largestSettled, blocks)
            let seen = max(1, nanoseconds / blocks)
            nanosecondsPerBlock = nanosecondsPerBlock.map { max(1, $0 / 2 + seen / 2) } ?? seen
        }
    }

    private struct HeldLease: Sendable {
        let lease: Lease
        let granted: Duration
        let deadline: Duration
    }

    private mutating func queue(_ peer: PeerID) {
        guard let worker = workers[peer], worker.joined != nil, !worker.isWaiting,
            !worker.isOverdue, worker.held.count < worker.credit
        else { return }
        workers[peer]?.isWaiting = true
        waiting.append(peer)
    }

    /// Serves the waiting in order. A worker that gets nothing although it waits holds everything
    /// that could be copied; so when two get nothing, nobody can get anything.
    private mutating func lendToTheWaiting(at now: Duration, _ directives: inout [Directive]) {
        var unserved: [PeerID] = []
        var seen = 0
        for peer in waiting {
            guard unserved.count < 2 else { break }
            seen += 1
            guard let worker = workers[peer] else { continue }
            let leases = lend(to: worker, at: now)
            if !leases.isEmpty { grant(leases, to: peer, at: now, &directives) }
            let isServed = worker.held.count + leases.count >= worker.credit
            workers[peer]?.isWaiting = !isServed
            if !isServed { unserved.append(peer) }
        }
        waiting.replaceSubrange(..<seen, with: unserved)
    }

    /// What fills a worker's credit, as far as there is anything to lend.
    private mutating func lend(to worker: Worker, at now: Duration) -> [HeldLease] {
        var worker = worker
        var granted: [HeldLease] = []
        let id = worker.hello.worker
        while worker.held.count < worker.credit {
            let size = leaseSize(for: worker)
            guard let lease = ledger.lend(atMost: size, to: id) ?? ledger.lendCopy(to: id) else {
                break
            }
            let held = hold(lease, by: worker, at: now)
            worker.held.append(held)
            granted.append(held)
        }
        return granted
    }

    private func hold(_ lease: Lease, by worker: Worker, at now: Duration) -> HeldLease {
        HeldLease(
            lease: lease, granted: now, deadline: now + patience(for: lease, with: worker))
    }

    /// Hands leases out. One is journalled now if the worker has settled another for it, or else
    /// when it is settled itself: so the journal grows with what is counted, not with what is asked
    /// for. A coordinator that is started again does not know of the others; their blocks are
    /// counted again.
    private mutating func grant(
        _ leases: [HeldLease], to peer: PeerID, at now: Duration,
        _ directives: inout [Directive]
    ) {
        guard var worker = workers[peer] else { return }
        for held in leases {
            holders[held.lease.id] = peer
            guard worker.unspent > 0, let lent = ledger.takeUnjournalled(held.lease.id) else {
                continue
            }
            worker.unspent -= 1
            directives.append(.journal(.lent(lent)))
        }
        worker.held += leases
        worker.lastSpokenTo = now
        workers[peer] = worker
        directives.append(.send(.grant(leases.map(\.lease)), to: peer))
    }

    /// So many blocks that the lease takes about the intended time there; towards the end of the
    /// campaign fewer, so that all workers end at about the same time. A worker whose pace is not
    /// known begins with one block.
    private func leaseSize(for worker: Worker) -> Int {
        guard let pace = worker.nanosecondsPerBlock else { return 1 }
        let spacing = 1_000_000_000 / timing.leasesPerSecond
        let duration = max(timing.leaseDuration.nanoseconds, readySessions * spacing)
        let share = ledger.lendableBlocks / max(1, 2 * readySessions)
        // It grows step by step: a pace that is only claimed does not take the whole campaign.
        return max(1, min(duration / pace, share, 8 * worker.largestSettled))
    }

    private func patience(for lease: Lease, with worker: Worker) -> Duration {
        let expected = Duration.nanoseconds(worker.nanosecondsPerBlock ?? 0) * lease.blocks.count
        let patience = expected * (worker.held.count + 1) * timing.deadlineFactor
        return min(max(timing.shortestDeadline, patience), timing.longestDeadline)
    }

    private mutating func lookAtCheckpoints(_ directives: inout [Directive]) {
        do {
            cancel(try ledger.look(with: &stopping), &directives)
        } catch {
            stop("\(error)", &directives)
        }
    }

    private mutating func takeSettledInputs(_ directives: inout [Directive]) {
        while let input = ledger.takeSettledInput() {
            guard input.selection.samples == ledger.outline.selectionSamples,
                ledger.outline.checkpoints.contains(input.estimation.samples)
            else {
                stop(
                    "this is a mistake in wardein: input \(input.index) is settled with "
                        + "\(input.selection.samples) + \(input.estimation.samples) samples",
                    &directives)
                return
            }
            directives += [.journal(.decided(input)), .decide(input)]
        }
        guard ledger.isFinished else { return }
        end(&directives)
        directives.append(.finish)
    }

    private mutating func release(_ lease: LeaseID) {
        guard let peer = holders.removeValue(forKey: lease) else { return }
        workers[peer]?.held.removeAll { $0.lease.id == lease }
        queue(peer)
    }

    private mutating func cancel(_ copies: [LeaseID], _ directives: inout [Directive]) {
        for id in copies {
            guard let peer = holders[id] else { continue }
            release(id)
            directives.append(.send(.cancel([id]), to: peer))
        }
    }

    private mutating func lose(
        _ peer: PeerID, _ how: WorkerAccount.Departure, at now: Duration,
        _ directives: inout [Directive]
    ) {
        guard let worker = workers[peer] else { return }
        for held in worker.held {
            holders[held.lease.id] = nil
            ledger.giveBack(held.lease.id)
        }
        if let account = worker.account {
            accounts[account].left = now
            accounts[account].departure = how
        }
        if worker.joined != nil {
            directives.append(
                .note(Incident(at: now, worker: worker.hello.name, kind: .left(how))))
        }
        forget(peer)
    }

    /// Sends a worker away that cannot be counted on, and says why.
    private mutating func dismiss(
        _ peer: PeerID, because reason: String, mayRetry: Bool = false, at now: Duration,
        _ directives: inout [Directive]
    ) {
        guard let worker = workers[peer] else { return }
        directives.append(
            .note(Incident(at: now, worker: worker.hello.name, kind: .refused(reason))))
        directives.append(.send(.refusal(Refusal(reason: reason, mayRetry: mayRetry)), to: peer))
        lose(peer, .dismissed, at: now, &directives)
    }

    private mutating func forget(_ peer: PeerID) {
        guard let worker = workers.removeValue(forKey: peer) else { return }
        roster.removeAll { $0 == peer }
        if worker.isWaiting { waiting.removeAll { $0 == peer } }
        connections[worker.hello.worker] = nil
        guard worker.joined != nil else { return }
        readyWorkers -= 1
        readySessions -= worker.hello.sessions
    }

    private mutating func stop(_ reason: String, _ directives: inout [Directive]) {
        end(&directives)
        directives.append(.stop(reason))
    }

    private mutating func end(_ directives: inout [Directive]) {
        isOver = true
        for peer in roster { directives.append(.send(.goodbye, to: peer)) }
    }

    private func answerAfterTheEnd(_ event: Event) -> [Directive] {
        guard case .received(let message, let peer) = event, message != .goodbye else { return [] }
        return [.send(.goodbye, to: peer)]
    }
}

// What must hold after every event
// --------------------------------

extension CampaignCoordinator {
    /// What can be seen to be wrong after every event, in no time: sums over the whole campaign, and
    /// the leases of the worker that it came from.
    private func violatedInvariant(after event: Event) -> String? {
        if let problem = ledger.violatedSum { return problem }
        guard holders.count <= ledger.lentBlocks * 2 else {
            return "\(holders.count) leases of \(ledger.lentBlocks) blocks are held"
        }
        switch event {
        case .received(_, let peer), .unreachable(let peer), .expelled(let peer, _):
            return violatedInvariant(of: peer)
        case .tick, .interrupt: return nil
        }
    }

    private func violatedInvariant(of peer: PeerID) -> String? {
        guard let worker = workers[peer] else { return nil }
        for lease in worker.held where holders[lease.lease.id] != peer {
            return "\(worker.hello.name) does not hold \(lease.lease.id)"
        }
        return worker.held.count <= maximumCapacity
            ? nil : "\(worker.hello.name) holds \(worker.held.count) leases"
    }

    /// A sentence about what does not fit together; nil when all does. For simulations and tests: it
    /// looks at all workers and all open inputs.
    public func violatedInvariant() -> String? {
        guard !isOver else { return nil }
        guard Set(roster).count == workers.count, roster.allSatisfy({ workers[$0] != nil }),
            connections.count == workers.count
        else { return "the roster is not the workers" }
        guard Set(waiting).count == waiting.count, waiting.allSatisfy({ workers[$0] != nil }) else {
            return "somebody waits twice, or is gone and waits"
        }
        var held = 0
        for peer in roster {
            if let problem = violatedInvariant(of: peer) { return problem }
            guard let worker = workers[peer] else { continue }
            held += worker.held.count
            guard
                worker.joined == nil || worker.isOverdue
                    || worker.held.count >= worker.credit
                    || worker.isWaiting && waiting.contains(peer)
            else { return "\(worker.hello.name) is ready and waits for nothing" }
        }
        guard held == holders.count else { return "\(holders.count) of \(held) leases are held" }
        guard idleAccounts == accounts.count(where: { $0.leases == 0 }) else {
            return "\(idleAccounts) workers have settled nothing"
        }
        let ready = workers.values.filter { $0.joined != nil }
        guard ready.count == readyWorkers,
            ready.reduce(0, { $0 + $1.hello.sessions }) == readySessions
        else { return "\(readyWorkers) workers are ready, not \(ready.count)" }
        return ledger.violatedInvariant()
    }
}

/// The version of the wire protocol that this release speaks.
public let protocolVersion = 2

/// The most leases that one worker may hold.
public let maximumCapacity = 4096

/// The most leases that a worker holds which has settled none.
let largestFirstCredit = 64

/// The most workers that are let in at the same time.
let maximumWorkers = 100_000

/// The most workers that may have settled something when another one is let in.
let maximumAccounts = 100_000

/// The most workers that have settled nothing and still stand in the provenance file.
let maximumIdleAccounts = 1000

/// One connection at the coordinator, as the socket names it.
public struct PeerID: Hashable, Sendable {
    /// The routing identity of the connection.
    public let bytes: [UInt8]

    /// The connection of this routing identity.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }
}

/// What one worker did for a campaign; for the provenance file.
public struct WorkerAccount: Hashable, Sendable {
    /// How a worker left.
    public enum Departure: String, Hashable, Sendable {
        /// It said goodbye.
        case goodbye = "said goodbye"
        /// It was not heard for too long.
        case silent = "fell silent"
        /// Its connection was gone.
        case unreachable = "became unreachable"
        /// It was sent away.
        case dismissed = "was sent away"
        /// It was sent away because its key is not allowed any more.
        case revoked = "was sent away: its key was revoked"
        /// The coordinator that knew it was started again.
        case restart = "worked for the coordinator before it was started again"
        /// It came back over another connection.
        case reconnected = "came back over a new connection"
        /// It counts for another campaign on the same fleet.
        case reassigned = "went over to another campaign"
    }

    /// Its introduction.
    public let hello: Hello
    /// When it was ready, since the start of the campaign.
    public let joined: Duration
    /// When it left.
    public var left: Duration?
    /// How it left.
    public var departure: Departure?
    /// How many leases it settled.
    public private(set) var leases = 0
    /// How many samples it counted that stand in records.
    public private(set) var samples = 0
    /// How long it counted them, in nanoseconds of single sessions.
    public private(set) var nanoseconds = 0
    /// Tallies for ranges that were settled before, with the same counts.
    public var repeatedTallies = 0
    /// Tallies for inputs that were decided before.
    public var lateTallies = 0
    /// Tallies that could not be the answer to their lease.
    public var refusedTallies = 0

    /// The account of a worker that has just become ready.
    public init(hello: Hello, joined: Duration) {
        self.hello = hello
        self.joined = joined
    }

    /// What a worker did before the coordinator was started again.
    init(_ contribution: CampaignHistory.Contribution) {
        hello = contribution.worker
        joined = .zero
        departure = .restart
        leases = contribution.leases
        samples = contribution.samples
        nanoseconds = contribution.nanoseconds
    }

    mutating func credit(samples: Int, nanoseconds: Int) {
        leases += 1
        self.samples += samples
        self.nanoseconds += nanoseconds
    }
}

/// Something that happened to the fleet; for the log and the provenance file.
public struct Incident: Hashable, Sendable {
    /// What happened.
    public enum Kind: Hashable, Sendable {
        /// A worker became ready.
        case joined
        /// A worker left.
        case left(WorkerAccount.Departure)
        /// A worker was not let in, and why.
        case refused(String)
        /// A lease was not answered in time and is lent again.
        case leaseExpired
        /// A worker does not know of a lease that it was lent, or has answered it unheard.
        case leaseLost
        /// The classifier failed, and how.
        case failed(String)
    }

    /// When, since the start of the campaign.
    public let at: Duration
    /// The name of the worker.
    public let worker: String
    /// What happened.
    public let kind: Kind
    /// The lease that it is about, if it is about one.
    public var lease: LeaseID?
}

extension Incident: CustomStringConvertible {
    /// One line for a person.
    public var description: String {
        switch kind {
        case .joined: "worker \(worker) joined"
        case .left(let how): "worker \(worker) \(how.rawValue)"
        case .refused(let reason): "worker \(worker) was refused: \(reason)"
        case .leaseExpired: "worker \(worker) let a lease expire; it is lent again"
        case .leaseLost:
            "a lease to worker \(worker), or its tally, was lost on the way; it is lent again"
        case .failed(let reason): "worker \(worker) could not classify: \(reason)"
        }
    }
}

extension Lease {
    fileprivate func isSameWork(as other: Lease) -> Bool {
        input == other.input && blocks == other.blocks
    }
}

extension Duration {
    /// Whole nanoseconds; saturates at the largest integer (292 years).
    public var nanoseconds: Int {
        let (seconds, attoseconds) = components
        let (product, overflow) = Int(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? Int.max : product &+ Int(attoseconds / 1_000_000_000)
    }
}
