/// The per-channel normalisation of a classifier's inputs: (value - mean) / standardDeviation.
///
/// It comes after the noise and is part of the base classifier f, so no radius changes. Both
/// operations are correctly rounded `Float` operations, never fused, so every machine gets the
/// same bits.
public struct Normalization: Sendable, Hashable {
    /// Each channel's mean, in units of the data.
    public let means: [Float]
    /// Each channel's standard deviation, in units of the data.
    public let standardDeviations: [Float]
    /// How many neighbouring coordinates belong to one channel before the next begins: height *
    /// width where channels come first, 1 where they come last.
    public let innerStride: Int

    /// The normalisation in which coordinate c is of channel (c / `innerStride`) % channels.
    ///
    /// - Throws: A ``SmoothingNoiseError`` unless there are as many finite means as finite positive
    ///   standard deviations, at least one, and a positive stride.
    public init(
        means: [Float], standardDeviations: [Float], innerStride: Int
    ) throws(SmoothingNoiseError) {
        guard !means.isEmpty, means.count == standardDeviations.count, innerStride > 0 else {
            throw .normalizationInvalid(
                means: means.count, standardDeviations: standardDeviations.count,
                innerStride: innerStride)
        }
        for (channel, (mean, deviation)) in zip(means, standardDeviations).enumerated() {
            guard mean.isFinite, deviation.isFinite, deviation > 0 else {
                throw .channelInvalid(channel, mean: mean, standardDeviation: deviation)
            }
        }
        self.means = means
        self.standardDeviations = standardDeviations
        self.innerStride = innerStride
    }

    /// Normalises whole samples in place, one after another in `values`.
    ///
    /// The number of values must be a multiple of channels * `innerStride`.
    public func apply(to values: UnsafeMutableBufferPointer<Float>) {
        precondition(values.count % (means.count * innerStride) == 0)
        var start = 0
        while start < values.count {
            for (mean, deviation) in zip(means, standardDeviations) {
                for index in start..<start + innerStride {
                    values[index] = (values[index] - mean) / deviation
                }
                start += innerStride
            }
        }
    }
}
