public import CertificateRecords
import Foundation

/// The folder of a campaign, to be read: what `wardein certify` and its like wrote there.
public struct RunFolder: Sendable {
    /// The folder.
    public let path: String

    /// A file of a campaign.
    public enum File: String, CaseIterable, Sendable {
        /// The plan, sealed before the first draw.
        case manifest = "manifest.json"
        /// One record an input.
        case records = "records.jsonl"
        /// The same as the field's table.
        case certificates = "certificates.tsv"
        /// Who counted what.
        case provenance = "provenance.json"
        /// Who vouches for the first three.
        case signature = "signature.json"
    }

    /// A folder with a manifest.
    ///
    /// - Throws: ``RunFolderError`` if there is none.
    public init(at path: String) throws {
        self.path = path
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw RunFolderError.missing(path)
        }
        guard isFolder.boolValue else { throw RunFolderError.noFolder(path) }
        guard has(.manifest) else { throw RunFolderError.noCampaign(path) }
    }

    /// Where a file is.
    public func path(of file: File) -> String { "\(path)/\(file.rawValue)" }

    /// Whether a file is there.
    public func has(_ file: File) -> Bool {
        FileManager.default.fileExists(atPath: path(of: file))
    }

    /// The manifest.
    ///
    /// - Throws: ``RunFolderError``, which names the file and the place, or the folders of the noise
    ///   levels if it binds several campaigns.
    public func manifest() throws -> RecordedManifest {
        try reading(.manifest) {
            let json = try JSON(parsing: bytes(of: .manifest))
            if let whole = try RecordedNoiseLevels(json) {
                throw RunFolderError.severalLevels(
                    path, folders: whole.levels.map { "\(path)/\($0.folder)" })
            }
            return try RecordedManifest(json)
        }
    }

    /// The manifest that binds the campaigns at several noise levels; nil: the folder is that of one.
    ///
    /// - Throws: ``RunFolderError``, which names the file and the place.
    public func noiseLevels() throws -> RecordedNoiseLevels? {
        try reading(.manifest) { try RecordedNoiseLevels(JSON(parsing: bytes(of: .manifest))) }
    }

    /// The provenance file; nil where there is none.
    ///
    /// - Throws: ``RunFolderError``, which names the file and the place.
    public func provenance() throws -> JSON? {
        guard has(.provenance) else { return nil }
        return try reading(.provenance) { try JSON(parsing: bytes(of: .provenance)) }
    }

    /// Hands over the records in the order of the file, one at a time.
    ///
    /// - Throws: ``RunFolderError``, which names the line, or what the body throws.
    public func forEachRecord(_ body: (RecordedCertificate) throws -> Void) throws {
        var lines = try lines(of: .records)
        while let line = try lines.next() {
            let record = try reading(.records, line: lines.number) {
                try RecordedCertificate(line: line)
            }
            try body(record)
        }
    }

    /// The lines of a file.
    public func lines(of file: File) throws -> LineReader { try LineReader(path(of: file)) }

    /// All bytes of a file.
    public func bytes(of file: File) throws -> [UInt8] {
        do {
            return try [UInt8](Data(contentsOf: URL(filePath: path(of: file))))
        } catch {
            throw RunFolderError.unreadable(path(of: file), RunFolderError.reason(path(of: file)))
        }
    }

    func reading<Value>(
        _ file: File, line: Int? = nil, _ read: () throws -> Value
    ) throws -> Value {
        do {
            return try read()
        } catch let error as RunFolderError {
            throw error
        } catch {
            throw RunFolderError.malformed(path(of: file), line: line, "\(error)")
        }
    }
}

/// Why a campaign cannot be read.
public enum RunFolderError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is nothing at this path.
    case missing(String)
    /// It is a file.
    case noFolder(String)
    /// There is no manifest in it.
    case noCampaign(String)
    /// It holds campaigns at several noise levels, in these folders.
    case severalLevels(String, folders: [String])
    /// A file cannot be read, and why.
    case unreadable(String, String)
    /// A file cannot be written.
    case unwritable(String)
    /// There is a signature already.
    case signed(String)
    /// A file, or a line of it, is not what it should be.
    case malformed(String, line: Int?, String)

    /// One sentence.
    public var description: String {
        switch self {
        case .missing(let path): "there is no folder \(path); give the folder of a campaign"
        case .noFolder(let path): "\(path) is a file; give the folder of a campaign"
        case .noCampaign(let path):
            "there is no campaign in \(path): manifest.json is missing; give the folder that "
                + "--output named"
        case .severalLevels(let path, let folders):
            "\(path) holds campaigns at several noise levels, and this takes one of them: give "
                + folders.joined(separator: " or ")
        case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
        case .unwritable(let path): "cannot write \(path)"
        case .signed(let path):
            "\(path) is signed already, and a signature is not overwritten: remove its signature.json "
                + "first"
        case .malformed(let path, let line, let reason):
            "\(path)\(line.map { ", line \($0)" } ?? ""): \(reason)"
        }
    }

    static func reason(_ path: String) -> String {
        guard FileManager.default.fileExists(atPath: path) else { return "there is no such file" }
        guard FileManager.default.isReadableFile(atPath: path) else { return "permission denied" }
        return "it is no file"
    }
}
