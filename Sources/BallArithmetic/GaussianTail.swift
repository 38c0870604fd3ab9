internal import CArb

/// The tail of a normal distribution at the midpoints of a grid, exactly rounded down.
///
/// With s = `sigma` * `stepsPerUnit`, the standard deviation in grid steps, entry k is
/// floor(2^223 * Q((k + 1/2) / s)), where Q(z) = P[N > z] for a standard normal N. Then a normal
/// variable rounded to the grid equals k steps with probability Q((k - 1/2)/s) - Q((k + 1/2)/s).
/// Each entry is proved, so the table is the same on every machine.
///
/// On a fine grid, Taylor polynomials around every hundredth midpoint or so give the others, at a
/// small part of the error function's cost. Two facts make that a proof:
///
/// - Q' = -phi and phi' = -z phi. So with phi(c + t) = sum p_i t^i,
///   (i + 1) p_(i+1) = -(c p_i + p_(i-1)), and Q(c + t) = Q(c) - sum p_i t^(i+1) / (i + 1).
/// - Q's derivative of order n + 1 is, up to sign, He_n(z) phi(z), and by Cramér's inequality
///   |He_n(z)| < 1.0865 sqrt(n!) exp(z^2 / 4) (Abramowitz and Stegun 22.14.17). So Taylor's
///   remainder after degree n is less than |t|^(n+1) sqrt(n!) / (2 (n + 1)!), whatever c is.
///
/// Where a ball does not decide the floor, which at 40 spare bits is rare, Q is evaluated alone,
/// at rising precision. That ends, for Q(z) is transcendental at every algebraic z except 0.
public struct GaussianTail: Sendable {
    /// The binary places of an entry.
    public static let fractionBits = 223
    /// The 32-bit limbs of an entry.
    public static let limbsPerEntry = 7

    /// The entries 0, 1, …, each of seven limbs, least significant first.
    public let limbs: [UInt32]

    /// The number of entries.
    public var count: Int { limbs.count / Self.limbsPerEntry }

    /// Computes entries 0 to `last`, for a positive and finite `sigma` and `stepsPerUnit`.
    ///
    /// - Complexity: O(`last`); some 3 microseconds an entry on a fine grid, 50 on a coarse one.
    public init(sigma: Double, stepsPerUnit: Int, last: Int) {
        precondition(sigma > 0 && sigma.isFinite && stepsPerUnit > 0 && last >= 0)
        let expansion = TailExpansion(sigma: sigma, stepsPerUnit: stepsPerUnit)
        let floors = FloorReader(fractionBits: Self.fractionBits)
        var words = [UInt](repeating: 0, count: (Self.limbsPerEntry + 1) / 2)
        limbs = [UInt32](unsafeUninitializedCapacity: (last + 1) * Self.limbsPerEntry) {
            entries, filled in
            func store(_ tail: UnsafePointer<arb_struct>, at index: Int) {
                guard index <= last else { return }
                if !floors.read(tail, knownPositive: true) {
                    expansion.decideFloor(at: index, by: floors)
                }
                let start = index * Self.limbsPerEntry
                floors.write(
                    into: .init(rebasing: entries[start..<start + Self.limbsPerEntry]),
                    by: &words)
            }
            for first in stride(from: 0, through: last, by: 2 * expansion.reach + 1) {
                let center = first + expansion.reach
                expansion.move(to: center)
                for distance in 0...expansion.reach {
                    expansion.evaluate(at: distance)
                    store(expansion.after, at: center + distance)
                    store(expansion.before, at: center - distance)
                }
            }
            filled = (last + 1) * Self.limbsPerEntry
        }
    }
}

/// Q at the grid's midpoints, (center + j + 1/2) / s, by its Taylor polynomial in |j| <= reach.
private struct TailExpansion: ~Copyable {
    /// How far from its center the polynomial is used.
    let reach: Int

    private let sigma: Double
    private let stepsPerUnit: Int
    /// 1 / s, the grid step in standard deviations.
    private let step: Ball
    private let termCount: Int
    private let remainder: Ball
    /// The even and odd parts of the polynomial, and their sum and difference.
    private let parts: UnsafeMutablePointer<arb_struct>
    private let coefficients: UnsafeMutablePointer<arb_struct>
    /// j^i for each j in 0...reach and each term i, row by row.
    private let powers: UnsafeMutablePointer<arb_struct>

    private static let precision = GaussianTail.fractionBits + 65

