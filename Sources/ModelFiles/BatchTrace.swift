/// Follows the samples' axis from the input through the nodes, and gathers suspects on the way.
struct BatchTrace {
    private let model: ModelGraph
    private let functions: [String: ModelGraph.Function]
    /// The name that the file gives to the size of the batch.
    private let batchSymbol: String?
    private let fixedBatch: Int?

    /// What is known of the values by name, those of inner bodies last.
    private var scopes: [[String: TracedValue]] = []
    private var suspects: [Suspect] = []
    private var seen: Set<Suspect> = []
    /// Nodes and names that may still be looked at: functions may call functions.
    private var callsLeft = 4_000_000
    private var depth = 0

    /// How deep functions and bodies are entered.
    private static let deepest = 12
    /// The most suspects that are gathered.
    private static let most = 1000

    init(_ model: ModelGraph) {
        self.model = model
        let named = model.functions.map { (BatchTrace.key($0.domain, $0.name), $0) }
        functions = Dictionary(named, uniquingKeysWith: { first, _ in first })
        let sizes = model.inputs.lazy.compactMap(\.shape).first { !$0.isEmpty } ?? []
        switch sizes.first {
        case .symbol(let name)? where sizes.filter { $0 == .symbol(name) }.count == 1:
            (batchSymbol, fixedBatch) = (name, nil)
        case .number(let size)?: (batchSymbol, fixedBatch) = (nil, size)
        default: (batchSymbol, fixedBatch) = (nil, nil)
        }
    }

    mutating func run(output: String?) -> [Suspect] {
        let constants = Set(model.body.initializers.map(\.name))
        var inputs: [String: TracedValue] = [:]
        for input in model.body.inputs where !constants.contains(input.name) {
            var sizes = input.shape.map { $0.map(size) }
            if sizes?.isEmpty == false { sizes?[0] = .batch }
            inputs[input.name] = TracedValue(dependsOnSamples: true, sizes: sizes)
        }
        scopes = [inputs]
        let outputs = model.body.outputs.map(\.name).filter { output == nil || $0 == output }
        follow(
            model.body, needed: model.body.names(behind: outputs), in: nil, given: [:],
            version: model.version)
        // Of a batch of one sample, all samples are that one.
        return fixedBatch == 1 ? suspects.filter { $0.cause != .otherRows } : suspects
    }

    private static func key(_ domain: String, _ name: String) -> String {
        "\(ModelGraph.canonical(domain))\u{0}\(name)"
    }

    /// The size of an axis as the file states it: the batch's name makes it the batch's.
    private func size(_ dimension: ModelGraph.Dimension) -> TracedValue.Size {
        switch dimension {
        case .number(let number): .number(number)
        case .symbol(let name): name == batchSymbol ? .batch : .open
        case .open: .open
        }
    }

    // MARK: Bodies

