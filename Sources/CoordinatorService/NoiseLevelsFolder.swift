import CampaignJournal
import CampaignScheduling
import CertificateRecords
import Digests
import Foundation
import RandomizedSmoothing
public import SmoothingNoise
import Sodium

/// The folder of campaigns at several noise levels: `manifest.json`, which binds them, a folder with a
/// whole campaign for each level, and in the end `records.jsonl` and `certificates.tsv` with the record
/// that is reported of each input.
public struct NoiseLevelsFolder {
    /// The folder.
    public let path: String
    /// The folder in which it was begun, and the arguments, without the program's name.
    public let origin: UnfinishedCampaign.Origin
    /// The noise key in its manifest.
    public let noiseKey: NoiseKey
    /// The folders of the levels.
    public let levels: [Level]

    private let manifest: Data

    /// The folder of one noise level.
    public struct Level: Sendable {
        /// The noise level.
        public let sigma: Double
        /// The folder of its campaign.
        public let path: String

        /// Whether it says how far it is.
        public var isBegun: Bool {
            FileManager.default.fileExists(atPath: path + "/" + CampaignStatus.fileName)
        }
    }

    private static let originName = "begun.json"

    /// Makes the folder and seals the manifest in it, before the first draw of any level.
    public static func create(
        _ path: String, for campaigns: [PreparedCampaign], origin: UnfinishedCampaign.Origin
    ) throws -> NoiseLevelsFolder {
        try check(path, sigmas: campaigns.map(\.manifest.plan.sigma))
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
            try JSONEncoder().encode(origin)
                .write(to: URL(filePath: path + "/" + originName), options: .atomic)
            try Data(page(of: campaigns).utf8)
                .write(to: URL(filePath: file(.manifest, in: path)), options: .atomic)
        } catch {
            throw FolderError.unwritable(path, sentence(for: error))
        }
        guard let folder = try NoiseLevelsFolder(at: path) else { throw FolderError.empty(path) }
        return folder
    }

    /// Refuses a path where campaigns at these levels could not be begun; changes nothing.
    public static func check(_ path: String, sigmas: [Double]) throws {
        try CampaignFolder.check(path)
        for sigma in sigmas {
            try CampaignFolder.check(path + "/" + NoiseLevelsManifest.folder(of: sigma))
        }
    }

    /// Opens a folder; nil when no campaigns at several noise levels are in it.
    ///
    /// - Throws: one sentence when it is damaged.
    public init?(at path: String) throws {
        let file = NoiseLevelsFolder.file(.manifest, in: path)
        guard let manifest = FileManager.default.contents(atPath: file),
            let kind = try? JSONDecoder().decode(Kind.self, from: manifest),
            kind.format == NoiseLevelsManifest.format
        else { return nil }
        guard let stored = try? JSONDecoder().decode(Stored.self, from: manifest),
            let key = NoiseKey(hex: stored.key), !stored.campaigns.isEmpty
        else { throw FolderError.unreadable(file) }
        let begun = path + "/" + NoiseLevelsFolder.originName
        guard let request = FileManager.default.contents(atPath: begun),
            let origin = try? JSONDecoder().decode(UnfinishedCampaign.Origin.self, from: request)
        else { throw FolderError.unreadable(begun) }
        self.path = path
        self.manifest = manifest
        self.origin = origin
        noiseKey = key
        levels = stored.campaigns.map {
            Level(
                sigma: $0.sigma, path: path + "/" + NoiseLevelsManifest.folder(of: $0.sigma))
        }
    }

    /// Whether the reported records are written: there is nothing left to do.
    public var isFinished: Bool {
        FileManager.default.fileExists(atPath: NoiseLevelsFolder.file(.records, in: path))
    }

    /// The campaign in the folder of a level, if it was begun.
    public func campaign(at place: Int) throws -> UnfinishedCampaign? {
        let folder = levels[place].path
        guard has(.manifest, in: folder) else { return nil }
        guard UnfinishedCampaign.clearUnbegun(at: folder) == nil else { return nil }
        return try UnfinishedCampaign(at: folder)
    }

    private func has(_ name: CampaignFolder.Name, in folder: String) -> Bool {
        FileManager.default.fileExists(atPath: NoiseLevelsFolder.file(name, in: folder))
    }

    /// Refuses to go on with other plans, another model or data set, and names the difference.
    public func check(_ campaigns: [PreparedCampaign]) throws {
        if levels.count == campaigns.count {
            for (place, prepared) in campaigns.enumerated() {
                try campaign(at: place)?.check(prepared)
            }
        }
        let current = Data(NoiseLevelsFolder.page(of: campaigns).utf8)
        guard current != manifest else { return }
        throw FolderError.differs(
            path, ManifestDifference.clauses(stored: manifest, current: current))
    }

    private static func page(of campaigns: [PreparedCampaign]) -> String {
        let manifest = NoiseLevelsManifest(campaigns.map { ($0.manifest, $0.seal) })
        return manifest.page(sealedWith: SHA256.digest(of: Array(manifest.sealedLine.utf8)))
    }

    private static func file(_ name: CampaignFolder.Name, in folder: String) -> String {
        folder + "/" + name.rawValue
    }

    private struct Kind: Decodable { let format: String }

    private struct Stored: Decodable {
        struct Campaign: Decodable { let sigma: Double }
        let key: String
        let campaigns: [Campaign]
    }
}

