public import ConfidenceBounds

/// A part of a number of inputs or certificates, printed as percent toward the side that claims less.
public struct Share: Hashable, Sendable {
    /// How many belong to the part.
    public let part: Int
    /// Of how many.
    public let whole: Int

    /// `part` of `whole`.
    public init(_ part: Int, of whole: Int) {
        precondition(0...max(0, whole) ~= part, "a part of the whole")
        self.part = part
        self.whole = whole
    }

    /// With one decimal, rounded down: where more claims more. `-` of nothing.
    public var percentDown: String { percent(up: false) }

    /// With one decimal, rounded up: where less claims more. `-` of nothing.
    public var percentUp: String { percent(up: true) }

    private func percent(up: Bool) -> String {
        guard whole > 0 else { return "-" }
        let (quotient, rest) = (part * 1000).quotientAndRemainder(dividingBy: whole)
        let tenths = quotient + (up && rest > 0 ? 1 : 0)
        return "\(tenths / 10).\(tenths % 10) %"
    }

    /// The part of the population from which the whole was drawn, except with probability
    /// ``CurvePoint/missProbability``; nil of nothing.
    public var interval: ProportionInterval? {
        get throws {
            guard whole > 0 else { return nil }
            return try ProportionInterval(
                successes: part, trials: whole, failureProbability: CurvePoint.missProbability)
        }
    }
}

extension ProportionInterval {
    /// Both ends in percent with one decimal, rounded outwards: `76.4 to 83.6 %`.
    public var percent: String {
        let low = lower.multiplied(byExactly: 100).decimal(places: 1)
        let high = upper.multiplied(byExactly: 100).decimal(places: 1)
        return "\(low) to \(high) %"
    }
}
