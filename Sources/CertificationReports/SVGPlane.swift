/// The plane between two axes of an SVG drawing, and what may be drawn on it.
///
/// Drawings are 480 units wide, so that their letters can be read at the width of a phone. Colours,
/// dashes and widths are in the style sheet of the page, by class.
struct SVGPlane {
    static let width = 480.0
    let height: Double
    let left: Double
    let right = 14.0
    let top: Double
    let bottom = 46.0
    /// The numbers at the ends of the axes.
    let xRange: ClosedRange<Double>
    let yRange: ClosedRange<Double>

    init(
        x: ClosedRange<Double>, y: ClosedRange<Double>, height: Double = 300, left: Double = 50,
        top: Double = 20
    ) {
        (xRange, yRange) = (x, y)
        (self.height, self.left, self.top) = (height, left, top)
    }

    func x(_ value: Double) -> Double {
        let share = (value - xRange.lowerBound) / (xRange.upperBound - xRange.lowerBound)
        return left + share * (SVGPlane.width - left - right)
    }

    func y(_ value: Double) -> Double {
        let share = (value - yRange.lowerBound) / (yRange.upperBound - yRange.lowerBound)
        return height - bottom - share * (height - top - bottom)
    }

    /// The whole drawing. `id` is unlike that of all other drawings of the page.
    func drawing(id: String, title: String, description: String, _ content: [String]) -> String {
        let size = "0 0 \(SVGText.number(SVGPlane.width)) \(SVGText.number(height))"
        let head = [
            "<svg viewBox=\"\(size)\" role=\"img\" aria-labelledby=\"\(id)-title \(id)-desc\">",
            "<title id=\"\(id)-title\">\(HTMLText.escaped(title))</title>",
            "<desc id=\"\(id)-desc\">\(HTMLText.escaped(description))</desc>",
        ]
        return (head + content + ["</svg>"]).joined(separator: "\n")
    }
}

// Axes
// ----

extension SVGPlane {
    /// The axis of x: marks with their texts, and what it measures below them.
    func xAxis(_ marks: [(Double, String)], name: String) -> [String] {
        let base = height - bottom
        return marks.map { value, text in
            "<path class=\"grid\" d=\"M\(f(x(value))) \(f(top))V\(f(base + 4))\"/>"
                + SVGText.text(text, x: x(value), y: base + 18, anchor: "middle")
        } + [
            "<path class=\"axis\" d=\"M\(f(left)) \(f(base))H\(f(SVGPlane.width - right))\"/>",
            SVGText.text(
                name, x: (left + SVGPlane.width - right) / 2, y: height - 8, anchor: "middle"),
        ]
    }

    /// The axis of y: marks with their texts.
    func yAxis(_ marks: [(Double, String)]) -> [String] {
        marks.map { value, text in
            "<path class=\"grid\" d=\"M\(f(left)) \(f(y(value)))H\(f(SVGPlane.width - right))\"/>"
                + SVGText.text(text, x: left - 7, y: y(value) + 4.5, anchor: "end")
        }
    }

    /// Vertical lines at the ceiling and at the threat radius, each with its name above it, apart from
    /// the other one's. The places are those of the axis.
    func lines(threat: Double?, ceiling: Double?) -> [String] {
        let end = SVGPlane.width - right
        let ceilingStart = ceiling.map { min(x($0) - 4, end - 57) }
        var drawn: [String] = []
        if let ceiling, let ceilingStart {
            drawn += line(at: ceiling, style: "ceiling")
            drawn.append(SVGText.text("ceiling", x: ceilingStart, y: top - 6))
        }
        if let threat {
            drawn += line(at: threat, style: "threat")
            var start = max(left, min(x(threat) - 50, end - 107))
            if let ceilingStart, abs(start + 53 - ceilingStart - 28) < 90 {
                let hasRoom = ceilingStart + 64 + 107 <= SVGPlane.width
                start =
                    x(threat) > ceilingStart + 4 && hasRoom
                    ? ceilingStart + 64 : ceilingStart - 114
            }
            drawn.append(SVGText.text("threat radius", x: start, y: top - 6))
        }
        return drawn
    }

    private func line(at value: Double, style: String) -> [String] {
        ["<path class=\"\(style)\" d=\"M\(f(x(value))) \(f(top))V\(f(height - bottom))\"/>"]
    }

    private func f(_ length: Double) -> String { SVGText.number(length) }
}

// Steps
// -----

extension SVGPlane {
    /// A curve as steps that never lie above the curve's values at either end of a step.
    func steps(_ values: [Double?], at places: [Double], style: String) -> String {
        let runs = SVGPlane.joined(SVGPlane.pieces(values, at: places, min))
        return "<path class=\"\(style)\" d=\"\(runs.map(path).joined())\"/>"
    }

    /// From left to right.
    private func path(_ run: [Step]) -> String {
        run.enumerated().map { place, step in
            (place == 0 ? "M\(f(x(step.0))) \(f(y(step.2)))" : "V\(f(y(step.2)))")
                + "H\(f(x(step.1)))"
        }.joined()
    }

    /// A band as steps that hold its ends on either side of a step.
    func band(_ ranges: [ClosedRange<Double>?], at places: [Double], style: String) -> String {
        let low = SVGPlane.joined(
            SVGPlane.pieces(ranges.map { $0?.lowerBound }, at: places, min))
        let high = SVGPlane.joined(
            SVGPlane.pieces(ranges.map { $0?.upperBound }, at: places, max))
        let areas = zip(low, high).map { low, high in
            path(high) + low.reversed().map { "V\(f(y($0.2)))H\(f(x($0.0)))" }.joined() + "Z"
        }
        return "<path class=\"\(style)\" d=\"\(areas.joined())\"/>"
    }

    private typealias Step = (Double, Double, Double)

    /// From each place to the next the one of both values that `choose` takes.
    private static func pieces(
        _ values: [Double?], at places: [Double], _ choose: (Double, Double) -> Double
    ) -> [Step] {
        zip(zip(places, places.dropFirst()), zip(values, values.dropFirst())).compactMap {
            places, values in
            guard let first = values.0 else { return nil }
            return (places.0, places.1, values.1.map { choose(first, $0) } ?? first)
        }
    }

    /// Runs of steps without a gap.
    private static func joined(_ steps: [Step]) -> [[Step]] {
        var runs: [[Step]] = []
        for step in steps {
            if let last = runs.last?.last, last.1 == step.0 {
                runs[runs.count - 1].append(step)
            } else {
                runs.append([step])
            }
        }
        return runs
    }
}

/// Pieces of SVG.
enum SVGText {
    /// A length to a tenth.
    static func number(_ length: Double) -> String {
        let text = DecimalText.nearest(length, places: 1)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// A line of text.
    static func text(
        _ text: String, x: Double, y: Double, anchor: String = "start", style: String? = nil
    ) -> String {
        let style = style.map { " class=\"\($0)\"" } ?? ""
        return "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\"\(style)>"
            + "\(HTMLText.escaped(text))</text>"
    }
}
