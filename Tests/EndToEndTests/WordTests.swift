import Foundation
import Testing

/// Law 7: "Say what is not said." A certificate makes nothing secure or safe, and nothing is guaranteed.
@Suite struct WordTests {
    @Test func `no text of the program calls anything secure, safe or guaranteed`() throws {
        let sources = Program.project.appending(path: "Sources")
        let files = try #require(FileManager.default.enumerator(atPath: sources.path))
        var literals = 0
        for case let file as String in files where file.hasSuffix(".swift") {
            let text = try String(contentsOf: sources.appending(path: file), encoding: .utf8)
            for literal in Self.literals(in: text) {
                literals += 1
                #expect(!Self.names(literal), "\(file): \(literal)")
            }
        }
        #expect(literals > 1000)
    }

    @Test func `whole words in texts count, and nothing else`() {
        #expect(Self.names("it is Safe, then") && Self.names("guaranteed"))
        #expect(!Self.names("insecure plaintext") && !Self.names("unsafely"))
        let code = """
            // "safe" in a comment
            let a = "said \\"secure\\" here" /* "x" */ + b
            """
        #expect(Self.literals(in: code) == ["said \\\"secure\\\" here"])
    }

    private static func names(_ text: String) -> Bool {
        text.contains(/(?i)\b(secure|safe|guaranteed)\b/)
    }

    /// Strings on one line and on several, without what stands in comments.
    private static func literals(in code: String) -> [String] {
        let pattern =
            /(?s)\/\/[^\n]*|\/\*.*?\*\/|"""(?<long>.*?)"""|"(?<short>(?:[^"\\\n]|\\.)*)"/
        return code.matches(of: pattern).compactMap { match in
            (match.output.long ?? match.output.short).map(String.init)
        }
    }
}
