public import CampaignScheduling
public import Digests
import GRDB
import RandomizedSmoothing

/// What has been lent, settled and decided, in one SQLite file that outlives the coordinator.
///
/// ```swift
/// let journal = try CampaignJournal.create(at: path, campaign: seal, request: json)
/// try journal.append(entries)  // durable when this returns
/// ```
///
/// Every row is sealed (see ``SealedRow``), so that what comes back is what was written, or an
/// error. Losing rows is harmless, since counts are a function of the plan and what is missing is
/// counted again (law 1); a changed row would be a wrong certificate.
///
/// One process at a time has the journal: SQLite's lock is held from opening to closing, and a
/// killed process leaves none behind. One thread uses it.
public final class CampaignJournal {
    /// The seal of the campaign's manifest.
    public let campaign: Digest
    /// What was handed to ``create(at:campaign:request:)``.
    public let request: String
    /// The number of the first lease to be lent now. A journal that is opened again leaves out more
    /// numbers than anybody lends between two openings, so that a tally for a lease which the file
    /// may have lost never meets another lease of the same number.
    public let firstLease: LeaseID

    private let file: JournalFile
    private var progress: JournalProgress
    private var contributions: Contributions

    /// The most bytes of UTF-8 in a request: 1 MiB.
    public static let maximumRequestBytes = 1 << 20

    private init(
        file: JournalFile, campaign: Digest, request: String, firstLease: UInt64,
        progress: JournalProgress, contributions: [CampaignHistory.Contribution] = []
    ) {
        self.file = file
        self.campaign = campaign
        self.request = request
        self.firstLease = LeaseID(firstLease)
        self.progress = progress
        self.contributions = Contributions(contributions)
    }

    /// Makes a journal of a campaign in which nothing has happened. The file must not exist.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - campaign: The seal of the campaign's manifest.
    ///   - request: What a resume needs to prepare the campaign again; not looked into.
    public static func create(
        at path: String, campaign: Digest, request: String
    ) throws(JournalError) -> CampaignJournal {
        guard request.utf8.count <= maximumRequestBytes else {
            throw .requestTooLong(bytes: request.utf8.count)
        }
        let file = try JournalFile(creating: path)
        let progress = JournalProgress()
        do throws(JournalError) {
            try file.transaction { db in
                try JournalSchema.install(in: db)
                try SealedRow(naming: campaign, request: request).insert(into: db)
                try progress.row(sealedFor: campaign).insert(into: db)
            }
        } catch {
            file.discard()
            throw error
        }
        return CampaignJournal(
            file: file, campaign: campaign, request: request, firstLease: 1, progress: progress)
    }

    /// Opens a journal again, after looking at every page and every row of it.
    public static func open(at path: String) throws(JournalError) -> CampaignJournal {
        let file: JournalFile
        do {
            file = try JournalFile(opening: path)
        } catch .damaged(_, let fault, _) {
            throw .damaged(path, fault, saved: JournalSurvey.savedRows(in: path))
        }
        let survey = try file.access { db in try JournalSurvey(of: db, path: path) }
        guard let progress = survey.progress, survey.fault == nil else {
            throw .damaged(
                path, survey.fault ?? "it does not say how far it is", saved: survey.saved)
        }
        return CampaignJournal(
            file: file, campaign: survey.campaign, request: survey.request,
            firstLease: progress.highestLease &+ leapOfOpening, progress: progress,
            contributions: survey.contributions.map(\.value))
    }

    /// How many lease numbers are left out when a journal is opened.
    private static let leapOfOpening: UInt64 = 1 << 32

    /// Appends entries in one transaction: when this returns they are durable; when it throws, none
    /// was appended, and it may be tried again.
    public func append(_ entries: [JournalEntry]) throws(JournalError) {
        guard !entries.isEmpty else { return }
        var progress = progress
        var contributions = contributions
        try file.transaction { db in
            for entry in entries {
                try progress.check(entry)
                try insert(entry, &progress, &contributions, into: db)
            }
            for row in contributions.takeChangedRows(sealedFor: campaign) {
                try row.replace(in: db)
            }
            progress.contributions = contributions.values.count
            try progress.row(sealedFor: campaign).replace(in: db)
        }
        self.progress = progress
        self.contributions = contributions
    }

