/// What a machine makes of the known-answer block, by which it is seen to count like the others: the
/// noisy copies of the input whose coordinates are all 0, under the noise key whose bytes are all 0,
/// for input 0, phase selection, block 0.
public struct KnownAnswer: Hashable, Sendable {
    /// The digest of the noisy copies themselves: two machines that differ in the sampler differ here.
    public var noise: Digest
    /// The digest of the classifier's scores on them: two that differ in engine, processor or
    /// arithmetic differ here.
    public var scores: Digest

    /// Assembles the answer from its parts.
    public init(noise: Digest, scores: Digest) {
        self.noise = noise
        self.scores = scores
    }
}
