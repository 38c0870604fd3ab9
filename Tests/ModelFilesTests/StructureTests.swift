import ModelFiles
import Testing

/// Against the Python package `onnx`: `Vectors/make_graphs.py`.
@Suite struct StructureTests {
    @Test func `a graph is what the Python package reads in it`() throws {
        let graphs = try Vectors.graphs.get()
        #expect(graphs.count > 80)
        for (name, graph) in graphs {
            try expectSame(Array(graph.bytes), graph.structure, name)
        }
    }

    @Test func `the models of other tests are what the Python package reads in them`() throws {
        let structures = try Vectors.structures.get()
        #expect(structures.count > 40)
        for (path, structure) in structures {
            try expectSame(Vectors.bytes(of: path), structure, path)
        }
    }

    @Test func `what lies in another file is named with its place`() throws {
        let bytes = try Vectors.bytes(of: "Fixtures/models/weights_elsewhere_8.onnx")
        let external = try ModelGraph(bytes: bytes).tensors.compactMap(\.external)
        #expect(
            external == [ModelGraph.ExternalData(location: "weights.bin", offset: 0, length: 2560)]
        )
    }

    private func expectSame(
        _ bytes: [UInt8], _ expected: Vectors.Structure, _ name: String
    ) throws {
        let model = try ModelGraph(bytes: bytes)
        #expect(model.irVersion == expected.irVersion, "\(name)")
        #expect(model.producer.name == expected.producer, "\(name)")
        #expect(
            model.operatorSets.map {
                Vectors.Structure.OperatorSet(domain: $0.domain, version: $0.version)
            } == expected.operatorSets, "\(name)")
        #expect(model.body.inputs.map(Vectors.Structure.Value.init) == expected.inputs, "\(name)")
        #expect(model.body.outputs.map(Vectors.Structure.Value.init) == expected.outputs, "\(name)")
        #expect(
            model.body.initializers.map(Vectors.Structure.Tensor.init) == expected.initializers,
            "\(name)")
        #expect(model.body.nodes.map(Vectors.Structure.Node.init) == expected.nodes, "\(name)")
        #expect(model.functions.map(\.name) == expected.functions, "\(name)")
    }
}

extension Vectors.Structure.Value {
    init(_ value: ModelGraph.Value) {
        name = value.name
        type = value.elementType?.rawValue ?? 0
        shape = value.shape?.map {
            switch $0 {
            case .number(let size): "\(size)"
            case .symbol(let name): name
            case .open: "?"
            }
        }
    }
}

extension Vectors.Structure.Tensor {
    init(_ tensor: ModelGraph.Tensor) {
        name = tensor.name
        type = tensor.elementType?.rawValue ?? 0
        shape = tensor.shape
        external = tensor.external?.location ?? ""
        integers = tensor.integers
    }
}

extension Vectors.Structure.Node {
    init(_ node: ModelGraph.Node) {
        name = node.name
        `operator` = node.operation
        domain = node.domain
        inputs = node.inputs
        outputs = node.outputs
        attributes = node.attributes.keys.sorted()
        integers = node.attributes.compactMapValues {
            switch $0 {
            case .integer(let number): [number]
            case .integers(let numbers): numbers
            default: nil
            }
        }
    }
}
