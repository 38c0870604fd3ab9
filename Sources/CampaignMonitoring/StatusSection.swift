import CertificateRecords
import CertificationReports
import ConfidenceBounds

/// Something on the page that changes while a campaign runs.
enum StatusPart {
    /// A text; hidden where it is empty.
    case text(id: String, String)
    /// How much of something is done, in thousandths.
    case meter(id: String, Int)
    /// The rows of a table.
    case table(id: String, [[String]])
    /// The items of a list.
    case list(id: String, [String])

    var text: JSON.Member? {
        guard case .text(let id, let text) = self else { return nil }
        return JSON.Member(key: id, value: .string(text))
    }

    var meter: JSON.Member? {
        guard case .meter(let id, let value) = self else { return nil }
        return JSON.Member(key: id, value: .integer(value))
    }

    var table: JSON.Member? {
        guard case .table(let id, let rows) = self else { return nil }
        return JSON.Member(
            key: id, value: .array(rows.map { .array($0.map { .string($0) }) }))
    }

    var list: JSON.Member? {
        guard case .list(let id, let items) = self else { return nil }
        return JSON.Member(key: id, value: .array(items.map { .string($0) }))
    }
}

/// The part of the page about one campaign.
struct StatusSection {
    private let id: String
    private let heading: String
    private let claim: String
    private let reason: String
    private let share: Double
    private let tiles: [Tile]
    private let scope: String
    private let tables: [Table]
    private let recent: [String]

    struct Tile {
        let name: String
        let value: String
        let detail: String
        var band = ""
    }

    struct Table {
        let id: String
        let caption: String
        let columns: [(name: String, isNumber: Bool)]
        let rows: [[String]]
    }

    init(of posted: StatusBoard.Posted, id: String) throws {
        let campaign = posted.snapshot
        self.id = id
        heading = campaign.folder
        claim = campaign.claim
        reason =
            campaign.reason.map { "Stopped: \($0). Everything so far is kept." } ?? ""
        share = posted.share
        tiles =
            try StatusSection.progress(posted) + StatusSection.outcomes(campaign.outcomes)
        scope = StatusSection.scope(of: campaign)
        tables =
            try [
                StatusSection.radii(campaign.outcomes, id: id),
                StatusSection.workers(campaign, id: id),
            ].compactMap(\.self) + [
                StatusSection.incidents(campaign, id: id),
                StatusSection.coordinator(campaign, id: id),
            ]
        recent = campaign.recent.reversed()
    }

    /// What of the section has to be there before its texts can change. Without characters that HTML
    /// does not allow, so that the page has it as the script does.
    var structure: String {
        ([HTMLText.escaped(heading)] + tiles.map(\.name) + tables.map(\.id)).joined(separator: "|")
    }

    var parts: [StatusPart] {
        [
            .text(id: "\(id)-reason", reason), .text(id: "\(id)-scope", scope),
            .meter(id: "\(id)-progress", Int(share * 1000)),
            .list(id: "\(id)-recent", recent),
        ]
            + tiles.enumerated().flatMap { place, tile -> [StatusPart] in
                let name = "\(id)-tile\(place)"
                return [
                    .text(id: name, tile.value), .text(id: name + "-detail", tile.detail),
                    .text(id: name + "-band", tile.band),
                ]
            }
            + tables.map { .table(id: $0.id, $0.rows) }
    }
}

// MARK: What is said

extension StatusSection {
    private static func progress(_ posted: StatusBoard.Posted) -> [Tile] {
        let campaign = posted.snapshot
        let fixed = "of \(ReportNumber.count(campaign.samplesExpected)) samples"
        let settled = ReportNumber.count(campaign.samplesSettled)
        return [
            Tile(
                name: "Progress", value: "\(Int(posted.share * 100)) %",
                detail: "\(settled) \(fixed) settled"),
            Tile(
                name: "Inputs decided", value: ReportNumber.count(campaign.inputsDecided),
                detail: "of \(ReportNumber.count(campaign.inputs)), in campaign order"),
            Tile(
                name: "Rate", value: posted.pace.samplesPerSecond.map(StatusText.count) ?? "-",
                detail: "samples a second in the last minute, by "
                    + StatusText.several(campaign.workersReady, "worker")),
            Tile(
                name: "Time left",
                value: campaign.state == .running
                    ? posted.secondsLeft.map(StatusText.span) ?? "-" : "-",
                detail: "at this rate; it has run for \(StatusText.span(campaign.seconds))"),
        ]
    }

