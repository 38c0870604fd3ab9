import CertificateRecords
import ClassifierRuntime
import DataSets
import Dispatch
import RandomizedSmoothing
import SampleCounting
import SmoothingNoise
import Synchronization

/// How much of a run is counted again.
public enum ReplayExtent: Hashable, Sendable {
    /// Every input.
    case all
    /// So many inputs.
    case inputs(Int)
    /// At least this share of the inputs, above 0 and at most 1.
    case share(Double)

    func count(of available: Int) throws -> Int {
        switch self {
        case .all: return available
        case .share(let share): return min(available, Int((share * Double(available)).rounded(.up)))
        case .inputs(let count):
            guard count <= available else {
                throw VerificationError.extent(count, available: available)
            }
            return count
        }
    }
}

/// Draws the noise of inputs again, classifies it again, and compares the counts.
///
/// Inputs are counted whole: of parts, a record knows no counts. On an engine of the manifest's
/// fingerprint all counts have to be the same. On another one, last bits of scores differ, and a sample
/// whose two best scores are nearly equal may fall to the other class: so each count may differ by as many
/// samples as were near a tie of that class here (``nearness``), and by no more.
struct Replay {
    let rebuilt: RebuiltManifest
    let key: NoiseKey
    let model: [UInt8]
    let images: ImageSet
    let grid: Grid
    let threads: Int
    /// Told how many of how many samples are counted.
    let progress: @Sendable (Int, Int) -> Void

    /// Two scores are near a tie when they differ by at most this share of the largest of the sample's
    /// scores in magnitude. Engines that sum in another order differ by some 1e-6 of it.
    static let nearness: Float = 1e-4

    /// What one input came to.
    struct Recount: Sendable {
        let record: RecordEntry
        var selection: Tally
        /// What had been counted at each checkpoint up to the record's end.
        var estimation: [Tally]
    }

    /// Counts, and how many samples were near a tie of each class.
    struct Tally: Sendable {
        var counts: [Int]
        var nearTies: [Int]

        init(classes: Int) {
            counts = Array(repeating: 0, count: classes)
            nearTies = counts
        }

        static func += (sum: inout Tally, more: Tally) {
            for place in sum.counts.indices {
                sum.counts[place] += more.counts[place]
                sum.nearTies[place] += more.nearTies[place]
            }
        }
    }

    private var manifest: Manifest { rebuilt.manifest }

    /// Some blocks of one phase of one input.
    private struct Piece: Sendable {
        let record: Int
        let phase: SamplingPhase
        /// Of estimation samples, the segment that ends at the checkpoint of this number.
        let segment: Int
        let firstBlock: Int
        let samples: Int
    }

    /// Counts inputs again.
    func recount(_ records: [RecordEntry], exactly isExact: Bool) throws -> [Recount] {
        let pieces = records.indices.flatMap { self.pieces(of: records[$0], at: $0) }
        let total = pieces.reduce(0) { $0 + $1.samples }
        let classes = manifest.model.classCount
        let recounts = Mutex(
            records.map { record in
                Recount(
                    record: record, selection: Tally(classes: classes),
                    estimation: checkpoints(of: record).map { _ in Tally(classes: classes) })
            })
        let state = Mutex((next: 0, counted: 0, failure: (any Error)?.none))
        DispatchQueue.concurrentPerform(iterations: max(1, min(threads, pieces.count))) { _ in
            do {
                let counter = try PieceCounter(self, isExact: isExact)
                while let piece = state.withLock({ state -> Piece? in
                    guard state.failure == nil, state.next < pieces.count else { return nil }
                    defer { state.next += 1 }
                    return pieces[state.next]
                }) {
                    let tally = try count(piece, of: records[piece.record], with: counter)
                    recounts.withLock { recounts in
                        if piece.phase == .selection {
                            recounts[piece.record].selection += tally
                        } else {
                            // A segment is part of every longer prefix.
                            for later in piece.segment..<recounts[piece.record].estimation.count {
                                recounts[piece.record].estimation[later] += tally
                            }
                        }
                    }
                    let counted = state.withLock { state in
                        state.counted += piece.samples
                        return state.counted
                    }
                    progress(counted, total)
                }
            } catch {
                state.withLock { $0.failure = $0.failure ?? error }
            }
        }
        if let failure = state.withLock({ $0.failure }) { throw failure }
        return recounts.withLock { $0 }
    }

    private func count(
        _ piece: Piece, of record: RecordEntry, with counter: PieceCounter
    ) throws -> Tally {
        try counter.count(
            of: images.gridImage(at: record.index, on: grid).values,
            input: UInt32(record.index), phase: piece.phase, firstBlock: piece.firstBlock,
            samples: piece.samples)
    }

