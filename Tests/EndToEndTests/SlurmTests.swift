import Foundation
import Testing

/// `cluster --slurm` with commands of Slurm that only pretend: what is submitted runs here.
/// `scripts/try-slurm` does it with Slurm itself.
@Suite(.serialized) struct SlurmTests {
    private static func cluster(_ scratch: Scratch, _ more: String...) -> [String] {
        ["cluster", "--slurm", "--array", "2"] + more + LongCampaign.options(scratch)
    }

    @Test func `an array counts what a local run counts, and nothing of it is left`() throws {
        let scratch = try Scratch()
        let slurm = try PretendedSlurm(in: scratch)
        let outcome = try Program.run(Self.cluster(scratch), environment: slurm.environment)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try scratch.contents("run/records.jsonl") == LongCampaign.undisturbed.get())
        #expect(outcome.errors.contains("array job 41 "))
        #expect(
            slurm.calls == [
                "sbatch --parsable \(scratch.path("run/slurm/workers.sbatch"))",
                "scancel --quiet --state=PENDING 41", "scancel --quiet 41",
            ])
        #expect(!scratch.exists("run/slurm/address") && !scratch.exists("run/slurm/array"))
    }

    @Test func `a coordinator that was killed goes on with a new array`() throws {
        let scratch = try Scratch()
        let slurm = try PretendedSlurm(in: scratch)
        let running = try Running(Self.cluster(scratch), environment: slurm.environment)
        try waitUntil("some inputs are decided") {
            ((try? scratch.contents("run/records.jsonl")) ?? Data()).count { $0 == 10 } > 3
        }
        running.signal(SIGKILL)
        _ = running.wait()
        let outcome = try Program.run(
            ["resume", scratch.path("run")], environment: slurm.environment)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(slurm.calls.prefix(2).last == "scancel --quiet 41")
        #expect(outcome.errors.contains("array job 42 "))
        #expect(try scratch.contents("run/records.jsonl") == LongCampaign.undisturbed.get())
    }

    @Test func `a coordinator that is a job submits the workers itself`() throws {
        let scratch = try Scratch()
        let slurm = try PretendedSlurm(in: scratch)
        let outcome = try Program.run(
            Self.cluster(scratch, "--coordinator", "job"), environment: slurm.environment)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("job 41;"))
        try waitUntil("it is finished") { scratch.exists("run/provenance.json") }
        #expect(try scratch.contents("run/records.jsonl") == LongCampaign.undisturbed.get())
        try waitUntil("the array is cancelled") { slurm.calls.last == "scancel --quiet 42" }
    }

    @Test func `an array is let in by the key of its workers`() throws {
        let scratch = try Scratch()
        let slurm = try PretendedSlurm(in: scratch)
        let keys = scratch.path("keys")
        #expect(try Program.run(["keys", "new", "--keys", keys]).status == 0)
        let early = try Program.run(
            Self.cluster(scratch, "--keys", keys), environment: slurm.environment)
        #expect(early.status == 2)
        #expect(early.errors.contains("wardein keys new workers --keys \(keys)"))
        #expect(!scratch.exists("run"))

        #expect(try Program.run(["keys", "new", "workers", "--keys", keys]).status == 0)
        let outcome = try Program.run(
            Self.cluster(scratch, "--keys", keys), environment: slurm.environment)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let script = try scratch.contents("run/slurm/workers.sbatch")
        #expect(String(decoding: script, as: UTF8.self).contains("key=\(keys)/workers.key\n"))
        #expect(try scratch.contents("run/records.jsonl") == LongCampaign.undisturbed.get())
    }

    @Test func `after a refusal of sbatch the next attempt goes on, and the script is named`()
        throws
    {
        let scratch = try Scratch()
        let slurm = try PretendedSlurm(in: scratch)
        let refused = try Program.run(
            Self.cluster(scratch, "--account", "broke"), environment: slurm.environment)
        #expect(refused.status == 2)
        #expect(
            refused.errors.contains("the script is \(scratch.path("run/slurm/workers.sbatch"))"))
        let outcome = try Program.run(Self.cluster(scratch), environment: slurm.environment)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try scratch.contents("run/records.jsonl") == LongCampaign.undisturbed.get())
    }

    @Test(arguments: ["", "41 42", "--state=RUNNING", "4x1", "\u{1B}[2J"])
    func `what is not the number of an array does not get to scancel`(text: String) throws {
        let scratch = try Scratch()
        let slurm = try PretendedSlurm(in: scratch)
        try FileManager.default.createDirectory(
            atPath: scratch.path("run/slurm"), withIntermediateDirectories: true)
        _ = try scratch.write(text.utf8, to: "run/slurm/array")
        let outcome = try Program.run(Self.cluster(scratch), environment: slurm.environment)
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("run/slurm/array holds '"), "\(outcome.errors)")
        #expect(!outcome.errors.contains("\u{1B}"))
        #expect(slurm.calls == [])
    }

    /// What is wrong, and what must be said.
    private static let mistakes: [(options: [String], says: [String])] = [
        (["--slurm", "--array", "2", "--time", "5x"], ["--time", "'5x'", "2:00:00"]),
        (["--slurm"], ["--array N"]),
        (["--array", "2"], ["--slurm"]),
        (["--slurm", "--array", "0"], ["--array", "0"]),
        (["--slurm", "--array", "2", "--sbatch-line", "--mem=4G"], ["'--mem=4G'", "#SBATCH"]),
        (["--slurm", "--array", "2", "--partition", "none"], ["no partition 'none'", "sinfo"]),
        (["--slurm", "--array", "2", "--account", "broke"], ["sbatch", "account is broke"]),
        (["--slurm", "--array", "2", "--coordinator", "there"], ["there", "here", "job"]),
    ]

    @Test(arguments: mistakes)
    func `a mistake is answered with one sentence, and no campaign is begun`(
        options: [String], says: [String]
    ) throws {
        let scratch = try Scratch()
        let slurm = try PretendedSlurm(in: scratch)
        let outcome = try Program.run(
            ["cluster"] + options + LongCampaign.options(scratch), environment: slurm.environment)
        #expect(outcome.status == 2)
        for words in says { #expect(outcome.errors.contains(words), "\(outcome.errors)") }
        #expect(!scratch.exists("run/manifest.json") && !scratch.exists("run/slurm/address"))
    }

    @Test func `a machine without Slurm is told so`() throws {
        let scratch = try Scratch()
        let outcome = try Program.run(
            Self.cluster(scratch), environment: ["PATH": scratch.path("empty")])
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("sinfo is not on the PATH"))
        #expect(!scratch.exists("run"))
    }
}

