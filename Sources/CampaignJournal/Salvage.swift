import CampaignScheduling
import GRDB

/// What ``CampaignJournal/salvage(from:to:)`` has done.
public struct SalvageReport: Hashable, Sendable {
    /// What the new journal holds.
    public var saved: SavedRows
    /// What is wrong with the old one, as part of a sentence; nil: nothing.
    public var fault: String?
}

extension SalvageReport: CustomStringConvertible {
    /// One sentence.
    public var description: String {
        "\(saved) were salvaged (\(fault ?? "nothing is wrong with the old journal")); the rest is "
            + "counted again"
    }
}

extension CampaignJournal {
    /// Makes a new journal of whatever is whole in another: the longest run of decided inputs from
    /// the first on, later ranges, and what workers counted. Of a row whose seal is wrong nothing is
    /// kept, and a campaign that was marked as finished is not so any more.
    ///
    /// Nothing but time is lost with the rest: counts are a function of the plan (law 1). Throws
    /// when the row that names the campaign is not whole, since then nothing else can be checked.
    @discardableResult
    public static func salvage(
        from path: String, to newPath: String
    ) throws(JournalError) -> SalvageReport {
        let old = try JournalFile(salvaging: path)
        defer { old.close() }
        let survey = try old.access { db in try JournalSurvey(of: db, path: path) }
        let new = try JournalFile(creating: newPath)
        do throws(JournalError) {
            try copy(survey, from: old, to: new)
        } catch {
            new.discard()
            throw error
        }
        new.close()
        return SalvageReport(saved: survey.saved, fault: survey.fault)
    }

    private static func copy(
        _ survey: JournalSurvey, from old: JournalFile, to new: JournalFile
    ) throws(JournalError) {
        let campaign = survey.campaign
        try new.transaction { db in
            try JournalSchema.install(in: db)
            try SealedRow(naming: campaign, request: survey.request).insert(into: db)
            for position in 0..<survey.decided {
                try decidedRow(at: position, of: survey, in: old).insert(into: db)
            }
            for found in survey.lent {
                try SealedRow(found.value, number: found.number, campaign).insert(into: db)
            }
            for found in survey.settled {
                try SealedRow(found.value, number: found.number, campaign).insert(into: db)
            }
            for (place, found) in survey.contributions.enumerated() {
                try SealedRow(found.value, number: place, campaign).insert(into: db)
            }
            try JournalProgress(salvaging: survey).row(sealedFor: campaign).insert(into: db)
        }
    }

    private static func decidedRow(
        at position: Int, of survey: JournalSurvey, in file: JournalFile
    ) throws(JournalError) -> SealedRow {
        let row = try file.access { db in try JournalTable.decided.row(at: position, in: db) }
        guard let row, row.isWhole(for: survey.campaign) else {
            throw .damaged(
                file.path, "decided input \(position) is read differently each time",
                saved: survey.saved)
        }
        return row
    }
}

extension JournalProgress {
    /// How many lease numbers are left out when leases may have been lost: as many as 65,536
    /// openings leave out.
    private static let leapOfSalvage: UInt64 = 1 << 48

    fileprivate init(salvaging survey: JournalSurvey) {
        decided = survey.decided
        lent = survey.lent.count
        settled = survey.settled.count
        contributions = survey.contributions.count
        let numbers = survey.lent.map(\.number) + survey.settled.map(\.number)
        nextNumber = (numbers.max() ?? -1) + 1
        let known = survey.lent.map(\.value.lease.number) + [survey.progress?.highestLease ?? 0]
        highestLease = (known.max() ?? 0) &+ JournalProgress.leapOfSalvage
    }
}
