import ArgumentParser
import CampaignKeys
import ClusterLaunching
import CoordinatorService
import Foundation

/// What `cluster --hosts` needs to know.
struct HostOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Start a worker on each host that this file lists, by ssh.",
            discussion: "One host a line: [user@]host[:port] [sessions=N]. Each must let you in "
                + "without a password."))
    var hosts: String?

    @Option(help: "A configuration file for ssh, instead of your own.")
    var sshConfig: String?
}

/// The workers on the hosts of a file.
final class HostFleet: Fleet {
    private let launcher: HostLauncher
    private var endingLines: [String] = []

    /// Says which hosts do not answer, and begins to start workers on the others, each with a key of
    /// its own from the folder.
    ///
    /// - Throws: ``ProgramExit`` when none answers.
    init(
        on file: HostsFile, sshConfiguration: String?, address: String, keys folder: KeyFolder?
    ) throws {
        let hosts: ReachableHosts
        do {
            hosts = try ReachableHosts(of: file, configuration: sshConfiguration)
        } catch {
            Console.say("\(error)", as: .error, level: .error, after: "wardein: ")
            throw ProgramExit(code: 1)
        }
        for failure in hosts.failures {
            Console.say("Left out: \(failure)", as: .launcher, level: .warning)
        }
        var keys: [ClusterLaunching.Host: URL] = [:]
        for host in hosts.hosts { keys[host] = try folder?.keyFile(of: host.keyName) }
        Console.say(
            "Workers: by ssh on \(hosts.hosts.count) of \(file.hosts.count) hosts, which reach this "
                + "coordinator at \(address).", as: .launcher)
        launcher = HostLauncher(
            hosts,
            setting: HostLauncher.Setting(
                address: address, files: try WorkerFiles(program: LocalFleet.program), keys: keys))
    }

    func tend(_ progress: CampaignProgress) throws { try launcher.tend() }

    func takeLines() -> [String] {
        defer { endingLines = [] }
        return launcher.takeLines() + endingLines
    }

    func end() {
        launcher.end()
        endingLines = launcher.troubles.map { "Trouble with \($0)" }
    }
}
