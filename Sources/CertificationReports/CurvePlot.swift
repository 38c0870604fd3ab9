import CertificateRecords

/// Two drawings over the radius: how much is certified, and what the certificates are worth.
struct CurvePlot {
    private let samples: CurveSamples
    private let threat: Double?
    private let ceiling: Double?
    private let plane: SVGPlane
    private let axes: [String]

    init(_ samples: CurveSamples, threat: Double?, ceiling: Double?) {
        (self.samples, self.threat, self.ceiling) = (samples, threat, ceiling)
        let largest = samples.radii.last ?? 1
        plane = SVGPlane(x: 0...largest * 1.02, y: 0...1)
        let step = RoundStep(for: largest, atMost: 7)
        let marks = step.multiples(upTo: largest).map { ($0.nearest, $0.trimmed) }
        axes =
            plane.xAxis(marks, name: "radius (L2)")
            + plane.yAxis([0, 0.25, 0.5, 0.75, 1].map { ($0, "\(Int($0 * 100)) %") })
    }

    /// Without labels there is but the first one.
    var figures: [ReportDocument.Figure] {
        [coverageFigure] + (samples.precision.map { [precisionFigure($0)] } ?? [])
    }

    private var coverageFigure: ReportDocument.Figure {
        let curve = samples.accuracy ?? samples.coverage
        let title =
            samples.accuracy == nil ? "Coverage by radius" : "Coverage and certified accuracy"
        var content =
            axes + bands(curve)
            + [plane.steps(samples.coverage.values, at: samples.radii, style: "line coverage")]
        var legend = [
            ReportDocument.LegendEntry(
                style: "line coverage", isArea: false, text: "inputs with a certificate")
        ]
        if let accuracy = samples.accuracy {
            content.append(
                plane.steps(accuracy.values, at: samples.radii, style: "line accuracy"))
            legend.append(
                .init(style: "line accuracy", isArea: false, text: "those with the right class"))
        }
        return .init(
            id: "curve", title: title,
            description: "Shares of the inputs against the radius, falling from left to right. The "
                + "table below has the numbers.",
            svg: plane.drawing(
                id: "curve", title: title,
                description: "Shares of the inputs against the radius, with bands.",
                content + lines), legend: legend + bandLegend)
    }

    private func precisionFigure(_ curve: CurveSamples.Curve) -> ReportDocument.Figure {
        let title = "Certificate precision"
        return .init(
            id: "precision-curve", title: title,
            description:
                "Of the certificates of at least each radius the share whose class is right.",
            svg: plane.drawing(
                id: "precision-curve", title: title,
                description: "The share of right ones among the certificates against the radius, "
                    + "with bands.",
                axes + bands(curve)
                    + [plane.steps(curve.values, at: samples.radii, style: "line accuracy")]
                    + lines),
            legend: [
                .init(
                    style: "line accuracy", isArea: false,
                    text: "of the certificates those with the right class")
            ] + bandLegend)
    }

    private func bands(_ curve: CurveSamples.Curve) -> [String] {
        [
            plane.band(curve.simultaneous, at: samples.radii, style: "band simultaneous"),
            plane.band(curve.pointwise, at: samples.radii, style: "band pointwise"),
        ]
    }

    private var bandLegend: [ReportDocument.LegendEntry] {
        [
            .init(
                style: "band pointwise", isArea: true,
                text: "\(CurvePoint.confidence) at one radius (pointwise)"),
            .init(
                style: "band simultaneous", isArea: true,
                text: "\(CurvePoint.confidence) at all radii together (simultaneous)"),
        ]
    }

    private var lines: [String] { plane.lines(threat: threat, ceiling: ceiling) }
}
