"""Golden numbers for NextClickPrediction: PyTorch in float64 for the model, SciPy's rankdata for ranks, NumPy for Markov."""

import numpy
import scipy
import scipy.stats
import torch

from golden import Golden

golden = Golden(__file__, numpy, scipy, torch)
torch.set_default_dtype(torch.float64)
torch.manual_seed(7)

B, V, E, H = 3, 9, 3, 4
LENGTHS = [5, 2, 4]  # inputs a session
embedding = torch.nn.Embedding(V, E, padding_idx=0)
lstm = torch.nn.LSTM(E, H, batch_first=True)
dense = torch.nn.Linear(H, V)
with torch.no_grad():
    for parameter in [*lstm.parameters(), *dense.parameters()]:
        parameter.normal_(std=0.8)
    embedding.weight[0].normal_()  # not zeros: whatever moves PAD is seen
    lstm.bias_hh_l0.zero_()  # one bias a gate, as in the contract
lstm.bias_hh_l0.requires_grad_(False)
parameters = [embedding.weight, lstm.weight_ih_l0, lstm.weight_hh_l0, lstm.bias_ih_l0, dense.weight, dense.bias]
NAMES = ["embedding", "inputWeights", "recurrentWeights", "bias", "outputWeights", "outputBias"]
for name, parameter in zip(NAMES, parameters):
    golden[name] = parameter


def batch(lengths):
    inputs = torch.zeros(B, max(lengths), dtype=torch.long)
    targets = torch.zeros_like(inputs)
    for row, length in enumerate(lengths):
        session = torch.randint(1, V, (length + 1,))
        inputs[row, :length], targets[row, :length] = session[:-1], session[1:]
    return inputs, targets


def forward(inputs):
    return dense(lstm(embedding(inputs))[0])


def cross_entropy(logits, targets):
    return torch.nn.functional.cross_entropy(logits.reshape(-1, V), targets.reshape(-1), ignore_index=0)


batches = [batch(LENGTHS), batch([3, 6, 1]), batch([4, 4, 2])]
inputs, targets = batches[0]
logits = forward(inputs)
logits.retain_grad()
loss = cross_entropy(logits, targets)
loss.backward()
golden["inputs0"], golden["targets0"] = inputs, targets
golden["logits"], golden["loss"], golden["dLogits"] = logits, loss, logits.grad
for name, parameter in zip(NAMES, parameters):
    golden["d_" + name] = parameter.grad

# Three steps: a common norm of at most 0.2, then Adam.
optimizer = torch.optim.Adam(parameters, lr=0.05)
losses, norms = [], []
for index, (inputs, targets) in enumerate(batches):
    golden[f"inputs{index}"], golden[f"targets{index}"] = inputs, targets
    optimizer.zero_grad()
    loss = cross_entropy(forward(inputs), targets)
    loss.backward()
    norms.append(float(torch.nn.utils.clip_grad_norm_(parameters, 0.2)))
    smallest = min(float(p.grad.abs()[p.grad != 0].min()) for p in parameters)
    assert norms[-1] > 0.25 and smallest > 1e-6, (norms, smallest)  # clipped each time; no sign is left to rounding
    losses.append(loss.item())
    optimizer.step()
golden["losses"] = losses
for name, parameter in zip(NAMES, parameters):
    golden["trained_" + name] = parameter
print("norms", norms)

# Six rankings: no ties; all equal; ties at the edge of k; an excluded id with the best score; k = 1; an excluded target.
rng = numpy.random.default_rng(3)
cases = [
    (rng.normal(size=(5, 8)), [2, 3, 4, 5, 6], 3),
    (numpy.full((2, 12), 0.25), [4, 11], 5),
    (numpy.array([[9.0, 9, 3, 3, 3, 3, 1], [0, 0, 1, 2, 2, 2, 5], [0, 0, 5, 5, 1, 1, 1]]), [3, 5, 2], 2),
    (numpy.array([[99.0, 98, 1, 2, 3, 4], [99, -5, 4, 3, 2, 1]]), [5, 3], 2),
    (rng.integers(0, 3, size=(12, 9)).astype(float), list(rng.integers(2, 9, size=12)), 1),
    (rng.integers(0, 5, size=(6, 10)).astype(float), [1, 2, 3, 1, 5, 9], 3),
]
EXCLUDED = [0, 1]
for index, (scores, wanted, k) in enumerate(cases):
    hits, reciprocals = [], []
    for row, target in zip(scores, wanted):
        if target in EXCLUDED:
            hits.append(0.0)
            reciprocals.append(0.0)
            continue
        kept = [i for i in range(len(row)) if i not in EXCLUDED]
        rank = scipy.stats.rankdata(-row[kept], method="average")[kept.index(target)]
        hits.append(float(rank <= k))
        reciprocals.append(1 / rank)
    golden[f"scores{index}"], golden[f"wanted{index}"] = scores, [int(t) for t in wanted]
    golden[f"k{index}"] = [k]
    golden[f"ranking{index}"] = [float(numpy.mean(hits)), float(numpy.mean(reciprocals))]

# Markov on three sessions over ids 1..6 of V = 7; nothing ever follows 5, and 6 is never seen.
sessions = [[2, 3, 2, 3, 4], [3, 4, 5], [2, 3]]
alpha, V = 0.5, 7
popularity = numpy.zeros(V)
for session in sessions:
    popularity += numpy.bincount(session, minlength=V)
popularity[1:] += alpha
popularity /= popularity.sum()
pairs = numpy.zeros((V, V))
for session in sessions:
    numpy.add.at(pairs, (session[:-1], session[1:]), 1)
transitions = numpy.where(pairs.sum(1, keepdims=True) > 0, pairs + alpha * (numpy.arange(V) > 0), popularity)
golden["popularity"], golden["transitions"] = popularity, transitions / transitions.sum(1, keepdims=True)
golden.write()
