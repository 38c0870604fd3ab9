import ConfidenceBounds
import Testing

/// "For a fixed radius, Holm, and e-BH, which stops no earlier than e = m/q or the cap."
@Suite struct BatchThresholdTestTests {
    private static let cap = 1000

    private func test(
        _ method: BatchThresholdTest.Method, tau: Double, level: Double, inputs: Int
    ) throws -> BatchThresholdTest {
        try BatchThresholdTest(
            excluding: ProbabilityUpperBound(UpperBound(proved: tau)),
            grid: CheckpointGrid(blockSize: 20, cap: Self.cap), method: method, level: level,
            inputs: inputs)
    }

    /// What an input hands in and with which chance, if p = tau: every walk through the checkpoints,
    /// exact but for rounding (1e-12).
    private func handedIn(
        _ test: BatchThresholdTest, tau: Double
    ) -> [(evidence: BatchEvidence, chance: Double)] {
        var open: [Int: Double] = [0: 1]
        var all: [(BatchEvidence, Double)] = []
        var last = 0
        for trials in test.stops.grid.checkpoints {
            let steps = masses(trials - last, tau)
            var next: [Int: Double] = [:]
            for (count, mass) in open {
                for (more, chance) in steps.enumerated() {
                    next[count + more, default: 0] += mass * chance
                }
            }
            open = [:]
            for (count, mass) in next {
                let verdict = test.stops.verdict(successes: count, trials: trials)
                if verdict == .open, trials < Self.cap {
                    open[count] = mass
                } else {
                    all.append((test.evidence(successes: count, trials: trials), mass))
                }
            }
            last = trials
        }
        return all
    }

    private func masses(_ trials: Int, _ p: Double) -> [Double] {
        var row = [1.0]
        for _ in 0..<trials {
            var next = [Double](repeating: 0, count: row.count + 1)
            for (k, mass) in row.enumerated() {
                next[k] += mass * (1 - p)
                next[k + 1] += mass * p
            }
            row = next
        }
        return row
    }

    /// "For every u, P[p <= u] <= u", where sampling stopped for the reasons that it stops for.
    @Test(arguments: [0.5, 0.8, 0.95])
    func `what an input hands in to Holm's procedure is a p-value`(tau: Double) throws {
        let test = try test(.holm, tau: tau, level: 0.05, inputs: 10)
        let all = handedIn(test, tau: tau)
        #expect(abs(all.reduce(0) { $0 + $1.chance } - 1) < 1e-9)
        for u in [0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.3, 0.6, 0.9] {
            let chance = all.reduce(0) { sum, each in
                guard case .pValue(let p) = each.evidence, p.value <= u else { return sum }
                return sum + each.chance
            }
            #expect(chance <= u * (1 + 1e-9), "P[p <= \(u)] is \(chance)")
            if u == 0.005 { #expect(chance > u / 5, "it is not a p-value that is always 1") }
        }
    }

    /// "E itself, whose mean under p <= tau is at most 1 wherever one stops."
    @Test(arguments: [0.5, 0.8, 0.95])
    func `what an input hands in to e-BH is an e-value`(tau: Double) throws {
        let test = try test(.eBenjaminiHochberg, tau: tau, level: 0.05, inputs: 10)
        let mean = handedIn(test, tau: tau).reduce(0) { sum, each in
            guard case .eValue(let e) = each.evidence else { return sum }
            return sum + e.value * each.chance
        }
        #expect(mean <= 1 + 1e-9)
        #expect(mean > 0.5, "it is not an e-value that is always 0")
    }

    /// "The claims include each p <= alpha/m" and "each E >= m/q", and samples stop no earlier.
    @Test(arguments: BatchThresholdTest.Method.allCases, [1, 7, 500])
    func `an input stops early only if it is a claim whatever the others have`(
        method: BatchThresholdTest.Method, inputs: Int
    ) throws {
        let test = try test(method, tau: 0.7, level: 0.02, inputs: inputs)
        var stopsEarly = 0
        for boundary in test.stops.boundaries {
            guard let enough = boundary.exceedsFrom else { continue }
            let others = test.evidence(successes: 0, trials: boundary.trials)
            for count in [enough, boundary.trials] {
                let mine = test.evidence(successes: count, trials: boundary.trials)
                let all = [mine] + Array(repeating: others, count: inputs - 1)
                #expect(test.claims(all) == [true] + Array(repeating: false, count: inputs - 1))
                stopsEarly += 1
            }
            guard enough > 0, boundary.trials < Self.cap else { continue }
            let less = test.evidence(successes: enough - 1, trials: boundary.trials)
            let all = [less] + Array(repeating: others, count: inputs - 1)
            #expect(test.claims(all)[0] == false, "it could have stopped one success earlier")
        }
        #expect(stopsEarly > 10)
    }

    /// "None above alpha" and "none below 1/q": what is given up at the cap could be no claim.
    @Test(arguments: BatchThresholdTest.Method.allCases)
    func `an input is given up only if it could hardly be a claim in the best of company`(
        method: BatchThresholdTest.Method
    ) throws {
        let test = try test(method, tau: 0.7, level: 0.02, inputs: 50)
        let last = try #require(test.stops.boundaries.last)
        let few = try #require(last.givesUpTo)
        func isClaimed(_ successes: Int) -> Bool {
            let mine = test.evidence(successes: successes, trials: Self.cap)
            let others = test.evidence(successes: Self.cap, trials: Self.cap)
            return test.claims([mine] + Array(repeating: others, count: 49))[0]
        }
        #expect(!isClaimed(few))
        #expect(isClaimed(few + 1))
        #expect(test.canClaim)
        #expect(try !self.test(method, tau: 0.9999, level: 0.02, inputs: 50).canClaim)
    }
}
