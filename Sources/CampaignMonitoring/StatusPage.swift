public import CertificateRecords
import CertificationReports
import Digests
import Foundation
import Sodium

/// The live page of a coordinator: what stands on the board, for people.
///
/// The server writes all of it, so that it can be read without a script. The script asks for
/// `status.json` every two seconds and puts the texts that stand there under `page` in the places of
/// the old ones; it makes no text itself.
public struct StatusPage {
    /// What the page says.
    let sections: [StatusSection]
    let title: String
    let state: String
    let summary: String
    let time: String

    /// The page of what stands on the board.
    ///
    /// - Parameters:
    ///   - board: what the coordinator knows.
    ///   - time: when it last said so, as RFC 3339.
    ///   - health: whether it is well.
    public init(of board: StatusBoard.Contents, time: String, health: Health) throws {
        sections = try board.campaigns.enumerated().reversed().map { place, posted in
            try StatusSection(of: posted, id: "c\(place + 1)")
        }
        state = health.isGood || !board.isListening ? board.headline : "Does not turn"
        summary = health.isGood ? board.summary : health.sentence
        let share = board.campaigns.last.map { "\(Int($0.share * 100)) % " } ?? ""
        title = share + state
        self.time = "As of \(time.replacing("T", with: " ").replacing("Z", with: " UTC"))."
    }

    /// The media type of the page.
    public static let mediaType = "text/html; charset=utf-8"

    /// What a browser is told to allow the page: its own style and script, and to ask where it came from.
    public static let contentSecurityPolicy =
        "default-src 'none'; script-src '\(hash(script))'; style-src '\(hash(style))'; "
        + "img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'"

    private static func hash(_ text: String) -> String {
        let digest = SHA256.digest(of: Array(text.utf8))
        return "sha256-" + Data(digest.bytes).base64EncodedString()
    }

    /// What the script has to know to tell whether the page has the right places.
    private var structure: String { sections.map(\.structure).joined(separator: "\n") }

    /// The texts by their places, for the script.
    public var value: JSON {
        let parts: [StatusPart] =
            [
                .text(id: "state", state), .text(id: "summary", summary), .text(id: "time", time),
            ] + sections.flatMap(\.parts)
        return [
            "structure": .string(structure),
            "title": .string(title),
            "texts": .object(parts.compactMap(\.text)),
            "meters": .object(parts.compactMap(\.meter)),
            "tables": .object(parts.compactMap(\.table)),
            "lists": .object(parts.compactMap(\.list)),
        ]
    }

    /// The page.
    public var html: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <link rel="icon" href="data:,">
        <title>\(HTMLText.escaped(title))</title>
        <style>\(StatusPage.style)</style>
        </head>
        <body data-structure="\(HTMLText.escaped(structure))">
        <a class="skip" href="#content">Skip to the campaigns</a>
        <header>
        <p class="mark">Wardein</p>
        <h1 id="state">\(HTMLText.escaped(state))</h1>
        <p class="subtitle" id="summary">\(HTMLText.escaped(summary))</p>
        <p class="note" id="time">\(HTMLText.escaped(time))</p>
        <p class="warning" id="silence" role="alert" hidden></p>
        <noscript><p class="note">Load the page again to see how far it is then.</p></noscript>
        </header>
        <main id="content">
        \(sections.map(\.html).joined(separator: "\n"))
        </main>
        <footer><p>The same for programs: <a href="status.json">status.json</a>,
        <a href="metrics">metrics</a> for Prometheus, <a href="healthz">healthz</a>,
        <a href="readyz">readyz</a>. A certificate says that the answer is stable, not that it is
        right.</p></footer>
        <script>\(StatusPage.script)</script>
        </body>
        </html>

        """
    }
}

extension StatusBoard.Contents {
    /// What happens here, in a word or two.
    fileprivate var headline: String {
        if isListening {
            let running = campaigns.filter(\.isRunning)
            guard !running.isEmpty else { return "Waiting for a campaign" }
            let isAtWork = running.contains { $0.snapshot.workersReady > 0 }
            return isAtWork ? "Running" : "Waiting for workers"
        }
        return switch campaigns.last?.snapshot.state {
        case .finished: "Finished"
        case .interrupted: "Interrupted"
        case .stopped: "Stopped by trouble"
        case .running, nil: "Preparing"
        }
    }

    /// How many workers count how fast, for how many campaigns.
    fileprivate var summary: String {
        guard let last = campaigns.last else {
            return isListening
                ? "The queue is empty." : "The model and the inputs are being read."
        }
        let running = campaigns.filter(\.isRunning)
        guard !running.isEmpty else { return "The campaign in \(last.snapshot.folder) has ended." }
        let workers = running.map(\.snapshot.workersReady).reduce(0, +)
        let paces = running.compactMap(\.pace.samplesPerSecond)
        let rest =
            running.count == 1
            ? StatusText.left(running[0].secondsLeft) : "\(running.count) campaigns"
        let pace =
            paces.isEmpty ? [] : ["\(StatusText.count(paces.reduce(0, +))) samples a second"]
        return ([StatusText.several(workers, "worker")] + pace + [rest]).joined(separator: ", ")
    }
}

extension StatusBoard.Posted {
    /// The share of the samples that is settled.
    var share: Double {
        guard snapshot.state != .finished else { return 1 }
        return Double(snapshot.samplesSettled) / Double(max(1, snapshot.samplesExpected))
    }
}

/// Numbers and times as the page says them.
enum StatusText {
    static func several(_ count: Int, _ noun: String) -> String {
        "\(ReportNumber.count(count)) \(noun)\(count == 1 ? "" : "s")"
    }

    /// A count that may be huge or no number.
    static func count(_ number: Double) -> String {
        ReportNumber.count(Int(min(max(0, number.rounded()), 1e15)))
    }

    static func left(_ seconds: Double?) -> String {
        seconds.map { "\(span($0)) left" } ?? "no pace yet"
    }

    /// A time with its two largest units: `45 s`, `12 min 5 s`, `2 d 4 h`.
    static func span(_ seconds: Double) -> String {
        let whole = Int(min(max(0, seconds.rounded()), 1e12))
        let units = [("d", 86400), ("h", 3600), ("min", 60), ("s", 1)]
        guard let first = units.firstIndex(where: { whole >= $0.1 }) else { return "0 s" }
        let (most, rest) = whole.quotientAndRemainder(dividingBy: units[first].1)
        let large = "\(most) \(units[first].0)"
        guard first + 1 < units.count, case let next = rest / units[first + 1].1, next > 0 else {
            return large
        }
        return "\(large) \(next) \(units[first + 1].0)"
    }

    static func bytes(_ count: Int) -> String {
        var (value, unit) = (Double(max(0, count)), 0)
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        while value >= 1024, unit + 1 < units.count { (value, unit) = (value / 1024, unit + 1) }
        return unit == 0 ? "\(count) B" : "\((value * 10).rounded() / 10) \(units[unit])"
    }
}
