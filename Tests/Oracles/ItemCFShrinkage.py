"""Golden numbers for ItemCFShrinkage from scikit-learn (similarities) and NumPy (neighbours and ranked lists)."""

import numpy as np
import scipy
import sklearn
from scipy.sparse import csr_matrix
from sklearn.metrics.pairwise import cosine_similarity

from golden import Golden

rng = np.random.default_rng(5)
golden = Golden(__file__, np, scipy, sklearn)

# 200 users, 80 items of skewed popularity; nobody buys the last one.
USERS, ITEMS, K, N = 200, 80, 8, 10
popularity = 1 / (np.arange(ITEMS) + 2) ** 0.6
popularity[-1] = 0
R = (rng.random((USERS, ITEMS)) < 0.5 * popularity).astype(float)
users, items = np.nonzero(R)
golden["users"] = users
golden["items"] = items

# β = 0: the cosine of the columns, above the diagonal, row by row.
upper = np.triu_indices(ITEMS, 1)
similarity = cosine_similarity(csr_matrix(R).T)
golden["cosine"] = similarity[upper]

# β = 10: by the formula, from the co-buyers.
both = R.T @ R
shrunk = similarity * both / (both + 10)
np.fill_diagonal(shrunk, 0)
golden["shrunk"] = shrunk[upper]

# Neighbours of similarities rounded to two decimals, so that there are ties; a stable sort gives them to the smaller id.
rounded = np.round(shrunk, 2)
golden["rounded"] = rounded


def neighbours(matrix):
    ids = np.full((ITEMS, K), -1)
    for item in range(ITEMS):
        best = np.argsort(-matrix[item], kind="stable")[:K]
        best = best[matrix[item, best] > 0]
        ids[item, : len(best)] = best
    return ids


golden["neighbours"] = neighbours(rounded)

# Ranked lists of 40 users at day 100 with a half-life of 30 days, from the neighbours by the similarities themselves.
ids = neighbours(shrunk)
golden["lists.ids"] = ids
nearest = np.zeros((ITEMS, ITEMS))
for item in range(ITEMS):
    best = ids[item][ids[item] >= 0]
    nearest[item, best] = shrunk[item, best]
golden["lists.similarities"] = np.where(ids >= 0, np.take_along_axis(shrunk, np.maximum(ids, 0), 1), 0)
histories, times, counts, lists = [], [], [], []
for _ in range(40):
    history = rng.choice(ITEMS - 1, rng.integers(1, 6), replace=False)
    time = np.round(rng.random(len(history)) * 100, 1)
    scores = 2.0 ** (-(100 - time) / 30) @ nearest[history]
    scores[history] = 0
    order = np.argsort(-scores, kind="stable")[:N]
    order = order[scores[order] > 0]
    ranked = np.sort(scores[scores > 0])[::-1][: N + 1]
    if len(ranked) > 1 and np.min(-np.diff(ranked)) < 1e-9:
        continue  # two scores so close that rounding may swap them say nothing
    histories += list(history)
    times += list(time)
    counts.append(len(history))
    lists.append(list(order) + [-1] * (N - len(order)))
golden["histories"] = histories
golden["times"] = times
golden["counts"] = counts
golden["lists"] = lists
assert len(counts) >= 20, len(counts)
print(len(counts), "histories", int(R.sum()), "purchases", (ids < 0).sum(), "missing neighbours")
golden.write()
