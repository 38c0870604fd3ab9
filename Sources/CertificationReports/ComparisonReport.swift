public import CertificateRecords
import ConfidenceBounds
import RandomizedSmoothing

/// A comparison of runs as tables for a terminal, in at most 80 columns, and for scripts.
public struct ComparisonReport: Sendable {
    private let comparison: RunComparison

    /// The report of a comparison.
    public init(_ comparison: RunComparison) { self.comparison = comparison }

    /// The tables, with the reasons against the comparison on top, if there are any.
    public var text: String {
        ([warning] + comparison.runs.map(heading) + [notes, scorecard] + curves
            + comparison.pairs.map(tests)
            + [meaning])
            .compactMap(\.self).joined(separator: "\n\n")
    }

    /// The reasons against the comparison, one a paragraph; nil when there are none.
    public var warning: String? {
        guard !comparison.reasons.isEmpty else { return nil }
        let title =
            comparison.runs.count == 1
            ? "What is claimed of this table is contradicted by it:"
            : "These runs are not comparable:"
        return ([title] + comparison.reasons.map { Row.item($0 + ".") }).joined(separator: "\n")
    }

    private func heading(_ run: RunComparison.Run) -> String {
        let facts = run.whole.facts
        let made = [
            facts.sigma.map { "sigma \($0)" }, facts.samples.map { "n \($0)" },
            facts.alpha.map { "alpha \($0)" }, facts.rule.map { "rule \($0)" },
            facts.model.map { "model \($0.prefix(8))…" },
        ].compactMap(\.self).joined(separator: ", ")
        let count = "\(run.whole.outcomes.count) inputs"
        var sentences = [facts.isTable ? "\(count); as claimed: \(made)" : "\(count), \(made)"]
        if facts.isTable {
            sentences.append(
                "This file cannot show its n0, n, alpha, sigma or rule, nor of which model and data it "
                    + "is, nor whether inputs are missing at its end.")
        }
        if run.whole.isPossible {
            sentences.append("All of its radii are possible with what is claimed.")
        }
        let lines = sentences.map {
            "   " + Row.wrapped($0, width: 77).replacing("\n", with: "\n   ")
        }
        return (["\(run.letter)  \(run.whole.name)"] + lines).joined(separator: "\n")
    }

    private var notes: String? {
        guard !comparison.notes.isEmpty else { return nil }
        return comparison.notes.map { Row.wrapped("Note: " + $0 + ".") }.joined(separator: "\n")
    }
}

// The tables
// ----------

extension ComparisonReport {
    /// Each run in a column, without regard to the size of radii.
    private var scorecard: String {
        let whole = comparison.inputs
        func line(_ name: String, _ cell: (RunComparison.Run) -> String) -> String {
            let title = "  " + name + String(repeating: " ", count: 34 - name.count)
            return title + Row.line(comparison.runs.map { (cell($0), $0.letter == "A" ? 10 : 7) })
        }
        var lines = [
            line("of \(whole) inputs") { $0.letter },
            line("certified, %") {
                Self.bare(Share($0.count(at: 0).certified, of: whole).percentDown)
            },
            line("abstained, %") {
                Self.bare(Share(whole - $0.count(at: 0).certified, of: whole).percentUp)
            },
            line("largest radius") { MeanText.down($0.largestRadius) },
        ]
        if comparison.isLabelled {
            lines += [
                line("certified with a wrong class") { String($0.count(at: 0).wrong) },
                line("largest radius around one") {
                    $0.largestWrongRadius.map(MeanText.down) ?? "-"
                },
            ]
        }
        return lines.joined(separator: "\n")
    }

    private static func bare(_ percent: String) -> String { percent.replacing(" %", with: "") }

    private var curves: [String] {
        let whole = comparison.inputs
        var tables = [
            table("certified at each radius, of \(whole) inputs") { count in
                Share(count.certified, of: whole).percentDown
            }
        ]
        if comparison.isLabelled {
            tables += [
                table("certified accuracy: certified at the radius, and right, of all inputs") {
                    Share($0.right, of: whole).percentDown
                },
                table("certificate precision: of the certificates at the radius, those right") {
                    Share($0.right, of: $0.certified).percentDown
                },
                table("certified at the radius with a wrong class: inputs") { String($0.wrong) },
            ]
        }
        return tables
    }

