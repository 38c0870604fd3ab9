import CertificateRecords
import ConfidenceBounds
import RandomizedSmoothing
import RunFolders

/// What has to be known of all records before any can be made again: some plans decide about an input by
/// what is true of others.
struct RecordsSurvey {
    /// How far any input is from the grid: a decision at a radius is made for the farthest.
    private(set) var largestGridDistance = GridDistance.zero
    private var counts: [(index: Int, selection: ClassCounts, estimation: ClassCounts)] = []
    private let inputs: Int

    /// Reads all records, if the plan needs that.
    init(of folder: RunFolder, _ manifest: Manifest) throws {
        inputs = manifest.inputs.indices.count
        let areCountsNeeded = manifest.plan.error.batch != nil
        guard manifest.dependsOnFarthestInput || areCountsNeeded else { return }
        var lines = try folder.lines(of: .records)
        while let line = try? lines.next() {
            guard let record = try? RecordedCertificate(line: line) else { continue }
            if manifest.dependsOnFarthestInput,
                let distance = GridDistance(digits: record.gridDistance.description),
                distance.bound > largestGridDistance.bound
            {
                largestGridDistance = distance
            }
            let fits =
                record.estimation.values.count == manifest.model.classCount
                && record.selection.values.count == manifest.model.classCount
                && record.selection.samples > 0
                && manifest.plan.checkpoints.contains(record.estimation.samples)
            if areCountsNeeded, fits {
                counts.append((record.index, record.selection, record.estimation))
            }
        }
    }

    /// The inputs that a plan certifies which decides about all together; nil: it does not, or there are
    /// not as many records as inputs.
    func certified(by certifier: SequentialCertifier) -> Set<Int>? {
        guard certifier.plan.error.batch != nil, counts.count == inputs else { return nil }
        let evidence = counts.compactMap {
            certifier.evidence(selection: $0.selection, estimation: $0.estimation)
        }
        return Set(zip(counts, certifier.claims(evidence)).filter(\.1).map(\.0.index))
    }
}
