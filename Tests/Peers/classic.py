"""Times scikit-learn, statsmodels and tslearn on the workloads of the classic learners: one JSON object a line.

    python Tests/Peers/classic.py [--threads 2] [<workload> …]

The data are those of `ClassicWorkload` in Sources/Learning/Classic. A library that is not installed is skipped, and
said so on standard error.
"""

import argparse
import importlib
import os
import sys

import numpy

from common.measuring import report
from common.seeded import Seeded


def kmeans_data():
    centres = Seeded(3).fork("centres").normal(10, 20)
    noise = Seeded(3).fork("rows").normal(10_000, 20)
    return centres[numpy.arange(10_000) % 10] + noise


def iforest_data():
    x = Seeded(3).fork("rows").normal(10_000, 10)
    x[::50] *= 3
    return x


def rforest_data():
    x = Seeded(3).fork("rows").normal(5_000, 20)
    noise = Seeded(3).fork("noise").normal(5_000)
    return x, (x[:, 0] + x[:, 1] * x[:, 2] + 0.5 * noise > 0).astype(int)


def arima_data():
    shocks = Seeded(3).fork("shocks").normal(500)
    series, level, step, before = [], 0.0, 0.0, 0.0
    for shock in shocks:
        step = 0.6 * step + shock + 0.3 * before
        before = shock
        level += step
        series.append(level)
    return numpy.array(series)


def kshape_data():
    shifts = Seeded(3).fork("shifts").uniform(100)
    noise = Seeded(3).fork("noise").normal(100, 100)
    turns = numpy.arange(100) / 50 + shifts[:, None]
    sine = numpy.sin(2 * numpy.pi * turns)
    saw = 2 * (turns - numpy.floor(turns)) - 1
    square = numpy.where(turns - numpy.floor(turns) < 0.5, 1.0, -1.0)
    kind = (numpy.arange(100) % 3)[:, None]
    x = numpy.where(kind == 0, sine, numpy.where(kind == 1, saw, square)) + 0.5 * noise
    return (x - x.mean(1, keepdims=True)) / x.std(1, keepdims=True)


def kmeans(threads):
    from sklearn.cluster import KMeans

    x = kmeans_data()
    return lambda: KMeans(10, n_init=10, random_state=0).fit(x).inertia_


def iforest(threads):
    from sklearn.ensemble import IsolationForest

    x = iforest_data()
    return lambda: IsolationForest(n_estimators=100, random_state=0, n_jobs=threads).fit(x).score_samples(x).mean()


def rforest(threads):
    from sklearn.ensemble import RandomForestClassifier

    x, y = rforest_data()

    def run():
        forest = RandomForestClassifier(100, random_state=0, n_jobs=threads).fit(x, y)
        return sum(tree.tree_.node_count for tree in forest.estimators_)

    return run


def arima(threads):
    from statsmodels.tsa.arima.model import ARIMA

    series = arima_data()
    return lambda: ARIMA(series, order=(1, 1, 1)).fit().llf


def kshape(threads):
    from tslearn.clustering import KShape

    x = kshape_data()[:, :, None]
    return lambda: KShape(3, n_init=1, max_iter=20, init=x[:3].copy()).fit(x).inertia_


# What makes a workload, the library, and what is imported before its memory is measured.
WORKLOADS = {
    "kmeans-10kx20-k10-init10": (kmeans, "sklearn", "sklearn.cluster"),
    "iforest-10kx10-100trees": (iforest, "sklearn", "sklearn.ensemble"),
    "rforest-5kx20-100trees": (rforest, "sklearn", "sklearn.ensemble"),
    "arima111-n500": (arima, "statsmodels", "statsmodels.tsa.arima.model"),
    "kshape-100x100-k3": (kshape, "tslearn", "tslearn.clustering"),
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("workloads", nargs="*")
    options = parser.parse_args()
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
        if os.environ.get(variable) != str(options.threads):
            # The libraries read these when they are loaded: start anew with them set.
            os.environ.update(dict.fromkeys(
                ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), str(options.threads)))
            os.execv(sys.executable, [sys.executable] + sys.argv)
    for name in options.workloads or WORKLOADS:
        if name not in WORKLOADS:
            continue
        make, library, module = WORKLOADS[name]
        try:
            importlib.import_module(module)
        except ImportError as error:
            print(f"{name}: skipped, {error}", file=sys.stderr)
            continue
        version = importlib.import_module(library).__version__
        report(name, lambda: make(options.threads), options.threads, f"{library} {version}")


if __name__ == "__main__":
    main()
