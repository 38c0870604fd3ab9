extension String {
    /// The text of somebody else as it may go to a terminal: what would steer it (control characters,
    /// changes of the writing direction) becomes `�`, a tab a space, and what is longer than so many
    /// bytes ends with `…`.
    public func fitForTerminal(upTo limit: Int = ForeignLines.longestLine) -> String {
        var text = String.UnicodeScalarView()
        var size = 0
        for scalar in unicodeScalars where scalar != "\r" {
            let fit = String.fit(scalar)
            size += UTF8.width(fit)
            guard size <= limit else { return String(text) + "…" }
            text.append(fit)
        }
        return String(text)
    }

    private static func fit(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.value {
        case 0x09: " "
        case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069: "\u{FFFD}"
        default: scalar
        }
    }
}

/// The lines of a stream of bytes from somebody else, each fit for a terminal. Of a line that does not
/// end it keeps no more than it passes on.
public struct ForeignLines {
    /// The most bytes of a line that are passed on.
    public static let longestLine = 4096

    private var pending: [UInt8] = []

    /// The lines that end in this piece, without those that are empty.
    mutating func add(_ piece: some Sequence<UInt8>) -> [String] {
        var lines: [String] = []
        for byte in piece {
            if byte == UInt8(ascii: "\n") {
                lines += end()
            } else if pending.count <= ForeignLines.longestLine {
                pending.append(byte)
            }
        }
        return lines
    }

    /// The line that had no end when the stream ended, if there is one.
    mutating func end() -> [String] {
        defer { pending.removeAll(keepingCapacity: true) }
        let line = String(decoding: pending, as: UTF8.self).fitForTerminal()
        return line.isEmpty ? [] : [line]
    }
}
