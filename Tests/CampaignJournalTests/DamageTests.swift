import CampaignJournal
import CampaignScheduling
import Digests
import Foundation
import GRDB
import Testing

/// A journal gives the truth or an error, and what is salvaged of it is part of the truth.
@Suite struct DamageTests {
    private let folder: TemporaryFolder
    private let truth: Model
    private let bytes: [UInt8]
    /// The bodies and seals of all rows.
    private let contents: [Data]

    init() throws {
        folder = try TemporaryFolder()
        let story = Story(seed: 31, length: 100, classes: 50)
        truth = Model(story.entries)
        try folder.write(story)
        // Without the pages that decided inputs left behind, each content is there once.
        let queue = try DatabaseQueue(path: folder.file())
        try queue.vacuum()
        contents = try queue.read { db in
            let tables = ["campaign", "progress", "decided", "lent", "settled", "contributions"]
            return try tables.flatMap { table in
                try Data.fetchAll(db, sql: "SELECT body FROM \(table)")
                    + Data.fetchAll(db, sql: "SELECT seal FROM \(table)")
            }
        }
        try queue.close()
        bytes = try folder.read()
    }

    @Test func `a file cut short anywhere gives the truth or an error`() throws {
        var chance = Chance(state: 32)
        var salvaged = 0
        for _ in 0..<200 {
            let cut = Array(bytes.prefix(chance.below(bytes.count)))
            salvaged += try examine(cut) ? 1 : 0
            _ = try isNoticed(cut)
        }
        #expect(salvaged > 20)
    }

    @Test func `a flipped bit anywhere gives the truth or an error`() throws {
        var chance = Chance(state: 33)
        for _ in 0..<200 { try examineFlip(at: chance.below(bytes.count), &chance) }
    }

    @Test func `a flipped bit in the content of any row is noticed`() throws {
        var chance = Chance(state: 35)
        #expect(contents.count > 60)
        for content in contents {
            let file = Data(bytes)
            let place = try #require(file.firstRange(of: content))
            #expect(file[place.upperBound...].firstRange(of: content) == nil)
            var flipped = bytes
            flipped[Int.random(in: place, using: &chance)] ^= 1 << chance.below(8)
            #expect(try isNoticed(flipped))
        }
    }

    @Test func `a flipped bit in the header gives the truth or an error`() throws {
        var chance = Chance(state: 34)
        for place in 0..<108 { try examineFlip(at: place, &chance) }
    }

    private func examineFlip(at place: Int, _ chance: inout Chance) throws {
        var flipped = bytes
        flipped[place] ^= 1 << chance.below(8)
        _ = try examine(flipped)
        _ = try isNoticed(flipped)
    }

    /// Whether a damaged file is refused; otherwise it must hold the truth.
    private func isNoticed(_ damaged: [UInt8]) throws -> Bool {
        do {
            let isTrue = try open(damaged) == truth
            #expect(isTrue)
            return false
        } catch let error as JournalError {
            #expect(!"\(error)".contains("\n"))
            return true
        }
    }

    private func open(_ damaged: [UInt8]) throws -> Model {
        try folder.write(damaged, to: "damaged")
        defer { folder.remove("damaged") }
        let journal = try CampaignJournal.open(at: folder.file("damaged"))
        defer { journal.close() }
        return try Model(reading: journal)
    }

    /// Salvages and returns whether there was anything to salvage.
    private func examine(_ damaged: [UInt8]) throws -> Bool {
        try folder.write(damaged, to: "damaged")
        defer { for name in ["damaged", "new"] { folder.remove(name) } }
        let report: SalvageReport
        do {
            report = try CampaignJournal.salvage(
                from: folder.file("damaged"), to: folder.file("new"))
        } catch {
            #expect(!folder.exists(folder.file("new")))
            return false
        }
        let journal = try CampaignJournal.open(at: folder.file("new"))
        defer { journal.close() }
        let found = try Model(reading: journal)
        #expect(found.isPart(of: truth))
        #expect(report.saved.decidedInputs == found.decided.count)
        #expect(report.saved.lentRanges == found.history.lent.count)
        #expect(report.saved.settledRanges == found.history.settled.count)
        #expect(journal.firstLease.number > 1 << 48)
        #expect(journal.request == Story.request)
        return true
    }
}

/// What a tool that can write SQLite may do to a journal.
@Suite struct TamperingTests {
    private let folder: TemporaryFolder
    private let truth: Model

