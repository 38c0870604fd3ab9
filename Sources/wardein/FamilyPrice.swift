import CertificationReports
import RandomizedSmoothing

/// What it cost that all claims of a campaign hold at once: what the same counts would give with the
/// family's alpha for each input alone.
///
/// Where all samples are counted, that is what such a campaign would have found under this noise key.
/// One that stops early would also have stopped earlier, which the last counts of an input cannot tell;
/// and an input that was given up might have gone on: so there it would claim at least as much.
struct FamilyPrice {
    private let alpha: Double
    private let stopping: Stopping
    private let shared: CertificationSummary
    private let alone: CertificationSummary

    /// The price; nil when nothing is shared among inputs.
    init?(_ plan: CertificationPlan, shared: CertificationSummary, alone: CertificationSummary?) {
        guard let family = plan.error.family, let alone else { return nil }
        alpha = plan.split?.alpha ?? family.alpha
        stopping = plan.stopping
        self.shared = shared
        self.alone = alone
    }

    /// Two lines for the end of a run.
    var lines: [String] {
        let opening =
            "That has its price: with alpha \(alpha) for each input alone, the same counts would"
        switch stopping {
        case .atTheCap, .whenHopeless:
            return [
                opening,
                "give \(alone.certified) certificates instead of \(shared.certified), and a mean radius "
                    + "of \(alone.meanRadius) instead of \(shared.meanRadius).",
            ]
        case .whenDecided(let radius):
            return [
                opening,
                "certify \(alone.certified) inputs at \(radius) instead of \(shared.certified), and fewer "
                    + "samples would have been enough.",
            ]
        case .whenPrecise:
            return [
                opening,
                "give \(alone.certified) certificates instead of \(shared.certified), and a mean radius "
                    + "of \(alone.meanRadius) instead of \(shared.meanRadius), from fewer samples.",
            ]
        case .whenPredicted:
            return [
                opening,
                "predict \(alone.predicted) classes instead of \(shared.predicted), and fewer samples "
                    + "would have been enough.",
            ]
        case .predictedAtTheCap:
            return [
                opening,
                "predict \(alone.predicted) classes instead of \(shared.predicted).",
            ]
        }
    }
}
