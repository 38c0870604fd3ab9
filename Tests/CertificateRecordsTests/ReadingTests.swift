import CertificateRecords
import ConfidenceBounds
import Digests
import Foundation
import RandomizedSmoothing
import Testing

/// What is written is read back as it stands, and nothing else is read.
@Suite struct ReadingTests {
    @Test(arguments: [
        "null", "true", "false", "0", "-1", "9223372036854775807", "9223372036854775808", "-0",
        "0.100000000000", "1e-05", "1E+400", "\"\"", "\"a\\\"b\\\\\\n\\r\\t\\u0001\\u007f/é漢🙂\"",
        "[]", "{}", "[1,[2,{\"a\":null}],\"b\"]", "{\"b\":1,\"a\":2,\"\":3}",
    ])
    func `what is read and written again has the same bytes`(text: String) throws {
        #expect(try JSON(parsing: text.utf8).line == text)
        #expect(try JSON(parsing: (" \n" + text + "\t\r ").utf8).line == text)
    }

    @Test func `a decimal keeps its digits`() throws {
        #expect(try JSON(parsing: "0.10".utf8) == .decimal("0.10"))
        #expect(try JSON(parsing: "10".utf8) == .integer(10))
        #expect(try JSON(parsing: "1e2".utf8).double == 100)
    }

    @Test(arguments: [
        #""\b\f\/\u00e9\u6f22\ud83d\ude42""#, #"{"\u0061":[1.5e3, -2.25, 1e0]}"#, "[[[[]]]]",
    ])
    func `escapes and numbers read as Foundation reads them`(text: String) throws {
        let ours = try JSON(parsing: text.utf8).line
        let options = JSONSerialization.ReadingOptions.fragmentsAllowed
        let read = try JSONSerialization.jsonObject(with: Data(ours.utf8), options: options)
        let meant = try JSONSerialization.jsonObject(with: Data(text.utf8), options: options)
        #expect(read as? NSObject == meant as? NSObject)
    }

    @Test(arguments: [
        ("", 0), ("  ", 2), ("nul", 3), ("nulL", 3), ("+1", 0), ("01", 1), ("1.", 2), (".5", 0),
        ("1e", 2), ("-", 1), ("NaN", 0), ("[1,]", 3), ("[1 2]", 3), ("{\"a\" 1}", 5),
        ("{\"a\":1,}", 7), ("{a:1}", 1), ("\"a", 2), ("\"\\x\"", 2), ("\"\\u12g4\"", 5),
        ("\"\\ud800\"", 7), ("\"\\ud800\\u0041\"", 13), ("\"\\udc00\"", 7), ("\"\n\"", 1),
        ("1 2", 2), ("{}x", 2), ("'a'", 0), ("[1", 2), ("{\"a\":1", 6), ("\u{FEFF}1", 0),
    ])
    func `what is no JSON is refused, with its place`(text: String, offset: Int) throws {
        let error = #expect(throws: JSONSyntaxError.self) { try JSON(parsing: text.utf8) }
        #expect(error?.offset == offset, "\(text)")
    }

    @Test func `bytes that are no UTF-8 are refused`() throws {
        for bytes: [UInt8] in [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
        ] {
            #expect(throws: JSONSyntaxError.self) { try JSON(parsing: bytes) }
        }
    }

    @Test func `a name that stands twice in an object is refused`() throws {
        let error = #expect(throws: JSONSyntaxError.self) {
            try JSON(parsing: #"{"a":1,"b":2,"\u0061":3}"#.utf8)
        }
        #expect(error?.offset == 13 && error?.reason.contains("\"a\"") == true)
    }

    @Test func `nesting is bounded`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try JSON(parsing: nested(JSON.greatestDepth).utf8)
        #expect(throws: JSONSyntaxError.self) {
            try JSON(parsing: nested(JSON.greatestDepth + 1).utf8)
        }
        #expect(throws: JSONSyntaxError.self) { try JSON(parsing: nested(1_000_000).utf8) }
    }

    @Test func `any damaged record is refused or reads as what stands there`() throws {
        let line = Array(try RecordTests.record().line.utf8)
        for place in line.indices {
            for byte in [UInt8(0), 0x22, 0x2C, 0x30, 0x7B, 0x7D, 0xFF] {
                var damaged = line
                damaged[place] = byte
                guard let json = try? JSON(parsing: damaged) else { continue }
                #expect(try JSON(parsing: json.line.utf8) == json)
            }
            #expect(throws: JSONSyntaxError.self) { try JSON(parsing: line[..<place]) }
        }
    }
}

/// Records and manifests are read as they stand.
@Suite struct RecordedValueTests {
    @Test(arguments: [[990, 7, 3], [400, 350, 250]], ["cohen", "runner-up"])
    func `a record is read back as it was written`(counts: [Int], rule: String) throws {
        let record = try RecordTests.record(counts: counts, rule: rule)
        let read = try RecordedCertificate(line: record.line.utf8)
        #expect(read.json.line == record.line)
        #expect(read.index == record.index && read.label == record.label)
        #expect(read.selection == record.selection && read.estimation == record.estimation)
        #expect(read.radius.description == record.radius?.description ?? "0")
        #expect(read.lower.description == record.certification.lower.value.description)
        #expect(read.upper.description == record.certification.upper.value.description)
        #expect(read.answer == record.answer && read.isCorrect == record.isCorrect)
        #expect(read.alpha == 0.001 && read.sigma == 0.5 && read.campaign == record.campaign)
        #expect(read.outcome == (record.radius == nil ? .abstained : .certified))
    }