    /// Follows the nodes of a body in the innermost scope.
    private mutating func follow(
        _ body: ModelGraph.Body, needed: Set<String>? = nil, in function: String?,
        given: [String: ModelGraph.Attribute], version: (String) -> Int?
    ) {
        callsLeft -= body.initializers.count + body.values.count + body.outputs.count
        guard callsLeft > 0 else { return }
        for tensor in body.initializers {
            scopes[scopes.count - 1][tensor.name] = TracedValue(tensor)
        }
        let stated = Dictionary(
            (body.values + body.outputs).map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        for node in body.nodes {
            guard callsLeft > 0, suspects.count < BatchTrace.most else { return }
            callsLeft -= 1
            if let needed, !node.outputs.contains(where: needed.contains) { continue }
            let call = TracedCall(
                node: node, inputs: node.inputs.map(value), version: version(node.domain) ?? 0,
                function: function, given: given, fixedBatch: fixedBatch)
            let made = outputs(of: call, version: version)
            for (place, name) in node.outputs.enumerated() where !name.isEmpty {
                let value = place < made.count ? made[place] : .unknown
                scopes[scopes.count - 1][name] = completed(value, by: stated[name], call)
            }
        }
    }

    /// What is known of a value; an input that was left out depends on nothing.
    private func value(_ name: String) -> TracedValue {
        if name.isEmpty { return TracedValue(dependsOnSamples: false) }
        for scope in scopes.reversed() {
            if let value = scope[name] { return value }
        }
        return .unknown
    }

    /// What is not known of a value, as the file states it.
    private func completed(
        _ value: TracedValue, by stated: ModelGraph.Value?, _ call: TracedCall
    ) -> TracedValue {
        var value = value
        value.dependsOnSamples = value.dependsOnSamples && call.mayDependOnSamples
        guard let shape = stated?.shape, value.sizes == nil || value.batchAxis == nil else {
            return value
        }
        let sizes = shape.map(size)
        if value.sizes == nil || sizes.contains(.batch) { value.sizes = sizes }
        return value
    }

    private mutating func outputs(
        of call: TracedCall, version: (String) -> Int?
    ) -> [TracedValue] {
        if let function = functions[BatchTrace.key(call.node.domain, call.node.operation)] {
            return results(of: function, called: call)
        }
        if let suspect = Suspect(call), seen.insert(suspect).inserted { suspects.append(suspect) }
        let bodies = call.node.attributes.sorted { $0.key < $1.key }.flatMap { _, attribute in
            if case .bodies(let bodies) = attribute { bodies } else { [ModelGraph.Body]() }
        }
        for body in bodies where depth < BatchTrace.deepest {
            depth += 1
            let inputs = body.inputs.map { ($0.name, TracedValue.unknown) }
            scopes.append(Dictionary(inputs, uniquingKeysWith: { $1 }))
            follow(body, in: call.function, given: call.given, version: version)
            scopes.removeLast()
            depth -= 1
        }
        return call.results
    }

    /// What a function of the file's own makes, its nodes followed for this call.
    private mutating func results(
        of function: ModelGraph.Function, called call: TracedCall
    ) -> [TracedValue] {
        guard depth < BatchTrace.deepest else { return [] }
        var inputs: [String: TracedValue] = [:]
        for (place, input) in function.body.inputs.enumerated() {
            inputs[input.name] =
                place < call.inputs.count
                ? call.inputs[place] : TracedValue(dependsOnSamples: false)
        }
        var given = function.defaults
        for name in call.node.attributes.keys { given[name] = call.value(name) }
        let own = function.operatorSets
        let sets = own.isEmpty ? model.operatorSets : own
        callsLeft -= function.body.inputs.count
        depth += 1
        let outer = scopes
        scopes = [inputs]
        follow(function.body, in: function.name, given: given) { domain in
            sets.last { ModelGraph.canonical($0.domain) == ModelGraph.canonical(domain) }?.version
        }
        let results = function.body.outputs.map { value($0.name) }
        scopes = outer
        depth -= 1
        return results
    }
}

extension TracedValue {
    /// A constant of the file.
    init(_ tensor: ModelGraph.Tensor) {
        self.init(
            dependsOnSamples: false, sizes: tensor.shape.map { .number($0) },
            elements: tensor.integers.map { $0.map { .number($0) } })
    }
}

extension ModelGraph.Body {
    /// The names of all values on which these depend.
    fileprivate func names(behind outputs: [String]) -> Set<String> {
        var needed = Set(outputs)
        for node in nodes.reversed() where node.outputs.contains(where: needed.contains) {
            needed.formUnion(node.inputs)
            for (_, attribute) in node.attributes {
                guard case .bodies(let bodies) = attribute else { continue }
                for body in bodies { needed.formUnion(body.namesWithin) }
            }
        }
        return needed
    }

    /// All names that a body mentions, which may be those of outer values.
    private var namesWithin: Set<String> {
        var names = Set(outputs.map(\.name))
        for node in nodes {
            names.formUnion(node.inputs)
            for (_, attribute) in node.attributes {
                guard case .bodies(let bodies) = attribute else { continue }
                for body in bodies { names.formUnion(body.namesWithin) }
            }
        }
        return names
    }
}
