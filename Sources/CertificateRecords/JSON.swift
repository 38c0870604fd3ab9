/// A JSON value whose objects keep the order of their members, so that equal values are equal bytes.
public indirect enum JSON: Hashable, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A whole number.
    case integer(Int)
    /// A number that is written in exactly these characters.
    case decimal(String)
    /// Text.
    case string(String)
    /// Values in order.
    case array([JSON])
    /// Members in order.
    case object([Member])

    /// A named value of an object.
    public struct Member: Hashable, Sendable {
        /// The name.
        public let key: String
        /// The value.
        public let value: JSON

        /// Names a value.
        public init(key: String, value: JSON) {
            self.key = key
            self.value = value
        }
    }

    /// The finite double in the shortest decimal form that reads back as the same double.
    public static func number(_ value: Double) -> JSON {
        let text = value.description
        return .decimal(text.hasSuffix(".0") ? String(text.dropLast(2)) : text)
    }

    /// Whole numbers in order.
    public static func integers(_ values: [Int]) -> JSON { .array(values.map { .integer($0) }) }

    /// The value on one line, without spaces.
    public var line: String {
        var text = ""
        write(to: &text, indentation: nil)
        return text
    }

    /// The value with one member a line, indented by two spaces; arrays of numbers stay on a line.
    public var page: String {
        var text = ""
        write(to: &text, indentation: 0)
        return text + "\n"
    }

    private func write(to text: inout String, indentation: Int?) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .decimal(let digits): text += digits
        case .string(let value): JSON.write(value, to: &text)
        case .array(let values):
            let isFlat = values.allSatisfy(\.isPlain)
            JSON.write(
                values, between: "[", "]", to: &text, indentation: isFlat ? nil : indentation
            ) { value, text, indentation in
                value.write(to: &text, indentation: indentation)
            }
        case .object(let members):
            JSON.write(members, between: "{", "}", to: &text, indentation: indentation) {
                member, text, indentation in
                JSON.write(member.key, to: &text)
                text += indentation == nil ? ":" : ": "
                member.value.write(to: &text, indentation: indentation)
            }
        }
    }

    private static func write<Item>(
        _ items: [Item], between opening: String, _ closing: String, to text: inout String,
        indentation: Int?, writeItem: (Item, inout String, Int?) -> Void
    ) {
        let inner = items.isEmpty ? nil : indentation.map { $0 + 2 }
        text += opening
        for (place, item) in items.enumerated() {
            if place > 0 { text += "," }
            if let inner { text += "\n" + String(repeating: " ", count: inner) }
            writeItem(item, &text, inner)
        }
        if inner != nil, let indentation {
            text += "\n" + String(repeating: " ", count: indentation)
        }
        text += closing
    }

    private static func write(_ value: String, to text: inout String) {
        text += "\""
        defer { text += "\"" }
        let isPlain = value.utf8.allSatisfy {
            $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") && $0 != 0x7F
        }
        guard !isPlain else {
            text += value
            return
        }
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{0}"..<" ", "\u{7F}":
                let hex = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    private var isPlain: Bool {
        switch self {
        case .array, .object: false
        default: true
        }
    }
}

extension JSON: ExpressibleByDictionaryLiteral, ExpressibleByStringLiteral {
    /// An object with its members in the order in which they are written.
    public init(dictionaryLiteral members: (String, JSON)...) {
        self = .object(members.map { Member(key: $0.0, value: $0.1) })
    }

    /// Text.
    public init(stringLiteral value: String) { self = .string(value) }
}
