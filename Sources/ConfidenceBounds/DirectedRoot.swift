internal import BallArithmetic

/// An increasing, differentiable function of a positive number, evaluated in balls.
protocol IncreasingFunction {
    /// Its value at a number.
    func value(at number: Ball) -> Ball
    /// Its derivative on all of an interval.
    func derivative(over interval: Ball) -> Ball
}

/// The root of an increasing function, rounded to a double in a chosen direction, and proved.
///
/// The result is a function of the root alone: the largest double below it, or the smallest above.
/// A guess changes the time this takes and nothing else, so it may come from any arithmetic. A
/// root within about 2^-900 of a double is not told from it, and gets the neighbour on the safe
/// side of that double, as does a root that is a double.
struct DirectedRoot<Function: IncreasingFunction> {
    /// Where the root is known to lie; not negative.
    let domain: ClosedRange<Double>
    /// The function, prepared for a precision in bits.
    let function: (_ precision: Int) -> Function

    enum Rounding { case down, up }

    func rounded(_ rounding: Rounding, near guess: Double) -> Double {
        newton(rounding, near: guess) ?? bisection(rounding)
    }

    /// The interval Newton step, tried again from the middle of what it gives.
    ///
    /// Theorem (R. E. Moore, Interval Analysis, 1966): let f be differentiable on an interval X,
    /// m in X, and N = m - f(m) / f'(X) with 0 not in f'(X). Every root of f in X lies in N; and if
    /// N is inside X, there is one. Since f increases, it is the only root there is.
    private func newton(_ rounding: Rounding, near guess: Double) -> Double? {
        var center = Ball(guess)
        for precision in [128, 128, 256] {
            let function = function(precision)
            let interval = center.multiplied(
                by: Ball(from: 1 - 0x1p-40, to: 1 + 0x1p-40), precision: precision)
            let step = function.value(at: center).divided(
                by: function.derivative(over: interval), precision: precision)
            let enclosure = center.subtracting(step, precision: precision)
            guard enclosure.isFinite else { return nil }
            if interval.contains(enclosure), let root = double(enclosure, rounding) {
                return root
            }
            center = enclosure.midpoint
        }
        return nil
    }

    /// The double that every number of the enclosure is rounded to, if none of them is a double.
    private func double(_ enclosure: Ball, _ rounding: Rounding) -> Double? {
        let (below, above) =
            switch rounding {
            case .down: (enclosure.lowerEndpoint, enclosure.lowerEndpoint.nextUp)
            case .up: (enclosure.upperEndpoint.nextDown, enclosure.upperEndpoint)
            }
        guard Ball(below).isLess(than: enclosure), enclosure.isLess(than: Ball(above)) else {
            return nil
        }
        return rounding == .down ? below : above
    }

    /// Halves the doubles in between, at most 62 times, by the function's proved signs.
    private func bisection(_ rounding: Rounding) -> Double {
        var (below, above) = (domain.lowerBound.bitPattern, domain.upperBound.bitPattern)
        while above - below > 1 {
            let middle = below + (above - below) / 2
            let sign = provedSign(at: Double(bitPattern: middle))
            let isBelow = rounding == .down ? sign < 0 : sign <= 0
            if isBelow { below = middle } else { above = middle }
        }
        return Double(bitPattern: rounding == .down ? below : above)
    }

    /// The sign of the function, or 0 where 1024 bits do not show it.
    private func provedSign(at number: Double) -> Int {
        for precision in [128, 256, 512, 1024] {
            let value = function(precision).value(at: Ball(number))
            if value.isPositive { return 1 }
            if value.negated.isPositive { return -1 }
        }
        return 0
    }
}

extension Ball {
    /// A double near this ball: for guesses only.
    var approximation: Double { midpoint.lowerEndpoint }
}
