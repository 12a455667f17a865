"""Golden numbers for the tensor engine, by PyTorch: each operation forward, and every gradient of Σ upstream · result.

Inputs are Float32; PyTorch computes in Float64, so that the goldens are the mathematical values.
Keys: `<case>/in<i>`, `<case>/out<i>`, `<case>/up<i>`, `<case>/grad<i>`.

    python Tests/Oracles/engine.py      # Tests/TensorsTests/Goldens/engine.json, Tests/LearningTests/Goldens/…
"""

import pathlib
import sys

import numpy
import sklearn
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from sklearn import metrics

from golden import Golden

TESTS = pathlib.Path(__file__).resolve().parents[1]
torch.manual_seed(20260101)
SEED = 20260101


def short(tensor):
    """Float32 numbers by their shortest decimals."""
    array = tensor.detach().numpy().astype(numpy.float32)
    return numpy.array([float(str(x)) for x in array.reshape(-1)], dtype=numpy.float64).reshape(array.shape)


def normal(*shape):
    return torch.randn(shape, dtype=torch.float32)


def positive(*shape):
    return torch.rand(shape, dtype=torch.float32) + 0.5


def apart(*shape):
    """Numbers at least 0.25 from 0."""
    x = torch.randn(shape, dtype=torch.float32)
    return x + 0.25 * torch.sign(x)


def case(golden, name, function, *inputs):
    leaves = [x.double().requires_grad_() for x in inputs]
    outputs = function(*leaves)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    upstream = [normal(*y.shape) for y in outputs]
    total = sum((y * u.double()).sum() for y, u in zip(outputs, upstream))
    gradients = torch.autograd.grad(total, leaves, allow_unused=True)
    for i, x in enumerate(inputs):
        golden[f"{name}/in{i}"] = short(x)
        g = gradients[i]
        golden[f"{name}/grad{i}"] = short(g if g is not None else torch.zeros_like(leaves[i]))
    for i, y in enumerate(outputs):
        golden[f"{name}/out{i}"] = short(y)
        golden[f"{name}/up{i}"] = short(upstream[i])


