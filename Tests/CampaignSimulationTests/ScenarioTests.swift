import CampaignSimulation
import Testing

@Suite struct ScenarioTests {
    @Test func `a scenario is what its text says`() throws {
        let scenario = try Scenario(
            parsing: """
                # A remark.
                campaign inputs=2 selection=6 estimation=21 block=4 classes=5
                workers count=7 sessions=2 block-time=3s   # another one
                network delay=1ms..20ms
                phases safety=1min liveness=2min
                drop share=0.25
                crash-coordinator every=30s lasts=4s lose=unsynced
                at 3s slow-worker number=2 factor=9
                """)
        #expect(scenario.inputs == 2 && scenario.selection == 6 && scenario.estimation == 21)
        #expect(scenario.block == 4 && scenario.classes == 5)
        #expect(scenario.workers == 7 && scenario.sessions == 2)
        #expect(scenario.blockTime == .seconds(3))
        #expect(scenario.delay == .milliseconds(1)...(.milliseconds(20)))
        #expect(scenario.safety == .seconds(60) && scenario.liveness == .seconds(120))
        #expect(scenario.faults.map(\.kind) == [.drop, .crashCoordinator, .slowWorker])
        #expect(scenario.faults[0].share == 0.25)
        #expect(scenario.faults[1].every == .seconds(30) && scenario.faults[1].loss == .unsynced)
        #expect(scenario.faults[2].at == .seconds(3) && scenario.faults[2].factor == 9)
        #expect(scenario.faults[2].number == 2)
    }

    @Test func `everything that can go wrong is part of the usual scenario`() {
        #expect(Set(Scenario.everything.faults.map(\.kind)) == Set(Fault.Kind.allCases))
    }

    @Test(arguments: [
        ("frop share=0.1", "there is no 'frop'"),
        ("drop share=1.5", "share is '1.5', but must lie between 0 and 1"),
        ("drop every=3s", "happens by share="),
        ("crash-worker lasts=2s", "needs either 'at TIME' or every="),
        ("crash-worker every=soon", "every is 'soon', but must be a duration"),
        ("network delay=20ms..1ms", "must be a range such as 1ms..20ms"),
        ("campaign inputs=0", "inputs is '0', but must be a whole number from 1"),
        ("campaign size=3", "there is no setting 'size' here"),
        ("workers count", "'count' is not key=value"),
        ("crash-coordinator every=3s lose=all", "'all' cannot be lost"),
        ("at 3s", "'at' needs a time and a fault"),
    ])
    func `a line that makes no sense is named, and why`(line: String, reason: String) throws {
        let error = try #require(throws: ScenarioError.self) {
            try Scenario(parsing: "# remark\n" + line)
        }
        #expect(error.description.contains("line 2 of the scenario, '\(line)'"))
        #expect(error.description.contains(reason), "\(error)")
    }
}
