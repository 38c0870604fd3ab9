import Foundation

/// The folder of a campaign: `manifest.json`, `records.jsonl`, `certificates.tsv` and
/// `provenance.json`. Only what is whole is in it: a file is written under another name first, and of
/// a line that could not be written whole nothing is kept.
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
    }

    /// Refuses a path where a campaign could not be begun; changes nothing.
    static func check(_ path: String) throws {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            return
        }
        guard isDirectory.boolValue else { throw FolderError.notAFolder(path) }
        for name in Name.allCases {
            let file = path + "/" + name.rawValue
            if FileManager.default.fileExists(atPath: file) {
                throw FolderError.occupied(path, name.rawValue)
            }
        }
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

    /// Appends a decided input to both files.
    func append(record: String, tableLine: String) throws {
        do {
            try CampaignFolder.append(record, to: records)
            try CampaignFolder.append(tableLine, to: certificates)
        } catch {
            throw FolderError.unwritable(path, sentence(for: error))
        }
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

    private static func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
    }
}

/// Why a campaign folder cannot be used.
enum FolderError: Error, CustomStringConvertible {
    case notAFolder(String)
    case occupied(String, String)
    case unwritable(String, String)

    var description: String {
        switch self {
        case .notAFolder(let path): "\(path) is not a folder; name another one with --output"
        case .occupied(let path, let name):
            "the folder \(path) already holds a campaign (\(name)), which is never overwritten; "
                + "name another one with --output"
        case .unwritable(let path, let reason): "cannot write to the folder \(path): \(reason)"
        }
    }
}

/// What the system says about a failed file operation, without the wrapping.
private func sentence(for error: any Error) -> String {
    let error = error as NSError
    if let underlying = error.userInfo[NSUnderlyingErrorKey] as? NSError,
        underlying.domain == NSPOSIXErrorDomain
    {
        return String(cString: strerror(Int32(underlying.code)))
    }
    if error.domain == NSPOSIXErrorDomain { return String(cString: strerror(Int32(error.code))) }
    return error.localizedDescription
}
