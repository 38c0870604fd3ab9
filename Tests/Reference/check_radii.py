"""Recomputes every bound and radius of a campaign from its counts, with mpmath at 40 digits.

    python check_radii.py RUN

Prints how far the records are from the formulas, in units of sigma, and fails when a radius is
above its formula or more than 1e-9 sigma below it, or when a record abstains and should not.
"""

import functools
import json
import sys

from mpmath import erfinv, exp, findroot, log, loggamma, mp, mpf, sqrt
from scipy.stats import beta

mp.dps = 40


def tail(k, n, p):
    """P[Binomial(n, p) >= k] for k above the mean, term by term."""
    term = exp(
        loggamma(n + 1) - loggamma(k + 1) - loggamma(n - k + 1) + k * log(p) + (n - k) * log(1 - p)
    )
    total = mpf(0)
    while k <= n and term > total * mpf(10) ** -mp.dps:
        total += term
        term *= (n - k) * p / ((k + 1) * (1 - p))
        k += 1
    return total


@functools.cache
def lower_bound(k, n, alpha):
    """p with P[Binomial(n, p) >= k] = alpha: Clopper and Pearson."""
    if k == 0:
        return mpf(0)
    if k == n:
        return mpf(alpha) ** (mpf(1) / n)
    excess = lambda p: tail(k, n, p) / mpf(alpha) - 1
    guess = mpf(float(beta.ppf(alpha, k, n - k + 1)))
    return findroot(excess, (guess, guess * (1 + mpf(10) ** -9)), tol=mpf(10) ** -50)


def upper_bound(k, n, alpha):
    return 1 - lower_bound(n - k, n, alpha)


@functools.cache
def quantile(p):
    return sqrt(2) * erfinv(2 * p - 1)


def formula(record):
    """The radius over sigma, before the distance from the grid is taken off."""
    counts, top = list(record["estimation"]["counts"]), record["class"]
    n, alpha = sum(counts), record["netAlpha"]
    k = counts.pop(top)
    if record["rule"] == "cohen":
        return quantile(lower_bound(k, n, alpha))
    a = lower_bound(k, n, alpha / 2)
    b = min(upper_bound(max(counts), n, alpha / 2), 1 - a)
    return (quantile(a) - quantile(b)) / 2 if a > b else mpf(0)


def main(run):
    worst, certified = mpf(0), 0
    with open(f"{run}/records.jsonl") as lines:
        records = [json.loads(line, parse_float=mpf) for line in lines]
    for record in records:
        for phase in ("selection", "estimation"):
            assert sum(record[phase]["counts"]) == record[phase]["samples"], record["index"]
        selection = record["selection"]["counts"]
        assert record["class"] == selection.index(max(selection)), record["index"]
        record["netAlpha"] = float(record["netAlpha"])
        assert record["netAlpha"] <= float(record["alpha"]), record["index"]
        sigma = mpf(float(record["sigma"]))
        deficit = formula(record) - (record["radius"] + record["gridDistance"]) / sigma
        if record["outcome"] == "certified":
            certified += 1
            assert record["radius"] > 0, record["index"]
            assert deficit >= 0, f"input {record['index']} claims {-deficit} sigma too much"
            assert deficit <= 1e-9, f"input {record['index']} claims {deficit} sigma too little"
            worst = max(worst, deficit)
        else:
            assert record["radius"] == 0, record["index"]
            assert formula(record) * sigma <= record["gridDistance"] + mpf(10) ** -9 * sigma
    print(len(records), certified, mp.nstr(worst, 3))


main(sys.argv[1])
