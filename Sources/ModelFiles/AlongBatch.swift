extension TracedCall {
    /// What the node does to the samples of a batch together, if it does: the operations along an axis,
    /// where that axis is the batch's.
    var deedAlongBatch: String? {
        guard let operand = inputs.first, isOnnx || node.domain == "com.microsoft" else {
            return nil
        }
        switch node.operation {
        case "MatMul", "MatMulInteger", "QLinearMatMul", "Gemm", "FusedMatMul":
            return multipliesSamples ? "multiplies samples of the batch with each other" : nil
        case "NonMaxSuppression":
            return operand.batchAxis == 1 ? "chooses among the samples of the batch" : nil
        case let operation:
            guard let batch = operand.batchAxis else { return nil }
            return deed(operation, operand, batch: batch)
        }
    }

    private func deed(_ operation: String, _ operand: TracedValue, batch: Int) -> String? {
        switch operation {
        case "Softmax", "LogSoftmax", "Hardmax": return normalizedExponential(operand, batch: batch)
        case "ArgMax", "ArgMin":
            return operand.axis(integer("axis") ?? 0) == batch
                ? "looks for a place along the batch axis" : nil
        case "TopK":
            return operand.axis(integer("axis") ?? -1) == batch
                ? "chooses among the samples of the batch" : nil
        case "CumSum", "CumProd":
            return integers(ofInput: 1)?.first.flatMap(operand.axis) == batch
                ? "adds up along the batch axis" : nil
        case "LpNormalization":
            return operand.axis(integer("axis") ?? -1) == batch ? normalizing : nil
        case "LayerNormalization", "RMSNormalization":
            return operand.axis(integer("axis") ?? -1).map { $0 <= batch } == true
                ? normalizing : nil
        case "MeanVarianceNormalization":
            let axes = integers("axes") ?? [0, 2, 3]
            return axes.contains { operand.axis($0) == batch } ? normalizing : nil
        case "LSTM", "GRU", "RNN":
            return batch == 0 && integer("layout") ?? 0 == 0
                ? "takes the batch axis for time" : nil
        case "Gather":
            return operand.axis(integer("axis") ?? 0) == batch && integers(ofInput: 1) != nil
                ? picking : nil
        case "Slice": return slicesBatch(operand, batch: batch) ? picking : nil
        case let name where name.hasPrefix("Reduce"):
            return reducedAxes(operand)?.contains(batch) == true
                ? "is taken over the batch axis" : nil
        default: return nil
        }
    }

    private var normalizing: String { "normalises over the batch axis" }
    private var picking: String { "picks samples out of the batch by their place" }

    /// Before operator set 13, all axes from the one named on were flattened into one.
    private func normalizedExponential(_ operand: TracedValue, batch: Int) -> String? {
        guard let axis = operand.axis(integer("axis") ?? (version < 13 ? 1 : -1)) else {
            return nil
        }
        guard version < 13 else { return axis == batch ? "is taken over the batch axis" : nil }
        return axis <= batch ? "takes the whole batch for one row" : nil
    }

    /// The axes that a reduction takes away, counted from 0; nil: not known.
    func reducedAxes(_ operand: TracedValue) -> [Int]? {
        guard let given = axes(ofInput: 1), let rank = operand.rank else { return nil }
        if given.isEmpty {
            return integer("noop_with_empty_axes") == 1 ? [] : Array(0..<rank)
        }
        let axes = given.compactMap(operand.axis)
        return axes.count == given.count ? axes : nil
    }

    /// The axes along which a slice is cut, with where it starts, ends and how it steps.
    func slices(_ operand: TracedValue) -> [(axis: Int, start: Int, end: Int, step: Int)]? {
        guard let starts = integers("starts") ?? integers(ofInput: 1),
            let ends = integers("ends") ?? integers(ofInput: 2), starts.count == ends.count
        else { return nil }
        if input(3) != nil, integers(ofInput: 3) == nil { return nil }
        if input(4) != nil, integers(ofInput: 4) == nil { return nil }
        let axes = integers("axes") ?? integers(ofInput: 3) ?? Array(starts.indices)
        let steps = integers(ofInput: 4) ?? Array(repeating: 1, count: starts.count)
        guard axes.count == starts.count, steps.count == starts.count else { return nil }
        var slices: [(axis: Int, start: Int, end: Int, step: Int)] = []
        for place in starts.indices {
            guard let axis = operand.axis(axes[place]) else { return nil }
            slices.append((axis, starts[place], ends[place], steps[place]))
        }
        return slices
    }

    private func slicesBatch(_ operand: TracedValue, batch: Int) -> Bool {
        guard let slices = slices(operand) else { return false }
        return slices.contains { slice in
            let isWhole =
                slice.start == 0 && slice.step == 1
                && slice.end >= (fixedBatch ?? Int(Int32.max))
            return slice.axis == batch && !isWhole
        }
    }

    /// A product sums over the last axis of its first factor and the last but one of the second.
    private var multipliesSamples: Bool {
        guard let (first, second) = factors else { return false }
        let summed = second.rank == 1 ? 1 : 2
        if first.batchFromEnd == 1 || second.batchFromEnd == summed { return true }
        return first.batchFromEnd == 2 && second.batchFromEnd == 1
    }

    /// The two factors of a product, transposed as they are to be multiplied.
    var factors: (TracedValue, TracedValue)? {
        let places = node.operation == "QLinearMatMul" ? (0, 3) : (0, 1)
        guard var first = input(places.0), var second = input(places.1) else { return nil }
        if integer("transA") == 1 { first.sizes?.swapLastTwo() }
        if integer("transB") == 1 { second.sizes?.swapLastTwo() }
        return (first, second)
    }
}

extension Array {
    fileprivate mutating func swapLastTwo() {
        if count > 1 { swapAt(count - 1, count - 2) }
    }
}
