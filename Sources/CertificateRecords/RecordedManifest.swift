import ConfidenceBounds
public import Digests
public import RandomizedSmoothing

/// `manifest.json` as it stands there: read, and nothing of it believed, derived values least of all.
public struct RecordedManifest: Sendable {
    /// The whole, with all members in order: also those that this release does not know.
    public let json: JSON
    /// Name and version of the program that wrote it.
    public let program: String
    /// In which units sigma and every radius are.
    public let units: String
    /// The noise.
    public let noise: Manifest.Noise
    /// Noise level, sample counts, rule and error budget.
    public let plan: Plan
    /// The classifier.
    public let model: Manifest.Model
    /// The inputs.
    public let inputs: Manifest.Inputs
    /// How samples are classified.
    public let counting: Manifest.Counting
    /// The other runs that it names.
    public let earlier: EarlierRuns
    /// The runs that were merged into this one and have noise keys of their own; empty: it is one campaign.
    public let parts: [Part]
    /// The seal that it claims.
    public let seal: Digest

    /// The part of each input, by its index.
    private let partOfIndex: [Int: Int]

    /// A run that was merged into another.
    public struct Part: Sendable {
        /// The seal of its manifest, which its records name.
        public let campaign: Digest
        /// The key of its noise streams.
        public let key: String
        /// Its inputs.
        public let indices: [Int]
        /// The other runs that its manifest names.
        public let earlier: EarlierRuns
    }

    /// The statistical part of the plan as the file states it.
    public struct Plan: Hashable, Sendable {
        /// The noise level.
        public let sigma: Double
        /// How counts become claims, as files name it: `runner-up`, `cohen`, or a kind of prediction.
        public let ruleName: String
        /// The rule for bounds; of a prediction, which uses none, `runner-up`.
        public let rule: CertificationRule
        /// How many samples choose the class of each input (n0).
        public let selectionSamples: Int
        /// How many further samples bound its probability, at most (n).
        public let estimationSamples: Int
        /// The failure probability that is claimed for each input, or for all of a batch together.
        public let alpha: Double
        /// So many inputs share this failure probability; nil: each input has its own.
        public let family: Family?
        /// So many inputs are decided together; nil: each alone.
        public let batch: ErrorBudget.Batch?
        /// The noise levels among which alpha is shared; nil: there is one.
        public let split: AlphaSplit?
        /// What the distance of the sampler from the ideal costs.
        public let noiseCharge: Double
        /// What is left for the bounds.
        public let netAlpha: Double
        /// When the estimation of an input ends before its last sample.
        public let stopping: Stopping
        /// The caps of the plans that this one extends.
        public let earlierCaps: [Int]
        /// With a width: the smallest radius of interest.
        public let leastRadius: Double?
        /// The most samples of all inputs together.
        public let budget: Int?
    }

    /// So many inputs share a failure probability.
    public struct Family: Hashable, Sendable {
        /// The failure probability of all claims together.
        public let alpha: Double
        /// How many inputs share it.
        public let inputs: Int
    }

    /// The format that this release reads. Within a format, keys may be added; none is removed, and
    /// none changes its meaning.
    public static let format = "wardein manifest 1"

    /// Reads the text of the file.
    ///
    /// - Throws: ``JSONSyntaxError`` or ``UnreadableMember``.
    public init(text: some Sequence<UInt8>) throws {
        try self.init(JSON(parsing: text))
    }

    /// Reads a text that is parsed already.
    public init(_ json: JSON) throws(UnreadableMember) {
        let object = try ObjectReader(json)
        let format = try object.string("format")
        let isMerged = format == MergedManifest.format
        guard isMerged || format == RecordedManifest.format else {
            throw UnreadableMember(
                "format", "is \"\(format)\", but this release reads \"\(RecordedManifest.format)\"")
        }
        self.json = json
        program = try object.string("program")
        units = try object.string("units")
        noise = try Manifest.Noise(object.object("noise"), hasKey: !isMerged)
        plan = try Plan(object.object("plan"), sigma: object.object("noise").double("sigma"))
        model = try Manifest.Model(object.object("model"))
        inputs = try Manifest.Inputs(object.object("inputs"))
        counting = try Manifest.Counting(object.object("counting"))
        parts = isMerged ? try RecordedManifest.parts(object) : []
        earlier =
            isMerged
            ? EarlierRuns(ofParts: parts.map(\.earlier))
            : try EarlierRuns(object, at: "earlierRuns")
        seal = try object.digest("seal")
        var partOfIndex: [Int: Int] = [:]
        for (place, part) in parts.enumerated() {
            for index in part.indices { partOfIndex[index] = place }
        }
        self.partOfIndex = partOfIndex
    }

