import Foundation
import Testing

@testable import MachineResources

/// What a process takes, as Linux says it.
@Suite struct ProcessFiguresTests {
    /// proc(5): of the fields behind the name, starttime is the 20th and rss the 22nd.
    @Test func `fields are counted behind a name that holds anything`() {
        let text =
            "7 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4200 20 300 22"
        #expect(ProcessFigures.field(19, ofProcess: text) == 4200)
        #expect(ProcessFigures.field(21, ofProcess: text) == 300)
        #expect(
            ProcessFigures.startTime(
                ofProcess: text, machine: "cpu 1 2\nbtime 1000\n", ticksPerSecond: 100) == 1042)
        #expect(ProcessFigures.field(19, ofProcess: "7 (a) S 1") == nil)
    }

    @Test func `this process began before now, and has memory and the standard descriptors`() throws
    {
        let figures = ProcessFigures.ofThisProcess()
        #expect(try #require(figures.startTime) <= Date().timeIntervalSince1970 + 1)
        #expect(try #require(figures.startTime) > Date().timeIntervalSince1970 - 86400)
        #expect(try #require(figures.residentBytes) > 1 << 20)
        #expect(try #require(figures.openDescriptors) >= 3)
    }
}
