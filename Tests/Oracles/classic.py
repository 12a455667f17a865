"""Golden numbers for the classic learners and the linear algebra under them, by scikit-learn, statsmodels and tslearn.

    python Tests/Oracles/classic.py      # Tests/LearningTests/Goldens/classic.json, Tests/TensorsTests/Goldens/algebra.json

The workloads' data are made from their seeds by Tests/Peers, and not kept in the file.
"""

import pathlib
import sys
import warnings

import numpy
import scipy
import sklearn
import statsmodels
import tslearn
from sklearn.cluster import KMeans
from sklearn.ensemble import IsolationForest, RandomForestClassifier
from sklearn.ensemble._iforest import _average_path_length
from sklearn.metrics import roc_auc_score
from statsmodels.tsa.arima.model import ARIMA
from tslearn.clustering import KShape
from tslearn.metrics import cdist_normalized_cc

from golden import Golden

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "Peers"))

import classic as peers  # noqa: E402  (found through the path above)
from common.seeded import Seeded  # noqa: E402

warnings.simplefilter("ignore")


def algebra():
    g = Golden(__file__, numpy, scipy)
    for n in (1, 2, 7, 24):
        a = Seeded(5).fork(f"symmetric {n}").normal(n, n)
        symmetric = a + a.T
        values, vectors = numpy.linalg.eigh(symmetric)
        g[f"eigen {n}/matrix"] = symmetric
        g[f"eigen {n}/values"] = values
        g[f"eigen {n}/vectors"] = vectors.T
        positive = a @ a.T + numpy.eye(n)
        right = Seeded(5).fork(f"right {n}").normal(n)
        g[f"cholesky {n}/matrix"] = positive
        g[f"cholesky {n}/factor"] = numpy.linalg.cholesky(positive)
        g[f"cholesky {n}/right"] = right
        g[f"cholesky {n}/solution"] = numpy.linalg.solve(positive, right)
    for n, m in ((1, 1), (5, 2), (9, 9), (30, 4)):
        a, b = Seeded(5).fork(f"tall {n} {m}").normal(n, m), Seeded(5).fork(f"side {n} {m}").normal(n)
        g[f"least squares {n} {m}/matrix"] = a
        g[f"least squares {n} {m}/right"] = b
        g[f"least squares {n} {m}/solution"] = numpy.linalg.lstsq(a, b, rcond=None)[0]
    for n in (1, 2, 4, 32, 256):
        x = Seeded(5).fork(f"fft {n}").normal(2, n)
        y = numpy.fft.fft(x[0] + 1j * x[1])
        g[f"fft {n}/input"] = x
        g[f"fft {n}/output"] = numpy.stack([y.real, y.imag])
    g.write(TESTS / "TensorsTests" / "Goldens" / "algebra.json")


