import ConfidenceBounds
import Testing

@Suite struct PredictionTestTests {
    /// SciPy's own values are good to about 12 digits.
    @Test func `the p-value is that of the two-sided binomial test`() throws {
        for row in try Vectors.rows("prediction.tsv") {
            let (first, second) = try (#require(Int(row[0])), #require(Int(row[1])))
            let expected = try #require(Double(row[2]))
            let pValue = PredictionTest.pValue(first: first, second: second).value
            #expect(abs(pValue - expected) <= 1e-11 * expected, "\(row)")
        }
    }

    @Test func `eleven samples can predict at .001, and 25 at 1e-7`() throws {
        #expect(try PredictionTest(failureProbability: 0.001).smallestSamples == 11)
        #expect(try PredictionTest(failureProbability: 1e-7).smallestSamples == 25)
    }

    @Test func `a tie predicts nothing, whatever the failure probability`() throws {
        let lenient = try PredictionTest(failureProbability: 0.99999)
        #expect(!lenient.decides(first: 40, second: 40))
        #expect(!lenient.decides(first: 0, second: 0))
        #expect(try PredictionTest(failureProbability: 0.5).decides(first: 3, second: 0))
    }

    /// Exactly, over all outcomes of 30 samples of two equally probable classes.
    @Test func `a wrong class is predicted no more often than alpha`() throws {
        for alpha in [0.3, 0.05, 0.001] {
            let test = try PredictionTest(failureProbability: alpha)
            var (term, error) = (0x1p-30, 0.0)
            for count in 0...30 {
                if test.decides(first: max(count, 30 - count), second: min(count, 30 - count)) {
                    error += term
                }
                term *= Double(30 - count) / Double(count + 1)
            }
            #expect(error <= alpha)
        }
    }

    /// Two equally probable classes are the worst case for a selected one of them.
    @Test(arguments: [0.05, 0.001])
    func `law 4: looked at after every sample, a selected class errs no more often than alpha`(
        alpha: Double
    ) throws {
        let test = try SequentialPrediction(failureProbability: alpha)
        let checkpoints = Array(1...1000)
        let error = ErrorByRecursion(
            failure: 0.5, checkpoints: checkpoints,
            rejectsFrom: checkpoints.map { trials in
                (trials / 2...trials).first {
                    test.decides(selected: $0, rival: trials - $0, isCap: trials == 1000)
                }
            }
        ).chance
        #expect(error <= alpha * (1 - 1e-9))
        #expect(error > alpha / 5)
    }

    @Test func `a clear class takes a dozen samples`() throws {
        let test = try SequentialPrediction(failureProbability: 0.001)
        let smallest = try #require(test.smallestSamples)
        #expect(smallest <= 14)
        #expect(test.decides(selected: smallest, rival: 0, isCap: false))
        #expect(!test.decides(selected: smallest - 1, rival: 0, isCap: false))
        #expect(!test.decides(selected: 0, rival: 0, isCap: true))
        #expect(!test.decides(selected: 10, rival: 400, isCap: true))
        // At the cap a fixed sample's count suffices: 2^-11 is below alpha/2.
        #expect(test.decides(selected: 11, rival: 0, isCap: true))
    }
}
