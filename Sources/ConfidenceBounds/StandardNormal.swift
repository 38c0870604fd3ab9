internal import BallArithmetic
internal import Glibc

/// The standard normal distribution.
public enum StandardNormal {
    /// Phi^-1 of a lower bound: the largest double at most Phi^-1(p) for every p that the bound
    /// allows; -infinity for a bound of 0.
    public static func quantile(of bound: ProbabilityLowerBound) -> LowerBound {
        if bound.complement.value < 0.5 {
            return LowerBound(proved: upperTailQuantile(bound.complement.value, .down))
        }
        guard bound.value.value < 0.5 else { return LowerBound(proved: 0) }
        return LowerBound(proved: -upperTailQuantile(bound.value.value, .up))
    }

    /// Phi^-1 of an upper bound: the smallest double at least Phi^-1(p) for every p that the bound
    /// allows; +infinity for a bound of 1.
    public static func quantile(of bound: ProbabilityUpperBound) -> UpperBound {
        -quantile(of: bound.ofOppositeEvent)
    }

    /// Phi of an upper bound: at least Phi(z) for every z that the bound allows, with 1 - Phi(z)
    /// from below beside it; both are the nearest doubles on their sides.
    ///
    ///     // the probability that a radius needs, by Cohen's rule
    ///     StandardNormal.probability(below: UpperBound(proved: radius).divided(byExactly: sigma))
    public static func probability(below z: UpperBound) -> ProbabilityUpperBound {
        guard z.value.isFinite else {
            return z.value < 0
                ? ProbabilityUpperBound(UpperBound(proved: 0)) : ProbabilityUpperBound.trivial
        }
        var precision = 128
        while true {
            let above = Ball.standardNormalUpperTail(Ball(z.value), precision: precision)
            let below = Ball.standardNormalUpperTail(Ball(-z.value), precision: precision)
            // Phi is transcendental at every algebraic number but 0, where it is a double.
            let isSharp =
                z.value == 0
                || above.upperEndpoint <= above.lowerEndpoint.nextUp
                    && below.lowerEndpoint >= below.upperEndpoint.nextDown
            if isSharp || precision >= 1024 {
                return ProbabilityUpperBound(
                    value: UpperBound(proved: min(1, below.upperEndpoint)),
                    complement: LowerBound(proved: max(0, above.lowerEndpoint)))
            }
            precision *= 2
        }
    }

    /// About Phi^-1(p), in floating point: for a look ahead, never for a claim. It errs by less than
    /// 1e-9 between 1e-300 and 1 - 1e-16.
    public static func approximateQuantile(_ p: Double) -> Double {
        guard p > 0 else { return -.infinity }
        guard p < 1 else { return .infinity }
        guard p != 0.5 else { return 0 }
        let tail = min(p, 1 - p)
        var w = (-2 * log(2 * tail)).squareRoot()
        for _ in 0..<60 {
            let q = erfc(w / 2.0.squareRoot()) / 2
            let density = exp(-w * w / 2) / (2 * Double.pi).squareRoot()
            // Newton's iteration for ln Q, which is concave.
            let step = (q / density) * log(q / tail)
            w += step
            if abs(step) <= 1e-12 * max(w, 1e-3) { break }
        }
        return p < 0.5 ? -w : w
    }

    /// The w > 0 with Q(w) = P[N > w] = `tail` < 1/2, rounded.
    private static func upperTailQuantile(
        _ tail: Double, _ rounding: DirectedRoot<TailDeficit>.Rounding
    ) -> Double {
        guard tail > 0 else { return .infinity }
        // Q(40) is less than the least positive double.
        let root = DirectedRoot(domain: 0...40) { TailDeficit(tail: tail, precision: $0) }
        return root.rounded(rounding, near: approximateUpperTailQuantile(tail))
    }

    /// Newton's iteration for ln Q(w) = ln `tail`; in balls where doubles are about to underflow.
    ///
    /// It starts above the root, as Q(w) <= exp(-w^2 / 2) / 2, and stays there: ln Q is concave.
    static func approximateUpperTailQuantile(_ tail: Double) -> Double {
        guard tail < 1e-290 else { return -approximateQuantile(tail) }
        var w = (-2 * log(2 * tail)).squareRoot()
        for _ in 0..<60 {
            let deficit = TailDeficit(tail: tail, precision: 128)
            let relative = deficit.value(at: Ball(w)).approximation / tail
            let slope = deficit.derivative(over: Ball(w)).approximation / tail
            let step = -log1p(-relative) * (1 - relative) / slope
            guard step.isFinite else { break }
            w -= step
            if abs(step) <= 1e-9 * w { break }
        }
        return w
    }
}

/// tail - Q(w), which increases in w, with derivative phi(w).
private struct TailDeficit: IncreasingFunction {
    let tail: Double
    let precision: Int

    func value(at w: Ball) -> Ball {
        Ball(tail).subtracting(
            .standardNormalUpperTail(w, precision: precision), precision: precision)
    }

    func derivative(over w: Ball) -> Ball {
        .standardNormalDensity(w, precision: precision)
    }
}
