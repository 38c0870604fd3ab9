import Foundation
import Testing

@testable import ClusterLaunching

/// What other machines say gets to a terminal, and may be anything.
@Suite struct ForeignTextTests {
    @Test func `nothing steers the terminal`() {
        let text = "\u{1B}]0;title\u{7}\u{1B}[2Jgone\u{9B}31m\u{202E}txt\u{7F}\ta\r"
        #expect(text.fitForTerminal() == "�]0;title��[2Jgone�31m�txt� a")
        #expect("Grüße, 世界 🙂".fitForTerminal() == "Grüße, 世界 🙂")
    }

    @Test func `a long text is cut where a character ends`() {
        #expect("abcdef".fitForTerminal(upTo: 6) == "abcdef")
        #expect("abcdef".fitForTerminal(upTo: 5) == "abcde…")
        #expect("ééé".fitForTerminal(upTo: 5) == "éé…")
    }

    @Test(arguments: [1, 2, 3, 7, 100])
    func `lines are the same in pieces of any size`(size: Int) {
        let bytes = Array("one\n\ntwo\r\nthré\nrest".utf8)
        var lines = ForeignLines()
        var found: [String] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            found += lines.add(bytes[start..<min(start + size, bytes.count)])
        }
        #expect(found + lines.end() == ["one", "two", "thré", "rest"])
        #expect(lines.end() == [])
    }

    @Test func `a line without an end is cut, and the next one is whole`() {
        var lines = ForeignLines()
        for _ in 0..<100 { #expect(lines.add([UInt8](repeating: 120, count: 10_000)) == []) }
        let long = String(repeating: "x", count: ForeignLines.longestLine) + "…"
        #expect(lines.add("\nnext\n".utf8) == [long, "next"])
    }
}
