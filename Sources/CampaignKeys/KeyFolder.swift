import Glibc
public import Sodium

/// The folder of a coordinator's keys: `coordinator.key`, which proves who the coordinator is, and
/// `allowed`, the list of the workers that may count for it. A worker's own key file may lie beside
/// them until it is taken to where the worker runs.
///
/// ```swift
/// let folder = try KeyFolder.make(at: "keys")
/// let key = try folder.makeWorkerKey(named: "alice")   // keys/alice.key
/// try folder.revoke("alice")
/// ```
public struct KeyFolder: Sendable {
    /// The folder.
    public let path: String
    /// The coordinator's keys.
    public let coordinator: KeyPair

    private init(path: String, coordinator: KeyPair) {
        self.path = path
        self.coordinator = coordinator
    }

    /// Opens a folder.
    ///
    /// - Throws: one sentence: there is no coordinator's key, others may read it, …
    public init(at path: String) throws(KeyError) {
        // A worker's key file is given here when a folder is asked for.
        if PrivateFile.isNoFolder(path) { throw KeyError.fileForFolder(path) }
        let file = KeyFolder.coordinatorFile(in: path)
        guard try PrivateFile.exists(file) else { throw KeyError.noFolder(path) }
        var contents = try KeyFileContents(readingFrom: file)
        defer { contents.erase() }
        self.init(path: path, coordinator: try contents.keyPair())
        _ = try allowedWorkers()
    }

    /// Makes the folder and the coordinator's key, as far as they are missing, and opens it.
    public static func make(at path: String) throws(KeyError) -> KeyFolder {
        try PrivateFile.makeFolder(path)
        let file = coordinatorFile(in: path)
        if try !PrivateFile.exists(file) {
            var contents = KeyFileContents(
                comment: "The coordinator's secret key: keep this file to yourself.",
                keys: .random())
            defer { contents.erase() }
            try PrivateFile.create(file, contents.bytes)
        }
        return try KeyFolder(at: path)
    }

    /// Makes the key file of a new worker in the folder and allows it.
    public func makeWorkerKey(named name: String) throws(KeyError) -> WorkerKey {
        try KeyFolder.check(name: name)
        let file = "\(path)/\(name).key"
        let keys = KeyPair.random()
        try changeAllowed { (workers) throws(KeyError) in
            if workers.contains(where: { $0.name == name }) { throw KeyError.nameTaken(name) }
            var contents = KeyFileContents(
                comment: "The secret key of a worker: all that it needs. Keep this file private.",
                name: name, keys: keys, coordinator: coordinator.publicKey)
            defer { contents.erase() }
            try PrivateFile.create(file, contents.bytes)
            workers.append(AllowedWorker(name: name, key: keys.publicKey))
        }
        return try WorkerKey(at: file)
    }

    /// Allows the holder of a key. Allowing it once more changes nothing.
    public func allow(_ name: String, _ key: PublicKey) throws(KeyError) {
        try KeyFolder.check(name: name)
        let worker = AllowedWorker(name: name, key: key)
        try changeAllowed { (workers) throws(KeyError) in
            if workers.contains(worker) { return }
            if workers.contains(where: { $0.name == name }) { throw KeyError.nameTaken(name) }
            if let other = workers.first(where: { $0.key == key }) {
                throw KeyError.keyTaken(other.name)
            }
            workers.append(worker)
        }
    }

    /// Allows the worker no longer. A coordinator that runs drops it within a second or two.
    public func revoke(_ name: String) throws(KeyError) {
        try changeAllowed { (workers) throws(KeyError) in
            guard workers.contains(where: { $0.name == name }) else {
                throw KeyError.notAllowed(name, path)
            }
            workers.removeAll { $0.name == name }
        }
    }
}

/// A worker that may count for a coordinator.
public struct AllowedWorker: Hashable, Sendable {
    /// By which people know it.
    public let name: String
    /// What it proves to hold.
    public let key: PublicKey
}

extension KeyFolder {
    /// The workers that are allowed, in the order in which they were.
    ///
    /// - Throws: one sentence: a line makes no sense, others may write to the file, …
    public func allowedWorkers() throws(KeyError) -> [AllowedWorker] {
        guard try PrivateFile.exists(allowedFile) else { return [] }
        let text = String(decoding: try PrivateFile.read(allowedFile), as: UTF8.self)
        var workers: [AllowedWorker] = []
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            guard words.count == 2, KeyFolder.isName(String(first)),
                let key = PublicKey(hex: words[1].utf8)
            else { throw KeyError.line(allowedFile, number + 1) }
            workers.append(AllowedWorker(name: String(first), key: key))
        }
        return workers
    }

    /// A stamp that differs once the list of allowed workers was changed; nil while there is none.
    public var allowedStamp: [Int]? { PrivateFile.stamp(of: allowedFile) }

    private var allowedFile: String { path + "/allowed" }

    /// One change at a time, also of other processes.
    private func changeAllowed(
        _ change: (inout [AllowedWorker]) throws(KeyError) -> Void
    ) throws(KeyError) {
        let lock = try PrivateFile.lock(folder: path)
        defer { close(lock) }
        var workers = try allowedWorkers()
        let before = workers
        try change(&workers)
        guard workers != before else { return }
        let lines = workers.map { "\($0.name) \($0.key.hex)\n" }
        let text = "# The workers that may count: a name and a public key on each line.\n"
        try PrivateFile.replace(allowedFile, Array((text + lines.joined()).utf8))
    }

    private static func coordinatorFile(in path: String) -> String { path + "/coordinator.key" }

    private static func check(name: String) throws(KeyError) {
        guard isName(name), name != "coordinator" else { throw KeyError.name(name) }
    }

    /// 1 to 64 letters of English, digits, `.`, `_` and `-`; the first is a letter or digit.
    static func isName(_ text: String) -> Bool {
        let letters = text.utf8
        let isPlain = letters.allSatisfy { isLetterOrDigit($0) || "._-".utf8.contains($0) }
        return isPlain && (1...64).contains(letters.count)
            && letters.first.map(isLetterOrDigit) ?? false
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch Character(UnicodeScalar(byte)) {
        case "a"..."z", "A"..."Z", "0"..."9": true
        default: false
        }
    }
}
