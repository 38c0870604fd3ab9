import ConfidenceBounds
import RandomizedSmoothing
import CertificateRecords

// By class
// --------

extension CampaignReport {
    /// The class-wise table at the reader's radius; nil without labels.
    var classSection: ReportDocument.Section? {
        guard knowsLabels else { return nil }
        let table = ClassTable(inputs, at: predicts ? nil : threatRadius ?? DecimalNumber("0"))
        let shown = table.lines.prefix(20)
        let rest = table.lines.dropFirst(20)
        var blocks: [ReportDocument.Block] = [
            .table(classTable(Array(shown), id: "classes"))
        ]
        if !rest.isEmpty {
            blocks.append(
                .details(
                    "The other \(rest.count) classes",
                    [.table(classTable(Array(rest), id: "more-classes"))]))
        }
        blocks.append(
            .note(
                "The class with the lowest accuracy comes first. Accuracy is of the inputs of a class, "
                    + "precision of the \(predicts ? "predictions" : "certificates") that name it. "
                    + "The interval of the precision is pointwise, with confidence "
                    + "\(CurvePoint.confidence)."))
        return .init(id: "by-class", title: "By class", blocks: blocks)
    }

    private func classTable(_ lines: [ClassTable.Line], id: String) -> ReportDocument.Table {
        let noun = predicts ? "Predictions" : "Certificates"
        let place = predicts ? "" : " at radius \((threatRadius ?? .zero).trimmed)"
        return .init(
            id: id,
            caption: "Inputs of each class, and the \(noun.lowercased()) that name it\(place)",
            columns: [
                .init(name: "Class"), .init(name: "Inputs"), .init(name: "Covered"),
                .init(name: "Accuracy"), .init(name: "\(noun) that name it"),
                .init(name: "Precision"), .init(name: "Precision in the population"),
            ],
            rows: lines.map { line in
                [
                    "\(line.name)", ReportNumber.count(line.inputs), line.coverage.percentDown,
                    line.accuracy.percentDown, ReportNumber.count(line.named),
                    line.precision.percentDown, (try? line.precision.interval?.percent) ?? "-",
                ]
            })
    }
}

extension DecimalNumber {
    /// 0.
    static var zero: DecimalNumber {
        guard let zero = DecimalNumber("0") else { preconditionFailure("a digit is a number") }
        return zero
    }
}

// Radii
// -----

extension CampaignReport {
    /// The histogram of radii and what they are in other norms; nil of a campaign that predicts.
    var radiusSection: ReportDocument.Section? {
        let radii = certified.map(\.radius).sorted()
        guard !predicts, decidedRadius == nil, !radii.isEmpty else { return nil }
        func quantile(_ quarters: Int) -> String {
            ReportNumber.radius(radii[(quarters * radii.count + 3) / 4 - 1], places: 3)
        }
        let atCeiling = certified.count {
            $0.runnerUpCount == 0 && $0.count == $0.estimationSamples
        }
        let sentence =
            "\(ReportNumber.count(radii.count)) inputs have a certificate. Three quarters of the radii "
            + "are at least \(quantile(1)), half at least \(quantile(2)), a quarter at least "
            + "\(quantile(3))."
        let ceilingSentence =
            ceiling.map {
                " The samples impose a ceiling: if all of them agree, the radius is "
                    + "\(ReportNumber.radius($0)), and no counts give more. All samples agreed for "
                    + "\(ReportNumber.count(atCeiling)) inputs, so what stands at the ceiling says "
                    + "more about n than about the classifier."
            } ?? ""
        return .init(
            id: "radii-section", title: "Radii",
            blocks: [
                .paragraph(sentence + ceilingSentence),
                .columns([[.figure(radiusHistogram)], [.table(normTable), .note(normNote)]]),
            ])
    }

    private var normNote: String {
        "An L2 ball of radius R around an input of d = \(dimension) coordinates contains the L1 ball of "
            + "radius R and the L-infinity ball of radius R / sqrt(d), and no larger ones. That is all "
            + "that an L2 certificate says in these norms, and not to be compared with certificates "
            + "made for them."
    }

    private var certified: [ReportedInput] { inputs.filter { $0.outcome == .certified } }

    /// How many coordinates an input has.
    var dimension: Int { manifest.model.inputShape.reduce(1, *) }

