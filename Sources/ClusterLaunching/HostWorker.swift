import Foundation
import Synchronization

/// The worker on one host, and the thread that keeps it running.
final class HostWorker: Sendable {
    private let shell: RemoteShell
    private let setting: HostLauncher.Setting
    private let say: @Sendable (String) -> Void
    private let state = Mutex(State())
    /// Signalled once, when the thread need not wait any longer.
    private let wakeup = DispatchSemaphore(value: 0)

    private struct State {
        /// The campaign is over: what ends now is not started again.
        var isEnding = false
        var hasThread = false
        /// The process of `ssh` and the pipe that keeps its worker there.
        var running: (process: pid_t, leash: FileHandle)?
        var starts = 0
        /// How it last ended when it should not have.
        var lastTrouble: WorkerEnding?
        /// Why it is not started again.
        var givenUp: WorkerEnding?
    }

    init(
        on shell: RemoteShell, setting: HostLauncher.Setting,
        say: @escaping @Sendable (String) -> Void
    ) {
        self.shell = shell
        self.setting = setting
        self.say = say
    }

    var host: Host { shell.host }

    /// Whether there may be anything on the host.
    var isRunning: Bool { state.withLock { $0.hasThread } }

    /// Why it is not started again; nil: it may be.
    var givenUp: WorkerEnding? { state.withLock { $0.givenUp } }

    /// What went wrong, as a clause; nil: nothing.
    var trouble: String? {
        state.withLock { state in
            guard let trouble = state.lastTrouble else { return nil }
            if state.givenUp == trouble { return "left out: \(trouble)" }
            let starts = state.starts == 1 ? "once" : "\(state.starts) times"
            return "its worker was started \(starts); the last trouble: \(trouble)"
        }
    }

    func begin() {
        state.withLock { $0.hasThread = true }
        Thread.detachNewThread { [self] in
            keepRunning()
            state.withLock { $0.hasThread = false }
        }
    }

    func giveSignOfLife() {
        state.withLock { try? $0.running?.leash.write(contentsOf: Data("\n".utf8)) }
    }

    /// From now on the worker is expected to end.
    func expectEnd() {
        state.withLock { $0.isEnding = true }
        wakeup.signal()
    }

    func tellToLeave() {
        state.withLock { try? $0.running?.leash.close() }
    }

    func disconnect() {
        state.withLock { state in
            guard let running = state.running else { return }
            kill(running.process, SIGKILL)
        }
    }

    private var isEnding: Bool { state.withLock { $0.isEnding } }

    private func keepRunning() {
        var policy = RestartPolicy()
        while !isEnding {
            let begun = ContinuousClock.now
            let ending = runOnce()
            if isEnding { return }
            // A worker takes its leave when the campaign is over, too.
            if ending != .left { state.withLock { $0.lastTrouble = ending } }
            switch policy.decide(after: ending, ranFor: ContinuousClock.now - begun) {
            case .never:
                if ending != .left { say("left out: \(ending)") }
                state.withLock { $0.givenUp = ending }
                return
            case .again(let pause):
                say("\(ending); starting it again in \(pause.components.seconds) s")
                _ = wakeup.wait(timeout: .now() + .seconds(Int(pause.components.seconds)))
            }
        }
    }

    /// Installs, starts and accompanies the worker until it ends.
    private func runOnce() -> WorkerEnding {
        do {
            let installation = HostInstallation(shell: shell, files: setting.files)
            try installation.run(say: say)
            if isEnding { return .left }
            return try accompany(installation)
        } catch let failure as HostInstallation.Failure {
            return failure.ending
        } catch {
            return .unfit("\(error)")
        }
    }

    private func accompany(_ installation: HostInstallation) throws -> WorkerEnding {
        let key = try setting.keys[host].map { try Data(contentsOf: $0) }
        let running = try shell.start(command(in: installation.folder, keySize: key?.count))
        let leash = running.input
        if let key { try? leash.write(contentsOf: key) }
        state.withLock {
            $0.running = (running.process.processIdentifier, leash)
            $0.starts += 1
        }
        // The campaign may have ended meanwhile, and nobody else closes this leash then.
        if isEnding { tellToLeave() }
        let lastWords = passOnLines(of: running.output)
        state.withLock { $0.running = nil }
        running.process.waitUntilExit()
        return WorkerEnding(status: running.process.exitCode, lastWords: lastWords)
    }

    /// The worker's command. The key comes first through its input, into a file that nobody else can
    /// read and that goes with the worker.
    private func command(in folder: String, keySize: Int?) -> String {
        var work =
            "\(HostInstallation.program(in: folder)) work --connect "
            + "\(RemoteShell.quoted(setting.address)) --leave-with-stdin"
        if let sessions = host.sessions { work += " --sessions \(sessions)" }
        guard let keySize else { return "exec env \(work)" }
        return """
            umask 077
            key=$(mktemp "$HOME/.cache/wardein/key-XXXXXX") || exit 1
            trap 'rm -f "$key"' EXIT
            head -c \(keySize) >"$key"
            \(work) --keys "$key"
            """
    }

    /// Passes on each line until there are no more, and returns the last one.
    private func passOnLines(of output: FileHandle) -> String {
        var lines = ForeignLines()
        var last = "no reason was given"
        let tell = { (line: String) in
            last = line
            self.say(line)
        }
        while let piece = try? output.read(upToCount: 1 << 16), !piece.isEmpty {
            lines.add(piece).forEach(tell)
        }
        lines.end().forEach(tell)
        return last
    }
}
