import Foundation
import Testing

@testable import ClusterLaunching

@Suite struct SlurmTimeLimitTests {
    @Test(arguments: ["90", "30:00", "2:00:00", "1-12", "1-12:30", "1-12:30:00", "UNLIMITED", "2"])
    func `a time limit is one of Slurm's forms`(text: String) {
        #expect(SlurmTimeLimit(text)?.text == text)
    }

    @Test(arguments: [
        "5x", "", "1", "0", "1:59", "-1", "1-", "-", "2h", "1:2:3:4", "1-2-3", "1::2",
    ])
    func `what is no time limit, or leaves no time, is none`(text: String) {
        #expect(SlurmTimeLimit(text) == nil)
    }
}

@Suite struct SlurmAllocationTests {
    @Test func `what Slurm cannot take is refused with the option and its value`() {
        expectRefusal("--array", "0") { try SlurmAllocation(workers: 0) }
        expectRefusal("--array-limit", "-1") { try SlurmAllocation(workers: 2, limit: -1) }
        expectRefusal("--cpus-per-task", "0") { try SlurmAllocation(workers: 2, cores: 0) }
        expectRefusal("--partition", "a b") { try SlurmAllocation(workers: 2, partition: "a b") }
        expectRefusal("--account", "x\n#SBATCH") {
            try SlurmAllocation(workers: 2, account: "x\n#SBATCH")
        }
        expectRefusal("--sbatch-line", "--mem=4G") {
            try SlurmAllocation(workers: 2, furtherLines: ["--mem=4G"])
        }
        expectRefusal("--sbatch-line", "rm") {
            try SlurmAllocation(workers: 2, furtherLines: ["#SBATCH --mem=4G\nrm -r x"])
        }
    }

    @Test(arguments: ["/a/50%/run", "/a/\"b\"", "/a\nb", "/a\\b"])
    func `a path in which Slurm sees something else is refused`(path: String) throws {
        let allocation = try SlurmAllocation(workers: 1)
        #expect(throws: SlurmError.self) {
            try SlurmScripts(allocation, program: "/wardein", output: path)
        }
    }

    private func expectRefusal(
        _ words: String..., by make: () throws -> SlurmAllocation
    ) {
        let error = #expect(throws: SlurmError.self) { _ = try make() }
        for word in words { #expect(error?.description.contains(word) == true) }
    }
}

/// `deploy/slurm` holds the scripts for an example; `WARDEIN_REGENERATE=1 swift test --filter
/// SlurmScriptsTests` writes them again.
@Suite struct SlurmScriptsTests {
    private static let deploy = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "deploy/slurm")

    private static func example() throws -> SlurmScripts {
        try SlurmScripts(
            SlurmAllocation(
                workers: 20, limit: 10, cores: 4, partition: "cpu", account: "vision",
                timeLimit: SlurmTimeLimit("4:00:00"), furtherLines: ["#SBATCH --mem=4G"]),
            program: "/home/ada/wardein/wardein", output: "/scratch/ada/run1",
            keyFile: "/home/ada/keys/workers.key")
    }

    private static let coordinatorArguments = [
        "cluster", "--slurm", "--array", "20", "--array-limit", "10", "--cpus-per-task", "4",
        "--partition", "cpu", "--account", "vision", "--time", "4:00:00", "--sbatch-line",
        "#SBATCH --mem=4G", "--keys", "/home/ada/keys", "--model", "model.onnx", "--inputs",
        "test_images.npy", "--sigma", "0.5", "--output", "run1", "--coordinator", "here",
    ]

    @Test func `the scripts in deploy are those that are submitted`() throws {
        let scripts = try Self.example()
        let coordinator = scripts.coordinator(
            arguments: Self.coordinatorArguments, directory: "/scratch/ada")
        try expect(scripts.workers, in: "workers.sbatch")
        try expect(coordinator, in: "coordinator.sbatch")
    }

    @Test func `options that were not given leave no line`() throws {
        let scripts = try SlurmScripts(
            SlurmAllocation(workers: 3), program: "/wardein", output: "/run1")
        let lines = scripts.workers.split(separator: "\n")
        #expect(lines.contains("#SBATCH --array=1-3"))
        #expect(lines.contains("#SBATCH --cpus-per-task=1"))
        for option in ["partition", "account", "time", "mem"] {
            #expect(!lines.contains { $0.hasPrefix("#SBATCH --\(option)") })
        }
        #expect(!scripts.workers.contains("key"))
    }

    @Test func `bash and shellcheck have nothing to say`() throws {
        let strange = try SlurmScripts(
            SlurmAllocation(workers: 1), program: "/it's a $HOME/wardein", output: "/a `b`/c;d",
            keyFile: "/k e y")
        for scripts in [try Self.example(), strange] {
            let coordinator = scripts.coordinator(
                arguments: ["cluster", "--model", "it's", "--slurm", "$(false)"],
                directory: "/x y")
            for script in [scripts.workers, coordinator] {
                let file = FileManager.default.temporaryDirectory
                    .appending(path: "wardein-\(UUID().uuidString).sbatch")
                try Data(script.utf8).write(to: file)
                defer { try? FileManager.default.removeItem(at: file) }
                #expect(try Shell.run("/bin/bash", ["-n", file.path]).output == "")
                let shellcheck = "/usr/bin/shellcheck"
                guard FileManager.default.isExecutableFile(atPath: shellcheck) else { continue }
                #expect(try Shell.run(shellcheck, ["--severity=warning", file.path]).output == "")
            }
        }
    }

    private func expect(_ text: String, in name: String) throws {
        let file = Self.deploy.appending(path: name)
        if ProcessInfo.processInfo.environment["WARDEIN_REGENERATE"] != nil {
            try Data(text.utf8).write(to: file)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == text)
    }
}

