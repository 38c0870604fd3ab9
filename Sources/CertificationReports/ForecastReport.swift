public import CertificateRecords
public import RandomizedSmoothing

/// What a campaign at one noise level may certify and what it takes, for several sample counts: tables,
/// a sentence of advice and a JSON form.
public struct ForecastReport: Hashable, Sendable {
    /// What the pilot was and what work costs.
    public let setting: Setting
    /// One line a sample count, in increasing order; no sample count twice.
    public let lines: [Line]
    /// The sample count that was asked for.
    public let asked: Int

    /// What the pilot was and what work costs.
    public struct Setting: Hashable, Sendable {
        /// How many inputs the pilot counted.
        public var pilotInputs: Int
        /// How many estimation samples it took of each.
        public var pilotSamples: Int
        /// In how many of the inputs all of them agreed.
        public var unanimousInputs: Int
        /// How many samples a worker counted in a second.
        public var samplesPerSecond: Double
        /// The numbers of workers to plan for: one to three.
        public var workers: [Int]
        /// What a worker costs an hour, in any currency; nil: unknown.
        public var pricePerHour: Double?

        /// Assembles the setting from its parts.
        public init(
            pilotInputs: Int, pilotSamples: Int, unanimousInputs: Int, samplesPerSecond: Double,
            workers: [Int], pricePerHour: Double?
        ) {
            self.pilotInputs = pilotInputs
            self.pilotSamples = pilotSamples
            self.unanimousInputs = unanimousInputs
            self.samplesPerSecond = samplesPerSecond
            self.workers = workers
            self.pricePerHour = pricePerHour
        }
    }

    /// The forecasts for one number of estimation samples.
    public struct Line: Hashable, Sendable {
        /// With all samples, by the rule that was asked for.
        public let fixed: CampaignForecast
        /// With all samples, by the other rule; nil where that could only abstain.
        public let otherRule: CampaignForecast?
        /// With the stopping that was asked for; nil: none, or it cannot decide.
        public let early: CampaignForecast?

        /// Assembles the line from its parts.
        public init(
            fixed: CampaignForecast, otherRule: CampaignForecast?, early: CampaignForecast?
        ) {
            self.fixed = fixed
            self.otherRule = otherRule
            self.early = early
        }

        /// The number of estimation samples of each input.
        public var samples: Int { fixed.plan.estimationSamples }
    }

    /// Assembles the report; there is a line for `asked`.
    public init(setting: Setting, lines: [Line], asked: Int) {
        precondition(lines.contains { $0.samples == asked }, "what was asked for has a line")
        precondition(!setting.workers.isEmpty && setting.samplesPerSecond > 0, "somebody counts")
        self.setting = setting
        self.lines = lines
        self.asked = asked
    }

    private var askedLine: Line {
        lines.first { $0.samples == asked } ?? lines[0]
    }

    /// The plan that was asked for, without its stopping.
    public var plan: CertificationPlan { askedLine.fixed.plan }
}

// The tables
// ----------

extension ForecastReport {
    /// The tables with what they mean, in at most 80 columns.
    public var text: String {
        [whatMayBeCertified, whatItTakes, whatStoppingSaves, advice, limitOfThePilot]
            .compactMap(\.self).joined(separator: "\n\n")
    }

    private var whatMayBeCertified: String {
        let rule = plan.rule
        let other: CertificationRule = rule == .cohen ? .runnerUp : .cohen
        let heads = [
            "  sigma \(plan.sigma), " + errorText + ", \(askedLine.fixed.inputs) inputs",
            "",
            Row.line([
                ("", 10), ("by the rule \(rule.rawValue)", 43), (other.rawValue, 25),
            ]),
            Row.line([
                ("samples", 10), ("ceiling", 9), ("radius", 9), ("about 80 %", 15),
                ("certified", 10), ("ceiling", 9), ("radius", 8), ("certified", 10),
            ]),
        ]
        return (heads + lines.map(certified)).joined(separator: "\n")
    }

    private var errorText: String {
        if let family = plan.error.family { return "alpha \(family.alpha) for all" }
        return "alpha \(plan.error.alpha)"
    }

