internal import BallArithmetic

/// Gaussian noise rounded to a grid: K = round(s Z), Z standard normal, s = sigma * stepsPerUnit.
///
/// ## Why rounded noise certifies like the real Gaussian
///
/// Let x be on the grid, all coordinates multiples of 1/stepsPerUnit, and N ~ N(0, sigma^2 I).
/// Rounding commutes with adding a grid point: round(x + N) = x + round(N). So the classifier
/// g(x') = argmax_c P[f(round(x' + N)) = c] is the *real* Gaussian smoothing of the base
/// classifier "round, then f"; at x its probabilities are those of f(x + K / stepsPerUnit); and
/// the certificates of Gaussian smoothing hold for all real x' (V. Voracek and M. Hein, "Sound
/// randomized smoothing in floating-point arithmetics", ICLR 2023). Adding floating-point normals
/// has no such theorem, and has been broken.
///
/// ## How far the sampler is from it
///
/// With Q_k = P[Z > (k + 1/2) / s], P[|K| >= m] = 2 Q_(m-1) for m >= 1. Let t_k =
/// floor(2^223 Q_k), proved by ball arithmetic, and M the largest magnitude of the table. The
/// sampler draws |K| >= m with probability T_m = 2 t_(m-1) / 2^223 exactly for 1 <= m <= M, never
/// more than M (the tail beyond is moved to M), and an independent fair sign.
///
/// *Theorem.* Its total variation distance from K is less than 2 (t_M + M + 1) / 2^223.
///
/// *Proof.* Both are symmetric, so compare |K|. The errors e_m = P[|K| >= m] - T_m satisfy e_0 = 0
/// and 0 <= e_m < 2 / 2^223. The distance is the sum, over m, of the positive parts of
/// P[|K| = m] minus its sampled value. That is e_m - e_(m+1) <= e_m for m < M and at most e_M for
/// m = M; beyond M the parts sum to P[|K| > M] = 2 Q_M < 2 (t_M + 1) / 2^223. ∎
///
/// The distance of n samples of d coordinates is at most n d times that, and so is the change in
/// the probability of any event about them, such as a wrong certificate. (That the keystream
/// behaves like random bits is ChaCha20's assumption, and apart from this.)
public struct RoundedGaussian: Sendable {
    /// The noise level: the standard deviation before rounding, in units of the data.
    public let sigma: Double
    /// The grid steps in one unit of the data, such as 255.
    public let stepsPerUnit: Int
    /// The values of the noise in grid steps: more than 12 `sigma` to either side.
    public let support: ClosedRange<Int>
    /// A proved upper bound on the total variation distance of one coordinate's noise from K.
    public let distanceFromIdeal: Double

    let table: AliasTable

    /// Computes the exact probabilities and their table.
    ///
    /// - Throws: A ``SmoothingNoiseError`` if an argument is out of range or the table would have
    ///   more than 2^22 columns.
    /// - Complexity: O(s), s = `sigma` * `stepsPerUnit`; milliseconds on a grid of 255 steps,
    ///   seconds on one of 2^16. Make it once and share it.
    public init(sigma: Double, stepsPerUnit: Int) throws(SmoothingNoiseError) {
        guard sigma > 0, sigma.isFinite else { throw .sigmaNotPositive(sigma) }
        guard (1...1 << 24).contains(stepsPerUnit) else {
            throw .stepsPerUnitOutOfRange(stepsPerUnit)
        }
        let reach = 12 * sigma
        guard reach * Double(stepsPerUnit) < Double(1 << 22 - 1) else {
            let finest = Int((Double(1 << 22) - 2) / reach)
            throw .gridTooFine(sigma: sigma, stepsPerUnit: stepsPerUnit, finest: finest)
        }

        let largest = Int(reach * Double(stepsPerUnit)) + 1
        let tails = Tails(sigma: sigma, stepsPerUnit: stepsPerUnit, last: largest)
        self.sigma = sigma
        self.stepsPerUnit = stepsPerUnit
        support = -largest...largest
        distanceFromIdeal = tails.distanceFromIdeal
        table = AliasTable(columnBits: Int.bitWidth - largest.leadingZeroBitCount) {
            tails.weight($0)
        }
    }

    /// An upper bound on the distance from ideal of this many samples at once.
    public func distanceFromIdeal(samples: UInt64, coordinates: Int) -> Double {
        let draws = (Double(samples).nextUp * Double(coordinates).nextUp).nextUp
        return min(1, (draws * distanceFromIdeal).nextUp)
    }
}

/// The numbers t_0 ... t_M, and the weights made of them.
struct Tails {
    private let tails: GaussianTail
    private let largest: Int

    init(sigma: Double, stepsPerUnit: Int, last: Int) {
        largest = last
        tails = GaussianTail(sigma: sigma, stepsPerUnit: stepsPerUnit, last: last)
    }

    private subscript(k: Int) -> Mass {
        Mass(limbs: tails.limbs[7 * k..<7 * k + 7])
    }

    /// The weight of magnitude m: T_m - T_(m+1), where T_0 = 1 and T_(M+1) = 0.
    func weight(_ m: Int) -> Mass {
        if m > largest { return .zero }
        if m == 0 { return Mass.one(shiftedLeftBy: Mass.drawBits) - self[0] - self[0] }
        let half = m == largest ? self[m - 1] : self[m - 1] - self[m]
        return half + half
    }

    /// The theorem's bound. Scaling by a power of two is exact.
    var distanceFromIdeal: Double {
        guard let units = self[largest].units else { return 1 }
        return Double(units + UInt128(largest) + 1).nextUp * 0x1p-222
    }
}
