import ConfidenceBounds
public import Digests
public import RandomizedSmoothing

/// Everything that determines the records of a campaign, written and sealed before the first draw.
///
/// It names no time, place, path or machine: two campaigns of one plan have the same manifest byte
/// for byte (law 1). What may differ between them stands in the provenance file.
public struct Manifest: Hashable, Sendable {
    /// The version of the program.
    public var programVersion: String
    /// Noise level, sample counts, rule and error budget.
    public var plan: CertificationPlan
    /// The grid of inputs and noise and the reach of the noise on it.
    public var noise: Noise
    /// The classifier.
    public var model: Model
    /// The inputs.
    public var inputs: Inputs
    /// How samples are classified.
    public var counting: Counting
    /// Other runs of the same classifier on the same inputs.
    public var earlier: EarlierRuns

    /// The exactly drawn rounded Gaussian.
    public struct Noise: Hashable, Sendable {
        /// The grid's points are the multiples of 1 / stepsPerUnit.
        public var stepsPerUnit: Int
        /// The largest number of steps that is ever added.
        public var reach: Int
        /// A bound on the total variation distance from the ideal, a coordinate.
        public var distanceFromIdeal: Double
        /// The key of all noise streams, 64 hexadecimal digits.
        public var key: String

        /// What is drawn.
        static let distribution = "rounded Gaussian, exact"

        /// Assembles the description from its parts.
        public init(stepsPerUnit: Int, reach: Int, distanceFromIdeal: Double, key: String) {
            self.stepsPerUnit = stepsPerUnit
            self.reach = reach
            self.distanceFromIdeal = distanceFromIdeal
            self.key = key
        }
    }

    /// The base classifier: a model file and how it is used.
    public struct Model: Hashable, Sendable {
        /// The digest of the file.
        public var digest: Digest
        /// The size of the file in bytes.
        public var size: Int
        /// The shape of one input, without the batch axis.
        public var inputShape: [Int]
        /// The output that holds the scores; nil: the only one.
        public var outputName: String?
        /// With one score: class 1 above this.
        public var decisionThreshold: Float?
        /// The number of classes.
        public var classCount: Int
        /// Per-channel means, subtracted after the noise.
        public var mean: [Float]?
        /// Per-channel standard deviations, divided by after that.
        public var standardDeviation: [Float]?

        /// Assembles the description from its parts.
        public init(
            digest: Digest, size: Int, inputShape: [Int], outputName: String?,
            decisionThreshold: Float?, classCount: Int, mean: [Float]?,
            standardDeviation: [Float]?
        ) {
            self.digest = digest
            self.size = size
            self.inputShape = inputShape
            self.outputName = outputName
            self.decisionThreshold = decisionThreshold
            self.classCount = classCount
            self.mean = mean
            self.standardDeviation = standardDeviation
        }
    }

    /// The inputs of the campaign.
    public struct Inputs: Hashable, Sendable {
        /// The indices in the data set, in the order of the records.
        public var indices: [Int]
        /// The digest of all pairs of index (four bytes, little endian) and digest of the encoded
        /// input, in that order.
        public var digest: Digest
        /// The digest of the labels (eight bytes each, little endian), when they are known.
        public var labels: Digest?
        /// How many bytes a coordinate of an encoded input has.
        public var coordinateWidth: Int
        /// Whether any input had to be moved to reach the grid.
        public var areRounded: Bool

        /// Assembles the description from its parts.
        public init(
            indices: [Int], digest: Digest, labels: Digest?, coordinateWidth: Int,
            areRounded: Bool
        ) {
            self.indices = indices
            self.digest = digest
            self.labels = labels
            self.coordinateWidth = coordinateWidth
            self.areRounded = areRounded
        }
    }

    /// How samples are classified.
    public struct Counting: Hashable, Sendable {
        /// How many samples are classified together.
        public var blockSize: Int
        /// The engine that every worker must run.
        public var fingerprint: String
        /// What every worker must make of the known-answer block.
        public var knownAnswer: KnownAnswer
        /// What was tested before counting (law 9); empty: nothing, as by release 0.1.
        public var selfTests: [SelfTest]

