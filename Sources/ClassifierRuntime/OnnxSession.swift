internal import COnnxRuntime

/// A model loaded into ONNX Runtime: the one owner of a session.
///
/// One thread computes it: sessions side by side beat one session with more threads, and nothing
/// then depends on how work was split.
final class OnnxSession {
    static let optimizationLevel = "all"

    let runtime: OnnxRuntime
    let signature: ModelSignature
    private let session: OpaquePointer

    /// Loads an ONNX file's bytes, which are not needed afterwards.
    init(runtime: OnnxRuntime, model: [UInt8]) throws(ClassifierFailure) {
        let ort = runtime.functions
        let options = try Self.options(ort)
        defer { ort.ReleaseSessionOptions(options) }
        var session: OpaquePointer?
        try ort.check(
            ort.CreateSessionFromArray(
                runtime.environment, model, model.count, options, &session),
            as: Self.loadingFailure)
        guard let session else { throw .engineFailed("no session was made.") }
        do {
            signature = try ort.signature(of: session)
        } catch {
            ort.ReleaseSession(session)
            throw error
        }
        self.session = session
        self.runtime = runtime
    }

    deinit {
        runtime.functions.ReleaseSession(session)
    }

    private static func options(_ ort: OrtFunctions) throws(ClassifierFailure) -> OpaquePointer {
        var options: OpaquePointer?
        try ort.check(ort.CreateSessionOptions(&options))
        guard let options else { throw .engineFailed("no session options were made.") }
        do {
            try ort.check(ort.SetIntraOpNumThreads(options, 1))
            try ort.check(ort.SetInterOpNumThreads(options, 1))
            let level = Int32(ORT_OPTIMIZE_ALL)
            try ort.check(ort.SetSessionGraphOptimizationLevel(options, level))
            for (key, value) in settings {
                try ort.check(ort.AddSessionConfigEntry(options, key, value))
            }
        } catch {
            ort.ReleaseSessionOptions(options)
            throw error
        }
        return options
    }

    private static let settings = [
        // The bytes are an ONNX file and nothing else that the library can guess.
        ("session.load_model_format", "ONNX"),
        // Weights in other files would escape the model's digest: look for them where none are.
        ("session.model_external_initializers_file_folder_path", "/dev/null/no-other-file"),
    ]

    private static func loadingFailure(_ reason: String) -> ClassifierFailure {
        guard reason.contains("External data") else { return .modelUnreadable(reason) }
        return .modelUnsuitable(
            "The model keeps weights in other files, which its digest would not cover: save it "
                + "as one file (in Python, onnx.save(onnx.load(path), path)).")
    }

    /// Runs the model with one input and one output. `output` is a tensor to write into, or null,
    /// and then receives a tensor that the caller releases.
    func run(
        input: OpaquePointer, named inputName: UnsafePointer<CChar>,
        output: inout OpaquePointer?, named outputName: UnsafePointer<CChar>
    ) throws(ClassifierFailure) {
        var inputName: UnsafePointer<CChar>? = inputName
        var outputName: UnsafePointer<CChar>? = outputName
        var input: OpaquePointer? = input
        let ort = runtime.functions
        try ort.check(ort.Run(session, nil, &inputName, &input, 1, &outputName, 1, &output))
    }
}

// MARK: - The model's signature

extension OrtFunctions {
    fileprivate func signature(of session: OpaquePointer) throws(ClassifierFailure)
        -> ModelSignature
    {
        var inputCount = 0
        var outputCount = 0
        try check(SessionGetInputCount(session, &inputCount))
        try check(SessionGetOutputCount(session, &outputCount))
        var inputs: [ModelSignature.Value] = []
        var outputs: [ModelSignature.Value] = []
        for index in 0..<inputCount {
            inputs.append(
                try value(session, index, SessionGetInputName, SessionGetInputTypeInfo))
        }
        for index in 0..<outputCount {
            outputs.append(
                try value(session, index, SessionGetOutputName, SessionGetOutputTypeInfo))
        }
        return ModelSignature(inputs: inputs, outputs: outputs)
    }

    private typealias NameFunction =
        @convention(c) (
            OpaquePointer?, Int, OpaquePointer?, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        ) -> OpaquePointer?
    private typealias TypeFunction =
        @convention(c) (OpaquePointer?, Int, UnsafeMutablePointer<OpaquePointer?>?) ->
        OpaquePointer?

    private func value(
        _ session: OpaquePointer, _ index: Int, _ getName: NameFunction, _ getType: TypeFunction
    ) throws(ClassifierFailure) -> ModelSignature.Value {
        var allocator: OpaquePointer?
        try check(GetAllocatorWithDefaultOptions(&allocator))
        var characters: UnsafeMutablePointer<CChar>?
        try check(getName(session, index, allocator, &characters))
        let name = characters.map { String(cString: $0) } ?? ""
        try check(AllocatorFree(allocator, characters))

        var type: OpaquePointer?
        try check(getType(session, index, &type))
        defer { ReleaseTypeInfo(type) }
        var kind: Int32 = 0
        try check(GetOnnxTypeFromTypeInfo(type, &kind))
        guard kind == Int32(ORT_VALUE_IS_TENSOR) else {
            return ModelSignature.Value(name: name, elementType: nil, shape: [])
        }
        var tensor: OpaquePointer?
        try check(CastTypeInfoToTensorInfo(type, &tensor))
        let shape = try shape(of: tensor).map { $0 < 0 ? nil : Int($0) }
        return ModelSignature.Value(name: name, elementType: try elementType(tensor), shape: shape)
    }

    private func elementType(_ tensor: OpaquePointer?) throws(ClassifierFailure)
        -> ModelSignature.ElementType
    {
        var code: Int32 = 0
        try check(GetTensorElementType(tensor, &code))
        // The format's own numbering of types, from 1.
        let types: [ModelSignature.ElementType] = [
            .float32, .uint8, .int8, .uint16, .int16, .int32, .int64, .string, .bool, .float16,
            .float64, .uint32, .uint64,
        ]
        return types.indices.contains(Int(code) - 1) ? types[Int(code) - 1] : .other
    }

    /// The sizes of a tensor by axis, -1 where a model leaves one open.
    func shape(of tensor: OpaquePointer?) throws(ClassifierFailure) -> [Int64] {
        var rank = 0
        try check(GetDimensionsCount(tensor, &rank))
        var shape = [Int64](repeating: 0, count: rank)
        try check(GetDimensions(tensor, &shape, rank))
        return shape
    }
}
