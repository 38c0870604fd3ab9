import CertificateRecords
import CertificationReports
import Digests
import RandomizedSmoothing
import Testing

/// Four numbers by radius, each rounded so that it claims no more than the records do.
@Suite struct SummaryTests {
    private func record(
        _ counts: [Int], label: Int?, stopping: Stopping = .atTheCap
    ) throws -> CertificateRecord {
        let plan = try CertificationPlan(
            sigma: 1, selectionSamples: 1, estimationSamples: counts.reduce(0, +), rule: .cohen,
            alpha: 0.001, dimension: 4, noiseDistance: 0, stopping: stopping)
        var certifier = try SequentialCertifier(plan)
        let estimation = ClassCounts(counts)
        let digest = try #require(Digest(bytes: [UInt8](repeating: 1, count: 32)))
        return CertificateRecord(
            manifest: manifest(plan, digest), campaign: digest, index: 0, input: digest,
            label: label, selection: estimation, estimation: estimation, gridDistance: .zero,
            certification: try certifier.certify(selection: estimation, estimation: estimation))
    }

    private func manifest(_ plan: CertificationPlan, _ digest: Digest) -> Manifest {
        Manifest(
            programVersion: "1", plan: plan,
            noise: Manifest.Noise(
                stepsPerUnit: 255, reach: 3061, distanceFromIdeal: 0,
                key: String(repeating: "0", count: 64)),
            model: Manifest.Model(
                digest: digest, size: 9, inputShape: [4], outputName: nil, decisionThreshold: nil,
                classCount: 2, mean: nil, standardDeviation: nil),
            inputs: Manifest.Inputs(
                indices: [0], digest: digest, labels: nil, coordinateWidth: 1, areRounded: false),
            counting: Manifest.Counting(
                blockSize: 50, fingerprint: "engine",
                knownAnswer: KnownAnswer(noise: digest, scores: digest),
                selfTests: SelfTest.all(blockSize: 50)))
    }

    /// METHODS: 98 of 100 give 1.2413 sigma, 100 of 100 give 1.4977 (norm.ppf(.001 ** .01)).
    @Test func `the table counts certificates, right ones and abstentions at each radius`() throws {
        var summary = CertificationSummary()
        summary.add(try record([100, 0], label: 0))
        summary.add(try record([98, 2], label: 1))
        summary.add(try record([50, 50], label: 0))
        let lines = summary.table(upTo: 1.49).split(separator: "\n").map {
            $0.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        }
        #expect(lines[1] == ["0.0", "66.6", "%", "33.3", "%", "50.0", "%", "33.4", "%"])
        let last = try #require(lines.last)
        #expect(last == ["1.25", "33.3", "%", "33.3", "%", "100.0", "%", "66.7", "%"])
    }

    @Test func `predictions are counted, right ones and abstentions`() throws {
        var summary = CertificationSummary()
        summary.add(try record([100, 0], label: 0, stopping: .predictedAtTheCap))
        summary.add(try record([98, 2], label: 1, stopping: .predictedAtTheCap))
        summary.add(try record([25, 25], label: 0, stopping: .predictedAtTheCap))
        let line = try #require(summary.predictionTable.split(separator: "\n").last)
        #expect(
            line.split(separator: " ") == ["66.6", "%", "33.3", "%", "50.0", "%", "33.4", "%"])
        let samples = try #require(summary.samplesAnInput)
        #expect(samples == (median: 200, mean: 167, most: 200))
        #expect(summary.predicted == 2 && summary.certified == 0)
    }

    @Test func `without labels nothing is said about right or wrong`() throws {
        var summary = CertificationSummary()
        summary.add(try record([100, 0], label: nil))
        #expect(!summary.table(upTo: 1.49).contains("accuracy"))
        #expect(summary.warning == nil)
    }

    @Test func `accuracy under noise near chance is warned of, and good accuracy is not`() throws {
        var bad = CertificationSummary()
        bad.add(try record([20, 20, 20, 20, 20], label: 2))
        #expect(bad.warning?.contains("20.0 %") == true)
        var good = CertificationSummary()
        good.add(try record([20, 20, 60], label: 2))
        #expect(good.warning == nil)
    }
}
