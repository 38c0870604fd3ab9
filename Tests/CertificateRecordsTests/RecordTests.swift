import CertificateRecords
import ConfidenceBounds
import Digests
import Foundation
import RandomizedSmoothing
import Testing

/// What is written: digits never claim more than was proved (law 5), and what is not claimed is
/// said (law 7).
@Suite struct RecordTests {
    static func record(
        index: Int = 7, label: Int? = 0, counts: [Int] = [990, 7, 3], rule: String = "cohen"
    ) throws -> CertificateRecord {
        let plan = try CertificationPlan(
            sigma: 0.5, selectionSamples: 10, estimationSamples: counts.reduce(0, +),
            rule: try #require(CertificationRule(rawValue: rule)), alpha: 0.001, dimension: 4,
            noiseDistance: 0)
        var manifest = try ManifestTests.manifest()
        manifest.plan = plan
        var certifier = try SequentialCertifier(plan)
        let selection = ClassCounts([10, 0, 0])
        let digest = try #require(Digest(bytes: [UInt8](repeating: 1, count: 32)))
        return CertificateRecord(
            manifest: manifest, campaign: digest, index: index, input: digest, label: label,
            selection: selection, estimation: ClassCounts(counts), gridDistance: .zero,
            certification: try certifier.certify(
                selection: selection, estimation: ClassCounts(counts)))
    }

