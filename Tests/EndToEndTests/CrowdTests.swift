import CampaignMessages
import CampaignScheduling
import ClassifierRuntime
import Digests
import Foundation
import RandomizedSmoothing
import SampleCounting
import SmoothingNoise
import Sodium
import Synchronization
import Testing
import ZeroMQ

/// Law 8, with many: workers come and go in any number, and nothing stalls and no count is wrong.
@Suite struct CrowdTests {
    private static let samples = 20_000
    private static let inputs = 150

    /// The classifier answers 3 whatever it sees, so every count is known without counting.
    @Test func `500 workers join, half of them leave and join again, and every count is right`()
        throws
    {
        let scratch = try Scratch()
        let model = Program.fixture("constant3_8.onnx")
        let coordinator = try Coordinator([
            "--model", model, "--inputs", Program.demo("data/digits450_images.npy"),
            "--grid", "1/16", "--sigma", "0.25", "--samples", "\(CrowdTests.samples)",
            "--first", "\(CrowdTests.inputs)", "--output", scratch.path("run"),
        ])
        let crowd = try Crowd(of: 500, at: coordinator.endpoint, model: model)
        let outcome = coordinator.process.wait()
        crowd.disperse()
        #expect(outcome.status == 0, "\(outcome.errors.suffix(1000))")

        let records = try Record.all(in: scratch.contents("run/records.jsonl"))
        #expect(records.map(\.index) == Array(0..<CrowdTests.inputs))
        for record in records {
            #expect(record.selection.counts == counts(ofThree: 100))
            #expect(record.estimation.counts == counts(ofThree: CrowdTests.samples))
        }
        let provenance = try JSONDecoder().decode(
            Provenance.self, from: scratch.contents("run/provenance.json"))
        // A quarter came back as somebody else, a quarter as who they had been.
        #expect(provenance.workers.count == 625)
        let total = CrowdTests.inputs * (100 + CrowdTests.samples)
        #expect(provenance.workers.reduce(0) { $0 + $1.samples } == total)
        #expect(provenance.workers.allSatisfy { $0.refusedTallies == 0 })
    }

    private func counts(ofThree samples: Int) -> [Int] {
        (0..<10).map { $0 == 3 ? samples : 0 }
    }

    private struct Provenance: Decodable {
        struct Worker: Decodable {
            let samples: Int
            let refusedTallies: Int
        }
        let workers: [Worker]
    }
}

/// Many workers in this process: real sockets and real cores; only the classifier is a stub.
///
/// Nobody hands in a first tally before everybody holds a lease, and nobody a third one before all
/// who left are back and hold one: so the test ends only if every one of them was served.
private final class Crowd {
    private let progress: Progress
    private let threads: [Driver]

    /// What all threads know of each other.
    final class Progress: Sendable {
        let size: Int
        let supplied = Atomic(0)
        let returned = Atomic(0)
        let isOver = Atomic(false)

        init(size: Int) { self.size = size }

        /// How many tallies each may hand in by now.
        var allowance: Int {
            if supplied.load(ordering: .relaxed) < size { return 0 }
            return returned.load(ordering: .relaxed) < size / 2 ? 2 : .max
        }
    }

    /// A thread that is waited for.
    private final class Driver {
        let thread: DedicatedThread
        init(_ thread: consuming DedicatedThread) { self.thread = thread }
    }

    init(of size: Int, at endpoint: String, model: String) throws {
        FileDescriptorLimit.raise()
        let runtime = try OnnxRuntime.load()
        let knownAnswer = try Crowd.knownAnswer(of: model, on: runtime)
        let fingerprint = runtime.fingerprint.description
        let progress = Progress(size: size)
        self.progress = progress
        threads = try (0..<4).map { number in
            let thread = try DedicatedThread(name: "crowd \(number)") {
                do {
                    let context = try Context()
                    let members = try stride(from: number, to: size, by: 4).map { place in
                        try Member(
                            place: place, endpoint: endpoint, context: context,
                            fingerprint: fingerprint, knownAnswer: knownAnswer,
                            progress: progress)
                    }
                    while !progress.isOver.load(ordering: .relaxed) {
                        for member in members { try member.step() }
                        usleep(2000)
                    }
                } catch {
                    Issue.record("a thread of the crowd ended: \(error)")
                }
            }
            return Driver(thread)
        }
    }

    /// Ends the threads.
    func disperse() { progress.isOver.store(true, ordering: .relaxed) }

    /// What every honest worker finds, by the one real counter of the test.
    private static func knownAnswer(of model: String, on runtime: OnnxRuntime) throws -> KnownAnswer
    {
        let bytes = try [UInt8](Data(contentsOf: URL(filePath: model)))
        let classifier = try OnnxClassifier(model: bytes, runtime: runtime, batchSize: 50)
        let distribution = try RoundedGaussian(sigma: 0.25, stepsPerUnit: 16)
        return try BlockCounter(
            classifier: classifier, sampler: NoiseSampler(distribution: distribution, key: .zero),
            normalization: nil
        ).knownAnswer()
    }
}

