"""Writes the test vectors beside it. Needs Python 3.9 or later, mpmath and SciPy; takes a minute.

small-<alpha>.txt  Line n = 1...64: for k = 0...n the Clopper-Pearson lower bound p. Each word is
                   `p` and the bits of p rounded down, or, from p = 1/2 on, `q` and the bits of
                   1 - p rounded up. The direction is decided by exact rational arithmetic.
large.tsv          n, k, bits of alpha, such a word. 60 digits, by summing the binomial series.
quantiles.tsv      Bits of t, of Q^-1(t) rounded down, and rounded up. mpmath, 60 digits or more.
known.tsv          n, k, and the bound p at alpha = .001 and Phi^-1(p), 12 places, printed
                   downwards. Cohen, Rosenfeld and Kolter's CERTIFY prints them to nearest.
decimals.tsv       Bits of a double, places, printed downwards, printed upwards. Python's decimal.
"""

import decimal
import math
import random
import struct
from fractions import Fraction

import mpmath as mp
from scipy.stats import beta

mp.mp.dps = 60


def bits(x):
    return struct.pack(">d", x).hex()


def fraction(x):
    """The exact value of an mpf."""
    sign, mantissa, exponent, _ = mp.mpf(x)._mpf_
    value = Fraction(int(mantissa)) * Fraction(2) ** exponent
    return -value if sign else value


def nearest(exact):
    return float(exact)  # Fraction to float is correctly rounded


def down(exact):
    x = nearest(exact)
    return x if Fraction(x) <= exact else math.nextafter(x, -math.inf)


def up(exact):
    return -down(-exact)


def exact_tail(n, k, p):
    """P[X >= k] for a rational p = m / 2^e, exactly."""
    m, d = p.numerator, p.denominator
    total = sum(math.comb(n, i) * m**i * (d - m) ** (n - i) for i in range(k, n + 1))
    return Fraction(total, d**n)


