public import CampaignMonitoring
import CampaignScheduling
import CertificateRecords
import CertificationReports
import Foundation
import RandomizedSmoothing

/// Who looks on at a campaign from outside the thread that coordinates it. All are called by that
/// thread and must not wait for anything.
public struct CampaignObserver: Sendable {
    /// Takes how far it is, once a second and at the end.
    public var post: @Sendable (CampaignSnapshot) -> Void
    /// Takes what happens to the fleet, unless too much happens at a time.
    public var log: @Sendable (FleetEvent) -> Void
    /// Is told that the thread turns and listens for workers, whether a campaign runs or not.
    public var turn: @Sendable () -> Void

    /// Tells all of them.
    public init(
        post: @escaping @Sendable (CampaignSnapshot) -> Void,
        log: @escaping @Sendable (FleetEvent) -> Void,
        turn: @escaping @Sendable () -> Void = {}
    ) {
        self.post = post
        self.log = log
        self.turn = turn
    }
}

/// What a coordinator counts for those who look on, and nothing rests on.
struct ObservedFigures {
    private(set) var appends = 0
    private(set) var appendSeconds = 0.0
    /// What happened last, oldest first, with the time since the start.
    private(set) var recent: [String] = []
    private var counts: [FleetEvent.Kind: Int] = [:]

    private static let mostRecent = 30

    mutating func count(_ event: FleetEvent, at time: Duration) {
        counts[event.kind, default: 0] += 1
        if recent.count >= ObservedFigures.mostRecent { recent.removeFirst() }
        let tenths = time.nanoseconds / 100_000_000
        recent.append("\(tenths / 10).\(tenths % 10) s: \(event.message)")
    }

    mutating func countAppend(taking time: Duration) {
        appends += 1
        appendSeconds += time.inSeconds
    }

    var incidents: [CampaignSnapshot.IncidentCount] {
        FleetEvent.Kind.allCases.filter { $0 != .notShown }
            .map { CampaignSnapshot.IncidentCount($0, counts[$0] ?? 0) }
    }
}

extension FleetEvent {
    init(_ incident: Incident) {
        let kind: Kind =
            switch incident.kind {
            case .joined: .joined
            case .left(.silent), .left(.unreachable): .lost
            case .left: .left
            case .refused: .refused
            case .leaseExpired: .leaseExpired
            case .leaseLost: .leaseLost
            case .failed: .failed
            }
        self.init(
            kind, incident.description, worker: incident.worker, lease: incident.lease?.number)
    }
}

extension PreparedCampaign {
    /// What is claimed, in a line.
    var claim: String {
        let plan = manifest.plan
        let samples = plan.stopping.isFixed ? "samples each" : "samples each at most"
        return "sigma \(plan.sigma), alpha \(plan.error.family?.alpha ?? plan.error.alpha), rule "
            + "\(plan.ruleName), \(plan.selectionSamples) + \(plan.estimationSamples) \(samples)"
    }
}

extension CampaignSnapshot {
    /// Takes over what is in `status.json` too.
    mutating func show(_ status: CampaignStatus) {
        state = State(rawValue: status.state) ?? .stopped
        reason = status.reason
        seconds = status.seconds
        samplesSettled = status.samplesSettled
        samplesExpected = status.samples
        inputsDecided = status.inputsDecided
        inputs = status.inputs
    }

    /// Counts what the records amount to.
    mutating func show(_ records: CertificationSummary, at radii: [Double]) {
        outcomes.records = records.inputs
        outcomes.certified = records.certified
        outcomes.predicted = records.predicted
        outcomes.predictedCorrectly = records.predictedCorrectly
        outcomes.labelled = records.labelled
        outcomes.radii = radii.map { radius in
            let (certified, correct) = records.counts(at: radius)
            return OutcomeCounts.AtRadius(
                radius: radius, certified: certified, correct: correct)
        }
    }

    /// Lists who counts.
    mutating func show(_ core: CampaignCoordinator) {
        workersReady = core.readyWorkers
        sessionsReady = core.readySessions
        leasesOut = core.leasesOut
        (workers, otherWorkers) = WorkerList(core.accounts).parts(
            listing: CampaignSnapshot.mostWorkers)
    }

    /// Of more workers than this the others are summed up: whoever collects metrics keeps a series for
    /// each.
    static let mostWorkers = 200

    /// Counts what went over the wire and what was made durable.
    mutating func show(_ observed: ObservedFigures, malformed: Int, passing door: FleetDoor) {
        incidents = observed.incidents
        recent = observed.recent
        traffic.bytesSent = door.bytes.sent
        traffic.bytesReceived = door.bytes.received
        traffic.messagesDecoded = door.gate.admitted
        traffic.messagesMalformed = malformed
        traffic.messagesDropped = door.gate.dropped
        traffic.strangersRefused = door.gate.strangersRefused
        storage.journalAppends = observed.appends
        storage.journalSeconds = observed.appendSeconds
    }

    /// Asks the file system how large the journal is and what room is left.
    mutating func askFileSystem(about folder: CampaignFolder) {
        // What was appended last stands in a file beside it (SQLite's write-ahead log).
        for name in [folder.file(.journal), folder.file(.journal) + "-wal"] {
            var file = stat()
            if stat(name, &file) == 0 { storage.journalBytes += Int(file.st_size) }
        }
        var system = statvfs()
        if statvfs(folder.path, &system) == 0 {
            storage.bytesFree = Int(clamping: UInt(system.f_bavail) &* UInt(system.f_frsize))
        }
    }
}

extension CertificationPlan {
    /// The radii at which certificates are counted while a campaign runs: those of its table at the end.
    var observedRadii: [Double] {
        switch stopping {
        case .whenDecided(let radius): [radius]
        case .whenPredicted, .predictedAtTheCap: []
        case .atTheCap, .whenHopeless, .whenPrecise:
            CertificationSummary.radii(upTo: (try? largestRadius()?.value) ?? 0)
        }
    }
}

/// The workers of a campaign, those of one name taken together: names are their own choice, and a list
/// has each once.
struct WorkerList {
    private var workers: [WorkerSnapshot] = []
    private var places: [String: Int] = [:]

    init(_ accounts: [WorkerAccount]) {
        for account in accounts {
            let name = account.hello.name
            let place = places[name] ?? workers.endIndex
            if place == workers.endIndex {
                places[name] = place
                workers.append(WorkerSnapshot(name: name, sessions: 0, departure: nil))
            }
            workers[place].add(account)
        }
    }

    /// The workers that are there and then those that left, so many of them, and the sum of the others.
    func parts(listing most: Int) -> (listed: [WorkerSnapshot], others: OtherWorkers?) {
        guard workers.count > most else { return (workers, nil) }
        let ordered =
            workers.filter { $0.departure == nil } + workers.filter { $0.departure != nil }
        var others = OtherWorkers()
        for worker in ordered.dropFirst(most) { others.add(worker) }
        return (Array(ordered.prefix(most)), others)
    }
}

extension WorkerSnapshot {
    fileprivate mutating func add(_ account: WorkerAccount) {
        let isThere = account.departure == nil
        // Of several that share a name those that are there say how many sessions there are.
        if leases == 0 && sessions == 0 || isThere && departure != nil {
            sessions = account.hello.sessions
            departure = account.departure?.rawValue
        } else if isThere {
            sessions += account.hello.sessions
        }
        leases += account.leases
        samples += account.samples
        sessionSeconds += Double(account.nanoseconds) / 1e9
        faults.late += account.lateTallies
        faults.repeated += account.repeatedTallies
        faults.refused += account.refusedTallies
    }
}