    @Test(arguments: [
        ("\"index\":7", "\"index\":-7", "index"), ("\"index\":7", "\"index\":7.0", "index"),
        ("\"label\":0", "\"label\":3", "label"), ("\"class\":0", "\"class\":3", "class"),
        ("certified", "certain", "outcome"), ("\"sigma\":0.5", "\"sigma\":\"0.5\"", "sigma"),
        ("[990,7,3]", "[990,7,4]", "estimation.counts"),
        ("[990,7,3]", "[1000]", "estimation.counts"),
        ("[990,7,3]", "[1001,7,-8]", "estimation.counts"),
        ("[990,7,3]", "[9223372036854775807,9223372036854775807,1002]", "estimation.counts"),
        ("\"radius\":0", "\"radius\":-0", "radius"),
        ("\"selection\"", "\"selektion\"", "selection"),
        ("\"samples\":10,", "\"samples\":11,", "selection.counts"),
        ("\"campaign\":\"01", "\"campaign\":\"zz", "campaign"),
    ])
    func `a record with a wrong member is refused by its name`(
        old: String, new: String, name: String
    ) throws {
        let line = try RecordTests.record().line
        try #require(line.contains(old))
        let error = #expect(throws: UnreadableMember.self) {
            try RecordedCertificate(line: line.replacing(old, with: new, maxReplacements: 1).utf8)
        }
        #expect(error?.path == name)
    }

    @Test func `a manifest is read back as it was written`() throws {
        for indices in [[0, 20, 40], [3, 1, 2], [5]] {
            var manifest = try ManifestTests.manifest(indices: indices)
            manifest.model.mean = [0.1, 0.25]
            manifest.model.decisionThreshold = 0.1
            let seal = try #require(Digest(bytes: [UInt8](repeating: 3, count: 32)))
            let read = try RecordedManifest(text: manifest.page(sealedWith: seal).utf8)
            #expect(read.sealedLine == manifest.sealedLine && read.seal == seal)
            #expect(read.model == manifest.model && read.inputs == manifest.inputs)
            #expect(read.noise == manifest.noise && read.counting == manifest.counting)
            #expect(read.plan.netAlpha == manifest.plan.error.netAlpha)
            #expect(read.plan.stopping == manifest.plan.stopping && read.plan.rule == .runnerUp)
            #expect(read.program == "wardein 1" && read.units == manifest.units)
        }
    }

    @Test(arguments: [
        Stopping.atTheCap, .whenHopeless, .whenDecided(radius: 0.5), .whenPrecise(width: 0.1),
        .whenPredicted, .predictedAtTheCap,
    ])
    func `when estimation ends is read back`(stopping: Stopping) throws {
        var manifest = try ManifestTests.manifest()
        manifest.plan = try CertificationPlan(
            sigma: 0.25, selectionSamples: 100, estimationSamples: 1000, rule: .runnerUp,
            alpha: 0.001, family: 7, dimension: 64, noiseDistance: 1e-33, stopping: stopping,
            blockSize: 50)
        let seal = try #require(Digest(bytes: [UInt8](repeating: 3, count: 32)))
        let read = try RecordedManifest(text: manifest.page(sealedWith: seal).utf8).plan
        #expect(read.stopping == stopping && read.ruleName == manifest.plan.ruleName)
        #expect(read.family?.inputs == 7 && read.family?.alpha == 0.001)
        #expect(read.alpha == manifest.plan.error.alpha)
    }

    @Test(arguments: [
        ("\"count\": 3", "\"count\": 4294967295", "inputs.count"),
        ("wardein manifest 1", "wardein manifest 2", "format"),
        ("\"rule\": \"runner-up\"", "\"rule\": \"winner\"", "plan.rule"),
        ("\"alpha\": 0.001", "\"alpha\": 1e999", "plan.alpha"),
        ("\"netAlpha\"", "\"nettAlpha\"", "plan.netAlpha"),
        ("\"step\": 20", "\"step\": 4294967295", "inputs.indices"),
    ])
    func `a manifest with a wrong member is refused by its name`(
        old: String, new: String, name: String
    ) throws {
        let seal = try #require(Digest(bytes: [UInt8](repeating: 3, count: 32)))
        let page = try ManifestTests.manifest().page(sealedWith: seal)
        try #require(page.contains(old))
        let error = #expect(throws: UnreadableMember.self) {
            try RecordedManifest(text: page.replacing(old, with: new, maxReplacements: 1).utf8)
        }
        #expect(error?.path == name)
    }

    @Test func `decimals compare as numbers, exactly`() throws {
        // Python's Fraction orders these likewise.
        let ascending = [
            "0", "0.000000000001", "0.05", "0.1", "0.25", "0.250000000000000000000001", "0.3", "1",
            "1.5", "2", "10", "10.01", "123456789012345678901234567890",
        ]
        let numbers = try ascending.map { try #require(DecimalNumber($0)) }
        for (i, a) in numbers.enumerated() {
            for (j, b) in numbers.enumerated() {
                #expect((a < b) == (i < j) && (a == b) == (i == j))
            }
        }
        #expect(DecimalNumber("0.50") == DecimalNumber("00.5"))
        #expect(
            DecimalNumber("0.000") == DecimalNumber("0") && DecimalNumber("0.0")?.isZero == true)
        for text in ["", ".", "1.", ".5", "-1", "+1", "1e3", "1.2.3", "٣", " 1", "0x1"] {
            #expect(DecimalNumber(text) == nil)
        }
    }
}
