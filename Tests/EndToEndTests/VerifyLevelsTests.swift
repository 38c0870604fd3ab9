import CertificateRecords
import Digests
import Foundation
import RandomizedSmoothing
import Sodium
import Testing

/// The best of several noise levels may be reported because all of them, and the rule, were fixed
/// beforehand (the union bound): so that is what is checked, and what was changed is refused by name.
@Suite(.serialized) struct VerifyLevelsTests {
    @Test func `the untouched run passes, and all levels counted again are the same`() throws {
        let run = try TamperedLevels()
        let outcome = try run.verify(["--replay", "all", "--seed", "4"])
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        let counted = outcome.output.ranges(
            of: "5 of 5 inputs, 3000 samples, chosen by the seed 4")
        #expect(counted.count == 2)
        #expect(
            outcome.output.contains("all 5 are those of the level with the largest radius"),
            "\(outcome.output)")
        #expect(!outcome.output.contains("FAILS"))
        #expect(outcome.output.contains("All that was checked of \(run.path) holds."))
    }

    @Test(arguments: LevelTampering.all)
    func `what was changed is refused by name`(tampering: LevelTampering) throws {
        let run = try TamperedLevels()
        try tampering.change(run)
        let outcome = try run.verify(tampering.options)
        #expect(outcome.status == tampering.code, "\(outcome.output)\(outcome.errors)")
        #expect(outcome.output.contains(tampering.phrase), "\(outcome.output)\(outcome.errors)")
    }

    /// Law 1, of every kind of plan, also where levels tie and where none has a certificate.
    @Test(arguments: [
        ["0.5,0.25", "--decide-radius", "0.2"], ["0.25,0.5", "--family-wise"],
        ["0.5,0.25,1", "--width", "0.1", "--rule", "cohen"], ["2,4", "--early-abstain"],
    ])
    func `runs of every kind hold`(options: [String]) throws {
        let run = try TamperedLevels(options)
        let outcome = try run.verify(["--replay", "1"])
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    }

    /// Of equal radii the first, and its abstention where no level has a certificate.
    @Test(arguments: [["0.5,0.25", "--decide-radius", "0.2"], ["2,4", "--early-abstain"]])
    func `of equals the record of another level than the first is refused`(
        options: [String]
    ) throws {
        let run = try TamperedLevels(options)
        let sigmas = options[0].split(separator: ",").map(String.init)
        let levels = try sigmas.map { try run.records("sigma-\($0)/") }
        let tie = try #require(
            levels[0].indices.first { place in
                Set(levels.map { $0[place].radius.description }).count == 1
            })
        let other = try run.lines("sigma-\(sigmas[1])/")[tie]
        try run.editLine(tie) { _ in try run.chosen(other) }
        let outcome = try run.verify([])
        #expect(outcome.status == 13, "\(outcome.output)")
        #expect(
            outcome.output.contains(
                "it is that of sigma-\(sigmas[1]), but due is that of sigma-\(sigmas[0])"),
            "\(outcome.output)")
    }

    @Test func `an unfinished run is said to be one, and at which level`() throws {
        let run = try TamperedLevels()
        try run.remove("records.jsonl")
        let unchosen = try run.verify([])
        #expect(unchosen.status == 18, "\(unchosen.output)")
        #expect(unchosen.output.contains("the records to be reported are not chosen yet"))
        try run.remove("sigma-0.5/records.jsonl")
        try run.edit("sigma-0.5/provenance.json") {
            $0.replacing("\"finished\"", with: "\"interrupted\"")
        }
        try run.edit("sigma-0.5/certificates.tsv") { _ in
            CertificateRecord.tabSeparatedHeader + "\n"
        }
        try run.edit("sigma-0.5/records.jsonl") { _ in "" }
        let begun = try run.verify([])
        #expect(begun.status == 18, "\(begun.output)")
        #expect(begun.output.contains("sigma-0.5: the campaign is not finished"))
        try run.remove("sigma-0.5")
        let first = try run.verify([])
        #expect(first.status == 18, "\(first.output)")
        #expect(first.output.contains(", in sigma-0.5: sigma-0.5: this level is not begun"))
    }

    @Test func `each level is signed, and has to be`() throws {
        let scratch = try Scratch()
        let keys = try Program.run(["keys", "signing", "--output", scratch.path("keys")])
        #expect(keys.status == 0, "\(keys.errors)")
        let run = try TamperedLevels(["0.25,0.5", "--sign", scratch.path("keys/signing.key")])
        let options = ["--public-key", scratch.path("keys/signing.pub")]
        let outcome = try run.verify(options)
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        #expect(outcome.output.ranges(of: "the files are those that were signed by ").count == 2)
        try run.remove("sigma-0.5/signature.json")
        let unsigned = try run.verify(options)
        #expect(unsigned.status == 17, "\(unsigned.output)")
        #expect(unsigned.output.contains(", in sigma-0.5: signature.json: it is missing"))
    }

    @Test func `for scripts each check names its level`() throws {
        let run = try TamperedLevels()
        let outcome = try run.verify(["--json"])
        let page = try #require(
            try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        #expect(page["holds"] as? Bool == true && page["exitCode"] as? Int == 0)
        let checks = try #require(page["checks"] as? [[String: Any]])
        let seals = checks.filter { $0["subject"] as? String == "seal" }
        #expect(
            seals.map { $0["level"] as? String ?? "none" } == ["sigma-0.25", "sigma-0.5", "none"])
    }
}

