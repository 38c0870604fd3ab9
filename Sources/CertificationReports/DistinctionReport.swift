public import CertificateRecords
import ConfidenceBounds
import RandomizedSmoothing

/// How radius and abstention tell attacked inputs from clean ones, as tables and for scripts.
public struct DistinctionReport: Sendable {
    private let distinctions: [Distinction]
    private let radii: [Double]

    /// The report of attacked versions of the same clean inputs, at least one.
    ///
    /// - Parameter radii: where certificates are counted; nil: from 0 in steps that suit the largest.
    public init(_ distinctions: [Distinction], radii: [Double]?) {
        precondition(!distinctions.isEmpty, "something attacked")
        self.distinctions = distinctions
        let runs = [distinctions[0].clean] + distinctions.map(\.attacked)
        self.radii = radii ?? RunComparison.usualRadii(runs)
    }

    /// The tables, in at most 80 columns.
    public var text: String {
        (distinctions.flatMap(paragraphs) + [Self.meaning(distinctions[0])]).joined(
            separator: "\n\n")
    }

    private func paragraphs(_ distinction: Distinction) -> [String] {
        let heading = Row.wrapped(
            "\(distinction.attacked.name) against \(distinction.clean.name): \(distinction.inputs) "
                + "inputs, attacked and clean")
        return [heading, certificates(distinction), sentence(distinction), detection(distinction)]
    }

    private func certificates(_ distinction: Distinction) -> String {
        let heads = [
            Row.line([("", 9), ("clean", 29), ("attacked", 39)]),
            Row.line([
                ("radius", 9), ("certified", 11), ("wrong", 7), ("precision", 11),
                ("certified", 12), ("wrong", 7), ("of all", 9), ("precision", 11),
            ]),
        ]
        let lines = radii.map { radius in
            let clean = distinction.count(at: radius, ofAttacked: false)
            let attacked = distinction.count(at: radius, ofAttacked: true)
            return Row.line([
                (ComparisonReport.short(radius), 9), (String(clean.certified), 11),
                (String(clean.wrong), 7), (Self.precision(clean), 11),
                (String(attacked.certified), 12), (String(attacked.wrong), 7),
                (Share(attacked.wrong, of: distinction.inputs).percentUp, 9),
                (Self.precision(attacked), 11),
            ])
        }
        return (heads + lines).joined(separator: "\n")
    }

    private static func precision(_ count: (certified: Int, right: Int, wrong: Int)) -> String {
        Share(count.right, of: count.certified).percentDown
    }

    private func sentence(_ distinction: Distinction) -> String {
        let wrong = distinction.count(at: 0, ofAttacked: true).wrong
        guard let worst = distinction.worst else {
            return "No attacked input is certified with a wrong class."
        }
        let label = worst.label.map(String.init) ?? "unknown"
        return Row.wrapped(
            "\(wrong) of \(distinction.inputs) attacked inputs "
                + "(\(Share(wrong, of: distinction.inputs).percentUp)) are certified with a wrong "
                + "class; \(distinction.turned) of them were certified with the right one before. "
                + "Of all such inputs the share is \(Self.percent(distinction.wrongShare)), with 95 % "
                + "confidence (Clopper-Pearson). The largest radius around a wrong class is "
                + "\(MeanText.down(worst.radius)): input \(worst.index), class "
                + "\(worst.answer ?? -1), label \(label).")
    }

    /// Both ends in percent, rounded outwards.
    private static func percent(_ interval: ProportionInterval) -> String {
        let low = interval.lower.multiplied(byExactly: 100).decimal(places: 1)
        let high = interval.upper.multiplied(byExactly: 100).decimal(places: 1)
        return "\(low) - \(high) %"
    }