    private static func parts(_ object: ObjectReader) throws(UnreadableMember) -> [Part] {
        guard case .array(let list) = try object.value("parts"),
            2...MergedManifest.mostParts ~= list.count
        else {
            throw UnreadableMember("parts", "is no list of 2 to \(MergedManifest.mostParts) runs")
        }
        var parts: [Part] = []
        for (place, member) in list.enumerated() {
            let part = try ObjectReader(member, at: "parts[\(place)]")
            parts.append(
                Part(
                    campaign: try part.digest("campaign"), key: try part.string("key"),
                    indices: try Manifest.Inputs.indices(part),
                    earlier: try EarlierRuns(part, at: "earlierRuns")))
        }
        return parts
    }

    /// What the seal has to be the SHA-256 of: the members but the seal, on one line.
    public var sealedLine: String {
        guard case .object(let members) = json else { return "" }
        return JSON.object(members.filter { $0.key != "seal" }).line
    }
}

extension RecordedManifest {
    /// The seal that the record of an input has to name: that of the manifest which was sealed before its
    /// samples were drawn; nil of an input that is none of a merged run's.
    public func campaign(of index: Int) -> Digest? {
        parts.isEmpty ? seal : partOfIndex[index].map { parts[$0].campaign }
    }

    /// The key of the noise streams of an input; nil of an input that is none of a merged run's.
    public func noiseKey(of index: Int) -> String? {
        parts.isEmpty ? noise.key : partOfIndex[index].map { parts[$0].key }
    }

    /// The number of coordinates of an input; nil: no input has this shape.
    public var dimension: Int? {
        var product = 1
        for size in model.inputShape {
            let (larger, overflows) = product.multipliedReportingOverflow(by: size)
            guard !overflows, 1...Int(UInt32.max) ~= larger else { return nil }
            product = larger
        }
        return product
    }

    /// The plan that was chosen, with all that follows from it computed.
    ///
    /// - Parameters:
    ///   - dimension: the number of coordinates of an input.
    ///   - noiseDistance: the distance of the sampler from the ideal, a coordinate.
    /// - Throws: ``PlanError``: there can be no such plan.
    public func madePlan(dimension: Int, noiseDistance: Double) throws -> CertificationPlan {
        let made = try CertificationPlan(
            sigma: plan.sigma, selectionSamples: plan.selectionSamples,
            estimationSamples: plan.estimationSamples, rule: plan.rule,
            alpha: plan.split?.alpha ?? plan.family?.alpha ?? plan.alpha,
            family: plan.family.map { _ in inputs.indices.count },
            batch: plan.batch.map { ErrorBudget.Batch($0.method, inputs: inputs.indices.count) },
            sigmas: plan.split?.sigmas, dimension: dimension, noiseDistance: noiseDistance,
            stopping: plan.stopping, blockSize: counting.blockSize, earlierCaps: plan.earlierCaps,
            leastRadius: plan.leastRadius, budget: plan.budget)
        try made.checkBudget(inputs: inputs.indices.count)
        return made
    }
}

