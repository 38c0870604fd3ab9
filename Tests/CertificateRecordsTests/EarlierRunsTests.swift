import CertificateRecords
import Digests
import Testing

/// "Runs with the records stating the *summed* alpha of all runs on that model, input and mechanism."
@Suite struct EarlierRunsTests {
    private func run(
        _ alpha: Double, _ indices: [Int], noise: EarlierRun.Noise = .other
    ) throws -> EarlierRun {
        EarlierRun(
            campaign: try #require(Digest(bytes: [UInt8](repeating: 1, count: 32))), noise: noise,
            alpha: alpha, indices: indices)
    }

    /// Law 5: the double nearest 0.7 + 0.1 lies below the sum of these two, which Python's fractions
    /// give exactly: Fraction(0.7) + Fraction(0.1) > Fraction(0.7 + 0.1).
    @Test func `a sum is rounded up, input by input`() throws {
        let earlier = EarlierRuns([try run(0.1, [3, 5]), try run(0.25, [5])])
        let sum = try #require(earlier.alpha(0.7, summedAt: 3))
        #expect(sum == (0.7 + 0.1).nextUp)
        #expect(earlier.alpha(0.25, summedAt: 5) ?? 0 >= 0.6)
        #expect(earlier.alpha(0.25, summedAt: 4) == nil)
        #expect(earlier.largestAlpha(0.25) == earlier.alpha(0.25, summedAt: 5))
        #expect(EarlierRuns.none.largestAlpha(0.25) == 0.25)
    }

    /// Bonferroni over all claims about the inputs of a campaign, in whatever run.
    @Test func `all claims at once are charged for the earlier ones about the same inputs`()
        throws
    {
        let earlier = EarlierRuns([try run(0.125, [3, 5]), try run(0.25, [5])])
        #expect(earlier.familyAlpha(0.125) == 0.125 + 2 * 0.125 + 0.25)
    }

    @Test func `the manifest names them, and says when nobody looked`() throws {
        var manifest = try ManifestTests.manifest()
        let silent = manifest.sealedLine
        #expect(!silent.contains("earlierRuns"))
        manifest.earlier = .unknown
        #expect(manifest.sealedLine.hasSuffix(#","earlierRuns":"not looked for"}"#))
        manifest.earlier = EarlierRuns([try run(0.25, [0, 20, 40], noise: .same)])
        #expect(
            manifest.sealedLine.hasSuffix(
                #""noise":"same","alpha":0.25,"indices":{"first":0,"step":20,"count":3}}]}"#))
    }
}