    private func certified(_ line: Line) -> String {
        let (fixed, other) = (line.fixed, line.otherRule)
        let band =
            Row.decimal(fixed.meanRadius.low, 3) + "-" + Row.decimal(fixed.meanRadius.high, 3)
        return Row.line([
            (mark(line), 10), (Row.ceiling(fixed), 9),
            (Row.decimal(fixed.meanRadius.expected, 3), 9), (band, 15),
            (Row.percent(fixed.certifiedShare.expected), 10),
            (other.map(Row.ceiling) ?? "-", 9),
            (other.map { Row.decimal($0.meanRadius.expected, 3) } ?? "-", 8),
            (other.map { Row.percent($0.certifiedShare.expected) } ?? "-", 10),
        ])
    }

    private var whatItTakes: String {
        let workers = setting.workers
        var heads = [
            "  all samples, and wall times at \(Row.whole(setting.samplesPerSecond)) samples a second "
                + "for each worker"
        ]
        if let price = setting.pricePerHour { heads.append("  cost at \(price) a worker-hour") }
        heads += [
            "",
            Row.line(
                [("samples", 10), ("in all", 13)]
                    + workers.map { (Row.workers($0), 15) }
                    + (setting.pricePerHour == nil ? [] : [("cost", 12)])),
        ]
        return (heads + lines.map { effort(mark($0), $0.fixed) }).joined(separator: "\n")
    }

    private func effort(_ name: String, _ forecast: CampaignForecast) -> String {
        Row.line(
            [(name, 10), (Row.whole(forecast.totalSamples), 13)]
                + setting.workers.map { (Row.duration(seconds(forecast, workers: $0)), 15) }
                + (cost(forecast).map { [(Row.money($0), 12)] } ?? []))
    }

    private var whatStoppingSaves: String? {
        guard let first = lines.lazy.compactMap(\.early).first else { return nil }
        let workers = setting.workers[0]
        let heads = [
            "  " + Row.stopping(first.plan.stopping) + ": the samples are the most of any input",
            "",
            Row.line(
                [
                    ("samples", 10), ("certified", 11), ("an input", 12), ("fewer", 10),
                    ("in all", 14), (Row.workers(workers), 12),
                ] + (setting.pricePerHour == nil ? [] : [("cost", 11)])),
        ]
        return (heads + lines.map { saving($0, workers: workers) }).joined(separator: "\n")
    }

    private func saving(_ line: Line, workers: Int) -> String {
        guard let early = line.early else {
            return Row.line([(mark(line), 10), ("out of reach", 23)])
        }
        let times = line.fixed.samplesPerInput / early.samplesPerInput
        return Row.line(
            [
                (mark(line), 10), (Row.percent(early.certifiedShare.expected), 11),
                (Row.whole(early.samplesPerInput), 12), (Row.decimal(times, 1) + " x", 10),
                (Row.whole(early.totalSamples), 14),
                (Row.duration(seconds(early, workers: workers)), 12),
            ] + (cost(early).map { [(Row.money($0), 11)] } ?? []))
    }

    private func mark(_ line: Line) -> String {
        (line.samples == asked ? "* " : "") + String(line.samples)
    }

    private func seconds(_ forecast: CampaignForecast, workers: Int) -> Double {
        forecast.seconds(workers: workers, samplesPerSecondEach: setting.samplesPerSecond)
    }

    private func cost(_ forecast: CampaignForecast) -> Double? {
        setting.pricePerHour.map { $0 * seconds(forecast, workers: 1) / 3600 }
    }
}

// The advice
// ----------

