import CertificateRecords
import ClassifierRuntime
import Digests
import RandomizedSmoothing
import RunFolders
import SampleCounting
import SmoothingNoise

/// Whether this machine, with the model at hand, classifies like the campaign's workers, and whether the
/// answers are of one sample each.
struct EngineCheck {
    /// What is checked by ``flaw(onImages:)``.
    static let oneAnswer = "one answer"

    private let manifest: Manifest
    private let model: [UInt8]
    private let classifier: OnnxClassifier
    private let noise: RoundedGaussian
    private let place = RunFolder.File.manifest.rawValue

    /// Loads the model.
    init(_ manifest: Manifest, model: [UInt8], noise: RoundedGaussian) throws {
        self.manifest = manifest
        self.noise = noise
        self.model = model
        classifier = try manifest.classifier(of: model)
    }

    /// Compares shapes, noise, fingerprint and known answer with the manifest's.
    ///
    /// - Returns: whether all counts have to be the same here, how that was seen, and what is against it.
    func engine() throws -> (isExact: Bool, how: String, faults: [Fault]) {
        let counting = manifest.counting
        guard classifier.sampleShape == manifest.model.inputShape,
            classifier.decision.classCount == manifest.model.classCount
        else {
            let reason =
                "the model has inputs of the shape \(classifier.sampleShape) and "
                + "\(classifier.decision.classCount) classes, unlike what stands there"
            return (true, "", [Fault(kind: .evidence, place: place, reason: reason)])
        }
        let known = try counter().knownAnswer()
        let fingerprint = classifier.fingerprint.description
        if known.noise != counting.knownAnswer.noise {
            let reason = "counting.knownNoise is not the noise that this release draws"
            return (true, "", [Fault(kind: .replay, place: place, reason: reason)])
        }
        guard fingerprint == counting.fingerprint else {
            let how =
                "this is \(fingerprint), the campaign's was \(counting.fingerprint): samples near a tie "
                + "may fall to another class"
            return (false, how, [])
        }
        if known.scores != counting.knownAnswer.scores {
            let reason = "counting.knownAnswer is not what this engine, of the same name, computes"
            return (true, "", [Fault(kind: .replay, place: place, reason: reason)])
        }
        return (true, "it is the campaign's, \(fingerprint), and computes its known answer", [])
    }

    /// Law 9, of the model at hand on this machine: on known blocks, and on noisy samples of the first and
    /// the last of these images; nil: nothing is against it.
    func flaw(onImages images: [[Int32]]) throws -> Fault? {
        do {
            let counter = try counter()
            try counter.testOneAnswer(width: manifest.inputs.coordinateWidth, images: images)
            return nil
        } catch let flaw as OneAnswerFlaw {
            return Fault(
                kind: .replay, place: "the model at hand",
                reason: String(
                    flaw.sentence(about: model, output: manifest.model.outputName).dropLast()))
        }
    }

    private func counter() throws -> BlockCounter {
        BlockCounter(
            classifier: classifier, sampler: NoiseSampler(distribution: noise, key: .zero),
            normalization: try manifest.normalization())
    }
}