    private var radiusHistogram: ReportDocument.Figure {
        let parts: [(name: String, style: String, radii: [Double])] =
            knowsLabels
            ? [
                ("right class", "stack right", radii(where: true)),
                ("wrong class", "stack wrong", radii(where: false)),
            ] : [("label unknown", "stack plain", radii(where: nil))]
        let plot = HistogramPlot(
            Histogram(parts.map(\.radii), upTo: largestRadius, bins: 30),
            styles: parts.map(\.style), largest: largestRadius)
        let title = "How large the certified radii are"
        return .init(
            id: "histogram", title: title,
            description: "How many certificates have which radius. The last bar holds those at the "
                + "ceiling.",
            svg: plot.drawing(
                id: "histogram", title: title,
                description: "Bars: numbers of certificates by radius.",
                axis: "certified radius (L2)", threat: threatRadius?.nearest,
                ceiling: ceiling?.nearest),
            legend: parts.map { .init(style: $0.style, isArea: true, text: $0.name) })
    }

    private func radii(where isRight: Bool?) -> [Double] {
        certified.filter { $0.isRight == isRight }.map(\.radius.nearest)
    }

    private var normTable: ReportDocument.Table {
        var radii: [(String, DecimalNumber)] = []
        if let threatRadius { radii.append(("threat radius", threatRadius)) }
        let sorted = certified.map(\.radius).sorted()
        radii += [
            ("smallest radius", sorted[0]),
            ("median radius", sorted[(sorted.count + 1) / 2 - 1]),
            ("largest radius", sorted[sorted.count - 1]),
        ]
        return .init(
            id: "norms", caption: "What radii in L2 say in other norms, rounded down",
            columns: [
                .init(name: "Which", isNumber: false), .init(name: "L2"), .init(name: "L1"),
                .init(name: "L-infinity"),
            ],
            rows: radii.map { name, radius in
                let inclusion = NormInclusion(radius: radius, dimension: dimension)
                return [
                    name, ReportNumber.radius(radius), ReportNumber.radius(inclusion.l1),
                    inclusion.lInfinity.decimal(places: 6),
                ]
            })
    }
}

// Samples
// -------

extension CampaignReport {
    /// How the samples are distributed over the inputs.
    var sampleSection: ReportDocument.Section {
        let samples = inputs.map { Double($0.samples) }
        let plan = manifest.plan
        guard !plan.stopping.isFixed, let quartiles = Quartiles(samples) else {
            return .init(
                id: "samples", title: "Samples",
                blocks: [
                    .paragraph(
                        "Every input got \(ReportNumber.count(plan.selectionSamples)) selection and "
                            + "\(ReportNumber.count(plan.estimationSamples)) estimation samples: the "
                            + "number was fixed before the first draw.")
                ])
        }
        let most = plan.selectionSamples + plan.estimationSamples
        let plot = HistogramPlot(
            Histogram([samples], upTo: Double(most), bins: 30), styles: ["stack plain"],
            largest: Double(most))
        let title = "How many samples an input took"
        let total = inputs.reduce(0) { $0 + $1.samples }
        return .init(
            id: "samples", title: "Samples",
            blocks: [
                .paragraph(
                    "The campaign stopped with an input when it was known: \(stoppingText). Half of "
                        + "the inputs took at most \(ReportNumber.count(Int(quartiles.median))) "
                        + "samples, three quarters at most "
                        + "\(ReportNumber.count(Int(quartiles.upper))), and no input more than "
                        + "\(ReportNumber.count(Int(quartiles.range.upperBound))); the cap is "
                        + "\(ReportNumber.count(most)). \(budgetSentence)All together took "
                        + "\(Share(min(total, most * inputs.count), of: most * inputs.count).percentUp)"
                        + " of what the cap for every input would have."),
                .figure(
                    .init(
                        id: "sample-histogram", title: title,
                        description: "How many inputs took how many samples of both phases.",
                        svg: plot.drawing(
                            id: "sample-histogram", title: title,
                            description: "Bars: numbers of inputs by samples.",
                            axis: "samples of an input"),
                        legend: [])),
            ])
    }

    /// What a budget for all inputs did; empty without one.
    private var budgetSentence: String {
        guard let budget = manifest.plan.budget else { return "" }
        let left = inputs.count { $0.isLeftByBudget }
        return "The budget of \(ReportNumber.count(budget)) samples for all of them, selection "
            + "included, ended it for \(ReportNumber.count(left)) inputs before it was known. "
    }

    /// By which rule estimation ends, in words.
    var stoppingText: String {
        switch manifest.plan.stopping {
        case .atTheCap, .predictedAtTheCap: "all samples of each input"
        case .whenHopeless: "giving up inputs that can hardly be certified"
        case .whenPredicted: "until the most probable class is known"
        case .whenDecided(let radius): "deciding at radius \(radius)"
        case .whenPrecise(let width): "to within \(width) of the radius at the cap"
        }
    }
}
