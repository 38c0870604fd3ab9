import RandomizedSmoothing

/// Whether two runs may be compared input by input, and if not, why.
///
/// A difference of two runs is one of their models or noise levels only if all else is equal: the inputs,
/// how much was sampled, how sure each claim is, by which rule, in which units, and when sampling ended.
/// Whatever of that differs, or is not known, is a reason against it.
public struct Comparability: Hashable, Sendable {
    /// Why they are not comparable, a sentence each; empty: they are.
    public let reasons: [String]
    /// What differs and is no reason, and what cannot be checked.
    public let notes: [String]

    /// Compares how two runs were made, and what of.
    ///
    /// - Parameters:
    ///   - first: a run, and the letter by which sentences call it.
    ///   - second: the other one.
    ///   - radii: at which radii they are to be compared; nil: at any.
    ///   - areAttacked: whether the second is to be of attacked versions of the inputs of the first: then
    ///     the inputs have to differ, and model and sigma not.
    init(
        _ first: LetteredRun, _ second: LetteredRun, radii: [Double]?, areAttacked: Bool = false
    ) {
        let pair = (first, second)
        reasons =
            Comparability.unfinished(pair) + Comparability.indices(pair)
            + Comparability.digests(pair, areAttacked: areAttacked) + Comparability.labels(pair)
            + Comparability.plans(pair, areAttacked: areAttacked)
            + Comparability.stopping(pair, radii: radii)
            + [first, second].compactMap { run in
                run.outcomes.impossibleRadii.map { "\(run.letter): \($0.sentences)" }
            }
        notes = Comparability.notes(pair)
    }

    private typealias Pair = (LetteredRun, LetteredRun)

    private static func unfinished(_ pair: Pair) -> [String] {
        [pair.0, pair.1].compactMap { run in
            guard let planned = run.facts.plannedInputs, run.outcomes.outcomes.count < planned
            else { return nil }
            return "\(run.letter) is not finished: it has \(run.outcomes.outcomes.count) of its "
                + "\(planned) inputs"
        }
    }

    private static func indices(_ pair: Pair) -> [String] {
        let (first, second) = (
            pair.0.outcomes.outcomes.map(\.index), pair.1.outcomes.outcomes.map(\.index)
        )
        guard first != second else { return [] }
        let common = Set(first).intersection(second).count
        return [
            "\(pair.0.letter) and \(pair.1.letter) are of other inputs: they have \(first.count) and "
                + "\(second.count), of which \(common) have an index that is in both"
        ]
    }

    private static func digests(_ pair: Pair, areAttacked: Bool) -> [String] {
        guard let first = pair.0.facts.inputs, let second = pair.1.facts.inputs else { return [] }
        if areAttacked, first == second {
            return [
                "\(pair.1.letter) is of the same inputs as \(pair.0.letter), and not of attacked "
                    + "versions of them: the digest in both manifests is \(first.prefix(8))…"
            ]
        }
        // Digests cover the indices: where those differ, these tell nothing of the inputs themselves.
        guard !areAttacked, first != second, indices(pair).isEmpty else { return [] }
        return [
            "\(pair.0.letter) and \(pair.1.letter) are of other inputs, although the indices are the "
                + "same: the digests in their manifests are \(first.prefix(8))… and "
                + "\(second.prefix(8))…"
        ]
    }

    private static func labels(_ pair: Pair) -> [String] {
        let common = pair.0.outcomes.paired(with: pair.1.outcomes)
        let different = common.filter { $0.0.label != $0.1.label }
        guard let example = different.first else { return [] }
        func text(_ label: Int?) -> String { label.map(String.init) ?? "unknown" }
        return [
            "the labels of \(different.count) inputs differ, first that of index "
                + "\(example.0.index): it is \(text(example.0.label)) in \(pair.0.letter) and "
                + "\(text(example.1.label)) in \(pair.1.letter)"
        ]
    }

    private static func plans(_ pair: Pair, areAttacked: Bool) -> [String] {
        let (first, second) = (pair.0.facts, pair.1.facts)
        var reasons: [String] = []
        for run in [pair.0, pair.1] {
            let unknown = [
                run.facts.samples == nil ? ("n", "--assume-samples") : nil,
                run.facts.alpha == nil ? ("alpha", "--assume-alpha") : nil,
            ].compactMap(\.self)
            guard !unknown.isEmpty else { continue }
            reasons.append(
                "\(run.letter) does not show its \(unknown.map(\.0).joined(separator: " and ")): give "
                    + unknown.map(\.1).joined(separator: " and "))
        }
        func differ<Value: Equatable>(_ name: String, _ a: Value?, _ b: Value?) {
            guard let a, let b, a != b else { return }
            reasons.append("\(name) is \(a) in \(pair.0.letter) and \(b) in \(pair.1.letter)")
        }
        differ("n, the number of estimation samples,", first.samples, second.samples)
        differ("alpha", first.alpha, second.alpha)
        if let a = first.rule, let b = second.rule, a != b {
            let isAssumed = first.isTable || second.isTable
            reasons.append(
                "the rule is \(a) in \(pair.0.letter) and \(b) in \(pair.1.letter)"
                    + (isAssumed ? ": --assume-rule says which that of a table is" : ""))
        }
        differ("the unit of radii", first.units, second.units)
        if !first.isTable, !second.isTable {
            let keys = (first.otherPlan + second.otherPlan).map(\.key)
            for key in keys.enumerated().filter({ !keys[..<$0.offset].contains($0.element) }) {
                let values = [first, second].map { facts in
                    facts.otherPlan.first { $0.key == key.element }?.value ?? "missing"
                }
                differ("plan.\(key.element)", values[0], values[1])
            }
        }
        if areAttacked {
            differ("sigma", first.sigma, second.sigma)
            differ("the model", first.model, second.model)
        }
        return reasons
    }

