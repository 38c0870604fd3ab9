import ConfidenceBounds
import Testing

@Suite struct BatchErrorTests {
    @Test func `the number of false certificates is the binomial quantile`() throws {
        for row in try Vectors.rows("batch.tsv") {
            let batch = try BatchError(
                inputs: #require(Int(row[0])), failureProbability: Vectors.double(row[1]))
            #expect(try batch.most(exceptWith: Vectors.double(row[2])) == Int(row[3]), "\(row)")
        }
    }

    @Test func `the known batches have at most 21 and 4 false certificates`() throws {
        let (large, small) = try (
            BatchError(inputs: 10_000, failureProbability: 0.001),
            BatchError(inputs: 500, failureProbability: 0.001)
        )
        #expect(large.most() == 21)
        #expect(small.most() == 4)
        #expect(large.expected.value >= 10 && large.expected.value <= 10.0.nextUp)
        #expect(large.anyFalse.value == 1)
        #expect(small.anyFalse.value >= 0.5 && small.anyFalse.value <= 0.5.nextUp)
    }

    @Test func `a batch that cannot be is refused with a sentence`() {
        for (inputs, alpha) in [(0, 0.001), (5, 0), (5, 1)] {
            #expect(throws: InvalidBinomialSample.self) {
                try BatchError(inputs: inputs, failureProbability: alpha)
            }
        }
    }
}

@Suite struct MultipleTestingTests {
    /// Never below what statsmodels has, but for its own rounding, and hardly above.
    @Test func `adjusted p-values are those of statsmodels, rounded up`() throws {
        let rows = try Vectors.rows("adjusted.tsv").map { try $0.map { try Vectors.double($0) } }
        for start in stride(from: 0, to: rows.count, by: 3) {
            let pValues = rows[start].map { UpperBound(proved: $0) }
            let pairs = [
                (MultipleTesting.bonferroni(pValues), rows[start + 1]),
                (MultipleTesting.holm(pValues), rows[start + 2]),
            ]
            for (adjusted, expected) in pairs {
                for (bound, value) in zip(adjusted, expected) {
                    #expect(bound.value >= value * (1 - 0x1p-52))
                    #expect(bound.value <= value * (1 + 0x1p-51))
                }
            }
        }
    }

    @Test func `e-BH claims what Benjamini and Hochberg claim of the reciprocals`() throws {
        let rows = try Vectors.rows("ebh.tsv")
        for start in stride(from: 0, to: rows.count, by: 2) {
            let numbers = try rows[start].map { try Vectors.double($0) }
            let claimed = MultipleTesting.eBenjaminiHochberg(
                numbers.dropFirst().map { LowerBound(proved: $0) }, falseDiscoveryRate: numbers[0])
            #expect(claimed == rows[start + 1].map { $0 == "1" })
        }
    }

    @Test func `a share, taken so many times, is no more than the whole`() {
        for whole in [0.001, 0.05, 0.1, 1e-7] {
            for inputs in [1, 2, 3, 7, 10, 49, 500, 10_000, 999_983] {
                let share = MultipleTesting.share(of: whole, among: inputs)
                let sum = UpperBound(proved: share).multiplied(byExactly: Double(inputs))
                let next = UpperBound(proved: share.nextUp).multiplied(byExactly: Double(inputs))
                #expect(sum.value <= whole)
                #expect(next.value > whole)
            }
        }
    }

    @Test func `nothing is claimed of nothing, nor from evidence of 1`() {
        #expect(MultipleTesting.holm([]).isEmpty)
        #expect(MultipleTesting.eBenjaminiHochberg([], falseDiscoveryRate: 0.1).isEmpty)
        let one = LowerBound(proved: 1)
        #expect(
            MultipleTesting.eBenjaminiHochberg([one, one], falseDiscoveryRate: 0.9)
                == [false, false])
    }

    @Test func `claims come back in the order of the inputs`() {
        let e = [1.0, 1000, 2, 1000, 30].map { LowerBound(proved: $0) }
        // 3 * 30 >= 5 / .1 holds, 4 * 2 does not: three are claimed.
        #expect(
            MultipleTesting.eBenjaminiHochberg(e, falseDiscoveryRate: 0.1)
                == [false, true, false, true, true])
        let p = [0.5, 0.001, 0.02].map { UpperBound(proved: $0) }
        let holm = MultipleTesting.holm(p).map { $0.decimal(places: 3) }
        #expect(holm == ["0.500", "0.004", "0.041"])  // rounded up, as .001 is a little more
    }
}
