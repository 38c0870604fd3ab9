/// A table that draws a magnitude from 223 random bits, *exactly* with given weights.
///
/// The alias method (Walker 1977): 2^c columns hold the same mass, 2^(223 - c); a column shares
/// its mass between its own magnitude (below the threshold) and one other, its alias. A draw takes
/// c bits for the column, then compares the 223 - c others, the fraction, with the threshold:
/// 31 - c at once, and 192 more only when those tie. So the probability of magnitude m is the
/// weight of m over 2^223, with no rounding anywhere; `init` conserves mass in integers.
struct AliasTable: Sendable {
    /// c, the binary logarithm of the number of columns.
    let columnBits: Int
    /// Each column: the threshold's leading 31 - c bits, then c bits of alias.
    private(set) var columns: [UInt32]
    /// Three words a column: the threshold's other 192 bits, the most significant first.
    private(set) var refinements: [UInt64]
}

extension AliasTable {
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
            refinements: Array(repeating: 0, count: 3 * count))
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
        columns[column] = threshold.leadingWord << UInt32(columnBits) | UInt32(alias)
        for (place, word) in threshold.furtherWords.enumerated() {
            refinements[3 * column + place] = word
        }
    }

    /// The magnitude that these 31 bits draw, with 192 further bits if they tie.
    func draw(_ bits: UInt32, further: () -> [UInt64]) -> Int {
        let column = Int(bits >> UInt32(31 - columnBits))
        let fraction = bits & (1 << UInt32(31 - columnBits) - 1)
        let threshold = columns[column] >> UInt32(columnBits)
        let alias = Int(columns[column] & (1 << UInt32(columnBits) - 1))
        if fraction != threshold { return fraction < threshold ? column : alias }
        let rest = refinements[3 * column..<3 * column + 3]
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

    /// The 32 bits above the lowest 192.
    var leadingWord: UInt32 { UInt32(truncatingIfNeeded: high >> 64) }

    /// The lowest 192 bits, the most significant word first.
    var furtherWords: [UInt64] {
        [high, low >> 64, low].map { UInt64(truncatingIfNeeded: $0) }
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
