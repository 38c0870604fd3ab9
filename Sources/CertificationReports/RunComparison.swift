public import ConfidenceBounds
import RandomizedSmoothing

/// Two or more runs on the same inputs: each against the first, input by input.
///
/// What is compared at a radius is whether an input is certified there with the right class (where no
/// label is known: whether it is certified at all). The test is McNemar's, at each radius; its p-values
/// are adjusted by Holm's procedure for all radii and runs together. Both take it that the inputs were
/// drawn independently from those that the comparison is to be about.
public struct RunComparison: Sendable {
    /// The runs, on the inputs that all of them have.
    public let runs: [Run]
    /// The radii at which they are compared.
    public let radii: [Double]
    /// Each run but the first against the first.
    public let pairs: [Pair]
    /// How the intervals of means were drawn.
    public let bootstrap: PairedBootstrap
    /// Whether any label is known, so that what is compared is being right too.
    public let isLabelled: Bool

    /// A run and what it comes to.
    public struct Run: Sendable {
        /// The letter by which tables call it: A is the first.
        public let letter: String
        /// All that its file says.
        public let whole: RunOutcomes
        /// The inputs that all runs have.
        public let outcomes: [InputOutcome]
    }

    /// A run against the first.
    public struct Pair: Hashable, Sendable {
        /// The letter of the run.
        public let letter: String
        /// What differs between the two.
        public let comparability: Comparability
        /// One line a radius.
        public let lines: [Line]
        /// The mean radius of right certificates, 0 elsewhere, of this run minus that of the first; nil
        /// where there are no radii or they were cut off.
        public let meanRadius: MeanDifference?
    }

    /// Two runs at a radius.
    public struct Line: Hashable, Sendable {
        /// The radius.
        public let radius: Double
        /// How many inputs are certified and right in one of the two alone.
        public let test: McNemarTest
        /// The p-value of that, from above.
        public let pValue: UpperBound
        /// It, adjusted for all radii and runs.
        public let adjusted: UpperBound
    }

    /// A difference of means, and an interval for it.
    public struct MeanDifference: Hashable, Sendable {
        /// The difference on these inputs.
        public let value: Double
        /// Where it lies for all such inputs, approximately, with 95 % confidence.
        public let interval: ClosedRange<Double>
    }

    /// The most runs that tables have room for.
    public static let mostRuns = 6

    /// Compares 1 to ``mostRuns`` runs; one alone is only described.
    ///
    /// - Parameters:
    ///   - radii: where to compare; nil: at the radius that all were decided at, or else from 0 in steps
    ///     that suit the largest one.
    ///   - bootstrap: how intervals of means are drawn.
    public init(_ runs: [RunOutcomes], radii: [Double]?, bootstrap: PairedBootstrap) {
        precondition(
            (1...RunComparison.mostRuns).contains(runs.count), "as many as there is room for")
        let common = RunComparison.commonIndices(runs)
        self.runs = zip("ABCDEF", runs).map { letter, run in
            Run(
                letter: String(letter), whole: run,
                outcomes: run.outcomes.filter { common.contains($0.index) })
        }
        self.bootstrap = bootstrap
        let isLabelled = runs.contains(where: \.isLabelled)
        self.isLabelled = isLabelled
        let at = radii ?? RunComparison.usualRadii(runs)
        self.radii = at
        let first = self.runs[0]
        let others = self.runs.dropFirst()
        let tests = others.map { run in
            at.map { first.test(against: run, at: $0, isLabelled: isLabelled) }
        }
        let adjusted = MultipleTesting.holm(tests.joined().map(\.pValue))
        pairs = zip(others, tests).enumerated().map { place, pair in
            let (run, tests) = pair
            let lines = tests.indices.map { line in
                Line(
                    radius: at[line], test: tests[line], pValue: tests[line].pValue,
                    adjusted: adjusted[place * at.count + line])
            }
            return Pair(
                letter: run.letter,
                comparability: Comparability(first.lettered, run.lettered, radii: radii),
                lines: lines, meanRadius: first.meanDifference(to: run, bootstrap, isLabelled))
        }
    }

