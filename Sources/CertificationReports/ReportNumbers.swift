import CertificateRecords
import ConfidenceBounds

/// Numbers as reports print them.
public enum ReportNumber {
    /// A count with its thousands apart: `1 050 000`, with spaces that do not break.
    public static func count(_ number: Int) -> String {
        var groups: [Substring] = []
        var digits = String(number)[...]
        while digits.count > 4 || !groups.isEmpty && !digits.isEmpty {
            groups.insert(digits.suffix(3), at: 0)
            digits = digits.dropLast(3)
        }
        if !digits.isEmpty { groups.insert(digits, at: 0) }
        return groups.joined(separator: "\u{202F}")
    }

    /// A radius with so many places, rounded down.
    static func radius(_ radius: DecimalNumber, places: Int = 4) -> String {
        let parts = radius.description.split(separator: ".")
        guard parts.count == 2, parts[1].count > places else { return radius.description }
        return "\(parts[0]).\(parts[1].prefix(places))"
    }

    /// At least the number, to two places or three digits: of an expectation or a cost. What decimal
    /// rounding of its parts may have added, a millionth of the last place, is not rounded up.
    static func up(_ number: Double) -> String {
        guard number > 0, number < 1e12 else { return DecimalText.nearest(number, places: 0) }
        var (scale, places) = (100.0, 2)
        while number * scale < 100, places < 12 {
            scale *= 10
            places += 1
        }
        let text = DecimalText.nearest((number * scale - 1e-6).rounded(.up) / scale, places: places)
        let trimmed = text.replacing(/0+$/, with: "")
        return trimmed.hasSuffix(".") ? String(trimmed.dropLast()) : trimmed
    }

    /// A time.
    public static func duration(_ seconds: Double) -> String {
        switch seconds {
        case ..<120: DecimalText.nearest(seconds, places: 1) + " s"
        case ..<7200: DecimalText.nearest(seconds / 60, places: 1) + " min"
        default: DecimalText.nearest(seconds / 3600, places: 1) + " h"
        }
    }
}

extension RoundStep {
    /// The multiples from 0 that are at most `largest`, as decimal numbers.
    func multiples(upTo largest: Double) -> [DecimalNumber] {
        (0...max(0, Int(largest / value * (1 + 1e-12)))).compactMap { DecimalNumber(text($0)) }
    }
}
