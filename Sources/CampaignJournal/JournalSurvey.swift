import CampaignScheduling
import Digests
import GRDB

/// A look at every row and page of a journal: what is whole, and the first thing that is not.
struct JournalSurvey {
    let campaign: Digest
    let request: String
    private(set) var progress: JournalProgress?
    /// How many inputs are decided and whole, counted from the first of the campaign.
    private(set) var decided = 0
    /// The other rows that are whole, in order of appending.
    private(set) var lent: [Found<LentRange>] = []
    private(set) var settled: [Found<SettledRange>] = []
    private(set) var contributions: [Found<CampaignHistory.Contribution>] = []
    /// What is wrong, as part of a sentence.
    private(set) var fault: String?

    /// What a whole row says.
    struct Found<Content> {
        let number: Int
        let value: Content
    }

    /// Looks at everything. Throws when not even the campaign can be read.
    init(of db: Database, path: String) throws {
        var naming: (campaign: Digest, request: String)?
        _ = try damage { naming = try JournalTable.campaign.row(at: 0, in: db)?.naming }
        guard let naming else {
            throw JournalError.damaged(
                path, "the row that names the campaign is not as it was written", saved: nil)
        }
        (campaign, request) = naming
        try readProgress(db)
        try countDecided(db)
        lent = try wholeRows(of: .lent, LentRange.init, db)
        settled = try wholeRows(of: .settled, SettledRange.init, db)
        contributions = try wholeRows(
            of: .contributions, CampaignHistory.Contribution.init, db)
        if let progress { checkSums(progress) }
        try checkPages(db)
        if fault != nil { keepWhatFitsTogether() }
    }

    /// What is whole, in numbers.
    var saved: SavedRows {
        SavedRows(
            decidedInputs: decided, lentRanges: lent.count, settledRanges: settled.count)
    }

    /// What could be saved from a file that cannot be opened as a journal; nil: nothing.
    static func savedRows(in path: String) -> SavedRows? {
        guard let file = try? JournalFile(salvaging: path) else { return nil }
        defer { file.close() }
        return try? file.access { db in try JournalSurvey(of: db, path: path) }.saved
    }

    private mutating func blame(_ found: String?) {
        if fault == nil { fault = found }
    }

    private mutating func readProgress(_ db: Database) throws {
        var found: JournalProgress?
        blame(
            try damage {
                found = try JournalTable.progress.row(at: 0, in: db)?
                    .content(JournalProgress.init, campaign)
            })
        progress = found
        if found == nil { blame("the row that says how far the campaign is cannot be trusted") }
    }

    private mutating func countDecided(_ db: Database) throws {
        var position = 0
        var isWhole = true
        let found = try damage {
            try JournalTable.decided.walk(in: db) { row in
                isWhole =
                    row?.position == position && row?.number == 0
                    && row?.content(SettledInput.init, campaign) != nil
                if isWhole { position += 1 }
                return isWhole
            }
        }
        decided = position
        if !isWhole { blame("decided input \(position) is not as it was written") }
        blame(found)
    }

    /// Where SQLite cannot go on through damaged pages it is asked for the rows from the other end.
    private mutating func wholeRows<Content>(
        of table: JournalTable, _ read: (SealedRow) -> Content?, _ db: Database
    ) throws -> [Found<Content>] {
        var found: [Found<Content>] = []
        var numbers: Set<Int> = []
        for backwards in [false, true] {
            var fault: String?
            let corruption = try damage {
                try table.walk(backwards: backwards, in: db) { row in
                    guard let row, let value = row.content(read, campaign) else {
                        fault = fault ?? "a row of the table \(table) is not as it was written"
                        return true
                    }
                    guard numbers.insert(row.number).inserted else { return !backwards }
                    found.append(Found(number: row.number, value: value))
                    return true
                }
            }
            blame(fault)
            blame(corruption)
            if corruption == nil { break }
        }
        return found.sorted { $0.number < $1.number }
    }

    private mutating func checkSums(_ progress: JournalProgress) {
        for (name, count, due) in [
            ("decided inputs", decided, progress.decided),
            ("lent ranges", lent.count, progress.lent),
            ("settled ranges", settled.count, progress.settled),
            ("workers", contributions.count, progress.contributions),
        ] where count != due {
            blame("it should hold \(due) \(name) and holds \(count)")
        }
        if lent.contains(where: { $0.value.position < decided })
            || settled.contains(where: { $0.value.position < decided })
        {
            blame("it holds ranges of inputs that are decided")
        }
    }

    private mutating func checkPages(_ db: Database) throws {
        var findings: [String] = []
        var isIntact = true
        blame(
            try damage {
                isIntact = try JournalSchema.isIntact(in: db)
                findings = try String.fetchAll(db, sql: "PRAGMA integrity_check(1)")
            })
        if !isIntact { blame("its tables are not those of a journal") }
        if findings != ["ok"] {
            let finding = findings.first?.split(separator: "\n").last
            blame("SQLite finds: \(finding ?? "nothing to check")")
        }
    }

    /// A settled range says nothing without its lease, nor either of them of an input that is
    /// decided.
    private mutating func keepWhatFitsTogether() {
        let decided = decided
        lent.removeAll { $0.value.position < decided }
        let leases = Set(lent.map(\.value.lease))
        settled.removeAll { !leases.contains($0.value.lease) || $0.value.position < decided }
    }
}

/// What SQLite says of damage that it met; nil when there was none. Other trouble is thrown: a disk
/// that cannot be read just now says nothing about the file.
private func damage(_ look: () throws -> Void) throws -> String? {
    do {
        try look()
        return nil
    } catch let error as DatabaseError {
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR, .SQLITE_TOOBIG, .SQLITE_MISMATCH:
            return error.message ?? "SQLite cannot read it"
        default: throw error
        }
    }
}
