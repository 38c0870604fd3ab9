import CampaignJournal
public import CertificateRecords
import Digests
import Foundation
public import SmoothingNoise

/// A campaign in a folder that was begun and may be gone on with.
public struct UnfinishedCampaign {
    /// The folder.
    public let path: String
    /// The noise key in its manifest.
    public let noiseKey: NoiseKey
    /// The other runs that its manifest names.
    public let earlier: EarlierRuns
    /// The folder in which it was begun, and the arguments, without the program's name.
    public let origin: Origin
    /// Whether every input was decided: there is nothing left to do.
    public let isFinished: Bool

    let manifest: Data
    let journal: CampaignJournal

    /// How a campaign was begun.
    public struct Origin: Codable, Sendable {
        /// The folder that relative paths start from.
        public let directory: String
        /// The arguments, without the program's name.
        public let arguments: [String]

        /// Assembles the origin from its parts.
        public init(directory: String, arguments: [String]) {
            self.directory = directory
            self.arguments = arguments
        }
    }

    /// Opens the campaign in a folder, and keeps others from doing so.
    ///
    /// - Throws: one sentence: there is no campaign, another coordinator has it, its journal is
    ///   damaged, …
    public init(at path: String) throws {
        let file = path + "/" + CampaignFolder.Name.manifest.rawValue
        guard let manifest = FileManager.default.contents(atPath: file) else {
            throw FolderError.empty(path)
        }
        guard try NoiseLevelsFolder(at: path) == nil else { throw FolderError.severalLevels(path) }
        guard !CampaignFolder.isMerged(path) else { throw FolderError.merged(path) }
        guard let stored = StoredManifest(manifest), let key = NoiseKey(hex: stored.noise.key)
        else { throw FolderError.unreadable(file) }
        let journalPath = path + "/" + CampaignFolder.Name.journal.rawValue
        guard FileManager.default.fileExists(atPath: journalPath) else {
            throw FolderError.noJournal(path)
        }
        let journal = try CampaignJournal.open(at: journalPath)
        guard journal.campaign.hex == stored.seal else { throw FolderError.foreignJournal(path) }
        guard
            let origin = try? JSONDecoder().decode(Origin.self, from: Data(journal.request.utf8))
        else { throw FolderError.unreadable(journalPath) }
        self.path = path
        self.manifest = manifest
        self.journal = journal
        self.origin = origin
        noiseKey = key
        earlier = stored.earlier
        isFinished = journal.isFinished
    }

    /// Clears a folder whose coordinator was killed before anybody could count for it: it has perhaps half
    /// of a journal.
    ///
    /// - Returns: the noise key in its manifest, with which the campaign is to be begun, since a ledger
    ///   may know it; nil when the folder is not such a one, and then nothing was changed.
    public static func clearUnbegun(at path: String) -> NoiseKey? {
        let files = FileManager.default
        let file = { (name: CampaignFolder.Name) in path + "/" + name.rawValue }
        guard !files.fileExists(atPath: path + "/" + CampaignStatus.fileName),
            !files.fileExists(atPath: file(.provenance)),
            let manifest = files.contents(atPath: file(.manifest)),
            files.contents(atPath: file(.records))?.isEmpty ?? true,
            let key = StoredManifest(manifest).flatMap({ NoiseKey(hex: $0.noise.key) })
        else { return nil }
        let journal = file(.journal)
        // The manifest goes last: as long as it is there, the folder is looked at again.
        for path in [journal + "-wal", journal + "-shm"]
            + CampaignFolder.Name.allCases.reversed().map(file)
        {
            try? files.removeItem(atPath: path)
        }
        return key
    }

    /// Replaces the journal in a folder by one that holds whatever of it is whole, and keeps the old
    /// one beside it. What is lost is counted again: counts are a function of the plan.
    ///
    /// - Returns: what was saved, as a sentence.
    public static func salvage(at path: String) throws -> String {
        let journal = path + "/" + CampaignFolder.Name.journal.rawValue
        if let whole = try? CampaignJournal.open(at: journal) {
            whole.close()
            return "The journal is whole: there is nothing to salvage."
        }
        let saved = path + "/salvaged.sqlite"
        let files = FileManager.default
        try? files.removeItem(atPath: saved)
        let report = try CampaignJournal.salvage(from: journal, to: saved)
        var number = 1
        while files.fileExists(atPath: "\(journal).damaged-\(number)") { number += 1 }
        do {
            for suffix in ["", "-wal"] where files.fileExists(atPath: journal + suffix) {
                try files.moveItem(
                    atPath: journal + suffix, toPath: "\(journal).damaged-\(number)\(suffix)")
            }
            try files.moveItem(atPath: saved, toPath: journal)
        } catch {
            throw FolderError.unwritable(path, "\(error)")
        }
        return "\(report)"
    }

    /// Refuses to go on with another plan, model or data set, and names the difference.
    func check(_ campaign: PreparedCampaign) throws {
        guard campaign.seal != journal.campaign else { return }
        let current = Data(campaign.manifest.page(sealedWith: campaign.seal).utf8)
        throw FolderError.differs(
            path, ManifestDifference.clauses(stored: manifest, current: current))
    }
}
