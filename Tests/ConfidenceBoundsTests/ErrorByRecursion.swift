/// The exact chance that a walk of successes and failures meets a rejecting count at a checkpoint.
///
/// The failures of the walks that have not rejected yet have a distribution; between checkpoints it
/// is convolved with a binomial one. All numbers are positive, and only +, * and / are used: a
/// binomial distribution is built by ratios outwards from its mode and divided by its sum. Relative
/// errors add up to less than 10^-10: at most 4 for each of the few thousand ratios of a
/// distribution, one for each of the terms of a convolution, over some 200 checkpoints, in units of
/// 2^-53. What is below 10^-30 of a mode is cut off, which loses less than 10^-24 in all.
struct ErrorByRecursion {
    /// The chance that a sample fails.
    let failure: Double
    /// The sample counts at which the test looks.
    let checkpoints: [Int]
    /// For each, the smallest count of successes that rejects.
    let rejectsFrom: [Int?]

    /// The chance of ever rejecting.
    var chance: Double {
        var failures = Distribution(first: 0, weights: [1])
        var (rejected, last) = (0.0, 0)
        for (trials, smallest) in zip(checkpoints, rejectsFrom) {
            failures = failures.convolved(
                with: .binomial(trials: trials - last, probability: failure))
            if let smallest { rejected += failures.remove(upTo: trials - smallest) }
            last = trials
        }
        return rejected
    }
}

private struct Distribution {
    /// The number that the first weight is of.
    var first: Int
    var weights: [Double]

    static func binomial(trials: Int, probability p: Double) -> Distribution {
        let odds = p / (1 - p)
        let mode = min(trials, Int(Double(trials + 1) * p))
        var (below, above) = ([Double](), [1.0])
        var number = mode
        while let last = above.last, last > 1e-30, number < trials {
            above.append(last * (Double(trials - number) / Double(number + 1) * odds))
            number += 1
        }
        number = mode
        var last = 1.0
        while last > 1e-30, number > 0 {
            last *= Double(number) / (Double(trials - number + 1) * odds)
            below.append(last)
            number -= 1
        }
        let weights = below.reversed() + above
        let sum = weights.reduce(0, +)
        return Distribution(first: number, weights: weights.map { $0 / sum })
    }

    func convolved(with step: Distribution) -> Distribution {
        let count = weights.count + step.weights.count - 1
        let sums = [Double](unsafeUninitializedCapacity: count) { sums, filled in
            sums.initialize(repeating: 0)
            filled = count
            weights.withUnsafeBufferPointer { weights in
                step.weights.withUnsafeBufferPointer { steps in
                    for (i, weight) in weights.enumerated() {
                        for j in 0..<steps.count { sums[i + j] += weight * steps[j] }
                    }
                }
            }
        }
        let most = sums.max() ?? 0
        let kept = sums.firstIndex { $0 > most * 1e-30 } ?? 0
        let end = sums.lastIndex { $0 > most * 1e-30 } ?? 0
        return Distribution(first: first + step.first + kept, weights: Array(sums[kept...end]))
    }

    /// Takes away what is at most `number`, and returns its weight.
    mutating func remove(upTo number: Int) -> Double {
        let count = min(max(0, number - first + 1), weights.count - 1)
        let removed = weights[..<count].reduce(0, +)
        weights.removeFirst(count)
        first += count
        return removed
    }
}
