import Foundation
import Testing

/// Many campaigns on one fleet: law 1 holds of each as if it ran alone.
@Suite(.serialized) struct QueueTests {
    /// The campaigns of these tests: three models, and how long each takes.
    private static let sigmas = ["a": "0.25", "b": "0.25", "c": "0.3"]

    /// So many samples that a campaign takes seconds, which is long enough to be disturbed.
    private static let samples = Program.isRelease ? 60_000 : 4000

    private static func options(_ name: String) -> [String] {
        [
            "--model",
            Program.demo("models/digits_mlp_s0\(name == "b" ? "50" : "25").onnx"),
            "--inputs", Program.demo("data/digits450_images.npy"),
            "--labels", Program.demo("data/digits450_labels.npy"),
            "--grid", "1/16", "--sigma", sigmas[name] ?? "", "--samples", "\(samples)",
            "--first", "40", "--key", Digits.key,
        ]
    }

    /// What each campaign writes when it runs by itself.
    private static let alone = Result {
        let scratch = try Scratch()
        var records: [String: Data] = [:]
        for name in sigmas.keys {
            let outcome = try Program.run(
                ["certify", "--workers", "1"] + options(name)
                    + ["--output", scratch.path(name)])
            #expect(outcome.status == 0, "\(outcome.errors)")
            records[name] = try scratch.contents("\(name)/records.jsonl")
        }
        return records
    }

    /// A queue in a scratch folder, and its coordinator at an address that stays.
    private final class Queue {
        let scratch: Scratch
        private(set) var coordinator: Running?

        init() throws { scratch = try Scratch() }

        var path: String { scratch.path("queue") }

        private var endpoint: String { "ipc://" + scratch.path("door") }

        func submit(_ name: String, priority: Int = 0) throws {
            let outcome = try Program.run(
                ["submit", "--queue", path, "--name", name, "--priority", "\(priority)"]
                    + QueueTests.options(name))
            #expect(outcome.status == 0, "\(outcome.errors)")
        }

        func serve(_ more: [String] = []) throws {
            coordinator = try Running(
                ["coordinate", "--queue", path, "--listen", endpoint] + more)
        }

        func worker() throws -> Running {
            try Running([
                "work", "--connect", endpoint, "--sessions", "1",
            ])
        }

        func states() throws -> [String: String] {
            struct Row: Decodable {
                let name: String
                let state: String
            }
            let outcome = try Program.run(["list", "--queue", path, "--json"])
            let rows = try JSONDecoder().decode([Row].self, from: Data(outcome.output.utf8))
            return Dictionary(uniqueKeysWithValues: rows.map { ($0.name, $0.state) })
        }

        func records(_ name: String) throws -> Data {
            try scratch.contents("queue/\(name)/records.jsonl")
        }

        func decided(_ name: String) -> Int {
            let file = URL(filePath: "\(path)/\(name)/records.jsonl")
            return (try? Data(contentsOf: file))?.count { $0 == UInt8(ascii: "\n") } ?? 0
        }
    }

