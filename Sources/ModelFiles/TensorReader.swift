extension ModelGraphReader {
    mutating func tensor(_ range: Range<Int>) throws(ModelFileError)
        -> ModelGraph.Tensor
    {
        var result = ModelGraph.Tensor()
        var external = ModelGraph.ExternalData()
        var isExternal = false
        var raw: Range<Int>?
        var listed: [Int] = []
        var fields = WireFields(bytes, in: range)
        while let field = try fields.next() {
            switch (field.number, field.content) {
            case (1, .number(let size)): try append(size, to: &result.shape)
            case (1, .bytes(let range)):
                for size in try packed(range, atMost: ModelGraphReader.mostAxes + 1) ?? [] {
                    try append(UInt64(bitPattern: Int64(size)), to: &result.shape)
                }
            case (2, .number(let type)): result.elementType = tensorType(type)
            case (5, .number(let number)), (7, .number(let number)):
                guard listed.count <= ModelGraph.Tensor.mostIntegers else { break }
                listed.append(Int(truncatingIfNeeded: number))
            case (5, .bytes(let range)), (7, .bytes(let range)):
                guard listed.count <= ModelGraph.Tensor.mostIntegers else { break }
                listed += try packed(range, atMost: ModelGraph.Tensor.mostIntegers) ?? []
            case (8, .bytes(let range)): result.name = try text(range)
            case (9, .bytes(let range)): raw = range
            case (13, .bytes(let range)): try read(range, into: &external)
            case (14, .number(let place)): isExternal = place == 1
            default: break
            }
        }
        if isExternal {
            result.external = external
        } else {
            result.integers = integers(of: result, raw: raw, listed: listed)
        }
        return result
    }

    private mutating func append(_ size: UInt64, to shape: inout [Int]) throws(ModelFileError) {
        guard shape.count < ModelGraphReader.mostAxes else {
            throw .tooMuch(of: "axes of a tensor", limit: ModelGraphReader.mostAxes)
        }
        try count()
        shape.append(Int(truncatingIfNeeded: size))
    }

    /// The elements of a short tensor of integers or truth values, if as many as its shape has.
    private func integers(
        of tensor: ModelGraph.Tensor, raw: Range<Int>?, listed: [Int]
    ) -> [Int]? {
        let widths: [TensorType: Int] = [
            .int64: 8, .int32: 4, .int16: 2, .int8: 1, .uint8: 1, .bool: 1,
        ]
        guard let type = tensor.elementType, let width = widths[type] else { return nil }
        var count = 1
        for size in tensor.shape {
            guard (0...ModelGraph.Tensor.mostIntegers).contains(size) else { return nil }
            count *= size
            guard count <= ModelGraph.Tensor.mostIntegers else { return nil }
        }
        guard let raw else { return listed.count == count ? listed : nil }
        guard raw.count == count * width else { return nil }
        let isSigned = type != .uint8 && type != .bool
        return stride(from: raw.lowerBound, to: raw.upperBound, by: width).map { start in
            var value: UInt64 = 0
            for place in 0..<width {
                value |= UInt64(bytes[start + place]) << (8 * UInt64(place))
            }
            let unused = 64 - 8 * width
            return isSigned
                ? Int(truncatingIfNeeded: Int64(bitPattern: value << unused) >> unused)
                : Int(value)
        }
    }

    /// One entry of a list of names and texts: `location`, `offset`, `length`.
    private func read(
        _ range: Range<Int>, into external: inout ModelGraph.ExternalData
    ) throws(ModelFileError) {
        var key = ""
        var value = ""
        var fields = WireFields(bytes, in: range)
        while let field = try fields.next() {
            guard case .bytes(let range) = field.content else { continue }
            if field.number == 1 { key = try text(range) }
            if field.number == 2 { value = try text(range) }
        }
        func number() throws(ModelFileError) -> Int {
            guard let number = Int(value), number >= 0 else {
                throw .malformed(
                    at: range.lowerBound, "the \(key) of weights in another file is \"\(value)\"")
            }
            return number
        }
        switch key {
        case "location": external.location = value
        case "offset": external.offset = try number()
        case "length": external.length = try number()
        default: break
        }
    }

    /// Of a sparse tensor, the tensor of its values, which has its name.
    mutating func sparseTensor(_ range: Range<Int>) throws(ModelFileError)
        -> ModelGraph.Tensor
    {
        var result = ModelGraph.Tensor()
        var shape: [Int] = []
        var fields = WireFields(bytes, in: range)
        while let field = try fields.next() {
            switch (field.number, field.content) {
            case (1, .bytes(let range)): result = try tensor(range)
            case (3, .number(let size)): try append(size, to: &shape)
            default: break
            }
        }
        result.shape = shape
        result.integers = nil
        return result
    }

    mutating func value(_ range: Range<Int>) throws(ModelFileError)
        -> ModelGraph.Value
    {
        var result = ModelGraph.Value()
        var fields = WireFields(bytes, in: range)
        while let field = try fields.next() {
            guard case .bytes(let range) = field.content else { continue }
            if field.number == 1 { result.name = try text(range) }
            if field.number == 2 { try readType(range, into: &result) }
        }
        return result
    }

    private mutating func readType(
        _ range: Range<Int>, into value: inout ModelGraph.Value
    ) throws(ModelFileError) {
        var fields = WireFields(bytes, in: range)
        while let field = try fields.next() {
            guard case .bytes(let range) = field.content else { continue }
            switch field.number {
            case 1:
                value.kind = .tensor
                try readTensorType(range, into: &value)
            case 4: value.kind = .sequence
            case 5: value.kind = .map
            default: break
            }
        }
    }

    private mutating func readTensorType(
        _ range: Range<Int>, into value: inout ModelGraph.Value
    ) throws(ModelFileError) {
        var fields = WireFields(bytes, in: range)
        while let field = try fields.next() {
            switch (field.number, field.content) {
            case (1, .number(let type)): value.elementType = tensorType(type)
            case (2, .bytes(let range)): try readShape(range, into: &value)
            default: break
            }
        }
    }

    private mutating func readShape(
        _ range: Range<Int>, into value: inout ModelGraph.Value
    ) throws(ModelFileError) {
        var shape: [ModelGraph.Dimension] = []
        var fields = WireFields(bytes, in: range)
        while let field = try fields.next() {
            guard field.number == 1, case .bytes(let range) = field.content else { continue }
            guard shape.count < ModelGraphReader.mostAxes else {
                throw .tooMuch(of: "axes of a tensor", limit: ModelGraphReader.mostAxes)
            }
            try count()
            shape.append(try dimension(range))
        }
        value.shape = shape
    }

    private func dimension(_ range: Range<Int>) throws(ModelFileError) -> ModelGraph.Dimension {
        var result = ModelGraph.Dimension.open
        var fields = WireFields(bytes, in: range)
        while let field = try fields.next() {
            switch (field.number, field.content) {
            case (1, .number(let size)):
                let size = Int(truncatingIfNeeded: size)
                result = size < 0 ? .open : .number(size)
            case (2, .bytes(let range)):
                let name = try text(range)
                result = name.isEmpty ? .open : .symbol(name)
            default: break
            }
        }
        return result
    }

    private func tensorType(_ number: UInt64) -> TensorType? {
        TensorType(rawValue: Int(truncatingIfNeeded: number))
    }
}
