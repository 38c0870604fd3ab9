import CampaignScheduling
import Digests
import RandomizedSmoothing
import SmoothingNoise
import Sodium

/// A small campaign whose counts can be told from the sample indices alone.
enum Campaign {
    static let seal = digest(1)
    static let classes = 3

    static func digest(_ byte: UInt8) -> Digest {
        guard let digest = Digest(bytes: [UInt8](repeating: byte, count: 32)) else {
            preconditionFailure("a digest has 32 bytes")
        }
        return digest
    }

    static func outline(
        inputs: Int = 3, block: Int = 4, selection: Int = 6, estimation: Int = 21
    ) -> CampaignOutline {
        outline(inputs: inputs, block: block, selection: selection, checkpoints: [estimation])
    }

    static func outline(
        inputs: Int = 3, block: Int = 4, selection: Int = 6, checkpoints: [Int],
        budget: Int? = nil
    ) -> CampaignOutline {
        CampaignOutline(
            campaign: seal,
            inputs: (0..<inputs).map {
                InputReference(index: UInt32(10 * $0), image: image($0).digest)
            },
            classCount: classes, blockSize: block, selectionSamples: selection,
            checkpoints: checkpoints, budget: budget)
    }

    /// Ends the estimation at about one look in three: any function of the counts will do.
    struct Whim: StoppingRule {
        func isDecided(selection: ClassCounts, estimation: ClassCounts) -> Bool {
            (estimation.values[0] + selection.values[1]) % 3 == 0
        }

        /// Four or nine samples more for one input after the other, as far as it goes.
        func goals(of resting: [RestingInput], samplesLeft: Int) -> [Int] {
            var left = samplesLeft
            return resting.map { input in
                let (samples, more) = (
                    input.estimation.samples, 4 + input.estimation.values[1] % 2 * 5
                )
                guard more <= left else { return samples }
                left -= more
                return samples + more
            }
        }
    }

    /// The checkpoint at which an input is decided when nothing goes wrong.
    static func samplesToDecide(_ input: UInt32, _ outline: CampaignOutline) -> Int {
        if outline.budget != nil { return samplesByRounds(outline)[input] ?? 0 }
        return samplesToDecide(input, outline, from: 0, to: outline.estimationSamples).samples
    }

    /// The first checkpoint after one and up to another at which an input is decided, or that one.
    private static func samplesToDecide(
        _ input: UInt32, _ outline: CampaignOutline, from first: Int, to last: Int
    ) -> (samples: Int, isDecided: Bool) {
        let selection = counts(
            input: input, phase: .selection, samples: outline.selectionSamples)
        let place = outline.checkpoints.filter { first < $0 && $0 <= last }.first { samples in
            samples == outline.estimationSamples
                || Whim().isDecided(
                    selection: selection,
                    estimation: counts(input: input, phase: .estimation, samples: samples))
        }
        return (place ?? last, place != nil)
    }

    /// Round by round, one input after the other: the definition of a campaign with a budget.
    private static func samplesByRounds(_ outline: CampaignOutline) -> [UInt32: Int] {
        let inputs = outline.inputs.map(\.index)
        var samples = [UInt32: Int](uniqueKeysWithValues: inputs.map { ($0, 0) })
        var goals = [UInt32: Int](uniqueKeysWithValues: inputs.map { ($0, outline.checkpoints[0]) })
        var decided: Set<UInt32> = []
        while true {
            for input in inputs where !decided.contains(input) {
                let (from, to) = (samples[input, default: 0], goals[input, default: 0])
                guard from < to else { continue }
                let end = samplesToDecide(input, outline, from: from, to: to)
                samples[input] = end.samples
                if end.isDecided { decided.insert(input) }
            }
            let resting = inputs.filter { !decided.contains($0) }
            let spent = samples.values.reduce(inputs.count * outline.selectionSamples, +)
            let next = Whim().goals(
                of: resting.map {
                    RestingInput(
                        selection: counts(
                            input: $0, phase: .selection, samples: outline.selectionSamples),
                        estimation: counts(
                            input: $0, phase: .estimation, samples: samples[$0, default: 0]))
                }, samplesLeft: (outline.budget ?? 0) - spent)
            let reached = next.map { goal in outline.checkpoints.last { $0 <= goal } ?? 0 }
            if zip(resting, reached).allSatisfy({ samples[$0, default: 0] >= $1 }) {
                return samples
            }
            for (input, goal) in zip(resting, reached) { goals[input] = goal }
        }
    }

