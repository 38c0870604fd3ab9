import CertificateRecords
import CoordinatorService
import Foundation

/// How far a campaign is, on standard error: a line that is drawn again on a terminal; a line a
/// minute in a pipe, in a file and on a terminal that only prints (`TERM=dumb`). Never in colour, so
/// that there is nothing for `NO_COLOR` to take away.
final class ProgressDisplay {
    private let terminal = LogFormat.current == .json ? nil : Terminal.ofStandardError()
    private var lastShown: Duration?
    /// How many characters the line has that stands on the terminal; 0: there is none.
    private var drawn = 0
    /// What was settled when the first worker was there: what came before is not the fleet's pace.
    private var beginning: (elapsed: Duration, samples: Int)?

    /// Shows how far it is, unless that was shown a moment ago.
    ///
    /// - Parameter campaign: its name, where there are several.
    func show(_ progress: CampaignProgress, of campaign: String? = nil) {
        if beginning == nil, progress.workers > 0 {
            beginning = (progress.elapsed, progress.samples)
        }
        guard let terminal else {
            if progress.elapsed - (lastShown ?? .zero) >= .seconds(60) {
                lastShown = progress.elapsed
                let line = line(for: progress)
                Console.say(
                    line.logText, as: .progress, after: campaign.map { "\($0): " } ?? "",
                    LogLine.fields(of: campaign) + progress.fields(pace: line.pace))
            }
            return
        }
        if let lastShown, progress.elapsed - lastShown < .milliseconds(200) { return }
        lastShown = progress.elapsed
        draw(line(for: progress), on: terminal)
    }

    /// Prints a line above the progress.
    func note(_ line: String, as event: LogLine.Event = .remark) {
        clear()
        Console.say(line, as: event)
    }

    /// Takes the progress line away.
    func clear() {
        guard let terminal, drawn > 0 else { return }
        Console.write(terminal.erasing(drawn))
        drawn = 0
    }

    /// Replaces the line. The width is asked for each time, so it fits after a change of size; the
    /// last column stays free, where some terminals wrap.
    private func draw(_ line: ProgressLine, on terminal: Terminal) {
        guard terminal.isOurs else { return }
        let text = line.text(columns: max(0, terminal.columns - 1))
        Console.write(terminal.erasing(drawn) + text)
        drawn = text.count
    }

    private func line(for progress: CampaignProgress) -> ProgressLine {
        ProgressLine(
            share: Double(progress.samples) / Double(max(1, progress.totalSamples)),
            inputs: progress.inputs, totalInputs: progress.totalInputs,
            workers: progress.workers, elapsed: progress.elapsed.inSeconds,
            pace: pace(of: progress))
    }

    private func pace(of progress: CampaignProgress) -> ProgressLine.Pace? {
        guard progress.workers > 0, let beginning, progress.samples > beginning.samples else {
            return nil
        }
        let seconds = (progress.elapsed - beginning.elapsed).inSeconds
        let rate = Double(progress.samples - beginning.samples) / max(seconds, 1e-9)
        return ProgressLine.Pace(
            samplesPerSecond: rate,
            secondsLeft: Double(progress.totalSamples - progress.samples) / rate)
    }
}

extension CampaignProgress {
    /// The progress for a program.
    fileprivate func fields(pace: ProgressLine.Pace?) -> [JSON.Member] {
        let rounded = { (value: Double) in JSON.number((value * 10).rounded() / 10) }
        let members: [(String, JSON)] = [
            ("samplesSettled", .integer(samples)), ("samples", .integer(totalSamples)),
            ("inputsDecided", .integer(inputs)), ("inputs", .integer(totalInputs)),
            ("workers", .integer(workers)), ("seconds", rounded(elapsed.inSeconds)),
            ("samplesPerSecond", pace.map { rounded($0.samplesPerSecond) } ?? .null),
            ("secondsLeft", pace.map { rounded($0.secondsLeft) } ?? .null),
        ]
        return members.map { JSON.Member(key: $0.0, value: $0.1) }
    }
}

/// Standard error, where that is a terminal on which a line can be drawn again.
struct Terminal {
    static func ofStandardError() -> Terminal? {
        let kind = ProcessInfo.processInfo.environment["TERM"] ?? "dumb"
        return isatty(STDERR_FILENO) == 1 && kind != "dumb" && !kind.isEmpty ? Terminal() : nil
    }

    /// How many columns it has now; 80 where it does not say.
    var columns: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return 80
        }
        return Int(size.ws_col)
    }

    /// Whether this process is in the foreground: in the background it would draw into whatever the
    /// person is doing there.
    var isOurs: Bool {
        let group = tcgetpgrp(STDERR_FILENO)
        return group < 0 || group == getpgrp()
    }

    /// What takes away a line of so many characters that the cursor stands at the end of: more than
    /// one row when the terminal became narrower meanwhile and wrapped it.
    func erasing(_ characters: Int) -> String {
        guard characters > 0 else { return "" }
        let rowsAbove = (characters - 1) / columns
        return (rowsAbove > 0 ? "\u{1B}[\(rowsAbove)A" : "") + "\r\u{1B}[J"
    }
}
