import Testing

/// `wardein simulate`, as anyone may run it.
@Suite struct SimulateTests {
    @Test func `many seeds pass, and it is said what went wrong how often`() throws {
        let seeds = Program.isRelease ? 300 : 10
        let outcome = try Program.run(["simulate", "--seeds", "\(seeds)", "--first-seed", "5000"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("\(seeds) campaigns"))
        #expect(outcome.output.contains("all records are right"))
        #expect(outcome.output.firstMatch(of: /crash-coordinator +[1-9]/) != nil)
    }

    @Test func `a mistake is named with its seed and the command that replays it`() throws {
        let outcome = try Program.run(["simulate", "--seeds", "20", "--plant", "counts-twice"])
        #expect(outcome.status == 1)
        let sentence = try #require(
            outcome.errors.firstMatch(of: /seed (\d+): law 2: .*Replay it with: wardein (.*)\n/))
        let replay = try Program.run(sentence.2.split(separator: " ").map(String.init))
        #expect(replay.status == 1)
        #expect(replay.errors.contains("law 2"))
        #expect(replay.output.contains("** law 2"))
    }

    @Test func `a scenario that makes no sense is refused with its line`() throws {
        let scratch = try Scratch()
        let file = try scratch.write("drop share=2\n".utf8, to: "faults.txt")
        let outcome = try Program.run(["simulate", "--faults", file])
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("line 1 of the scenario, 'drop share=2'"))
    }
}