/// A folder of commands that do what Slurm's do, on this machine.
private final class PretendedSlurm {
    let environment: [String: String]
    private let scratch: Scratch

    init(in scratch: Scratch) throws {
        self.scratch = scratch
        var environment = ProcessInfo.processInfo.environment
        environment["PATH"] = scratch.path("bin") + ":/usr/bin:/bin"
        environment["PLAY"] = scratch.path("")
        self.environment = environment
        try FileManager.default.createDirectory(
            atPath: scratch.path("bin"), withIntermediateDirectories: true)
        try play("sinfo", #"[[ "$*" == *--partition* ]] || echo 127.0.0.1"#)
        try play("squeue", "exit 0")
        try play("scancel", #"echo "scancel $*" >>"$PLAY/calls""#)
        try play(
            "sbatch",
            """
            script=$2
            if grep -q -- --account=broke "$script"; then
                echo "sbatch: error: your account is broke" >&2
                exit 1
            fi
            echo "sbatch $*" >>"$PLAY/calls"
            echo $((41 + $(grep -c sbatch "$PLAY/calls") - 1))
            # What outlives this command must not hold what its caller waits for.
            for fd in /proc/$$/fd/*; do
                fd=${fd##*/}
                if ((fd > 2 && fd < 255)); then eval "exec $fd>&-"; fi
            done
            tasks=$(sed -n 's/^#SBATCH --array=1-//p' "$script")
            for ((task = 0; task < ${tasks:-1}; task++)); do
                SLURM_CPUS_PER_TASK=1 SLURM_JOB_ID=$task setsid bash "$script" &>>"$PLAY/log" &
                echo $! >>"$PLAY/processes"
            done
            """)
    }

    /// What was submitted ends with the test.
    deinit {
        let text = (try? scratch.contents("processes")) ?? Data()
        for process in String(decoding: text, as: UTF8.self).split(separator: "\n") {
            if let group = Int32(process), group > 1 { kill(-group, SIGKILL) }
        }
    }

    /// What was asked of Slurm, other than how things are.
    var calls: [String] {
        let text = (try? scratch.contents("calls")) ?? Data()
        return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private func play(_ name: String, _ body: String) throws {
        let file = try scratch.write("#!/bin/bash\n\(body)\n".utf8, to: "bin/" + name)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
    }
}
