public import Digests

/// What a ledger keeps of a run: enough to know another one again that gives the same classifier a
/// second chance on the same inputs.
public struct LedgerEntry: Hashable, Sendable {
    /// The seal of the run's manifest.
    public var campaign: Digest
    /// When it began, in UTC.
    public var began: String
    /// The folder of its records.
    public var folder: String
    /// The digest of the model file.
    public var model: Digest
    /// The digest of the model and how it is used.
    public var classifier: Digest
    /// The digest of the noise distribution, its level and its grid.
    public var mechanism: Digest
    /// The noise level.
    public var sigma: Double
    /// The key of the noise streams, 64 hexadecimal digits.
    public var key: String
    /// The digest of what is claimed on the strength of which samples: two runs with one key and one
    /// claim are covered by one alpha.
    public var claim: Digest
    /// How counts become claims.
    public var rule: String
    /// When the run stops with an input, in a few words.
    public var stopping: String
    /// How many samples select the class of each input (n0).
    public var selectionSamples: Int
    /// The most samples that bound its probability (n).
    public var estimationSamples: Int
    /// How many samples are classified together.
    public var blockSize: Int
    /// The failure probability of each input.
    public var alpha: Double
    /// The digest of the indices and encoded inputs, as in the manifest.
    public var inputs: Digest
    /// How many inputs there are.
    public var inputCount: Int

    /// Assembles the entry from its parts.
    public init(
        campaign: Digest, began: String, folder: String, model: Digest, classifier: Digest,
        mechanism: Digest, sigma: Double, key: String, claim: Digest, rule: String,
        stopping: String, selectionSamples: Int, estimationSamples: Int, blockSize: Int,
        alpha: Double, inputs: Digest, inputCount: Int
    ) {
        self.campaign = campaign
        self.began = began
        self.folder = folder
        self.model = model
        self.classifier = classifier
        self.mechanism = mechanism
        self.sigma = sigma
        self.key = key
        self.claim = claim
        self.rule = rule
        self.stopping = stopping
        self.selectionSamples = selectionSamples
        self.estimationSamples = estimationSamples
        self.blockSize = blockSize
        self.alpha = alpha
        self.inputs = inputs
        self.inputCount = inputCount
    }

    /// Whether one alpha covers what both runs claim of an input with the same noise streams.
    public func isOneClaim(with other: LedgerEntry) -> Bool {
        key == other.key && claim == other.claim
    }
}
