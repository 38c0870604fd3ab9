import CertificateRecords

// Inputs at the extremes
// ----------------------

extension CampaignReport {
    /// Which inputs belong to a gallery, by their place among the records: the highest wrong ones first,
    /// the highest right ones, the smallest radii and abstentions.
    public static func extremes(of inputs: [ReportedInput], each count: Int = 6) -> [Int] {
        let groups = Extreme.allCases.map { $0.members(of: inputs).prefix(count) }
        return groups.flatMap(\.self)
    }

    /// The gallery; nil where nothing is known to show.
    var gallerySection: ReportDocument.Section? {
        guard !setting.gallery.isEmpty else { return nil }
        let blocks = Extreme.allCases.compactMap { extreme -> ReportDocument.Block? in
            let items = setting.gallery.filter { extreme.holds($0.input) }
            guard !items.isEmpty else { return nil }
            return .gallery(title: extreme.title(predicts: predicts), items)
        }
        let text =
            setting.noPictures
            ?? "Beside each input stand the first noisy copies of it that were counted: what the "
            + "classifier really sees. Their noise was drawn again with the key of the campaign. "
            + "Values outside the range of the inputs, which the noise often reaches, are shown as "
            + "its ends; the classifier gets them as they are."
        return .init(
            id: "extremes", title: "Inputs at the extremes", blocks: [.paragraph(text)] + blocks)
    }
}

/// A kind of input that is worth looking at.
private enum Extreme: CaseIterable {
    case wrong, right, lowest, abstained

    func holds(_ input: ReportedInput) -> Bool {
        switch self {
        case .wrong: input.isRight == false
        case .right: input.isRight != false && input.outcome != .abstained && input.isUnanimous
        case .lowest: input.isRight != false && input.outcome != .abstained && !input.isUnanimous
        case .abstained: input.outcome == .abstained
        }
    }

    /// Places of the records, the most extreme first.
    func members(of inputs: [ReportedInput]) -> [Int] {
        let places = inputs.indices.filter { holds(inputs[$0]) }
        switch self {
        case .wrong, .right:
            return places.sorted { Extreme.rank(inputs[$1]) < Extreme.rank(inputs[$0]) }
        case .lowest, .abstained:
            return places.sorted { Extreme.rank(inputs[$0]) < Extreme.rank(inputs[$1]) }
        }
    }

    /// By radius, then by the share of its samples that are of the class; then by index.
    private static func rank(_ input: ReportedInput) -> (Double, Double, Int) {
        let share = Double(input.count) / Double(max(1, input.estimationSamples))
        return (input.radius.nearest, share, -input.index)
    }

    func title(predicts: Bool) -> String {
        switch self {
        case .wrong:
            predicts ? "Predicted and wrong" : "Certified and wrong: the largest radii first"
        case .right: "All samples agree"
        case .lowest: "\(predicts ? "Predicted" : "Certified") most narrowly"
        case .abstained: "Abstained"
        }
    }
}

extension ReportedInput {
    /// Whether all estimation samples are of one class.
    var isUnanimous: Bool { count == estimationSamples }

    /// What a caption says of the input.
    var caption: String {
        let truth = label.map { ", label \($0)" } ?? ""
        switch outcome {
        case .certified:
            return "input \(index): class \(selectedClass)\(truth), "
                + "radius \(ReportNumber.radius(radius))"
        case .predicted: return "input \(index): class \(selectedClass)\(truth)"
        case .abstained:
            return "input \(index)\(truth): \(reason ?? "abstained"); "
                + "\(ReportNumber.count(count)) of \(ReportNumber.count(estimationSamples)) samples "
                + "are of class \(selectedClass)"
        }
    }
}

// Workers and parameters
// ----------------------

extension CampaignReport {
    /// Who counted, and what went wrong; nil where that is not known.
    var workerSection: ReportDocument.Section? {
        guard let effort = setting.effort else { return nil }
        let reason = effort.reason.map { ": \($0)" } ?? ""
        let times =
            effort.parts > 0
            ? "It was merged from \(effort.parts) runs, of which the first began \(effort.began) and the "
                + "last ended \(effort.ended)"
            : "The last run began \(effort.began) and ended \(effort.ended), \(effort.ending)\(reason)"
        let unlisted =
            effort.incidentsNotListed > 0
            ? ["\(ReportNumber.count(effort.incidentsNotListed)) more are not listed"] : []
        return .init(
            id: "workers", title: "Workers and faults",
            blocks: [
                .paragraph(
                    "\(times). Who might count: \(effort.admission). The noise "
                        + "key came from: \(effort.keyOrigin). Past a stop "
                        + "\(ReportNumber.count(effort.needlessSamples)) samples were drawn that no "
                        + "record uses."),
                .table(workerTable(effort)),
                .details(
                    "What happened to the fleet",
                    [.list(title: "In seconds since the beginning", effort.incidents + unlisted)]),
            ])
    }

    private func workerTable(_ effort: CampaignEffort) -> ReportDocument.Table {
        let shown = effort.workers.prefix(50)
        let more = effort.workers.count - shown.count
        return .init(
            id: "worker-table",
            caption: "Who counted the samples that stand in records"
                + (more > 0 ? " (\(more) more workers are not listed)" : ""),
            columns: [
                .init(name: "Worker", isNumber: false), .init(name: "Samples"),
                .init(name: "Share"), .init(name: "Core-seconds"), .init(name: "Refused counts"),
                .init(name: "Left", isNumber: false),
            ],
            rows: shown.map { worker in
                [
                    worker.name, ReportNumber.count(worker.samples),
                    Share(min(worker.samples, effort.samples), of: effort.samples).percentDown,
                    DecimalText.nearest(worker.sessionSeconds, places: 1),
                    ReportNumber.count(worker.refusedTallies), worker.departure ?? "at the end",
                ]
            })
    }

    /// The whole manifest, key by key.
    var parameterSection: ReportDocument.Section {
        let rows = CampaignReport.leaves(of: manifest.json, at: "").filter {
            setting.audience == .operator || !CampaignReport.isForOperators($0.path)
        }
        return .init(
            id: "parameters", title: "Parameters",
            blocks: [
                .table(
                    .init(
                        id: "manifest", caption: "The manifest, which determines the records",
                        columns: [
                            .init(name: "Key", isNumber: false),
                            .init(name: "Value", isNumber: false),
                        ],
                        rows: rows.map { [$0.path, $0.value] }))
            ])
    }

    /// Whoever knows the key and the inputs can draw the noise of each of them again.
    private static func isForOperators(_ path: String) -> Bool {
        ["noise.key", "parts"].contains(path) || path.hasPrefix("inputs.indices")
    }

    private static func leaves(of json: JSON, at path: String) -> [(path: String, value: String)] {
        switch json {
        case .object(let members):
            return members.flatMap { member in
                leaves(of: member.value, at: path.isEmpty ? member.key : "\(path).\(member.key)")
            }
        case .string(let text): return [(path, text)]
        case .null: return [(path, "none")]
        default:
            let line = json.line
            return [(path, line.count > 400 ? "\(line.prefix(400)) …" : line)]
        }
    }
}
