"""Writes the vectors of many inputs beside it. Needs SciPy, mpmath and statsmodels; takes seconds.

batch.tsv        m, bits of alpha, bits of an excess, the smallest x with P[X > x; m, alpha] < excess
                 (mpmath, 50 digits).
adjusted.tsv     For each set: its p-values; its Bonferroni and its Holm adjusted p-values
                 (statsmodels' multipletests). Three lines of bits.
ebh.tsv          For each set: q and its e-values; 1 where statsmodels' Benjamini-Hochberg rejects
                 1/e at q, which is e-BH. Two lines.
prediction.tsv   The larger count, the smaller, the two-sided p-value of scipy.stats.binomtest at 1/2
                 in decimal.
"""

import mpmath as mp
import numpy as np
from scipy import stats
from statsmodels.stats.multitest import multipletests

from make_vectors import bits

mp.mp.dps = 50


def most_false(m, alpha, excess):
    alpha, total, x = mp.mpf(alpha), mp.mpf(0), -1
    term = (1 - alpha) ** m
    while 1 - total > excess - mp.mpf(10) ** -40:  # what is equal is not less
        x += 1
        total += term
        term *= mp.mpf(m - x) / (x + 1) * alpha / (1 - alpha)
    return x


def write_batch():
    with open("batch.tsv", "w") as file:
        for m in (1, 2, 500, 10_000, 50_000):
            for alpha in (0.05, 0.001, 1e-7):
                for excess in (0.001, 0.5):
                    print(m, bits(alpha), bits(excess), most_false(m, alpha, excess), sep="\t", file=file)


def row(values, file):
    print(*(bits(float(value)) for value in values), sep="\t", file=file)


def write_adjusted(generator):
    with open("adjusted.tsv", "w") as file:
        for m in (1, 2, 5, 40):
            for _ in range(4):
                p = generator.uniform(size=m) ** generator.integers(1, 6)
                if m > 4:
                    p[3] = p[1]
                row(p, file)
                for method in ("bonferroni", "holm"):
                    row(multipletests(p, method=method)[1], file)


def write_ebh(generator):
    with open("ebh.tsv", "w") as file:
        for m in (1, 2, 5, 40):
            for q in (0.01, 0.1, 0.3):
                for _ in range(3):
                    e = np.exp(generator.exponential(size=m) * 4 - 3)
                    e = np.maximum(e, 1)  # 1/e is to be a p-value for statsmodels
                    row([q, *e], file)
                    rejected = multipletests(1 / e, alpha=q, method="fdr_bh")[0]
                    print(*map(int, rejected), sep="\t", file=file)


def write_prediction():
    with open("prediction.tsv", "w") as file:
        for first, second in [(1, 0), (5, 5), (10, 0), (11, 0), (60, 40), (66, 34), (100, 10),
                              (520, 480), (5200, 4800), (51, 50)]:
            p = stats.binomtest(first, first + second, 0.5).pvalue
            print(first, second, repr(float(p)), sep="\t", file=file)


if __name__ == "__main__":
    generator = np.random.default_rng(21)
    write_batch()
    write_adjusted(generator)
    write_ebh(generator)
    write_prediction()
