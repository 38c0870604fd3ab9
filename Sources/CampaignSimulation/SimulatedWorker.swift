import CampaignScheduling
import RandomizedSmoothing
import SmoothingNoise

/// A place where a worker's process runs: the real core, its sessions, its connection and its clock.
struct SimulatedWorker: Sendable {
    let slot: Int
    /// nil while no process is there.
    var core: CampaignWorker?
    /// How many processes there were.
    var life = 0
    /// How far its clock is ahead.
    var ahead = Duration.zero
    /// Leases that wait for a session, and those that the sessions have.
    var waiting: [Lease] = []
    var counting: [Lease] = []
    /// How many times as long as usual it takes.
    var slowness = 1
    /// Which connection it has, counted over all of them.
    var connection = 0
    /// When the last message of either direction arrives.
    var lastArrivals = (atCoordinator: Duration.zero, atWorker: Duration.zero)
    var cut = Cut.none
    /// What was handed in from here, by any process.
    var handedIn: [Tally] = []

    init(slot: Int) { self.slot = slot }
}

extension Simulation {
    mutating func startWorker(_ slot: Int) {
        guard workers[slot].core == nil, !coordinator.isFinished else { return }
        workers[slot].life += 1
        let life = workers[slot].life
        let bytes = (0..<16).map { place in
            UInt8(truncatingIfNeeded: (place < 8 ? slot : life) >> (8 * (place % 8)))
        }
        guard let id = WorkerID(bytes: bytes) else { return }
        let name = "w\(slot + 1)" + (life > 1 ? "/\(life)" : "")
        workers[slot].core = CampaignWorker(
            hello: toy.hello(id, name: name, sessions: scenario.sessions),
            digest: ToyCampaign.digest)
        connect(slot)
        note("\(name) is started")
        feed(.begin, to: slot)
        queue.add(.tickWorker(slot, life: life), at: now + Simulation.tick)
    }

    /// Makes a new connection; what was under way on the old one is lost.
    private mutating func connect(_ slot: Int) {
        outcome.connections += 1
        workers[slot].connection = outcome.connections
        workers[slot].lastArrivals = (.zero, .zero)
    }

    mutating func tickWorker(_ slot: Int, _ life: Int) {
        guard workers[slot].core != nil, workers[slot].life == life else { return }
        feed(.tick, to: slot)
        queue.add(.tickWorker(slot, life: life), at: now + Simulation.tick)
    }

    mutating func prepared(_ slot: Int, _ life: Int) {
        guard workers[slot].life == life else { return }
        feed(
            .prepared(campaign: toy.plan.campaign, knownAnswer: toy.plan.knownAnswer), to: slot)
    }

    /// Feeds a worker's core and does what it wants done.
    mutating func feed(_ event: CampaignWorker.Event, to slot: Int) {
        let time = now + workers[slot].ahead
        guard let directives = workers[slot].core?.handle(event, at: time) else { return }
        for directive in directives { carryOut(directive, at: slot) }
    }

    private mutating func carryOut(_ directive: CampaignWorker.Directive, at slot: Int) {
        guard workers[slot].core != nil else { return }
        switch directive {
        case .send(.tally(let tally)): handIn(tally, from: slot)
        case .send(let message): transmit(message, from: slot)
        case .reconnect:
            note("w\(slot + 1) connects again")
            connect(slot)
        case .prepare(_, let model):
            guard model == toy.model else {
                violate(Violation(law: 1, sentence: "w\(slot + 1) has another model"))
                return
            }
            queue.add(
                .prepared(slot, life: workers[slot].life), at: now + .milliseconds(50))
        case .count(let lease, let image):
            guard ToyCampaign.digest(of: image) == lease.image else {
                violate(Violation(law: 1, sentence: "\(lease.id) got another image"))
                return
            }
            workers[slot].waiting.append(lease)
            startCounting(slot)
        case .drop(let id):
            workers[slot].waiting.removeAll { $0.id == id }
            workers[slot].counting.removeAll { $0.id == id }
            startCounting(slot)
        case .leave(let farewell):
            note("w\(slot + 1) leaves: \(farewell.line)")
            endWorker(slot, backAfter: .seconds(2))
        }
    }

