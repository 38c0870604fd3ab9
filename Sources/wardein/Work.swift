import ArgumentParser
import CampaignKeys
import CampaignScheduling
import CertificateRecords
import CoordinatorService
import Foundation
import Synchronization
import WorkerService
import ZeroMQ

/// Counts for a coordinator.
struct Work: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Count samples for a coordinator.",
        discussion: """
            Needs no file but its key, if the coordinator asks for one: the model and the inputs \
            come from the coordinator. Waits for the coordinator when it is not there yet, and gives \
            up with exit code 75 after a quarter of an hour without a word. Ctrl-C or SIGTERM \
            finishes what was begun, hands it in and leaves; once more leaves at once.
            """)

    @Option(help: "The coordinator's address, for example tcp://10.0.0.1:5555.")
    var connect: String

    @Option(help: "The key file of this worker (see wardein keys).")
    var keys: String?

    @Option(
        help: ArgumentHelp(
            "How many blocks to classify at the same time; auto: one for each free core.",
            discussion:
                "Of the cores that this process may use (affinity and control groups), those "
                + "that other users' processes leave free during half a second at the start."))
    var sessions = Count.auto

    @OptionGroup var manners: MannersOptions

    @OptionGroup var log: LogOptions

    /// The process that started this worker and without which it is not wanted.
    @Option(help: .hidden)
    var parent: Int32?

    /// How many processes have tried in this one's place, itself included: one whose classifier
    /// failed is replaced by a fresh one.
    @Option(help: .hidden)
    var attempt = 1

    /// Leave when the launcher that feeds standard input is gone.
    @Flag(help: .hidden)
    var leaveWithStdin = false

    func run() throws {
        try manners.apply()
        let mailbox = try Mailbox<WorkerService.Command>()
        let leave = Work.leaving(mailbox)
        let signals = handlers(leave)
        let leash = leaveWithStdin ? Leash(leave) : nil
        let service = try WorkerService(
            connectingTo: connect, key: keys.map { try WorkerKey(at: $0) },
            sessions: sessions.number(named: "--sessions", auto: manners.freeProcessors),
            limits: manners.limits, mailbox: mailbox)
        LogLine.context = [JSON.Member(key: "worker", value: .string(service.name))]
        let farewell = try service.run(
            isOrphan: { parent.map { $0 != getppid() } ?? false },
            note: { line in if parent == nil { say(line, as: .coordinator, level: .warning) } })
        withExtendedLifetime(signals) {}
        if leash?.isBroken == true, farewell != .finished {
            throw ProgramExit(code: WorkerExit.tryAgain)
        }
        switch farewell {
        case .refused(let refusal):
            say("refused: \(refusal.reason)", as: .refused, level: .error)
            throw ProgramExit(code: refusal.mayRetry ? WorkerExit.tryAgain : WorkerExit.refused)
        case .failed(let reason):
            if parent == nil {
                say("the classifier failed: \(reason)", as: .classifierFailed, level: .error)
            }
            tryAgainInAFreshProcess()
            throw ProgramExit(code: WorkerExit.tryAgain)
        case .finished:
            if parent == nil {
                say(
                    "sent home: the campaign is over, or was interrupted or stopped", as: .sentHome)
            }
        case .drained, nil: return
        }
    }

    /// Puts a fresh process of this program in the place of this one; returns when that cannot be
    /// done or was done often enough.
    private func tryAgainInAFreshProcess() {
        guard attempt < CampaignCoordinator.failuresToStop else { return }
        var arguments = CommandLine.arguments
        if let place = arguments.firstIndex(of: "--attempt") {
            arguments.removeSubrange(place...min(place + 1, arguments.count - 1))
        }
        arguments += ["--attempt", "\(attempt + 1)"]
        var pointers = arguments.map { strdup($0) } + [nil]
        Console.flush()
        execv("/proc/self/exe", &pointers)
        say("cannot start again: \(String(cString: strerror(errno)))", as: .error, level: .error)
    }

    private func say(
        _ sentence: String, as event: LogLine.Event, level: LogLine.Level = .info
    ) {
        Console.say(sentence, as: event, level: level, after: "wardein work: ")
    }

    /// Called once it drains, called again it leaves at once.
    private static func leaving(
        _ mailbox: Mailbox<WorkerService.Command>
    ) -> @Sendable () -> Void {
        let count = SignalCount()
        return { mailbox.post(count.next() == 1 ? .drain : .abandon) }
    }

    /// A worker of `certify` leaves the keyboard to its parent.
    private func handlers(_ leave: @escaping @Sendable () -> Void) -> [SignalHandler] {
        let ignore: @Sendable () -> Void = {}
        return [
            SignalHandler(SIGTERM, leave), SignalHandler(SIGINT, parent == nil ? leave : ignore),
        ]
    }
}

/// Counts the signals that asked this process to end.
private final class SignalCount: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
        count.withLock {
            $0 += 1
            return $0
        }
    }
}
