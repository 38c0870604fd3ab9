/// What a model takes and gives, as it says itself.
public struct ModelSignature: Hashable, Sendable {
    /// One input or output.
    public struct Value: Hashable, Sendable, CustomStringConvertible {
        /// Its name in the model.
        public var name: String
        /// The type of its elements; nil if it is not a tensor.
        public var elementType: ElementType?
        /// Its sizes by axis; nil where the model leaves a size open.
        public var shape: [Int?]

        /// For example `logits: float32 [?, 10]`.
        public var description: String {
            guard let elementType else { return "\(name): not a tensor" }
            let sizes = shape.map { $0.map(String.init) ?? "?" }.joined(separator: ", ")
            return "\(name): \(elementType) [\(sizes)]"
        }
    }

    /// The type of a tensor's elements.
    public enum ElementType: String, Hashable, Sendable, CustomStringConvertible {
        case float32, uint8, int8, uint16, int16, int32, int64, string, bool, float16, float64
        case uint32, uint64, other

        /// For example `float32`.
        public var description: String { rawValue }
    }

    /// The inputs that a caller must give, in the model's order.
    public var inputs: [Value]
    /// The outputs, in the model's order.
    public var outputs: [Value]
}

// MARK: - What a classifier needs

extension ModelSignature {
    /// The one input: float32, with the samples along its first axis and all other sizes fixed.
    func classifierInput() throws(ClassifierFailure) -> Value {
        guard let input = inputs.first, inputs.count == 1 else {
            throw .modelUnsuitable(
                "The model has \(inputs.count) inputs (\(Self.list(inputs))), but a classifier "
                    + "takes one: export it with the others as constants.")
        }
        guard input.elementType == .float32 else {
            throw .modelUnsuitable(
                "The model's input is '\(input)', but samples are float32: export it with a "
                    + "float32 input, and a cast inside the model where it needs another type.")
        }
        guard input.shape.count > 1 else {
            throw .modelUnsuitable(
                "The model's input is '\(input)', which has no axis for the batch: export it with "
                    + "the samples along the first axis, for example [N, 1, 28, 28].")
        }
        guard input.shape.dropFirst().allSatisfy({ ($0 ?? 0) > 0 }), input.shape[0] != 0 else {
            throw .modelUnsuitable(
                "The model's input is '\(input)', which leaves the size of a sample open: export "
                    + "it with only the first axis dynamic.")
        }
        return input
    }

    /// The output that holds the logits: the one named, or the only one.
    func classifierOutput(named name: String?) throws(ClassifierFailure) -> Value {
        let output = try chosenOutput(named: name)
        switch output.elementType {
        case .float32:
            return output
        case .int64, .int32:
            throw .modelUnsuitable(
                "The model's output '\(output)' holds labels, not scores: choose the scores, for "
                    + "example with --output-name probabilities, or export the model with them. "
                    + "It has these outputs: \(Self.list(outputs)).")
        case nil:
            throw .modelUnsuitable(
                "The model's output is '\(output)': export it with the scores as one float32 "
                    + "tensor (for scikit-learn models, with the option zipmap=False).")
        default:
            throw .modelUnsuitable(
                "The model's output is '\(output)', but scores are float32: export it with a cast "
                    + "to float32 at its end.")
        }
    }

    private func chosenOutput(named name: String?) throws(ClassifierFailure) -> Value {
        if let name {
            guard let output = outputs.first(where: { $0.name == name }) else {
                throw .modelUnsuitable(
                    "The model has no output named \(name): it has \(Self.list(outputs)).")
            }
            return output
        }
        guard let output = outputs.first, outputs.count == 1 else {
            throw .modelUnsuitable(
                "The model has \(outputs.count) outputs (\(Self.list(outputs))): name the one "
                    + "that holds the scores, for example --output-name \(likelyScores).")
        }
        return output
    }

    private var likelyScores: String {
        (outputs.last { $0.elementType == .float32 } ?? outputs.last)?.name ?? "logits"
    }

    private static func list(_ values: [Value]) -> String {
        values.map(\.description).joined(separator: ", ")
    }
}