def series_tail_and_density(n, k, p):
    """P[X >= k] and its derivative, by the ratios of successive terms, for p left of the mean."""
    q = 1 - p
    a, b = mp.mpf(k), mp.mpf(n - k)
    log_term = (
        mp.loggamma(n + 1) - mp.loggamma(k + 1) - mp.loggamma(n - k + 1)
        + a * mp.log(p) + b * mp.log(q)
    )
    term = mp.exp(log_term)
    odds = int(mp.floor(p / q * mp.mpf(2) ** 256))
    one = 1 << 256
    total, part, i = one, one, k
    while part and i < n:
        part = (part * (n - i) // (i + 1) * odds) >> 256
        total += part
        i += 1
    return term * total / mp.mpf(one), term * k / p


def root(n, k, alpha):
    """p with P[X >= k; p] = alpha, by Newton's iteration for the logarithm, in the log-odds."""
    if alpha > 0.5:  # P[at least n - k + 1 failures] = 1 - alpha
        return 1 - root(n, n - k + 1, 1 - alpha)
    if k == n:
        return mp.power(mp.mpf(alpha), mp.mpf(1) / n)
    guess = float(beta.ppf(alpha, k, n - k + 1))
    guess = min(max(guess, 1e-315), 1 - 1e-15)
    u = mp.log(mp.mpf(guess) / (1 - mp.mpf(guess)))
    for _ in range(100):
        p = 1 / (1 + mp.exp(-u))
        tail, density = series_tail_and_density(n, k, p)
        step = mp.log(tail / mp.mpf(alpha)) * tail / (density * p * (1 - p))
        u -= step
        if abs(step) < mp.mpf(10) ** -45:
            return 1 / (1 + mp.exp(-u))
    raise ArithmeticError((n, k, alpha))


def word(n, k, alpha, exact):
    if k == 0:
        return "p" + bits(0.0)
    p = fraction(root(n, k, alpha))
    rational_alpha = Fraction(alpha)
    if not exact:
        return "p" + bits(down(p)) if p < Fraction(1, 2) else "q" + bits(up(1 - p))
    if exact_tail(n, k, Fraction(1, 2)) >= rational_alpha:  # so p <= 1/2
        x = nearest(p)
        if exact_tail(n, k, Fraction(x)) > rational_alpha:
            x = math.nextafter(x, -math.inf)
        above = math.nextafter(x, math.inf)
        assert exact_tail(n, k, Fraction(x)) <= rational_alpha < exact_tail(n, k, Fraction(above))
        return "p" + bits(x)
    y = nearest(1 - p)
    if exact_tail(n, k, 1 - Fraction(y)) > rational_alpha:
        y = math.nextafter(y, math.inf)
    below = math.nextafter(y, -math.inf)
    assert exact_tail(n, k, 1 - Fraction(y)) <= rational_alpha < exact_tail(n, k, 1 - Fraction(below))
    return "q" + bits(y)


def write_small():
    for alpha in (0.05, 0.001, 0.0005, 1e-7):
        with open(f"small-{alpha}.txt", "w") as file:
            for n in range(1, 65):
                print(*(word(n, k, alpha, True) for k in range(n + 1)), file=file)


def write_large():
    cases = []
    for n in (100, 10**3, 10**4, 10**5, 10**6, 10**7):
        for k in (1, 2, n // 100, n // 3, n // 2 + 1, 9 * n // 10, 99 * n // 100, n - 4, n - 1, n):
            cases += [(n, k, alpha) for alpha in (0.05, 0.001, 0.0005, 1e-7)]
    for k in (1, 10**7, 5 * 10**8, 9 * 10**8, 10**9 - 10**4, 10**9 - 1, 10**9):
        cases += [(10**9, k, alpha) for alpha in (0.0005, 1e-7)]
    for n, k in ((1, 1), (7, 3), (100, 1), (100, 98), (10**5, 90_000), (10**7, 10**7 - 13),
                 (10**9, 18), (10**9, 10**9 - 11), (10**9, 10**9)):
        cases += [(n, k, a) for a in (0.3, 0.9, 1 - 1e-9, 1e-30, 1e-100, 1e-300)]
    with open("large.tsv", "w") as file:
        for n, k, alpha in sorted(set(cases)):
            exact = n == 1
            print(n, k, bits(alpha), word(n, k, alpha, exact), sep="\t", file=file)


def write_known():
    with open("known.tsv", "w") as file:
        for n, k in ((100, 98), (1000, 1000), (10**5, 90_000), (10**5, 99_000), (10**5, 99_996),
                     (10**5, 10**5)):
            p = root(n, k, 0.001)
            z = mp.sqrt(2) * mp.erfinv(2 * p - 1)
            digits = [int(mp.floor(x * 10**12)) for x in (p, z)]
            print(n, k, f"0.{digits[0]:012}", f"{digits[1] // 10**12}.{digits[1] % 10**12:012}",
                  sep="\t", file=file)


def write_quantiles():
    generator = random.Random(1)
    tails = [5e-324, 1e-310, 2.0**-1022, 1e-300, 1e-100, 1e-30, 1e-16, 1e-7, 0.0005, 0.001, 0.05]
    tails += [0.1, 0.25, 0.4, 0.499, 0.4999999, 0.5 - 2.0**-30, 0.5 - 2.0**-53, 0.5 - 2.0**-54]
    tails += [generator.uniform(0, 0.5) for _ in range(60)]
    tails += [10.0 ** generator.uniform(-30, -1) for _ in range(60)]
    with open("quantiles.tsv", "w") as file:
        for tail in tails:
            with mp.workdps(100):
                t = mp.mpf(tail)
                if tail > 0.3:
                    z = mp.sqrt(2) * mp.erfinv(1 - 2 * t)
                else:
                    z = mp.findroot(
                        lambda z: mp.log(mp.erfc(z / mp.sqrt(2)) / 2) - mp.log(t),
                        mp.sqrt(-2 * mp.log(2 * t)),
                    )
                assert abs(mp.erfc(z / mp.sqrt(2)) / 2 - t) < t * mp.mpf(10) ** -60
                z = fraction(z)
            print(bits(tail), bits(down(z)), bits(up(z)), sep="\t", file=file)


def write_decimals():
    generator = random.Random(2)
    values = [0.0, -0.0, 5e-324, -5e-324, 0.1, 0.5, 1.0, -1.0, 1 / 3, 2 / 3, 0.999999999999, 3.8114565633899]
    values += [2.0**52 + 0.5, 2.0**53, 2.0**63, 2.0**64 - 2048, 123456789.123456789, 1e-12, 1e-18, 1e-19]
    values += [math.nextafter(1, 0), math.nextafter(1, 2), math.nextafter(10, 0), 9.9999999999999]
    values += [generator.uniform(-10, 10) for _ in range(100)]
    values += [generator.choice((1, -1)) * 10 ** generator.uniform(-25, 18) for _ in range(100)]
    context = decimal.Context(prec=1200)
    with open("decimals.tsv", "w") as file:
        for x in values:
            places = generator.choice((0, 1, 3, 12, 12, 15, 18))
            unit = decimal.Decimal(1).scaleb(-places)
            printed = []
            for rounding in (decimal.ROUND_FLOOR, decimal.ROUND_CEILING):
                text = format(context.create_decimal(x).quantize(unit, rounding, context), "f")
                printed.append(text.lstrip("-") if float(text) == 0 else text)
            print(bits(x), places, *printed, sep="\t", file=file)


if __name__ == "__main__":
    write_decimals()
    write_known()
    write_quantiles()
    write_small()
    write_large()
