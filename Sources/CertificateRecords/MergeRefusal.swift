import ConfidenceBounds
import Digests
import RandomizedSmoothing

// What may be merged
// ==================
//
// A record rests on its counts and on everything in its manifest but the other inputs. So all of that has to
// be the same in all runs, and no claim may reach over the inputs of a single run:
//
// - `--family-wise` shares alpha among the inputs of its campaign. That all certificates of two such
//   campaigns hold at once is false with probability at most the *sum* of their alphas.
// - `--holm` and `--fdr` decide about all inputs of a campaign together: what they certify depends on the
//   others, and would be another choice among more of them.
// - `--budget` is spent where the inputs of its campaign need it most: which are left undecided depends on
//   the others.
//
// An input in two runs would have two chances, and whoever merges would choose.

/// Why runs cannot be merged, a sentence each.
public struct MergeRefusal: Error, Hashable, Sendable {
    /// The sentences; at least one.
    public let reasons: [String]

    /// A run and its name in sentences.
    public typealias NamedRun = (name: String, manifest: RecordedManifest)

    /// Refuses for these reasons.
    public init(reasons: [String]) { self.reasons = reasons }

    /// Looks for reasons; nil: these are runs of one plan on disjoint inputs.
    public init?(_ runs: [NamedRun]) {
        let reasons =
            MergeRefusal.collective(runs) + MergeRefusal.differences(runs)
            + MergeRefusal.labels(runs) + MergeRefusal.overlaps(runs)
        guard !reasons.isEmpty else { return nil }
        self.reasons = reasons
    }

    /// Claims and decisions that are about all inputs of a campaign.
    private static func collective(_ runs: [NamedRun]) -> [String] {
        families(runs)
            + runs.flatMap { name, manifest -> [String] in
                let (plan, count) = (manifest.plan, manifest.inputs.indices.count)
                let batch = plan.batch.map {
                    "\(name) decides about its own \(count) inputs together (\($0.method.rawValue)), and "
                        + "might decide otherwise among more"
                }
                let budget = plan.budget.map {
                    "\(name) had a budget of \($0) samples for its own \(count) inputs: which were left "
                        + "undecided depends on the others"
                }
                return [batch, budget].compactMap(\.self)
            }
    }

    private static func families(_ runs: [NamedRun]) -> [String] {
        let families = runs.compactMap { run in run.manifest.plan.family.map { (run.name, $0) } }
        guard let first = families.first else { return [] }
        let sum = families.reduce(UpperBound(proved: 0)) { $0 + UpperBound(proved: $1.1.alpha) }
        let alpha = JSON.number(first.1.alpha).line
        return [
            "family-wise alpha was shared among the inputs of each run alone (\(list(families.map(\.0)))): "
                + "that all these certificates hold at once fails with probability up to the sum, "
                + "\(JSON.number(sum.value).line), which no record says. For all sites together give each "
                + "--alpha \(alpha) / the number of all inputs, without --family-wise"
        ]
    }

    // Plans
    // -----

    /// What may differ: which inputs, whose noise, and which other runs there were.
    private static func mayDiffer(_ path: String) -> Bool {
        let ofInputs = ["count", "indices", "digest", "labels", "roundedToGrid"].map {
            "inputs.\($0)"
        }
        return ["noise.key", "earlierRuns", "seal"].contains(path)
            || ofInputs.contains { path == $0 || path.hasPrefix("\($0).") }
    }

    /// What follows from other values, and is worth a line only where none of those differs.
    private static let derived: Set<String> = [
        "units", "noise.reach", "noise.distanceFromIdeal", "plan.alphaOf", "plan.noiseCharge",
        "plan.netAlpha", "plan.stopping.checkpoints", "plan.stopping.alphaAtCheckpoints",
        "plan.stopping.alphaAtCap", "model.bytes", "model.inputShape", "model.classes",
        "counting.knownNoise", "counting.knownAnswer",
    ]

    /// What is said of a collective plan already, in which alpha is a share.
    private static func isCollective(_ path: String, _ runs: [NamedRun]) -> Bool {
        path.hasPrefix("plan.familyWise") || path.hasPrefix("plan.batch")
            || path == "plan.stopping.budget"
            || path == "plan.alpha" && runs.contains { $0.manifest.plan.family != nil }
    }

    private static func differences(_ runs: [NamedRun]) -> [String] {
        guard let first = runs.first else { return [] }
        var paths: [String] = []
        for run in runs.dropFirst() {
            let leaves = JSONDifference.leaves(
                stated: run.manifest.json, derived: first.manifest.json)
            for path in leaves.map(\.path)
            where !mayDiffer(path) && !isCollective(path, runs) && !paths.contains(path) {
                paths.append(path)
            }
        }
        let chosen = paths.filter { !derived.contains($0) }
        return (chosen.isEmpty ? paths : chosen).map { sentence(on: $0, in: runs) }
    }

