/// A table that draws a magnitude from 223 random bits, *exactly* with given weights.
///
/// The alias method (Walker 1977): 2^c columns hold the same mass, 2^(223 - c); a column shares
/// its mass between its own magnitude (below the threshold) and one other, its alias. A draw takes
/// c bits for the column, then compares the 223 - c others, the fraction, with the threshold: 23 - c
/// or 31 - c at once, and the others only when those tie. So the probability of magnitude m is the
/// weight of m over 2^223, with no rounding anywhere; `init` conserves mass in integers.
struct AliasTable: Sendable {
    /// c, the binary logarithm of the number of columns.
    let columnBits: Int
    /// Each column: the threshold's leading bits, as many as a draw's fraction has; below them c
    /// bits of alias.
    private(set) var columns: [UInt32]
    /// Four words a column: the threshold's further bits, the most significant first, then zeros.
    private(set) var refinements: [UInt64]
}

extension AliasTable {
    /// The bytes of random bits that a draw takes at once: 3 for up to 4,096 columns, so that at
    /// most one draw in 2,048 ties, and otherwise 4.
    var drawBytes: Int { columnBits <= 12 ? 3 : 4 }

    /// Of a draw's magnitude bits, those that are compared with the threshold.
    private var fractionBits: Int { 8 * drawBytes - 1 - columnBits }

    /// Builds the table of magnitudes 0 ..< 2^`columnBits` whose weights sum to 2^223.
    ///
    /// A light magnitude weighs less than a column, a heavy one as much or more. One sweep gives
    /// every light one, in ascending order, its own column, filled up by the current heavy one;
    /// when that has less than a column left, that is its threshold, and the next heavy one fills
    /// up (L. Hübschle-Schneider and P. Sanders, "Parallel weighted random sampling", ACM TOMS 48,
    /// 2022). A full column is its own alias.
    init(columnBits: Int, weight: (Int) -> Mass) {
        precondition((1...22).contains(columnBits))
        let count = 1 << columnBits
        let capacity = Mass.one(shiftedLeftBy: Mass.drawBits - columnBits)
        func first(from start: Int, isHeavy: Bool) -> Int {
            (start..<count).first { (weight($0) >= capacity) == isHeavy } ?? count
        }

        self.init(
            columnBits: columnBits, columns: Array(0..<UInt32(count)),
            refinements: Array(repeating: 0, count: 4 * count))
        var light = first(from: 0, isHeavy: false)
        var heavy = first(from: 0, isHeavy: true)
        var rest = weight(heavy)
        while true {
            if rest < capacity {
                let next = first(from: heavy + 1, isHeavy: true)
                set(heavy, threshold: rest, alias: next)
                rest = weight(next) - (capacity - rest)
                heavy = next
            } else if light < count {
                let own = weight(light)
                set(light, threshold: own, alias: heavy)
                rest = rest - (capacity - own)
                light = first(from: light + 1, isHeavy: false)
            } else {
                break  // What is left fills columns exactly.
            }
        }
    }

    private mutating func set(_ column: Int, threshold: Mass, alias: Int) {
        let furtherBits = Mass.drawBits - columnBits - fractionBits
        let leading = UInt32(threshold.leadingBits(above: furtherBits))
        columns[column] = leading << UInt32(columnBits) | UInt32(alias)
        refinements.replaceSubrange(
            4 * column..<4 * column + 4, with: threshold.lowestBits(furtherBits))
    }

    /// The magnitude that a draw without its sign makes, with 256 further bits if it ties: the
    /// lowest c bits are the column, the others begin the fraction.
    func draw(_ bits: UInt32, further: () -> [UInt64]) -> Int {
        let columnMask: UInt32 = 1 << UInt32(columnBits) - 1
        let column = Int(bits & columnMask)
        let alias = Int(columns[column] & columnMask)
        let fraction = bits >> UInt32(columnBits)
        let threshold = columns[column] >> UInt32(columnBits)
        if fraction != threshold { return fraction < threshold ? column : alias }
        let rest = refinements[4 * column..<4 * column + 4]
        return further().lexicographicallyPrecedes(rest) ? column : alias
    }
}

/// A probability in units of 2^-223, the value of the last of a draw's bits; at most 1.
struct Mass: Comparable {
    private var high: UInt128
    private var low: UInt128

    /// The bits of a draw, the sign apart.
    static let drawBits = 223

    static let zero = Mass(high: 0, low: 0)

    /// 2^`bits` units.
    static func one(shiftedLeftBy bits: Int) -> Mass {
        bits < 128 ? Mass(high: 0, low: 1 << bits) : Mass(high: 1 << (bits - 128), low: 0)
    }

    private init(high: UInt128, low: UInt128) {
        self.high = high
        self.low = low
    }

    /// The number with these seven limbs, least significant first.
    init(limbs: ArraySlice<UInt32>) {
        func pair(_ place: Int) -> UInt64 {
            let index = limbs.startIndex + place
            return UInt64(limbs[index + 1]) << 32 | UInt64(limbs[index])
        }
        high = UInt128(limbs[limbs.startIndex + 6]) << 64 | UInt128(pair(4))
        low = UInt128(pair(2)) << 64 | UInt128(pair(0))
    }

    /// The number without its lowest `bits` bits, at least 192.
    func leadingBits(above bits: Int) -> UInt128 { high >> (bits - 128) }

    /// The lowest `bits` bits, 128 to 255 of them, then zeros: four words, the most significant
    /// first.
    func lowestBits(_ bits: Int) -> [UInt64] {
        let shift = 256 - bits
        let (top, bottom) = (high << shift | low >> (128 - shift), low << shift)
        return [top >> 64, top, bottom >> 64, bottom].map { UInt64(truncatingIfNeeded: $0) }
    }

    /// The number of units, if it fits.
    var units: UInt128? { high == 0 ? low : nil }

    static func < (a: Mass, b: Mass) -> Bool { (a.high, a.low) < (b.high, b.low) }

    static func + (a: Mass, b: Mass) -> Mass {
        let (low, carry) = a.low.addingReportingOverflow(b.low)
        return Mass(high: a.high + b.high + (carry ? 1 : 0), low: low)
    }

    static func - (a: Mass, b: Mass) -> Mass {
        let (low, borrow) = a.low.subtractingReportingOverflow(b.low)
        return Mass(high: a.high - b.high - (borrow ? 1 : 0), low: low)
    }
}
