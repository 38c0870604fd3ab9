public import ConfidenceBounds

// Stopping when it is known
// =========================
//
// The fixed-n procedure (`Certification.swift`) looks at the counts once. The rules here look at every
// checkpoint of a grid that the plan fixes (law 4), and stay valid since every bound that they use
// holds at all checkpoints at once. Given A from the selection samples,
//
//     L(k, n) is at most pA for all n up to the cap together, except with probability alpha/2, and
//     U(k, n) is at least p_B* for all of them, except with probability alpha/2
//
// (`CappedConfidenceSequence`: the mixture supermartingale and Ville's inequality before the cap, and
// a share for Clopper and Pearson's bound at the cap). B* = argmax_{c != A} p_c is one fixed class,
// and its count at any checkpoint is at most the largest other count there, so U at that count covers
// it too, whatever class has it. Hence
//
//     R = sigma/2 (Phi^-1(L) - Phi^-1(min(U, 1 - L)))
//
// may be reported at whatever checkpoint one stops, for whatever reason, and is false with probability
// at most alpha. (Rule `cohen`: all of alpha goes to L, and U = 1 - L.)
//
// Going on past the cap. A run with cap N1 is over, and somebody goes on with the same samples to a cap
// N2 > N1 that was not thought of before, perhaps because of what the counts were. Let E be the event
// that a mixture bound fails at any n at all, and F the event that Clopper and Pearson's bound fails at
// N1: P[E or F] <= alpha, and neither knows of N2. The plan that extends another one uses the mixture
// bounds everywhere, at N2 too, and those for the cap at N1 alone. So whatever it claims, and whatever
// the run before claimed, is false only if E or F happens: alpha is paid once for both, and for every
// further extension. Its price is that N2 has no bound of its own.
//
// The extension of an input begins where it was stopped. So that it is the same as if all had been drawn
// under the longer plan, a checkpoint before N1 that was open under the shorter plan is open under the
// longer one; both are asked there, and what is certified, by the same test, is certified by both.
//
// Giving up claims nothing and so costs nothing of alpha; but it should seldom lose what the cap would
// have granted. `FinalCountForecast` says which counts at the cap are still to be expected; it errs with
// probability at most `lossProbability` for each input, whatever its probabilities are: half of that is
// for class A, and the other half is shared by its rivals, since samples say which of them leads.

/// Says at every checkpoint of a plan what the counts of an input prove, and whether that is enough.
///
/// Its answers are functions of the counts, the same on every machine: floating point only skips what
/// proved bounds would not decide otherwise.
public struct SequentialCertifier: StoppingRule {
    /// The plan.
    public let plan: CertificationPlan
    /// How far an input is at most from its grid point: a decision at a radius is made for the inputs
    /// that are farthest.
    public let largestGridDistance: GridDistance

    /// For what rests on all samples: the fixed-n procedure.
    private var atTheCap: Certifier
    /// Bounds for class A and for the runner-up, when certificates may rest on fewer samples.
    private var bounds: CappedConfidenceSequence
    /// Decides at a radius by the count of class A alone.
    private let threshold: SequentialThresholdTest?
    /// Decides at a radius for all inputs together.
    private let batch: BatchThresholdTest?
    private let forecast: FinalCountForecast
    private let rivalForecast: FinalCountForecast
    /// Decides when a class is all that is asked for.
    private let predictor: Predictor
    /// Of the plan that this one extends; empty: it extends none.
    private var extended: [SequentialCertifier]
    private var outlooks: [Prefix: Outlook] = [:]

    private struct Prefix: Hashable {
        let leading: Int
        let runnerUp: Int
        let samples: Int
    }