    init(sigma: Double, stepsPerUnit: Int) {
        self.sigma = sigma
        self.stepsPerUnit = stepsPerUnit
        step = Self.step(sigma: sigma, stepsPerUnit: stepsPerUnit, precision: Self.precision)
        reach = Int(min(1 / (512 * step.upperEndpoint), 200))
        (termCount, remainder) = Self.truncation(
            at: step.multiplied(by: reach, precision: 64))
        parts = _arb_vec_init(4)
        coefficients = _arb_vec_init(termCount)
        powers = _arb_vec_init((reach + 1) * termCount)
        for base in 0...reach {
            let row = powers + base * termCount
            arb_one(row)
            for term in 1..<max(1, termCount) {
                arb_mul_si(row + term, row + term - 1, base, Int.max)
            }
        }
    }

    /// Q to the right and to the left of the center, where last evaluated.
    var after: UnsafeMutablePointer<arb_struct> { parts }
    var before: UnsafeMutablePointer<arb_struct> { parts + 1 }
    private var even: UnsafeMutablePointer<arb_struct> { parts + 2 }
    private var odd: UnsafeMutablePointer<arb_struct> { parts + 3 }

    deinit {
        _arb_vec_clear(parts, 4)
        _arb_vec_clear(coefficients, termCount)
        _arb_vec_clear(powers, (reach + 1) * termCount)
    }

    /// Expands around the midpoint with this index.
    func move(to center: Int) {
        let precision = Self.precision
        let z = Self.midpoint(center, step: step, precision: precision)
        let tail = Ball.standardNormalUpperTail(z, precision: precision)
        tail.withArb { arb_set(coefficients, $0) }

        let shift = z.multiplied(by: step, precision: precision)
        let square = step.multiplied(by: step, precision: precision)
        var previous = Ball(0)
        var density = Ball.standardNormalDensity(z, precision: precision)  // p_i step^i
        for term in 1..<max(1, termCount) {
            let divisor = -term
            density.multiplied(by: step, precision: precision)
                .divided(by: divisor, precision: precision)
                .withArb { arb_set(coefficients + term, $0) }
            let next = shift.multiplied(by: density, precision: precision)
                .adding(
                    square.multiplied(by: previous, precision: precision), precision: precision
                )
                .divided(by: divisor, precision: precision)
            (previous, density) = (density, next)
        }
    }

    /// Sets `after` and `before` to Q at the midpoints this far to either side of the center.
    func evaluate(at distance: Int) {
        let row = powers + distance * termCount
        arb_dot(
            even, nil, 0, coefficients, 2, row, 2, (termCount + 1) / 2, Self.precision)
        arb_dot(
            odd, nil, 0, coefficients + 1, 2, row + 1, 2, termCount / 2, Self.precision)
        remainder.withArb { arb_add_error(even, $0) }
        arb_add(after, even, odd, Self.precision)
        arb_sub(before, even, odd, Self.precision)
    }

    /// Reads the floor at the midpoint with this index by Q itself, however near to a whole number.
    func decideFloor(at index: Int, by floors: borrowing FloorReader) {
        var precision = Self.precision
        var decided = false
        while !decided {
            precision *= 2
            let step = Self.step(sigma: sigma, stepsPerUnit: stepsPerUnit, precision: precision)
            let z = Self.midpoint(index, step: step, precision: precision)
            decided = Ball.standardNormalUpperTail(z, precision: precision)
                .withArb { floors.read($0, knownPositive: true) }
        }
    }

    private static func step(sigma: Double, stepsPerUnit: Int, precision: Int) -> Ball {
        // The product of 53 and 63 bits is exact in 128.
        Ball(1).divided(
            by: Ball(sigma).multiplied(by: stepsPerUnit, precision: 128),
            precision: precision)
    }

    private static func midpoint(_ index: Int, step: Ball, precision: Int) -> Ball {
        step.multiplied(by: 2 * index + 1, precision: precision)
            .multiplied(byTwoToThe: -1)
    }

    /// How many terms leave a remainder below 2^-40 of an entry's unit at a distance `t` (in
    /// standard deviations), and a bound on that remainder.
    private static func truncation(at t: Ball) -> (termCount: Int, remainder: Ball) {
        let unit = Ball(1).multiplied(byTwoToThe: -GaussianTail.fractionBits - 40)
        var degree = 0
        var bound = t.multiplied(byTwoToThe: -1)
        while !bound.isLess(than: unit) {
            degree += 1
            bound = bound.multiplied(by: t, precision: 64)
                .multiplied(by: Ball(degree).squareRoot(precision: 64), precision: 64)
                .divided(by: degree + 1, precision: 64)
        }
        return (degree + 1, bound)
    }
}
