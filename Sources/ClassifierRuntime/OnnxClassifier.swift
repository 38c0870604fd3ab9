internal import COnnxRuntime
internal import Glibc

/// A classifier given as an ONNX file, computed by ONNX Runtime on one thread.
///
/// A model whose batch axis is fixed at *b* is run in pieces of *b* samples, always at the same
/// address, so that a sample's logits do not depend on its place among the pieces.
///
/// Not thread-safe: use it on the thread that made it.
public final class OnnxClassifier: BaseClassifier {
    /// The library, its version, the processor's instruction set and the optimisation level.
    public let fingerprint: ClassifierFingerprint
    /// The shape of the model's input without its first axis.
    public let sampleShape: [Int]
    /// The number of samples classified together.
    public let batchSize: Int
    /// 1, or the size at which the model fixes its batch axis.
    public let smallestBatch: Int
    /// The largest logit, or a threshold for a model with one score a sample.
    public let decision: DecisionRule
    /// Room for the next batch, which is the model's own input wherever it takes the whole batch.
    public let batch: UnsafeMutableBufferPointer<Float>

    /// The model's inputs and outputs, as it says itself.
    public var signature: ModelSignature { session.signature }

    private let session: OnnxSession
    private let scores: UnsafeMutableBufferPointer<Float>
    private let input: BoundTensor
    private let output: BoundTensor

    /// Loads a model and runs it once, on zeros, to learn its output's shape.
    ///
    /// - Parameters:
    ///   - model: the bytes of an ONNX file that holds all its weights.
    ///   - runtime: the library.
    ///   - batchSize: the number of samples classified together; if the model fixes its own, a
    ///     multiple of that.
    ///   - outputName: the output that holds the scores; needed if there are several.
    ///   - decisionThreshold: for a model with one score a sample, and only then: class 1 if the
    ///     score is greater, else class 0.
    /// - Throws: `modelUnreadable` or `modelUnsuitable`, with a sentence that says what to do.
    public init(
        model: [UInt8], runtime: OnnxRuntime, batchSize: Int, outputName: String? = nil,
        decisionThreshold: Float? = nil
    ) throws(ClassifierFailure) {
        precondition(batchSize > 0, "a batch holds at least one sample")
        session = try OnnxSession(runtime: runtime, model: model)
        let inputValue = try session.signature.classifierInput()
        let outputValue = try session.signature.classifierOutput(named: outputName)
        sampleShape = inputValue.shape.dropFirst().compactMap(\.self)
        self.batchSize = batchSize
        let pieceSize = inputValue.shape[0] ?? batchSize
        smallestBatch = inputValue.shape[0] ?? 1
        guard batchSize.isMultiple(of: pieceSize) else {
            throw .modelUnsuitable(
                "The model takes exactly \(pieceSize) samples at a time, so a batch of "
                    + "\(batchSize) cannot be cut: choose a multiple, or export the model with a "
                    + "dynamic first axis.")
        }
        guard fits([batchSize] + sampleShape) else {
            throw .modelUnsuitable(
                "A batch of \(batchSize) samples of shape \(sampleShape) is larger than 4 GiB: "
                    + "choose a smaller batch.")
        }

        input = try BoundTensor(runtime, inputValue.name, shape: [pieceSize] + sampleShape)
        let shape = try session.outputShape(input: input, outputName: outputValue.name)
        decision = try Self.decision(
            output: outputValue.name, shape: shape, samples: pieceSize,
            threshold: decisionThreshold)
        output = try BoundTensor(runtime, outputValue.name, shape: shape)

        let isOnePiece = pieceSize == batchSize
        let sampleSize = sampleShape.reduce(1, *)
        batch = isOnePiece ? input.values : .zeros(batchSize * sampleSize)
        scores = isOnePiece ? output.values : .zeros(batchSize * decision.logitCount)
        fingerprint = runtime.fingerprint
    }

    deinit {
        if batch.baseAddress != input.values.baseAddress {
            batch.deallocate()
            scores.deallocate()
        }
    }

    /// Runs the model on `batch`, without copying or allocating where it takes the whole batch.
    ///
    /// - Returns: `batchSize` rows of `decision.logitCount` logits, valid until the next run.
    public func logits() throws(ClassifierFailure) -> UnsafeBufferPointer<Float> {
        guard batch.baseAddress != input.values.baseAddress else {
            try session.run(input, into: output)
            return UnsafeBufferPointer(scores)
        }
        let (samples, logits) = (input.values.count, output.values.count)
        for piece in 0..<(batch.count / samples) {
            _ = input.values.update(fromContentsOf: batch[(piece * samples)...].prefix(samples))
            try session.run(input, into: output)
            _ = scores[(piece * logits)...].update(fromContentsOf: output.values)
        }
        return UnsafeBufferPointer(scores)
    }

