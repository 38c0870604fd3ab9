/// Whether one of two yes-or-no properties of the same inputs is more frequent than the other.
///
/// Q. McNemar, "Note on the sampling error of the difference between correlated proportions or
/// percentages", Psychometrika 12 (1947), in its exact form. Inputs that have both properties or neither
/// say nothing of the difference. Theorem: for inputs drawn independently from a population in which
/// both properties are equally frequent, each of the `discordant` ones has the first property with
/// probability 1/2, independently; so how many have it is binomial, given how many are discordant, and
/// the two-sided p-value min(1, 2 P[X >= larger]) is at most alpha with probability at most alpha.
public struct McNemarTest: Hashable, Sendable {
    /// How many inputs have the first property alone.
    public let onlyFirst: Int
    /// How many have the second alone.
    public let onlySecond: Int

    /// A test of numbers from 0 to 5 * 10^8.
    public init(onlyFirst: Int, onlySecond: Int) {
        precondition(onlyFirst >= 0 && onlySecond >= 0, "numbers of inputs")
        self.onlyFirst = onlyFirst
        self.onlySecond = onlySecond
    }

    /// The two-sided p-value, from above.
    public var pValue: UpperBound {
        // The same tail as that of PREDICT: both test a larger count against a smaller one at 1/2.
        PredictionTest.pValue(
            first: max(onlyFirst, onlySecond), second: min(onlyFirst, onlySecond))
    }
}
