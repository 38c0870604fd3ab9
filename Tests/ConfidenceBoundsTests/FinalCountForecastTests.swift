import ConfidenceBounds
import Testing

@Suite struct FinalCountForecastTests {
    @Test func `a final count is excluded where the likelihood ratio says so`() throws {
        for row in try Vectors.rows("forecast.tsv") {
            let forecast = try FinalCountForecast(
                total: #require(Int(row[0])), lossProbability: Vectors.double(row[3]))
            let largest = try forecast.largestExcluding(
                finalCount: #require(Int(row[2])), trials: #require(Int(row[1])))
            #expect(largest == Int(row[4]), "\(row)")
        }
    }

    @Test func `the final counts that are left are those that no ratio excludes`() throws {
        for row in try Vectors.rows("final.tsv") {
            let forecast = try FinalCountForecast(
                total: #require(Int(row[0])), lossProbability: Vectors.double(row[3]))
            let (trials, successes) = try (#require(Int(row[1])), #require(Int(row[2])))
            #expect(
                forecast.smallestFinalCount(successes: successes, trials: trials) == Int(row[4]),
                "\(row)")
            #expect(
                forecast.largestFinalCount(successes: successes, trials: trials) == Int(row[5]),
                "\(row)")
        }
    }

    /// Exactly, by following the chance of each prefix that was never excluded, sample by sample:
    /// all orders of the final count are equally likely. Sums of at most 200 positive doubles.
    @Test(arguments: [0.001, 0.05])
    func `what the cap would grant is given up no more often than was said`(beta: Double) throws {
        let total = 200
        let forecast = try FinalCountForecast(total: total, lossProbability: beta)
        for needed in [20, 100, 168, 195, 200] {
            let limits = (1...total).map {
                forecast.largestExcluding(finalCount: needed, trials: $0) ?? -1
            }
            for final in needed...min(total, needed + 3) {
                let lost = chance(ofLosing: final, of: total, limits: limits)
                #expect(lost <= beta * (1 - 1e-9), "\(needed) \(final)")
            }
            // It is no empty promise: with few enough, it gives up surely.
            #expect(chance(ofLosing: needed - 1, of: total, limits: limits) > 1 - 1e-9)
        }
    }

    private func chance(ofLosing final: Int, of total: Int, limits: [Int]) -> Double {
        var alive = [1.0] + Array(repeating: 0, count: total)
        var lost = 0.0
        for trials in 1...total {
            var next = Array(repeating: 0.0, count: total + 1)
            let left = total - trials + 1
            for successes in 0..<trials where alive[successes] > 0 {
                let good = final - successes
                if good > 0 {
                    next[successes + 1] += alive[successes] * Double(good) / Double(left)
                }
                if left > good {
                    next[successes] += alive[successes] * Double(left - good) / Double(left)
                }
            }
            if limits[trials - 1] >= 0 {
                for successes in 0...limits[trials - 1] {
                    lost += next[successes]
                    next[successes] = 0
                }
            }
            alive = next
        }
        return lost
    }

    @Test func `what cannot be reached any more is excluded, and what is reached is not`() throws {
        let forecast = try FinalCountForecast(total: 1000, lossProbability: 1e-12)
        #expect(forecast.excludes(finalCount: 999, successes: 5, trials: 7))
        #expect(!forecast.excludes(finalCount: 999, successes: 6, trials: 7))
        #expect(forecast.largestExcluding(finalCount: 1000, trials: 1) == 0)
        #expect(forecast.largestExcluding(finalCount: 400, trials: 1000) == 399)
        #expect(forecast.largestExcluding(finalCount: 0, trials: 1000) == nil)
        #expect(forecast.largestFinalCount(successes: 400, trials: 1000) == 400)
        #expect(forecast.smallestFinalCount(successes: 400, trials: 1000) == 400)
    }
}