    /// `[n, C]` and `[n, C, 1, …]` hold the logits of C classes; `[n]`, `[n, 1]` and so on one
    /// score.
    private static func decision(
        output: String, shape: [Int], samples: Int, threshold: Float?
    ) throws(ClassifierFailure) -> DecisionRule {
        let columns = shape.count > 1 ? shape[1] : 1
        guard shape.first == samples, columns > 0, shape.dropFirst(2).allSatisfy({ $0 == 1 }) else {
            throw .modelUnsuitable(
                "For \(samples) samples the model's output \(output) has the shape \(shape), which "
                    + "is not one row of scores for each: choose another output, or export the "
                    + "model with scores of shape [N, classes].")
        }
        switch (columns, threshold) {
        case (1, nil):
            throw .modelUnsuitable(
                "The model gives one score a sample: say above which score a sample is of class 1 "
                    + "(with --decision-threshold, for example 0 for a logit, 0.5 for a "
                    + "probability).")
        case (1, let threshold?) where threshold.isFinite:
            return .threshold(threshold)
        case (1, let threshold?):
            throw .modelUnsuitable("The decision threshold \(threshold) is not a finite number.")
        case (_, nil):
            return .largestLogit(classCount: columns)
        default:
            throw .modelUnsuitable(
                "The model gives \(columns) scores a sample, and a decision threshold is for "
                    + "models that give one: leave it out.")
        }
    }
}

extension OnnxSession {
    fileprivate func run(_ input: BoundTensor, into output: BoundTensor)
        throws(ClassifierFailure)
    {
        var tensor: OpaquePointer? = output.tensor
        try run(input: input.tensor, named: input.name, output: &tensor, named: output.name)
    }

    /// The shape of the output that comes of this input, by running the model.
    fileprivate func outputShape(input: BoundTensor, outputName: String)
        throws(ClassifierFailure) -> [Int]
    {
        let ort = runtime.functions
        var output: OpaquePointer?
        defer { ort.ReleaseValue(output) }
        do {
            try run(input: input.tensor, named: input.name, output: &output, named: outputName)
        } catch .outOfMemory {
            throw .outOfMemory
        } catch {
            throw .modelUnsuitable(
                "The model does not run on a batch of \(input.shape): export it with a first axis "
                    + "that is dynamic throughout. \(error)")
        }
        var info: OpaquePointer?
        defer { ort.ReleaseTensorTypeAndShapeInfo(info) }
        try ort.check(ort.GetTensorTypeAndShape(output, &info))
        return try ort.shape(of: info).map(Int.init)
    }
}

/// A tensor of the library over memory of our own, with the name that the model knows it by:
/// aligned to 64 bytes, because some kernels sum in another order where memory is not.
private final class BoundTensor {
    let name: UnsafeMutablePointer<CChar>
    let shape: [Int]
    let values: UnsafeMutableBufferPointer<Float>
    let tensor: OpaquePointer
    private let runtime: OnnxRuntime

    init(_ runtime: OnnxRuntime, _ name: String, shape: [Int]) throws(ClassifierFailure) {
        let ort = runtime.functions
        let sizes = shape.map(Int64.init)
        var memory: OpaquePointer?
        defer { ort.ReleaseMemoryInfo(memory) }
        try ort.check(
            ort.CreateCpuMemoryInfo(
                Int32(ORT_ARENA_ALLOCATOR), Int32(ORT_MEMORY_DEFAULT), &memory))
        let values = UnsafeMutableBufferPointer<Float>.zeros(shape.reduce(1, *))
        var tensor: OpaquePointer?
        let status = ort.CreateTensorWithDataAsOrtValue(
            memory, values.baseAddress, values.count * MemoryLayout<Float>.stride, sizes,
            sizes.count, Int32(ORT_ELEMENT_FLOAT32), &tensor)
        guard let tensor, let name = strdup(name) else {
            values.deallocate()
            throw .engineFailed(ort.message(consuming: status))
        }
        self.name = name
        self.shape = shape
        self.values = values
        self.tensor = tensor
        self.runtime = runtime
    }

    deinit {
        runtime.functions.ReleaseValue(tensor)
        values.deallocate()
        free(name)
    }
}

/// Whether a tensor of this shape takes at most 4 GiB; a model may name any sizes.
private func fits(_ shape: [Int]) -> Bool {
    var room = 1 << 30
    for size in shape { room /= size }
    return room > 0
}

extension UnsafeMutableBufferPointer<Float> {
    fileprivate static func zeros(_ count: Int) -> Self {
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: count * MemoryLayout<Float>.stride, alignment: 64)
        let values = bytes.bindMemory(to: Float.self)
        values.initialize(repeating: 0)
        return values
    }
}
