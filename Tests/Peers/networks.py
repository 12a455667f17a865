"""Times PyTorch on the workloads of `Sources/Benchmarks`: one JSON object a line.

    python Tests/Peers/networks.py [--threads 2] [<workload> …]

Weights and data are drawn as Sources/Benchmarks/SeededNumbers.swift draws them; Tests/Oracles/workloads.py takes the
losses from here. PyTorch is used as fast as it goes without being compiled: Adam fused, no gradients where none is
needed. Its RNN and LSTM have a second bias that Keras and this package do not have: it stays zero and frozen.
"""

import argparse
import itertools
import math
import sys

import numpy

from common.measuring import report
from common.seeded import Seeded


def numbers(label):
    return Seeded(3).fork(label)


def labels(random, count, classes):
    return torch.from_numpy((random.uniform(count) * classes).astype(numpy.int64))


def drawn(random, *shape):
    return torch.from_numpy(random.uniform(math.prod(shape)).astype(numpy.float32).reshape(shape))


def draw_weights(*models):
    random = numbers("weights")
    with torch.no_grad():
        for name, parameter in itertools.chain(*(model.named_parameters() for model in models)):
            if not parameter.requires_grad:
                continue
            is_vector = parameter.dim() == 1
            bound = 0.1 if is_vector else 1 / math.sqrt(parameter.numel() / parameter.shape[0])
            middle = 1.0 if is_vector and name.endswith("weight") else 0.0
            values = middle + (2 * random.uniform(parameter.numel()) - 1) * bound
            parameter.copy_(torch.from_numpy(values.astype(numpy.float32)).reshape(parameter.shape))


def with_one_bias(recurrent):
    for name, parameter in recurrent.named_parameters():
        if "bias_hh" in name:
            nn.init.zeros_(parameter).requires_grad_(False)
    return recurrent


def trained(model):
    return [parameter for parameter in model.parameters() if parameter.requires_grad]


def training_step(model, loss):
    adam = torch.optim.Adam(trained(model), lr=1e-3, fused=True)

    def step():
        adam.zero_grad(set_to_none=True)
        value = loss()
        value.backward()
        adam.step()
        return value.detach()

    return step


def gemm():
    random = numbers("inputs")
    a, b = drawn(random, 1024, 1024), drawn(random, 1024, 1024)
    return lambda: torch.mm(a, b)[0, 0]


def cnn():
    model = nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1600, 128), nn.ReLU(), nn.Linear(128, 10))
    draw_weights(model)
    images, digits = drawn(numbers("inputs"), 32, 1, 28, 28), labels(numbers("labels"), 32, 10)
    return training_step(model, lambda: F.cross_entropy(model(images), digits))


def binary_answers(recurrent):
    model = nn.ModuleList([recurrent, nn.Linear(50, 1)])
    draw_weights(model)
    sequences, answers = drawn(numbers("inputs"), 32, 20, 16), labels(numbers("labels"), 32, 2).float()[:, None]

    def loss():
        return F.binary_cross_entropy_with_logits(model[1](recurrent(sequences)[0][:, -1]), answers)

    return training_step(model, loss)


def rnn():
    return binary_answers(with_one_bias(nn.RNN(16, 50, batch_first=True)))


def lstm():
    return binary_answers(with_one_bias(nn.LSTM(16, 50, num_layers=2, batch_first=True)))


def gru():
    return binary_answers(nn.GRU(16, 50, batch_first=True))


def bilstm():
    recurrent = with_one_bias(nn.LSTM(12, 128, num_layers=2, batch_first=True, bidirectional=True))
    model = nn.ModuleList([recurrent, nn.Linear(256, 9)])
    draw_weights(model)
    sequences, classes = drawn(numbers("inputs"), 32, 29, 12), labels(numbers("labels"), 32, 9)

    def loss():
        last = recurrent(sequences)[1][0]
        return F.cross_entropy(model[1](torch.cat((last[-2], last[-1]), 1)), classes)

    return training_step(model, loss)


def transformer():
    layer = nn.TransformerEncoderLayer(64, 8, 256, dropout=0, batch_first=True)
    model = nn.ModuleList([
        nn.Embedding(1000, 64), nn.Embedding(32, 64), nn.TransformerEncoder(layer, 2), nn.Linear(64, 1000)])
    draw_weights(model)
    texts, words = labels(numbers("inputs"), 1024, 1000).reshape(32, 32), labels(numbers("labels"), 1024, 1000)

    def loss():
        return F.cross_entropy(model[3](model[2](model[0](texts) + model[1].weight)).reshape(1024, 1000), words)

    return training_step(model, loss)


def textcnn():
    model = nn.ModuleList([nn.Embedding(10_000, 128), nn.Conv1d(128, 128, 5), nn.Linear(128, 2)])
    draw_weights(model)
    texts, answers = labels(numbers("inputs"), 3_200, 10_000).reshape(32, 100), labels(numbers("labels"), 32, 2)

    def loss():
        found = F.relu(model[1](model[0](texts).transpose(1, 2))).amax(2)
        return F.cross_entropy(model[2](found), answers)

    return training_step(model, loss)


