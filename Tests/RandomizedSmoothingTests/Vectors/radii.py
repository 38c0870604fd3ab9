"""Prints R / sigma for counts of three classes, by both rules, with mpmath at 50 digits.

Columns: rule, n, count of the selected class, largest other count, alpha, R / sigma (0: abstains).
"""

from mpmath import erfinv, exp, findroot, log, loggamma, mp, mpf, nstr, sqrt
from scipy.stats import beta

mp.dps = 50


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


def lower(k, n, alpha):
    if k == 0:
        return mpf(0)
    if k == n:
        return alpha ** (mpf(1) / n)
    excess = lambda p: tail(k, n, p) / alpha - 1
    guess = mpf(float(beta.ppf(float(alpha), k, n - k + 1)))
    return findroot(excess, (guess, guess * (1 + mpf(10) ** -9)), tol=mpf(10) ** -60)


def quantile(p):
    return sqrt(2) * erfinv(2 * p - 1)


def radius(rule, n, a, b, alpha):
    if rule == "cohen":
        p = lower(a, n, alpha)
        return quantile(p) if p > 0.5 else mpf(0)
    p = lower(a, n, alpha / 2)
    q = min(1 - lower(n - b, n, alpha / 2), 1 - p)
    return (quantile(p) - quantile(q)) / 2 if p > q else mpf(0)


cases = [(100, 98, 1), (100, 66, 30), (100, 65, 35), (100, 50, 25), (1000, 1000, 0)]
cases += [(1000, 400, 300), (1000, 400, 399), (10000, 9000, 1000), (10000, 9000, 500)]
cases += [(100000, 99996, 4), (100000, 50490, 49510), (100000, 40000, 30000), (777, 0, 777)]
for rule in ("runner-up", "cohen"):
    for n, a, b in cases:
        for alpha in (0.001, 0.05):
            value = radius(rule, n, a, b, mpf(alpha))
            print(rule, n, a, b, alpha, nstr(value, 25), sep="\t")
