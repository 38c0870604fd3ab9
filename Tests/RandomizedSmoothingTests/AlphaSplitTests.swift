import ConfidenceBounds
import Testing

@testable import RandomizedSmoothing

/// The union bound: what the levels fail with together is at most alpha.
@Suite struct AlphaSplitTests {
    @Test(arguments: 1...16)
    func `the shares of all levels and inputs are together no more than alpha`(levels: Int) throws {
        for alpha in [0.001, 0.05, 1e-7, 0.1, 1.0 / 3] {
            for family in [nil, 1, 7, 500] as [Int?] {
                let plan = try CertificationPlan(
                    sigma: 1, selectionSamples: 10, estimationSamples: 100_000, rule: .runnerUp,
                    alpha: alpha, family: family, sigmas: (1...levels).map(Double.init),
                    dimension: 784, noiseDistance: 0)
                // Exactly, in the bits of the doubles: alpha - k m share >= 0.
                let count = Double(levels * (family ?? 1))
                #expect((-alpha).addingProduct(plan.error.alpha, count) <= 0)
                #expect(plan.error.alpha > alpha / count * (1 - 1e-15))
                #expect(plan.split?.alpha == alpha)
            }
        }
    }

    /// Every assignment of four radii, or none, to up to four levels.
    @Test func `the best is the largest, of equal ones the first, and else the first of all`()
        throws
    {
        let radii = [nil, 0.1, 0.2, 0.3].map {
            $0.flatMap { Radius(roundingDown: LowerBound(proved: $0)) }
        }
        #expect(radii.compactMap(\.self).count == 3)
        for levels in 1...4 {
            let assignments = (0..<levels).reduce([[]] as [[Int]]) { all, _ in
                all.flatMap { some in (0..<4).map { some + [$0] } }
            }
            for places in assignments {
                let best = AlphaSplit.best(of: places.map { radii[$0] })
                #expect(places.firstIndex(of: places.max() ?? 0) == best)
            }
        }
    }

    /// Two radii whose twelve digits agree are equal to whoever reads the records.
    @Test func `what is compared is what is written`() throws {
        let smaller = try #require(Radius(roundingDown: LowerBound(proved: 0.5)))
        let larger = try #require(Radius(roundingDown: LowerBound(proved: 0.5.nextUp)))
        #expect(smaller < larger && smaller.description == larger.description)
        #expect(AlphaSplit.best(of: [smaller, larger]) == 0)
    }
}
