extension ModelGraphReader {
    /// What an attribute message holds, before its type says which of it counts.
    private struct Parts {
        var type: UInt64 = 0
        var integer = 0
        var float: Float = 0
        var text = ""
        var tensor: ModelGraph.Tensor?
        var bodies: [ModelGraph.Body] = []
        var integers: [Int] = []
        var floats: [Float] = []
        var texts: [String] = []
        var isTooLong = false
        var reference = ""

        /// Old files leave the type out: then what is there says it.
        func value(present: Set<Int>) -> ModelGraph.Attribute {
            if !reference.isEmpty { return .reference(reference) }
            if isTooLong { return .other }
            let byField = [2: 1, 3: 2, 4: 3, 5: 4, 6: 5, 7: 6, 8: 7, 9: 8, 10: 9, 11: 10]
            let kind =
                type == 0 ? byField.keys.sorted().first(where: present.contains) : nil
            switch kind.flatMap({ byField[$0] }) ?? Int(truncatingIfNeeded: type) {
            case 1: return .float(float)
            case 2: return .integer(integer)
            case 3: return .text(text)
            case 4: return tensor.map { .tensor($0) } ?? .other
            case 5, 10: return .bodies(bodies)
            case 6: return .floats(floats)
            case 7: return .integers(integers)
            case 8: return .texts(texts)
            default: return .other
            }
        }
    }

    mutating func attribute(_ range: Range<Int>, depth: Int) throws(ModelFileError)
        -> (name: String, value: ModelGraph.Attribute)
    {
        var name = ""
        var parts = Parts()
        var present: Set<Int> = []
        var fields = WireFields(bytes, in: range)
        while let field = try fields.next() {
            present.insert(field.number)
            switch (field.number, field.content) {
            case (1, .bytes(let range)): name = try text(range)
            case (2, .bits(let bits)): parts.float = float(bits)
            case (3, .number(let number)): parts.integer = Int(truncatingIfNeeded: number)
            case (4, .bytes(let range)):
                parts.isTooLong = range.count > ModelGraphReader.longestText
                if !parts.isTooLong { parts.text = try text(range) }
            case (5, .bytes(let range)): parts.tensor = try tensor(range)
            case (6, .bytes(let range)), (11, .bytes(let range)):
                var body = ModelGraph.Body()
                try readBody(range, into: &body, depth: depth + 1)
                parts.bodies.append(body)
            case (7, let content), (8, let content), (9, let content):
                try appendElement(content, ofField: field.number, to: &parts)
            case (20, .number(let type)): parts.type = type
            case (21, .bytes(let range)): parts.reference = try text(range)
            default: break
            }
        }
        return (name, parts.value(present: present))
    }

    /// Lists come one element a field, or several packed into one.
    private mutating func appendElement(
        _ content: WireFields.Content, ofField field: Int, to parts: inout Parts
    ) throws(ModelFileError) {
        let length = parts.integers.count + parts.floats.count + parts.texts.count
        guard !parts.isTooLong, length < ModelGraphReader.longestList else {
            parts.isTooLong = true
            return
        }
        try count()
        switch (field, content) {
        case (7, .bits(let bits)): parts.floats.append(float(bits))
        case (7, .bytes(let range)):
            guard range.count <= 4 * ModelGraphReader.longestList else {
                parts.isTooLong = true
                return
            }
            for start in stride(from: range.lowerBound, through: range.upperBound - 4, by: 4) {
                let bits = (0..<4).reduce(UInt64(0)) {
                    $0 | UInt64(bytes[start + $1]) << (8 * UInt64($1))
                }
                parts.floats.append(float(bits))
            }
        case (8, .number(let number)): parts.integers.append(Int(truncatingIfNeeded: number))
        case (8, .bytes(let range)):
            guard let numbers = try packed(range, atMost: ModelGraphReader.longestList) else {
                parts.isTooLong = true
                return
            }
            parts.integers += numbers
        case (9, .bytes(let range)): parts.texts.append(try text(range))
        default: break
        }
    }

    private func float(_ bits: UInt64) -> Float {
        Float(bitPattern: UInt32(truncatingIfNeeded: bits))
    }
}
