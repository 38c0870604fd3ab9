import CampaignQueue
import CampaignScheduling
import CertificateRecords
import CertificationReports
import CoordinatorService
import Foundation
import RandomizedSmoothing
import RunFolders
import SmoothingNoise
import Synchronization
import ZeroMQ

/// Serves a queue: begins what is wanted, ends what is not wanted any more, and says so.
final class QueueRun {
    private let queue: QueueFolder
    private let claim: QueueFolder.Claim
    private let service: FleetService
    private let atOnce: Int
    private let endsWhenEmpty: Bool
    private let display = ProgressDisplay()
    private var begun: [String: Begun] = [:]
    private var preparation: Preparation?
    /// The sentences that were said about files that are no campaigns.
    private var complaints: Set<String> = []
    private var nextLook = ContinuousClock.now
    private var isEmpty = false

    /// A campaign that runs.
    private struct Begun {
        let seat: FleetService.Seat
        let campaign: QueuedCampaign
        let command: QueuedCommand
        /// What becomes of it when it is interrupted.
        var fate = Fate.interrupted
    }

    private enum Fate { case interrupted, waits, cancelled }

    /// Claims the queue and listens.
    ///
    /// - Parameters:
    ///   - queue: the queue.
    ///   - address: where workers connect.
    ///   - admission: who may count.
    ///   - atOnce: how many campaigns run side by side.
    ///   - endsWhenEmpty: whether it ends when nothing waits and nothing runs.
    init(
        _ queue: QueueFolder, listeningAt address: String, admitting admission: Admission,
        atOnce: Int, endsWhenEmpty: Bool
    ) throws {
        self.queue = queue
        self.atOnce = atOnce
        self.endsWhenEmpty = endsWhenEmpty
        claim = try queue.claim()
        let display = display
        service = try FleetService(
            listeningAt: address, admitting: admission, note: { display.note($0) })
        service.observer = LookingOn.shared.observer
        try claim.name(
            QueueFolder.Coordinator(
                host: ProcessInfo.processInfo.hostName, process: getpid(),
                endpoint: service.endpoint))
    }

    /// Where workers reach it.
    var endpoint: String { service.endpoint }

    /// Serves the queue until it is empty, if it ends then, or somebody interrupts.
    ///
    /// - Throws: ``ProgramExit`` when somebody interrupts; what keeps any campaign from going on.
    func run() throws {
        let interrupts = try Mailbox<CoordinatorService.Interrupt>()
        try Interrupts.shared.handled(
            by: { interrupts.post(CoordinatorService.Interrupt()) },
            during: {
                let isInterrupted = try service.run(interrupts: interrupts, tend: tend)
                for ended in service.takeEnded() { try conclude(ended) }
                display.clear()
                guard !isInterrupted else {
                    Console.say(
                        "Interrupted. Go on with the same command; workers wait for a quarter of an "
                            + "hour.")
                    throw ProgramExit(code: 130)
                }
                try service.dismissWorkers(for: .seconds(3), interrupts: interrupts)
            })
    }

    /// How long the folder is not looked at again.
    private static let pause = Duration.milliseconds(500)

    private func tend() throws -> Bool {
        for ended in service.takeEnded() { try conclude(ended) }
        showProgress()
        guard ContinuousClock.now >= nextLook || preparation?.isReady == true else { return true }
        nextLook = ContinuousClock.now + QueueRun.pause
        let contents = try queue.contents()
        complain(about: contents.unreadable)
        let wanted = contents.campaigns.toRun(atOnce: atOnce)
        interruptAll(but: wanted, contents)
        for (place, campaign) in wanted.enumerated() where begun[campaign.name] == nil {
            try begin(campaign, after: place)
        }
        if preparation.map({ work in !wanted.contains { $0.name == work.name } }) ?? false {
            preparation = nil
        }
        return !(endsWhenEmpty && wanted.isEmpty && begun.isEmpty && preparation == nil)
    }

    private func showProgress() {
        let first = begun.values.map(\.campaign).inOrder.first
        if let first, let seat = begun[first.name]?.seat,
            let progress = service.progress(of: seat)
        {
            display.show(progress)
        }
    }

    private func complain(about unreadable: [String: String]) {
        for sentence in unreadable.values.sorted() where complaints.insert(sentence).inserted {
            display.note(sentence)
        }
    }

    /// Ends the campaigns that are cancelled, or less urgent than those that wait.
    private func interruptAll(but wanted: [QueuedCampaign], _ contents: QueueFolder.Contents) {
        let names = Set(wanted.map(\.name))
        for (name, one) in begun where !names.contains(name) && one.fate == .interrupted {
            let isPending = contents[name].map { $0.ending == nil } ?? false
            begun[name]?.fate = isPending ? .waits : .cancelled
            service.interrupt(one.seat)
        }
    }
}

// MARK: Beginning