    private func members(_ record: CertificateRecord) throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(record.line.utf8))
        return try #require(object as? [String: Any])
    }

    @Test func `a record is one line of JSON with the keys that scripts rely on`() throws {
        let record = try Self.record()
        #expect(!record.line.contains("\n"))
        let members = try members(record)
        #expect(members["index"] as? Int == 7 && members["label"] as? Int == 0)
        #expect(members["rule"] as? String == "cohen" && members["norm"] as? String == "L2")
        #expect(members["alpha"] as? Double == 0.001 && members["sigma"] as? Double == 0.5)
        #expect(members["outcome"] as? String == "certified" && members["class"] as? Int == 0)
        let estimation = try #require(members["estimation"] as? [String: Any])
        #expect(estimation["samples"] as? Int == 1000)
        #expect(estimation["counts"] as? [Int] == [990, 7, 3])
        #expect((members["selection"] as? [String: Any])?["samples"] as? Int == 10)
    }

    /// SciPy: p = beta.ppf(.001, 990, 11) = 0.977484617 (rounded), norm.ppf(p) / 2 = 1.00226…
    @Test func `bounds and radius are written with twelve places, each to the safe side`() throws {
        let line = try Self.record().line
        let radius = try #require(line.firstMatch(of: /"radius":(\d\.\d{12}),/))
        let lower = try #require(line.firstMatch(of: /"lower":(\d\.\d{12}),/))
        let upper = try #require(line.firstMatch(of: /"upper":(\d\.\d{12}),/))
        let (p, q) = (try #require(Double(lower.1)), try #require(Double(upper.1)))
        #expect(p + q >= 1 && p + q < 1 + 3e-12)
        #expect(try #require(Double(radius.1)) > 0)
    }

    @Test func `what is claimed can be read without the manifest`() throws {
        let record = try Self.record()
        let members = try members(record)
        let claim = try #require(members["claims"] as? String)
        let radius = try #require(record.radius)
        for part in [
            "class 0", "sigma 0.5", "less than \(radius) of this input", "in bytes / 255",
            "at most 0.001 over the drawing",
        ] { #expect(claim.contains(part)) }
        #expect(members["format"] as? String == "wardein record 1")
        #expect(members["program"] as? String == "wardein 1")
        let noise = try #require(members["noise"] as? [String: Any])
        #expect(noise["distanceFromIdeal"] as? Double == 1e-33)
        for key in ["input", "model", "campaign"] {
            #expect((members[key] as? String)?.count == 64)
        }
    }

    @Test func `an abstention claims nothing and says why`() throws {
        let record = try Self.record(counts: [400, 350, 250], rule: "cohen")
        let members = try members(record)
        #expect(members["outcome"] as? String == "abstained")
        #expect(members["radius"] as? Double == 0)
        #expect(members["reason"] as? String == "not separated")
        #expect(members["claims"] is NSNull)
        #expect(record.tabSeparatedLine(nanoseconds: 0) == "7\t0\t-1\t0.0\t0\t0:00:00.000000")
    }

    @Test func `every record says what it does not claim and what it assumes`() throws {
        for counts in [[990, 7, 3], [400, 350, 250]] {
            let members = try members(try Self.record(counts: counts))
            let notClaimed = try #require(members["doesNotClaim"] as? [String])
            #expect(notClaimed.contains("that the class is right"))
            #expect(notClaimed.contains { $0.contains("attacked") })
            let assumptions = try #require(members["assumptions"] as? [[String: String]])
            #expect(assumptions.count > 3)
            #expect(assumptions.allSatisfy { Set($0.keys) == ["assumption", "checked"] })
            // Nobody audits the workers yet.
            let workers = assumptions.first {
                $0["assumption"]?.contains("as they were told") == true
            }
            #expect(workers?["checked"] == "unchecked")
        }
    }

    @Test func `a prediction claims its class at the sampled point, and no radius`() throws {
        let plan = try CertificationPlan(
            sigma: 0.5, selectionSamples: 10, estimationSamples: 1000, rule: .runnerUp,
            alpha: 0.001, dimension: 4, noiseDistance: 0, stopping: .whenPredicted)
        var certifier = try SequentialCertifier(plan, classes: 3)
        let (selection, estimation) = (ClassCounts([9, 1, 0]), ClassCounts([20, 0, 0]))
        let certification = try certifier.certify(selection: selection, estimation: estimation)
        for (distance, place) in [
            (0, "at this very input"), (0.01, "at the grid point to which this input is rounded"),
        ] {
            var manifest = try ManifestTests.manifest()
            manifest.plan = plan
            let digest = try #require(Digest(bytes: [UInt8](repeating: 1, count: 32)))
            let record = CertificateRecord(
                manifest: manifest, campaign: digest, index: 7, input: digest, label: 1,
                selection: selection, estimation: estimation,
                gridDistance: GridDistance(roundingUp: UpperBound(proved: distance)),
                certification: certification)
            let members = try members(record)
            #expect(members["outcome"] as? String == "predicted")
            #expect(members["radius"] as? Double == 0)
            #expect(members["rule"] as? String == "sequential prediction")
            #expect((members["claims"] as? String)?.contains(place) == true)
            let notClaimed = try #require(members["doesNotClaim"] as? [String])
            #expect(notClaimed.contains { $0.contains("no radius is certified") })
            #expect(notClaimed.contains("that the class is right"))
            #expect(record.tabSeparatedLine(nanoseconds: 0) == "7\t1\t0\t0.0\t0\t0:00:00.000000")
        }
    }

    @Test func `an unknown label is null, and -1 in the table`() throws {
        let record = try Self.record(label: nil)
        #expect(try members(record)["label"] is NSNull)
        #expect(record.tabSeparatedLine(nanoseconds: 1000).hasPrefix("7\t-1\t0\t"))
    }

    /// Python: str(datetime.timedelta(seconds=…)).
    @Test(arguments: [
        (151_238_689_000, "0:02:31.238689"), (3_600_000_000_000, "1:00:00.000000"),
        (999, "0:00:00.000000"), (90_061_000_001_000, "25:01:01.000001"),
    ])
    func `time is written as Python writes it`(nanoseconds: Int, text: String) throws {
        let line = try Self.record().tabSeparatedLine(nanoseconds: nanoseconds)
        #expect(line.split(separator: "\t").last.map(String.init) == text)
    }

    @Test func `text in JSON is escaped so that any reader gets it back`() throws {
        let nasty = "a\"b\\c\nd\te\u{1}f\u{7F}g/é漢🙂\r"
        let json: JSON = ["key \"x\"": .string(nasty)]
        for text in [json.line, json.page] {
            let read = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: String]
            #expect(read == ["key \"x\"": nasty])
        }
    }

    @Test(arguments: [0.5, 1, 1e-30, 0.1, 1.0 / 3, 5e15, 123456789.25, 0.001])
    func `a number reads back as the same double`(value: Double) throws {
        let text = "[" + JSON.number(value).line + "]"
        let read = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [Double]
        #expect(read == [value])
    }
}
