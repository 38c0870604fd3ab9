extension ModelGraph {
    /// Reads an ONNX file.
    ///
    /// - Parameter bytes: the whole file.
    /// - Throws: ``ModelFileError``, for anything that is no ONNX file or would take too much to read.
    /// - Complexity: linear in the size of the file, weights excepted, which are passed over.
    public init(bytes: [UInt8]) throws(ModelFileError) {
        try self.init(bytes: bytes, mostEntries: ModelGraphReader.mostEntries)
    }

    init(bytes: [UInt8], mostEntries: Int) throws(ModelFileError) {
        var reader = ModelGraphReader(bytes: bytes, mostEntries: mostEntries)
        try reader.read(into: &self)
    }
}

/// Reads messages into values. A message that comes twice is merged, as protobuf has it.
struct ModelGraphReader {
    let bytes: [UInt8]
    private let mostEntries: Int
    private var entriesLeft: Int

    /// The most nodes, names, sizes and other entries that are kept.
    static let mostEntries = 4_000_000
    /// How deep bodies may lie within each other.
    private static let deepestBody = 16
    /// The longest list that an attribute keeps.
    static let longestList = 4096
    /// The longest name.
    static let longestText = 65_536
    /// The most axes of a tensor.
    static let mostAxes = 64

    init(bytes: [UInt8], mostEntries: Int) {
        self.bytes = bytes
        self.mostEntries = mostEntries
        entriesLeft = mostEntries
    }

    mutating func read(into model: inout ModelGraph) throws(ModelFileError) {
        var fields = WireFields(bytes, in: bytes.indices)
        var hasGraph = false
        while let field = try fields.next() {
            switch (field.number, field.content) {
            case (1, .number(let version)): model.irVersion = Int(truncatingIfNeeded: version)
            case (2, .bytes(let range)): model.producer.name = try text(range)
            case (3, .bytes(let range)): model.producer.version = try text(range)
            case (7, .bytes(let range)):
                hasGraph = true
                try readBody(range, into: &model.body, depth: 0)
            case (8, .bytes(let range)):
                try count()
                model.operatorSets.append(try operatorSet(range))
            case (25, .bytes(let range)):
                try count()
                model.functions.append(try function(range))
            default: break
            }
        }
        guard hasGraph else { throw .malformed(at: bytes.count, "it ends without a graph") }
    }

    private func operatorSet(_ range: Range<Int>) throws(ModelFileError)
        -> ModelGraph.OperatorSet
    {
        var result = ModelGraph.OperatorSet()
        var fields = WireFields(bytes, in: range)
        while let field = try fields.next() {
            switch (field.number, field.content) {
            case (1, .bytes(let range)): result.domain = try text(range)
            case (2, .number(let version)): result.version = Int(truncatingIfNeeded: version)
            default: break
            }
        }
        return result
    }

    private mutating func function(_ range: Range<Int>) throws(ModelFileError)
        -> ModelGraph.Function
    {
        var result = ModelGraph.Function()
        var fields = WireFields(bytes, in: range)
        while let field = try fields.next() {
            guard case .bytes(let range) = field.content else { continue }
            try count()
            switch field.number {
            case 1: result.name = try text(range)
            case 4: result.body.inputs.append(ModelGraph.Value(name: try text(range)))
            case 5: result.body.outputs.append(ModelGraph.Value(name: try text(range)))
            case 7: result.body.nodes.append(try node(range, depth: 0))
            case 9: result.operatorSets.append(try operatorSet(range))
            case 10: result.domain = try text(range)
            case 11:
                let (name, value) = try attribute(range, depth: 0)
                result.defaults[name] = value
            case 12: result.body.values.append(try value(range))
            default: break
            }
        }
        return result
    }

    /// Reads a graph into a body, which may hold something already.
    mutating func readBody(
        _ range: Range<Int>, into body: inout ModelGraph.Body, depth: Int
    ) throws(ModelFileError) {
        guard depth < ModelGraphReader.deepestBody else {
            throw .tooMuch(of: "graphs within each other", limit: ModelGraphReader.deepestBody)
        }
        var fields = WireFields(bytes, in: range)
        while let field = try fields.next() {
            guard case .bytes(let range) = field.content else { continue }
            try count()
            switch field.number {
            case 1: body.nodes.append(try node(range, depth: depth))
            case 5: body.initializers.append(try tensor(range))
            case 11: body.inputs.append(try value(range))
            case 12: body.outputs.append(try value(range))
            case 13: body.values.append(try value(range))
            case 15: body.initializers.append(try sparseTensor(range))
            default: break
            }
        }
    }

    private mutating func node(_ range: Range<Int>, depth: Int) throws(ModelFileError)
        -> ModelGraph.Node
    {
        var result = ModelGraph.Node()
        var fields = WireFields(bytes, in: range)
        while let field = try fields.next() {
            guard case .bytes(let range) = field.content else { continue }
            try count()
            switch field.number {
            case 1: result.inputs.append(try text(range))
            case 2: result.outputs.append(try text(range))
            case 3: result.name = try text(range)
            case 4: result.operation = try text(range)
            case 5:
                let (name, value) = try attribute(range, depth: depth)
                result.attributes[name] = value
            case 7: result.domain = try text(range)
            default: break
            }
        }
        return result
    }

    /// Spends one of the entries that may be kept.
    mutating func count() throws(ModelFileError) {
        entriesLeft -= 1
        guard entriesLeft >= 0 else {
            throw .tooMuch(of: "entries", limit: mostEntries)
        }
    }

    /// A name or another short text.
    func text(_ range: Range<Int>) throws(ModelFileError) -> String {
        guard range.count <= ModelGraphReader.longestText else {
            throw .tooMuch(of: "bytes in a name", limit: ModelGraphReader.longestText)
        }
        return String(decoding: bytes[range], as: UTF8.self)
    }

    /// A list of numbers without tags; nil: there are more.
    func packed(_ range: Range<Int>, atMost limit: Int) throws(ModelFileError) -> [Int]? {
        var numbers: [Int] = []
        var list = WireFields(bytes, in: range)
        while let number = try list.nextPacked() {
            guard numbers.count < limit else { return nil }
            numbers.append(Int(truncatingIfNeeded: number))
        }
        return numbers
    }
}
