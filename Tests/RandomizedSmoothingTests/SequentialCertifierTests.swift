import ConfidenceBounds
import Foundation
import RandomizedSmoothing
import Testing

/// Stopping at checkpoints: "no claim is weakened".
@Suite struct SequentialCertifierTests {
    private func plan(
        _ stopping: Stopping, rule: CertificationRule = .runnerUp, cap: Int = 600,
        alpha: Double = 0.05, block: Int = 50, earlierCaps: [Int] = []
    ) throws -> CertificationPlan {
        try CertificationPlan(
            sigma: 1, selectionSamples: 10, estimationSamples: cap, rule: rule, alpha: alpha,
            dimension: 4, noiseDistance: 0, stopping: stopping, blockSize: block,
            earlierCaps: earlierCaps)
    }

    private static let rulesThatMayBeExtended: [Stopping] = [
        .whenDecided(radius: 0.2), .whenPrecise(width: 0.2), .whenPredicted,
    ]

    /// "An extended run equals, count for count, one that drew everything itself with that key."
    @Test(arguments: rulesThatMayBeExtended, CertificationRule.allCases)
    func `an extension that begins where a run stopped ends where one from the beginning ends`(
        stopping: Stopping, rule: CertificationRule
    ) throws {
        // Caps that are near each other: the new one, without a test of its own, asks for more.
        let caps = [150, 160, 350, 600]
        var certifiers = try caps.indices.map { last in
            try SequentialCertifier(
                plan(
                    stopping, rule: rule, cap: caps[last], block: 10,
                    earlierCaps: Array(caps[..<last])),
                classes: 3)
        }
        var stops: Set<Int> = []
        for seed in 1...12 {
            let answers = Self.answers(seed)
            var start = 0
            for last in caps.indices {
                let whole = try Self.end(answers, &certifiers[last])
                let rest = try Self.end(answers, from: start, &certifiers[last])
                #expect(whole == rest, "seed \(seed)")
                start = rest
                stops.insert(rest)
            }
        }
        #expect(stops.count > 3, "the test is not vacuous")
    }

    /// So many samples of three classes, of which class 0 has a share that depends on the seed.
    private static func answers(_ seed: Int) -> [Int] {
        var random = Choices(UInt64(seed))
        let chance = 35 + 5 * seed
        return (0..<600).map { _ in random.next(100) < chance ? 0 : 1 + random.next(5) / 4 }
    }

    /// The checkpoint at which a sequence of samples is decided, looked at from one on.
    private static func end(
        _ answers: [Int], from start: Int = 0, _ certifier: inout SequentialCertifier
    ) throws -> Int {
        for samples in certifier.plan.checkpoints where samples >= start {
            var counts = ClassCounts(classes: 3)
            for answer in answers[..<samples] { counts.count(answer) }
            let selection = ClassCounts([10, 0, 0])
            if try certifier.isDecided(selection: selection, estimation: counts) { return samples }
        }
        preconditionFailure("the cap decides")
    }

    /// Whoever saw how the first run ended may choose the new cap so that a false certificate becomes as
    /// likely as can be; the alpha of the first run covers that too.
    @Test(arguments: [Stopping.whenDecided(radius: 0.2), .whenPrecise(width: 0.1)])
    func `a cap that is chosen after a look makes no false certificate more likely than alpha`(
        stopping: Stopping
    ) throws {
        let first = try Errors(plan(stopping, cap: 150), radius: 0.2)
        let extended = try [200, 300].map {
            try Errors(plan(stopping, cap: $0, earlierCaps: [150]), radius: 0.2)
        }
        // Given where the first run ended without a false certificate, the worst of the longer ones.
        let chance = first.chance { ending in
            ending.isFalse ? 1 : extended.map { $0.chance(from: ending) }.max() ?? 0
        }
        #expect(chance <= 0.05)
        #expect(chance > first.chance { $0.isFalse ? 1 : 0 } && chance > 0.005)
    }

