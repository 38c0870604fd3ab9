"""Prints what a campaign may come to, forecast from a pilot, with SciPy and apart from the program.

The pilot is made here: 12 inputs of 4 classes, 1000 estimation samples each, in `forecast-pilot.tsv`
(selected class first). `forecast.tsv` has the columns: rule, n, sigma, alpha, inputs, ceiling; then
expected, low and high for the mean radius and for the certified share.

    python3 forecast.py
"""

from pathlib import Path

import numpy as np
from scipy.stats import beta, norm

here = Path(__file__).parent
INPUTS = 500
Z = 1.2816


def lower(k, n, alpha):
    return 0.0 if k == 0 else beta.ppf(alpha, k, n - k + 1)


def lower_complement(k, n, alpha):
    """1 - lower, without cancellation."""
    return 1.0 if k == 0 else beta.ppf(1 - alpha, n - k + 1, k)


def upper(k, n, alpha):
    return 1.0 if k == n else beta.ppf(1 - alpha, k + 1, n - k)


def readings(counts):
    m, k, b = sum(counts), counts[0], max(counts[1:])
    return {
        "low": (lower(k, m, 0.1), upper(b, m, 0.1)),
        "middle": (lower(k, m, 0.5), upper(b, m, 0.5)),
        "high": (upper(k, m, 0.1), lower(b, m, 0.1)),
    }


def half_up(x):
    """To nearest, halves away from zero."""
    return int(np.floor(x + 0.5))


def expected(p, q, n, classes):
    first = half_up(n * p)
    rest = n - first
    return first, max(-(-rest // (classes - 1)), min(rest, half_up(n * q)))


def radius(rule, n, k, b, sigma, alpha):
    if rule == "cohen":
        gap = lower_complement(k, n, alpha)
        return sigma * max(0.0, norm.isf(gap))
    gap = lower_complement(k, n, alpha / 2)
    rival = min(upper(b, n, alpha / 2), gap)
    return sigma / 2 * max(0.0, norm.isf(gap) - norm.ppf(rival))


def band(values, most):
    def error(x):
        return np.std(x, ddof=1) / np.sqrt(len(x)) * np.sqrt(1 - len(x) / INPUTS)

    low, middle, high = (np.array(values[name]) for name in ("low", "middle", "high"))
    return (
        middle.mean(),
        max(0, low.mean() - Z * error(low)),
        min(most, high.mean() + Z * error(high)),
    )


def main():
    rng = np.random.default_rng(20)
    pilot = []
    for p in [1, 1, 0.9999, 0.999, 0.99, 0.97, 0.9, 0.8, 0.6, 0.52, 0.45, 0.3]:
        rest = (1 - p) * np.array([0.6, 0.3, 0.1])
        counts = rng.multinomial(1000, [p, *rest])
        pilot.append([int(x) for x in counts])
    # The last one: the selection chose another class than the most frequent one.
    pilot[-1] = [280, 400, 200, 120]
    (here / "forecast-pilot.tsv").write_text(
        "".join("\t".join(map(str, counts)) + "\n" for counts in pilot)
    )
    lines = []
    for rule in ("runner-up", "cohen"):
        for n in (1000, 10_000, 100_000, 1_000_000, 10_000_000):
            for sigma, alpha in ((0.5, 0.001), (1.0, 0.05)):
                radii = {name: [] for name in ("low", "middle", "high")}
                for counts in pilot:
                    for name, (p, q) in readings(counts).items():
                        k, b = expected(p, q, n, len(counts))
                        radii[name].append(radius(rule, n, k, b, sigma, alpha))
                ceiling = radius(rule, n, n, 0, sigma, alpha)
                shares = {name: [float(r > 0) for r in radii[name]] for name in radii}
                row = [rule, n, sigma, alpha, INPUTS, ceiling]
                row += [*band(radii, ceiling), *band(shares, 1)]
                lines.append("\t".join(x if isinstance(x, str) else f"{x:.15g}" for x in row))
    (here / "forecast.tsv").write_text("\n".join(lines) + "\n")


main()
