public import CampaignScheduling
import RandomizedSmoothing

/// One campaign on a simulated network and clock: the real cores of coordinator and workers, and
/// around them everything that can go wrong, from one seed.
///
/// First comes a safety phase, in which the faults of the scenario happen and no law may be broken;
/// then a liveness phase, in which nothing goes wrong any more and the campaign must end.
///
/// ```swift
/// let outcome = Simulation.run(.everything, seed: 7)
/// if let violation = outcome.violation { print(violation) }
/// ```
public struct Simulation {
    let scenario: Scenario
    let bug: PlantedBug?
    let wire: WireCodec?
    let toy: ToyCampaign

    var random: SeededRandom
    var now = Duration.zero
    var queue = EventQueue<Event>()
    var coordinator = SimulatedCoordinator()
    var workers: [SimulatedWorker]
    var checker: LawChecker
    var outcome: SimulationOutcome

    /// Simulates a campaign to its end or to the first law that is broken.
    ///
    /// - Parameters:
    ///   - scenario: the campaign and what befalls it.
    ///   - seed: all chance.
    ///   - bug: a mistake to make on purpose.
    ///   - wire: the real encoding; without it a message whose bytes were changed is just lost.
    ///   - writesTranscript: whether everything that happens is written down.
    public static func run(
        _ scenario: Scenario, seed: UInt64, bug: PlantedBug? = nil, wire: WireCodec? = nil,
        writesTranscript: Bool = false
    ) -> SimulationOutcome {
        var simulation = Simulation(
            scenario, seed: seed, bug: bug, wire: wire, writesTranscript: writesTranscript)
        simulation.run()
        return simulation.outcome
    }

    private init(
        _ scenario: Scenario, seed: UInt64, bug: PlantedBug?, wire: WireCodec?,
        writesTranscript: Bool
    ) {
        self.scenario = scenario
        self.bug = bug
        self.wire = wire
        toy = ToyCampaign(scenario)
        random = SeededRandom(seed: seed)
        workers = (0..<scenario.workers).map { SimulatedWorker(slot: $0) }
        checker = LawChecker(toy)
        outcome = SimulationOutcome(seed: seed, writesTranscript: writesTranscript)
    }

    /// What is going to happen.
    enum Event: Sendable {
        case startCoordinator
        case tickCoordinator(epoch: Int)
        /// The coordinator writes what it has done since the last time to its journal.
        case flush(epoch: Int)
        case startWorker(Int)
        case tickWorker(Int, life: Int)
        case prepared(Int, life: Int)
        case counted(Int, life: Int, Lease)
        case arrivesAtCoordinator(Parcel<WorkerMessage>)
        case arrivesAtWorker(Parcel<CoordinatorMessage>)
        case contradict(Int, life: Int, Tally)
        case fault(Int)
        case heal(Int)
        case speedUp(Int)
    }

    static let tick = Duration.milliseconds(100)

    /// Whether things still go wrong.
    var isSafetyPhase: Bool { now < scenario.safety }

    private mutating func run() {
        queue.add(.startCoordinator, at: .zero)
        for slot in workers.indices { queue.add(.startWorker(slot), at: .zero) }
        for place in scenario.faults.indices { scheduleFault(place) }
        let deadline = scenario.safety + scenario.liveness
        while !coordinator.isFinished, outcome.violation == nil {
            guard let (event, time) = queue.next() else { break }
            now = time
            guard now <= deadline else { break }
            outcome.events += 1
            happen(event)
        }
        outcome.elapsed = now
        guard outcome.violation == nil else { return }
        guard coordinator.isFinished else {
            outcome.violation = Violation(
                law: nil,
                sentence: "the campaign did not end within \(scenario.liveness) after the last "
                    + "fault: \(coordinator.records.count) of \(scenario.inputs) inputs are decided"
            )
            return
        }
        checkRecords()
    }

