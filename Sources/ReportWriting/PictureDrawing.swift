import CertificateRecords
import CertificationReports
import DataSets
import SmoothingNoise

/// Draws inputs, and what the model sees of them.
struct PictureDrawing {
    private let inputs: CampaignInputs
    private let shape: PictureShape
    private let manifest: RecordedManifest
    private let distribution: RoundedGaussian
    private let range: ClosedRange<Double>
    private let stepsPerUnit: Double

    /// How many noisy copies of an input are drawn.
    private static let copies = 2

    /// The drawing for a campaign; nil where inputs are no images of one channel or three.
    init?(
        _ inputs: CampaignInputs, manifest: RecordedManifest, range: ClosedRange<Double>
    ) throws {
        guard let shape = PictureShape(manifest.model.inputShape) else { return nil }
        (self.inputs, self.shape, self.range, self.manifest) = (inputs, shape, range, manifest)
        stepsPerUnit = Double(manifest.noise.stepsPerUnit)
        distribution = try RoundedGaussian(
            sigma: manifest.plan.sigma, stepsPerUnit: manifest.noise.stepsPerUnit)
    }

    /// The input and its first noisy copies of the estimation, as PNG files.
    func item(_ input: ReportedInput) throws -> GalleryItem {
        let pixels = try inputs.values(of: input.index)
        return GalleryItem(
            input: input, picture: picture(pixels.map(Double.init)),
            noisyPictures: try noisyCopies(of: pixels, input: input.index).map(picture))
    }

    private func picture(_ steps: [Double]) -> [UInt8] {
        let size = (range.upperBound - range.lowerBound) / 255
        let levels = shape.interleaved(steps).map {
            UInt8(min(255, max(0, (($0 - range.lowerBound) / size).rounded())))
        }
        return PNGPicture.file(
            pixels: levels, width: shape.width, height: shape.height, channels: shape.channels)
    }

    private func noisyCopies(of pixels: [Int32], input: Int) throws -> [[Double]] {
        guard let key = manifest.noiseKey(of: input).flatMap({ NoiseKey(hex: $0) }) else {
            return []
        }
        let sampler = NoiseSampler(distribution: distribution, key: key)
        let count = PictureDrawing.copies
        let values = UnsafeMutableBufferPointer<Float>.allocate(capacity: count * pixels.count)
        defer { values.deallocate() }
        try pixels.withUnsafeBufferPointer { pixels in
            try sampler.writeNoisyCopies(
                of: pixels, input: UInt32(input), phase: .estimation, firstSample: 0, count: count,
                into: values)
        }
        return (0..<count).map { copy in
            values[copy * pixels.count..<(copy + 1) * pixels.count].map {
                Double($0) * stepsPerUnit
            }
        }
    }
}
