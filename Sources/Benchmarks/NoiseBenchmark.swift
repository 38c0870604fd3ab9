import CSmoothingNoise
import SmoothingNoise

/// Nanoseconds on one core: of the generator alone for 32 bits, then of whole noisy copies for a
/// float, which takes 24 bits of it, or 32 on the finer grid. Each figure is the least of many
/// short runs, so that what else the machine does counts little.
struct NoiseBenchmark {
    private let clock = ContinuousClock()

    func run() throws {
        print("noise, nanoseconds on one core: the generator 32 bits, noisy copies a float")
        for (steps, dimension) in [(255, 784), (255, 3072), (65_536, 3072)] {
            var distribution: RoundedGaussian?
            let construction = try clock.measure {
                distribution = try RoundedGaussian(sigma: 0.5, stepsPerUnit: steps)
            }
            guard let distribution else { return }
            print(
                "  sigma 0.5, grid 1/\(steps), \(dimension) coordinates "
                    + "(table made in \(text(construction / .seconds(1), places: 2)) s)")
            let sampler = NoiseSampler(distribution: distribution, key: .zero)
            for (name, set, code) in [
                ("baseline", InstructionSet.baseline, noise_instructions_baseline),
                ("avx2", .avx2, noise_instructions_avx2),
                ("avx512", .avx512, noise_instructions_avx512),
            ] where set.isAvailable {
                let generator = generatorTime(dimension, code)
                let copies = try copiesTime(sampler, dimension, set)
                print(
                    "    \(name): generator \(text(generator, places: 2)), "
                        + "noisy copies \(text(copies, places: 2)), "
                        + "ratio \(text(copies / generator, places: 2))")
            }
        }
    }

    private func leastTime(_ floats: Int, _ body: () -> Void) -> Double {
        let least = (0..<500).map { _ in clock.measure(body) }.min() ?? .zero
        return least / .nanoseconds(floats)
    }

    private func generatorTime(_ dimension: Int, _ set: noise_instructions) -> Double {
        let samples = 40_000 / dimension
        let blocks = (dimension + 15) / 16
        var stream = noise_stream()
        let words = UnsafeMutablePointer<UInt32>.allocate(capacity: samples * blocks * 16)
        defer { words.deallocate() }
        return leastTime(samples * blocks * 16) {
            noise_write_keystream(set, &stream, blocks, 0, samples, words)
        }
    }

    private func copiesTime(
        _ sampler: NoiseSampler, _ dimension: Int, _ set: InstructionSet
    ) throws -> Double {
        let samples = 40_000 / dimension
        let pixels = (0..<dimension).map { Int32($0 % 256) }
        let copies = UnsafeMutableBufferPointer<Float>.allocate(capacity: samples * dimension)
        defer { copies.deallocate() }
        return try pixels.withUnsafeBufferPointer { pixels in
            let draw = {
                try sampler.writeNoisyCopies(
                    of: pixels, input: 0, phase: .estimation, firstSample: 0, count: samples,
                    into: copies, using: set)
            }
            try draw()
            return leastTime(samples * dimension) { try? draw() }
        }
    }
}
