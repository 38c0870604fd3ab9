/// A drawing of shares, from 0 to 100 %, against a number from 0: panels below each other, with lines.
///
/// The SVG refers to nothing outside itself. Lines differ by their dashes and not by colour alone, so that
/// it can be printed in black.
struct LinePlot: Hashable {
    let title: String
    let panels: [Panel]

    /// Axes and what is drawn between them.
    struct Panel: Hashable {
        let title: String
        /// What the horizontal axis shows.
        let across: String
        /// What the vertical axis shows, in percent.
        let upwards: String
        /// The largest number of the horizontal axis.
        let most: Double
        let lines: [Line]
        /// Whether a thin line goes from one corner to the other: that of guessing.
        var hasDiagonal = false
    }

    /// A line with a name, and perhaps a band around it.
    struct Line: Hashable {
        let name: String
        let points: [Point]
        /// Which of the colours and dashes.
        let style: Int
        var band: [Interval] = []
        var course = Course.straight
    }

    /// What lies between two points.
    enum Course: Hashable {
        /// Whatever lies between them: a straight line.
        case straight
        /// A step that lies above neither of them.
        case lowerSteps
        /// A step that lies below neither of them.
        case upperSteps
    }

    struct Point: Hashable {
        let x: Double
        let y: Double
    }

    /// Where a band lies at a number.
    struct Interval: Hashable {
        let x: Double
        let low: Double
        let high: Double
    }

    /// The file.
    var svg: String {
        let tops = panels.indices.map { place in
            panels[..<place].reduce(0) { $0 + $1.height }
        }
        let height = panels.reduce(0) { $0 + $1.height }
        let width = Panel.width
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" "
                + "viewBox=\"0 0 \(width) \(height)\" "
                + "font-family=\"DejaVu Sans, Verdana, sans-serif\" font-size=\"13\">",
            "<title>\(LinePlot.escaped(title))</title>",
            "<rect width=\"\(width)\" height=\"\(height)\" fill=\"white\"/>",
        ]
        for (panel, top) in zip(panels, tops) {
            lines.append("<g transform=\"translate(0 \(top))\">")
            lines += panel.drawing
            lines.append("</g>")
        }
        return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
    }

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}

/// Lengths in pixels, y downwards.
extension LinePlot.Panel {
    static let width = 760

    private static let (left, right) = (80.0, 730.0)
    private static let styles: [(color: String, dashes: String?)] = [
        ("#000000", nil), ("#0072b2", "9 4"), ("#d55e00", "3 3"), ("#009e73", "12 4 3 4"),
        ("#cc79a7", "6 6"), ("#8a6d00", "1 3"),
    ]

    private var top: Double { 50 + 22 * Double(lines.count) }
    private var bottom: Double { top + 300 }
    var height: Int { Int(bottom) + 65 }

    var drawing: [String] {
        [text(title, x: Double(Self.width) / 2, y: 26, anchor: "middle", size: 16)]
            + legend + bands + grid + diagonal + curves
    }

    private var legend: [String] {
        lines.enumerated().flatMap { place, line in
            let y = 50 + 22 * Double(place)
            return [
                "<path d=\"M80 \(f(y))H120\" \(stroke(line.style))/>",
                text(LinePlot.escaped(line.name), x: 128, y: y + 4.5),
            ]
        }
    }

    private var bands: [String] {
        lines.filter { !$0.band.isEmpty }.map { line in
            let upper = line.band.map { "\(f(x($0.x))) \(f(y($0.high)))" }
            let lower = line.band.reversed().map { "\(f(x($0.x))) \(f(y($0.low)))" }
            return "<path d=\"M" + (upper + lower).joined(separator: "L")
                + "Z\" fill=\"\(style(line.style).color)\" fill-opacity=\"0.13\"/>"
        }
    }

    private var grid: [String] {
        let shares = stride(from: 0, through: 100, by: 20).flatMap { percent in
            let y = y(Double(percent) / 100)
            return [
                "<path d=\"M\(f(Self.left - 5)) \(f(y))H\(f(Self.right))\" "
                    + "stroke=\"\(percent == 0 ? "black" : "#ccc")\"/>",
                text("\(percent) %", x: Self.left - 10, y: y + 4.5, anchor: "end"),
            ]
        }
        let step = CertificationSummary.step(for: most)
        let numbers = (0...Int(most / step * (1 + 1e-9))).flatMap { place in
            let number = Double(place) * step
            return [
                "<path d=\"M\(f(x(number))) \(f(top))V\(f(bottom + 5))\" "
                    + "stroke=\"\(place == 0 ? "black" : "#ccc")\"/>",
                text(
                    ComparisonReport.short(number), x: x(number), y: bottom + 22, anchor: "middle"),
            ]
        }
        return shares + numbers + [
            text(across, x: (Self.left + Self.right) / 2, y: bottom + 48, anchor: "middle"),
            "<text transform=\"translate(24 \(f((top + bottom) / 2))) rotate(-90)\" "
                + "text-anchor=\"middle\">\(LinePlot.escaped(upwards))</text>",
        ]
    }

