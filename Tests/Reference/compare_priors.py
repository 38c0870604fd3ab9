"""Compares priors and splits of alpha for deciding at a radius; prints the table of docs/sequential.md.

    compare_priors.py COUNTS

COUNTS has a line of checkpoints, the last of which is the cap, and then a line for each input: how
many of that many first samples said the selected class (separated by tabs; # starts a comment).
Written apart from the program, in doubles: SciPy's incomplete beta function in place of its series.
"""

import sys

import numpy as np
from scipy import special, stats

ALPHA, BETA = 0.001, 0.001


def log_beta_above(a, b, tau):
    """ln of the integral of q^(a-1) (1-q)^(b-1) from tau to 1."""
    with np.errstate(divide="ignore"):
        return special.betaln(a, b) + np.log(special.betaincc(a, b, tau))


def log_evidence(k, n, tau, a, b, spike):
    """ln M for the prior Beta(a, b) above tau, with a share of `spike` moved to q = 1."""
    value = (
        log_beta_above(k + a, n - k + b, tau) - log_beta_above(a, b, tau)
        - k * np.log(tau) - (n - k) * np.log1p(-tau) + np.log1p(-spike)
    )
    if spike > 0 and k == n:
        value = np.logaddexp(value, np.log(spike) - n * np.log(tau))
    return value


def smallest(n, holds):
    """The smallest k from 0 to n with a property that all larger ones have; n + 1 if none has."""
    low, high = -1, n + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def given_up(n, total, needed):
    """The largest k of n that excludes the final count; -1 if none."""
    def choose(a, b):
        return special.gammaln(a + 1) - special.gammaln(b + 1) - special.gammaln(a - b + 1)

    def excluded(k):
        if k * (total + 1) > needed * n:
            return False
        if needed - k > total - n:
            return True
        ratio = special.betaln(k + 0.5, n - k + 0.5) - np.log(np.pi)
        return ratio + choose(total, needed) - choose(total - n, needed - k) >= -np.log(BETA)

    return smallest(n, lambda k: not excluded(k)) - 1


def main():
    rows = [line for line in open(sys.argv[1]) if not line.startswith("#")]
    table = np.array([[int(word) for word in row.split()] for row in rows])
    checkpoints, prefixes = table[0], table[1:]
    cap = int(checkpoints[-1])
    print("prior                       share at cap | r/sigma: times fewer (lost)")
    priors = [(0.5, 0.5, 0), (1, 0.5, 0), (1, 0.25, 0), (1, 0.125, 0), (0.5, 0.5, 0.25), (0.5, 0.5, 0.5)]
    for a, b, spike in priors:
        for share in (0, 0.25, 0.5, 0.75):
            cells = []
            for radius in (1, 2, 3, 3.6):
                tau = stats.norm.cdf(radius)

                def by_tail(alpha):
                    return smallest(cap, lambda k: stats.binom.sf(k - 1, cap, tau) <= alpha)

                limit = -np.log(ALPHA * (1 - share))
                exceeds = np.array([
                    smallest(n, lambda k: log_evidence(k, n, tau, a, b, spike) >= limit)
                    for n in checkpoints])
                if share > 0:
                    exceeds[-1] = min(exceeds[-1], by_tail(ALPHA * share))
                needed = int(exceeds[-1])
                few = np.array([given_up(int(n), cap, needed) for n in checkpoints])
                stops = (prefixes >= exceeds) | (prefixes <= few)
                stop = stops.argmax(axis=1)
                certified = prefixes[np.arange(len(prefixes)), stop] >= exceeds[stop]
                lost = np.sum((prefixes[:, -1] >= by_tail(ALPHA)) & ~certified)
                cells.append(f"{radius}: {cap / checkpoints[stop].mean():.1f} ({lost})")
            print(f"Beta({a}, {b}), {spike} at 1".ljust(28), f"{share:<5}| ", ", ".join(cells), flush=True)


if __name__ == "__main__":
    main()
