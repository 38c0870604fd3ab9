/// What a report says, in order, before it is written as HTML or Markdown: both say the same.
struct ReportDocument {
    /// The heading.
    let title: String
    /// What was certified, in a line.
    let subtitle: String
    /// The digest that names the campaign.
    let seal: String
    /// In the order of reading.
    let sections: [Section]
    /// What is to be remembered.
    let closing: String

    /// A part with a heading of its own.
    struct Section {
        /// The fragment that a link to it has.
        let id: String
        /// The heading.
        let title: String
        /// What stands below it.
        let blocks: [Block]
    }

    /// A piece of a section.
    indirect enum Block {
        /// Plain text.
        case paragraph(String)
        /// Plain text that qualifies what stands above it.
        case note(String)
        /// A sentence that must not be overlooked.
        case warning(String)
        /// The largest numbers of the report.
        case tiles([Tile])
        /// Parts that make up a whole, as a bar.
        case parts([Part])
        /// Columns with a name.
        case table(Table)
        /// Sentences with a heading.
        case list(title: String, [String])
        /// A drawing; what it shows stands in a table too, which Markdown has instead.
        case figure(Figure)
        /// Blocks that stand side by side where there is room.
        case columns([[Block]])
        /// Blocks that are shown when asked for.
        case details(String, [Block])
        /// Pictures of inputs.
        case gallery(title: String, [GalleryItem])
    }

    /// One large number.
    struct Tile {
        let id: String
        let name: String
        let value: String
        /// What was counted.
        let detail: String
        /// Where the number lies in the population; nil: that is not known.
        let interval: String?
        let tone: Tone
    }

    /// What a number or a part of a bar is about; colours are not all that tells them apart.
    enum Tone: String {
        case right, wrong, smaller, none, plain
    }

    /// A part of a bar.
    struct Part {
        let name: String
        let count: Int
        let tone: Tone
    }

    /// A table with a caption.
    struct Table {
        let id: String
        let caption: String
        let columns: [Column]
        let rows: [[String]]
        /// The row to look at first.
        var emphasized: Int?

        struct Column {
            let name: String
            var isNumber = true
        }
    }

    /// An SVG drawing.
    struct Figure {
        let id: String
        let title: String
        /// What one sees, in words.
        let description: String
        let svg: String
        let legend: [LegendEntry]
    }

    /// What a line or an area of a drawing is; `style` is the class that draws it.
    struct LegendEntry {
        let style: String
        let isArea: Bool
        let text: String
    }
}

/// An input at an extreme of a campaign, with pictures of it.
public struct GalleryItem: Hashable, Sendable {
    /// The record.
    public let input: ReportedInput
    /// The input as it is, as a PNG file; nil: it cannot be drawn.
    public let picture: [UInt8]?
    /// The first noisy copies that were counted.
    public let noisyPictures: [[UInt8]]

    /// Puts pictures beside a record.
    public init(input: ReportedInput, picture: [UInt8]?, noisyPictures: [[UInt8]]) {
        self.input = input
        self.picture = picture
        self.noisyPictures = noisyPictures
    }
}