    private func insert(
        _ entry: JournalEntry, _ progress: inout JournalProgress,
        _ contributions: inout Contributions, into db: Database
    ) throws {
        switch entry {
        case .lent(let range):
            try SealedRow(range, number: progress.takeNumber(), campaign).insert(into: db)
            progress.lent += 1
            progress.highestLease = max(progress.highestLease, range.lease.number)
        case .settled(let range):
            try SealedRow(range, number: progress.takeNumber(), campaign).insert(into: db)
            progress.settled += 1
            contributions.credit(range)
        case .decided(let input):
            try SealedRow(input, campaign).insert(into: db)
            progress.decided += 1
            progress.lent -= try JournalTable.lent.delete(position: input.position, in: db)
            progress.settled -= try JournalTable.settled.delete(position: input.position, in: db)
        }
    }

    /// What the coordinator's core needs to go on. Every row is looked at again.
    public func history() throws(JournalError) -> CampaignHistory {
        let survey = try file.access { db in try JournalSurvey(of: db, path: file.path) }
        if let fault = survey.fault { throw .damaged(file.path, fault, saved: survey.saved) }
        var history = CampaignHistory()
        history.decidedInputs = survey.decided
        history.lent = survey.lent.map(\.value)
        history.settled = survey.settled.map(\.value)
        history.contributions = survey.contributions.map(\.value)
        return history
    }

    /// How many inputs, counted from the first of the campaign, are decided.
    public var decidedInputs: Int { progress.decided }

    /// Hands over the decided inputs from a position on, in order, one at a time.
    ///
    /// Throws a ``JournalError``, or what `body` throws.
    public func forEachDecided(
        from position: Int = 0, _ body: (SettledInput) throws -> Void
    ) throws {
        for position in stride(from: max(0, position), to: progress.decided, by: 1) {
            try body(decided(at: position))
        }
    }

    /// The decided input at a position below ``decidedInputs``.
    public func decided(at position: Int) throws(JournalError) -> SettledInput {
        let row = try file.access { db in try JournalTable.decided.row(at: position, in: db) }
        guard let input = row?.content(SettledInput.init, campaign) else {
            throw .damaged(
                file.path, "decided input \(position) is not as it was written", saved: nil)
        }
        return input
    }

    /// Whether the campaign was marked as finished.
    public var isFinished: Bool { progress.isFinished }

    /// Marks the campaign as finished, durably.
    public func markFinished() throws(JournalError) {
        var progress = progress
        progress.isFinished = true
        try file.transaction { db in try progress.row(sealedFor: campaign).replace(in: db) }
        self.progress = progress
    }

    /// Gives the file back to others. The journal must not be used any more.
    public func close() { file.close() }
}

/// How far a campaign is: the sums over all rows, by which a missing one is noticed.
struct JournalProgress: Hashable {
    var decided = 0
    var lent = 0
    var settled = 0
    var contributions = 0
    /// The number of the next row of a range: it keeps the order of appending.
    var nextNumber = 0
    var highestLease: UInt64 = 0
    var isFinished = false

    mutating func takeNumber() -> Int {
        defer { nextNumber += 1 }
        return nextNumber
    }

    /// Inputs are decided in order, and nothing comes after the decision.
    func check(_ entry: JournalEntry) throws(JournalError) {
        switch entry {
        case .lent(let range) where range.position < decided:
            throw .misplaced("\(range.lease) of input \(range.position)", decided: decided)
        case .settled(let range) where range.position < decided:
            throw .misplaced("the tally of input \(range.position)", decided: decided)
        case .decided(let input) where input.position != decided:
            throw .misplaced("the decision of input \(input.position)", decided: decided)
        default: break
        }
    }
}

/// What each worker has counted, in order of its first settled range.
private struct Contributions {
    private(set) var values: [CampaignHistory.Contribution]
    private var places: [WorkerID: Int] = [:]
    private var changed: Set<Int> = []

    init(_ values: [CampaignHistory.Contribution]) {
        self.values = values
        for (place, value) in values.enumerated() { places[value.worker.worker] = place }
    }

    mutating func credit(_ range: SettledRange) {
        let place = places[range.worker.worker] ?? values.count
        if place == values.count {
            places[range.worker.worker] = place
            values.append(
                CampaignHistory.Contribution(
                    worker: range.worker, leases: 0, samples: 0, nanoseconds: 0))
        }
        let samples = range.counts.values.reduce(0) { $0.addingSaturated($1) }
        values[place].leases = values[place].leases.addingSaturated(1)
        values[place].samples = values[place].samples.addingSaturated(samples)
        values[place].nanoseconds = values[place].nanoseconds.addingSaturated(range.nanoseconds)
        changed.insert(place)
    }

    mutating func takeChangedRows(sealedFor campaign: Digest) -> [SealedRow] {
        defer { changed = [] }
        return changed.sorted().map { SealedRow(values[$0], number: $0, campaign) }
    }
}

extension Int {
    fileprivate func addingSaturated(_ more: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(more)
        return overflow ? (more < 0 ? .min : .max) : sum
    }
}
