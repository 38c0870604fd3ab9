import CoordinatorService

/// How far a campaign is, in one line: a value whose text is a function of the width alone.
struct ProgressLine: Hashable {
    /// The share of the samples that is settled, from 0 to 1.
    var share: Double
    /// How many inputs are decided, and how many there are.
    var inputs: Int
    var totalInputs: Int
    /// How many workers count.
    var workers: Int
    /// For how long the campaign has run, in seconds.
    var elapsed: Double
    /// Samples a second and the seconds that are left at that pace, once there is a pace.
    var pace: Pace?

    struct Pace: Hashable {
        var samplesPerSecond: Double
        var secondsLeft: Double
    }

    /// The line for a terminal of this many columns, with plain ASCII characters and at most so
    /// many of them: what matters less is left out where there is no room for it.
    func text(columns: Int) -> String {
        let details = detailsByRoom.first { $0.count <= columns } ?? ""
        let room = min(ProgressLine.longestBar, columns - details.count - "[] ".count)
        return room < ProgressLine.shortestBar ? details : "\(bar(room)) \(details)"
    }

    /// The line for a log.
    var logText: String {
        "\(ProgressLine.clock(elapsed))  \(detailsByRoom[0])"
    }

    /// Seconds as `1:02:03` or `2:03`.
    static func clock(_ seconds: Double) -> String {
        let whole = Int(min(max(0, seconds.rounded()), 1e12))
        let (hours, rest) = whole.quotientAndRemainder(dividingBy: 3600)
        let padded = { (value: Int) in value < 10 ? "0\(value)" : "\(value)" }
        return hours > 0
            ? "\(hours):\(padded(rest / 60)):\(padded(rest % 60))"
            : "\(rest / 60):\(padded(rest % 60))"
    }

    private static let longestBar = 20
    private static let shortestBar = 5

    /// What may stand beside the bar, from all to least.
    private var detailsByRoom: [String] {
        let percent = "\(Int(share * 100)) %"
        let inputs = "\(inputs)/\(totalInputs)"
        guard let pace else {
            return [
                [percent, "\(inputs) inputs", "waiting for workers"],
                [percent, "waiting for workers"],
                [percent],
            ].map { $0.joined(separator: "  ") }
        }
        let rate = "\(Int(min(pace.samplesPerSecond, 1e15))) samples/s"
        let workers = workers == 1 ? "1 worker" : "\(workers) workers"
        let left = "\(ProgressLine.clock(pace.secondsLeft)) left"
        return [
            [percent, "\(inputs) inputs", rate, workers, left],
            [percent, "\(inputs) inputs", workers, left], [percent, "\(inputs) inputs", left],
            [percent, left], [percent],
        ].map { $0.joined(separator: "  ") }
    }

    private func bar(_ width: Int) -> String {
        let full = min(width, max(0, Int(share * Double(width))))
        return "[" + String(repeating: "#", count: full)
            + String(repeating: ".", count: width - full) + "]"
    }
}
