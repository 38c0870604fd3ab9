/// An array as it lies in a file, in row-major order.
struct StoredArray: Sendable {
    let origin: String
    let shape: [Int]
    let type: NumberType
    private let isBigEndian: Bool
    private let bytes: Bytes
    private let offset: Int

    /// `nil` if the contents have no npy or IDX header.
    init?(_ contents: Contents) throws(DataSetError) {
        guard let header = try ArrayHeader(head: contents.head, origin: contents.origin) else {
            return nil
        }
        guard header.end == contents.bytes.count else {
            if header.isIDX, CIFARBatch.Layout.allCases.contains(where: { $0.fits(contents) }) {
                return nil
            }
            throw DataSetError(
                contents.origin,
                "the header announces shape \(header.shape) of \(header.type), \(header.end) "
                    + "bytes in all, but there are \(contents.bytes.count); the file is cut short "
                    + "or damaged, so fetch or write it again")
        }
        self.init(
            origin: contents.origin, shape: header.shape, type: header.type,
            isBigEndian: header.isBigEndian,
            bytes: try header.isColumnMajor ? .memory(rowMajor(contents, header)) : contents.bytes,
            offset: header.isColumnMajor ? 0 : header.offset)
    }

    init(
        origin: String, shape: [Int], type: NumberType, isBigEndian: Bool = false, bytes: Bytes,
        offset: Int = 0
    ) {
        self.origin = origin
        self.shape = shape
        self.type = type
        self.isBigEndian = isBigEndian
        self.bytes = bytes
        self.offset = offset
    }

    var elementCount: Int { shape.product }

    /// The elements at `range`, each little-endian.
    func littleEndianBytes(of range: Range<Int>) throws(DataSetError) -> [UInt8] {
        let size = type.byteCount
        var stored = try bytes.read(
            (offset + range.lowerBound * size)..<(offset + range.upperBound * size))
        if isBigEndian, size > 1 {
            for start in stride(from: 0, to: stored.count, by: size) {
                stored[start..<(start + size)].reverse()
            }
        }
        return stored
    }
}

/// What an npy or IDX header says of the array behind it.
struct ArrayHeader {
    let shape: [Int]
    let type: NumberType
    let isBigEndian: Bool
    let isColumnMajor: Bool
    let isIDX: Bool
    /// Where the elements start.
    let offset: Int
    /// Where the elements end, if the header tells the truth.
    let end: Int

    /// The bytes that hold any header that is accepted.
    static let longest = 1 << 16

    /// `nil` if `head` starts neither an npy nor an IDX file.
    init?(head: [UInt8], origin: String) throws(DataSetError) {
        if head.starts(with: NumpyHeader.magic) {
            let header = try NumpyHeader(head: head, origin: origin)
            try self.init(
                shape: header.shape, type: header.type, isBigEndian: header.isBigEndian,
                isColumnMajor: header.isColumnMajor, isIDX: false, offset: header.offset,
                origin: origin)
        } else if let header = IDXHeader(head: head) {
            try self.init(
                shape: header.shape, type: header.type, isBigEndian: true, isColumnMajor: false,
                isIDX: true, offset: header.offset, origin: origin)
        } else {
            return nil
        }
    }

    private init(
        shape: [Int], type: NumberType, isBigEndian: Bool, isColumnMajor: Bool, isIDX: Bool,
        offset: Int, origin: String
    ) throws(DataSetError) {
        // Empty axes count as 1 here, so that no product of some of the sizes overflows later.
        let sizes = shape.map { max($0, 1) }
        guard let size = checkedProduct(sizes + [type.byteCount]), size < 1 << 60 else {
            throw DataSetError(
                origin,
                "the header announces shape \(shape), more than any file holds; the file is "
                    + "damaged, so fetch or write it again")
        }
        self.shape = shape
        self.type = type
        self.isBigEndian = isBigEndian
        self.isColumnMajor = isColumnMajor
        self.isIDX = isIDX
        self.offset = offset
        self.end = offset + (shape.contains(0) ? 0 : size)
    }
}

