"""Writes the test vectors beside it, with mpmath, to 120 digits.

tails.tsv  sigma, steps per unit, k, and floor(2^223 Q((k + 1/2) / (sigma * steps))) in hexadecimal,
           Q(z) = P[N > z] for a standard normal N.
values.tsv A function, its arguments, and its value to 30 digits, rounded to nearest.
"""

import random

import mpmath as mp

mp.mp.dps = 120


def write_tails():
    generator = random.Random(3)
    with open("tails.tsv", "w") as file:
        for sigma, steps, last in ((0.5, 65536, 393_216), (0.25, 255, 1200), (1.0, 255, 3100),
                                   (0.12, 255, 400), (2.0, 1024, 30_000), (0.001, 1, 2)):
            indices = {0, 1, 2, last - 1, last}
            indices.update(generator.randrange(last + 1) for _ in range(70))
            for k in sorted(indices):
                z = (k + mp.mpf(1) / 2) / (mp.mpf(sigma) * steps)
                tail = int(mp.floor(mp.ldexp(mp.erfc(z / mp.sqrt(2)) / 2, 223)))
                print(sigma, steps, k, f"{tail:x}", sep="\t", file=file)


def write_values():
    rows = []
    for x in (1e-300, 0.1, 0.5, 1.0, 2.0, 3.7, 26.0, 100.0):
        m = mp.mpf(x)
        rows += [("logarithm", (x,), mp.log(m)), ("squareRoot", (x,), mp.sqrt(m))]
        rows += [("logarithmOfGamma", (x,), mp.loggamma(m)), ("erfc", (x,), mp.erfc(m))]
        rows += [("exponential", (x,), mp.exp(m)), ("tail", (x,), mp.erfc(m / mp.sqrt(2)) / 2)]
        rows += [("tail", (-x,), mp.erfc(-m / mp.sqrt(2)) / 2)]
        rows += [("density", (x,), mp.exp(-m * m / 2) / mp.sqrt(2 * mp.pi))]
    for k, n in ((1, 1), (1, 10), (10, 10), (3, 7), (60, 100), (500, 1000), (990, 1000)):
        for p in (2.0**-30, 0.01, 0.3, 0.5, 0.6, 0.98, 1 - 2.0**-30):
            m = mp.mpf(p)
            terms = [mp.binomial(n, i) * m**i * (1 - m) ** (n - i) for i in range(k, n + 1)]
            rows.append(("binomialTail", (k, n, p), mp.fsum(terms)))
    with open("values.tsv", "w") as file:
        for name, arguments, value in rows:
            words = " ".join(repr(x) for x in arguments)
            print(name, words, mp.nstr(value, 30), sep="\t", file=file)


if __name__ == "__main__":
    write_tails()
    write_values()
