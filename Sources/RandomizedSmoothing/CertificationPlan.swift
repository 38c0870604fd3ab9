public import ConfidenceBounds

/// The statistical part of a plan: noise level, sample counts, rule and error budget, all fixed
/// before the first draw (law 4).
public struct CertificationPlan: Hashable, Sendable {
    /// The noise level sigma, in the units in which the model sees the inputs.
    public let sigma: Double
    /// How many samples choose the class of each input (n0).
    public let selectionSamples: Int
    /// How many further samples bound its probability (n).
    public let estimationSamples: Int
    /// How counts become bounds.
    public let rule: CertificationRule
    /// The failure probability of each input, and what is left of it for the counts.
    public private(set) var error: ErrorBudget
    /// The noise levels that share alpha with this one; nil: there is no other.
    public let split: AlphaSplit?
    /// When the estimation of an input ends before its last sample.
    public let stopping: Stopping
    /// The checkpoints at which it may end; nil: the last sample alone.
    public let grid: CheckpointGrid?
    /// The caps of the plans that this one extends, the first one first. What holds at the cap alone
    /// belongs to the first of them.
    public let earlierCaps: [Int]
    /// With a width: the smallest radius of interest. An input that will hardly have it is given up, and
    /// no smaller one is certified; nil: any radius is of interest.
    public let leastRadius: Double?
    /// The most samples of both phases that all inputs together may get; nil: each may get its most.
    public let budget: Int?

    /// The most samples of one phase of one input.
    public static let maximumSamples = 1_000_000_000

    /// The chance that an input is given up which the cap would have certified.
    public static let lossProbability = 0.001

    /// A plan whose every part is in range and that is able to certify.
    ///
    /// - Parameters:
    ///   - sigma: above 0.
    ///   - selectionSamples: from 1 to ``maximumSamples``.
    ///   - estimationSamples: enough that unanimous counts certify, at most ``maximumSamples``.
    ///   - rule: how counts become bounds.
    ///   - alpha: the failure probability of each input, between 0 and 1; with `family`, of all.
    ///   - family: so many inputs share alpha, so that all their certificates hold at once; nil: each
    ///     input has its own.
    ///   - batch: alpha is the error of so many inputs together, and what is claimed is decided when all
    ///     are counted; only for a decision at a radius, by rule `cohen` and without `family`.
    ///   - sigmas: all noise levels among which alpha is shared first, this one among them; nil: it has
    ///     all of alpha.
    ///   - dimension: the number of coordinates of an input.
    ///   - noiseDistance: the distance of the sampler from the ideal, a coordinate (total
    ///     variation; an upper bound).
    ///   - stopping: when estimation ends before the last sample.
    ///   - blockSize: how many samples are classified together: checkpoints are whole blocks.
    ///   - earlierCaps: the estimation samples of the plans that this one extends, ascending, if its
    ///     bounds hold at all times.
    ///   - leastRadius: the smallest radius of interest, above 0; only with a width to reach.
    ///   - budget: for all inputs together; only where inputs may be certified early, each alone.
    public init(
        sigma: Double, selectionSamples: Int, estimationSamples: Int, rule: CertificationRule,
        alpha: Double, family: Int? = nil, batch: ErrorBudget.Batch? = nil,
        sigmas: [Double]? = nil, dimension: Int, noiseDistance: Double,
        stopping: Stopping = .atTheCap, blockSize: Int = 1, earlierCaps: [Int] = [],
        leastRadius: Double? = nil, budget: Int? = nil
    ) throws {
        guard sigma > 0, sigma.isFinite else { throw PlanError.sigma(sigma) }
        guard (1...CertificationPlan.maximumSamples).contains(selectionSamples) else {
            throw PlanError.samples("selection", selectionSamples)
        }
        guard (1...CertificationPlan.maximumSamples).contains(estimationSamples) else {
            throw PlanError.samples("estimation", estimationSamples)
        }
        split = sigmas.map { AlphaSplit(alpha: alpha, sigmas: $0) }
        error = try ErrorBudget(
            alpha: split?.share ?? alpha, family: family, batch: batch,
            samples: selectionSamples + estimationSamples, dimension: dimension,
            noiseDistance: noiseDistance)
        self.sigma = sigma
        self.selectionSamples = selectionSamples
        self.estimationSamples = estimationSamples
        self.rule = rule
        self.stopping = stopping
        self.earlierCaps = stopping.certifiesEarly ? earlierCaps : []
        for (cap, next) in zip(self.earlierCaps, self.earlierCaps.dropFirst() + [estimationSamples])
        {
            guard cap > 0 else { throw PlanError.samples("earlier estimation", cap) }
            guard cap < next else { throw PlanError.notMore(samples: next, than: cap) }
            guard cap % blockSize == 0 else {
                throw PlanError.brokenBlock(samples: cap, blockSize: blockSize)
            }
            let before = try ErrorBudget(
                alpha: split?.share ?? alpha, family: family, batch: nil,
                samples: selectionSamples + cap,
                dimension: dimension, noiseDistance: noiseDistance)
            guard before.netAlpha == error.netAlpha else {
                throw PlanError.noiseOfExtension(samples: estimationSamples)
            }
        }
        grid =
            stopping.isFixed
            ? nil
            : CheckpointGrid(
                blockSize: blockSize, cap: estimationSamples, including: self.earlierCaps)
        self.leastRadius = leastRadius
        self.budget = budget
        try checkStopping()
        try checkSamples()
    }

