import CSodium

/// A Curve25519 key pair, the kind by which CurveZMQ (RFC 26) knows both ends of a connection.
public struct KeyPair: Sendable {
    /// What others may know.
    public let publicKey: PublicKey
    /// What proves that one is the holder of the public key.
    public let secretKey: SecretKey

    /// Draws a new key pair.
    public static func random() -> KeyPair {
        Libsodium.requireReady()
        var publicBytes = [UInt8](repeating: 0, count: PublicKey.byteCount)
        let secretKey = SecretKey { crypto_box_keypair(&publicBytes, $0) == 0 }
        guard let publicKey = PublicKey(bytes: publicBytes), let secretKey else {
            preconditionFailure("libsodium makes keys of 32 bytes")
        }
        return KeyPair(publicKey: publicKey, secretKey: secretKey)
    }

    private init(publicKey: PublicKey, secretKey: SecretKey) {
        self.publicKey = publicKey
        self.secretKey = secretKey
    }

    /// The key pair of a secret key; its public key is a function of it.
    public init(secretKey: SecretKey) {
        var bytes = [UInt8](repeating: 0, count: PublicKey.byteCount)
        let derived = secretKey.withPointer { crypto_scalarmult_base(&bytes, $0) == 0 }
        guard derived, let publicKey = PublicKey(bytes: bytes) else {
            preconditionFailure("every secret key has a public key")
        }
        self.init(publicKey: publicKey, secretKey: secretKey)
    }
}

/// The public half of a ``KeyPair``: 32 bytes, written as 64 hexadecimal digits.
public struct PublicKey: Hashable, Sendable, CustomStringConvertible {
    /// How many bytes a key has.
    public static let byteCount = 32

    /// The key.
    public let bytes: [UInt8]

    /// A key from its 32 bytes; nil for any other number of bytes.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == PublicKey.byteCount else { return nil }
        self.bytes = Array(bytes)
    }

    /// A key from 64 hexadecimal digits; nil for anything else.
    public init?(hex: some Collection<UInt8>) {
        var bytes = [UInt8](repeating: 0, count: PublicKey.byteCount)
        guard decode(hex: hex, into: &bytes) else { return nil }
        self.bytes = bytes
    }

    /// The key as 64 lower-case hexadecimal digits.
    public var hex: String { String(decoding: encode(bytes), as: UTF8.self) }

    /// The digits of the key.
    public var description: String { hex }
}

/// The secret half of a ``KeyPair`` or a ``SigningKey``. It lies in memory that is locked, where the system allows it,
/// and overwritten at the end; it does not print.
public final class SecretKey: @unchecked Sendable, CustomStringConvertible {
    // Unchecked: the bytes are written before the value is shared and never again.
    private let start: UnsafeMutablePointer<UInt8>

    /// Draws or copies a key into new memory; nil when `fill` says that it did not.
    init?(fill: (UnsafeMutablePointer<UInt8>) -> Bool) {
        Libsodium.requireReady()
        guard let memory = sodium_malloc(PublicKey.byteCount) else {
            preconditionFailure("no memory for a key of 32 bytes")
        }
        start = memory.assumingMemoryBound(to: UInt8.self)
        guard fill(start) else { return nil }
    }

    /// A key from 64 hexadecimal digits; nil for anything else. The digits stay with the caller.
    public convenience init?(hex: some Collection<UInt8>) {
        self.init { start in
            decode(
                hex: hex,
                into: UnsafeMutableBufferPointer(start: start, count: PublicKey.byteCount))
        }
    }

    deinit { sodium_free(start) }

    /// A copy of the key, for a library that wants to have it. See ``erase(_:)``.
    public func copiedBytes() -> [UInt8] {
        Array(UnsafeBufferPointer(start: start, count: PublicKey.byteCount))
    }

    /// The key as 64 hexadecimal digits, for the file that holds it. See ``erase(_:)``.
    public func hexDigits() -> [UInt8] {
        var bytes = copiedBytes()
        defer { SecretKey.erase(&bytes) }
        return encode(bytes)
    }

    /// Overwrites bytes that are no longer needed.
    public static func erase(_ bytes: inout [UInt8]) { sodium_memzero(&bytes, bytes.count) }

    /// Says nothing.
    public var description: String { "(a secret key)" }

    func withPointer<Value>(_ body: (UnsafePointer<UInt8>) -> Value) -> Value {
        body(start)
    }
}

/// In constant time, as libsodium does it.
private func decode(
    hex: some Collection<UInt8>, into bytes: UnsafeMutableBufferPointer<UInt8>
) -> Bool {
    guard let start = bytes.baseAddress else { return false }
    var digits = hex.map(CChar.init(bitPattern:))
    defer { sodium_memzero(&digits, digits.count) }
    var count = 0
    let decoded = sodium_hex2bin(
        start, bytes.count, digits, digits.count, nil, &count, nil)
    return decoded == 0 && count == bytes.count && digits.count == 2 * count
}

func decode(hex: some Collection<UInt8>, into bytes: inout [UInt8]) -> Bool {
    bytes.withUnsafeMutableBufferPointer { decode(hex: hex, into: $0) }
}

func encode(_ bytes: [UInt8]) -> [UInt8] {
    var digits = [CChar](repeating: 0, count: 2 * bytes.count + 1)
    defer { sodium_memzero(&digits, digits.count) }
    sodium_bin2hex(&digits, digits.count, bytes, bytes.count)
    return digits.dropLast().map(UInt8.init(bitPattern:))
}