        /// Assembles the description from its parts.
        public init(
            blockSize: Int, fingerprint: String, knownAnswer: KnownAnswer, selfTests: [SelfTest]
        ) {
            self.blockSize = blockSize
            self.fingerprint = fingerprint
            self.knownAnswer = knownAnswer
            self.selfTests = selfTests
        }
    }

    /// Assembles the manifest from its parts.
    public init(
        programVersion: String, plan: CertificationPlan, noise: Noise, model: Model,
        inputs: Inputs, counting: Counting, earlier: EarlierRuns = .none
    ) {
        self.programVersion = programVersion
        self.plan = plan
        self.noise = noise
        self.model = model
        self.inputs = inputs
        self.counting = counting
        self.earlier = earlier
    }
}

extension Manifest {
    /// What draws the noise from the key.
    static let generator = "ChaCha20, stream 2"

    /// What the seal is the digest of: the members of the manifest on one line.
    public var sealedLine: String { JSON.object(members).line }

    /// The file: the members, and the seal, which is the SHA-256 of ``sealedLine``.
    public func page(sealedWith seal: Digest) -> String {
        JSON.object(members + [JSON.Member(key: "seal", value: .string(seal.hex))]).page
    }

    /// In which units sigma and every radius are.
    public var units: String {
        "sigma and radius are L2 lengths in \(unit); "
            + "the noise is drawn on the grid of 1/\(noise.stepsPerUnit)"
    }

    /// In which unit lengths are measured: what stands after a number.
    var unit: String {
        let values =
            inputs.coordinateWidth == 1
            ? "bytes / \(noise.stepsPerUnit)" : "the units of the data"
        let normalized =
            model.mean == nil ? "" : ", before mean and standard deviation are applied"
        return values + normalized
    }

    /// Name and version of the program, as files give them.
    public var program: String { "wardein \(programVersion)" }

    private var members: [JSON.Member] {
        let object: JSON = [
            "format": .string(RecordedManifest.format),
            "program": .string(program),
            "units": .string(units),
            "noise": noiseMember,
            "plan": planMember,
            "model": modelMember,
            "inputs": inputs.member,
            "counting": counting.member,
        ]
        guard case .object(let members) = object else { return [] }
        return members
            + (earlier.member.map { [JSON.Member(key: "earlierRuns", value: $0)] } ?? [])
    }

    private var noiseMember: JSON {
        [
            "distribution": .string(Noise.distribution),
            "norm": "L2",
            "sigma": .number(plan.sigma),
            "stepsPerUnit": .integer(noise.stepsPerUnit),
            "reach": .integer(noise.reach),
            "distanceFromIdeal": .number(noise.distanceFromIdeal),
            "generator": .string(Manifest.generator),
            "key": .string(noise.key),
        ]
    }

    private var planMember: JSON {
        var members: [JSON.Member] = [
            JSON.Member(key: "rule", value: .string(plan.ruleName)),
            JSON.Member(key: "selectionSamples", value: .integer(plan.selectionSamples)),
            JSON.Member(key: "estimationSamples", value: .integer(plan.estimationSamples)),
            JSON.Member(key: "alpha", value: .number(plan.error.alpha)),
            JSON.Member(key: "alphaOf", value: .string(plan.error.meaning)),
            JSON.Member(key: "familyWise", value: familyMember),
            JSON.Member(key: "batch", value: batchMember),
            JSON.Member(key: "noiseCharge", value: .number(plan.error.noiseCharge)),
            JSON.Member(key: "netAlpha", value: .number(plan.error.netAlpha)),
            JSON.Member(key: "stopping", value: stoppingMember),
        ]
        if let split = plan.split {
            let member: JSON = [
                "alpha": .number(split.alpha), "sigmas": .array(split.sigmas.map(JSON.number)),
            ]
            members.append(JSON.Member(key: "alphaSplit", value: member))
        }
        return .object(members)
    }

    private var familyMember: JSON {
        guard let family = plan.error.family else { return .null }
        return ["alpha": .number(family.alpha), "inputs": .integer(family.inputs)]
    }