    @Test
    func `one campaign is cancelled and the coordinator killed, and the others' records stay`()
        throws
    {
        let queue = try Queue()
        for name in ["a", "b", "c"] { try queue.submit(name) }
        #expect(try queue.states() == ["a": "waiting", "b": "waiting", "c": "waiting"])
        try queue.serve()
        let workers = try (0..<2).map { _ in try queue.worker() }
        try waitUntil("the first is in the middle") { queue.decided("a") > 5 }
        queue.coordinator?.signal(SIGKILL)
        #expect(queue.decided("a") < 40, "the coordinator was killed in the middle")
        _ = queue.coordinator?.wait()
        #expect(try queue.states()["a"] == "waiting")
        try queue.serve(["--until-empty"])
        try waitUntil("the second has begun") { queue.decided("b") > 0 }
        #expect(try queue.states()["b"] == "running")
        let cancelled = try Program.run(["cancel", "--queue", queue.path, "b"])
        #expect(cancelled.status == 0 && cancelled.output == "b is cancelled.\n")
        let outcome = try #require(queue.coordinator).wait()
        #expect(outcome.status == 0, "\(outcome.errors)")
        for worker in workers { #expect(worker.wait().status == 0, "\(worker.errors)") }
        #expect(try queue.states() == ["a": "finished", "b": "cancelled", "c": "finished"])
        let alone = try Self.alone.get()
        #expect(try queue.records("a") == alone["a"])
        #expect(try queue.records("c") == alone["c"])
        #expect(queue.decided("b") < 40, "it was cancelled in the middle")

        let again = try Program.run(["submit", "again", "--queue", queue.path, "b"])
        #expect(again.output == "b waits again.\n")
        try queue.serve(["--until-empty"])
        let worker = try queue.worker()
        #expect(queue.coordinator?.wait().status == 0)
        #expect(worker.wait().status == 0)
        #expect(try queue.records("b") == alone["b"])
    }

    @Test func `campaigns side by side share the fleet, and each writes what it writes alone`()
        throws
    {
        let queue = try Queue()
        for name in ["a", "b", "c"] { try queue.submit(name) }
        try queue.serve(["--at-once", "2", "--until-empty"])
        let workers = try (0..<4).map { _ in try queue.worker() }
        try waitUntil("two run side by side") {
            queue.decided("a") > 0 && queue.decided("b") > 0
        }
        #expect(queue.decided("c") == 0)
        let outcome = try #require(queue.coordinator).wait()
        #expect(outcome.status == 0, "\(outcome.errors)")
        for worker in workers { #expect(worker.wait().status == 0, "\(worker.errors)") }
        for (name, records) in try Self.alone.get() { #expect(try queue.records(name) == records) }
    }

    @Test func `a more urgent campaign takes the place of the one that runs, which goes on later`()
        throws
    {
        let queue = try Queue()
        try queue.submit("a")
        try queue.serve(["--until-empty"])
        let worker = try queue.worker()
        try waitUntil("it is in the middle") { queue.decided("a") > 3 }
        try queue.submit("b", priority: 1)
        try waitUntil("the urgent one has begun") { queue.decided("b") > 0 }
        #expect(queue.decided("a") < 40)
        #expect(try queue.states() == ["a": "waiting", "b": "running"])
        let outcome = try #require(queue.coordinator).wait()
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("for a more urgent one"))
        #expect(worker.wait().status == 0)
        let alone = try Self.alone.get()
        #expect(try queue.records("a") == alone["a"])
        #expect(try queue.records("b") == alone["b"])
    }

    @Test func `workers wait for a queue that is empty, and a file put into it is a campaign`()
        throws
    {
        let queue = try Queue()
        try queue.serve()
        try waitUntil("it serves") { FileManager.default.fileExists(atPath: queue.path) }
        let worker = try queue.worker()
        let bad = [
            "not-json": "{", "no-arguments": "{}", "misspelt": #"{"arguments":[],"prioritiy":1}"#,
            "output": #"{"arguments":["--output","x"]}"#,
        ]
        for (name, text) in bad {
            try Data(text.utf8).write(to: URL(filePath: "\(queue.path)/\(name).json"))
        }
        let options = try JSONEncoder().encode(["arguments": Self.options("a")])
        try options.write(to: URL(filePath: "\(queue.path)/dropped.json"), options: .atomic)
        try waitUntil("it is finished") { (try? queue.states())?["dropped"] == "finished" }
        #expect(worker.isRunning, "it waits for the next one")
        #expect(try queue.records("dropped") == Self.alone.get()["a"])
        try waitUntil("the other has had its turn") {
            (try? queue.states())?["output"] == "failed"
        }
        let list = try Program.run(["list", "--queue", queue.path]).output
        #expect(list.contains(#"misspelt.json has the key "prioritiy""#))
        #expect(list.contains("no-arguments.json has no \"arguments\""))
        #expect(list.contains("not-json.json is not a campaign"))
        #expect(list.contains("Leave --output out of a queued campaign"))
        queue.coordinator?.signal(SIGINT)
        #expect(queue.coordinator?.wait().status == 130)
    }

    @Test func `a campaign whose coordinator was killed before its first draw begins with its key`()
        throws
    {
        let queue = try Queue()
        let options = Array(Self.options("a").dropLast(2))
        let submitted = try Program.run(
            ["submit", "--queue", queue.path, "--name", "a"] + options)
        #expect(submitted.status == 0, "\(submitted.errors)")
        try queue.serve()
        try waitUntil("it has begun") { queue.scratch.exists("queue/a/journal.sqlite") }
        queue.coordinator?.signal(SIGKILL)
        _ = queue.coordinator?.wait()
        let manifest = try queue.scratch.contents("queue/a/manifest.json")
        for file in try FileManager.default.contentsOfDirectory(atPath: "\(queue.path)/a")
        where file.hasPrefix("journal") {
            try FileManager.default.removeItem(atPath: "\(queue.path)/a/\(file)")
        }
        try queue.serve(["--until-empty"])
        let worker = try queue.worker()
        let outcome = try #require(queue.coordinator).wait()
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(worker.wait().status == 0)
        #expect(try queue.states() == ["a": "finished"])
        #expect(try queue.scratch.contents("queue/a/manifest.json") == manifest)
    }

    @Test func `noise levels that share alpha are one campaign, also when they are interrupted`()
        throws
    {
        let queue = try Queue()
        let levels = ["--sigma", "0.25,0.5"]
        let alone = try Program.run(
            ["certify", "--output", queue.scratch.path("alone")] + Self.options("a") + levels)
        #expect(alone.status == 0, "\(alone.errors)")
        let submitted = try Program.run(
            ["submit", "--queue", queue.path, "--name", "levels"] + Self.options("a") + levels)
        #expect(submitted.status == 0, "\(submitted.errors)")
        try queue.serve()
        let worker = try queue.worker()
        try waitUntil("the second level has begun") { queue.decided("levels/sigma-0.5") > 0 }
        queue.coordinator?.signal(SIGKILL)
        _ = queue.coordinator?.wait()
        #expect(queue.decided("levels/sigma-0.5") < 40)
        try queue.serve(["--until-empty"])
        let outcome = try #require(queue.coordinator).wait()
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(worker.wait().status == 0)
        #expect(try queue.states() == ["levels": "finished"])
        for file in ["records.jsonl", "sigma-0.25/records.jsonl", "sigma-0.5/records.jsonl"] {
            #expect(
                try queue.scratch.contents("queue/levels/\(file)")
                    == queue.scratch.contents("alone/\(file)"))
        }
    }

    /// Law 6: trouble is not an answer, and not the trouble of the others.
    @Test func `a campaign whose classifier fails is failed, and the next one runs`() throws {
        let queue = try Queue()
        let failing = [
            "submit", "--queue", queue.path, "--name", "nan",
            "--model", Program.fixture("nan_below_zero_8.onnx"),
            "--inputs", Program.demo("data/digits450_images.npy"), "--grid", "1/16",
            "--sigma", "0.25", "--samples", "500", "--first", "1",
        ]
        #expect(try Program.run(failing).status == 0)
        try queue.submit("a")
        try queue.serve(["--until-empty"])
        let worker = try queue.worker()
        let outcome = try #require(queue.coordinator).wait()
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try queue.states() == ["nan": "failed", "a": "finished"])
        let list = try Program.run(["list", "--queue", queue.path]).output
        #expect(list.contains("nan failed: the classifier failed on input 0 in 3 processes"))
        #expect(worker.wait().status == 0, "\(worker.errors)")
        #expect(try queue.records("a") == Self.alone.get()["a"])
    }

