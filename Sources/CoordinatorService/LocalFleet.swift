public import Foundation

/// Worker processes of this same program on this machine.
///
/// They end with their parent, however that ends (each looks ten times a second who its parent is),
/// and one that dies is replaced, unless those before it died without counting anything.
public final class LocalFleet {
    private let endpoint: String
    private let options: [String]
    private var processes: [Process] = []
    private var deathsWithoutProgress = 0
    private var samplesAtLastDeath = 0

    /// How many workers may die in a row, with no sample counted in between, before the fleet is
    /// given up.
    static let patience = 5

    /// What ended the fleet.
    struct Failure: Error, CustomStringConvertible {
        /// One sentence.
        let description: String
    }

    /// Starts so many workers, each with one session, that connect to the endpoint.
    ///
    /// - Parameter options: further options of `wardein work`.
    public init(workers: Int, endpoint: String, options: [String] = []) throws {
        self.endpoint = endpoint
        self.options = options
        do {
            for _ in 0..<workers { processes.append(try launch()) }
        } catch {
            end()
            throw Failure(description: "cannot start a worker process: \(error)")
        }
    }

    /// How many workers run.
    public var count: Int { processes.count }

    /// Replaces workers that died. Called from time to time with the samples settled so far.
    ///
    /// - Throws: ``Failure`` when a worker was refused or workers die as fast as they start.
    public func replaceTheDead(samples: Int) throws {
        for place in processes.indices where !processes[place].isRunning {
            let status = processes[place].terminationStatus
            let wasKilled = processes[place].terminationReason == .uncaughtSignal
            guard wasKilled || status != WorkerExit.refused else {
                throw Failure(
                    description: "a worker process was refused; its reason is above")
            }
            deathsWithoutProgress = samples > samplesAtLastDeath ? 1 : deathsWithoutProgress + 1
            samplesAtLastDeath = samples
            guard deathsWithoutProgress < LocalFleet.patience else {
                let how = wasKilled ? "by signal \(status)" : "with status \(status)"
                throw Failure(
                    description: "\(LocalFleet.patience) worker processes in a row ended \(how) "
                        + "without counting anything")
            }
            processes[place] = try launch()
        }
    }

    /// Waits for workers that were told goodbye, and kills those that do not go within two seconds.
    public func end() {
        let deadline = Date(timeIntervalSinceNow: 2)
        while processes.contains(where: \.isRunning), Date() < deadline { usleep(10_000) }
        for process in processes where process.isRunning {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        processes = []
    }

    /// This program; by its link in `/proc` once the file was replaced or removed.
    public static let program: URL = {
        let link = URL(filePath: "/proc/self/exe")
        let file = link.resolvingSymlinksInPath()
        return FileManager.default.isExecutableFile(atPath: file.path) ? file : link
    }()

    private func launch() throws -> Process {
        let process = Process()
        process.executableURL = LocalFleet.program
        process.arguments =
            [
                "work", "--connect", endpoint, "--sessions", "1", "--parent", "\(getpid())",
            ] + options
        process.standardInput = FileHandle.nullDevice
        var environment = ProcessInfo.processInfo.environment
        // A worker that dies says one sentence, not a hundred lines.
        environment["SWIFT_BACKTRACE"] = environment["SWIFT_BACKTRACE"] ?? "enable=no"
        process.environment = environment
        try process.run()
        return process
    }
}

/// The exit codes of a worker that its launchers act upon.
public enum WorkerExit {
    /// It may not take part: starting it again does not help.
    public static let refused: Int32 = 3
    /// It could not take part this time: starting it again may help.
    public static let tryAgain: Int32 = 75
}
