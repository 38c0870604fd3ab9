import AlphaAccounting
import AlphaLedger
import CampaignScheduling
import Digests
import Foundation
import GRDB
import Sodium
import Testing

/// "An entry is synced when the manifest is sealed": what a ledger gives back is what was written, or
/// an error.
@Suite struct AlphaLedgerTests {
    @Test func `entries and their inputs come back in order`() throws {
        let folder = try Folder()
        let ledger = try AlphaLedger(at: folder.file("new/ledger"))
        #expect(try ledger.entries() == [])
        let runs = (0..<3).map { Run($0, inputs: 2 + $0 % 2) }
        for run in runs { try enter(run, into: ledger) }
        #expect(try ledger.entries() == runs.map(\.entry))
        for run in runs { #expect(try ledger.inputs(run.entry.inputs) == run.inputs) }
    }

    @Test func `a run with the same seal is entered once`() throws {
        let folder = try Folder()
        let ledger = try AlphaLedger(at: folder.file("ledger"))
        for _ in 0..<2 { try enter(Run(1, inputs: 2), into: ledger) }
        #expect(try ledger.entries().count == 1)
    }

    @Test func `what is thrown while a run is entered leaves no trace of it`() throws {
        let folder = try Folder()
        let ledger = try AlphaLedger(at: folder.file("ledger"))
        try enter(Run(0, inputs: 2), into: ledger)
        struct Trouble: Error {}
        let run = Run(1, inputs: 3)
        #expect(throws: Trouble.self) {
            try ledger.enter(
                run.entry, inputs: run.inputs, unless: { _, _ in }, while: { throw Trouble() })
        }
        #expect(throws: Trouble.self) {
            try ledger.enter(
                run.entry, inputs: run.inputs,
                unless: { entries, _ in
                    #expect(entries.count == 1)
                    throw Trouble()
                }, while: {})
        }
        #expect(try ledger.entries().count == 1)
    }

    @Test func `many coordinators enter their runs at the same time, and none is lost`()
        async throws
    {
        let folder = try Folder()
        let path = folder.file("ledger")
        try await withThrowingTaskGroup { group in
            for number in 0..<8 {
                group.addTask {
                    try enter(Run(number, inputs: 2), into: AlphaLedger(at: path))
                }
            }
            try await group.waitForAll()
        }
        let entries = try AlphaLedger(at: path).entries()
        #expect(
            Set(entries.map(\.campaign)) == Set((0..<8).map { Run($0, inputs: 2).entry.campaign }))
        #expect(entries.count == 8)
    }

    @Test func `50,000 inputs take a few megabytes, once for all runs on them`() throws {
        let folder = try Folder()
        let ledger = try AlphaLedger(at: folder.file("ledger"))
        for number in 0..<3 { try enter(Run(number, inputs: 50_000), into: ledger) }
        #expect(try folder.read("ledger").count < 2_500_000)
        #expect(try ledger.inputs(Run(0, inputs: 50_000).entry.inputs).count == 50_000)
    }

    @Test(arguments: [
        "UPDATE runs SET entry = replace(entry, '0.25', '0.05') WHERE number = 2",
        "DELETE FROM runs WHERE number = 2", "DELETE FROM runs WHERE number = 1",
        "UPDATE runs SET seal = zeroblob(32) WHERE number = 3",
        "DROP TABLE inputs", "CREATE TABLE more (x)",
    ])
    func `a ledger in which anything was changed is damaged`(change: String) throws {
        let folder = try Folder()
        let ledger = try AlphaLedger(at: folder.file("ledger"))
        for number in 0..<3 { try enter(Run(number, inputs: 2), into: ledger) }
        try DatabaseQueue(path: ledger.path).write { try $0.execute(sql: change) }
        let before = try folder.read("ledger")
        for attempt in 0..<2 {
            let error = #expect(throws: LedgerError.self) {
                if attempt == 0 { _ = try ledger.entries() }
                if attempt == 1 { try enter(Run(7, inputs: 2), into: ledger) }
            }
            #expect(error?.description.contains("is damaged") == true)
        }
        #expect(try folder.read("ledger") == before)
    }

    @Test func `a set of inputs that was changed is damaged`() throws {
        let folder = try Folder()
        let ledger = try AlphaLedger(at: folder.file("ledger"))
        let run = Run(0, inputs: 2)
        try enter(run, into: ledger)
        try DatabaseQueue(path: ledger.path).write {
            try $0.execute(sql: "UPDATE inputs SET members = zeroblob(72)")
        }
        let error = #expect(throws: LedgerError.self) { try ledger.inputs(run.entry.inputs) }
        #expect(error?.description.contains("a set of inputs") == true)
    }

    @Test(arguments: [
        ("text", Array("not a database, whatever it is called\n".utf8), "not a database"),
        ("zeros", [UInt8](repeating: 0, count: 100_000), "not a database"),
    ])
    func `what is no ledger is refused in a sentence, and left as it is`(
        name: String, contents: [UInt8], complaint: String
    ) throws {
        let folder = try Folder()
        try Data(contents).write(to: URL(filePath: folder.file(name)))
        let ledger = try AlphaLedger(at: folder.file(name))
        for attempt in 0..<2 {
            let error = #expect(throws: LedgerError.self) {
                if attempt == 0 { _ = try ledger.entries() }
                if attempt == 1 { try enter(Run(7, inputs: 2), into: ledger) }
            }
            #expect(error?.description.contains(complaint) == true)
        }
        #expect(try folder.read(name) == Data(contents))
    }

    @Test func `another application's database is refused`() throws {
        let folder = try Folder()
        let other = try DatabaseQueue(path: folder.file("other"))
        try other.write { try $0.execute(sql: "CREATE TABLE runs (x)") }
        let ledger = try AlphaLedger(at: folder.file("other"))
        let error = #expect(throws: LedgerError.self) { try ledger.entries() }
        #expect(error?.description.contains("application number 0") == true)
    }

    @Test func `a folder, and a place where nothing can be made, are refused`() throws {
        let folder = try Folder()
        for (path, complaint) in [
            (folder.url.path, "it is a folder"), ("/dev/null/ledger", "Not a directory"),
        ] {
            let error = #expect(throws: LedgerError.self) { try AlphaLedger(at: path) }
            #expect(error?.description.contains(complaint) == true)
        }
    }

    /// One that was killed while it made the file.
    @Test func `an empty file becomes a ledger`() throws {
        let folder = try Folder()
        try Data().write(to: URL(filePath: folder.file("ledger")))
        let ledger = try AlphaLedger(at: folder.file("ledger"))
        #expect(try ledger.entries() == [])
        try enter(Run(0, inputs: 2), into: ledger)
        #expect(try ledger.entries().count == 1)
    }
}