    @Test func `one coordinator is enough for a queue`() throws {
        let queue = try Queue()
        try queue.serve()
        try waitUntil("it serves") { queue.coordinator?.errors.contains("Listening") == true }
        let second = try Program.run([
            "coordinate", "--queue", queue.path, "--listen", "tcp://127.0.0.1:*",
        ])
        #expect(second.status == 2)
        #expect(second.errors.contains("Another coordinator (process "))
        queue.coordinator?.signal(SIGKILL)
        _ = queue.coordinator?.wait()
        try queue.serve(["--until-empty"])
        #expect(queue.coordinator?.wait().status == 0)
    }

    /// README, "Exit codes": 1 is trouble, with everything kept; a service is then started again.
    @Test func `a queue that cannot be read any more is trouble, not a wrong command`() throws {
        let queue = try Queue()
        try queue.serve()
        try waitUntil("it serves") { queue.coordinator?.errors.contains("Listening") == true }
        try FileManager.default.removeItem(atPath: queue.path)
        let outcome = try #require(queue.coordinator).wait()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("stopped: Cannot read the queue"), "\(outcome.errors)")
    }

    struct Refusal: CustomTestStringConvertible {
        let arguments: [String]
        let says: String

        var testDescription: String { says }
    }

    @Test(arguments: [
        Refusal(arguments: ["--name", "../x"], says: "cannot name a campaign"),
        Refusal(arguments: ["--workers", "2"], says: "Unknown option '--workers'"),
        Refusal(arguments: ["--output", "x"], says: "Unknown option '--output'"),
        Refusal(arguments: ["--sigma", "0.25,0.25"], says: "--sigma names 0.25 twice"),
        Refusal(arguments: ["--samples", "5"], says: "every input would abstain"),
        Refusal(arguments: ["--model", "no-such.onnx"], says: "no-such.onnx"),
    ])
    func `what is wrong with a campaign is said when it is submitted`(refusal: Refusal) throws {
        let queue = try Queue()
        let outcome = try Program.run(
            ["submit", "--queue", queue.path] + Self.options("a") + refusal.arguments)
        #expect(outcome.status != 0)
        #expect(outcome.errors.contains(refusal.says), "\(outcome.errors)")
        let files = (try? FileManager.default.contentsOfDirectory(atPath: queue.path)) ?? []
        #expect(!files.contains { $0.hasSuffix(".json") })
    }

    @Test func `what is not in the queue cannot be cancelled, nor what has ended`() throws {
        let queue = try Queue()
        try queue.submit("a")
        let misspelt = try Program.run(["cancel", "--queue", queue.path, "aa"])
        #expect(misspelt.status == 2)
        #expect(
            misspelt.errors.contains("There is no campaign aa") && misspelt.errors.contains("a."))
        #expect(try Program.run(["cancel", "--queue", queue.path, "a"]).status == 0)
        let twice = try Program.run(["cancel", "--queue", queue.path, "a"])
        #expect(twice.status == 2 && twice.errors.contains("has ended already: it is cancelled"))
        let nowhere = try Program.run(["list", "--queue", queue.scratch.path("nowhere")])
        #expect(nowhere.status == 2 && nowhere.errors.contains("There is no folder"))
    }
}
