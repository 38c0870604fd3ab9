import ClassifierRuntime
import ConfidenceBounds
import DataSets
import Foundation
import RandomizedSmoothing
import SampleCounting
import SmoothingNoise

/// Counts of real inputs up to every checkpoint, in the order in which a campaign would draw the
/// samples: what rules for stopping are compared on.
///
/// The first line has the checkpoints; then a line an input: at each checkpoint the count of the
/// selected class, and after these at each checkpoint the largest other count.
struct PrefixCounts {
    private let model: String
    private let inputs: String
    private let sigma: Double
    private let samples: Int
    private let range: Range<Int>

    static let blockSize = 50
    static let selectionSamples = 100

    init(_ arguments: ArraySlice<String>) throws {
        let arguments = Array(arguments)
        guard arguments.count == 6, let sigma = Double(arguments[2]),
            let samples = Int(arguments[3]), let first = Int(arguments[4]),
            let end = Int(arguments[5]), first < end
        else {
            print("use: Benchmarks prefixes MODEL INPUTS SIGMA SAMPLES FIRST END")
            exit(2)
        }
        (model, inputs, self.sigma, self.samples) = (arguments[0], arguments[1], sigma, samples)
        range = first..<end
    }

    func run() throws {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: model)))
        let classifier = try OnnxClassifier(
            model: bytes, runtime: OnnxRuntime.load(), batchSize: Self.blockSize,
            outputName: nil, decisionThreshold: nil)
        let images = try ImageSet.load(path: inputs, member: nil).fitted(to: classifier.sampleShape)
        let grid = Grid.standard(for: images.elementType)
        let counter = BlockCounter(
            classifier: classifier,
            sampler: NoiseSampler(
                distribution: try RoundedGaussian(sigma: sigma, stepsPerUnit: grid.stepsPerUnit),
                key: .zero),
            normalization: nil)
        if range.lowerBound == 0 { print(Self.line(checkpoints)) }
        for index in range {
            print(try line(try images.gridImage(at: index, on: grid).values, index, counter))
        }
    }

    private func line(_ pixels: [Int32], _ index: Int, _ counter: BlockCounter) throws -> String {
        func counts(_ phase: SamplingPhase, _ first: Int, _ samples: Int) throws -> ClassCounts {
            ClassCounts(
                try counter.counts(
                    of: pixels, input: UInt32(index), phase: phase,
                    firstBlock: first / Self.blockSize, samples: samples) ?? [])
        }
        let selection = try counts(.selection, 0, Self.selectionSamples)
        let selected = selection.mode ?? 0
        var (leading, others): ([Int], [Int]) = ([], [])
        var estimation = ClassCounts(classes: selection.values.count)
        for checkpoint in checkpoints {
            let done = estimation.samples
            estimation += try counts(.estimation, done, checkpoint - done)
            leading.append(estimation.values[selected])
            others.append(estimation.largestCount(except: selected))
        }
        return Self.line(leading + others)
    }

    private var checkpoints: [Int] {
        CheckpointGrid(blockSize: Self.blockSize, cap: samples).checkpoints
    }

    private static func line(_ numbers: [Int]) -> String {
        numbers.map(String.init).joined(separator: "\t")
    }
}
