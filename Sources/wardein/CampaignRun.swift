import CampaignScheduling
import CertificateRecords
import CertificationReports
import ConfidenceBounds
import CoordinatorService
import Digests
import Foundation
import RandomizedSmoothing
import RunFolders
import Sodium
import Synchronization
import ZeroMQ

/// One campaign from the first draw to the table at the end, with progress on standard error.
struct CampaignRun {
    private let campaign: PreparedCampaign
    private let service: CoordinatorService
    private let admission: Admission
    private let output: String
    private let level: NoiseLevel?
    private let signingKey: SigningKey?
    /// What the ledger says of it.
    private let notes: [String]
    /// The folder of the run with whose samples it goes on.
    private let extended: String?

    /// Checks everything and listens; writes nothing yet.
    ///
    /// - Parameter level: the one of several noise levels that is to be run; nil: there is one only.
    init(
        _ options: some CampaignArguments, writingTo folder: String,
        goingOnWith unfinished: UnfinishedCampaign? = nil, at level: NoiseLevel? = nil,
        enteringInto ledger: CampaignLedger = .none, listeningAt address: String,
        admitting admission: Admission = .thisMachine, signingWith signingKey: SigningKey? = nil
    ) throws {
        self.signingKey = signingKey
        self.admission = admission
        self.level = level
        output = level?.folder ?? unfinished?.path ?? folder
        if unfinished == nil { try CoordinatorService.check(output: output) }
        extended = ledger.extended?.path
        if let level {
            (campaign, notes) = (level.campaign, level.notes)
        } else {
            let prepared = try options.prepare(
                at: options.subject.sigma.values[0],
                key: unfinished?.noiseKey ?? ledger.extended?.noiseKey, extending: ledger.extended)
            (campaign, notes) =
                try unfinished.map { (prepared.naming($0.earlier), []) }
                ?? ledger.recognised(prepared)
        }
        service = try CoordinatorService(
            campaign, goingOnWith: unfinished, enteringInto: ledger, listeningAt: address,
            admitting: admission)
    }

    /// Runs the campaign with the fleet that is launched once it listens at the endpoint; nil:
    /// workers come from elsewhere.
    ///
    /// - Throws: ``ProgramExit`` unless every input is decided.
    func run(launching launch: ((_ endpoint: String) throws -> any Fleet)?) throws {
        announce(awaitsWorkers: launch == nil)
        try conclude(count(launching: launch))
    }

    /// Where workers reach it.
    var endpoint: String { service.endpoint }

    /// Runs the campaign as ``run(launching:)`` does, and says nothing but how far it is.
    func count(
        launching launch: ((_ endpoint: String) throws -> any Fleet)?
    ) throws -> CoordinatorService.Outcome {
        let interrupts = try Mailbox<CoordinatorService.Interrupt>()
        return try Interrupts.shared.handled(
            by: { interrupts.post(CoordinatorService.Interrupt()) },
            during: { try count(launching: launch, interrupts: interrupts) })
    }

    private func count(
        launching launch: ((_ endpoint: String) throws -> any Fleet)?,
        interrupts: Mailbox<CoordinatorService.Interrupt>
    ) throws -> CoordinatorService.Outcome {
        let display = ProgressDisplay()
        let fleet = try launch?(service.endpoint)
        let isLocal = fleet is LocalFleet
        defer {
            fleet?.end()
            fleet?.takeLines().forEach { display.note($0, as: .launcher) }
            display.clear()
        }
        service.observer = LookingOn.shared.observer()
        return try service.run(
            writingTo: output, interrupts: interrupts,
            origin: UnfinishedCampaign.Origin(
                directory: FileManager.default.currentDirectoryPath,
                arguments: Array(CommandLine.arguments.dropFirst())),
            lateness: isLocal ? .zero : .seconds(3),
            keepsWorkers: launch == nil && level?.isLast == false,
            watch: { progress in
                fleet?.takeLines().forEach { display.note($0, as: .launcher) }
                display.show(progress)
                try fleet?.tend(progress)
            },
            note: { line in
                // The log of a program has it from the observer, with what it is about.
                guard LogFormat.current == .text else { return }
                if !isLocal || !line.hasSuffix("joined") { display.note(line) }
            })
    }