/// One way to change a run at several noise levels.
struct LevelTampering: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: Int32
    let phrase: String
    let options: [String]
    let change: @Sendable (TamperedLevels) throws -> Void

    init(
        _ name: String, _ code: Int32, _ phrase: String, options: [String] = [],
        change: @escaping @Sendable (TamperedLevels) throws -> Void
    ) {
        testDescription = name
        self.code = code
        self.phrase = phrase
        self.options = options
        self.change = change
    }

    static let all: [LevelTampering] = [
        // The records that are reported.
        LevelTampering("the record of the other level", 13, ", but due is that of sigma-") { run in
            let (level, line) = try run.worse(at: 2)
            try run.editLine(2) { _ in try run.chosen(line) }
            #expect(level.hasPrefix("sigma-"))
        },
        LevelTampering("the record of a level as it is", 13, "alpha is ") { run in
            try run.editLine(2) { text in
                let own = try RecordedCertificate(line: text.utf8).campaign
                let lines = try run.levels.map { try run.lines("\($0)/")[2] }
                return try #require(
                    lines.first { try RecordedCertificate(line: $0.utf8).campaign == own })
            }
        },
        LevelTampering("a record removed", 12, "the record of input 3 is missing") {
            try $0.editLines { $0.remove(at: 3) }
        },
        LevelTampering("the last record removed", 12, "the record of input 4 is missing") {
            try $0.editLines { $0.removeLast() }
        },
        LevelTampering("a record twice", 12, "has a record already, in line 1") {
            try $0.editLines { $0.insert($0[0], at: 1) }
        },
        LevelTampering("a line that is none", 12, "no JSON value") {
            try $0.editLines { $0[4] = "ok" }
        },
        LevelTampering("the radius raised in its last digit", 13, "radius is ") { run in
            try run.editLine(0) { try LevelTampering.raised($0, /"radius":([0-9.]+),/) }
        },
        LevelTampering("what is claimed", 13, "claims is ") { run in
            try run.editLine(0) {
                $0.replacing("except with probability at most 0.001", with: "always")
            }
        },
        LevelTampering("a record chosen from another whole", 12, "it names the whole ") { run in
            try run.editLine(1) {
                $0.replacing(/"whole":"[0-9a-f]{64}"/) { _ in
                    "\"whole\":\"\(String(repeating: "ab", count: 32))\""
                }
            }
        },
        LevelTampering("a radius raised in the table", 14, "certificates.tsv, line ") { run in
            try run.edit("certificates.tsv") { try LevelTampering.raised($0, /(0\.[0-9]{12})\t/) }
        },
        LevelTampering("a line of the table removed", 14, "certificates.tsv, line ") { run in
            try run.edit("certificates.tsv") {
                $0.split(separator: "\n").dropLast().joined(separator: "\n") + "\n"
            }
        },

        // The manifest of the whole.
        LevelTampering("another seal", 10, "manifest.json: its members have the SHA-256 ") { run in
            try run.edit("manifest.json") {
                $0.replacing(/\n  "seal": "[0-9a-f]{64}"/) { _ in
                    "\n  \"seal\": \"\(String(repeating: "ab", count: 32))\""
                }
            }
        },
        LevelTampering("alpha raised", 10, "alpha is 0.01, but 0.001 follows") { run in
            try run.edit("manifest.json") {
                $0.replacing("\"alpha\": 0.001", with: "\"alpha\": 0.01")
            }
        },
        resealed("alpha raised", "alpha is 0.01, but 0.001 follows") {
            $0.replacing("\"alpha\":0.001", with: "\"alpha\":0.01")
        },
        resealed("all of alpha for each level", "alphaAtEachSigma is 0.001, but ") {
            $0.replacing(/"alphaAtEachSigma":[0-9.e-]+/, with: "\"alphaAtEachSigma\":0.001")
        },
        resealed("another key", "key is \"7777") {
            $0.replacing(/"key":"[0-9a-f]{64}"/) { _ in
                "\"key\":\"\(String(repeating: "77", count: 32))\""
            }
        },
        resealed("another seal of a level", "manifest.json, sigma-0.5: seal is \"abab") {
            $0.replacing(/("sigma-0.5","seal":")[0-9a-f]{64}/) {
                $0.1 + String(repeating: "ab", count: 32)
            }
        },
        resealed("another folder", "manifest.json, sigma-0.5: folder is \"../elsewhere\"") {
            $0.replacing("\"sigma-0.5\"", with: "\"../elsewhere\"")
        },
        resealed(
            "the levels in another order", "plan.alphaSplit.sigmas are [0.25, 0.5], but the levels"
        ) { text in
            let levels = try #require(text.firstMatch(of: /"campaigns":\[(\{.*?\}),(\{.*?\})\]/))
            return text.replacing(levels.0, with: "\"campaigns\":[\(levels.2),\(levels.1)]")
        },
        resealed("a level left out", "plan.alphaSplit.sigmas are [0.25, 0.5], but the levels") {
            $0.replacing(/,\{"sigma":0.5,.*?\}/, with: "")
        },

        // The levels.
        LevelTampering("the level of another run", 11, "sigma-0.5/manifest.json: noise.key is ") {
            try $0.swapLevel("sigma-0.5")
        },
        LevelTampering("a level is missing", 12, "the campaign of this level is missing") {
            try $0.remove("sigma-0.5")
        },
        LevelTampering(
            "the radius of a level", 13, "exit code 13), in sigma-0.25: records.jsonl, line 1 "
        ) { run in
            try run.editLine(0, of: "sigma-0.25/") {
                try LevelTampering.raised($0, /"radius":([0-9.]+),/)
            }
        },
        LevelTampering(
            "another model", 15, ", in sigma-0.25: ",
            options: ["--model", Program.demo("models/fmnist_cnn_s050.onnx")]
        ) { _ in },
        LevelTampering(
            "no signature", 17, ", in sigma-0.25: signature.json: it is missing",
            options: ["--public-key", String(repeating: "ab", count: 32)]
        ) { _ in },
    ]

    /// In the manifest of the whole, which is sealed anew.
    private static func resealed(
        _ name: String, _ phrase: String, _ change: @escaping @Sendable (String) throws -> String
    ) -> LevelTampering {
        LevelTampering(name + ", and sealed anew", 11, phrase) { try $0.reseal(change) }
    }

    /// The text with the last digit of the first such number raised, or lowered if it is a 9.
    private static func raised(
        _ text: String, _ number: Regex<(Substring, Substring)>
    ) throws -> String {
        let digits = try #require(text.firstMatch(of: number)).1
        let last = try #require(digits.last?.wholeNumberValue)
        return text.replacing(
            digits, with: digits.dropLast() + "\(last == 9 ? 8 : last + 1)", maxReplacements: 1)
    }
}

