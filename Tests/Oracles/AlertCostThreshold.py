"""Golden numbers for AlertCostThreshold: thresholds by root finding, mean costs from scikit-learn's confusion matrix."""

import numpy as np
import scipy
import sklearn
from scipy.optimize import brentq
from sklearn.metrics import confusion_matrix

from golden import Golden

golden = Golden(__file__, np, scipy, sklearn)

# tp, fp, fn, tn; the threshold is where alert and silence cost the same on average.
costs = [(5, 5, 200, 0), (20, 300, 120, 0), (0, 0.5, 2, 0), (180, 80, 200, 0), (0, 1, 1, 0), (-3, 7, 11, 2)]
golden["bayes.costs"] = [x for row in costs for x in row]
golden["bayes.thresholds"] = [
    brentq(lambda p: p * tp + (1 - p) * fp - p * fn - (1 - p) * tn, 0, 1, xtol=1e-15) for tp, fp, fn, tn in costs
]

# 120 scores of one decimal: many lie on a threshold.
rng = np.random.default_rng(5)
labels = (rng.random(120) < 0.3).astype(int)
scores = np.round(np.clip(rng.normal(0.4 + 0.25 * labels, 0.25), 0, 1), 1)
thresholds = np.round(np.arange(0, 1.05, 0.1), 1)
tp, fp, fn, tn = matrix = (4, 9, 60, 1)
means = []
for threshold in thresholds:
    (a, b), (c, d) = confusion_matrix(labels, scores >= threshold, labels=[0, 1])
    means.append((a * tn + b * fp + c * fn + d * tp) / len(labels))
golden["cost.labels"] = labels
golden["cost.scores"] = scores
golden["cost.thresholds"] = thresholds
golden["cost.matrix"] = list(matrix)
golden["cost.means"] = means
golden.write()
