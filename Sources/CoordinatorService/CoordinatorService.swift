import CampaignJournal
import CampaignMessages
import CampaignMonitoring
import CampaignScheduling
public import CertificationReports
import CertificateRecords
import ConfidenceBounds
import Digests
import Foundation
import RandomizedSmoothing
import Sodium
public import ZeroMQ

/// Runs a prepared campaign: the thread that makes it owns the socket, feeds the scheduling core,
/// carries out its directives and writes the records.
///
/// ```swift
/// let service = try CoordinatorService(campaign, listeningAt: "tcp://127.0.0.1:*")
/// let outcome = try service.run(
///     writingTo: "run1", interrupts: mailbox, command: CommandLine.arguments)
/// ```
public final class CoordinatorService {
    /// How many inputs and samples were settled when it was started.
    public var already: (inputs: Int, samples: Int) {
        (unfinished?.journal.decidedInputs ?? 0, samplesBefore)
    }
    /// The address at which workers reach it, with the port that was chosen for `*`.
    public let endpoint: String
    /// Who looks on from outside its thread.
    public var observer: CampaignObserver?

    private let campaign: PreparedCampaign
    private let unfinished: UnfinishedCampaign?
    private let ledger: CampaignLedger
    private var folder: CampaignFolder?
    private var journal: CampaignJournal?
    /// What the core wants done.
    private var pending: [CampaignCoordinator.Directive] = []
    /// What is not yet in the journal, and no record rests on: since the last tick at the most.
    private var unwritten: [JournalEntry] = []
    private let context: Context
    private var socket: Socket
    private var gate: Gate
    private let admission: Admission
    private var core: CampaignCoordinator
    private var certifier: SequentialCertifier
    private var blobs: BlobStore
    private var outbox = Outbox()
    /// The peers to which nothing can be sent, and since when: what they said last may still wait to
    /// be read.
    private var lost: [(peer: PeerID, since: Duration)] = []
    private var lostPeers: Set<PeerID> = []
    private var floods = FloodWatch()
    private var refusalLines = LineLimit(perSecond: 5)
    private var otherLines = LineLimit(perSecond: 100)
    private var summary = CertificationSummary()
    /// What the counts of each decided input say, when the plan decides about all together at the end.
    private var evidence: [BatchEvidence] = []
    /// Decides as if no input shared its alpha; nil when none does.
    private var unsharedCertifier: SequentialCertifier?
    private var unsharedSummary = CertificationSummary()
    private var incidents = IncidentLog()
    private var observed = ObservedFigures()
    private lazy var observedRadii = campaign.manifest.plan.observedRadii
    private var ending: Ending?
    private var keepsWorkers = false
    private let begun = Date()
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private let processorSecondsBefore = processorSeconds()
    /// The samples that were settled when this coordinator was started.
    private let samplesBefore: Int
    /// The inputs that were decided then.
    private let inputsBefore: Int
    /// The last answer to somebody who asked how far it is: asking often costs nothing.
    private var lastStatus: (line: String, made: Duration)?

    /// Asks the service to stop where it is.
    public struct Interrupt: Sendable {
        /// A person pressed Ctrl-C, or the system wants the program to end.
        public init() {}
    }

    /// How a campaign ended.
    public enum Ending: Hashable, Sendable {
        /// Every input is decided.
        case finished
        /// A person stopped it.
        case interrupted
        /// It cannot go on; the sentence says why.
        case stopped(String)
    }

    /// What a campaign came to.
    public struct Outcome: Sendable {
        /// How it ended.
        public let ending: Ending
        /// What the records amount to.
        public let summary: CertificationSummary
        /// What the same counts would amount to if every input had the whole of a shared alpha; nil when
        /// nothing is shared.
        public let unsharedSummary: CertificationSummary?
        /// The largest radius that the plan could certify.
        public let largestRadius: Double
        /// How many inputs are decided.
        public let decidedInputs: Int
        /// How long it took.
        public let elapsed: Duration
        /// How many samples were settled since this coordinator was started.
        public let samples: Int
        /// How many samples were counted, or being counted, past the checkpoint that decided their input,
        /// since this coordinator was started.
        public let needlessSamples: Int
        /// How long workers counted what was settled since this coordinator was started, in seconds of
        /// single sessions.
        public let sessionSeconds: Double
        /// The processor time of this process meanwhile, in seconds, without its preparations.
        public let processorSeconds: Double
    }

