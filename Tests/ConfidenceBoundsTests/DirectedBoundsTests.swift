import BallArithmetic
import ConfidenceBounds
import Testing

@Suite struct DirectedBoundsTests {
    /// Doubles of both signs whose exponents lie within 2^±60, some of them whole numbers.
    private static let pairs: [(Double, Double)] = {
        var generator = SplitMix64(state: 1)
        func number() -> Double {
            let sign = Bool.random(using: &generator) ? 1.0 : -1.0
            if Int.random(in: 0..<4, using: &generator) == 0 {
                return sign * Double(Int.random(in: 0...9, using: &generator))
            }
            let exponent = Int.random(in: -60...60, using: &generator)
            let significand = Double.random(in: 1..<2, using: &generator)
            return sign * Double(sign: .plus, exponent: exponent, significand: significand)
        }
        return (0..<20_000).map { _ in (number(), number()) }
    }()

    @Test func `a sum is the nearest double on the safe side of the exact sum`() {
        for (a, b) in Self.pairs {
            let exact = Ball(a).adding(Ball(b), precision: 400)
            let lower = LowerBound(proved: a) + LowerBound(proved: b)
            let upper = UpperBound(proved: a) + UpperBound(proved: b)
            #expect(exact.lowerEndpoint == lower.value)
            #expect(exact.upperEndpoint == upper.value)
        }
    }

    @Test func `a difference takes the opposite bound and rounds to the safe side`() {
        for (a, b) in Self.pairs {
            let exact = Ball(a).subtracting(Ball(b), precision: 400)
            let lower = LowerBound(proved: a) - UpperBound(proved: b)
            let upper = UpperBound(proved: a) - LowerBound(proved: b)
            #expect(exact.lowerEndpoint == lower.value)
            #expect(exact.upperEndpoint == upper.value)
        }
    }

    @Test func `a multiple is the nearest double on the safe side of the exact product`() {
        for (a, b) in Self.pairs {
            let exact = Ball(a).multiplied(by: Ball(b.magnitude), precision: 400)
            let lower = LowerBound(proved: a).multiplied(byExactly: b.magnitude)
            let upper = UpperBound(proved: a).multiplied(byExactly: b.magnitude)
            #expect(exact.lowerEndpoint == lower.value)
            #expect(exact.upperEndpoint == upper.value)
        }
    }

    @Test(arguments: [
        .leastNonzeroMagnitude, 0x1p-1030, 1e-300, 0x1p-700, 1e300, 1.7e308,
        -.leastNonzeroMagnitude, -0x1p-1030, -1.7e308,
    ])
    func `a product or sum that leaves the range of doubles still claims no more`(a: Double) {
        for factor in [0, .leastNonzeroMagnitude, 1e-200, 0.1, 0.5, 1, 3, 1e200, 1.7e308] {
            let product = Ball(a).multiplied(by: Ball(factor), precision: 4000)
            let lower = LowerBound(proved: a).multiplied(byExactly: factor).value
            let upper = UpperBound(proved: a).multiplied(byExactly: factor).value
            #expect(lower <= product.lowerEndpoint)
            #expect(upper >= product.upperEndpoint)
            let sum = Ball(a).adding(Ball(factor), precision: 4000)
            #expect((LowerBound(proved: a) + LowerBound(proved: factor)).value == sum.lowerEndpoint)
            #expect((UpperBound(proved: a) + UpperBound(proved: factor)).value == sum.upperEndpoint)
        }
    }

    @Test func `what is not known stays not known`() {
        let nothing = LowerBound(proved: -.infinity)
        #expect((nothing + LowerBound(proved: .infinity)).value == -.infinity)
        #expect((nothing - UpperBound(proved: -.infinity)).value == -.infinity)
        #expect(nothing.multiplied(byExactly: 2) == nothing)
        #expect((-nothing).value == .infinity)
        #expect(LowerBound(proved: .infinity).multiplied(byExactly: 2).value == .infinity)
    }

    @Test func `a printed bound never claims more, and is the closest such decimal`() throws {
        for row in try Vectors.rows("decimals.tsv") {
            let value = try Vectors.double(row[0])
            let places = try #require(Int(row[1]))
            #expect(LowerBound(proved: value).decimal(places: places) == row[2])
            #expect(UpperBound(proved: value).decimal(places: places) == row[3])
        }
    }

    @Test func `bounds too large to print exactly are printed on the safe side`() {
        #expect(LowerBound(proved: 1e30).decimal(places: 1) == "18446744073709549568.0")
        #expect(UpperBound(proved: 1e30).decimal(places: 1) == "inf")
        #expect(UpperBound(proved: -1e30).decimal(places: 1) == "-18446744073709549568.0")
        #expect(LowerBound(proved: -1e30).decimal(places: 1) == "-inf")
        #expect(LowerBound(proved: .infinity).decimal(places: 1) == "inf")
        #expect("\(LowerBound(proved: -.infinity))" == "-inf")
        #expect("\(UpperBound(proved: 0.1))" == "0.100000000001")
    }

    @Test func `a complement is rounded to the safe side`() {
        let lower = ProbabilityLowerBound(LowerBound(proved: 0x1p-60))
        #expect(lower.complement.value == 1)
        let upper = ProbabilityUpperBound(UpperBound(proved: 0x1p-60))
        #expect(upper.complement.value == 1.0.nextDown)
        #expect(lower.ofOppositeEvent.ofOppositeEvent == lower)
    }
}
