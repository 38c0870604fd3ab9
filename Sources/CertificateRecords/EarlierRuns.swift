import ConfidenceBounds
public import Digests

// What alpha is worth when there were other runs
// ==============================================
//
// A run claims something false of an input with probability at most alpha. Whoever runs again with
// fresh noise, and may publish whichever run came out better, has two chances: what is published is
// false with probability at most the *sum* of the two alphas, and with no less in general. The sum is
// right whatever decided that there be a second run, since its noise is independent of the first one:
// given all that the first run showed, the second one errs with probability at most its own alpha.
//
// Two looks at the same noise (the same key, another plan) add up too, by the union bound, as long as
// the second plan was not made to fit the counts of the first. If it was, the sum may be exceeded: a
// number of samples that is chosen after a look at the first part can raise the error to
// alpha + exp(-z^2/2)/4 with z the normal quantile of 1 - alpha (Proschan and Hunsberger, Biometrics 51,
// 1995): for alpha = 0.001 to 0.0031, where the sum says 0.002. Records say that this is assumed.
//
// Looks that one and the same event covers, because their bounds hold at all of them together, are
// charged once: a reproduction, and a rule that may be looked at at any time going on.

/// The other runs that sampled inputs of a campaign with the same classifier and mechanism, as far as
/// a ledger knows them: part of the manifest.
public struct EarlierRuns: Hashable, Sendable {
    /// Whether a ledger was looked at.
    public let isKnown: Bool
    /// The runs that are charged beside the campaign's own, in the order of the ledger.
    public let runs: [EarlierRun]
    /// For each input that was sampled before, by its index in the data set, the sum of their alphas,
    /// rounded up.
    private let sums: [Int: UpperBound]
    private let looksAgain: Set<Int>

    /// There are none.
    public static let none = EarlierRuns([])
    /// Nobody looked: no ledger was kept.
    public static let unknown = EarlierRuns([], isKnown: false)

    /// Those that a ledger knows.
    public init(_ runs: [EarlierRun]) { self.init(runs, isKnown: true) }

    /// Those of the parts of a merged run, which are of different inputs.
    init(ofParts parts: [EarlierRuns]) {
        self.init(parts.flatMap(\.runs), isKnown: parts.allSatisfy(\.isKnown))
    }

    private init(_ runs: [EarlierRun], isKnown: Bool) {
        self.isKnown = isKnown
        self.runs = runs
        var sums: [Int: UpperBound] = [:]
        var looksAgain: Set<Int> = []
        for run in runs {
            for index in run.indices {
                sums[index, default: UpperBound(proved: 0)] =
                    sums[index, default: UpperBound(proved: 0)] + UpperBound(proved: run.alpha)
            }
            if run.noise == .same { looksAgain.formUnion(run.indices) }
        }
        self.sums = sums
        self.looksAgain = looksAgain
    }

    /// The alphas of all runs on an input, its own among them; nil: there is no other one.
    public func alpha(_ own: Double, summedAt index: Int) -> Double? {
        sums[index].map { ($0 + UpperBound(proved: own)).value }
    }

    /// The largest sum of any input of a campaign; `own` when there are no other runs.
    public func largestAlpha(_ own: Double) -> Double {
        sums.values.max().map { ($0 + UpperBound(proved: own)).value } ?? own
    }

    /// The chance that anything at all is false that this campaign claims at once, or that the others
    /// claim of the same inputs.
    public func familyAlpha(_ own: Double) -> Double {
        let others = runs.map {
            UpperBound(proved: $0.alpha).multiplied(byExactly: Double($0.indices.count))
        }
        return others.reduce(UpperBound(proved: own), +).value
    }

    /// Whether the samples of an input were looked at before, by another plan.
    public func looksAgain(at index: Int) -> Bool { looksAgain.contains(index) }

    /// What the manifest says; nil when there is nothing to say.
    var member: JSON? {
        guard isKnown else { return "not looked for" }
        return runs.isEmpty ? nil : .array(runs.map(\.member))
    }
}

/// A run of the same classifier with the same mechanism on some of the same inputs.
public struct EarlierRun: Hashable, Sendable {
    /// The seal of its manifest.
    public let campaign: Digest
    /// Whether it drew the same noise.
    public let noise: Noise
    /// The failure probability of each of its inputs.
    public let alpha: Double
    /// The inputs that it has in common with the campaign: their indices there, in its order.
    public let indices: [Int]

    /// The noise of a run beside that of another.
    public enum Noise: String, Sendable {
        /// Drawn anew.
        case other
        /// The same streams, looked at by another plan.
        case same
    }

    /// Assembles the run from its parts.
    public init(campaign: Digest, noise: Noise, alpha: Double, indices: [Int]) {
        self.campaign = campaign
        self.noise = noise
        self.alpha = alpha
        self.indices = indices
    }

    fileprivate var member: JSON {
        [
            "campaign": .string(campaign.hex),
            "noise": .string(noise.rawValue),
            "alpha": .number(alpha),
            "indices": JSON.indices(indices),
        ]
    }
}