    /// Refuses an output folder where a campaign could not be begun; changes nothing.
    public static func check(output: String) throws { try CampaignFolder.check(output) }

    /// Listens at the address. Workers may connect from now on, and wait.
    ///
    /// - Parameters:
    ///   - campaign: the campaign.
    ///   - unfinished: what there is of it already, to go on with.
    ///   - ledger: where it is entered when it begins.
    ///   - address: where to listen.
    ///   - admission: who may count.
    /// - Throws: one sentence: the address is in use, is none, …
    public init(
        _ campaign: PreparedCampaign, goingOnWith unfinished: UnfinishedCampaign? = nil,
        enteringInto ledger: CampaignLedger = .none, listeningAt address: String,
        admitting admission: Admission = .thisMachine
    ) throws {
        try admission.check(address)
        try unfinished?.check(campaign)
        try CoordinatorService.checkWireLimits(of: campaign)
        self.unfinished = unfinished
        self.ledger = ledger
        FileDescriptorLimit.raise()
        self.campaign = campaign
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
        var history = try unfinished?.journal.history() ?? CampaignHistory()
        if let extended = ledger.extended {
            history.takenOver = try extended.takenOver(by: campaign)
        }
        core = CampaignCoordinator(
            plan: campaign.countingPlan, outline: campaign.outline,
            stopping: campaign.certifier,
            firstLease: (unfinished?.journal.firstLease.number ?? 1)
                &+ CoordinatorService.someLeaseNumber(),
            history: history)
        samplesBefore = core.ledger.settledSamples
        inputsBefore = core.ledger.takenInputs
        certifier = campaign.certifier
        unsharedCertifier = try campaign.certifierWithoutSharing()
        blobs = BlobStore(campaign)
        start = clock.now
    }

