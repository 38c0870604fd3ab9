import Digests
import RandomizedSmoothing

// By what a run is known again
// ============================
//
// A claim is about a classifier, a mechanism and an input. Which noise it rests on, its key says; and
// two runs with one key make *one* claim, to be charged once, when a single event of probability alpha
// covers whatever either of them gets wrong:
//
// - fixed n: both bound the same counts of the same n samples at the same alpha;
// - bounds that hold at all times: both use the same time-uniform bounds, and the same test at one
//   sample count that was fixed beforehand, whatever radius they ask for and wherever they stop.

extension Manifest {
    /// What is classified with: the model and how it is used, whatever the file is called.
    public var classifierLine: String {
        let members: JSON = [
            "model": .string(model.digest.hex),
            "output": model.outputName.map { .string($0) } ?? .null,
            "threshold": model.decisionThreshold.map { .decimal($0.description) } ?? .null,
            "mean": JSON.floats(model.mean),
            "std": JSON.floats(model.standardDeviation),
        ]
        return members.line
    }

    /// The noise, apart from its key.
    public var mechanismLine: String {
        let members: JSON = [
            "distribution": "rounded Gaussian, exact",
            "sigma": .number(plan.sigma),
            "stepsPerUnit": .integer(noise.stepsPerUnit),
        ]
        return members.line
    }

    /// What is claimed on the strength of which samples of a key: equal lines are covered by one alpha.
    public var claimLine: String {
        let members: JSON = [
            "claims": .string(plan.stopping.predicts ? "predictions" : "certificates"),
            "holds": .string(plan.stopping.certifiesEarly ? "at all times" : "at the cap"),
            "rule": .string(plan.rule.rawValue),
            "selectionSamples": .integer(plan.selectionSamples),
            "samplesAtCap": .integer(plan.firstCap),
            "alpha": .number(plan.error.alpha),
            "alphaOf": .string(plan.error.meaning),
            "together": plan.error.batch.map { .integer($0.inputs) } ?? .null,
            "netAlpha": .number(plan.error.netAlpha),
            "blockSize": .integer(counting.blockSize),
            "generator": .string(Manifest.generator),
        ]
        return members.line
    }

    /// ``stoppingWords`` of a plan that gives up early, and so cannot be extended.
    public static let earlyAbstention = "early abstention"

    /// When the plan stops, in a few words: of two runs with the same words one may go on where the
    /// other ended.
    public var stoppingWords: String {
        switch plan.stopping {
        case .atTheCap: "fixed"
        case .whenHopeless: Manifest.earlyAbstention
        case .whenDecided(let radius): "decided at \(radius)"
        case .whenPrecise(let width): "within \(width)"
        case .whenPredicted: "predicted"
        case .predictedAtTheCap: "fixed prediction"
        }
    }
}
