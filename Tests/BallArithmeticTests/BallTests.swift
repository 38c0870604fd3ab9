import BallArithmetic
import Testing

@Suite struct BallTests {
    @Test(arguments: [30, 64, 128, 300])
    func `a function's ball contains its value, and little else`(precision: Int) throws {
        for row in try Vectors.rows("values.tsv") {
            let ball = try evaluate(row[0], row[1], precision: precision)
            let value = try #require(Double(row[2]))  // the double nearest to the true value
            #expect(ball.lowerEndpoint <= value && value <= ball.upperEndpoint, "\(row)")
            let width = ball.upperEndpoint - ball.lowerEndpoint
            let allowance = value.magnitude * (precision < 64 ? 1e-3 : 1e-12)
            #expect(width <= max(allowance, .leastNonzeroMagnitude), "\(row)")
        }
    }

    private func evaluate(_ name: String, _ words: String, precision: Int) throws -> Ball {
        let arguments = words.split(separator: " ").compactMap { Double($0) }
        let x = Ball(arguments[0])
        switch name {
        case "logarithm": return x.logarithm(precision: precision)
        case "squareRoot": return x.squareRoot(precision: precision)
        case "exponential": return x.exponential(precision: precision)
        case "logarithmOfGamma": return x.logarithmOfGamma(precision: precision)
        case "erfc": return x.erfc(precision: precision)
        case "tail": return .standardNormalUpperTail(x, precision: precision)
        case "density": return .standardNormalDensity(x, precision: precision)
        case "binomialTail":
            let p = Ball(arguments[2])
            return BinomialTail(
                atLeast: Int(arguments[0]), of: Int(arguments[1]), precision: precision
            ).probability(p: p, q: Ball(1).subtracting(p, precision: precision))
        default:
            Issue.record("no function \(name)")
            return x
        }
    }

    @Test func `the continued fraction and Arb's own series never disagree`() {
        for trials in [1, 2, 7, 100, 10_000, 1_000_000] {
            for successes in Set([1, trials / 3, trials / 2, trials - 1, trials])
            where successes > 0 {
                for p in [0x1p-40, 0.01, 0.3, 0.5, 0.97, 0.9999] {
                    let (p, a, b) = (Ball(p), Ball(successes), Ball(trials - successes + 1))
                    let q = Ball(1).subtracting(p, precision: 128)
                    let ours = BinomialTail(atLeast: successes, of: trials, precision: 128)
                        .probability(p: p, q: q)
                    let arbs = Ball.regularizedIncompleteBeta(x: p, a: a, b: b, precision: 128)
                    #expect(!ours.isLess(than: arbs) && !arbs.isLess(than: ours))
                }
            }
        }
    }

    @Test func `endpoints are the nearest doubles outside`() {
        let pi = Ball.pi(precision: 200)  // 3.14159265358979323846…
        #expect(pi.lowerEndpoint == 0x1.921fb54442d18p+1)
        #expect(pi.upperEndpoint == 0x1.921fb54442d19p+1)
        for value in [0, 1, -1, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, 1.7e308, 0.1] {
            #expect(Ball(value).lowerEndpoint == value && Ball(value).upperEndpoint == value)
        }
        let huge = Ball(1e300).multiplied(by: Ball(1e300), precision: 64)
        #expect(huge.lowerEndpoint == .greatestFiniteMagnitude && huge.upperEndpoint == .infinity)
        let tiny = Ball(1e-300).multiplied(by: Ball(1e-300), precision: 64)
        #expect(tiny.lowerEndpoint == 0 && tiny.upperEndpoint == .leastNonzeroMagnitude)
    }

    @Test func `what has no value is not finite, and its endpoints say nothing`() {
        let nothing = [
            Ball(-1).logarithm(precision: 64), Ball(-1).squareRoot(precision: 64),
            Ball(1).divided(by: Ball(0), precision: 64), Ball(Double.nan),
            Ball(from: -1, to: 1).logarithm(precision: 64),
        ]
        for ball in nothing {
            #expect(!ball.isFinite)
            #expect(ball.lowerEndpoint == -.infinity && ball.upperEndpoint == .infinity)
            #expect(ball.floorScaled(byTwoToThe: 4) == nil)
            #expect(!ball.isLess(than: Ball(1)) && !Ball(1).isLess(than: ball))
        }
        #expect(!Ball(Double.infinity).isFinite)
    }

    @Test func `an order holds only if it holds for all numbers`() {
        let (low, high) = (Ball(from: 1, to: 2), Ball(from: 2, to: 3))
        #expect(!low.isLess(than: high) && !high.isLess(than: low))
        #expect(low.isLess(than: Ball(2.125)) && low.isPositive && !low.negated.isPositive)
        #expect(!Ball(from: 0, to: 1).isPositive)
        #expect(low.contains(Ball(1.5)) && !low.contains(high))
        let both = low.union(high, precision: 64)
        #expect(both.contains(low) && both.contains(high) && both.midpoint.lowerEndpoint == 2)
    }

    @Test func `operations contain their exact results at every precision`() {
        for precision in [2, 10, 53, 200] {
            let third = Ball(1).divided(by: 3, precision: precision)
            #expect(third.multiplied(by: Ball(3), precision: precision).contains(Ball(1)))
            #expect(
                third.adding(third, precision: precision)
                    .adding(third, precision: precision).contains(Ball(1)))
            #expect(third.subtracting(third, precision: precision).contains(Ball(0)))
            #expect(
                third.multiplied(byTwoToThe: 2).adding(-1, precision: precision)
                    .multiplied(by: 3, precision: precision).contains(Ball(1)))
            #expect(Ball(3).raised(to: Ball(4), precision: precision).contains(Ball(81)))
            #expect(third.accuracy >= precision - 2)
        }
    }

    @Test func `a floor is given only if it is known`() {
        #expect(Ball(0).floorScaled(byTwoToThe: 10) == [])
        #expect(Ball(0.75).floorScaled(byTwoToThe: 2) == [3])
        #expect(Ball(0.75).floorScaled(byTwoToThe: 1) == [1])
        #expect(Ball(1).floorScaled(byTwoToThe: 64) == [0, 0, 1])
        #expect(Ball(1).floorScaled(byTwoToThe: -1) == [])
        // A third is 0.010101… in binary.
        let third = Ball(1).divided(by: 3, precision: 128)
        #expect(third.floorScaled(byTwoToThe: 65) == [0xAAAA_AAAA, 0xAAAA_AAAA])
        #expect(third.floorScaled(byTwoToThe: 140) == nil)
        #expect(third.multiplied(by: 3, precision: 128).floorScaled(byTwoToThe: 0) == nil)
        #expect(Ball(-1).floorScaled(byTwoToThe: 3) == nil)
    }

    @Test func `a ball may be shared by tasks`() async {
        let shared = Ball.pi(precision: 500)
        func work() -> Double {
            (1...200).reduce(shared) { sum, _ in
                sum.adding(shared.exponential(precision: 500), precision: 500)
            }.lowerEndpoint
        }
        let expected = work()
        await withTaskGroup(of: Double.self) { group in
            for _ in 0..<4 { group.addTask { work() } }
            for await sum in group { #expect(sum == expected) }
        }
    }
}
