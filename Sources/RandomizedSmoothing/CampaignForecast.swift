import ConfidenceBounds

// What a campaign may come to
// ===========================
//
// A pilot counts a few inputs with a key of its own. Nothing that it counts is used by the campaign, so
// that it spends nothing of alpha; and what follows from it is a forecast and claims nothing.
//
// Of each input the pilot knows that k of its m estimation samples were of the selected class, and
// that the most frequent other class had b. Its probabilities are read from that three times, by Clopper
// and Pearson's bounds:
//
//     low       pA from below at 0.1, pB from above at 0.1
//     middle    pA from below at 0.5, pB from above at 0.5
//     high      pA from above at 0.1, pB from below at 0.1
//
// The middle reading is the probability for which the counts, or better ones, are as likely as not: when
// all 1000 samples agree it is 0.5^(1/1000) = 0.9993 and not 1, which no pilot can know. Each reading is
// replayed: the rule of the plan sees the expected counts, rounded to whole samples, at one checkpoint
// after the other.
//
// The band of a mean goes from that of the low readings less 1.2816 standard errors to that of the high
// readings plus 1.2816, for the choice of the inputs; about 80 %, and rather wide than narrow, since all
// readings move together.

/// What a pilot counted for one input.
public struct PilotCounts: Hashable, Sendable {
    /// The counts that chose the class.
    public let selection: ClassCounts
    /// The counts of further samples.
    public let estimation: ClassCounts

    /// Whether all estimation samples were of the selected class.
    public var isUnanimous: Bool {
        selection.mode.map { estimation.values[$0] == estimation.samples } ?? false
    }

    /// Counts of two classes or more, at least one sample of each phase.
    public init(selection: ClassCounts, estimation: ClassCounts) {
        precondition(selection.samples > 0 && estimation.samples > 0, "a pilot has samples")
        precondition(estimation.values.count > 1, "a classifier has two classes")
        self.selection = selection
        self.estimation = estimation
    }
}

/// A mean over the inputs of a campaign, as a pilot lets expect it: a forecast, not a bound.
public struct ForecastMean: Hashable, Sendable {
    /// What is expected.
    public let expected: Double
    /// The lower end of a band of about 80 %.
    public let low: Double
    /// The upper end of the band.
    public let high: Double
}

/// What a plan would come to on a data set of which a pilot counted some inputs.
///
/// The distance of float data from their grid is left out of the radii.
public struct CampaignForecast: Hashable, Sendable {
    /// The plan.
    public let plan: CertificationPlan
    /// How many inputs the campaign has.
    public let inputs: Int
    /// The largest radius that the plan can certify, that of unanimous counts; nil: none.
    public let ceiling: Radius?
    /// The certified radius, 0 where there is none, averaged over all inputs.
    public let meanRadius: ForecastMean
    /// The share of inputs with a certificate.
    public let certifiedShare: ForecastMean
    /// How many samples an input takes on average, those that select the class included.
    public let samplesPerInput: Double

    /// Replays the plan on the pilot's inputs.
    ///
    /// - Parameters:
    ///   - plan: the plan.
    ///   - pilot: counts of at least one input, all of the same number of classes.
    ///   - inputs: how many inputs the campaign has; not fewer than the pilot.
    public init(of plan: CertificationPlan, from pilot: [PilotCounts], inputs: Int) throws {
        precondition(!pilot.isEmpty && inputs >= pilot.count, "a pilot counts some of the inputs")
        self.plan = plan
        self.inputs = inputs
        ceiling = try plan.largestRadius()
        var replay = try Replay(plan, classes: pilot[0].estimation.values.count)
        var outcomes: [PilotReading: [Replay.Outcome]] = [:]
        for reading in PilotReading.allCases {
            outcomes[reading] = try pilot.map { try replay.outcome(of: reading.frequencies($0)) }
        }
        func mean(_ value: (Replay.Outcome) -> Double, atMost most: Double) -> ForecastMean {
            let (low, middle, high) = (
                outcomes[.low, default: []].map(value), outcomes[.middle, default: []].map(value),
                outcomes[.high, default: []].map(value)
            )
            let (below, above) = (
                1.2816 * standardError(low, of: inputs), 1.2816 * standardError(high, of: inputs)
            )
            return ForecastMean(
                expected: average(middle), low: max(0, average(low) - below),
                high: min(most, average(high) + above))
        }
        meanRadius = mean(\.radius, atMost: ceiling?.value ?? 0)
        certifiedShare = mean({ $0.radius > 0 ? 1 : 0 }, atMost: 1)
        samplesPerInput =
            Double(plan.selectionSamples)
            + average(outcomes[.middle, default: []].map { Double($0.samples) })
    }

