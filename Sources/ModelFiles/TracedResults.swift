/// Where the samples are in what a node makes: its shape rules, as far as they move axes.
///
/// An operator that is not named here makes values of unknown shape; what the file itself states of
/// them is asked then.
extension TracedCall {
    /// The values that the node makes, in the order of its outputs.
    var results: [TracedValue] {
        if let shape = shapeArithmetic { return [shape] }
        return sizesOfOutputs.map { TracedValue(dependsOnSamples: mayDependOnSamples, sizes: $0) }
    }

    /// Whether what the node makes may depend on the samples, if any of its values does.
    var mayDependOnSamples: Bool {
        guard dependsOnSamples || drawsPerRow || hasBodies else { return false }
        return !TracedCall.shapeOnly.contains(node.operation)
    }

    private var drawsPerRow: Bool { node.operation.hasPrefix("Random") }
    private var hasBodies: Bool {
        node.attributes.values.contains { if case .bodies = $0 { true } else { false } }
    }

    /// These look at the shapes of values alone.
    private static let shapeOnly: Set<String> = [
        "Shape", "Size", "ConstantOfShape", "EyeLike", "Constant",
    ]

    private var sizesOfOutputs: [[TracedValue.Size]?] {
        switch node.operation {
        case let name where TracedCall.keepingShape.contains(name): [inputs.first?.sizes]
        case let name where TracedCall.broadcasting.contains(name): [broadcast]
        case let name where TracedCall.convolving.contains(name): [convolved]
        case let name where TracedCall.ofRows.contains(name): ofRows
        case let name where name.hasPrefix("Reduce"): [reduced]
        case "Dropout": [inputs.first?.sizes, inputs.first?.sizes]
        case "DynamicQuantizeLinear": [inputs.first?.sizes, [], []]
        case "BatchNormalization", "LayerNormalization": [inputs.first?.sizes]
        case "Resize", "Upsample", "Pad", "Tile": [withOtherNumbers(inputs.first?.sizes)]
        case "MatMul", "MatMulInteger", "QLinearMatMul", "Gemm", "FusedMatMul",
            "DynamicQuantizeMatMul", "MatMulIntegerToFloat":
            [product]
        case "Flatten": [flattened]
        case "Reshape": [reshaped]
        case "Expand": [expanded]
        case "Transpose": [transposed]
        case "Squeeze": [squeezed]
        case "Unsqueeze": [unsqueezed]
        case "Concat": [concatenated]
        case "Split": node.outputs.map { _ in withOtherNumbers(inputs.first?.sizes, at: splitAxis) }
        case "Slice": [sliced]
        case "Gather": [gathered]
        case "GatherElements": [inputs.count > 1 ? withOtherNumbers(inputs[1].sizes) : nil]
        case "ArgMax", "ArgMin": [withoutAxis(integer("axis") ?? 0)]
        case "TopK":
            Array(
                repeating: withOtherNumbers(inputs.first?.sizes, at: integer("axis") ?? -1),
                count: 2)
        case "LSTM", "GRU", "RNN": recurrent
        default: node.outputs.map { _ in nil }
        }
    }

    private static let keepingShape: Set<String> = [
        "Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Bernoulli", "BitwiseNot", "Cast",
        "CastLike", "Ceil", "Celu", "Clip", "Cos", "Cosh", "CumProd", "CumSum", "DequantizeLinear",
        "Elu", "Erf", "Exp", "FastGelu", "Floor", "Gelu", "GroupNormalization", "HardSigmoid",
        "HardSwish", "Hardmax", "Identity", "InstanceNormalization", "IsInf", "IsNaN", "LRN",
        "LeakyRelu", "Log", "LogSoftmax", "LpNormalization", "MeanVarianceNormalization", "Mish",
        "Neg", "Not", "QuantizeLinear", "QuickGelu", "RMSNormalization", "RandomNormalLike",
        "RandomUniformLike", "Reciprocal", "Relu", "ReverseSequence", "Round", "ScatterElements",
        "ScatterND", "Selu", "Shrink", "Sigmoid", "Sign", "SimplifiedLayerNormalization", "Sin",
        "Sinh", "SkipLayerNormalization", "Softmax", "Softplus", "Softsign", "Sqrt", "Swish", "Tan",
        "Tanh", "ThresholdedRelu", "Trilu",
    ]

    private static let broadcasting: Set<String> = [
        "Add", "And", "BiasGelu", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Div", "Equal",
        "Greater",
        "GreaterOrEqual", "Less", "LessOrEqual", "Max", "Mean", "Min", "Mod", "Mul", "Or", "PRelu",
        "Pow", "Sub", "Sum", "Where", "Xor",
    ]

    /// Samples along the first axis, channels along the second.
    private static let convolving: Set<String> = [
        "AveragePool", "Conv", "ConvInteger", "ConvTranspose", "DeformConv", "DepthToSpace",
        "FusedConv", "GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool", "GridSample", "LpPool",
        "MaxPool", "QLinearConv", "SpaceToDepth",
    ]

