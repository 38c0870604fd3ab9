import CSodium
public import Digests

/// SHA-256 (FIPS 180-4) of bytes that arrive in pieces.
///
/// A value: a copy continues on its own from what has been read so far.
///
/// ```swift
/// var hash = SHA256()
/// hash.update(header)
/// hash.update(body)
/// let digest = hash.finalize()
/// ```
public struct SHA256: Sendable {
    private var state = crypto_hash_sha256_state()

    /// The hash of no bytes yet.
    public init() {
        Libsodium.requireReady()
        crypto_hash_sha256_init(&state)
    }

    /// Appends `bytes` to what is hashed.
    public mutating func update(_ bytes: RawSpan) {
        bytes.withUnsafeBytes { buffer in
            guard let start = buffer.bindMemory(to: UInt8.self).baseAddress else { return }
            crypto_hash_sha256_update(&state, start, UInt64(buffer.count))
        }
    }

    /// Appends `bytes` to what is hashed.
    public mutating func update(_ bytes: [UInt8]) {
        update(bytes.span.bytes)
    }

    /// The digest of everything appended.
    public consuming func finalize() -> Digest {
        var bytes = [UInt8](repeating: 0, count: Digest.byteCount)
        crypto_hash_sha256_final(&state, &bytes)
        guard let digest = Digest(bytes: bytes) else {
            preconditionFailure("SHA-256 has as many bytes as a digest")
        }
        return digest
    }

    /// The digest of `bytes`.
    public static func digest(of bytes: [UInt8]) -> Digest {
        digest(of: bytes.span.bytes)
    }

    /// The digest of `bytes`.
    public static func digest(of bytes: RawSpan) -> Digest {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finalize()
    }
}
