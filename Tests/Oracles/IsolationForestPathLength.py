"""Golden numbers for IsolationForestPathLength from scikit-learn.

The sessions come from the package's own simulator as files, so build it first: swift build --product dojo
"""

import csv
import math
import pathlib
import subprocess
import tempfile
from fractions import Fraction

import numpy as np
import sklearn
from sklearn.ensemble import IsolationForest
from sklearn.ensemble._iforest import _average_path_length
from sklearn.metrics import average_precision_score, roc_auc_score

from golden import Golden

golden = Golden(__file__, np, sklearn)

# c(n), by scikit-learn's formula and with the exact harmonic sum.
n = [1, 2, 3, 4, 5, 8, 16, 31, 64, 100, 256, 1000, 4096]
golden["c.n"] = n
golden["c.formula"] = _average_path_length(np.array(n))
golden["c.exact"] = [
    float(0 if m == 1 else 2 * sum(Fraction(1, i) for i in range(1, m)) - Fraction(2 * (m - 1), m)) for m in n
]

# One fitted tree, and the paths of 50 points in it. The numbers are multiples of 1/64: scikit-learn rounds to Float32.
rng = np.random.default_rng(10)
x = np.round(rng.normal(size=(300, 4)) * 64) / 64
x[:40] = x[0]  # duplicates: leaves with more than one row
forest = IsolationForest(n_estimators=1, max_samples=64, random_state=3).fit(x)
tree = forest.estimators_[0].tree_
points = np.concatenate([x[:30], np.round(rng.normal(size=(20, 4)) * 3 * 64) / 64])
golden["tree.feature"] = tree.feature
golden["tree.threshold"] = tree.threshold
golden["tree.left"] = tree.children_left
golden["tree.right"] = tree.children_right
golden["tree.size"] = tree.n_node_samples
golden["tree.points"] = points
edges = np.asarray(tree.decision_path(points.astype(np.float32)).sum(1)).ravel() - 1
sizes = tree.n_node_samples[tree.apply(points.astype(np.float32))]
assert (sizes > 1).sum() > 5
golden["tree.paths"] = edges + _average_path_length(sizes)
score = 2.0 ** -((edges + _average_path_length(sizes)) / _average_path_length(np.array([64])))
assert np.allclose(score, -forest.score_samples(points))

# The document's own rows: how often each is flagged over 200 seeds (0 for none).
rows = np.array([[1, 0, 1, 1, 0, 1], [1, 1, 0, 1, 1, 0], [0, 1, 1, 0, 1, 1], [1, 0, 1, 1, 0, 1]])
flagged = [0] * 5
for seed in range(200):
    predicted = IsolationForest(contamination=0.1, random_state=seed).fit(rows).predict(rows)
    for row in np.flatnonzero(predicted == -1):
        flagged[row + 1] += 1
    flagged[0] += int((predicted == 1).all())
golden["document.flagged"] = flagged

# 1,000 clean rows.
clean = np.random.default_rng(5).normal(size=(1000, 10))
golden["clean.flagged"] = int((IsolationForest(contamination=0.1, random_state=0).fit(clean).predict(clean) == -1).sum())


# Sessions as ten numbers each, computed here from the log alone.
def sessions(folder, gap=1800):
    kinds = [row["kind"] for row in csv.DictReader(open(folder / "labels.csv"))]
    cause = {int(r["event"]) - 1: int(r["anomaly"]) - 1 for r in csv.DictReader(open(folder / "flags.csv"))}
    users = {}
    for index, event in enumerate(csv.DictReader(open(folder / "log.csv"))):
        event["time"] = float(event["time"])
        event["kind"] = kinds[cause[index]] if index in cause else None
        users.setdefault(event["user"], []).append(event)
    for events in users.values():
        start = 0
        for end in range(1, len(events) + 1):
            if end == len(events) or events[end]["time"] - events[end - 1]["time"] > gap:
                yield events[start:end]
                start = end


def features(events):
    count = len(events)
    pauses = [max(0.001, b["time"] - a["time"]) for a, b in zip(events, events[1:])]
    mean = sum(pauses) / len(pauses) if pauses else 0
    spread = math.sqrt(sum((p - mean) ** 2 for p in pauses) / max(1, len(pauses)))
    actions = [event["action"] for event in events]
    shares = [actions.count(action) / count for action in dict.fromkeys(actions)]
    values = [float(e["value"] or 0) for e in events if e["action"] in ("cart", "purchase")] or [0]
    return [
        count, math.log1p(mean), math.log1p(spread), actions.count("cart") / count,
        len({e["item"] for e in events} - {""}), -sum(s * math.log(s) for s in shares),
        mean / (spread + 0.2 * mean) if mean > 0 else 0, float(int(events[0]["time"] / 3600) % 24 < 6),
        sum(a["device"] != b["device"] for a, b in zip(events, events[1:])), math.log1p(max(values) - min(values)),
    ]


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    dojo = pathlib.Path(__file__).resolve().parents[2] / ".build" / "debug" / "dojo"
    subprocess.run(
        [dojo, "simulate", "--users", "1700", "--days", "14", "--seed", "20261", "--anomalies",
         "bot=5,takeover=80,clickFarm=3,brushing=8,fakeReview=8,cardTesting=80,couponAbuse=8",
         "--out", folder / "log.csv", "--flags", folder / "flags.csv", "--labels", folder / "labels.csv"],
        check=True, capture_output=True)
    table = list(sessions(folder))
x = np.array([features(events) for events in table])
y = np.array([any(event["kind"] for event in events) for events in table])
first, second = x[::2], x[1::2]
labels = y[1::2]
golden["sessions.count"] = [len(first), len(second), int(labels.sum())]
golden["sessions.means"] = x.mean(0)
honest = np.flatnonzero(~labels)
chosen = honest[(np.arange(2000) * (len(honest) / 2000)).astype(int)]
judged = np.sort(np.concatenate([np.flatnonzero(labels), chosen]))
for trees in (100, 1000):
    scores = [-IsolationForest(n_estimators=trees, random_state=s).fit(first).score_samples(second) for s in range(5)]
    golden[f"sessions.auc{trees}"] = [roc_auc_score(labels, s) for s in scores]
    golden[f"sessions.ap{trees}"] = [average_precision_score(labels, s) for s in scores]
    golden[f"sessions.judged{trees}"] = [roc_auc_score(labels[judged], s[judged]) for s in scores]
z = np.abs((second - first.mean(0)) / first.std(0)).max(1)
golden["sessions.z"] = [roc_auc_score(labels, z), average_precision_score(labels, z)]
for key in ("document.flagged", "clean.flagged", "sessions.count", "sessions.auc100", "sessions.judged1000", "sessions.ap100", "sessions.z"):
    print(key, golden.values[key]["values"])
golden.write()
