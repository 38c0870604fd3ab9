import CertificateRecords

extension CampaignReport {
    /// The report as one HTML file, which refers to nothing outside itself and runs no script.
    public var html: String {
        get throws {
            let document = try document()
            let contents = document.sections.map {
                "<li><a href=\"#\($0.id)\">\(HTMLText.escaped($0.title))</a></li>"
            }
            let sections = document.sections.map { section in
                """
                <section id="\(section.id)" aria-labelledby="\(section.id)-heading">
                <h2 id="\(section.id)-heading">\(HTMLText.escaped(section.title))</h2>
                \(section.blocks.map(HTMLBlock.text).joined(separator: "\n"))
                </section>
                """
            }
            return """
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta name="color-scheme" content="light dark">
                <meta name="referrer" content="no-referrer">
                <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
                style-src 'unsafe-inline'; img-src data:">
                <link rel="icon" href="data:,">
                <title>\(HTMLText.escaped(document.title)): \
                \(HTMLText.escaped(document.subtitle))</title>
                <style>
                \(HTMLStyle.sheet)
                </style>
                </head>
                <body>
                <a class="skip" href="#content">Skip to the scorecard</a>
                <header>
                <p class="mark">Wardein</p>
                <h1>\(HTMLText.escaped(document.title))</h1>
                <p class="subtitle">\(HTMLText.escaped(document.subtitle))</p>
                <p class="seal">Campaign <code>\(document.seal)</code></p>
                <nav aria-label="Sections"><ul>\(contents.joined())</ul></nav>
                </header>
                <main id="content">
                \(sections.joined(separator: "\n"))
                </main>
                <footer><p>Counted by \(HTMLText.escaped(manifest.program)). \(document.closing)</p>\
                </footer>
                </body>
                </html>

                """
        }
    }
}

