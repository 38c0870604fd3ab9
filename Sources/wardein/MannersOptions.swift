public import ArgumentParser
public import MachineResources
import WorkerService

/// The options that say how much a worker takes and how long it stays.
struct MannersOptions: ParsableArguments {
    @Option(help: "Give way to other processes: 0 (not at all) to 19 (always).")
    var nice: Int?

    @Option(
        help: ArgumentHelp(
            "The most memory to take, for example 2G.",
            discussion: "A model that cannot fit is refused; a worker that needs more ends with a "
                + "sentence and exit code 75."))
    var memory: ByteCount?

    @Option(
        name: .customLong("for"),
        help: "Finish what was begun and leave after this time: 45s, 90m, 2h30m.")
    var duration: TimeSpan?

    @Flag(help: "Leave, with exit code 0, once there was nothing to count for ten seconds.")
    var untilIdle = false

    /// The least memory with which a worker gets as far as saying what it lacks.
    private static let leastMemory = ByteCount(bytes: 64 << 20)

    func validate() throws {
        if let nice, !Niceness.range.contains(nice) {
            throw ValidationError("--nice is \(nice), but it must lie between 0 and 19.")
        }
        if let memory, memory.bytes < MannersOptions.leastMemory.bytes {
            throw ValidationError(
                "--memory is \(memory), but a worker needs at least "
                    + "\(MannersOptions.leastMemory).")
        }
    }

    /// What the worker itself sees to.
    var limits: WorkerLimits {
        var limits = WorkerLimits()
        limits.memory = memory?.bytes
        limits.duration = duration?.duration
        limits.leavesWhenIdle = untilIdle
        return limits
    }

    /// Sets what the system sees to. For the main thread, before there is any other.
    func apply() throws {
        if let nice, !Niceness.set(nice) {
            throw ValidationError("--nice \(nice) is less than this process has already.")
        }
        if let memory, !MemoryLimit.set(bytes: memory.bytes) {
            throw ValidationError("The system does not take the limit --memory \(memory).")
        }
    }

    /// One session for each processor that this process may use and others leave free.
    func freeProcessors() -> Int {
        ProcessorShare.ofThisProcess().free(whileOthersUse: ProcessorUse.byOthers())
    }
}

extension ByteCount: ExpressibleByArgument {
    /// A size such as `512M`, `2G` or `1.5G`.
    public init?(argument: String) { self.init(argument) }
}
