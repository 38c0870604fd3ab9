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

    /// Whether certificates may rest on fewer samples than the cap, so that all bounds have to hold at
    /// all checkpoints together.
    public var certifiesEarly: Bool {
        switch self {
        case .atTheCap, .whenHopeless: false
        case .whenDecided, .whenPrecise: true
        }
    }
}

/// What is known of an input at a checkpoint.
public enum Verdict: Hashable, Sendable {
    /// Not enough: take more samples.
    case open
    /// No more samples are needed.
    case certified
    /// What the cap asks for is out of reach, or all but out of reach. Nothing is claimed.
    case refused
    /// The cap is reached, and the counts do not suffice. Nothing is claimed.
    case undecided
}
