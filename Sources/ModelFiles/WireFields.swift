/// The fields of one message in protobuf's wire format, one after the other, as places in the bytes.
///
/// Nothing is copied, and no length is believed before it is seen to fit
/// (protobuf.dev, "Encoding").
struct WireFields {
    /// What stands behind a field's number.
    enum Content {
        case number(UInt64)
        /// Four or eight bytes, little endian.
        case bits(UInt64)
        /// Text, list or message: its place in the bytes.
        case bytes(Range<Int>)
    }

    private let bytes: [UInt8]
    private var position: Int
    private let end: Int

    /// How deep groups, which are long out of use, may lie within each other.
    private static let deepestGroup = 32

    /// The fields of the message at this place.
    init(_ bytes: [UInt8], in range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    /// The next field; nil at the end. Groups are passed over.
    mutating func next() throws(ModelFileError) -> (number: Int, content: Content)? {
        var groups = 0
        while position < end {
            let start = position
            let tag = try varint()
            let number = Int(truncatingIfNeeded: tag >> 3)
            guard tag >> 3 > 0, tag >> 3 < 1 << 29 else {
                throw .malformed(at: start, "a field has the number \(tag >> 3)")
            }
            switch tag & 7 {
            case 3: groups += 1
            case 4: groups -= 1
            default:
                let content = try content(kind: tag & 7)
                if groups == 0 { return (number, content) }
            }
            guard (0...WireFields.deepestGroup).contains(groups) else {
                throw .malformed(at: start, "a group does not end as it began")
            }
        }
        guard groups == 0 else { throw .malformed(at: end, "a group does not end") }
        return nil
    }

    /// The next number of a list without tags; nil at the end.
    mutating func nextPacked() throws(ModelFileError) -> UInt64? {
        position < end ? try varint() : nil
    }

    private mutating func content(kind: UInt64) throws(ModelFileError) -> Content {
        switch kind {
        case 0: return .number(try varint())
        case 1: return .bits(try fixed(8))
        case 2:
            let start = position
            let length = try varint()
            guard length <= UInt64(end - position) else {
                throw .malformed(
                    at: start,
                    "a part of \(length) bytes begins, and only \(end - position) follow: "
                        + "the file seems to be cut short")
            }
            defer { position += Int(length) }
            return .bytes(position..<position + Int(length))
        case 5: return .bits(try fixed(4))
        default: throw .malformed(at: position - 1, "a field is of no known kind (\(kind))")
        }
    }

    private mutating func fixed(_ count: Int) throws(ModelFileError) -> UInt64 {
        guard count <= end - position else {
            throw .malformed(at: position, "a number is cut short")
        }
        defer { position += count }
        var value: UInt64 = 0
        for place in 0..<count { value |= UInt64(bytes[position + place]) << (8 * UInt64(place)) }
        return value
    }

    /// A number in groups of seven bits, lowest first; at most ten of them.
    private mutating func varint() throws(ModelFileError) -> UInt64 {
        var value: UInt64 = 0
        for place in 0..<10 {
            guard position < end else { throw .malformed(at: position, "a number is cut short") }
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7f) << (7 * UInt64(place))
            if byte < 0x80 { return value }
        }
        throw .malformed(at: position, "a number does not end")
    }
}
