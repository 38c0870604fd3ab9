internal import CArb

/// The series 1 + t_1 + t_2 + … with t_(i+1) = t_i z (a + i) / (c + i), for rational a >= c > 0 and
/// 0 < z < 1: the hypergeometric function 2F1(a, 1; c; z) (NIST DLMF 15.2.1).
///
/// All terms are positive, so partial sums are lower bounds and nothing cancels. With
/// w_i = (i + 1) / (c + i) and `slope` = sum of w_i t_i, the ratio of successive terms of either sum
/// is at most rho_i = z (a + i) / (c + i) * (i + 2) / (i + 1), which falls with i: from where
/// rho_i < 1 on, what is left out after term i is at most that term times rho_i / (1 - rho_i). That
/// much is added to the radius, so nothing is assumed about convergence.
public struct RisingSeries: Sendable {
    private let numerator: Int
    private let denominator: Int
    private let stride: Int

    /// The series with a = `numerator` / `stride` and c = `denominator` / `stride`.
    public init(numerator: Int, denominator: Int, stride: Int) {
        precondition(numerator >= denominator && denominator > 0 && stride > 0)
        self.numerator = numerator
        self.denominator = denominator
        self.stride = stride
    }

    /// The sum of the t_i, and the sum of the (i + 1) t_i / (c + i), at a ball `z` within (0, 1).
    ///
    /// The number of terms is about the place of the largest one, (a z - c) / (1 - z), and some
    /// standard deviations of it, sqrt(a z) / (1 - z).
    public func sums(at z: Ball, precision: Int) -> (sum: Ball, slope: Ball) {
        let upper = z.upperEndpoint
        guard z.isPositive, upper < 1 else { return (Ball(.nan), Ball(.nan)) }
        let workspace = Workspace(precision: precision)
        var index = 0
        while true {
            workspace.add(
                weight: (stride * (index + 1), denominator + stride * index))
            // Three roundings of 2^-53 each, and one more for each sum, are less than 2^-49.
            let ratio =
                upper * (Double(numerator + stride * index) / Double(denominator + stride * index))
                * (Double(index + 2) / Double(index + 1)) * (1 + 0x1p-49)
            if ratio < 1, index % 8 == 0, workspace.isNegligible(after: ratio) {
                return workspace.sums(withRemainderOf: ratio)
            }
            z.withArb {
                workspace.multiplyTerm(
                    by: $0, numerator + stride * index, over: denominator + stride * index)
            }
            index += 1
        }
    }

    /// The variables of a summation, kept for all of its terms.
    private struct Workspace: ~Copyable {
        private let precision: Int
        private let variables: UnsafeMutablePointer<arb_struct>
        private var term: UnsafeMutablePointer<arb_struct> { variables }
        private var weighted: UnsafeMutablePointer<arb_struct> { variables + 1 }
        private var sum: UnsafeMutablePointer<arb_struct> { variables + 2 }
        private var slope: UnsafeMutablePointer<arb_struct> { variables + 3 }

        init(precision: Int) {
            self.precision = precision
            variables = _arb_vec_init(4)
            arb_one(term)
        }

        deinit { _arb_vec_clear(variables, 4) }

        func add(weight: (Int, Int)) {
            arb_mul_si(weighted, term, weight.0, precision)
            arb_div_si(weighted, weighted, weight.1, precision)
            arb_add(sum, sum, term, precision)
            arb_add(slope, slope, weighted, precision)
        }

        func multiplyTerm(by z: UnsafePointer<arb_struct>, _ numerator: Int, over denominator: Int)
        {
            arb_mul(term, term, z, precision)
            arb_mul_si(term, term, numerator, precision)
            arb_div_si(term, term, denominator, precision)
        }

        /// Whether what is left out is below 2^-precision of either sum.
        func isNegligible(after ratio: Double) -> Bool {
            isNegligible(rest(of: term, ratio), sum)
                && isNegligible(rest(of: weighted, ratio), slope)
        }

        private func isNegligible(_ rest: Ball, _ whole: UnsafePointer<arb_struct>) -> Bool {
            let whole = Ball { arb_set($0, whole) }
            return rest.multiplied(byTwoToThe: precision).isLess(than: whole)
        }

        func sums(withRemainderOf ratio: Double) -> (Ball, Ball) {
            (enclosed(sum, rest(of: term, ratio)), enclosed(slope, rest(of: weighted, ratio)))
        }

        private func enclosed(_ partial: UnsafePointer<arb_struct>, _ rest: Ball) -> Ball {
            Ball { result in
                arb_set(result, partial)
                rest.withArb { arb_add_error(result, $0) }
            }
        }

        /// A bound on the terms after this one: `term` * ratio / (1 - ratio).
        private func rest(of term: UnsafePointer<arb_struct>, _ ratio: Double) -> Ball {
            Ball { arb_set($0, term) }
                .multiplied(by: Ball(ratio), precision: 64)
                .divided(by: Ball(1).subtracting(Ball(ratio), precision: 64), precision: 64)
        }
    }
}