    /// Every coordinator numbers leases from a random number of 48 bits on, beyond all that its
    /// journal knows of: an answer to a lease of another run of the same campaign, or to one that a
    /// disk has lost, is not taken for an answer to one of its own.
    private static func someLeaseNumber() -> UInt64 {
        OperatingSystemRandom.bytes(count: 6).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A plan that no worker could read would make all of them wait for ever.
    private static func checkWireLimits(of campaign: PreparedCampaign) throws {
        let welcome = CoordinatorMessage.welcome(campaign.countingPlan)
        guard
            try WireFormat.decodeCoordinatorMessage(WireFormat.encode(welcome)) == welcome
        else { throw RequestError.plan }
    }

    /// Makes the campaign folder, seals the manifest in it, and runs until every input is decided,
    /// somebody interrupts or the campaign cannot go on.
    ///
    /// - Parameters:
    ///   - output: the folder.
    ///   - interrupts: where an interrupt is posted.
    ///   - origin: how it was begun, so that it can be gone on with.
    ///   - lateness: for how long workers that were away are still told that it is over.
    ///   - keepsWorkers: whether workers are not told that it is over once it is finished, since another
    ///     campaign at the same address awaits them: they introduce themselves there.
    ///   - watch: called about ten times a second with how far it is; what it throws stops the
    ///     campaign with everything kept.
    ///   - note: called with one line for each thing that happens to the fleet.
    public func run(
        writingTo output: String, interrupts: Mailbox<Interrupt>,
        origin: UnfinishedCampaign.Origin, lateness: Duration = .zero, keepsWorkers: Bool = false,
        watch: (CampaignProgress) throws -> Void = { _ in }, note: (String) -> Void = { _ in }
    ) throws -> Outcome {
        try openFolder(output, origin: origin)
        self.keepsWorkers = keepsWorkers
        var nextTick = Duration.zero
        var nextStatus = Duration.zero
        var nextSnapshot = Duration.zero
        while ending == nil {
            _ = try Poller.wait(
                on: socket, wakeup: interrupts.wakeup, timeout: nextTick - now)
            if !interrupts.takeAll().isEmpty { ending = ending ?? .interrupted }
            try receiveBurst(note: note)
            try carryOut(note: note)
            guard ending == nil, now >= nextTick else { continue }
            nextTick = now + CoordinatorService.tick
            try lookWhoIsAllowed(note: note)
            giveUp(lostBefore: now - CoordinatorService.lastWords)
            feed(.tick)
            try carryOut(note: note)
            store()
            try sendWaitingPieces()
            tellHeldLines(note: note)
            if now >= nextStatus {
                nextStatus = now + CoordinatorService.statusInterval
                folder?.write(status: status(nil))
            }
            if now >= nextSnapshot {
                nextSnapshot = now + CoordinatorService.snapshotInterval
                observer?.post(snapshot(nil))
            }
            do {
                try watch(progress)
            } catch {
                ending = ending ?? .stopped("\(error)")
            }
        }
        let elapsed = now
        observer?.post(snapshot(ending))
        tellHeldLines(note: note)
        if !keepsWorkers || ending != .finished {
            try dismissWorkers(for: lateness, interrupts: interrupts)
        }
        return try conclude(after: elapsed, command: origin.arguments)
    }

    /// Tells the workers that it is over, and those that come late too.
    private func dismissWorkers(
        for lateness: Duration, interrupts: Mailbox<Interrupt>
    ) throws {
        feed(.interrupt)
        try carryOut(note: { _ in })
        let end = now + lateness
        while now < end {
            _ = try Poller.wait(on: socket, wakeup: interrupts.wakeup, timeout: end - now)
            if !interrupts.takeAll().isEmpty { return }
            try receiveBurst(note: { _ in })
            try carryOut(note: { _ in })
        }
    }

    private static let statusInterval = Duration.seconds(2)
    /// How often those who look on are told how far it is.
    private static let snapshotInterval = Duration.seconds(1)
    /// How long the core may go without being told the time.
    private static let tick = Duration.milliseconds(100)
    /// For how long the last words of a peer that is gone are looked for among those of others.
    private static let lastWords = Duration.seconds(1)
    /// How many messages are taken before the time is looked at again.
    private static let burst = 64

    private var now: Duration { start.duration(to: clock.now) }

    private var progress: CampaignProgress {
        CampaignProgress(
            samples: core.ledger.settledSamples, totalSamples: expectedSamples,
            inputs: core.ledger.decidedInputs, totalInputs: campaign.outline.inputs.count,
            workers: core.readyWorkers, elapsed: now)
    }

    /// How many samples the campaign is going to need, when the inputs that are not decided need as many
    /// as the others.
    private var expectedSamples: Int {
        let (most, decided) = (campaign.outline.totalSamples, core.ledger.decidedInputs)
        guard campaign.outline.checkpoints.count > 1, decided > 0 else { return most }
        let share = Double(campaign.outline.inputs.count) / Double(decided)
        return min(most, Int(Double(core.ledger.settledSamples) * share))
    }

    private func feed(_ event: CampaignCoordinator.Event) {
        pending += core.handle(event, at: now)
    }

    private func receiveBurst(note: (String) -> Void) throws {
        for _ in 0..<CoordinatorService.burst {
            guard let received = try socket.receive() else {
                giveUp(lostBefore: now)
                return
            }
            // Of an overlong message there is nothing to decode.
            let frames: [[UInt8]]
            switch received {
            case .message(let all): frames = all
            case .overlong(let first, _): frames = [first]
            }
            try take(frames.dropFirst(), from: PeerID(frames[0]), note: note)
        }
    }

    /// Decodes a message, if its sender may send it, and feeds it to the core.
    private func take(
        _ frames: ArraySlice<[UInt8]>, from peer: PeerID, note: (String) -> Void
    ) throws {
        guard !floods.isFlood(peer) else { return }
        let bytes = frames.reduce(0) { $0 + $1.count }
        observed.bytesReceived += bytes
        if let flood = floods.note(bytes, from: peer, at: now) {
            cut(peer, because: flood, note: note)
            return
        }
        switch gate.passage(of: peer, from: socket) {
        case .open: break
        case .openToAnother: feed(.unreachable(peer))
        case .closed: return
        }
        guard let message = try? WireFormat.decodeWorkerMessage(frames) else {
            incidents.countMalformed()
            if let flood = floods.noteMalformed(from: peer, at: now) {
                cut(peer, because: flood, note: note)
            }
            return
        }
        if case .hello(let hello) = message,
            let refusal = gate.refusal(of: hello, from: peer, at: now, in: core)
        {
            try turnAway(peer, refusal, .dismissed)
            let sentence = "worker \(hello.name) was refused: \(refusal.reason)"
            tell(
                FleetEvent(.refused, sentence, worker: hello.name), at: now, isRefusal: true,
                note: note)
            return
        }
        feed(.received(message, from: peer))
    }

    /// Cuts the connection of a peer that sent too much, and reads nothing more of it.
    private func cut(_ peer: PeerID, because flood: String, note: (String) -> Void) {
        socket.lastConnection?.cut()
        outbox.forget(peer)
        feed(.expelled(peer, .dismissed))
        tell(
            FleetEvent(.cut, "a connection was cut: it sent \(flood)"), at: now, isRefusal: true,
            note: note)
    }

    /// Drops the workers whose keys were revoked meanwhile.
    private func lookWhoIsAllowed(note: (String) -> Void) throws {
        let changes = gate.look(at: now)
        for (peer, reason) in changes.expelled {
            try turnAway(peer, Refusal(reason: reason, mayRetry: false), .revoked)
        }
        for line in changes.notes { tell(FleetEvent(.keys, line), at: now, note: note) }
    }

    /// Tells a peer why it may not take part, if it still listens, and takes back what it held.
    private func turnAway(
        _ peer: PeerID, _ refusal: Refusal, _ departure: WorkerAccount.Departure
    ) throws {
        _ = try socket.send([peer.bytes] + WireFormat.encode(.refusal(refusal)))
        feed(.expelled(peer, departure))
    }

    /// Lists what happened to the fleet, and says it, unless too much happens at a time.
    private func tell(
        _ event: FleetEvent, at time: Duration, isRefusal: Bool = false, note: (String) -> Void
    ) {
        incidents.add(event.message, at: time, isRefusal: isRefusal)
        observed.count(event, at: time)
        let isShown = isRefusal ? refusalLines.admits(at: now) : otherLines.admits(at: now)
        if isShown { say(event, note: note) }
    }

    private func say(_ event: FleetEvent, note: (String) -> Void) {
        observer?.log(event)
        note(event.message)
    }

    private func tellHeldLines(note: (String) -> Void) {
        let refusals = refusalLines.takeHeld(at: now)
        if refusals > 0 {
            let sentence = "\(refusals) more workers were refused, or connections cut"
            say(FleetEvent(.notShown, sentence), note: note)
        }
        let others = otherLines.takeHeld(at: now)
        if others > 0 {
            let sentence = "\(others) more lines about workers are not shown"
            say(FleetEvent(.notShown, sentence), note: note)
        }
    }

    /// Counts peers as gone to which nothing could be sent. Whatever they said is read by then: a
    /// goodbye and the end of its connection often come together, and the end shows first.
    private func giveUp(lostBefore time: Duration) {
        let count = lost.prefix { $0.since <= time }.count
        for (peer, _) in lost.prefix(count) {
            lostPeers.remove(peer)
            feed(.unreachable(peer))
        }
        lost.removeFirst(count)
    }

    /// Carries the directives out that wait. What has to be durable waits for the next tick with what
    /// else comes until then, unless a record rests on it: grants and cancellations claim nothing, and
    /// what a crash loses is counted again. When the journal cannot be written, nothing that rests on
    /// it is done.
    private func carryOut(note: (String) -> Void) throws {
        while !pending.isEmpty {
            let directives = pending
            pending = []
            var restsOnJournal = false
            for directive in directives {
                switch directive {
                case .journal(let entry): unwritten.append(entry)
                case .decide, .stop, .finish: restsOnJournal = true
                case .send, .sendPiece, .sendStatus, .note: continue
                }
            }
            guard !restsOnJournal || store() else { return }
            try carryOut(directives, note: note)
        }
    }

    /// Makes what waits for it durable, all at once. False: it cannot be, and the campaign ends.
    @discardableResult
    private func store() -> Bool {
        guard !unwritten.isEmpty else { return true }
        do {
            let began = now
            try journal?.append(unwritten)
            observed.countAppend(taking: now - began)
            unwritten = []
            return true
        } catch {
            ending = ending ?? .stopped("\(error)")
            return false
        }
    }

    private func carryOut(
        _ directives: [CampaignCoordinator.Directive], note: (String) -> Void
    ) throws {
        let isKept = keepsWorkers && ending == nil && directives.contains(.finish)
        for directive in directives {
            switch directive {
            case .send(.goodbye, _) where isKept: continue
            case .send(let message, let peer): try send(message, to: peer)
            case .sendPiece(let request, let peer):
                outbox.add(request, of: peer)
                try sendPieces(to: peer)
            case .sendStatus(let peer): try send(.status(json: statusLine()), to: peer)
            case .journal: continue
            case .decide(let input): decide(input)
            case .note(let incident):
                var isRefusal = false
                if case .refused = incident.kind { isRefusal = true }
                tell(FleetEvent(incident), at: incident.at, isRefusal: isRefusal, note: note)
            case .stop(let reason): ending = .stopped(reason)
            case .finish: ending = ending ?? .finished
            }
        }
    }

    /// Sends the pieces that a peer has asked for, as far as it has read those before.
    private func sendPieces(to peer: PeerID) throws {
        do {
            while let request = outbox.takeRequest(of: peer) {
                if let piece = try blobs.piece(request) { try send(.piece(piece), to: peer) }
            }
        } catch let error as ZeroMQError {
            throw error
        } catch {
            ending = ending ?? .stopped("\(error)")
        }
    }

    /// Sends what could not be sent before because its peer had not read enough.
    private func sendWaitingPieces() throws {
        for peer in outbox.waiting { try sendPieces(to: peer) }
        outbox.tidy()
    }

    private func send(_ message: CoordinatorMessage, to peer: PeerID) throws {
        let frames = WireFormat.encode(message)
        let bytes = frames.reduce(0) { $0 + $1.count }
        observed.bytesSent += bytes
        var backlog: Backlog?
        if bytes >= Backlog.longFrame {
            backlog = outbox.backlog(of: peer, forMore: bytes)
            guard backlog != nil else {
                lose(peer)
                return
            }
        }
        guard try socket.send([peer.bytes] + frames, countingIn: backlog) != .sent else { return }
        lose(peer)
    }

    /// Nothing can be sent to the peer: it is gone, or does not read.
    private func lose(_ peer: PeerID) {
        outbox.forget(peer)
        if lostPeers.insert(peer).inserted { lost.append((peer, now)) }
    }

    /// Turns settled counts into a record and writes it; a folder that cannot be written to stops
    /// the campaign (law 6).
    private func decide(_ input: SettledInput) {
        guard ending == nil else { return }
        do {
            try take(input)
        } catch {
            ending = .stopped("\(error)")
        }
    }

    /// Writes the record of a decided input, or keeps what its counts say until all inputs are decided.
    private func take(_ input: SettledInput) throws {
        if let more = certifier.evidence(
            selection: input.selection, estimation: input.estimation)
        {
            evidence.append(more)
        } else {
            try write(campaign.record(of: input, by: &certifier), of: input)
        }
    }

    /// Decides which inputs are certified, when all are counted, from the counts in the journal.
    private func decideTheBatch() throws {
        guard campaign.manifest.plan.error.batch != nil else { return }
        let claims = certifier.claims(evidence)
        try journal?.forEachDecided(from: 0) { input in
            let certification = certifier.certification(
                selection: input.selection, estimation: input.estimation,
                isClaimed: claims[input.position])
            try write(campaign.record(of: input, certification), of: input)
        }
    }

    private func write(_ record: CertificateRecord, of input: SettledInput) throws {
        try folder?.append(
            record: record.line,
            tableLine: record.tabSeparatedLine(nanoseconds: input.nanoseconds))
        summary.add(record)
        if let alone = try campaign.record(of: input, by: &unsharedCertifier) {
            unsharedSummary.add(alone)
        }
    }

    /// Begins the folder and its journal, or opens those of the unfinished campaign and writes the
    /// records of all inputs that are decided once more.
    private func openFolder(_ output: String, origin: UnfinishedCampaign.Origin) throws {
        let header = CertificateRecord.tabSeparatedHeader
        if let unfinished {
            journal = unfinished.journal
            folder = try CampaignFolder(resuming: unfinished.path, tableHeader: header)
            try unfinished.journal.forEachDecided(from: 0) { try take($0) }
        } else {
            let page = campaign.manifest.page(sealedWith: campaign.seal)
            try ledger.enter(campaign, folder: output) {
                folder = try CampaignFolder(
                    creating: output, manifest: page, tableHeader: header)
            }
            let request = String(decoding: try JSONEncoder().encode(origin), as: UTF8.self)
            journal = try CampaignJournal.create(
                at: output + "/" + CampaignFolder.Name.journal.rawValue, campaign: campaign.seal,
                request: request)
        }
    }

    private func conclude(after elapsed: Duration, command: [String]) throws -> Outcome {
        store()
        var ending = ending ?? .finished
        let seconds = processorSeconds() - processorSecondsBefore
        do {
            if ending == .finished { try decideTheBatch() }
            let provenance = provenance(
                ending, elapsed: elapsed, command: command, processorSeconds: seconds)
            try folder?.close(provenance: provenance.page)
            if ending == .finished { try journal?.markFinished() }
            journal?.close()
            folder?.write(status: status(ending))
        } catch {
            if ending == .finished { ending = .stopped("\(error)") }
        }
        observer?.post(snapshot(ending))
        return Outcome(
            ending: ending, summary: summary,
            unsharedSummary: unsharedCertifier == nil ? nil : unsharedSummary,
            largestRadius: try campaign.manifest.plan.largestRadius()?.value ?? 0,
            decidedInputs: core.ledger.takenInputs, elapsed: elapsed,
            samples: core.ledger.settledSamples - samplesBefore,
            needlessSamples: core.ledger.needlessSamples,
            sessionSeconds: core.accounts.reduce(0) { $0 + Double($1.nanoseconds) / 1e9 },
            processorSeconds: seconds)
    }
}

/// How far a campaign is.
public struct CampaignProgress: Hashable, Sendable {
    /// How many samples are settled.
    public let samples: Int
    /// How many there are in all, or are expected to be when inputs may be decided early.
    public let totalSamples: Int
    /// How many inputs are decided.
    public let inputs: Int
    /// How many there are in all.
    public let totalInputs: Int
    /// How many workers are counting.
    public let workers: Int
    /// For how long the campaign has run.
    public let elapsed: Duration
}

extension CoordinatorService {
    /// What the folder says of the campaign; `ending` is nil while it runs.
    private func status(_ ending: Ending?) -> CampaignStatus {
        var reason: String?
        if case .stopped(let sentence) = ending { reason = sentence }
        let seconds = max(now.inSeconds, 1e-9)
        return CampaignStatus(
            state: ending?.name ?? "running", reason: reason, updated: Date(),
            host: ProcessInfo.processInfo.hostName, process: getpid(), endpoint: endpoint,
            inputsDecided: core.ledger.takenInputs, inputs: campaign.outline.inputs.count,
            samplesSettled: core.ledger.settledSamples, samples: expectedSamples,
            samplesPerSecond: Double(core.ledger.settledSamples - samplesBefore) / seconds,
            seconds: seconds,
            workers: core.accounts.map {
                CampaignStatus.Worker(
                    name: $0.hello.name, sessions: $0.hello.sessions, samples: $0.samples,
                    departure: $0.departure?.rawValue)
            },
            incidents: incidents.lines.suffix(10))
    }

