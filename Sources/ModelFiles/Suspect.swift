/// A node by which the answer for one sample may depend on more than that sample.
///
/// It gives the words for a refusal and is no reason for one: whether answers depend on each other
/// shows when the model runs.
public struct Suspect: Hashable, Sendable, CustomStringConvertible {
    /// The node's name, or the name of what it makes where it has none.
    public var node: String
    /// Its operator, for example `BatchNormalization`.
    public var operation: String
    /// On what else the answer may depend.
    public var cause: Cause
    /// What the node does, to stand behind its name.
    public var deed: String
    /// What a user can do about it, to stand behind a colon.
    public var remedy: String

    /// On what, beside the sample, an answer may depend.
    public enum Cause: String, Hashable, Sendable {
        /// The other samples of the batch.
        case otherRows
        /// Random numbers that the model draws.
        case chance
        /// What the model was asked before.
        case state
    }

    /// For example `node 'bn1' (BatchNormalization) normalises by the mean and variance of the batch,
    /// since it is in training mode`.
    public var description: String { "node '\(node)' (\(operation)) \(deed)" }
}

extension ModelGraph {
    /// All suspects, in the order of the nodes.
    public var suspects: [Suspect] { suspects(of: nil) }

    /// The suspects on which the output of this name depends; nil: any output.
    ///
    /// Whether an axis is the batch's is followed from the first axis of the input through the
    /// nodes; where that is lost, operations along an axis are no suspects.
    public func suspects(of output: String?) -> [Suspect] {
        var trace = BatchTrace(self)
        return trace.run(output: output)
    }
}

// MARK: - What makes a node suspect

extension Suspect {
    private static let mending =
        "mend the axis in the model, or classify one sample at a time (--block 1)"
    private static let evaluating =
        "export the model in evaluation mode (in PyTorch, model.eval() before the export)"

    /// What is wrong with a node that takes these values, if anything.
    init?(_ call: TracedCall) {
        let finding =
            Suspect.training(call) ?? Suspect.random(call) ?? Suspect.scaledByBatch(call)
            ?? Suspect.alongBatch(call)
        guard let (cause, deed, remedy) = finding else { return nil }
        self.init(
            node: call.title, operation: call.node.operation, cause: cause, deed: deed,
            remedy: remedy)
    }

    private typealias Finding = (Cause, deed: String, remedy: String)

    private static func training(_ call: TracedCall) -> Finding? {
        switch call.node.operation {
        case "BatchNormalization" where call.isOnnx && isTraining(call):
            guard call.dependsOnSamples else { return nil }
            return (
                .otherRows,
                "normalises by the mean and variance of the batch, since it is in training mode",
                evaluating
            )
        case "Dropout" where call.isOnnx && isDropping(call):
            return (.chance, "drops values at random, since it is in training mode", evaluating)
        default: return nil
        }
    }

    private static func isTraining(_ call: TracedCall) -> Bool {
        if call.version >= 14 { return call.integer("training_mode") == 1 }
        if call.version < 7 { return call.integer("is_test") ?? 0 == 0 }
        return call.node.outputs.filter { !$0.isEmpty }.count > 1
    }

    /// From operator set 12 on an input says it; before, dropping was over but for the very old.
    private static func isDropping(_ call: TracedCall) -> Bool {
        if call.version >= 12 { return call.integers(ofInput: 2) == [1] }
        return call.version < 7 && call.integer("is_test") ?? 0 == 0
    }

    private static let drawing: Set<String> = [
        "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Bernoulli",
        "Multinomial",
    ]

    private static func random(_ call: TracedCall) -> Finding? {
        guard call.isOnnx, drawing.contains(call.node.operation) else { return nil }
        let remedy = "export the model without the random part"
        guard call.node.attributes["seed"] == nil else {
            return (
                .state, "draws random numbers that go on from one call to the next", remedy
            )
        }
        return (.chance, "draws random numbers of its own", remedy)
    }

    private static let scaling: Set<String> = [
        "DynamicQuantizeLinear", "DynamicQuantizeMatMul", "DynamicQuantizeLSTM",
    ]

    private static func scaledByBatch(_ call: TracedCall) -> Finding? {
        guard scaling.contains(call.node.operation), call.inputs.first?.dependsOnSamples == true
        else { return nil }
        return (
            .otherRows, "takes its scale from the smallest and largest value of the whole batch",
            "quantise the model statically (onnxruntime.quantization.quantize_static), or classify "
                + "one sample at a time (--block 1)"
        )
    }

    private static func alongBatch(_ call: TracedCall) -> Finding? {
        guard let deed = call.deedAlongBatch else { return nil }
        return (.otherRows, deed, mending)
    }
}
