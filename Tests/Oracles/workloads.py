"""The losses of the first three steps of every workload of the benchmark, by PyTorch.

The models, their weights and their data are those of Tests/Peers/networks.py, which the benchmark races against.

    python Tests/Oracles/workloads.py      # Tests/BenchmarksTests/Goldens/workloads.json
"""

import pathlib
import sys

import numpy
import torch

from golden import Golden

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.append(str(TESTS / "Peers"))

import networks  # noqa: E402

networks.load()
golden = Golden(__file__, torch, numpy)
for name, make in networks.WORKLOADS.items():
    step = make()
    golden[name] = [float(step().detach()) for _ in range(3)]
golden.write(TESTS / "BenchmarksTests" / "Goldens" / "workloads.json")
