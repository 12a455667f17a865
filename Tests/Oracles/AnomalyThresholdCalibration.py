"""Golden numbers for AnomalyThresholdCalibration from scikit-learn, SciPy and statsmodels."""

import numpy as np
import scipy
import sklearn
import statsmodels
from scipy.stats import false_discovery_control
from sklearn.ensemble import IsolationForest
from sklearn.metrics import auc, average_precision_score, precision_recall_curve
from statsmodels.stats.multitest import multipletests

from golden import Golden

rng = np.random.default_rng(30)
golden = Golden(__file__, np, scipy, sklearn, statsmodels)

# 500 scores rounded to one decimal: many ties between anomalies and honest sessions.
y = (rng.random(500) < 0.1).astype(int)
scores = np.round(rng.normal(1.2 * y), 1)
golden["ap.y"] = y
golden["ap.scores"] = scores
golden["ap.value"] = average_precision_score(y, scores)
precision, recall, _ = precision_recall_curve(y, scores)
golden["ap.trapezoid"] = auc(recall, precision)  # the area under straight lines, which is another number

# p-values: most uniform, some small, some twice.
p = np.concatenate([rng.random(160), rng.random(35) * 0.004, np.full(5, 0.01)])
p = np.round(rng.permutation(p), 5)
golden["bh.p"] = p
levels = [0.01, 0.05, 0.1, 0.2]
golden["bh.q"] = levels
rejected = []
for q in levels:
    by_scipy = false_discovery_control(p, method="bh") <= q
    by_statsmodels = multipletests(p, alpha=q, method="fdr_bh")[0]
    assert (by_scipy == by_statsmodels).all()
    rejected.append(by_statsmodels.astype(int).tolist())
golden["bh.rejected"] = rejected
for fixture, q, count in (
    ([0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216], 0.05, 2),
    ([0.01, 0.02, 0.03, 0.04, 0.05], 0.05, 5),
    ([0.02, 0.03, 0.04, 0.045, 0.05], 0.05, 5),
):
    assert multipletests(fixture, alpha=q, method="fdr_bh")[0].sum() == count

# The document's own rows: which of them 200 forests flag (0 for none), and the last forest's numbers at two fractions.
rows = np.array([
    [1, 0, 1, 1, 0, 1, 1, 1, 0, 1], [1, 1, 0, 1, 1, 0, 1, 1, 0, 1], [0, 1, 1, 0, 1, 1, 0, 1, 1, 0],
    [1, 0, 1, 1, 0, 1, 1, 1, 0, 1]])
flagged = [0] * 5
for seed in range(200):
    predicted = IsolationForest(contamination=0.1, random_state=seed).fit(rows).predict(rows)
    for row in np.flatnonzero(predicted == -1):
        flagged[row + 1] += 1
    flagged[0] += int((predicted == 1).all())
golden["document.flagged"] = flagged
for name, fraction in (("tenth", 0.1), ("half", 0.5)):
    forest = IsolationForest(contamination=fraction, random_state=0).fit(rows)
    golden[f"document.decision.{name}"] = forest.decision_function(rows)
golden["document.score"] = -forest.score_samples(rows)
for key in ("ap.value", "ap.trapezoid", "document.flagged", "document.decision.tenth", "document.decision.half", "document.score"):
    print(key, golden.values[key]["values"])
golden.write()