extension ForecastReport {
    /// One sentence: what ten times the samples that were asked for would buy.
    public var advice: String {
        guard let more = lines.first(where: { $0.samples == 10 * asked })?.fixed,
            let before = askedLine.fixed.ceiling, let after = more.ceiling
        else {
            return Row.wrapped(
                "A plan with ten times the samples, \(10 * asked) of each input, is refused: "
                    + "\(CertificationPlan.maximumSamples) are the most, and the noise may cost "
                    + "a thousandth of alpha.")
        }
        let fixed = askedLine.fixed
        let times = more.totalSamples / fixed.totalSamples
        let workers = setting.workers[0]
        let (now, then) = (
            Row.duration(seconds(fixed, workers: workers)),
            Row.duration(seconds(more, workers: workers))
        )
        let price =
            if let now = cost(fixed), let then = cost(more) {
                " and a cost of \(Row.money(then)) instead of \(Row.money(now))"
            } else {
                ""
            }
        return Row.wrapped(
            "Ten times the samples, \(more.plan.estimationSamples) of each input instead of "
                + "\(asked), may raise the largest radius by "
                + "\(Row.decimal(after.value - before.value, 3)) to \(after.decimal(places: 3)), "
                + "the mean radius by \(gain(fixed, more, \.expected)) (by "
                + "\(gain(fixed, more, \.high)) at the upper ends of the bands) and the share "
                + "of certified inputs by "
                + "\(Row.points(fixed.certifiedShare, more.certifiedShare)), for "
                + "\(Row.decimal(times, 1)) times the time: \(then) instead of \(now) with "
                + "\(Row.workers(workers))\(price).")
    }

    private func gain(
        _ before: CampaignForecast, _ after: CampaignForecast,
        _ end: KeyPath<ForecastMean, Double>
    ) -> String {
        let (now, then) = (before.meanRadius[keyPath: end], after.meanRadius[keyPath: end])
        guard now > 0 else { return Row.decimal(then, 3) }
        return Row.decimal(100 * (then / now - 1), 1) + " %"
    }

    /// Where the pilot has too few samples for what is asked; nil: nowhere.
    private var limitOfThePilot: String? {
        guard setting.unanimousInputs > 0, asked > setting.pilotSamples else { return nil }
        return Row.wrapped(
            "In \(setting.unanimousInputs) of the pilot's \(setting.pilotInputs) inputs all "
                + "\(setting.pilotSamples) samples agreed. It cannot tell how near to 1 their "
                + "probabilities are, so that the mean radius is rather understated beyond "
                + "\(10 * setting.pilotSamples) samples; --pilot-samples "
                + "\(10 * setting.pilotSamples) shows more.")
    }
}

// For scripts
// -----------

extension ForecastReport {
    /// The report as a value for scripts.
    public var json: JSON {
        [
            "sigma": .number(plan.sigma),
            "rule": .string(plan.rule.rawValue),
            "samples": .integer(asked),
            "inputs": .integer(askedLine.fixed.inputs),
            "pilot": [
                "inputs": .integer(setting.pilotInputs),
                "samples": .integer(setting.pilotSamples),
                "unanimousInputs": .integer(setting.unanimousInputs),
                "samplesPerWorkerSecond": .number(setting.samplesPerSecond),
                "usedInCampaign": .bool(false),
            ],
            "pricePerWorkerHour": setting.pricePerHour.map { .number($0) } ?? .null,
            "forecasts": .array(
                lines.flatMap { [$0.fixed] + [$0.otherRule, $0.early].compactMap(\.self) }
                    .map(member)),
            "advice": .string(advice.replacing("\n", with: " ")),
        ]
    }

    private func member(_ forecast: CampaignForecast) -> JSON {
        [
            "samples": .integer(forecast.plan.estimationSamples),
            "rule": .string(forecast.plan.rule.rawValue),
            "stopping": forecast.plan.stopping == .atTheCap
                ? .null : .string(Row.stopping(forecast.plan.stopping)),
            "alpha": .number(forecast.plan.error.alpha),
            "ceiling": forecast.ceiling.map { .decimal($0.description) } ?? .null,
            "meanRadius": member(forecast.meanRadius),
            "certifiedShare": member(forecast.certifiedShare),
            "samplesPerInput": .number(forecast.samplesPerInput),
            "totalSamples": .number(forecast.totalSamples),
            "wallTimes": .array(
                setting.workers.map {
                    [
                        "workers": .integer($0),
                        "seconds": .number(seconds(forecast, workers: $0)),
                    ]
                }),
            "cost": cost(forecast).map { .number($0) } ?? .null,
        ]
    }

