import Testing

@testable import ClusterLaunching

@Suite struct SlurmTimeLimitTests {
    @Test(arguments: ["90", "30:00", "2:00:00", "1-12", "1-12:30", "1-12:30:00", "UNLIMITED", "2"])
    func `a time limit is one of Slurm's forms`(text: String) {
        #expect(SlurmTimeLimit(text)?.text == text)
    }

    @Test(arguments: [
        "5x", "", "1", "0", "1:59", "-1", "1-", "-", "2h", "1:2:3:4", "1-2-3", "1::2",
    ])
    func `what is no time limit, or leaves no time, is none`(text: String) {
        #expect(SlurmTimeLimit(text) == nil)
    }
}
