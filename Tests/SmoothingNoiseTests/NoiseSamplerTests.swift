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
    /// 4,096 columns, the most whose draws take 24 bits.
    static let broad = Result { try RoundedGaussian(sigma: 1, stepsPerUnit: 255) }
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

    @Test(arguments: [255, 65_536])
    func `the redrawn copies exercise refinement both ways`(steps: Int) {
        let those = redrawn.filter { $0.steps == steps }
        #expect(those.reduce(0) { $0 + $1.tiesKept } >= 3)
        #expect(those.reduce(0) { $0 + $1.tiesPassed } >= 3)
    }

    @Test func `a draw is 24 bits up to 4,096 columns and then 32`() throws {
        #expect(try Gaussians.byte.get().table.drawBytes == 3)
        #expect(try Gaussians.broad.get().table.columns.count == 4096)
        #expect(try Gaussians.broad.get().table.drawBytes == 3)
        let (broader, wide) = (
            try RoundedGaussian(sigma: 1.4, stepsPerUnit: 255), try Gaussians.wide.get()
        )
        #expect(broader.table.columns.count == 8192 && broader.table.drawBytes == 4)
        #expect(wide.table.drawBytes == 4)
    }

    @Test func `a draw is the keystream's next bytes, as a little-endian number`() {
        let stream = NoiseStream(key: key, input: 3, phase: .estimation)
        let bytes = (UInt32(0)..<6).flatMap { stream.block($0, of: 5) }
            .flatMap { word in (0..<4).map { word >> UInt32(8 * $0) & 0xff } }
        for coordinate in 0..<96 {
            let three = bytes[3 * coordinate..<3 * coordinate + 3]
            let four = bytes[4 * coordinate..<4 * coordinate + 4]
            for (width, draw) in [(3, three), (4, four)] {
                #expect(
                    stream.draw(of: 5, coordinate: coordinate, bytes: width)
                        == draw.reversed().reduce(0) { $0 << 8 | $1 })
            }
        }
    }

    @Test(arguments: [0, 1, 2, 3, 15, 16, 17, 21, 22, 31, 33, 64, 100, 255, 256, 257, 300])
    func `every kernel writes what the definition says`(d: Int) throws {
        let byte = sampler
        let wide = NoiseSampler(distribution: try Gaussians.wide.get(), key: key)
        for samples: Range<UInt64> in [0..<0, 0..<1, 5..<8, 1 << 32 - 2..<1 << 32 + 3] {
            for sampler in [byte, wide] {
                let defined = sampler.copiesByDefinition(of: pixels(d), samples: samples)
                for set in InstructionSet.allCases where set.isAvailable {
                    let copies = try sampler.copies(of: pixels(d), samples: samples, using: set)
                    #expect(copies == defined, "\(set), samples \(samples)")
                }
            }
        }
    }

    /// Of few coordinates there are many samples in a chunk of the kernel's, and of some numbers
    /// the last rows of several samples would go beyond the last copy.
    @Test(arguments: Array(1...70) + [783, 785, 1001])
    func `many samples are what each is alone, and nothing is written beyond them`(d: Int) throws {
        let pixels = pixels(d)
        let alone = try (UInt64(7)..<140).flatMap { sample in
            try sampler.copies(of: pixels, samples: sample..<sample + 1, using: .baseline)
        }
        for count in [1, 2, 3, 40, 133] {
            for set in InstructionSet.allCases where set.isAvailable {
                var room = [Float](repeating: .infinity, count: count * d + 32)
                try pixels.withUnsafeBufferPointer { pixels in
                    try room.withUnsafeMutableBufferPointer { room in
                        try sampler.writeNoisyCopies(
                            of: pixels, input: 3, phase: .estimation, firstSample: 7,
                            count: count,
                            into: UnsafeMutableBufferPointer(rebasing: room[16..<16 + count * d]),
                            using: set)
                    }
                }
                let bits = room[16..<16 + count * d].map(\.bitPattern)
                #expect(bits == Array(alone.prefix(count * d)), "\(set), \(count) samples")
                #expect(room.prefix(16) + room.suffix(16) == Array(repeating: .infinity, count: 32))
            }
        }
    }

    /// A draw in 2,048 ties with 4,096 columns of 24 bits, and one in 4,096 with 2^19 of 32, so that
    /// of these hundreds do, and a kernel settles them in several batches.
    @Test(arguments: [(1.0, 255), (0.5, 65_536)])
    func `every kernel agrees where draws tie by the hundred`(sigma: Double, steps: Int) throws {
        let gaussian = try steps == 255 ? Gaussians.broad.get() : Gaussians.wide.get()
        #expect(gaussian.sigma == sigma && gaussian.stepsPerUnit == steps)
        let tying = NoiseSampler(distribution: gaussian, key: key)
        let samples: Range<UInt64> = 1000..<1600
        let baseline = try tying.copies(of: pixels(1001), samples: samples, using: .baseline)
        #expect(
            baseline[..<30_030]
                == tying.copiesByDefinition(of: pixels(1001), samples: 1000..<1030)[...])
        for set in InstructionSet.allCases where set.isAvailable {
            let copies = try tying.copies(of: pixels(1001), samples: samples, using: set)
            #expect(copies == baseline, "\(set)")
        }
        let ties = ties(of: tying, samples: samples, d: 1001)
        #expect(ties.count > 100)
        for tie in ties {
            let noise = tying.noise(
                at: tie.coordinate, input: 3, phase: .estimation, sample: tie.sample)
            let value = Float(Int(pixels(1001)[tie.coordinate]) + noise) / Float(steps)
            let place = Int(tie.sample - samples.lowerBound) * 1001 + tie.coordinate
            #expect(baseline[place] == value.bitPattern, "\(tie)")
        }
    }

    private struct Tie { var sample: UInt64, coordinate: Int }

    /// The draws whose fractions begin like the thresholds of their columns.
    private func ties(of sampler: NoiseSampler, samples: Range<UInt64>, d: Int) -> [Tie] {
        let table = sampler.distribution.table
        let width = table.drawBytes
        let columnBits = UInt64(table.columnBits)
        var stream = noise_stream(
            NoiseStream(key: sampler.key, input: 3, phase: .estimation))
        var words = [UInt32](repeating: 0, count: 16 * (width * d / 64 + 1) + 1)
        var ties: [Tie] = []
        for sample in samples {
            noise_write_keystream(
                noise_instructions_automatic, &stream, words.count / 16, sample, 1, &words)
            for coordinate in 0..<d {
                let (word, byte) = (width * coordinate / 4, UInt64(width * coordinate % 4))
                let two = UInt64(words[word + 1]) << 32 | UInt64(words[word])
                let magnitude = two >> (8 * byte) & (1 << UInt64(8 * width - 1) - 1)
                let entry = UInt64(table.columns[Int(magnitude & (1 << columnBits - 1))])
                if magnitude >> columnBits == entry >> columnBits {
                    ties.append(Tie(sample: sample, coordinate: coordinate))
                }
            }
        }
        return ties
    }

    @Test(arguments: InstructionSet.allCases.filter(\.isAvailable))
    func `of equal leading bits, every kernel compares the further ones`(
        set: InstructionSet
    ) throws {
        // A table of two columns whose threshold is what coordinate 40 draws, or next to it.
        let (coordinate, sample): (Int, UInt64) = (40, 9)
        let stream = NoiseStream(key: key, input: 3, phase: .selection)
        let draw = stream.draw(of: sample, coordinate: coordinate, bytes: 3) & 0x7f_ffff
        let further = stream.refinement(of: sample, coordinate: UInt32(coordinate))
        let column = draw & 1
        let alias = 1 - column
        for place in 0..<4 {
            for (change, magnitude) in [(UInt64(0), alias), (1, column), (.max, alias)] {
                var rest = further
                rest[place] &+= change
                let table = AliasTable(
                    columnBits: 1,
                    columns: [UInt32](repeating: draw & ~1 | alias, count: 2),
                    refinements: rest + rest)
                var noise = [Float](repeating: .nan, count: 50)
                var cStream = noise_stream(stream)
                table.withCTable {
                    noise_write_copies(
                        set.code, &cStream, $0, [Int32](repeating: 0, count: 50), 50, 1, sample,
                        1, &noise)
                }
                #expect(noise[coordinate].magnitude == Float(magnitude), "\(place) \(change)")
                #expect(table.draw(draw) { further } == magnitude)
            }
        }
    }

    /// A kernel may make 0 of such a draw without asking for its magnitude.
    @Test(arguments: InstructionSet.allCases.filter(\.isAvailable))
    func `a draw of all zeros has the least fraction of column 0`(set: InstructionSet) throws {
        // Found by search: one draw in 2^24 is.
        let (coordinate, sample): (Int, UInt64) = (6, 133_870)
        let stream = NoiseStream(key: key, input: 3, phase: .estimation)
        #expect(stream.draw(of: sample, coordinate: coordinate, bytes: 3) == 0)
        let further = stream.refinement(of: sample, coordinate: UInt32(coordinate))
        for (leading, change, noise): (UInt32, UInt64, Float) in [(5, 0, 0), (0, 1, 0), (0, 0, 1)] {
            var rest = further
            rest[3] += change
            let table = AliasTable(
                columnBits: 1, columns: [leading << 1 | 1, 1], refinements: rest + rest)
            var copies = [Float](repeating: .nan, count: 50)
            var cStream = noise_stream(stream)
            table.withCTable {
                noise_write_copies(
                    set.code, &cStream, $0, [Int32](repeating: 0, count: 50), 50, 1, sample, 1,
                    &copies)
            }
            #expect(copies[coordinate] == noise, "\(leading) \(change)")
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