    private func table(
        _ title: String, cell: ((certified: Int, right: Int, wrong: Int)) -> String
    ) -> String {
        let heads = Row.line([("radius", 9)] + comparison.runs.map { ($0.letter, 11) })
        let lines = comparison.radii.map { radius in
            Row.line(
                [(ComparisonReport.short(radius), 9)]
                    + comparison.runs.map { (cell($0.count(at: radius)), 11) })
        }
        return (["  " + title, heads] + lines).joined(separator: "\n")
    }

    private func tests(_ pair: RunComparison.Pair) -> String {
        let first = comparison.runs[0].letter
        let what = comparison.isLabelled ? "certified and right" : "certified"
        let heads = [
            "  \(pair.letter) against \(first): \(what) in one of them alone; differences in points",
            Row.line([
                ("radius", 9), ("only \(first)", 11), ("only \(pair.letter)", 11),
                ("\(pair.letter) - \(first)", 11), ("p", 11), ("p (Holm)", 11),
            ]),
        ]
        let lines = pair.lines.map { line in
            let points = Share(line.test.onlySecond, of: comparison.inputs)
                .points(above: Share(line.test.onlyFirst, of: comparison.inputs))
            return Row.line([
                (ComparisonReport.short(line.radius), 9), (String(line.test.onlyFirst), 11),
                (String(line.test.onlySecond), 11), (points, 11),
                (line.pValue.decimal(places: 4), 11), (line.adjusted.decimal(places: 4), 11),
            ])
        }
        return (heads + lines + [means(pair)].compactMap(\.self)).joined(separator: "\n")
    }

    private func means(_ pair: RunComparison.Pair) -> String? {
        guard let mean = pair.meanRadius else { return nil }
        let what = comparison.isLabelled ? "right certificates" : "certificates"
        let means = comparison.runs.filter { $0.letter == "A" || $0.letter == pair.letter }.map {
            "\($0.letter) \(MeanText.down($0.meanRadius(isLabelled: comparison.isLabelled)))"
        }
        return Row.wrapped(
            "Mean radius of \(what), 0 for all else: \(means.joined(separator: ", ")); "
                + "\(pair.letter) - A is \(MeanText.towardZero(mean.value)), and of such inputs "
                + "\(MeanText.down(mean.interval.lowerBound)) to \(MeanText.up(mean.interval.upperBound)) "
                + "(95 %).")
    }

    private var meaning: String? {
        guard !comparison.pairs.isEmpty else { return nil }
        let tests = comparison.pairs.count * comparison.radii.count
        return Row.wrapped(
            "p is McNemar's exact two-sided test of the inputs that differ; p (Holm) is adjusted for "
                + "all \(tests) of them: the differences where it is at most 0.05 all hold at "
                + "once, except with probability 0.05. Intervals are of the percentile bootstrap over "
                + "inputs (\(comparison.bootstrap.replicates) replicates, seed "
                + "\(comparison.bootstrap.seed)) and approximate. All this takes it that the "
                + "inputs were drawn independently from those that are meant.")
    }

    /// The radius of a line, to nearest: a question, not a claim.
    static func short(_ radius: Double) -> String {
        ((radius * 10_000).rounded() / 10_000).description
    }
}

extension Share {
    /// To nearest, for drawings; nil of nothing.
    var fraction: Double? { whole == 0 ? nil : Double(part) / Double(whole) }

    /// The difference to another part of the same whole in points, with its sign: rounded toward 0.
    func points(above other: Share) -> String {
        precondition(whole == other.whole, "parts of one whole")
        guard whole > 0 else { return "-" }
        let difference = part - other.part
        let tenths = abs(difference) * 1000 / whole
        let sign = tenths == 0 ? "" : difference > 0 ? "+" : "-"
        return "\(sign)\(tenths / 10).\(tenths % 10)"
    }
}

/// Means of radii with four places, rounded so that they claim less. Sums of up to 10^6 doubles err by
/// less than 10^-9 of their terms.
enum MeanText {
    static func down(_ mean: Double) -> String {
        LowerBound(proved: mean - 1e-9 * abs(mean)).decimal(places: 4)
    }

