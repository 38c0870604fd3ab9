import Foundation
import Testing

/// "A retry, a widened n, a second sigma, a renamed copy of the model file: each is recognised for what
/// it is."
@Suite struct LedgerTests {
    @Test func `a retry with a fresh key is refused, and nothing is begun`() throws {
        let scratch = try Scratch()
        try certify(scratch, "first")
        let ledger = try scratch.contents("wardein-ledger.sqlite")
        for command in ["certify", "predict"] {
            let retry = try run(scratch, "second", command: command)
            #expect(retry.status == 2)
            #expect(retry.errors.contains("4 of the 4 inputs were sampled before"))
            #expect(retry.errors.contains("another key"), "\(retry.errors)")
            #expect(retry.errors.contains(scratch.path("first")))
            for way in ["--key ", "--sum-alpha", "0.002"] {
                #expect(retry.errors.contains(way), "\(retry.errors)")
            }
            // A prediction is not what goes on with a certificate's samples.
            #expect(
                retry.errors.contains("--extend \(scratch.path("first"))") == (command == "certify")
            )
            #expect(!scratch.exists("second"))
        }
        #expect(try scratch.contents("wardein-ledger.sqlite") == ledger)
    }

    @Test func `a renamed copy of the model is the same model`() throws {
        let scratch = try Scratch()
        try certify(scratch, "first")
        let copy = scratch.path("renamed.onnx")
        try FileManager.default.copyItem(
            atPath: Program.demo("models/digits_mlp_s025.onnx"), toPath: copy)
        let retry = try run(scratch, "second", ["--model": copy])
        #expect(retry.status == 2 && retry.errors.contains("4 of the 4"), "\(retry.errors)")
    }

    @Test func `with --sum-alpha a retry runs, and its records state the sum where it is one`()
        throws
    {
        let scratch = try Scratch()
        try certify(scratch, "first")
        let retry = try certify(scratch, "second", ["--first": "6"], flags: ["--sum-alpha"])
        #expect(retry.errors.contains("4 of the 6 inputs were sampled before"))
        let sentences = retry.output.replacing("\n", with: " ")
        #expect(sentences.contains("each is false with probability at most 0.002"))
        let records = try SummedRecord.all(in: scratch.contents("second/records.jsonl"))
        #expect(records.map(\.alphaSummed) == [0.002, 0.002, 0.002, 0.002, nil, nil])
        #expect(records.allSatisfy { $0.alpha == 0.001 })
        for record in records {
            let isSummed = record.alphaSummed != nil
            guard let claims = record.claims else { continue }
            #expect(claims.contains("with probability at most \(isSummed ? "0.002" : "0.001") "))
            #expect(claims.contains("in the earlier ones on this input") == isSummed)
        }
        let manifest = String(
            decoding: try scratch.contents("second/manifest.json"), as: UTF8.self)
        #expect(manifest.contains(try seal(of: "first", in: scratch)))
        // A third one is charged for both.
        try certify(scratch, "third", flags: ["--sum-alpha"])
        let third = try SummedRecord.all(in: scratch.contents("third/records.jsonl"))
        #expect(third.allSatisfy { ($0.alphaSummed ?? 0) >= 0.003 })
    }

    /// "The same key with the same plan is a reproduction, not a retry", also of a run that was one.
    @Test func `the same key and plan reproduces, whatever came after`() throws {
        let scratch = try Scratch()
        try certify(scratch, "first")
        try certify(scratch, "second", flags: ["--sum-alpha"])
        for name in ["first", "second"] {
            let key = try key(of: name, in: scratch)
            let again = try certify(scratch, "\(name)-again", ["--key": key])
            #expect(again.errors.contains("This run reproduces the one in \(scratch.path(name))"))
            for file in ["records.jsonl", "manifest.json"] {
                #expect(
                    try scratch.contents("\(name)/\(file)")
                        == scratch.contents("\(name)-again/\(file)"))
            }
        }
        #expect(try entries(scratch).count == 2)
    }

    @Test func `the same key on part of the inputs, or on others, is no second chance`() throws {
        let scratch = try Scratch()
        try certify(scratch, "first")
        let key = try key(of: "first", in: scratch)
        try certify(scratch, "part", ["--key": key, "--first": "2"])
        let list = try scratch.write("7\n9\n".utf8, to: "list")
        try certify(scratch, "others", ["--key": key, "--indices": list], without: "--first")
        let records = try SummedRecord.all(
            in: scratch.contents("part/records.jsonl") + scratch.contents("others/records.jsonl"))
        #expect(records.count == 4 && records.allSatisfy { $0.alphaSummed == nil })
    }

    @Test func `a widened n with the same key is said to be one`() throws {
        let scratch = try Scratch()
        try certify(scratch, "first")
        let change = try ["--key": key(of: "first", in: scratch), "--samples": "900"]
        let wider = try run(scratch, "second", change)
        #expect(wider.status == 2)
        #expect(wider.errors.contains("the same key, with n now widened to 900"), "\(wider.errors)")
        try certify(scratch, "second", change, flags: ["--sum-alpha"])
        let records = String(decoding: try scratch.contents("second/records.jsonl"), as: UTF8.self)
        #expect(records.contains("this plan was not made to fit the counts of the earlier run"))
    }

    @Test func `a second sigma is another mechanism, which is said and runs`() throws {
        let scratch = try Scratch()
        try certify(scratch, "first")
        let second = try certify(scratch, "second", ["--sigma": "0.3"])
        #expect(second.errors.contains("with sigma 0.25 too, in \(scratch.path("first"))"))
        let records = try SummedRecord.all(in: scratch.contents("second/records.jsonl"))
        #expect(records.allSatisfy { $0.alphaSummed == nil })
    }

    @Test func `inputs that two runs have in common are counted`() throws {
        let scratch = try Scratch()
        try certify(scratch, "first")
        let retry = try run(scratch, "second", ["--every": "150"], without: "--first")
        #expect(retry.status == 2)
        #expect(retry.errors.contains("1 of the 3 inputs was sampled before"), "\(retry.errors)")
    }

    @Test func `a run that was killed has had its chance`() throws {
        let scratch = try Scratch()
        let running = try Running(["certify"] + LongCampaign.options(scratch))
        try waitUntil("it has begun") { scratch.exists("run/journal.sqlite") }
        running.signal(SIGKILL)
        _ = running.wait()
        try FileManager.default.removeItem(atPath: scratch.path("run"))
        let retry = try run(scratch, "second")
        #expect(retry.status == 2 && retry.errors.contains("4 of the 4"), "\(retry.errors)")
        let list = try Program.run(["ledger", scratch.url.path])
        #expect(list.output.contains("gone"), "\(list.output)")
    }

    @Test func `a campaign that is gone on with is no second run`() throws {
        let scratch = try Scratch()
        let running = try Running(["certify"] + LongCampaign.options(scratch))
        try waitUntil("some inputs are decided") {
            (try? scratch.contents("run/records.jsonl").count) ?? 0 > 1000
        }
        running.signal(SIGKILL)
        _ = running.wait()
        let resumed = try Program.run(["resume", scratch.path("run")])
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(try entries(scratch).count == 1)
    }

    /// Each looks at the ledger, and then once more when it enters itself.
    @Test func `of two runs that begin at the same time only one is entered`() throws {
        let scratch = try Scratch()
        let runs = try ["a", "b", "c"].map { name in
            try Running(["certify"] + options(scratch, name))
        }
        let outcomes = runs.map { $0.wait() }
        #expect(outcomes.map(\.status).sorted() == [0, 2, 2])
        #expect(["a", "b", "c"].count { scratch.exists("\($0)/manifest.json") } == 1)
        #expect(try entries(scratch).count == 1)
    }

    /// "It claims FDR, not per-input alpha": there is nothing that could be summed.
    @Test func `a share of false certificates is summed with nothing`() throws {
        let scratch = try Scratch()
        try certify(scratch, "first")
        for flags in [[], ["--sum-alpha"]] {
            let share = try Program.run(
                ["certify", "--decide-radius", "0.1", "--fdr", "0.1"] + flags
                    + Digits.options(inputs: 4, samples: 500, output: scratch.path("second")))
            #expect(share.status == 2)
            #expect(share.errors.contains("4 of the inputs were sampled before"), "\(share.errors)")
            #expect(share.errors.contains("cannot be summed with the alpha of another run"))
        }
        #expect(!scratch.exists("second"))
    }

    @Test func `without a ledger records say that other runs are unknown`() throws {
        let scratch = try Scratch()
        for name in ["first", "second"] {
            try certify(scratch, name, ["--ledger": "none"])
            let records = String(
                decoding: try scratch.contents("\(name)/records.jsonl"), as: UTF8.self)
            #expect(records.contains("no ledger was kept"))
            let manifest = String(
                decoding: try scratch.contents("\(name)/manifest.json"), as: UTF8.self)
            #expect(manifest.contains("\"earlierRuns\": \"not looked for\""))
        }
        #expect(!scratch.exists("wardein-ledger.sqlite"))
    }

    @Test func `a ledger may be shared by campaigns in different places`() throws {
        let scratch = try Scratch()
        let ledger = scratch.path("shared/all.sqlite")
        try certify(scratch, "here/first", ["--ledger": ledger])
        let retry = try run(scratch, "there/second", ["--ledger": ledger])
        #expect(retry.status == 2 && retry.errors.contains(ledger), "\(retry.errors)")
        #expect(!scratch.exists("there") && !scratch.exists("here/wardein-ledger.sqlite"))
    }

    @Test func `a ledger that cannot be used is named in a sentence, and nothing is begun`() throws
    {
        let scratch = try Scratch()
        try certify(scratch, "first")
        var damaged = try scratch.contents("wardein-ledger.sqlite")
        for place in stride(from: 5000, to: damaged.count, by: 7) { damaged[place] ^= 0x55 }
        for (ledger, says) in [
            (try scratch.write("text".utf8, to: "text"), "is not a ledger of runs"),
            (try scratch.write(damaged, to: "damaged"), "damaged"),
            (scratch.url.path, "it is a folder"),
            ("/dev/null/ledger", "Not a directory"),
            ("/proc/ledger", "cannot be used"),
            (scratch.path("first/journal.sqlite"), "is not a ledger of runs"),
        ] {
            let outcome = try run(scratch, "second", ["--ledger": ledger])
            #expect(outcome.status == 2)
            #expect(outcome.errors.contains(says), "\(outcome.errors)")
            #expect(outcome.errors.contains(ledger), "\(outcome.errors)")
            #expect(!scratch.exists("second/manifest.json"))
        }
    }

    /// A resume takes the earlier runs from the manifest, whatever the ledger says by then.
    @Test func `a second chance that was killed goes on with the same manifest`() throws {
        let scratch = try Scratch()
        try certify(scratch, "first")
        let running = try Running(["certify", "--sum-alpha"] + LongCampaign.options(scratch))
        try waitUntil("some inputs are decided") {
            (try? scratch.contents("run/records.jsonl").count) ?? 0 > 1000
        }
        running.signal(SIGKILL)
        _ = running.wait()
        let manifest = try scratch.contents("run/manifest.json")
        try FileManager.default.removeItem(atPath: scratch.path("wardein-ledger.sqlite"))
        let resumed = try Program.run(["resume", scratch.path("run")])
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(try scratch.contents("run/manifest.json") == manifest)
        let records = try SummedRecord.all(in: scratch.contents("run/records.jsonl"))
        #expect(records.prefix(5).map(\.alphaSummed) == [0.002, 0.002, 0.002, 0.002, nil])
        #expect(records.count == LongCampaign.inputs)
    }

    @Test func `wardein ledger lists the runs`() throws {
        let scratch = try Scratch()
        try certify(scratch, "first")
        try certify(scratch, "second", ["--sigma": "0.5"])
        for place in [
            scratch.url.path, scratch.path("wardein-ledger.sqlite"), scratch.path("first"),
        ] {
            let list = try Program.run(["ledger", place])
            let lines = list.output.split(separator: "\n")
            #expect(list.status == 0 && lines.count == 3, "\(list.errors)")
            #expect(lines[1].contains("finished") && lines[1].hasSuffix(scratch.path("first")))
            #expect(lines[2].contains(" 0.5 ") && lines[2].hasSuffix(scratch.path("second")))
        }
        let nothing = try Program.run(["ledger", scratch.path("second/manifest.json")])
        #expect(nothing.status == 2 && nothing.errors.contains("is not a ledger"))
    }

    /// A small campaign on the digits, with a key of its own.
    private func options(
        _ scratch: Scratch, _ name: String, _ change: [String: String] = [:],
        flags: [String] = [], without left: String? = nil
    ) -> [String] {
        var options = [
            "--model": Program.demo("models/digits_mlp_s025.onnx"),
            "--inputs": Program.demo("data/digits450_images.npy"),
            "--labels": Program.demo("data/digits450_labels.npy"),
            "--grid": "1/16", "--sigma": "0.25", "--samples": "500", "--first": "4",
            "--workers": "1", "--output": scratch.path(name),
        ]
        options.merge(change) { $1 }
        if let left { options[left] = nil }
        return options.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] } + flags
    }

    private func run(
        _ scratch: Scratch, _ name: String, _ change: [String: String] = [:],
        command: String = "certify", flags: [String] = [], without left: String? = nil
    ) throws -> Program.Outcome {
        try Program.run(
            [command] + options(scratch, name, change, flags: flags, without: left))
    }

    @discardableResult
    private func certify(
        _ scratch: Scratch, _ name: String, _ change: [String: String] = [:],
        flags: [String] = [], without left: String? = nil
    ) throws -> Program.Outcome {
        let outcome = try run(scratch, name, change, flags: flags, without: left)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return outcome
    }

    private func entries(_ scratch: Scratch) throws -> [Substring] {
        let list = try Program.run(["ledger", scratch.url.path])
        #expect(list.status == 0, "\(list.errors)")
        return list.output.split(separator: "\n").dropFirst().map { $0 }
    }

    private func key(of name: String, in scratch: Scratch) throws -> String {
        try JSONDecoder().decode(
            KeyedManifest.self, from: scratch.contents("\(name)/manifest.json")
        )
        .noise.key
    }

    private func seal(of name: String, in scratch: Scratch) throws -> String {
        try JSONDecoder().decode(
            KeyedManifest.self, from: scratch.contents("\(name)/manifest.json")
        )
        .seal
    }
}

/// What reproduces a campaign.
struct KeyedManifest: Decodable {
    struct Noise: Decodable { let key: String }

    let noise: Noise
    let seal: String
}

/// A record with the sum of alpha over all runs on its input.
struct SummedRecord: Decodable {
    let alpha: Double
    let alphaSummed: Double?
    let claims: String?

    static func all(in file: Data) throws -> [SummedRecord] {
        try file.split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(SummedRecord.self, from: Data($0))
        }
    }
}
