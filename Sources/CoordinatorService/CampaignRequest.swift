public import ConfidenceBounds
public import DataSets
public import RandomizedSmoothing
public import SmoothingNoise

/// What a user asks for: the files and the plan of a campaign.
public struct CampaignRequest: Sendable {
    /// The ONNX file.
    public var model: String
    /// The file of inputs, and the array in it when it is an archive.
    public var inputs: File
    /// The file of labels, when there is one.
    public var labels: File?
    /// Which inputs.
    public var selection: Selection
    /// The noise level.
    public var sigma: Double
    /// All noise levels among which alpha is shared, this one among them; nil: it has all of alpha.
    public var sigmas: [Double]?
    /// What bytes are divided by; nil: 255.
    public var scale: Int?
    /// The grid of float data, as steps in a unit; nil: 2^16.
    public var stepsPerUnit: Int?
    /// Moves the channel axis of every input.
    public var axisMove: AxisMove?
    /// Per-channel mean, subtracted after the noise.
    public var mean: [Float]?
    /// Per-channel standard deviation, divided by after that.
    public var standardDeviation: [Float]?
    /// Which output of the model holds the scores.
    public var outputName: String?
    /// With one score a sample: class 1 above this.
    public var decisionThreshold: Float?
    /// How many samples are classified together.
    public var blockSize: Int
    /// How many samples select the class (n0).
    public var selectionSamples: Int
    /// How many samples bound its probability (n).
    public var estimationSamples: Int
    /// The estimation samples of the runs that this one extends, the first one first.
    public var earlierCaps: [Int] = []
    /// The failure probability of each input, or of all.
    public var alpha: Double
    /// Whether all inputs share alpha, so that all certificates hold at once.
    public var isFamilyWise: Bool
    /// By which procedure it is decided when all is counted which inputs are certified, so that alpha is
    /// the error of all together; nil: each input is decided alone.
    public var batch: BatchThresholdTest.Method?
    /// How counts become bounds.
    public var rule: CertificationRule
    /// When the estimation of an input ends before its last sample.
    public var stopping: Stopping
    /// With a width: the smallest radius of interest; nil: any.
    public var leastRadius: Double?
    /// The most samples for all inputs together; nil: each may get its most.
    public var budget: Int?
    /// The noise key; nil: the operating system draws one.
    public var noiseKey: NoiseKey?
    /// Whether a person chose the noise key, when there is one; else an earlier run drew it.
    public var isKeyGiven = true

    /// A file, and the array in it when it is an archive.
    public struct File: Hashable, Sendable {
        /// The path.
        public var path: String
        /// The name of the array; nil: the only one, or the one with a usual name.
        public var member: String?

        /// Names a file.
        public init(path: String, member: String? = nil) {
            self.path = path
            self.member = member
        }
    }

    /// Which inputs of the data set a campaign certifies.
    public enum Selection: Hashable, Sendable {
        /// All of them.
        case all
        /// The first so many.
        case first(Int)
        /// Indices 0, step, 2 step, …
        case every(Int)
        /// Those that a file lists.
        case listed(path: String)
    }

    /// A request with the usual settings.
    public init(model: String, inputs: File, sigma: Double) {
        self.model = model
        self.inputs = inputs
        self.sigma = sigma
        selection = .all
        blockSize = 50
        selectionSamples = 100
        estimationSamples = 100_000
        alpha = 0.001
        isFamilyWise = false
        rule = .runnerUp
        stopping = .atTheCap
    }
}