    /// How many samples the campaign takes.
    public var totalSamples: Double { samplesPerInput * Double(inputs) }

    /// How long the campaign takes, in seconds, when each worker counts so many samples a second.
    public func seconds(workers: Int, samplesPerSecondEach rate: Double) -> Double {
        totalSamples / (rate * Double(workers))
    }
}

/// How the probabilities of an input are read from the counts of a pilot.
enum PilotReading: CaseIterable {
    case low, middle, high

    /// The probability of the selected class and that of the most frequent other one.
    func frequencies(_ counts: PilotCounts) throws -> ExpectedFrequencies {
        let selected = counts.selection.mode ?? 0
        let trials = counts.estimation.samples
        let leading = counts.estimation.values[selected]
        let runnerUp = counts.estimation.largestCount(except: selected)
        let tail = self == .middle ? 0.5 : 0.1
        func below(_ successes: Int) throws -> Double {
            try ClopperPearson.lowerBound(
                successes: successes, trials: trials, failureProbability: tail
            ).value.value
        }
        func above(_ successes: Int) throws -> Double {
            try ClopperPearson.upperBound(
                successes: successes, trials: trials, failureProbability: tail
            ).value.value
        }
        let (first, second) =
            self == .high
            ? (try above(leading), try below(runnerUp)) : (try below(leading), try above(runnerUp))
        return ExpectedFrequencies(
            leading: first, runnerUp: second, classes: counts.estimation.values.count)
    }
}

/// The probabilities of the selected class and of the most frequent other one.
struct ExpectedFrequencies {
    let leading: Double
    let runnerUp: Double
    let classes: Int

    /// The expected counts of so many samples, rounded to whole ones: class 0 is the selected class, and
    /// no other class has more than class 1.
    func counts(of samples: Int) -> ClassCounts {
        let first = Int((Double(samples) * leading).rounded())
        var rest = samples - first
        let fewest = (rest + classes - 2) / (classes - 1)
        let most = max(fewest, min(rest, Int((Double(samples) * runnerUp).rounded())))
        var values = [first]
        for _ in 1..<classes {
            values.append(min(most, rest))
            rest -= min(most, rest)
        }
        return ClassCounts(values)
    }
}

/// A plan that is fed expected counts instead of samples.
private struct Replay {
    struct Outcome {
        let radius: Double
        let samples: Int
    }

    private let plan: CertificationPlan
    private var certifier: SequentialCertifier

    init(_ plan: CertificationPlan, classes: Int) throws {
        self.plan = plan
        certifier = try SequentialCertifier(plan, classes: classes)
    }

    mutating func outcome(of frequencies: ExpectedFrequencies) throws -> Outcome {
        let selection = frequencies.selection
        var counts = frequencies.counts(of: plan.estimationSamples)
        for checkpoint in plan.checkpoints {
            counts = frequencies.counts(of: checkpoint)
            if try certifier.isDecided(selection: selection, estimation: counts) { break }
        }
        let certification = try certifier.certify(selection: selection, estimation: counts)
        guard case .certified(_, let radius) = certification.decision else {
            return Outcome(radius: 0, samples: counts.samples)
        }
        return Outcome(radius: radius.value, samples: counts.samples)
    }
}

extension ExpectedFrequencies {
    fileprivate var selection: ClassCounts {
        ClassCounts([1] + Array(repeating: 0, count: classes - 1))
    }
}

private func average(_ values: [Double]) -> Double {
    values.reduce(0, +) / Double(values.count)
}

/// The standard error of the mean of some of so many inputs, drawn without replacement; 0 for one.
private func standardError(_ values: [Double], of inputs: Int) -> Double {
    guard values.count > 1 else { return 0 }
    let mean = average(values)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let (count, all) = (Double(values.count), Double(inputs))
    return (squares / (count - 1) / count * (1 - count / all)).squareRoot()
}
