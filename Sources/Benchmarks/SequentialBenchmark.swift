import ConfidenceBounds
import Foundation
import RandomizedSmoothing

/// How many samples a decision at a radius takes by several rules, on counts of real inputs.
///
/// The file of counts is made by ``PrefixCounts``. Numbers are separated by tabs; lines that start with
/// # are skipped.
struct SequentialBenchmark {
    private let grid: CheckpointGrid
    /// For each input, how often the selected class was the answer up to each checkpoint.
    private let prefixes: [[Int]]
    /// For each input, the largest count of another class at the cap.
    private let runnersUp: [Int]
    private let sigma: Double
    private let alpha = 0.001

    init(_ arguments: ArraySlice<String>) throws {
        guard arguments.count == 2, let path = arguments.first,
            let sigma = arguments.last.flatMap(Double.init)
        else {
            print("sequential COUNTS SIGMA")
            exit(2)
        }
        let rows = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            .filter { !$0.hasPrefix("#") }
            .map { $0.split(separator: "\t").compactMap { Int($0) } }
        guard let checkpoints = rows.first,
            let first = checkpoints.first, let cap = checkpoints.last,
            rows.dropFirst().allSatisfy({ $0.count == 2 * checkpoints.count })
        else {
            print("\(path) is not a table of counts at checkpoints")
            exit(2)
        }
        grid = CheckpointGrid(blockSize: first, cap: cap)
        guard grid.checkpoints == checkpoints else {
            print("the checkpoints of \(path) are not those of blocks of \(first) up to \(cap)")
            exit(2)
        }
        self.sigma = sigma
        prefixes = rows.dropFirst().map { Array($0.prefix(checkpoints.count)) }
        runnersUp = rows.dropFirst().map { $0.last ?? 0 }
    }

    func run() throws {
        try compareRules()
        let cap = grid.cap
        print("deciding \(prefixes.count) inputs at a radius, cap \(cap), alpha \(alpha)")
        for share in [1.0, 2, 3, 3.6] {
            let radius = share * sigma
            let tau = StandardNormal.probability(
                below: UpperBound(proved: radius).divided(byExactly: sigma))
            let fixed = BinomialTest(excluding: tau)
                .smallestRejecting(trials: cap, failureProbability: alpha)
            let certified = prefixes.map { ($0.last ?? 0) >= fixed ?? .max }
            print(
                "radius \(text(radius, places: 3)): \(certified.filter(\.self).count) certified by "
                    + "\(cap) samples")
            for rule in try rules(tau: tau) {
                report(rule, against: certified)
            }
        }
    }

    /// What the two rules for counts certify at the cap.
    private func compareRules() throws {
        print("\(prefixes.count) inputs, \(grid.cap) samples each, sigma \(sigma), alpha \(alpha)")
        print("  rule        abstained   certified at 0, 1, 2 and 3 sigma   mean radius")
        for rule in CertificationRule.allCases {
            var certifier = Certifier(sigma: sigma, rule: rule, netAlpha: alpha)
            let radii = try zip(prefixes, runnersUp).compactMap { prefix, runnerUp in
                try certifier.radius(leading: prefix.last ?? 0, runnerUp: runnerUp, of: grid.cap)
            }
            let shares = (0...3).map { place in
                text(100 * share(radii.count { $0 >= Double(place) * sigma }), places: 1)
            }
            print(
                "  \(rule.rawValue)".padding(toLength: 14, withPad: " ", startingAt: 0)
                    + "\(text(100 * (1 - share(radii.count)), places: 1)) %       "
                    + shares.joined(separator: ", ") + " %          "
                    + text(radii.reduce(0, +) / Double(prefixes.count), places: 4))
        }
    }

    private func share(_ count: Int) -> Double { Double(count) / Double(prefixes.count) }

    private func rules(tau: ProbabilityUpperBound) throws -> [any ThresholdRule] {
        let test = try SequentialThresholdTest(
            excluding: tau, grid: grid, failureProbability: alpha)
        return [
            MixtureRule(test),
            BettingRule(tau: 1 - tau.complement.value, alpha: alpha),
            UnionBoundRule(tau: tau, alpha: alpha, checkpoints: grid.checkpoints),
        ]
    }

    private func report(_ rule: any ThresholdRule, against certified: [Bool]) {
        let checkpoints = grid.checkpoints
        let limits = checkpoints.map { rule.limits(at: $0) }
        var (samples, lost, gained) = (0, 0, 0)
        for (prefix, byFixed) in zip(prefixes, certified) {
            let stop =
                prefix.indices.first {
                    prefix[$0] >= limits[$0].exceedsFrom || prefix[$0] <= limits[$0].givesUpTo
                } ?? prefix.count - 1
            let exceeds = prefix[stop] >= limits[stop].exceedsFrom
            samples += checkpoints[stop]
            if byFixed && !exceeds { lost += 1 }
            if exceeds && !byFixed { gained += 1 }
        }
        let mean = Double(samples) / Double(prefixes.count)
        let factor = Double(grid.cap) / mean
        print(
            "  \(rule.name): \(text(mean, places: 0)) samples, "
                + "\(text(factor, places: 1)) times fewer; \(lost) lost, \(gained) gained")
    }
}

extension Certifier {
    /// The radius that a class proves with this count and this largest other one; the rest of the
    /// samples say classes of which none has more.
    fileprivate mutating func radius(leading: Int, runnerUp: Int, of samples: Int) throws -> Double?
    {
        var counts = [leading, runnerUp]
        var rest = samples - leading - runnerUp
        while rest > 0 {
            counts.append(min(rest, runnerUp))
            rest -= counts[counts.count - 1]
        }
        let certification = try certify(
            selection: ClassCounts([1] + [Int](repeating: 0, count: counts.count - 1)),
            estimation: ClassCounts(counts))
        guard case .certified(_, let radius) = certification.decision else { return nil }
        return radius.value
    }
}