extension RecordedManifest.Plan {
    fileprivate init(_ object: ObjectReader, sigma: Double) throws(UnreadableMember) {
        self.sigma = sigma
        ruleName = try object.string("rule")
        selectionSamples = try object.integer(
            "selectionSamples", in: 1...CertificationPlan.maximumSamples)
        estimationSamples = try object.integer(
            "estimationSamples", in: 1...CertificationPlan.maximumSamples)
        alpha = try object.double("alpha")
        if let shared = try object.optionalObject("familyWise") {
            family = RecordedManifest.Family(
                alpha: try shared.double("alpha"), inputs: try shared.integer("inputs"))
        } else {
            family = nil
        }
        // Not all plans, and not all releases, have the members from here on.
        batch =
            object["batch"] == nil
            ? nil : try object.optionalObject("batch").map(ErrorBudget.Batch.init)
        split =
            object["alphaSplit"] == nil
            ? nil : try object.optionalObject("alphaSplit").map(AlphaSplit.init)
        noiseCharge = try object.double("noiseCharge")
        netAlpha = try object.double("netAlpha")
        let stops = try object.optionalObject("stopping")
        (rule, stopping) = try RecordedManifest.Plan.kind(
            ruleName, stopping: stops, at: object.path(of: "rule"))
        earlierCaps =
            stops?["earlierCaps"] == nil ? [] : try stops?.integers("earlierCaps") ?? []
        leastRadius = stops?["leastRadius"] == nil ? nil : try stops?.double("leastRadius")
        if let stops, let stated = stops["budget"], stated != .null {
            budget = try stops.integer("budget")
        } else {
            budget = nil
        }
    }

    private static func kind(
        _ ruleName: String, stopping: ObjectReader?, at path: String
    ) throws(UnreadableMember) -> (CertificationRule, Stopping) {
        switch ruleName {
        case "fixed prediction": return (.runnerUp, .predictedAtTheCap)
        case "sequential prediction": return (.runnerUp, .whenPredicted)
        default: break
        }
        guard let rule = CertificationRule(rawValue: ruleName) else {
            throw UnreadableMember(path, "is \"\(ruleName)\", which this release does not know")
        }
        guard let stopping else { return (rule, .atTheCap) }
        if stopping["decideRadius"] != nil {
            return (rule, .whenDecided(radius: try stopping.double("decideRadius")))
        }
        if stopping["width"] != nil {
            return (rule, .whenPrecise(width: try stopping.double("width")))
        }
        return (rule, .whenHopeless)
    }
}

extension ErrorBudget.Batch {
    fileprivate init(_ object: ObjectReader) throws(UnreadableMember) {
        let name = try object.string("method")
        guard let method = BatchThresholdTest.Method(rawValue: name) else {
            throw UnreadableMember(
                object.path(of: "method"), "is \"\(name)\", which this release does not know")
        }
        self.init(
            method, inputs: try object.integer("inputs", in: 1...CertificationPlan.maximumSamples))
    }
}

extension AlphaSplit {
    fileprivate init(_ object: ObjectReader) throws(UnreadableMember) {
        let sigmas = try object.doubles("sigmas")
        guard 1...AlphaSplit.mostLevels ~= sigmas.count else {
            throw UnreadableMember(object.path(of: "sigmas"), "are \(sigmas.count) noise levels")
        }
        self.init(alpha: try object.double("alpha"), sigmas: sigmas)
    }
}

extension EarlierRuns {
    /// What ``Manifest`` says of them: nothing, that nobody looked, or a list.
    fileprivate init(_ object: ObjectReader, at key: String) throws(UnreadableMember) {
        guard let value = object[key] else {
            self = .none
            return
        }
        guard value != "not looked for" else {
            self = .unknown
            return
        }
        guard case .array(let runs) = value else {
            throw UnreadableMember(object.path(of: key), "is no list")
        }
        var earlier: [EarlierRun] = []
        for run in runs { earlier.append(try EarlierRun(ObjectReader(run))) }
        self.init(earlier)
    }
}

extension EarlierRun {
    fileprivate init(_ object: ObjectReader) throws(UnreadableMember) {
        let name = try object.string("noise")
        guard let noise = Noise(rawValue: name) else {
            throw UnreadableMember("earlierRuns.noise", "is \"\(name)\", not other or same")
        }
        self.init(
            campaign: try object.digest("campaign"), noise: noise,
            alpha: try object.double("alpha"), indices: try Manifest.Inputs.indices(object))
    }
}

extension Manifest.Noise {
    /// - Parameter hasKey: whether one key is that of all inputs; else ``key`` is empty.
    fileprivate init(_ object: ObjectReader, hasKey: Bool) throws(UnreadableMember) {
        self.init(
            stepsPerUnit: try object.integer("stepsPerUnit", in: 1...1 << 24),
            reach: try object.integer("reach"),
            distanceFromIdeal: try object.double("distanceFromIdeal"),
            key: hasKey ? try object.string("key") : "")
    }
}

