"""Writes the vectors of the sequential tests beside it. Needs mpmath; takes ten minutes.

evidence.tsv    n, k, bits of d, bits of M(k, n; d) rounded down: the integral over v from 0 to 1 of
                ((1 - d v^4) / (1 - d))^k v^(4 (n - k)), which is the mean over the prior
                u = v^4 ~ Beta(1/4, 1), by tanh-sinh quadrature at 50 digits.
mixture.tsv     n, bits of d, bits of alpha, the smallest k with M(k, n; d) >= 1/alpha (- if none).
sequence.tsv    n, k, bits of alpha, the lower bound: `p` and the bits of p rounded down, or, from
                p = 1/2 on, `q` and the bits of 1 - p rounded up; `0` for none above 2^-10.
forecast.tsv    N, n, K, bits of beta, the largest k for which K is excluded (- if none).
final.tsv       N, n, k, bits of beta, the smallest and the largest final count not excluded.
phi.tsv         Bits of z, of Phi(z) rounded up, and of 1 - Phi(z) rounded down.
tailtest.tsv    n, bits of 1 - tau, bits of alpha, the smallest k with P[X >= k; n, tau] <= alpha
                (- if none), summed as exact fractions.
"""

import random
from fractions import Fraction

import mpmath as mp

from make_vectors import bits, down, exact_tail, fraction, up

mp.mp.dps = 50


def evidence(k, n, d, digits=50):
    """M(k, n; d) by quadrature; d is an mpf."""
    with mp.workdps(digits):
        f = n - k
        if k == 0:
            return mp.mpf(1) / (4 * f + 1)
        # In u the integrand is nearly Beta(f + 1/4, k + 1) cut off at d, over d.
        peak = mp.mpf(f) / n / d
        width = mp.sqrt(mp.mpf(f + 1) * (k + 1)) / n**mp.mpf(1.5) / d
        cuts = {mp.mpf(0), mp.mpf(1)}
        for j in (-14, -8, -4, -2, 0, 2, 4, 8, 14, 25):
            cut = peak + j * width
            if 0 < cut < 1:
                cuts.add(mp.root(cut, 4))
        scale = max(mp.mpf(0), exponent(k, f, d, min(mp.mpf(1), peak)))
        value = mp.quad(
            lambda v: mp.exp(exponent(k, f, d, v**4) - scale), sorted(cuts), maxdegree=8)
        return value * mp.exp(scale)


def exponent(k, f, d, u):
    if u == 0 and f > 0:
        return mp.mpf("-inf")
    return k * (mp.log1p(-d * u) - mp.log1p(-d)) + (f * mp.log(u) if f else 0)


def smallest(n, d, alpha):
    if evidence(n, n, d, 30) * alpha < 1:
        return None
    low, high = 0, n
    while high - low > 1:
        middle = (low + high) // 2
        margin = evidence(middle, n, d, 30) * alpha - 1
        assert abs(margin) > mp.mpf(10) ** -15
        if margin > 0:
            high = middle
        else:
            low = middle
    return high


def gap_root(k, n, alpha):
    """The d with M(k, n; d) = 1/alpha; None above 1 - 2^-10."""
    def excess(d, digits=50):
        return mp.log(evidence(k, n, d, digits)) + mp.log(alpha)

    above = 1 - mp.mpf(2) ** -10
    if k == 0 or excess(above, 25) < 0:
        return None
    below = above / 2
    while excess(below, 25) > 0:
        above, below = below, below / 2
    for _ in range(12):
        middle = (above + below) / 2
        if excess(middle, 25) > 0:
            above = middle
        else:
            below = middle
    return mp.findroot(
        lambda d: excess(d, 50), (below, above), solver="anderson", tol=mp.mpf(10) ** -80, verify=False)


def write_evidence():
    generator = random.Random(11)
    with open("evidence.tsv", "w") as file:
        for _ in range(120):
            n = round(10 ** generator.uniform(0, 5))
            d = 10 ** generator.uniform(-4, -0.05)
            mean = n * (1 - d)
            k = min(n, max(0, round(mean + generator.uniform(-3, 6) * (mean * d) ** 0.5)))
            value = evidence(k, n, mp.mpf(d))
            assert value < mp.mpf(2) ** 200
            print(n, k, bits(d), bits(down(fraction(value))), sep="\t", file=file)


def write_mixture():
    with open("mixture.tsv", "w") as file:
        for d in (0.5, 0.4, 0.1587, 0.0227, 0.00135, 0.000159):
            for alpha in (0.05, 0.001, 0.0005, 1e-7):
                for n in (1, 5, 10, 50, 137, 1000, 5500, 100_000):
                    k = smallest(n, mp.mpf(d), mp.mpf(alpha))
                    print(n, bits(d), bits(alpha), "-" if k is None else k, sep="\t", file=file)


