import ConfidenceBounds
import Testing

@Suite struct MixtureTestTests {
    private func excluding(gap: Double) -> ProbabilityUpperBound {
        ProbabilityLowerBound(
            value: LowerBound(proved: gap), complement: UpperBound(proved: 1 - gap)
        ).ofOppositeEvent
    }

    @Test func `the evidence is the mean likelihood ratio, rounded down`() throws {
        for row in try Vectors.rows("evidence.tsv") {
            let (trials, successes) = try (#require(Int(row[0])), #require(Int(row[1])))
            let test = try MixtureTest(
                excluding: excluding(gap: Vectors.double(row[2])), failureProbability: 0.001)
            let evidence = test.evidence(successes: successes, trials: trials)
            #expect(try evidence.value == Vectors.double(row[3]), "\(row)")
        }
    }

    @Test func `the smallest count that rejects is the first with a mean ratio of 1 over alpha`()
        throws
    {
        for row in try Vectors.rows("mixture.tsv") {
            let test = try MixtureTest(
                excluding: excluding(gap: Vectors.double(row[1])),
                failureProbability: Vectors.double(row[2]))
            let smallest = try test.smallestRejecting(trials: #require(Int(row[0])))
            #expect(smallest == Int(row[3]), "\(row)")
        }
    }

    /// The theorem's first half: at p = tau the mean of M is 1, below it is less. Sums of up to 40
    /// products of doubles.
    @Test func `the evidence is 1 on average on the border, and less below it`() throws {
        for (gap, trials) in [(0.5, 40), (0.25, 40), (0.0625, 40), (0.01, 30), (0.9, 25)] {
            let test = try MixtureTest(excluding: excluding(gap: gap), failureProbability: 0.05)
            func mean(ofFailing q: Double) -> Double {
                var (term, sum) = (1.0, 0.0)
                for _ in 0..<trials { term *= q }  // the probability of no success
                for successes in 0...trials {
                    sum += term * test.evidence(successes: successes, trials: trials).value
                    term *= Double(trials - successes) / Double(successes + 1) * ((1 - q) / q)
                }
                return sum
            }
            #expect(abs(mean(ofFailing: gap) - 1) < 1e-11)
            #expect(mean(ofFailing: gap + (1 - gap) / 8) < 1)
            #expect(mean(ofFailing: gap * 0.75) > 1)
        }
    }

    @Test func `more successes, a smaller tau or a larger alpha never undo a rejection`() throws {
        let alphas = [0.05, 0.001, 1e-9]
        for (index, alpha) in alphas.enumerated() {
            for gap in [0.4, 0.1, 0.01] {
                let test = try MixtureTest(
                    excluding: excluding(gap: gap), failureProbability: alpha)
                let easier = try MixtureTest(
                    excluding: excluding(gap: gap * 1.125),
                    failureProbability: alphas[max(0, index - 1)])
                for trials in [20, 300] {
                    var rejected = false
                    for successes in 0...trials {
                        let rejects = test.rejects(successes: successes, trials: trials)
                        #expect(rejects || !rejected)
                        if rejects {
                            #expect(easier.rejects(successes: successes, trials: trials))
                        }
                        rejected = rejects
                    }
                }
            }
        }
    }

    @Test func `an early look needs as many unanimous samples as the first rejection`() throws {
        for (gap, alpha) in [(0.5, 0.0005), (0.1587, 0.0005), (0.00135, 0.0005), (0.9, 0.05)] {
            let test = try MixtureTest(excluding: excluding(gap: gap), failureProbability: alpha)
            let smallest = try #require(test.smallestTrials())
            #expect(test.rejects(successes: smallest, trials: smallest))
            #expect(!test.rejects(successes: smallest - 1, trials: smallest - 1))
        }
    }

    @Test func `certainty is never exceeded, and nothing is proved without a success`() throws {
        let certain = try MixtureTest(excluding: .trivial, failureProbability: 0.5)
        #expect(!certain.rejects(successes: 1000, trials: 1000))
        #expect(certain.smallestTrials() == nil)
        #expect(certain.evidence(successes: 1000, trials: 1000).value == 0)
        let nothing = try MixtureTest(
            excluding: ProbabilityUpperBound(UpperBound(proved: 0)), failureProbability: 0.5)
        #expect(!nothing.rejects(successes: 0, trials: 1_000_000))
        #expect(nothing.rejects(successes: 3, trials: 3))
        #expect(nothing.evidence(successes: 1000, trials: 1000).value == 0x1p200)
    }

    @Test(arguments: [
        (0.0, "The failure probability is 0.0; it must lie strictly between 0 and 1."),
        (1.0, "The failure probability is 1.0; it must lie strictly between 0 and 1."),
        (1e-200, "The failure probability is 1e-200; a sequential test needs at least 1e-150."),
    ])
    func `an impossible failure probability is refused with a sentence`(
        alpha: Double, sentence: String
    ) {
        let error = #expect(throws: InvalidBinomialSample.self) {
            try MixtureTest(excluding: excluding(gap: 0.5), failureProbability: alpha)
        }
        #expect(error?.description == sentence)
    }
}
