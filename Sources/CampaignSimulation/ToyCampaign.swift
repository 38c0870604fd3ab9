import CampaignScheduling
import Digests
import RandomizedSmoothing
import SmoothingNoise

/// The campaign that is simulated: its classifier's answer is a function of the sample's indices, so
/// the right counts of every range are known.
struct ToyCampaign: Sendable {
    let outline: CampaignOutline
    let plan: CountingPlan
    let model: [UInt8]
    private let images: [Digest: [UInt8]]

    static let dimension = 8

    init(_ scenario: Scenario) {
        let seal = ToyCampaign.digest(of: Array("campaign".utf8))
        model = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        let coordinates = (0..<scenario.inputs).map { position in
            (0..<ToyCampaign.dimension).map {
                UInt8(truncatingIfNeeded: position >> (4 * $0) &+ $0)
            }
        }
        let digests = coordinates.map(ToyCampaign.digest)
        images = Dictionary(zip(digests, coordinates), uniquingKeysWith: { first, _ in first })
        outline = CampaignOutline(
            campaign: seal,
            inputs: digests.enumerated().map {
                InputReference(index: UInt32(10 * $0), image: $1)
            },
            classCount: scenario.classes, blockSize: scenario.block,
            selectionSamples: scenario.selection,
            checkpoints: ToyCampaign.checkpoints(scenario))
        plan = CountingPlan(
            campaign: seal, model: ToyCampaign.digest(of: model), modelSize: model.count,
            sigma: 0.5, stepsPerUnit: 255, noiseKey: ToyCampaign.noiseKey,
            blockSize: scenario.block, inputShape: [ToyCampaign.dimension], coordinateWidth: 1,
            normalization: nil, outputName: nil, decisionThreshold: nil,
            classCount: scenario.classes, fingerprint: "engine 1",
            knownAnswer: KnownAnswer(noise: seal, scores: seal),
            heartbeatMilliseconds: 1000)
    }

    /// The bytes of the model or of an input.
    func blob(_ digest: Digest) -> [UInt8]? { digest == plan.model ? model : images[digest] }

    /// The classifier's answer on a sample.
    func answer(input: UInt32, phase: SamplingPhase, sample: Int) -> Int {
        let stream = UInt64(input) << 40 | UInt64(phase.rawValue) << 39
        var random = SeededRandom(seed: stream | UInt64(sample))
        return Int(random.next() % UInt64(outline.classCount))
    }

    /// What a range of blocks counts, rightly; `phase` may name another stream, wrongly.
    func counts(of range: BlockRange, input: UInt32, phase: SamplingPhase? = nil) -> ClassCounts {
        var counts = ClassCounts(classes: outline.classCount)
        let first = range.first * outline.blockSize
        for sample in first..<first + outline.samples(in: range) {
            counts.count(answer(input: input, phase: phase ?? range.phase, sample: sample))
        }
        return counts
    }

    /// What a phase of an input counts, up to the checkpoint at which it is decided.
    func counts(input: UInt32, phase: SamplingPhase) -> ClassCounts {
        let blocks = phase == .selection ? outline.blocks(in: phase) : blocksToDecide(input)
        return counts(of: BlockRange(phase: phase, first: 0, count: blocks), input: input)
    }

    /// After how many estimation blocks an input is decided when nothing goes wrong.
    func blocksToDecide(_ input: UInt32) -> Int {
        let selection = counts(
            of: BlockRange(phase: .selection, first: 0, count: outline.blocks(in: .selection)),
            input: input)
        var estimation = ClassCounts(classes: outline.classCount)
        var first = 0
        for end in outline.checkpointEnds.dropLast() {
            estimation += counts(
                of: BlockRange(phase: .estimation, first: first, count: end - first),
                input: input)
            if ToyRule().isDecided(selection: selection, estimation: estimation) { return end }
            first = end
        }
        return outline.blocks(in: .estimation)
    }

    private static func checkpoints(_ scenario: Scenario) -> [Int] {
        guard scenario.looks > 0 else { return [scenario.estimation] }
        let step = scenario.looks * scenario.block
        return Array(stride(from: step, to: scenario.estimation, by: step))
            + [scenario.estimation]
    }

    /// How a worker of this identity introduces itself.
    func hello(_ id: WorkerID, name: String, sessions: Int) -> Hello {
        Hello(
            protocolVersion: protocolVersion, worker: id, name: name,
            fingerprint: plan.fingerprint, sessions: sessions)
    }

    /// A stand-in for SHA-256 where nobody attacks.
    @Sendable
    static func digest(of bytes: [UInt8]) -> Digest {
        var words: [UInt64] = [0xCBF2_9CE4_8422_2325, 1, 2, 3]
        for byte in bytes {
            for place in words.indices {
                words[place] =
                    (words[place] ^ UInt64(byte)) &* (0x100_0000_01B3 + UInt64(place) * 2)
            }
        }
        let all = words.flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
        }
        guard let digest = Digest(bytes: all) else { preconditionFailure("32 bytes") }
        return digest
    }

    /// Ends the estimation at one look in six, as it seems by chance.
    struct ToyRule: StoppingRule {
        func isDecided(selection: ClassCounts, estimation: ClassCounts) -> Bool {
            var seed: UInt64 = 1
            for count in selection.values + estimation.values {
                seed = seed &* 1009 &+ UInt64(count)
            }
            var random = SeededRandom(seed: seed)
            return random.next() % 6 == 0
        }
    }

    private static let noiseKey: NoiseKey = {
        guard let key = NoiseKey(bytes: [UInt8](repeating: 1, count: 32)) else {
            preconditionFailure("32 bytes")
        }
        return key
    }()
}
