public import CampaignScheduling
public import CertificateRecords
import ClassifierRuntime
import ConfidenceBounds
import DataSets
public import Digests
import Foundation
import RandomizedSmoothing
import SampleCounting
import SmoothingNoise
import Sodium

/// A request whose every part was checked, with everything that is fixed before the first draw.
///
/// Preparing loads the model and runs it once, reads every selected input once, and only then draws
/// the noise key, unless one was given.
public struct PreparedCampaign: Sendable {
    /// Everything that determines the records.
    public private(set) var manifest: Manifest
    /// The digest of the manifest, which names the campaign.
    public private(set) var seal: Digest
    /// What workers are told.
    public private(set) var countingPlan: CountingPlan
    /// What there is to count.
    public private(set) var outline: CampaignOutline
    /// Whether the caller chose the noise key.
    public let isKeyGiven: Bool

    /// Says when the counts of an input are enough, and what they prove.
    let certifier: SequentialCertifier
    /// The files that were read.
    let files: [Provenance.File]
    let modelBytes: [UInt8]
    let images: ImageSet
    let grid: Grid
    let labels: LabelSet?
    /// For each selected input, how far it is at most from its grid point.
    let gridDistances: [Double]

    /// Checks a request and fixes everything.
    ///
    /// - Throws: one sentence for whatever is wrong: ``ClassifierFailure``, ``DataSetError``,
    ///   ``PlanError``, ``RequestError`` or a noise error.
    public init(_ request: CampaignRequest, programVersion: String) throws {
        try RequestError.check(request)
        files =
            [
                Provenance.File(role: "model", path: request.model),
                Provenance.File(role: "inputs", path: request.inputs.path),
            ]
            + (request.labels.map { [Provenance.File(role: "labels", path: $0.path)] } ?? [])
        modelBytes = try RequestError.read(request.model)
        let classifier = try OnnxClassifier(
            model: modelBytes, runtime: OnnxRuntime.load(), batchSize: request.blockSize,
            outputName: request.outputName, decisionThreshold: request.decisionThreshold)
        let classCount = classifier.decision.classCount
        guard classCount > 1 else { throw RequestError.oneClass }

        images = try PreparedCampaign.images(request, shape: classifier.sampleShape)
        grid = try PreparedCampaign.grid(request, for: images.elementType)
        labels = try PreparedCampaign.labels(request, images: images, classes: classCount)
        let indices = try PreparedCampaign.indices(request.selection, count: images.count)

        let distribution = try RoundedGaussian(
            sigma: request.sigma, stepsPerUnit: grid.stepsPerUnit)
        let plan = try CertificationPlan(
            sigma: request.sigma, selectionSamples: request.selectionSamples,
            estimationSamples: request.estimationSamples, rule: request.rule,
            alpha: request.alpha, family: request.isFamilyWise ? indices.count : nil,
            batch: request.batch.map { ErrorBudget.Batch($0, inputs: indices.count) },
            sigmas: request.sigmas, dimension: classifier.sampleSize,
            noiseDistance: distribution.distanceFromIdeal, stopping: request.stopping,
            blockSize: request.blockSize, earlierCaps: request.earlierCaps,
            leastRadius: request.leastRadius, budget: request.budget)
        try plan.checkBudget(inputs: indices.count)
        let normalization = try RequestError.normalization(
            request, shape: classifier.sampleShape)
        let width = images.elementType == .uint8 ? 1 : 4
        let counter = BlockCounter(
            classifier: classifier,
            sampler: NoiseSampler(distribution: distribution, key: .zero),
            normalization: normalization)
        try PreparedCampaign.testOneAnswer(
            counter, request, modelBytes, images, at: [indices.first, indices.last], on: grid)
        let knownAnswer = try counter.knownAnswer()

        let digested = try DigestedInputs(images, indices: indices, grid: grid, width: width)
        gridDistances = digested.gridDistances
        certifier = try SequentialCertifier(
            plan, classes: classCount,
            largestGridDistance: GridDistance(
                roundingUp: UpperBound(proved: gridDistances.max() ?? 0)))
        if let radius = plan.leastRadius, try plan.largestRadius() == nil {
            throw PlanError.radiusOutOfReach(radius, samples: plan.estimationSamples)
        }
        if case .whenDecided(let radius) = plan.stopping, !certifier.canDecide {
            throw PlanError.radiusOutOfReach(radius, samples: plan.estimationSamples)
        }
        let model = Manifest.Model(
            digest: SHA256.digest(of: modelBytes), size: modelBytes.count,
            inputShape: classifier.sampleShape, outputName: request.outputName,
            decisionThreshold: request.decisionThreshold, classCount: classCount,
            mean: normalization?.means,
            standardDeviation: normalization?.standardDeviations)
        let inputs = Manifest.Inputs(
            indices: indices, digest: digested.digest,
            labels: labels.map { PreparedCampaign.digest(of: $0.labels, at: indices) },
            coordinateWidth: width, areRounded: gridDistances.contains { $0 > 0 })
        let counting = Manifest.Counting(
            blockSize: request.blockSize, fingerprint: classifier.fingerprint.description,
            knownAnswer: knownAnswer, selfTests: SelfTest.all(blockSize: request.blockSize))

        // Everything else is fixed: only now is there a key (nobody chose the model or the inputs
        // knowing the noise).
        let key = request.noiseKey ?? NoiseKey.drawn()
        isKeyGiven = request.noiseKey != nil && request.isKeyGiven
        manifest = Manifest(
            programVersion: programVersion, plan: plan,
            noise: Manifest.Noise(
                stepsPerUnit: grid.stepsPerUnit, reach: distribution.support.upperBound,
                distanceFromIdeal: distribution.distanceFromIdeal, key: key.hex),
            model: model, inputs: inputs, counting: counting)
        seal = SHA256.digest(of: Array(manifest.sealedLine.utf8))
        countingPlan = CountingPlan(
            campaign: seal, model: model.digest, modelSize: model.size, sigma: request.sigma,
            stepsPerUnit: grid.stepsPerUnit, noiseKey: key, blockSize: request.blockSize,
            inputShape: classifier.sampleShape, coordinateWidth: width,
            normalization: normalization, outputName: request.outputName,
            decisionThreshold: request.decisionThreshold, classCount: classCount,
            fingerprint: counting.fingerprint, knownAnswer: knownAnswer,
            heartbeatMilliseconds: 1000)
        outline = CampaignOutline(
            campaign: seal, inputs: digested.references, classCount: classCount,
            blockSize: request.blockSize, selectionSamples: request.selectionSamples,
            checkpoints: plan.checkpoints, budget: plan.budget)
    }

