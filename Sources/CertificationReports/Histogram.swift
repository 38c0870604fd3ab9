/// How many inputs lie in each of some intervals of equal width from 0 on; those at the upper end belong
/// to the last one. Each part of the inputs is counted by itself.
public struct Histogram: Hashable, Sendable {
    /// The width of an interval.
    public let width: Double
    /// For each part, one count an interval.
    public let counts: [[Int]]

    /// Counts the values of each part in intervals of a round width, about `bins` up to `largest`.
    public init(_ parts: [[Double]], upTo largest: Double, bins: Int) {
        let step = RoundStep(for: largest, atMost: bins)
        width = step.value
        let count = max(1, Int((largest / step.value).rounded(.up)))
        counts = parts.map { values in
            var counts = [Int](repeating: 0, count: count)
            for value in values {
                counts[min(count - 1, max(0, Int(value / step.value)))] += 1
            }
            return counts
        }
    }

    /// The most inputs of all parts together in an interval.
    public var highest: Int {
        guard let first = counts.first else { return 0 }
        return first.indices.map { place in counts.reduce(0) { $0 + $1[place] } }.max() ?? 0
    }
}

/// A step of 1, 2, 2.5 or 5 times a power of ten.
struct RoundStep: Hashable {
    let value: Double
    /// How many decimal places its multiples need.
    let places: Int

    /// The smallest one of which at most so many reach `largest`.
    init(for largest: Double, atMost count: Int) {
        guard largest > 0, largest.isFinite else {
            (value, places) = (1, 0)
            return
        }
        var exponent = 0
        var power = 1.0
        while power * Double(count) > largest {
            power /= 10
            exponent -= 1
        }
        while power * 10 * Double(count) <= largest {
            power *= 10
            exponent += 1
        }
        let factors: [(Double, Int)] = [(1, 0), (2, 0), (2.5, 1), (5, 0), (10, 0)]
        let (factor, more) =
            factors.first { $0.0 * power * Double(count) >= largest * (1 - 1e-12) } ?? (10, 0)
        // Power by division, so that 0.2 is the double 0.2.
        value = exponent < 0 ? factor / RoundStep.power(-exponent) : factor * power
        places = max(0, more - exponent)
    }

    private static func power(_ exponent: Int) -> Double {
        (0..<exponent).reduce(1) { power, _ in power * 10 }
    }

    /// The multiple as a decimal number.
    func text(_ multiple: Int) -> String {
        DecimalText.nearest(Double(multiple) * value, places: places)
    }
}

/// Quartiles of numbers, by the rule that takes a number of the list (the one at rank
/// ceil(q m), from 1).
public struct Quartiles: Hashable, Sendable {
    /// A quarter is at most this, or a little more than a quarter.
    public let lower: Double
    /// Half is at most this.
    public let median: Double
    /// Three quarters are at most this.
    public let upper: Double
    /// The smallest and the largest.
    public let range: ClosedRange<Double>

    /// The quartiles; nil of no numbers.
    public init?(_ values: some Sequence<Double>) {
        let sorted = values.sorted()
        guard let first = sorted.first, let last = sorted.last else { return nil }
        func rank(_ quarters: Int) -> Double { sorted[(quarters * sorted.count + 3) / 4 - 1] }
        (lower, median, upper) = (rank(1), rank(2), rank(3))
        range = first...last
    }
}
