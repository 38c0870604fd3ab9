public import AlphaAccounting
public import CertificateRecords
import ConfidenceBounds
public import Digests
import RandomizedSmoothing
import Sodium

extension LedgerEntry {
    /// What a ledger keeps of a campaign, but for when and where.
    public init(_ manifest: Manifest, seal: Digest) {
        let plan = manifest.plan
        func digest(_ line: String) -> Digest { SHA256.digest(of: Array(line.utf8)) }
        self.init(
            campaign: seal, began: "", folder: "", model: manifest.model.digest,
            classifier: digest(manifest.classifierLine),
            mechanism: digest(manifest.mechanismLine), sigma: plan.sigma,
            key: manifest.noise.key, claim: digest(manifest.claimLine), rule: plan.ruleName,
            stopping: manifest.stoppingWords, selectionSamples: plan.selectionSamples,
            estimationSamples: plan.estimationSamples, blockSize: manifest.counting.blockSize,
            alpha: plan.error.batch?.method == .eBenjaminiHochberg ? 1 : plan.error.alpha,
            inputs: manifest.inputs.digest,
            inputCount: manifest.inputs.indices.count)
    }
}
