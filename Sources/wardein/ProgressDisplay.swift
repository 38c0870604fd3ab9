import CoordinatorService
import Foundation

/// How far a campaign is, on standard error: a line that is drawn again on a terminal, a line from
/// time to time elsewhere.
final class ProgressDisplay {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var lastShown: Duration?
    private var isLineOpen = false
    /// What was settled when the first worker was there: what came before is not the fleet's pace.
    private var beginning: (elapsed: Duration, samples: Int)?

    /// Shows how far it is, unless that was shown a moment ago.
    func show(_ progress: CampaignProgress) {
        if beginning == nil, progress.workers > 0 {
            beginning = (progress.elapsed, progress.samples)
        }
        let pause = isTerminal ? Duration.milliseconds(200) : .seconds(30)
        if let lastShown, progress.elapsed - lastShown < pause { return }
        if lastShown == nil, !isTerminal, progress.samples == 0 {
            lastShown = progress.elapsed
            return
        }
        lastShown = progress.elapsed
        write(line(for: progress))
    }

    /// Prints a line above the progress.
    func note(_ line: String) {
        clear()
        Console.say(line)
    }

    /// Takes the progress line away.
    func clear() {
        guard isLineOpen else { return }
        Console.write("\r\u{1B}[K")
        isLineOpen = false
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

    private func write(_ line: String) {
        guard isTerminal else {
            Console.say(line)
            return
        }
        Console.write("\r" + line + "\u{1B}[K")
        isLineOpen = true
    }

    private func line(for progress: CampaignProgress) -> String {
        let share = Double(progress.samples) / Double(max(1, progress.totalSamples))
        let inputs = "\(progress.inputs)/\(progress.totalInputs) inputs"
        guard progress.workers > 0, let beginning, progress.samples > beginning.samples else {
            return "\(bar(share)) \(inputs), waiting for workers"
        }
        let seconds = (progress.elapsed - beginning.elapsed).inSeconds
        let rate = Double(progress.samples - beginning.samples) / max(seconds, 1e-9)
        let left = Double(progress.totalSamples - progress.samples) / max(rate, 1e-9)
        let workers = progress.workers == 1 ? "1 worker" : "\(progress.workers) workers"
        return
            "\(bar(share)) \(Int(share * 100)) %  \(inputs)  \(Int(rate)) samples/s  \(workers)  "
            + "\(ProgressDisplay.clock(left)) left"
    }

    private func bar(_ share: Double) -> String {
        let width = 20
        let full = min(width, Int(share * Double(width)))
        return "[" + String(repeating: "#", count: full)
            + String(repeating: ".", count: width - full) + "]"
    }
}