    init() throws {
        folder = try TemporaryFolder()
        let story = Story(seed: 41, length: 120)
        truth = Model(story.entries)
        try folder.write(story)
    }

    private func execute(_ sql: String) throws {
        let queue = try DatabaseQueue(path: folder.file())
        try queue.writeWithoutTransaction { db in try db.execute(sql: sql) }
        try queue.close()
    }

    private func fault() -> String? {
        do {
            try CampaignJournal.open(at: folder.file()).close()
            return nil
        } catch { return "\(error)" }
    }

    @Test(arguments: [
        ("decided", "body = zeroblob(length(body))", "decided input 0 is not as it was written"),
        ("decided", "seal = zeroblob(16)", "decided input 0 is not as it was written"),
        ("decided", "body = 'text'", "decided input 0 is not as it was written"),
        ("decided", "number = 1", "decided input 0 is not as it was written"),
        ("decided", "position = position + 1000", "decided input 0 is not as it was written"),
        ("decided", "seal = seal || x'00'", "decided input 0 is not as it was written"),
        ("lent", "position = position + 1", "a row of the table lent is not"),
        ("lent", "number = number + 1000", "a row of the table lent is not"),
        ("settled", "body = body || x'00'", "a row of the table settled is not"),
        ("contributions", "number = number + 1000", "a row of the table contributions is not"),
        ("progress", "body = x'00'", "says how far the campaign is"),
        ("campaign", "body = x'00'", "names the campaign"),
    ])
    func `a changed column is noticed`(table: String, change: String, complaint: String) throws {
        try execute("UPDATE \(table) SET \(change)")
        #expect(fault()?.contains(complaint) == true)
    }

    @Test(arguments: ["decided", "lent", "settled", "contributions", "progress", "campaign"])
    func `a missing row is noticed`(table: String) throws {
        try execute(
            """
            DELETE FROM \(table) WHERE (position, number) =
                (SELECT position, number FROM \(table) ORDER BY position DESC, number DESC LIMIT 1)
            """)
        #expect(fault()?.contains("is damaged") == true)
    }

    @Test func `a row of another place or table is noticed`() throws {
        try execute("UPDATE settled SET (body, seal) = (SELECT body, seal FROM lent LIMIT 1)")
        #expect(fault()?.contains("a row of the table settled is not") == true)
    }

    @Test func `a table more is noticed`() throws {
        try execute("CREATE TABLE notes (text TEXT)")
        #expect(fault()?.contains("its tables are not those of a journal") == true)
    }

    @Test func `the sentence says what can be saved, and salvage saves it`() throws {
        let last = truth.decided.count - 1
        try execute("UPDATE decided SET seal = zeroblob(16) WHERE position = \(last)")
        let sentence = try #require(fault())
        let saved =
            "\(last) decided inputs and \(truth.history.lent.count) later ranges "
            + "(\(truth.history.settled.count) of them settled)"
        #expect(
            sentence.contains("decided input \(last) is not as it was written; \(saved) can be"))
        let report = try CampaignJournal.salvage(from: folder.file(), to: folder.file("new"))
        #expect("\(report)".contains(saved))
        let found = try Model(reading: try CampaignJournal.open(at: folder.file("new")))
        #expect(found.decided == Array(truth.decided.dropLast()))
        #expect(found.history.settled == truth.history.settled)
        #expect(found.history.lent == truth.history.lent)
        #expect(found.history.contributions == truth.history.contributions)
    }

    @Test func `salvaging a whole journal copies it`() throws {
        let report = try CampaignJournal.salvage(from: folder.file(), to: folder.file("new"))
        #expect(report.fault == nil)
        #expect(try Model(reading: try CampaignJournal.open(at: folder.file("new"))) == truth)
    }

    @Test func `nothing is salvaged into a file that exists`() throws {
        try folder.write([1], to: "new")
        #expect(throws: JournalError.exists(folder.file("new"))) {
            try CampaignJournal.salvage(from: folder.file(), to: folder.file("new"))
        }
        #expect(try folder.read("new") == [1])
    }

    @Test func `a journal of a later release is refused`() throws {
        try execute("PRAGMA user_version = 2")
        #expect(throws: JournalError.newerSchema(folder.file(), version: 2)) {
            try CampaignJournal.open(at: folder.file())
        }
    }

    @Test func `another database is refused`() throws {
        try execute("PRAGMA application_id = 7")
        #expect(fault()?.contains("is not the journal of a campaign") == true)
    }
}