/// The element types of npy and IDX files, by numpy's names.
enum NumberType: String {
    case bool, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float16, float32, float64

    var byteCount: Int {
        switch self {
        case .bool, .int8, .uint8: 1
        case .int16, .uint16, .float16: 2
        case .int32, .uint32, .float32: 4
        case .int64, .uint64, .float64: 8
        }
    }

    var isInteger: Bool {
        switch self {
        case .bool, .float16, .float32, .float64: false
        default: true
        }
    }

    /// The integer at `position` of little-endian elements; `nil` if it is no `Int`.
    func integer(in bytes: [UInt8], at position: Int) -> Int? {
        switch self {
        case .int8: Int(Int8(bitPattern: bytes[position]))
        case .uint8: Int(bytes[position])
        case .int16: Int(littleEndian(bytes, at: position) as Int16)
        case .uint16: Int(littleEndian(bytes, at: position) as UInt16)
        case .int32: Int(littleEndian(bytes, at: position) as Int32)
        case .uint32: Int(littleEndian(bytes, at: position) as UInt32)
        case .int64: Int(littleEndian(bytes, at: position) as Int64)
        case .uint64: Int(exactly: littleEndian(bytes, at: position) as UInt64)
        case .bool, .float16, .float32, .float64: nil
        }
    }
}

/// Element `position` of little-endian integers.
func littleEndian<Number: FixedWidthInteger>(_ bytes: [UInt8], at position: Int) -> Number {
    let size = MemoryLayout<Number>.size
    precondition(0 <= position && (position + 1) * size <= bytes.count)
    return Number(
        littleEndian: bytes.withUnsafeBytes {
            $0.loadUnaligned(fromByteOffset: position * size, as: Number.self)
        })
}

private func rowMajor(
    _ contents: Contents, _ header: ArrayHeader
) throws(DataSetError) -> [UInt8] {
    let bytes = try contents.bytes.read(header.offset..<header.end)
    let strides = Array(rowMajorStrides(of: header.shape.reversed()).reversed())
    return gather(
        bytes, elementSize: header.type.byteCount, shape: header.shape, strides: strides)
}

/// All elements of `bytes` in the row-major order of `shape`, where one step along axis `j` skips
/// `strides[j]` elements of `bytes`.
func gather(_ bytes: [UInt8], elementSize: Int, shape: [Int], strides: [Int]) -> [UInt8] {
    var gathered = [UInt8](repeating: 0, count: bytes.count)
    var counters = shape.map { _ in 0 }
    var element = 0
    for start in stride(from: 0, to: bytes.count, by: elementSize) {
        for byte in 0..<elementSize {
            gathered[start + byte] = bytes[element * elementSize + byte]
        }
        for axis in shape.indices.reversed() {
            counters[axis] += 1
            element += strides[axis]
            if counters[axis] < shape[axis] { break }
            element -= shape[axis] * strides[axis]
            counters[axis] = 0
        }
    }
    return gathered
}

/// How many elements one step along each axis skips.
func rowMajorStrides(of shape: [Int]) -> [Int] {
    shape.indices.map { shape[($0 + 1)...].product }
}

/// The place of element `position` of a row-major array.
func coordinates(of position: Int, in shape: [Int]) -> [Int] {
    zip(shape, rowMajorStrides(of: shape)).map { size, stride in position / stride % size }
}

extension Sequence<Int> {
    /// The number of elements in an array of this shape, which must have been checked.
    var product: Int { reduce(1, *) }
}

/// The number of elements in an array of this shape; `nil` if it is no `Int`.
func checkedProduct(_ shape: [Int]) -> Int? {
    var product = 1
    for size in shape {
        let (next, overflow) = product.multipliedReportingOverflow(by: size)
        if overflow { return nil }
        product = next
    }
    return product
}
