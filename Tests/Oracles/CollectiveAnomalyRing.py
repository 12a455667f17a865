"""Golden numbers for CollectiveAnomalyRing: exact binomials (held to scipy's hypergeometric) and brute force over subsets."""

import itertools
import math

import numpy as np
import scipy
from scipy.stats import hypergeom

from golden import Golden

golden = Golden(__file__, np, scipy)


def minus_log10(numerator, denominator):
    return math.log10(denominator) - math.log10(numerator) if numerator else 9999.0


def surprise(n, a, b, k, last=None):
    terms = [math.comb(a, x) * math.comb(n - a, b - x) for x in range(k, (min(a, b) if last is None else last) + 1)]
    return minus_log10(sum(terms), math.comb(n, b))


# N, |A|, |B|, shared
cases = [(50, 10, 8, 5), (100_000, 500, 500, 60), (100_000, 500, 500, 400), (50, 10, 8, 0), (50, 10, 8, 8), (20, 15, 12, 7),
         (20, 15, 12, 9), (10, 10, 10, 10), (1, 1, 0, 0), (1_000_000, 40, 3_000, 4), (5_000, 5_000, 30, 12)]
cases += [(600, 15, 15, k) for k in range(1, 10)] + [(600, 7, 22, k) for k in range(1, 8)]
golden["surprise.cases"] = [x for case in cases for x in case]
values = [max(0.0, surprise(*case)) for case in cases]
for case, value in zip(cases, values):
    other = -hypergeom.logsf(case[3] - 1, case[0], case[1], case[2]) / math.log(10)
    assert not math.isfinite(other) or other > 200 or abs(other - value) < 1e-6 * (1 + value), (case, value, other)
golden["surprise.values"] = values
golden["surprise.point"] = [surprise(*case, last=case[3]) for case in cases]
golden["surprise.above"] = [surprise(n, a, b, k + 1) for n, a, b, k in cases]
assert abs(values[0] - 2.3052550) < 1e-6 and abs(values[1] - 62.0715631) < 1e-5

# A few baskets of several sizes; cutoff 1.
rng = np.random.default_rng(17)
universe = 40
baskets = [sorted(rng.choice(universe, size, replace=False).tolist()) for size in (3, 5, 5, 8, 10, 12, 1, 6)]
baskets.append(sorted(baskets[4][:6] + [x for x in range(universe) if x not in baskets[4]][:2]))
weights = np.zeros((len(baskets), len(baskets)))
for i, j in itertools.combinations(range(len(baskets)), 2):
    k = len(set(baskets[i]) & set(baskets[j]))
    weights[i, j] = weights[j, i] = max(0.0, surprise(universe, len(baskets[i]), len(baskets[j]), k) - 1)
golden["graph.universe"] = universe
golden["graph.sizes"] = [len(basket) for basket in baskets]
golden["graph.items"] = [item for basket in baskets for item in basket]
golden["graph.weights"] = weights

# The densest group of small weighted graphs, by trying all.
nodes, graphs, densities = 9, [], []
for _ in range(12):
    w = np.triu(rng.uniform(0.1, 3, (nodes, nodes)) * (rng.random((nodes, nodes)) < 0.5), 1).astype(np.float32)
    w = (w + w.T).astype(float)
    graphs.append(w)
    densities.append(max(
        w[np.ix_(group, group)].sum() / 2 / size
        for size in range(1, nodes + 1) for group in itertools.combinations(range(nodes), size)))
golden["optimum.nodes"] = nodes
golden["optimum.weights"] = np.array(graphs)
golden["optimum.density"] = densities
golden.write()
