/// A list of whole numbers: labels or indices.
struct IntegerList {
    let origin: String
    let values: [Int]

    static func load(
        path: String, member: String?, usualNames: [String]
    ) throws(DataSetError) -> IntegerList {
        let contents = try Contents.open(path: path, member: member, usualNames: usualNames)
        if let array = try StoredArray(contents) {
            return IntegerList(origin: contents.origin, values: try integers(of: array))
        }
        if let values = try integers(inText: contents) {
            return IntegerList(origin: contents.origin, values: values)
        }
        if let batch = try CIFARBatch(contents) {
            return IntegerList(origin: contents.origin, values: batch.labels)
        }
        if let odd = oddLine(inText: contents) { throw odd }
        throw contents.unrecognised(
            expected: "npy, npz or IDX integers, or text with one whole number a line")
    }

    /// The sentence for text whose first odd line is no whole number; `nil` if the contents are no
    /// text, or that line is not within the first bytes.
    private static func oddLine(inText contents: Contents) -> DataSetError? {
        let isText = contents.head.allSatisfy {
            (0x20..<0x7F).contains($0) || (9...13).contains($0)
        }
        guard isText else { return nil }
        let lines = contents.head.split(separator: 0x0A, omittingEmptySubsequences: false)
        guard let place = lines.firstIndex(where: { !$0.allSatisfy(isTextOfIntegers) }) else {
            return nil
        }
        let shown = String(decoding: lines[place].filter { $0 >= 0x20 }.prefix(30), as: UTF8.self)
        return DataSetError(
            contents.origin,
            "line \(place + 1) is '\(shown)\(lines[place].count > 30 ? "…" : "")', but it must be one "
                + "whole number and nothing else")
    }

    private static func integers(of array: StoredArray) throws(DataSetError) -> [Int] {
        let isColumn = array.shape.count == 2 && array.shape[1] == 1
        guard array.shape.count == 1 || isColumn else {
            throw DataSetError(
                array.origin,
                "the array has shape \(array.shape), but labels and indices have one axis; "
                    + "for one-hot rows, save y.argmax(axis=1) instead")
        }
        guard array.type.isInteger else {
            throw DataSetError(
                array.origin,
                "the elements are \(array.type), but labels and indices are whole numbers; "
                    + "convert the array with y.astype(np.int64)")
        }
        let bytes = try array.littleEndianBytes(of: 0..<array.elementCount)
        var values: [Int] = []
        values.reserveCapacity(array.elementCount)
        for position in 0..<array.elementCount {
            guard let value = array.type.integer(in: bytes, at: position) else {
                throw DataSetError(
                    array.origin,
                    "entry \(position) is 2^63 or more, which is no label and no index")
            }
            values.append(value)
        }
        return values
    }

    /// `nil` if the contents are no text.
    private static func integers(inText contents: Contents) throws(DataSetError) -> [Int]? {
        guard contents.head.allSatisfy(isTextOfIntegers), contents.bytes.count <= textLimit else {
            return nil
        }
        let text = try contents.bytes.read(0..<contents.bytes.count)
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        var values: [Int] = []
        for (number, line) in lines.enumerated() {
            let words = line.split(whereSeparator: isSpace)
            guard let word = words.first else { continue }
            guard words.count == 1, let value = Int(String(decoding: word, as: UTF8.self)) else {
                throw DataSetError(
                    contents.origin,
                    "line \(number + 1) must be one whole number and nothing else")
            }
            values.append(value)
        }
        return values
    }

    private static let textLimit = 1 << 26

    private static func isTextOfIntegers(_ byte: UInt8) -> Bool {
        isSpace(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "\n")
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }
}
