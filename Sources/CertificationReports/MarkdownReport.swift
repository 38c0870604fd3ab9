extension CampaignReport {
    /// The report as Markdown (with the tables of GitHub): all but the drawings and pictures.
    public var markdown: String {
        get throws {
            let document = try document()
            let head = [
                "# \(MarkdownText.escaped(document.title))",
                MarkdownText.escaped(document.subtitle), "Campaign `\(document.seal)`",
            ]
            let sections = document.sections.flatMap { section in
                ["## \(MarkdownText.escaped(section.title))"]
                    + section.blocks.flatMap(MarkdownText.paragraphs)
            }
            return (head + sections + [MarkdownText.escaped(document.closing)])
                .joined(separator: "\n\n") + "\n"
        }
    }
}

/// Blocks as paragraphs of Markdown.
private enum MarkdownText {
    static func paragraphs(_ block: ReportDocument.Block) -> [String] {
        switch block {
        case .paragraph(let text), .note(let text): [escaped(text)]
        case .warning(let text): ["> **Note.** \(escaped(text))"]
        case .tiles(let tiles): [tiles.map(line).joined(separator: "\n")]
        case .parts(let parts):
            [parts.map { "\(escaped($0.name)): \($0.count)" }.joined(separator: " · ")]
        case .table(let table): self.table(table)
        case .list(let title, let items):
            ["\(escaped(title)):", items.map { "- \(escaped($0))" }.joined(separator: "\n")]
        case .figure: []
        case .columns(let columns): columns.flatMap { $0.flatMap(paragraphs) }
        case .details(let title, let blocks):
            ["### \(escaped(title))"] + blocks.flatMap(paragraphs)
        case .gallery(let title, let items):
            [
                "### \(escaped(title))",
                items.map { "- \(escaped($0.input.caption))" }.joined(separator: "\n"),
            ]
        }
    }

    private static func line(_ tile: ReportDocument.Tile) -> String {
        let interval = tile.interval.map { "; in the population \($0)" } ?? ""
        return "- **\(escaped(tile.name)): \(escaped(tile.value))** "
            + "(\(escaped(tile.detail))\(escaped(interval)))"
    }

    private static func table(_ table: ReportDocument.Table) -> [String] {
        let head = row(table.columns.map(\.name))
        let rule = "|" + table.columns.map { $0.isNumber ? "---:|" : "---|" }.joined()
        let rows = table.rows.enumerated().map { place, cells in
            row(cells, isBold: place == table.emphasized)
        }
        return ["*\(escaped(table.caption))*", ([head, rule] + rows).joined(separator: "\n")]
    }

    private static func row(_ cells: [String], isBold: Bool = false) -> String {
        let marks = isBold ? "**" : ""
        return "| " + cells.map { marks + escaped($0) + marks }.joined(separator: " | ") + " |"
    }

    /// What Markdown or HTML would take for its own, and line breaks.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "\\", "`", "*", "_", "[", "]", "<", ">", "|", "#", "~": escaped += "\\\(character)"
            case "&": escaped += "&amp;"
            case "\n", "\r", "\r\n": escaped += " "
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