    /// Classical models: a row for each sample in, a row for each out.
    private static let ofRows: Set<String> = [
        "ArrayFeatureExtractor", "Binarizer", "Imputer", "LinearClassifier", "LinearRegressor",
        "Normalizer", "OneHotEncoder", "SVMClassifier", "SVMRegressor", "Scaler", "TreeEnsemble",
        "TreeEnsembleClassifier", "TreeEnsembleRegressor",
    ]
}

// MARK: - Shapes computed from shapes

extension TracedCall {
    /// What a node makes that computes a shape or axes; nil: it does not.
    private var shapeArithmetic: TracedValue? {
        guard let elements = computedElements else { return nil }
        let isScalar = isScalarResult(elements.count)
        return TracedValue(
            dependsOnSamples: false, sizes: isScalar ? [] : [.number(elements.count)],
            elements: elements)
    }

    private func isScalarResult(_ count: Int) -> Bool {
        switch node.operation {
        case "Constant":
            node.attributes["value_int"] != nil || constantTensor?.shape.isEmpty == true
        case "Gather": inputs.count > 1 && inputs[1].rank == 0
        case "Shape", "Concat", "Unsqueeze", "Slice": false
        case "Squeeze": count == 1
        default: inputs.allSatisfy { $0.rank == 0 }
        }
    }

    private var constantTensor: ModelGraph.Tensor? {
        guard case .tensor(let tensor)? = value("value") else { return nil }
        return tensor
    }

    private var computedElements: [TracedValue.Size]? {
        guard isOnnx, !dependsOnSamples || node.operation == "Shape" else { return nil }
        let first = inputs.first
        switch node.operation {
        case "Constant":
            if let number = integer("value_int") { return [.number(number)] }
            if let numbers = integers("value_ints") { return numbers.map { .number($0) } }
            return constantTensor?.integers.map { $0.map { .number($0) } }
        case "Shape":
            guard let sizes = first?.sizes else { return nil }
            let start = TracedCall.bound(integer("start") ?? 0, sizes.count)
            let end = TracedCall.bound(integer("end") ?? sizes.count, sizes.count)
            return start < end ? Array(sizes[start..<end]) : []
        case "Identity", "Cast", "Unsqueeze", "Squeeze", "Reshape", "Flatten":
            return first?.elements
        case "Concat":
            var whole: [TracedValue.Size] = []
            for part in inputs {
                guard let more = part.elements,
                    whole.count + more.count <= ModelGraph.Tensor.mostIntegers
                else { return nil }
                whole += more
            }
            return whole
        case "Gather":
            guard let elements = first?.elements, let places = integers(ofInput: 1) else {
                return nil
            }
            let found = places.map { $0 < 0 ? $0 + elements.count : $0 }
            guard found.allSatisfy(elements.indices.contains) else { return nil }
            return found.map { elements[$0] }
        case "Slice":
            guard let operand = first, let elements = operand.elements,
                let slice = slices(operand)?.first, slice.step == 1
            else { return nil }
            let start = TracedCall.bound(slice.start, elements.count)
            let end = TracedCall.bound(slice.end, elements.count)
            return start < end ? Array(elements[start..<end]) : []
        case "Mul", "Div", "Add", "Sub": return arithmetic
        default: return nil
        }
    }

    /// A place that may be counted from the end, within 0...count.
    private static func bound(_ place: Int, _ count: Int) -> Int {
        place < 0 ? max(0, place < -count ? 0 : place + count) : min(place, count)
    }

    private var arithmetic: [TracedValue.Size]? {
        guard inputs.count == 2, let left = inputs[0].elements, let right = inputs[1].elements,
            left.count == right.count || left.count == 1 || right.count == 1
        else { return nil }
        let count = max(left.count, right.count)
        guard !left.isEmpty, !right.isEmpty else { return nil }
        return (0..<count).map { place in
            combined(left[left.count == 1 ? 0 : place], right[right.count == 1 ? 0 : place])
        }
    }

    /// A multiple or a part of the batch is the batch's, as far as axes go.
    private func combined(_ left: TracedValue.Size, _ right: TracedValue.Size) -> TracedValue.Size {
        let isScaling = node.operation == "Mul" || node.operation == "Div"
        switch (left, right) {
        case (.number(let a), .number(let b)):
            let result: (partialValue: Int, overflow: Bool) =
                switch node.operation {
                case "Mul": a.multipliedReportingOverflow(by: b)
                case "Div": b == 0 ? (0, true) : a.dividedReportingOverflow(by: b)
                case "Add": a.addingReportingOverflow(b)
                default: a.subtractingReportingOverflow(b)
                }
            return result.overflow ? .open : .number(result.partialValue)
        case (.batch, .number) where isScaling: return .batch
        case (.number, .batch) where node.operation == "Mul": return .batch
        default: return .open
        }
    }
}
