import Glibc
import Sodium

/// Files that only their owner may read or change: refused otherwise, and made so from the start.
enum PrivateFile {
    /// The bytes of a file of the caller's that nobody else may read or write.
    static func read(_ path: String) throws(KeyError) -> [UInt8] {
        try read(path, isPrivate: true)
    }

    /// The bytes of a file that holds no secret.
    static func readOpen(_ path: String) throws(KeyError) -> [UInt8] {
        try read(path, isPrivate: false)
    }

    private static func read(_ path: String, isPrivate: Bool) throws(KeyError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw errno == ENOENT ? KeyError.noFile(path) : KeyError.system("read", path, errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw KeyError.system("read", path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw KeyError.noKeyFile(path) }
        if isPrivate {
            guard status.st_uid == geteuid() else { throw KeyError.owner(path, status.st_uid) }
            guard status.st_mode & 0o077 == 0 else {
                throw KeyError.mode(path, status.st_mode & 0o777)
            }
        }
        guard status.st_size <= largest else { throw KeyError.noKeyFile(path) }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count == bytes.count else { throw KeyError.system("read", path, errno) }
        return bytes
    }

    /// Makes a file that was not there, whole or not at all.
    static func create(_ path: String, _ bytes: [UInt8]) throws(KeyError) {
        let draft = try write(bytes, beside: path)
        defer { unlink(draft) }
        // A link is never made over a file that is there.
        guard link(draft, path) == 0 else {
            throw errno == EEXIST ? KeyError.exists(path) : KeyError.system("make", path, errno)
        }
    }

    /// Puts a file in the place of the one that was there, or was not.
    static func replace(_ path: String, _ bytes: [UInt8]) throws(KeyError) {
        let draft = try write(bytes, beside: path)
        guard rename(draft, path) == 0 else {
            let code = errno
            unlink(draft)
            throw KeyError.system("change", path, code)
        }
    }

    /// Makes a folder of mode 0700, unless there is one that nobody else may write to.
    static func makeFolder(_ path: String) throws(KeyError) {
        guard mkdir(path, 0o700) != 0 else { return }
        guard errno == EEXIST else { throw KeyError.system("make", path, errno) }
        var status = stat()
        guard stat(path, &status) == 0 else { throw KeyError.system("read", path, errno) }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw KeyError.notAFolder(path) }
        guard status.st_mode & 0o022 == 0 else {
            throw KeyError.folderMode(path, status.st_mode & 0o777)
        }
    }

    /// Whether there is something at the path, but no folder.
    static func isNoFolder(_ path: String) -> Bool {
        access(path + "/.", F_OK) != 0 && errno == ENOTDIR
    }

    static func exists(_ path: String) throws(KeyError) -> Bool {
        if access(path, F_OK) == 0 { return true }
        if errno == ENOENT { return false }
        throw KeyError.system("read", path, errno)
    }

    /// What differs once a file was replaced or written to.
    static func stamp(of path: String) -> [Int]? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return [
            Int(status.st_ino), Int(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
            status.st_ctim.tv_sec, status.st_ctim.tv_nsec,
        ]
    }

    /// Waits until no other process changes the folder; ends when the descriptor is closed.
    static func lock(folder: String) throws(KeyError) -> Int32 {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw errno == ENOENT
                ? KeyError.noFolder(folder) : KeyError.system("open", folder, errno)
        }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else {
                let code = errno
                close(descriptor)
                throw KeyError.system("lock", folder, code)
            }
        }
        return descriptor
    }

    private static let largest = 1 << 20

    private static func write(_ bytes: [UInt8], beside path: String) throws(KeyError) -> String {
        let draft = "\(path).\(getpid()).new"
        unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw KeyError.system("make", path, errno) }
        let written = Glibc.write(descriptor, bytes, bytes.count) == bytes.count
        guard written, fsync(descriptor) == 0 else {
            let code = errno
            close(descriptor)
            unlink(draft)
            throw KeyError.system("write", path, code)
        }
        close(descriptor)
        return draft
    }
}
