import ClassifierRuntime
import Digests
public import Foundation
import Sodium

/// The files that a worker on another host needs: the program, ONNX Runtime, and the libraries that
/// the program was built with and that no package of the system holds, such as Swift's.
///
/// On the host they lie in `~/.cache/wardein/DIGEST`, the digest being that of them all, so two
/// versions never mix.
public struct WorkerFiles: Hashable, Sendable {
    let files: [File]
    /// Known by the names and the contents of all files.
    let digest: Digest

    /// A file and what it is called on the host.
    struct File: Hashable, Sendable {
        let name: String
        let source: URL
        let size: Int
        let digest: Digest
    }

    /// The files of the program that runs, which lies there.
    public init(program: URL) throws {
        let runtime = try OnnxRuntime.load()
        var sources = [
            WorkerFiles.program: program,
            "libonnxruntime.so": URL(filePath: runtime.path).resolvingSymlinksInPath(),
        ]
        for library in WorkerFiles.librariesOutsideTheSystem()
        where !library.lastPathComponent.hasPrefix("libonnxruntime.") {
            sources[library.lastPathComponent] = library
        }
        try self.init(sources)
    }

    /// The files at these places, by what they are called on the host.
    init(_ sources: [String: URL]) throws {
        files = try sources.sorted { $0.key < $1.key }.map { name, source in
            let (size, digest) = try WorkerFiles.measure(source)
            return File(name: name, source: source, size: size, digest: digest)
        }
        digest = SHA256.digest(of: Array(WorkerFiles.checksums(of: files).utf8))
    }

    /// What their folder on a host is called.
    var name: String { digest.hex }

    /// What the program is called on the host.
    static let program = "wardein"

    /// As `sha256sum` prints and checks them.
    var checksums: String { WorkerFiles.checksums(of: files) }

    /// How large they are together, for a person.
    var size: String { "\((files.map(\.size).reduce(0, +) + 500_000) / 1_000_000) MB" }

    private static func checksums(of files: [File]) -> String {
        files.map { "\($0.digest.hex)  \($0.name)\n" }.joined()
    }

    /// How many bytes a file has, and their digest.
    static func measure(_ file: URL) throws -> (Int, Digest) {
        do {
            let reading = try FileHandle(forReadingFrom: file)
            defer { try? reading.close() }
            var hash = SHA256()
            var size = 0
            while let piece = try reading.read(upToCount: 1 << 20), !piece.isEmpty {
                hash.update([UInt8](piece))
                size += piece.count
            }
            return (size, hash.finalize())
        } catch {
            throw HostError("\(file.path) cannot be read: \(error.localizedDescription)")
        }
    }

    /// The shared libraries of this process that lie in no folder which every loader searches.
    private static func librariesOutsideTheSystem() -> [URL] {
        // The file has no size: it must be read to its end.
        let maps = try? FileHandle(forReadingAtPath: "/proc/self/maps")?.readToEnd()
        let paths = String(decoding: maps ?? Data(), as: UTF8.self).split(separator: "\n")
            .compactMap { line in line.firstIndex(of: "/").map { String(line[$0...]) } }
        return Set(paths).sorted().map { URL(filePath: $0) }.filter { file in
            let folder = file.deletingLastPathComponent().path
            return file.lastPathComponent.contains(#/\.so(\.|$)/#)
                && folder.wholeMatch(of: #/(/usr)?/lib(64|32)?(/[^/]+-linux-gnu)?/#) == nil
        }
    }
}
