import ConfidenceBounds

// The best of several noise levels
// ================================
//
// A larger sigma certifies larger radii where the classifier stands the noise, and less elsewhere; which
// one is best for an input is seen only in its counts. To certify at each of k noise levels with all of
// alpha and to report the largest radius would be wrong up to k times as often as was said: what was
// published at one level cannot be split afterwards. Declared beforehand it can:
//
// Theorem (union bound). Let the certificate of one input at noise level sigma_j be false with
// probability at most alpha/k, for j = 1 ... k. Then any of them is false with probability at most
// alpha, however the levels depend on one another; and so is the one that is reported, whatever rule
// chooses it from the counts.
//
// What is claimed is that of the level that was chosen: g_sigma, the classifier smoothed at that sigma,
// answers its class within its radius. Classifiers smoothed at different levels are different ones, and
// may answer different classes: each level selects its own class from its own selection samples.
//
// Since the bound asks for no independence, all levels use one noise key. Inputs still share no stream
// (law 3), so that the reported certificates of different inputs fail independently, each with probability
// at most alpha, and as many of a batch may be false as without a choice.

/// The noise levels at which each input is certified, and how they share its failure probability.
public struct AlphaSplit: Hashable, Sendable {
    /// The failure probability of each input at all levels together; with a family, of all inputs.
    public let alpha: Double
    /// The noise levels, in the order in which they were named.
    public let sigmas: [Double]

    /// The most noise levels.
    public static let mostLevels = 16

    /// Shares alpha equally among at least one noise level.
    public init(alpha: Double, sigmas: [Double]) {
        precondition(!sigmas.isEmpty, "alpha is shared among somebody")
        self.alpha = alpha
        self.sigmas = sigmas
    }

    /// The failure probability at each level: alpha / k, rounded down.
    public var share: Double { MultipleTesting.share(of: alpha, among: sigmas.count) }

    /// The place of the record that is reported: the largest radius, by the twelve places that are
    /// written; of equal ones the first; and the first of all when nothing is certified.
    ///
    /// - Parameter radii: those of one input, in the order of the levels; nil for an abstention.
    public static func best(of radii: [Radius?]) -> Int {
        best(of: radii.map { radius in radius.flatMap { Double($0.description) } ?? 0 })
    }

    /// The same of radii as they are written.
    ///
    /// - Parameter digits: the doubles nearest to them; 0 for an abstention.
    public static func best(of digits: [Double]) -> Int {
        digits.indices.dropFirst().reduce(0) { digits[$1] > digits[$0] ? $1 : $0 }
    }
}
