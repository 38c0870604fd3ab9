import CampaignScheduling
import ClassifierRuntime
import Dispatch
import RandomizedSmoothing
import SampleCounting
import SmoothingNoise
import Synchronization
import ZeroMQ

/// The sessions of a worker: each is a thread with a classifier of its own, and takes the oldest
/// lease that waits.
///
/// One single-threaded session a core counts more than one session over all cores.
final class CountingPool {
    private let queue: LeaseQueue
    private var threads: [Thread] = []

    /// A thread that ends with the pool.
    private final class Thread {
        let thread: DedicatedThread

        init(_ thread: consuming DedicatedThread) { self.thread = thread }
    }

    /// Loads the model in every session. The first one tests that the model answers each sample by itself
    /// and reports its known answer to the mailbox, as all report when they have counted a lease or failed.
    init(
        plan: CountingPlan, model: [UInt8], runtime: OnnxRuntime, sessions: Int,
        mailbox: Mailbox<WorkerService.Command>
    ) throws {
        let queue = LeaseQueue()
        self.queue = queue
        let ingredients = SharedIngredients(plan, model: model, sessions: sessions)
        for number in 0..<sessions {
            let thread = try start("session \(number)") {
                do {
                    let counter = try BlockCounter(
                        plan, ingredients, runtime: runtime, isTested: number == 0)
                    let answer = try counter.knownAnswer()
                    if number == 0 {
                        mailbox.post(
                            .event(.prepared(campaign: plan.campaign, knownAnswer: answer)))
                    }
                    while let (lease, image) = queue.next() {
                        guard let event = try counter.event(lease, image, plan, queue) else {
                            continue
                        }
                        mailbox.post(.event(event))
                    }
                } catch ClassifierFailure.outOfMemory {
                    mailbox.post(.outOfMemory)
                } catch let flaw as OneAnswerFlaw {
                    mailbox.post(.event(.unfit(reason: "\(flaw)")))
                } catch let unfit as Unfit {
                    mailbox.post(.event(.unfit(reason: unfit.reason)))
                } catch {
                    mailbox.post(.event(.unprepared(reason: "\(error)")))
                }
            }
            threads.append(Thread(thread))
        }
    }

    /// Starts a thread; when that cannot be done, those before it are ended first.
    private func start(
        _ name: String, _ body: @escaping @Sendable () -> Void
    ) throws -> DedicatedThread {
        do {
            return try DedicatedThread(name: name, body)
        } catch {
            end()
            throw error
        }
    }

    /// Counts a lease after those that were named before.
    func count(_ lease: Lease, image: [UInt8]) { queue.add(lease, image: image) }

    /// Gives up a lease; a session that is counting it stops after the block that it is at.
    func drop(_ id: LeaseID) { queue.drop(id) }

    /// Gives up all leases and waits for the sessions to end.
    func end() {
        queue.close(sessions: threads.count)
        threads = []
    }
}

/// The leases that wait for a session, oldest first.
private final class LeaseQueue: Sendable {
    private struct State {
        var waiting: [(lease: Lease, image: [UInt8])] = []
        var wanted: Set<LeaseID> = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let available = DispatchSemaphore(value: 0)

    func add(_ lease: Lease, image: [UInt8]) {
        state.withLock {
            $0.waiting.append((lease, image))
            $0.wanted.insert(lease.id)
        }
        available.signal()
    }

    func drop(_ id: LeaseID) {
        state.withLock { state in
            state.wanted.remove(id)
            state.waiting.removeAll { $0.lease.id == id }
        }
    }

    func close(sessions: Int) {
        state.withLock {
            $0.waiting = []
            $0.wanted = []
            $0.isClosed = true
        }
        for _ in 0..<sessions { available.signal() }
    }

    /// Waits for a lease; nil when there will be none.
    func next() -> (Lease, [UInt8])? {
        while true {
            available.wait()
            let (found, isClosed) = state.withLock { state in
                (state.waiting.isEmpty ? nil : state.waiting.removeFirst(), state.isClosed)
            }
            if let found { return found }
            if isClosed { return nil }
        }
    }

