public import CertificateRecords
import RandomizedSmoothing

/// What the certificates of a campaign amount to, radius by radius, or its predictions, as a table for
/// a terminal.
public struct CertificationSummary: Sendable {
    /// How many inputs were decided.
    public private(set) var inputs = 0
    /// How many of them had a known label.
    public private(set) var labelled = 0
    /// How many have a certificate.
    public var certified: Int { radii.count }
    /// How many of the certificates are for the true label.
    public var certifiedCorrectly: Int { correctRadii.count }

    /// The mean certified radius of all inputs, 0 for an abstention, with four places, rounded down.
    public var meanRadius: String {
        // Billionths in whole numbers: the one that a product may be rounded up by is taken off.
        let sum = radii.reduce(0) { $0 + max(0, Int($1.value * 1e9) - 1) }
        let places = inputs == 0 ? 0 : sum / inputs / 100_000
        let fraction = String(places % 10_000)
        return "\(places / 10_000)." + String(repeating: "0", count: 4 - fraction.count) + fraction
    }

    /// How many have a predicted class instead.
    public private(set) var predicted = 0
    /// How many of the predictions are the true label.
    public private(set) var predictedCorrectly = 0

    private var samplesOfInputs: [Int] = []
    private var radii: [Radius] = []
    private var correctRadii: [Radius] = []
    private var selectedCorrectly = 0
    private var samples = 0
    private var samplesWithLabel = 0
    private var abstentions: [AbstentionReason: Int] = [:]
    private var classCount = 0

    /// The summary of no records.
    public init() {}

    /// Takes one more record into account.
    public mutating func add(_ record: CertificateRecord) {
        inputs += 1
        estimationSamples += record.estimation.samples
        samplesOfInputs.append(record.selection.samples + record.estimation.samples)
        classCount = record.estimation.values.count
        if let further = record.certification.furtherSamples {
            leftByBudget.inputs += 1
            leftByBudget.furtherSamples += further
        }
        switch record.certification.decision {
        case .certified(_, let radius):
            radii.append(radius)
            if record.isCorrect { correctRadii.append(radius) }
        case .predicted:
            predicted += 1
            if record.isCorrect { predictedCorrectly += 1 }
        case .abstained(_, let reason): abstentions[reason, default: 0] += 1
        }
        guard let label = record.label else { return }
        labelled += 1
        if record.certification.selectedClass == label { selectedCorrectly += 1 }
        samples += record.estimation.samples
        samplesWithLabel += record.estimation.values[label]
    }

    /// The line at one radius.
    public func table(at radius: Double) -> String {
        [heading, line(at: radius)].joined(separator: "\n")
    }

    /// The table of a campaign that predicts.
    public var predictionTable: String {
        let abstained = percent(inputs - predicted, of: inputs, roundingUp: true)
        let share = pad(percent(predicted, of: inputs), 11)
        guard labelled > 0 else {
            return "  predicted   abstention\n" + share + pad(abstained, 13)
        }
        let precision = predicted == 0 ? "-" : percent(predictedCorrectly, of: predicted)
        return "  predicted   accuracy   accuracy of predictions   abstention\n" + share
            + pad(percent(predictedCorrectly, of: inputs), 11) + pad(precision, 26)
            + pad(abstained, 13)
    }

    /// How many samples of both phases the records rest on.
    public var totalSamples: Int { samplesOfInputs.reduce(0, +) }

    /// How many inputs a budget left undecided, and about how many samples more would have decided them.
    public private(set) var leftByBudget = (inputs: 0, furtherSamples: 0)

    /// How many samples of both phases the records rest on, an input: the median (of an even number of
    /// inputs the larger one of the middle two), the mean rounded up, and the most; nil without inputs.
    public var samplesAnInput: (median: Int, mean: Int, most: Int)? {
        let sorted = samplesOfInputs.sorted()
        guard let most = sorted.last else { return nil }
        let mean = (sorted.reduce(0, +) + sorted.count - 1) / sorted.count
        return (sorted[sorted.count / 2], mean, most)
    }

