import BallArithmetic
import Testing

@Suite struct RisingSeriesTests {
    /// With a = c the terms are z^i; with c = 1 the weights of the slope are 1.
    @Test(arguments: [1e-9, 0.001, 0.5, 0.75, 0.999])
    func `with equal parameters it is the geometric series`(z: Double) {
        for (parameter, stride) in [(1, 1), (4, 4), (9, 4), (1_000_001, 1)] {
            let series = RisingSeries(
                numerator: parameter, denominator: parameter, stride: stride)
            let (sum, slope) = series.sums(at: Ball(z), precision: 128)
            let geometric = Ball(1).divided(
                by: Ball(1).subtracting(Ball(z), precision: 200), precision: 200)
            #expect(sum.contains(geometric))
            #expect(sum.accuracy > 100)
            if parameter == stride { #expect(slope.contains(geometric)) }
        }
    }

    /// With c = 1 it is (1 - z)^-a.
    @Test func `with a denominator of 1 it is the binomial series`() {
        for (a, z) in [(3, 0.25), (40, 0.5), (1000, 0.0625), (20_000, 0.125)] {
            let power = Ball(1).subtracting(Ball(z), precision: 300)
                .raised(to: Ball(-a), precision: 300)
            let (sum, _) = RisingSeries(numerator: 4 * a, denominator: 4, stride: 4)
                .sums(at: Ball(z), precision: 128)
            #expect(sum.contains(power))
            #expect(sum.accuracy > 90)
        }
    }

    @Test func `a wide argument gives a ball that holds the values at both of its ends`() {
        let series = RisingSeries(numerator: 405, denominator: 25, stride: 4)
        let wide = series.sums(at: Ball(from: 0.1, to: 0.1 + 0x1p-20), precision: 128)
        for end in [0.1, 0.1 + 0x1p-20] {
            let narrow = series.sums(at: Ball(end), precision: 256)
            #expect(wide.sum.contains(narrow.sum))
            #expect(wide.slope.contains(narrow.slope))
        }
    }

    @Test(arguments: [0, 1, 1.5, -0.25, .nan, .infinity])
    func `outside of its circle it has no value`(z: Double) {
        let (sum, slope) = RisingSeries(numerator: 5, denominator: 2, stride: 1)
            .sums(at: Ball(z), precision: 64)
        #expect(!sum.isFinite && !slope.isFinite)
    }
}
