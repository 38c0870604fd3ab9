import CampaignMessages
import CampaignScheduling
import CampaignSimulation
import Testing

/// Laws 1 to 4 and 6 on whole campaigns, with everything that can go wrong.
@Suite struct SimulationTests {
    @Test(arguments: 0..<10)
    func `whatever goes wrong, the records are those of an undisturbed campaign`(part: Int) {
        for seed in UInt64(part * 6 + 1)...UInt64(part * 6 + 6) {
            let outcome = Simulation.run(.everything, seed: seed, wire: .real)
            #expect(
                outcome.violation == nil,
                "seed \(seed); replay: wardein simulate --first-seed \(seed) --transcript")
        }
    }

    /// "In rounds, each a function of all counts at the end of the round before, so law 1 still holds."
    @Test(arguments: [600, 1500, 4000])
    func `whatever goes wrong, a budget is spent on the same samples`(budget: Int) {
        var scenario = Scenario.everything
        scenario.budget = budget
        for seed: UInt64 in 1...8 {
            let outcome = Simulation.run(scenario, seed: seed, wire: .real)
            #expect(outcome.violation == nil, "seed \(seed)")
        }
    }

    @Test(arguments: [1, 2, 5], [1, 2])
    func `neither the number of workers nor of sessions changes a record`(
        workers: Int, sessions: Int
    ) {
        var scenario = Scenario.everything
        scenario.workers = workers
        scenario.sessions = sessions
        for seed: UInt64 in 1...3 {
            #expect(Simulation.run(scenario, seed: seed, wire: .real).violation == nil)
        }
    }

    @Test func `every kind of fault happens`() {
        var happened: Set<Fault.Kind> = []
        for seed: UInt64 in 1...8 {
            let faults = Simulation.run(.everything, seed: seed, wire: .real).faults
            happened.formUnion(faults.filter { $0.value > 0 }.keys)
        }
        #expect(happened == Set(Fault.Kind.allCases))
    }

    /// A checker that finds nothing proves nothing: each law is broken once, on purpose.
    @Test(arguments: PlantedBug.allCases)
    func `a planted mistake is noticed, and the law that it breaks is named`(bug: PlantedBug) {
        let found = (1...20 as ClosedRange<UInt64>).lazy.compactMap { seed in
            Simulation.run(.everything, seed: seed, bug: bug, wire: .real).violation
        }.first
        #expect(found?.law == bug.law)
    }

    @Test func `the same seed is the same campaign, event for event`() {
        let plays = (1...2).map { _ in
            Simulation.run(.everything, seed: 11, wire: .real, writesTranscript: true).transcript
        }
        #expect(plays[0] == plays[1])
        let other = Simulation.run(
            .everything, seed: 12, wire: .real, writesTranscript: true
        ).transcript
        #expect(plays[0] != other)
    }

    @Test func `without faults a campaign takes about as long as its counting`() {
        var scenario = Scenario()
        scenario.workers = 4
        let outcome = Simulation.run(scenario, seed: 1)
        let blocks = 6 * (3 + 75)
        let least = scenario.blockTime * blocks / 4
        #expect(outcome.violation == nil)
        #expect(outcome.elapsed > least && outcome.elapsed < least * 5 / 4)
    }
}

/// A large fleet on a virtual clock.
@Suite struct ScaleTests {
    @Test
    func `with workers lost and slow ones among them a campaign takes hardly longer than ideal`() {
        var size = ScaleSimulation.Size()
        (size.workers, size.inputs, size.estimation) = (600, 400, 60_000)
        size.lossPerMinute = 0.05
        let outcome = ScaleSimulation.run(size, seed: 1) { .zero }
        #expect(outcome.problem == nil)
        #expect(outcome.losses > 20)
        #expect(outcome.elapsed >= outcome.ideal)
        // One part in twenty, in simulated time: the same on every machine.
        #expect(outcome.elapsed < outcome.ideal * 21 / 20)
    }
}

extension WireCodec {
    /// The encoding that goes over the real network.
    static let real = WireCodec(
        encodeWorker: { WireFormat.encode($0) },
        decodeWorker: { try? WireFormat.decodeWorkerMessage($0) },
        encodeCoordinator: { WireFormat.encode($0) },
        decodeCoordinator: { try? WireFormat.decodeCoordinatorMessage($0) })
}