/// What a script does when the worker in it ends, with a program and a `scontrol` that only pretend.
@Suite struct WorkerScriptTests {
    @Test(arguments: [
        (ends: 0, restarts: 0, status: 0, isRequeued: false),
        (ends: 1, restarts: 0, status: 1, isRequeued: false),
        (ends: 3, restarts: 0, status: 3, isRequeued: false),
        (ends: 75, restarts: 0, status: 0, isRequeued: true),
        (ends: 75, restarts: 19, status: 0, isRequeued: true),
        (ends: 75, restarts: 20, status: 75, isRequeued: false),
    ])
    func `a worker that may be let in later is queued again, and no other`(
        ends: Int, restarts: Int, status: Int32, isRequeued: Bool
    ) throws {
        let play = try ScriptPlay(program: "exit \(ends)")
        let outcome = try play.run(environment: ["SLURM_RESTART_COUNT": "\(restarts)"])
        #expect(outcome.status == status, "\(outcome.output)")
        #expect(play.requeued == (isRequeued ? "requeue 17_2\n" : nil))
    }

    @Test(arguments: [
        (signal: SIGTERM, ends: 0, isRequeued: false), (signal: SIGUSR1, ends: 0, isRequeued: true),
        (signal: SIGUSR1, ends: 3, isRequeued: false),
    ])
    func `a signal reaches the worker as TERM, and only the time limit queues it again`(
        signal: Int32, ends: Int, isRequeued: Bool
    ) throws {
        let play = try ScriptPlay(
            program: """
                trap 'echo told to leave; sleep 0.2; exit \(ends)' TERM
                touch "$PLAY/begun"
                for ((i = 0; i < 200; i++)); do sleep 0.05; done
                """)
        let outcome = try play.run(signal: signal)
        #expect(outcome.output.contains("told to leave"))
        #expect(outcome.status == Int32(isRequeued ? 0 : ends))
        #expect(play.requeued == (isRequeued ? "requeue 17_2\n" : nil))
    }

    @Test func `the worker is told the address, its cores and the key file`() throws {
        let play = try ScriptPlay(program: #"printf '%s\n' "$@""#)
        let outcome = try play.run()
        #expect(
            outcome.output.split(separator: "\n") == [
                "work", "--connect", "tcp://10.0.0.1:5555", "--sessions", "4", "--keys",
                "\(play.folder)/workers.key",
            ])
    }

    @Test func `without a coordinator there is nothing to do`() throws {
        let play = try ScriptPlay(program: "exit 1", address: nil)
        let outcome = try play.run()
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("No coordinator listens"))
    }
}

/// A worker script in a folder of its own, with a program and Slurm's commands played by scripts.
private final class ScriptPlay {
    let folder = NSTemporaryDirectory() + "wardein play \(UUID().uuidString)"
    private let script: String

    init(program: String, address: String? = "tcp://10.0.0.1:5555") throws {
        script = folder + "/run/slurm/workers.sbatch"
        let scripts = try SlurmScripts(
            SlurmAllocation(workers: 1), program: folder + "/wardein", output: folder + "/run",
            keyFile: folder + "/workers.key")
        let files = FileManager.default
        try files.createDirectory(
            atPath: folder + "/run/slurm", withIntermediateDirectories: true)
        try Data(scripts.workers.utf8).write(to: URL(filePath: script))
        if let address {
            let file = URL(filePath: folder + "/run/slurm/address")
            try Data((address + "\n").utf8).write(to: file)
        }
        try play("wardein", program)
        try play("scontrol", #"echo "$@" >>"$PLAY/requeued""#)
        // Nobody needs to wait for an address that does not come.
        if address == nil { try play("sleep", "exit 0") }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    var requeued: String? {
        try? String(contentsOfFile: folder + "/requeued", encoding: .utf8)
    }

    func run(environment: [String: String] = [:], signal: Int32? = nil) throws -> Shell.Outcome {
        var environment = environment
        environment["PATH"] = folder + ":/usr/bin:/bin"
        environment["PLAY"] = folder
        // A number that is the array's as well: it must not be used for the task.
        environment["SLURM_JOB_ID"] = "17"
        environment["SLURM_ARRAY_JOB_ID"] = "17"
        environment["SLURM_ARRAY_TASK_ID"] = "2"
        environment["SLURM_CPUS_PER_TASK"] = "4"
        return try Shell.run("/bin/bash", [script], environment: environment) { [folder] process in
            guard let signal else { return }
            while process.isRunning, !FileManager.default.fileExists(atPath: folder + "/begun") {
                usleep(10_000)
            }
            kill(process.processIdentifier, signal)
        }
    }

    private func play(_ name: String, _ body: String) throws {
        let file = folder + "/" + name
        try Data("#!/bin/bash\n\(body)\n".utf8).write(to: URL(filePath: file))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
    }
}

/// A process, run to its end.
enum Shell {
    struct Outcome {
        let status: Int32
        let output: String
    }

    static func run(
        _ program: String, _ arguments: [String], environment: [String: String]? = nil,
        meanwhile: (Process) -> Void = { _ in }
    ) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.environment = environment ?? ProcessInfo.processInfo.environment
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        // A process begins with the signals blocked that its parent's thread blocks.
        var (signals, before) = (sigset_t(), sigset_t())
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGUSR1)
        pthread_sigmask(SIG_UNBLOCK, &signals, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try process.run()
        meanwhile(process)
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus, output: String(decoding: output, as: UTF8.self))
    }
}