    /// The campaign with other runs named in its manifest.
    public func naming(_ earlier: EarlierRuns) -> PreparedCampaign {
        var campaign = self
        campaign.manifest.earlier = earlier
        campaign.seal = SHA256.digest(of: Array(campaign.manifest.sealedLine.utf8))
        campaign.countingPlan.campaign = campaign.seal
        campaign.outline = CampaignOutline(
            campaign: campaign.seal, inputs: outline.inputs, classCount: outline.classCount,
            blockSize: outline.blockSize, selectionSamples: outline.selectionSamples,
            checkpoints: outline.checkpoints, budget: outline.budget)
        return campaign
    }

    /// The encoded input at this place of the campaign.
    func encodedInput(at position: Int) throws -> [UInt8] {
        let image = try images.gridImage(at: Int(outline.inputs[position].index), on: grid)
        return EncodedInput.bytes(of: image.values, width: countingPlan.coordinateWidth)
    }

    /// The true label of the input at this place, when it is known.
    func label(at position: Int) -> Int? {
        labels?.labels[Int(outline.inputs[position].index)]
    }

    /// What the counts of an input come to.
    func record(
        of input: SettledInput, by certifier: inout SequentialCertifier
    ) throws -> CertificateRecord {
        let certification = try certifier.certify(
            selection: input.selection, estimation: input.estimation,
            gridDistance: gridDistance(at: input.position))
        return record(of: input, certification)
    }

    /// What the counts of an input come to; nil without a certifier.
    func record(
        of input: SettledInput, by certifier: inout SequentialCertifier?
    ) throws -> CertificateRecord? {
        let certification = try certifier?.certify(
            selection: input.selection, estimation: input.estimation,
            gridDistance: gridDistance(at: input.position))
        return certification.map { record(of: input, $0) }
    }

    /// The record of an input that comes to this.
    func record(of input: SettledInput, _ certification: Certification) -> CertificateRecord {
        CertificateRecord(
            manifest: manifest, campaign: seal, index: Int(input.index),
            input: outline.inputs[input.position].image, label: label(at: input.position),
            selection: input.selection, estimation: input.estimation,
            gridDistance: gridDistance(at: input.position), certification: certification)
    }

