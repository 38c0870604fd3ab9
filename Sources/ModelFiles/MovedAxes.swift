/// How nodes move, take away and add axes; nil wherever the result is not certain.
extension TracedCall {
    typealias Sizes = [TracedValue.Size]

    /// The most axes that are followed.
    private static let mostAxes = 64

    /// Shapes set side by side from their last axes; the batch must lie at the same place in all that
    /// have it.
    var broadcast: Sizes? {
        let operands = inputs.indices.compactMap { input($0) }
        guard !operands.isEmpty, operands.allSatisfy({ $0.sizes != nil }) else { return nil }
        let rank = operands.compactMap(\.rank).max() ?? 0
        var sizes = Sizes(repeating: .number(1), count: rank)
        for operand in operands {
            guard let own = operand.sizes else { continue }
            let marked = operand.dependsOnSamples ? own : own.map { $0 == .batch ? .open : $0 }
            for (place, size) in marked.enumerated() where size != .number(1) {
                let at = rank - own.count + place
                if sizes[at] == .number(1) || size == .batch { sizes[at] = size }
            }
        }
        // Two axes of samples: every sample with every other.
        return sizes.filter { $0 == .batch }.count > 1 ? sizes.map { _ in .open } : sizes
    }

    /// Samples along the first axis stay there; what becomes of the others is not followed.
    var convolved: Sizes? {
        guard let sizes = inputs.first?.sizes, let first = sizes.first else { return nil }
        return [first] + sizes.dropFirst().map { _ in .open }
    }

    /// A row for each sample.
    var ofRows: [Sizes?] {
        let row: Sizes? = inputs.first?.batchAxis == 0 ? [.batch, .open] : nil
        return node.operation.hasSuffix("Classifier") ? [row.map { [$0[0]] }, row] : [row]
    }

    /// The same axes, with all numbers forgotten, or only the one at this axis.
    func withOtherNumbers(_ sizes: Sizes?, at axis: Int? = nil) -> Sizes? {
        guard let sizes else { return nil }
        guard let axis else { return sizes.map { $0 == .batch ? .batch : .open } }
        guard let place = inputs.first?.axis(axis), place < sizes.count else { return nil }
        var changed = sizes
        changed[place] = .open
        return changed
    }

    var splitAxis: Int { integer("axis") ?? 0 }

    var reduced: Sizes? {
        guard let operand = inputs.first, let sizes = operand.sizes,
            let axes = reducedAxes(operand)
        else { return nil }
        return removing(axes, from: sizes)
    }

    func withoutAxis(_ axis: Int) -> Sizes? {
        guard let operand = inputs.first, let sizes = operand.sizes,
            let place = operand.axis(axis)
        else { return nil }
        return removing([place], from: sizes)
    }

    private func removing(_ axes: [Int], from sizes: Sizes) -> Sizes {
        if integer("keepdims") ?? 1 == 0 {
            return sizes.indices.filter { !axes.contains($0) }.map { sizes[$0] }
        }
        return sizes.indices.map { axes.contains($0) ? .number(1) : sizes[$0] }
    }

    var product: Sizes? {
        guard let (first, second) = factors, let a = first.sizes, let b = second.sizes,
            !a.isEmpty, !b.isEmpty, a.count > 1 || b.count > 1
        else { return nil }
        let rank = max(a.count, b.count)
        var sizes = Sizes(repeating: .open, count: rank)
        if let place = first.batchFromEnd, place > 1 { sizes[rank - place] = .batch }
        if let place = second.batchFromEnd, place != 2, b.count > 1 { sizes[rank - place] = .batch }
        if b.count == 1 { sizes.removeLast() }
        if a.count == 1 { sizes.remove(at: max(0, sizes.count - 2)) }
        return sizes.filter { $0 == .batch }.count > 1 ? sizes.map { _ in .open } : sizes
    }

    var flattened: Sizes? {
        guard let operand = inputs.first, let axis = operand.axis(integer("axis") ?? 1) else {
            return nil
        }
        guard let batch = operand.batchAxis else { return [.open, .open] }
        // With other axes before it, the first of the two is samples times those: still by sample.
        if batch == 0, axis > 0 { return [.batch, .open] }
        return [.open, .open]
    }

    var reshaped: Sizes? {
        guard let operand = inputs.first, let target = input(1)?.elements ?? shapeAttribute,
            target.count <= TracedCall.mostAxes
        else { return nil }
        let sizes = Sizes(target.enumerated().map { place, size in resolved(size, at: place) })
        guard let batch = operand.batchAxis, !sizes.contains(.batch), batch < sizes.count else {
            return sizes
        }
        // One size may be left to be computed: at the batch's own place it is the batch's.
        var placed = sizes
        if target[batch] == .number(-1) || target[batch] == fixedBatch.map({ .number($0) }) {
            placed[batch] = .batch
        }
        return placed
    }

