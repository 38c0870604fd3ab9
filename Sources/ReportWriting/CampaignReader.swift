import CertificateRecords
import CertificationReports
import ConfidenceBounds
import RandomizedSmoothing
import RunFolders

/// A campaign's folder as a report needs it.
struct CampaignReader {
    let manifest: RecordedManifest
    private(set) var inputs: [ReportedInput] = []
    /// Words of the first record that claims something, or else of the first one.
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
        var hasClaim = false
        try folder.forEachRecord { record in
            guard record.campaign == manifest.campaign(of: record.index) else {
                throw ReportError.foreignRecord(file, index: record.index)
            }
            guard inputs.count < manifest.inputs.indices.count,
                manifest.inputs.indices[inputs.count] == record.index
            else { throw ReportError.misplacedRecord(file, index: record.index) }
            if inputs.isEmpty || !hasClaim && record.answer != nil {
                hasClaim = record.answer != nil
                doesNotClaim = CampaignReader.sentences("doesNotClaim", of: record.json)
                // The first release wrote `assumes`.
                assumes =
                    CampaignReader.sentences("assumptions", of: record.json)
                    + CampaignReader.sentences("assumes", of: record.json)
            }
            inputs.append(ReportedInput(record))
        }
        guard !inputs.isEmpty else { throw ReportError.noRecords(file) }
        // It determines no record, so a report does without what of it cannot be read.
        effort = try folder.provenance().flatMap { try? CampaignEffort($0) }
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
