import CZeroMQ

/// The ZeroMQ library that this process runs with.
public struct LibraryVersion: Hashable, Sendable {
    /// For example `4.3.4`.
    public let number: String
    /// Whether it can encrypt (CURVE).
    public let hasEncryption: Bool

    /// The library that was loaded.
    public static var loaded: LibraryVersion {
        var (major, minor, patch) = (Int32(0), Int32(0), Int32(0))
        zmq_version(&major, &minor, &patch)
        return LibraryVersion(
            number: "\(major).\(minor).\(patch)", hasEncryption: zmq_has("curve") == 1)
    }
}
