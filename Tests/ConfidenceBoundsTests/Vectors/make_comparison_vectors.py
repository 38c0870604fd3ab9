"""Writes the vectors of comparisons beside it. Needs statsmodels and mpmath; takes seconds.

mcnemar.tsv    Inputs with the first property alone, with the second alone, the exact p-value of
               statsmodels' mcnemar in decimal.
ceilings.tsv   sigma, n and a failure probability in decimal; sigma Phi^-1(p) with p the probability whose
               n-th power is that failure probability, with 30 digits (mpmath); 0 where that is negative.
alphas.tsv     sigma, n, a radius; Phi(radius / sigma)^n with 30 digits (mpmath).
"""

import mpmath as mp
from statsmodels.stats.contingency_tables import mcnemar

mp.mp.dps = 60


def phi(z):
    return mp.erfc(-z / mp.sqrt(2)) / 2


def quantile(p):
    return mp.sqrt(2) * mp.erfinv(2 * p - 1)


with open("mcnemar.tsv", "w") as file:
    for first, second in [(0, 0), (1, 0), (0, 1), (3, 3), (5, 0), (6, 0), (0, 6), (2, 9), (10, 25),
                          (25, 10), (40, 41), (101, 0), (120, 200), (3000, 3100), (0, 900)]:
        p = mcnemar([[7, first], [second, 11]], exact=True).pvalue
        print(first, second, repr(min(1.0, float(p))), sep="\t", file=file)

with open("ceilings.tsv", "w") as file:
    for sigma in ("0.12", "0.25", "0.5", "1"):
        for n in (1, 9, 10, 100, 1000, 10_000, 100_000, 10_000_000):
            for alpha in ("0.5", "0.01", "0.001", "0.0005", "1e-7", "1e-30"):
                # What is meant is the double that is written so.
                p = mp.mpf(float(alpha)) ** (mp.mpf(1) / n)
                radius = max(mp.mpf(0), mp.mpf(float(sigma)) * quantile(p))
                print(sigma, n, alpha, mp.nstr(radius, 30), sep="\t", file=file)

with open("alphas.tsv", "w") as file:
    for sigma in ("0.25", "0.5", "1"):
        for n in (10, 1000, 100_000):
            for radius in ("0.001", "0.25", "0.9", "1.955", "3.91"):
                power = phi(mp.mpf(float(radius)) / mp.mpf(float(sigma))) ** n
                print(sigma, n, radius, mp.nstr(power, 30), sep="\t", file=file)