    /// The same plan with all of the family's alpha for each input alone, so that its claims would not
    /// hold at once; nil when nothing is shared. For a comparison: nobody fixed this plan beforehand.
    public var withoutSharing: CertificationPlan? {
        guard let family = error.family else { return nil }
        var plan = self
        plan.error = ErrorBudget(alpha: family.alpha, noiseCharge: error.noiseCharge)
        return plan
    }

    /// The plan that this one extends; nil: none.
    var extended: CertificationPlan? {
        guard let last = earlierCaps.last, let grid else { return nil }
        return CertificationPlan(
            self, cap: last, earlierCaps: earlierCaps.dropLast(), blockSize: grid.blockSize)
    }

    private init(_ plan: CertificationPlan, cap: Int, earlierCaps: [Int], blockSize: Int) {
        sigma = plan.sigma
        selectionSamples = plan.selectionSamples
        estimationSamples = cap
        rule = plan.rule
        error = plan.error
        stopping = plan.stopping
        (split, leastRadius, budget) = (plan.split, plan.leastRadius, nil)
        self.earlierCaps = earlierCaps
        grid = CheckpointGrid(blockSize: blockSize, cap: cap, including: earlierCaps)
    }

    /// The sample count to which the bounds and tests belong that hold at one sample count alone.
    public var firstCap: Int { earlierCaps.first ?? estimationSamples }

    /// Refuses a plan that could only abstain.
    private func checkSamples() throws {
        if stopping.predicts {
            let smallest = try Predictor.smallestSamples(netAlpha: error.netAlpha)
            guard estimationSamples >= smallest else {
                throw PlanError.predictsNothing(
                    samples: estimationSamples, smallest: smallest, alpha: error.alpha)
            }
            return
        }
        let smallest = try CertificationPlan.smallestSamples(rule: rule, netAlpha: error.netAlpha)
        guard estimationSamples >= smallest else {
            throw PlanError.onlyAbstains(
                samples: estimationSamples, smallest: smallest, alpha: error.alpha, rule: rule)
        }
    }

    private func checkStopping() throws {
        if !earlierCaps.isEmpty, budget != nil || error.batch != nil {
            throw PlanError.extendsMany
        }
        if let budget {
            guard stopping.certifiesEarly, !stopping.predicts, error.batch == nil else {
                throw PlanError.budgetNeedsStopping(budget)
            }
        }
        if let batch = error.batch {
            guard case .whenDecided = stopping, rule == .cohen, error.family == nil else {
                throw PlanError.batchNeedsRadius(batch.method)
            }
        }
        if let leastRadius {
            guard case .whenPrecise = stopping, leastRadius > 0, leastRadius.isFinite else {
                throw PlanError.radius(leastRadius)
            }
        }
        switch stopping {
        case .atTheCap, .whenHopeless, .whenPredicted, .predictedAtTheCap: break
        case .whenDecided(let radius):
            guard radius > 0, radius.isFinite else { throw PlanError.radius(radius) }
        case .whenPrecise(let width):
            guard width > 0, width.isFinite else { throw PlanError.width(width) }
        }
    }

    /// Refuses a budget that does not even hold the selection and the first checkpoint of each input.
    public func checkBudget(inputs: Int) throws {
        let smallest = inputs * (selectionSamples + checkpoints[0])
        guard let budget, budget < smallest else { return }
        throw PlanError.budget(budget, smallest: smallest, inputs: inputs)
    }

    /// The estimation sample counts at which the plan may decide an input; the last is the cap.
    public var checkpoints: [Int] { grid?.checkpoints ?? [estimationSamples] }

    /// How counts become claims, as files name it.
    public var ruleName: String {
        switch stopping {
        case .whenPredicted: "sequential prediction"
        case .predictedAtTheCap: "fixed prediction"
        case .atTheCap, .whenHopeless, .whenDecided, .whenPrecise: rule.rawValue
        }
    }

    /// The largest radius that the plan can certify: that of unanimous counts; nil: it predicts.
    public func largestRadius() throws -> Radius? {
        var certifier = try SequentialCertifier(self)
        let unanimous = try certifier.certify(
            selection: ClassCounts([1, 0]), estimation: ClassCounts([estimationSamples, 0]))
        guard case .certified(_, let radius) = unanimous.decision else { return nil }
        return radius
    }

