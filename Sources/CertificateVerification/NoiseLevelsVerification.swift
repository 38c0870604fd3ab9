public import CertificateRecords
import Digests
import Foundation
import RandomizedSmoothing
public import RunFolders
import Sodium

// What several noise levels prove together
// ========================================
//
// Each level is a whole campaign, with its share of alpha, and is checked as one. That the best record of
// each input may be reported rests on the union bound (``AlphaSplit``), which needs that all levels, and no
// others, were declared before the first draw: their manifests name all sigmas and the alpha that is
// shared, and the manifest of the whole names their seals. And the claim is of the rule that chooses: so it
// is applied again to the levels' records, and every line that is reported is made again.

/// Checks campaigns at several noise levels: each by itself, and what binds them.
public struct NoiseLevelsVerification {
    /// The folder of the whole.
    public let folder: RunFolder

    private let stated: RecordedNoiseLevels
    private let release: String
    private let each: (RunFolder) -> RunVerification

    /// A verification of the whole in a folder.
    ///
    /// - Parameters:
    ///   - stated: its manifest.
    ///   - release: the version of this program.
    ///   - each: how the campaign of a level is verified.
    public init(
        of folder: RunFolder, _ stated: RecordedNoiseLevels, release: String,
        each: @escaping (RunFolder) -> RunVerification
    ) {
        self.folder = folder
        self.stated = stated
        self.release = release
        self.each = each
    }

    /// Checks everything that can be checked.
    ///
    /// - Throws: one sentence, when that cannot even be tried; see ``RunVerification/run()``.
    public func run() throws -> VerificationReport {
        var report = VerificationReport(run: folder.path)
        var levels: [VerifiedLevel] = []
        for level in stated.levels {
            guard let campaign = begun(level, into: &report) else { continue }
            report.add(try each(campaign).run(), of: level.folder)
            let manifest = try campaign.manifest()
            guard let rebuilt = try? RebuiltManifest(manifest, release: release) else { continue }
            levels.append(
                VerifiedLevel(level, folder: campaign, manifest: manifest, rebuilt: rebuilt))
        }
        checkSeal(into: &report)
        guard levels.count == stated.levels.count else {
            report.skip("levels", "not all of them are there, with plans that can be")
            return report
        }
        let plan = NoiseLevelsPlan(stated: stated, levels: levels)
        report.hold(
            "levels", "alpha, its shares, key, model, inputs and seals are those of all levels",
            unless: plan.faults())
        try checkRecords(levels, into: &report)
        return report
    }

    /// Whether the whole has records: all levels were finished.
    private var isFinished: Bool { folder.has(.records) }

    /// The folder of a level; nil: there is no campaign in it.
    private func begun(
        _ level: RecordedNoiseLevels.Level, into report: inout VerificationReport
    ) -> RunFolder? {
        do {
            return try RunFolder(at: "\(folder.path)/\(level.folder)")
        } catch {
            let fault = Fault(
                kind: isFinished ? .records : .unfinished, place: level.folder,
                reason: isFinished
                    ? "the campaign of this level is missing" : "this level is not begun")
            var missing = VerificationReport(run: folder.path)
            missing.hold("campaign", "", unless: [fault])
            report.add(missing, of: level.folder)
            return nil
        }
    }

    private var seal: Digest { SHA256.digest(of: Array(stated.sealedLine.utf8)) }

    private func checkSeal(into report: inout VerificationReport) {
        let reason =
            "its members have the SHA-256 \(seal), but the seal is \(stated.seal): it was changed"
        report.hold(
            "seal", "the manifest's seal is the SHA-256 of its members",
            unless: seal == stated.seal
                ? []
                : [
                    Fault(kind: .seal, place: RunFolder.File.manifest.rawValue, reason: reason)
                ])
    }

    private func checkRecords(
        _ levels: [VerifiedLevel], into report: inout VerificationReport
    ) throws {
        guard isFinished else {
            report.hold(
                "end", "",
                unless: [
                    Fault(
                        kind: .unfinished, place: folder.path,
                        reason: "the records to be reported are not chosen yet: wardein resume "
                            + "\(folder.path) does what is left")
                ])
            return
        }
        let outcome = try BestRecordsPass(folder: folder, seal: seal, levels: levels).run()
        let manifest = levels[0].rebuilt.manifest
        let whole = WholeFileChecks(
            folder: folder, manifest: manifest, records: outcome.entries,
            isComplete: outcome.isComplete, saysFinished: true)
        let count = outcome.entries.count
        report.hold(
            "records",
            "\(count) of \(manifest.inputs.indices.count) inputs have one each, in the manifests' order",
            unless: outcome.recordFaults + whole.orderFaults())
        if outcome.compared < count, outcome.choiceFaults.isEmpty {
            report.skip(
                "best of the levels",
                "of \(count - outcome.compared) records a level has none in its place that could be"
            )
        } else {
            report.hold(
                "best of the levels",
                "all \(count) are those of the level with the largest radius, word by word",
                unless: outcome.choiceFaults)
        }
        try checkTable(whole, into: &report)
    }

    private func checkTable(
        _ whole: WholeFileChecks, into report: inout VerificationReport
    ) throws {
        let name = RunFolder.File.certificates.rawValue
        guard folder.has(.certificates) else {
            return report.skip(name, "the file is not there")
        }
        report.hold(
            name, "it says what the reported records say; nothing else knows its times",
            unless: try whole.tableFaults())
    }
}

/// A noise level whose campaign was looked at by itself.
struct VerifiedLevel {
    /// The name of its folder.
    let name: String
    let sigma: Double
    let folder: RunFolder
    /// What stands in its manifest, and what follows.
    let manifest: RecordedManifest
    let rebuilt: RebuiltManifest

    init(
        _ level: RecordedNoiseLevels.Level, folder: RunFolder, manifest: RecordedManifest,
        rebuilt: RebuiltManifest
    ) {
        name = level.folder
        sigma = level.sigma
        self.folder = folder
        self.manifest = manifest
        self.rebuilt = rebuilt
    }
}
