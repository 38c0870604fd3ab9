import ArgumentParser
import ClusterLaunching
import CoordinatorService
import Foundation
import MachineChecks

/// Looks at machines before a campaign is started on them.
struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what is missing or wrong on a machine before a campaign is started on it.",
        discussion: """
            Each finding is one line: ok, warn (a campaign runs, and this is worth knowing) or fail \
            (it would not), with what mends it. Exit code 0, or 1 when something fails. Changes \
            nothing.

              wardein doctor                                  # this machine, as a worker
              wardein doctor --listen tcp://*:5555 --output run1 --keys keys    # as coordinator
              wardein doctor --connect tcp://10.0.0.1:5555    # is the coordinator there?
              wardein doctor --hosts hosts.txt                # each of these, over ssh
              wardein doctor --slurm                          # where jobs are submitted
            """)

    @Option(help: "Whether a coordinator could listen at this address.")
    var listen: String?

    @Option(help: "Whether a coordinator answers at this address.")
    var connect: String?

    @Option(name: [.short, .long], help: "Whether a campaign could be written to this folder.")
    var output: String?

    @Option(
        help: ArgumentHelp(
            "Whether the keys of this folder, or this key file, are this user's alone.",
            discussion: "With --connect: the key file of a worker."))
    var keys: String?

    @Option(help: "Ask each host of this file over ssh (the hosts file of cluster --hosts).")
    var hosts: String?

    @Option(help: "A configuration file for ssh instead of the user's own.")
    var sshConfig: String?

    @Flag(help: "Whether Slurm is there and its partitions are up.")
    var slurm = false

    @Option(help: "The partition of --slurm; all of them unless given.")
    var partition: String?

    @Flag(help: "Print the findings as JSON, for scripts.")
    var json = false

    func validate() throws {
        if partition != nil, !slurm {
            throw ValidationError(
                "--partition says which one --slurm looks at, and --slurm is missing.")
        }
        if sshConfig != nil, hosts == nil {
            throw ValidationError("--ssh-config goes with --hosts, which is missing.")
        }
    }

    func run() throws {
        let groups = [("", here())] + (try elsewhere())
        let findings = groups.flatMap { host, findings in
            findings.map { host.isEmpty ? $0 : $0.named(host) }
        }
        if json {
            try printJSON(findings)
        } else {
            for (host, findings) in groups {
                if !host.isEmpty { print("\n\(host)") }
                for finding in findings { print(finding.line) }
            }
        }
        if findings.contains(where: { $0.grade == .fail }) { throw ProgramExit(code: 1) }
    }

    private func here() -> [Finding] {
        [.ok("program", "wardein \(Wardein.version)")] + MachineCheck.everywhere()
            + (listen.map { [MachineCheck.listening(at: $0)] } ?? [])
            + (connect.map { MachineCheck.reaching($0, keys: keys) } ?? [])
            + (output.map(folder) ?? []) + (keys.map(MachineCheck.keys) ?? [])
            + (slurm ? OtherMachines.examineSlurm(partition: partition) : [])
    }

    /// By the same check as a campaign's, and then by writing there.
    private func folder(_ path: String) -> [Finding] {
        do {
            try CoordinatorService.check(output: path)
        } catch {
            return [.fail("output", "\(error)", mend: nil)]
        }
        return MachineCheck.output(at: path)
    }

    private func elsewhere() throws -> [(String, [Finding])] {
        guard let hosts else { return [] }
        return OtherMachines.examine(
            try HostsFile(at: hosts), sshConfiguration: sshConfig, version: Wardein.version
        ).map { ($0.host, $0.findings) }
    }

    private func printJSON(_ findings: [Finding]) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        let examination = Examination(
            version: Wardein.version, host: ProcessInfo.processInfo.hostName,
            time: Date().timeIntervalSince1970, findings: findings)
        print(String(decoding: try encoder.encode(examination), as: UTF8.self))
    }
}

extension Finding {
    /// The same finding about another machine.
    fileprivate func named(_ host: String) -> Finding {
        Finding(grade: grade, what: "\(host): \(what)", value: value, remedy: remedy)
    }
}
