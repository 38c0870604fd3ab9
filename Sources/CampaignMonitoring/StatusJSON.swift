public import CertificateRecords
import CertificationReports
import ConfidenceBounds

/// What stands on the board, as JSON: `status.json` of a coordinator that can be looked on at.
public enum StatusJSON {
    /// The media type of the page.
    public static let mediaType = "application/json"

    /// The page.
    ///
    /// - Parameters:
    ///   - board: what the coordinator knows.
    ///   - program: the name and version of the program.
    ///   - time: when it last said so, as RFC 3339.
    ///   - health: whether it is well.
    public static func value(
        of board: StatusBoard.Contents, program: String, time: String, health: Health
    ) throws -> JSON {
        [
            "format": "wardein live status 1",
            "program": .string(program),
            "time": .string(time),
            "state": .string(board.stateName),
            "healthy": .bool(health.isGood),
            "health": .string(health.sentence),
            "campaigns": .array(try board.campaigns.map(campaign)),
            "page": try StatusPage(of: board, time: time, health: health).value,
        ]
    }

    private static func campaign(_ posted: StatusBoard.Posted) throws -> JSON {
        let campaign = posted.snapshot
        return [
            "folder": .string(campaign.folder),
            "seal": .string(campaign.seal),
            "claim": .string(campaign.claim),
            "endpoint": .string(campaign.endpoint),
            "state": .string(campaign.state.rawValue),
            "reason": campaign.reason.map { .string($0) } ?? .null,
            "seconds": rounded(campaign.seconds),
            "samplesSettled": .integer(campaign.samplesSettled),
            "samples": .integer(campaign.samplesExpected),
            "inputsDecided": .integer(campaign.inputsDecided),
            "inputs": .integer(campaign.inputs),
            "samplesPerSecond": posted.pace.samplesPerSecond.map(rounded) ?? .null,
            "secondsLeft": posted.secondsLeft.map(rounded) ?? .null,
            "workersReady": .integer(campaign.workersReady),
            "leasesOut": .integer(campaign.leasesOut),
            "outcomes": try outcomes(campaign.outcomes),
            "workers": .array(campaign.workers.map(worker)),
            "workersNotListed": .integer(campaign.otherWorkers?.count ?? 0),
            "incidents": .object(
                campaign.incidents.map {
                    JSON.Member(key: $0.kind.rawValue, value: .integer($0.count))
                }),
            "recent": .array(campaign.recent.map { .string($0) }),
            "journalBytes": .integer(campaign.storage.journalBytes),
            "bytesFree": campaign.storage.bytesFree.map { .integer($0) } ?? .null,
        ]
    }

    /// Bands are for a look at a moment that was fixed beforehand, each by itself, if the inputs were drawn
    /// independently.
    private static func outcomes(_ outcomes: OutcomeCounts) throws -> JSON {
        [
            "records": .integer(outcomes.records),
            "certified": .integer(outcomes.certified),
            "predicted": .integer(outcomes.predicted),
            "abstained": .integer(outcomes.abstained),
            "labelled": .integer(outcomes.labelled),
            "predictedCorrectly": .integer(outcomes.predictedCorrectly),
            "radii": .array(
                try outcomes.radii.map { line in
                    [
                        // As the table at the end says it: a question, not a claim.
                        "radius": .number((line.radius * 10_000).rounded() / 10_000),
                        "certified": .integer(line.certified),
                        "certifiedBand": try band(line.certified, of: outcomes.records),
                        "correct": .integer(line.correct),
                        "correctBand": try band(line.correct, of: outcomes.labelled),
                    ]
                }),
        ]
    }

    /// Lower and upper end, rounded outwards.
    private static func band(_ part: Int, of whole: Int) throws -> JSON {
        guard let interval = try Share(min(part, whole), of: whole).interval else { return .null }
        return .array([
            .decimal(interval.lower.decimal(places: 6)),
            .decimal(interval.upper.decimal(places: 6)),
        ])
    }

    private static func worker(_ worker: WorkerSnapshot) -> JSON {
        [
            "name": .string(worker.name),
            "sessions": .integer(worker.sessions),
            "departure": worker.departure.map { .string($0) } ?? .null,
            "leases": .integer(worker.leases),
            "samples": .integer(worker.samples),
            "sessionSeconds": rounded(worker.sessionSeconds),
            "samplesPerSecond": worker.samplesPerSecond.map(rounded) ?? .null,
            "lateTallies": .integer(worker.faults.late),
            "repeatedTallies": .integer(worker.faults.repeated),
            "refusedTallies": .integer(worker.faults.refused),
        ]
    }

    /// A measurement, with three places.
    private static func rounded(_ value: Double) -> JSON {
        .number(((min(value, 1e15)) * 1000).rounded() / 1000)
    }
}

extension StatusBoard.Contents {
    /// What happens here, in a word.
    var stateName: String {
        if isListening { return CampaignSnapshot.State.running.rawValue }
        return campaigns.last?.snapshot.state.rawValue ?? "preparing"
    }
}

extension StatusBoard.Posted {
    /// How long what is left takes at this pace, in seconds; nil when there is none, or nothing runs.
    var secondsLeft: Double? {
        guard snapshot.state == .running, let pace = pace.samplesPerSecond, pace > 0 else {
            return nil
        }
        return Double(max(0, snapshot.samplesExpected - snapshot.samplesSettled)) / pace
    }
}

extension WorkerSnapshot {
    /// How fast all its sessions are while they count; nil when it has settled nothing.
    var samplesPerSecond: Double? {
        sessionSeconds > 0 ? Double(samples) / sessionSeconds * Double(sessions) : nil
    }
}
