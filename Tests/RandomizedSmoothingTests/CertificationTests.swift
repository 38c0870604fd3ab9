import ConfidenceBounds
import Foundation
import RandomizedSmoothing
import Testing

/// The theorem of Cohen et al. (2019) and the runner-up rule of Voracek (2024), appendix B.
@Suite struct CertificationTests {
    private func radius(
        _ rule: CertificationRule, _ counts: [Int], alpha: Double, distance: Double = 0
    ) throws -> Double {
        var certifier = Certifier(sigma: 1, rule: rule, netAlpha: alpha)
        let certification = try certifier.certify(
            selection: ClassCounts([1, 0, 0]), estimation: ClassCounts(counts),
            gridDistance: GridDistance(roundingUp: UpperBound(proved: distance)))
        guard case .certified(let answer, let radius) = certification.decision else { return 0 }
        #expect(answer == 0)
        return try #require(Double(radius.description))
    }

    @Test func `a distance is read back from its digits, and from no others`() throws {
        for distance in [0, 1e-15, 0.25, 0.1, 1234.000000000001] {
            let written = GridDistance(roundingUp: UpperBound(proved: distance))
            #expect(GridDistance(digits: written.description) == written)
        }
        for text in [
            "0", "0.25", "0.2500000000000", ".250000000000", "-0.250000000000", "1e-2", "",
        ] {
            #expect(GridDistance(digits: text) == nil)
        }
    }

    /// `Vectors/radii.py` computes them with mpmath at 50 digits.
    @Test func `a radius is the formula's, rounded down to twelve places`() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Vectors/radii.tsv")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 52)
        for line in lines {
            let fields = line.split(separator: "\t")
            let rule = try #require(CertificationRule(rawValue: String(fields[0])))
            let (n, a) = (try #require(Int(fields[1])), try #require(Int(fields[2])))
            let (b, alpha) = (try #require(Int(fields[3])), try #require(Double(fields[4])))
            let expected = try #require(Double(fields[5]))
            let found = try radius(rule, [a, b, n - a - b], alpha: alpha)
            // One unit of the last place for the rounding down; printing both costs less.
            #expect(found <= expected * (1 + 1e-15), "\(line)")
            #expect(found > expected - 1.01e-12, "\(line)")
        }
    }

    /// The table of METHODS (R / sigma at alpha = .001, one-sided), which SciPy confirms to ten
    /// digits: norm.ppf(beta.ppf(.001, k, n - k + 1)).
    @Test(arguments: [
        (100, 98, 1.241339751369), (1000, 1000, 2.463262614781), (100_000, 90_000, 1.264844690337),
        (100_000, 99_000, 2.289999955214), (100_000, 100_000, 3.811456563390),
    ])
    func `Cohen's rule gives the published values`(n: Int, k: Int, value: Double) throws {
        #expect(abs(try radius(.cohen, [k, n - k, 0], alpha: 0.001) - value) < 2e-12)
    }

    /// "Smallest certifiable k: 66 of 100, 50,490 of 100,000" (alpha = .001).
    @Test func `the smallest count that certifies is the published one`() throws {
        #expect(try radius(.cohen, [66, 34, 0], alpha: 0.001) > 0)
        #expect(try radius(.cohen, [65, 35, 0], alpha: 0.001) == 0)
        #expect(try radius(.cohen, [50_490, 49_510, 0], alpha: 0.001) > 0)
        #expect(try radius(.cohen, [50_489, 49_511, 0], alpha: 0.001) == 0)
    }

    @Test func `the most frequent class is selected, the lowest one in a tie`() throws {
        var certifier = Certifier(sigma: 1, rule: .runnerUp, netAlpha: 0.001)
        for (selection, expected) in [([1, 3, 3], 1), ([0, 0, 1], 2), ([2, 2, 2], 0)] {
            let certification = try certifier.certify(
                selection: ClassCounts(selection), estimation: ClassCounts([0, 100, 0]))
            #expect(certification.selectedClass == expected)
            let isCertified = if case .certified = certification.decision { true } else { false }
            #expect(isCertified == (expected == 1))
        }
    }

    @Test
    func `what rounding to the grid costs is taken from the radius, and nothing left abstains`()
        throws
    {
        let whole = try radius(.runnerUp, [990, 10, 0], alpha: 0.001)
        let less = try radius(.runnerUp, [990, 10, 0], alpha: 0.001, distance: 0.25)
        #expect(less <= whole - 0.25 && less > whole - 0.25 - 3e-12)
        #expect(try radius(.runnerUp, [990, 10, 0], alpha: 0.001, distance: whole) == 0)
        #expect(try radius(.runnerUp, [990, 10, 0], alpha: 0.001, distance: 100) == 0)
    }

    /// Planted probabilities, every outcome of n draws from three classes enumerated: the chance of
    /// a radius above the true one is at most alpha. Class 0 is selected; probabilities are sums of
    /// at most 10^4 terms, each exact to 10^-13.
    @Test(
        arguments: CertificationRule.allCases,
        [[0.4, 0.4, 0.2], [0.5, 0.5, 0], [0.6, 0.3, 0.1], [0.9, 0.1, 0], [0.34, 0.33, 0.33]])
    func `the chance of a false certificate is at most alpha, by exact sums`(
        rule: CertificationRule, p: [Double]
    ) throws {
        let (n, alpha) = (40, 0.05)
        let truth = trueRadius(rule, p)
        var certifier = Certifier(sigma: 1, rule: rule, netAlpha: alpha)
        var falsehood = 0.0
        for a in 0...n {
            for b in 0...(n - a) {
                let counts = [a, b, n - a - b]
                let certification = try certifier.certify(
                    selection: ClassCounts([1, 0, 0]), estimation: ClassCounts(counts))
                guard case .certified(_, let radius) = certification.decision else { continue }
                if radius.value > truth { falsehood += multinomial(counts, p) }
            }
        }
        #expect(falsehood <= alpha * (1 + 1e-9))
    }

    @Test func `the same check sees that naive radii are false too often`() {
        let (n, p) = (40, [0.4, 0.4, 0.2])
        var falsehood = 0.0
        for a in 0...n {
            for b in 0...(n - a) where a > b { falsehood += multinomial([a, b, n - a - b], p) }
        }
        #expect(falsehood > 0.4)
    }

    /// The radius that the theorem gives for the planted probabilities; below 0 when class 0 is not
    /// the largest, and any certificate is false then.
    private func trueRadius(_ rule: CertificationRule, _ p: [Double]) -> Double {
        let rest = rule == .cohen ? 1 - p[0] : max(p[1], p[2])
        guard p[0] > rest else { return 0 }
        return (quantile(p[0]) - quantile(rest)) / 2
    }

    /// Bisection on erfc; exact to 10^-12 for the values used here, and rounded up by that.
    private func quantile(_ p: Double) -> Double {
        var (low, high) = (-10.0, 10.0)
        for _ in 0..<100 {
            let middle = (low + high) / 2
            if erfc(-middle / 2.0.squareRoot()) / 2 < p { low = middle } else { high = middle }
        }
        return high
    }

    private func multinomial(_ counts: [Int], _ p: [Double]) -> Double {
        var logarithm = logFactorial(counts.reduce(0, +))
        for (count, p) in zip(counts, p) where count > 0 {
            if p == 0 { return 0 }
            logarithm += Double(count) * log(p) - logFactorial(count)
        }
        return exp(logarithm)
    }

    private func logFactorial(_ n: Int) -> Double {
        (0..<n).reduce(0) { $0 + log(Double($1 + 1)) }
    }
}
