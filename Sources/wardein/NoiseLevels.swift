import ArgumentParser
import CampaignScheduling
import CertificateRecords
import CertificationReports
import CoordinatorService
import Foundation
import RandomizedSmoothing
import SmoothingNoise

/// A command that certifies: at one noise level, or at several, one after the other.
protocol CertifyingCommand: ParsableCommand {
    var campaign: CampaignOptions { get }
    var files: OutputOptions { get }
    var lookingOn: LookingOnOptions { get }

    /// Runs one campaign to its end.
    ///
    /// - Parameters:
    ///   - unfinished: what there is of it already; nil: it is begun.
    ///   - level: the one of several noise levels that is meant; nil: there is one only.
    /// - Returns: where workers wait for the next level, if they do.
    @discardableResult
    func run(goingOnWith unfinished: UnfinishedCampaign?, at level: NoiseLevel?) throws -> String?
}

extension CertifyingCommand {
    /// Begins, or goes on as `--resume` says.
    func begin() throws {
        try lookingOn.begin()
        guard campaign.subject.sigma.values.count == 1 else {
            return try NoiseLevels(self, output: files.output).run(resuming: files.resume)
        }
        guard files.resume else {
            try run(goingOnWith: nil, at: nil)
            return
        }
        guard let unfinished = try UnfinishedCampaign.toResume(at: files.output) else { return }
        try run(goingOnWith: unfinished, at: nil)
    }
}

/// The campaign of one of several noise levels.
struct NoiseLevel {
    let campaign: PreparedCampaign
    /// What the ledger says of it.
    let notes: [String]
    /// Its folder, and that of all levels.
    let folder: String
    let whole: String
    /// Its place among so many.
    let place: Int
    let count: Int
    /// Where workers wait that counted for the level before; nil: none do.
    let endpoint: String?

    var isFirst: Bool { place == 0 }
    var isLast: Bool { place == count - 1 }

    /// The beginning of the line that announces it.
    var heading: String { "Noise level \(place + 1) of \(count): " }
}

/// Campaigns at several noise levels that share alpha, and the record of each input that has the largest
/// radius.
struct NoiseLevels<Command: CertifyingCommand> {
    private let command: Command
    private let output: String

    init(_ command: Command, output: String) {
        self.command = command
        self.output = output
    }

    private var sigmas: [Double] { command.campaign.subject.sigma.values }

    /// Runs every level that is not finished, and reports.
    func run(resuming: Bool) throws {
        try command.lookingOn.begin()
        try command.campaign.checkNoiseLevels()
        let begun = resuming ? try unfinished() : nil
        if resuming, begun == nil { return }
        if begun == nil { try NoiseLevelsFolder.check(output, sigmas: sigmas) }
        let prepared = try prepared(goingOnWith: begun)
        let campaigns = prepared.map(\.campaign)
        let folder: NoiseLevelsFolder
        if let begun {
            try begun.check(campaigns)
            folder = begun
        } else {
            folder = try NoiseLevelsFolder.create(
                output, for: campaigns,
                origin: UnfinishedCampaign.Origin(
                    directory: FileManager.default.currentDirectoryPath,
                    arguments: Array(CommandLine.arguments.dropFirst())))
        }
        try count(prepared, in: folder)
        let report = try folder.report(campaigns)
        Console.flush()
        print(try NoiseLevelsText(report, campaigns.map(\.manifest.plan), output: output).page)
    }

    /// The campaigns of all levels, as their manifests name other runs, and what the ledger says of them.
    func prepared(
        goingOnWith begun: NoiseLevelsFolder?
    ) throws -> [(campaign: PreparedCampaign, notes: [String])] {
        guard command.files.extend == nil else {
            throw ValidationError(
                "--extend goes on with a run at one noise level, but --sigma names \(sigmas.count)."
            )
        }
        let campaigns = try command.campaign.prepareAll(key: begun?.noiseKey)
        return try campaigns.enumerated().map { place, campaign in
            if let unfinished = try begun?.campaign(at: place) {
                return (campaign.naming(unfinished.earlier), [])
            }
            let recognised = try command.files.campaignLedger(goingOnWith: nil).recognised(campaign)
            try recognised.campaign.refuseEarlierRuns()
            return recognised
        }
    }

    /// What was begun; nil, and a line says so, when it is finished.
    private func unfinished() throws -> NoiseLevelsFolder? {
        guard let folder = try NoiseLevelsFolder(at: output) else {
            throw ValidationError(
                "\(output) holds no campaigns at several noise levels: leave --resume out, or give "
                    + "the sigma with which the campaign was begun.")
        }
        guard !folder.isFinished else {
            print("The campaigns in \(output) are finished: there is nothing left to do.")
            return nil
        }
        return folder
    }

