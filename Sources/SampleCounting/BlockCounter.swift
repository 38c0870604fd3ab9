public import ClassifierRuntime
public import Digests
public import SmoothingNoise
internal import Sodium

/// Counts the classifier's answers on noisy copies of an input, block by block.
///
/// A block is always classified whole and with the same neighbours: the samples of a last, partly
/// counted block are drawn like all others and left uncounted, so that more samples later do not
/// change a neighbour. The counts are a function of model, input, sampler and normalisation, and of
/// the block (law 1).
///
/// It belongs to the thread that made it, like its classifier.
public final class BlockCounter {
    let classifier: any BaseClassifier
    let sampler: NoiseSampler
    let normalization: Normalization?
    private var watch: AnswerWatch?

    /// A counter whose block size is the classifier's batch size.
    ///
    /// - Parameters:
    ///   - classifier: the base classifier f without its normalisation.
    ///   - sampler: the noise.
    ///   - normalization: applied after the noise; part of f.
    public init(
        classifier: any BaseClassifier, sampler: NoiseSampler, normalization: Normalization?
    ) {
        self.classifier = classifier
        self.sampler = sampler
        self.normalization = normalization
    }

    /// The counts of the first `samples` samples from block `first` on; nil when `isWanted` said no
    /// between two blocks.
    ///
    /// - Parameters:
    ///   - pixels: the input, in steps of the grid.
    ///   - input: its index in the data set.
    ///   - isWanted: asked before each block.
    /// - Throws: ``ClassifierFailure``: a failing run or a score that is not a number is no answer; and
    ///   ``OneAnswerFlaw`` when the known answer is not what it was.
    public func counts(
        of pixels: [Int32], input: UInt32, phase: SamplingPhase, firstBlock: Int, samples: Int,
        while isWanted: () -> Bool = { true }
    ) throws -> [Int]? {
        var counts = [Int](repeating: 0, count: classifier.decision.classCount)
        var block = firstBlock
        var left = samples
        while left > 0 {
            guard isWanted() else { return nil }
            try drawBlock(block, of: pixels, input: input, phase: phase, with: sampler)
            normalization?.apply(to: classifier.batch)
            let counted = min(left, classifier.batchSize)
            try classifier.classify(counted: counted) { counts[$1] += 1 }
            left -= counted
            block += 1
        }
        try look(after: block - firstBlock)
        return counts
    }

    /// The scores of a whole block, sample after sample, valid until the next call: for whoever looks at
    /// how near they are to each other.
    ///
    /// - Throws: ``ClassifierFailure``. A score may be no number.
    public func scores(
        of pixels: [Int32], input: UInt32, phase: SamplingPhase, block: Int
    ) throws -> UnsafeBufferPointer<Float> {
        try drawBlock(block, of: pixels, input: input, phase: phase, with: sampler)
        normalization?.apply(to: classifier.batch)
        return try classifier.logits()
    }

    /// Draws and classifies the known-answer block. From then on counting looks again now and then whether
    /// its scores are the same.
    public func knownAnswer() throws -> KnownAnswer {
        try drawKnownBlock()
        let noise = BlockCounter.digest(of: classifier.batch)
        let scores = Array(try classifyKnownBlock())
        watch = AnswerWatch(scores: scores)
        return KnownAnswer(noise: noise, scores: BlockCounter.digest(of: scores))
    }

    /// Looks whether the known answer is still what it was, once the time for that has come.
    private func look(after blocks: Int) throws {
        guard let scores = watch?.scoresDue(after: blocks), let counted = watch?.blocks else {
            return
        }
        try drawKnownBlock()
        try compare(classifyKnownBlock(), with: scores, .later(blocks: counted))
    }

    private func drawKnownBlock() throws {
        let known = NoiseSampler(distribution: sampler.distribution, key: NoiseKey.zero)
        let origin = [Int32](repeating: 0, count: classifier.sampleSize)
        try drawBlock(0, of: origin, input: 0, phase: .selection, with: known)
    }

    private func classifyKnownBlock() throws -> UnsafeBufferPointer<Float> {
        normalization?.apply(to: classifier.batch)
        return try classifier.logits()
    }

    private static func digest(of values: some Sequence<Float>) -> Digest {
        var hash = SHA256()
        for value in values {
            hash.update(withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init))
        }
        return hash.finalize()
    }

    private func drawBlock(
        _ block: Int, of pixels: [Int32], input: UInt32, phase: SamplingPhase,
        with sampler: NoiseSampler
    ) throws {
        precondition(pixels.count == classifier.sampleSize, "an input of another shape")
        try pixels.withUnsafeBufferPointer { pixels in
            try sampler.writeNoisyCopies(
                of: pixels, input: input, phase: phase,
                firstSample: UInt64(block * classifier.batchSize), count: classifier.batchSize,
                into: classifier.batch)
        }
    }
}

/// When to look at the known block again: after 1, 2, 4, … blocks at first, and later after each
/// ``pause``, which costs a thousandth of the time.
private struct AnswerWatch {
    private let scores: [Float]
    /// How many blocks were counted.
    private(set) var blocks = 0
    private var next = 1

    static let pause = 1000

    init(scores: [Float]) { self.scores = scores }

    /// The scores to compare with, when it is time to look.
    mutating func scoresDue(after more: Int) -> [Float]? {
        blocks += more
        guard blocks >= next else { return nil }
        next = blocks + min(blocks, AnswerWatch.pause)
        return scores
    }
}
