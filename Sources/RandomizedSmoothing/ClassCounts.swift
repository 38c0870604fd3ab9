/// How often each class was the classifier's answer: one count a class, class 0 first.
public struct ClassCounts: Hashable, Sendable {
    /// The count of each class.
    public private(set) var values: [Int]

    /// Counts of 0 for so many classes.
    public init(classes: Int) {
        values = Array(repeating: 0, count: classes)
    }

    /// Counts as they are. Nothing is checked here: see ``isPlausible(classes:samples:)``.
    public init(_ values: [Int]) {
        self.values = values
    }

    /// How many samples were counted.
    public var samples: Int { values.reduce(0, +) }

    /// The most frequent class, the lowest of them when several are; nil when nothing was counted.
    public var mode: Int? {
        guard let most = values.max(), most > 0 else { return nil }
        return values.firstIndex(of: most)
    }

    /// The largest count of any class but this one; 0 when there is no other class.
    public func largestCount(except selected: Int) -> Int {
        values.indices.lazy.filter { $0 != selected }.map { values[$0] }.max() ?? 0
    }

    /// Whether counts that came from elsewhere have so many classes, none of them negative, and add
    /// up to so many samples without overflow.
    public func isPlausible(classes: Int, samples: Int) -> Bool {
        guard values.count == classes else { return false }
        var sum = 0
        for value in values {
            guard value >= 0, value <= samples - sum else { return false }
            sum += value
        }
        return sum == samples
    }

    /// Counts one more sample of this class.
    public mutating func count(_ answer: Int) { values[answer] += 1 }

    /// Adds the counts of other samples of the same classifier.
    public static func += (total: inout ClassCounts, more: ClassCounts) {
        for (answer, value) in more.values.enumerated() { total.values[answer] += value }
    }
}
