extension LowerBound: CustomStringConvertible {
    /// The bound with 12 decimal places, rounded down.
    public var description: String { decimal(places: 12) }

    /// The largest decimal number with this many places (0 to 18) that is at most the bound.
    ///
    /// Printing to nearest would claim more than was proved half of the time. From 2^64 on, where
    /// no bound of this field lies, the number is still at most the bound, but not the largest.
    public func decimal(places: Int) -> String {
        directedDecimal(value, places: places, awayFromZero: value < 0)
    }
}

extension UpperBound: CustomStringConvertible {
    /// The bound with 12 decimal places, rounded up.
    public var description: String { decimal(places: 12) }

    /// The smallest decimal number with this many places (0 to 18) that is at least the bound.
    ///
    /// From 2^64 on the number is still at least the bound, but not the smallest.
    public func decimal(places: Int) -> String {
        directedDecimal(value, places: places, awayFromZero: value > 0)
    }
}

/// Exact in 128 bits: |value| = m 2^e with m < 2^53, and 10^18 < 2^60.
private func directedDecimal(_ value: Double, places: Int, awayFromZero: Bool) -> String {
    precondition(0...18 ~= places, "between 0 and 18 decimal places")
    let sign = value < 0 ? "-" : ""
    let magnitude = awayFromZero ? value.magnitude : min(value.magnitude, 0x1p64.nextDown)
    guard magnitude < 0x1p64 else { return sign + "inf" }
    if value.isInfinite { return sign + "inf" }

    var power: UInt128 = 1
    for _ in 0..<places { power *= 10 }
    let whole = UInt128(magnitude)
    let fraction = magnitude - Double(whole)  // exact: it drops leading bits
    let significand = fraction.significandBitPattern | (fraction.isNormal ? 1 << 52 : 0)
    let shift = 1075 - max(1, Int(fraction.exponentBitPattern))
    let scaled = UInt128(significand) * power
    let floor = scaled >> shift
    let isExact = floor << shift == scaled
    let digits = whole * power + floor + (awayFromZero && !isExact ? 1 : 0)
    if digits == 0 { return pad(0, places: places, power: power) }
    return sign + pad(digits, places: places, power: power)
}

private func pad(_ digits: UInt128, places: Int, power: UInt128) -> String {
    guard places > 0 else { return String(digits) }
    let tail = String(digits % power)
    return "\(digits / power).\(String(repeating: "0", count: places - tail.count))\(tail)"
}
