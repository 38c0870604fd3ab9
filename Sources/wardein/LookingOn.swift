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

    @OptionGroup var log: LogOptions

    /// Begins to serve, if that is wanted; once for the process.
    func begin() throws {
        LogFormat.current = log.logFormat
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

    /// Who the coordinator tells; nil: nobody looks on.
    ///
    /// - Parameter campaign: the name of the campaign, where several share the log.
    func observer(of campaign: String? = nil) -> CampaignObserver? {
        guard LogFormat.current == .json || server.withLock({ $0 != nil }) else { return nil }
        let board = board
        return CampaignObserver(
            post: { board.post($0) },
            log: { event in
                if LogFormat.current == .json { Console.say(LogLine(event, of: campaign)) }
            },
            turn: { board.turn() })
    }

    /// Serves at the address, unless it does already.
    func serve(at address: StatusAddress) throws {
        let isServing = server.withLock { $0 != nil }
        guard !isServing else { return }
        let pages = StatusPages(of: board)
        let started = try StatusServer(at: address) { pages.answer(to: $0) }
        server.withLock { $0 = started }
        Console.say(
            "Status page: \(started.location)", as: .statusPage,
            [JSON.Member(key: "address", value: .string(started.location))])
        guard !address.isLoopback else { return }
        Console.say(
            "Other machines may reach it: whoever does can read how far the campaign is, and the names "
                + "of its workers.")
    }
}

/// The pages of the status server. Those with bands, which take a few hundredths of a second to prove,
/// are made once for what stands on the board, however often they are asked for.
final class StatusPages: Sendable {
    private let board: StatusBoard
    private let made = Mutex<[String: (edition: Edition, answer: StatusAnswer)]>([:])

    /// What a page depends on.
    private struct Edition: Hashable {
        let version: Int
        let isHealthy: Bool
    }

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
        case "/": return latest(path, of: current, page)
        case "/status.json": return latest(path, of: current, json)
        default: return nil
        }
    }

    private func answer(_ health: Health) -> StatusAnswer {
        StatusAnswer(health.sentence + "\n", status: health.isGood ? 200 : 503)
    }

    private func latest(
        _ path: String, of current: StatusBoard.Contents,
        _ make: (StatusBoard.Contents, _ time: String, Health) throws -> StatusAnswer
    ) -> StatusAnswer {
        let health = Health.life(current)
        let edition = Edition(version: current.version, isHealthy: health.isGood)
        if let known = made.withLock({ $0[path] }), known.edition == edition { return known.answer }
        let age = current.lastTurn.map { (ContinuousClock.now - $0) / .seconds(1) } ?? 0
        do {
            let time = Date(timeIntervalSinceNow: -age).ISO8601Format()
            let answer = try make(current, time, health)
            made.withLock { $0[path] = (edition, answer) }
            return answer
        } catch {
            return StatusAnswer("This page cannot be made: \(error)\n", status: 503)
        }
    }

    private func page(
        of board: StatusBoard.Contents, time: String, health: Health
    ) throws -> StatusAnswer {
        StatusAnswer(
            try StatusPage(of: board, time: time, health: health).html,
            mediaType: StatusPage.mediaType,
            fields: ["Content-Security-Policy": StatusPage.contentSecurityPolicy])
    }

    private func json(
        of board: StatusBoard.Contents, time: String, health: Health
    ) throws -> StatusAnswer {
        let value = try StatusJSON.value(
            of: board, program: "wardein \(Wardein.version)", time: time, health: health)
        return StatusAnswer(value.page, mediaType: StatusJSON.mediaType)
    }
}
