import ArgumentParser
import CampaignQueue
import CoordinatorService
import Foundation
import SmoothingNoise
import Sodium

/// The command of a queued campaign, with its paths made absolute.
struct QueuedCommand {
    let name: String
    /// The folder of its records.
    let output: String
    /// How it would be begun by itself: what `wardein resume` goes on with.
    let origin: UnfinishedCampaign.Origin

    private let campaign: any CampaignArguments
    private let others: OtherRunOptions

    /// Reads the options of a submission.
    ///
    /// - Throws: what is wrong with them.
    init(_ queued: QueuedCampaign, output: String) throws {
        let submission = queued.submission
        try QueuedCommand.check(submission)
        let arguments = [submission.command] + submission.arguments + ["--output", output]
        name = queued.name
        self.output = output
        origin = UnfinishedCampaign.Origin(
            directory: submission.directory, arguments: arguments)
        switch try QueuedCommand.parse(arguments) {
        case let certify as Certify:
            (campaign, others) = (certify.campaign, certify.files.others)
        case let predict as Predict:
            (campaign, others) = (predict.campaign, predict.files.others)
        default: throw ValidationError("Only certify and predict can be queued.")
        }
        if let certify = campaign as? CampaignOptions { try certify.checkNoiseLevels() }
        guard sigmas.count == 1 || others.extend == nil else {
            throw ValidationError(
                "--extend goes on with a run at one noise level, but --sigma names \(sigmas.count)."
            )
        }
    }

    /// The noise levels.
    var sigmas: [Double] { campaign.subject.sigma.values }

    /// Options that the queue decides about, or its coordinator.
    private static let notHere = [
        "--output": "the queue has a folder for it", "-o": "the queue has a folder for it",
        "--resume": "the queue goes on with whatever is unfinished",
        "--workers": "the workers are those of the queue",
        "--listen": "it is an option of wardein coordinate --queue",
        "--keys": "it is an option of wardein coordinate --queue",
        "--status-listen": "it is an option of wardein coordinate --queue",
        "--log-format": "it is an option of wardein coordinate --queue",
        "--insecure-plaintext": "it is an option of wardein coordinate --queue",
    ]

    private static func check(_ submission: Submission) throws {
        for argument in submission.arguments {
            let option = String(argument.prefix { $0 != "=" })
            if let reason = notHere[option] {
                throw ValidationError("Leave \(option) out of a queued campaign: \(reason).")
            }
        }
    }

    private static func parse(_ arguments: [String]) throws -> any ParsableCommand {
        do {
            return try Wardein.parseAsRoot(arguments)
        } catch {
            throw ValidationError(Wardein.message(for: error))
        }
    }

    /// What there is of it already.
    func begun() throws -> QueuedWork.Begun {
        if let levels = try NoiseLevelsFolder(at: output) {
            return QueuedWork.Begun(levels: levels, key: levels.noiseKey)
        }
        if let key = UnfinishedCampaign.clearUnbegun(at: output) {
            return QueuedWork.Begun(key: key)
        }
        guard FileManager.default.fileExists(atPath: output + "/manifest.json") else {
            return QueuedWork.Begun()
        }
        let campaign = try UnfinishedCampaign(at: output)
        return QueuedWork.Begun(campaign: campaign, key: campaign.noiseKey)
    }

    /// What it asks for, at each noise level.
    ///
    /// - Parameters:
    ///   - key: the key with which it was begun.
    ///   - extended: the run with whose samples it goes on.
    func requests(
        key: NoiseKey?, extending extended: ExtendedRun?
    ) throws -> [CampaignRequest] {
        var campaign = campaign
        campaign.resolvePaths(from: origin.directory)
        return try sigmas.map { sigma in
            try campaign.request(
                at: sigma, among: sigmas.count > 1 ? sigmas : nil,
                key: key ?? extended?.noiseKey, extending: extended)
        }
    }

    /// The ledger in which it is entered when it begins.
    func campaignLedger(goingOnWith unfinished: UnfinishedCampaign?) throws -> CampaignLedger {
        try resolvedOthers.campaignLedger(beside: output, goingOnWith: unfinished)
    }

    /// The key that signs it; nil: none does.
    func signingKey() throws -> SigningKey? { try resolvedOthers.signingKey() }

    private var resolvedOthers: OtherRunOptions {
        var others = others
        others.resolvePaths(from: origin.directory)
        return others
    }
}

extension CampaignArguments {
    /// Makes relative paths start from the folder.
    fileprivate mutating func resolvePaths(from directory: String) {
        subject.model = resolved(subject.model, from: directory)
        subject.inputs = resolved(subject.inputs, from: directory)
        subject.labels = subject.labels.map { resolved($0, from: directory) }
        details.indices = details.indices.map { resolved($0, from: directory) }
    }
}

extension OtherRunOptions {
    /// Makes relative paths start from the folder.
    fileprivate mutating func resolvePaths(from directory: String) {
        sign = sign.map { resolved($0, from: directory) }
        extend = extend.map { resolved($0, from: directory) }
        ledger = ledger.map { $0 == "none" ? $0 : resolved($0, from: directory) }
    }
}

private func resolved(_ path: String, from directory: String) -> String {
    URL(filePath: path, relativeTo: URL(filePath: directory, directoryHint: .isDirectory))
        .standardizedFileURL.path
}