def tensors():
    g = Golden(__file__, torch, numpy)
    g["seed"] = SEED
    for shapes in [((3, 4), (3, 4)), ((2, 3, 4), (4,)), ((2, 3, 4), (3, 1)), ((3, 1), (1, 5)), ((), (2, 2)), ((1,), (7,)),
                   ((2, 1, 3), (1, 2, 1)), ((33,), (33,))]:
        a, b = normal(*shapes[0]), normal(*shapes[1])
        label = f"{list(shapes[0])} {list(shapes[1])}"
        case(g, f"add {label}", lambda a, b: a + b, a, b)
        case(g, f"subtract {label}", lambda a, b: a - b, a, b)
        case(g, f"multiply {label}", lambda a, b: a * b, a, b)
        case(g, f"divide {label}", lambda a, b: a / b, a, apart(*shapes[1]))
        case(g, f"maximum {label}", torch.maximum, a, b)
        case(g, f"minimum {label}", torch.minimum, a, b)
    for shape in [(19,), (3, 5), (1, 1), (2, 3, 8)]:
        label = f"{list(shape)}"
        x = apart(*shape)
        case(g, f"exp {label}", torch.exp, x)
        case(g, f"log {label}", torch.log, positive(*shape))
        case(g, f"sqrt {label}", torch.sqrt, positive(*shape))
        case(g, f"squared {label}", torch.square, x)
        case(g, f"pow3 {label}", lambda x: x**3, x)
        case(g, f"pow-2 {label}", lambda x: x**-2, positive(*shape))
        case(g, f"abs {label}", torch.abs, x)
        case(g, f"tanh {label}", torch.tanh, x)
        case(g, f"sigmoid {label}", torch.sigmoid, x)
        case(g, f"relu {label}", torch.relu, x)
        case(g, f"leakyRelu {label}", lambda x: F.leaky_relu(x, 0.2), x)
        case(g, f"softplus {label}", F.softplus, x)
        case(g, f"clipped {label}", lambda x: torch.clamp(x, -0.5, 0.75), x)
        case(g, f"negated {label}", lambda x: -x, x)
        case(g, f"affine {label}", lambda x: 2 - (3 * x + 1) / 4, x)
        case(g, f"reciprocal {label}", lambda x: 2 / x, x)
        case(g, f"softmax {label}", lambda x: torch.softmax(x, -1), x)
        case(g, f"logSoftmax {label}", lambda x: torch.log_softmax(x, -1), x)
        case(g, f"sum {label}", torch.sum, x)
        case(g, f"mean {label}", torch.mean, x)
        case(g, f"max {label}", torch.amax, x)
        case(g, f"variance {label}", lambda x: torch.var(x, correction=0), x)
    x = normal(3, 4, 5)
    case(g, "sum axis 1", lambda x: x.sum(1), x)
    case(g, "sum axes 0 2 keeping", lambda x: x.sum((0, 2), keepdim=True), x)
    case(g, "mean axis -1", lambda x: x.mean(-1), x)
    case(g, "mean axes 0 1", lambda x: x.mean((0, 1)), x)
    case(g, "max axis 1", lambda x: x.amax(1), x)
    case(g, "max axes 0 2", lambda x: x.amax((0, 2)), x)
    case(g, "min axis 0", lambda x: x.amin(0), x)
    case(g, "variance axis 1 unbiased", lambda x: x.var(1, correction=1), x)
    case(g, "variance axes 0 2", lambda x: x.var((0, 2), correction=0, keepdim=True), x)

    for m, k, n in [(1, 1, 1), (3, 4, 5), (13, 7, 33), (1, 9, 4), (5, 6, 1)]:
        label = f"{m} {k} {n}"
        case(g, f"matmul NN {label}", lambda a, b: a @ b, normal(m, k), normal(k, n))
        case(g, f"matmul NT {label}", lambda a, b: a @ b.T, normal(m, k), normal(n, k))
        case(g, f"matmul TN {label}", lambda a, b: a.T @ b, normal(k, m), normal(k, n))
        case(g, f"matmul TT {label}", lambda a, b: a.T @ b.T, normal(k, m), normal(n, k))
    case(g, "matmul batched NN", lambda a, b: a @ b, normal(3, 4, 5), normal(3, 5, 2))
    case(g, "matmul batched NT", lambda a, b: a @ b.transpose(1, 2), normal(3, 4, 5), normal(3, 2, 5))
    case(g, "matmul batched TN", lambda a, b: a.transpose(1, 2) @ b, normal(3, 5, 4), normal(3, 5, 2))
    case(g, "matmul shared NN", lambda a, b: a @ b, normal(3, 4, 5), normal(5, 2))
    case(g, "matmul shared NT", lambda a, b: a @ b.T, normal(2, 3, 4, 5), normal(6, 5))
    case(g, "matmul vector", lambda a, b: a @ b, normal(4, 5), normal(5))

    case(g, "reshaped", lambda x: x.reshape(4, 15), x)
    case(g, "transposed", lambda x: x.transpose(1, 2), x)
    case(g, "permuted 2 0 1", lambda x: x.permute(2, 0, 1), x)
    case(g, "permuted 0 2 1 3", lambda x: x.permute(0, 2, 1, 3), normal(2, 3, 4, 5))
    case(g, "broadcast", lambda x: x.expand(2, 3, 4), normal(3, 1))
    case(g, "sliced 1 3 axis 1", lambda x: x[:, 1:3], x)
    case(g, "sliced 0 1 axis 2", lambda x: x[:, :, 0:1], x)
    case(g, "selected 2 axis 1", lambda x: x[:, 2], x)
    case(g, "concatenated axis 1", lambda a, b: torch.cat([a, b], 1), normal(2, 3, 2), normal(2, 1, 2))
    case(g, "stacked axis 1", lambda a, b: torch.stack([a, b], 1), normal(2, 3), normal(2, 3))
    case(g, "split 1 3", lambda x: torch.split(x, [1, 3], 1)[1] * 2, normal(2, 4))
    case(g, "padded 1 2 axis 1", lambda x: F.pad(x, (1, 2)), normal(2, 3))
    case(g, "rows 2 0 2 1", lambda x: x[[2, 0, 2, 1]], normal(4, 3))
    case(g, "picking 1 0 3", lambda x: x[[0, 1, 2], [1, 0, 3]], normal(3, 4))

    for n, c, h, w, o, k, s, p in [(2, 3, 6, 5, 4, 3, 1, 0), (1, 1, 4, 4, 1, 1, 1, 0), (2, 2, 7, 6, 3, 3, 2, 1), (3, 1, 5, 5, 2, 5, 1, 2),
                                   (2, 3, 8, 8, 13, 4, 2, 1), (1, 2, 2, 3, 2, 2, 3, 1), (1, 5, 3, 3, 33, 3, 1, 1)]:
        label = f"{n} {c} {h} {w} to {o} kernel {k} stride {s} padding {p}"
        case(g, f"conv2d {label}", lambda x, w, b: F.conv2d(x, w, b, stride=s, padding=p), normal(n, c, h, w), normal(o, c, k, k), normal(o))
    for n, c, h, w, o, k, s, p in [(2, 3, 3, 4, 2, 3, 1, 0), (1, 1, 1, 1, 1, 1, 1, 0), (2, 2, 4, 3, 3, 4, 2, 1), (2, 13, 2, 2, 3, 3, 2, 1)]:
        label = f"{n} {c} {h} {w} to {o} kernel {k} stride {s} padding {p}"
        case(g, f"convTranspose2d {label}", lambda x, w, b: F.conv_transpose2d(x, w, b, stride=s, padding=p), normal(n, c, h, w), normal(c, o, k, k), normal(o))
    case(g, "conv1d stride 2 padding 1", lambda x, w, b: F.conv1d(x, w, b, stride=2, padding=1), normal(2, 3, 9), normal(4, 3, 3), normal(4))
    case(g, "maxPool2d 2", lambda x: F.max_pool2d(x, 2), normal(2, 3, 5, 6))
    case(g, "maxPool2d 3 stride 1", lambda x: F.max_pool2d(x, 3, 1), normal(1, 2, 4, 5))
    case(g, "averagePool2d 2", lambda x: F.avg_pool2d(x, 2), normal(2, 3, 4, 6))
    case(g, "batchNormalized", lambda x, a, b: F.batch_norm(x, None, None, a, b, training=True, eps=1e-5), normal(4, 3, 2, 5), positive(3), normal(3))
    case(g, "batchNormalized one image", lambda x, a, b: F.batch_norm(x, None, None, a, b, training=True, eps=1e-5), normal(1, 2, 3, 3), positive(2), normal(2))

    for n, length, d, h in [(3, 4, 2, 5), (1, 1, 1, 1), (18, 3, 4, 17), (2, 7, 3, 33)]:
        def lstm(x, w, u, b, h0, c0):
            weights = [w, u, b, torch.zeros_like(b)]
            y, hn, cn = torch._VF.lstm(x, (h0[None], c0[None]), weights, True, 1, 0.0, False, False, True)
            return y, hn[0], cn[0]

        case(g, f"lstm {n} {length} {d} {h}", lstm, normal(n, length, d), normal(4 * h, d), normal(4 * h, h), normal(4 * h), normal(n, h), normal(n, h))

    def lstm_lengths(x, w, u, b, h0, c0):
        """The state of a sequence stays as it is after its last valid step."""
        outs, h, c = [], h0, c0
        for t in range(x.shape[1]):
            i, f, z, o = (x[:, t] @ w.T + h @ u.T + b).chunk(4, 1)
            nc = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(z)
            nh = torch.sigmoid(o) * torch.tanh(nc)
            m = torch.tensor([[float(t < n)] for n in (4, 0, 2)], dtype=x.dtype)
            h, c = m * nh + (1 - m) * h, m * nc + (1 - m) * c
            outs.append(h)
        return torch.stack(outs, 1), h, c

    case(g, "lstm lengths 4 0 2", lstm_lengths, normal(3, 4, 2), normal(12, 2), normal(12, 3), normal(12), normal(3, 3), normal(3, 3))
    g.write(TESTS / "TensorsTests" / "Goldens" / "engine.json")