    /// The class of a sample: any function of its indices will do.
    static func answer(input: UInt32, phase: SamplingPhase, sample: Int) -> Int {
        var mixed = UInt64(input) &* 0x9E37_79B9 &+ UInt64(phase.rawValue) &* 0x85EB_CA6B
        mixed = (mixed &+ UInt64(sample)) &* 0xBF58_476D_1CE4_E5B9
        return Int((mixed >> 32) % UInt64(classes))
    }

    /// What a whole lease counts.
    static func counts(of lease: Lease, block: Int = 4) -> ClassCounts {
        var counts = ClassCounts(classes: classes)
        let first = lease.blocks.first * block
        for sample in first..<first + lease.samples {
            counts.count(answer(input: lease.input, phase: lease.blocks.phase, sample: sample))
        }
        return counts
    }

    /// What the whole phase of an input counts.
    static func counts(input: UInt32, phase: SamplingPhase, samples: Int) -> ClassCounts {
        var counts = ClassCounts(classes: classes)
        for sample in 0..<samples {
            counts.count(answer(input: input, phase: phase, sample: sample))
        }
        return counts
    }

    static func tally(_ lease: Lease, block: Int = 4) -> Tally {
        Tally(
            campaign: seal, lease: lease.id, counts: counts(of: lease, block: block),
            nanoseconds: 1000)
    }

    static let knownAnswer = KnownAnswer(noise: digest(6), scores: digest(7))

    static func worker(_ number: UInt8) -> WorkerID {
        guard let id = WorkerID(bytes: [UInt8](repeating: number, count: 16)) else {
            preconditionFailure("an identity has 16 bytes")
        }
        return id
    }

    /// One of many strangers.
    static func stranger(_ number: Int) -> Hello {
        var hello = hello(0, sessions: 1024)
        let bytes = (0..<16).map { UInt8(truncatingIfNeeded: $0 < 8 ? number >> (8 * $0) : 255) }
        if let id = WorkerID(bytes: bytes) { hello.worker = id }
        hello.name = "stranger \(number)"
        return hello
    }

    static let model: [UInt8] = Array(0..<200)

    static func image(_ position: Int) -> (bytes: [UInt8], digest: Digest) {
        let bytes = [UInt8](repeating: UInt8(position + 100), count: 8)
        return (bytes, SHA256.digest(of: bytes))
    }

    static var plan: CountingPlan {
        guard let key = NoiseKey(hex: String(repeating: "0", count: 64)) else {
            preconditionFailure("a key has 64 digits")
        }
        return CountingPlan(
            campaign: seal, model: SHA256.digest(of: model), modelSize: model.count, sigma: 0.5,
            stepsPerUnit: 255, noiseKey: key, blockSize: 4, inputShape: [8], coordinateWidth: 1,
            normalization: nil, outputName: nil, decisionThreshold: nil, classCount: classes,
            fingerprint: "engine 1", knownAnswer: knownAnswer, heartbeatMilliseconds: 1000)
    }

    static func hello(_ number: UInt8, sessions: Int = 1) -> Hello {
        Hello(
            protocolVersion: protocolVersion, worker: worker(number), name: "w\(number)",
            fingerprint: "engine 1", sessions: sessions)
    }
}

/// SplitMix64: the tests' source of choices, seeded.
struct Choices {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((word ^ (word >> 31)) % UInt64(bound))
    }
}
