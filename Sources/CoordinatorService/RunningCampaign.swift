import CampaignJournal
import CampaignMessages
import CampaignMonitoring
import CampaignScheduling
import CertificateRecords
import CertificationReports
import ConfidenceBounds
import Digests
import Foundation
import RandomizedSmoothing
import Sodium
import ZeroMQ

/// A campaign that runs: feeds the scheduling core with what comes through the door, carries out its
/// directives, and writes the journal and the records.
///
/// Whoever runs it hands it the arrivals that are meant for it and calls ``tick()`` about ten times a
/// second, all on the thread that owns the door.
final class RunningCampaign {
    let campaign: PreparedCampaign
    private(set) var core: CampaignCoordinator
    /// How it ended; nil: it runs.
    private(set) var ending: CoordinatorService.Ending?
    /// Whether it was stopped by something that would stop any other campaign here too, such as a full
    /// disk.
    private(set) var isStoppedByTheMachine = false
    /// Which of its workers are told that it is over.
    var farewell = Farewell.always

    private let unfinished: UnfinishedCampaign?
    private let ledger: CampaignLedger
    private let door: FleetDoor
    private let log: FleetLog
    private var folder: CampaignFolder?
    private var journal: CampaignJournal?
    /// What the core wants done.
    private var pending: [CampaignCoordinator.Directive] = []
    /// What is not yet in the journal, and no record rests on: since the last tick at the most.
    private var unwritten: [JournalEntry] = []
    private var certifier: SequentialCertifier
    private var blobs: BlobStore
    private var summary = CertificationSummary()
    /// What the counts of each decided input say, when the plan decides about all together at the end.
    private var evidence: [BatchEvidence] = []
    /// Decides as if no input shared its alpha; nil when none does.
    private var unsharedCertifier: SequentialCertifier?
    private var unsharedSummary = CertificationSummary()
    private var incidents = IncidentLog()
    private var observed = ObservedFigures()
    private lazy var observedRadii = campaign.manifest.plan.observedRadii
    private let begun = Date()
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private let processorSecondsBefore = processorSeconds()
    /// The samples that were settled when this coordinator was started.
    private let samplesBefore: Int
    /// The inputs that were decided then.
    private let inputsBefore: Int
    /// What had passed the door before it began.
    private let passedBefore: Passed
    private var nextStatus = Duration.zero
    private var nextSnapshot = Duration.zero
    /// The last answer to somebody who asked how far it is: asking often costs nothing.
    private var lastStatus: (line: String, made: Duration)?

    /// Which workers are told goodbye when it ends, and so leave.
    enum Farewell {
        /// All.
        case always
        /// All, unless every input is decided: then another campaign awaits them.
        case unlessFinished
        /// None: others await them, however it ends.
        case never
    }

    /// What passed a door, or did not.
    private struct Passed {
        let strangersRefused: Int
        let dropped: Int
        let admitted: Int

        init(_ gate: Gate) {
            strangersRefused = gate.strangersRefused
            dropped = gate.dropped
            admitted = gate.admitted
        }
    }

    /// Gets ready to run, or to go on; writes nothing yet.
    ///
    /// - Parameters:
    ///   - campaign: the campaign.
    ///   - unfinished: what there is of it already.
    ///   - ledger: where it is entered when it begins.
    ///   - door: through which its workers come.
    ///   - log: where is said what happens to its workers.
    init(
        _ campaign: PreparedCampaign, goingOnWith unfinished: UnfinishedCampaign?,
        enteringInto ledger: CampaignLedger, through door: FleetDoor, log: FleetLog
    ) throws {
        self.campaign = campaign
        self.unfinished = unfinished
        self.ledger = ledger
        self.door = door
        self.log = log
        var history = try unfinished?.journal.history() ?? CampaignHistory()
        if let extended = ledger.extended {
            history.takenOver = try extended.takenOver(by: campaign)
        }
        core = CampaignCoordinator(
            plan: campaign.countingPlan, outline: campaign.outline,
            stopping: campaign.certifier,
            firstLease: (unfinished?.journal.firstLease.number ?? 1)
                &+ RunningCampaign.someLeaseNumber(),
            history: history)
        samplesBefore = core.ledger.settledSamples
        inputsBefore = core.ledger.takenInputs
        certifier = campaign.certifier
        unsharedCertifier = try campaign.certifierWithoutSharing()
        blobs = BlobStore(campaign)
        passedBefore = Passed(door.gate)
        start = clock.now
    }