    private var diagonal: [String] {
        guard hasDiagonal else { return [] }
        return [
            "<path d=\"M\(f(x(0))) \(f(y(0)))L\(f(x(most))) \(f(y(1)))\" stroke=\"#888\" "
                + "stroke-dasharray=\"1 4\"/>"
        ]
    }

    private var curves: [String] {
        lines.map { line in
            "<path d=\"\(path(line))\" fill=\"none\" \(stroke(line.style))/>"
        }
    }

    private func path(_ line: LinePlot.Line) -> String {
        let points = line.points
        guard line.course != .straight, let first = points.first else {
            return "M" + points.map { "\(f(x($0.x))) \(f(y($0.y)))" }.joined(separator: "L")
        }
        let heights = zip(points, points.dropFirst()).map { left, right in
            line.course == .lowerSteps ? min(left.y, right.y) : max(left.y, right.y)
        }
        return "M\(f(x(first.x))) \(f(y(first.y)))"
            + zip(heights, points.dropFirst()).map { "V\(f(y($0)))H\(f(x($1.x)))" }.joined()
    }

    private func x(_ number: Double) -> Double {
        Self.left + min(1, number / most) * (Self.right - Self.left)
    }

    private func y(_ share: Double) -> Double { bottom - min(1, max(0, share)) * (bottom - top) }

    private func style(_ number: Int) -> (color: String, dashes: String?) {
        Self.styles[number % Self.styles.count]
    }

    private func stroke(_ number: Int) -> String {
        let dashes = style(number).dashes.map { " stroke-dasharray=\"\($0)\"" } ?? ""
        return "stroke=\"\(style(number).color)\" stroke-width=\"2\"\(dashes)"
    }

    private func text(
        _ words: String, x: Double, y: Double, anchor: String = "start", size: Int = 13
    ) -> String {
        "<text x=\"\(f(x))\" y=\"\(f(y))\" text-anchor=\"\(anchor)\" font-size=\"\(size)\">"
            + "\(words)</text>"
    }

    /// A tenth of a pixel is enough.
    private func f(_ length: Double) -> String { DecimalText.nearest(length, places: 1) }
}

/// Certified accuracy and certificate precision of runs against the radius.
public struct ComparisonPlot {
    private let plot: LinePlot

    /// The drawing of a comparison.
    public init(_ comparison: RunComparison) {
        let most = max(
            comparison.runs.map(\.whole.largestRadius).max() ?? 0, comparison.radii.last ?? 0, 1e-6)
        func panel(
            _ title: String, _ upwards: String, share: (RunComparison.Run, Double) -> Double?
        ) -> LinePlot.Panel {
            LinePlot.Panel(
                title: title, across: "radius (L2, in the units of sigma)", upwards: upwards,
                most: most,
                lines: comparison.runs.enumerated().map { style, run in
                    let points = LinePlot.places(upTo: most).compactMap { radius in
                        share(run, radius).map { LinePlot.Point(x: radius, y: $0) }
                    }
                    return LinePlot.Line(
                        name: "\(run.letter)  \(run.whole.name)", points: points, style: style,
                        course: .lowerSteps)
                })
        }
        let accuracy =
            comparison.isLabelled
            ? panel("Certified accuracy", "of all inputs, certified and right") {
                Share($0.count(at: $1).right, of: comparison.inputs).fraction
            }
            : panel("Certified", "of all inputs") {
                Share($0.count(at: $1).certified, of: comparison.inputs).fraction
            }
        let precision = panel("Certificate precision", "of the certificates, right") {
            let count = $0.count(at: $1)
            return Share(count.right, of: count.certified).fraction
        }
        plot = LinePlot(
            title: "Runs compared by radius",
            panels: comparison.isLabelled ? [accuracy, precision] : [accuracy])
    }

    /// The file.
    public var svg: String { plot.svg }
}

extension LinePlot {
    /// As many places between 0 and a number as can be told apart.
    static func places(upTo most: Double) -> [Double] { (0...325).map { most * Double($0) / 325 } }
}
