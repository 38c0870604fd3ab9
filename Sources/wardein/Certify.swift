import ArgumentParser
import CoordinatorService
import Foundation
import MachineResources
import Sodium

/// Certifies on this machine: a coordinator and worker processes of this same program.
struct Certify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Certify a data set on this machine.",
        discussion: """
            Starts a coordinator and worker processes of this same program, and ends with a table \
            of certified accuracy, certificate precision and abstention by radius.

            It writes to the output folder: manifest.json (the plan, sealed before the first \
            draw), records.jsonl (one record an input with all counts), certificates.tsv (the \
            format of Cohen's scripts) and provenance.json (who counted what).

            Coming from Cohen's certify.py: --N, --N0, --alpha, --sigma, --batch and one of --skip \
            and --max work as they are.
            """)

    @OptionGroup var campaign: CampaignOptions

    @OptionGroup var files: OutputOptions

    @OptionGroup var lookingOn: LookingOnOptions

    @Option(help: "How many worker processes; auto: one for each core.")
    var workers = Count.auto

    func run() throws { try begin() }
}

extension Certify: CertifyingCommand {
    func run(goingOnWith unfinished: UnfinishedCampaign?, at level: NoiseLevel?) throws -> String? {
        let workers = try workers.number(named: "--workers")
        try CampaignRun.onThisMachine(
            campaign, files, goingOnWith: unfinished, at: level, workers: workers)
        return nil
    }
}

extension CampaignRun {
    /// Runs a campaign with workers on this machine.
    static func onThisMachine(
        _ options: some CampaignArguments, _ files: OutputOptions,
        goingOnWith unfinished: UnfinishedCampaign?, at level: NoiseLevel? = nil, workers: Int
    ) throws {
        let address = try LocalAddress()
        defer { address.remove() }
        try CampaignRun(
            options, writingTo: files.output, goingOnWith: unfinished, at: level,
            enteringInto: files.campaignLedger(goingOnWith: unfinished),
            listeningAt: address.endpoint, signingWith: files.signingKey()
        )
        .run { endpoint in
            Console.say("Workers: \(workers) on this machine.", as: .launcher)
            return try LocalFleet(
                workers: workers, endpoint: endpoint,
                options: ["--log-format", LogFormat.current.rawValue])
        }
    }
}

/// Coordinates workers that run elsewhere.
struct Coordinate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Coordinate a campaign for workers on this and other machines.",
        discussion: """
            Takes the same options as certify and writes the same files, but starts no workers: \
            run `wardein work --connect ADDRESS --keys NAME.key` on as many machines as you like, at \
            any time. Workers need no file but their key (see wardein keys). Without --keys it \
            listens to this machine only: at 127.0.0.1 or ipc://.

            With --queue DIR, and no campaign's options, it coordinates the campaigns of a queue: see \
            `wardein coordinate --queue DIR --help`.
            """)

    @Option(help: "The address to listen at, for example tcp://127.0.0.1:5555 or tcp://*:5555.")
    var listen: String

    @OptionGroup var access: AdmissionOptions

    @OptionGroup var campaign: CampaignOptions

    @OptionGroup var files: OutputOptions

    @OptionGroup var lookingOn: LookingOnOptions

    func run() throws { try begin() }
}

extension Coordinate: CertifyingCommand {
    func run(goingOnWith unfinished: UnfinishedCampaign?, at level: NoiseLevel?) throws -> String? {
        let run = try CampaignRun(
            campaign, writingTo: files.output, goingOnWith: unfinished, at: level,
            enteringInto: files.campaignLedger(goingOnWith: unfinished),
            listeningAt: level?.endpoint ?? listen, admitting: access.admission(),
            signingWith: files.signingKey())
        try run.run(launching: nil)
        return run.endpoint
    }
}

/// A number, or `auto` for one for each core that this process may use.
enum Count: ExpressibleByArgument {
    case auto
    case exactly(Int)

    init?(argument: String) {
        if argument == "auto" {
            self = .auto
        } else if let number = Int(argument) {
            self = .exactly(number)
        } else {
            return nil
        }
    }

    var defaultValueDescription: String {
        switch self {
        case .auto: "auto"
        case .exactly(let number): String(number)
        }
    }

    /// The number; `auto` says what that stands for.
    func number(
        named option: String, auto: () -> Int = { ProcessorShare.ofThisProcess().allowed }
    ) throws -> Int {
        switch self {
        case .auto: return min(1024, auto())
        case .exactly(let number):
            guard (1...1024).contains(number) else {
                throw ValidationError(
                    "\(option) is \(number), but it must be auto or lie between 1 and 1024.")
            }
            return number
        }
    }
}

/// An `ipc` address that only this user can reach: a socket in a folder of mode 0700.
struct LocalAddress {
    let endpoint: String
    /// The folder, for whatever else only this user may reach.
    let folder: String

    init() throws {
        // The path of a socket has at most 107 bytes.
        let usual = NSTemporaryDirectory()
        let parent = usual.utf8.count < 70 ? usual : "/tmp/"
        var template = Array((parent + "wardein-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else {
            throw ValidationError(
                "cannot make a temporary folder in \(parent): "
                    + String(cString: strerror(errno)))
        }
        folder = String(
            decoding: template.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        endpoint = "ipc://\(folder)/coordinator"
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }
}