    /// Where inputs of two classes whose true radius is one that must not be certified may end: exact
    /// chances but for rounding (1e-12).
    private struct Errors {
        struct Ending: Hashable {
            let samples: Int
            let count: Int
            let isFalse: Bool
        }

        private let checkpoints: [Int]
        private let probability: Double
        /// The ending at a checkpoint with a count; missing: it goes on.
        private var endings: [[Int: Ending]] = []

        init(_ plan: CertificationPlan, radius: Double) throws {
            checkpoints = plan.checkpoints
            probability = 0.5 * erfc(-radius / 2.0.squareRoot())
            var certifier = try SequentialCertifier(plan)
            for samples in checkpoints {
                var ended: [Int: Ending] = [:]
                for count in 0...samples {
                    let counts = ClassCounts([count, samples - count])
                    let selection = ClassCounts([10, 0])
                    guard try certifier.isDecided(selection: selection, estimation: counts)
                    else { continue }
                    let decision = try certifier.certify(selection: selection, estimation: counts)
                        .decision
                    var isFalse = false
                    if case .certified(_, let certified) = decision {
                        isFalse = certified.value >= radius
                    }
                    ended[count] = Ending(samples: samples, count: count, isFalse: isFalse)
                }
                endings.append(ended)
            }
        }

        /// The mean of something about where an input ends.
        func chance(_ value: (Ending) -> Double) -> Double {
            mean(value, samples: 0, count: 0)
        }

        /// The chance of a false certificate of an input that another run has counted so far.
        func chance(from start: Ending) -> Double {
            mean({ $0.isFalse ? 1 : 0 }, samples: start.samples, count: start.count)
        }

        private func mean(_ value: (Ending) -> Double, samples: Int, count: Int) -> Double {
            var open = [count: 1.0]
            var (last, mean) = (samples, 0.0)
            for (place, checkpoint) in checkpoints.enumerated() where checkpoint >= samples {
                let steps = binomialMasses(checkpoint - last, probability)
                var next: [Int: Double] = [:]
                for (count, mass) in open {
                    for (step, chance) in steps.enumerated() {
                        next[count + step, default: 0] += mass * chance
                    }
                }
                open = [:]
                for (count, mass) in next {
                    if let ending = endings[place][count] {
                        mean += mass * value(ending)
                    } else {
                        open[count] = mass
                    }
                }
                last = checkpoint
            }
            return mean
        }
    }

