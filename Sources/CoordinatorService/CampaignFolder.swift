import CertificateRecords
import Foundation

/// The folder of a campaign: `manifest.json`, `records.jsonl`, `certificates.tsv`,
/// `provenance.json` and the journal. Only what is whole is in it: a file is written under another
/// name first, and of a line that could not be written whole nothing is kept.
struct CampaignFolder {
    let path: String
    private let records: FileHandle
    private let certificates: FileHandle

    /// The names that a campaign uses in its folder.
    enum Name: String, CaseIterable {
        case manifest = "manifest.json"
        case records = "records.jsonl"
        case certificates = "certificates.tsv"
        case provenance = "provenance.json"
        case journal = "journal.sqlite"
    }

    /// Refuses a path where a campaign could not be begun; changes nothing.
    static func check(_ path: String) throws {
        guard !path.isEmpty else { throw FolderError.notAFolder("''") }
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            return try checkParent(of: path)
        }
        guard isDirectory.boolValue else { throw FolderError.notAFolder(path) }
        for name in Name.allCases {
            let file = path + "/" + name.rawValue
            if FileManager.default.fileExists(atPath: file) {
                throw FolderError.occupied(path, name.rawValue)
            }
        }
    }

    /// The nearest folder that is there must be one, and this user's to write to.
    private static func checkParent(of path: String) throws {
        var parent = URL(filePath: path).standardizedFileURL.deletingLastPathComponent()
        var isDirectory: ObjCBool = false
        while !FileManager.default.fileExists(atPath: parent.path, isDirectory: &isDirectory),
            parent.path != "/"
        {
            parent = parent.deletingLastPathComponent()
        }
        guard isDirectory.boolValue else {
            throw FolderError.unwritable(path, "\(parent.path) is not a folder")
        }
        guard access(parent.path, W_OK | X_OK) == 0 else {
            throw FolderError.unwritable(
                path, "\(parent.path): \(String(cString: strerror(errno)))")
        }
    }

    /// Whether the run in a folder was merged from others.
    static func isMerged(_ path: String) -> Bool {
        let part = MergedManifest.folder(ofPart: 0)
        return FileManager.default.fileExists(atPath: "\(path)/\(part)/\(Name.manifest.rawValue)")
    }

    /// Makes the folder and seals the manifest in it, before the first draw.
    init(creating path: String, manifest: String, tableHeader: String) throws {
        try CampaignFolder.check(path)
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
            try CampaignFolder.write(manifest, to: path + "/" + Name.manifest.rawValue)
            records = try CampaignFolder.createFile(path + "/" + Name.records.rawValue)
            certificates = try CampaignFolder.createFile(
                path + "/" + Name.certificates.rawValue)
            try certificates.write(contentsOf: Data((tableHeader + "\n").utf8))
        } catch {
            throw FolderError.unwritable(path, sentence(for: error))
        }
        self.path = path
    }

    /// Opens the folder of an unfinished campaign. Records are written again from its journal, which
    /// alone is trusted after whatever ended it.
    init(resuming path: String, tableHeader: String) throws {
        do {
            records = try CampaignFolder.emptyFile(path + "/" + Name.records.rawValue)
            certificates = try CampaignFolder.emptyFile(path + "/" + Name.certificates.rawValue)
            try certificates.write(contentsOf: Data((tableHeader + "\n").utf8))
        } catch {
            throw FolderError.unwritable(path, sentence(for: error))
        }
        self.path = path
    }

    /// Appends a decided input to both files.
    func append(record: String, tableLine: String) throws {
        do {
            try CampaignFolder.append(record, to: records)
            try CampaignFolder.append(tableLine, to: certificates)
        } catch {
            throw FolderError.unwritable(path, sentence(for: error))
        }
    }

    /// Replaces the status; a status that cannot be written stops nothing.
    func write(status: CampaignStatus) {
        guard let json = try? status.json() else { return }
        try? CampaignFolder.write(json, to: path + "/" + CampaignStatus.fileName)
    }

    /// Makes what was written last, and adds the provenance.
    func close(provenance: String) throws {
        do {
            try records.synchronize()
            try certificates.synchronize()
            try CampaignFolder.write(provenance, to: path + "/" + Name.provenance.rawValue)
        } catch {
            throw FolderError.unwritable(path, sentence(for: error))
        }
    }

    /// The file of this name.
    func file(_ name: Name) -> String { path + "/" + name.rawValue }

    private static func append(_ line: String, to file: FileHandle) throws {
        let end = try file.offset()
        do {
            try file.write(contentsOf: Data((line + "\n").utf8))
        } catch {
            try? file.truncate(atOffset: end)
            throw error
        }
    }

    private static func createFile(_ path: String) throws -> FileHandle {
        try Data().write(to: URL(filePath: path), options: .withoutOverwriting)
        return try FileHandle(forWritingTo: URL(filePath: path))
    }

    private static func emptyFile(_ path: String) throws -> FileHandle {
        if !FileManager.default.fileExists(atPath: path) { return try createFile(path) }
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        try file.truncate(atOffset: 0)
        return file
    }

    private static func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
    }
}

/// Why a campaign folder cannot be used.
enum FolderError: Error, CustomStringConvertible {
    case notAFolder(String)
    case occupied(String, String)
    case unwritable(String, String)
    case empty(String)
    case unreadable(String)
    case noStatus(String)
    case noJournal(String)
    case foreignJournal(String)
    case severalLevels(String)
    case merged(String)
    case differs(String, [String])

    var description: String {
        switch self {
        case .notAFolder(let path): "\(path) is not a folder; name another one with --output"
        case .occupied(let path, let name):
            "the folder \(path) already holds a campaign (\(name)), which is never overwritten; "
                + "go on with it with `wardein resume \(path)`, or name another one with --output"
        case .empty(let path): "the folder \(path) holds no campaign: it has no manifest.json"
        case .noStatus(let path):
            "the folder \(path) holds no campaign: it has no \(CampaignStatus.fileName)"
        case .unreadable(let path): "\(path) is damaged: it cannot be read"
        case .noJournal(let path):
            "the campaign in \(path) cannot be gone on with: its journal.sqlite is missing"
        case .severalLevels(let path):
            "the folder \(path) holds campaigns at several noise levels; go on with all of them "
                + "with `wardein resume \(path)`"
        case .merged(let path):
            "the run in \(path) was merged from others, which are finished: there is nothing left to do"
        case .foreignJournal(let path):
            "the manifest and the journal in \(path) belong to different campaigns"
        case .differs(let path, let clauses):
            "the campaign in \(path) was begun otherwise: "
                + (clauses.isEmpty ? "its manifest was changed" : clauses.joined(separator: "; "))
        case .unwritable(let path, let reason): "cannot write to the folder \(path): \(reason)"
        }
    }
}

/// What the system says about a failed file operation, without the wrapping.
func sentence(for error: any Error) -> String {
    let error = error as NSError
    if let underlying = error.userInfo[NSUnderlyingErrorKey] as? NSError,
        underlying.domain == NSPOSIXErrorDomain
    {
        return String(cString: strerror(Int32(underlying.code)))
    }
    if error.domain == NSPOSIXErrorDomain { return String(cString: strerror(Int32(error.code))) }
    return error.localizedDescription
}
