import CampaignScheduling
import RandomizedSmoothing
import SmoothingNoise

/// A coordinator's process around the real core: what it has not written yet, and its disk.
struct SimulatedCoordinator: Sendable {
    /// nil while the process is not there.
    var core: CampaignCoordinator?
    /// How often it was started.
    var epoch = 0
    /// How far its clock is ahead.
    var ahead = Duration.zero
    /// What the core wants done.
    var pending: [CampaignCoordinator.Directive] = []
    var isFlushing = false
    /// What is not on the disk yet, and no record rests on.
    var unwritten: [JournalEntry] = []
    /// What is on the disk, whatever happens.
    var journal: [JournalEntry] = []
    var records: [SettledInput] = []
    var isFinished = false
    /// Until when nothing can be written.
    var diskIsFullUntil = Duration.zero
}

extension Simulation {
    mutating func startCoordinator() {
        guard coordinator.core == nil, !coordinator.isFinished else { return }
        coordinator.epoch += 1
        let history = CampaignHistory(replaying: coordinator.journal)
        let highest = coordinator.journal.reduce(UInt64(0)) { highest, entry in
            guard case .lent(let range) = entry else { return highest }
            return max(highest, range.lease.number)
        }
        // Beyond the leases that were lent and not journalled.
        let leap = scenario.isStaged ? 99 : UInt64(random.below(1 << 40))
        coordinator.core = CampaignCoordinator(
            plan: toy.plan, outline: toy.outline, stopping: ToyCampaign.ToyRule(),
            maximumOpenInputs: 3,
            firstLease: coordinator.epoch == 1 ? 1 : highest + 1 + leap, history: history)
        coordinator.records = coordinator.journal.compactMap { entry in
            guard case .decided(let input) = entry else { return nil }
            return input
        }
        checker.restart(from: coordinator.journal)
        let (decided, inputs) = (coordinator.records.count, scenario.inputs)
        note("the coordinator is started; \(decided) of \(inputs) inputs are decided")
        queue.add(.tickCoordinator(epoch: coordinator.epoch), at: now)
    }

    mutating func tickCoordinator(_ epoch: Int) {
        guard coordinator.core != nil, coordinator.epoch == epoch, store() else { return }
        handle(.tick)
        queue.add(.tickCoordinator(epoch: epoch), at: now + Simulation.tick)
    }

    mutating func receive(_ message: WorkerMessage, from peer: PeerID) {
        if bug == .countsTwice, case .tally(let tally) = message { countAgain(tally) }
        handle(.received(message, from: peer))
    }

    /// Feeds the core, looks at its books, and acts a moment later. What has to be durable is written at
    /// the next tick, or before a record that rests on it, as in the real shell.
    private mutating func handle(_ event: CampaignCoordinator.Event) {
        let time = now + coordinator.ahead
        guard let directives = coordinator.core?.handle(event, at: time) else { return }
        coordinator.pending += directives
        if let problem = coordinator.core?.violatedInvariant() {
            violate(Violation(law: nil, sentence: "the bookkeeping says that \(problem)"))
        }
        guard !coordinator.pending.isEmpty, !coordinator.isFlushing else { return }
        coordinator.isFlushing = true
        let pause = scenario.isStaged ? .zero : random.duration(in: .zero...(.milliseconds(2)))
        queue.add(.flush(epoch: coordinator.epoch), at: now + pause)
    }

    mutating func flush(_ epoch: Int) {
        guard coordinator.core != nil, coordinator.epoch == epoch else { return }
        coordinator.isFlushing = false
        while !coordinator.pending.isEmpty, outcome.violation == nil {
            let directives = coordinator.pending
            coordinator.pending = []
            var restsOnJournal = false
            for directive in directives {
                switch directive {
                case .journal(let entry): coordinator.unwritten.append(entry)
                case .decide, .stop, .finish: restsOnJournal = true
                case .send, .sendPiece, .sendStatus, .note: continue
                }
            }
            guard !restsOnJournal || store() else { return }
            for directive in directives {
                carryOut(directive)
                guard coordinator.core != nil else { return }
            }
        }
    }

