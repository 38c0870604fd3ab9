import CampaignQueue
import CampaignScheduling
import CertificateRecords
import CertificationReports
import CoordinatorService
import Foundation
import RandomizedSmoothing
import ZeroMQ

/// Serves a queue: begins what is wanted, ends what is not wanted any more, and says so.
final class QueueRun {
    private let queue: QueueFolder
    private let claim: QueueFolder.Claim
    private let service: FleetService
    private let atOnce: Int
    private let endsWhenEmpty: Bool
    /// How far the first of those that run is.
    private var display = (name: "", progress: ProgressDisplay())
    private var begun: [String: Begun] = [:]
    private var preparation: QueuedPreparation?
    /// The sentences that were said about files that are no campaigns.
    private var complaints: Set<String> = []
    private var nextLook = ContinuousClock.now
    private var isEmpty = false

    /// A campaign that runs.
    private struct Begun {
        let seat: FleetService.Seat
        let campaign: QueuedCampaign
        let stage: QueuedWork.Stage
        /// It, and what comes after it.
        let work: QueuedWork
        /// What becomes of it when it is interrupted.
        var fate = Fate.interrupted
    }

    private enum Fate {
        case interrupted, waits, cancelled

        func sentence(_ howFar: String) -> String {
            switch self {
            case .interrupted: "was interrupted with \(howFar)"
            case .cancelled: "was cancelled with \(howFar); they are kept"
            case .waits: "waits, with \(howFar), for a more urgent one"
            }
        }
    }

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
        service = try FleetService(listeningAt: address, admitting: admission)
        service.note = { [weak self] in self?.tell($0) }
        service.observer = LookingOn.shared.observer()
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
                let isInterrupted = try serve(interrupts)
                display.progress.clear()
                guard !isInterrupted else {
                    say(
                        "Interrupted. Go on with the same command; workers wait for a quarter of an "
                            + "hour.")
                    throw ProgramExit(code: 130)
                }
                try service.dismissWorkers(for: .seconds(3), interrupts: interrupts)
            })
    }

    /// Serves; what keeps every campaign from going on ends it with exit code 1.
    private func serve(_ interrupts: Mailbox<CoordinatorService.Interrupt>) throws -> Bool {
        do {
            let isInterrupted = try service.run(interrupts: interrupts, tend: tend)
            for ended in service.takeEnded() { try conclude(ended) }
            return isInterrupted
        } catch {
            display.progress.clear()
            Console.say(
                "stopped: \(error)", as: .error, level: .error, after: "wardein: ")
            say("All campaigns are kept: go on with the same command.")
            throw ProgramExit(code: 1)
        }
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
        let wanted = contents.campaigns.toRun(
            atOnce: atOnce, whileRunning: Set(begun.keys))
        interruptAll(but: wanted, contents)
        for (place, campaign) in wanted.enumerated() where begun[campaign.name] == nil {
            try begin(campaign, after: place)
        }
        if preparation.map({ one in !wanted.contains { $0.name == one.command.name } }) ?? false {
            preparation = nil
        }
        return !(endsWhenEmpty && wanted.isEmpty && begun.isEmpty && preparation == nil)
    }

    private func showProgress() {
        let first = begun.values.map(\.campaign).inOrder.first
        if let first, let seat = begun[first.name]?.seat,
            let progress = service.progress(of: seat)
        {
            if display.name != first.name {
                display.progress.clear()
                display = (first.name, ProgressDisplay())
            }
            display.progress.show(progress, of: first.name)
        }
    }

    private func complain(about unreadable: [String: String]) {
        for sentence in unreadable.values.sorted() where complaints.insert(sentence).inserted {
            say(sentence, level: .warning)
        }
    }

    /// Says a sentence above the progress.
    private func say(
        _ sentence: String, as event: LogLine.Event = .remark, level: LogLine.Level = .info,
        of name: String? = nil
    ) {
        display.progress.clear()
        Console.say(sentence, as: event, level: level, LogLine.fields(of: name))
    }

    /// Tells a person what happened to a worker. The log of a program has it from the observer, with what
    /// it is about.
    private func tell(_ line: String) {
        if LogFormat.current == .text { say(line) }
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
            guard let preparation else {
                preparation = try prepare(campaign)
                return
            }
            guard preparation.command.name == campaign.name,
                let prepared = try preparation.prepared
            else { return }
            self.preparation = nil
            let work = try QueuedWork(preparation, prepared)
            for line in work.notes { say("\(campaign.name): \(line)", of: campaign.name) }
            try goOn(with: work, of: campaign, after: place)
        } catch {
            preparation = nil
            try fail(campaign.name, error)
        }
    }

    /// Begins to prepare it; nil: it is finished.
    private func prepare(_ campaign: QueuedCampaign) throws -> QueuedPreparation? {
        let command = try QueuedCommand(campaign, output: queue.output(of: campaign.name))
        let begun = try command.begun()
        guard !begun.isFinished else {
            try end(campaign.name, .finished)
            return nil
        }
        return try QueuedPreparation(command, goingOnWith: begun)
    }

    /// Begins the next campaign of the work, or ends it.
    private func goOn(
        with work: QueuedWork, of campaign: QueuedCampaign, after place: Int
    ) throws {
        var work = work
        let name = campaign.name
        guard let stage = try work.takeNext() else {
            try work.report()
            try end(name, .finished)
            return say(
                "\(name) is finished. Its records: \(work.command.output)", as: .campaignFinished,
                of: name)
        }
        let ready = stage.campaign
        let seat = try service.begin(
            ready, goingOnWith: stage.unfinished, enteringInto: work.entering,
            writingTo: stage.output, origin: work.command.origin, after: place,
            observer: LookingOn.shared.observer(of: name),
            note: { [weak self] in self?.tell("\(name): \($0)") })
        begun[name] = Begun(seat: seat, campaign: campaign, stage: stage, work: work)
        say(
            "\(name) \(stage.unfinished == nil ? "begins" : "goes on"): "
                + "\(ready.outline.inputs.count) inputs, sigma \(ready.manifest.plan.sigma).",
            as: .campaignBegun, of: name)
    }

    private func fail(_ name: String, _ error: any Error) throws {
        try end(name, .failed, because: "\(error)")
        say("\(name) cannot be run: \(error)", as: .campaignStopped, level: .error, of: name)
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
            let seconds = max(outcome.elapsed.inSeconds, 1e-9)
            say(
                "\(name): \(outcome.result) at sigma \(one.stage.campaign.manifest.plan.sigma), "
                    + "\(outcome.samples) samples in \(ProgressLine.clock(seconds))", of: name)
            do {
                try one.work.sign(one.stage)
                try goOn(with: one.work, of: one.campaign, after: place(of: one.campaign))
            } catch {
                try fail(name, error)
            }
        case .stopped(let reason) where ended.isStoppedByTheMachine:
            say(
                "\(name) was stopped with \(outcome.howFar)", as: .campaignStopped, level: .error,
                of: name)
            throw QueueStopped(reason: reason)
        case .stopped(let reason):
            try end(name, .failed, because: reason)
            say(
                "\(name) was stopped: \(reason)", as: .campaignStopped, level: .error, of: name)
        case .interrupted:
            say(
                "\(name) \(one.fate.sentence(outcome.howFar))", as: .campaignInterrupted, of: name)
        }
    }

    /// How many of the campaigns that run come before it.
    private func place(of campaign: QueuedCampaign) -> Int {
        (begun.values.map(\.campaign) + [campaign]).inOrder.firstIndex(of: campaign) ?? 0
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

    var description: String { reason }
}
