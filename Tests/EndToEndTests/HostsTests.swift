import Foundation
import Testing

/// `cluster --hosts`, with a stand-in for `ssh` that starts every command on this machine in a home
/// for each host. `scripts/try-hosts` does the same with real hosts.
@Suite(.serialized) struct HostsTests {
    /// Some hosts that answer, and the list that `cluster` is given.
    private struct Hosts {
        let scratch = try? Scratch()
        let folder: String
        let list: String

        init(_ names: [String], answering: [String]) throws {
            let scratch = try #require(scratch)
            folder = scratch.path("hosts")
            for name in answering {
                try FileManager.default.createDirectory(
                    atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
            }
            let lines = names.map { "\($0) sessions=1\n" }.joined()
            list = try scratch.write(lines.utf8, to: "list")
        }

        func cluster(_ more: [String] = [], inputs: Int = 30, samples: Int = 2000) throws -> Running
        {
            var environment = ProcessInfo.processInfo.environment
            let standIn = Program.project.appending(path: "Tests/Fixtures/hosts").path
            environment["PATH"] = "\(standIn):\(environment["PATH"] ?? "")"
            environment["WARDEIN_FAKE_HOSTS"] = folder
            return try Running(
                ["cluster", "--hosts", list] + more
                    + Digits.options(inputs: inputs, samples: samples, output: output),
                environment: environment)
        }

        var output: String { folder + "/../run" }

        func records() throws -> Data {
            try Data(contentsOf: URL(filePath: output + "/records.jsonl"))
        }

        /// The processes that run what was copied to these hosts.
        var workers: [Int32] {
            let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
            return processes.compactMap { Int32($0) }.filter { process in
                let link = try? FileManager.default.destinationOfSymbolicLink(
                    atPath: "/proc/\(process)/exe")
                return link?.contains(folder) == true
            }
        }
    }

    private func localRecords(inputs: Int, samples: Int) throws -> Data {
        let scratch = try Scratch()
        let outcome = try Program.run(
            ["certify"]
                + Digits.options(inputs: inputs, samples: samples, output: scratch.path("run")))
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try scratch.contents("run/records.jsonl")
    }

    /// Law 1: bit identity.
    @Test func `hosts count what this machine counts, and those that do not answer are named`()
        throws
    {
        let hosts = try Hosts(["a", "b", "gone"], answering: ["a", "b"])
        let outcome = try hosts.cluster().wait()
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(
            outcome.errors.contains(
                "Left out: gone: ssh: connect to host gone port 22: Connection refused"))
        #expect(outcome.errors.contains("2 of 3 hosts"))
        #expect(!outcome.errors.contains("Trouble"), "\(outcome.errors)")
        #expect(try hosts.records() == localRecords(inputs: 30, samples: 2000))
        #expect(hosts.workers.isEmpty)
    }

    @Test func `a worker that is killed is started again`() throws {
        let hosts = try Hosts(["a"], answering: ["a"])
        let running = try hosts.cluster(inputs: 100, samples: 20_000)
        try waitUntil("the worker counts") { running.errors.contains("joined") }
        let worker = try #require(hosts.workers.first)
        kill(worker, SIGKILL)
        let outcome = running.wait()
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("starting it again in 1 s"))
        #expect(outcome.errors.contains("Trouble with a: its worker was started 2 times"))
        #expect(try hosts.records() == localRecords(inputs: 100, samples: 20_000))
    }

    @Test(arguments: [SIGINT, SIGKILL])
    func `no worker outlives its coordinator`(signal: Int32) throws {
        let hosts = try Hosts(["a", "b"], answering: ["a", "b"])
        let running = try hosts.cluster(inputs: 450, samples: 100_000)
        try waitUntil("the workers run") { hosts.workers.count == 2 }
        running.signal(signal)
        try waitUntil("the workers are gone") { hosts.workers.isEmpty }
        #expect(running.wait().status == (signal == SIGINT ? 130 : SIGKILL))
    }

    @Test func `when no host answers that is the end, and nothing is written`() throws {
        let hosts = try Hosts(["gone", "away"], answering: [])
        let outcome = try hosts.cluster().wait()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("no host can be reached: gone: ssh: connect to host gone"))
        #expect(!FileManager.default.fileExists(atPath: hosts.output))
    }

    @Test func `a campaign stops when no host is left`() throws {
        let hosts = try Hosts(["a"], answering: ["a"])
        let running = try hosts.cluster(inputs: 450, samples: 100_000)
        try waitUntil("the worker counts") { running.errors.contains("joined") }
        let worker = try #require(hosts.workers.first)
        kill(worker, SIGTERM)
        let outcome = running.wait()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("no host is left: a: its worker took its leave"))
        #expect(outcome.errors.contains("Go on with: wardein resume"))
    }

    @Test func `a list that is wrong is refused with its line`() throws {
        let hosts = try Hosts(["a", "-oProxyCommand=true"], answering: ["a"])
        let outcome = try hosts.cluster().wait()
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("line 2: '-oProxyCommand=true' is no host"))
        #expect(!FileManager.default.fileExists(atPath: hosts.output))
    }
}