// The record that is reported
// ---------------------------

extension NoiseLevelsFolder {
    /// Chooses the record of each input from those of all levels, whose campaigns are finished, and
    /// writes both files, whole or not at all. It may be done again: it is a function of the counts.
    public func report(_ campaigns: [PreparedCampaign]) throws -> NoiseLevelsReport {
        let seal = try NoiseLevelsFolder.seal(in: manifest, at: path)
        var levels = try campaigns.indices.map { place in
            try ReportedLevel(campaigns[place], in: self, at: place)
        }
        let count = campaigns[0].outline.inputs.count
        var report = NoiseLevelsReport(sigmas: campaigns.map(\.manifest.plan.sigma))
        try write(count) { position in
            let records = try levels.indices.map { try levels[$0].record(at: position) }
            let alone = try levels.indices.compactMap { try levels[$0].recordAlone(at: position) }
            let best = AlphaSplit.best(of: records.map(\.radius))
            let plan = records[best].plan
            let chosen = records[best].chosen(CertificateRecord.Choice(from: plan, whole: seal))
            report.add(records, best: best, alone: alone)
            let time = levels.reduce(0) { $0 + $1.nanoseconds }
            return (chosen.line, chosen.tabSeparatedLine(nanoseconds: time))
        }
        return report
    }

    private static func seal(in manifest: Data, at path: String) throws -> Digest {
        struct Sealed: Decodable { let seal: String }
        guard let hex = try? JSONDecoder().decode(Sealed.self, from: manifest).seal,
            let seal = Digest(hex: hex)
        else { throw FolderError.unreadable(file(.manifest, in: path)) }
        return seal
    }

    /// Writes a line to each file for each input; the records come last into their place.
    private func write(
        _ count: Int, lines: (_ position: Int) throws -> (record: String, table: String)
    ) throws {
        let names = [CampaignFolder.Name.certificates, .records]
        let unfinished = names.map { NoiseLevelsFolder.file($0, in: path) + ".unfinished" }
        do {
            let files = try unfinished.map { name in
                try Data().write(to: URL(filePath: name))
                return try FileHandle(forWritingTo: URL(filePath: name))
            }
            try files[0].write(
                contentsOf: Data((CertificateRecord.tabSeparatedHeader + "\n").utf8))
            for position in 0..<count {
                let (record, table) = try lines(position)
                try files[0].write(contentsOf: Data((table + "\n").utf8))
                try files[1].write(contentsOf: Data((record + "\n").utf8))
            }
            for file in files { try file.synchronize() }
            for (name, from) in zip(names, unfinished) {
                guard rename(from, NoiseLevelsFolder.file(name, in: path)) == 0 else {
                    throw FolderError.unwritable(path, String(cString: strerror(errno)))
                }
            }
        } catch let error as NSError where error.domain == NSCocoaErrorDomain {
            throw FolderError.unwritable(path, sentence(for: error))
        }
    }
}

/// The finished campaign of one noise level, read input by input.
private struct ReportedLevel {
    private let prepared: PreparedCampaign
    private let campaign: UnfinishedCampaign
    private var certifier: SequentialCertifier
    private var certifierAlone: SequentialCertifier?
    /// For how long workers counted the input that was read last.
    private(set) var nanoseconds = 0

    init(_ prepared: PreparedCampaign, in folder: NoiseLevelsFolder, at place: Int) throws {
        guard let campaign = try folder.campaign(at: place), campaign.isFinished else {
            throw FolderError.empty(folder.levels[place].path)
        }
        try campaign.check(prepared)
        self.prepared = prepared
        self.campaign = campaign
        certifier = prepared.certifier
        certifierAlone = try prepared.certifierWithoutSharing()
    }

    mutating func record(at position: Int) throws -> CertificateRecord {
        let input = try campaign.journal.decided(at: position)
        nanoseconds = input.nanoseconds
        return try prepared.record(of: input, by: &certifier)
    }

    /// The record if no input shared its alpha; nil: none does.
    mutating func recordAlone(at position: Int) throws -> CertificateRecord? {
        guard certifierAlone != nil else { return nil }
        return try prepared.record(
            of: campaign.journal.decided(at: position), by: &certifierAlone)
    }
}
