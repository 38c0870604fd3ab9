import CertificateRecords
import Digests
import Foundation

/// What is needed of the manifest of a campaign that was begun.
struct StoredManifest: Decodable {
    let noise: Noise
    let plan: Plan
    let seal: String
    /// The other runs that it names.
    let earlier: EarlierRuns

    struct Noise: Decodable { let key: String }

    struct Plan: Decodable {
        let estimationSamples: Int
        let stopping: Stopping?
    }

    struct Stopping: Decodable { let earlierCaps: [Int]? }

    /// nil: it is no manifest.
    init?(_ data: Data) {
        guard let stored = try? JSONDecoder().decode(StoredManifest.self, from: data) else {
            return nil
        }
        self = stored
    }

    private enum Key: String, CodingKey { case noise, plan, seal, earlierRuns }

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Key.self)
        noise = try members.decode(Noise.self, forKey: .noise)
        plan = try members.decode(Plan.self, forKey: .plan)
        seal = try members.decode(String.self, forKey: .seal)
        guard members.contains(.earlierRuns) else {
            earlier = .none
            return
        }
        guard (try? members.decode(String.self, forKey: .earlierRuns)) == nil else {
            earlier = .unknown
            return
        }
        earlier = EarlierRuns(
            try members.decode([StoredRun].self, forKey: .earlierRuns).map(\.run))
    }
}

/// A run in a manifest's `earlierRuns`.
private struct StoredRun: Decodable {
    let run: EarlierRun

    private enum Key: String, CodingKey { case campaign, noise, alpha, indices }
    private struct Steps: Decodable { let first, step, count: Int }

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Key.self)
        guard let campaign = Digest(hex: try members.decode(String.self, forKey: .campaign)),
            let noise = EarlierRun.Noise(
                rawValue: try members.decode(String.self, forKey: .noise))
        else {
            throw DecodingError.dataCorruptedError(
                forKey: .campaign, in: members, debugDescription: "it names no run")
        }
        let indices: [Int]
        if let steps = try? members.decode(Steps.self, forKey: .indices) {
            indices = (0..<steps.count).map { steps.first + $0 * steps.step }
        } else {
            indices = try members.decode([Int].self, forKey: .indices)
        }
        run = EarlierRun(
            campaign: campaign, noise: noise,
            alpha: try members.decode(Double.self, forKey: .alpha), indices: indices)
    }
}
