import Foundation
import Testing

/// Alpha that was declared to be shared among noise levels may be spent on the best of them.
@Suite(.serialized) struct NoiseLevelsTests {
    private static let sigmas = ["0.25", "0.5", "1"]

    private static func options(
        _ scratch: Scratch, _ name: String = "run", sigmas: [String] = sigmas, inputs: Int = 20,
        samples: Int = 1000
    ) -> [String] {
        Digits.options(inputs: inputs, samples: samples, output: scratch.path(name))
            + ["--sigma", sigmas.joined(separator: ",")]
    }

    private static func certify(
        _ scratch: Scratch, _ more: [String] = [], name: String = "run"
    ) throws -> Program.Outcome {
        let outcome = try Program.run(["certify"] + options(scratch, name) + more)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return outcome
    }

    private static func lines(_ scratch: Scratch, _ path: String) throws -> [[String: Any]] {
        try scratch.contents(path).split(separator: UInt8(ascii: "\n")).map {
            try #require(JSONSerialization.jsonObject(with: Data($0)) as? [String: Any])
        }
    }

    private static func radius(_ record: [String: Any]) -> Double {
        record["radius"] as? Double ?? .nan
    }

    @Test func `the record of an input is that of the sigma with the largest radius`() throws {
        let scratch = try Scratch()
        let outcome = try Self.certify(scratch)
        let reported = try Self.lines(scratch, "run/records.jsonl")
        let levels = try Self.sigmas.map {
            try Self.lines(scratch, "run/sigma-\($0)/records.jsonl")
        }
        #expect(reported.count == 20 && levels.allSatisfy { $0.count == 20 })
        var chosen: Set<Int> = []
        for (position, record) in reported.enumerated() {
            let radii = levels.map { Self.radius($0[position]) }
            let best = try #require(radii.firstIndex(of: radii.max() ?? 0))
            chosen.insert(best)
            var own = levels[best][position]
            // What is claimed of the best one is claimed with the alpha of all levels.
            #expect(record["alpha"] as? Double == 0.001)
            #expect(try #require(own["alpha"] as? Double) * 3 <= 0.001)
            for key in ["alpha", "claims", "doesNotClaim", "chosenFrom"] {
                own[key] = record[key]
            }
            #expect(NSDictionary(dictionary: record).isEqual(to: own))
            let origin = record["chosenFrom"] as? [String: Any]
            #expect(origin?["sigmas"] as? [Double] == [0.25, 0.5, 1])
        }
        #expect(chosen.count > 1, "no level is the best everywhere")
        let counts = outcome.output.matches(of: /(?m)^ +(0.25|0.5|1.0) +(\d+) +\d+ +\d+ +\d/)
        #expect(
            counts.compactMap { Int($0.2) }.reduce(0, +)
                == reported.count {
                    $0["outcome"] as? String == "certified"
                })
    }

    /// Law 1: not of the number of workers, nor of what happened on the way.
    @Test(arguments: [SIGKILL, SIGINT])
    func `a run that was ended at any level goes on and ends with the same bytes`(
        signal: Int32
    ) throws {
        let scratch = try Scratch()
        _ = try Self.certify(scratch, ["--workers", "1"], name: "calm")
        for (round, level) in Self.sigmas.enumerated() {
            let name = "run\(round)"
            let running = try Running(
                ["certify", "--workers", "2"] + Self.options(scratch, name))
            try waitUntil("the level has begun") {
                scratch.exists("\(name)/sigma-\(level)/journal.sqlite") || !running.isRunning
            }
            running.signal(signal)
            let ended = running.wait()
            #expect(!scratch.exists("\(name)/records.jsonl"), "it was ended in the middle")
            if signal == SIGINT {
                #expect(ended.status == 130)
                #expect(ended.errors.contains("wardein resume \(scratch.path(name))\n"))
            }
            let outcome = try Program.run(["resume", scratch.path(name)])
            #expect(outcome.status == 0, "\(outcome.errors)")
            for file in ["records.jsonl", "manifest.json", "sigma-0.5/records.jsonl"] {
                #expect(
                    try scratch.contents("\(name)/\(file)") == scratch.contents("calm/\(file)"))
            }
        }
        let again = try Program.run(["resume", scratch.path("run0")])
        #expect(again.status == 0 && again.output.contains("are finished"))
        let status = try Program.run(["status", scratch.path("run0")])
        #expect(status.output.matches(of: /sigma [\d.]+: Finished/).count == 3)
    }

    /// Killed between its manifest and its journal, or while that was made, a level has drawn nothing.
    @Test func `a level that was killed at its very beginning is begun again`() throws {
        let scratch = try Scratch()
        _ = try Self.certify(scratch)
        let records = try scratch.contents("run/records.jsonl")
        for half in [nil, Data(), Data(repeating: 7, count: 4096)] as [Data?] {
            for name in ["journal.sqlite", "provenance.json", "status.json", "records.jsonl"] {
                try FileManager.default.removeItem(atPath: scratch.path("run/sigma-1/\(name)"))
            }
            try FileManager.default.removeItem(atPath: scratch.path("run/records.jsonl"))
            if let half { _ = try scratch.write(half, to: "run/sigma-1/journal.sqlite") }
            let outcome = try Program.run(["resume", scratch.path("run")])
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(try scratch.contents("run/records.jsonl") == records)
        }
    }

    @Test func `a worker elsewhere goes on from level to level`() throws {
        let scratch = try Scratch()
        _ = try Self.certify(scratch, name: "calm")
        let coordinator = try Coordinator(Self.options(scratch))
        let worker = try coordinator.worker(sessions: 2)
        let outcome = coordinator.process.wait()
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(worker.wait().status == 0)
        #expect(
            try scratch.contents("run/records.jsonl") == scratch.contents("calm/records.jsonl"))
    }

    @Test func `the levels and the inputs share alpha together`() throws {
        let scratch = try Scratch()
        let outcome = try Self.certify(scratch, ["--family-wise"])
        for sigma in Self.sigmas {
            for record in try Self.lines(scratch, "run/sigma-\(sigma)/records.jsonl") {
                let alpha = try #require(record["alpha"] as? Double)
                #expect(alpha * 60 <= 0.001 && alpha * 60 > 0.00099)
            }
        }
        for record in try Self.lines(scratch, "run/records.jsonl") {
            let alpha = try #require(record["alpha"] as? Double)
            #expect(alpha > 0.0000499 && alpha < 0.0000501)
            let claim = record["claims"] as? String ?? ""
            #expect(
                claim.isEmpty || claim.contains("at once, except with probability at most 0.001"))
        }
        #expect(outcome.output.contains("That has its price: with alpha 0.001"))
    }

    @Test func `of equal radii the sigma that was named first has the record`() throws {
        let scratch = try Scratch()
        for (name, sigmas) in [("up", ["0.25", "0.5"]), ("down", ["0.5", "0.25"])] {
            let outcome = try Program.run(
                ["certify", "--decide-radius", "0.2"]
                    + Self.options(scratch, name, sigmas: sigmas))
            #expect(outcome.status == 0, "\(outcome.errors)")
            let reported = try Self.lines(scratch, "\(name)/records.jsonl")
            let first = try Self.lines(scratch, "\(name)/sigma-\(sigmas[0])/records.jsonl")
            for (record, own) in zip(reported, first) where own["outcome"] as? String == "certified"
            {
                #expect(record["sigma"] as? Double == Double(sigmas[0]))
            }
            #expect(first.contains { $0["outcome"] as? String == "certified" })
        }
    }

    @Test(arguments: [
        (["--sigma", "0.5,0.5"], "--sigma names 0.5 twice"),
        (["--sigma", "0.5,"], "0.5,"),
        (["--sigma", "0.5,-1"], "sigma is -1.0"),
        (["--sigma", (1...17).map { "\($0)" }.joined(separator: ",")], "names 17 noise levels"),
        (["--sigma", "0.25,0.5", "--model", "a.onnx,b.onnx"], "no statement about any of them"),
        (["--sigma", "0.25,0.5", "--samples", "11"], "every input would abstain"),
        (["--sigma", "0.25,0.5", "--resume"], "holds no campaigns at several noise levels"),
    ])
    func `what several noise levels cannot be is refused`(
        change: [String], says: String
    ) throws {
        let scratch = try Scratch()
        let outcome = try Program.run(
            ["certify"] + Digits.options(inputs: 3, output: scratch.path("run")) + change)
        #expect(outcome.status != 0)
        #expect(outcome.errors.contains(says), "\(outcome.errors)")
        #expect(!scratch.exists("run"))
    }

    @Test func `commands that take one noise level say so`() throws {
        let scratch = try Scratch()
        for command in ["predict", "plan"] {
            var options = Self.options(scratch)
            if command == "plan" {
                options.removeAll { $0 == "--output" || $0 == scratch.path("run") }
            }
            let outcome = try Program.run([command] + options)
            #expect(outcome.status != 0)
            #expect(outcome.errors.contains("--sigma names 3 noise levels"), "\(outcome.errors)")
        }
    }

    @Test func `commands that take the run of one noise level name those that there are`() throws {
        let scratch = try Scratch()
        let outcome = try Program.run(
            ["certify"]
                + Self.options(scratch, sigmas: ["0.25", "0.5"], inputs: 5, samples: 500))
        #expect(outcome.status == 0, "\(outcome.errors)")
        let (whole, level) = (scratch.path("run"), scratch.path("run/sigma-0.25"))
        let keys = try Program.run(["keys", "signing", "--output", scratch.path("keys")])
        #expect(keys.status == 0, "\(keys.errors)")
        let files = try FileManager.default.contentsOfDirectory(atPath: whole).sorted()
        for (command, more) in [
            ("report", []), ("compare", [level]), ("distinguish", [level, "--anyway"]),
            ("sign", ["--key", scratch.path("keys/signing.key")]),
        ] {
            let refused = try Program.run([command, whole] + more)
            #expect(refused.status == 2, "\(command): \(refused.output)")
            #expect(
                refused.errors.contains(
                    "\(whole) holds campaigns at several noise levels, and this takes one of them: "
                        + "give \(level) or \(whole)/sigma-0.5"), "\(refused.errors)")
            #expect(refused.errors.split(separator: "\n").count == 1, "\(refused.errors)")
            let taken = try Program.run([command, level] + more)
            #expect(taken.status == 0, "\(command): \(taken.errors)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: whole).sorted() == files)
    }

    @Test func `another plan is refused with the difference named, and nothing is changed`() throws
    {
        let scratch = try Scratch()
        _ = try Self.certify(scratch)
        let before = try scratch.contents("run/sigma-1/records.jsonl")
        try FileManager.default.removeItem(atPath: scratch.path("run/records.jsonl"))
        for (change, says) in [
            (["--alpha", "0.01"], "plan.alpha is 0.003333333333333333"),
            (["--sigma", "0.25,0.5"], "was begun otherwise"),
        ] {
            let outcome = try Program.run(
                ["certify", "--resume"] + Self.options(scratch) + change)
            #expect(outcome.status == 2)
            #expect(outcome.errors.contains(says), "\(outcome.errors)")
        }
        for (arguments, says) in [
            (
                ["certify", "--resume"] + Digits.options(output: scratch.path("run")),
                "several noise"
            ),
            (["resume", scratch.path("run/sigma-1")], "is finished"),
        ] {
            let outcome = try Program.run(arguments)
            #expect((outcome.output + outcome.errors).contains(says), "\(outcome.errors)")
        }
        let occupied = try Program.run(["certify"] + Self.options(scratch))
        #expect(occupied.status == 2 && occupied.errors.contains("already holds a campaign"))
        #expect(try Program.run(["resume", scratch.path("run")]).status == 0)
        #expect(try scratch.contents("run/sigma-1/records.jsonl") == before)
    }
}
