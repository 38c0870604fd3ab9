import CSodium

/// Random bytes from the operating system, fit for keys.
public enum OperatingSystemRandom {
    /// `count` unpredictable bytes (`getrandom` on Linux, through libsodium's `randombytes_buf`).
    public static func bytes(count: Int) -> [UInt8] {
        Libsodium.requireReady()
        var bytes = [UInt8](repeating: 0, count: count)
        randombytes_buf(&bytes, count)
        return bytes
    }
}

/// The library's one-time initialisation, which must come before its first use.
enum Libsodium {
    private static let isReady = sodium_init() >= 0

    static func requireReady() {
        precondition(isReady, "libsodium found no source of random bytes on this system")
    }
}