    private func detection(_ distinction: Distinction) -> String {
        let heads = [
            "  calling attacked whatever abstains or has at most a radius of",
            Row.line([
                ("threshold", 11), ("false alarms", 14), ("detected", 10),
                ("95 % band: false alarms", 26), ("detected", 18),
            ]),
        ]
        let lines = Self.operatingPoints(distinction).map { point in
            func band(_ part: Int) -> String {
                Self.percent(distinction.band.interval(around: part))
            }
            return Row.line([
                (point.threshold.map { $0 == 0 ? "abstained" : MeanText.down($0) } ?? "-", 11),
                (Share(point.falseAlarms, of: distinction.inputs).percentUp, 14),
                (Share(point.detected, of: distinction.inputs).percentDown, 10),
                (band(point.falseAlarms), 26), (band(point.detected), 18),
            ])
        }
        let certain = distinction.certainArea
        let area = Row.wrapped(
            "Area under the curve of these (0.5: guessing): \(MeanText.down(distinction.area)); with "
                + "95 % confidence \(MeanText.down(distinction.bootstrapArea.lowerBound)) to "
                + "\(MeanText.up(distinction.bootstrapArea.upperBound)) by the bootstrap, and "
                + "\(certain.lower.decimal(places: 4)) to \(certain.upper.decimal(places: 4)) "
                + "whatever the distribution.")
        return (heads + lines + ["", area]).joined(separator: "\n")
    }

    /// Abstention alone, and what at most 1, 5, 10 and 20 % false alarms allow.
    private static func operatingPoints(_ distinction: Distinction) -> [Distinction.Point] {
        let abstentions = distinction.points.filter { $0.threshold == 0 }
        let others = [0.01, 0.05, 0.1, 0.2].compactMap(distinction.point(falseAlarmsAtMost:))
        var seen: Set<Distinction.Point> = []
        return (abstentions + others).filter { seen.insert($0).inserted }
            .sorted { ($0.threshold ?? -1) < ($1.threshold ?? -1) }
    }

    private static func meaning(_ distinction: Distinction) -> String {
        Row.wrapped(
            "certified, wrong: inputs with a certificate of at least this radius, and those of them "
                + "whose class is not the label. A certificate says that the answer is stable around the "
                + "input that was given, attacked or not. The bands hold at all thresholds "
                + "at once with 95 % confidence (Dvoretzky-Kiefer-Wolfowitz, half of 5 % for each share); "
                + "the bootstrap is that of percentiles over pairs (\(distinction.bootstrap.replicates) "
                + "replicates, seed \(distinction.bootstrap.seed)) and approximate. Both take it that the "
                + "inputs were drawn independently from those that are meant, and "
                + "say nothing of other attacks.")
    }
}

// For scripts
// -----------

extension DistinctionReport {
    /// The distinctions as a value for scripts.
    public var json: JSON {
        [
            "format": "wardein distinction 1",
            "clean": .string(distinctions[0].clean.name),
            "attacks": .array(distinctions.map(member)),
        ]
    }

    private func member(_ distinction: Distinction) -> JSON {
        [
            "attacked": .string(distinction.attacked.name),
            "inputs": .integer(distinction.inputs),
            "turned": .integer(distinction.turned),
            "largestWrongRadius": distinction.worst.map { .number($0.radius) } ?? .null,
            "wrongShare": [
                "low": .decimal(distinction.wrongShare.lower.description),
                "high": .decimal(distinction.wrongShare.upper.description),
            ],
            "area": .number(distinction.area),
            "areaBootstrap": [
                "low": .number(distinction.bootstrapArea.lowerBound),
                "high": .number(distinction.bootstrapArea.upperBound),
                "replicates": .integer(distinction.bootstrap.replicates),
                "seed": .decimal(String(distinction.bootstrap.seed)),
            ],
            "areaCertain": [
                "low": .decimal(distinction.certainArea.lower.description),
                "high": .decimal(distinction.certainArea.upper.description),
            ],
            "bandHalfWidth": .decimal(distinction.band.halfWidth.description),
            "certificates": .array(
                radii.map { radius in
                    [
                        "radius": .number(radius),
                        "clean": member(distinction.count(at: radius, ofAttacked: false)),
                        "attacked": member(distinction.count(at: radius, ofAttacked: true)),
                    ]
                }),
            "curve": .array(
                distinction.points.map { point in
                    [
                        "threshold": point.threshold.map { .number($0) } ?? .null,
                        "falseAlarms": .integer(point.falseAlarms),
                        "detected": .integer(point.detected),
                    ]
                }),
        ]
    }

