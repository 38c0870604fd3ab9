/// What a classifier was put to before it counted, on known blocks, by the coordinator and by each worker on
/// itself: that its answer to a sample is a function of that sample alone (law 9). All scores had to be the
/// same, bit by bit.
public enum SelfTest: String, Hashable, Sendable, CaseIterable {
    /// The same block was classified again.
    case again = "the same block again"
    /// It was classified again after another block.
    case afterOthers = "the same block after others"
    /// Other samples stood in the other rows: noisy ones, zeros, the largest and smallest values.
    case besideOthers = "beside other samples"
    /// The samples stood in other rows.
    case elsewhere = "in other rows"

    /// All that can be tested with blocks of this size: a sample that is classified alone has no neighbours.
    public static func all(blockSize: Int) -> [SelfTest] {
        blockSize > 1 ? allCases : [.again, .afterOthers]
    }
}

extension [SelfTest] {
    /// By what it was checked that the classifier's answers are of one sample each; nil: by nothing.
    var check: String? {
        guard !isEmpty else { return nil }
        let tested =
            "tested before counting, on known blocks, by the coordinator and by each worker on itself: "
            + "its scores were the same \(map(\.rawValue).joined(separator: ", "))"
        return contains(.besideOthers)
            ? tested
            : tested + "; in a block of one sample there are no neighbours, so that is not testable"
    }
}