    /// Every coordinator numbers leases from a random number of 48 bits on, beyond all that its
    /// journal knows of: an answer to a lease of another run of the same campaign, or to one that a
    /// disk has lost, is not taken for an answer to one of its own.
    private static func someLeaseNumber() -> UInt64 {
        OperatingSystemRandom.bytes(count: 6).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Begins the folder and its journal, or opens those of the unfinished campaign and writes the
    /// records of all inputs that are decided once more.
    func open(_ output: String, origin: UnfinishedCampaign.Origin) throws {
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

    /// What it knows of a worker.
    func standing(of worker: WorkerID) -> IdentityBook.Standing {
        IdentityBook.Standing(
            isLetIn: core.isLetIn(worker), hasSettled: core.hasSettled(worker))
    }

    /// The time since it was made.
    var now: Duration { start.duration(to: clock.now) }

    /// How far it is.
    var progress: CampaignProgress {
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
}

// MARK: What happens

extension RunningCampaign {
    /// Takes what came through the door and is meant for it.
    func take(_ arrival: FleetDoor.Arrival) {
        switch arrival {
        case .message(let message, let peer): feed(.received(message, from: peer))
        case .malformed: incidents.countMalformed()
        case .gone(let peer): feed(.unreachable(peer))
        case .expelled(let peer, let departure, let event):
            feed(.expelled(peer, departure))
            if let event { tell(event, isRefusal: true) }
        }
    }

    /// Lists something about the fleet among what happened meanwhile, and says it.
    func tell(_ event: FleetEvent, isRefusal: Bool = false) {
        list(event, isRefusal: isRefusal)
        log.say(event, isRefusal: isRefusal, at: door.now)
    }

    /// Lists what is said elsewhere.
    func list(_ event: FleetEvent, isRefusal: Bool = false) {
        incidents.add(event.message, at: now, isRefusal: isRefusal)
        observed.count(event, at: now)
    }

    /// Lets the time pass: about ten times a second.
    func tick() throws {
        feed(.tick)
        try carryOut()
        store()
        log.tellHeld(at: door.now)
        if now >= nextStatus {
            nextStatus = now + RunningCampaign.statusInterval
            folder?.write(status: status())
        }
        if now >= nextSnapshot {
            nextSnapshot = now + RunningCampaign.snapshotInterval
            postSnapshot()
        }
    }

    /// Shows those who look on how far it is.
    func postSnapshot() { log.observer?.post(snapshot()) }

    /// Ends it where it is, unless it has ended already.
    func end(_ ending: CoordinatorService.Ending) { self.ending = self.ending ?? ending }

    /// Tells its workers that it is over; whoever speaks to it from now on is told so too.
    func dismissWorkers() throws {
        feed(.interrupt)
        try carryOut()
    }

    /// Answers the requests of a peer for pieces, as far as it has read those before.
    func sendPieces(to peer: PeerID) throws {
        do {
            while let request = door.takeRequest(of: peer) {
                if let piece = try blobs.piece(request) { try door.send(.piece(piece), to: peer) }
            }
        } catch let error as ZeroMQError {
            throw error
        } catch {
            stop(because: error)
        }
    }

    private static let statusInterval = Duration.seconds(2)
    /// How often those who look on are told how far it is.
    private static let snapshotInterval = Duration.seconds(1)

    private func feed(_ event: CampaignCoordinator.Event) {
        pending += core.handle(event, at: now)
    }

    /// Carries the directives out that wait. What has to be durable waits for the next tick with what
    /// else comes until then, unless a record rests on it: grants and cancellations claim nothing, and
    /// what a crash loses is counted again. When the journal cannot be written, nothing that rests on
    /// it is done.
    func carryOut() throws {
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
            try carryOut(directives)
        }
    }

    private func carryOut(_ directives: [CampaignCoordinator.Directive]) throws {
        let keepsWorkers = keepsWorkers(directives)
        for directive in directives {
            switch directive {
            case .send(.goodbye, _) where keepsWorkers: continue
            case .send(let message, let peer): try door.send(message, to: peer)
            case .sendPiece(let request, let peer):
                door.add(request, of: peer)
                try sendPieces(to: peer)
            case .sendStatus(let peer): try door.send(.status(json: statusLine()), to: peer)
            case .journal: continue
            case .decide(let input): decide(input)
            case .note(let incident):
                var isRefusal = false
                if case .refused = incident.kind { isRefusal = true }
                tell(FleetEvent(incident), isRefusal: isRefusal)
            case .stop(let reason): ending = .stopped(reason)
            case .finish: ending = ending ?? .finished
            }
        }
    }

    /// Whether these directives are not to send workers home.
    private func keepsWorkers(_ directives: [CampaignCoordinator.Directive]) -> Bool {
        switch farewell {
        case .always: false
        case .unlessFinished: ending == nil && directives.contains(.finish)
        case .never: true
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
            stop(because: error)
            return false
        }
    }

    /// Something that has nothing to do with this campaign alone keeps it from going on.
    private func stop(because error: any Error) {
        guard ending == nil else { return }
        isStoppedByTheMachine = true
        ending = .stopped("\(error)")
    }
}

// MARK: Records

extension RunningCampaign {
    /// Turns settled counts into a record and writes it; a folder that cannot be written to stops
    /// the campaign (law 6).
    private func decide(_ input: SettledInput) {
        guard ending == nil else { return }
        do {
            try take(input)
        } catch {
            stop(because: error)
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

    /// Closes the files.
    ///
    /// - Parameters:
    ///   - elapsed: how long it ran.
    ///   - command: the command line that began it.
    func conclude(after elapsed: Duration, command: [String]) throws -> CoordinatorService.Outcome {
        store()
        let seconds = processorSeconds() - processorSecondsBefore
        do {
            if ending ?? .finished == .finished { try decideTheBatch() }
            let provenance = provenance(
                after: elapsed, command: command, processorSeconds: seconds)
            try folder?.close(provenance: provenance.page)
            if ending ?? .finished == .finished { try journal?.markFinished() }
            journal?.close()
            ending = ending ?? .finished
        } catch {
            if ending ?? .finished == .finished {
                isStoppedByTheMachine = true
                ending = .stopped("\(error)")
            }
        }
        folder?.write(status: status())
        postSnapshot()
        return CoordinatorService.Outcome(
            ending: ending ?? .finished, summary: summary,
            unsharedSummary: unsharedCertifier == nil ? nil : unsharedSummary,
            largestRadius: try campaign.manifest.plan.largestRadius()?.value ?? 0,
            decidedInputs: core.ledger.takenInputs, elapsed: elapsed,
            samples: core.ledger.settledSamples - samplesBefore,
            needlessSamples: core.ledger.needlessSamples,
            sessionSeconds: core.accounts.reduce(0) { $0 + Double($1.nanoseconds) / 1e9 },
            processorSeconds: seconds)
    }
}

// MARK: What is told about it

extension RunningCampaign {
    /// What the folder says of it.
    func status() -> CampaignStatus {
        var reason: String?
        if case .stopped(let sentence) = ending { reason = sentence }
        let seconds = max(now.inSeconds, 1e-9)
        return CampaignStatus(
            state: ending?.name ?? "running", reason: reason, updated: Date(),
            host: ProcessInfo.processInfo.hostName, process: getpid(), endpoint: door.endpoint,
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

    /// What those who look on are shown.
    private func snapshot() -> CampaignSnapshot {
        var snapshot = CampaignSnapshot(
            folder: folder?.path ?? "", seal: campaign.seal.hex, claim: campaign.claim,
            endpoint: door.endpoint)
        snapshot.show(status())
        (snapshot.samplesBefore, snapshot.inputsBefore) = (samplesBefore, inputsBefore)
        snapshot.show(summary, at: observedRadii)
        snapshot.show(core)
        snapshot.show(observed, malformed: incidents.malformed, passing: door)
        if let folder { snapshot.askFileSystem(about: folder) }
        return snapshot
    }

    private func statusLine() throws -> String {
        let now = now
        if let lastStatus, now - lastStatus.made < Duration.seconds(1) { return lastStatus.line }
        let line = try status().line(atMost: WireLimits.statusBytes)
        lastStatus = (line, now)
        return line
    }

    private func provenance(
        after elapsed: Duration, command: [String], processorSeconds: Double
    ) -> Provenance {
        let ending = ending ?? .finished
        var reason: String?
        if case .stopped(let sentence) = ending { reason = sentence }
        let gate = door.gate
        return Provenance(
            ending: ending.name, reason: reason, began: begun.ISO8601Format(),
            ended: Date().ISO8601Format(), seconds: elapsed.inSeconds, campaign: campaign.seal.hex,
            noiseKeyOrigin: campaign.isKeyGiven ? "given by the caller" : "operating system",
            extends: ledger.extended?.seal.hex,
            command: command, files: campaign.files, endpoint: door.endpoint,
            samples: core.ledger.settledSamples, needlessSamples: core.ledger.needlessSamples,
            inputs: core.ledger.takenInputs, coordinatorSeconds: processorSeconds,
            workers: core.accounts.map {
                Provenance.Worker($0, key: gate.keyName(of: $0.hello.worker))
            },
            incidents: incidents.lines, incidentsNotListed: incidents.notListed,
            malformedMessages: incidents.malformed, admission: door.admission.name,
            strangersRefused: gate.strangersRefused - passedBefore.strangersRefused,
            messagesDropped: gate.dropped - passedBefore.dropped,
            messagesDecoded: gate.admitted - passedBefore.admitted)
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

extension PreparedCampaign {
    /// Refuses to go on with another campaign, and a plan that no worker could read: all of them would
    /// wait for ever.
    func check(goingOnWith unfinished: UnfinishedCampaign?) throws {
        try unfinished?.check(self)
        let welcome = CoordinatorMessage.welcome(countingPlan)
        guard
            try WireFormat.decodeCoordinatorMessage(WireFormat.encode(welcome)) == welcome
        else { throw RequestError.plan }
    }
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
