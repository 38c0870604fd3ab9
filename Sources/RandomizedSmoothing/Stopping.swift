/// When the estimation of an input ends before its last sample; part of the plan.
public enum Stopping: Hashable, Sendable {
    /// Never: the fixed-n procedure.
    case atTheCap
    /// When hardly anything can be certified any more. What is certified rests on all samples, at the
    /// whole of alpha: giving up claims nothing.
    case whenHopeless
    /// As soon as it is known whether the input is certified at this radius.
    case whenDecided(radius: Double)
    /// As soon as the radius is within `width` of the one that the cap would give if every remaining
    /// sample were of class A; also when the cap will hardly give any.
    case whenPrecise(width: Double)
    /// As soon as the selected class is known to be the most probable one at the input: a prediction,
    /// without a radius. Also when it hardly will be.
    case whenPredicted
    /// Never: the most frequent class of all estimation samples is a prediction, if it is known to be
    /// the most probable one (PREDICT, Cohen et al. 2019). The selection samples are not used.
    case predictedAtTheCap

    /// Whether a claim may rest on fewer samples than the cap, so that all bounds have to hold at all
    /// checkpoints together.
    public var certifiesEarly: Bool {
        switch self {
        case .atTheCap, .whenHopeless, .predictedAtTheCap: false
        case .whenDecided, .whenPrecise, .whenPredicted: true
        }
    }

    /// Whether every input gets all its samples.
    public var isFixed: Bool { self == .atTheCap || self == .predictedAtTheCap }

    /// Whether what is claimed of an input is its class alone, and no radius.
    public var predicts: Bool { self == .whenPredicted || self == .predictedAtTheCap }
}

/// What is known of an input at a checkpoint.
public enum Verdict: Hashable, Sendable {
    /// Not enough: take more samples.
    case open
    /// What was asked for is proved: no more samples are needed.
    case certified
    /// What the cap asks for is out of reach, or all but out of reach. Nothing is claimed.
    case refused
    /// The cap is reached, and the counts do not suffice. Nothing is claimed.
    case undecided

    /// Why nothing is claimed of an input that was left so.
    var reason: AbstentionReason {
        switch self {
        case .refused: .refused
        case .open: .budgetSpent
        case .certified, .undecided: .undecided
        }
    }
}
