import ConfidenceBounds
import Testing

@Suite struct ClopperPearsonTests {
    /// The bound that a word of the vectors stands for: `p` and p rounded down, or `q` and 1 - p
    /// rounded up.
    private func bound(_ word: some StringProtocol) throws -> ProbabilityLowerBound {
        let number = try Vectors.double(word.dropFirst())
        return word.hasPrefix("p")
            ? ProbabilityLowerBound(LowerBound(proved: number))
            : ProbabilityUpperBound(UpperBound(proved: number)).ofOppositeEvent
    }

    @Test(arguments: [0.05, 0.001, 0.0005, 1e-7])
    func `every bound up to 64 trials is the exact bound, rounded to the safe side`(
        alpha: Double
    ) throws {
        for (line, row) in try Vectors.rows("small-\(alpha).txt", separator: " ").enumerated() {
            let trials = line + 1
            try #require(row.count == trials + 1)
            for (successes, word) in row.enumerated() {
                let expected = try bound(word)
                let lower = try ClopperPearson.lowerBound(
                    successes: successes, trials: trials, failureProbability: alpha)
                #expect(lower == expected, "\(successes) of \(trials)")
                guard trials <= 32 else { continue }
                let upper = try ClopperPearson.upperBound(
                    successes: trials - successes, trials: trials, failureProbability: alpha)
                #expect(upper == expected.ofOppositeEvent, "\(successes) of \(trials)")
            }
        }
    }

    @Test func `large samples and extreme failure probabilities keep the same exactness`() throws {
        for row in try Vectors.rows("large.tsv") {
            let trials = try #require(Int(row[0]))
            let successes = try #require(Int(row[1]))
            let lower = try ClopperPearson.lowerBound(
                successes: successes, trials: trials, failureProbability: Vectors.double(row[2]))
            let expected = try bound(row[3])
            #expect(lower == expected, "\(row)")
        }
    }

    /// The worst p for a lower bound is just below an attainable value L(k) of it: there the bound
    /// exceeds p exactly if X >= k. That probability is summed here in doubles, independently: it
    /// is off by less than 16 n units of 2^-53, for every factor of p, q and the ratios is off by
    /// one. All k for up to 200 trials at 0.001; at 0.05, to save time, all k for up to 40 trials and
    /// every fifth and the last few from there on; a few k for more trials.
    @Test(arguments: [(0.05, 40), (0.001, 200)])
    func `no probability is missed more often than the failure probability`(
        alpha: Double, exhaustive: Int
    ) throws {
        for trials in Array(1...200) + [1000, 10_000, 100_000] {
            let step = max(1, trials <= exhaustive ? 1 : trials <= 200 ? 5 : trials / 10)
            let counts = Set(stride(from: 1 + trials % step, through: trials, by: step))
                .union(max(1, trials - 2)...trials)
            for successes in counts.sorted() {
                let bound = try ClopperPearson.lowerBound(
                    successes: successes, trials: trials, failureProbability: alpha)
                let (p, q) = (bound.value.value, bound.complement.value)
                var ratio = 1.0  // P[X = i] / P[X = k]
                var sum = 1.0
                for i in successes..<trials {
                    ratio *= Double(trials - i) / Double(i + 1) * (p / q)
                    sum += ratio
                }
                let miss = sum * binomialTerm(successes, trials, p, q)
                let allowance = 16 * Double(trials) * 0x1p-53
                #expect(miss <= alpha * (1 + allowance), "\(successes) of \(trials)")
                #expect(miss >= alpha * (1 - allowance), "\(successes) of \(trials)")
            }
        }
    }

    /// C(n, k) p^k q^(n-k), multiplied up in an order that neither overflows nor underflows.
    private func binomialTerm(_ k: Int, _ n: Int, _ p: Double, _ q: Double) -> Double {
        var term = 1.0
        var (pLeft, qLeft) = (k, n - k)
        for i in 0..<min(k, n - k) {
            term *= Double(n - i) / Double(i + 1)
            while term > 1 && pLeft > 0 { (term, pLeft) = (term * p, pLeft - 1) }
            while term > 1 && qLeft > 0 { (term, qLeft) = (term * q, qLeft - 1) }
        }
        for _ in 0..<pLeft { term *= p }
        for _ in 0..<qLeft { term *= q }
        return term
    }

