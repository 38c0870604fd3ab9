/// Claims about many inputs at once.
///
/// Each function takes one number for each input, and says something for each, in the same order.
/// Ties are broken by that order, and comparisons are decided by bounds that are rounded against the
/// claim, so the answers are the same on every machine.
public enum MultipleTesting {
    /// alpha / m, rounded down: with it as the failure probability of each of m inputs, all claims
    /// hold at once, except with probability alpha (Bonferroni; the union bound).
    public static func share(of familyWiseError: Double, among inputs: Int) -> Double {
        precondition(inputs > 0, "a share for somebody")
        let quotient = familyWiseError / Double(inputs)
        let isTooLarge = (-familyWiseError).addingProduct(quotient, Double(inputs)) > 0
        return isTooLarge ? quotient.nextDown : quotient
    }

    /// min(1, m p) for each p-value: claims where this is at most alpha all hold at once, except
    /// with probability alpha.
    public static func bonferroni(_ pValues: [UpperBound]) -> [UpperBound] {
        pValues.map { min(one, $0.multiplied(byExactly: Double(pValues.count))) }
    }

    /// Holm's adjusted p-values: claims where this is at most alpha all hold at once, except with
    /// probability alpha, whatever the dependence.
    ///
    /// S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
    /// Statistics 6 (1979): of the p-values in increasing order, the i-th (from 0) is multiplied by
    /// m - i, and takes the largest of these so far. (Whichever true hypothesis is the first to be
    /// rejected, at most m - i are true then: so its p-value was at most alpha over the number of
    /// true ones, which happens with probability at most alpha.)
    public static func holm(_ pValues: [UpperBound]) -> [UpperBound] {
        let order = pValues.indices.sorted { (pValues[$0], $0) < (pValues[$1], $1) }
        var adjusted = pValues
        var largest = UpperBound(proved: 0)
        for (rank, index) in order.enumerated() {
            let factor = Double(pValues.count - rank)
            largest = max(largest, min(one, pValues[index].multiplied(byExactly: factor)))
            adjusted[index] = largest
        }
        return adjusted
    }

    /// The claims of e-BH: the expected share of false ones among them is at most q, whatever the
    /// dependence.
    ///
    /// R. Wang and A. Ramdas, "False discovery rate control with e-values", JRSS B 84 (2022),
    /// theorem 2: with e-values in decreasing order and k the largest rank with k e_(k) >= m / q,
    /// claim the first k. (Each claimed input then has e >= m / (k q), so the share of false claims
    /// is at most the sum over true hypotheses of (1/k) (k q e / m), of mean at most q, since e-values
    /// have mean at most 1 under them.) An e-value that was stopped at 1/alpha is of little use here:
    /// the first claim alone needs m / q.
    public static func eBenjaminiHochberg(
        _ evidence: [LowerBound], falseDiscoveryRate q: Double
    ) -> [Bool] {
        precondition(q > 0 && q < 1, "a rate strictly between 0 and 1")
        let order = evidence.indices.sorted { (evidence[$1], $0) < (evidence[$0], $1) }
        let count = Double(evidence.count)
        let last = order.indices.last { rank in
            evidence[order[rank]].multiplied(byExactly: Double(rank + 1)).multiplied(byExactly: q)
                .value >= count
        }
        var claimed = [Bool](repeating: false, count: evidence.count)
        for index in order.prefix((last ?? -1) + 1) { claimed[index] = true }
        return claimed
    }

    private static let one = UpperBound(proved: 1)
}