    /// Tabulates what the plan's rule needs; up to seconds for large caps.
    ///
    /// - Parameters:
    ///   - plan: the plan.
    ///   - classes: how many classes counts have; at least 2.
    ///   - largestGridDistance: how far an input is at most from its grid point.
    public init(
        _ plan: CertificationPlan, classes: Int = 2, largestGridDistance: GridDistance = .zero
    ) throws {
        self.plan = plan
        self.largestGridDistance = largestGridDistance
        let alpha = plan.error.netAlpha
        atTheCap = Certifier(sigma: plan.sigma, rule: plan.rule, netAlpha: alpha)
        let share = plan.rule == .cohen ? alpha : alpha / 2
        bounds = try CappedConfidenceSequence(
            cap: plan.estimationSamples, firstCap: plan.firstCap, failureProbability: share)
        extended =
            try plan.extended.map {
                [
                    try SequentialCertifier(
                        $0, classes: classes, largestGridDistance: largestGridDistance)
                ]
            } ?? []
        let loss = CertificationPlan.lossProbability
        forecast = try FinalCountForecast(
            total: plan.estimationSamples,
            lossProbability: plan.rule == .cohen ? loss : loss / 2)
        rivalForecast = try FinalCountForecast(
            total: plan.estimationSamples,
            lossProbability: loss / 2 / Double(max(1, classes - 1)))
        predictor = try Predictor(
            cap: plan.estimationSamples, firstCap: plan.firstCap, classes: classes,
            netAlpha: alpha, lossProbability: loss)
        guard case .whenDecided(let radius) = plan.stopping, let grid = plan.grid else {
            (threshold, batch) = (nil, nil)
            return
        }
        let onGrid = SequentialCertifier.asked(radius) + largestGridDistance.bound
        let tau = StandardNormal.probability(below: onGrid.divided(byExactly: plan.sigma))
        batch = try plan.error.batch.map {
            try BatchThresholdTest(
                excluding: tau, grid: grid, method: $0.method, level: alpha, inputs: $0.inputs,
                lossProbability: loss)
        }
        threshold =
            try batch?.stops
            ?? SequentialThresholdTest(
                excluding: tau, grid: grid, failureProbability: share, lossProbability: loss,
                firstCap: plan.firstCap)
    }

    /// A radius that is written in decimal, such as 0.3, lies below the double after the nearest one.
    private static func asked(_ radius: Double) -> UpperBound { UpperBound(proved: radius.nextUp) }

    /// The radius on the grid below which nothing is of interest.
    private var leastOnGrid: UpperBound {
        plan.leastRadius.map { SequentialCertifier.asked($0) + largestGridDistance.bound }
            ?? UpperBound(proved: 0)
    }

    /// Whether the radius that is to be decided can be certified by any counts.
    public var canDecide: Bool {
        batch?.canClaim ?? threshold.map { $0.boundaries.contains { $0.exceedsFrom != nil } }
            ?? true
    }

    /// Whether an input with these counts needs no more samples.
    public mutating func isDecided(
        selection: ClassCounts, estimation: ClassCounts
    ) throws -> Bool {
        try verdict(selection: selection, estimation: estimation) != .open
    }

    /// What is known at a checkpoint before which nothing was.
    public mutating func verdict(
        selection: ClassCounts, estimation: ClassCounts
    ) throws -> Verdict {
        let prefix = prefix(selection, estimation)
        let isAtTheCap = prefix.samples == plan.estimationSamples
        if let before = plan.earlierCaps.last, prefix.samples < before,
            try extended[0].verdict(selection: selection, estimation: estimation) == .open
        {
            return .open
        }
        switch plan.stopping {
        case .atTheCap: return isAtTheCap ? .undecided : .open
        case .whenHopeless:
            if isAtTheCap { return .undecided }
            return try isHopeless(prefix, margin: UpperBound(proved: 0)) ? .refused : .open
        case .whenDecided where batch != nil: return verdictInTheBatch(prefix)
        case .whenDecided(let radius):
            let onGrid = SequentialCertifier.asked(radius) + largestGridDistance.bound
            if try reaches(onGrid, prefix) { return .certified }
            if isAtTheCap { return .undecided }
            return try isHopeless(prefix, margin: onGrid) ? .refused : .open
        case .whenPrecise(let width):
            if isAtTheCap { return .undecided }
            let least = leastOnGrid
            if try isPrecise(prefix, width: width), try radiusOnGrid(prefix).value >= least.value {
                return .certified
            }
            return try isHopeless(prefix, margin: least) ? .refused : .open
        case .whenPredicted:
            return predictor.verdict(
                selected: prefix.leading, rival: prefix.runnerUp, samples: prefix.samples)
        case .predictedAtTheCap: return predictor.verdictAtTheCap(estimation)
        }
    }

    private func prefix(_ selection: ClassCounts, _ estimation: ClassCounts) -> Prefix {
        guard let selected = selection.mode else {
            preconditionFailure("a class is selected by at least one sample")
        }
        return Prefix(
            leading: estimation.values[selected],
            runnerUp: estimation.largestCount(except: selected), samples: estimation.samples)
    }
}

// What a prefix proves
// --------------------

