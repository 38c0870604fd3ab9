public import CertificateRecords
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
        guard let dimension = stated.dimension else {
            throw VerificationError.shape(stated.model.inputShape)
        }
        distribution = try RoundedGaussian(
            sigma: stated.plan.sigma, stepsPerUnit: stated.noise.stepsPerUnit)
        let plan = try stated.madePlan(
            dimension: dimension, noiseDistance: distribution.distanceFromIdeal)
        manifest = Manifest(
            programVersion: String(stated.program.trimmingPrefix("wardein ")), plan: plan,
            noise: Manifest.Noise(
                stepsPerUnit: stated.noise.stepsPerUnit,
                reach: distribution.support.upperBound,
                distanceFromIdeal: distribution.distanceFromIdeal, key: stated.noise.key),
            model: stated.model, inputs: stated.inputs, counting: stated.counting,
            earlier: stated.earlier)
        _ = try manifest.normalization()
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
}

extension RecordedManifest {
    /// What was chosen, with all that follows from it computed.
    ///
    /// - Throws: one sentence: why no such plan can be.
    public func computed() throws -> Manifest { try RebuiltManifest(self, release: "").manifest }
}

extension Manifest {
    /// Whether what is decided of an input depends on how far any input is from the grid.
    var dependsOnFarthestInput: Bool {
        guard inputs.areRounded else { return false }
        if case .whenDecided = plan.stopping { return true }
        return plan.leastRadius != nil
    }

    /// What is applied after the noise: channels come first or last, as `--mean` and `--std` are fitted.
    ///
    /// - Throws: one sentence when no campaign has such channels.
    func normalization() throws -> Normalization? {
        guard model.mean != nil || model.standardDeviation != nil else { return nil }
        let (shape, size) = (model.inputShape, model.inputShape.reduce(1, *))
        guard let means = model.mean, let deviations = model.standardDeviation,
            means.count == deviations.count, !means.isEmpty
        else { throw VerificationError.channels(shape) }
        let stride: Int
        if means.count == 1 {
            stride = size
        } else if shape.count == 3, shape.first == means.count {
            stride = size / means.count
        } else if shape.last == means.count {
            stride = 1
        } else {
            throw VerificationError.channels(shape)
        }
        return try Normalization(
            means: means, standardDeviations: deviations, innerStride: stride)
    }
}
