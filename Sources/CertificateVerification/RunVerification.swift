import CertificateRecords
import ClassifierRuntime
import ConfidenceBounds
import DataSets
import Digests
import Foundation
import RandomizedSmoothing
public import RunFolders
import SampleCounting
import SmoothingNoise
public import Sodium

// What a run proves by itself
// ===========================
//
// The manifest's seal is the SHA-256 of its members, and every record names it: so plan, model, inputs and
// noise key are those of the records. From the plan follow the cost of the noise's distance from the
// ideal, what is left of alpha, its split and the checkpoints; from that and the counts of a record follow
// its bounds, proved by ball arithmetic, its radius, its outcome and its words. All of that is computed
// again here, by the functions that CERTIFY is made of, and compared digit by digit. The seal keeps nobody
// from making a whole new run with other counts: that the counts are those of the classifier takes the
// model, the inputs and the noise key, with which anyone can draw and classify the same samples again
// (``Replay``); and that the files are those which somebody vouched for takes a signature.

/// Checks a run: trusts nothing but its records.
public struct RunVerification {
    /// The run.
    public let folder: RunFolder
    /// The files that it was about, as far as they are at hand.
    public var evidence = Evidence()
    /// How much is counted again; nil: nothing.
    public var replay: ReplayExtent?
    /// What chooses the inputs that are counted again.
    public var seed: UInt64
    /// The key by which the run has to be signed; nil: any, or none.
    public var publicKey: SigningPublicKey?
    /// How many processors are used.
    public var threads = ProcessInfo.processInfo.activeProcessorCount
    /// Where certifiers of runs of the same plan are.
    public var shelf = CertifierShelf()
    /// Told now and then what is being done and how far it is, of how much.
    public var progress: @Sendable (_ what: String, _ done: Int, _ total: Int) -> Void = {
        _, _, _ in
    }

    private let release: String

    /// A verification of the run in a folder.
    ///
    /// - Parameter release: the version of this program: what it wrote itself it knows all of.
    public init(of folder: RunFolder, release: String, seed: UInt64) {
        self.folder = folder
        self.release = release
        self.seed = seed
    }

    /// Checks everything that can be checked.
    ///
    /// - Throws: one sentence, when that cannot even be tried: the manifest is no manifest, a file that was
    ///   given cannot be read, the engine fails.
    public func run() throws -> VerificationReport {
        var report = VerificationReport(run: folder.path)
        let stated = try folder.manifest()
        guard let rebuilt = checkManifest(stated, into: &report) else {
            report.skip("records", "the plan in the manifest cannot be")
            return report
        }
        let provenance = Result { try folder.provenance().map { try ObjectReader($0) } }
        let whole = try checkRecords(
            rebuilt, saysFinished: saysFinished(provenance), into: &report)
        try SignatureCheck(folder: folder, publicKey: publicKey).check(
            seal: rebuilt.seal, into: &report)
        checkProvenance(provenance, whole, seal: rebuilt.seal, into: &report)
        try checkEvidence(rebuilt, whole, into: &report)
        listWhatNobodyCanCheck(rebuilt, into: &report)
        return report
    }

    // Manifest
    // --------

    private func checkManifest(
        _ stated: RecordedManifest, into report: inout VerificationReport
    ) -> RebuiltManifest? {
        let place = RunFolder.File.manifest.rawValue
        let seal = SHA256.digest(of: Array(stated.sealedLine.utf8))
        report.hold(
            "seal", "the manifest's seal is the SHA-256 of its members",
            unless: seal == stated.seal
                ? []
                : [
                    Fault(
                        kind: .seal, place: place,
                        reason:
                            "its members have the SHA-256 \(seal), but the seal is \(stated.seal): "
                            + "it was changed")
                ])
        do {
            let rebuilt = try RebuiltManifest(stated, release: release)
            report.hold(
                "plan", "charge of the noise, net alpha, its split and checkpoints follow",
                unless: rebuilt.faults(of: stated, in: place))
            return rebuilt
        } catch {
            report.hold("plan", "", unless: [Fault(kind: .plan, place: place, reason: "\(error)")])
            return nil
        }
    }

    // Records
    // -------

