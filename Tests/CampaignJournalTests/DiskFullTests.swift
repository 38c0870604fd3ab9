import CampaignJournal
import Foundation
import Testing

@Suite struct DiskFullTests {
    /// Mounts a file system of so many bytes; false when this process may not.
    private static func mount(bytes: Int, at path: String) -> Bool {
        run("mount", "-t", "tmpfs", "-o", "size=\(bytes)", "tmpfs", path)
    }

    private static func run(_ arguments: String...) -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    private static let mayMount: Bool = {
        guard let folder = try? TemporaryFolder(), mount(bytes: 4096, at: folder.path) else {
            return false
        }
        return run("umount", folder.path)
    }()

    @Test(.enabled(if: mayMount, "only root may mount a small file system"))
    func `a full disk is a sentence, and nothing is lost when there is space again`() throws {
        let folder = try TemporaryFolder()
        try #require(DiskFullTests.mount(bytes: 8 << 20, at: folder.path))
        defer { _ = DiskFullTests.run("umount", folder.path) }
        let story = Story(seed: 51, length: 400, classes: 100)
        let journal = try folder.create()
        var appended = 0
        try journal.append([story.entries[0]])
        appended = 1
        try Data(count: 7 << 20).write(to: URL(filePath: folder.file("ballast")))
        var failure: JournalError?
        while appended < story.entries.count, failure == nil {
            do throws(JournalError) {
                try journal.append([story.entries[appended]])
                appended += 1
            } catch { failure = error }
        }
        let sentence = try #require(failure).description
        #expect(sentence.contains("disk is full") || sentence.contains("No space left"))
        #expect(throws: JournalError.self) {
            try journal.append(Array(story.entries[appended...]))
        }
        #expect(try Model(reading: journal) == Model(story.entries[..<appended]))

        try FileManager.default.removeItem(atPath: folder.file("ballast"))
        let end = appended + 40
        for entry in story.entries[appended..<end] { try journal.append([entry]) }
        #expect(try Model(reading: journal) == Model(story.entries[..<end]))
        journal.close()
        let again = try CampaignJournal.open(at: folder.file())
        #expect(try Model(reading: again) == Model(story.entries[..<end]))
        again.close()
    }
}