def autoencoder():
    widths, layers = [784, 64, 32, 16, 8, 16, 32, 64, 784], []
    for inputs, outputs in zip(widths, widths[1:]):
        layers += ([nn.ReLU()] if layers else []) + [nn.Linear(inputs, outputs)]
    model = nn.Sequential(*layers)
    draw_weights(model)
    images = drawn(numbers("inputs"), 32, 784)
    return training_step(model, lambda: F.binary_cross_entropy_with_logits(model(images), images))


def dcgan():
    generator = nn.Sequential(
        nn.Linear(100, 256 * 7 * 7), nn.Unflatten(1, (256, 7, 7)),
        nn.ConvTranspose2d(256, 128, 4, 2, 1, bias=False), nn.BatchNorm2d(128), nn.ReLU(),
        nn.ConvTranspose2d(128, 1, 4, 2, 1), nn.Tanh())
    discriminator = nn.Sequential(
        nn.Conv2d(1, 64, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(64, 128, 4, 2, 1, bias=False), nn.BatchNorm2d(128),
        nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(128 * 7 * 7, 1))
    draw_weights(generator, discriminator)
    random = numbers("inputs")
    images, noise = drawn(random, 32, 1, 28, 28), drawn(random, 32, 100)
    ones, zeros = torch.ones(32, 1), torch.zeros(32, 1)
    entropy = F.binary_cross_entropy_with_logits
    of_generator = torch.optim.Adam(generator.parameters(), lr=2e-4, betas=(0.5, 0.999), fused=True)
    of_discriminator = torch.optim.Adam(discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999), fused=True)

    def step():
        made = generator(noise)
        of_discriminator.zero_grad(set_to_none=True)
        judged = entropy(discriminator(images), ones) + entropy(discriminator(made.detach()), zeros)
        judged.backward()
        of_discriminator.step()
        discriminator.requires_grad_(False)
        of_generator.zero_grad(set_to_none=True)
        fooled = entropy(discriminator(made), ones)
        fooled.backward()
        of_generator.step()
        discriminator.requires_grad_(True)
        return (judged + fooled).detach()

    return step


def gcn():
    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.first_bias = nn.Parameter(torch.zeros(1433, 16)), nn.Parameter(torch.zeros(16))
            self.second, self.second_bias = nn.Parameter(torch.zeros(16, 7)), nn.Parameter(torch.zeros(7))

    model = Network()
    draw_weights(model)
    graph = normalized_graph(2708, 5429)
    features, classes = drawn(numbers("inputs"), 2708, 1433), labels(numbers("labels"), 2708, 7)

    def loss():
        hidden = F.relu(torch.sparse.mm(graph, features @ model.first) + model.first_bias)
        return F.cross_entropy(torch.sparse.mm(graph, hidden @ model.second) + model.second_bias, classes)

    return training_step(model, loss)


def normalized_graph(nodes, links):
    random = numbers("graph")
    neighbours = [{i} for i in range(nodes)]
    missing = links
    while missing:
        i, j = (int(x * nodes) for x in random.uniform(2))
        if j not in neighbours[i]:
            neighbours[i].add(j)
            neighbours[j].add(i)
            missing -= 1
    rows = [sorted(row) for row in neighbours]
    starts = numpy.cumsum([0] + [len(row) for row in rows])
    values = [1 / math.sqrt(len(row) * len(rows[j])) for row in rows for j in row]
    return torch.sparse_csr_tensor(
        torch.from_numpy(starts), torch.tensor(sum(rows, [])), torch.tensor(values), (nodes, nodes))


def dqn():
    def network():
        model = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))
        draw_weights(model)
        return model

    online, target = network(), network()
    random, chosen = numbers("inputs"), numbers("labels")
    states, following, rewards = drawn(random, 64, 4), drawn(random, 64, 4), drawn(random, 64)
    actions, goes_on = labels(chosen, 64, 2)[:, None], labels(chosen, 64, 2).float()

    def loss():
        with torch.no_grad():
            wanted = rewards + target(following).amax(1) * goes_on * 0.99
        return F.huber_loss(online(states).gather(1, actions)[:, 0], wanted)

    return training_step(online, loss)


WORKLOADS = {
    "gemm-1024": gemm,
    "cnn-28x28-b32": cnn,
    "rnn50-t20-b32": rnn,
    "lstm50x2-t20-b32": lstm,
    "gru50-t20-b32": gru,
    "bilstm128x2-t29-b32": bilstm,
    "transformer-d64h8x2-t32-b32": transformer,
    "textcnn-v10k-e128-t100-b32": textcnn,
    "autoencoder-784-b32": autoencoder,
    "dcgan-28x28-b32": dcgan,
    "gcn-cora-size": gcn,
    "dqn-mlp64x2-b64": dqn,
}


def load():
    """PyTorch takes seconds to load: only when there is something to do."""
    global torch, nn, F
    import torch
    import torch.nn as nn
    import torch.nn.functional as F


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("workloads", nargs="*")
    options = parser.parse_args()
    known = [name for name in options.workloads or WORKLOADS if name in WORKLOADS]
    if not known:
        return
    try:
        load()
    except ImportError as error:
        print(f"skipped, {error}", file=sys.stderr)
        return
    torch.set_num_threads(options.threads)
    # The first use of the threads and of the product's kernels is the library's own, not a workload's.
    x = torch.ones(512, 512, requires_grad=True)
    (x @ x).sum().backward()
    for name in known:
        report(name, WORKLOADS[name], options.threads, f"torch {torch.__version__}")


if __name__ == "__main__":
    main()