def learning():
    """Losses, layers, optimizers and metrics."""
    g = Golden(__file__, torch, numpy, sklearn)
    g["seed"] = SEED
    labels = torch.tensor([2, 0, 3, 1, 2])
    weights = torch.tensor([1.0, 0.0, 0.5, 2.0, 1.0], dtype=torch.float64)
    case(g, "softmaxCrossEntropy", lambda x: F.cross_entropy(x, labels), 3 * normal(5, 4))
    case(g, "softmaxCrossEntropy weights", lambda x: (F.cross_entropy(x, labels, reduction="none") * weights).sum() / weights.sum(), normal(5, 4))
    targets = torch.rand(3, 4, dtype=torch.float32).double()
    g["targets"] = short(targets)
    targets = torch.tensor(short(targets))
    case(g, "binaryCrossEntropy", lambda x: F.binary_cross_entropy_with_logits(x, targets), 4 * normal(3, 4))
    case(g, "meanSquaredError", lambda x: F.mse_loss(x, targets), normal(3, 4))
    case(g, "meanAbsoluteError", lambda x: F.l1_loss(x, targets), 3 * apart(3, 4))
    case(g, "huber", lambda x: F.huber_loss(x, targets, delta=0.75), 2 * normal(3, 4))

    def rnn(x, w, u, b):
        y, h = torch._VF.rnn_tanh(x, torch.zeros(1, x.shape[0], u.shape[0], dtype=x.dtype), [w, u, b, torch.zeros_like(b)], True, 1, 0.0, False, False, True)
        return y, h[0]

    case(g, "rnn", rnn, normal(3, 4, 2), normal(5, 2), normal(5, 5), normal(5))
    case(g, "dense", F.linear, normal(2, 3, 4), normal(5, 4), normal(5))

    # Two batches through batch normalisation in training, then one in evaluation.
    layer = torch.nn.BatchNorm2d(3, dtype=torch.float64)
    batches = [normal(4, 3, 2, 2), normal(4, 3, 2, 2), normal(2, 3, 2, 2)]
    for i, x in enumerate(batches):
        if i == 2:
            layer.eval()
        g[f"batchNorm/in{i}"] = short(x)
        g[f"batchNorm/out{i}"] = short(layer(x.double()))
    g["batchNorm mean"] = short(layer.running_mean)
    g["batchNorm variance"] = short(layer.running_var)

    # Five steps of each rule from the same point along the same gradients.
    start = [normal(3, 4), normal(5)]
    steps = [[normal(3, 4), normal(5)] for _ in range(5)]
    for i, x in enumerate(start):
        g[f"optimizer/in{i}"] = short(x)
    for number, gradients in enumerate(steps):
        for i, x in enumerate(gradients):
            g[f"optimizer/step{number}grad{i}"] = short(x)
    rules = {
        "SGD": lambda p: torch.optim.SGD(p, lr=0.1),
        "SGD momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01),
        "SGD Nesterov": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.8, nesterov=True),
        "Adam": lambda p: torch.optim.Adam(p, lr=0.01, weight_decay=0.1),
        "AdamW": lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1),
        "RMSProp": lambda p: torch.optim.RMSprop(p, lr=0.02, alpha=0.9, weight_decay=0.01),
    }
    for name, rule in rules.items():
        parameters = [torch.nn.Parameter(torch.tensor(short(x))) for x in start]
        optimizer = rule(parameters)
        for gradients in steps:
            for parameter, x in zip(parameters, gradients):
                parameter.grad = torch.tensor(short(x))
            optimizer.step()
        for i, parameter in enumerate(parameters):
            g[f"optimizer {name}/out{i}"] = short(parameter)

    y = numpy.array([0, 1, 1, 0, 1, 0, 0, 1, 0, 1, 0, 0, 1])
    p = numpy.array([0.1, 0.9, 0.4, 0.4, 0.7, 0.2, 0.7, 0.7, 0.05, 1.0, 0.0, 0.3, 0.35])
    fpr, tpr, thresholds = metrics.roc_curve(y, p, drop_intermediate=False)
    g["metrics labels"], g["metrics scores"] = y, p
    g["metrics fpr"], g["metrics tpr"] = fpr, tpr
    g["metrics values"] = [metrics.roc_auc_score(y, p), metrics.average_precision_score(y, p), metrics.log_loss(y, p),
                           metrics.brier_score_loss(y, p), metrics.accuracy_score(y, p >= 0.5)]
    g["metrics confusion"] = metrics.confusion_matrix(y, p >= 0.5)
    g.write(TESTS / "LearningTests" / "Goldens" / "learning.json")

    # A file by the safetensors library, and the numbers in it.
    save_file({"layer.weight": torch.tensor([[1.5, -2.0, 0.25], [3.0, 0.0, -0.5]]), "layer.bias": torch.tensor([7.0]),
               "scalar": torch.tensor(2.5), "empty": torch.zeros(0, 3)},
              str(TESTS / "LearningTests" / "Goldens" / "python.safetensors"), metadata={"format": "pt"})


def read(path):
    """`python Tests/Oracles/engine.py read <file>`: what the safetensors library finds in a file of ours."""
    for name, tensor in sorted(load_file(path).items()):
        print(name, tuple(tensor.shape), tensor.dtype, tensor.reshape(-1).tolist())


if sys.argv[1:2] == ["read"]:
    read(sys.argv[2])
else:
    tensors()
    learning()