    private func checkRecords(
        _ rebuilt: RebuiltManifest, saysFinished: Bool, into report: inout VerificationReport
    ) throws -> WholeFileChecks {
        let total = rebuilt.manifest.inputs.indices.count
        let pass = RecordsPass(
            folder: folder, rebuilt: rebuilt,
            survey: try RecordsSurvey(of: folder, rebuilt.manifest),
            threads: threads, shelf: shelf
        ) { progress("records", $0, total) }
        let outcome = try pass.run()
        let whole = WholeFileChecks(
            folder: folder, manifest: rebuilt.manifest, records: outcome.entries,
            isComplete: outcome.isComplete, saysFinished: saysFinished)
        let count = outcome.entries.count
        let order = outcome.recordFaults + whole.orderFaults()
        report.hold(
            "records", "\(count) of \(total) inputs have one each, in the manifest's order",
            unless: order)
        report.hold(
            "bounds and radii",
            "those of all \(count) records follow from their counts, digit by digit",
            unless: outcome.arithmeticFaults)
        if let budget = rebuilt.manifest.plan.budget {
            report.hold(
                "budget", "all records rest on no more than \(budget) samples, and it was spent",
                unless: whole.isUnfinished ? [] : whole.budgetFaults(budget))
        }
        if whole.isUnfinished {
            report.hold(
                "end", "",
                unless: [
                    Fault(
                        kind: .unfinished, place: folder.path,
                        reason:
                            "the campaign is not finished: \(count) of \(total) inputs are decided")
                ])
            report.skip(
                "labels and inputs", "their digests are of all inputs, and some are not decided")
        } else if order.isEmpty {
            checkDigests(whole, into: &report)
        } else {
            report.skip("labels and inputs", "their digests are of all records in order")
        }
        try checkTable(whole, into: &report)
        return whole
    }

    private func checkDigests(_ whole: WholeFileChecks, into report: inout VerificationReport) {
        if whole.manifest.inputs.labels == nil {
            report.skip("labels", "the run has none")
        } else {
            report.hold(
                "labels", "those of the records have the manifest's digest",
                unless: whole.labelFaults())
        }
        if let faults = whole.inputFaults() {
            report.hold(
                "inputs", "their digests in the records make up the manifest's", unless: faults)
        } else {
            report.skip("inputs", "the records of that release do not name their inputs' digests")
        }
    }

    private func checkTable(
        _ whole: WholeFileChecks, into report: inout VerificationReport
    ) throws {
        let name = RunFolder.File.certificates.rawValue
        guard folder.has(.certificates) else {
            return report.skip(name, "the file is not there")
        }
        report.hold(
            name, "it says what the records say; nothing else knows its times",
            unless: try whole.tableFaults())
    }

    // Provenance
    // ----------

    private func saysFinished(_ provenance: Result<ObjectReader?, any Error>) -> Bool {
        guard let provenance = try? provenance.get() else { return false }
        return provenance["ending"] == .string("finished")
    }

    private func checkProvenance(
        _ provenance: Result<ObjectReader?, any Error>, _ whole: WholeFileChecks, seal: Digest,
        into report: inout VerificationReport
    ) {
        let name = RunFolder.File.provenance.rawValue
        do {
            guard let file = try provenance.get() else {
                return report.skip(name, "the file is not there")
            }
            var reasons: [String] = []
            let campaign = try file.digest("campaign")
            if campaign != seal { reasons.append("it is of the campaign \(campaign), not \(seal)") }
            let decided = try file.integer("inputsDecided")
            // Of a run that was interrupted, inputs may be decided that wait for others before them; and
            // one that was killed has the file of the interruption before.
            if !whole.isUnfinished, decided != whole.records.count {
                reasons.append(
                    "it counts \(decided) inputs, and there are \(whole.records.count) records")
            }
            report.hold(
                name, "it is of this campaign; who counted what cannot be checked",
                unless: reasons.map { Fault(kind: .files, place: name, reason: $0) })
        } catch {
            report.hold(name, "", unless: [Fault(kind: .files, place: name, reason: "\(error)")])
        }
    }

    private func listWhatNobodyCanCheck(
        _ rebuilt: RebuiltManifest, into report: inout VerificationReport
    ) {
        if !rebuilt.isOfThisRelease {
            report.skip(
                "words, new keys",
                "the run is by wardein \(rebuilt.manifest.programVersion), and this is \(release)")
        }
        report.skip("noise key", "that it was drawn at random, after model and inputs were fixed")
        report.skip("other runs", "that none was left out for what came of it")
        report.skip("the classes", "that they are right, or that the inputs were not attacked")
    }
}

// Model, inputs and labels
// ------------------------

extension RunVerification {
    private func checkEvidence(
        _ rebuilt: RebuiltManifest, _ whole: WholeFileChecks, into report: inout VerificationReport
    ) throws {
        let check = EvidenceCheck(
            evidence: evidence, manifest: rebuilt.manifest, records: whole.records)
        let model = try use(evidence.model, "model file", "--model", &report) {
            try check.model($0.path)
        }
        let images = try use(evidence.inputs, "input file", "--inputs", &report) {
            let images = try check.images($0)
            return (images, try check.inputFaults(images, path: $0.path))
        }
        try checkLabels(check, images: images, into: &report)
        try checkReplay(rebuilt, whole, model: model, images: images, into: &report)
    }

    /// What a file holds, if it is the campaign's.
    private func use<Contents>(
        _ file: Evidence.DataFile?, _ subject: String, _ option: String,
        _ report: inout VerificationReport,
        open: (Evidence.DataFile) throws -> (Contents, faults: [Fault])
    ) throws -> Contents? {
        guard let file else {
            report.skip(subject, "it is not at hand: give \(option)")
            return nil
        }
        if file.isGuess {
            guard let (contents, faults) = try? open(file), faults.isEmpty else {
                report.skip(subject, "\(file.path) is not the campaign's any more: give \(option)")
                return nil
            }
            report.hold(subject, "\(file.path) is the campaign's")
            return contents
        }
        let (contents, faults) = try open(file)
        report.hold(subject, "\(file.path) is the campaign's", unless: faults)
        return faults.isEmpty ? contents : nil
    }

