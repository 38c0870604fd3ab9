import CertificateRecords
import Foundation
import RunFolders
import Testing

/// Bad files are named, with the line, and never half believed.
@Suite struct RunFolderTests {
    private func withFile(_ contents: String, _ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "wardein-folder-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try contents.write(toFile: folder + "/records.jsonl", atomically: false, encoding: .utf8)
        try body(folder)
    }

    private func lines(of path: String) throws -> [String] {
        var reader = try LineReader(path)
        var lines: [String] = []
        while let line = try reader.next() { lines.append(String(decoding: line, as: UTF8.self)) }
        #expect(reader.number == lines.count)
        return lines
    }

    @Test(arguments: [0, 1, 7, 1 << 20, 1 << 20 - 1, 1 << 20 + 1, 3_000_000])
    func `lines of any length are read whole, across the pieces of the file`(length: Int) throws {
        let expected = ["first", String(repeating: "x", count: length), "", "last"]
        try withFile(expected.joined(separator: "\n") + "\n") {
            let read = try lines(of: $0 + "/records.jsonl")
            #expect(read == expected)
        }
        try withFile("") {
            let read = try lines(of: $0 + "/records.jsonl")
            #expect(read.isEmpty)
        }
    }

    @Test func `a file that ends within a line was truncated`() throws {
        try withFile("{}\n{\"index\":1") { folder in
            let error = #expect(throws: RunFolderError.self) {
                try lines(of: folder + "/records.jsonl")
            }
            #expect(error?.description.contains("line 2: the file ends within this line") == true)
        }
    }

    @Test func `a folder without a manifest is no campaign`() throws {
        try withFile("") { folder in
            #expect(throws: RunFolderError.noCampaign(folder)) { try RunFolder(at: folder) }
            #expect(throws: RunFolderError.noFolder(folder + "/records.jsonl")) {
                try RunFolder(at: folder + "/records.jsonl")
            }
            #expect(throws: RunFolderError.missing(folder + "/no")) {
                try RunFolder(at: folder + "/no")
            }
        }
    }
}
