/// The header of an npy file, versions 1.0, 2.0 and 3.0.
///
/// Magic, two version bytes, the little-endian length of the rest (2 bytes in version 1, else 4),
/// and a Python dictionary such as
/// `{'descr': '<f4', 'fortran_order': False, 'shape': (450, 1, 8, 8), }`
/// (NumPy enhancement proposal 1 and the documentation of `numpy.lib.format`).
struct NumpyHeader {
    static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

    let shape: [Int]
    let type: NumberType
    let isBigEndian: Bool
    let isColumnMajor: Bool
    let offset: Int

    /// - Precondition: `head` starts with ``magic``.
    init(head: [UInt8], origin: String) throws(DataSetError) {
        guard head.count >= 12 else { throw NumpyHeader.cutShort(origin) }
        guard (1...3).contains(head[6]) else {
            throw DataSetError(
                origin,
                "the npy format version is \(head[6]).\(head[7]), but 1.0, 2.0 and 3.0 are "
                    + "understood; save the array again with numpy.save")
        }
        let start = head[6] == 1 ? 10 : 12
        let length = head[8..<start].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard start + length <= ArrayHeader.longest else {
            throw DataSetError(
                origin,
                "the npy header has \(length) bytes, more than that of any array of numbers; save "
                    + "the array again with numpy.save")
        }
        guard start + length <= head.count else { throw NumpyHeader.cutShort(origin) }
        var scanner = PythonDictionaryScanner(rest: head[start..<(start + length)])
        guard let entries = scanner.entries(), let shape = entries.shape,
            let isColumnMajor = entries.isColumnMajor, let descriptor = entries.descriptor
        else {
            throw DataSetError(
                origin,
                "the npy header does not give descr, fortran_order and shape of a plain array as "
                    + "numpy writes them; save an array of numbers with numpy.save")
        }
        guard let type = NumpyHeader.types[String(descriptor.dropFirst())],
            let order = descriptor.first, "<>|".contains(order),
            order != "|" || type.byteCount == 1
        else {
            throw DataSetError(
                origin,
                "the element type is “\(descriptor)”, which is not among the whole numbers and "
                    + "floating-point numbers that are understood; convert the array with astype")
        }
        self.shape = shape
        self.type = type
        self.isBigEndian = order == ">"
        self.isColumnMajor = isColumnMajor
        self.offset = start + length
    }

    private static let types: [String: NumberType] = [
        "b1": .bool, "i1": .int8, "i2": .int16, "i4": .int32, "i8": .int64, "u1": .uint8,
        "u2": .uint16, "u4": .uint32, "u8": .uint64, "f2": .float16, "f4": .float32,
        "f8": .float64,
    ]

    private static func cutShort(_ origin: String) -> DataSetError {
        DataSetError(
            origin, "the file ends inside the npy header; fetch or write the file again")
    }
}

/// Reads the one Python dictionary that an npy header is.
private struct PythonDictionaryScanner {
    var rest: ArraySlice<UInt8>

    struct Entries {
        var descriptor: String?
        var isColumnMajor: Bool?
        var shape: [Int]?
    }

    /// `nil` unless all of the text is one dictionary with keys and values of the expected kinds.
    mutating func entries() -> Entries? {
        guard take("{") else { return nil }
        var entries = Entries()
        while !take("}") {
            guard let key = string(), take(":") else { return nil }
            switch key {
            case "descr": entries.descriptor = string()
            case "fortran_order": entries.isColumnMajor = boolean()
            case "shape": entries.shape = tuple()
            default: return nil
            }
            guard take(",") || rest.first == UInt8(ascii: "}") else { return nil }
        }
        skipSpaces()
        return rest.isEmpty ? entries : nil
    }

    private mutating func string() -> String? {
        skipSpaces()
        guard let quote = rest.first, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"")
        else { return nil }
        rest.removeFirst()
        guard let end = rest.firstIndex(of: quote) else { return nil }
        defer { rest = rest[(end + 1)...] }
        return String(decoding: rest[..<end], as: UTF8.self)
    }

    private mutating func boolean() -> Bool? {
        switch word() {
        case "True": true
        case "False": false
        default: nil
        }
    }

    private mutating func tuple() -> [Int]? {
        guard take("(") else { return nil }
        var sizes: [Int] = []
        while !take(")") {
            guard let size = Int(word()), size >= 0 else { return nil }
            sizes.append(size)
            guard take(",") || rest.first == UInt8(ascii: ")") else { return nil }
        }
        return sizes
    }

    private mutating func word() -> String {
        skipSpaces()
        let word = rest.prefix { byte in
            Character(Unicode.Scalar(byte)).isLetter || Character(Unicode.Scalar(byte)).isNumber
        }
        rest = rest.dropFirst(word.count)
        return String(decoding: word, as: UTF8.self)
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        skipSpaces()
        guard rest.first == UInt8(ascii: scalar) else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func skipSpaces() {
        rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
    }
}
