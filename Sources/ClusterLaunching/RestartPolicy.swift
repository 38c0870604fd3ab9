/// When the worker of a host is started again: after 1, 2, 4, … and at last every 60 seconds, unless
/// starting it again cannot help.
struct RestartPolicy: Sendable {
    /// How many times in a row it ended within a minute.
    private var shortRuns = 0
    /// How many of them were not the connection's fault.
    private var failures = 0

    /// What to do about a worker that ended.
    enum Decision: Hashable, Sendable {
        /// Start it again, after this time.
        case again(after: Duration)
        /// Leave the host out.
        case never
    }

    /// How many workers may fail in a row within a minute before their host is left out. Connections
    /// may be lost as often as they like.
    static let patience = 5

    /// A worker that ran for a minute was well.
    static let longRun = Duration.seconds(60)
    static let longestPause = Duration.seconds(60)

    mutating func decide(after ending: WorkerEnding, ranFor duration: Duration) -> Decision {
        guard ending.mayRetry else { return .never }
        if duration >= RestartPolicy.longRun { (shortRuns, failures) = (0, 0) }
        shortRuns += 1
        if !ending.isOfConnection { failures += 1 }
        guard failures < RestartPolicy.patience else { return .never }
        let pause = Duration.seconds(1 << min(shortRuns - 1, 6))
        return .again(after: min(pause, RestartPolicy.longestPause))
    }
}

/// How the worker of a host ended, or why it never began.
enum WorkerEnding: Hashable, Sendable {
    /// It took its leave: somebody on its host asked it to, or the campaign is over.
    case left
    /// It may not take part.
    case refused
    /// It could not take part this time.
    case tryAgain
    /// A signal ended it.
    case killed(signal: Int32)
    /// It ended with another exit code.
    case failed(status: Int32)
    /// There is no connection to the host; why, in the words of `ssh`.
    case disconnected(String)
    /// The host cannot run it; why.
    case unfit(String)

    /// What the exit code of `ssh` says of the worker, and the last words if it has no connection.
    init(status: Int32, lastWords: String) {
        switch status {
        case 0: self = .left
        case 3: self = .refused
        case 75: self = .tryAgain
        case RemoteShell.noConnection: self = .disconnected(lastWords)
        case 129...192: self = .killed(signal: status - 128)
        default: self = .failed(status: status)
        }
    }

    /// Whether starting it again may help.
    var mayRetry: Bool {
        switch self {
        // 2: the command line was wrong, and will be.
        case .left, .refused, .unfit, .failed(status: 2): false
        case .tryAgain, .killed, .failed, .disconnected: true
        }
    }

    var isOfConnection: Bool {
        if case .disconnected = self { true } else { false }
    }
}

extension WorkerEnding: CustomStringConvertible {
    /// A clause.
    var description: String {
        switch self {
        case .left: "its worker took its leave"
        case .refused: "its worker was refused"
        case .tryAgain: "its worker could not take part this time"
        case .killed(let signal): "its worker was ended by signal \(signal)"
        case .failed(let status): "its worker ended with status \(status)"
        case .disconnected(let words): "no connection (\(words))"
        case .unfit(let reason): reason
        }
    }
}
