/// Text in YAML.
enum YAML {
    /// The text as one value: in quotes, unless it is plainly a word.
    static func string(_ text: String) -> String {
        if text.wholeMatch(of: /-{0,2}[A-Za-z\/][A-Za-z0-9._\/-]*/) != nil,
            !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(
                text.lowercased())
        {
            return text
        }
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case _ where scalar.value < 0x20 || (0x7f...0xa0).contains(scalar.value),
                "\u{2028}", "\u{2029}", "\u{FEFF}":
                "\\u" + String(scalar.value + 0x10000, radix: 16).suffix(4)
            default: String(scalar)
            }
        }
        return "\"\(escaped.joined())\""
    }
}
