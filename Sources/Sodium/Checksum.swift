import CSodium

/// BLAKE2b (RFC 7693) without a key, by which bytes that were damaged on their way are noticed.
public enum Checksum {
    /// The checksum of `bytes`, `count` bytes long.
    ///
    /// - Parameter count: 16 to 64.
    public static func bytes(of bytes: [UInt8], count: Int) -> [UInt8] {
        precondition(
            (Int(crypto_generichash_bytes_min())...Int(crypto_generichash_bytes_max()))
                .contains(count), "BLAKE2b has 16 to 64 bytes")
        Libsodium.requireReady()
        var checksum = [UInt8](repeating: 0, count: count)
        crypto_generichash(&checksum, count, bytes, UInt64(bytes.count), nil, 0)
        return checksum
    }
}
