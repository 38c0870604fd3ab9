import CertificationReports
import CoordinatorService
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

    init?(_ plan: CertificationPlan, _ outcome: CoordinatorService.Outcome) {
        guard let family = plan.error.family, let alone = outcome.unsharedSummary else {
            return nil
        }
        alpha = family.alpha
        stopping = plan.stopping
        shared = outcome.summary
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
