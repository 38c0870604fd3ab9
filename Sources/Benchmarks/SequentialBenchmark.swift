import ConfidenceBounds
import Foundation

/// How many samples a decision at a radius takes by several rules, on counts of real inputs.
///
/// The file of counts has a line of checkpoints, the last of which is the cap, and then a line for
/// each input: how many of that many first samples said the selected class. Numbers are separated by
/// tabs; lines that start with # are skipped.
struct SequentialBenchmark {
    private let grid: CheckpointGrid
    private let prefixes: [[Int]]
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
            rows.allSatisfy({ $0.count == checkpoints.count })
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
        prefixes = Array(rows.dropFirst())
    }

    func run() throws {
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