    @Test func `the printed bound and radius of a known sample are right to the last digit`() throws
    {
        for row in try Vectors.rows("known.tsv") {
            let bound = try ClopperPearson.lowerBound(
                successes: #require(Int(row[1])), trials: #require(Int(row[0])),
                failureProbability: 0.001)
            #expect(bound.value.decimal(places: 12) == row[2])
            #expect(StandardNormal.quantile(of: bound).decimal(places: 12) == row[3])
        }
    }

    @Test(arguments: [1, 2, 10, 1000, 1_000_000_000])
    func `no success bounds nothing from below, and no failure nothing from above`(
        trials: Int
    ) throws {
        let lower = try ClopperPearson.lowerBound(
            successes: 0, trials: trials, failureProbability: 0.001)
        let upper = try ClopperPearson.upperBound(
            successes: trials, trials: trials, failureProbability: 0.001)
        #expect(lower == .trivial)
        #expect(upper == .trivial)
    }

    @Test func `a bound grows with the successes and with the failure probability`() throws {
        for alpha in [1e-300, 1e-30, 1e-7, 0.001, 0.3, 0.5, 0.7, 0.999, 1 - 0x1p-53] {
            var last = ProbabilityLowerBound.trivial
            for successes in 1...40 {
                let bound = try ClopperPearson.lowerBound(
                    successes: successes, trials: 40, failureProbability: alpha)
                let stricter = try ClopperPearson.lowerBound(
                    successes: successes, trials: 40, failureProbability: alpha / 2)
                #expect(bound.value > last.value && bound.complement <= last.complement)
                #expect(stricter.value < bound.value)
                #expect(bound.value.value + bound.complement.value >= 1 - 0x1p-53)
                last = bound
            }
        }
    }

    /// Where the root is a double no ball excludes it, and its neighbour on the safe side stands.
    @Test func `a bound that is a double is never exceeded`() throws {
        let quarter = try ClopperPearson.lowerBound(
            successes: 2, trials: 2, failureProbability: 0.25)
        #expect(quarter.value.value == 0.5.nextDown)
        let median = try ClopperPearson.lowerBound(
            successes: 51, trials: 101, failureProbability: 0.5)
        #expect(median.value.value == 0.5.nextDown)
        let single = try ClopperPearson.lowerBound(
            successes: 1, trials: 1, failureProbability: 0.125)
        #expect(single.value.value == 0.125)
    }

    @Test(arguments: [
        (0, 0, 0.5, "A bound needs from 1 to 1000000000 trials; there are 0."),
        (1, 1_000_000_001, 0.5, "A bound needs from 1 to 1000000000 trials; there are 1000000001."),
        (-1, 5, 0.5, "-1 successes in 5 trials cannot be; count from 0 to 5."),
        (6, 5, 0.5, "6 successes in 5 trials cannot be; count from 0 to 5."),
        (5, 5, 0, "The failure probability is 0.0; it must lie strictly between 0 and 1."),
        (5, 5, 1, "The failure probability is 1.0; it must lie strictly between 0 and 1."),
        (5, 5, .nan, "The failure probability is nan; it must lie strictly between 0 and 1."),
    ])
    func `an impossible sample is refused with a sentence`(
        successes: Int, trials: Int, alpha: Double, sentence: String
    ) {
        let lower = #expect(throws: InvalidBinomialSample.self) {
            try ClopperPearson.lowerBound(
                successes: successes, trials: trials, failureProbability: alpha)
        }
        let upper = #expect(throws: InvalidBinomialSample.self) {
            try ClopperPearson.upperBound(
                successes: successes, trials: trials, failureProbability: alpha)
        }
        #expect(lower?.description == sentence)
        #expect(upper?.description == sentence)
    }

    @Test func `a table gives the same bounds, whatever it has forgotten`() throws {
        var table = ClopperPearsonTable(capacity: 3)
        for _ in 0..<2 {
            for successes in 0...8 {
                let lower = try table.lowerBound(
                    successes: successes, trials: 8, failureProbability: 0.01)
                let upper = try table.upperBound(
                    successes: successes, trials: 8, failureProbability: 0.01)
                #expect(
                    try lower
                        == ClopperPearson.lowerBound(
                            successes: successes, trials: 8, failureProbability: 0.01))
                #expect(
                    try upper
                        == ClopperPearson.upperBound(
                            successes: successes, trials: 8, failureProbability: 0.01))
            }
        }
        #expect(throws: InvalidBinomialSample.self) {
            try table.upperBound(successes: .min, trials: 8, failureProbability: 0.01)
        }
    }
}
