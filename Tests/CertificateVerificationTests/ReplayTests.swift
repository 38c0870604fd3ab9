import CertificateRecords
import Digests
import RandomizedSmoothing
import SmoothingNoise
import Testing

@testable import CertificateVerification

/// What counting again can tell, beside whether the counts are the same.
@Suite struct ReplayTests {
    private func manifest(_ stopping: Stopping) throws -> RecordedManifest {
        let digest = try #require(Digest(bytes: [UInt8](repeating: 2, count: 32)))
        let noise = try RoundedGaussian(sigma: 0.5, stepsPerUnit: 255)
        let manifest = Manifest(
            programVersion: "1",
            plan: try CertificationPlan(
                sigma: 0.5, selectionSamples: 50, estimationSamples: 1000, rule: .cohen,
                alpha: 0.001,
                dimension: 64, noiseDistance: noise.distanceFromIdeal, stopping: stopping,
                blockSize: 50),
            noise: Manifest.Noise(
                stepsPerUnit: 255, reach: noise.support.upperBound,
                distanceFromIdeal: noise.distanceFromIdeal, key: NoiseKey.zero.hex),
            model: Manifest.Model(
                digest: digest, size: 9, inputShape: [1, 8, 8], outputName: nil,
                decisionThreshold: nil, classCount: 2, mean: nil, standardDeviation: nil),
            inputs: Manifest.Inputs(
                indices: [0], digest: digest, labels: nil, coordinateWidth: 1, areRounded: false),
            counting: Manifest.Counting(
                blockSize: 50, fingerprint: "engine",
                knownAnswer: KnownAnswer(noise: digest, scores: digest),
                selfTests: SelfTest.all(blockSize: 50)))
        return try RecordedManifest(text: manifest.page(sealedWith: digest).utf8)
    }

    private func recount(
        _ stated: [Int], _ prefixes: [[Int]], nearTies: [Int] = [0, 0]
    ) throws -> Replay.Recount {
        let line = try RecordedCertificate(
            line: """
                {"index":0,"label":null,"outcome":"certified","class":0,"radius":0,"reason":null,\
                "sigma":0.5,"alpha":0.001,"lower":0,"upper":1,"gridDistance":0.000000000000,\
                "selection":{"samples":50,"counts":[50,0]},\
                "estimation":{"samples":\(stated[0] + stated[1]),"counts":[\(stated[0]),\(stated[1])]},\
                "campaign":"\(String(repeating: "02", count: 32))"}
                """.utf8)
        func tally(_ counts: [Int]) -> Replay.Tally {
            var tally = Replay.Tally(classes: 2)
            tally.counts = counts
            tally.nearTies = nearTies
            return tally
        }
        return Replay.Recount(
            record: RecordEntry(line, line: 1, tableFields: ""), selection: tally([50, 0]),
            estimation: prefixes.map(tally))
    }

    private func check(_ stopping: Stopping, isExact: Bool) throws -> ReplayCheck {
        try ReplayCheck(
            RebuiltManifest(manifest(stopping), release: "1"), isExact: isExact,
            largestGridDistance: .zero)
    }

    /// "The stopping rule is fixed before the first draw, and looks at checkpoints": law 4.
    @Test func `an input that went on past its end is found out`() throws {
        var check = try check(.whenDecided(radius: 0.3), isExact: true)
        // 50 unanimous samples decide at 0.6 sigma: 0.001^(1/25), half of alpha, is far above 0.73.
        let past = try check.faults(recount([99, 1], [[50, 0], [99, 1]]))
        #expect(past.map(\.kind) == [.replay])
        #expect(past.first?.reason.contains("had to end after 50 samples") == true)
        #expect(try check.faults(recount([50, 0], [[50, 0]])).isEmpty)
        // Evenly split counts decide nothing, nor are they hopeless at 100 of 1000.
        #expect(try check.faults(recount([100, 0], [[36, 14], [100, 0]])).isEmpty)
    }

    @Test func `on the same engine every sample counts`() throws {
        var check = try check(.atTheCap, isExact: true)
        #expect(try check.faults(recount([999, 1], [[999, 1]])).isEmpty)
        let faults = try check.faults(recount([999, 1], [[998, 2]], nearTies: [5, 5]))
        #expect(faults.map(\.kind) == [.replay] && check.nearTies == 0)
    }

    @Test func `on another engine as many samples may differ as were near a tie`() throws {
        var check = try check(.atTheCap, isExact: false)
        #expect(try check.faults(recount([999, 1], [[997, 3]], nearTies: [2, 2])).isEmpty)
        #expect(check.nearTies == 1)
        let faults = try check.faults(recount([999, 1], [[996, 4]], nearTies: [2, 2]))
        #expect(faults.first?.reason.contains("more than near-ties allow") == true)
    }

    /// SciPy: the least m with hypergeom.pmf(0, N, m, k) <= 0.01; Tests/Reference/replay_power.py.
    @Test(arguments: [(500, 5, 300), (500, 50, 42), (20, 2, 18), (50_000, 500, 457), (10, 10, 1)])
    func `what a replay would have found is the hypergeometric law's`(
        records: Int, replayed: Int, fewest: Int
    ) {
        #expect(ReplayCheck.fewestFound(replayed: replayed, of: records) == fewest)
    }

    /// The published test vector of SplitMix64 (prng.di.unimi.it/splitmix64.c), seed 1234567.
    @Test func `the choice is SplitMix64's`() {
        var choice = ReplayChoice(seed: 1_234_567)
        #expect(
            (0..<3).map { _ in choice.next() } == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            ])
    }
}
