import RandomizedSmoothing

/// A drawing of how the radius grows with the samples: the ceiling and the expected mean radius against
/// n on a logarithmic axis, one panel for each noise level.
///
/// The SVG refers to nothing outside itself. Lines differ by their dashes and marks and not by colour
/// alone, so that it can be printed in black.
public struct ForecastPlot: Hashable, Sendable {
    private let panels: [Panel]

    /// A panel for each report, each with at least one line.
    public init(_ reports: [ForecastReport]) { panels = reports.map(Panel.init) }

    /// The file.
    public var svg: String {
        let height = Panel.height * panels.count
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(Panel.width)\" "
                + "height=\"\(height)\" viewBox=\"0 0 \(Panel.width) \(height)\" "
                + "font-family=\"DejaVu Sans, Verdana, sans-serif\" font-size=\"13\">",
            "<title>Radius against the number of samples</title>",
            "<rect width=\"\(Panel.width)\" height=\"\(height)\" fill=\"white\"/>",
        ]
        for (place, panel) in panels.enumerated() {
            lines.append("<g transform=\"translate(0 \(place * Panel.height))\">")
            lines += panel.drawing
            lines.append("</g>")
        }
        return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
    }
}

/// The axes of one noise level and what is drawn between them; lengths in pixels, y downwards.
private struct Panel: Hashable {
    static let width = 760
    static let height = 460

    /// The corners of the plane between the axes.
    private static let (left, right, top, bottom) = (80.0, 730.0, 92.0, 395.0)

    private struct Point: Hashable {
        let samples: Int
        let ceiling: Double
        let radius: ForecastMean
    }

    private let title: String
    private let points: [Point]
    private let asked: Int
    /// The powers of ten between which n lies.
    private let decades: ClosedRange<Int>
    /// The distance between two marks of the axis of the radius, and how many there are.
    private let step: Double
    private let steps: Int

    init(_ report: ForecastReport) {
        let plan = report.plan
        title =
            "Radius against samples: sigma \(plan.sigma), rule \(plan.rule.rawValue), "
            + (plan.error.family.map { "alpha \($0.alpha) for all" }
                ?? "alpha \(plan.error.alpha)")
        points = report.lines.map {
            Point(
                samples: $0.samples, ceiling: $0.fixed.ceiling?.value ?? 0,
                radius: $0.fixed.meanRadius)
        }
        asked = report.asked
        let all = points.map(\.samples)
        let lowest = Panel.decade(all.min() ?? 1)
        var highest = lowest + 1
        while Panel.power(highest) < Double(all.max() ?? 1) { highest += 1 }
        decades = lowest...highest
        let most = points.map(\.ceiling).max() ?? 1
        step = Panel.step(for: most)
        steps = max(1, Int((most / step).rounded(.up)))
    }

    var drawing: [String] {
        [text(title, x: Double(Panel.width) / 2, y: 26, anchor: "middle", size: 16)]
            + legend + grid + labels + band
            + curve(\.ceiling, dashes: nil, mark: circle)
            + curve(\.radius.expected, dashes: "7 4", mark: square)
    }

    private func x(_ samples: Int) -> Double {
        var (rest, power) = (Double(samples), 0)
        while rest >= 10 {
            rest /= 10
            power += 1
        }
        let share =
            (Double(power - decades.lowerBound) + Panel.logarithm(rest)) / Double(decades.count - 1)
        return Panel.left + share * (Panel.right - Panel.left)
    }

    private func y(_ radius: Double) -> Double {
        Panel.bottom - radius / (step * Double(steps)) * (Panel.bottom - Panel.top)
    }

    private var grid: [String] {
        let powers = decades.map { power in
            let place =
                Panel.left + (Panel.right - Panel.left)
                * Double(power - decades.lowerBound) / Double(decades.count - 1)
            return "<path d=\"M\(f(place)) \(f(Panel.top))V\(f(Panel.bottom + 5))\" "
                + "stroke=\"#ccc\"/>"
                + "<text x=\"\(f(place))\" y=\"\(f(Panel.bottom + 22))\" text-anchor=\"middle\">"
                + "10<tspan dy=\"-5\" font-size=\"10\">\(power)</tspan></text>"
        }
        let radii = (0...steps).map { place in
            let radius = Double(place) * step
            return "<path d=\"M\(f(Panel.left - 5)) \(f(y(radius)))H\(f(Panel.right))\" "
                + "stroke=\"\(place == 0 ? "black" : "#ccc")\"/>"
                + text(
                    radiusText(radius), x: Panel.left - 10, y: y(radius) + 4.5, anchor: "end")
        }
        let line =
            "<path d=\"M\(f(x(asked))) \(f(Panel.top))V\(f(Panel.bottom))\" stroke=\"black\" "
            + "stroke-dasharray=\"1 4\"/>"
        let axis =
            "<path d=\"M\(f(Panel.left)) \(f(Panel.top))V\(f(Panel.bottom))\" stroke=\"black\"/>"
        return powers + radii + [line, axis]
    }

