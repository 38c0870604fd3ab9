public import AlphaAccounting
public import CampaignScheduling
public import Digests
import Foundation
import GRDB
import Sodium

/// Which runs there were, in one SQLite file beside their folders, so that a second chance is noticed.
///
/// ```swift
/// let ledger = try AlphaLedger(at: path)
/// let entries = try ledger.entries()
/// try ledger.enter(entry, inputs: inputs, unless: { … }, while: { makeFolder() })
/// ```
///
/// An entry is durable before its run draws anything, and is never taken back: a run that is abandoned
/// has had its chance. Several coordinators may use one ledger at a time: it is open only while it is
/// read or written.
///
/// Every entry carries the SHA-256 of itself and of the one before, and a set of inputs is stored under
/// its digest, so that what comes back is what was written, or an error. That is no signature: whoever
/// may write the file can forge it, and entries cut off at its end are not missed.
public struct AlphaLedger: Sendable {
    /// The file; it need not be there yet.
    public let path: String

    /// The name of a ledger that nobody named.
    public static let fileName = "wardein-ledger.sqlite"

    /// A ledger at a place where one is or can be made. Makes nothing.
    public init(at path: String) throws(LedgerError) {
        self.path = path
        try LedgerFile.check(path)
    }

    /// All entries, oldest first; none when the file is not there. Every one of them is checked.
    public func entries() throws(LedgerError) -> [LedgerEntry] {
        guard let file = try LedgerFile(reading: path) else { return [] }
        return try file.access { db in try LedgerRows(of: db, path: path).entries }
    }

    /// The inputs of an entry, by ``LedgerEntry/inputs``.
    public func inputs(_ digest: Digest) throws(LedgerError) -> [InputReference] {
        guard let file = try LedgerFile(reading: path) else {
            throw .damaged(path, "it has gone")
        }
        return try file.access { db in try LedgerInputs.read(digest, in: db, path: path) }
    }

    /// Enters a run, unless one with the same seal is there, and does something else with it: both or
    /// neither. Durable when this returns.
    ///
    /// - Parameters:
    ///   - entry: the run.
    ///   - inputs: what it samples; their digest is ``LedgerEntry/inputs``.
    ///   - check: is given all entries before this one; what it throws is thrown on, and nothing is
    ///     entered. No other coordinator can enter anything until this method returns.
    ///   - body: what is done when the entry is written and before it is durable; likewise.
    public func enter(
        _ entry: LedgerEntry, inputs: [InputReference],
        unless check: ([LedgerEntry], _ members: (Digest) throws -> [InputReference]) throws ->
            Void,
        while body: () throws -> Void
    ) throws {
        let file = try LedgerFile(writing: path)
        try file.transaction { db in
            let rows = try LedgerRows(of: db, path: path)
            try check(rows.entries) { try LedgerInputs.read($0, in: db, path: path) }
            if !rows.entries.contains(where: { $0.campaign == entry.campaign }) {
                try LedgerInputs.write(inputs, under: entry.inputs, in: db)
                try rows.append(entry, to: db)
            }
            try body()
        }
    }
}

/// The rows of runs, each bound to the one before.
private struct LedgerRows {
    private(set) var entries: [LedgerEntry] = []
    private var lastSeal: [UInt8] = []

    init(of db: Database, path: String) throws {
        let rows = try Row.fetchCursor(
            db, sql: "SELECT number, entry, seal FROM runs ORDER BY number")
        while let row = try rows.next() {
            let number = entries.count + 1
            guard case .int64(Int64(number)) = (row[0] as DatabaseValue).storage,
                case .string(let text) = (row[1] as DatabaseValue).storage,
                case .blob(let found) = (row[2] as DatabaseValue).storage,
                [UInt8](found) == LedgerRows.seal(of: text, after: lastSeal),
                let entry = StoredEntry.entry(in: text)
            else {
                throw LedgerError.damaged(path, "entry \(number) is not as it was written")
            }
            entries.append(entry)
            lastSeal = [UInt8](found)
        }
    }