    /// Decides as if each input had the whole of the alpha that they share; nil: they share none.
    func certifierWithoutSharing() throws -> SequentialCertifier? {
        try manifest.plan.withoutSharing.map {
            try SequentialCertifier(
                $0, classes: outline.classCount,
                largestGridDistance: certifier.largestGridDistance)
        }
    }

    /// How far the input at this place is at most from what was sampled.
    func gridDistance(at position: Int) -> GridDistance {
        GridDistance(roundingUp: UpperBound(proved: gridDistances[position]))
    }
}

extension PreparedCampaign {
    private static func images(_ request: CampaignRequest, shape: [Int]) throws -> ImageSet {
        let images = try ImageSet.load(
            path: request.inputs.path, member: request.inputs.member)
        let moved = try request.axisMove.map { try images.transposed($0) } ?? images
        return try moved.fitted(to: shape)
    }

    /// Law 9.
    private static func testOneAnswer(
        _ counter: BlockCounter, _ request: CampaignRequest, _ model: [UInt8], _ images: ImageSet,
        at indices: [Int?], on grid: Grid
    ) throws {
        let width = images.elementType == .uint8 ? 1 : 4
        let images = try indices.compactMap(\.self).map {
            try images.gridImage(at: $0, on: grid).values
        }
        do {
            try counter.testOneAnswer(width: width, images: images)
        } catch let flaw as OneAnswerFlaw {
            throw ClassifierFailure.modelUnsuitable(
                flaw.sentence(about: model, output: request.outputName))
        }
    }

    private static func grid(
        _ request: CampaignRequest, for type: ElementType
    ) throws -> Grid {
        let steps = type == .uint8 ? request.scale : request.stepsPerUnit
        if type == .uint8, request.stepsPerUnit != nil {
            throw RequestError.grid(
                "the inputs are bytes, whose grid is 1/scale: use --scale instead of --grid")
        }
        if type != .uint8, request.scale != nil {
            throw RequestError.grid(
                "the inputs are \(type.rawValue), which are not divided by anything: "
                    + "use --grid instead of --scale, or save bytes")
        }
        return try steps.map(Grid.init(stepsPerUnit:)) ?? .standard(for: type)
    }

    private static func labels(
        _ request: CampaignRequest, images: ImageSet, classes: Int
    ) throws -> LabelSet? {
        if let file = request.labels {
            return try LabelSet.load(
                path: file.path, member: file.member, count: images.count, classes: classes)
        }
        return try images.labels.map {
            try LabelSet($0, count: images.count, classes: classes, origin: images.origin)
        }
    }

    private static func indices(
        _ selection: CampaignRequest.Selection, count: Int
    ) throws -> [Int] {
        switch selection {
        case .all: return Array(0..<count)
        case .first(let first):
            guard (1...count).contains(first) else {
                throw RequestError.selection("--first \(first)", available: count)
            }
            return Array(0..<first)
        case .every(let step):
            guard step >= 1 else {
                throw RequestError.selection("--every \(step)", available: count)
            }
            return Array(stride(from: 0, to: count, by: step))
        case .listed(let path): return try IndexSelection.load(path: path, count: count).indices
        }
    }

    private static func digest(of labels: [Int], at indices: [Int]) -> Digest {
        var hash = SHA256()
        for index in indices {
            hash.update(withUnsafeBytes(of: Int64(labels[index]).littleEndian, Array.init))
        }
        return hash.finalize()
    }
}

/// Every selected input read once: its digest, its distance from the grid, and the digest of all.
private struct DigestedInputs {
    var references: [InputReference] = []
    var gridDistances: [Double] = []
    let digest: Digest

    init(_ images: ImageSet, indices: [Int], grid: Grid, width: Int) throws {
        var all = SHA256()
        for index in indices {
            let image = try images.gridImage(at: index, on: grid)
            let digest = SHA256.digest(of: EncodedInput.bytes(of: image.values, width: width))
            guard let number = UInt32(exactly: index) else {
                throw RequestError.selection("index \(index)", available: Int(UInt32.max))
            }
            references.append(InputReference(index: number, image: digest))
            gridDistances.append(image.distance)
            all.update(withUnsafeBytes(of: number.littleEndian, Array.init) + digest.bytes)
        }
        digest = all.finalize()
    }
}

extension NoiseKey {
    /// A key drawn by the operating system.
    fileprivate static func drawn() -> NoiseKey {
        guard let key = NoiseKey(bytes: OperatingSystemRandom.bytes(count: 32)) else {
            preconditionFailure("a key has 32 bytes")
        }
        return key
    }
}