    /// Writes what waits for it. False: it cannot be written, and the process has ended.
    private mutating func store() -> Bool {
        guard coordinator.unwritten.isEmpty || now >= coordinator.diskIsFullUntil else {
            stopCoordinator("nothing can be written to the disk")
            return false
        }
        let entries = coordinator.unwritten
        coordinator.unwritten = []
        for entry in entries { append(entry) }
        return true
    }

    private mutating func append(_ entry: JournalEntry) {
        coordinator.journal.append(entry)
        violate(checker.journalled(entry))
        if bug == .peeks, case .settled(let range) = entry { peek(at: range.position) }
    }

    private mutating func carryOut(_ directive: CampaignCoordinator.Directive) {
        switch directive {
        case .send(let message, let peer):
            if case .grant(let leases) = message {
                for lease in leases { violate(checker.granted(lease)) }
            }
            if !transmit(message, to: peer) { handle(.unreachable(peer)) }
        case .sendPiece(let request, let peer):
            guard let blob = toy.blob(request.blob), request.offset < blob.count else { return }
            let end = min(blob.count, request.offset + request.length)
            let piece = Piece(
                blob: request.blob, offset: request.offset,
                bytes: Array(blob[request.offset..<end]))
            if !transmit(.piece(piece), to: peer) { handle(.unreachable(peer)) }
        case .sendStatus, .journal: return
        case .decide(let input):
            note("the record of input \(input.index) is written")
            coordinator.records.append(input)
        case .note(let incident): note("the coordinator notes: \(incident)")
        case .stop(let reason): stop(reason)
        case .finish:
            note("the campaign is finished")
            coordinator.isFinished = true
        }
    }

    /// A stop is an answer to trouble that was really there, and loses nothing (law 6).
    private mutating func stop(_ reason: String) {
        let isCaused =
            reason.contains("classifier failed") && checker.hasFailures
            || reason.contains("differently") && outcome.faults[.contradict] != nil
        if !isCaused {
            violate(Violation(law: 6, sentence: "the campaign stopped without a cause: \(reason)"))
        }
        stopCoordinator(reason)
    }

    /// The process tells its workers and ends; somebody goes on with the campaign a while later.
    private mutating func stopCoordinator(_ reason: String) {
        note("the coordinator stops: \(reason)")
        let time = now + coordinator.ahead
        let farewells = coordinator.core?.handle(.interrupt, at: time) ?? []
        for directive in farewells {
            if case .send(let message, let peer) = directive {
                _ = transmit(message, to: peer)
            }
        }
        endCoordinator(backAfter: max(.seconds(2), coordinator.diskIsFullUntil - now))
    }

    /// The process is gone, with everything that it had not written.
    mutating func endCoordinator(backAfter pause: Duration) {
        coordinator.core = nil
        coordinator.pending = []
        coordinator.unwritten = []
        coordinator.isFlushing = false
        queue.add(.startCoordinator, at: now + pause)
    }

    // MARK: Mistakes on purpose

    private mutating func countAgain(_ tally: Tally) {
        for case .settled(let range) in coordinator.journal where range.lease == tally.lease {
            guard range.position >= coordinator.records.count else { return }
            coordinator.pending.append(.journal(.settled(range)))
            return
        }
    }

    private mutating func peek(at position: Int) {
        var estimation = ClassCounts(classes: scenario.classes)
        for case .settled(let range) in coordinator.journal
        where range.position == position && range.range.phase == .estimation {
            estimation += range.counts
        }
        let input = toy.outline.inputs[position].index
        let needed = toy.counts(input: input, phase: .estimation).samples
        guard estimation.samples * 2 >= needed, estimation.samples < needed,
            position == coordinator.records.count
        else { return }
        let early = SettledInput(
            position: position, index: input,
            selection: toy.counts(input: input, phase: .selection), estimation: estimation,
            nanoseconds: 0)
        coordinator.journal.append(.decided(early))
        violate(checker.journalled(.decided(early)))
    }
}