    private var batchMember: JSON {
        guard let batch = plan.error.batch else { return .null }
        return ["method": .string(batch.method.rawValue), "inputs": .integer(batch.inputs)]
    }

    private var stoppingMember: JSON {
        guard let grid = plan.grid else { return .null }
        var members: [JSON.Member] = []
        switch plan.stopping {
        case .atTheCap, .whenHopeless, .whenPredicted, .predictedAtTheCap: break
        case .whenDecided(let radius):
            members.append(JSON.Member(key: "decideRadius", value: .number(radius)))
        case .whenPrecise(let width):
            members.append(JSON.Member(key: "width", value: .number(width)))
            if let least = plan.leastRadius {
                members.append(JSON.Member(key: "leastRadius", value: .number(least)))
            }
        }
        members += [
            JSON.Member(key: "budget", value: plan.budget.map { .integer($0) } ?? .null),
            JSON.Member(key: "lossProbability", value: .number(CertificationPlan.lossProbability)),
            JSON.Member(key: "growthPercent", value: .integer(grid.growthPercent)),
            JSON.Member(key: "checkpoints", value: .integer(grid.checkpoints.count)),
            JSON.Member(key: "alphaAtCheckpoints", value: .number(alphaAtCheckpoints)),
            JSON.Member(
                key: "alphaAtCap", value: .number(plan.error.netAlpha - alphaAtCheckpoints)),
        ]
        if !plan.earlierCaps.isEmpty {
            members.append(JSON.Member(key: "earlierCaps", value: .integers(plan.earlierCaps)))
        }
        return .object(members)
    }

    /// Half of it, when claims may be made before the cap; both halves are exact in binary. All of it
    /// where the evidence at the cap is that of any checkpoint.
    private var alphaAtCheckpoints: Double {
        guard plan.stopping.certifiesEarly else { return 0 }
        let isByEvidence = plan.error.batch?.method == .eBenjaminiHochberg
        return isByEvidence ? plan.error.netAlpha : plan.error.netAlpha / 2
    }

    private var modelMember: JSON {
        [
            "digest": .string(model.digest.hex),
            "bytes": .integer(model.size),
            "inputShape": .integers(model.inputShape),
            "output": model.outputName.map { .string($0) } ?? .null,
            "threshold": model.decisionThreshold.map { .decimal($0.description) } ?? .null,
            "classes": .integer(model.classCount),
            "mean": JSON.floats(model.mean),
            "std": JSON.floats(model.standardDeviation),
        ]
    }
}

extension Manifest.Counting {
    fileprivate var member: JSON {
        let object: JSON = [
            "blockSize": .integer(blockSize),
            "fingerprint": .string(fingerprint),
            "knownNoise": .string(knownAnswer.noise.hex),
            "knownAnswer": .string(knownAnswer.scores.hex),
        ]
        guard case .object(let members) = object, !selfTests.isEmpty else { return object }
        let tests = JSON.array(selfTests.map { .string($0.rawValue) })
        return .object(members + [JSON.Member(key: "selfTests", value: tests)])
    }
}

extension Manifest.Inputs {
    var member: JSON {
        [
            "count": .integer(indices.count),
            "indices": JSON.indices(indices),
            "digest": .string(digest.hex),
            "labels": labels.map { .string($0.hex) } ?? .null,
            "coordinateBytes": .integer(coordinateWidth),
            "roundedToGrid": .bool(areRounded),
        ]
    }
}

extension JSON {
    static func floats(_ values: [Float]?) -> JSON {
        values.map { .array($0.map { .decimal($0.description) }) } ?? .null
    }

    /// Evenly spaced indices as first, step and count; others one by one.
    static func indices(_ values: [Int]) -> JSON {
        guard values.count > 2 else { return .integers(values) }
        let step = values[1] - values[0]
        guard zip(values, values.dropFirst()).allSatisfy({ $1 - $0 == step }) else {
            return .integers(values)
        }
        return [
            "first": .integer(values[0]), "step": .integer(step), "count": .integer(values.count),
        ]
    }
}
