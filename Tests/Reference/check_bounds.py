"""Checks bounds of Clopper and Pearson on random triples (k, n, alpha), with mpmath and SciPy.

    python check_bounds.py PROGRAM [TRIPLES] [LARGEST N] [PROCESSES]

PROGRAM (.build/release/Benchmarks triples) reads triples and prints its bounds. n is log-uniform up to
LARGEST N (10^7), alpha log-uniform from 10^-12 to 0.5, k of three kinds: any, near n, near 0. For each
lower bound p, P[Binomial(n, p) >= k], summed term by term at 40 digits, has to be at most alpha, and
more than alpha one double above p: so p is the largest double that is a bound. The same holds for
what p leaves to 1, rounded up, and for upper bounds, with failures for successes. SciPy's beta.ppf
has to agree to nine digits. Prints how many bounds were checked, and fails at the first wrong one.
"""

import math
import multiprocessing
import random
import struct
import subprocess
import sys

from mpmath import exp, log, loggamma, mp, mpf
from scipy.stats import beta

mp.dps = 40


def tail(k, n, p, q):
    """P[Binomial(n, p) >= k] for k above the mean, and its derivative in p."""
    term = exp(
        loggamma(n + 1) - loggamma(k + 1) - loggamma(n - k + 1) + k * log(p) + (n - k) * log(q)
    )
    slope = term * k / p
    total, ratio, at = mpf(0), p / q, k
    while at <= n and term > total * mpf(10) ** -32:
        total += term
        term *= ratio * (n - at) / (at + 1)
        at += 1
    return total, slope


def check_lower(k, n, alpha, value, complement, name):
    """`value` is the largest double below the bound, `complement` the least above 1 minus it."""
    if k == 0:
        assert value == 0 and complement == 1, name
        return
    scipy = beta.ppf(alpha, k, n - k + 1)
    # Where little is left to 1, that is what has digits.
    assert math.isclose(value, scipy, rel_tol=1e-9) or 1 - scipy < 1e-6, (name, value, scipy)
    for p, q, step, what in [
        (mpf(value), 1 - mpf(value), math.ulp(value), "value"),
        (1 - mpf(complement), mpf(complement), math.ulp(complement), "complement"),
    ]:
        if p == 0 or q == 1:
            continue
        probability, slope = tail(k, n, p, q)
        # The last ten of the forty digits are the rounding of the sum.
        assert probability <= alpha * (1 + mpf(10) ** -30), (name, what, "claims too much")
        # The tail is convex below the mean, so it gains at least slope times step. The step of the
        # double below a power of two is half of what `ulp` says.
        assert probability + slope * step * 1.0000001 > alpha, (name, what, "is not sharp")


def check(job):
    (k, n, alpha), numbers = job
    lower, rest, upper, above = numbers
    name = f"k {k} n {n} alpha {alpha!r}"
    check_lower(k, n, alpha, lower, rest, "lower " + name)
    check_lower(n - k, n, alpha, above, upper, "upper " + name)
    return 2


def triples(count, largest):
    chance = random.Random(6)
    for _ in range(count):
        n = max(1, int(math.exp(chance.uniform(0, math.log(largest)))))
        alpha = math.exp(chance.uniform(math.log(1e-12), math.log(0.5)))
        few = min(n, int(math.exp(chance.uniform(0, math.log(n + 1)))) - 1)
        yield chance.choice([chance.randint(0, n), n - few, few]), n, alpha


def main():
    program = sys.argv[1].split() + ["triples"]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    largest = int(float(sys.argv[3])) if len(sys.argv) > 3 else 10**7
    processes = int(sys.argv[4]) if len(sys.argv) > 4 else multiprocessing.cpu_count()
    asked = list(triples(count, largest))
    text = "".join(f"{k} {n} {alpha!r}\n" for k, n, alpha in asked)
    answer = subprocess.run(program, input=text, capture_output=True, text=True, check=True)
    lines = answer.stdout.splitlines()
    assert len(lines) == count, f"{len(lines)} answers for {count} triples"
    numbers = [
        [struct.unpack(">d", bytes.fromhex(word.zfill(16)))[0] for word in line.split()]
        for line in lines
    ]
    with multiprocessing.Pool(processes) as pool:
        checked = sum(pool.imap_unordered(check, zip(asked, numbers), chunksize=20))
    print(f"{checked} bounds of {count} triples, n up to {max(n for _, n, _ in asked)}")


if __name__ == "__main__":
    main()
