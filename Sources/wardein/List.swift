import ArgumentParser
import CampaignQueue
import CoordinatorService
import Foundation

/// Says what is in a queue.
struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the campaigns of a queue and how far each is.",
        discussion: """
            Reads the folder of the queue, wherever it is seen. `wardein status QUEUE/NAME` says more \
            about one of them.
            """)

    @Option(help: "The folder of the queue.")
    var queue: String

    @Flag(help: "Print the list as JSON, for scripts.")
    var json = false

    func run() throws { try QueueListing(QueueFolder(at: queue)).print(asJSON: json) }
}

/// What is in a queue, and how far.
struct QueueListing {
    private let queue: QueueFolder
    private let contents: QueueFolder.Contents
    private let rows: [Row]

    /// A campaign.
    private struct Row: Encodable {
        let name: String
        let state: String
        var reason: String?
        let priority: Int
        let submitted: Date
        var inputs: Int?
        var inputsDecided: Int?
        var samplesPerSecond: Double?
        var secondsLeft: Double?
    }

    /// Reads it.
    init(_ queue: QueueFolder) throws {
        self.queue = queue
        contents = try queue.contents()
        let isServed = queue.coordinator != nil
        rows = contents.campaigns.map { campaign in
            QueueListing.row(
                campaign, isServed: isServed,
                states: QueueListing.states(in: queue.output(of: campaign.name)))
        }
    }

    /// How far the campaign in a folder is, or each of those at several noise levels; nil: not begun.
    private static func states(in folder: String) -> [CampaignStatus?] {
        guard let levels = try? NoiseLevelsFolder(at: folder) else {
            return [try? CampaignStatus.read(from: folder)]
        }
        return levels.levels.map { try? CampaignStatus.read(from: $0.path) }
    }

    private static func row(
        _ campaign: QueuedCampaign, isServed: Bool, states: [CampaignStatus?]
    ) -> Row {
        let host = ProcessInfo.processInfo.hostName
        let running = states.compactMap(\.self).last {
            $0.state == "running" && !$0.isStale(at: Date(), onHost: host)
        }
        let isRunning = isServed && running != nil
        let state = campaign.ending?.kind.rawValue ?? (isRunning ? "running" : "waiting")
        var row = Row(
            name: campaign.name, state: state, reason: campaign.ending?.reason,
            priority: campaign.submission.priority, submitted: campaign.submission.submitted)
        if let first = states.compactMap(\.self).first {
            // All noise levels have the same inputs.
            row.inputs = first.inputs * states.count
            row.inputsDecided = states.reduce(0) { $0 + ($1?.inputsDecided ?? 0) }
        }
        guard state == "running" else { return row }
        row.samplesPerSecond = running?.samplesPerSecond
        row.secondsLeft = states.count == 1 ? running?.secondsLeft : nil
        return row
    }

    /// Prints it.
    func print(asJSON isJSON: Bool) throws {
        guard !isJSON else {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            encoder.dateEncodingStrategy = .iso8601
            Swift.print(String(decoding: try encoder.encode(rows), as: UTF8.self))
            return
        }
        Swift.print(heading)
        if !rows.isEmpty {
            let cells =
                [["campaign", "state", "priority", "inputs", "samples/s", "left"]] + rows.map(cells)
            let widths = cells[0].indices.map { column in cells.map { $0[column].count }.max() ?? 0
            }
            for row in cells { Swift.print(QueueListing.line(row, widths)) }
        }
        for row in rows {
            if let reason = row.reason { Swift.print("\n\(row.name) \(row.state): \(reason)") }
        }
        for sentence in contents.unreadable.values.sorted() { Swift.print("\n\(sentence)") }
    }

    private var heading: String {
        guard let coordinator = queue.coordinator else {
            return "No coordinator serves the queue \(queue.path)."
        }
        return "The queue \(queue.path) is served at \(coordinator.endpoint) (process "
            + "\(coordinator.process) on \(coordinator.host))."
    }

    private func cells(_ row: Row) -> [String] {
        let inputs = row.inputs.map { "\(row.inputsDecided ?? 0) of \($0)" } ?? "-"
        let rate = row.samplesPerSecond.map { "\(Int(min(max(0, $0), 1e15)))" } ?? ""
        let left = row.secondsLeft.map(ProgressLine.clock) ?? ""
        return [row.name, row.state, "\(row.priority)", inputs, rate, left]
    }

    /// Names and states to the left, numbers to the right.
    private static func line(_ cells: [String], _ widths: [Int]) -> String {
        let columns = zip(cells, widths).enumerated().map { column, pair in
            let padding = String(repeating: " ", count: pair.1 - pair.0.count)
            return column < 2 ? pair.0 + padding : padding + pair.0
        }
        let line = "  " + columns.joined(separator: "  ")
        return String(line.reversed().drop { $0 == " " }.reversed())
    }
}
