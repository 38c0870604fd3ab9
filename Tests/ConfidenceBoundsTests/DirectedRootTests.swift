import BallArithmetic
import Testing

@testable import ConfidenceBounds

@Suite struct DirectedRootTests {
    /// x^2 - c, for x > 0.
    private struct Square: IncreasingFunction {
        let c: Double
        let precision: Int

        func value(at x: Ball) -> Ball {
            x.multiplied(by: x, precision: precision).subtracting(Ball(c), precision: precision)
        }

        func derivative(over x: Ball) -> Ball { x.multiplied(byTwoToThe: 1) }
    }

    @Test(arguments: [1.4142135623730951, 1, 1.9, 0, 2, 1e-300, 1e300, .nan, .infinity, -1.4])
    func `a guess, good or bad, does not change the root`(guess: Double) {
        let root = DirectedRoot(domain: 0...2) { Square(c: 2, precision: $0) }
        // sqrt(2) = 1.41421356237309504880…; doubles are 2.2e-16 apart here.
        #expect(root.rounded(.down, near: guess) == 1.414213562373095)
        #expect(root.rounded(.up, near: guess) == 1.4142135623730951)
    }

    @Test(arguments: [0.5, 0.25, 0.5000000001])
    func `a root that is a double gets its neighbour on the safe side`(guess: Double) {
        let root = DirectedRoot(domain: 0...2) { Square(c: 0.25, precision: $0) }
        #expect(root.rounded(.down, near: guess) == 0.5.nextDown)
        #expect(root.rounded(.up, near: guess) == 0.5.nextUp)
    }
}
