import Foundation
import GRDB
import GRDBSQLite
import Glibc

/// The connection to a journal's file: exclusive, write-ahead logged, and synchronised at every
/// commit. Whatever SQLite says goes wrong leaves here as a ``JournalError``.
final class JournalFile {
    let path: String
    private let queue: DatabaseQueue

    /// Makes the file, without a table in it.
    init(creating path: String) throws(JournalError) {
        let descriptor = Glibc.open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            throw errno == EEXIST
                ? .exists(path) : .unusable(path, String(cString: strerror(errno)))
        }
        Glibc.close(descriptor)
        do {
            queue = try JournalFile.connect(to: path)
        } catch {
            unlink(path)
            throw error
        }
        self.path = path
        do throws(JournalError) { try startLog() } catch {
            discard()
            throw error
        }
    }

    /// Opens a journal of a version that this release can read.
    init(opening path: String) throws(JournalError) {
        try JournalFile.check(path)
        queue = try JournalFile.connect(to: path)
        self.path = path
        try access { db in try JournalSchema.check(db, path: path) }
        try startLog()
    }

    /// Opens whatever SQLite can read of a damaged file.
    init(salvaging path: String) throws(JournalError) {
        try JournalFile.check(path)
        // SQLite refuses a file that is shorter than its header says, unless the schema is writable.
        queue = try JournalFile.connect(to: path, first: "PRAGMA writable_schema = ON;")
        self.path = path
    }

    /// Reads, or writes in a transaction of SQLite's own.
    func access<T>(_ body: (Database) throws -> T) throws(JournalError) -> T {
        do {
            return try queue.writeWithoutTransaction { db in
                do {
                    return try body(db)
                } catch let error as DatabaseError {
                    throw JournalError(
                        error, path: path, system: sqlite3_system_errno(db.sqliteConnection))
                }
            }
        } catch {
            throw JournalError(error, path: path)
        }
    }

    /// Writes all or nothing.
    func transaction(_ body: (Database) throws -> Void) throws(JournalError) {
        try access { db in
            try db.inTransaction(.immediate) {
                try body(db)
                return .commit
            }
        }
    }

    /// Moves the log into the file and lets go of it.
    func close() { try? queue.close() }

    /// Closes and removes a file that was only just made.
    func discard() {
        close()
        for suffix in ["", "-wal", "-journal"] { unlink(path + suffix) }
    }

    private func startLog() throws(JournalError) {
        let mode = try access { db in
            try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL")
        }
        guard mode == "wal" else {
            throw .unusable(path, "its file system does not allow a write-ahead log")
        }
    }

    private static func connect(
        to path: String, first pragma: String = ""
    ) throws(JournalError) -> DatabaseQueue {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        configuration.prepareDatabase { db in
            // The exclusive mode also spares the shared memory, which network file systems lack.
            try db.execute(
                sql: """
                    \(pragma)
                    PRAGMA locking_mode = EXCLUSIVE;
                    PRAGMA synchronous = FULL;
                    PRAGMA cell_size_check = ON;
                    PRAGMA trusted_schema = OFF;
                    """)
        }
        do {
            return try DatabaseQueue(path: path, configuration: configuration)
        } catch {
            throw JournalError(error, path: path)
        }
    }

    private static func check(_ path: String) throws(JournalError) {
        var status = stat()
        guard stat(path, &status) == 0, Glibc.access(path, R_OK | W_OK) == 0 else {
            throw .unusable(path, String(cString: strerror(errno)))
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .foreign(path, "it is a folder or a device")
        }
        guard status.st_size > 0 else {
            throw .foreign(
                path, "it is empty; if a campaign was killed before it began, remove the file")
        }
    }
}

extension JournalError {
    /// What SQLite, or this module inside a closure of GRDB, has thrown.
    fileprivate init(_ error: any Error, path: String, system: Int32 = 0) {
        if let error = error as? JournalError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self = .unusable(path, "\(error)")
            return
        }
        let message = error.message ?? "SQLite gives the code \(error.extendedResultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .inUse(path)
        case .SQLITE_NOTADB: self = .foreign(path, message)
        case .SQLITE_CORRUPT: self = .damaged(path, message, saved: nil)
        case .SQLITE_IOERR, .SQLITE_CANTOPEN:
            let reason = system == 0 ? "" : " (\(String(cString: strerror(system))))"
            self = .unusable(path, message + reason)
        default: self = .unusable(path, message)
        }
    }
}
