import Foundation
import Testing

/// Standard error as a log collector reads it.
@Suite struct LogTests {
    /// A line of the log, with the keys that every line has.
    private struct Line: Decodable {
        let time: Date
        let level: String
        let event: String
        let message: String
        let campaign: String?
        let seal: String?
        let worker: String?
        let inputsDecided: Int?
    }

    @Test func `with json every line is an object, and the table stays as it is`() throws {
        let scratch = try Scratch()
        let options = Digits.options(inputs: 5, samples: 500, output: scratch.path("run"))
        let outcome = try Program.run(["certify", "--log-format", "json"] + options)
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("certified accuracy"))
        let lines = try lines(outcome.errors)
        #expect(lines.first?.event == "campaign_begun" && lines.last?.event == "campaign_finished")
        #expect(lines.last?.inputsDecided == 5)
        let manifest = try String(
            contentsOfFile: scratch.path("run/manifest.json"), encoding: .utf8)
        for line in lines {
            #expect(line.campaign == scratch.path("run"), "\(line)")
            #expect(manifest.contains(try #require(line.seal)), "\(line)")
            #expect(["info", "warning", "error"].contains(line.level), "\(line)")
            #expect(!line.message.isEmpty)
        }
        let joined = lines.filter { $0.event == "worker_joined" }
        #expect(!joined.isEmpty)
        for line in joined { #expect(line.message.contains(try #require(line.worker))) }
    }

    @Test func `a worker that dies is told of with its name, and a signal with the way to go on`()
        throws
    {
        let scratch = try Scratch()
        let coordinator = try Coordinator(
            ["--log-format", "json"]
                + Digits.options(inputs: 450, samples: 100_000, output: scratch.path("run")))
        let worker = try coordinator.worker(sessions: 1)
        try waitUntil("the worker joined") {
            coordinator.process.errors.contains("worker_joined")
        }
        worker.signal(SIGKILL)
        try waitUntil("the coordinator misses it") {
            coordinator.process.errors.contains("worker_lost")
        }
        coordinator.process.signal(SIGINT)
        let lines = try lines(coordinator.process.wait().errors)
        let lost = try #require(lines.first { $0.event == "worker_lost" })
        #expect(lost.level == "warning" && lost.worker?.hasSuffix("/\(worker.identifier)") == true)
        #expect(lines.contains { $0.event == "listening" })
        let last = try #require(lines.last)
        #expect(last.event == "campaign_interrupted" && last.message.contains("wardein resume"))
    }

    @Test(arguments: [
        ["certify", "--log-format", "json", "--nonsense"],
        [
            "certify", "--log-format=json", "--model", "none.onnx", "--inputs", "x", "--sigma", "1",
            "--output", "never",
        ],
        ["work", "--connect", "nowhere", "--log-format", "json"],
    ])
    func `what is wrong with a command is an object too`(arguments: [String]) throws {
        let outcome = try Program.run(arguments)
        #expect(outcome.status == 2)
        let lines = try lines(outcome.errors)
        #expect(lines.last?.event == "error" && lines.last?.level == "error")
    }

    private func lines(_ text: String) throws -> [Line] {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let text = try decoder.singleValueContainer().decode(String.self)
            return try Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(text)
        }
        return try text.split(separator: "\n").map {
            try decoder.decode(Line.self, from: Data($0.utf8))
        }
    }
}
