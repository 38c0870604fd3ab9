public import CampaignScheduling
import MachineResources

/// How long a worker stays and how much it takes.
public struct WorkerLimits: Hashable, Sendable {
    /// How many bytes of memory it may take; nil: as many as there are.
    public var memory: Int?
    /// After how long it finishes what was begun and leaves; nil: when the campaign is over.
    public var duration: Duration?
    /// Whether it leaves once there was nothing to count for a while.
    public var leavesWhenIdle = false

    /// No limits.
    public init() {}

    /// Why a worker with so many sessions cannot count by this plan; nil when it can, as far as can
    /// be told before the model is here.
    public func refusal(of plan: CountingPlan, sessions: Int) -> Refusal? {
        guard let memory else { return nil }
        let needed = WorkerLimits.memoryNeeded(for: plan, sessions: sessions)
        guard needed > memory else { return nil }
        let fitting = (1..<max(1, sessions)).last {
            WorkerLimits.memoryNeeded(for: plan, sessions: $0) <= memory
        }
        let mending =
            (fitting.map { "use --sessions \($0), or " } ?? "use ")
            + "--memory \((needed >> 20) + 1)M"
        return Refusal(
            reason: "the model of \(ByteCount(bytes: plan.modelSize)) takes about "
                + "\(ByteCount(bytes: needed)) with \(sessions) sessions, and --memory is "
                + "\(ByteCount(bytes: memory)): \(mending)",
            mayRetry: false)
    }

    /// About how many bytes a worker takes while it loads the model, which is when it takes most:
    /// the file once; in each session the engine's reading of it, its weights, and the noisy copies
    /// of a block; and what a thread and the program take. What the engine needs between the layers
    /// is not known beforehand.
    static func memoryNeeded(for plan: CountingPlan, sessions: Int) -> Int {
        let batch = 4 * plan.blockSize * plan.dimension
        return program + plan.modelSize + sessions * (2 * plan.modelSize + 2 * batch + session)
    }

    private static let program = 64 << 20
    private static let session = 24 << 20
}

/// Notices that there has been nothing to count for a while.
struct IdleWatch {
    /// How long that is.
    static let patience = Duration.seconds(10)

    private var isReady = false
    private var counting: Set<LeaseID> = []
    private var lastBusy = Duration.zero

    mutating func notice(_ event: CampaignWorker.Event, at now: Duration) {
        switch event {
        case .prepared: isReady = true
        case .counted(let lease, _, _), .failed(let lease, _): counting.remove(lease)
        // A lease waits for its input while that is fetched.
        case .received(.grant), .received(.piece): break
        default: return
        }
        lastBusy = now
    }

    mutating func notice(_ directive: CampaignWorker.Directive) {
        switch directive {
        case .count(let lease, _): counting.insert(lease.id)
        case .drop(let lease): counting.remove(lease)
        default: break
        }
    }

    /// Whether it is time to leave. A worker that was not let in yet waits for its coordinator.
    func isIdle(at now: Duration) -> Bool {
        isReady && counting.isEmpty && now - lastBusy >= IdleWatch.patience
    }
}
