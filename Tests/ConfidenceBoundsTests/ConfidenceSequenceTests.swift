import ConfidenceBounds
import Testing

@Suite struct ConfidenceSequenceTests {
    @Test func `a bound is the border of what the test rejects, rounded to the safe side`() throws {
        for row in try Vectors.rows("sequence.tsv") {
            let (trials, successes) = try (#require(Int(row[0])), #require(Int(row[1])))
            let alpha = try Vectors.double(row[2])
            let lower = try ConfidenceSequence.lowerBound(
                successes: successes, trials: trials, failureProbability: alpha)
            let expected = try bound(row[3])
            #expect(lower == expected, "\(row)")
            guard trials <= 20 else { continue }
            let upper = try ConfidenceSequence.upperBound(
                successes: trials - successes, trials: trials, failureProbability: alpha)
            #expect(upper == expected.ofOppositeEvent, "\(row)")
        }
    }

    private func bound(_ word: String) throws -> ProbabilityLowerBound {
        if word == "0" { return .trivial }
        let number = try Vectors.double(word.dropFirst())
        return word.hasPrefix("p")
            ? ProbabilityLowerBound(LowerBound(proved: number))
            : ProbabilityUpperBound(UpperBound(proved: number)).ofOppositeEvent
    }

    /// Ville's theorem is about the test: so the bound must be what the test rejects, and no more.
    @Test func `the test rejects what lies below the bound, and nothing above it`() throws {
        var generator = SplitMix64(state: 5)
        for _ in 0..<60 {
            let trials = Int.random(in: 1...3000, using: &generator)
            let successes = trials - Int.random(in: 0...(trials / 3), using: &generator)
            let bound = try ConfidenceSequence.lowerBound(
                successes: successes, trials: trials, failureProbability: 0.001)
            guard bound != .trivial else { continue }
            func rejects(_ gap: Double) throws -> Bool {
                let tau = ProbabilityUpperBound(
                    value: UpperBound(proved: 1), complement: LowerBound(proved: gap))
                return try MixtureTest(excluding: tau, failureProbability: 0.001)
                    .rejects(successes: successes, trials: trials)
            }
            let gap = bound.complement.value
            #expect(try rejects(gap * (1 + 0x1p-50)))
            #expect(try !rejects(gap * (1 - 0x1p-40)))
        }
    }

    @Test func `a bound grows with the successes, and is below what a fixed sample gives`() throws {
        for alpha in [1e-30, 0.0005, 0.3] {
            var last = ProbabilityLowerBound.trivial
            for successes in 0...40 {
                let bound = try ConfidenceSequence.lowerBound(
                    successes: successes, trials: 40, failureProbability: alpha)
                let fixed = try ClopperPearson.lowerBound(
                    successes: successes, trials: 40, failureProbability: alpha)
                #expect(bound.value >= last.value && bound.complement <= last.complement)
                #expect(bound.value <= fixed.value)
                last = bound
            }
        }
    }

    @Test func `a table gives the same bounds, whatever it has forgotten`() throws {
        var table = ConfidenceSequenceTable(capacity: 3)
        for _ in 0..<2 {
            for successes in 0...8 {
                let lower = try table.lowerBound(
                    successes: successes, trials: 8, failureProbability: 0.01)
                let upper = try table.upperBound(
                    successes: successes, trials: 8, failureProbability: 0.01)
                let alone = try (
                    ConfidenceSequence.lowerBound(
                        successes: successes, trials: 8, failureProbability: 0.01),
                    ConfidenceSequence.upperBound(
                        successes: successes, trials: 8, failureProbability: 0.01)
                )
                #expect((lower, upper) == alone)
            }
        }
    }

    @Test func `at the cap half of alpha buys the bound of a fixed sample`() throws {
        var bounds = try CappedConfidenceSequence(cap: 1000, failureProbability: 0.001)
        for (successes, trials) in [(500, 500), (990, 999), (0, 17)] {
            #expect(
                try bounds.lowerBound(successes: successes, trials: trials)
                    == ConfidenceSequence.lowerBound(
                        successes: successes, trials: trials, failureProbability: 0.0005))
        }
        for successes in [1, 500, 990, 1000] {
            let fixed = try ClopperPearson.lowerBound(
                successes: successes, trials: 1000, failureProbability: 0.0005)
            #expect(try bounds.lowerBound(successes: successes, trials: 1000) == fixed)
            #expect(
                try bounds.upperBound(successes: 1000 - successes, trials: 1000)
                    == fixed.ofOppositeEvent)
        }
    }

    @Test func `an impossible sample is refused with a sentence`() {
        let lower = #expect(throws: InvalidBinomialSample.self) {
            try ConfidenceSequence.lowerBound(
                successes: 6, trials: 5, failureProbability: 0.5)
        }
        #expect(lower?.description == "6 successes in 5 trials cannot be; count from 0 to 5.")
        let upper = #expect(throws: InvalidBinomialSample.self) {
            try ConfidenceSequence.upperBound(
                successes: .min, trials: 5, failureProbability: 0.5)
        }
        #expect(upper != nil)
    }

    @Test func `the probability of a radius is rounded so that more is asked for`() throws {
        for row in try Vectors.rows("phi.tsv") {
            let z = try Vectors.double(row[0])
            let probability = StandardNormal.probability(below: UpperBound(proved: z))
            #expect(try probability.value.value == Vectors.double(row[1]), "\(z)")
            #expect(try probability.complement.value == Vectors.double(row[2]), "\(z)")
        }
        #expect(StandardNormal.probability(below: UpperBound(proved: .infinity)) == .trivial)
        let none = StandardNormal.probability(below: UpperBound(proved: -.infinity))
        #expect(none.value.value == 0)
        #expect(none.complement.value == 1)
    }
}
