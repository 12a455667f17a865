"""Golden numbers for MergeableStandardizer from scikit-learn's StandardScaler."""

import numpy as np
import sklearn
from sklearn.preprocessing import StandardScaler

from golden import Golden

rng = np.random.default_rng(11)
golden = Golden(__file__, np, sklearn)


def keep(name, matrix):
    """JSON has no NaN: a missing cell is 0 here and 1 in the mask."""
    golden[name] = np.where(np.isnan(matrix), 0.0, matrix)
    golden[name + "Missing"] = np.isnan(matrix).astype(int)


# 40 rows: normal, a long tail, a constant, a normal one far from 0; cells missing everywhere but in the constant.
x = np.column_stack([rng.normal(3, 2, 40), rng.exponential(20, 40), np.full(40, 7.5), rng.normal(-500, 30, 40)])
y = np.column_stack([rng.normal(3, 2, 8), rng.exponential(20, 8), np.full(8, 7.5), rng.normal(-500, 30, 8)])
for matrix, share in [(x, 0.15), (y, 0.15)]:
    holes = rng.random(matrix.shape) < share
    holes[:, 2] = False
    matrix[holes] = np.nan
y[5, 2] = 9.0  # where the training column was constant: scale 1

scaler = StandardScaler().fit(x)
keep("x", x)
keep("y", y)
keep("z", scaler.transform(y))

# The same rows in three chunks.
chunked = StandardScaler()
for chunk in np.split(x, [13, 26]):
    chunked.partial_fit(chunk)
assert np.allclose(chunked.mean_, scaler.mean_, rtol=1e-12) and np.allclose(chunked.var_, scaler.var_, rtol=1e-12)
golden["count"] = np.sum(~np.isnan(x), axis=0)
golden["mean"] = chunked.mean_
golden["variance"] = chunked.var_

golden["masked"] = StandardScaler().fit_transform(np.array([[1.0], [2], [3], [4], [100]]))[:, 0]
golden.write()
