import CampaignScheduling
import CertificateRecords
import CertificationReports
import ConfidenceBounds
import CoordinatorService
import Foundation
import RandomizedSmoothing
import ZeroMQ

/// One campaign from the first draw to the table at the end, with progress on standard error.
struct CampaignRun {
    private let campaign: PreparedCampaign
    private let service: CoordinatorService
    private let admission: Admission
    private let output: String
    /// What the ledger says of it.
    private let notes: [String]
    /// The folder of the run with whose samples it goes on.
    private let extended: String?

    /// Checks everything and listens; writes nothing yet.
    init(
        _ options: some CampaignArguments, writingTo folder: String,
        goingOnWith unfinished: UnfinishedCampaign? = nil,
        enteringInto ledger: CampaignLedger = .none, listeningAt address: String,
        admitting admission: Admission = .thisMachine
    ) throws {
        self.admission = admission
        output = unfinished?.path ?? folder
        if unfinished == nil { try CoordinatorService.check(output: output) }
        let prepared = try options.prepare(
            key: unfinished?.noiseKey ?? ledger.extended?.noiseKey, extending: ledger.extended)
        extended = ledger.extended?.path
        if let unfinished {
            campaign = prepared.naming(unfinished.earlier)
            notes = []
        } else {
            (campaign, notes) = try ledger.recognised(prepared)
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

    /// Runs the campaign as ``run(launching:)`` does, and says nothing but how far it is.
    func count(
        launching launch: ((_ endpoint: String) throws -> any Fleet)?
    ) throws -> CoordinatorService.Outcome {
        let display = ProgressDisplay()
        let interrupts = try Mailbox<CoordinatorService.Interrupt>()
        let signals = [SIGINT, SIGTERM, SIGHUP].map { signal in
            SignalHandler(signal) { interrupts.post(CoordinatorService.Interrupt()) }
        }
        let fleet = try launch?(service.endpoint)
        let isLocal = fleet is LocalFleet
        let outcome: CoordinatorService.Outcome
        do {
            defer {
                fleet?.end()
                fleet?.takeLines().forEach(display.note)
                display.clear()
            }
            outcome = try service.run(
                writingTo: output, interrupts: interrupts,
                origin: UnfinishedCampaign.Origin(
                    directory: FileManager.default.currentDirectoryPath,
                    arguments: Array(CommandLine.arguments.dropFirst())),
                lateness: isLocal ? .zero : .seconds(3),
                watch: { progress in
                    fleet?.takeLines().forEach(display.note)
                    display.show(progress)
                    try fleet?.tend(progress)
                },
                note: { line in if !isLocal || !line.hasSuffix("joined") { display.note(line) } })
        }
        withExtendedLifetime(signals) {}
        return outcome
    }

    private func announce(awaitsWorkers: Bool) {
        Console.say("\(undertaking).\nUnits: \(campaign.manifest.units).")
        notes.forEach(Console.say)
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
                    + "wardein work --connect \(address)\(admission.workerOption)")
            if let advice = admission.advice { Console.say(advice) }
        }
        if let warning = admission.warning { Console.say(warning) }
    }

    private func conclude(_ outcome: CoordinatorService.Outcome) throws {
        switch outcome.ending {
        case .finished:
            Console.flush()
            print(table(outcome))
            print()
            print(caption(outcome))
            if let warning = outcome.summary.warning { print("\n\(warning)") }
        case .interrupted:
            Console.say(
                "Interrupted: \(howFar(outcome)). Go on with: wardein resume \(output)")
            throw ProgramExit(code: 130)
        case .stopped(let reason):
            Console.say("wardein: stopped: \(reason)")
            Console.say("\(howFar(outcome)). Go on with: wardein resume \(output)")
            throw ProgramExit(code: 1)
        }
    }

    private var plan: CertificationPlan { campaign.manifest.plan }

    private func table(_ outcome: CoordinatorService.Outcome) -> String {
        switch plan.stopping {
        case .whenDecided(let radius): outcome.summary.table(at: radius)
        case .whenPredicted, .predictedAtTheCap: outcome.summary.predictionTable
        case .atTheCap, .whenHopeless, .whenPrecise:
            outcome.summary.table(upTo: outcome.largestRadius)
        }
    }

    /// What is about to be done.
    private var undertaking: String {
        let inputs = campaign.outline.inputs.count
        let noise = "sigma \(plan.sigma), alpha \(plan.error.alpha)"
        let samples = "\(plan.selectionSamples) + \(plan.estimationSamples) samples each"
        let certifying =
            "Certifying \(inputs) inputs with \(samples), \(noise), rule \(plan.ruleName)"
        return switch plan.stopping {
        case .atTheCap: certifying
        case .whenHopeless: certifying + ", fewer where nothing can be certified"
        case .whenDecided(let radius): certifying + " at most, to decide at radius \(radius)"
        case .whenPrecise(let width):
            certifying + " at most, to within \(width) of the radius at the cap"
        case .whenPredicted:
            "Predicting the classes of \(inputs) inputs with \(samples) at most, \(noise)"
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
            return [
                "Over our sampling\(sampling), any of the \(claims) is false with probability at most "
                    + "\(earlier.familyAlpha(family.alpha))."
            ]
        }
        let alpha = earlier.largestAlpha(error.alpha)
        guard let batch = try? BatchError(inputs: summary.inputs, failureProbability: alpha)
        else { return [] }
        return [
            "Over our sampling\(sampling), each is false with probability at most \(alpha): of "
                + "\(summary.inputs) inputs \(text(batch.expected.value)) at most",
            "on average, and no more than \(batch.most(exceptWith: 0.001)) with probability 0.999.",
        ]
    }

    /// Two places, rounded up; of a failure probability as it is written in decimal.
    private func text(_ number: Double) -> String {
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

    private func howFar(_ outcome: CoordinatorService.Outcome) -> String {
        "\(outcome.summary.inputs) of \(campaign.outline.inputs.count) inputs are decided"
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
        if let savings = savings(outcome) { lines.append(savings) }
        lines += [
            "",
            "  \(output)/records.jsonl       one record an input, with all counts",
            "  \(output)/certificates.tsv    idx label predict radius correct time",
            "  \(output)/manifest.json       the plan, sealed before the first draw",
            "  \(output)/provenance.json     who counted what",
        ]
        return lines.joined(separator: "\n")
    }
    private func legend(_ outcome: CoordinatorService.Outcome) -> [String] {
        var lines = ["certified              inputs with a certificate of at least this radius"]
        if outcome.summary.labelled > 0 {
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
