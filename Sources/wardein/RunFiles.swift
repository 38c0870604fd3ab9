import CertificateRecords
import CertificationReports
import Foundation
import RunFolders

/// The folders of campaigns and the tables of other programs that were named.
struct RunFiles {
    private let paths: [String]
    private let claim: TableClaimOptions

    init(_ paths: [String], claim: TableClaimOptions) {
        self.paths = paths
        self.claim = claim
    }

    /// What each says, in order.
    func outcomes() throws -> [RunOutcomes] {
        var claims = try claim.claims(tables: paths.count(where: RunFiles.isTable))[...]
        return try paths.map { path in
            guard RunFiles.isTable(path), let claim = claims.popFirst() else {
                return try RunFiles.campaign(path)
            }
            let table = try RunFiles.table(path)
            return try RunOutcomes(name: path, table: table, claim: claim)
        }
    }

    /// Whatever is no folder; a path with nothing there is answered as a folder.
    private static func isTable(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            && !isFolder.boolValue
    }

    private static func campaign(_ path: String) throws -> RunOutcomes {
        guard FileManager.default.fileExists(atPath: path) else {
            throw RunFileError(
                "there is no \(path); give the folder of a campaign or a table of certificates")
        }
        let folder = try RunFolder(at: path)
        let manifest = try folder.manifest()
        var outcomes: [InputOutcome] = []
        try folder.forEachRecord { record in
            guard record.campaign == manifest.campaign(of: record.index) else {
                throw RunFileError(
                    "\(folder.path(of: .records)), line \(outcomes.count + 1): the record is of another "
                        + "campaign than manifest.json")
            }
            outcomes.append(InputOutcome(record))
        }
        try check(outcomes, path: folder.path(of: .records))
        return RunOutcomes(name: path, manifest: manifest, outcomes: outcomes)
    }

    private static func check(_ outcomes: [InputOutcome], path: String) throws {
        var seen: Set<Int> = []
        for outcome in outcomes where !seen.insert(outcome.index).inserted {
            throw RunFileError("\(path): there are two records of input \(outcome.index)")
        }
        guard !outcomes.isEmpty else { throw RunFileError("\(path): there is no record yet") }
    }

    /// A line has some forty bytes: room for six million inputs.
    private static let largestTable = 256 << 20

    private static func table(_ path: String) throws -> CertificateTable {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw RunFileError("cannot read \(path): permission denied")
        }
        // Data of a device that never ends would fill the memory.
        guard let data = try file.read(upToCount: largestTable + 1), data.count <= largestTable
        else {
            throw RunFileError(
                "cannot read \(path): it is empty, or has more than \(largestTable >> 20) MiB")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw RunFileError("cannot read \(path): it is no text (UTF-8)")
        }
        do {
            let table = try CertificateTable(reading: text)
            guard !table.rows.isEmpty else {
                throw RunFileError("\(path): there is a header and no line below it")
            }
            return table
        } catch let error as CertificateTableError {
            throw RunFileError("\(path), \(error)")
        }
    }
}

/// Why a file cannot be compared: one sentence with its path.
struct RunFileError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
