import RandomizedSmoothing
import CertificateRecords
import ConfidenceBounds

// Coverage, certified accuracy and precision against the radius
// -------------------------------------------------------------

extension CampaignReport {
    /// How far the axes of radii reach.
    var largestRadius: Double {
        let largest = inputs.map(\.radius.nearest).max() ?? 0
        return max(ceiling?.nearest ?? 0, threatRadius?.nearest ?? 0, largest, 1e-9)
    }

    /// About eight radii, and the reader's own.
    var manyRadii: [DecimalNumber] { radii(atMost: 8) }

    /// About four radii.
    var fewRadii: [DecimalNumber] { radii(atMost: 4) }

    private func radii(atMost count: Int) -> [DecimalNumber] {
        let radii = RoundStep(for: largestRadius, atMost: count).multiples(upTo: largestRadius)
        guard let threatRadius, !radii.contains(threatRadius) else { return radii }
        return (radii + [threatRadius]).sorted()
    }

    /// One line a radius.
    func radiusTable(at radii: [DecimalNumber], id: String) throws -> ReportDocument.Table {
        let points = try radii.map { try curves.point(at: $0) }
        let columns =
            knowsLabels
            ? [
                "Radius", "Covered", "Certified accuracy", "Precision", "Wrong, but certified",
                "Not covered",
            ] : ["Radius", "Covered", "Not covered"]
        return .init(
            id: id, caption: id == "radii" ? "What is certified at each radius" : "At a few radii",
            columns: columns.map { .init(name: $0) },
            rows: points.map { point in
                let card = point.card
                let head = [card.radius?.trimmed ?? "", card.coverage.percentDown]
                let labelled = [
                    card.accuracy.percentDown, card.precision.percentDown,
                    card.wrongShare.percentUp,
                ]
                return head + (knowsLabels ? labelled : []) + [card.uncovered.percentUp]
            },
            emphasized: radii.firstIndex { $0 == threatRadius })
    }

    /// The bands of the same lines.
    private func bandTable(at radii: [DecimalNumber]) throws -> ReportDocument.Table {
        let points = try radii.map { try curves.point(at: $0) }
        var columns = ["Radius", "Covered, pointwise", "Covered, simultaneous"]
        if knowsLabels {
            columns += [
                "Accuracy, pointwise", "Accuracy, simultaneous", "Precision, pointwise",
                "Precision, simultaneous", "Of these inputs right and true, at least",
            ]
        }
        return .init(
            id: "bands",
            caption: "Where the curves lie in the population, with confidence "
                + "\(CurvePoint.confidence), rounded outwards",
            columns: columns.map { .init(name: $0) },
            rows: points.map { point in
                let coverage = [
                    point.card.radius?.trimmed ?? "", point.pointwise.coverage.percent,
                    point.simultaneous.coverage.percent,
                ]
                guard knowsLabels else { return coverage }
                return coverage + [
                    point.pointwise.accuracy?.percent ?? "-",
                    point.simultaneous.accuracy?.percent ?? "-",
                    point.pointwise.precision?.percent ?? "-",
                    point.simultaneous.precision?.percent ?? "-",
                    point.rightAndTrue.percentDown,
                ]
            },
            emphasized: radii.firstIndex { $0 == threatRadius })
    }

    /// The section; nil of a campaign that predicts.
    func curveSection() throws -> ReportDocument.Section? {
        guard !predicts else { return nil }
        var blocks: [ReportDocument.Block] = []
        let radii = decidedRadius.map { radius in
            [radius] + (threatRadius.map { $0 == radius ? [] : [$0] } ?? [])
        }
        if radii == nil {
            let samples = try CurveSamples(
                inputs, curves: curves, upTo: largestRadius, knowsLabels: knowsLabels)
            let plot = CurvePlot(
                samples, threat: threatRadius?.nearest, ceiling: ceiling?.nearest)
            blocks.append(.columns(plot.figures.map { [.figure($0)] }))
        }
        blocks += [
            .table(try radiusTable(at: radii ?? manyRadii, id: "radii")),
            .details(
                "The bands in numbers", [.table(try bandTable(at: radii ?? manyRadii))]),
            .note(bandNote),
        ]
        if let decidedRadius {
            blocks.append(
                .note(
                    "This campaign decided at radius \(decidedRadius.trimmed) and stopped with each "
                        + "input as soon as that was known: it says nothing about larger radii, and a "
                        + "refusal says nothing about smaller ones. There is no curve."))
            return .init(id: "by-radius", title: "By radius", blocks: blocks)
        }
        if knowsLabels { blocks.append(.note(averageRadiusNote)) }
        return .init(id: "by-radius", title: "By radius", blocks: blocks)
    }

    private var bandNote: String {
        let bands =
            "The bands are about the population from which the inputs were drawn independently and at "
            + "random, and say nothing about any other. A pointwise band (Clopper and Pearson) holds "
            + "at one radius that was chosen beforehand, with confidence \(CurvePoint.confidence); a "
            + "simultaneous one (Dvoretzky, Kiefer and Wolfowitz) holds at all radii together."
        if let method = manifest.plan.batch?.method.rawValue {
            return bands
                + " The certificates were decided together by \(method), and the bands take "
                + "them as if each had been decided alone."
        }
        return bands
            + " Right and true counts out the certificates that may be false over our drawing "
            + "of the noise: no more than \(ReportNumber.count(error.most)) of these, at all radii "
            + "together, with probability 0.999."
    }

    /// The mean of the radius, 0 where there is no right certificate, rounded down.
    var averageCertifiedRadius: LowerBound {
        let sum = inputs.reduce(LowerBound(proved: 0)) { sum, input in
            input.outcome == .certified && input.isRight == true
                ? sum + input.radius.lowerBound : sum
        }
        return sum.divided(byExactly: Double(inputs.count))
    }

    private var averageRadiusNote: String {
        "The average certified radius (ACR: the mean radius, 0 where there is no right certificate) "
            + "is \(averageCertifiedRadius.decimal(places: 3)). Do not rank by it: a few easy inputs "
            + "with large radii, larger than anybody needs, make up for many without a certificate, "
            + "and for a constant classifier it grows without bound (Sun et al., ICML 2025)."
    }
}