    /// How many estimation samples the records rest on.
    public private(set) var estimationSamples = 0

    /// The share of noisy samples that got the true label; nil when no label is known.
    public var noisyAccuracy: Double? {
        samples == 0 ? nil : Double(samplesWithLabel) / Double(samples)
    }

    /// How many certificates are at least so large, and how many of these are for the true label.
    public func counts(at radius: Double) -> (certified: Int, correct: Int) {
        (radii.count { $0.value >= radius }, correctRadii.count { $0.value >= radius })
    }

    /// The radii of a table, from 0 in steps that suit `largest`, the radius of unanimous counts.
    public static func radii(upTo largest: Double) -> [Double] {
        let step = step(for: largest)
        var radii = [0.0]
        while Double(radii.count) * step < largest { radii.append(Double(radii.count) * step) }
        return radii
    }

    /// One line a radius, from 0 in steps that suit `largest`, the radius of unanimous counts.
    ///
    /// Shares are rounded down where more claims more (certified, accuracy, precision) and up where
    /// less does (abstained).
    public func table(upTo largest: Double) -> String {
        ([heading] + CertificationSummary.radii(upTo: largest).map(line)).joined(separator: "\n")
    }

    /// A sentence for a campaign whose accuracy under noise is near chance, and why that usually
    /// is; nil when it is not, or no label is known.
    ///
    /// Near chance is nearer than 15 % of the way from 1 / classes to 1.
    public var warning: String? {
        guard let noisyAccuracy, classCount > 1 else { return nil }
        let chance = 1 / Double(classCount)
        guard noisyAccuracy < chance + 0.15 * (1 - chance) else { return nil }
        return
            "Only \(percent(samplesWithLabel, of: samples)) of the noisy samples got the true label"
            + ", and guessing gets \(percent(1, of: classCount)): most often the model was not "
            + "trained with noise of this level, or it expects the inputs in another scale "
            + "(see --sigma, --scale, --mean and --std)."
    }

    private var heading: String {
        labelled > 0
            ? "  radius   certified   certified accuracy   certificate precision   abstention"
            : "  radius   certified   abstention"
    }

    private func line(at radius: Double) -> String {
        let (certified, correct) = counts(at: radius)
        let abstained = percent(inputs - certified, of: inputs, roundingUp: true)
        let first =
            "  " + pad(CertificationSummary.short(radius), 6)
            + pad(percent(certified, of: inputs), 12)
        guard labelled > 0 else { return first + pad(abstained, 12) }
        let precision = certified == 0 ? "-" : percent(correct, of: certified)
        return first + pad(percent(correct, of: inputs), 21) + pad(precision, 24)
            + pad(abstained, 12)
    }

    private func percent(_ part: Int, of whole: Int, roundingUp: Bool = false) -> String {
        guard whole > 0 else { return "-" }
        let (quotient, rest) = (part * 1000).quotientAndRemainder(dividingBy: whole)
        let tenths = quotient + (roundingUp && rest > 0 ? 1 : 0)
        return "\(tenths / 10).\(tenths % 10) %"
    }

    /// The radius of a line, to nearest: a question, not a claim.
    private static func short(_ radius: Double) -> String {
        let rounded = (radius * 10_000).rounded() / 10_000
        return rounded.description
    }

    private func pad(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// 1, 2.5 or 5 times a power of ten, so that about seven lines are printed.
    static func step(for largest: Double) -> Double {
        guard largest > 0, largest.isFinite else { return 1 }
        var power = 1.0
        while power * 10 <= largest { power *= 10 }
        while power > largest { power /= 10 }
        let candidates = [0.1, 0.25, 0.5, 1, 2.5].map { $0 * power }
        return candidates.first { largest / $0 <= 9 } ?? power
    }
}
