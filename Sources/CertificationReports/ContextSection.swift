import CertificateRecords

// Radius in context
// -----------------

extension CampaignReport {
    /// The sizes of everyday changes on the axis of the radii; nil unless it was asked for.
    var contextSection: ReportDocument.Section? {
        guard let context = setting.context else { return nil }
        let noise = manifest.plan.sigma * Double(dimension).squareRoot()
        var blocks: [ReportDocument.Block] = [
            .paragraph(
                "What is a radius? Here are changes that anybody would call small, measured on "
                    + "\(ReportNumber.count(context.measuredInputs)) of these inputs in the units of "
                    + "the radii, to nearest. A certificate covers a change only if it is shorter "
                    + "than the radius. For comparison, the noise under which the classifier votes "
                    + "has a length of about \(DecimalText.nearest(noise, places: 1)).")
        ]
        if !context.changes.isEmpty {
            blocks += [
                .columns([[.figure(figure(context))], context.notes.map { .note($0) }]),
                .table(table(context)),
            ]
        } else {
            blocks += context.notes.map { .note($0) }
        }
        return .init(id: "context", title: "Radius in context", blocks: blocks)
    }

    private func table(_ context: RadiusContext) -> ReportDocument.Table {
        .init(
            id: "changes", caption: "The lengths of everyday changes",
            columns: [
                .init(name: "Change", isNumber: false), .init(name: "L2, lower quartile"),
                .init(name: "L2, median"), .init(name: "L2, upper quartile"),
                .init(name: "L-infinity, median"),
                .init(name: "Inputs whose certificate covers it"),
            ],
            rows: context.changes.map { change in
                [
                    change.name, number(change.l2.lower), number(change.l2.median),
                    number(change.l2.upper), number(change.lInfinity.median),
                    change.withinCertificate.percentDown,
                ]
            })
    }

    private func number(_ value: Double) -> String { DecimalText.nearest(value, places: 3) }

    private func figure(_ context: RadiusContext) -> ReportDocument.Figure {
        let title = "Radii and everyday changes on one axis"
        var rows = [ContextPlot.Row]()
        let radii = inputs.filter { $0.outcome == .certified }.map(\.radius.nearest)
        if let quartiles = Quartiles(radii), setting.audience == .operator {
            rows.append(.init(name: "certified radii", quartiles: quartiles, style: "radii"))
        }
        rows += context.changes.map {
            .init(name: $0.name, quartiles: $0.l2, style: "change")
        }
        let plot = ContextPlot(
            rows, threat: threatRadius?.nearest, ceiling: ceiling?.nearest)
        return .init(
            id: "context-plot", title: title,
            description: "For the radii and for each change: a bar from the lower to the upper "
                + "quartile, with a mark at the median. The axis is logarithmic.",
            svg: plot.drawing(id: "context-plot", title: title),
            legend: [
                .init(style: "box change", isArea: true, text: "from quartile to quartile"),
                .init(style: "line median", isArea: false, text: "median"),
            ])
    }
}

/// Bars from quartile to quartile on a logarithmic axis, each below its name.
struct ContextPlot {
    struct Row {
        let name: String
        let quartiles: Quartiles
        let style: String
    }

    private let rows: [Row]
    private let threat: Double?
    private let ceiling: Double?
    private let decades: ClosedRange<Int>
    private let plane: SVGPlane

    private static let rowHeight = 40.0
    private static let margins = 66.0

    init(_ rows: [Row], threat: Double?, ceiling: Double?) {
        (self.rows, self.threat, self.ceiling) = (rows, threat, ceiling)
        let positive =
            (rows.flatMap { [$0.quartiles.lower, $0.quartiles.upper] }
            + [threat, ceiling].compactMap(\.self)).filter { $0 > 0 }
        let low = Decade.below(positive.min() ?? 0.1)
        let high = max(low + 1, Decade.below((positive.max() ?? 1).nextDown) + 1)
        decades = low...high
        plane = SVGPlane(
            x: Double(low)...Double(high), y: 0...Double(max(1, rows.count)),
            height: ContextPlot.margins + ContextPlot.rowHeight * Double(max(1, rows.count)),
            left: 14)
    }

    func drawing(id: String, title: String) -> String {
        let marks = decades.map { (Double($0), Decade.text($0)) }
        let minor = decades.dropLast().flatMap { decade in
            (2...9).map { Double(decade) + Decade.logarithm(Double($0)) }
        }
        let ticks = minor.map { value in
            "<path class=\"grid\" d=\"M\(SVGText.number(plane.x(value))) "
                + "\(SVGText.number(plane.height - plane.bottom - 4))v4\"/>"
        }
        let description = rows.map { row in
            "\(row.name): median \(DecimalText.nearest(row.quartiles.median, places: 3))"
        }.joined(separator: "; ")
        let content =
            plane.xAxis(marks, name: "L2 length (logarithmic)") + ticks
            + lines + rows.enumerated().flatMap { place, row in bar(row, at: place) }
        return plane.drawing(id: id, title: title, description: description, content)
    }

    private func bar(_ row: Row, at place: Int) -> [String] {
        let top = plane.y(Double(rows.count - place)) + 4
        let ends = [row.quartiles.lower, row.quartiles.median, row.quartiles.upper].map(x)
        return [
            SVGText.text(row.name, x: plane.left + 2, y: top + 12, style: "name"),
            "<rect class=\"box \(row.style)\" x=\"\(SVGText.number(ends[0]))\" "
                + "y=\"\(SVGText.number(top + 17))\" "
                + "width=\"\(SVGText.number(max(2, ends[2] - ends[0])))\" height=\"12\"/>",
            "<path class=\"line median\" d=\"M\(SVGText.number(ends[1])) "
                + "\(SVGText.number(top + 15))v16\"/>",
        ]
    }

    private var lines: [String] {
        plane.lines(threat: threat.map(place), ceiling: ceiling.map(place))
    }

    private func x(_ length: Double) -> Double { plane.x(place(length)) }

    private func place(_ length: Double) -> Double {
        guard length > 0 else { return Double(decades.lowerBound) }
        let decade = Decade.below(length)
        let rest = length / Decade.power(decade)
        return max(Double(decades.lowerBound), Double(decade) + Decade.logarithm(rest))
    }
}

/// Powers of ten without a library of mathematics.
private enum Decade {
    static func power(_ exponent: Int) -> Double {
        exponent < 0 ? 1 / power(-exponent) : (0..<exponent).reduce(1) { power, _ in power * 10 }
    }

    /// The largest exponent whose power is at most the number, from -12 on.
    static func below(_ number: Double) -> Int {
        (-12...12).last { power($0) <= number } ?? -12
    }

    /// log10 of a number from 1 to 10, to about 1e-9, by squaring: its bits one by one.
    static func logarithm(_ number: Double) -> Double {
        var (rest, bit, sum) = (max(1, number), 0.5, 0.0)
        if rest >= 10 { return 1 }
        for _ in 0..<30 {
            rest *= rest
            if rest >= 10 {
                rest /= 10
                sum += bit
            }
            bit /= 2
        }
        return sum
    }

    static func text(_ exponent: Int) -> String {
        exponent < 0
            ? "0." + String(repeating: "0", count: -exponent - 1) + "1"
            : "1" + String(repeating: "0", count: exponent)
    }
}
