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
            + Comparability.unknown(pair) + Comparability.plans(pair, areAttacked: areAttacked)
            + Comparability.otherKeys(pair) + Comparability.stopping(pair, radii: radii)
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
        guard let (first, second) = comparableDigests(pair) else { return [] }
        let digests = "\(first.prefix(8))… and \(second.prefix(8))…"
        if areAttacked {
            guard first == second else { return [] }
            return [
                "\(pair.1.letter) is of the same inputs as \(pair.0.letter), and not of attacked "
                    + "versions of them: the digests in their manifests are \(digests)"
            ]
        }
        guard first != second else { return [] }
        let grids = (pair.0.facts.grid ?? 0, pair.1.facts.grid ?? 0)
        let hint =
            grids.0 == grids.1
            ? "" : "; the grid, which changes a digest, is 1/\(grids.0) and 1/\(grids.1)"
        return [
            "\(pair.0.letter) and \(pair.1.letter) are of other inputs, although the indices are the "
                + "same: the digests in their manifests are \(digests)" + hint
        ]
    }

    /// The digests of inputs, where they are of the same indices in the same order: nil where they tell
    /// nothing or are not known.
    private static func comparableDigests(_ pair: Pair) -> (String, String)? {
        guard let first = pair.0.facts.inputs, let second = pair.1.facts.inputs,
            pair.0.facts.order == pair.1.facts.order
        else { return nil }
        return (first, second)
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

    private static func unknown(_ pair: Pair) -> [String] {
        [pair.0, pair.1].compactMap { run in
            let unknown = [
                run.facts.samples == nil ? ("n", "--assume-samples") : nil,
                run.facts.alpha == nil ? ("alpha", "--assume-alpha") : nil,
            ].compactMap(\.self)
            guard !unknown.isEmpty else { return nil }
            return
                "\(run.letter) does not show its \(unknown.map(\.0).joined(separator: " and ")): "
                + "give \(unknown.map(\.1).joined(separator: " and "))"
        }
    }

    private static func plans(_ pair: Pair, areAttacked: Bool) -> [String] {
        let (first, second) = (pair.0.facts, pair.1.facts)
        let isAssumed = first.isTable || second.isTable
        let hint = isAssumed ? ": --assume-rule says which that of a table is" : ""
        let always = [
            differ("n, the number of estimation samples,", first.samples, second.samples, pair),
            differ("alpha", first.alpha, second.alpha, pair),
            differ("the rule", first.rule, second.rule, pair).map { $0 + hint },
            differ("the unit of radii", first.units, second.units, pair),
        ]
        let underAttack = [
            differ("sigma", first.sigma, second.sigma, pair),
            differ("the model", first.model, second.model, pair),
        ]
        return (always + (areAttacked ? underAttack : [])).compactMap(\.self)
    }

    /// A sentence if both are known and are not the same.
    private static func differ<Value: Equatable>(
        _ name: String, _ first: Value?, _ second: Value?, _ pair: Pair
    ) -> String? {
        guard let first, let second, first != second else { return nil }
        return "\(name) is \(first) in \(pair.0.letter) and \(second) in \(pair.1.letter)"
    }

    /// What else stands in the plans of two campaigns, key by key.
    private static func otherKeys(_ pair: Pair) -> [String] {
        guard !pair.0.facts.isTable, !pair.1.facts.isTable else { return [] }
        let plans = (pair.0.facts.otherPlan, pair.1.facts.otherPlan)
        let keys =
            plans.0.map(\.key)
            + plans.1.map(\.key).filter { key in
                !plans.0.contains { $0.key == key }
            }
        return keys.compactMap { key in
            func value(_ plan: [RunFacts.Fact]) -> String {
                plan.first { $0.key == key }?.value ?? "missing"
            }
            return differ("plan.\(key)", value(plans.0), value(plans.1), pair)
        }
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
        var notes = [
            differ("sigma", first.sigma, second.sigma, pair),
            differ(
                "n0, the number of selection samples,", first.selectionSamples,
                second.selectionSamples, pair),
        ].compactMap(\.self)
        if let model = first.model, model == second.model {
            notes.append("\(pair.0.letter) and \(pair.1.letter) are of the same model file")
        }
        if comparableDigests(pair) == nil {
            let units = first.units == nil || second.units == nil ? " and the units" : ""
            notes.append(
                "that the inputs\(units) of \(pair.0.letter) and \(pair.1.letter) are the same "
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
