import Foundation
import GRDB
import GRDBSQLite
import Glibc

/// A connection to a ledger's file for one reading or writing. It is synchronised at every commit, the
/// folder too; and it waits a while for others that write. (No write-ahead log: that takes memory which
/// processes share, and network file systems have none.)
struct LedgerFile {
    let path: String
    private let queue: DatabaseQueue

    /// How long others are waited for, in seconds.
    private static let patience = 15.0

    /// Opens a ledger that is there; nil when none is.
    init?(reading path: String) throws(LedgerError) {
        guard LedgerFile.size(of: path) ?? 0 > 0 else { return nil }
        self.path = path
        queue = try LedgerFile.connect(to: path, isReadOnly: Glibc.access(path, W_OK) != 0)
        let isEmpty = try access { db in
            if try LedgerSchema.isEmpty(db) { return true }
            try LedgerSchema.check(db, path: path)
            return false
        }
        if isEmpty { return nil }
    }

    /// Opens a ledger, which is made when none is there, with the folders above it.
    init(writing path: String) throws(LedgerError) {
        try LedgerFile.check(path)
        let folder = URL(filePath: path).standardizedFileURL.deletingLastPathComponent()
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw .unusable(path, "the folder \(folder.path) cannot be made")
        }
        self.path = path
        queue = try LedgerFile.connect(to: path, isReadOnly: false)
    }

    /// Reads.
    func access<T>(_ body: (Database) throws -> T) throws(LedgerError) -> T {
        do {
            return try queue.writeWithoutTransaction { db in try explained(db) { try body(db) } }
        } catch {
            throw LedgerError(error, path: path)
        }
    }

    /// Writes all or nothing, with the tables made first when there are none. What `body` throws, if
    /// it is not SQLite's, is thrown on.
    func transaction(_ body: (Database) throws -> Void) throws {
        do {
            try queue.writeWithoutTransaction { db in
                try explained(db) {
                    try db.inTransaction(.immediate) {
                        if try LedgerSchema.isEmpty(db) { try LedgerSchema.install(in: db) }
                        try LedgerSchema.check(db, path: path)
                        try body(db)
                        return .commit
                    }
                }
            }
        } catch let error as DatabaseError {
            throw LedgerError(error, path: path)
        }
    }

    private func explained<T>(_ db: Database, _ body: () throws -> T) throws -> T {
        do { return try body() } catch let error as DatabaseError {
            throw LedgerError(
                error, path: path, system: sqlite3_system_errno(db.sqliteConnection))
        }
    }

    private static func connect(
        to path: String, isReadOnly: Bool
    ) throws(LedgerError) -> DatabaseQueue {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        configuration.readonly = isReadOnly
        configuration.busyMode = .timeout(patience)
        configuration.prepareDatabase { db in
            try db.execute(
                sql: """
                    PRAGMA synchronous = EXTRA;
                    PRAGMA cell_size_check = ON;
                    PRAGMA trusted_schema = OFF;
                    """)
        }
        do {
            return try DatabaseQueue(path: path, configuration: configuration)
        } catch {
            throw LedgerError(error, path: path)
        }
    }

    /// Refuses a place where no ledger is or can be made; changes nothing.
    static func check(_ path: String) throws(LedgerError) {
        var status = stat()
        guard stat(path, &status) != 0 else {
            guard status.st_mode & S_IFMT == S_IFREG else {
                throw .foreign(path, "it is a folder or a device")
            }
            guard Glibc.access(path, R_OK | W_OK) == 0 else {
                throw .unusable(path, String(cString: strerror(errno)))
            }
            return
        }
        guard errno == ENOENT else { throw .unusable(path, String(cString: strerror(errno))) }
        var folder = URL(filePath: path).standardizedFileURL.deletingLastPathComponent()
        while stat(folder.path, &status) != 0, errno == ENOENT, folder.path != "/" {
            folder = folder.deletingLastPathComponent()
        }
        guard Glibc.access(folder.path, W_OK | X_OK) == 0 else {
            throw .unusable(path, "\(folder.path): \(String(cString: strerror(errno)))")
        }
    }

    /// nil: it is not there.
    private static func size(of path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }
}

/// By what a file is known to be a ledger that this release can read.
private enum LedgerSchema {
    static let version = 1
    /// "Wldg", at the place where `file` and SQLite look for the application.
    static let application = 0x576c_6467

    private static let tables = [
        "CREATE TABLE inputs (digest BLOB PRIMARY KEY NOT NULL, members BLOB NOT NULL)",
        "CREATE TABLE runs (number INTEGER PRIMARY KEY, entry TEXT NOT NULL, seal BLOB NOT NULL)",
    ]

    static func isEmpty(_ db: Database) throws -> Bool {
        try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") == 0
            && Int.fetchOne(db, sql: "PRAGMA application_id") == 0
    }

    static func install(in db: Database) throws {
        try db.execute(sql: "PRAGMA application_id = \(application)")
        try db.execute(sql: "PRAGMA user_version = \(version)")
        for table in tables { try db.execute(sql: table) }
    }

    static func check(_ db: Database, path: String) throws {
        let found = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        guard found == application else {
            throw LedgerError.foreign(
                path,
                "it is a database with application number \(found), where a ledger has "
                    + "\(application)")
        }
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard version == LedgerSchema.version else {
            throw LedgerError.foreign(
                path, "its version is \(version), and this release knows \(LedgerSchema.version)")
        }
        let ours = try String.fetchAll(
            db, sql: "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
        guard ours == tables else {
            throw LedgerError.damaged(path, "its tables are not those of a ledger")
        }
        let finding = try String.fetchOne(db, sql: "PRAGMA integrity_check(1)") ?? "nothing"
        guard finding == "ok" else {
            let line = finding.split(separator: "\n").last
            throw LedgerError.damaged(path, "SQLite finds: \(line ?? "")")
        }
    }
}
