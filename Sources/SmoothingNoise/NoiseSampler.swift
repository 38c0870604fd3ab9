internal import CSmoothingNoise

/// Draws noisy copies of inputs: noise(key, input, phase, sample index), a pure function.
///
/// The same call gives the same bytes on every machine and whatever range of samples it is part
/// of. ``NoiseStream`` specifies which bits a draw uses, ``RoundedGaussian`` what it makes of them.
public struct NoiseSampler: Sendable {
    /// The distribution of a coordinate's noise.
    public let distribution: RoundedGaussian
    /// The campaign's noise key.
    public let key: NoiseKey

    /// The sampler of this distribution under this key.
    public init(distribution: RoundedGaussian, key: NoiseKey) {
        self.distribution = distribution
        self.key = key
    }

    /// The largest absolute value of a pixel, in grid steps, to which every noise can be added
    /// such that the sum is exact as a `Float`.
    public var largestPixel: Int32 { Int32(1 << 24 - distribution.support.upperBound) }

    /// Writes the noisy copies of one input for `count` samples from `firstSample` on.
    ///
    /// A value is (pixel + noise) / `stepsPerUnit`: an exact integer sum, then one correctly
    /// rounded `Float` division. It is not clipped to the range of the pixels, for the clipped
    /// classifier would be another one.
    ///
    /// - Parameters:
    ///   - pixels: The input's d coordinates in grid steps, such as 0 to 255.
    ///   - input: The input's index in its data set.
    ///   - phase: What the samples are for.
    ///   - firstSample: The index of the first sample. Indices are less than 2^56.
    ///   - count: The number of samples.
    ///   - copies: Room for `count` * d values; sample after sample, each laid out as the pixels.
    ///   - instructions: An available instruction set. All write the same bytes.
    /// - Throws: ``SmoothingNoiseError/pixelTooLarge(coordinate:value:largest:)``.
    /// - Complexity: O(`count` * d); a few nanoseconds a value.
    public func writeNoisyCopies(
        of pixels: UnsafeBufferPointer<Int32>, input: UInt32, phase: SamplingPhase,
        firstSample: UInt64, count: Int, into copies: UnsafeMutableBufferPointer<Float>,
        using instructions: InstructionSet = .automatic
    ) throws(SmoothingNoiseError) {
        precondition(count >= 0 && copies.count == count * pixels.count)
        precondition(firstSample <= NoiseStream.sampleLimit - UInt64(count))
        precondition(pixels.count < UInt32.max && instructions.isAvailable)
        try check(pixels)
        guard let source = pixels.baseAddress, let target = copies.baseAddress else { return }
        var stream = noise_stream(NoiseStream(key: key, input: input, phase: phase))
        distribution.table.withCTable { table in
            noise_write_copies(
                instructions.code, &stream, table, source, pixels.count,
                Float(distribution.stepsPerUnit), firstSample, count, target)
        }
    }

    private func check(_ pixels: UnsafeBufferPointer<Int32>) throws(SmoothingNoiseError) {
        let largest = largestPixel
        for coordinate in pixels.indices where pixels[coordinate].magnitude > largest {
            throw .pixelTooLarge(
                coordinate: coordinate, value: pixels[coordinate], largest: largest)
        }
    }

    /// The noise of one coordinate of one sample, in grid steps.
    ///
    /// This is the definition, in plain Swift; `writeNoisyCopies` draws the same in bulk.
    public func noise(
        at coordinate: Int, input: UInt32, phase: SamplingPhase, sample: UInt64
    ) -> Int {
        let stream = NoiseStream(key: key, input: input, phase: phase)
        let table = distribution.table
        let draw = stream.draw(of: sample, coordinate: coordinate, bytes: table.drawBytes)
        let sign: UInt32 = 1 << UInt32(8 * table.drawBytes - 1)
        let magnitude = table.draw(draw & (sign - 1)) {
            stream.refinement(of: sample, coordinate: UInt32(coordinate))
        }
        return draw & sign != 0 ? -magnitude : magnitude
    }
}

/// A version of the sampler's inner loop.
public enum InstructionSet: Sendable, CaseIterable {
    /// The fastest that this processor has.
    case automatic
    /// Vectors of 128 bits, on every processor.
    case baseline
    /// AVX2, on x86-64.
    case avx2
    /// AVX-512 F, BW and VL, on x86-64.
    case avx512

    /// Whether this processor has it.
    public var isAvailable: Bool { noise_instructions_available(code) }

    var code: noise_instructions {
        switch self {
        case .automatic: noise_instructions_automatic
        case .baseline: noise_instructions_baseline
        case .avx2: noise_instructions_avx2
        case .avx512: noise_instructions_avx512
        }
    }
}

extension noise_stream {
    init(_ stream: NoiseStream) {
        let key = stream.key.words
        self.init(
            key: (key[0], key[1], key[2], key[3], key[4], key[5], key[6], key[7]),
            input: stream.input, phase: stream.phase.rawValue)
    }
}

extension AliasTable {
    func withCTable(_ body: (UnsafePointer<noise_table>) -> Void) {
        columns.withUnsafeBufferPointer { columns in
            refinements.withUnsafeBufferPointer { refinements in
                var table = noise_table(
                    columns: columns.baseAddress, refinements: refinements.baseAddress,
                    column_bits: UInt32(columnBits), draw_bytes: UInt32(drawBytes))
                body(&table)
            }
        }
    }
}
