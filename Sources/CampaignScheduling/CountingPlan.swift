public import Digests
public import SmoothingNoise

/// Everything that determines the counts of a campaign, as the workers learn it (law 1).
///
/// The counts of a block are a function of this value, of the bytes of the model and of the encoded
/// input, and of nothing else.
public struct CountingPlan: Hashable, Sendable {
    /// The seal of the campaign's manifest.
    public var campaign: Digest
    /// The digest of the model file.
    public var model: Digest
    /// The size of the model file in bytes.
    public var modelSize: Int
    /// The noise level, in the units in which the model sees the inputs.
    public var sigma: Double
    /// The grid of inputs and noise: its points are the multiples of 1 / stepsPerUnit.
    public var stepsPerUnit: Int
    /// The key of all noise streams.
    public var noiseKey: NoiseKey
    /// How many samples are classified together.
    public var blockSize: Int
    /// The shape of one input as the model takes it, without the batch axis.
    public var inputShape: [Int]
    /// How many bytes a coordinate of an encoded input takes: 1 (unsigned) or 4 (signed, little
    /// endian). Each is a multiple of the grid's step.
    public var coordinateWidth: Int
    /// Per-channel normalisation after the noise; part of the classifier.
    public var normalization: Normalization?
    /// Which output of the model holds the scores; nil: its only one.
    public var outputName: String?
    /// For a model with one score a sample: class 1 when the score is above this, else class 0.
    public var decisionThreshold: Float?
    /// How many classes the counts have.
    public var classCount: Int
    /// The fingerprint that every worker must have.
    public var fingerprint: String
    /// What every worker must make of the known-answer block.
    public var knownAnswer: KnownAnswer
    /// How often either side is heard at the least, in milliseconds.
    public var heartbeatMilliseconds: Int

    /// Assembles the plan from its parts.
    public init(
        campaign: Digest, model: Digest, modelSize: Int, sigma: Double, stepsPerUnit: Int,
        noiseKey: NoiseKey, blockSize: Int, inputShape: [Int], coordinateWidth: Int,
        normalization: Normalization?, outputName: String?, decisionThreshold: Float?,
        classCount: Int, fingerprint: String, knownAnswer: KnownAnswer, heartbeatMilliseconds: Int
    ) {
        self.campaign = campaign
        self.model = model
        self.modelSize = modelSize
        self.sigma = sigma
        self.stepsPerUnit = stepsPerUnit
        self.noiseKey = noiseKey
        self.blockSize = blockSize
        self.inputShape = inputShape
        self.coordinateWidth = coordinateWidth
        self.normalization = normalization
        self.outputName = outputName
        self.decisionThreshold = decisionThreshold
        self.classCount = classCount
        self.fingerprint = fingerprint
        self.knownAnswer = knownAnswer
        self.heartbeatMilliseconds = heartbeatMilliseconds
    }

    /// The number of coordinates of one input.
    public var dimension: Int { inputShape.reduce(1, *) }
}
