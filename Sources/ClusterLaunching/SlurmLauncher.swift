import Foundation
import Synchronization

/// Starts the workers of a campaign as one array job of Slurm, and cancels what is left of it.
///
/// What it submits and what it knows lies in `OUTPUT/slurm`: `workers.sbatch`, `address` (the
/// coordinator's, while it listens), `array` (the number of the array job), and the workers' logs.
public final class SlurmLauncher {
    /// The number of the array job.
    public let array: String
    private let folder: SlurmFolder
    private let queue: QueueWatch

    /// Writes the scripts, cancels the array that an earlier coordinator of this campaign left
    /// behind, and submits the workers.
    ///
    /// - Parameters:
    ///   - scripts: what to submit.
    ///   - address: where the workers reach the coordinator, which listens already.
    /// - Throws: ``SlurmError``, in the words of the command that failed.
    public init(submitting scripts: SlurmScripts, address: String) throws {
        folder = SlurmFolder(of: scripts.output)
        if let earlier = try folder.earlierArray() { SlurmLauncher.cancel(earlier) }
        try folder.write(scripts.workers, to: .workers)
        try folder.write(address + "\n", to: .address)
        do {
            array = try SlurmLauncher.submit(.workers, in: folder)
        } catch {
            folder.remove(.address)
            throw error
        }
        queue = QueueWatch(array: array)
        do {
            try folder.write(array + "\n", to: .array)
        } catch {
            end()
            throw error
        }
    }

    /// Submits the coordinator as a job of its own, which submits the workers.
    ///
    /// - Returns: the number of the job.
    public static func submitCoordinator(
        _ scripts: SlurmScripts, arguments: [String], directory: String
    ) throws -> String {
        let folder = SlurmFolder(of: scripts.output)
        try folder.write(
            scripts.coordinator(arguments: arguments, directory: directory), to: .coordinator)
        return try submit(.coordinator, in: folder)
    }

    /// Submits a script that was written, and leaves it there when it is refused, to be looked at: the
    /// next attempt writes it anew.
    private static func submit(_ script: SlurmFolder.Name, in folder: SlurmFolder) throws -> String
    {
        do {
            return try SlurmCommand.submit(folder.path(script))
        } catch {
            throw SlurmError("\(error); the script is \(folder.path(script))")
        }
    }

    /// The address of this machine that the nodes of a partition can reach.
    ///
    /// - Throws: ``SlurmError`` when Slurm does not answer, or knows no such partition.
    public static func address(toward partition: String?) throws -> String? {
        let choice = partition.map { ["--partition", $0] } ?? []
        let nodes = try SlurmCommand.run(
            "sinfo", ["--noheader", "--Node", "--format=%o"] + choice)
        guard let node = nodes.split(whereSeparator: \.isWhitespace).first else {
            throw SlurmError(
                partition.map { "Slurm has no partition '\($0)'; sinfo lists those that it has" }
                    ?? "Slurm has no node in its default partition; sinfo lists all of them")
        }
        return LocalRoute.address(toward: String(node))
    }

    /// Called from time to time with the number of workers that are there.
    ///
    /// - Throws: ``SlurmError`` when nobody is there and nobody is to come.
    public func checkThatSomebodyComes(workers: Int) throws {
        guard workers == 0, queue.isEmpty else { return }
        throw SlurmError(
            "no worker is left in Slurm's queue (array job \(array)); "
                + "\(folder.path)/worker-*.log say why")
    }

    /// Ends the array: what has not started is cancelled at once, and those that were told goodbye
    /// have some seconds to go.
    public func end() {
        queue.end()
        folder.remove(.address)
        _ = try? SlurmCommand.run("scancel", ["--quiet", "--state=PENDING", array])
        let deadline = Date(timeIntervalSinceNow: 10)
        while Date() < deadline, (try? QueueWatch.holds(array)) == true { usleep(300_000) }
        SlurmLauncher.cancel(array)
        folder.remove(.array)
    }

    private static func cancel(_ array: String) {
        _ = try? SlurmCommand.run("scancel", ["--quiet", array])
    }
}

/// What Slurm or an option for it is refused with: one sentence.
public struct SlurmError: Error, CustomStringConvertible {
    /// The sentence.
    public let description: String

    init(_ description: String) { self.description = description }
}

/// Looks every half minute whether the array is in the queue, on a thread of its own: Slurm may take
/// its time to answer.
private final class QueueWatch: Sendable {
    private let state = Mutex((missed: 0, hasEnded: false))

    init(array: String) {
        Thread.detachNewThread { [weak self] in
            while true {
                sleep(QueueWatch.pause)
                guard let self, !state.withLock({ $0.hasEnded }) else { return }
                guard let holds = try? QueueWatch.holds(array) else { continue }
                state.withLock { $0.missed = holds ? 0 : $0.missed + 1 }
            }
        }
    }

    /// Whether the array was missing twice in a row: a task that is queued again may be missing once.
    var isEmpty: Bool { state.withLock { $0.missed >= 2 } }

    func end() { state.withLock { $0.hasEnded = true } }

    static func holds(_ array: String) throws -> Bool {
        try SlurmCommand.run("squeue", ["--noheader", "--user=\(getuid())", "--format=%F"])
            .split(whereSeparator: \.isWhitespace).contains { $0 == array }
    }

    private static let pause: UInt32 = 15
}

/// The folder `slurm` in a campaign's folder.
private struct SlurmFolder {
    let path: String

    enum Name: String {
        case workers = "workers.sbatch"
        case coordinator = "coordinator.sbatch"
        case address
        case array
    }

    init(of output: String) { path = output + "/slurm" }

    func path(_ name: Name) -> String { path + "/" + name.rawValue }

    /// The array that an earlier coordinator of this campaign left behind; nil: none.
    ///
    /// - Throws: ``SlurmError`` when the file holds something else, which must not get to `scancel`.
    func earlierArray() throws -> String? {
        guard let data = FileManager.default.contents(atPath: path(.array)) else { return nil }
        let text = String(decoding: data.prefix(200), as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        guard SlurmCommand.isJobNumber(text) else {
            throw SlurmError(
                "\(path(.array)) holds '\(text.fitForTerminal(upTo: 40))', which is not the number of "
                    + "an array job: cancel by hand what squeue still shows of this campaign, and "
                    + "remove that file")
        }
        return text
    }

    func write(_ text: String, to name: Name) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(filePath: path(name)), options: .atomic)
        } catch {
            throw SlurmError("cannot write \(path(name)): \(error.localizedDescription)")
        }
    }

    func remove(_ name: Name) { try? FileManager.default.removeItem(atPath: path(name)) }
}
