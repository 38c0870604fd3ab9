import Foundation
import Testing

@testable import ClusterLaunching

@Suite struct RemoteShellTests {
    private static let script = """
        x() (
            cat <<'END'
        it's "a" \\1 !! $HOME `x` ~ # %
        END
        )
        x
        trap 'echo trapped' EXIT
        printf 'lib => not found\\n' | sed -n 's/^\\(.*\\) => not.*/\\1/p'
        head -c 3
        exit 7
        \(String(repeating: "# more than csh takes as one word\n", count: 100))
        """

    private static let shells = ["sh", "bash", "dash", "zsh", "bsd-csh", "tcsh", "fish"]
        .map { "/usr/bin/\($0)" }.filter { FileManager.default.isExecutableFile(atPath: $0) }

    @Test(arguments: shells)
    func `a script runs unchanged whatever the login shell is`(shell: String) throws {
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = URL(filePath: shell)
        process.arguments = ["-c", RemoteShell.command(Self.script)]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data("abcdef".utf8))
        try input.fileHandleForWriting.close()
        let text = PipeReader(output.fileHandleForReading, keeping: .first).text()
        process.waitUntilExit()
        #expect(text == #"it's "a" \1 !! $HOME `x` ~ # %"# + "\nlib\nabctrapped\n")
        #expect(process.exitCode == 7)
    }

    @Test func `words of the shell keep every character`() {
        #expect(RemoteShell.quoted("it's $HOME") == #"'it'\''s $HOME'"#)
    }

    @Test func `a command that fills both pipes ends, and no more is kept than a limit`() throws {
        let folder = URL(filePath: NSTemporaryDirectory())
            .appending(path: "wardein-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "file")
        try Data(count: 1 << 20).write(to: file)
        var shell = RemoteShell(host: try Host("a", options: []), configuration: nil)
        // Everything but the command itself is dropped.
        shell.client = ["sh", "-c", #"for last; do :; done; exec sh -c "$last""#, "ssh"]
        let flood = "head -c 300000 /dev/zero | tr '\\0'"
        let answer = try shell.run(
            "\(flood) e >&2; cat | wc -c; \(flood) o; echo end >&2", reading: [file])
        #expect(answer.status == 0)
        #expect(answer.output.hasPrefix("1048576\n") && answer.output.count == 300_008)
        #expect(answer.errors.count == 65_536 && answer.errors.hasSuffix("e" + "end\n"))
        #expect(answer.lastWords.hasSuffix("…"))
    }
}
