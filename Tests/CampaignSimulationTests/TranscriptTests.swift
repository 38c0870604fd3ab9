import CampaignSimulation
import Foundation
import Testing

/// Plays that a reviewer can read: stage directions, and what coordinator and workers then say.
///
/// `WARDEIN_WRITE_TRANSCRIPTS=1 swift test --filter TranscriptTests` writes them anew; the change is
/// to be read like any other.
@Suite struct TranscriptTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Transcripts")
    private static let curtain = "\n-----\n"

    @Test(arguments: [
        "undisturbed", "killed-worker", "killed-coordinator", "full-disk", "straggler",
        "drained-worker", "failing-classifier",
    ])
    func `the play goes as it is written`(name: String) throws {
        let file = Self.folder.appending(path: name + ".txt")
        let text = try String(contentsOf: file, encoding: .utf8)
        let directions = try #require(text.components(separatedBy: Self.curtain).first)
        let outcome = Simulation.run(
            try Scenario(parsing: directions), seed: 1, wire: .real, writesTranscript: true)
        #expect(outcome.violation == nil)
        let play = try #require(outcome.transcript).joined(separator: "\n")
        let whole = directions.trimmingCharacters(in: .newlines) + "\n" + Self.curtain + play + "\n"
        if ProcessInfo.processInfo.environment["WARDEIN_WRITE_TRANSCRIPTS"] != nil {
            try Data(whole.utf8).write(to: file)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == whole)
    }

    @Test func `every play that is written is played`() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        #expect(files.filter { $0.hasSuffix(".txt") }.count == 7)
    }
}