    private func checkLabels(
        _ check: EvidenceCheck, images: ImageSet?, into report: inout VerificationReport
    ) throws {
        guard check.manifest.inputs.labels != nil else { return }
        let classes = check.manifest.model.classCount
        if let file = evidence.labels, !file.isGuess {
            let list = try LabelSet.load(
                path: file.path, member: file.member, count: images?.count, classes: classes)
            report.hold(
                "label file", "\(file.path) holds those of the records",
                unless: check.labelFaults(list.labels, path: file.path))
        } else if let labels = images?.labels, let path = evidence.inputs?.path {
            report.hold(
                "label file", "\(path) holds those of the records",
                unless: check.labelFaults(labels, path: path))
        } else {
            report.skip("label file", "it is not at hand: give --labels")
        }
    }

    private func checkReplay(
        _ rebuilt: RebuiltManifest, _ whole: WholeFileChecks, model: [UInt8]?, images: ImageSet?,
        into report: inout VerificationReport
    ) throws {
        let subject = "counts"
        guard let replay else {
            report.skip(
                EngineCheck.oneAnswer,
                rebuilt.manifest.counting.selfTests.isEmpty
                    ? "that each sample was answered by itself: that release did not test it; --replay "
                        + "tests the model at hand"
                    : "that each sample was answered by itself: workers tested it, says the manifest; "
                        + "--replay tests the model at hand")
            return report.skip(subject, "that they are the classifier's: --replay counts again")
        }
        guard let model, let images, let key = NoiseKey(hex: rebuilt.manifest.noise.key) else {
            report.skip(subject, "that takes the model and the inputs of the campaign")
            report.unmet =
                model == nil
                ? .needed("the model", option: "--model")
                : .needed("the inputs", option: "--inputs")
            return
        }
        let usable = whole.records.filter { $0.tableFields != nil && $0.index < images.count }
        var choice = ReplayChoice(seed: seed)
        let chosen = usable.shuffled(using: &choice).prefix(try replay.count(of: usable.count))
            .sorted { $0.line < $1.line }
        guard !chosen.isEmpty else {
            return report.skip(subject, "there is no record that could be counted again")
        }
        try count(chosen, of: usable.count, rebuilt, key, model, images, into: &report)
    }

    private func count(
        _ chosen: [RecordEntry], of available: Int, _ rebuilt: RebuiltManifest, _ key: NoiseKey,
        _ model: [UInt8], _ images: ImageSet, into report: inout VerificationReport
    ) throws {
        let machine = try EngineCheck(rebuilt.manifest, model: model, noise: rebuilt.distribution)
        let engine = try machine.engine()
        report.hold("engine", engine.how, unless: engine.faults)
        guard engine.faults.isEmpty else {
            return report.skip(
                "counts", "this machine does not classify like the campaign's workers")
        }
        let ends = try [chosen.first, chosen.last].compactMap { $0 }.map {
            try images.gridImage(
                at: $0.index, on: Grid(stepsPerUnit: rebuilt.manifest.noise.stepsPerUnit)
            ).values
        }
        let flaw = try machine.flaw(onImages: ends)
        report.hold(
            EngineCheck.oneAnswer,
            "the model at hand answers each sample of known blocks by itself, and of these inputs too",
            unless: flaw.map { [$0] } ?? [])
        let replay = Replay(
            rebuilt: rebuilt, key: key, model: model, images: images,
            grid: try Grid(stepsPerUnit: rebuilt.manifest.noise.stepsPerUnit), threads: threads
        ) { [progress] in progress("samples counted again", $0, $1) }
        let samples = chosen.reduce(0) { $0 + $1.samples }
        report.hold(
            "replay",
            "\(chosen.count) of \(available) inputs, \(samples) samples, chosen by the seed \(seed)"
        )
        let recounts = try replay.recount(chosen, exactly: engine.isExact)
        var check = try ReplayCheck(
            rebuilt, isExact: engine.isExact,
            largestGridDistance: RecordsSurvey(of: folder, rebuilt.manifest).largestGridDistance)
        var faults: [Fault] = []
        for recount in recounts { faults += try check.faults(recount) }
        report.hold(
            "counts", howCounted(chosen, of: available, nearTies: check.nearTies), unless: faults)
    }

    private func howCounted(
        _ chosen: [RecordEntry], of available: Int, nearTies: Int
    ) -> String {
        let how =
            "drawn and classified again, they are "
            + (nearTies == 0 ? "the same" : "the same but for near-ties in \(nearTies) records")
        guard chosen.count < available else { return how }
        let fewest = ReplayCheck.fewestFound(replayed: chosen.count, of: available)
        return how + "; had \(fewest) or more records other counts, one would have been found with "
            + "probability 0.99"
    }
}