    private func checkpoints(of record: RecordEntry) -> [Int] {
        manifest.plan.checkpoints.filter { $0 <= record.estimation.samples }
    }

    /// Pieces of at most sixty-four blocks, so that all processors have something to do to the end.
    private func pieces(of record: RecordEntry, at place: Int) -> [Piece] {
        let blockSize = manifest.counting.blockSize
        var pieces: [Piece] = []
        func cut(_ phase: SamplingPhase, segment: Int, from start: Int, to end: Int) {
            for first in stride(from: start, to: end, by: 64 * blockSize) {
                pieces.append(
                    Piece(
                        record: place, phase: phase, segment: segment,
                        firstBlock: first / blockSize,
                        samples: min(end - first, 64 * blockSize)))
            }
        }
        cut(.selection, segment: 0, from: 0, to: record.selection.samples)
        var start = 0
        for (segment, end) in checkpoints(of: record).enumerated() {
            cut(.estimation, segment: segment, from: start, to: end)
            start = end
        }
        return pieces
    }
}

/// A classifier of one thread, and how it counts.
private final class PieceCounter {
    private let classifier: OnnxClassifier
    private let counter: BlockCounter
    private let isExact: Bool

    init(_ replay: Replay, isExact: Bool) throws {
        let manifest = replay.rebuilt.manifest
        classifier = try manifest.classifier(of: replay.model)
        counter = BlockCounter(
            classifier: classifier,
            sampler: NoiseSampler(distribution: replay.rebuilt.distribution, key: replay.key),
            normalization: try manifest.normalization())
        self.isExact = isExact
    }

    func count(
        of pixels: [Int32], input: UInt32, phase: SamplingPhase, firstBlock: Int, samples: Int
    ) throws -> Replay.Tally {
        var tally = Replay.Tally(classes: classifier.decision.classCount)
        if isExact {
            tally.counts =
                try counter.counts(
                    of: pixels, input: input, phase: phase, firstBlock: firstBlock,
                    samples: samples) ?? tally.counts
            return tally
        }
        var (block, left) = (firstBlock, samples)
        while left > 0 {
            let scores = try counter.scores(of: pixels, input: input, phase: phase, block: block)
            let width = classifier.decision.logitCount
            let counted = min(left, classifier.batchSize)
            for row in 0..<counted {
                let scores = scores[(row * width)..<((row + 1) * width)]
                if scores.contains(where: \.isNaN) { throw ClassifierFailure.notANumber(row: row) }
                tally.count(scores, by: classifier.decision)
            }
            left -= counted
            block += 1
        }
        return tally
    }
}

extension Replay.Tally {
    /// Counts a sample with these scores, none of them NaN.
    fileprivate mutating func count(
        _ scores: Slice<UnsafeBufferPointer<Float>>, by decision: DecisionRule
    ) {
        let answer = decision.classIndex(of: scores)
        counts[answer] += 1
        let near: [Int]
        switch decision {
        case .threshold(let threshold):
            let score = scores[scores.startIndex]
            let scale = max(score.magnitude, threshold.magnitude)
            near = (score - threshold).magnitude <= Replay.nearness * scale ? [0, 1] : []
        case .largestLogit:
            let largest = scores[scores.startIndex + answer]
            let scale = scores.reduce(0) { max($0, $1.magnitude) }
            near = scores.indices.filter { largest - scores[$0] <= Replay.nearness * scale }
                .map { $0 - scores.startIndex }
        }
        if near.count > 1 { for place in near { nearTies[place] += 1 } }
    }
}

extension Manifest {
    /// The classifier that these bytes are.
    func classifier(of bytes: [UInt8]) throws -> OnnxClassifier {
        try OnnxClassifier(
            model: bytes, runtime: OnnxRuntime.load(), batchSize: counting.blockSize,
            outputName: model.outputName, decisionThreshold: model.decisionThreshold)
    }

    /// What is applied after the noise.
    func normalization() throws -> Normalization? {
        guard let means = model.mean, let deviations = model.standardDeviation else { return nil }
        let size = model.inputShape.reduce(1, *)
        let isLast = model.inputShape.last == means.count
        let isFirst = model.inputShape.count == 3 && model.inputShape.first == means.count
        let stride = means.count == 1 ? size : isFirst ? size / means.count : isLast ? 1 : size
        return try Normalization(
            means: means, standardDeviations: deviations, innerStride: stride)
    }
}
