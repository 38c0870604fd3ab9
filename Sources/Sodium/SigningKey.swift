import CSodium

/// A key that signs: Ed25519 (RFC 8032). Another kind than a ``KeyPair``, which signs nothing.
public struct SigningKey: Sendable {
    /// By which others check what it signed.
    public let publicKey: SigningPublicKey
    /// The 32 bytes that all else is a function of.
    public let secret: SecretKey

    /// Draws a new key.
    public static func random() -> SigningKey {
        let secret = SecretKey { start in
            randombytes_buf(start, PublicKey.byteCount)
            return true
        }
        guard let secret else { preconditionFailure("random bytes can always be drawn") }
        return SigningKey(secret: secret)
    }

    /// The key of a secret.
    public init(secret: SecretKey) {
        self.secret = secret
        publicKey = SigningKey.withExpanded(secret) { bytes, _ in SigningPublicKey(bytes) }
    }

    /// The signature of a message: 64 bytes, a function of key and message.
    public func signature(of message: [UInt8]) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: Int(crypto_sign_BYTES))
        SigningKey.withExpanded(secret) { _, expanded in
            let isSigned = crypto_sign_detached(
                &signature, nil, message, UInt64(message.count), expanded)
            precondition(isSigned == 0, "every message can be signed")
        }
        return signature
    }

    /// Hands over the public key and the secret one as libsodium wants it, which is erased afterwards.
    private static func withExpanded<Value>(
        _ secret: SecretKey, _ body: (_ publicKey: [UInt8], _ expanded: [UInt8]) -> Value
    ) -> Value {
        var publicKey = [UInt8](repeating: 0, count: PublicKey.byteCount)
        var expanded = [UInt8](repeating: 0, count: Int(crypto_sign_SECRETKEYBYTES))
        defer { SecretKey.erase(&expanded) }
        let isDerived = secret.withPointer {
            crypto_sign_seed_keypair(&publicKey, &expanded, $0) == 0
        }
        precondition(isDerived, "every secret has a key")
        return body(publicKey, expanded)
    }
}

/// The public half of a ``SigningKey``: 32 bytes, written as 64 hexadecimal digits.
public struct SigningPublicKey: Hashable, Sendable {
    private let bytes: [UInt8]

    fileprivate init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// A key from 64 hexadecimal digits; nil for anything else.
    public init?(hex: some Collection<UInt8>) {
        Libsodium.requireReady()
        var bytes = [UInt8](repeating: 0, count: PublicKey.byteCount)
        guard decode(hex: hex, into: &bytes) else { return nil }
        self.bytes = bytes
    }

    /// The key as 64 lower-case hexadecimal digits.
    public var hex: String { String(decoding: encode(bytes), as: UTF8.self) }

    /// Whether the holder of the key signed the message.
    public func accepts(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        signature.count == Int(crypto_sign_BYTES)
            && crypto_sign_verify_detached(signature, message, UInt64(message.count), bytes) == 0
    }
}
