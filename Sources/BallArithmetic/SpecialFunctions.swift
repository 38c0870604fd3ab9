internal import CArb

extension Ball {
    /// e to this power.
    public func exponential(precision: Int) -> Ball {
        applying(arb_exp, precision: precision)
    }

    /// The natural logarithm; not finite unless the ball is positive.
    public func logarithm(precision: Int) -> Ball {
        applying(arb_log, precision: precision)
    }

    /// The square root; not finite if the ball contains a negative number.
    public func squareRoot(precision: Int) -> Ball {
        applying(arb_sqrt, precision: precision)
    }

    /// This ball to a real power, for a positive ball.
    public func raised(to power: Ball, precision: Int) -> Ball {
        applying(arb_pow, power, precision: precision)
    }

    /// The logarithm of the gamma function, for a positive ball.
    public func logarithmOfGamma(precision: Int) -> Ball {
        applying(arb_lgamma, precision: precision)
    }

    /// The complementary error function, (2/sqrt(pi)) times the integral of exp(-t^2) from this
    /// ball to infinity.
    public func erfc(precision: Int) -> Ball {
        applying(arb_hypgeom_erfc, precision: precision)
    }

    /// I_x(a, b), the distribution function of Beta(a, b) at x, for positive a and b and x in
    /// [0, 1].
    public static func regularizedIncompleteBeta(
        x: Ball, a: Ball, b: Ball, precision: Int
    ) -> Ball {
        Ball { result in
            x.withArb { x in
                a.withArb { a in
                    b.withArb { arb_hypgeom_beta_lower(result, a, $0, x, 1, precision) }
                }
            }
        }
    }

    /// P[N > z] for a standard normal N: erfc(z / sqrt(2)) / 2.
    public static func standardNormalUpperTail(_ z: Ball, precision: Int) -> Ball {
        z.divided(by: Ball(2).squareRoot(precision: precision), precision: precision)
            .erfc(precision: precision)
            .multiplied(byTwoToThe: -1)
    }

    /// The density of a standard normal at z: exp(-z^2 / 2) / sqrt(2 pi).
    public static func standardNormalDensity(_ z: Ball, precision: Int) -> Ball {
        let root = pi(precision: precision).multiplied(byTwoToThe: 1)
            .squareRoot(precision: precision)
        return z.multiplied(by: z, precision: precision).multiplied(byTwoToThe: -1).negated
            .exponential(precision: precision)
            .divided(by: root, precision: precision)
    }
}