def learners():
    g = Golden(__file__, numpy, sklearn, statsmodels, tslearn)

    # The same numbers on both sides: the first and the sum of each workload's data.
    x, y = peers.rforest_data()
    for name, data in (("kmeans", peers.kmeans_data()), ("iforest", peers.iforest_data()), ("rforest", x),
                       ("arima", peers.arima_data()), ("kshape", peers.kshape_data())):
        g[f"data {name}"] = [data.reshape(-1)[0], data.sum(), numpy.abs(data).sum()]
    g["data rforest labels"] = float(y.sum())

    # k-means from the same centres; the second case loses clusters on the way.
    rows = peers.kmeans_data()[:600, :5]
    for name, x, k, iterations in (("one step", rows, 4, 1), ("to the end", rows, 10, 300), ("more", rows, 23, 300)):
        fit = KMeans(k, init=x[:k], n_init=1, max_iter=iterations).fit(x)
        g[f"kmeans {name}/inertia"] = fit.inertia_
        g[f"kmeans {name}/centres"] = fit.cluster_centers_
        g[f"kmeans {name}/labels"] = fit.labels_
        g[f"kmeans {name}/iterations"] = fit.n_iter_
    far = numpy.concatenate([rows[:6, :2], [[50.0, 50.0]]])
    start = numpy.array([[0.0, 0.0], [1000.0, 1000.0], [-2000.0, 0.0]])
    fit = KMeans(3, init=start, n_init=1).fit(far)
    g["kmeans empty/x"], g["kmeans empty/start"] = far, start
    g["kmeans empty/inertia"], g["kmeans empty/labels"] = fit.inertia_, fit.labels_
    g["kmeans restarts/inertia"] = [KMeans(10, n_init=10, random_state=s).fit(peers.kmeans_data()[:2000]).inertia_
                                    for s in range(5)]

    # Isolation forest: c(n), and how five forests of other seeds score the same rows.
    counts = [1, 2, 3, 5, 10, 100, 256, 100_000]
    g["path length/n"] = counts
    g["path length/c"] = _average_path_length(numpy.array(counts))
    x = peers.iforest_data()[:2000]
    odd = (numpy.arange(2000) % 50 == 0).astype(int)
    scores = numpy.stack([IsolationForest(random_state=s).fit(x).score_samples(x) for s in range(5)])
    g["iforest/mean scores"] = scores.mean(0)
    g["iforest/auc"] = [roc_auc_score(odd, -s) for s in scores]
    g["iforest/correlations"] = numpy.corrcoef(scores)[numpy.triu_indices(5, 1)]

    # Random forest: accuracy on rows that were held out.
    x, y = peers.rforest_data()
    forests = [RandomForestClassifier(100, random_state=s, n_jobs=2).fit(x[:2000], y[:2000]) for s in range(5)]
    g["rforest/accuracy"] = [f.score(x[2000:], y[2000:]) for f in forests]
    g["rforest/nodes"] = [float(sum(t.tree_.node_count for t in f.estimators_)) for f in forests]
    g["rforest/correlations"] = numpy.corrcoef([f.predict_proba(x[2000:])[:, 1] for f in forests])[
        numpy.triu_indices(5, 1)]
    g["rforest/mean probabilities"] = numpy.mean([f.predict_proba(x[2000:])[:, 1] for f in forests], 0)

    # ARIMA: the likelihood at given parameters, and the fit. The optimiser is run on until it stands still.
    for name, phi, theta, n, seed in (("n500", 0.6, 0.3, 500, 3), ("negative", -0.5, 0.4, 300, 4), ("short", 0.3, -0.6, 60, 5),
                                      ("long memory", 0.95, -0.5, 400, 6), ("near root", 0.2, 0.9, 200, 7)):
        shocks = Seeded(seed).fork("shocks").normal(n)
        series, level, step, before = [], 0.0, 0.0, 0.0
        for shock in shocks:
            step = phi * step + shock + theta * before
            before = shock
            level += step
            series.append(level)
        # The likelihood of the steps themselves: no diffuse start of the level, which would blur the last digits.
        model = ARIMA(numpy.diff(series), order=(1, 0, 1), trend="n")
        fit = model.fit(method_kwargs={"maxiter": 1000, "pgtol": 1e-9, "factr": 10})
        level_fit = ARIMA(numpy.array(series), order=(1, 1, 1)).fit(
            method_kwargs={"maxiter": 1000, "pgtol": 1e-9, "factr": 10})
        g[f"arima {name}/series"] = numpy.array(series)
        g[f"arima {name}/fit"] = numpy.concatenate([fit.params, [fit.llf]])
        g[f"arima {name}/level fit"] = numpy.concatenate([level_fit.params, [level_fit.llf]])
        given = [[0.5, 0.3], [-0.7, 0.2], [0.0, 0.0], [0.9, -0.9]]
        # σ² is solved for: the value at the given weights with the best variance.
        values = []
        for p, t in given:
            concentrated = model.clone(numpy.diff(series), concentrate_scale=True)
            values.append(concentrated.loglike([p, t]))
        g[f"arima {name}/weights"], g[f"arima {name}/likelihoods"] = given, values
        forecast = level_fit.get_forecast(5)
        g[f"arima {name}/forecast"] = forecast.predicted_mean
        g[f"arima {name}/errors"] = forecast.se_mean

    # K-Shape: distances, and whole runs from the same series.
    x = peers.kshape_data()
    norms = numpy.linalg.norm(x, axis=1)
    g["kshape/distances"] = 1 - cdist_normalized_cc(x[:12, :, None], x[12:20, :, None], norms[:12], norms[12:20], False)
    for k, length in ((3, 100), (5, 37), (2, 64)):
        part = x[:60, :length]
        part = (part - part.mean(1, keepdims=True)) / part.std(1, keepdims=True)
        fit = KShape(k, n_init=1, max_iter=20, init=part[:k, :, None].copy()).fit(part[:, :, None])
        g[f"kshape {k} {length}/labels"] = fit.labels_
        g[f"kshape {k} {length}/centroids"] = fit.cluster_centers_[:, :, 0]
        g[f"kshape {k} {length}/inertia"] = fit.inertia_
        g[f"kshape {k} {length}/iterations"] = fit.n_iter_
    g.write(TESTS / "LearningTests" / "Goldens" / "classic.json")


if __name__ == "__main__":
    algebra()
    learners()
