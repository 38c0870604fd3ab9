import CampaignScheduling
import Digests
import RandomizedSmoothing
import SmoothingNoise

/// A campaign of a size that no test can run, on a virtual clock: the coordinator's core is the real
/// one, workers are reduced to what it sees of them, and all time is counted.
public struct ScaleSimulation {
    /// How large the campaign and its fleet are, and how often workers are lost.
    public struct Size: Sendable {
        /// How many workers there are at the beginning, of one session each.
        public var workers = 10_000
        /// Samples a second of most of them.
        public var rate = 400.0
        /// One worker in this many …
        public var slowEvery = 10
        /// … is so many times slower.
        public var slowness = 5.0
        /// The share of workers that is lost in a minute, their hosts with them.
        public var lossPerMinute = 0.01
        /// After which time a lost one is replaced.
        public var replacement = Duration.seconds(60)
        /// How many inputs are certified.
        public var inputs = 50_000
        /// How many samples bound the probability of each (n).
        public var estimation = 100_000
        /// How many samples select its class (n0).
        public var selection = 100
        /// How many samples are classified together.
        public var block = 50

        /// The usual size.
        public init() {}
    }

    /// What it came to.
    public struct Outcome: Sendable {
        /// When the campaign ended.
        public internal(set) var elapsed = Duration.zero
        /// When it would have ended if every worker that was alive had counted all the time.
        public internal(set) var ideal = Duration.zero
        /// How many events the coordinator's core had.
        public internal(set) var events = 0
        /// How long the core took for them, by the clock that was handed in.
        public internal(set) var coreTime = Duration.zero
        /// How many leases were lent.
        public internal(set) var leases = 0
        /// How many workers were lost.
        public internal(set) var losses = 0
        /// The first thing that went wrong; nil: nothing did.
        public internal(set) var problem: String?
    }

    private struct Worker {
        let rate: Double
        var life = 0
        var isAlive = false
        var held: [Lease] = []
        var isCounting = false
        var lastSpoke = Duration.zero
    }

    private enum Event: Sendable {
        case tick
        case start(Int)
        case lose(Int, life: Int)
        case ready(Int, life: Int)
        case beat(Int, life: Int)
        case granted(Int, life: Int, [Lease])
        case counted(Int, life: Int, Lease)
        case cancelled(Int, life: Int, [LeaseID])
    }

    private let size: Size
    private let toy: ToyCampaign
    private let clock: () -> Duration
    private var random: SeededRandom
    private var queue = EventQueue<Event>()
    private var workers: [Worker]
    private var core: CampaignCoordinator
    private var now = Duration.zero
    private var capacity = 0.0
    private var samplesLeft: Double
    private var outcome = Outcome()
    private var decided = 0
    private var isFinished = false

    private static let latency = Duration.milliseconds(1)
    private static let preparation = Duration.milliseconds(500)

    /// Runs the campaign to its end.
    ///
    /// - Parameters:
    ///   - size: how large it is.
    ///   - seed: who is lost, and when.
    ///   - clock: tells the real time, for what the core takes.
    public static func run(
        _ size: Size, seed: UInt64, clock: @escaping () -> Duration
    ) -> Outcome {
        var simulation = ScaleSimulation(size, seed: seed, clock: clock)
        simulation.run()
        return simulation.outcome
    }

    private init(_ size: Size, seed: UInt64, clock: @escaping () -> Duration) {
        self.size = size
        self.clock = clock
        random = SeededRandom(seed: seed)
        var scenario = Scenario()
        (scenario.inputs, scenario.block, scenario.classes) = (size.inputs, size.block, 10)
        (scenario.selection, scenario.estimation) = (size.selection, size.estimation)
        toy = ToyCampaign(scenario)
        core = CampaignCoordinator(plan: toy.plan, outline: toy.outline)
        workers = (0..<size.workers).map {
            Worker(rate: size.rate / ($0 % size.slowEvery == 0 ? size.slowness : 1))
        }
        samplesLeft = Double(toy.outline.totalSamples)
    }

    private mutating func run() {
        for index in workers.indices { queue.add(.start(index), at: .zero) }
        queue.add(.tick, at: .zero)
        while !isFinished, outcome.problem == nil, let (event, time) = queue.next() {
            passTime(until: time)
            happen(event)
        }
        outcome.elapsed = now
    }

    /// Counts what the workers that are alive could count meanwhile.
    private mutating func passTime(until time: Duration) {
        let possible = capacity * ((time - now) / .seconds(1))
        if samplesLeft > 0, possible >= samplesLeft {
            outcome.ideal = now + (time - now) * (samplesLeft / possible)
        }
        samplesLeft -= possible
        now = time
    }