private func enter(_ run: Run, into ledger: AlphaLedger) throws {
    try ledger.enter(run.entry, inputs: run.inputs, unless: { _, _ in }, while: {})
}

private struct Run {
    let entry: LedgerEntry
    let inputs: [InputReference]

    init(_ number: Int, inputs count: Int) {
        func digest(_ text: String) -> Digest { SHA256.digest(of: Array(text.utf8)) }
        let inputs = (0..<count).map {
            InputReference(index: UInt32($0), image: digest("image \($0)"))
        }
        self.inputs = inputs
        var hash = SHA256()
        for input in inputs {
            hash.update(withUnsafeBytes(of: input.index.littleEndian, Array.init))
            hash.update(input.image.bytes)
        }
        entry = LedgerEntry(
            campaign: digest("campaign \(number)"), began: "2026-01-0\(number)T00:00:00Z",
            folder: "/runs/\"\(number)\"", model: digest("model"),
            classifier: digest("classifier"), mechanism: digest("mechanism"), sigma: 0.1,
            key: "key \(number)", claim: digest("claim"), rule: "cohen", stopping: "fixed",
            selectionSamples: 10, estimationSamples: 100, blockSize: 50, alpha: 0.25,
            inputs: hash.finalize(), inputCount: count)
    }
}

/// A folder that goes with the test.
private final class Folder {
    let url: URL

    init() throws {
        url = URL(filePath: NSTemporaryDirectory()).appending(
            path: "wardein-ledger-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func file(_ name: String) -> String { url.appending(path: name).path }

    func read(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: file(name))) }
}
