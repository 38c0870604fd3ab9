import CampaignScheduling
import CertificateRecords
import CoordinatorService
import Foundation
import RunFolders
import SmoothingNoise
import Synchronization

/// A queued campaign that was read and checked: one campaign, or one for each of several noise levels,
/// which run one after another.
struct QueuedWork {
    let command: QueuedCommand
    /// What the ledger says of it.
    private(set) var notes: [String] = []

    private var campaigns: [PreparedCampaign] = []
    private let ledger: CampaignLedger
    private let begun: Begun
    private var levels: NoiseLevelsFolder?
    private var next = 0

    /// What there is of a campaign already.
    struct Begun {
        /// Of one noise level.
        var campaign: UnfinishedCampaign?
        /// Of several.
        var levels: NoiseLevelsFolder?
        /// The key with which it was begun, or about to begin.
        var key: NoiseKey?

        /// Whether there is nothing left to do.
        var isFinished: Bool { campaign?.isFinished ?? levels?.isFinished ?? false }
    }

    /// A campaign that is to run now.
    struct Stage {
        let campaign: PreparedCampaign
        let unfinished: UnfinishedCampaign?
        let output: String
    }

    /// Looks what the ledger knows, and makes the folder of several noise levels.
    init(_ preparation: QueuedPreparation, _ prepared: [PreparedCampaign]) throws {
        command = preparation.command
        ledger = preparation.ledger
        begun = preparation.begun
        for (place, campaign) in prepared.enumerated() {
            let earlier =
                try begun.campaign?.earlier ?? begun.levels?.campaign(at: place)?.earlier
            if let earlier {
                campaigns.append(campaign.naming(earlier))
                continue
            }
            let recognised = try ledger.recognised(campaign)
            if prepared.count > 1 { try recognised.campaign.refuseEarlierRuns() }
            campaigns.append(recognised.campaign)
            notes += recognised.notes
        }
        guard campaigns.count > 1 else { return }
        try begun.levels?.check(campaigns)
        levels =
            try begun.levels
            ?? NoiseLevelsFolder.create(
                command.output, for: campaigns, origin: command.origin)
    }

    /// The ledger in which each is entered when it begins.
    var entering: CampaignLedger { ledger }

    /// The next campaign that is not finished; nil: all are.
    mutating func takeNext() throws -> Stage? {
        guard let levels else {
            defer { next = 1 }
            return next > 0
                ? nil
                : Stage(
                    campaign: campaigns[0], unfinished: begun.campaign, output: command.output)
        }
        while next < campaigns.count {
            let place = next
            next += 1
            let unfinished = try levels.campaign(at: place)
            guard unfinished?.isFinished != true else { continue }
            return Stage(
                campaign: campaigns[place], unfinished: unfinished,
                output: levels.levels[place].path)
        }
        return nil
    }

    /// Reports on several noise levels, when all are finished.
    func report() throws { _ = try levels?.report(campaigns) }

    /// Signs what has just been finished.
    func sign(_ stage: Stage) throws {
        guard let key = try command.signingKey() else { return }
        try RunFolder(at: stage.output).sign(with: key)
    }
}

/// Reads and checks a queued campaign on a thread of its own, so that workers do not wait meanwhile.
final class QueuedPreparation {
    let command: QueuedCommand
    let begun: QueuedWork.Begun
    let ledger: CampaignLedger
    private let result = Result()

    private final class Result: Sendable {
        let value = Mutex<Swift.Result<[PreparedCampaign], any Error>?>(nil)
    }

    /// Begins to.
    init(_ command: QueuedCommand, goingOnWith begun: QueuedWork.Begun) throws {
        self.command = command
        self.begun = begun
        ledger = try command.campaignLedger(goingOnWith: begun.campaign)
        let requests = try command.requests(key: begun.key, extending: ledger.extended)
        let result = result
        Thread.detachNewThread {
            let prepared = Swift.Result { try PreparedCampaign.all(requests) }
            result.value.withLock { $0 = prepared }
        }
    }

    /// Whether it has come to an end.
    var isReady: Bool { result.value.withLock { $0 != nil } }

    /// The campaigns, once they are prepared.
    var prepared: [PreparedCampaign]? {
        get throws { try result.value.withLock(\.self)?.get() }
    }
}

extension PreparedCampaign {
    /// Prepares campaigns at several noise levels; one key draws the noise of all.
    static func all(_ requests: [CampaignRequest]) throws -> [PreparedCampaign] {
        var campaigns: [PreparedCampaign] = []
        for var request in requests {
            request.noiseKey = request.noiseKey ?? campaigns.first?.countingPlan.noiseKey
            campaigns.append(try PreparedCampaign(wanted: request))
        }
        return campaigns
    }
}
