internal import CArb

#if canImport(CArbBeforeFLINT3)
    // Empty but for its `link`: see the module map of CArb.
    internal import CArbBeforeFLINT3
#endif

/// A real number known to lie in an interval [midpoint ± radius].
///
/// Every operation takes balls and a precision in bits, and returns a ball that contains the exact
/// result for *all* numbers in its operands: rounding errors, truncated series and the operands'
/// own width are in the radius. So a statement read off a ball (an endpoint, an order) is a proof
/// about the number, on any machine and whatever its C library. What has no value, such as the
/// logarithm of a ball that contains 0, gives a ball that is not finite.
///
/// The arithmetic is Arb's: F. Johansson, "Arb: efficient arbitrary-precision midpoint-radius
/// interval arithmetic", IEEE Transactions on Computers 66 (2017).
public struct Ball: Sendable {
    /// Written once, by `init(_:)`, and never again: so it may be shared by tasks.
    private nonisolated(unsafe) let storage: ManagedBuffer<Void, arb_struct>

    private final class Storage: ManagedBuffer<Void, arb_struct> {
        deinit {
            withUnsafeMutablePointerToElements { arb_clear($0) }
        }
    }

    /// The ball that `write` leaves in a fresh Arb variable.
    init(_ write: (UnsafeMutablePointer<arb_struct>) -> Void) {
        storage = Storage.create(minimumCapacity: 1) { _ in }
        storage.withUnsafeMutablePointerToElements {
            arb_init($0)
            write($0)
        }
    }

    /// Lends the Arb variable, for reading only.
    func withArb<Value>(_ body: (UnsafePointer<arb_struct>) -> Value) -> Value {
        storage.withUnsafeMutablePointerToElements { body($0) }
    }

    typealias UnaryFunction =
        (UnsafeMutablePointer<arb_struct>?, UnsafePointer<arb_struct>?, Int) -> Void
    typealias BinaryFunction =
        (
            UnsafeMutablePointer<arb_struct>?, UnsafePointer<arb_struct>?,
            UnsafePointer<arb_struct>?, Int
        ) -> Void

    func applying(_ function: UnaryFunction, precision: Int) -> Ball {
        Ball { result in withArb { function(result, $0, precision) } }
    }

    func applying(_ function: BinaryFunction, _ other: Ball, precision: Int) -> Ball {
        Ball { result in
            withArb { first in other.withArb { function(result, first, $0, precision) } }
        }
    }
}

// MARK: - Making balls

extension Ball {
    /// The number `value` itself; not finite if `value` is not.
    public init(_ value: Double) {
        self.init { arb_set_d($0, value) }
    }

    /// The number `value` itself.
    public init(_ value: Int) {
        self.init { arb_set_si($0, value) }
    }

    /// The smallest ball, up to `precision` bits, that contains both `lower` and `upper` and all
    /// between them.
    public init(from lower: Double, to upper: Double, precision: Int = 64) {
        self = Ball(lower).union(Ball(upper), precision: precision)
    }

    /// A ball that contains this one, the other, and all between them.
    public func union(_ other: Ball, precision: Int) -> Ball {
        applying(arb_union, other, precision: precision)
    }

    /// The ratio of a circle's circumference to its diameter.
    public static func pi(precision: Int) -> Ball {
        Ball { arb_const_pi($0, precision) }
    }
}

// MARK: - Arithmetic

extension Ball {
    /// The sum.
    public func adding(_ other: Ball, precision: Int) -> Ball {
        applying(arb_add, other, precision: precision)
    }

    /// The difference, `self - other`.
    public func subtracting(_ other: Ball, precision: Int) -> Ball {
        applying(arb_sub, other, precision: precision)
    }

    /// The product.
    public func multiplied(by other: Ball, precision: Int) -> Ball {
        applying(arb_mul, other, precision: precision)
    }

    /// The quotient, `self / other`; not finite if `other` contains 0.
    public func divided(by other: Ball, precision: Int) -> Ball {
        applying(arb_div, other, precision: precision)
    }

    /// The sum.
    public func adding(_ other: Int, precision: Int) -> Ball {
        Ball { result in withArb { arb_add_si(result, $0, other, precision) } }
    }

    /// The product.
    public func multiplied(by other: Int, precision: Int) -> Ball {
        Ball { result in withArb { arb_mul_si(result, $0, other, precision) } }
    }

    /// The quotient; not finite if `other` is 0.
    public func divided(by other: Int, precision: Int) -> Ball {
        Ball { result in withArb { arb_div_si(result, $0, other, precision) } }
    }

    /// The product with a power of two, which is exact.
    public func multiplied(byTwoToThe exponent: Int) -> Ball {
        Ball { result in withArb { arb_mul_2exp_si(result, $0, exponent) } }
    }

    /// The number in the middle of this ball, as a ball of no width.
    public var midpoint: Ball {
        Ball { result in withArb { arb_get_mid_arb(result, $0) } }
    }

    /// The negative, which is exact.
    public var negated: Ball {
        Ball { result in withArb { arb_neg(result, $0) } }
    }
}

// MARK: - Reading balls

extension Ball {
    /// Whether both endpoints are real numbers.
    public var isFinite: Bool {
        withArb { arb_is_finite($0) != 0 }
    }

    /// The largest double that is at most every number of this ball; -infinity if there is none.
    public var lowerEndpoint: Double {
        guard isFinite else { return -.infinity }
        return reading { bound, ball in
            arb_get_lbound_arf(bound, ball, 64)
            return arf_get_d(bound, ARF_RND_FLOOR)
        }
    }

    /// The smallest double that is at least every number of this ball; +infinity if there is none.
    public var upperEndpoint: Double {
        guard isFinite else { return .infinity }
        return reading { bound, ball in
            arb_get_ubound_arf(bound, ball, 64)
            return arf_get_d(bound, ARF_RND_CEIL)
        }
    }

    /// How many bits of its numbers this ball tells, about: -log2(radius / |midpoint|).
    public var accuracy: Int {
        withArb { arb_rel_accuracy_bits($0) }
    }

    /// Whether every number of this ball is less than every number of the other.
    public func isLess(than other: Ball) -> Bool {
        withArb { first in other.withArb { arb_lt(first, $0) != 0 } }
    }

    /// Whether every number of this ball is greater than zero.
    public var isPositive: Bool {
        withArb { arb_is_positive($0) != 0 }
    }

    /// Whether every number of the other ball lies in this one.
    public func contains(_ other: Ball) -> Bool {
        withArb { outer in other.withArb { arb_contains(outer, $0) != 0 } }
    }

    private func reading(
        _ read: (UnsafeMutablePointer<arf_struct>, UnsafePointer<arb_struct>) -> Double
    ) -> Double {
        var number = arf_struct()
        arf_init(&number)
        defer { arf_clear(&number) }
        return withArb { read(&number, $0) }
    }
}