    private func announce(awaitsWorkers: Bool) {
        LogLine.context = [
            JSON.Member(key: "campaign", value: .string(output)),
            JSON.Member(key: "seal", value: .string(campaign.seal.hex)),
        ]
        Console.say("\(level?.heading ?? "")\(undertaking).", as: .campaignBegun)
        if level?.isFirst ?? true { Console.say("Units: \(campaign.manifest.units).") }
        for note in notes { Console.say(note) }
        if let extended, service.already.inputs == 0 {
            Console.say("Going on with the samples of the run in \(extended).")
        } else if service.already.samples > 0 {
            Console.say(
                "Going on: \(service.already.inputs) inputs are decided already, "
                    + "\(service.already.samples) samples settled.")
        }
        if awaitsWorkers {
            let address = service.endpoint.replacing("//0.0.0.0:", with: "//THIS-HOST:")
                .replacing("//[::]:", with: "//THIS-HOST:")
            Console.say(
                "Listening at \(service.endpoint); start workers with: "
                    + "wardein work --connect \(address)\(admission.workerOption)",
                as: .listening,
                [JSON.Member(key: "endpoint", value: .string(service.endpoint))])
            if let advice = admission.advice { Console.say(advice) }
        }
        if let warning = admission.warning { Console.say(warning, level: .warning) }
    }

    private func conclude(_ outcome: CoordinatorService.Outcome) throws {
        let folder = level?.whole ?? output
        if outcome.ending == .finished, let signingKey {
            try RunFolder(at: output).sign(with: signingKey)
        }
        switch outcome.ending {
        case .finished where level != nil: sayShortly(outcome)
        case .finished:
            sayForPrograms(outcome)
            Console.flush()
            print(table(outcome))
            print()
            print(caption(outcome))
            if let warning = outcome.summary.warning { print("\n\(warning)") }
        case .interrupted:
            Console.say(
                "Interrupted: \(howFar(outcome)). Go on with: wardein resume \(folder)",
                as: .campaignInterrupted, outcome.fields)
            throw ProgramExit(code: 130)
        case .stopped(let reason):
            Console.say(
                "stopped: \(reason)", as: .campaignStopped, level: .error, after: "wardein: ",
                outcome.fields)
            Console.say("\(howFar(outcome)). Go on with: wardein resume \(folder)")
            throw ProgramExit(code: 1)
        }
    }

    private var plan: CertificationPlan { campaign.manifest.plan }

    /// People have the table on standard output.
    private func sayForPrograms(_ outcome: CoordinatorService.Outcome) {
        guard LogFormat.current == .json else { return }
        Console.say(
            "Finished: \(howFar(outcome)).", as: .campaignFinished, outcome.fields)
    }

    /// What one of several noise levels came to.
    private func sayShortly(_ outcome: CoordinatorService.Outcome) {
        let (summary, seconds) = (outcome.summary, max(outcome.elapsed.inSeconds, 1e-9))
        Console.say(
            "\(summary.certified) of \(summary.inputs) inputs are certified at sigma \(plan.sigma): "
                + "\(outcome.samples) samples in \(ProgressLine.clock(seconds)).",
            as: .campaignFinished, outcome.fields)
        if let savings = savings(outcome) {
            for line in Paragraph.lines(savings) { Console.say(line) }
        }
        if let warning = summary.warning { Console.say(warning) }
    }

    private func table(_ outcome: CoordinatorService.Outcome) -> String {
        switch plan.stopping {
        case .whenDecided(let radius): outcome.summary.table(at: radius)
        case .whenPredicted, .predictedAtTheCap: outcome.summary.predictionTable
        case .atTheCap, .whenHopeless, .whenPrecise:
            outcome.summary.table(upTo: outcome.largestRadius)
        }
    }

    private var budgetClause: String {
        plan.budget.map { ", with \($0) samples for all of them" } ?? ""
    }

    /// What is about to be done.
    private var undertaking: String {
        let inputs = campaign.outline.inputs.count
        let isShare = plan.error.batch?.method == .eBenjaminiHochberg
        let level = isShare ? "false discovery rate" : "alpha"
        let noise =
            "sigma \(plan.sigma), \(level) "
            + (plan.error.family.map { "\($0.alpha) for all together" } ?? "\(plan.error.alpha)")
        let samples =
            "\(plan.selectionSamples) + \(plan.estimationSamples) samples each"
            + (plan.stopping.isFixed ? "" : " at most")
        let certifying =
            "Certifying \(inputs) inputs with \(samples), \(noise), rule \(plan.ruleName)"
        return switch plan.stopping {
        case .atTheCap: certifying
        case .whenHopeless: certifying + ", stopped early where nothing can be certified"
        case .whenDecided(let radius):
            certifying + ", to decide at radius \(radius)" + budgetClause
                + (plan.error.batch.map { ", all together by \($0.method.rawValue)" } ?? "")
        case .whenPrecise(let width):
            certifying + ", to within \(width) of the radius at the cap" + budgetClause
        case .whenPredicted:
            "Predicting the classes of \(inputs) inputs with \(samples), \(noise)"
        case .predictedAtTheCap:
            "Predicting the classes of \(inputs) inputs with \(plan.estimationSamples) samples each, "
                + noise
        }
    }