/// A copy of a run at several noise levels, to be changed.
final class TamperedLevels: Sendable {
    private let scratch: Scratch
    let path: String
    let levels = ["sigma-0.25", "sigma-0.5"]

    private static func certify(
        _ options: [String], key: String? = Digits.key
    ) throws -> Scratch {
        let scratch = try Scratch()
        let outcome = try Program.run(
            ["certify"]
                + Digits.options(inputs: 5, samples: 500, output: scratch.path("run"), key: key)
                + ["--sigma"] + options)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return scratch
    }

    private static let original = Result { try certify(["0.25,0.5"]) }
    private static let other = Result { try certify(["0.25,0.5"], key: nil) }

    init(_ options: [String]? = nil) throws {
        scratch = try Scratch()
        let source = try options.map { try TamperedLevels.certify($0) } ?? Self.original.get()
        path = scratch.path("run")
        try FileManager.default.copyItem(atPath: source.path("run"), toPath: path)
    }

    func verify(_ options: [String]) throws -> Program.Outcome {
        try Program.run(["verify", path] + options)
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: "\(path)/\(name)")
    }

    /// Puts the same level of a run with another key in the place of a level.
    func swapLevel(_ name: String) throws {
        try remove(name)
        try FileManager.default.copyItem(
            atPath: TamperedLevels.other.get().path("run/\(name)"), toPath: "\(path)/\(name)")
    }

    func edit(_ name: String, _ change: (String) throws -> String) throws {
        let url = URL(filePath: "\(path)/\(name)")
        let old = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
        try change(old).write(to: url, atomically: true, encoding: .utf8)
    }

    /// The lines of the records of a level, or of the whole.
    func lines(_ level: String = "") throws -> [String] {
        try String(contentsOfFile: "\(path)/\(level)records.jsonl", encoding: .utf8)
            .split(separator: "\n").map(String.init)
    }

    func records(_ level: String = "") throws -> [RecordedCertificate] {
        try lines(level).map { try RecordedCertificate(line: $0.utf8) }
    }

    func editLines(of level: String = "", _ change: (inout [String]) throws -> Void) throws {
        var lines = try lines(level)
        let old = lines
        try change(&lines)
        #expect(lines != old)
        try edit("\(level)records.jsonl") { _ in lines.map { $0 + "\n" }.joined() }
    }

    func editLine(
        _ place: Int, of level: String = "", _ change: (String) throws -> String
    ) throws {
        try editLines(of: level) { $0[place] = try change($0[place]) }
    }

    /// The level whose record was not chosen, and its record.
    func worse(at place: Int) throws -> (level: String, line: String) {
        let chosen = try records()[place].campaign
        let level = try #require(levels.first { try records("\($0)/")[place].campaign != chosen })
        return (level, try lines("\(level)/")[place])
    }

    /// The record of a level as if it were the one to be reported: with the alpha and the words of such.
    func chosen(_ line: String) throws -> String {
        let reported = try #require(try lines().first?.firstMatch(of: /"chosenFrom":\{.*\}\}$/)).0
        return line.dropLast().replacing(/"alpha":[0-9.e-]+/, with: "\"alpha\":0.001") + ","
            + reported
    }

    /// Changes the manifest of the whole as one line, and seals it anew, in the records too.
    func reseal(_ change: (String) throws -> String) throws {
        let json = try JSON(parsing: Data(contentsOf: URL(filePath: "\(path)/manifest.json")))
        let stated = try #require(try RecordedNoiseLevels(json))
        let changed = try change(stated.sealedLine)
        #expect(changed != stated.sealedLine)
        let seal = SHA256.digest(of: Array(changed.utf8))
        guard case .object(let members) = try JSON(parsing: changed.utf8) else { return }
        let page = JSON.object(members + [JSON.Member(key: "seal", value: .string(seal.hex))]).page
        try edit("manifest.json") { _ in page }
        try edit("records.jsonl") { $0.replacing(stated.seal.hex, with: seal.hex) }
    }
}
