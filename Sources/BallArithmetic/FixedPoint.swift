internal import CArb

extension Ball {
    /// floor(2^bits * x) for the nonnegative number x in this ball, as 32-bit limbs, least
    /// significant first, with no leading zero limb.
    ///
    /// `nil` if the numbers of this ball have more than one such floor (or one is negative): ask
    /// again with a narrower ball.
    public func floorScaled(byTwoToThe bits: Int) -> [UInt32]? {
        let floors = FloorReader(fractionBits: bits)
        guard withArb({ floors.read($0) }) else { return nil }
        return floors.limbs
    }
}

/// Reads floors off balls, reusing its variables: a table asks for hundreds of thousands.
struct FloorReader: ~Copyable {
    private let fractionBits: Int
    private let scaled: UnsafeMutablePointer<arb_struct>
    private let bound: UnsafeMutablePointer<arf_struct>
    private let floors: UnsafeMutablePointer<fmpz>
    private var floor: UnsafeMutablePointer<fmpz> { floors }
    private var other: UnsafeMutablePointer<fmpz> { floors + 1 }

    init(fractionBits: Int) {
        self.fractionBits = fractionBits
        scaled = _arb_vec_init(1)
        bound = .allocate(capacity: 1)
        arf_init(bound)
        floors = _fmpz_vec_init(2)
    }

    deinit {
        _arb_vec_clear(scaled, 1)
        arf_clear(bound)
        bound.deallocate()
        _fmpz_vec_clear(floors, 2)
    }

    /// Finds floor(2^fractionBits * x), and returns whether it is the same, and not negative, for
    /// every x in the ball. With `positive`, x is known to be positive even if the ball is not.
    func read(_ ball: UnsafePointer<arb_struct>, knownPositive positive: Bool = false) -> Bool {
        guard arb_is_finite(ball) != 0 else { return false }
        arb_mul_2exp_si(scaled, ball, fractionBits)
        arb_get_lbound_arf(bound, scaled, exactly)
        arf_get_fmpz(floor, bound, ARF_RND_FLOOR)
        if fmpz_sgn(floor) < 0 {
            guard positive else { return false }
            fmpz_zero(floor)
        }
        arb_get_ubound_arf(bound, scaled, exactly)
        arf_get_fmpz(other, bound, ARF_RND_FLOOR)
        return fmpz_equal(floor, other) != 0
    }

    /// The floor just read, in as many limbs as it needs.
    var limbs: [UInt32] {
        var words = [UInt](repeating: 0, count: max(1, Int(fmpz_size(floor))))
        fmpz_get_ui_array(&words, words.count, floor)
        var limbs = words.flatMap { [UInt32(truncatingIfNeeded: $0), UInt32($0 >> 32)] }
        while limbs.last == 0 { limbs.removeLast() }
        return limbs
    }

    /// Writes the floor just read, which must be below 2^(32 * limbs.count), into `limbs`;
    /// `words` has room for as many bits.
    func write(into limbs: UnsafeMutableBufferPointer<UInt32>, by words: inout [UInt]) {
        fmpz_get_ui_array(&words, words.count, floor)
        for index in limbs.indices {
            limbs[index] = UInt32(truncatingIfNeeded: words[index / 2] >> (index % 2 * 32))
        }
    }

    private var exactly: Int { Int.max }
}