    /// Shares of the records so far, rounded to the side that claims less.
    private static func outcomes(_ outcomes: OutcomeCounts) throws -> [Tile] {
        guard outcomes.records > 0 else { return [] }
        let (word, claimed, right) =
            outcomes.radii.first.map { ("certified", $0.certified, $0.correct) }
            ?? ("predicted", outcomes.predicted, outcomes.predictedCorrectly)
        let radius = outcomes.radii.first?.radius ?? 0
        let place = radius > 0 ? " at radius \(radiusText(radius))" : ""
        let first = "of the first \(StatusText.several(outcomes.records, "input"))"
        func tile(_ name: String, _ part: Int, of whole: Int, roundingUp: Bool = false) throws
            -> Tile
        {
            let share = Share(min(part, whole), of: whole)
            return Tile(
                name: name + place, value: roundingUp ? share.percentUp : share.percentDown,
                detail: "\(ReportNumber.count(part)) \(first)",
                band: try share.interval.map { "95 % band \($0.percent)" } ?? "")
        }
        var tiles: [Tile] = []
        if outcomes.labelled > 0 {
            tiles.append(
                try tile(
                    word == "certified" ? "Certified accuracy so far" : "Accuracy so far", right,
                    of: outcomes.labelled))
        }
        return tiles + [
            try tile(
                word == "certified" ? "Certified so far" : "Predicted so far", claimed,
                of: outcomes.records),
            try tile(
                word == "certified" && radius > 0 ? "Not certified so far" : "Abstained so far",
                outcomes.records - claimed, of: outcomes.records, roundingUp: true),
        ]
    }

    /// Of what the shares are, and what their bands hold.
    private static func scope(of campaign: CampaignSnapshot) -> String {
        let records = campaign.outcomes.records
        guard records > 0 else {
            return campaign.inputsDecided == 0
                ? "No input is decided yet."
                : "Which inputs are certified is decided when all are counted."
        }
        let sample =
            records == campaign.inputs
            ? "These are all inputs of the campaign."
            : "These are the first \(ReportNumber.count(records)) of "
                + "\(ReportNumber.count(campaign.inputs)) inputs in campaign order, not a random "
                + "sample: the others may differ."
        return sample + " A band holds the share in a population from which the inputs were drawn "
            + "independently, with 95 % for one look at a moment that was fixed beforehand; it does "
            + "not hold for whoever looks until a number pleases."
    }

    private static func radiusText(_ radius: Double) -> String {
        ((radius * 10_000).rounded() / 10_000).description
    }

    private static func radii(_ outcomes: OutcomeCounts, id: String) throws -> Table? {
        guard outcomes.records > 0, outcomes.radii.count > 1 else { return nil }
        let knowsLabels = outcomes.labelled > 0
        let names =
            ["radius", "certified"] + (knowsLabels ? ["certified accuracy", "95 % band"] : [])
        let rows = try outcomes.radii.map { line in
            let accuracy = Share(min(line.correct, outcomes.labelled), of: outcomes.labelled)
            return [
                radiusText(line.radius), Share(line.certified, of: outcomes.records).percentDown,
            ] + (knowsLabels ? [accuracy.percentDown, try accuracy.interval?.percent ?? "-"] : [])
        }
        return Table(
            id: "\(id)-radii", caption: "Certificates of at least a radius, so far",
            columns: names.map { ($0, true) }, rows: rows)
    }

