/// The chances of 0 to n successes in n trials of probability p, by Pascal's recursion: sums and products
/// of positive numbers, so exact but for rounding.
func binomialMasses(_ n: Int, _ p: Double) -> [Double] {
    var masses = [1.0]
    for _ in 0..<n {
        var next = [Double](repeating: 0, count: masses.count + 1)
        for (k, mass) in masses.enumerated() {
            next[k] += mass * (1 - p)
            next[k + 1] += mass * p
        }
        masses = next
    }
    return masses
}
