import CampaignJournal
import CampaignScheduling
import Testing

@Suite struct CrashTests {
    /// What a killed coordinator leaves is what lies on the disk at that moment.
    @Test(arguments: [1, 5])
    func `a kill at any commit keeps all that was appended`(every count: Int) throws {
        let folder = try TemporaryFolder()
        let story = Story(seed: 21, length: 40 * count)
        let journal = try folder.create()
        for end in stride(from: count, through: story.entries.count, by: count) {
            try journal.append(Array(story.entries[(end - count)..<end]))
            try folder.copy(to: "killed")
            let survivor = try CampaignJournal.open(at: folder.file("killed"))
            #expect(try Model(reading: survivor) == Model(story.entries[..<end]))
            survivor.close()
            folder.remove("killed")
        }
    }

    @Test func `a log that was written in part gives what was there after some commit`() throws {
        let folder = try TemporaryFolder()
        let story = Story(seed: 22, length: 60)
        let journal = try folder.create()
        for entry in story.entries { try journal.append([entry]) }
        try folder.copy(to: "whole")
        let log = try folder.read("whole-wal")
        let prefixes = (0...story.entries.count).map { Model(story.entries[..<$0]) }
        var chance = Chance(state: 22)
        var lengths: Set<Int> = []
        for damage in 0..<100 {
            var torn = log
            let place = chance.below(log.count)
            if damage % 2 == 0 {
                torn.removeLast(log.count - place)
            } else {
                torn[place] ^= 1 << chance.below(8)
            }
            try folder.copy(to: "torn")
            try folder.write(torn, to: "torn-wal")
            defer { folder.remove("torn") }
            // Before the first commit there is no journal yet.
            guard let survivor = try? CampaignJournal.open(at: folder.file("torn")) else {
                #expect(place < 20 * 4096)
                continue
            }
            let found = try Model(reading: survivor)
            lengths.insert(try #require(prefixes.firstIndex(of: found)))
            survivor.close()
        }
        #expect(lengths.count > 20)
    }

    @Test func `a second coordinator is refused until the first has closed`() throws {
        let folder = try TemporaryFolder()
        let first = try folder.create()
        #expect(throws: JournalError.inUse(folder.file())) {
            try CampaignJournal.open(at: folder.file())
        }
        #expect(throws: JournalError.inUse(folder.file())) {
            try CampaignJournal.salvage(from: folder.file(), to: folder.file("new"))
        }
        #expect(!folder.exists(folder.file("new")))
        first.close()
        let second = try CampaignJournal.open(at: folder.file())
        #expect(throws: JournalError.inUse(folder.file())) {
            try CampaignJournal.open(at: folder.file())
        }
        try second.append(Story(seed: 1, length: 3).entries)
    }
}