/// Text between tags and in attributes.
public enum HTMLText {
    /// The text with what means something to HTML escaped, and without what it does not allow.
    public static func escaped(_ text: String) -> String {
        var escaped = ""
        escaped.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            // What HTML does not allow, and what would turn the direction of the text.
            case "\u{0}"..."\u{8}", "\u{B}", "\u{C}", "\u{E}"..."\u{1F}", "\u{7F}"..."\u{9F}",
                "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}":
                escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

/// Blocks as elements.
enum HTMLBlock {
    static func text(_ block: ReportDocument.Block) -> String {
        switch block {
        case .paragraph(let text): "<p>\(HTMLText.escaped(text))</p>"
        case .note(let text): "<p class=\"note\">\(HTMLText.escaped(text))</p>"
        case .warning(let text): "<p class=\"warning\">\(HTMLText.escaped(text))</p>"
        case .tiles(let tiles):
            "<ul class=\"tiles\">\n\(tiles.map(tile).joined(separator: "\n"))\n</ul>"
        case .parts(let parts): bar(parts)
        case .table(let table): self.table(table)
        case .list(let title, let items):
            "<h3>\(HTMLText.escaped(title))</h3>\n<ul class=\"claims\">"
                + items.map { "<li>\(HTMLText.escaped($0))</li>" }.joined() + "</ul>"
        case .figure(let figure): self.figure(figure)
        case .columns(let columns):
            "<div class=\"columns\">"
                + columns.map { "<div>\($0.map(text).joined(separator: "\n"))</div>" }.joined()
                + "</div>"
        case .details(let title, let blocks):
            "<details><summary>\(HTMLText.escaped(title))</summary>\n"
                + "\(blocks.map(text).joined(separator: "\n"))</details>"
        case .gallery(let title, let items):
            "<h3>\(HTMLText.escaped(title))</h3>\n<ul class=\"gallery\">"
                + "\(items.map(picture).joined(separator: "\n"))</ul>"
        }
    }

    private static func tile(_ tile: ReportDocument.Tile) -> String {
        let interval = tile.interval.map {
            "<span class=\"interval\">in the population \(HTMLText.escaped($0))</span>"
        }
        return "<li class=\"tile \(tile.tone.rawValue)\" id=\"\(tile.id)\">"
            + "<span class=\"name\">\(HTMLText.escaped(tile.name))</span> "
            + "<strong>\(HTMLText.escaped(tile.value))</strong> "
            + "<span class=\"detail\">\(HTMLText.escaped(tile.detail))</span> "
            + "\(interval ?? "")</li>"
    }

    private static func bar(_ parts: [ReportDocument.Part]) -> String {
        let shown = parts.filter { $0.count > 0 }
        let pieces = shown.map {
            "<span class=\"piece \($0.tone.rawValue)\" style=\"flex-grow: \($0.count)\"></span>"
        }
        let names = parts.map {
            "<li><span class=\"swatch \($0.tone.rawValue)\"></span>\(HTMLText.escaped($0.name)) "
                + "<b>\(ReportNumber.count($0.count))</b></li>"
        }
        return "<div class=\"bar\" aria-hidden=\"true\">\(pieces.joined())</div>"
            + "<ul class=\"legend\" id=\"parts\">\(names.joined())</ul>"
    }

    private static func table(_ table: ReportDocument.Table) -> String {
        let caption = HTMLText.escaped(table.caption)
        let head = table.columns.map { column in
            "<th scope=\"col\"\(column.isNumber ? " class=\"number\"" : "")>"
                + "\(HTMLText.escaped(column.name))</th>"
        }
        let rows = table.rows.enumerated().map { place, cells in
            let mark = place == table.emphasized ? " class=\"emphasized\"" : ""
            let cells = zip(cells, table.columns).enumerated().map { index, pair in
                let style = pair.1.isNumber ? " class=\"number\"" : ""
                let text = HTMLText.escaped(pair.0)
                return index == 0
                    ? "<th scope=\"row\"\(style)>\(text)</th>" : "<td\(style)>\(text)</td>"
            }
            return "<tr\(mark)>\(cells.joined())</tr>"
        }
        return """
            <div class="scroll" role="region" tabindex="0" aria-label="\(caption)">
            <table id="\(table.id)"><caption>\(caption)</caption>
            <thead><tr>\(head.joined())</tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody></table></div>
            """
    }

    private static func figure(_ figure: ReportDocument.Figure) -> String {
        let legend = figure.legend.map { entry in
            let shape =
                entry.isArea
                ? "<rect class=\"\(entry.style)\" width=\"26\" height=\"12\"/>"
                : "<path class=\"\(entry.style)\" d=\"M0 6H26\"/>"
            return
                "<li><svg class=\"swatch\" viewBox=\"0 0 26 12\" aria-hidden=\"true\">\(shape)</svg>"
                + "\(HTMLText.escaped(entry.text))</li>"
        }
        let list = legend.isEmpty ? "" : "<ul class=\"legend\">\(legend.joined())</ul>"
        return """
            <figure><h3>\(HTMLText.escaped(figure.title))</h3>
            \(figure.svg)
            \(list)<figcaption>\(HTMLText.escaped(figure.description))</figcaption></figure>
            """
    }

    private static func picture(_ item: GalleryItem) -> String {
        let caption = HTMLText.escaped(item.input.caption)
        var pictures = item.picture.map { [image($0, "Input \(item.input.index)")] } ?? []
        pictures += item.noisyPictures.enumerated().map { place, picture in
            image(picture, "Input \(item.input.index) with noise, copy \(place + 1)")
        }
        let row = pictures.isEmpty ? "" : "<span class=\"pictures\">\(pictures.joined())</span>"
        return "<li>\(row)<span>\(caption)</span></li>"
    }

    private static func image(_ png: [UInt8], _ text: String) -> String {
        "<img src=\"data:image/png;base64,\(Base64.text(png))\" alt=\"\(text)\">"
    }
}

/// RFC 4648, section 4.
enum Base64 {
    static func text(_ bytes: [UInt8]) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let piece = bytes[start..<min(start + 3, bytes.count)]
            let bits = piece.reduce(0) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - piece.count))
            for place in 0..<4 {
                let digit = digits[Int(bits >> (18 - 6 * UInt32(place)) & 63)]
                text.append(place <= piece.count ? digit : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
