import CampaignJournal
import CampaignScheduling
public import CertificationReports
import Foundation
public import ZeroMQ

/// Coordinates one campaign: the thread that makes it owns the socket.
///
/// ```swift
/// let service = try CoordinatorService(campaign, listeningAt: "tcp://127.0.0.1:*")
/// let outcome = try service.run(writingTo: "run1", interrupts: mailbox, origin: origin)
/// ```
public final class CoordinatorService {
    /// How many inputs and samples were settled when it was started.
    public let already: (inputs: Int, samples: Int)
    /// The address at which workers reach it, with the port that was chosen for `*`.
    public var endpoint: String { door.endpoint }
    /// Who looks on from outside its thread.
    public var observer: CampaignObserver? {
        get { log.observer }
        set { log.observer = newValue }
    }

    private let door: FleetDoor
    private let log = FleetLog()
    private let running: RunningCampaign

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
        try campaign.check(goingOnWith: unfinished)
        door = try FleetDoor(listeningAt: address, admitting: admission)
        running = try RunningCampaign(
            campaign, goingOnWith: unfinished, enteringInto: ledger, through: door, log: log)
        already = (unfinished?.journal.decidedInputs ?? 0, running.core.ledger.settledSamples)
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
        watch: (CampaignProgress) throws -> Void = { _ in },
        note: @escaping (String) -> Void = { _ in }
    ) throws -> Outcome {
        log.note = note
        try running.open(output, origin: origin)
        running.farewell = keepsWorkers ? .unlessFinished : .always
        var nextTick = Duration.zero
        while running.ending == nil {
            try door.wait(for: interrupts.wakeup, until: nextTick)
            if !interrupts.takeAll().isEmpty { running.end(.interrupted) }
            try receive()
            guard running.ending == nil, door.now >= nextTick else { continue }
            nextTick = door.now + CoordinatorService.tick
            try tick()
            do {
                try watch(running.progress)
            } catch {
                running.end(.stopped("\(error)"))
            }
        }
        let elapsed = running.now
        running.postSnapshot()
        log.tellHeld(at: door.now)
        if !keepsWorkers || running.ending != .finished {
            log.note = { _ in }
            try running.dismissWorkers()
            try tellTheLate(for: lateness, interrupts: interrupts)
        }
        return try running.conclude(after: elapsed, command: origin.arguments)
    }

    /// How long the core may go without being told the time.
    static let tick = Duration.milliseconds(100)

    private func receive() throws {
        try door.receive(standing: running.standing(of:)) { running.take($0) }
        try running.carryOut()
    }

    private func tick() throws {
        for event in try door.tend(take: { running.take($0) }) { running.tell(event) }
        try running.tick()
        for peer in door.waitingPeers { try running.sendPieces(to: peer) }
    }

    /// Tells workers that come late that it is over.
    private func tellTheLate(for lateness: Duration, interrupts: Mailbox<Interrupt>) throws {
        let end = door.now + lateness
        while door.now < end {
            try door.wait(for: interrupts.wakeup, until: end)
            if !interrupts.takeAll().isEmpty { return }
            try receive()
        }
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

extension Duration {
    /// The duration in seconds, to the nanosecond.
    public var inSeconds: Double { Double(nanoseconds) / 1e9 }
}
