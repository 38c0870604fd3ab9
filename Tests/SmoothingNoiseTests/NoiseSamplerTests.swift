import CSmoothingNoise
import Testing

@testable import SmoothingNoise

/// A noisy copy that Vectors/redraw.py drew, as the bits of its floats in hexadecimal.
struct Redrawn: Sendable {
    var sigma: Double
    var steps: Int
    var input: UInt32
    var phase: UInt8
    var sample: UInt64
    var d: Int
    /// How many draws the refinement decided for the column, and how many for its alias.
    var tiesKept: Int
    var tiesPassed: Int
    var bits: String

    var values: [UInt32] {
        bits.split(whereSeparator: \.isWhitespace).compactMap { UInt32($0, radix: 16) }
    }
}

/// Tables take time: each is made once.
private enum Gaussians {
    static let byte = Result { try RoundedGaussian(sigma: 0.25, stepsPerUnit: 255) }
    static let wide = Result { try RoundedGaussian(sigma: 0.5, stepsPerUnit: 65_536) }

    static func get(sigma: Double, steps: Int) throws -> RoundedGaussian {
        for known in [try byte.get(), try wide.get()]
        where known.sigma == sigma && known.stepsPerUnit == steps { return known }
        return try RoundedGaussian(sigma: sigma, stepsPerUnit: steps)
    }
}

extension NoiseSampler {
    /// The bits of noisy copies.
    fileprivate func copies(
        of pixels: [Int32], input: UInt32 = 3, phase: SamplingPhase = .estimation,
        samples: Range<UInt64>, using set: InstructionSet = .automatic
    ) throws -> [UInt32] {
        var copies = [Float](repeating: .nan, count: samples.count * pixels.count)
        try pixels.withUnsafeBufferPointer { pixels in
            try copies.withUnsafeMutableBufferPointer { copies in
                try writeNoisyCopies(
                    of: pixels, input: input, phase: phase, firstSample: samples.lowerBound,
                    count: samples.count, into: copies, using: set)
            }
        }
        return copies.map(\.bitPattern)
    }

    /// The same by the definition.
    fileprivate func copiesByDefinition(
        of pixels: [Int32], input: UInt32 = 3, phase: SamplingPhase = .estimation,
        samples: Range<UInt64>
    ) -> [UInt32] {
        samples.flatMap { sample in
            pixels.indices.map { coordinate in
                let noise = noise(at: coordinate, input: input, phase: phase, sample: sample)
                let value = Float(Int(pixels[coordinate]) + noise)
                return (value / Float(distribution.stepsPerUnit)).bitPattern
            }
        }
    }
}

private func pixels(_ d: Int) -> [Int32] { (0..<d).map { Int32(7 * $0 % 256) } }

@Suite struct NoiseSamplerTests {
    private let key: NoiseKey
    private let sampler: NoiseSampler

    init() throws {
        key = try #require(NoiseKey(hex: redrawnKey))
        sampler = NoiseSampler(distribution: try Gaussians.byte.get(), key: key)
    }

    @Test(arguments: redrawn.indices)
    func `a stranger redraws the same bits from the specification`(index: Int) throws {
        let expected = redrawn[index]
        let gaussian = try Gaussians.get(sigma: expected.sigma, steps: expected.steps)
        let phase = try #require(SamplingPhase(rawValue: expected.phase))
        let sampler = NoiseSampler(distribution: gaussian, key: key)
        let samples = expected.sample..<expected.sample + 1
        #expect(expected.values.count == expected.d)
        for set in InstructionSet.allCases where set.isAvailable {
            let copies = try sampler.copies(
                of: pixels(expected.d), input: expected.input, phase: phase, samples: samples,
                using: set)
            #expect(copies == expected.values, "\(set)")
        }
        let defined = sampler.copiesByDefinition(
            of: pixels(expected.d), input: expected.input, phase: phase, samples: samples)
        #expect(defined == expected.values)
    }

    @Test func `the redrawn copies exercise refinement both ways`() {
        #expect(redrawn.reduce(0) { $0 + $1.tiesKept } >= 3)
        #expect(redrawn.reduce(0) { $0 + $1.tiesPassed } >= 3)
    }

    @Test(arguments: [0, 1, 2, 15, 16, 17, 31, 33, 64, 100, 255, 256, 257, 300])
    func `every kernel writes what the definition says`(d: Int) throws {
        for samples: Range<UInt64> in [0..<0, 0..<1, 5..<8, 1 << 32 - 2..<1 << 32 + 3] {
            let defined = sampler.copiesByDefinition(of: pixels(d), samples: samples)
            for set in InstructionSet.allCases where set.isAvailable {
                let copies = try sampler.copies(of: pixels(d), samples: samples, using: set)
                #expect(copies == defined, "\(set), samples \(samples)")
            }
        }
    }

