public import ClusterLaunching
import Foundation

/// Looks at other machines, through programs that are there anyway.
public enum OtherMachines {
    /// What each host finds about itself, asked by `ssh`.
    ///
    /// - Parameter sshConfiguration: a configuration file for `ssh` instead of the user's own.
    public static func examine(
        _ hosts: HostsFile, sshConfiguration: String?, version: String
    ) -> [(host: String, findings: [Finding])] {
        hosts.hosts.map { host in
            let sent = Date().timeIntervalSince1970
            let answer = answer(of: host, sshConfiguration)
            let arrived = Date().timeIntervalSince1970
            return (
                host.name,
                findings(in: answer, sent: sent, arrived: arrived, version: version)
            )
        }
    }

    private static func answer(of host: ClusterLaunching.Host, _ sshConfiguration: String?)
        -> Answer
    {
        do {
            let answer = try host.run(script, sshConfiguration: sshConfiguration)
            return Answer(status: answer.status, output: answer.output, errors: answer.errors)
        } catch {
            return Answer(status: 255, errors: "\(error)")
        }
    }

    /// The program where it was installed by hand, or else where the launcher copied it last.
    private static let script = """
        p=$(command -v wardein || ls -t "$HOME"/.cache/wardein/*/wardein 2>/dev/null | head -n 1); \
        [ -n "$p" ] || exit 127; exec "$p" doctor --json
        """

    static func findings(
        in answer: Answer, sent: Double, arrived: Double, version: String
    ) -> [Finding] {
        if answer.status == 255 {
            return [
                .fail(
                    "ssh", answer.lastWords,
                    mend: "make `ssh HOST true` work without a password")
            ]
        }
        let json = answer.output.drop { $0 != "{" }
        guard
            let examination = try? JSONDecoder().decode(Examination.self, from: Data(json.utf8))
        else {
            guard answer.status == 127, answer.errors.isEmpty else {
                return [.fail("program", "it does not run there: \(answer.lastWords)", mend: nil)]
            }
            return [
                .warn("program", "not there yet", mend: "wardein cluster --hosts copies it")
            ]
        }
        let isSame = examination.version == version
        let program: Finding =
            isSame
            ? .ok("program", "wardein \(version)")
            : .fail(
                "program",
                "wardein \(examination.version.fitForTerminal(upTo: 40)) there, \(version) here",
                mend: "install the same release on both")
        return [program, ClockComparison(examination.time, sent: sent, arrived: arrived).finding]
            + examination.findings.prefix(100).filter { !["clock", "program"].contains($0.what) }
            .map(\.fitForTerminal)
    }

    /// Whether Slurm is there and would take an array job.
    public static func examineSlurm(partition: String?) -> [Finding] {
        let sbatch = Answer(running: ["sbatch", "--version"])
        guard sbatch.status == 0 else {
            return [
                .fail(
                    "sbatch", sbatch.lastWords,
                    mend: "run this where jobs are submitted, or apt-get install slurm-client")
            ]
        }
        let version = sbatch.output.trimmingCharacters(in: .whitespacesAndNewlines)
        let sinfo = Answer(
            running: ["sinfo", "--noheader", "--format=%P %a %D %T"]
                + (partition.map { ["--partition=\($0)"] } ?? []))
        guard sinfo.status == 0 else {
            return [
                .ok("sbatch", version),
                .fail("partition", sinfo.lastWords, mend: "scontrol ping"),
            ]
        }
        return [.ok("sbatch", version)] + partitions(in: sinfo.output, wanted: partition)
    }

    /// One finding for each line `PARTITION up|down COUNT STATE` of `sinfo`.
    static func partitions(in text: String, wanted: String?) -> [Finding] {
        let lines = text.split(separator: "\n").map { $0.split(separator: " ") }
        let usable = ["idle", "mixed", "allocated", "completing"]
        let findings = lines.filter { $0.count == 4 }.map { line -> Finding in
            let name = line[0].replacing("*", with: "")
            let value = "\(name) is \(line[1]): \(line[2]) \(line[3])"
            let state = line[3].prefix { $0.isLetter }
            if line[1] != "up" {
                return .fail("partition", value, mend: "choose another --partition (sinfo)")
            }
            return usable.contains { $0 == state }
                ? .ok("partition", value)
                : .warn("partition", value, mend: "sinfo --list-reasons")
        }
        guard findings.isEmpty else { return findings }
        return [
            .fail(
                "partition", wanted.map { "there is no \($0)" } ?? "there is none",
                mend: "sinfo lists them")
        ]
    }
}

extension Finding {
    /// The finding of another machine, whose words may be anything.
    fileprivate var fitForTerminal: Finding {
        Finding(
            grade: grade, what: what.fitForTerminal(upTo: 40), value: value.fitForTerminal(),
            remedy: remedy?.fitForTerminal())
    }
}

/// What a program came to.
struct Answer {
    var status: Int32
    var output = ""
    var errors = ""

    init(status: Int32, output: String = "", errors: String = "") {
        (self.status, self.output, self.errors) = (status, output, errors)
    }

    /// Runs a program that is found by its name.
    init(running words: [String]) {
        let (process, output, errors) = (Process(), Pipe(), Pipe())
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        do {
            try process.run()
        } catch {
            self.init(status: 127, errors: "\(error)")
            return
        }
        let printing = PipeReader(output.fileHandleForReading, keeping: .first)
        let complaining = PipeReader(errors.fileHandleForReading, keeping: .last, limit: 1 << 16)
        let (printed, complaint) = (printing.text(), complaining.text())
        process.waitUntilExit()
        self.init(status: process.terminationStatus, output: printed, errors: complaint)
    }

    /// The last line that it wrote to standard error.
    var lastWords: String {
        errors.split { $0.isNewline }.last.map { String($0).fitForTerminal() }
            ?? "exit code \(status)"
    }
}