    func isWanted(_ id: LeaseID) -> Bool { state.withLock { $0.wanted.contains(id) } }

    func isDone(_ id: LeaseID) { state.withLock { _ = $0.wanted.remove(id) } }
}

/// What all sessions begin with: the noise distribution, which the first one makes, and the model,
/// whose bytes are let go when the last one has taken them.
private final class SharedIngredients: Sendable {
    private struct State {
        var distribution: RoundedGaussian?
        var model: [UInt8]
        var sessionsLeft: Int
    }

    private let plan: CountingPlan
    private let state: Mutex<State>

    init(_ plan: CountingPlan, model: [UInt8], sessions: Int) {
        self.plan = plan
        state = Mutex(State(distribution: nil, model: model, sessionsLeft: sessions))
    }

    /// Once for each session.
    func take() throws -> (RoundedGaussian, model: [UInt8]) {
        try state.withLock { state in
            let distribution =
                try state.distribution
                ?? RoundedGaussian(sigma: plan.sigma, stepsPerUnit: plan.stepsPerUnit)
            state.distribution = distribution
            let model = state.model
            state.sessionsLeft -= 1
            if state.sessionsLeft == 0 { state.model = [] }
            return (distribution, model)
        }
    }
}

/// That the model is no function of one sample, with its cause: for that the file is needed, which is let go
/// when it is loaded.
private struct Unfit: Error {
    let reason: String
}

extension BlockCounter {
    /// - Parameter isTested: whether it is tested here that each sample is answered by itself.
    fileprivate convenience init(
        _ plan: CountingPlan, _ ingredients: SharedIngredients, runtime: OnnxRuntime, isTested: Bool
    ) throws {
        let (distribution, model) = try ingredients.take()
        let classifier = try OnnxClassifier(
            model: model, runtime: runtime, batchSize: plan.blockSize,
            outputName: plan.outputName, decisionThreshold: plan.decisionThreshold)
        guard classifier.sampleShape == plan.inputShape,
            classifier.decision.classCount == plan.classCount
        else {
            throw ClassifierFailure.modelUnsuitable(
                "The model takes \(classifier.sampleShape) and has "
                    + "\(classifier.decision.classCount) classes here, but \(plan.inputShape) and "
                    + "\(plan.classCount) at the coordinator.")
        }
        self.init(
            classifier: classifier,
            sampler: NoiseSampler(distribution: distribution, key: plan.noiseKey),
            normalization: plan.normalization)
        guard isTested else { return }
        do {
            try testOneAnswer(width: plan.coordinateWidth)
        } catch let flaw as OneAnswerFlaw {
            throw Unfit(reason: flaw.sentence(about: model, output: plan.outputName))
        }
    }

    /// What came of a lease; nil when it was dropped meanwhile. Want of memory says nothing about the lease,
    /// nor does a classifier whose answers change with time: these are thrown.
    fileprivate func event(
        _ lease: Lease, _ image: [UInt8], _ plan: CountingPlan, _ queue: LeaseQueue
    ) throws -> CampaignWorker.Event? {
        let clock = ContinuousClock()
        let begun = clock.now
        defer { queue.isDone(lease.id) }
        do {
            let counts = try counts(
                of: EncodedInput.pixels(from: image, width: plan.coordinateWidth),
                input: lease.input, phase: lease.blocks.phase, firstBlock: lease.blocks.first,
                samples: lease.samples, while: { queue.isWanted(lease.id) })
            guard let counts else { return nil }
            let nanoseconds = begun.duration(to: clock.now).nanoseconds
            return .counted(lease.id, ClassCounts(counts), nanoseconds: nanoseconds)
        } catch ClassifierFailure.outOfMemory {
            throw ClassifierFailure.outOfMemory
        } catch let flaw as OneAnswerFlaw {
            throw flaw
        } catch {
            return .failed(lease.id, reason: "\(error)")
        }
    }
}