    private static func workers(_ campaign: CampaignSnapshot, id: String) -> Table {
        let presence = campaign.state == .running ? "counts" : "counted"
        var rows = campaign.workers.map { worker in
            [
                worker.name, worker.departure ?? presence, "\(worker.sessions)",
                ReportNumber.count(worker.samples),
                worker.samplesPerSecond.map(StatusText.count) ?? "-", "\(worker.faults.late)",
                "\(worker.faults.repeated)", "\(worker.faults.refused)",
            ]
        }
        if let others = campaign.otherWorkers {
            rows.append(
                [
                    "\(StatusText.several(others.count, "other"))", "", "",
                    ReportNumber.count(others.samples), "", "", "", "",
                ])
        }
        let numbers = [
            "sessions", "samples", "samples a second", "late tallies", "repeated", "refused",
        ]
        return Table(
            id: "\(id)-workers", caption: "Workers",
            columns: [("name", false), ("state", false)] + numbers.map { ($0, true) }, rows: rows)
    }

    private static func incidents(_ campaign: CampaignSnapshot, id: String) -> Table {
        Table(
            id: "\(id)-incidents", caption: "What happened to the fleet, by kind",
            columns: [("kind", false), ("times", true)],
            rows: campaign.incidents.map {
                [$0.kind.rawValue.replacing("_", with: " "), ReportNumber.count($0.count)]
            })
    }

    private static func coordinator(_ campaign: CampaignSnapshot, id: String) -> Table {
        let (storage, traffic) = (campaign.storage, campaign.traffic)
        return Table(
            id: "\(id)-coordinator", caption: "The coordinator",
            columns: [("what", false), ("value", false)],
            rows: [
                ["workers reach it at", campaign.endpoint], ["seal", campaign.seal],
                ["leases out", ReportNumber.count(campaign.leasesOut)],
                ["journal", StatusText.bytes(storage.journalBytes)],
                ["room on its disk", storage.bytesFree.map(StatusText.bytes) ?? "-"],
                ["sent to workers", StatusText.bytes(traffic.bytesSent)],
                [
                    "messages not taken",
                    ReportNumber.count(traffic.messagesMalformed + traffic.messagesDropped),
                ],
                ["strangers turned away", ReportNumber.count(traffic.strangersRefused)],
            ])
    }
}

// MARK: How it looks

extension StatusSection {
    var html: String {
        let shown = tables.filter {
            ["radii", "workers"].contains($0.id.split(separator: "-").last)
        }
        let folded = tables.filter { table in !shown.contains { $0.id == table.id } }
        return """
            <section aria-labelledby="\(id)-heading">
            <h2 id="\(id)-heading">\(HTMLText.escaped(heading))</h2>
            <p>\(HTMLText.escaped(claim))</p>
            \(text("p", "reason", reason, style: "warning"))
            <progress id="\(id)-progress" max="1000" value="\(Int(share * 1000))"
            aria-label="Samples settled"></progress>
            <ul class="tiles">
            \(tiles.enumerated().map(tile).joined(separator: "\n"))
            </ul>
            \(text("p", "scope", scope, style: "note"))
            \(shown.map(table).joined(separator: "\n"))
            <h3 id="\(id)-log">Last events</h3>
            <ul class="log" id="\(id)-recent" aria-labelledby="\(id)-log">\
            \(recent.map { "<li>\(HTMLText.escaped($0))</li>" }.joined())</ul>
            <details><summary>Faults and the coordinator</summary>
            \(folded.map(table).joined(separator: "\n"))
            </details>
            </section>
            """
    }

    /// An element whose text changes; hidden where it is empty.
    private func text(_ tag: String, _ name: String, _ text: String, style: String) -> String {
        let hidden = text.isEmpty ? " hidden" : ""
        return "<\(tag) class=\"\(style)\" id=\"\(id)-\(name)\"\(hidden)>"
            + "\(HTMLText.escaped(text))</\(tag)>"
    }

    private func tile(_ place: Int, _ tile: Tile) -> String {
        let name = "tile\(place)"
        return "<li class=\"tile\"><span class=\"name\">\(HTMLText.escaped(tile.name))</span> "
            + "<strong id=\"\(id)-\(name)\">\(HTMLText.escaped(tile.value))</strong> "
            + text("span", name + "-detail", tile.detail, style: "detail") + " "
            + text("span", name + "-band", tile.band, style: "interval") + "</li>"
    }

