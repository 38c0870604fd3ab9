import ConfidenceBounds
import Foundation
import Testing

@Suite struct McNemarTestTests {
    @Test func `the p-value is that of statsmodels, rounded up`() throws {
        for row in try Vectors.rows("mcnemar.tsv") {
            let test = try McNemarTest(
                onlyFirst: #require(Int(row[0])), onlySecond: #require(Int(row[1])))
            let expected = try #require(Double(row[2]))
            // SciPy's own rounding is below 10^-12 of the value here.
            #expect(test.pValue.value >= expected * (1 - 1e-11), "\(row)")
            #expect(test.pValue.value <= expected * (1 + 1e-11), "\(row)")
        }
    }

    /// The theorem, for every number of discordant inputs up to 40: under the null hypothesis the
    /// p-value is at most alpha with probability at most alpha.
    @Test(arguments: [0.001, 0.05, 0.3])
    func `a difference is found by chance with at most the probability that was asked for`(
        alpha: Double
    ) {
        for discordant in 0...40 {
            var masses = [1.0]
            for _ in 0..<discordant {
                masses = zip(masses + [0], [0] + masses).map { ($0 + $1) / 2 }
            }
            let chance = masses.indices
                .filter {
                    McNemarTest(onlyFirst: $0, onlySecond: discordant - $0).pValue.value <= alpha
                }
                .reduce(0) { $0 + masses[$1] }
            #expect(chance <= alpha)
        }
    }
}

/// Law 5: a radius is called impossible only if it is.
@Suite struct RadiusCeilingTests {
    @Test func `the ceiling is mpmath's, rounded up`() throws {
        for row in try Vectors.rows("ceilings.tsv") {
            let ceiling = try RadiusCeiling(
                sigma: #require(Double(row[0])), samples: #require(Int(row[1])),
                failureProbability: #require(Double(row[2]))
            ).radius.value
            let expected = try #require(Double(row[3]))
            #expect(ceiling >= expected, "\(row)")
            // Near 1/2 a probability is known to 2^-53 or so, and Phi^-1 is steeper than that by 2.5.
            #expect(ceiling <= expected * (1 + 0x1p-50) + 0x1p-50, "\(row)")
        }
    }

    @Test func `the least failure probability is mpmath's, rounded down`() throws {
        for row in try Vectors.rows("alphas.tsv") {
            let radius = LowerBound(proved: try #require(Double(row[2])))
            let alpha = try RadiusCeiling.leastFailureProbability(
                certifying: radius, sigma: #require(Double(row[0])), samples: #require(Int(row[1]))
            ).value
            let expected = try #require(Double(row[3]))
            #expect(alpha <= expected, "\(row)")
            #expect(alpha >= expected * (1 - 0x1p-48), "\(row)")
        }
    }

    /// METHODS: 3.811 sigma at n = 100,000 and alpha = .001, and what unanimous counts certify is below.
    @Test func `unanimous counts reach the ceiling, and no counts exceed it`() throws {
        let ceiling = try RadiusCeiling(sigma: 1, samples: 100_000, failureProbability: 0.001)
        #expect(ceiling.radius.decimal(places: 12) == "3.811456563390")
        for (samples, alpha) in [(11, 0.001), (100, 0.05), (1000, 1e-7)] {
            let ceiling = try RadiusCeiling(
                sigma: 0.5, samples: samples, failureProbability: alpha)
            let unanimous = try ClopperPearson.lowerBound(
                successes: samples, trials: samples, failureProbability: alpha)
            let radius = StandardNormal.quantile(of: unanimous).multiplied(byExactly: 0.5)
            #expect(radius.value <= ceiling.radius.value)
            #expect(radius.value >= ceiling.radius.value * (1 - 1e-13))
        }
    }

    @Test func `too few samples certify nothing, and no radius takes no alpha`() throws {
        let ceiling = try RadiusCeiling(sigma: 1, samples: 9, failureProbability: 0.001)
        #expect(ceiling.radius.value == 0)
        let least = RadiusCeiling.leastFailureProbability(
            certifying: LowerBound(proved: 0), sigma: 1, samples: 10)
        #expect(least.value == 0)
    }
}
