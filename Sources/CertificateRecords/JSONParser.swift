/// Why a text is no JSON that this program would have written, and where.
public struct JSONSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The place, in bytes from the beginning.
    public let offset: Int
    /// What is wrong there, as the end of a sentence.
    public let reason: String

    /// The sentence.
    public var description: String { "at byte \(offset): \(reason)" }
}

extension JSON {
    /// How many arrays and objects may lie within each other.
    public static let greatestDepth = 32

    /// Reads one JSON value (RFC 8259), strictly: UTF-8, no name twice in an object, nothing after the
    /// value but white space, at most ``greatestDepth`` levels.
    ///
    /// A whole number that fits becomes an ``integer(_:)``; any other number keeps its characters as a
    /// ``decimal(_:)``, so that what is read and written again has the same digits.
    ///
    /// - Complexity: linear in the number of bytes.
    public init(parsing text: some Sequence<UInt8>) throws(JSONSyntaxError) {
        var parser = JSONParser(Array(text))
        self = try parser.document()
    }
}

/// A recursive descent over bytes.
private struct JSONParser {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(JSONSyntaxError) -> JSON {
        skipSpace()
        let value = try value(depth: 0)
        skipSpace()
        guard place == bytes.count else { throw error("there is something after the value") }
        return value
    }

    private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSON {
        guard depth < JSON.greatestDepth else {
            throw error("more than \(JSON.greatestDepth) levels of arrays and objects")
        }
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case nil: throw error("the text ends where a value is due")
        default: return try number()
        }
    }

    private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSON {
        place += 1
        var members: [JSON.Member] = []
        var names = Set<String>()
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object([]) }
        while true {
            let start = place
            guard next == UInt8(ascii: "\"") else { throw error("a name in quotes is due") }
            let key = try string()
            guard names.insert(key).inserted else {
                throw JSONSyntaxError(
                    offset: start, reason: "the name \"\(key)\" stands there twice")
            }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw error("a colon is due") }
            skipSpace()
            members.append(JSON.Member(key: key, value: try value(depth: depth + 1)))
            skipSpace()
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard take(UInt8(ascii: ",")) else { throw error("a comma or } is due") }
            skipSpace()
        }
    }

    private mutating func array(depth: Int) throws(JSONSyntaxError) -> JSON {
        place += 1
        var values: [JSON] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return .array([]) }
        while true {
            values.append(try value(depth: depth + 1))
            skipSpace()
            if take(UInt8(ascii: "]")) { return .array(values) }
            guard take(UInt8(ascii: ",")) else { throw error("a comma or ] is due") }
            skipSpace()
        }
    }

    private mutating func word(_ text: StaticString, _ value: JSON) throws(JSONSyntaxError) -> JSON
    {
        for offset in 0..<text.utf8CodeUnitCount {
            guard next == text.utf8Start[offset] else { throw error("no JSON value") }
            place += 1
        }
        return value
    }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        place += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            place += 1
        }
    }

    private func error(_ reason: String) -> JSONSyntaxError {
        JSONSyntaxError(offset: place, reason: reason)
    }
}

// Numbers and text
// ----------------

extension JSONParser {
    private mutating func number() throws(JSONSyntaxError) -> JSON {
        let start = place
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        var isWhole = true
        if take(UInt8(ascii: ".")) {
            isWhole = false
            try digits()
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isWhole = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        if isWhole, text != "-0", let whole = Int(text) { return .integer(whole) }
        return .decimal(text)
    }

    private mutating func digits() throws(JSONSyntaxError) {
        let start = place
        while let byte = next, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte { place += 1 }
        guard place > start else { throw error("no JSON value, or a digit is missing") }
    }

    private mutating func string() throws(JSONSyntaxError) -> String {
        place += 1
        let start = place
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20
        {
            place += 1
        }
        // Most text has no escapes.
        if next == UInt8(ascii: "\"") {
            defer { place += 1 }
            return try text(bytes[start..<place], from: start)
        }
        var unescaped = Array(bytes[start..<place])
        while true {
            guard let byte = next else { throw error("the text ends within quotes") }
            guard byte >= 0x20 else { throw error("a control character within quotes") }
            place += 1
            if byte == UInt8(ascii: "\"") { return try text(unescaped[...], from: start) }
            if byte == UInt8(ascii: "\\") {
                unescaped.append(contentsOf: try escaped())
            } else {
                unescaped.append(byte)
            }
        }
    }

    private func text(_ utf8: ArraySlice<UInt8>, from start: Int) throws(JSONSyntaxError) -> String
    {
        guard let text = String(validating: utf8, as: UTF8.self) else {
            throw JSONSyntaxError(offset: start, reason: "this is not UTF-8")
        }
        return text
    }

    private mutating func escaped() throws(JSONSyntaxError) -> [UInt8] {
        let letter = next
        place += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [letter ?? 0]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return try escapedScalar()
        default:
            place -= 1
            throw error("no such escape")
        }
    }

    private mutating func escapedScalar() throws(JSONSyntaxError) -> [UInt8] {
        var code = try escapedUnit()
        if 0xD800..<0xDC00 ~= code, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
            let low = try escapedUnit()
            guard 0xDC00..<0xE000 ~= low else { throw error("half of a character") }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw error("half of a character") }
        return Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }

    private mutating func escapedUnit() throws(JSONSyntaxError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next,
                let digit = Character(Unicode.Scalar(byte)).hexDigitValue
            else { throw error("four hexadecimal digits are due") }
            unit = unit << 4 | UInt32(digit)
            place += 1
        }
        return unit
    }
}
