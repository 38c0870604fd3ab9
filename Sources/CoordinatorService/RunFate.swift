public import AlphaAccounting
import Digests
import Foundation

/// What has become of a run that a ledger knows, as far as its folder tells.
public enum RunFate: String, Sendable {
    /// Every input was decided.
    case finished
    /// It was ended by a person or by trouble, and may be gone on with.
    case unfinished
    /// It has not ended, or was killed.
    case begun
    /// Its folder is not there any more, or holds another campaign.
    case gone

    /// Looks into the folder of a run.
    public init(of entry: LedgerEntry) {
        let contents = FileManager.default.contents(atPath:)
        guard let page = contents("\(entry.folder)/\(CampaignFolder.Name.manifest.rawValue)"),
            StoredManifest(page)?.seal == entry.campaign.hex
        else {
            self = .gone
            return
        }
        guard let page = contents("\(entry.folder)/\(CampaignFolder.Name.provenance.rawValue)"),
            let stored = try? JSONDecoder().decode(Ending.self, from: page)
        else {
            self = .begun
            return
        }
        self = stored.ending == "finished" ? .finished : .unfinished
    }

    private struct Ending: Decodable { let ending: String }
}