    /// Law 1: the records are those of a campaign with one worker that nothing befell.
    private mutating func checkRecords() {
        let indices = coordinator.records.map(\.index)
        guard indices == toy.outline.inputs.map(\.index) else {
            outcome.violation = Violation(law: 1, sentence: "the records are of \(indices)")
            return
        }
        outcome.violation = coordinator.records.lazy.compactMap(checker.wrongCounts).first
    }

    private mutating func happen(_ event: Event) {
        switch event {
        case .startCoordinator: startCoordinator()
        case .tickCoordinator(let epoch): tickCoordinator(epoch)
        case .flush(let epoch): flush(epoch)
        case .startWorker(let slot): startWorker(slot)
        case .tickWorker(let slot, let life): tickWorker(slot, life)
        case .prepared(let slot, let life): prepared(slot, life)
        case .counted(let slot, let life, let lease): counted(slot, life, lease)
        case .arrivesAtCoordinator(let parcel): arrive(parcel)
        case .arrivesAtWorker(let parcel): arrive(parcel)
        case .contradict(let slot, let life, let tally): contradict(slot, life, tally)
        case .fault(let place): begin(place)
        case .heal(let slot): workers[slot].cut = .none
        case .speedUp(let slot): workers[slot].slowness = 1
        }
    }

    /// Writes a line of the transcript, if one is wanted.
    mutating func note(_ line: @autoclosure () -> String) {
        guard outcome.transcript != nil else { return }
        let thousandths = Int(now / .milliseconds(1))
        let fraction = String(thousandths % 1000 + 1000).dropFirst()
        let seconds = String(thousandths / 1000)
        let padding = String(repeating: " ", count: max(0, 4 - seconds.count))
        outcome.transcript?.append("\(padding)\(seconds).\(fraction)  \(line())")
    }

    mutating func violate(_ violation: Violation?) {
        guard let violation, outcome.violation == nil else { return }
        note("** \(violation)")
        outcome.violation = violation
    }
}

/// What came of a simulation.
public struct SimulationOutcome: Sendable {
    /// The seed.
    public let seed: UInt64
    /// The first law that was broken; nil: the campaign ended as it should.
    public internal(set) var violation: Violation?
    /// How often each kind of fault happened.
    public internal(set) var faults: [Fault.Kind: Int] = [:]
    /// How many events there were.
    public internal(set) var events = 0
    /// How much time passed in the simulated world.
    public internal(set) var elapsed = Duration.zero
    /// Everything that happened, a line each; nil when none was wanted.
    public internal(set) var transcript: [String]?
    /// How many connections were made, and how many samples were drawn by arrival.
    var connections = 0
    var arrivals = 0

    init(seed: UInt64, writesTranscript: Bool) {
        self.seed = seed
        transcript = writesTranscript ? [] : nil
    }
}

/// The real encoding of messages, handed in by whoever may use it.
public struct WireCodec: Sendable {
    /// The frames of a worker's message.
    public var encodeWorker: @Sendable (WorkerMessage) -> [[UInt8]]
    /// The worker's message in these frames; nil: they are malformed.
    public var decodeWorker: @Sendable ([[UInt8]]) -> WorkerMessage?
    /// The frames of a coordinator's message.
    public var encodeCoordinator: @Sendable (CoordinatorMessage) -> [[UInt8]]
    /// The coordinator's message in these frames; nil: they are malformed.
    public var decodeCoordinator: @Sendable ([[UInt8]]) -> CoordinatorMessage?

    /// Assembles the encoding from its parts.
    public init(
        encodeWorker: @escaping @Sendable (WorkerMessage) -> [[UInt8]],
        decodeWorker: @escaping @Sendable ([[UInt8]]) -> WorkerMessage?,
        encodeCoordinator: @escaping @Sendable (CoordinatorMessage) -> [[UInt8]],
        decodeCoordinator: @escaping @Sendable ([[UInt8]]) -> CoordinatorMessage?
    ) {
        self.encodeWorker = encodeWorker
        self.decodeWorker = decodeWorker
        self.encodeCoordinator = encodeCoordinator
        self.decodeCoordinator = decodeCoordinator
    }
}