    @Test func `a plan that extends another one goes farther, in whole blocks`() throws {
        for (cap, earlier, says) in [
            (600, [600], "--samples is 600"), (600, [700], "--samples is 600"),
            (600, [410], "not whole blocks of 50"),
        ] {
            let error = #expect(throws: PlanError.self) {
                try plan(.whenPredicted, cap: cap, earlierCaps: earlier)
            }
            #expect(error?.description.contains(says) == true)
        }
        let longer = try plan(.whenPredicted, cap: 600, earlierCaps: [450])
        #expect(longer.checkpoints.contains(450) && longer.firstCap == 450)
    }

    /// The chance that an input with two classes is ever certified, by recursion over the checkpoints:
    /// exact but for rounding (1e-12).
    private func chanceOfCertificate(
        _ plan: CertificationPlan, probability: Double
    ) throws -> Double {
        var certifier = try SequentialCertifier(plan)
        var open: [Int: Double] = [0: 1]
        var (certified, samples) = (0.0, 0)
        for checkpoint in plan.checkpoints {
            let more = checkpoint - samples
            let steps = binomialMasses(more, probability)
            var next: [Int: Double] = [:]
            for (count, mass) in open {
                for (step, chance) in steps.enumerated() {
                    next[count + step, default: 0] += mass * chance
                }
            }
            open = [:]
            for (count, mass) in next {
                let verdict = try certifier.verdict(
                    selection: ClassCounts([10, 0]),
                    estimation: ClassCounts([count, checkpoint - count]))
                switch verdict {
                case .certified: certified += mass
                case .open: open[count] = mass
                case .refused, .undecided: break
                }
            }
            samples = checkpoint
        }
        return certified
    }

    /// "A nonnegative supermartingale; reject at 1/alpha (Ville)": at the boundary, where the smoothed
    /// classifier's radius is exactly the one asked for, a certificate has a chance of at most alpha.
    @Test(arguments: CertificationRule.allCases, [0.2, 0.6])
    func `a false certificate has a chance of at most alpha`(
        rule: CertificationRule, radius: Double
    ) throws {
        let plan = try plan(.whenDecided(radius: radius), rule: rule)
        let boundary = 0.5 * erfc(-radius / 2.0.squareRoot())
        let chance = try chanceOfCertificate(plan, probability: boundary)
        #expect(chance <= 0.05)
        #expect(chance > 0.002, "the test is not vacuous")
    }

    /// The same input one step of 0.15 above the boundary is mostly certified.
    @Test func `what is well above the radius is mostly certified`() throws {
        let plan = try plan(.whenDecided(radius: 0.2))
        let above = 0.5 * erfc(-0.5 / 2.0.squareRoot())
        #expect(try chanceOfCertificate(plan, probability: above) > 0.9)
    }

    @Test func `giving up before the cap claims nothing`() throws {
        for stopping in [
            Stopping.whenHopeless, .whenDecided(radius: 0.5), .whenPrecise(width: 0.1),
        ] {
            var certifier = try SequentialCertifier(plan(stopping))
            let (selection, estimation) = (ClassCounts([10, 0]), ClassCounts([5, 45]))
            #expect(try certifier.verdict(selection: selection, estimation: estimation) == .refused)
            let decision = try certifier.certify(selection: selection, estimation: estimation)
                .decision
            #expect(decision == .abstained(class: 0, reason: .refused))
        }
    }

    /// A certificate at radius R for an input that lies d away from its grid point needs R + d there.
    @Test func `an input off the grid has to reach farther`() throws {
        let counts = (ClassCounts([10, 0]), ClassCounts([50, 0]))
        let plan = try plan(.whenDecided(radius: 0.9))
        var near = try SequentialCertifier(plan)
        var far = try SequentialCertifier(
            plan, largestGridDistance: GridDistance(roundingUp: UpperBound(proved: 1)))
        #expect(try near.verdict(selection: counts.0, estimation: counts.1) == .certified)
        #expect(try far.verdict(selection: counts.0, estimation: counts.1) == .open)
    }

    @Test func `the runner-up rule certifies where three classes compete and Cohen's does not`()
        throws
    {
        let (selection, estimation) = (ClassCounts([10, 0, 0]), ClassCounts([300, 150, 150]))
        var runnerUp = try SequentialCertifier(plan(.whenDecided(radius: 0.1)))
        var cohen = try SequentialCertifier(plan(.whenDecided(radius: 0.1), rule: .cohen))
        #expect(
            try runnerUp.verdict(selection: selection, estimation: estimation) == .certified)
        #expect(try cohen.verdict(selection: selection, estimation: estimation) != .certified)
    }

    @Test func `the approximate quantile is that of SciPy`() {
        // scipy.stats.norm.ppf
        for (p, z) in [
            (1e-9, -5.997807015007687), (0.01, -2.3263478740408408), (0.3, -0.5244005127080407),
            (0.5, 0), (0.75, 0.6744897501960817), (0.9999, 3.719016485455709),
        ] {
            #expect(abs(StandardNormal.approximateQuantile(p) - z) < 1e-9)
        }
        #expect(StandardNormal.approximateQuantile(0) == -.infinity)
        #expect(StandardNormal.approximateQuantile(1) == .infinity)
    }
}

/// Choices that a seed repeats.
private struct Choices {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next(_ count: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(count))
    }
}