    /// The fewest estimation samples with which unanimous counts certify anything.
    ///
    /// Unanimous counts of n bound the probability by alpha^(1/n) (alpha/2 for the runner-up rule),
    /// which grows with n, so the smallest n is found by bisection.
    public static func smallestSamples(rule: CertificationRule, netAlpha: Double) throws -> Int {
        let certifier = Certifier(sigma: 1, rule: rule, netAlpha: netAlpha)
        func certifies(_ samples: Int) throws -> Bool {
            try radiusOfUnanimousCounts(certifier, samples: samples) != nil
        }
        var enough = 1
        while try !certifies(enough) { enough *= 2 }
        var tooFew = enough / 2
        while enough - tooFew > 1 {
            let middle = (enough + tooFew) / 2
            if try certifies(middle) { enough = middle } else { tooFew = middle }
        }
        return enough
    }

    private static func radiusOfUnanimousCounts(
        _ certifier: Certifier, samples: Int
    ) throws -> Radius? {
        var certifier = certifier
        let unanimous = try certifier.certify(
            selection: ClassCounts([1, 0]), estimation: ClassCounts([samples, 0]))
        guard case .certified(_, let radius) = unanimous.decision else { return nil }
        return radius
    }
}

/// How the failure probability of one input is spent.
///
/// Samples that are drawn from a distribution at total variation distance delta from the ideal, for
/// each coordinate, make any event of n samples of d coordinates at most n d delta more likely than
/// under the ideal (the distance of a product is at most the sum of the distances). That much is
/// taken from alpha; the bounds get the rest.
public struct ErrorBudget: Hashable, Sendable {
    /// The failure probability that is claimed for each input.
    public let alpha: Double
    /// The inputs that share a failure probability, so that all claims hold at once.
    public let family: Family?
    /// The inputs whose claims are decided together, when all are counted: alpha is then the error of
    /// all of them together, and no failure probability is claimed for one of them alone.
    public let batch: Batch?
    /// What the distance of the sampler from the ideal costs; an upper bound. Of a batch, what it
    /// costs all inputs together.
    public let noiseCharge: Double
    /// What is left for the bounds; never more than `alpha` minus `noiseCharge`.
    public let netAlpha: Double

    /// So many inputs, any false certificate among which has at most this probability: each gets the
    /// same share (Bonferroni).
    public struct Family: Hashable, Sendable {
        /// The failure probability of all certificates together.
        public let alpha: Double
        /// How many inputs share it.
        public let inputs: Int
    }

    /// So many inputs whose claims are decided together.
    public struct Batch: Hashable, Sendable {
        /// By which procedure, and so which error alpha is.
        public let method: BatchThresholdTest.Method
        /// How many inputs there are.
        public let inputs: Int

        /// A batch of at least one input.
        public init(_ method: BatchThresholdTest.Method, inputs: Int) {
            self.method = method
            self.inputs = inputs
        }
    }

    /// Of what alpha is the error, as files name it.
    public var meaning: String {
        switch batch?.method {
        case .holm: "any certificate of the campaign"
        case .eBenjaminiHochberg: "the expected share of false certificates"
        case nil: "each input"
        }
    }

    /// The largest share of alpha that the noise may cost.
    public static let largestNoiseShare = 1e-3
    /// The smallest failure probability that can be asked for.
    public static let smallestAlpha = 1e-100

    init(
        alpha: Double, family: Int?, batch: Batch?, samples: Int, dimension: Int,
        noiseDistance: Double
    ) throws {
        guard alpha > 0, alpha < 1 else { throw PlanError.alpha(alpha) }
        self.family = family.map { Family(alpha: alpha, inputs: $0) }
        let alpha = family.map { MultipleTesting.share(of: alpha, among: $0) } ?? alpha
        guard alpha >= ErrorBudget.smallestAlpha else { throw PlanError.alphaTooSmall(alpha) }
        self.batch = batch
        // Both errors of a batch are means of numbers from 0 to 1, so a distance in total variation
        // changes them by at most itself.
        let charge = UpperBound(proved: noiseDistance)
            .multiplied(byExactly: Double(dimension)).multiplied(byExactly: Double(samples))
            .multiplied(byExactly: Double(batch?.inputs ?? 1))
        guard charge.value <= alpha * ErrorBudget.largestNoiseShare else {
            throw PlanError.noiseTooCoarse(charge: charge.value, alpha: alpha)
        }
        self.alpha = alpha
        noiseCharge = charge.value
        netAlpha = (LowerBound(proved: alpha) - charge).value
    }