    static func up(_ mean: Double) -> String {
        UpperBound(proved: mean + 1e-9 * abs(mean)).decimal(places: 4)
    }

    static func towardZero(_ mean: Double) -> String { mean < 0 ? up(mean) : down(mean) }
}

// For scripts
// -----------

extension ComparisonReport {
    /// The comparison as a value for scripts.
    public var json: JSON {
        [
            "format": "wardein comparison 1",
            "inputs": .integer(comparison.inputs),
            "comparable": .bool(comparison.reasons.isEmpty),
            "reasons": .array(comparison.reasons.map { .string($0) }),
            "notes": .array(comparison.notes.map { .string($0) }),
            "runs": .array(comparison.runs.map(member)),
            "comparisons": .array(comparison.pairs.map(member)),
            "bootstrap": [
                "method": "percentile",
                "replicates": .integer(comparison.bootstrap.replicates),
                "seed": .decimal(String(comparison.bootstrap.seed)),
                "level": .number(PairedBootstrap.level),
            ],
        ]
    }

    private func member(_ run: RunComparison.Run) -> JSON {
        let facts = run.whole.facts
        return [
            "run": .string(run.letter),
            "name": .string(run.whole.name),
            "isTable": .bool(facts.isTable),
            "inputs": .integer(run.whole.outcomes.count),
            "sigma": facts.sigma.map { .number($0) } ?? .null,
            "estimationSamples": facts.samples.map { .integer($0) } ?? .null,
            "alpha": facts.alpha.map { .number($0) } ?? .null,
            "rule": facts.rule.map { .string($0) } ?? .null,
            "model": facts.model.map { .string($0) } ?? .null,
            "impossibleRadii": run.whole.impossibleRadii.map { .integer($0.count) } ?? .null,
            "largestRadius": .number(run.largestRadius),
            "largestWrongRadius": run.largestWrongRadius.map { .number($0) } ?? .null,
            "meanRadius": .number(run.meanRadius(isLabelled: comparison.isLabelled)),
            "curve": .array(
                comparison.radii.map { radius in
                    let count = run.count(at: radius)
                    return [
                        "radius": .number(radius), "certified": .integer(count.certified),
                        "right": .integer(count.right), "wrong": .integer(count.wrong),
                    ]
                }),
        ]
    }

    private func member(_ pair: RunComparison.Pair) -> JSON {
        [
            "run": .string(pair.letter),
            "against": "A",
            "tests": .array(
                pair.lines.map { line in
                    [
                        "radius": .number(line.radius),
                        "onlyFirst": .integer(line.test.onlyFirst),
                        "onlyThis": .integer(line.test.onlySecond),
                        "p": .decimal(line.pValue.decimal(places: 12)),
                        "holm": .decimal(line.adjusted.decimal(places: 12)),
                    ]
                }),
            "meanRadiusDifference": pair.meanRadius.map { mean in
                [
                    "value": .number(mean.value), "low": .number(mean.interval.lowerBound),
                    "high": .number(mean.interval.upperBound),
                ]
            } ?? .null,
        ]
    }

    /// A line for each run and radius.
    public var csv: String {
        let header =
            "run,name,radius,inputs,certified,right,wrong,only_first,only_this,p,p_holm"
        let lines = comparison.runs.flatMap { run in
            comparison.radii.indices.map { place in
                let radius = comparison.radii[place]
                let count = run.count(at: radius)
                let line = comparison.pairs.first { $0.letter == run.letter }?.lines[place]
                return [
                    run.letter, ComparisonReport.quoted(run.whole.name), "\(radius)",
                    "\(comparison.inputs)", "\(count.certified)", "\(count.right)",
                    "\(count.wrong)",
                    line.map { "\($0.test.onlyFirst)" } ?? "",
                    line.map { "\($0.test.onlySecond)" } ?? "",
                    line?.pValue.decimal(places: 12) ?? "",
                    line?.adjusted.decimal(places: 12) ?? "",
                ].joined(separator: ",")
            }
        }
        return ([header] + lines).joined(separator: "\n")
    }

    /// A field of CSV (RFC 4180).
    static func quoted(_ field: String) -> String {
        guard field.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else {
            return field
        }
        return "\"" + field.replacing("\"", with: "\"\"") + "\""
    }
}
