/// What is known of a value in a graph, as far as it matters where the samples of the batch are.
struct TracedValue {
    /// One size of a shape.
    enum Size: Hashable {
        case number(Int)
        /// The number of samples, or a multiple of it.
        case batch
        case open
    }

    /// Whether any of its elements is computed from those of the samples; their shapes do not count.
    var dependsOnSamples: Bool
    /// Its sizes by axis; nil: not even their number is known.
    var sizes: [Size]?
    /// Its elements, where it is a short list of integers: a shape, axes, or places.
    var elements: [Size]?

    /// A value of which nothing is known.
    static let unknown = TracedValue(dependsOnSamples: true)

    init(dependsOnSamples: Bool, sizes: [Size]? = nil, elements: [Size]? = nil) {
        self.dependsOnSamples = dependsOnSamples
        self.sizes = sizes
        self.elements = elements
    }

    /// The axis along which the samples lie; nil: there is none, or it is not known.
    var batchAxis: Int? { dependsOnSamples ? sizes?.firstIndex(of: .batch) : nil }

    var rank: Int? { sizes?.count }

    /// The batch's axis counted from the last, which is 1.
    var batchFromEnd: Int? {
        guard let rank, let batchAxis else { return nil }
        return rank - batchAxis
    }

    /// An axis as it may be given, negative ones counted from the end; nil: there is no such axis.
    func axis(_ given: Int) -> Int? {
        if given >= 0 { return rank.map { given < $0 } ?? true ? given : nil }
        guard let rank, given >= -rank else { return nil }
        return given + rank
    }

    /// Its elements, if all are known numbers.
    var integers: [Int]? {
        guard let elements else { return nil }
        var numbers: [Int] = []
        for case .number(let number) in elements { numbers.append(number) }
        return numbers.count == elements.count ? numbers : nil
    }
}

/// A node with what is known of the values that it takes.
struct TracedCall {
    let node: ModelGraph.Node
    let inputs: [TracedValue]
    /// The release of the operators in its domain.
    let version: Int
    /// The function within which the node stands.
    let function: String?
    /// The attributes that the call of that function gave.
    let given: [String: ModelGraph.Attribute]
    /// The size of the batch, where the model fixes it.
    let fixedBatch: Int?

    /// Whether the operator is one of ONNX's own.
    var isOnnx: Bool { ModelGraph.canonical(node.domain).isEmpty }

    /// By what name a reader finds the node.
    var title: String {
        let own = node.name.isEmpty ? node.outputs.first { !$0.isEmpty } ?? "" : node.name
        return function.map { "\($0)/\(own)" } ?? own
    }

    var dependsOnSamples: Bool { inputs.contains { $0.dependsOnSamples } }

    /// The value of an input; nil: it was left out.
    func input(_ place: Int) -> TracedValue? {
        guard place < inputs.count, !node.inputs[place].isEmpty else { return nil }
        return inputs[place]
    }

    func integers(ofInput place: Int) -> [Int]? { input(place)?.integers }

    func integer(_ attribute: String) -> Int? {
        guard case .integer(let number)? = value(attribute) else { return nil }
        return number
    }

    func integers(_ attribute: String) -> [Int]? {
        guard case .integers(let numbers)? = value(attribute) else { return nil }
        return numbers
    }

    func value(_ attribute: String) -> ModelGraph.Attribute? {
        guard case .reference(let name)? = node.attributes[attribute] else {
            return node.attributes[attribute]
        }
        return given[name]
    }

    /// Axes that are an attribute in old releases and an input in new ones.
    ///
    /// - Returns: nil: they cannot be known; an empty list: none were given.
    func axes(ofInput place: Int) -> [Int]? {
        if let given = integers("axes") { return given }
        if input(place) == nil { return node.attributes["axes"] == nil ? [] : nil }
        return integers(ofInput: place)
    }
}
