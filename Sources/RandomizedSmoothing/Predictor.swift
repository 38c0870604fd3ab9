import ConfidenceBounds

// The class of the smoothed classifier
// ====================================
//
// A certificate says how far the answer of g reaches. Whoever serves answers asks for less: which
// class c has the largest P[f(round(x + N)) = c] at this very x? PREDICT (Cohen, Rosenfeld, Kolter
// 2019, section 3.2.1) answers with a class that is wrong with probability at most alpha, or abstains.
//
// Fixed n: the two largest counts of n samples are compared (``PredictionTest``). The samples that
// choose the class may test it, so the selection samples are drawn, since every input has some, and
// not used.
//
// Sequential: the selection samples choose A, and the estimation samples, independent of them (law 3),
// are compared at every checkpoint: A's count with the largest other one (``SequentialPrediction``).
// Where the classes are far apart a dozen samples are enough. When A can hardly win any more, usually
// since the selection chose another class than the most probable one, the input is given up: that
// claims nothing, and loses what the cap would have predicted with probability at most
// `lossProbability` (`FinalCountForecast`: half of it for A, the other half shared by its rivals, since
// samples say which of them leads).

/// Says at every checkpoint of a plan whether a class is to be predicted.
struct Predictor: Sendable {
    private let cap: Int
    /// The checkpoint that has a test of its own, fixed beforehand.
    private let firstCap: Int
    private let fixed: PredictionTest
    private let sequential: SequentialPrediction
    private let forecast: FinalCountForecast
    private let rivalForecast: FinalCountForecast

    init(
        cap: Int, firstCap: Int, classes: Int, netAlpha: Double, lossProbability: Double
    ) throws {
        self.cap = cap
        self.firstCap = firstCap
        fixed = try PredictionTest(failureProbability: netAlpha)
        sequential = try SequentialPrediction(failureProbability: netAlpha)
        forecast = try FinalCountForecast(total: cap, lossProbability: lossProbability / 2)
        rivalForecast = try FinalCountForecast(
            total: cap, lossProbability: lossProbability / 2 / Double(max(1, classes - 1)))
    }

    /// The fewest samples at the cap with which unanimous counts predict, by either procedure:
    /// 2^-n <= alpha/2.
    static func smallestSamples(netAlpha: Double) throws -> Int {
        try PredictionTest(failureProbability: netAlpha).smallestSamples
    }

    /// PREDICT: whether the most frequent class of all samples is to be predicted.
    func verdictAtTheCap(_ estimation: ClassCounts) -> Verdict {
        guard estimation.samples == cap, let answer = estimation.mode else { return .open }
        return fixed.decides(
            first: estimation.values[answer], second: estimation.largestCount(except: answer))
            ? .certified : .undecided
    }

    /// Whether the class that was selected is to be predicted after so many estimation samples, of
    /// which `selected` say that class and `rival` the most frequent other one.
    func verdict(selected: Int, rival: Int, samples: Int) -> Verdict {
        if sequential.decides(selected: selected, rival: rival, isCap: samples == firstCap) {
            return .certified
        }
        if samples == cap { return .undecided }
        return isHopeless(selected: selected, rival: rival, samples: samples) ? .refused : .open
    }

    /// Whether not even the best counts that are still to be expected would be predicted at the cap.
    private func isHopeless(selected: Int, rival: Int, samples: Int) -> Bool {
        // Never excluded, and quickly tried: counts that go on as they began.
        let (steadyWinner, steadyRival) = (
            selected * cap / samples, (rival * cap + samples - 1) / samples
        )
        let isFirst = cap == firstCap
        if sequential.decides(selected: steadyWinner, rival: steadyRival, isCap: isFirst) {
            return false
        }
        return !sequential.decides(
            selected: forecast.largestFinalCount(successes: selected, trials: samples),
            rival: rivalForecast.smallestFinalCount(successes: rival, trials: samples),
            isCap: isFirst)
    }
}