    /// How many of the claims may be false: binomial, since inputs have independent noise.
    private func errorOfTheBatch(_ outcome: CoordinatorService.Outcome) -> [String] {
        let (error, summary) = (plan.error, outcome.summary)
        let earlier = campaign.manifest.earlier
        let sampling = earlier.runs.isEmpty ? "" : " and that of the earlier runs"
        if let family = error.family {
            let claims =
                plan.stopping.predicts
                ? "\(summary.predicted) predictions" : "\(summary.certified) certificates"
            return Paragraph.lines(
                "Over our sampling\(sampling), any of the \(claims) is false with probability at most "
                    + "\(earlier.familyAlpha(family.alpha))."
            ) + (FamilyPrice(plan, shared: summary, alone: outcome.unsharedSummary)?.lines ?? [])
        }
        return switch error.batch?.method {
        case .holm:
            Paragraph.lines(
                "Over our sampling\(sampling), any of the \(summary.certified) certificates is false "
                    + "with probability at most \(earlier.familyAlpha(error.alpha)).")
        case .eBenjaminiHochberg:
            Paragraph.lines(
                "Over our sampling, the expected share of false ones among the certificates is at most "
                    + "\(error.alpha); nothing is claimed about the chance that one of them is false."
            )
        case nil:
            CampaignRun.errorOfTheBatch(
                inputs: summary.inputs, alpha: earlier.largestAlpha(error.alpha), sampling)
        }
    }

    /// How many of the claims about so many inputs may be false, each with this probability.
    static func errorOfTheBatch(
        inputs: Int, alpha: Double, _ sampling: String = ""
    ) -> [String] {
        guard let batch = try? BatchError(inputs: inputs, failureProbability: alpha) else {
            return []
        }
        return Paragraph.lines(
            "Over our sampling\(sampling), each is false with probability at most \(alpha): of "
                + "\(inputs) inputs \(text(batch.expected.value)) at most on average, and no more than "
                + "\(batch.most(exceptWith: 0.001)) with probability 0.999.")
    }

    /// Two places, rounded up; of a failure probability as it is written in decimal.
    private static func text(_ number: Double) -> String {
        number >= 10 ? "\(Int(number.rounded(.up)))" : "\((number * 100 - 1e-6).rounded(.up) / 100)"
    }

    /// What stopping early saved and wasted; nil when every input got all its samples.
    private func savings(_ outcome: CoordinatorService.Outcome) -> String? {
        let (plan, summary) = (campaign.manifest.plan, outcome.summary)
        guard plan.grid != nil, summary.estimationSamples > 0 else { return nil }
        let all = summary.inputs * plan.estimationSamples
        let tenths = all * 10 / summary.estimationSamples
        return "The records rest on \(summary.estimationSamples) estimation samples, "
            + "\(tenths / 10).\(tenths % 10) times fewer than \(plan.estimationSamples) for each "
            + "input; \(outcome.needlessSamples) more were drawn past a stop."
    }

    /// What became of the budget; nil without one.
    private func budget(_ outcome: CoordinatorService.Outcome) -> String? {
        guard let budget = plan.budget else { return nil }
        let (spent, left) = (outcome.summary.totalSamples, outcome.summary.leftByBudget)
        let first = "Of the budget of \(budget) samples \(spent) are spent"
        guard left.inputs > 0 else { return first + ": every input is decided." }
        let inputs = left.inputs == 1 ? "1 input is" : "\(left.inputs) inputs are"
        return first + "; \(inputs) not decided, which would take about "
            + "\(left.furtherSamples) more."
    }

    private func howFar(_ outcome: CoordinatorService.Outcome) -> String {
        "\(outcome.decidedInputs) of \(campaign.outline.inputs.count) inputs are decided"
    }

