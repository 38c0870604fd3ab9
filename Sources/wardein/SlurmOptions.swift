import ArgumentParser
import ClusterLaunching

/// What `cluster --slurm` asks of Slurm.
struct SlurmOptions: ParsableArguments {
    @Flag(help: "Start the workers as an array job of Slurm.")
    var slurm = false

    @Option(parsing: .unconditional, help: "How many workers: the tasks of the array.")
    var array: Int?

    @Option(parsing: .unconditional, help: "How many of them may run at the same time.")
    var arrayLimit: Int?

    @Option(parsing: .unconditional, help: "How many cores each worker has.")
    var cpusPerTask = 1

    @Option(help: "The partition.")
    var partition: String?

    @Option(
        help: ArgumentHelp(
            "For how long a worker may run before it is queued again, for example 2:00:00.",
            discussion: "Minutes, or one of Slurm's other forms: MM:SS, HH:MM:SS, D-HH, D-HH:MM."))
    var time: String?

    @Option(help: "The account that pays.")
    var account: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: "One more line for the scripts, for example \"#SBATCH --mem=4G\"; repeatable.")
    var sbatchLine: [String] = []

    @Option(help: "Where the coordinator runs: here, or as a job of its own.")
    var coordinator = Place.here

    enum Place: String, ExpressibleByArgument, CaseIterable { case here, job }

    /// The first of these options that was given, but --slurm itself.
    var firstGiven: String? {
        if array != nil { return "--array" }
        if arrayLimit != nil { return "--array-limit" }
        if cpusPerTask != 1 { return "--cpus-per-task" }
        if partition != nil { return "--partition" }
        if time != nil { return "--time" }
        if account != nil { return "--account" }
        if !sbatchLine.isEmpty { return "--sbatch-line" }
        return coordinator == .job ? "--coordinator" : nil
    }

    /// What these options ask for.
    func allocation() throws -> SlurmAllocation {
        guard let array else {
            throw ValidationError("--slurm needs --array N: how many workers to submit.")
        }
        let limit = try time.map { text in
            guard let limit = SlurmTimeLimit(text) else {
                throw ValidationError(
                    "--time is '\(text)', but it must be two minutes or more in one of Slurm's "
                        + "forms, for example 90 (minutes), 2:00:00 or 1-12 (days-hours).")
            }
            return limit
        }
        return try SlurmAllocation(
            workers: array, limit: arrayLimit, cores: cpusPerTask, partition: partition,
            account: account, timeLimit: limit, furtherLines: sbatchLine)
    }
}
