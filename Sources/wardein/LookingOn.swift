import ArgumentParser
import CampaignMonitoring
import CertificateRecords
import CoordinatorService
import Foundation
import MachineResources
import StatusServer
import Synchronization

/// The options by which a campaign can be looked on at while it runs.
struct LookingOnOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Serve a live page, metrics and health checks at this address by HTTP: PORT or HOST:PORT.",
            discussion:
                "A bare port is at 127.0.0.1, 0 is a free one. The page is /, Prometheus reads "
                + "/metrics, and /healthz and /readyz say whether all is well. Whoever reaches the "
                + "address may read them.",
            valueName: "address"),
        transform: StatusAddress.init)
    var statusListen: StatusAddress?

    /// Begins to serve, if that is wanted; once for the process.
    func begin() throws {
        guard let statusListen else { return }
        try LookingOn.shared.serve(at: statusListen)
    }
}

/// What this process shows of its campaigns.
final class LookingOn: Sendable {
    /// That of this process.
    static let shared = LookingOn()

    /// Where the coordinating thread leaves how far it is.
    let board = StatusBoard()
    private let server = Mutex<StatusServer?>(nil)

    /// Who the coordinator tells.
    var observer: CampaignObserver {
        let board = board
        return CampaignObserver(
            post: { board.post($0) }, log: { _ in }, turn: { board.turn() })
    }

    /// Serves at the address, unless it does already.
    func serve(at address: StatusAddress) throws {
        let isServing = server.withLock { $0 != nil }
        guard !isServing else { return }
        let pages = StatusPages(of: board)
        let started = try StatusServer(at: address) { pages.answer(to: $0) }
        server.withLock { $0 = started }
        Console.say("Status page: \(started.location)")
        guard !address.isLoopback else { return }
        Console.say(
            "Other machines may reach it: whoever does can read how far the campaign is, and the names "
                + "of its workers.")
    }
}

/// The pages of the status server.
struct StatusPages {
    private let board: StatusBoard

    init(of board: StatusBoard) { self.board = board }

    /// The answer to a GET of the path; nil: there is none.
    func answer(to path: String) -> StatusAnswer? {
        let current = board.current
        switch path {
        case "/metrics":
            return StatusAnswer(
                MetricsPage.text(
                    of: current, version: Wardein.version, process: .ofThisProcess()),
                mediaType: MetricsPage.mediaType)
        case "/healthz": return answer(Health.life(current))
        case "/readyz": return answer(Health.readiness(current))
        case "/status.json":
            let value = try? StatusJSON.value(
                of: current, program: "wardein \(Wardein.version)",
                time: Date().ISO8601Format())
            return value.map { StatusAnswer($0.page, mediaType: StatusJSON.mediaType) }
        default: return nil
        }
    }

    private func answer(_ health: Health) -> StatusAnswer {
        StatusAnswer(health.sentence + "\n", status: health.isGood ? 200 : 503)
    }
}
