import ConfidenceBounds
import Testing

@Suite struct StandardNormalTests {
    @Test func `a quantile is the exact quantile, rounded to the safe side`() throws {
        for row in try Vectors.rows("quantiles.tsv") {
            let (tail, down, up) = try (
                Vectors.double(row[0]), Vectors.double(row[1]), Vectors.double(row[2])
            )
            // P[N > z] = tail: the quantile of 1 - tail is z, that of tail is -z.
            let aboveHalf = ProbabilityUpperBound(UpperBound(proved: tail)).ofOppositeEvent
            let belowHalf = ProbabilityLowerBound(LowerBound(proved: tail))
            #expect(StandardNormal.quantile(of: aboveHalf).value == down, "\(tail)")
            #expect(StandardNormal.quantile(of: belowHalf).value == -up, "\(tail)")
            #expect(StandardNormal.quantile(of: belowHalf.ofOppositeEvent).value == up, "\(tail)")
            #expect(
                StandardNormal.quantile(of: aboveHalf.ofOppositeEvent).value == -down, "\(tail)")
        }
    }

    @Test func `the ends and the middle have their quantiles`() {
        #expect(StandardNormal.quantile(of: ProbabilityLowerBound.trivial).value == -.infinity)
        #expect(StandardNormal.quantile(of: ProbabilityUpperBound.trivial).value == .infinity)
        let half = ProbabilityLowerBound(LowerBound(proved: 0.5))
        #expect(StandardNormal.quantile(of: half).value == 0)
        #expect(StandardNormal.quantile(of: half.ofOppositeEvent).value == 0)
        let certain = ProbabilityLowerBound(LowerBound(proved: 1))
        #expect(StandardNormal.quantile(of: certain).value == .infinity)
        #expect(StandardNormal.quantile(of: certain.ofOppositeEvent).value == -.infinity)
    }
}
