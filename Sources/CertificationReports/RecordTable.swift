import ConfidenceBounds
import CertificateRecords

extension CampaignReport {
    /// The records as CSV (RFC 4180, but for line feeds alone), one line an input. For the public an
    /// input has its index and its tier, and nothing else.
    public var csv: String {
        switch setting.audience {
        case .operator: table(CampaignReport.columns, row)
        case .public: table(["index", "tier"]) { [String($0.index), tier(of: $0).rawValue] }
        }
    }

    private static let columns = [
        "index", "label", "outcome", "class", "right", "radius_l2", "radius_l1", "radius_linf",
        "reason", "lower", "upper", "selection_samples", "estimation_samples", "count_of_class",
        "largest_other_count",
    ]

    private func row(_ input: ReportedInput) -> [String] {
        let isCertified = input.outcome == .certified
        let inclusion = NormInclusion(radius: input.radius, dimension: dimension)
        return [
            String(input.index), input.label.map(String.init) ?? "", input.outcome.rawValue,
            String(input.selectedClass), input.isRight.map { $0 ? "1" : "0" } ?? "",
            isCertified ? input.radius.description : "",
            isCertified ? inclusion.l1.description : "",
            isCertified ? inclusion.lInfinity.decimal(places: 12) : "", input.reason ?? "",
            input.lower.description, input.upper.description, String(input.selectionSamples),
            String(input.estimationSamples), String(input.count), String(input.runnerUpCount),
        ]
    }

    private func table(_ header: [String], _ row: (ReportedInput) -> [String]) -> String {
        var text = ""
        for fields in [header] + inputs.map(row) {
            text += fields.map(CampaignReport.quoted).joined(separator: ",") + "\n"
        }
        return text
    }

    private static func quoted(_ field: String) -> String {
        guard field.contains(where: { ",\"\r\n".contains($0) }) else { return field }
        return "\"" + field.replacing("\"", with: "\"\"") + "\""
    }
}