    /// What those who look on are shown; `ending` is nil while it runs.
    private func snapshot(_ ending: Ending?) -> CampaignSnapshot {
        var snapshot = CampaignSnapshot(
            folder: folder?.path ?? "", seal: campaign.seal.hex, claim: campaign.claim,
            endpoint: endpoint)
        snapshot.show(status(ending))
        (snapshot.samplesBefore, snapshot.inputsBefore) = (samplesBefore, inputsBefore)
        snapshot.show(summary, at: observedRadii)
        snapshot.show(core)
        snapshot.show(observed, malformed: incidents.malformed, passing: gate)
        if let folder { snapshot.askFileSystem(about: folder) }
        return snapshot
    }

    private func statusLine() throws -> String {
        let now = now
        if let lastStatus, now - lastStatus.made < Duration.seconds(1) { return lastStatus.line }
        let line = try status(ending).line(atMost: WireLimits.statusBytes)
        lastStatus = (line, now)
        return line
    }

    private func provenance(
        _ ending: Ending, elapsed: Duration, command: [String], processorSeconds: Double
    ) -> Provenance {
        var reason: String?
        if case .stopped(let sentence) = ending { reason = sentence }
        return Provenance(
            ending: ending.name, reason: reason, began: begun.ISO8601Format(),
            ended: Date().ISO8601Format(), seconds: elapsed.inSeconds, campaign: campaign.seal.hex,
            noiseKeyOrigin: campaign.isKeyGiven ? "given by the caller" : "operating system",
            extends: ledger.extended?.seal.hex,
            command: command, files: campaign.files, endpoint: endpoint,
            samples: core.ledger.settledSamples, needlessSamples: core.ledger.needlessSamples,
            inputs: core.ledger.takenInputs, coordinatorSeconds: processorSeconds,
            workers: core.accounts.map {
                Provenance.Worker($0, key: gate.keyName(of: $0.hello.worker))
            },
            incidents: incidents.lines, incidentsNotListed: incidents.notListed,
            malformedMessages: incidents.malformed, admission: admission.name,
            strangersRefused: gate.strangersRefused, messagesDropped: gate.dropped,
            messagesDecoded: gate.admitted)
    }
}

extension CoordinatorService.Ending {
    /// The ending in one word.
    fileprivate var name: String {
        switch self {
        case .finished: "finished"
        case .interrupted: "interrupted"
        case .stopped: "stopped"
        }
    }
}

extension Provenance.Worker {
    fileprivate init(_ account: WorkerAccount, key: String?) {
        self.init(
            name: account.hello.name, key: key, fingerprint: account.hello.fingerprint,
            sessions: account.hello.sessions, leases: account.leases, samples: account.samples,
            sessionSeconds: Double(account.nanoseconds) / 1e9, joined: account.joined.inSeconds,
            left: account.left?.inSeconds, departure: account.departure?.rawValue,
            repeatedTallies: account.repeatedTallies, lateTallies: account.lateTallies,
            refusedTallies: account.refusedTallies)
    }
}

/// The first thousand things that happened to the fleet, no more than two hundred of them refusals,
/// and how many more there were.
private struct IncidentLog {
    private(set) var lines: [String] = []
    private(set) var notListed = 0
    private(set) var malformed = 0
    private var refusals = 0

    mutating func add(_ line: String, at time: Duration, isRefusal: Bool) {
        if isRefusal { refusals += 1 }
        guard lines.count < 1000, !isRefusal || refusals <= 200 else {
            notListed += 1
            return
        }
        let tenths = time.nanoseconds / 100_000_000
        lines.append("\(tenths / 10).\(tenths % 10) s: \(line)")
    }

    mutating func countMalformed() { malformed += 1 }
}

extension Duration {
    /// The duration in seconds, to the nanosecond.
    public var inSeconds: Double { Double(nanoseconds) / 1e9 }
}

/// User and system time of this process so far, in seconds.
private func processorSeconds() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
}