    @Test func `every kernel agrees where draws tie by the dozen`() throws {
        // 12 fraction bits: a draw in 4096 ties, so about 25 of these.
        let wide = NoiseSampler(distribution: try Gaussians.wide.get(), key: key)
        let samples: Range<UInt64> = 1000..<1100
        let baseline = try wide.copies(of: pixels(1001), samples: samples, using: .baseline)
        #expect(
            baseline[..<30_030]
                == wide.copiesByDefinition(of: pixels(1001), samples: 1000..<1030)[...])
        for set in InstructionSet.allCases where set.isAvailable {
            let copies = try wide.copies(of: pixels(1001), samples: samples, using: set)
            #expect(copies == baseline, "\(set)")
        }
    }

    @Test(arguments: InstructionSet.allCases.filter(\.isAvailable))
    func `of equal leading bits, every kernel compares the further ones`(
        set: InstructionSet
    ) throws {
        // A table of two columns whose threshold is what coordinate 40 draws, or next to it.
        let (coordinate, sample): (Int, UInt64) = (40, 9)
        let stream = NoiseStream(key: key, input: 3, phase: .selection)
        let word = stream.block(UInt32(coordinate / 16), of: sample)[coordinate % 16]
        let further = stream.refinement(of: sample, coordinate: UInt32(coordinate))
        let column = word >> 30 & 1
        let alias = 1 - column
        for place in 0..<3 {
            for (change, magnitude) in [(UInt64(0), alias), (1, column), (.max, alias)] {
                var rest = further
                rest[place] &+= change
                let table = AliasTable(
                    columnBits: 1,
                    columns: [UInt32](repeating: (word & 0x3fff_ffff) << 1 | alias, count: 2),
                    refinements: rest + rest)
                var noise = [Float](repeating: .nan, count: 50)
                var cStream = noise_stream(stream)
                table.withCTable {
                    noise_write_copies(
                        set.code, &cStream, $0, [Int32](repeating: 0, count: 50), 50, 1, sample,
                        1, &noise)
                }
                #expect(noise[coordinate].magnitude == Float(magnitude), "\(place) \(change)")
                #expect(table.draw(word & 0x7fff_ffff) { further } == magnitude)
            }
        }
    }

    @Test(arguments: [10, 64, 784])
    func `a range of samples may be split anywhere`(d: Int) throws {
        let whole = try sampler.copies(of: pixels(d), samples: 0..<23)
        for split: UInt64 in 0...23 {
            let first = try sampler.copies(of: pixels(d), samples: 0..<split)
            let second = try sampler.copies(of: pixels(d), samples: split..<23)
            #expect(first + second == whole)
        }
    }

    @Test func `a coordinate's noise does not depend on how many there are`() throws {
        let long = try sampler.copies(of: pixels(300), samples: 4..<5)
        for d in 1..<300 {
            #expect(try sampler.copies(of: pixels(d), samples: 4..<5) == Array(long.prefix(d)))
        }
    }

    @Test func `inputs, phases, samples and keys have noise of their own`() throws {
        let other = NoiseSampler(
            distribution: sampler.distribution,
            key: try #require(NoiseKey(hex: String(repeating: "7", count: 64))))
        let grey = [Int32](repeating: 128, count: 64)
        let copies = [
            try sampler.copies(of: grey, samples: 0..<1),
            try sampler.copies(of: grey, samples: 1..<2),
            try sampler.copies(of: grey, input: 4, samples: 0..<1),
            try sampler.copies(of: grey, phase: .selection, samples: 0..<1),
            try other.copies(of: grey, samples: 0..<1),
        ]
        #expect(Set(copies).count == copies.count)
    }

    @Test func `a pixel to which noise adds inexactly is refused`() throws {
        let largest = sampler.largestPixel
        #expect(Int(largest) + sampler.distribution.support.upperBound == 1 << 24)
        for extreme in [largest, -largest] {
            let copies = try sampler.copies(of: [0, extreme], samples: 0..<50)
            let defined = sampler.copiesByDefinition(of: [0, extreme], samples: 0..<50)
            #expect(copies == defined)
        }
        for excess in [largest + 1, -largest - 1, .max, .min] {
            #expect(
                throws: SmoothingNoiseError.pixelTooLarge(
                    coordinate: 1, value: excess, largest: largest)
            ) { try sampler.copies(of: [0, excess], samples: 0..<1) }
        }
    }
}

@Suite struct NoiseStatisticsTests {
    /// P[K = k] for s = 4 and k = 0...16, then P[K > 16], by SciPy's norm.cdf and norm.sf.
    private let probabilities = [
        0.09947644966022584, 0.09643154184261082, 0.08784470427857571, 0.07519857619618986,
        0.06049243571570184, 0.045728794785473204, 0.032484442936116076, 0.02168491764995817,
        0.013603055316812607, 0.00801883135271042, 0.004442026732725757, 0.002312310873066603,
        0.0011311121908376132, 0.0005199468448333633, 0.00022459772839378278,
        9.116837613010187e-05, 3.4775611904902526e-05, 1.8536737846201994e-05,
    ]

    /// A right sampler fails with probability 1e-9 (SciPy's chi2.isf(1e-9, 34)); the key is fixed,
    /// so it fails always or never.
    @Test func `a million draws fit the rounded Gaussian`() throws {
        let gaussian = try RoundedGaussian(sigma: 0.015625, stepsPerUnit: 256)
        let key = try #require(NoiseKey(hex: redrawnKey))
        let sampler = NoiseSampler(distribution: gaussian, key: key)
        let copies = try sampler.copies(of: [Int32](repeating: 0, count: 1024), samples: 0..<1024)
        var counts = [Double](repeating: 0, count: 35)
        for bits in copies {
            let noise = Int(Float(bitPattern: bits) * 256)
            counts[min(max(noise, -17), 17) + 17] += 1
        }
        let statistic = counts.indices.reduce(0.0) { sum, bin in
            let expected = probabilities[abs(bin - 17)] * 0x1p20
            return sum + (counts[bin] - expected) * (counts[bin] - expected) / expected
        }
        #expect(statistic < 108.607658954693)
    }
}