extension SequentialCertifier {
    /// The decision on an input whose estimation ended with these counts, and the bounds that it rests
    /// on. A decision at a radius certifies that radius; a prediction bounds nothing. Of a plan that
    /// decides about all inputs together, it is what holds whatever the others have: ``claims(_:)`` may
    /// certify more.
    ///
    /// - Parameters:
    ///   - selection: the counts that choose class A; at least one sample.
    ///   - estimation: the counts of the prefix at whose end ``isDecided(selection:estimation:)`` was
    ///     true, or of all samples.
    ///   - gridDistance: how far the input is at most from the grid point that was sampled.
    public mutating func certify(
        selection: ClassCounts, estimation: ClassCounts, gridDistance: GridDistance = .zero
    ) throws -> Certification {
        let verdict = try verdict(selection: selection, estimation: estimation)
        switch plan.stopping {
        case .atTheCap, .whenHopeless:
            // Only at the cap, for which they were made, are its bounds valid.
            guard verdict != .refused else { return abstention(selection, .refused) }
            return try atTheCap.certify(
                selection: selection, estimation: estimation, gridDistance: gridDistance)
        case .whenDecided where batch != nil:
            return certification(
                selection: selection, estimation: estimation, isClaimed: verdict == .certified)
        case .whenDecided(let radius):
            return try certification(
                selection, estimation, verdict,
                decision: { _, _ in
                    guard verdict == .certified,
                        let radius = Radius(roundingDown: LowerBound(proved: radius.nextUp))
                    else { return .failure(verdict.reason) }
                    return .success(radius)
                })
        case .whenPrecise:
            guard verdict != .refused else { return abstention(selection, .refused) }
            let judge = atTheCap
            return try certification(
                selection, estimation, verdict,
                decision: { [least = plan.leastRadius ?? 0] lower, upper in
                    judge.radius(lower: lower, upper: upper, gridDistance: gridDistance)
                        .flatMap { $0.value >= least ? .success($0) : .failure(verdict.reason) }
                })
        case .whenPredicted: return prediction(of: selection.mode ?? 0, verdict)
        case .predictedAtTheCap: return prediction(of: estimation.mode ?? 0, verdict)
        }
    }

    private func prediction(of answer: Int, _ verdict: Verdict) -> Certification {
        let decision: Decision =
            switch verdict {
            case .certified: .predicted(class: answer)
            case .open, .refused, .undecided: .abstained(class: answer, reason: verdict.reason)
            }
        return Certification(
            selectedClass: answer, lower: .trivial, upper: .trivial, decision: decision)
    }

    private mutating func certification(
        _ selection: ClassCounts, _ estimation: ClassCounts, _ verdict: Verdict,
        decision: (ProbabilityLowerBound, ProbabilityUpperBound) -> Result<Radius, AbstentionReason>
    ) throws -> Certification {
        let prefix = prefix(selection, estimation)
        let (lower, upper) = try bounds(prefix)
        guard let selected = selection.mode else { return abstention(selection, .notSeparated) }
        let decision: Decision =
            switch decision(lower, upper) {
            case .success(let radius): .certified(class: selected, radius: radius)
            case .failure(let reason): .abstained(class: selected, reason: reason)
            }
        return Certification(
            selectedClass: selected, lower: lower, upper: upper, decision: decision,
            furtherSamples: verdict == .open ? expectedStop(prefix) - prefix.samples : nil)
    }

    private func abstention(_ selection: ClassCounts, _ reason: AbstentionReason) -> Certification {
        let selected = selection.mode ?? 0
        return Certification(
            selectedClass: selected, lower: .trivial, upper: .trivial,
            decision: .abstained(class: selected, reason: reason))
    }

    /// Bounds that hold at all checkpoints at once, for the class of the selection and for any other.
    private mutating func bounds(
        _ prefix: Prefix
    ) throws -> (lower: ProbabilityLowerBound, upper: ProbabilityUpperBound) {
        let lower = try bounds.lowerBound(successes: prefix.leading, trials: prefix.samples)
        let rest = lower.ofOppositeEvent
        guard plan.rule == .runnerUp else { return (lower, rest) }
        let upper = try bounds.upperBound(successes: prefix.runnerUp, trials: prefix.samples)
        return (lower, upper.value < rest.value ? upper : rest)
    }

    /// The radius on the grid that a prefix proves; not above 0 when it proves none.
    private mutating func radiusOnGrid(_ prefix: Prefix) throws -> LowerBound {
        let (lower, upper) = try bounds(prefix)
        let margin = StandardNormal.quantile(of: lower) - StandardNormal.quantile(of: upper)
        return margin.multiplied(byExactly: plan.sigma / 2)
    }

    private mutating func reaches(_ radius: UpperBound, _ prefix: Prefix) throws -> Bool {
        if threshold?.verdict(successes: prefix.leading, trials: prefix.samples) == .exceeds {
            return true
        }
        guard plan.rule == .runnerUp, frequencies(prefix, mayReach: radius.value),
            approximateBounds(prefix, mayReach: radius.value)
        else { return false }
        return try radiusOnGrid(prefix).value >= radius.value
    }