    /// Why these runs are not comparable; empty: they are.
    public var reasons: [String] {
        guard pairs.isEmpty else { return pairs.flatMap(\.comparability.reasons).uniqued }
        return runs[0].whole.impossibleRadii.map { ["A: \($0.sentences)"] } ?? []
    }

    /// What differs and is no reason, and what cannot be checked.
    public var notes: [String] { pairs.flatMap(\.comparability.notes).uniqued }

    /// How many inputs all runs have.
    public var inputs: Int { runs[0].outcomes.count }

    private static func commonIndices(_ runs: [RunOutcomes]) -> Set<Int> {
        runs.dropFirst().reduce(Set(runs[0].outcomes.map(\.index))) { common, run in
            common.intersection(run.outcomes.map(\.index))
        }
    }

    static func usualRadii(_ runs: [RunOutcomes]) -> [Double] {
        let decided = Set(runs.map(\.facts.decidedRadius))
        if decided.count == 1, let radius = decided.first ?? nil { return [radius] }
        let largest = runs.map(\.largestRadius).max() ?? 0
        let step = CertificationSummary.step(for: largest)
        var radii = [0.0]
        while Double(radii.count) * step <= largest { radii.append(Double(radii.count) * step) }
        return radii
    }
}

extension RunComparison.Run {
    /// How many inputs are certified at a radius, and how many of these are right and wrong.
    public func count(at radius: Double) -> (certified: Int, right: Int, wrong: Int) {
        var (certified, right, wrong) = (0, 0, 0)
        for outcome in outcomes where outcome.isCertified(at: radius) {
            certified += 1
            if outcome.isRight { right += 1 }
            if outcome.isWrong { wrong += 1 }
        }
        return (certified, right, wrong)
    }

    /// The mean radius of right certificates (of all, where no label is known), 0 for all else.
    public func meanRadius(isLabelled: Bool) -> Double {
        let radii = radii(isLabelled)
        return radii.isEmpty ? 0 : radii.reduce(0, +) / Double(radii.count)
    }

    /// The largest radius of these inputs; 0 where none is certified.
    public var largestRadius: Double { outcomes.map(\.radius).max() ?? 0 }

    /// The largest radius around a wrong class; nil: no wrong class is certified.
    public var largestWrongRadius: Double? { outcomes.filter(\.isWrong).map(\.radius).max() }

    var lettered: LetteredRun { LetteredRun(letter: letter, outcomes: whole) }

    func test(
        against other: RunComparison.Run, at radius: Double, isLabelled: Bool
    ) -> McNemarTest {
        func holds(_ outcome: InputOutcome) -> Bool {
            outcome.isCertified(at: radius) && (!isLabelled || outcome.isRight)
        }
        var (onlyFirst, onlySecond) = (0, 0)
        for (mine, theirs) in zip(outcomes, other.outcomes) {
            switch (holds(mine), holds(theirs)) {
            case (true, false): onlyFirst += 1
            case (false, true): onlySecond += 1
            default: break
            }
        }
        return McNemarTest(onlyFirst: onlyFirst, onlySecond: onlySecond)
    }

    func meanDifference(
        to other: RunComparison.Run, _ bootstrap: PairedBootstrap, _ isLabelled: Bool
    ) -> RunComparison.MeanDifference? {
        let haveRadii = [self, other].allSatisfy { run in
            switch run.whole.facts.radii {
            case .whole, .within, .ofVaryingSamples: true
            case .decided, .none: false
            }
        }
        guard haveRadii, !outcomes.isEmpty else { return nil }
        let differences = zip(other.radii(isLabelled), radii(isLabelled)).map { $0 - $1 }
        let count = Double(differences.count)
        let interval = bootstrap.interval(inputs: differences.count) { weights in
            var sum = 0.0
            for place in weights.indices where weights[place] > 0 {
                sum += Double(weights[place]) * differences[place]
            }
            return sum / count
        }
        return RunComparison.MeanDifference(
            value: differences.reduce(0, +) / count, interval: interval)
    }

    private func radii(_ isLabelled: Bool) -> [Double] {
        outcomes.map { isLabelled && !$0.isRight ? 0 : $0.radius }
    }
}

extension [String] {
    /// Each once, in order.
    fileprivate var uniqued: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
