public import Foundation
import Synchronization

/// Starts one worker on each of many hosts over SSH, keeps them running and ends them.
///
/// Each host has a thread of its own, so that a slow one holds nobody up: it copies what the worker
/// needs, starts it, passes on what it says, and starts it again when that may help. A worker lives
/// as long as the pipe that is its standard input: it leaves when that is closed, or nothing has come
/// through it for a minute. So none outlives this process for long, however either ends.
public final class HostLauncher {
    private let workers: [HostWorker]
    private let log = LineLog()
    private var nextSign = ContinuousClock.now

    /// What workers are started with.
    public struct Setting: Sendable {
        /// Where the workers reach the coordinator.
        public var address: String
        /// What is copied to the hosts.
        public var files: WorkerFiles
        /// The key file of each host's worker; none of those that need none.
        public var keys: [Host: URL]

        /// Assembles the setting from its parts.
        public init(address: String, files: WorkerFiles, keys: [Host: URL] = [:]) {
            self.address = address
            self.files = files
            self.keys = keys
        }
    }

    /// Begins to start the workers, and returns at once.
    public init(_ hosts: ReachableHosts, setting: Setting) {
        let log = log
        workers = hosts.shells.map { shell in
            HostWorker(on: shell, setting: setting) { log.add("\(shell.host.name): \($0)") }
        }
        for worker in workers { worker.begin() }
    }

    /// What the hosts and the workers have said since this was last asked: lines that begin with the
    /// name of the host.
    public func takeLines() -> [String] { log.takeAll() }

    /// Called several times a second, so that the workers know that this process lives.
    ///
    /// - Throws: ``HostError`` when no host is left that counts or may count again.
    public func tend() throws {
        if ContinuousClock.now >= nextSign {
            nextSign = .now + HostLauncher.signInterval
            for worker in workers { worker.giveSignOfLife() }
        }
        let reasons = workers.compactMap { worker in
            worker.givenUp.map { "\(worker.host.name): \($0)" }
        }
        guard reasons.count == workers.count else { return }
        throw HostError("no host is left: \(reasons.joined(separator: "; "))")
    }

    /// Ends the workers: those that were told goodbye have two seconds to go; then all are told to
    /// leave; and what has not left when they had to is not there any more.
    public func end() {
        for worker in workers { worker.expectEnd() }
        wait(for: .seconds(2))
        for worker in workers { worker.tellToLeave() }
        wait(for: HostLauncher.timeToLeave)
        for worker in workers { worker.disconnect() }
        wait(for: .seconds(2))
    }

    /// The hosts that were left out or had trouble, each in a sentence.
    public var troubles: [String] {
        workers.compactMap { worker in
            worker.trouble.map { "\(worker.host.name): \($0)" }
        }
    }

    /// A worker that gets no sign of life for six of these leaves.
    private static let signInterval = Duration.seconds(10)
    /// A worker that was told to leave finishes what it counts, but takes no longer than this.
    private static let timeToLeave = Duration.seconds(8)

    private func wait(for patience: Duration) {
        let deadline = ContinuousClock.now + patience
        while workers.contains(where: \.isRunning), ContinuousClock.now < deadline {
            usleep(20_000)
        }
    }
}

/// The hosts of a file that answer, and why the others do not.
public struct ReachableHosts: Sendable {
    /// One sentence for each host that does not answer, in the words of `ssh`.
    public let failures: [String]
    let shells: [RemoteShell]

    /// Those that answer.
    public var hosts: [Host] { shells.map(\.host) }

    /// Tries all hosts at the same time.
    ///
    /// - Parameter configuration: a configuration file for `ssh` instead of the user's own.
    /// - Throws: ``HostError`` when no host answers.
    public init(of file: HostsFile, configuration: String?) throws {
        let shells = file.hosts.map { RemoteShell(host: $0, configuration: configuration) }
        let complaints = Mutex<[Int: String]>([:])
        let everybody = DispatchGroup()
        for (place, shell) in shells.enumerated() {
            everybody.enter()
            Thread.detachNewThread {
                defer { everybody.leave() }
                guard let complaint = shell.complaint() else { return }
                complaints.withLock { $0[place] = "\(shell.host.name): \(complaint)" }
            }
        }
        everybody.wait()
        let said = complaints.withLock { $0 }
        failures = shells.indices.compactMap { said[$0] }
        self.shells = shells.indices.filter { said[$0] == nil }.map { shells[$0] }
        guard !self.shells.isEmpty else {
            throw HostError("no host can be reached: \(failures.joined(separator: "; "))")
        }
    }
}

extension RemoteShell {
    /// Why no command can be run on the host; nil: it can.
    fileprivate func complaint() -> String? {
        do {
            let answer = try run("exit 0", within: 30)
            return answer.status == 0 ? nil : answer.lastWords
        } catch {
            return "\(error)"
        }
    }
}

/// Lines from many threads for one that shows them. What comes faster than it is shown is left out.
private final class LineLog: Sendable {
    private let state = Mutex((lines: [String](), leftOut: 0))
    private static let capacity = 1000

    func add(_ line: String) {
        state.withLock { state in
            if state.lines.count < LineLog.capacity {
                state.lines.append(line)
            } else {
                state.leftOut += 1
            }
        }
    }

    func takeAll() -> [String] {
        state.withLock { state in
            defer { state = ([], 0) }
            return state.leftOut == 0
                ? state.lines : state.lines + ["\(state.leftOut) more lines are not shown"]
        }
    }
}
