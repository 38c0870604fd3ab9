import Foundation
import Testing

/// How far a campaign is, as a person or a script learns it.
@Suite struct StatusTests {
    private struct Status: Decodable {
        struct Worker: Decodable {
            let name: String
            let samples: Int
        }
        let state: String
        let inputs: Int
        let inputsDecided: Int
        let samples: Int
        let samplesSettled: Int
        let workers: [Worker]
    }

    @Test func `the folder and the coordinator's address say the same of a running campaign`()
        throws
    {
        let scratch = try Scratch()
        let coordinator = try Coordinator(
            Digits.options(inputs: 450, samples: 100_000, output: scratch.path("run")))
        let worker = try coordinator.worker(sessions: 1)
        try waitUntil("the folder tells of a worker that counted") {
            (try? status(scratch.path("run")))?.workers.first?.samples ?? 0 > 0
        }
        let asked = try status(coordinator.endpoint)
        let read = try status(scratch.path("run"))
        #expect(asked.state == "running" && read.state == "running")
        #expect(asked.inputs == 450 && asked.samples == 450 * 100_100)
        #expect(asked.workers.map(\.name) == read.workers.map(\.name))
        #expect(asked.samplesSettled > 0)
        let forPeople = try Program.run(["status", coordinator.endpoint])
        #expect(forPeople.output.contains("of 450 inputs decided"), "\(forPeople.errors)")
        coordinator.process.signal(SIGINT)
        _ = coordinator.process.wait()
        #expect(worker.wait().status == 0)
        #expect(try status(scratch.path("run")).state == "interrupted")
    }

    @Test func `a coordinator that asks for keys tells how far it is to who has one`() throws {
        let scratch = try Scratch()
        let keys = scratch.path("keys")
        #expect(try Program.run(["keys", "new", "eyes", "--keys", keys]).status == 0)
        let coordinator = try Coordinator(
            ["--keys", keys] + Digits.options(inputs: 3, output: scratch.path("run")))
        let stranger = try Program.run(["status", coordinator.endpoint])
        #expect(stranger.status == 2)
        #expect(stranger.errors.contains("lets in only workers with a key"))
        let known = try Program.run(
            ["status", coordinator.endpoint, "--keys", keys + "/eyes.key"])
        #expect(known.status == 0, "\(known.errors)")
        #expect(known.output.contains("0 of 3 inputs decided"))
    }

    @Test func `an address where nobody coordinates is said in a sentence`() throws {
        let outcome = try Program.run(["status", "tcp://127.0.0.1:9"])
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("no coordinator answered at tcp://127.0.0.1:9"))
    }

    @Test func `a folder without a campaign has no status`() throws {
        let scratch = try Scratch()
        let outcome = try Program.run(["status", scratch.path("")])
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("holds no campaign"))
    }

    private func status(_ place: String) throws -> Status {
        let outcome = try Program.run(["status", "--json", place])
        return try JSONDecoder().decode(Status.self, from: Data(outcome.output.utf8))
    }
}
