/// Why there is no classifier, or why it gave no class. Each is a sentence that says what to do.
public enum ClassifierFailure: Error, Hashable, CustomStringConvertible {
    /// The inference library was found in none of these places.
    case libraryMissing(tried: [String])
    /// There is a library at `path`, but it cannot serve, because of `reason`.
    case libraryUnusable(path: String, reason: String)
    /// The bytes are not a model that the engine can read or run; the engine's own words.
    case modelUnreadable(String)
    /// The engine reads the model, but it is not a classifier as needed here: a sentence.
    case modelUnsuitable(String)
    /// The engine failed; its own words.
    case engineFailed(String)
    /// The engine asked for memory in vain.
    case outOfMemory
    /// A logit of this row of the batch, counted from 0, is NaN.
    case notANumber(row: Int)

    /// The sentence.
    public var description: String {
        switch self {
        case .libraryMissing(let tried):
            "ONNX Runtime was not found (tried \(tried.joined(separator: ", "))): run "
                + "scripts/setup, or set WARDEIN_ONNXRUNTIME to the path of libonnxruntime.so."
        case .libraryUnusable(let path, let reason):
            "The library \(path) cannot be used as ONNX Runtime: \(reason)."
        case .modelUnreadable(let reason):
            "The model is not one that ONNX Runtime can load: \(reason)"
        case .modelUnsuitable(let sentence):
            sentence
        case .engineFailed(let reason):
            "ONNX Runtime failed: \(reason)"
        case .outOfMemory:
            "There is not enough memory for the classifier here: use fewer sessions or a smaller "
                + "batch, or allow more memory."
        case .notANumber(let row):
            "The classifier answered NaN for sample \(row) of the batch, so it has no class: "
                + "mend the model (often a division, logarithm or root of a noisy pixel)."
        }
    }
}