    /// Whether the bounds of a prefix, in floating point, have this radius on the grid or all but have
    /// it; the tolerance is far above their errors. Proving is left for those that do, and for the cap,
    /// where there is a bound that holds at that sample count alone.
    private func approximateBounds(_ prefix: Prefix, mayReach radius: Double) -> Bool {
        guard prefix.samples != plan.firstCap, prefix.samples < plan.estimationSamples else {
            return true
        }
        let lower = bounds.approximateLowerBound(
            successes: prefix.leading, trials: prefix.samples)
        let others = bounds.approximateLowerBound(
            successes: prefix.samples - prefix.runnerUp, trials: prefix.samples)
        let margin =
            StandardNormal.approximateQuantile(lower)
            + StandardNormal.approximateQuantile(max(lower, others))
        return plan.sigma / 2 * margin >= radius - 1e-6 * plan.sigma
    }
}

// Deciding about all inputs together
// ----------------------------------

extension SequentialCertifier {
    private func verdictInTheBatch(_ prefix: Prefix) -> Verdict {
        switch threshold?.verdict(successes: prefix.leading, trials: prefix.samples) {
        case .exceeds: .certified
        case .hopeless: .refused
        case .open where prefix.samples < plan.estimationSamples: .open
        case .open, .undecided, nil: .undecided
        }
    }

    /// What the counts of an input say for the radius, for a plan that decides about all inputs
    /// together; nil: it decides about each alone.
    ///
    /// - Parameters:
    ///   - selection: the counts that choose class A; at least one sample.
    ///   - estimation: the counts of the prefix at whose end ``isDecided(selection:estimation:)`` was
    ///     true, or of all samples.
    public func evidence(selection: ClassCounts, estimation: ClassCounts) -> BatchEvidence? {
        let prefix = prefix(selection, estimation)
        return batch?.evidence(successes: prefix.leading, trials: prefix.samples)
    }

    /// Which inputs are certified at the radius, given what every one of them says for it, in order.
    public func claims(_ evidence: [BatchEvidence]) -> [Bool] {
        guard let batch else { preconditionFailure("the plan decides about each input alone") }
        return batch.claims(evidence)
    }

    /// The certification of an input of which ``claims(_:)`` said whether it is certified. It bounds
    /// nothing: the claim rests on the evidence of all.
    public func certification(
        selection: ClassCounts, estimation: ClassCounts, isClaimed: Bool
    ) -> Certification {
        guard case .whenDecided(let radius) = plan.stopping, let selected = selection.mode else {
            preconditionFailure("a batch is decided at a radius, with a class selected")
        }
        let isAtTheCap = estimation.samples == plan.estimationSamples
        var decision = Decision.abstained(
            class: selected, reason: isAtTheCap ? .undecided : .refused)
        if isClaimed, let radius = Radius(roundingDown: LowerBound(proved: radius.nextUp)) {
            decision = .certified(class: selected, radius: radius)
        }
        return Certification(
            selectedClass: selected, lower: .trivial, upper: .trivial, decision: decision,
            evidence: evidence(selection: selection, estimation: estimation))
    }
}

// Spending a budget
// -----------------

extension SequentialCertifier {
    /// The goals of the next round of a campaign with a budget (`SampleBudget.swift`).
    public mutating func goals(of resting: [RestingInput], samplesLeft: Int) throws -> [Int] {
        let needs = resting.map { input in
            SampleBudget.Need(
                samples: input.estimation.samples,
                expected: expectedStop(prefix(input.selection, input.estimation)))
        }
        return SampleBudget.goals(
            of: needs, checkpoints: plan.checkpoints, samplesLeft: samplesLeft)
    }

    /// The checkpoint at which an input that is not decided is expected to be, if further samples are
    /// like those that it has. A guess that claims nothing, but the same on every machine.
    private func expectedStop(_ prefix: Prefix) -> Int {
        let later = plan.checkpoints.filter { $0 > prefix.samples }
        var (open, decided) = (-1, later.count - 1)
        while decided - open > 1 {
            let middle = (open + decided) / 2
            if isExpectedToBeDecided(at: later[middle], prefix) {
                decided = middle
            } else {
                open = middle
            }
        }
        return later.isEmpty ? prefix.samples : later[decided]
    }

