import ConfidenceBounds
import Testing

/// Law 5: no end of an interval is rounded inwards.
@Suite struct PopulationBandTests {
    @Test func `intervals are SciPy's, to its own rounding, and never narrower`() throws {
        for row in try Vectors.rows("intervals.tsv") {
            let interval = try ProportionInterval(
                successes: #require(Int(row[0])), trials: #require(Int(row[1])),
                failureProbability: Vectors.double(row[2]))
            let (low, high) = try (#require(Double(row[3])), #require(Double(row[4])))
            #expect(abs(interval.lower.value - low) <= 1e-11 * max(low, 1e-3), "\(row)")
            #expect(abs(interval.upper.value - high) <= 1e-11, "\(row)")
        }
    }

    /// For small m, by the binomial masses themselves: P[X >= k] at the lower end is at most half of
    /// the failure probability, and P[X <= k] at the upper end too.
    @Test(arguments: 1...12)
    func `an interval misses with at most the probability that it states`(trials: Int) throws {
        for successes in 0...trials {
            let interval = try ProportionInterval(
                successes: successes, trials: trials, failureProbability: 0.05)
            let low = mass(successes...trials, of: trials, p: interval.lower.value)
            let high = mass(0...successes, of: trials, p: interval.upper.value)
            #expect(successes == 0 || low <= 0.025 * (1 + 1e-12))
            #expect(successes == trials || high <= 0.025 * (1 + 1e-12))
        }
    }

    @Test func `the half width of the band is mpmath's, rounded up`() throws {
        for row in try Vectors.rows("bands.tsv") {
            let band = try DistributionBand(
                draws: #require(Int(row[0])), failureProbability: Vectors.double(row[1]))
            // The digits are to 30 places: the double after the nearest one is above the number.
            let nearest = try #require(Double(row[2]))
            #expect(
                band.halfWidth.value >= nearest.nextDown && band.halfWidth.value <= nearest.nextUp)
            let digits = band.halfWidth.decimal(places: 15)
            let written = row[2].prefix(digits.count)
            #expect(row[2].contains("e") || digits >= written, "\(row) \(digits)")
        }
    }

    /// The theorem by simulation: 400 sets of 50 uniform draws. Each misses with probability at most
    /// 0.2, so more than 130 do with probability below 2 x 10^-9 (scipy.stats.binom.sf(130, 400, .2)).
    @Test func `the band holds the whole distribution as often as it says`() throws {
        let band = try DistributionBand(draws: 50, failureProbability: 0.2)
        var generator = SplitMix64(state: 90)
        var misses = 0
        for _ in 0..<400 {
            let draws = (0..<50).map { _ in Double.random(in: 0..<1, using: &generator) }.sorted()
            let holds = draws.enumerated().allSatisfy { rank, draw in
                // Just before and at each draw, where the two functions are farthest from each other.
                [rank, rank + 1].allSatisfy { count in
                    let interval = band.interval(around: count)
                    return interval.lower.value <= draw && draw <= interval.upper.value
                }
            }
            if !holds { misses += 1 }
        }
        #expect(misses > 0 && misses <= 130)
    }

    @Test func `a ratio lies between its extremes, rounded outwards`() {
        let (low, high) = (0.2, 0.3)
        let part = ProportionInterval(
            lower: LowerBound(proved: low), upper: UpperBound(proved: high))
        let rest = ProportionInterval(
            lower: LowerBound(proved: 0.1), upper: UpperBound(proved: 0.6))
        let ratio = ProportionInterval(ratioOf: part, toItselfAnd: rest)
        #expect(abs(ratio.lower.value - 0.25) < 1e-15 && ratio.lower.value <= 0.25)
        #expect(abs(ratio.upper.value - 0.75) < 1e-15 && ratio.upper.value >= 0.75)
        let nothing = ProportionInterval(
            lower: LowerBound(proved: 0), upper: UpperBound(proved: 0))
        let all = ProportionInterval(ratioOf: nothing, toItselfAnd: nothing)
        #expect(all.lower.value == 0 && all.upper.value == 1)
    }

    @Test func `a quotient of a lower bound is the double below`() {
        for (bound, divisor) in [(1.0, 3.0), (2, 3), (401, 500), (1, 10), (7, 1)] {
            let quotient = LowerBound(proved: bound).divided(byExactly: divisor).value
            // The products are exact in a fused multiply-add.
            #expect((-bound).addingProduct(quotient, divisor) <= 0)
            #expect((-bound).addingProduct(quotient.nextUp, divisor) > 0)
        }
    }

    @Test func `no draws have no band`() {
        #expect(throws: InvalidBinomialSample.self) {
            try DistributionBand(draws: 0, failureProbability: 0.05)
        }
        #expect(throws: InvalidBinomialSample.self) {
            try ProportionInterval(successes: 3, trials: 2, failureProbability: 0.05)
        }
    }

    private func mass(_ counts: ClosedRange<Int>, of trials: Int, p: Double) -> Double {
        counts.reduce(0) { sum, k in
            var term = 1.0
            for i in 0..<k { term *= p * Double(trials - i) / Double(i + 1) }
            for _ in 0..<trials - k { term *= 1 - p }
            return sum + term
        }
    }
}