extension QueueRun {
    /// Begins a campaign, or goes on with it: reads and checks everything on a thread of its own first,
    /// one campaign at a time.
    private func begin(_ campaign: QueuedCampaign, after place: Int) throws {
        do {
            guard let work = preparation else {
                preparation = try prepare(campaign)
                return
            }
            guard work.name == campaign.name, let prepared = try work.prepared else { return }
            preparation = nil
            try begin(campaign, work, prepared, after: place)
        } catch {
            preparation = nil
            try end(campaign.name, .failed, because: "\(error)")
            display.note("\(campaign.name) cannot be run: \(error)")
        }
    }

    /// Begins to prepare it; nil: it is finished.
    private func prepare(_ campaign: QueuedCampaign) throws -> Preparation? {
        let command = try QueuedCommand(campaign, output: queue.output(of: campaign.name))
        let key = try UnfinishedCampaign.clearUnbegun(at: command.output)
        let unfinished = try command.unfinished()
        guard unfinished?.isFinished != true else {
            try end(campaign.name, .finished)
            return nil
        }
        return try Preparation(command, goingOnWith: unfinished, key: key)
    }

    private func begin(
        _ campaign: QueuedCampaign, _ work: Preparation, _ prepared: PreparedCampaign,
        after place: Int
    ) throws {
        let (ready, notes) =
            try work.unfinished.map { (prepared.naming($0.earlier), []) }
            ?? work.ledger.recognised(prepared)
        let (display, name) = (display, campaign.name)
        let seat = try service.begin(
            ready, goingOnWith: work.unfinished, enteringInto: work.ledger,
            writingTo: work.command.output, origin: work.command.origin, after: place,
            note: { display.note("\(name): \($0)") })
        begun[name] = Begun(seat: seat, campaign: campaign, command: work.command)
        let verb = work.unfinished == nil ? "begins" : "goes on"
        display.note(
            "\(name) \(verb): \(ready.outline.inputs.count) inputs, sigma "
                + "\(ready.manifest.plan.sigma).")
        for line in notes { display.note("\(name): \(line)") }
    }
}

// MARK: Ending

extension QueueRun {
    private func conclude(_ ended: FleetService.Ended) throws {
        guard let (name, one) = begun.first(where: { $0.value.seat == ended.seat }) else { return }
        begun[name] = nil
        let outcome = ended.outcome
        switch outcome.ending {
        case .finished:
            if let key = try one.command.signingKey() {
                try RunFolder(at: one.command.output).sign(with: key)
            }
            try end(name, .finished)
            let seconds = max(outcome.elapsed.inSeconds, 1e-9)
            display.note(
                "\(name) is finished: \(outcome.result), \(outcome.samples) samples in "
                    + "\(ProgressLine.clock(seconds)). Its records: \(one.command.output)")
        case .stopped(let reason) where ended.isStoppedByTheMachine:
            display.note("\(name) was stopped with \(outcome.howFar)")
            throw QueueStopped(reason: reason)
        case .stopped(let reason):
            try end(name, .failed, because: reason)
            display.note("\(name) was stopped: \(reason)")
        case .interrupted:
            switch one.fate {
            case .interrupted: display.note("\(name) was interrupted with \(outcome.howFar)")
            case .cancelled:
                display.note("\(name) was cancelled with \(outcome.howFar); they are kept")
            case .waits:
                display.note("\(name) waits, with \(outcome.howFar), for a more urgent one")
            }
        }
    }

    private func end(
        _ name: String, _ kind: QueuedCampaign.Ending.Kind, because reason: String? = nil
    ) throws {
        try queue.end(name, .init(kind, because: reason, at: Date()))
    }
}

extension CoordinatorService.Outcome {
    fileprivate var howFar: String { "\(decidedInputs) inputs decided" }

    fileprivate var result: String {
        summary.predicted > 0
            ? "\(summary.predicted) of \(summary.inputs) inputs are predicted"
            : "\(summary.certified) of \(summary.inputs) inputs are certified"
    }
}

/// What keeps a coordinator from going on with any campaign.
private struct QueueStopped: Error, CustomStringConvertible {
    let reason: String

    var description: String {
        "stopped: \(reason). All campaigns are kept: go on with the same command."
    }
}

/// A campaign that is read and checked on a thread of its own, so that workers do not wait meanwhile.
private final class Preparation {
    let name: String
    let command: QueuedCommand
    let unfinished: UnfinishedCampaign?
    let ledger: CampaignLedger
    private let result = Result()

    private final class Result: Sendable {
        let value = Mutex<Swift.Result<PreparedCampaign, any Error>?>(nil)
    }

    init(
        _ command: QueuedCommand, goingOnWith unfinished: UnfinishedCampaign?, key: NoiseKey?
    ) throws {
        name = command.name
        self.command = command
        self.unfinished = unfinished
        ledger = try command.campaignLedger(goingOnWith: unfinished)
        let request = try command.request(
            goingOnWith: unfinished, key: key, extending: ledger.extended)
        let result = result
        Thread.detachNewThread {
            let prepared = Swift.Result { try PreparedCampaign(wanted: request) }
            result.value.withLock { $0 = prepared }
        }
    }

    var isReady: Bool { result.value.withLock { $0 != nil } }

    /// The campaign, once it is prepared.
    var prepared: PreparedCampaign? {
        get throws { try result.value.withLock(\.self)?.get() }
    }
}