    private func radiusText(_ radius: Double) -> String {
        // As many places as the step has.
        var (places, scaled) = (0, step)
        while places < 9, abs(scaled - scaled.rounded()) > 1e-6 * scaled {
            scaled *= 10
            places += 1
        }
        return DecimalText.nearest(radius, places: places)
    }

    private var labels: [String] {
        let middle = (Panel.top + Panel.bottom) / 2
        return [
            text(
                "estimation samples of each input, n (logarithmic)",
                x: (Panel.left + Panel.right) / 2, y: Panel.bottom + 48, anchor: "middle"),
            "<text transform=\"translate(24 \(f(middle))) rotate(-90)\" text-anchor=\"middle\">"
                + "radius (L2, in the units of sigma)</text>",
        ]
    }

    private var legend: [String] {
        [
            "<path d=\"M80 50H120\" stroke=\"black\" stroke-width=\"2\"/>", circle(100, 50),
            text("ceiling: all samples agree", x: 128, y: 54.5),
            "<path d=\"M350 50H390\" stroke=\"black\" stroke-width=\"2\" "
                + "stroke-dasharray=\"7 4\"/>", square(370, 50),
            text("expected mean radius, 0 for an abstention", x: 398, y: 54.5),
            "<path d=\"M80 73H120\" stroke=\"black\" stroke-dasharray=\"1 4\"/>",
            text("the samples that were asked for", x: 128, y: 77.5),
            "<rect x=\"350\" y=\"66\" width=\"40\" height=\"14\" fill=\"#ddd\" stroke=\"#888\"/>",
            text("its band of about 80 %, from the pilot", x: 398, y: 77.5),
        ]
    }

    private var band: [String] {
        let upper = points.map { "\(f(x($0.samples))) \(f(y($0.radius.high)))" }
        let lower = points.reversed().map { "\(f(x($0.samples))) \(f(y($0.radius.low)))" }
        return [
            "<path d=\"M" + (upper + lower).joined(separator: "L")
                + "Z\" fill=\"#bbb\" fill-opacity=\"0.5\" stroke=\"#888\"/>"
        ]
    }

    private func curve(
        _ value: (Point) -> Double, dashes: String?, mark: (Double, Double) -> String
    ) -> [String] {
        let places = points.map { (x($0.samples), y(value($0))) }
        let path = places.map { "\(f($0.0)) \(f($0.1))" }.joined(separator: "L")
        let style = dashes.map { " stroke-dasharray=\"\($0)\"" } ?? ""
        return [
            "<path d=\"M\(path)\" fill=\"none\" stroke=\"black\" stroke-width=\"2\"\(style)/>"
        ] + places.map { mark($0.0, $0.1) }
    }

    private func circle(_ x: Double, _ y: Double) -> String {
        "<circle cx=\"\(f(x))\" cy=\"\(f(y))\" r=\"4\" fill=\"black\"/>"
    }

    private func square(_ x: Double, _ y: Double) -> String {
        "<rect x=\"\(f(x - 4))\" y=\"\(f(y - 4))\" width=\"8\" height=\"8\" fill=\"white\" "
            + "stroke=\"black\" stroke-width=\"1.5\"/>"
    }

    private func text(
        _ words: String, x: Double, y: Double, anchor: String = "start", size: Int = 13
    ) -> String {
        "<text x=\"\(f(x))\" y=\"\(f(y))\" text-anchor=\"\(anchor)\" font-size=\"\(size)\">"
            + "\(words)</text>"
    }

    /// A tenth of a pixel is enough.
    private func f(_ length: Double) -> String { DecimalText.nearest(length, places: 1) }

    /// 1, 2.5 or 5 times a power of ten, for at most eight steps.
    private static func step(for most: Double) -> Double {
        guard most > 0, most.isFinite else { return 1 }
        var power = 1.0
        while power > most { power /= 10 }
        while power * 10 <= most { power *= 10 }
        return [0.1, 0.25, 0.5, 1, 2.5].map { $0 * power }.first { most / $0 <= 8 } ?? power
    }

    private static func decade(_ samples: Int) -> Int { String(max(1, samples)).count - 1 }

    private static func power(_ exponent: Int) -> Double {
        (0..<exponent).reduce(1.0) { power, _ in power * 10 }
    }

    /// The decimal logarithm of a number from 1 to 10, to a thousandth: a digit a squaring.
    private static func logarithm(_ number: Double) -> Double {
        var (rest, share, result) = (number, 0.5, 0.0)
        for _ in 0..<20 {
            rest *= rest
            if rest >= 10 {
                rest /= 10
                result += share
            }
            share /= 2
        }
        return result
    }
}