    func append(_ entry: LedgerEntry, to db: Database) throws {
        let text = try StoredEntry(entry).text()
        try db.execute(
            sql: "INSERT INTO runs VALUES (?, ?, ?)",
            arguments: [
                entries.count + 1, text, Data(LedgerRows.seal(of: text, after: lastSeal)),
            ])
    }

    private static func seal(of text: String, after last: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(Array("wardein ledger 1".utf8))
        hash.update(last)
        hash.update(Array(text.utf8))
        return hash.finalize().bytes
    }
}

/// Sets of inputs: runs of the same inputs share one. Each is four bytes of the index (little endian)
/// and the digest of the image, one after the other: what the manifest's `inputs.digest` is the digest
/// of.
private enum LedgerInputs {
    private static let memberBytes = 4 + Digest.byteCount

    static func read(_ digest: Digest, in db: Database, path: String) throws -> [InputReference] {
        let found = try Data.fetchOne(
            db, sql: "SELECT members FROM inputs WHERE digest = ?",
            arguments: [Data(digest.bytes)])
        guard let found, found.count % memberBytes == 0,
            SHA256.digest(of: Array(found)) == digest
        else {
            throw LedgerError.damaged(path, "a set of inputs is not as it was written")
        }
        let bytes = Array(found)
        return stride(from: 0, to: bytes.count, by: memberBytes).compactMap { start in
            let index = (0..<4).reduce(UInt32(0)) {
                $0 | UInt32(bytes[start + $1]) << (8 * UInt32($1))
            }
            return Digest(bytes: bytes[(start + 4)..<(start + memberBytes)]).map {
                InputReference(index: index, image: $0)
            }
        }
    }

    static func write(
        _ inputs: [InputReference], under digest: Digest, in db: Database
    ) throws {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(inputs.count * memberBytes)
        for input in inputs {
            withUnsafeBytes(of: input.index.littleEndian) { bytes.append(contentsOf: $0) }
            bytes += input.image.bytes
        }
        precondition(SHA256.digest(of: bytes) == digest, "the inputs are those of their digest")
        try db.execute(
            sql: "INSERT OR IGNORE INTO inputs VALUES (?, ?)",
            arguments: [Data(digest.bytes), Data(bytes)])
    }
}

/// An entry as it is stored: one line of JSON.
private struct StoredEntry: Codable {
    let campaign, began, folder, model, classifier, mechanism: String
    let sigma: Double
    let key, claim, rule, stopping: String
    let selectionSamples, estimationSamples, blockSize: Int
    let alpha: Double
    let inputs: String
    let inputCount: Int

    init(_ entry: LedgerEntry) {
        campaign = entry.campaign.hex
        began = entry.began
        folder = entry.folder
        model = entry.model.hex
        classifier = entry.classifier.hex
        mechanism = entry.mechanism.hex
        sigma = entry.sigma
        key = entry.key
        claim = entry.claim.hex
        rule = entry.rule
        stopping = entry.stopping
        selectionSamples = entry.selectionSamples
        estimationSamples = entry.estimationSamples
        blockSize = entry.blockSize
        alpha = entry.alpha
        inputs = entry.inputs.hex
        inputCount = entry.inputCount
    }

    func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// nil: the text does not hold one.
    static func entry(in text: String) -> LedgerEntry? {
        guard let stored = try? JSONDecoder().decode(StoredEntry.self, from: Data(text.utf8)),
            let campaign = Digest(hex: stored.campaign), let model = Digest(hex: stored.model),
            let classifier = Digest(hex: stored.classifier),
            let mechanism = Digest(hex: stored.mechanism), let claim = Digest(hex: stored.claim),
            let inputs = Digest(hex: stored.inputs)
        else { return nil }
        return LedgerEntry(
            campaign: campaign, began: stored.began, folder: stored.folder, model: model,
            classifier: classifier, mechanism: mechanism, sigma: stored.sigma, key: stored.key,
            claim: claim, rule: stored.rule, stopping: stored.stopping,
            selectionSamples: stored.selectionSamples,
            estimationSamples: stored.estimationSamples, blockSize: stored.blockSize,
            alpha: stored.alpha, inputs: inputs, inputCount: stored.inputCount)
    }
}
