import CertificateRecords
public import CertificationReports
import RandomizedSmoothing

/// What campaigns at several noise levels come to: the records that are reported, and how often each
/// level had the best one.
public struct NoiseLevelsReport {
    /// What the reported records amount to.
    public private(set) var summary = CertificationSummary()
    /// What the best records would amount to if every input had the whole of a shared alpha; nil when
    /// nothing is shared.
    public private(set) var unsharedSummary: CertificationSummary?
    /// The levels, in the order in which they were named.
    public private(set) var levels: [Level]

    /// One noise level.
    public struct Level {
        /// The noise level.
        public let sigma: Double
        /// What its own records amount to.
        public fileprivate(set) var summary = CertificationSummary()
        /// How many of the reported certificates are its.
        public fileprivate(set) var reported = 0
    }

    init(sigmas: [Double]) { levels = sigmas.map { Level(sigma: $0) } }

    /// Takes the records of one input into account, one of each level.
    mutating func add(_ records: [CertificateRecord], best: Int, alone: [CertificateRecord]) {
        summary.add(records[best])
        for place in levels.indices { levels[place].summary.add(records[place]) }
        if records[best].radius != nil { levels[best].reported += 1 }
        guard !alone.isEmpty else { return }
        unsharedSummary = unsharedSummary ?? CertificationSummary()
        unsharedSummary?.add(alone[AlphaSplit.best(of: alone.map(\.radius))])
    }
}
