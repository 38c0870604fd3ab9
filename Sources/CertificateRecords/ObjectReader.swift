public import Digests

/// What is wrong with the value at a place of a manifest or a record.
public struct UnreadableMember: Error, Hashable, Sendable, CustomStringConvertible {
    /// The names on the way to the value, with dots between them: `plan.alpha`.
    public let path: String
    /// What is wrong, as the end of a sentence that begins with the path.
    public let reason: String

    /// The sentence.
    public var description: String { "\(path) \(reason)" }

    /// Says what is wrong at a path.
    public init(_ path: String, _ reason: String) {
        self.path = path
        self.reason = reason
    }
}

/// Takes the members of a JSON object by name, and says which one is missing or of another kind.
public struct ObjectReader: Sendable {
    /// The members in the order of the text.
    public let members: [JSON.Member]
    /// The names on the way to the object; empty for the whole.
    public let path: String

    /// The members of an object.
    public init(_ json: JSON, at path: String = "") throws(UnreadableMember) {
        guard case .object(let members) = json else {
            throw UnreadableMember(path.isEmpty ? "the whole" : path, "is no object")
        }
        self.members = members
        self.path = path
    }

    /// The value of a member.
    public subscript(_ key: String) -> JSON? { members.first { $0.key == key }?.value }

    /// The path of a member.
    public func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// The value of a member that has to be there.
    public func value(_ key: String) throws(UnreadableMember) -> JSON {
        guard let value = self[key] else { throw UnreadableMember(path(of: key), "is missing") }
        return value
    }

    /// The value of a member, nil where it is `null`.
    public func optional(_ key: String) throws(UnreadableMember) -> JSON? {
        let value = try value(key)
        return value == .null ? nil : value
    }

    /// A member that is an object.
    public func object(_ key: String) throws(UnreadableMember) -> ObjectReader {
        try ObjectReader(value(key), at: path(of: key))
    }

    /// A member that is an object or `null`.
    public func optionalObject(_ key: String) throws(UnreadableMember) -> ObjectReader? {
        guard let value = try optional(key) else { return nil }
        return try ObjectReader(value, at: path(of: key))
    }

    /// Text.
    public func string(_ key: String) throws(UnreadableMember) -> String {
        guard case .string(let text) = try value(key) else {
            throw UnreadableMember(path(of: key), "is no text")
        }
        return text
    }

    /// Text or `null`.
    public func optionalString(_ key: String) throws(UnreadableMember) -> String? {
        try optional(key) == nil ? nil : string(key)
    }

    /// `true` or `false`.
    public func bool(_ key: String) throws(UnreadableMember) -> Bool {
        guard case .bool(let value) = try value(key) else {
            throw UnreadableMember(path(of: key), "is neither true nor false")
        }
        return value
    }

    /// A whole number in a range.
    public func integer(
        _ key: String, in range: ClosedRange<Int> = 0...Int.max
    ) throws(UnreadableMember) -> Int {
        guard case .integer(let number) = try value(key), range.contains(number) else {
            throw UnreadableMember(
                path(of: key),
                "is no whole number from \(range.lowerBound)"
                    + (range.upperBound == .max ? "" : " to \(range.upperBound)"))
        }
        return number
    }

    /// The double that a number is nearest to.
    public func double(_ key: String) throws(UnreadableMember) -> Double {
        guard let number = try value(key).double, number.isFinite else {
            throw UnreadableMember(path(of: key), "is no finite number")
        }
        return number
    }

    /// A number with the digits that stand there: not negative and without exponent.
    public func decimal(_ key: String) throws(UnreadableMember) -> DecimalNumber {
        guard let digits = try value(key).digits, let number = DecimalNumber(digits) else {
            throw UnreadableMember(path(of: key), "is no decimal number from 0")
        }
        return number
    }

    /// A digest of 64 hexadecimal digits.
    public func digest(_ key: String) throws(UnreadableMember) -> Digest {
        guard let digest = Digest(hex: try string(key)) else {
            throw UnreadableMember(path(of: key), "is no digest of 64 hexadecimal digits")
        }
        return digest
    }

    /// Whole numbers from 0.
    public func integers(_ key: String) throws(UnreadableMember) -> [Int] {
        guard case .array(let values) = try value(key) else {
            throw UnreadableMember(path(of: key), "is no list")
        }
        var numbers: [Int] = []
        numbers.reserveCapacity(values.count)
        for value in values {
            guard case .integer(let number) = value, number >= 0 else {
                throw UnreadableMember(path(of: key), "has an entry that is no whole number from 0")
            }
            numbers.append(number)
        }
        return numbers
    }

    /// Texts.
    public func strings(_ key: String) throws(UnreadableMember) -> [String] {
        guard case .array(let values) = try value(key) else {
            throw UnreadableMember(path(of: key), "is no list")
        }
        var texts: [String] = []
        for value in values {
            guard case .string(let text) = value else {
                throw UnreadableMember(path(of: key), "has an entry that is no text")
            }
            texts.append(text)
        }
        return texts
    }
}

extension JSON {
    /// The characters of a number; nil for anything else.
    public var digits: String? {
        switch self {
        case .integer(let number): String(number)
        case .decimal(let digits): digits
        default: nil
        }
    }

    /// The double that a number is nearest to; nil for anything else.
    public var double: Double? { digits.flatMap(Double.init) }
}