def write_sequence():
    generator = random.Random(12)
    cases = [(n, k) for n in (1, 2, 3, 7, 20) for k in range(n + 1)]
    for n in (50, 1000, 5550, 100_000):
        cases += [(n, n), (n, n - 1), (n, n - 5), (n, n // 2), (n, n // 10), (n, 1)]
        cases += [(n, generator.randint(n // 20, n)) for _ in range(3)]
    with open("sequence.tsv", "w") as file:
        for n, k in cases:
            for alpha in (0.05, 0.0005, 1e-9) if n > 3 else (0.9, 0.05, 0.0005):
                d = gap_root(k, n, mp.mpf(alpha))
                if d is None:
                    word = "0"
                elif d < mp.mpf(1) / 2:
                    word = "q" + bits(up(fraction(d)))
                else:
                    word = "p" + bits(down(1 - fraction(d)))
                print(n, k, bits(alpha), word, sep="\t", file=file)


def excluded(total, n, final, k, beta):
    if k * (total + 1) > final * n:
        return False
    if final - k > total - n:
        return True
    def choose(a, b):
        return mp.loggamma(a + 1) - mp.loggamma(b + 1) - mp.loggamma(a - b + 1)
    half = mp.mpf(1) / 2
    ratio = (
        mp.log(mp.beta(k + half, n - k + half)) - mp.log(mp.pi)
        + choose(total, final) - choose(total - n, final - k)
    )
    margin = ratio + mp.log(beta)
    assert abs(margin) > mp.mpf(10) ** -20
    return margin > 0


def write_forecast():
    with open("forecast.tsv", "w") as file:
        for total in (20, 500, 10_000):
            for share in (0.03, 0.5, 0.85, 0.978, 0.9999):
                final = round(share * total)
                for n in (1, 7, 20, 100, 377, 2500, 9999):
                    for beta in (0.001, 0.05):
                        if n > total:
                            continue
                        ks = [k for k in range(0, n + 1) if k * (total + 1) <= final * n]
                        low, high = -1, len(ks)
                        while high - low > 1:
                            middle = (low + high) // 2
                            if excluded(total, n, final, ks[middle], mp.mpf(beta)):
                                low = middle
                            else:
                                high = middle
                        word = "-" if low < 0 else ks[low]
                        print(total, n, final, bits(beta), word, sep="\t", file=file)


def write_final():
    """Every final count is tried, so nothing is assumed about their order."""
    with open("final.tsv", "w") as file:
        for total in (12, 60, 300):
            for n in (1, 5, total // 4, total // 2, total - 1, total):
                for k in sorted({0, 1, n // 3, n // 2, n - n // 5, n - 1, n}):
                    if not 0 <= k <= n:
                        continue
                    for beta in (0.001, 0.2):
                        kept = [
                            final for final in range(total + 1)
                            if not excluded(total, n, final, k, mp.mpf(beta))
                            and not excluded(total, n, total - final, n - k, mp.mpf(beta))
                        ]
                        assert kept == list(range(kept[0], kept[-1] + 1))
                        print(total, n, k, bits(beta), kept[0], kept[-1], sep="\t", file=file)


def write_phi():
    values = [0.0, 1.0, 2.0, 3.0, 3.6, -1.0, -3.5, 0.1, 1e-9, 5.5, 8.2, -8.3, 20.0, 37.0, -37.0]
    with open("phi.tsv", "w") as file, mp.workdps(400):  # 1 - Phi(37) is 10^-299
        for z in values:
            above = mp.erfc(mp.mpf(z) / mp.sqrt(2)) / 2
            below = mp.erfc(-mp.mpf(z) / mp.sqrt(2)) / 2
            print(bits(z), bits(up(fraction(below))), bits(down(fraction(above))), sep="\t", file=file)


def write_tailtest():
    with open("tailtest.tsv", "w") as file:
        for gap in (0.5, 0.25, 0.0625, 0.015625):
            for n in (1, 9, 10, 64, 250):
                for alpha in (0.05, 0.0005):
                    word = "-"
                    for k in range(n + 1):
                        if exact_tail(n, k, 1 - Fraction(gap)) <= Fraction(alpha):
                            word = k
                            break
                    print(n, bits(gap), bits(alpha), word, sep="\t", file=file)


if __name__ == "__main__":
    write_phi()
    write_tailtest()
    write_final()
    write_forecast()
    write_evidence()
    write_mixture()
    write_sequence()
