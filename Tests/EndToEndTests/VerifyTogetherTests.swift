import Foundation
import Testing

/// The verifier on plans that decide about an input by what is true of others.
@Suite(.serialized) struct VerifyTogetherTests {
    private static let kinds: [(name: String, options: [String])] = [
        ("holm", ["--decide-radius", "0.6", "--holm", "--alpha", "0.01"]),
        ("share", ["--decide-radius", "0.6", "--fdr", "0.05"]),
        ("budget", ["--decide-radius", "0.6", "--budget", "20000"]),
        ("both", ["--decide-radius", "0.5", "--width", "0.1"]),
        ("summed", ["--key", String(repeating: "9a", count: 32)]),
        ("levels", ["--sigma", "0.25,0.3"]),
    ]

    private static let campaigns = Result {
        let scratch = try Scratch()
        for (name, options) in kinds {
            var all = Digits.options(
                inputs: 40, samples: 4000, output: scratch.path(name),
                key: name == "summed" ? nil : Digits.key)
            if name == "levels", let place = all.firstIndex(of: "--sigma") {
                all.removeSubrange(place...(place + 1))
            }
            // Of a share of false certificates and of several levels nothing can be summed.
            let isSummed = name != "levels" && name != "share"
            let ledger = isSummed ? ["--sum-alpha"] : ["--ledger", "none"]
            let outcome = try Program.run(["certify"] + ledger + all + options)
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        return scratch
    }

    @Test(arguments: ["holm", "share", "budget", "both", "summed", "levels/sigma-0.3"])
    func `the untouched run holds, counted again too`(name: String) throws {
        let scratch = try Self.campaigns.get()
        let outcome = try Program.run(["verify", scratch.path(name), "--replay", "all"])
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    }

    /// What was changed, in the first record of the outcome that is named.
    @Test(arguments: [
        ("holm", "abstained", "\"outcome\":\"abstained\"", "\"outcome\":\"certified\"", 13),
        ("holm", "abstained", "\"pValue\":0.", "\"pValue\":0.0", 13),
        ("share", "certified", "\"outcome\":\"certified\"", "\"outcome\":\"abstained\"", 13),
        ("share", "certified", "\"eValue\":", "\"eValue\":9", 13),
        ("budget", "abstained", "\"reason\":\"budget spent\"", "\"reason\":\"refused at 0.6\"", 13),
        ("budget", "abstained", "\"furtherSamples\":", "\"furtherSamples\":1", 13),
        ("summed", "certified", "\"alphaSummed\":0.0", "\"alphaSummed\":0.00", 13),
    ])
    func `what was changed is refused`(
        name: String, outcome: String, old: String, new: String, code: Int32
    ) throws {
        let scratch = try Self.campaigns.get()
        let copy = scratch.path("changed-\(UUID().uuidString)")
        try FileManager.default.copyItem(atPath: scratch.path(name), toPath: copy)
        let file = URL(filePath: copy + "/records.jsonl")
        var lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(
            String.init)
        let place = try #require(
            lines.firstIndex { $0.contains("\"outcome\":\"\(outcome)\"") && $0.contains(old) })
        lines[place] = lines[place].replacing(old, with: new)
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
        let verified = try Program.run(["verify", copy])
        #expect(verified.status == code, "\(verified.output)\(verified.errors)")
    }

    /// A record that is left out changes what all the others together come to.
    @Test func `of a batch without one of its records no certificate can be told`() throws {
        let scratch = try Self.campaigns.get()
        let copy = scratch.path("shorter")
        try FileManager.default.copyItem(atPath: scratch.path("holm"), toPath: copy)
        let file = URL(filePath: copy + "/records.jsonl")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").dropLast()
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
        let verified = try Program.run(["verify", copy])
        #expect(verified.status == 12, "\(verified.output)\(verified.errors)")
        #expect(verified.output.contains("not all records could be read"))
    }

    /// Whoever forges a manifest gets a sentence, and no crash.
    @Test(arguments: [
        ("\"lossProbability\"", "\"earlierCaps\": [0],\n \"lossProbability\""),
        ("\"budget\": 20000", "\"budget\": 4611686018427387904"),
        ("\"inputShape\": [", "\"inputShape\": [1099511627776,1099511627776,"),
    ])
    func `a forged manifest ends no command with a crash`(old: String, new: String) throws {
        let scratch = try Self.campaigns.get()
        let copy = scratch.path("forged-\(UUID().uuidString)")
        try FileManager.default.copyItem(atPath: scratch.path("budget"), toPath: copy)
        let file = URL(filePath: copy + "/manifest.json")
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(text.contains(old))
        try Data(text.replacing(old, with: new).utf8).write(to: file)
        let verified = try Program.run(["verify", copy])
        #expect(verified.status == 10, "\(verified.output)\(verified.errors)")
        let reported = try Program.run(["report", copy, "--threat-radius", "0.1"])
        #expect([0, 2].contains(reported.status), "\(reported.errors)")
    }
}
