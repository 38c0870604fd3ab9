import CampaignJournal
import CampaignScheduling
import RandomizedSmoothing
import SmoothingNoise
import Testing

@Suite struct RoundTripTests {
    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func `what was appended comes back`(seed: UInt64) throws {
        let folder = try TemporaryFolder()
        let story = Story(seed: seed, length: 150)
        var chance = Chance(state: seed &+ 1000)
        let journal = try folder.create()
        var appended = 0
        while appended < story.entries.count {
            let end = min(story.entries.count, appended + chance.below(20))
            try journal.append(Array(story.entries[appended..<end]))
            appended = end
            #expect(try Model(reading: journal) == Model(story.entries[..<end]))
        }
    }

    @Test(arguments: [1, 2, 7, 31])
    func `opening again changes nothing`(every count: Int) throws {
        let folder = try TemporaryFolder()
        let story = Story(seed: UInt64(count), length: 12 * count)
        try folder.create().close()
        for end in stride(from: count, through: story.entries.count, by: count) {
            let journal = try CampaignJournal.open(at: folder.file())
            #expect(journal.campaign == Story.campaign)
            #expect(journal.request == Story.request)
            #expect(try Model(reading: journal) == Model(story.entries[..<(end - count)]))
            try journal.append(Array(story.entries[(end - count)..<end]))
            #expect(try Model(reading: journal) == Model(story.entries[..<end]))
            #expect(journal.decidedInputs == Model(story.entries[..<end]).decided.count)
            journal.close()
        }
    }

    @Test func `any numbers, names and counts come back`() throws {
        let folder = try TemporaryFolder()
        let worker = Hello(
            protocolVersion: .max,
            worker: try #require(WorkerID(bytes: [UInt8](repeating: 255, count: 16))),
            name: "", fingerprint: String(repeating: "ü", count: 500), sessions: .min)
        let lent = LentRange(
            lease: LeaseID(.max), position: .max,
            range: BlockRange(phase: .estimation, first: .max, count: -1),
            borrower: worker.worker)
        let settled = SettledRange(
            lease: lent.lease, position: .max, range: lent.range,
            counts: ClassCounts([.max, -1, 0, .min, .max]), nanoseconds: -1, worker: worker)
        let input = SettledInput(
            position: 0, index: .max, selection: ClassCounts([]),
            estimation: ClassCounts((0..<100_000).map { $0 << 13 }), nanoseconds: .max)
        let journal = try folder.create()
        try journal.append([.decided(input), .lent(lent), .settled(settled)])
        journal.close()
        let again = try CampaignJournal.open(at: folder.file())
        #expect(try again.history().lent == [lent])
        #expect(try again.history().settled == [settled])
        var decided: [SettledInput] = []
        try again.forEachDecided { decided.append($0) }
        #expect(decided == [input])
    }

    @Test func `contributions saturate`() throws {
        let folder = try TemporaryFolder()
        let journal = try folder.create()
        let story = Story(seed: 3, length: 40)
        for case .settled(var range) in story.entries {
            range.nanoseconds = .max
            range.counts = ClassCounts([.max])
            try journal.append([.settled(range), .settled(range)])
            break
        }
        let contribution = try #require(try journal.history().contributions.first)
        #expect(contribution.leases == 2)
        #expect(contribution.samples == .max)
        #expect(contribution.nanoseconds == .max)
    }

    @Test func `decided inputs are handed over from any position on`() throws {
        let folder = try TemporaryFolder()
        let story = Story(seed: 8, length: 100)
        let truth = Model(story.entries).decided
        let journal = try folder.create()
        try journal.append(story.entries)
        for start in 0...truth.count + 1 {
            var decided: [SettledInput] = []
            try journal.forEachDecided(from: start) { decided.append($0) }
            #expect(decided == Array(truth.dropFirst(start)))
        }
    }

    @Test func `what is done with a decided input may fail, and may use the journal`() throws {
        struct DiskFull: Error {}
        let folder = try TemporaryFolder()
        let story = Story(seed: 8, length: 100)
        let journal = try folder.create()
        try journal.append(story.entries)
        #expect(throws: DiskFull.self) {
            try journal.forEachDecided { _ in
                _ = try journal.history()
                throw DiskFull()
            }
        }
    }

    @Test func `a finished campaign stays finished`() throws {
        let folder = try TemporaryFolder()
        let journal = try folder.create()
        #expect(!journal.isFinished)
        try journal.markFinished()
        #expect(journal.isFinished)
        journal.close()
        #expect(try CampaignJournal.open(at: folder.file()).isFinished)
    }

    @Test func `no lease number is used again, whatever was decided meanwhile`() throws {
        let folder = try TemporaryFolder()
        let story = Story(seed: 5, length: 200)
        let journal = try folder.create()
        #expect(journal.firstLease == LeaseID(1))
        try journal.append(story.entries)
        journal.close()
        let again = try CampaignJournal.open(at: folder.file())
        #expect(again.firstLease.number > Model(story.entries).highestLease + 1_000_000_000)
    }

    @Test func `the file stays small: decided inputs keep nothing of their ranges`() throws {
        let folder = try TemporaryFolder()
        let journal = try folder.create()
        let story = Story(seed: 11, length: 3000, classes: 10)
        try journal.append(story.entries)
        let model = Model(story.entries)
        journal.close()
        let rows = model.decided.count + model.history.lent.count + model.history.settled.count
        #expect(try folder.read().count < 6 * 4096 + rows * 500)
    }
}
