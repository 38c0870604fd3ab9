import Foundation
import Testing

/// Law 1, end to end with real processes: the records are a function of model, inputs, plan and
/// noise key, "and of nothing else: not of the number of workers, lease sizes, arrival order,
/// faults, restarts, transport or the time of day".
@Suite(.serialized) struct ReproductionTests {
    /// What an undisturbed campaign with one worker writes.
    private static let expected = Result {
        let scratch = try Scratch()
        let outcome = try Program.run(
            ["certify", "--workers", "1"] + Digits.options(output: scratch.path("run")))
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try scratch.contents("run/records.jsonl")
    }

    @Test(arguments: [2, 5])
    func `the records are the same with one worker and with several`(workers: Int) throws {
        let scratch = try Scratch()
        let outcome = try Program.run(
            ["certify", "--workers", "\(workers)"] + Digits.options(output: scratch.path("run")))
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try scratch.contents("run/records.jsonl") == Self.expected.get())
    }

    @Test(arguments: [1, 2])
    func `the records are the same over tcp, with one session or two`(sessions: Int) throws {
        let scratch = try Scratch()
        let coordinator = try Coordinator(Digits.options(output: scratch.path("run")))
        let worker = try coordinator.worker(sessions: sessions)
        #expect(coordinator.process.wait().status == 0)
        #expect(worker.wait().status == 0)
        #expect(try scratch.contents("run/records.jsonl") == Self.expected.get())
    }

    @Test func `the records are the same when a worker is killed and another joins late`() throws {
        let scratch = try Scratch()
        let coordinator = try Coordinator(Digits.options(output: scratch.path("run")))
        let victim = try coordinator.worker(sessions: 1)
        let records = scratch.path("run/records.jsonl")
        try waitUntil("some inputs are decided") { lines(in: records) > 3 }
        victim.signal(SIGKILL)
        let decided = lines(in: records)
        #expect(decided < 30, "the worker was killed in the middle")
        let late = try coordinator.worker(sessions: 1)
        #expect(coordinator.process.wait().status == 0)
        #expect(late.wait().status == 0)
        #expect(try scratch.contents("run/records.jsonl") == Self.expected.get())
    }

    @Test func `a worker that is asked to leave hands in what it has begun and says goodbye`()
        throws
    {
        let scratch = try Scratch()
        let coordinator = try Coordinator(
            Digits.options(samples: 20_000, output: scratch.path("run")))
        let leaving = try coordinator.worker(sessions: 2)
        try waitUntil("some inputs are decided") {
            lines(in: scratch.path("run/records.jsonl")) > 0
        }
        leaving.signal(SIGTERM)
        #expect(leaving.wait().status == 0, "\(leaving.errors)")
        let staying = try coordinator.worker(sessions: 1)
        #expect(coordinator.process.wait().status == 0)
        #expect(staying.wait().status == 0)
        let page = try scratch.contents("run/provenance.json")
        let provenance = try JSONDecoder().decode(Departures.self, from: page)
        #expect(provenance.workers.first?.departure == "said goodbye")
        #expect(provenance.workers.count == 2 && provenance.workers[1].departure == nil)
        #expect(provenance.workers.allSatisfy { $0.lateTallies + $0.repeatedTallies == 0 })
    }

    /// The end of the connection shows before the last words are read, and these are looked for.
    @Test func `workers that left while the coordinator slept said goodbye`() throws {
        let scratch = try Scratch()
        let coordinator = try Coordinator(
            Digits.options(samples: 40_000, output: scratch.path("run")))
        let leaving = try (0..<4).map { _ in try coordinator.worker(sessions: 1) }
        try waitUntil("all have joined") {
            coordinator.process.errors.components(separatedBy: " joined").count == 5
        }
        coordinator.process.signal(SIGSTOP)
        for worker in leaving { worker.signal(SIGTERM) }
        for worker in leaving { #expect(worker.wait().status == 0, "\(worker.errors)") }
        coordinator.process.signal(SIGCONT)
        try waitUntil("all have left") {
            coordinator.process.errors.components(separatedBy: " said goodbye").count == 5
        }
        coordinator.process.signal(SIGINT)
        #expect(coordinator.process.wait().status == 130)
        let page = try scratch.contents("run/provenance.json")
        let provenance = try JSONDecoder().decode(Departures.self, from: page)
        #expect(provenance.workers.map(\.departure) == Array(repeating: "said goodbye", count: 4))
    }

    private struct Departures: Decodable {
        struct Worker: Decodable {
            let departure: String?
            let lateTallies: Int
            let repeatedTallies: Int
        }
        let workers: [Worker]
    }

    @Test func `the manifest and the table are the same but for the table's time column`() throws {
        let scratch = try Scratch()
        for (run, workers) in [("a", 1), ("b", 3)] {
            let outcome = try Program.run(
                ["certify", "--workers", "\(workers)"]
                    + Digits.options(inputs: 5, output: scratch.path(run)))
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        let manifests = try ["a", "b"].map { try scratch.contents("\($0)/manifest.json") }
        #expect(manifests[0] == manifests[1])
        let tables = try ["a", "b"].map { run in
            String(decoding: try scratch.contents("\(run)/certificates.tsv"), as: UTF8.self)
                .split(separator: "\n").map { $0.split(separator: "\t").prefix(5) }
        }
        #expect(tables[0] == tables[1])
        #expect(tables[0].count == 6)
    }

    @Test func `another key gives other counts`() throws {
        let scratch = try Scratch()
        let options = Digits.options(output: scratch.path("run"), key: nil)
        #expect(try Program.run(["certify"] + options).status == 0)
        let drawn = try Record.all(in: scratch.contents("run/records.jsonl"))
        let given = try Record.all(in: Self.expected.get())
        #expect(drawn.map(\.estimation.counts) != given.map(\.estimation.counts))
    }

    private func lines(in path: String) -> Int {
        (try? Data(contentsOf: URL(filePath: path)))?.count { $0 == UInt8(ascii: "\n") } ?? 0
    }
}

/// A coordinator that waits for workers, at a free port unless told where.
struct Coordinator {
    let process: Running
    let endpoint: String

    init(_ options: [String], listeningAt address: String = "tcp://127.0.0.1:*") throws {
        let process = try Running(["coordinate", "--listen", address] + options)
        try waitUntil("the coordinator listens") { process.errors.contains("Listening at ") }
        let rest = try #require(process.errors.components(separatedBy: "Listening at ").last)
        endpoint = String(rest.prefix { $0 != ";" })
        self.process = process
    }

    func worker(sessions: Int) throws -> Running {
        try Running(["work", "--connect", endpoint, "--sessions", "\(sessions)"])
    }
}

/// Waits at most half a minute for something to come true.
func waitUntil(_ what: Comment, _ isTrue: () -> Bool) throws {
    let deadline = Date(timeIntervalSinceNow: 30)
    while !isTrue() {
        try #require(Date() < deadline, what)
        usleep(5_000)
    }
}
