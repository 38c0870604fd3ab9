/// Why the bytes of a model could not be read as an ONNX file: one sentence.
public enum ModelFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The wire format is broken at this byte.
    case malformed(at: Int, String)
    /// The file has more of something than is read here.
    case tooMuch(of: String, limit: Int)

    /// The sentence, without a full stop.
    public var description: String {
        switch self {
        case .malformed(let place, let reason):
            "this is no whole ONNX file: at byte \(place) \(reason)"
        case .tooMuch(let what, let limit):
            "the file has more \(what) than the \(limit) that are read"
        }
    }
}