extension Manifest.Model {
    fileprivate init(_ object: ObjectReader) throws(UnreadableMember) {
        self.init(
            digest: try object.digest("digest"), size: try object.integer("bytes"),
            inputShape: try object.integers("inputShape"),
            outputName: try object.optionalString("output"),
            decisionThreshold: try object.optional("threshold") == nil
                ? nil : object.float("threshold"),
            classCount: try object.integer("classes", in: 2...Int(Int32.max)),
            mean: try object.optionalFloats("mean"),
            standardDeviation: try object.optionalFloats("std"))
    }
}

extension Manifest.Inputs {
    fileprivate init(_ object: ObjectReader) throws(UnreadableMember) {
        let count = try object.integer("count", in: 1...Manifest.Inputs.greatestCount)
        let indices = try Manifest.Inputs.indices(object)
        guard indices.count == count else {
            throw UnreadableMember(
                object.path(of: "indices"), "are \(indices.count), but count is \(count)")
        }
        self.init(
            indices: indices,
            digest: try object.digest("digest"),
            labels: try object.optional("labels") == nil ? nil : object.digest("labels"),
            coordinateWidth: try object.integer("coordinateBytes", in: 1...4),
            areRounded: try object.bool("roundedToGrid"))
    }

    /// So that a forged manifest of a few bytes does not fill the memory.
    private static let greatestCount = 1 << 24

    /// One by one, or evenly spaced as first, step and count.
    fileprivate static func indices(_ object: ObjectReader) throws(UnreadableMember) -> [Int] {
        guard case .object = try object.value("indices") else {
            return try object.integers("indices")
        }
        let even = try object.object("indices")
        let first = try even.integer("first", in: 0...Int(UInt32.max))
        let step = try even.integer("step", in: -Int(UInt32.max)...Int(UInt32.max))
        let count = try even.integer("count", in: 1...Manifest.Inputs.greatestCount)
        guard 0...Int(UInt32.max) ~= first + (count - 1) * step else {
            throw UnreadableMember(even.path, "end where no input is")
        }
        return (0..<count).map { first + $0 * step }
    }
}

extension Manifest.Counting {
    fileprivate init(_ object: ObjectReader) throws(UnreadableMember) {
        self.init(
            blockSize: try object.integer("blockSize", in: 1...Int(UInt32.max)),
            fingerprint: try object.string("fingerprint"),
            knownAnswer: KnownAnswer(
                noise: try object.digest("knownNoise"),
                scores: try object.digest("knownAnswer")),
            selfTests: try Manifest.Counting.selfTests(object))
    }

    /// Release 0.1 tested nothing, and says nothing of it.
    private static func selfTests(_ object: ObjectReader) throws(UnreadableMember) -> [SelfTest] {
        guard object["selfTests"] != nil else { return [] }
        var tests: [SelfTest] = []
        for name in try object.strings("selfTests") {
            guard let test = SelfTest(rawValue: name) else {
                throw UnreadableMember(
                    object.path(of: "selfTests"),
                    "has \"\(name)\", which this release does not know")
            }
            tests.append(test)
        }
        return tests
    }
}

extension ObjectReader {
    fileprivate func float(_ key: String) throws(UnreadableMember) -> Float {
        guard let number = try value(key).digits.flatMap(Float.init), number.isFinite else {
            throw UnreadableMember(path(of: key), "is no finite number")
        }
        return number
    }

    fileprivate func doubles(_ key: String) throws(UnreadableMember) -> [Double] {
        guard case .array(let values) = try value(key) else {
            throw UnreadableMember(path(of: key), "is no list")
        }
        let numbers = values.compactMap { $0.digits.flatMap(Double.init) }
        guard numbers.count == values.count, numbers.allSatisfy(\.isFinite) else {
            throw UnreadableMember(path(of: key), "has an entry that is no finite number")
        }
        return numbers
    }

    fileprivate func optionalFloats(_ key: String) throws(UnreadableMember) -> [Float]? {
        guard let value = try optional(key) else { return nil }
        guard case .array(let values) = value else {
            throw UnreadableMember(path(of: key), "is no list")
        }
        let numbers = values.compactMap { $0.digits.flatMap(Float.init) }
        guard numbers.count == values.count else {
            throw UnreadableMember(path(of: key), "has an entry that is no number")
        }
        return numbers
    }
}
