import ClassifierRuntime
import Testing

@Suite struct DecisionTests {
    @Test func `the largest logit decides, the lowest class among equals, infinities included`() {
        let values: [Float] = [-.infinity, -1, -0.0, 0, 1, .infinity]
        for a in values {
            for b in values {
                for c in values {
                    let logits = [a, b, c]
                    let expected = logits.firstIndex { $0 == logits.max() }
                    let decided = logits.withUnsafeBufferPointer {
                        DecisionRule.largestLogit(classCount: 3).classIndex(of: $0[...])
                    }
                    #expect(decided == expected)
                }
            }
        }
    }

    @Test(arguments: [
        (Float(0.5).nextDown, 0), (0.5, 0), (Float(0.5).nextUp, 1), (-.infinity, 0), (.infinity, 1),
    ])
    func `a score is of class 1 only above the threshold`(score: Float, expected: Int) {
        let decided = [score].withUnsafeBufferPointer {
            DecisionRule.threshold(0.5).classIndex(of: $0[...])
        }
        #expect(decided == expected)
    }

    @Test(arguments: ["constant3_8", "constant3_28"])
    func `a constant classifier is constant, whatever the sample`(model: String) throws {
        let classifier = try classifier(model)
        classifier.batch.update(repeating: .nan)
        classifier.batch[0] = .infinity
        #expect(try classifier.classes(counted: 8) == Array(repeating: 3, count: 8))
    }

    @Test(arguments: [2, 3, 10], [8, 28])
    func `a coin falls as opposite corners differ`(classes: Int, side: Int) throws {
        let classifier = try classifier("coin\(classes)_\(side)", batchSize: 4)
        #expect(classifier.decision == .largestLogit(classCount: classes))
        let last = side * side - 1
        // Sample 0 ties: class 0. Sample 1: second corner larger. Sample 2: first corner larger,
        // against the tie break. Sample 3: the tie break alone.
        classifier.batch[side * side + last] = 1 / 255
        classifier.batch[2 * side * side] = 1 / 255
        classifier.batch[2 * side * side + side * (side - 1)] = 12
        classifier.batch[3 * side * side + side * (side - 1)] = 1 / 255
        #expect(try classifier.classes(counted: 4) == [0, 1, 0, 1])
    }

    @Test(arguments: ["one_logit_8", "one_logit_flat_8"])
    func `one score a sample decides between two classes`(model: String) throws {
        let classifier = try classifier(model, batchSize: 3, decisionThreshold: 0.25)
        #expect(classifier.decision == .threshold(0.25))
        classifier.batch[0] = 0.5  // the score is the first pixel minus the last
        classifier.batch[64] = 0.25
        classifier.batch[128 + 63] = 1
        #expect(try classifier.rows(of: Array(classifier.batch)) == [[0.5], [0.25], [-1]])
        #expect(try classifier.classes(counted: 3) == [1, 0, 0])
    }

    @Test func `infinite logits are logits`() throws {
        #expect(try classifier("infinite_8").classes(counted: 8) == Array(repeating: 2, count: 8))
        #expect(try classifier("minus_infinite_8").classes(counted: 1) == [0])
    }

    @Test func `a logit that is NaN stops, and says in which row`() throws {
        let classifier = try classifier("nan_below_zero_8")
        classifier.batch.update(repeating: 0.5)
        #expect(try classifier.classes(counted: 8) == Array(repeating: 1, count: 8))
        classifier.batch[5 * 64] = -0.5
        #expect(throws: ClassifierFailure.notANumber(row: 5)) {
            try classifier.classify(counted: 8) { _, _ in Issue.record("a class was handed out") }
        }
        #expect(throws: ClassifierFailure.notANumber(row: 5)) {
            try classifier.classes(counted: 6)
        }
        #expect(throws: ClassifierFailure.notANumber(row: 0)) {
            try DecisionTests.nan.classes(counted: 1)
        }
    }

    @Test func `NaN in the padding is no failure`() throws {
        let classifier = try classifier("nan_below_zero_8")
        classifier.batch[5 * 64] = -0.5
        #expect(try classifier.classes(counted: 5) == Array(repeating: 1, count: 5))
        #expect(try DecisionTests.nan.classes(counted: 0) == [])
    }

    private static var nan: OnnxClassifier {
        get throws { try ClassifierRuntimeTests.classifier("nan_8") }
    }
}
