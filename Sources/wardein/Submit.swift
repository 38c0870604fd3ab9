import ArgumentParser
import CampaignQueue
import CampaignScheduling
import CoordinatorService
import Foundation

/// Puts a campaign into a queue.
struct Submit: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put a campaign into a queue.",
        discussion: """
            Takes the same options as certify (or, as `wardein submit predict`, as predict), without \
            --output: its records go to a folder of its name in the queue. Everything is read and \
            checked at once, so that what is wrong is said now.

              wardein submit --queue q --model m.onnx --inputs x.npy --sigma 0.5
            """,
        subcommands: [SubmitCertify.self, SubmitPredict.self, SubmitAgain.self],
        defaultSubcommand: SubmitCertify.self)
}

/// Where a campaign is queued, and how.
struct QueueOptions: ParsableArguments {
    @Option(help: "The folder of the queue.")
    var queue: String

    @Option(help: "A name for the campaign and its folder (default: that of the model).")
    var name: String?

    @Option(
        parsing: .unconditional,
        help: "Campaigns of a higher priority come first, and take the place of one that runs.")
    var priority = 0

    /// Puts a command into the queue.
    func submit(_ command: String, model: String) throws {
        let folder = try QueueFolder(at: queue, isMade: true)
        let arguments = QueueOptions.withoutQueueOptions(Array(CommandLine.arguments.dropFirst(2)))
        let submission = Submission(
            command: command, arguments: arguments,
            directory: FileManager.default.currentDirectoryPath, priority: priority,
            submitted: Date())
        let wanted = name ?? folder.freeName(QueueOptions.name(for: model))
        let queued = QueuedCampaign(name: wanted, submission: submission)
        try QueueFolder.check(wanted)
        let command = try QueuedCommand(queued, output: folder.output(of: wanted))
        let ledger = try command.campaignLedger(goingOnWith: nil)
        let prepared = try PreparedCampaign.all(
            command.requests(key: nil, extending: ledger.extended)
        ).map { campaign in
            let recognised = try ledger.recognised(campaign).campaign
            if command.sigmas.count > 1 { try recognised.refuseEarlierRuns() }
            return recognised
        }
        try folder.submit(submission, as: wanted)
        let before = try folder.contents().campaigns.prefix { $0.name != wanted }
            .count { $0.ending == nil }
        print(
            "Submitted \(wanted): \(prepared[0].outline.inputs.count) inputs, sigma "
                + command.sigmas.map { "\($0)" }.joined(separator: ", ") + ". "
                + QueueOptions.place(after: before))
        if folder.coordinator == nil {
            print(
                "No coordinator serves the queue yet: wardein coordinate --queue \(queue) --listen …"
            )
        }
    }

    private static func place(after before: Int) -> String {
        switch before {
        case 0: "It is the next."
        case 1: "One comes before it."
        default: "\(before) come before it."
        }
    }

    /// The options of the campaign itself.
    private static func withoutQueueOptions(_ arguments: [String]) -> [String] {
        let ours = ["--queue", "--name", "--priority"]
        var rest: [String] = []
        var isValue = false
        for (place, argument) in arguments.enumerated() {
            if isValue {
                isValue = false
            } else if ours.contains(argument) {
                isValue = true
            } else if !ours.contains(where: { argument.hasPrefix($0 + "=") }),
                place > 0 || !Submission.commands.contains(argument)
            {
                rest.append(argument)
            }
        }
        return rest
    }

    /// The name of the model's file, as far as it can name a campaign.
    private static func name(for model: String) -> String {
        let stem = URL(filePath: model).deletingPathExtension().lastPathComponent
        let plain = stem.map { letter in
            letter.isASCII && (letter.isLetter || letter.isNumber || "._-".contains(letter))
                ? letter : "-"
        }
        let name = String(plain.drop { !$0.isLetter && !$0.isNumber }.prefix(80))
        return name.isEmpty ? "campaign" : name
    }
}

/// Queues a certification.
struct SubmitCertify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certify", abstract: "Queue a certification (the default).")

    @OptionGroup var queueing: QueueOptions

    @OptionGroup var campaign: CampaignOptions

    @OptionGroup var others: OtherRunOptions

    func run() throws { try queueing.submit("certify", model: campaign.subject.model) }
}

/// Queues a prediction.
struct SubmitPredict: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict", abstract: "Queue a prediction.")

    @OptionGroup var queueing: QueueOptions

    @OptionGroup var campaign: PredictionOptions

    @OptionGroup var others: OtherRunOptions

    func run() throws { try queueing.submit("predict", model: campaign.subject.model) }
}

/// Puts campaigns that were cancelled or failed back into the queue.
struct SubmitAgain: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "again",
        abstract: "Go on with a campaign that was cancelled or failed, where it ended.")

    @Option(help: "The folder of the queue.")
    var queue: String

    @Argument(help: "The names of the campaigns.")
    var names: [String]

    func run() throws {
        let folder = try QueueFolder(at: queue)
        for campaign in try folder.named(names) {
            guard let ending = campaign.ending else {
                throw ValidationError("\(campaign.name) has not ended: it waits or runs.")
            }
            guard ending.kind != .finished else {
                throw ValidationError("\(campaign.name) is finished: there is nothing left to do.")
            }
        }
        for name in names {
            try folder.tryAgain(name)
            print("\(name) waits again.")
        }
    }
}

/// Takes a campaign out of a queue.
struct Cancel: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Cancel a campaign in a queue.",
        discussion: """
            One that runs ends within a second; what was counted is kept, and `wardein submit again` \
            goes on with it.
            """)

    @Option(help: "The folder of the queue.")
    var queue: String

    @Argument(help: "The names of the campaigns (see wardein list).")
    var names: [String]

    func run() throws {
        let folder = try QueueFolder(at: queue)
        for campaign in try folder.named(names) where campaign.ending != nil {
            throw ValidationError(
                "\(campaign.name) has ended already: it is "
                    + "\(campaign.ending?.kind.rawValue ?? ""). Nothing was cancelled.")
        }
        for name in names {
            try folder.end(name, .init(.cancelled, at: Date()))
            print("\(name) is cancelled.")
        }
    }
}

extension QueueFolder {
    /// The campaigns of these names; what is misspelt is said with the names that there are.
    func named(_ names: [String]) throws -> [QueuedCampaign] {
        let contents = try contents()
        return try names.map { name in
            guard let campaign = contents[name] else {
                let known = contents.campaigns.map(\.name).sorted()
                throw ValidationError(
                    "There is no campaign \(name) in \(path): "
                        + (known.isEmpty
                            ? "it is empty." : "there are \(known.joined(separator: ", "))."))
            }
            return campaign
        }
    }
}
