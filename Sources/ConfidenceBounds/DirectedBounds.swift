/// A double that is proved to be at most some real number.
///
/// The direction is in the type: bounds combine only where the result is a bound again, and every
/// operation rounds away from the claim. A difference of two lower bounds does not compile.
///
///     let gap = lower - upper               // LowerBound: x >= lower, y <= upper, so x - y >= gap
///     let radius = gap.multiplied(byExactly: sigma / 2)
///     print(radius.decimal(places: 12))     // rounded down
public struct LowerBound: Sendable, Hashable {
    /// The bound; -infinity where nothing is known.
    public let value: Double

    /// The caller's word that `value`, which must not be NaN, is at most the number meant.
    public init(proved value: Double) {
        precondition(!value.isNaN, "a bound is a number")
        self.value = value
    }
}

/// A double that is proved to be at least some real number. See ``LowerBound``.
public struct UpperBound: Sendable, Hashable {
    /// The bound; +infinity where nothing is known.
    public let value: Double

    /// The caller's word that `value`, which must not be NaN, is at least the number meant.
    public init(proved value: Double) {
        precondition(!value.isNaN, "a bound is a number")
        self.value = value
    }
}

extension LowerBound: Comparable {
    /// Whether the left bound claims less.
    public static func < (left: LowerBound, right: LowerBound) -> Bool { left.value < right.value }

    /// x + y >= left + right.
    public static func + (left: LowerBound, right: LowerBound) -> LowerBound {
        LowerBound(proved: roundedDown(sumOf: left.value, right.value))
    }

    /// x - y >= left - right.
    public static func - (left: LowerBound, right: UpperBound) -> LowerBound {
        LowerBound(proved: roundedDown(sumOf: left.value, -right.value))
    }

    /// -x <= -bound.
    public static prefix func - (bound: LowerBound) -> UpperBound {
        UpperBound(proved: -bound.value)
    }

    /// The bound on `factor` times the number, for a finite `factor` >= 0 that is meant as it
    /// stands.
    public func multiplied(byExactly factor: Double) -> LowerBound {
        LowerBound(proved: roundedDown(productOf: value, factor))
    }

    /// The bound on the number over `divisor`, for a finite `divisor` > 0 that is meant as it
    /// stands.
    public func divided(byExactly divisor: Double) -> LowerBound {
        -(-self).divided(byExactly: divisor)
    }
}

extension UpperBound: Comparable {
    /// Whether the left bound is the smaller one.
    public static func < (left: UpperBound, right: UpperBound) -> Bool { left.value < right.value }

    /// x + y <= left + right.
    public static func + (left: UpperBound, right: UpperBound) -> UpperBound {
        -(-left + -right)
    }

    /// x - y <= left - right.
    public static func - (left: UpperBound, right: LowerBound) -> UpperBound {
        -(-left - -right)
    }

    /// -x >= -bound.
    public static prefix func - (bound: UpperBound) -> LowerBound {
        LowerBound(proved: -bound.value)
    }

    /// The bound on `factor` times the number, for a finite `factor` >= 0 that is meant as it
    /// stands.
    public func multiplied(byExactly factor: Double) -> UpperBound {
        -(-self).multiplied(byExactly: factor)
    }

    /// The bound on the number over `divisor`, for a finite `divisor` > 0 that is meant as it
    /// stands.
    public func divided(byExactly divisor: Double) -> UpperBound {
        precondition(divisor > 0 && divisor.isFinite, "a bound keeps its direction")
        let quotient = value / divisor
        // The next double is at least the exact quotient, and above what rounding may have lost.
        let product = LowerBound(proved: quotient).multiplied(byExactly: divisor)
        return UpperBound(proved: product.value >= value ? quotient : quotient.nextUp)
    }
}

/// The largest double at most a + b.
///
/// The rounding error of a sum is itself a double, and Knuth's TwoSum finds it (The Art of
/// Computer Programming 2, section 4.2.2, theorem B); its sign tells whether to step down. Should
/// it overflow, the test fails and the step is taken.
private func roundedDown(sumOf a: Double, _ b: Double) -> Double {
    let sum = a + b
    if sum.isNaN { return -.infinity }
    guard sum.isFinite else { return overflowed(sum, exactly: !(a.isFinite && b.isFinite)) }
    let partOfB = sum - a
    let error = (a - (sum - partOfB)) + (b - partOfB)
    return error >= 0 ? sum : sum.nextDown
}

/// A double at most a * factor: the largest one, unless the product is below 2^-960, where the
/// error, exact from a fused multiply-add elsewhere, may itself underflow.
private func roundedDown(productOf a: Double, _ factor: Double) -> Double {
    precondition(factor >= 0 && factor.isFinite, "a bound keeps its direction")
    if a == 0 || factor == 0 { return 0 }
    let product = a * factor
    guard product.isFinite else { return overflowed(product, exactly: !a.isFinite) }
    guard product.magnitude >= 0x1p-960 else {
        return a > 0 ? max(0, product.nextDown) : product.nextDown
    }
    return (-product).addingProduct(a, factor) >= 0 ? product : product.nextDown
}

private func overflowed(_ result: Double, exactly: Bool) -> Double {
    exactly || result < 0 ? result : .greatestFiniteMagnitude
}
