"""Writes the vectors of bands over inputs beside it. Needs SciPy and mpmath; takes seconds.

intervals.tsv    k, n, bits of the failure probability, both ends of Clopper and Pearson's interval
                 (scipy.stats.beta, in decimal).
bands.tsv        m, bits of the failure probability, the half width of the DKW band (mpmath, 40 digits).
"""

import mpmath as mp
from scipy.stats import beta

from make_vectors import bits

mp.mp.dps = 40


def write_intervals():
    with open("intervals.tsv", "w") as file:
        for n in (1, 2, 10, 500, 10_000, 50_000):
            for k in sorted({0, 1, n // 3, n - 1, n}):
                for level in (0.05, 0.001):
                    low = 0 if k == 0 else beta.ppf(level / 2, k, n - k + 1)
                    high = 1 if k == n else beta.isf(level / 2, k + 1, n - k)
                    print(k, n, bits(level), repr(float(low)), repr(float(high)), sep="\t", file=file)


def write_bands():
    with open("bands.tsv", "w") as file:
        for m in (1, 2, 10, 500, 10_000, 50_000, 10**9):
            for level in (0.5, 0.05, 0.025, 0.001, 1e-7):
                half = mp.sqrt(mp.log(2 / mp.mpf(level)) / (2 * m))
                print(m, bits(level), mp.nstr(half, 30), sep="\t", file=file)


write_intervals()
write_bands()