/// One worker of the crowd. Those of even place leave after two tallies: every other one of them
/// says goodbye and comes back as somebody else, the rest vanish and come back as who they were.
private final class Member {
    private let place: Int
    private let endpoint: String
    private let context: Context
    private let fingerprint: String
    private let knownAnswer: KnownAnswer
    private let progress: Crowd.Progress
    private let clock = ContinuousClock()
    private let begun: ContinuousClock.Instant
    private var socket: Socket
    private var core: CampaignWorker
    private var waiting: [(lease: Lease, due: Duration)] = []
    private var tallies = 0
    private var wasSupplied = false
    private var life = 1
    private var lastTick = Duration.zero
    private var isStarted = false
    private var isGone = false

    init(
        place: Int, endpoint: String, context: Context, fingerprint: String,
        knownAnswer: KnownAnswer, progress: Crowd.Progress
    ) throws {
        self.place = place
        self.endpoint = endpoint
        self.context = context
        self.fingerprint = fingerprint
        self.knownAnswer = knownAnswer
        self.progress = progress
        begun = clock.now
        socket = try Member.connect(to: endpoint, in: context)
        core = Member.core(place: place, fingerprint: fingerprint)
    }

    private static func connect(to endpoint: String, in context: Context) throws -> Socket {
        var options = SocketOptions()
        options.linger = .seconds(1)
        let socket = try Socket(.dealer, in: context, options: options)
        try socket.connect(endpoint)
        return socket
    }

    private static func core(place: Int, fingerprint: String) -> CampaignWorker {
        guard let id = WorkerID(bytes: OperatingSystemRandom.bytes(count: 16)) else {
            preconditionFailure("an identity has 16 bytes")
        }
        return CampaignWorker(
            hello: Hello(
                protocolVersion: protocolVersion, worker: id, name: "crowd/\(place)",
                fingerprint: fingerprint, sessions: 1),
            digest: { SHA256.digest(of: $0) })
    }

    private var now: Duration { begun.duration(to: clock.now) }

    /// Does what there is to do at this moment.
    func step() throws {
        guard !isGone else { return }
        if !isStarted {
            // All have come within five seconds.
            guard now >= .milliseconds(10 * place) else { return }
            isStarted = true
            try feed(.begin)
        }
        for _ in 0..<16 {
            guard case .message(let frames) = try socket.receive() else { break }
            try feed(.received(WireFormat.decodeCoordinatorMessage(frames)))
        }
        if tallies < progress.allowance, let next = waiting.first, next.due <= now {
            waiting.removeFirst()
            try handIn(next.lease)
        }
        if life == 1, tallies >= 2, place.isMultiple(of: 2) { try comeBack() }
        if now - lastTick > .milliseconds(100) {
            lastTick = now
            try feed(.tick)
        }
    }

    private static let nanosecondsPerBlock = 20_000_000

    private func handIn(_ lease: Lease) throws {
        tallies += 1
        let counts = ClassCounts((0..<10).map { $0 == 3 ? lease.samples : 0 })
        try feed(
            .counted(
                lease.id, counts,
                nanoseconds: lease.blocks.count * Member.nanosecondsPerBlock))
    }

    private func comeBack() throws {
        life = 2
        wasSupplied = false
        if place.isMultiple(of: 4) {
            _ = try socket.send(WireFormat.encode(WorkerMessage.goodbye))
            core = Member.core(place: place, fingerprint: fingerprint)
        } else {
            core = CampaignWorker(hello: core.hello, digest: { SHA256.digest(of: $0) })
        }
        waiting = []
        socket = try Member.connect(to: endpoint, in: context)
        try feed(.begin)
    }

    private func feed(_ event: CampaignWorker.Event) throws {
        for directive in core.handle(event, at: now) {
            switch directive {
            case .send(let message): _ = try socket.send(WireFormat.encode(message))
            case .reconnect: socket = try Member.connect(to: endpoint, in: context)
            case .prepare(let plan, _):
                try feed(.prepared(campaign: plan.campaign, knownAnswer: knownAnswer))
            case .count(let lease, _):
                let pause = Duration.nanoseconds(Member.nanosecondsPerBlock) * lease.blocks.count
                waiting.append((lease, max(now, waiting.last?.due ?? now) + pause))
                supply()
            case .drop(let id): waiting.removeAll { $0.lease.id == id }
            case .leave(let farewell):
                if case .refused(let refusal) = farewell {
                    Issue.record("worker \(place) was refused: \(refusal.reason)")
                }
                isGone = true
            }
        }
    }

    private func supply() {
        guard !wasSupplied else { return }
        wasSupplied = true
        if life == 1 {
            progress.supplied.add(1, ordering: .relaxed)
        } else {
            progress.returned.add(1, ordering: .relaxed)
        }
    }
}
