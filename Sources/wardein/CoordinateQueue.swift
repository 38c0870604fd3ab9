import ArgumentParser
import CampaignQueue
import CertificateRecords
import CoordinatorService

/// Coordinates the campaigns of a queue.
struct CoordinateQueue: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: CoordinateQueue.name,
        abstract: "Coordinate the campaigns of a queue, one after another, on one fleet.",
        usage: "wardein coordinate --queue <dir> --listen <address> [<options>]",
        discussion: """
            Campaigns come into the queue by `wardein submit`, or as a file that is put into its \
            folder, at any time. The most urgent one runs; one that is more urgent takes its place, \
            and it goes on afterwards. Workers are started with `wardein work --connect ADDRESS`: they \
            stay when a campaign ends, and fetch the next model.

            Ended, in whatever way, it goes on when it is started again with the same command.
            """,
        shouldDisplay: false)

    /// What ``Wardein`` calls `coordinate` when it has `--queue`.
    static let name = "coordinate-queue"

    @Option(help: "The folder of the queue; made when it is not there.")
    var queue: String

    @Option(help: "The address to listen at, for example tcp://127.0.0.1:5555 or tcp://*:5555.")
    var listen: String

    @OptionGroup var access: AdmissionOptions

    @Option(
        help: ArgumentHelp(
            "How many campaigns run side by side.",
            discussion: "They have equal shares of the fleet, as far as whole workers allow."))
    var atOnce = 1

    @OptionGroup var lookingOn: LookingOnOptions

    @Flag(help: "End, and send the workers home, when nothing waits and nothing runs.")
    var untilEmpty = false

    func run() throws {
        guard (1...64).contains(atOnce) else {
            throw ValidationError("--at-once is \(atOnce), but it must lie between 1 and 64.")
        }
        let admission = try access.admission()
        let folder = try QueueFolder(at: queue, isMade: true)
        try lookingOn.begin()
        let run = try QueueRun(
            folder, listeningAt: listen, admitting: admission, atOnce: atOnce,
            endsWhenEmpty: untilEmpty)
        Console.say("Serving the queue \(folder.path).")
        let address = run.endpoint.replacing("//0.0.0.0:", with: "//THIS-HOST:")
            .replacing("//[::]:", with: "//THIS-HOST:")
        Console.say(
            "Listening at \(run.endpoint); start workers with: wardein work --connect "
                + "\(address)\(admission.workerOption)", as: .listening,
            [JSON.Member(key: "endpoint", value: .string(run.endpoint))])
        if let advice = admission.advice { Console.say(advice) }
        if let warning = admission.warning { Console.say(warning, level: .warning) }
        try run.run()
    }
}
