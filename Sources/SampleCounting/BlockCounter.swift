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
    private let classifier: any BaseClassifier
    private let sampler: NoiseSampler
    private let normalization: Normalization?

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
    /// - Throws: ``ClassifierFailure``: a failing run or a score that is not a number is no answer.
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

    /// Draws and classifies the known-answer block.
    public func knownAnswer() throws -> KnownAnswer {
        let known = NoiseSampler(distribution: sampler.distribution, key: NoiseKey.zero)
        let origin = [Int32](repeating: 0, count: classifier.sampleSize)
        try drawBlock(0, of: origin, input: 0, phase: .selection, with: known)
        let noise = BlockCounter.digest(of: classifier.batch)
        normalization?.apply(to: classifier.batch)
        return KnownAnswer(noise: noise, scores: BlockCounter.digest(of: try classifier.logits()))
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