    private func table(_ table: Table) -> String {
        let caption = HTMLText.escaped(table.caption)
        let style = { (column: Int) in table.columns[column].isNumber ? " class=\"number\"" : "" }
        let head = table.columns.enumerated().map { place, column in
            "<th scope=\"col\"\(style(place))>\(HTMLText.escaped(column.name))</th>"
        }
        let rows = table.rows.map { cells in
            let cells = cells.enumerated().map { place, text in
                place == 0
                    ? "<th scope=\"row\"\(style(0))>\(HTMLText.escaped(text))</th>"
                    : "<td\(style(place))>\(HTMLText.escaped(text))</td>"
            }
            return "<tr>\(cells.joined())</tr>"
        }
        return """
            <div class="scroll" role="region" tabindex="0" aria-label="\(caption)">
            <table id="\(table.id)"><caption>\(caption)</caption>
            <thead><tr>\(head.joined())</tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody></table></div>
            """
    }
}

extension StatusPage {
    /// The style of reports, and what they have not.
    static let style =
        HTMLStyle.sheet + "\n" + """
            progress { width: 100%; height: 1.2rem; accent-color: var(--right); }
            .tiles { grid-template-columns: repeat(auto-fit, minmax(min(100%, 10rem), 1fr)); }
            @media (min-width: 50rem) { .tiles { grid-template-columns: repeat(4, 1fr); } }
            .tile strong { font-size: clamp(1.4rem, 5vw, 2.1rem); }
            .log { list-style: none; padding: 0; max-height: 20rem; overflow-y: auto; font-size: .9rem; }
            .log li { overflow-wrap: anywhere; }
            .log:empty::after { content: "Nothing yet."; color: var(--muted); }
            section h2 { overflow-wrap: anywhere; }
            td:last-child { overflow-wrap: anywhere; }
            td.number { overflow-wrap: normal; }
            [hidden] { display: none; }
            body.silent main { opacity: .75; }
            """

    /// Puts the texts of status.json in their places, every two seconds.
    static let script = """
        "use strict";
        const place = id => document.getElementById(id);
        function fillText(id, text) {
          const element = place(id);
          if (element.textContent !== text) element.textContent = text;
          if (id.includes("-")) element.hidden = text === "";
        }
        function fillTable(id, rows) {
          const table = place(id), heads = table.tHead.rows[0].cells, body = table.tBodies[0];
          while (body.rows.length > rows.length) body.deleteRow(-1);
          rows.forEach((texts, r) => {
            const row = body.rows[r] || body.insertRow();
            texts.forEach((text, c) => {
              let cell = row.cells[c];
              if (!cell) {
                cell = document.createElement(c ? "td" : "th");
                if (!c) cell.scope = "row";
                cell.className = heads[c].className;
                row.append(cell);
              }
              if (cell.textContent !== text) cell.textContent = text;
            });
          });
        }
        function fillList(id, texts) {
          const list = place(id);
          if (texts.join("\\n") === [...list.children].map(i => i.textContent).join("\\n")) return;
          list.replaceChildren(...texts.map(text => {
            const item = document.createElement("li");
            item.textContent = text;
            return item;
          }));
        }
        let lastHeard = new Date();
        function say(silence) {
          const element = place("silence");
          document.body.classList.toggle("silent", silence !== "");
          if (element.textContent !== silence) element.textContent = silence;
          element.hidden = silence === "";
        }
        async function look() {
          try {
            const answer = await fetch("status.json", { signal: AbortSignal.timeout(5000) });
            const page = (await answer.json()).page;
            if (page.structure !== document.body.dataset.structure) return location.reload();
            document.title = page.title;
            Object.entries(page.texts).forEach(pair => fillText(...pair));
            Object.entries(page.meters).forEach(([id, value]) => place(id).value = value);
            Object.entries(page.tables).forEach(pair => fillTable(...pair));
            Object.entries(page.lists).forEach(pair => fillList(...pair));
            lastHeard = new Date();
            say("");
          } catch {
            place("state").textContent = document.title = "Does not answer";
            say("The coordinator has not answered since " + lastHeard.toLocaleTimeString()
              + ": it has ended, or cannot be reached. Below is the last that it said.");
          }
          setTimeout(look, 2000);
        }
        setTimeout(look, 2000);
        """
}