    /// `noise.sigma is 0.5 in a, b and 0.25 in c`.
    private static func sentence(on path: String, in runs: [NamedRun]) -> String {
        var values: [(value: String, names: [String])] = []
        for (name, manifest) in runs {
            let value = manifest.json.value(at: path)
            if let place = values.firstIndex(where: { $0.value == value }) {
                values[place].names.append(name)
            } else {
                values.append((value, [name]))
            }
        }
        let clauses = values.map { "\($0.value) in \(MergeRefusal.list($0.names))" }
        return "\(names[path].map { "\($0) (\(path))" } ?? path) is "
            + clauses.joined(separator: " and ")
    }

    private static let names = [
        "program": "the release", "noise.sigma": "the noise level", "model.digest": "the model",
        "noise.stepsPerUnit": "the grid", "counting.fingerprint": "the engine of the workers",
        "counting.knownAnswer": "what the engine makes of a block of known noise",
        "inputs.coordinateBytes": "the kind of the data", "plan.rule": "the rule",
        "plan.stopping": "when sampling ends",
    ]

    /// Of many names the first ones.
    private static func list(_ names: [String]) -> String {
        names.count <= 4
            ? names.joined(separator: ", ")
            : names.prefix(3).joined(separator: ", ") + " and \(names.count - 3) more"
    }

    // Inputs
    // ------

    private static func labels(_ runs: [NamedRun]) -> [String] {
        let without = runs.filter { $0.manifest.inputs.labels == nil }.map(\.name)
        let with = runs.filter { $0.manifest.inputs.labels != nil }.map(\.name)
        guard !without.isEmpty, !with.isEmpty else { return [] }
        return [
            "labels are known in \(list(with)) and not in \(list(without)): certify what has none again "
                + "with --labels and the --key of its manifest, which counts the same samples"
        ]
    }

    private static func overlaps(_ runs: [NamedRun]) -> [String] {
        var runOfIndex: [Int: Int] = [:]
        var common: [[Int]: [Int]] = [:]
        for (place, run) in runs.enumerated() {
            for index in run.manifest.inputs.indices {
                if let other = runOfIndex[index] {
                    common[[other, place], default: []].append(index)
                } else {
                    runOfIndex[index] = place
                }
            }
        }
        return common.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { pair, indices in
            let (first, second) = (runs[pair[0]], runs[pair[1]])
            guard first.manifest.seal != second.manifest.seal else {
                return "\(first.name) and \(second.name) are the same campaign"
            }
            return "\(first.name) and \(second.name) have \(indices.count) inputs in common: "
                + "\(IndexRanges(indices)). Two draws for an input are two chances"
        }
    }
}

/// Indices as a person reads them: `0 to 9, 12, 14 to 20 and 31 more`.
public struct IndexRanges: CustomStringConvertible, Sendable {
    /// The text.
    public let description: String

    private static let mostRanges = 8

    /// Puts indices, in any order, into ranges; evenly spaced ones into one.
    public init(_ indices: [Int]) {
        let indices = indices.sorted()
        if case .object = JSON.indices(indices), indices[1] - indices[0] > 1 {
            description =
                "\(indices[0]) to \(indices[indices.count - 1]) in steps of \(indices[1] - indices[0])"
            return
        }
        var ranges: [ClosedRange<Int>] = []
        for index in indices {
            if let last = ranges.last, last.upperBound + 1 == index {
                ranges[ranges.count - 1] = last.lowerBound...index
            } else {
                ranges.append(index...index)
            }
        }
        let named = ranges.prefix(IndexRanges.mostRanges)
        let rest = ranges.dropFirst(IndexRanges.mostRanges).reduce(0) { $0 + $1.count }
        description =
            named.map {
                $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound) to \($0.upperBound)"
            }
            .joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }
}

extension JSON {
    /// The value at a path with dots, on one line of at most 80 characters.
    fileprivate func value(at path: String) -> String {
        var value = self
        for key in path.split(separator: ".") {
            guard case .object(let members) = value,
                let member = members.first(where: { $0.key == key })
            else { return "not there" }
            value = member.value
        }
        guard value != .null else { return "none" }
        // A stranger's text may have control characters, which a terminal obeys and this line spells out.
        var line = value.line
        if case .string(let text) = value {
            line = Digest(hex: text).map { "\($0)…" } ?? String(line.dropFirst().dropLast())
        }
        return line.count <= 80 ? line : line.prefix(77) + "..."
    }
}
