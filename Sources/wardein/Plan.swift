import ArgumentParser
import CertificateRecords
import CertificationReports
import CoordinatorService
import Foundation
import RandomizedSmoothing

/// Says before a campaign what it may certify and what it takes.
struct Plan: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Before a campaign: what it may certify, how long it takes, what it costs.",
        discussion: """
            Takes the options of certify but --output. It counts a few of the inputs on this machine \
            (the pilot), and says for sample counts from a thousand to ten million, and for the one \
            that was asked for (*): the largest radius that can be certified at all (the ceiling), \
            the mean radius and the share of inputs that may be certified, by either rule; all \
            samples; the wall time; and what ten times the samples would buy. With \
            --decide-radius, --width or --early-abstain also what stopping early saves. Counts that no \
            plan may have are left out.

            The pilot has a noise key of its own, --key or not, and what it drew is thrown away: the \
            campaign draws afresh, and nothing of alpha is spent. What it says is a forecast and \
            claims nothing.
            """)

    @OptionGroup var campaign: CampaignOptions

    @Option(help: "How many inputs the pilot counts, evenly spread over those of the campaign.")
    var pilot = 20

    @Option(parsing: .unconditional, help: "Estimation samples of each of them.")
    var pilotSamples = SampleCount(1000)

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Plan for other noise levels too, for example 0.12,1: a pilot each.",
            discussion: "A model does well at the noise level that it was trained with."))
    var otherSigmas: NumberList?

    @Option(
        help: ArgumentHelp(
            "How many worker processes the campaign is to have; up to three numbers, such as 2,8,64.",
            discussion: "auto is one for each core of this machine. Each is taken to count as fast "
                + "as one did in the pilot."))
    var workers = WorkerCounts.auto

    @Option(
        parsing: .unconditional, help: "What a worker costs an hour, in any currency, for the cost."
    )
    var pricePerHour: Double?

    @Option(help: "Draw ceiling and mean radius against the samples into this SVG file.")
    var plot: String?

    @Flag(help: "Print JSON instead of tables, for scripts.")
    var json = false

    func run() throws {
        let workers = try workers.numbers()
        try check()
        var wholes: [(options: CampaignOptions, campaign: PreparedCampaign)] = []
        let first = try campaign.subject.onlySigma(in: "plan (use --other-sigmas)")
        for sigma in [first] + (otherSigmas?.values ?? []) {
            var options = campaign
            options.subject.sigma = NumberList(values: [sigma])
            options.details.key = nil
            wholes.append((options, try options.prepare(at: sigma)))
        }
        let reports = try wholes.map { options, whole in
            let result = try Pilot(of: options, manifest: whole.manifest)
                .run(inputs: pilot, samples: pilotSamples.value)
            return try Forecasting(whole.manifest, result: result)
                .report(workers: workers, pricePerHour: pricePerHour)
        }
        try write(ForecastPlot(reports).svg)
        print(json ? page(reports) : text(reports))
    }

    private func check() throws {
        guard pilot >= 2 else {
            throw ValidationError("--pilot is \(pilot), but a pilot needs at least 2 inputs.")
        }
        guard (100...1_000_000).contains(pilotSamples.value) else {
            throw ValidationError(
                "--pilot-samples is \(pilotSamples.value), but it must lie between 100 and "
                    + "1000000.")
        }
        if let price = pricePerHour, !(price >= 0 && price <= 1e9) {
            throw ValidationError(
                "--price-per-hour is \(price), but it must lie between 0 and 1000000000.")
        }
        guard let plot else { return }
        let folder = URL(filePath: plot).deletingLastPathComponent().path
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw ValidationError("--plot \(plot): cannot write into the folder \(folder).")
        }
    }

    private func write(_ drawing: String) throws {
        guard let plot else { return }
        do {
            try Data(drawing.utf8).write(to: URL(filePath: plot), options: .atomic)
        } catch {
            throw ValidationError("--plot: cannot write \(plot): \(error.localizedDescription)")
        }
        Console.say("Plot: \(plot)")
    }

    private func page(_ reports: [ForecastReport]) -> String {
        let page: JSON = [
            "format": "wardein forecast 1",
            "noiseLevels": .array(reports.map(\.json)),
        ]
        return String(page.page.dropLast())
    }

    private func text(_ reports: [ForecastReport]) -> String {
        (reports.map(\.text) + [Self.caption(reports[0].setting)]).joined(separator: "\n\n")
    }

    private static func caption(_ setting: ForecastReport.Setting) -> String {
        """
        *            the samples of each input that were asked for
        ceiling      the largest radius that can be certified: all samples agree
        radius       the mean certified radius to expect, 0 for an abstention; and a
                     band of about 80 % for it, from the pilot's own uncertainty
        certified    the share of inputs with a certificate to expect

        The pilot counted \(setting.pilotInputs) inputs of \(setting.pilotSamples) samples; a worker \
        is taken to count as fast
        as one did in it, and starting workers comes on top. Its draws are not used in
        the campaign, which has a key of its own: nothing of alpha is spent. These are
        forecasts: they claim nothing.
        """
    }
}

