import CertificateRecords
import Digests
import Foundation
import RandomizedSmoothing
import Testing

/// "The manifest holds only the plan and what determines counts."
@Suite struct ManifestTests {
    static func manifest(alpha: Double = 0.001, indices: [Int] = [0, 20, 40]) throws -> Manifest {
        let digest = try #require(Digest(bytes: [UInt8](repeating: 2, count: 32)))
        return Manifest(
            programVersion: "1",
            plan: try CertificationPlan(
                sigma: 0.25, selectionSamples: 100, estimationSamples: 1000, rule: .runnerUp,
                alpha: alpha, dimension: 64, noiseDistance: 1e-33),
            noise: Manifest.Noise(
                stepsPerUnit: 255, reach: 766, distanceFromIdeal: 1e-33,
                key: String(repeating: "0", count: 64)),
            model: Manifest.Model(
                digest: digest, size: 9, inputShape: [1, 8, 8], outputName: nil,
                decisionThreshold: nil, classCount: 10, mean: nil, standardDeviation: nil),
            inputs: Manifest.Inputs(
                indices: indices, digest: digest, labels: nil, coordinateWidth: 1,
                areRounded: false),
            counting: Manifest.Counting(
                blockSize: 50, fingerprint: "engine",
                knownAnswer: KnownAnswer(noise: digest, scores: digest),
                selfTests: SelfTest.all(blockSize: 50)))
    }

    @Test func `the sealed line is the page without its seal`() throws {
        let manifest = try Self.manifest()
        let seal = try #require(Digest(bytes: [UInt8](repeating: 3, count: 32)))
        func members(_ text: String) throws -> NSDictionary {
            let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
            return try #require(object as? NSDictionary)
        }
        let page = try #require(
            try members(manifest.page(sealedWith: seal)).mutableCopy() as? NSMutableDictionary)
        #expect(page["seal"] as? String == seal.hex)
        page.removeObject(forKey: "seal")
        #expect(page == (try members(manifest.sealedLine)))
    }

    @Test func `whatever determines counts changes the sealed line`() throws {
        let original = try Self.manifest()
        var changed = [
            try Self.manifest(alpha: 0.002), try Self.manifest(indices: [0, 20, 41]),
        ]
        for change: (inout Manifest) -> Void in [
            { $0.noise.key = String(repeating: "1", count: 64) },
            { $0.model.outputName = "logits" }, { $0.model.mean = [0.5] },
            { $0.model.decisionThreshold = 0 }, { $0.counting.blockSize = 51 },
            { $0.counting.fingerprint = "other" }, { $0.noise.stepsPerUnit = 256 },
        ] {
            var manifest = original
            change(&manifest)
            changed.append(manifest)
        }
        let lines = Set((changed + [original]).map(\.sealedLine))
        #expect(lines.count == changed.count + 1)
    }

    @Test func `evenly spaced indices are written as first, step and count`() throws {
        #expect(try Self.manifest().sealedLine.contains(#"{"first":0,"step":20,"count":3}"#))
        #expect(try Self.manifest(indices: [3, 1, 2]).sealedLine.contains("[3,1,2]"))
    }
}
