import Digests
import Foundation
import GRDB
import Sodium

/// A row of any table of a journal: its place, its content as bytes, and a seal over all of it.
///
/// The seal is the first 16 bytes of SHA-256 over the schema's name and version, the campaign, the
/// table, the place and the content. Another content under the same seal takes 2^128 tries; a
/// flipped bit, and a row that belongs to another place, table or campaign, is always noticed. The
/// seal is no signature: whoever may write the file can forge it.
struct SealedRow: Hashable {
    let table: JournalTable
    /// The input's place in the campaign; 0 in a table that is not about inputs.
    let position: Int
    /// The order within the position.
    let number: Int
    let body: [UInt8]
    let seal: [UInt8]

    init(
        _ table: JournalTable, position: Int = 0, number: Int = 0, body: [UInt8],
        sealedFor campaign: Digest
    ) {
        self.table = table
        self.position = position
        self.number = number
        self.body = body
        seal = SealedRow.seal(table, position, number, body, campaign)
    }

    /// A row as it was found; nil when its columns do not have the types of a row.
    init?(_ row: Row, of table: JournalTable) {
        guard case .int64(let position) = (row[0] as DatabaseValue).storage,
            case .int64(let number) = (row[1] as DatabaseValue).storage,
            case .blob(let body) = (row[2] as DatabaseValue).storage,
            case .blob(let seal) = (row[3] as DatabaseValue).storage
        else { return nil }
        self.table = table
        self.position = Int(position)
        self.number = Int(number)
        self.body = [UInt8](body)
        self.seal = [UInt8](seal)
    }

    /// Whether the row is as it was written for this campaign.
    func isWhole(for campaign: Digest) -> Bool {
        seal == SealedRow.seal(table, position, number, body, campaign)
    }

    /// What the row says; nil unless it is whole.
    func content<Content>(
        _ read: (SealedRow) -> Content?, _ campaign: Digest
    ) -> Content? {
        isWhole(for: campaign) ? read(self) : nil
    }

    func insert(into db: Database) throws { try write("INSERT", db) }

    func replace(in db: Database) throws { try write("REPLACE", db) }

    private func write(_ verb: String, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: "\(verb) INTO \(table) VALUES (?, ?, ?, ?)")
        try statement.execute(arguments: [position, number, Data(body), Data(seal)])
    }

    private static let sealByteCount = 16

    private static func seal(
        _ table: JournalTable, _ position: Int, _ number: Int, _ body: [UInt8], _ campaign: Digest
    ) -> [UInt8] {
        var bytes = RowWriter()
        bytes.append(JournalSchema.name)
        bytes.append(JournalSchema.version)
        bytes.append(contentsOf: campaign.bytes)
        bytes.append(table.rawValue)
        bytes.append(position)
        bytes.append(number)
        bytes.append(contentsOf: body)
        return Array(SHA256.digest(of: bytes.bytes).bytes.prefix(sealByteCount))
    }
}

/// The tables of a journal. They all have the columns of a ``SealedRow``.
enum JournalTable: String, CaseIterable {
    /// One row: the campaign and the request.
    case campaign
    /// One row: ``JournalProgress``.
    case progress
    /// One row for each decided input.
    case decided
    /// One row for each lease of an input that is not decided.
    case lent
    /// One row for each settled range of such an input.
    case settled
    /// One row for each worker.
    case contributions

    var definition: String {
        "CREATE TABLE \(rawValue) (position INTEGER NOT NULL, number INTEGER NOT NULL, "
            + "body BLOB NOT NULL, seal BLOB NOT NULL, PRIMARY KEY (position, number)) "
            + "WITHOUT ROWID"
    }

    /// The row at the beginning of a position; nil when there is none or it has other types.
    func row(at position: Int, in db: Database) throws -> SealedRow? {
        let statement = try db.cachedStatement(
            sql: "SELECT * FROM \(rawValue) WHERE position = ? AND number = 0")
        return try Row.fetchOne(statement, arguments: [position]).flatMap {
            SealedRow($0, of: self)
        }
    }

    /// Walks the rows in order of place, or backwards, while `body` wants more; it gets nil for a
    /// row whose columns have other types.
    func walk(
        backwards: Bool = false, in db: Database, _ body: (SealedRow?) throws -> Bool
    ) throws {
        let order = backwards ? "DESC" : "ASC"
        let rows = try Row.fetchCursor(
            db, sql: "SELECT * FROM \(rawValue) ORDER BY position \(order), number \(order)")
        while let row = try rows.next() {
            guard try body(SealedRow(row, of: self)) else { return }
        }
    }

    /// Deletes the rows of a position and says how many there were.
    func delete(position: Int, in db: Database) throws -> Int {
        try db.cachedStatement(sql: "DELETE FROM \(rawValue) WHERE position = ?")
            .execute(arguments: [position])
        return db.changesCount
    }
}

/// By what a file is known to be a journal that this release can read.
enum JournalSchema {
    static let name = "wardein journal"
    static let version = 1
    /// "Wrdn", at the place where `file` and SQLite look for the application.
    static let application = 0x5772_646e

    static func install(in db: Database) throws {
        try db.execute(sql: "PRAGMA application_id = \(application)")
        try db.execute(sql: "PRAGMA user_version = \(version)")
        for table in JournalTable.allCases { try db.execute(sql: table.definition) }
    }

    static func check(_ db: Database, path: String) throws {
        let found = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        guard found == application else {
            let isEmpty = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") == 0
            throw JournalError.foreign(
                path,
                found == 0 && isEmpty
                    ? "there is nothing in it; if a campaign was killed before it began, "
                        + "remove the file"
                    : "it is a database with application number \(found), "
                        + "where a journal has \(application)")
        }
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard version <= JournalSchema.version else {
            throw JournalError.newerSchema(path, version: version)
        }
        guard version == JournalSchema.version else {
            throw JournalError.foreign(path, "schema version \(version) was never used")
        }
    }

    /// Whether the tables are exactly ours.
    static func isIntact(in db: Database) throws -> Bool {
        let found = try String?.fetchAll(db, sql: "SELECT sql FROM sqlite_master ORDER BY name")
        let ours = JournalTable.allCases.sorted { $0.rawValue < $1.rawValue }
        return found == ours.map(\.definition)
    }
}