/// The forecasts for the sample counts that are worth comparing.
private struct Forecasting {
    private let manifest: Manifest
    private let result: Pilot.Result

    init(_ manifest: Manifest, result: Pilot.Result) {
        self.manifest = manifest
        self.result = result
    }

    func report(workers: [Int], pricePerHour: Double?) throws -> ForecastReport {
        let asked = manifest.plan.estimationSamples
        let powers = [1000, 10_000, 100_000, 1_000_000, 10_000_000]
        let counts = Set(powers + [asked, 10 * asked]).filter {
            $0 <= CertificationPlan.maximumSamples
        }
        let setting = ForecastReport.Setting(
            pilotInputs: result.counts.count, pilotSamples: result.counts[0].estimation.samples,
            unanimousInputs: result.counts.count(where: \.isUnanimous),
            samplesPerSecond: result.samplesPerSecond, workers: workers,
            pricePerHour: pricePerHour)
        return ForecastReport(
            setting: setting, lines: try counts.sorted().compactMap(line), asked: asked)
    }

    /// The forecasts for so many samples; nil when no plan may have so many, or it could only abstain.
    private func line(_ samples: Int) throws -> ForecastReport.Line? {
        let asked = manifest.plan
        let other: CertificationRule = asked.rule == .cohen ? .runnerUp : .cohen
        guard let fixed = try forecast(samples, asked.rule) else { return nil }
        let early =
            asked.stopping == .atTheCap
            ? nil : try forecast(samples, asked.rule, stopping: asked.stopping)
        return ForecastReport.Line(
            fixed: fixed, otherRule: try forecast(samples, other), early: early)
    }

    private func forecast(
        _ samples: Int, _ rule: CertificationRule, stopping: Stopping = .atTheCap
    ) throws -> CampaignForecast? {
        let asked = manifest.plan
        let plan: CertificationPlan
        do {
            plan = try CertificationPlan(
                sigma: asked.sigma, selectionSamples: asked.selectionSamples,
                estimationSamples: samples, rule: rule,
                alpha: asked.error.family?.alpha ?? asked.error.alpha,
                family: asked.error.family?.inputs,
                batch: stopping == .atTheCap ? nil : asked.error.batch,
                dimension: manifest.model.inputShape.reduce(1, *),
                noiseDistance: manifest.noise.distanceFromIdeal, stopping: stopping,
                blockSize: manifest.counting.blockSize,
                leastRadius: stopping == .atTheCap ? nil : asked.leastRadius)
        } catch is PlanError {
            return nil
        }
        return try CampaignForecast(
            of: plan, from: result.counts, inputs: manifest.inputs.indices.count)
    }
}

/// Numbers separated by commas.
struct NumberList: ExpressibleByArgument {
    let values: [Double]

    init(values: [Double]) { self.values = values }

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
        values = parts.compactMap { Double($0.trimmingPrefix(while: \.isWhitespace)) }
        guard values.count == parts.count else { return nil }
    }
}

/// Numbers of workers separated by commas, or `auto`.
struct WorkerCounts: ExpressibleByArgument {
    static let auto = WorkerCounts(counts: [.auto])
    let counts: [Count]

    private init(counts: [Count]) { self.counts = counts }

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
        counts = parts.compactMap { Count(argument: String($0)) }
        guard counts.count == parts.count else { return nil }
    }

    var defaultValueDescription: String {
        counts.map(\.defaultValueDescription).joined(separator: ",")
    }

    /// The numbers; throws one sentence for one that cannot be.
    func numbers() throws -> [Int] {
        guard counts.count <= 3 else {
            throw ValidationError(
                "--workers has \(counts.count) numbers, but the table has room for three.")
        }
        return try counts.map { count in
            if case .exactly(let number) = count {
                guard (1...100_000).contains(number) else {
                    throw ValidationError(
                        "--workers is \(number), but it must be auto or lie between 1 and 100000.")
                }
                return number
            }
            return try count.number(named: "--workers")
        }
    }
}
