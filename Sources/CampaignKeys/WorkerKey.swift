public import Sodium

/// What a worker proves who it is with, and by what it knows its coordinator: all in one file.
public struct WorkerKey: Sendable {
    /// The file.
    public let path: String
    /// By which the coordinator knows the worker.
    public let name: String
    /// The worker's keys.
    public let keys: KeyPair
    /// The public key of the coordinator that made the file.
    public let coordinator: PublicKey

    /// Reads a key file.
    ///
    /// - Throws: one sentence: there is none, others may read it, it is another file, …
    public init(at path: String) throws(KeyError) {
        var contents = try KeyFileContents(readingFrom: path)
        defer { contents.erase() }
        self.path = path
        name = try contents.name()
        keys = try contents.keyPair()
        coordinator = try contents.coordinator()
    }
}
