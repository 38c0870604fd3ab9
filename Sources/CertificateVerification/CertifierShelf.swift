import CertificateRecords
import RandomizedSmoothing
import Synchronization

/// Certifiers that were used, with all that they have tabulated and all bounds that they have proved, for
/// the next run of the same plan: the parts of a merged run have one.
public final class CertifierShelf: Sendable {
    /// What a certifier is for: what it says is a function of that and of counts.
    private struct Purpose: Hashable {
        let plan: CertificationPlan
        let classes: Int
        let largestGridDistance: GridDistance
    }

    private let certifiers = Mutex<[Purpose: [SequentialCertifier]]>([:])

    /// An empty shelf.
    public init() {}

    /// Takes so many certifiers off the shelf, or makes them.
    func take(
        _ count: Int, for manifest: Manifest, _ largestGridDistance: GridDistance
    ) throws -> [SequentialCertifier] {
        let purpose = Purpose(
            plan: manifest.plan, classes: manifest.model.classCount,
            largestGridDistance: largestGridDistance)
        var found = certifiers.withLock { $0.removeValue(forKey: purpose) ?? [] }
        if found.isEmpty {
            found = [
                try SequentialCertifier(
                    purpose.plan, classes: purpose.classes,
                    largestGridDistance: largestGridDistance)
            ]
        }
        return (0..<count).map { found[$0 % found.count] }
    }

    /// Puts certifiers back.
    func put(_ used: [SequentialCertifier], classes: Int) {
        guard let first = used.first else { return }
        let purpose = Purpose(
            plan: first.plan, classes: classes, largestGridDistance: first.largestGridDistance)
        certifiers.withLock { $0[purpose] = used }
    }
}
