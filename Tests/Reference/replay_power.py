"""The fewest changed records that a replay of k of N finds one of with probability 0.99, by SciPy.

    python replay_power.py N K ...

The least m with P[no changed record among K drawn without replacement] <= 0.01.
"""

import sys

from scipy.stats import hypergeom

arguments = list(map(int, sys.argv[1:]))
for n, k in zip(arguments[::2], arguments[1::2]):
    fewest = next(m for m in range(n + 1) if hypergeom.pmf(0, n, m, k) <= 0.01)
    print(f"{n} records, {k} replayed: {fewest}")