    private func caption(_ outcome: CoordinatorService.Outcome) -> String {
        let seconds = max(outcome.elapsed.inSeconds, 1e-9)
        let rate = Int(Double(outcome.samples) / seconds)
        var lines = plan.stopping.predicts ? legendOfPredictions(outcome) : legend(outcome)
        lines += errorOfTheBatch(outcome)
        lines += [
            "",
            "\(outcome.samples) samples in \(ProgressLine.clock(seconds)), \(rate) a second.",
        ]
        if plan.stopping.predicts, let spent = outcome.summary.samplesAnInput {
            lines.append(
                "Samples of an input: median \(spent.median), mean \(spent.mean), at most "
                    + "\(spent.most).")
        }
        lines += savings(outcome).map(Paragraph.lines) ?? []
        lines += budget(outcome).map(Paragraph.lines) ?? []
        lines += [
            "",
            "  \(output)/records.jsonl       one record an input, with all counts",
            "  \(output)/certificates.tsv    idx label predict radius correct time",
            "  \(output)/manifest.json       the plan, sealed before the first draw",
            "  \(output)/provenance.json     who counted what",
        ]
        if signingKey != nil {
            lines.append("  \(output)/signature.json      of the first three, by your key")
        }
        return lines.joined(separator: "\n")
    }
    private func legend(_ outcome: CoordinatorService.Outcome) -> [String] {
        CampaignRun.legend(ofCertificates: outcome.summary)
    }

    /// What the columns of the table mean, and what is not claimed.
    static func legend(ofCertificates summary: CertificationSummary) -> [String] {
        var lines = ["certified              inputs with a certificate of at least this radius"]
        if summary.labelled > 0 {
            lines += [
                "certified accuracy     inputs with such a certificate and the right class",
                "certificate precision  of these certificates, those whose class is right",
            ]
        }
        return lines + [
            "abstention             inputs without such a certificate: those that abstained, and",
            "                       those whose radius is smaller",
            "",
            "A certificate says that the answer is stable, not that it is right.",
        ]
    }

    private func legendOfPredictions(_ outcome: CoordinatorService.Outcome) -> [String] {
        var lines = ["predicted                inputs whose most probable class is known"]
        if outcome.summary.labelled > 0 {
            lines += [
                "accuracy                 inputs whose class is predicted and right",
                "accuracy of predictions  of the predictions, those whose class is right",
            ]
        }
        return lines + [
            "abstention               inputs for which no class is predicted",
            "",
            "A prediction says which class is the most probable one at the input itself, not that it",
            "is right, and nothing about inputs near it.",
        ]
    }
}

extension CoordinatorService.Outcome {
    /// What it came to, for a program.
    fileprivate var fields: [JSON.Member] {
        let members: [(String, JSON)] = [
            ("inputsDecided", .integer(decidedInputs)), ("samples", .integer(samples)),
            ("seconds", .number((elapsed.inSeconds * 10).rounded() / 10)),
            ("certified", .integer(summary.certified)),
            ("predicted", .integer(summary.predicted)),
            ("abstained", .integer(summary.inputs - summary.certified - summary.predicted)),
        ]
        return members.map { JSON.Member(key: $0.0, value: $0.1) }
    }
}

/// The workers that a campaign starts and ends.
protocol Fleet {
    /// Called about ten times a second with how far the campaign is; what it throws stops that.
    func tend(_ progress: CampaignProgress) throws
    /// What the workers, or those who start them, have said since this was last called.
    func takeLines() -> [String]
    /// Called when the workers were told goodbye: ends those that do not go, and returns.
    func end()
}

extension Fleet {
    /// Nothing.
    func takeLines() -> [String] { [] }
}

extension LocalFleet: Fleet {
    func tend(_ progress: CampaignProgress) throws {
        try replaceTheDead(samples: progress.samples)
    }
}

/// Calls a handler, on a thread of its own, instead of what a signal does by default.
final class SignalHandler {
    private let source: any DispatchSourceSignal

    init(_ number: Int32, _ handler: @escaping @Sendable () -> Void) {
        signal(number, SIG_IGN)
        source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler(handler: handler)
        source.activate()
    }
}

/// What asks the program to end: Ctrl-C, SIGTERM and SIGHUP. A campaign that runs is told; when none
/// does, the program ends at once.
final class Interrupts: Sendable {
    /// Those of this process, from when they are first asked for.
    static let shared = Interrupts()

    private let handler = Mutex<(@Sendable () -> Void)?>(nil)
    private let signals = Mutex<[SignalHandler]>([])

    private init() {
        signals.withLock { signals in
            signals = [SIGINT, SIGTERM, SIGHUP].map { number in
                SignalHandler(number) { [weak self] in self?.handle() }
            }
        }
    }

    private func handle() {
        guard let handler = handler.withLock(\.self) else { Foundation.exit(130) }
        handler()
    }

    /// Calls the handler for each of them while the body runs.
    func handled<Result>(
        by handler: @escaping @Sendable () -> Void, during body: () throws -> Result
    ) rethrows -> Result {
        self.handler.withLock { $0 = handler }
        defer { self.handler.withLock { $0 = nil } }
        return try body()
    }
}
