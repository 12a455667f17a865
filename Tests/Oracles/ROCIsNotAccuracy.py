"""Golden numbers for ROCIsNotAccuracy from scikit-learn."""

import numpy as np
import sklearn
from sklearn.metrics import brier_score_loss, precision_recall_fscore_support, roc_auc_score, roc_curve

from golden import Golden

rng = np.random.default_rng(3)
golden = Golden(__file__, np, sklearn)

# 200 scores rounded to one decimal: many ties between positives and negatives.
y = (rng.random(200) < 0.3).astype(int)
scores = np.round(np.clip(rng.normal(0.4 + 0.25 * y, 0.25), 0, 1), 1)
fpr, tpr, thresholds = roc_curve(y, scores, drop_intermediate=False)

golden["y"] = y
golden["scores"] = scores
golden["fpr"] = fpr
golden["tpr"] = tpr
golden["thresholds"] = thresholds[1:]  # the first is +∞, which JSON cannot hold
golden["auc"] = roc_auc_score(y, scores)
golden["brier"] = brier_score_loss(y, scores)
precision, recall, f1, _ = precision_recall_fscore_support(y, scores >= 0.5, average="binary")
golden["atOneHalf"] = [precision, recall, f1]
golden.write()