    /// A budget of one input alone; it affords the charge.
    fileprivate init(alpha: Double, noiseCharge: Double) {
        self.alpha = alpha
        self.noiseCharge = noiseCharge
        (family, batch) = (nil, nil)
        netAlpha = (LowerBound(proved: alpha) - UpperBound(proved: noiseCharge)).value
    }
}

/// Why a plan is refused.
public enum PlanError: Error, CustomStringConvertible {
    /// Not a positive number.
    case sigma(Double)
    /// Not between 0 and 1.
    case alpha(Double)
    /// Smaller than anything that is supported.
    case alphaTooSmall(Double)
    /// Out of range, with the name of the phase.
    case samples(String, Int)
    /// Even unanimous counts would abstain.
    case onlyAbstains(samples: Int, smallest: Int, alpha: Double, rule: CertificationRule)
    /// Even unanimous counts would predict nothing.
    case predictsNothing(samples: Int, smallest: Int, alpha: Double)
    /// The radius to decide at is no positive number.
    case radius(Double)
    /// The width to reach is no positive number.
    case width(Double)
    /// A budget is spent where inputs are decided early.
    case budgetNeedsStopping(Int)
    /// A plan that decides about inputs together goes on with no other run's samples.
    case extendsMany
    /// It holds less than the first samples of each input.
    case budget(Int, smallest: Int, inputs: Int)
    /// Procedures for a batch decide at a radius.
    case batchNeedsRadius(BatchThresholdTest.Method)
    /// No counts can certify the radius that is to be decided.
    case radiusOutOfReach(Double, samples: Int)
    /// The sampler is too far from the ideal for this alpha.
    case noiseTooCoarse(charge: Double, alpha: Double)
    /// A plan does not go farther than one that it extends.
    case notMore(samples: Int, than: Int)
    /// A plan that is to be extended ends within a block.
    case brokenBlock(samples: Int, blockSize: Int)
    /// The noise of more samples costs more of alpha than the plan that is extended had left for it.
    case noiseOfExtension(samples: Int)

    /// One sentence with the offending value and what to do.
    public var description: String {
        switch self {
        case .sigma(let sigma):
            "the noise level sigma is \(sigma), but it must be a positive number"
        case .alpha(let alpha):
            "the failure probability alpha is \(alpha), but it must lie between 0 and 1"
        case .alphaTooSmall(let alpha):
            "the failure probability alpha is \(alpha), but the smallest supported one is "
                + "\(ErrorBudget.smallestAlpha)"
        case .samples(let phase, let samples):
            "the number of \(phase) samples is \(samples), but it must lie between 1 and "
                + "\(CertificationPlan.maximumSamples)"
        case .onlyAbstains(let samples, let smallest, let alpha, let rule):
            "with \(samples) estimation samples at alpha = \(alpha) and the \(rule.rawValue) rule "
                + "every input would abstain, even if all samples agreed; "
                + "the smallest number that could certify is \(smallest)"
        case .predictsNothing(let samples, let smallest, let alpha):
            "with \(samples) estimation samples at alpha = \(alpha) no class could be predicted, even "
                + "if all samples agreed; the smallest number that could predict is \(smallest)"
        case .radius(let radius):
            "the radius to decide at is \(radius), but it must be a positive number"
        case .width(let width): "the width is \(width), but it must be a positive number"
        case .budgetNeedsStopping(let budget):
            "a budget of \(budget) samples is spent on the inputs that are nearest to a decision, so it "
                + "needs a radius to decide at or a width to reach, each input decided alone"
        case .extendsMany:
            "a run with a budget, by Holm or by e-BH depends on the counts of all its inputs, so it does "
                + "not go on with the samples of another run"
        case .budget(let budget, let smallest, let inputs):
            "the budget is \(budget) samples, but the first ones of each of \(inputs) inputs take "
                + "\(smallest)"
        case .batchNeedsRadius(let method):
            "\(method.rawValue) decides about one radius by the cohen rule, so it needs a radius to "
                + "decide at, and no other rule"
        case .radiusOutOfReach(let radius, let samples):
            "no counts of \(samples) samples certify a radius of \(radius); "
                + "use more samples, a smaller radius or a larger sigma"
        case .notMore(let samples, let before):
            "--samples is \(samples), but the run that is extended has \(before) of an input already: "
                + "ask for more"
        case .brokenBlock(let samples, let blockSize):
            "the run that is extended ends with \(samples) samples of an input, which are not whole "
                + "blocks of \(blockSize): use its --key with --sum-alpha, which draws its samples again"
        case .noiseOfExtension(let samples):
            "the noise of \(samples) samples costs more of alpha than the run that is extended had left "
                + "for it: use its --key with --sum-alpha"
        case .noiseTooCoarse(let charge, let alpha):
            "the sampler's distance from ideal noise costs \(charge) of the failure probability, "
                + "more than a thousandth of alpha = \(alpha); use fewer samples or a larger alpha"
        }
    }
}
