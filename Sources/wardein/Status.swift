import ArgumentParser
import CampaignKeys
import CampaignQueue
import CoordinatorService
import Foundation
import WorkerService

/// Says how far a campaign is.
struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say how far a campaign is, how fast, who counts and what went wrong.",
        discussion: """
            Reads the campaign folder, which the coordinator keeps up to date every two seconds, \
            wherever that folder is seen; or asks the coordinator at its address \
            (tcp://10.0.0.1:5555).
            """)

    @Argument(help: "The folder of the campaign, or the coordinator's address.")
    var place: String

    @Option(help: "The key file of a worker, when the coordinator asks for one.")
    var keys: String?

    @Flag(help: "Print status.json, for scripts.")
    var json = false

    func run() throws {
        if !isAddress, let levels = try NoiseLevelsFolder(at: place) { return try say(levels) }
        if !isAddress, let queue = try? QueueFolder(at: place), queue.isQueue {
            return try QueueListing(queue).print(asJSON: json)
        }
        let status = try status()
        guard !json else {
            print(try status.json(), terminator: "")
            return
        }
        say(status)
    }

    /// How far each of several noise levels is.
    private func say(_ folder: NoiseLevelsFolder) throws {
        let states = try folder.levels.map { level in
            (level, try level.isBegun ? CampaignStatus.read(from: level.path) : nil)
        }
        guard !json else {
            let levels = try states.map { level, status in
                "{\"sigma\": \(level.sigma), \"status\": \(try status?.json() ?? "null\n")}"
            }
            print("[" + levels.joined(separator: ",") + "]")
            return
        }
        for (level, status) in states {
            print("sigma \(level.sigma): ", terminator: "")
            if let status { say(status) } else { print("not begun") }
        }
        print(
            folder.isFinished
                ? "The records with the largest radii are written."
                : "The records with the largest radii are written when all are finished.")
    }

    private func say(_ status: CampaignStatus) {
        // Whoever has just answered is there.
        let isStale =
            !isAddress && status.isStale(at: Date(), onHost: ProcessInfo.processInfo.hostName)
        print(headline(status, isStale: isStale))
        if status.state == "idle" { return }
        print(
            "  \(status.inputsDecided) of \(status.inputs) inputs decided, "
                + "\(status.samplesSettled) of \(status.samples) samples settled")
        if status.state == "running", !isStale { print("  " + pace(status)) }
        for worker in status.workers.prefix(40) {
            let fate = worker.departure.map { ", \($0)" } ?? ""
            let sessions = worker.sessions == 1 ? "1 session" : "\(worker.sessions) sessions"
            print("  worker \(worker.name): \(worker.samples) samples, \(sessions)\(fate)")
        }
        if status.workers.count > 40 { print("  and \(status.workers.count - 40) more workers") }
        for incident in status.incidents { print("  \(incident)") }
    }

    private var isAddress: Bool { place.contains("://") }

    private func status() throws -> CampaignStatus {
        guard isAddress else { return try CampaignStatus.read(from: place) }
        let key = try keys.map { try WorkerKey(at: $0) }
        let json = try StatusInquiry.status(at: place, key: key)
        guard let status = CampaignStatus(json: Data(json.utf8)) else {
            throw ValidationError("The coordinator at \(place) is of another release.")
        }
        return status
    }

    private func headline(_ status: CampaignStatus, isStale: Bool) -> String {
        if isStale {
            return "Not running, by this machine's clock: the coordinator (process "
                + "\(status.process) on \(status.host)) was last heard at "
                + "\(status.updated.ISO8601Format()). Go on with: wardein resume \(place)"
        }
        let reason = status.reason.map { ": \($0)" } ?? ""
        switch status.state {
        case "running": return "Running at \(status.endpoint)"
        case "finished": return "Finished"
        case "idle": return "No campaign runs at \(status.endpoint)"
        default:
            return status.state.capitalized + reason + ". Go on with: wardein resume \(place)"
        }
    }

    private func pace(_ status: CampaignStatus) -> String {
        let rate = "\(Int(min(max(0, status.samplesPerSecond), 1e15))) samples/s"
        guard let left = status.secondsLeft else { return "waiting for workers" }
        return "\(rate), \(ProgressLine.clock(left)) left"
    }
}