    private func member(_ count: (certified: Int, right: Int, wrong: Int)) -> JSON {
        [
            "certified": .integer(count.certified), "right": .integer(count.right),
            "wrong": .integer(count.wrong),
        ]
    }

    /// A line for each threshold of each attack: the curves.
    public var csv: String {
        let header = "attacked,threshold,inputs,false_alarms,detected"
        let lines = distinctions.flatMap { distinction in
            distinction.points.map { point in
                [
                    ComparisonReport.quoted(distinction.attacked.name),
                    point.threshold.map { "\($0)" } ?? "", "\(distinction.inputs)",
                    "\(point.falseAlarms)", "\(point.detected)",
                ].joined(separator: ",")
            }
        }
        return ([header] + lines).joined(separator: "\n")
    }
}

// The drawing
// -----------

/// The certificates of clean and attacked inputs against the radius, and how well radii tell them apart.
public struct DistinctionPlot {
    private let plot: LinePlot

    /// The drawing of attacked versions of the same clean inputs.
    public init(_ distinctions: [Distinction]) {
        plot = LinePlot(
            title: "Certificates of clean and attacked inputs",
            panels: [Self.wrongCertificates(distinctions), Self.characteristic(distinctions)])
    }

    /// The file.
    public var svg: String { plot.svg }

    private static func wrongCertificates(_ distinctions: [Distinction]) -> LinePlot.Panel {
        let runs = [distinctions[0].clean] + distinctions.map(\.attacked)
        let most = max(runs.map(\.largestRadius).max() ?? 0, 1e-6)
        func line(_ distinction: Distinction, isAttacked: Bool, style: Int) -> LinePlot.Line {
            let name = (isAttacked ? distinction.attacked : distinction.clean).name
            return LinePlot.Line(
                name: name,
                points: LinePlot.places(upTo: most).map { radius in
                    let wrong = distinction.count(at: radius, ofAttacked: isAttacked).wrong
                    return LinePlot.Point(
                        x: radius, y: Share(wrong, of: distinction.inputs).fraction ?? 0)
                }, style: style, course: .upperSteps)
        }
        return LinePlot.Panel(
            title: "Certified with a wrong class", across: "at least this radius (L2)",
            upwards: "of all inputs", most: most,
            lines: [line(distinctions[0], isAttacked: false, style: 0)]
                + distinctions.enumerated().map { line($1, isAttacked: true, style: $0 + 1) })
    }

    private static func characteristic(_ distinctions: [Distinction]) -> LinePlot.Panel {
        let lines = distinctions.enumerated().map { place, distinction in
            let whole = Double(distinction.inputs)
            let points = distinction.points.map {
                LinePlot.Point(x: Double($0.falseAlarms) / whole, y: Double($0.detected) / whole)
            }
            return LinePlot.Line(
                name: "\(distinction.attacked.name): area \(MeanText.down(distinction.area))",
                points: points, style: place + 1,
                band: band(around: points, distinction.band.halfWidth.value))
        }
        return LinePlot.Panel(
            title: "Telling attacked inputs by a small radius or abstention (ROC, 95 % band)",
            across: "clean inputs that are called attacked (1: all)",
            upwards: "attacked inputs that are called so", most: 1, lines: lines, hasDiagonal: true)
    }

    /// Where the true curve lies: at a threshold it is within the half width of the point that was seen,
    /// in both directions.
    private static func band(
        around points: [LinePlot.Point], _ halfWidth: Double
    ) -> [LinePlot.Interval] {
        LinePlot.places(upTo: 1).map { x in
            let lowest = points.last { $0.x < x - halfWidth }?.y ?? 0
            let highest = points.first { $0.x > x + halfWidth }?.y ?? 1
            return LinePlot.Interval(
                x: x, low: max(0, lowest - halfWidth), high: min(1, highest + halfWidth))
        }
    }
}
