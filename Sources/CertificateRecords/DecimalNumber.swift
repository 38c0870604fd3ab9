/// A number from 0 as its decimal digits, such as `0.250000000000`: compared and printed exactly, since
/// a double would round it, half of the time toward claiming more (law 5).
public struct DecimalNumber: Sendable, CustomStringConvertible {
    /// The digits as they stand in the file.
    public let description: String
    /// The double that is nearest to it: for plots and sums, never for a claim.
    public let nearest: Double

    private let whole: Substring
    private let fraction: Substring

    /// Digits, perhaps a point and more digits; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let areDigits = parts.allSatisfy { part in
            !part.isEmpty && part.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        }
        guard (1...2).contains(parts.count), areDigits, let nearest = Double(text),
            nearest.isFinite
        else { return nil }
        description = text
        self.nearest = nearest
        whole = parts[0].drop { $0 == "0" }
        fraction = parts.count == 2 ? parts[1].trimmingTrailingZeros : ""
    }

    /// Whether it is 0.
    public var isZero: Bool { whole.isEmpty && fraction.isEmpty }
}

extension DecimalNumber: Comparable, Hashable {
    /// Whether both are the same number, such as 0.5 and 0.50.
    public static func == (a: DecimalNumber, b: DecimalNumber) -> Bool {
        a.whole == b.whole && a.fraction == b.fraction
    }

    /// By value, exactly. Digits sort as numbers do: the shorter whole part is the smaller one, and
    /// fractions without trailing zeros compare from the left.
    public static func < (a: DecimalNumber, b: DecimalNumber) -> Bool {
        if a.whole.utf8.count != b.whole.utf8.count {
            return a.whole.utf8.count < b.whole.utf8.count
        }
        if a.whole != b.whole { return a.whole < b.whole }
        return a.fraction < b.fraction
    }

    /// Equal numbers hash alike.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(whole)
        hasher.combine(fraction)
    }
}

extension Substring {
    fileprivate var trimmingTrailingZeros: Substring {
        var rest = self
        while rest.last == "0" { rest.removeLast() }
        return rest
    }
}
