import CertificateRecords
import Digests
import Foundation
import RunFolders

/// The folder of a merged run before it has its name. Whoever finds it after the merge was killed sees by its
/// name, and for want of a manifest, that it is no run.
struct UnfinishedFolder {
    let path: String
    private let output: String

    init(for output: String) throws {
        var output = output[...]
        while output.count > 1, output.last == "/" { output.removeLast() }
        self.output = String(output)
        path = "\(output).unfinished-\(UUID().uuidString.prefix(8).lowercased())"
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        } catch {
            throw MergeError.unwritable(path, MergeError.reason(error))
        }
    }

    /// Writes what the parts become; the manifest last.
    func write(_ run: MergedRun, origins: [String], command: [String]) throws {
        try write(.records) { line in try run.forEachRecord { try line($0.text) } }
        if run.hasTable {
            try write(.certificates) { line in
                try line(Array(CertificateRecord.tabSeparatedHeader.utf8))
                try run.forEachTableLine { try line($0.text) }
            }
        }
        let account = MergedProvenance(run, origins: origins, command: command)
        try write(account.page, to: RunFolder.File.provenance.rawValue)
        try write(account.status, to: "status.json")
        try write(run.manifest, to: RunFolder.File.manifest.rawValue)
    }

    /// Gives the folder its name.
    func finish() throws {
        guard rename(path, output) == 0 else {
            throw MergeError.unwritable(output, String(cString: strerror(errno)))
        }
    }

    func discard() { try? FileManager.default.removeItem(atPath: path) }

    private func write(_ text: String, to name: String) throws {
        try write(name) { try $0(Array(text.utf8).dropLast()) }
    }

    private func write(
        _ file: RunFolder.File, _ lines: ((_ line: [UInt8]) throws -> Void) throws -> Void
    ) throws {
        try write(file.rawValue, lines)
    }

    /// Writes lines in pieces, and returns when they are on the disk.
    private func write(
        _ name: String, _ lines: ((_ line: [UInt8]) throws -> Void) throws -> Void
    ) throws {
        let pieceSize = 1 << 20
        do {
            try Data().write(to: URL(filePath: "\(path)/\(name)"), options: .withoutOverwriting)
            let file = try FileHandle(forWritingTo: URL(filePath: "\(path)/\(name)"))
            var piece = Data(capacity: 2 * pieceSize)
            try lines { line in
                piece.append(contentsOf: line)
                piece.append(UInt8(ascii: "\n"))
                guard piece.count >= pieceSize else { return }
                try file.write(contentsOf: piece)
                piece.removeAll(keepingCapacity: true)
            }
            try file.write(contentsOf: piece)
            try file.synchronize()
            try file.close()
        } catch let error as RunFolderError {
            throw error
        } catch {
            throw MergeError.unwritable("\(path)/\(name)", MergeError.reason(error))
        }
    }
}

/// A copy of the files of a run that others may want: not of its journal, which only a resume needs.
struct PartCopy {
    private let folder: RunFolder
    private let path: String

    init(of folder: RunFolder, at path: String) {
        self.folder = folder
        self.path = path
    }

    func make() throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        } catch {
            throw MergeError.unwritable(path, MergeError.reason(error))
        }
        for file in RunFolder.File.allCases where folder.has(file) { try copy(file) }
    }

    private func copy(_ file: RunFolder.File) throws {
        let (from, to) = (folder.path(of: file), "\(path)/\(file.rawValue)")
        // A stranger's run may have a pipe or a device for a file.
        let target = URL(filePath: from).resolvingSymlinksInPath().path
        let attributes = try? FileManager.default.attributesOfItem(atPath: target)
        guard attributes?[.type] as? FileAttributeType == .typeRegular else {
            throw MergeError.irregular(from)
        }
        guard let source = FileHandle(forReadingAtPath: target) else {
            throw RunFolderError.unreadable(from, "permission denied")
        }
        do {
            try Data().write(to: URL(filePath: to), options: .withoutOverwriting)
            let copy = try FileHandle(forWritingTo: URL(filePath: to))
            while let piece = try source.read(upToCount: 1 << 20), !piece.isEmpty {
                try copy.write(contentsOf: piece)
            }
            try copy.synchronize()
            try copy.close()
        } catch {
            throw MergeError.unwritable(to, MergeError.reason(error))
        }
    }
}
