"""Golden numbers for GCNNormalizedPropagation: networkx and numpy for Â and its spectrum, torch for the rest."""

import networkx as nx
import numpy as np
import torch
import torch.nn.functional as F

from golden import Golden

golden = Golden(__file__, nx, np, torch)
rng = np.random.default_rng(19)


def normalized(graph):
    nodes = range(len(graph))
    a = (nx.to_numpy_array(graph, nodelist=nodes, weight=None) + np.eye(len(graph)) > 0).astype(float)
    d = a.sum(1)
    return a / np.sqrt(np.outer(d, d))


def tensor(*shape):
    return torch.tensor(rng.normal(size=shape).astype(np.float32))


# Zachary's karate club, unweighted.
karate = nx.karate_club_graph()
a = normalized(karate)
golden["karate.edges"] = np.array(karate.edges())
golden["karate.club"] = [int(karate.nodes[i]["club"] != "Mr. Hi") for i in range(34)]
golden["karate.adjacency"] = a
golden["karate.eigenvalues"] = np.linalg.eigvalsh(a)
golden["karate.sum"] = a.sum()

# One layer on a small graph, in Float64; edges with a repetition, both directions, and a given self-loop.
edges = [(0, 1), (1, 0), (1, 2), (2, 3), (2, 3), (3, 0), (4, 5), (5, 5), (3, 4)]
graph = nx.Graph(edges)
graph.add_nodes_from(range(7))
a = torch.tensor(normalized(graph))
h, w, b, upstream = tensor(7, 5), tensor(5, 4), tensor(4), tensor(7, 4)
leaves = [x.double().requires_grad_() for x in (h, w, b)]
out = torch.sparse.mm(a.to_sparse(), leaves[0] @ leaves[1]) + leaves[2]
(out * upstream.double()).sum().backward()
golden["layer.edges"] = edges
golden["layer.adjacency"] = a
for key, value in dict(h=h, w=w, b=b, upstream=upstream, out=out).items():
    golden["layer." + key] = value
for key, leaf in zip("hwb", leaves):
    golden["layer.gradient." + key] = leaf.grad

# The masked loss; one logit is large, so that a naive softmax overflows.
logits = tensor(8, 3) * 2
logits[2, 1] = 200.0
labels = torch.tensor([0, 2, 1, 1, 0, 2, 0, 1])
mask = [1, 2, 5, 6]
leaf = logits.double().requires_grad_()
loss = F.cross_entropy(leaf[mask], labels[mask])
loss.backward()
golden["loss.logits"], golden["loss.labels"], golden["loss.mask"] = logits, labels, mask
golden["loss.value"], golden["loss.gradient"] = loss, leaf.grad

# Five steps of training without dropout, with the penalty where it belongs and where it does not.
n, features, hidden, classes = 12, 6, 8, 3
graph = nx.gnp_random_graph(n, 0.25, seed=4)
a = torch.tensor(normalized(graph))
x = tensor(n, features)
labels = torch.tensor(rng.integers(0, classes, n))
mask = [0, 2, 3, 5, 7, 8, 11]
start = [tensor(features, hidden) * 0.5, tensor(hidden) * 0.1, tensor(hidden, classes) * 0.5, tensor(classes) * 0.1]
decay = 0.05
golden["train.edges"] = np.array(graph.edges())
golden["train.features"], golden["train.labels"], golden["train.mask"] = x, labels, mask
golden["train.decay"] = decay
for key, value in zip(("w1", "b1", "w2", "b2"), start):
    golden["train.start." + key] = value


def train(optimizer, everywhere=False):
    parameters = [p.double().requires_grad_() for p in start]
    optimizer = optimizer(parameters)
    losses = []
    for _ in range(5):
        z = a @ (torch.relu(a @ (x.double() @ parameters[0]) + parameters[1]) @ parameters[2]) + parameters[3]
        loss = F.cross_entropy(z, labels) if everywhere else F.cross_entropy(z[mask], labels[mask])
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses, parameters


def adam(first, others, kind=torch.optim.Adam):
    return lambda p: kind(
        [{"params": p[:1], "weight_decay": first}, {"params": p[1:], "weight_decay": others}], lr=0.01)


losses, parameters = train(adam(decay, 0))
golden["train.losses"] = losses
for key, value in zip(("w1", "b1", "w2", "b2"), parameters):
    golden["train.end." + key] = value
golden["train.noPenalty.w1"] = train(adam(0, 0))[1][0]
golden["train.decoupled.w1"] = train(adam(decay, 0, torch.optim.AdamW))[1][0]
golden["train.penaltyOnBoth.w2"] = train(adam(decay, decay))[1][2]
golden["train.everyNode.losses"] = train(adam(decay, 0), everywhere=True)[0]
golden.write()
