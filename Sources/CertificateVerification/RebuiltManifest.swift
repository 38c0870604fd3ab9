import CertificateRecords
import Digests
import RandomizedSmoothing
import SmoothingNoise
import Sodium

/// A manifest made again from what was chosen for it: everything that follows is computed, and compared
/// with what the file states.
struct RebuiltManifest {
    /// What the file ought to say.
    let manifest: Manifest
    /// What the seal ought to be of what the file says.
    let seal: Digest
    /// Whether the file was written by this release, which then knows all of it.
    let isOfThisRelease: Bool
    /// The noise that is drawn.
    let distribution: RoundedGaussian

    /// Computes whatever follows from the plan.
    ///
    /// - Throws: one sentence: why no such plan can be.
    init(_ stated: RecordedManifest, release: String) throws {
        distribution = try RoundedGaussian(
            sigma: stated.plan.sigma, stepsPerUnit: stated.noise.stepsPerUnit)
        let alpha = stated.plan.family?.alpha ?? stated.plan.alpha
        let plan = try CertificationPlan(
            sigma: stated.plan.sigma, selectionSamples: stated.plan.selectionSamples,
            estimationSamples: stated.plan.estimationSamples, rule: stated.plan.rule,
            alpha: alpha, family: stated.plan.family.map { _ in stated.inputs.indices.count },
            dimension: RebuiltManifest.dimension(of: stated.model.inputShape),
            noiseDistance: distribution.distanceFromIdeal, stopping: stated.plan.stopping,
            blockSize: stated.counting.blockSize)
        manifest = Manifest(
            programVersion: String(stated.program.trimmingPrefix("wardein ")), plan: plan,
            noise: Manifest.Noise(
                stepsPerUnit: stated.noise.stepsPerUnit,
                reach: distribution.support.upperBound,
                distanceFromIdeal: distribution.distanceFromIdeal, key: stated.noise.key),
            model: stated.model, inputs: stated.inputs, counting: stated.counting)
        seal = SHA256.digest(of: Array(stated.sealedLine.utf8))
        isOfThisRelease = stated.program == "wardein \(release)"
    }

    /// What the file states otherwise.
    func faults(of stated: RecordedManifest, in place: String) -> [Fault] {
        let derived = manifest.page(sealedWith: stated.seal)
        guard stated.json.page != derived, let json = try? JSON(parsing: derived.utf8) else {
            return noiseKeyFaults(in: place)
        }
        let differences = JSONDifference.leaves(stated: stated.json, derived: json)
            .filter { isOfThisRelease || ($0.stated != nil && $0.derived != nil) }
        guard differences.isEmpty, isOfThisRelease else {
            return differences.map { Fault(kind: .plan, place: place, reason: $0.reason) }
        }
        return [
            Fault(
                kind: .plan, place: place, reason: "its members stand in another order than written"
            )
        ]
    }

    private func noiseKeyFaults(in place: String) -> [Fault] {
        guard NoiseKey(hex: manifest.noise.key)?.hex != manifest.noise.key else { return [] }
        return [Fault(kind: .plan, place: place, reason: "noise.key is no key of 64 digits")]
    }

    /// The number of coordinates; more than any input has where a shape is absurd.
    private static func dimension(of shape: [Int]) -> Int {
        var product = 1
        for size in shape {
            let (larger, overflows) = product.multipliedReportingOverflow(by: size)
            guard !overflows, larger <= Int(UInt32.max) else { return Int(UInt32.max) }
            product = larger
        }
        return product
    }
}