    private func isExpectedToBeDecided(at samples: Int, _ prefix: Prefix) -> Bool {
        let leading = scaled(prefix.leading, from: prefix.samples, to: samples)
        if let threshold {
            return threshold.verdict(successes: leading, trials: samples) != .open
        }
        guard case .whenPrecise(let width) = plan.stopping else { return false }
        let failures = samples - leading
        let now = roughRadius(failures: failures, of: samples)
        return roughRadius(failures: failures, of: plan.estimationSamples) - now <= width
    }

    /// count * to / from, rounded down; the product may exceed an Int.
    private func scaled(_ count: Int, from: Int, to: Int) -> Int {
        let (high, low) = count.multipliedFullWidth(by: to)
        return from.dividingFullWidth((high, low)).quotient
    }

    /// About the radius that so many failures f prove: the bound above their frequency is near
    /// (f + sqrt(2 f L) + L) / n, where L = ln(1/alpha) and some more, which is taken for 12. Only
    /// operations that are rounded alike everywhere go in.
    private func roughRadius(failures: Int, of samples: Int) -> Double {
        let failures = Double(failures)
        let most = (failures + (24 * failures).squareRoot() + 12) / Double(samples)
        guard most < 0.5 else { return 0 }
        let bound = ProbabilityUpperBound(UpperBound(proved: most)).ofOppositeEvent
        return plan.sigma * StandardNormal.quantile(of: bound).value
    }
}

// Giving up, and being precise enough
// -----------------------------------

extension SequentialCertifier {
    /// The best counts at the cap that are still to be expected.
    private struct Outlook {
        let leading: Int
        let runnerUp: Int
    }

    /// Whether the cap would hardly give a radius on the grid of at least `margin`: not even the best
    /// frequencies that are to be expected at the cap have it.
    private mutating func isHopeless(_ prefix: Prefix, margin: UpperBound) throws -> Bool {
        if let threshold, plan.rule == .cohen {
            return threshold.verdict(successes: prefix.leading, trials: prefix.samples)
                == .hopeless
        }
        guard !frequencies(prefix, mayReach: margin.value) else { return false }
        let best = outlook(prefix)
        let final = Prefix(
            leading: best.leading, runnerUp: best.runnerUp, samples: plan.estimationSamples)
        return !frequencies(final, mayReach: margin.value)
    }

    private mutating func outlook(_ prefix: Prefix) -> Outlook {
        if let known = outlooks[prefix] { return known }
        let leading = forecast.largestFinalCount(
            successes: prefix.leading, trials: prefix.samples)
        let runnerUp =
            plan.rule == .cohen
            ? plan.estimationSamples - leading
            : rivalForecast.smallestFinalCount(successes: prefix.runnerUp, trials: prefix.samples)
        let outlook = Outlook(leading: leading, runnerUp: runnerUp)
        if outlooks.count > 100_000 { outlooks.removeAll(keepingCapacity: true) }
        outlooks[prefix] = outlook
        return outlook
    }

    /// Whether a prefix may prove this radius on the grid: its frequencies, which its bounds do not
    /// reach, have it, or all but have it. In floating point; the tolerance is far above its errors.
    private func frequencies(_ prefix: Prefix, mayReach radius: Double) -> Bool {
        let samples = Double(prefix.samples)
        let runnerUp =
            plan.rule == .cohen ? prefix.samples - prefix.leading : prefix.runnerUp
        let margin =
            StandardNormal.approximateQuantile(Double(prefix.leading) / samples)
            - StandardNormal.approximateQuantile(Double(runnerUp) / samples)
        return plan.sigma / 2 * margin >= radius - 1e-6 * plan.sigma
    }

    /// Whether no more samples could raise the radius by more than `width`, even if all of them were of
    /// class A.
    private mutating func isPrecise(_ prefix: Prefix, width: Double) throws -> Bool {
        let rest = plan.estimationSamples - prefix.samples
        let best = Prefix(
            leading: prefix.leading + rest, runnerUp: prefix.runnerUp,
            samples: plan.estimationSamples)
        guard frequencies(prefix, mayReach: optimum(best) - width) else { return false }
        let now = try radiusOnGrid(prefix)
        guard now.value > 0 else { return false }
        return try now.value >= radiusOnGrid(best).value - width
    }

    /// Less than the radius that the cap would give, in floating point: eight standard deviations and
    /// more below its frequency.
    private func optimum(_ best: Prefix) -> Double {
        let samples = Double(best.samples)
        let failures = samples - Double(best.leading)
        let deviation = (failures * (1 - failures / samples)).squareRoot()
        let share = (failures + 8 * deviation + 64) / samples
        return share >= 0.5 ? 0 : -plan.sigma * StandardNormal.approximateQuantile(share)
    }
}