    /// The process is gone.
    mutating func endWorker(_ slot: Int, backAfter pause: Duration) {
        workers[slot].core = nil
        workers[slot].waiting = []
        workers[slot].counting = []
        queue.add(.startWorker(slot), at: now + pause)
    }

    private mutating func startCounting(_ slot: Int) {
        while workers[slot].counting.count < scenario.sessions,
            !workers[slot].waiting.isEmpty
        {
            let lease = workers[slot].waiting.removeFirst()
            workers[slot].counting.append(lease)
            let duration = scenario.blockTime * lease.blocks.count * workers[slot].slowness
            queue.add(
                .counted(slot, life: workers[slot].life, lease), at: now + duration)
        }
    }

    mutating func counted(_ slot: Int, _ life: Int, _ lease: Lease) {
        guard workers[slot].life == life,
            let place = workers[slot].counting.firstIndex(of: lease)
        else { return }
        workers[slot].counting.remove(at: place)
        defer { startCounting(slot) }
        if befalls(.fail) {
            checker.failed(lease.id)
            if bug != .answersTrouble {
                feed(.failed(lease.id, reason: "class 1 is not a number"), to: slot)
                return
            }
            var counts = ClassCounts(classes: scenario.classes)
            for _ in 0..<lease.samples { counts.count(0) }
            feed(.counted(lease.id, counts, nanoseconds: 1), to: slot)
            return
        }
        let time = scenario.blockTime * lease.blocks.count * workers[slot].slowness
        feed(
            .counted(lease.id, counts(of: lease), nanoseconds: Int(time / .nanoseconds(1))),
            to: slot)
    }

    private mutating func counts(of lease: Lease) -> ClassCounts {
        switch bug {
        case .countsByArrival:
            var counts = ClassCounts(classes: scenario.classes)
            for _ in 0..<lease.samples {
                outcome.arrivals += 1
                counts.count(
                    toy.answer(
                        input: lease.input, phase: lease.blocks.phase, sample: outcome.arrivals))
            }
            return counts
        case .sharesStreams:
            return toy.counts(of: lease.blocks, input: lease.input, phase: .selection)
        default: return toy.counts(of: lease.blocks, input: lease.input)
        }
    }

    // MARK: Tallies and what befalls them

    private mutating func handIn(_ tally: Tally, from slot: Int) {
        workers[slot].handedIn.append(tally)
        if befalls(.wrongTally) {
            var wrong = tally
            wrong.counts.count(0)
            note("w\(slot + 1) counts one sample too many:")
            transmit(.tally(wrong), from: slot)
            return
        }
        transmit(.tally(tally), from: slot)
        if befalls(.staleTally) {
            var stale = workers[slot].handedIn[random.below(workers[slot].handedIn.count)]
            if random.chance(0.3) { stale.lease = LeaseID(random.next() | 1) }
            note("w\(slot + 1) hands in something old:")
            transmit(.tally(stale), from: slot)
        }
        if isSafetyPhase, scenario.faults.contains(where: { $0.kind == .contradict }) {
            queue.add(
                .contradict(slot, life: workers[slot].life, tally), at: now + .milliseconds(300))
        }
    }

    /// Hands in other counts for what is settled. Only while they have something to contradict: a
    /// single lie that nobody checks cannot be told from the truth.
    mutating func contradict(_ slot: Int, _ life: Int, _ tally: Tally) {
        guard workers[slot].core != nil, workers[slot].life == life, coordinator.core != nil,
            checker.isSettled(tally.lease), befalls(.contradict)
        else { return }
        var counts = tally.counts.values
        counts.swapAt(0, 1)
        guard counts != tally.counts.values else { return }
        var lie = tally
        lie.counts = ClassCounts(counts)
        note("w\(slot + 1) contradicts itself: \(WorkerMessage.tally(lie).line)")
        // At once, lest something befalls the truth meanwhile.
        receive(
            .tally(lie),
            from: PeerID(connection: workers[slot].connection, epoch: coordinator.epoch))
    }
}
