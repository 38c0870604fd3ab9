import Digests
import RandomizedSmoothing
import CertificateRecords

extension CampaignReport {
    /// What the report says to its audience.
    func document() throws -> ReportDocument {
        let sections: [ReportDocument.Section?] =
            switch setting.audience {
            case .operator:
                [
                    try scorecardSection(), try curveSection(), classSection, radiusSection,
                    contextSection, gallerySection, sampleSection, workerSection, parameterSection,
                ]
            case .public:
                [
                    try scorecardSection(), try tierSection(), publicContextSection,
                    parameterSection,
                ]
            }
        return ReportDocument(
            title: predicts ? "Prediction report" : "Certification report", subtitle: subtitle,
            seal: manifest.seal.hex, sections: sections.compactMap(\.self),
            closing: predicts
                ? "A prediction is the most probable class under the noise, which may be wrong."
                : "What is certified is that answers are stable, not that they are right.")
    }

    private var subtitle: String {
        let plan = manifest.plan
        let kind =
            predicts
            ? "\(plan.ruleName)" : "rule \(plan.rule.rawValue)"
        let alpha =
            error.expectedShare.map { "false discovery rate \($0)" }
            ?? error.family.map { "alpha \($0) for all" } ?? "alpha \(error.alpha)"
        let most = plan.stopping.isFixed ? "" : "at most "
        return "\(ReportNumber.count(inputs.count)) inputs · sigma \(plan.sigma) · \(most)"
            + "\(ReportNumber.count(plan.estimationSamples)) samples each · \(alpha) · \(kind)"
    }
}

// For the public
// --------------
//
// The radius of a single input tells an attacker which input is the easiest to move, and how far. So
// a public report has coverage and coarse tiers alone, with edges that were fixed without regard to
// the records: no radius of an input, no curve whose steps would be radii, no picture, no noise key.

extension CampaignReport {
    /// How far an input is certified, coarsely.
    enum Tier: String, CaseIterable {
        case covered, smaller, abstained

        /// What a table of tiers says of it.
        func text(radius: String?) -> String {
            switch self {
            case .covered: radius.map { "a certificate of radius \($0) or more" } ?? "a prediction"
            case .smaller: "a certificate of a smaller radius"
            case .abstained: radius == nil ? "no prediction" : "no certificate"
            }
        }
    }

    /// The tier of an input.
    func tier(of input: ReportedInput) -> Tier {
        if input.outcome == .abstained { return .abstained }
        guard !predicts else { return .covered }
        return input.isCertified(at: threatRadius ?? .zero) ? .covered : .smaller
    }

    private func tierSection() throws -> ReportDocument.Section {
        let card = Scorecard(inputs, at: predicts ? nil : threatRadius ?? .zero)
        let radius = threatRadius?.trimmed
        let tiers: [(Tier, Int)] =
            [(.covered, card.covered)] + (predicts ? [] : [(.smaller, card.smaller)])
            + [(.abstained, card.abstained)]
        return .init(
            id: "tiers", title: "Tiers",
            blocks: [
                .table(
                    .init(
                        id: "tier-table", caption: "What inputs have",
                        columns: [
                            .init(name: "Tier", isNumber: false),
                            .init(name: "An input of it has", isNumber: false),
                            .init(name: "Inputs"),
                        ],
                        rows: tiers.map { tier, count in
                            [tier.rawValue, tier.text(radius: radius), ReportNumber.count(count)]
                        })),
                .note(
                    "This is the public version of the report. Radii of single inputs would help "
                        + "whoever wants to change an answer to choose the input and the size of the "
                        + "change. So it has coverage and coarse tiers alone: no radius of an input, "
                        + "no curves, no pictures, no noise key, and nothing about the machines that "
                        + "counted. Whoever runs the classifier has all of that, and can show it to an "
                        + "auditor."),
            ])
    }

    /// The sizes of changes without how many certificates cover them, which would be another curve.
    private var publicContextSection: ReportDocument.Section? {
        guard let section = contextSection else { return nil }
        let blocks = section.blocks.map { block in
            guard case .table(let table) = block else { return block }
            return .table(
                .init(
                    id: table.id, caption: table.caption,
                    columns: Array(table.columns.dropLast()),
                    rows: table.rows.map { Array($0.dropLast()) }))
        }
        return .init(id: section.id, title: section.title, blocks: blocks)
    }
}
