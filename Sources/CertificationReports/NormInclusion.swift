public import CertificateRecords
public import ConfidenceBounds

// What an L2 radius says in other norms
// =====================================
//
// For every d in R^n: |d|_2 <= |d|_1, and |d|_2 <= sqrt(n) |d|_inf. So the open L2 ball of radius R
// contains the open L1 ball of radius R and the open L-infinity ball of radius R / sqrt(n), and no
// larger one of either kind (take one coordinate, or all of them alike). A certificate in L2 is
// therefore one in these norms too, at those radii: much less than a certificate that was made for
// the norm, and not to be compared with one.

/// An L2 radius in other norms, by inclusion alone.
public struct NormInclusion: Hashable, Sendable {
    /// In L1: the same number.
    public let l1: DecimalNumber
    /// In L-infinity, rounded down.
    public let lInfinity: LowerBound

    /// The balls inside the L2 ball of this radius around an input of so many coordinates.
    public init(radius: DecimalNumber, dimension: Int) {
        precondition(dimension > 0, "an input has coordinates")
        l1 = radius
        // The root is correctly rounded, so the next double is above it; and the quotient is above
        // the exact one by less than one step.
        let root = Double(dimension).squareRoot().nextUp
        lInfinity = LowerBound(proved: max(0, (radius.lowerBound.value / root).nextDown))
    }
}

extension DecimalNumber {
    /// The largest double that is at most the number, or the one before it.
    public var lowerBound: LowerBound {
        LowerBound(proved: isZero ? 0 : nearest.nextDown)
    }
}
