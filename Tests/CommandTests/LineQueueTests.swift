import Foundation
import Testing

@testable import wardein

/// Whoever does not read what is said holds up nobody, and learns how much was lost.
@Suite struct LineQueueTests {
    @Test func `lines go out in order, and all of them before a flush returns`() throws {
        let pipe = Pipe()
        let queue = LineQueue(to: pipe.fileHandleForWriting.fileDescriptor)
        let lines = (0..<1000).map { "line \($0)" }
        for line in lines { queue.add(line + "\n") }
        queue.flush()
        try pipe.fileHandleForWriting.close()
        let read = try #require(try pipe.fileHandleForReading.readToEnd())
        #expect(String(decoding: read, as: UTF8.self) == lines.joined(separator: "\n") + "\n")
    }

    @Test func `a pipe that nobody reads blocks nobody, and what was dropped is counted`() throws {
        let pipe = Pipe()
        let queue = LineQueue(to: pipe.fileHandleForWriting.fileDescriptor)
        let line = String(repeating: "x", count: 99) + "\n"
        let count = 20_000
        for _ in 0..<count { queue.add(line) }
        // That this returns is the first half of the test.
        queue.flush()
        var text = ""
        var (written, dropped) = (0, 0)
        while written + dropped < count {
            text += String(decoding: part(of: pipe), as: UTF8.self)
            written = text.count { $0 == "\n" }
            let notes = text.matches(of: /wardein: (\d+) lines were not written here\n/)
            written -= notes.count
            dropped = notes.reduce(0) { $0 + (Int($1.1) ?? 0) }
        }
        #expect(written + dropped == count)
        #expect(written >= LineQueue.capacity / 100)
        #expect(dropped > 0)
        queue.add("again\n")
        #expect(part(of: pipe) == Data("again\n".utf8))
    }

    /// What there is to read now, once there is anything.
    private func part(of pipe: Pipe) -> Data {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = read(pipe.fileHandleForReading.fileDescriptor, &bytes, bytes.count)
        return Data(bytes.prefix(max(0, count)))
    }
}
