import CertificateRecords

/// Bars over an axis from 0, the parts of each stacked.
struct HistogramPlot {
    private let histogram: Histogram
    private let styles: [String]
    private let plane: SVGPlane
    private let xStep: RoundStep
    private let yStep: RoundStep

    /// A bar for each interval of the histogram; one style a part, the lowest first.
    init(_ histogram: Histogram, styles: [String], largest: Double) {
        self.histogram = histogram
        self.styles = styles
        let bins = histogram.counts.first?.count ?? 1
        let end = max(largest, histogram.width * Double(bins))
        xStep = RoundStep(for: end, atMost: 6)
        yStep = RoundStep(for: Double(max(4, histogram.highest)), atMost: 5)
        plane = SVGPlane(
            x: 0...end * 1.02, y: 0...Double(max(4, histogram.highest)) * 1.05, height: 260)
    }

    func drawing(
        id: String, title: String, description: String, axis: String,
        threat: Double? = nil, ceiling: Double? = nil
    ) -> String {
        let xMarks = xStep.multiples(upTo: plane.xRange.upperBound).map {
            ($0.nearest, ReportNumber.mark($0))
        }
        let yMarks = yStep.multiples(upTo: plane.yRange.upperBound).map {
            ($0.nearest, ReportNumber.mark($0))
        }
        let content =
            plane.xAxis(xMarks, name: axis) + plane.yAxis(yMarks) + bars
            + plane.lines(threat: threat, ceiling: ceiling)
        return plane.drawing(id: id, title: title, description: description, content)
    }

    private var bars: [String] {
        var floors = [Int](repeating: 0, count: histogram.counts.first?.count ?? 0)
        var bars: [String] = []
        for (counts, style) in zip(histogram.counts, styles) {
            for (place, count) in counts.enumerated() where count > 0 {
                let left = plane.x(Double(place) * histogram.width) + 0.5
                let right = plane.x(Double(place + 1) * histogram.width) - 0.5
                let top = plane.y(Double(floors[place] + count))
                let size = plane.y(Double(floors[place])) - top
                bars.append(
                    "<rect class=\"\(style)\" x=\"\(SVGText.number(left))\" "
                        + "y=\"\(SVGText.number(top))\" width=\"\(SVGText.number(right - left))\" "
                        + "height=\"\(SVGText.number(size))\"/>")
                floors[place] += count
            }
        }
        return bars
    }
}

extension ReportNumber {
    /// A mark of an axis.
    static func mark(_ number: DecimalNumber) -> String {
        Int(number.trimmed).map(count) ?? number.trimmed
    }
}
