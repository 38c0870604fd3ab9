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
        guard let unfinished = try UnfinishedCampaign.toResume(at: path) else { return }
        guard chdir(unfinished.origin.directory) == 0 else {
            throw ValidationError(
                "The campaign was begun in \(unfinished.origin.directory), which is not there: "
                    + String(cString: strerror(errno)) + ".")
        }
        switch try Wardein.parseAsRoot(unfinished.origin.arguments) {
        case let certify as Certify: try certify.run(goingOnWith: unfinished)
        case let predict as Predict: try predict.run(goingOnWith: unfinished)
        case let cluster as Cluster: try cluster.run(goingOnWith: unfinished)
        case let coordinate as Coordinate: try coordinate.run(goingOnWith: unfinished)
        default: throw ValidationError("The campaign in \(path) was begun by another command.")
        }
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
