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
    /// With a budget: after how many samples each input rests for good or is decided.
    private var samplesByRounds: [UInt32: Int] = [:]

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
            checkpoints: ToyCampaign.checkpoints(scenario),
            budget: scenario.budget > 0 ? scenario.budget : nil)
        plan = CountingPlan(
            campaign: seal, model: ToyCampaign.digest(of: model), modelSize: model.count,
            sigma: 0.5, stepsPerUnit: 255, noiseKey: ToyCampaign.noiseKey,
            blockSize: scenario.block, inputShape: [ToyCampaign.dimension], coordinateWidth: 1,
            normalization: nil, outputName: nil, decisionThreshold: nil,
            classCount: scenario.classes, fingerprint: "engine 1",
            knownAnswer: KnownAnswer(noise: seal, scores: seal),
            heartbeatMilliseconds: 1000)
        if let budget = outline.budget { samplesByRounds = countByRounds(budget) }
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
        return counts(ofBlocks: blocks, phase, input)
    }

    private func counts(
        ofBlocks blocks: Int, _ phase: SamplingPhase, _ input: UInt32
    ) -> ClassCounts {
        counts(of: BlockRange(phase: phase, first: 0, count: blocks), input: input)
    }

    /// After how many estimation blocks an input is decided when nothing goes wrong.
    func blocksToDecide(_ input: UInt32) -> Int {
        if let samples = samplesByRounds[input] {
            return (samples + outline.blockSize - 1) / outline.blockSize
        }
        return firstStop(input, within: 0..<outline.checkpoints.count)
            .map { outline.checkpointEnds[$0] } ?? outline.blocks(in: .estimation)
    }

    /// The first of these checkpoints at which an input is decided.
    private func firstStop(_ input: UInt32, within places: Range<Int>) -> Int? {
        let selection = counts(ofBlocks: outline.blocks(in: .selection), .selection, input)
        var estimation = ClassCounts(classes: outline.classCount)
        var first = 0
        for place in 0..<places.upperBound {
            let end = outline.checkpointEnds[place]
            estimation += counts(
                of: BlockRange(phase: .estimation, first: first, count: end - first),
                input: input)
            first = end
            guard places.contains(place) else { continue }
            if place == outline.checkpoints.count - 1
                || ToyRule().isDecided(selection: selection, estimation: estimation)
            {
                return place
            }
        }
        return nil
    }

    /// Round by round, one input after the other.
    private func countByRounds(_ budget: Int) -> [UInt32: Int] {
        let inputs = outline.inputs.map(\.index)
        // How many checkpoints an input has passed, and how many it may pass.
        var (passed, limits) = (inputs.map { _ in 0 }, inputs.map { _ in 1 })
        var isDecided = inputs.map { _ in false }
        while true {
            for place in inputs.indices where !isDecided[place] && passed[place] < limits[place] {
                let stop = firstStop(inputs[place], within: passed[place]..<limits[place])
                isDecided[place] = stop != nil
                passed[place] = stop.map { $0 + 1 } ?? limits[place]
            }
            let samples = passed.map { outline.checkpoints[$0 - 1] }
            let spent = samples.reduce(inputs.count * outline.selectionSamples, +)
            let resting = inputs.indices.filter { !isDecided[$0] }
            let goals = ToyRule().goals(
                of: resting.map {
                    RestingInput(
                        selection: counts(
                            ofBlocks: outline.blocks(in: .selection), .selection, inputs[$0]),
                        estimation: counts(
                            ofBlocks: outline.checkpointEnds[passed[$0] - 1], .estimation,
                            inputs[$0]))
                }, samplesLeft: budget - spent)
            for (place, goal) in zip(resting, goals) {
                limits[place] = outline.checkpoints.count { $0 <= goal }
            }
            if resting.allSatisfy({ passed[$0] >= limits[$0] }) {
                return Dictionary(zip(inputs, samples), uniquingKeysWith: { first, _ in first })
            }
        }
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

        /// About half as many samples more for every second input, as it seems by chance, as far as the
        /// budget goes.
        func goals(of resting: [RestingInput], samplesLeft: Int) -> [Int] {
            var left = samplesLeft
            return resting.map { input in
                let samples = input.estimation.samples
                let more = samples / 2 + 16
                guard input.estimation.values[0] % 2 == 0 || left > 10 * more, more <= left else {
                    return samples
                }
                left -= more
                return samples + more
            }
        }
    }

    private static let noiseKey: NoiseKey = {
        guard let key = NoiseKey(bytes: [UInt8](repeating: 1, count: 32)) else {
            preconditionFailure("32 bytes")
        }
        return key
    }()
}