    private static func stopping(_ pair: Pair, radii: [Double]?) -> [String] {
        let stops = (kind(pair.0.facts), kind(pair.1.facts))
        guard stops.0 == stops.1 else {
            return [
                "\(pair.0.letter) \(stops.0), and \(pair.1.letter) \(stops.1): their radii do not say "
                    + "the same"
            ]
        }
        if let decided = pair.0.facts.decidedRadius, let radii, radii != [decided] {
            return [
                "both were stopped as soon as radius \(decided) was decided, so that they can be "
                    + "compared at that radius alone: leave out --radius"
            ]
        }
        return []
    }

    /// What radii a run has, as the rest of a sentence.
    private static func kind(_ facts: RunFacts) -> String {
        switch facts.radii {
        case .whole: "has the radii that all samples certify"
        case .ofVaryingSamples: "has sample counts that differ from input to input"
        case .decided(let radius?):
            "was stopped at each input as soon as radius \(radius) was decided"
        case .decided(nil): "was decided at radii that differ from input to input"
        case .within(let width): "was stopped at each input within \(width) of the radius at n"
        case .none: "predicts classes without radii"
        }
    }

    private static func notes(_ pair: Pair) -> [String] {
        let (first, second) = (pair.0.facts, pair.1.facts)
        var notes: [String] = []
        func differ<Value: Equatable>(_ name: String, _ a: Value?, _ b: Value?) {
            guard let a, let b, a != b else { return }
            notes.append("\(name) is \(a) in \(pair.0.letter) and \(b) in \(pair.1.letter)")
        }
        differ("sigma", first.sigma, second.sigma)
        differ(
            "n0, the number of selection samples,", first.selectionSamples, second.selectionSamples)
        if let model = first.model, model == second.model {
            notes.append("\(pair.0.letter) and \(pair.1.letter) are of the same model file")
        }
        if first.inputs == nil || second.inputs == nil {
            notes.append(
                "that the inputs and the units of \(pair.0.letter) and \(pair.1.letter) are the same "
                    + "cannot be checked: only indices and labels are")
        }
        return notes
    }
}

/// A run and the letter by which tables and sentences call it.
struct LetteredRun {
    let letter: String
    let outcomes: RunOutcomes

    var facts: RunFacts { outcomes.facts }
}

extension RunOutcomes {
    /// The inputs that both have, in the order of their indices.
    func paired(with other: RunOutcomes) -> [(InputOutcome, InputOutcome)] {
        var pairs: [(InputOutcome, InputOutcome)] = []
        var place = 0
        for outcome in outcomes {
            while place < other.outcomes.count, other.outcomes[place].index < outcome.index {
                place += 1
            }
            guard place < other.outcomes.count else { break }
            if other.outcomes[place].index == outcome.index {
                pairs.append((outcome, other.outcomes[place]))
            }
        }
        return pairs
    }
}

/// Whether runs are of clean inputs and attacked versions of them, alike in all but the inputs.
public struct AttackComparability: Hashable, Sendable {
    /// Why they are not, a sentence each.
    public let reasons: [String]
    /// Whether each attacked run has an input that the clean one has.
    public let haveInputsInCommon: Bool

    /// Compares attacked runs with a clean one, which sentences call A.
    public init(clean: RunOutcomes, attacked: [RunOutcomes]) {
        let first = LetteredRun(letter: "A", outcomes: clean)
        haveInputsInCommon = attacked.allSatisfy { !clean.paired(with: $0).isEmpty }
        var reasons: [String] = []
        for (letter, run) in zip("BCDEF", attacked) {
            let second = LetteredRun(letter: String(letter), outcomes: run)
            let found =
                Comparability(first, second, radii: nil, areAttacked: true).reasons
            reasons += found.filter { !reasons.contains($0) }
        }
        self.reasons = reasons
    }

    /// The reasons in lines of at most 80 columns; nil when there are none.
    public var warning: String? {
        guard !reasons.isEmpty else { return nil }
        return
            (["These are not clean and attacked versions of the same, or of the same plan:"]
            + reasons.map { Row.item($0 + ".") }).joined(separator: "\n")
    }
}