    private func member(_ mean: ForecastMean) -> JSON {
        [
            "expected": .number(mean.expected), "low": .number(mean.low),
            "high": .number(mean.high),
        ]
    }
}

/// The cells of a line. Forecasts are to nearest, for they claim nothing; a ceiling is rounded down.
enum Row {
    static func line(_ cells: [(text: String, width: Int)]) -> String {
        cells.map { String(repeating: " ", count: max(0, $0.width - $0.text.count)) + $0.text }
            .joined()
    }

    static func ceiling(_ forecast: CampaignForecast) -> String {
        forecast.ceiling?.decimal(places: 4) ?? "-"
    }

    static func decimal(_ number: Double, _ places: Int) -> String {
        DecimalText.nearest(number, places: places)
    }

    static func percent(_ share: Double) -> String { decimal(100 * share, 1) + " %" }

    static func points(_ before: ForecastMean, _ after: ForecastMean) -> String {
        decimal(100 * (after.expected - before.expected), 1) + " points"
    }

    static func whole(_ number: Double) -> String { decimal(number, 0) }

    static func workers(_ number: Int) -> String { number == 1 ? "1 worker" : "\(number) workers" }

    /// Two places, and two digits at least of what is less than one; none of thousands.
    static func money(_ amount: Double) -> String {
        guard amount < 1000 else { return whole(amount) }
        var places = 2
        var smallest = 0.1
        while amount > 0, amount < smallest, places < 9 {
            (places, smallest) = (places + 1, smallest / 10)
        }
        return decimal(amount, places)
    }

    static func duration(_ seconds: Double) -> String {
        switch seconds {
        case ..<99.5: decimal(seconds, seconds < 9.95 ? 1 : 0) + " s"
        case ..<5970: decimal(seconds / 60, seconds < 597 ? 1 : 0) + " min"
        case ..<172_800: decimal(seconds / 3600, 1) + " h"
        default: decimal(seconds / 86_400, seconds < 864_000 ? 1 : 0) + " days"
        }
    }

    static func stopping(_ stopping: Stopping) -> String {
        switch stopping {
        case .atTheCap, .predictedAtTheCap: "all samples"
        case .whenHopeless: "giving up early"
        case .whenPredicted: "predicting"
        case .whenDecided(let radius): "deciding at radius \(radius)"
        case .whenPrecise(let width): "to within \(width) of the radius at the cap"
        }
    }

    /// An item of a list, its further lines indented.
    static func item(_ sentence: String) -> String {
        "- " + wrapped(sentence, width: 78).replacing("\n", with: "\n  ")
    }

    /// Lines of at most 80 columns.
    static func wrapped(_ sentence: String, width: Int = 80) -> String {
        var lines = [""]
        for word in sentence.split(separator: " ") {
            let line = lines[lines.count - 1]
            if line.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if line.count + 1 + word.count <= width {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines.joined(separator: "\n")
    }
}

/// Sentences on lines that a terminal shows whole.
public enum Paragraph {
    /// The words of sentences, on lines of at most 90 columns.
    public static func lines(_ sentences: String) -> [String] {
        Row.wrapped(sentences, width: 90).split(separator: "\n").map(String.init)
    }
}

/// Decimal numbers that claim nothing.
enum DecimalText {
    /// The number to nearest, with so many places; for numbers below 10^15.
    static func nearest(_ number: Double, places: Int) -> String {
        let scale = (0..<places).reduce(1.0) { power, _ in power * 10 }
        let digits = Int(min(9e18, (abs(number) * scale).rounded()))
        let sign = number < 0 && digits > 0 ? "-" : ""
        guard places > 0 else { return sign + String(digits) }
        let (whole, rest) = digits.quotientAndRemainder(dividingBy: Int(scale))
        let fraction = String(rest)
        return sign + "\(whole)."
            + String(repeating: "0", count: places - fraction.count) + fraction
    }
}