    private func count(
        _ campaigns: [(campaign: PreparedCampaign, notes: [String])], in folder: NoiseLevelsFolder
    ) throws {
        var endpoint: String?
        for (place, (campaign, notes)) in campaigns.enumerated() {
            let unfinished = try folder.campaign(at: place)
            guard unfinished?.isFinished != true else {
                Console.say("Noise level \(place + 1), sigma \(sigmas[place]), is finished.")
                continue
            }
            endpoint = try command.run(
                goingOnWith: unfinished,
                at: NoiseLevel(
                    campaign: campaign, notes: notes, folder: folder.levels[place].path,
                    whole: output,
                    place: place, count: campaigns.count, endpoint: endpoint))
        }
    }
}

extension PreparedCampaign {
    /// Refuses one of several noise levels some of whose inputs were sampled before.
    func refuseEarlierRuns() throws {
        guard !manifest.earlier.runs.isEmpty else { return }
        throw ValidationError(
            "Some of these inputs were sampled before with sigma \(manifest.plan.sigma), and what is "
                + "published cannot share an alpha that is split now: run each noise level by itself, "
                + "with --sum-alpha.")
    }
}

extension CampaignOptions {
    /// The campaigns of all noise levels; one key draws the noise of all.
    func prepareAll(key: NoiseKey?) throws -> [PreparedCampaign] {
        let sigmas = subject.sigma.values
        return try PreparedCampaign.all(
            sigmas.map { sigma in
                try request(at: sigma, among: sigmas.count > 1 ? sigmas : nil, key: key)
            })
    }

    /// Refuses what several noise levels cannot be.
    func checkNoiseLevels() throws {
        let sigmas = subject.sigma.values
        guard sigmas.count <= AlphaSplit.mostLevels else {
            throw ValidationError(
                "--sigma names \(sigmas.count) noise levels, but alpha is shared among at most "
                    + "\(AlphaSplit.mostLevels).")
        }
        for (place, sigma) in sigmas.enumerated() where sigmas[..<place].contains(sigma) {
            throw ValidationError(
                "--sigma names \(sigma) twice: it would pay twice for the same certificates.")
        }
        guard !FileManager.default.fileExists(atPath: subject.model), subject.model.contains(",")
        else { return }
        throw ValidationError(
            "--model names one classifier for all noise levels, not '\(subject.model)': the best of "
                + "several classifiers for each input is no statement about any of them. Run a "
                + "campaign for each model.")
    }
}

/// What is printed when all noise levels are done.
struct NoiseLevelsText {
    private let report: NoiseLevelsReport
    private let plans: [CertificationPlan]
    private let output: String

    init(_ report: NoiseLevelsReport, _ plans: [CertificationPlan], output: String) {
        self.report = report
        self.plans = plans
        self.output = output
    }

    /// The table of the reported records, what it means, and a line for each level.
    var page: String {
        get throws {
            let lines =
                [try table, ""] + CampaignRun.legend(ofCertificates: report.summary)
                + errorOfTheBatch + ["", levels, "", files]
            return lines.joined(separator: "\n")
        }
    }

    private var table: String {
        get throws {
            if case .whenDecided(let radius) = plans[0].stopping {
                return report.summary.table(at: radius)
            }
            let largest = try plans.compactMap { try $0.largestRadius()?.value }.max()
            return report.summary.table(upTo: largest ?? 0)
        }
    }

    private var errorOfTheBatch: [String] {
        guard let split = plans[0].split else { return [] }
        let shared =
            "Alpha is shared among the \(plans.count) noise levels: choosing costs nothing more."
        guard plans[0].error.family == nil else {
            return Paragraph.lines(
                "Over our sampling, any of the \(report.summary.certified) certificates is false with "
                    + "probability at most \(split.alpha).") + [shared]
                + (FamilyPrice(plans[0], shared: report.summary, alone: report.unsharedSummary)?
                    .lines ?? [])
        }
        return CampaignRun.errorOfTheBatch(inputs: report.summary.inputs, alpha: split.alpha) + [
            shared
        ]
    }

    /// How often each level had the largest radius, and what it would give without the others.
    private var levels: String {
        let rows =
            report.levels.map { row("\($0.sigma)", reported: $0.reported, $0.summary) }
            + [row("the best", reported: report.summary.certified, report.summary)]
        return
            ([["sigma", "reported", "certified", "right", "mean radius"]] + rows).map { cells in
                zip(cells, [10, 11, 12, 8, 14]).map { cell, width in
                    String(repeating: " ", count: max(0, width - cell.count)) + cell
                }.joined()
            }.joined(separator: "\n") + "\n\n"
            + "reported: its radius is the largest. certified: at it alone, with its share of alpha."
    }

    private func row(
        _ name: String, reported: Int, _ summary: CertificationSummary
    ) -> [String] {
        [
            name, "\(reported)", "\(summary.certified)",
            summary.labelled > 0 ? "\(summary.certifiedCorrectly)" : "-", summary.meanRadius,
        ]
    }

    private var files: String {
        """
          \(output)/records.jsonl       for each input the record with the largest radius
          \(output)/certificates.tsv    idx label predict radius correct time
          \(output)/manifest.json       the noise levels and their seals, before the first draw
          \(output)/sigma-…             the whole campaign of each
        """
    }
}
