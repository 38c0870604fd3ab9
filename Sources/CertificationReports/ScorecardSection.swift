import RandomizedSmoothing
import ConfidenceBounds
import CertificateRecords

// The scorecard: what a reader is to judge by
// -------------------------------------------

extension CampaignReport {
    /// The first section: the numbers at the reader's own radius, what they may be wrong by, what they
    /// cost and what they do not say.
    func scorecardSection() throws -> ReportDocument.Section {
        var blocks: [ReportDocument.Block] = warnings.map { .warning($0) }
        let point = try curves.point(at: predicts ? nil : threatRadius)
        if predicts || threatRadius != nil {
            blocks += [
                .paragraph(question), .tiles(try tiles(point)), .parts(parts(point.card)),
                .note(
                    "In the population: the inputs are taken to be drawn from it independently and at "
                        + "random. Each interval holds by itself with confidence "
                        + "\(CurvePoint.confidence) (Clopper and Pearson, pointwise)."),
            ]
        } else {
            blocks += [
                .warning(
                    "No threat radius was given. What a certificate is worth depends on how far "
                        + "inputs may be changed where the classifier is used: say so with "
                        + "--threat-radius, and this scorecard is made for it. Until then, here are "
                        + "a few radii; none of them is recommended."),
                .table(try radiusTable(at: fewRadii, id: "scorecard-radii")),
            ]
        }
        blocks.append(.columns([[.table(errorTable(point))], [.table(costTable)]]))
        blocks.append(.columns(claimLists))
        return .init(id: "scorecard", title: scorecardTitle, blocks: blocks)
    }

    private var scorecardTitle: String {
        guard !predicts else { return "Scorecard" }
        return threatRadius.map { "Scorecard at radius \($0.trimmed)" } ?? "Scorecard"
    }

    private var question: String {
        guard let radius = threatRadius else {
            return "Which share of the inputs has a prediction that is known to be the most "
                + "probable class under the noise, and how many of those are wrong? A prediction "
                + "says nothing of inputs near it: there is no radius."
        }
        let origin =
            setting.threatRadius == nil
            ? " It is the radius at which the campaign decided; no other was given." : ""
        return "Suppose that an input may be changed by anything shorter than \(radius.trimmed) in "
            + "L2. For which share of the inputs can that not change the smoothed classifier's "
            + "answer, and how many of these answers are wrong?" + origin
    }

    private var warnings: [String] {
        var warnings: [String] = []
        if isUnfinished {
            warnings.append(
                "The campaign is unfinished: this is a report on "
                    + "\(ReportNumber.count(inputs.count)) of its "
                    + "\(ReportNumber.count(manifest.inputs.indices.count)) inputs, those that come "
                    + "first in its order.")
        }
        if let ceiling, let threatRadius, ceiling < threatRadius {
            warnings.append(
                "No counts of this plan certify a radius of \(threatRadius.trimmed): unanimous "
                    + "counts reach \(ReportNumber.radius(ceiling)). More samples or a larger sigma "
                    + "reach farther.")
        }
        if let decidedRadius, let threatRadius, decidedRadius != threatRadius {
            warnings.append(
                "The campaign decided at radius \(decidedRadius.trimmed), and not at "
                    + "\(threatRadius.trimmed): it stopped as soon as the former was known, so at any "
                    + "other radius it says less than its samples could.")
        }
        if let noisyAccuracyWarning { warnings.append(noisyAccuracyWarning) }
        return warnings
    }

    /// Near chance is nearer than 15 % of the way from 1 / classes to 1.
    private var noisyAccuracyWarning: String? {
        guard knowsLabels else { return nil }
        let samples = inputs.reduce(0) { $0 + $1.estimationSamples }
        let right = inputs.reduce(0) { $0 + ($1.labelCount ?? 0) }
        let chance = 1 / Double(manifest.model.classCount)
        guard Double(right) < (chance + 0.15 * (1 - chance)) * Double(samples) else { return nil }
        return "Only \(Share(right, of: samples).percentDown) of the noisy samples got the true "
            + "label: most often the model was not trained with noise of this level, or it expects "
            + "the inputs in another scale."
    }

    private func tiles(_ point: CurvePoint) throws -> [ReportDocument.Tile] {
        let card = point.card
        let noun = predicts ? "predictions" : "certificates"
        let above = threatRadius.map { " of radius \($0.trimmed) or more" } ?? ""
        var tiles = [
            ReportDocument.Tile(
                id: "covered", name: predicts ? "Predicted" : "Covered",
                value: card.coverage.percentDown,
                detail: predicts
                    ? "\(ratio(card.coverage)) inputs have a prediction"
                    : "\(ratio(card.coverage)) inputs have a certificate\(above)",
                interval: point.pointwise.coverage.percent, tone: .plain)
        ]
        if card.knowsLabels {
            tiles += [
                ReportDocument.Tile(
                    id: "precision",
                    name: predicts ? "Accuracy of predictions" : "Certificate precision",
                    value: card.precision.percentDown,
                    detail: "\(ratio(card.precision)) \(noun) name the right class",
                    interval: point.pointwise.precision?.percent, tone: .right),
                ReportDocument.Tile(
                    id: "wrong", name: predicts ? "Wrong, but predicted" : "Wrong, but certified",
                    value: card.wrongShare.percentUp,
                    detail: predicts
                        ? "\(ratio(card.wrongShare)) inputs have a prediction that is wrong"
                        : "\(ratio(card.wrongShare)) inputs: the answer is stable, and wrong",
                    interval: try card.wrongShare.interval?.percent, tone: .wrong),
            ]
        }
        tiles.append(
            ReportDocument.Tile(
                id: "uncovered", name: predicts ? "Abstained" : "Not covered",
                value: card.uncovered.percentUp,
                detail: predicts
                    ? "\(ratio(card.uncovered)) inputs have no prediction"
                    : "\(ReportNumber.count(card.abstained)) abstained, "
                        + "\(ReportNumber.count(card.smaller)) have a smaller radius",
                interval: try card.uncovered.interval?.percent, tone: .none))
        return tiles
    }

