import CProtobufC
import Digests

/// The integer, when it lies in its range.
func checked(
    _ value: some BinaryInteger, in range: ClosedRange<Int>, _ name: String
) throws(MalformedMessage) -> Int {
    guard let number = Int(exactly: value), range.contains(number) else {
        throw MalformedMessage(
            "\(name) is \(value), outside \(range.lowerBound) to \(range.upperBound)")
    }
    return number
}

/// The real number, when it is finite.
func finite<Real: BinaryFloatingPoint>(
    _ value: Real, _ name: String
) throws(MalformedMessage) -> Real {
    guard value.isFinite else { throw MalformedMessage("\(name) is \(value), not a finite number") }
    return value
}

/// The real number, when it is finite and above 0.
func positive<Real: BinaryFloatingPoint>(
    _ value: Real, _ name: String
) throws(MalformedMessage) -> Real {
    guard try finite(value, name) > 0 else {
        throw MalformedMessage("\(name) is \(value), not above 0")
    }
    return value
}

/// The elements of a repeated field, when there are as many as its range allows.
func elements<Element>(
    _ first: UnsafeMutablePointer<Element>?, _ count: Int, in range: ClosedRange<Int>,
    _ name: String
) throws(MalformedMessage) -> UnsafeBufferPointer<Element> {
    UnsafeBufferPointer(start: first, count: try checked(count, in: range, "the number of \(name)"))
}

/// The text, when it is UTF-8 of at most so many bytes and without control characters.
func text(
    _ field: ProtobufCBinaryData, atMost limit: Int, _ name: String
) throws(MalformedMessage) -> String {
    guard field.len <= limit else {
        throw MalformedMessage("\(name) takes \(field.len) bytes, more than \(limit)")
    }
    guard let text = String(validating: bytes(field), as: UTF8.self) else {
        throw MalformedMessage("\(name) is not valid UTF-8")
    }
    guard !text.unicodeScalars.contains(where: \.isControl) else {
        throw MalformedMessage("\(name) has a control character")
    }
    return text
}

/// A value of fixed size (a digest, an identity, a key), when the bytes make one.
func fixed<Value>(
    _ field: ProtobufCBinaryData, _ make: (UnsafeBufferPointer<UInt8>) -> Value?, _ name: String
) throws(MalformedMessage) -> Value {
    guard let value = make(bytes(field)) else {
        throw MalformedMessage("\(name) has a wrong size: \(field.len) bytes")
    }
    return value
}

/// The digest, when it has 32 bytes.
func digest(_ field: ProtobufCBinaryData, _ name: String) throws(MalformedMessage) -> Digest {
    try fixed(field, { Digest(bytes: $0) }, name)
}

private func bytes(_ field: ProtobufCBinaryData) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: field.data, count: field.len)
}

extension Unicode.Scalar {
    /// Whether this is one of U+0000 to U+001F and U+007F to U+009F: it may not reach a terminal.
    var isControl: Bool { properties.generalCategory == .control }
}
