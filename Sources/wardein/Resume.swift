import ArgumentParser
import CoordinatorService
import Foundation

/// Goes on with an unfinished campaign as it was begun.
struct Resume: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Go on with a campaign that was interrupted.",
        discussion: """
            Goes on from the last settled lease, however the campaign ended: Ctrl-C, a kill, a \
            crash, a full disk. The options are those that it was begun with, and the records are \
            the same as if nothing had happened. When the files have moved, use the command that \
            began it, with --resume and the new paths.
            """)

    @Argument(help: "The folder of the campaign.")
    var folder: String

    @Flag(
        help: "When the journal is damaged: keep what of it is whole, and count the rest again.")
    var salvage = false

    func run() throws {
        let path = URL(filePath: folder).path
        if salvage { Console.say(try UnfinishedCampaign.salvage(at: path)) }
        if let levels = try NoiseLevelsFolder(at: path) {
            guard case let command as any CertifyingCommand = try command(of: levels.origin) else {
                throw ValidationError("The campaigns in \(path) were begun by another command.")
            }
            return try goOn(with: command, at: path)
        }
        guard let unfinished = try UnfinishedCampaign.toResume(at: path) else { return }
        switch try command(of: unfinished.origin) {
        case let predict as Predict: try predict.run(goingOnWith: unfinished)
        case let certify as any CertifyingCommand:
            guard certify.campaign.subject.sigma.values.count == 1 else {
                throw ValidationError(
                    "\(path) is one of several noise levels: resume the folder above it.")
            }
            try certify.lookingOn.begin()
            try certify.run(goingOnWith: unfinished, at: nil)
        default: throw ValidationError("The campaign in \(path) was begun by another command.")
        }
    }

    /// The command that began it, in the folder in which it did.
    private func command(of origin: UnfinishedCampaign.Origin) throws -> any ParsableCommand {
        guard chdir(origin.directory) == 0 else {
            throw ValidationError(
                "The campaign was begun in \(origin.directory), which is not there: "
                    + String(cString: strerror(errno)) + ".")
        }
        return try Wardein.parseAsRoot(origin.arguments)
    }

    private func goOn(with command: some CertifyingCommand, at path: String) throws {
        try NoiseLevels(command, output: path).run(resuming: true)
    }
}

extension UnfinishedCampaign {
    /// The campaign in a folder; nil, and a line says so, when it is finished.
    static func toResume(at path: String) throws -> UnfinishedCampaign? {
        let campaign = try UnfinishedCampaign(at: path)
        guard !campaign.isFinished else {
            print("The campaign in \(path) is finished: there is nothing left to do.")
            return nil
        }
        return campaign
    }
}
