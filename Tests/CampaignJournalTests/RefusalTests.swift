import CampaignJournal
import CampaignScheduling
import Foundation
import RandomizedSmoothing
import SmoothingNoise
import Testing

@Suite struct RefusalTests {
    @Test(arguments: [
        ([], "it is empty"),
        (Array("records of a campaign\n".utf8), "file is not a database"),
        (Array(repeating: 0, count: 100_000), "file is not a database"),
        (Array(Data(count: 1)), "is not the journal"),
    ])
    func `what is no journal is refused in a sentence`(
        contents: [UInt8], complaint: String
    ) throws {
        let folder = try TemporaryFolder()
        try folder.write(contents, to: "other")
        let error = #expect(throws: JournalError.self) {
            try CampaignJournal.open(at: folder.file("other"))
        }
        #expect(error?.description.contains(complaint) == true)
        #expect(try folder.read("other") == contents)
    }

    @Test func `what is not there is refused in a sentence`() throws {
        let folder = try TemporaryFolder()
        #expect(throws: JournalError.unusable(folder.file(), "No such file or directory")) {
            try CampaignJournal.open(at: folder.file())
        }
        #expect(throws: JournalError.foreign(folder.path, "it is a folder or a device")) {
            try CampaignJournal.open(at: folder.path)
        }
        #expect(
            throws: JournalError.unusable(folder.file("no/journal"), "No such file or directory")
        ) {
            try folder.create("no/journal").close()
        }
        #expect(!folder.exists(folder.file()))
    }

    @Test func `nothing is overwritten`() throws {
        let folder = try TemporaryFolder()
        try folder.create().close()
        let before = try folder.read()
        #expect(throws: JournalError.exists(folder.file())) { try folder.create() }
        #expect(try folder.read() == before)
    }

    @Test func `a request has a limit`() throws {
        let folder = try TemporaryFolder()
        let campaign = try #require(Story.campaign)
        let most = String(repeating: "a", count: CampaignJournal.maximumRequestBytes)
        #expect(throws: JournalError.requestTooLong(bytes: most.utf8.count + 1)) {
            try CampaignJournal.create(
                at: folder.file(), campaign: campaign, request: most + "a")
        }
        try CampaignJournal.create(at: folder.file(), campaign: campaign, request: most).close()
        #expect(try CampaignJournal.open(at: folder.file()).request == most)
    }

    @Test func `inputs are decided in order, once, and last`() throws {
        let folder = try TemporaryFolder()
        let journal = try folder.create()
        func decided(_ position: Int) -> JournalEntry {
            .decided(
                SettledInput(
                    position: position, index: 0, selection: ClassCounts([1]),
                    estimation: ClassCounts([2]), nanoseconds: 3))
        }
        let worker = try #require(WorkerID(bytes: [UInt8](repeating: 0, count: 16)))
        let lent = JournalEntry.lent(
            LentRange(
                lease: LeaseID(1), position: 0,
                range: BlockRange(phase: .selection, first: 0, count: 1), borrower: worker))
        try journal.append([lent, decided(0)])
        for wrong in [lent, decided(0), decided(3)] {
            // Of a refused batch nothing is kept.
            let error = #expect(throws: JournalError.self) {
                try journal.append([decided(1), wrong])
            }
            guard case .misplaced = error else {
                Issue.record("\(error.map { "\($0)" } ?? "no error")")
                continue
            }
            #expect(journal.decidedInputs == 1)
        }
        try journal.append([decided(1)])
        #expect(try journal.history().decidedInputs == 2)
    }
}
