import CampaignJournal
import CampaignScheduling
import Digests
import Foundation
import RandomizedSmoothing
import SmoothingNoise
import Testing

/// What may happen in a campaign, made up from a seed: leases, tallies in any order, and decisions
/// in order.
struct Story {
    private(set) var entries: [JournalEntry] = []
    private var chance: Chance
    private var model = Model()
    private var nextLease: UInt64 = 1
    private let classes: Int
    private let workers: [Hello]

    init(seed: UInt64, length: Int, classes: Int = 5, workers: Int = 4) {
        chance = Chance(state: seed)
        self.classes = classes
        self.workers = (0..<workers).map { Story.worker($0) }
        while entries.count < length {
            let entry = next()
            entries.append(entry)
            model.append(entry)
        }
    }

    static let campaign = Digest(bytes: (0..<32).map { UInt8($0) })
    static let request = "{\"model\": \"a.onnx\", \"note\": \"größer\"}"

    private static func worker(_ number: Int) -> Hello {
        guard let id = WorkerID(bytes: (0..<16).map { UInt8(number * 16 + $0) }) else {
            preconditionFailure("sixteen bytes")
        }
        return Hello(
            protocolVersion: 1, worker: id, name: "host-\(number)/\(1000 + number)",
            fingerprint: "engine 1.2 avx2 f32", sessions: 1 + number)
    }

    private mutating func next() -> JournalEntry {
        let unsettled = model.unsettled
        switch chance.below(10) {
        case 0..<2:
            let position = model.history.decidedInputs
            return .decided(
                SettledInput(
                    position: position, index: UInt32(7 * position), selection: counts(),
                    estimation: counts(), nanoseconds: chance.below(1 << 40)))
        case 2..<6 where !unsettled.isEmpty:
            let lent = unsettled[chance.below(unsettled.count)]
            let worker = workers.first { $0.worker == lent.borrower } ?? workers[0]
            return .settled(
                SettledRange(
                    lease: lent.lease, position: lent.position, range: lent.range,
                    counts: counts(), nanoseconds: chance.below(1 << 33), worker: worker))
        default:
            defer { nextLease += 1 }
            let phase: SamplingPhase = chance.below(2) == 0 ? .selection : .estimation
            return .lent(
                LentRange(
                    lease: LeaseID(nextLease),
                    position: model.history.decidedInputs + chance.below(4),
                    range: BlockRange(
                        phase: phase, first: chance.below(1 << 20), count: 1 + chance.below(99)),
                    borrower: workers[chance.below(workers.count)].worker))
        }
    }

    private mutating func counts() -> ClassCounts {
        ClassCounts((0..<classes).map { _ in chance.below(1 << chance.below(30)) })
    }
}

/// The journal as a list in memory, as naively as can be.
struct Model: Equatable {
    private(set) var history = CampaignHistory()
    private(set) var decided: [SettledInput] = []
    private(set) var highestLease: UInt64 = 0

    init(_ entries: some Sequence<JournalEntry> = []) {
        for entry in entries { append(entry) }
    }

    var unsettled: [LentRange] {
        history.lent.filter { lent in !history.settled.contains { $0.lease == lent.lease } }
    }

    mutating func append(_ entry: JournalEntry) {
        switch entry {
        case .lent(let range):
            history.lent.append(range)
            highestLease = max(highestLease, range.lease.number)
        case .settled(let range):
            history.settled.append(range)
            credit(range)
        case .decided(let input):
            decided.append(input)
            history.decidedInputs += 1
            history.lent.removeAll { $0.position == input.position }
            history.settled.removeAll { $0.position == input.position }
        }
    }

    private mutating func credit(_ range: SettledRange) {
        let known = history.contributions.firstIndex { $0.worker == range.worker }
        if known == nil {
            history.contributions.append(
                .init(worker: range.worker, leases: 0, samples: 0, nanoseconds: 0))
        }
        let place = known ?? history.contributions.count - 1
        history.contributions[place].leases += 1
        history.contributions[place].samples += range.counts.samples
        history.contributions[place].nanoseconds += range.nanoseconds
    }

    /// What a journal holds, read through its whole interface.
    init(reading journal: CampaignJournal) throws {
        history = try journal.history()
        try journal.forEachDecided { decided.append($0) }
    }

    /// Whether this holds nothing that the truth does not.
    func isPart(of truth: Model) -> Bool {
        decided.count == history.decidedInputs && truth.decided.starts(with: decided)
            && Set(history.lent).isSubset(of: truth.history.lent)
            && Set(history.settled).isSubset(of: truth.history.settled)
            && Set(history.contributions).isSubset(of: truth.history.contributions)
            && Set(history.lent).count == history.lent.count
            && Set(history.settled).count == history.settled.count
    }

    static func == (a: Model, b: Model) -> Bool {
        a.history == b.history && a.decided == b.decided
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Chance: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }
}

/// A folder that is there as long as this value is.
final class TemporaryFolder {
    let path: String

    init() throws {
        let name = "journal-\(UUID().uuidString)"
        path = FileManager.default.temporaryDirectory.appending(path: name).path
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String = "journal.sqlite") -> String { path + "/" + name }

    func create(_ name: String = "journal.sqlite") throws -> CampaignJournal {
        try CampaignJournal.create(
            at: file(name), campaign: try #require(Story.campaign), request: Story.request)
    }

    /// A closed journal with all these entries.
    func write(_ story: Story, to name: String = "journal.sqlite") throws {
        let journal = try create(name)
        try journal.append(story.entries)
        journal.close()
    }

    /// Copies a journal and its log as they are on the disk at this moment.
    func copy(to name: String) throws {
        for suffix in ["", "-wal"] where exists(file() + suffix) {
            try FileManager.default.copyItem(
                atPath: file() + suffix, toPath: file(name) + suffix)
        }
    }

    func remove(_ name: String) {
        for suffix in ["", "-wal"] where exists(file(name) + suffix) {
            try? FileManager.default.removeItem(atPath: file(name) + suffix)
        }
    }

    func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    func read(_ name: String = "journal.sqlite") throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: file(name))))
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(filePath: file(name)))
    }
}