    private func ratio(_ share: Share) -> String {
        "\(ReportNumber.count(share.part)) of \(ReportNumber.count(share.whole))"
    }

    private func parts(_ card: Scorecard) -> [ReportDocument.Part] {
        let done = predicts ? "predicted" : "certified"
        let covered: [ReportDocument.Part] =
            card.knowsLabels
            ? [
                .init(name: "\(done), right", count: card.right, tone: .right),
                .init(name: "\(done), wrong", count: card.wrong, tone: .wrong),
            ] : [.init(name: "\(done), label unknown", count: card.covered, tone: .plain)]
        let smaller: [ReportDocument.Part] =
            predicts ? [] : [.init(name: "smaller radius", count: card.smaller, tone: .smaller)]
        return covered + smaller + [.init(name: "abstained", count: card.abstained, tone: .none)]
    }
}

// Error, cost and claims
// ----------------------

extension CampaignReport {
    private func errorTable(_ point: CurvePoint) -> ReportDocument.Table {
        let noun = predicts ? "prediction" : "certificate"
        var rows =
            error.expectedShare.map {
                [
                    ["share of false \(noun)s to expect: at most", alphaText($0)],
                    ["one \(noun) is false", "nothing is claimed"],
                ]
            } ?? [
                ["one \(noun) is false: at most", alphaText(error.alpha)],
                ["any of the batch is false: at most", ReportNumber.up(error.anyFalse.value)],
                ["false ones to expect: at most", ReportNumber.up(error.expected.value)],
                ["false ones, with probability 0.999: at most", ReportNumber.count(error.most)],
            ]
        if error.expectedShare == nil, point.card.knowsLabels && !predicts && threatRadius != nil {
            rows += [
                [
                    "of these inputs right and true, with probability 0.999: at least",
                    point.rightAndTrue.percentDown,
                ],
                [
                    "of the population right and true, with confidence \(CurvePoint.confidence): "
                        + "at least",
                    point.populationRightAndTrue.multiplied(byExactly: 100).decimal(places: 1)
                        + " %",
                ],
            ]
        }
        return .init(
            id: "error", caption: "Chance of error, over the drawing of the noise",
            columns: [.init(name: "What", isNumber: false), .init(name: "Bound")], rows: rows)
    }

    /// An alpha as it was written; a share of one, which has many digits, with three of them, up.
    private func alphaText(_ alpha: Double) -> String {
        let text = JSON.number(alpha).digits ?? "\(alpha)"
        return text.count <= 8 ? text : ReportNumber.up(alpha)
    }

    private var costTable: ReportDocument.Table {
        let samples = inputs.reduce(0) { $0 + $1.samples }
        var rows = [["samples in the records", ReportNumber.count(samples)]]
        rows.append([
            "samples of an input, on average",
            ReportNumber.up(Double(samples) / Double(inputs.count)),
        ])
        if let effort = setting.effort {
            rows.append(["core-seconds", ReportNumber.up(effort.coreSeconds)])
            rows.append([
                effort.parts > 0 ? "time of all parts, added" : "time from beginning to end",
                ReportNumber.duration(effort.seconds),
            ])
            if let price = setting.pricePerHour {
                rows.append([
                    "price, at \(ReportNumber.up(price)) a worker-hour",
                    ReportNumber.up(price * effort.workerSeconds / 3600),
                ])
            }
        } else {
            rows.append(["core-seconds, time, price", "not known"])
        }
        return .init(
            id: "cost",
            caption: (setting.effort?.parts ?? 0) > 0
                ? "Cost; times are of the last run of each part"
                : "Cost; times are of the last run alone",
            columns: [.init(name: "What", isNumber: false), .init(name: "Amount")], rows: rows)
    }

    private var claimLists: [[ReportDocument.Block]] {
        var lists: [[ReportDocument.Block]] = []
        if !setting.doesNotClaim.isEmpty {
            lists.append([
                .list(
                    title: predicts
                        ? "A prediction does not claim" : "A certificate does not claim",
                    setting.doesNotClaim)
            ])
        }
        if !setting.assumes.isEmpty {
            lists.append([.list(title: "It takes for granted", setting.assumes)])
        }
        return lists
    }
}

extension DecimalNumber {
    /// Without zeros at the end.
    var trimmed: String {
        guard description.contains(".") else { return description }
        let text = description.replacing(/0+$/, with: "")
        return text.hasSuffix(".") ? String(text.dropLast()) : text
    }
}