    private mutating func happen(_ event: Event) {
        switch event {
        case .tick:
            handle(.tick)
            queue.add(.tick, at: now + .milliseconds(100))
        case .start(let index): start(index)
        case .lose(let index, let life): lose(index, life)
        case .ready(let index, let life):
            guard isSame(index, life) else { return }
            let ready = Ready(
                campaign: toy.plan.campaign, knownAnswer: toy.plan.knownAnswer, capacity: 2)
            say(.ready(ready), from: index)
        case .beat(let index, let life): beat(index, life)
        case .granted(let index, let life, let leases):
            guard isSame(index, life) else { return }
            workers[index].held += leases
            count(index)
        case .counted(let index, let life, let lease): counted(index, life, lease)
        case .cancelled(let index, let life, let ids):
            guard isSame(index, life) else { return }
            let first = workers[index].held.first?.id
            workers[index].held.removeAll { ids.contains($0.id) && $0.id != first }
        }
    }

    private func isSame(_ index: Int, _ life: Int) -> Bool {
        workers[index].isAlive && workers[index].life == life
    }

    private mutating func start(_ index: Int) {
        workers[index].life += 1
        workers[index].isAlive = true
        workers[index].held = []
        workers[index].isCounting = false
        capacity += workers[index].rate
        let life = workers[index].life
        let perSecond = size.lossPerMinute / 60
        let uniform = Double(1 + random.below(1 << 30)) * 0x1p-30
        // Exponentially distributed, by a series of coin tosses instead of a logarithm.
        var seconds = 0.0
        var chance = 1.0
        while chance > uniform, seconds < 1e6 {
            seconds += 1
            chance *= 1 - perSecond
        }
        queue.add(.lose(index, life: life), at: now + .seconds(seconds))
        let bytes = (0..<16).map { place in
            UInt8(truncatingIfNeeded: (place < 8 ? index : life) >> (8 * (place % 8)))
        }
        guard let id = WorkerID(bytes: bytes) else { return }
        say(.hello(toy.hello(id, name: "w\(index)", sessions: 1)), from: index)
        queue.add(.beat(index, life: life), at: now + .seconds(1))
    }

    private mutating func lose(_ index: Int, _ life: Int) {
        guard isSame(index, life) else { return }
        outcome.losses += 1
        capacity -= workers[index].rate
        workers[index].isAlive = false
        queue.add(.start(index), at: now + size.replacement)
    }

    private mutating func beat(_ index: Int, _ life: Int) {
        guard isSame(index, life) else { return }
        if now - workers[index].lastSpoke >= .seconds(1) {
            say(.heartbeat(capacity: 2, leases: workers[index].held.map(\.id)), from: index)
        }
        queue.add(.beat(index, life: life), at: now + .seconds(1))
    }

    private mutating func count(_ index: Int) {
        guard !workers[index].isCounting, let lease = workers[index].held.first else { return }
        workers[index].isCounting = true
        let samples = Double(lease.blocks.count * size.block)
        queue.add(
            .counted(index, life: workers[index].life, lease),
            at: now + .seconds(samples / workers[index].rate))
    }

    private mutating func counted(_ index: Int, _ life: Int, _ lease: Lease) {
        guard isSame(index, life) else { return }
        workers[index].isCounting = false
        workers[index].held.removeFirst()
        count(index)
        var counts = [Int](repeating: 0, count: 10)
        counts[Int(lease.input) % 10] = lease.samples
        let seconds = Double(lease.blocks.count * size.block) / workers[index].rate
        say(
            .tally(
                Tally(
                    campaign: toy.plan.campaign, lease: lease.id, counts: ClassCounts(counts),
                    nanoseconds: Int(seconds * 1e9))), from: index)
    }

    private mutating func say(_ message: WorkerMessage, from index: Int) {
        workers[index].lastSpoke = now
        handle(
            .received(message, from: PeerID(connection: index, epoch: workers[index].life)))
    }

    private mutating func handle(_ event: CampaignCoordinator.Event) {
        let begun = clock()
        let directives = core.handle(event, at: now)
        outcome.coreTime += clock() - begun
        outcome.events += 1
        for directive in directives {
            switch directive {
            case .send(let message, let peer): deliver(message, to: peer)
            case .decide(let input):
                decided += 1
                if input.estimation.samples != size.estimation {
                    outcome.problem = "an input was decided on other samples than it has"
                }
            case .stop(let reason): outcome.problem = reason
            case .finish:
                isFinished = true
                if decided != size.inputs { outcome.problem = "\(decided) inputs were decided" }
            case .sendPiece, .sendStatus, .journal, .note: continue
            }
        }
    }

    private mutating func deliver(_ message: CoordinatorMessage, to peer: PeerID) {
        let index = (0..<4).reduce(0) { $0 | Int(peer.bytes[$1]) << (8 * $1) }
        let life = (0..<4).reduce(0) { $0 | Int(peer.bytes[4 + $1]) << (8 * $1) }
        let arrival = now + ScaleSimulation.latency
        switch message {
        case .welcome:
            queue.add(.ready(index, life: life), at: arrival + ScaleSimulation.preparation)
        case .grant(let leases):
            outcome.leases += leases.count
            queue.add(.granted(index, life: life, leases), at: arrival)
        case .cancel(let ids): queue.add(.cancelled(index, life: life, ids), at: arrival)
        case .refusal(let refusal): outcome.problem = refusal.reason
        default: return
        }
    }
}
