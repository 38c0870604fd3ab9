"""Writes the vectors of comparisons beside it. Needs NumPy, SciPy and scikit-learn; takes a minute.

means.tsv       Three lines a set: seed and replicates; differences; the ends of the percentile interval
                of their mean, from SplitMix64 and NumPy's sums, checked against scipy.stats.bootstrap.
areas.tsv       Four lines a set: seed and replicates; radii of clean inputs; radii of attacked ones; the
                area under the ROC (sklearn), the ends of the percentile interval of it over pairs.
"""

import numpy as np
from scipy import stats
from sklearn.metrics import roc_auc_score


def draws(seed, replicates, n):
    """The places that each replicate draws: SplitMix64, its 64 bits times n without the low 64."""
    state, mask = seed, (1 << 64) - 1
    for _ in range(replicates):
        places = []
        for _ in range(n):
            state = (state + 0x9E3779B97F4A7C15) & mask
            z = state
            z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
            z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
            places.append(((z ^ (z >> 31)) * n) >> 64)
        yield np.array(places)


def ends(values):
    """At most one replicate in forty lies beyond either end."""
    values, cut = np.sort(values), len(values) // 40
    return values[cut - 1], values[len(values) - cut]


def area(clean, attacked):
    """A score of being attacked is the negative radius."""
    labels = np.repeat([0, 1], [len(clean), len(attacked)])
    return roc_auc_score(labels, -np.concatenate([clean, attacked]))


def row(values, file):
    print(*(repr(float(value)) for value in values), sep="\t", file=file)


generator = np.random.default_rng(6)

with open("means.tsv", "w") as file:
    for n, seed, replicates in [(1, 1, 100), (7, 2, 100), (40, 3, 1000), (100, 2**64 - 1, 4000)]:
        differences = np.round(generator.normal(0.1, 0.3, n), 3)
        low, high = ends([differences[p].mean() for p in draws(seed, replicates, n)])
        if n >= 40:
            interval = stats.bootstrap(
                (differences,), np.mean, n_resamples=20_000, method="percentile", rng=generator
            ).confidence_interval
            width = interval.high - interval.low
            assert abs(low - interval.low) < 0.15 * width, (low, interval)
            assert abs(high - interval.high) < 0.15 * width, (high, interval)
        print(seed, replicates, sep="\t", file=file)
        row(differences, file)
        row([low, high], file)

with open("areas.tsv", "w") as file:
    for n, seed, replicates in [(1, 1, 100), (5, 4, 100), (30, 5, 400), (80, 6, 1000)]:
        clean = np.round(np.maximum(0, generator.normal(0.6, 0.4, n)), 1)
        attacked = np.round(np.maximum(0, clean - generator.normal(0.2, 0.3, n)), 1)
        low, high = ends([area(clean[p], attacked[p]) for p in draws(seed, replicates, n)])
        assert np.isclose(
            area(clean, attacked), stats.mannwhitneyu(clean, attacked).statistic / n**2)
        print(seed, replicates, sep="\t", file=file)
        row(clean, file)
        row(attacked, file)
        row([area(clean, attacked), low, high], file)