    /// Before operator set 5 the shape was an attribute.
    private var shapeAttribute: Sizes? { integers("shape").map { $0.map { .number($0) } } }

    /// 0 takes over the size at its place, and -1 is computed.
    private func resolved(_ size: TracedValue.Size, at place: Int) -> TracedValue.Size {
        switch size {
        case .number(0) where integer("allowzero") != 1:
            guard let sizes = inputs.first?.sizes, place < sizes.count else { return .open }
            return sizes[place]
        case .number(let number) where number < 0: return .open
        default: return size
        }
    }

    var expanded: Sizes? {
        guard let operand = inputs.first, let own = operand.sizes,
            let target = input(1)?.elements, target.count <= TracedCall.mostAxes
        else { return nil }
        let rank = max(own.count, target.count)
        var sizes = Sizes(repeating: .open, count: rank)
        if let place = operand.batchFromEnd { sizes[rank - place] = .batch }
        return sizes
    }

    var transposed: Sizes? {
        guard let sizes = inputs.first?.sizes else { return nil }
        let order = integers("perm") ?? Array(sizes.indices.reversed())
        guard order.count == sizes.count, Set(order) == Set(sizes.indices) else { return nil }
        return order.map { sizes[$0] }
    }

    var squeezed: Sizes? {
        guard let operand = inputs.first, let sizes = operand.sizes,
            let given = axes(ofInput: 1)
        else { return nil }
        if given.isEmpty {
            return sizes.contains(.open) ? nil : sizes.filter { $0 != .number(1) }
        }
        let axes = given.compactMap(operand.axis)
        guard axes.count == given.count else { return nil }
        return sizes.indices.filter { !axes.contains($0) }.map { sizes[$0] }
    }

    var unsqueezed: Sizes? {
        guard let sizes = inputs.first?.sizes, let given = axes(ofInput: 1),
            sizes.count + given.count <= TracedCall.mostAxes
        else { return nil }
        let rank = sizes.count + given.count
        let axes = Set(given.map { $0 < 0 ? $0 + rank : $0 })
        guard axes.count == given.count, axes.isSubset(of: 0..<rank) else { return nil }
        var rest = sizes[...]
        return (0..<rank).map { axes.contains($0) ? .number(1) : rest.removeFirst() }
    }

    var concatenated: Sizes? {
        guard let operand = inputs.first(where: { $0.batchAxis != nil }) ?? inputs.first,
            let sizes = operand.sizes, let axis = integer("axis").flatMap(operand.axis),
            axis < sizes.count
        else { return nil }
        let agree = inputs.allSatisfy { other in
            other.rank == sizes.count
                && (other.batchAxis == operand.batchAxis || !other.dependsOnSamples)
        }
        guard agree, axis != operand.batchAxis else { return sizes.map { _ in .open } }
        return sizes.enumerated().map { $0 == axis ? .open : $1 == .batch ? .batch : .open }
    }

    var sliced: Sizes? {
        guard let operand = inputs.first, let sizes = operand.sizes else { return nil }
        guard let slices = slices(operand) else { return sizes.map { _ in .open } }
        var changed = sizes
        for slice in slices where slice.axis < changed.count {
            let isWhole = slice.start == 0 && slice.step == 1 && slice.end >= Int(Int32.max)
            if !isWhole { changed[slice.axis] = .open }
        }
        return changed
    }

    var gathered: Sizes? {
        guard inputs.count > 1, let sizes = inputs[0].sizes, let places = inputs[1].sizes,
            let axis = inputs[0].axis(integer("axis") ?? 0), axis < sizes.count,
            sizes.count + places.count <= TracedCall.mostAxes
        else { return nil }
        let inner = inputs[1].dependsOnSamples ? places : places.map { $0 == .batch ? .open : $0 }
        let outer = inputs[0].dependsOnSamples ? sizes : sizes.map { $0 == .batch ? .open : $0 }
        return outer[..<axis] + inner + outer[(axis + 1)...]
    }

    /// All steps of a recurrence, and the last: `[steps, directions, batch, hidden]` and
    /// `[directions, batch, hidden]`, or with layout 1 the batch first.
    var recurrent: [Sizes?] {
        guard let sizes = inputs.first?.sizes, sizes.count == 3 else { return [nil, nil, nil] }
        if integer("layout") == 1 {
            return [
                [sizes[0], sizes[1], .open, .open], [sizes[0], .open, .open],
                [sizes[0], .open, .open],
            ]
        }
        let last: Sizes = [.open, sizes[1], .open]
        return [[sizes[0], .open, sizes[1], .open], last, last]
    }
}
