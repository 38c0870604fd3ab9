import CertificateRecords
import CertificationReports
import ConfidenceBounds
import Digests
import RandomizedSmoothing
import RunFolders

/// A campaign's folder as a report needs it.
struct CampaignReader {
    let manifest: RecordedManifest
    private(set) var inputs: [ReportedInput] = []
    /// Words of the first record that claims something, or else of the first one; of a merged run those of
    /// each part, since what was looked into may differ.
    private(set) var doesNotClaim: [String] = []
    private(set) var assumes: [String] = []
    private(set) var effort: CampaignEffort?

    /// Reads manifest, records and provenance.
    ///
    /// - Throws: ``RunFolderError`` or ``ReportError``.
    init(_ path: String) throws {
        let folder = try RunFolder(at: path)
        manifest = try folder.manifest()
        guard manifest.dimension != nil else {
            throw ReportError.shape(path, manifest.model.inputShape)
        }
        inputs.reserveCapacity(manifest.inputs.indices.count)
        let file = folder.path(of: .records)
        var words: [(campaign: Digest, hasClaim: Bool, json: JSON)] = []
        try folder.forEachRecord { record in
            guard record.campaign == manifest.campaign(of: record.index) else {
                throw ReportError.foreignRecord(file, index: record.index)
            }
            guard inputs.count < manifest.inputs.indices.count,
                manifest.inputs.indices[inputs.count] == record.index
            else { throw ReportError.misplacedRecord(file, index: record.index) }
            let place = words.firstIndex { $0.campaign == record.campaign }
            if let place, !words[place].hasClaim, record.answer != nil {
                words[place] = (record.campaign, true, record.json)
            } else if place == nil {
                words.append((record.campaign, record.answer != nil, record.json))
            }
            inputs.append(ReportedInput(record))
        }
        guard !inputs.isEmpty else { throw ReportError.noRecords(file) }
        for json in words.map(\.json) {
            CampaignReader.add("doesNotClaim", of: json, to: &doesNotClaim)
            CampaignReader.add("assumptions", of: json, to: &assumes)
            // The first release wrote `assumes`.
            CampaignReader.add("assumes", of: json, to: &assumes)
        }
        // It determines no record, so a report does without what of it cannot be read.
        effort = try folder.provenance().flatMap { try? CampaignEffort($0) }
    }

    /// Adds the texts of a list that are not there yet.
    private static func add(_ key: String, of json: JSON, to texts: inout [String]) {
        texts += sentences(key, of: json).filter { !texts.contains($0) }
    }

    /// The texts of a list; of objects in it their texts: an assumption, and how it was checked.
    private static func sentences(_ key: String, of json: JSON) -> [String] {
        guard case .object(let members) = json,
            case .array(let values)? = members.first(where: { $0.key == key })?.value
        else { return [] }
        return values.compactMap { value in
            switch value {
            case .string(let text): text
            case .object(let members):
                CampaignReader.sentence(of: members.compactMap { $0.value.text })
            default: nil
            }
        }
    }

    /// The first text, and in brackets the others.
    private static func sentence(of texts: [String]) -> String? {
        guard let first = texts.first else { return nil }
        let rest = texts.dropFirst().joined(separator: ", ")
        return rest.isEmpty ? first : "\(first) (\(rest))"
    }

    /// The radius of unanimous counts; nil of a campaign that predicts, and of a plan that this release
    /// cannot make.
    var ceiling: DecimalNumber? {
        let plan = try? manifest.madePlan(
            dimension: manifest.model.inputShape.reduce(1, *),
            noiseDistance: manifest.noise.distanceFromIdeal)
        return (try? plan?.largestRadius())?.flatMap { DecimalNumber($0.description) }
    }
}

extension JSON {
    fileprivate var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }
}
