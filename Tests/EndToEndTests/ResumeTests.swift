import Foundation
import Testing

/// "A killed coordinator costs seconds, and the final records are the same bytes as if nothing had
/// happened."
@Suite(.serialized) struct ResumeTests {
    private func decided(_ scratch: Scratch) -> Int {
        ((try? scratch.contents("run/records.jsonl")) ?? Data()).count { $0 == 10 }
    }

    @Test(arguments: [SIGKILL, SIGINT, SIGTERM])
    func `a campaign that was ended goes on and ends as if nothing had happened`(
        signal: Int32
    ) throws {
        let scratch = try Scratch()
        let running = try Running(["certify"] + LongCampaign.options(scratch))
        try waitUntil("some inputs are decided") { decided(scratch) > 5 }
        running.signal(signal)
        _ = running.wait()
        #expect(decided(scratch) < LongCampaign.inputs, "it was ended in the middle")
        let outcome = try Program.run(["resume", scratch.path("run")])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try scratch.contents("run/records.jsonl") == LongCampaign.undisturbed.get())
    }

    /// Coordinator or worker, whichever a seed says, is killed at a moment that the seed says.
    @Test(arguments: [3, 4] as [UInt64])
    func `killed again and again, it ends with the same records`(seed: UInt64) throws {
        let scratch = try Scratch()
        var random = SplitMix(seed)
        var arguments = ["certify", "--workers", "2"] + LongCampaign.options(scratch)
        for _ in 0..<6 {
            let running = try Running(arguments)
            if !scratch.exists("run/journal.sqlite") {
                try waitUntil("it has begun") { scratch.exists("run/journal.sqlite") }
            }
            usleep(UInt32(50_000 + random.next() % 900_000))
            let workers = (try? children(of: running.identifier)) ?? []
            if let worker = workers.first, random.next() % 2 == 0 { kill(worker, SIGKILL) }
            usleep(UInt32(random.next() % 200_000))
            running.signal(SIGKILL)
            _ = running.wait()
            arguments = ["resume", scratch.path("run")]
        }
        let outcome = try Program.run(arguments)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try scratch.contents("run/records.jsonl") == LongCampaign.undisturbed.get())
    }

    @Test func `workers elsewhere go on with a coordinator that was started again`() throws {
        let scratch = try Scratch()
        let first = try Coordinator(LongCampaign.options(scratch))
        let worker = try first.worker(sessions: 2)
        try waitUntil("some inputs are decided") { decided(scratch) > 5 }
        first.process.signal(SIGKILL)
        _ = first.process.wait()
        let again = try Running(
            ["coordinate", "--listen", first.endpoint, "--resume"] + LongCampaign.options(scratch))
        #expect(again.wait().status == 0, "\(again.errors)")
        #expect(worker.wait().status == 0)
        #expect(try scratch.contents("run/records.jsonl") == LongCampaign.undisturbed.get())
    }

    @Test func `another plan, model or data set is refused with the difference named`() throws {
        let scratch = try Scratch()
        let running = try Running(["certify"] + LongCampaign.options(scratch))
        try waitUntil("some inputs are decided") { decided(scratch) > 2 }
        running.signal(SIGINT)
        _ = running.wait()
        let before = try scratch.contents("run/records.jsonl")
        for (change, name) in [
            (["--alpha", "0.01"], "plan.alpha is 0.01"),
            (["--model", Program.demo("models/digits_mlp_s050.onnx")], "model.digest"),
            (["--labels", Program.demo("data/fmnist500-labels-idx1-ubyte.gz")], "labels"),
            (["--sigma", "0.5"], "begun otherwise: noise.sigma is 0.5 and was 0.25\n"),
            (["--key", String(repeating: "ab", count: 32)], "noise.key"),
        ] {
            var options = LongCampaign.options(scratch)
            let place = try #require(options.firstIndex(of: change[0]) ?? options.indices.last)
            if options[place] == change[0] {
                options.replaceSubrange(place...place + 1, with: change)
            } else {
                options += change
            }
            let outcome = try Program.run(["certify", "--resume"] + options)
            #expect(outcome.status == 2)
            #expect(outcome.errors.contains(name), "\(outcome.errors)")
        }
        #expect(try scratch.contents("run/records.jsonl") == before)
    }

    @Test func `a damaged journal is refused, and what is whole of it can be saved`() throws {
        let scratch = try Scratch()
        let running = try Running(["certify"] + LongCampaign.options(scratch))
        try waitUntil("some inputs are decided") { decided(scratch) > 20 }
        running.signal(SIGINT)
        _ = running.wait()
        var bytes = try scratch.contents("run/journal.sqlite")
        // The page after those of schema and campaign; whatever is there, it is noticed.
        for place in stride(from: 3 * 4096 + 700, to: bytes.count, by: 4096) {
            bytes[place + 3000] ^= 0x10
        }
        _ = try scratch.write(bytes, to: "run/journal.sqlite")
        let refused = try Program.run(["resume", scratch.path("run")])
        #expect(refused.status == 2)
        #expect(refused.errors.contains("damaged"), "\(refused.errors)")
        let outcome = try Program.run(["resume", "--salvage", scratch.path("run")])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try scratch.contents("run/records.jsonl") == LongCampaign.undisturbed.get())
    }

    @Test func `a finished campaign says so and nothing is changed`() throws {
        let scratch = try Scratch()
        let options = Digits.options(inputs: 3, samples: 500, output: scratch.path("run"))
        #expect(try Program.run(["certify"] + options).status == 0)
        let before = try scratch.contents("run/records.jsonl")
        for arguments in [["resume", scratch.path("run")], ["certify", "--resume"] + options] {
            let outcome = try Program.run(arguments)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output.contains("is finished"))
        }
        #expect(try scratch.contents("run/records.jsonl") == before)
    }

    @Test func `a folder without a campaign cannot be gone on with`() throws {
        let scratch = try Scratch()
        let outcome = try Program.run(["resume", scratch.path("")])
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("holds no campaign"))
    }

    @Test func `a second coordinator on the same campaign is refused`() throws {
        let scratch = try Scratch()
        let running = try Running(["certify"] + LongCampaign.options(scratch))
        try waitUntil("some inputs are decided") { decided(scratch) > 2 }
        let second = try Program.run(["resume", scratch.path("run")])
        #expect(second.status == 2)
        #expect(second.errors.contains("another"), "\(second.errors)")
        #expect(running.wait().status == 0)
        #expect(try scratch.contents("run/records.jsonl") == LongCampaign.undisturbed.get())
    }

    /// Law 6: a full disk is not an answer.
    @Test(.enabled(if: geteuid() == 0, "mounting a small disk takes root"))
    func `a full disk stops the campaign, and with room again it goes on`() throws {
        let scratch = try Scratch()
        let disk = scratch.path("disk")
        try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
        guard mount("none", disk, "tmpfs", 0, "size=420k") == 0 else { return }
        defer { umount2(disk, 2 /* MNT_DETACH */) }
        let options = Digits.options(
            inputs: 450, samples: 200, output: disk + "/run")
        let full = try Program.run(["certify"] + options)
        #expect(full.status == 1)
        #expect(full.errors.contains("stopped"), "\(full.errors)")
        guard mount("none", disk, "tmpfs", 32 /* MS_REMOUNT */, "size=64m") == 0 else {
            Issue.record("the disk cannot be made larger")
            return
        }
        let outcome = try Program.run(["resume", disk + "/run"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let calm = Digits.options(inputs: 450, samples: 200, output: scratch.path("calm"))
        #expect(try Program.run(["certify"] + calm).status == 0)
        let records = try Data(contentsOf: URL(filePath: disk + "/run/records.jsonl"))
        #expect(try records == scratch.contents("calm/records.jsonl"))
    }
}

/// A source of choices that a seed repeats.
struct SplitMix {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

extension Program {
    /// Certifies to the folder `run` with five workers, kills one of them and then the coordinator after
    /// each of these pauses, in microseconds, and goes on to the end.
    static func certifyAmongKills(
        _ options: [String], in scratch: Scratch, after pauses: [UInt32]
    ) throws -> Outcome {
        var arguments = ["certify", "--workers", "5"] + options
        for pause in pauses {
            let running = try Running(arguments)
            try waitUntil("it has begun") { scratch.exists("run/journal.sqlite") }
            usleep(pause)
            if let worker = try? children(of: running.identifier).first { kill(worker, SIGKILL) }
            usleep(pause / 2)
            running.signal(SIGKILL)
            _ = running.wait()
            arguments = ["resume", scratch.path("run")]
        }
        return try run(arguments)
    }
}

/// The processes that this one started.
func children(of parent: Int32) throws -> [Int32] {
    let path = "/proc/\(parent)/task/\(parent)/children"
    return try String(contentsOfFile: path, encoding: .utf8)
        .split(separator: " ").compactMap { Int32($0) }
}
