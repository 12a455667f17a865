"""Golden numbers by PyTorch for what the other engine oracles leave out: windows that are not square, pooling with
padding, blocks of convolutions, and what NaN and infinity do.

Form and keys are those of engine.py. Numbers lie away from kinks, so that finite differences may check every entry: what
a maximum is taken of at least 1/4 apart, and what a ReLU6 gets near 3, but for one case too large to be checked
so.

    python Tests/Oracles/engine_whole.py      # Tests/TensorsTests/Goldens/{engine_whole,special}.json, Tests/LearningTests/Goldens/blocks.json
"""

import pathlib

import numpy
import torch
import torch.nn.functional as F
from torch import nn
from torch.func import functional_call

from golden import Golden

TESTS = pathlib.Path(__file__).resolve().parents[1]
SEED = 20261122
torch.manual_seed(SEED)


def short(tensor):
    """Float32 numbers by their shortest decimals."""
    array = tensor.detach().numpy().astype(numpy.float32)
    return numpy.array([float(str(x)) for x in array.reshape(-1)], dtype=numpy.float64).reshape(array.shape)


def normal(*shape):
    return torch.randn(shape, dtype=torch.float32)


def spaced(*shape):
    """Distinct multiples of 1/4 in random order."""
    count = int(numpy.prod(shape))
    return (torch.randperm(count).float() / 4 - count // 8).reshape(shape)


def case(golden, name, function, *inputs):
    leaves = [x.double().requires_grad_() for x in inputs]
    output = function(*leaves)
    upstream = normal(*output.shape)
    gradients = torch.autograd.grad((output * upstream.double()).sum(), leaves)
    for i, x in enumerate(inputs):
        golden[f"{name}/in{i}"] = short(x)
        golden[f"{name}/grad{i}"] = short(gradients[i])
    golden[f"{name}/out0"] = short(output)
    golden[f"{name}/up0"] = short(upstream)


def operations():
    g = Golden(__file__, torch, numpy)
    g["seed"] = SEED
    for n, c, h, w, o, kernel, stride, padding, dilation, q in [
            (2, 2, 5, 7, 3, (3, 2), (2, 1), (1, 0), (1, 1), 1), (1, 3, 6, 5, 2, (1, 3), (1, 2), (0, 1), (1, 1), 1),
            (1, 2, 7, 5, 2, (2, 3), (1, 1), (0, 2), (3, 1), 1), (2, 4, 5, 6, 4, (3, 2), (2, 3), (2, 1), (1, 2), 4),
            (1, 4, 3, 7, 2, (2, 2), (3, 1), (1, 1), (1, 3), 2), (1, 1, 1, 1, 1, (1, 1), (1, 3), (0, 0), (2, 1), 1),
            (3, 17, 4, 5, 33, (3, 1), (1, 2), (1, 0), (1, 1), 1), (0, 2, 4, 5, 2, (2, 3), (1, 2), (0, 1), (1, 1), 1)]:
        numbers = [*kernel, *stride, *padding, *dilation, q]
        label = f"{[n, c, h, w]} to {o} kernel {numbers[0]} {numbers[1]} stride {numbers[2]} {numbers[3]} padding {numbers[4]} {numbers[5]} dilation {numbers[6]} {numbers[7]} groups {q}"
        case(g, f"conv2d {label}", lambda x, w, b: F.conv2d(x, w, b, stride, padding, dilation, q),
             normal(n, c, h, w), normal(o, c // q, *kernel), normal(o))
    for n, c, h, w, o, kernel, stride, padding, more in [
            (2, 2, 2, 3, 3, (3, 2), (2, 1), (1, 0), (1, 0)), (1, 1, 1, 1, 1, (1, 1), (1, 1), (0, 0), (0, 0)),
            (1, 3, 3, 2, 2, (3, 3), (2, 2), (1, 1), (1, 1)), (1, 2, 2, 2, 1, (2, 4), (1, 3), (0, 1), (0, 2)),
            (0, 2, 2, 2, 1, (3, 3), (2, 2), (1, 1), (1, 1))]:
        label = f"{[n, c, h, w]} to {o} kernel {kernel[0]} {kernel[1]} stride {stride[0]} {stride[1]} padding {padding[0]} {padding[1]} more {more[0]} {more[1]}"
        case(g, f"convTranspose2d {label}", lambda x, w, b: F.conv_transpose2d(x, w, b, stride, padding, more),
             normal(n, c, h, w), normal(c, o, *kernel), normal(o))
    for shape, size, stride, padding in [((2, 2, 5, 6), 3, 2, 1), ((1, 1, 1, 1), 1, 1, 0), ((1, 2, 4, 3), 2, 1, 1), ((1, 3, 7, 5), 2, 2, 0), ((0, 2, 4, 4), 3, 2, 1)]:
        label = f"{list(shape)} size {size} stride {stride} padding {padding}"
        case(g, f"maxPool2d {label}", lambda x: F.max_pool2d(x, size, stride, padding), spaced(*shape))
        case(g, f"averagePool2d {label}", lambda x: F.avg_pool2d(x, size, stride, padding), normal(*shape))
        if shape[0]:
            flat = shape[:2] + (shape[3] * shape[2],)
            label = f"{list(flat)} size {size} stride {stride} padding {padding}"
            case(g, f"maxPool1d {label}", lambda x: F.max_pool1d(x, size, stride, padding), spaced(*flat))
            case(g, f"averagePool1d {label}", lambda x: F.avg_pool1d(x, size, stride, padding), normal(*flat))
    case(g, "padded 2 1 with", lambda x: F.pad(x, (0, 0, 2, 1), value=-1.5), normal(2, 3, 1))
    mask = torch.tensor([[1, 0, 1], [0, 0, 1]])
    case(g, "keeping", lambda x: torch.where(mask == 1, x, torch.tensor(-7.0, dtype=torch.float64)), normal(2, 3))
    case(g, "reversedSteps", lambda x: torch.flip(x, [1]), normal(3, 5, 2))

    def turned(x):
        return torch.stack([torch.cat([torch.flip(row[:m], [0]), row[m:]]) for row, m in zip(x, (4, 0, 1))])

    case(g, "reversedSteps lengths", turned, normal(3, 5, 2))
    dense = torch.where(torch.rand(5, 7) < 0.4, normal(5, 7), torch.zeros(()))
    g["csr"] = short(dense)
    sparse = torch.tensor(short(dense)).to_sparse_csr()
    case(g, "csrProduct 1", lambda x: torch.sparse.mm(sparse, x), normal(7, 1))
    case(g, "csrProduct 3", lambda x: torch.sparse.mm(sparse, x), normal(7, 3))
    case(g, "layerNormalized [1, 3]", lambda x, a, b: F.layer_norm(x, (3,), a, b), normal(1, 3), normal(3), normal(3))
    case(g, "affine 1", lambda x, w, b: F.linear(x, w, b), normal(1, 1), normal(1, 1), normal(1))
    case(g, "affine 3 5", lambda x, w, b: F.linear(x, w, b), normal(2, 1, 5), normal(3, 5), normal(3))
    case(g, "max axis 1 of [2, 3, 1]", lambda x: x.amax(1), spaced(2, 3, 1))
    case(g, "max all of [5]", lambda x: x.amax(), spaced(5))
    case(g, "relu6", F.relu6, torch.tensor([[-3.0, -0.5, 0.5, 2.0, 5.5], [6.5, 9.0, 3.0, -9.0, 1.0]]))
    both = spaced(2, 2, 3)
    case(g, "maximum [2, 3] [2, 3]", torch.maximum, both[0], both[1])
    case(g, "maximum [3, 1] [1, 2]", torch.maximum, torch.tensor([[0.0], [1.0], [2.0]]), torch.tensor([[0.5, 1.5]]))
    fused(g)
    state = torch.get_rng_state()
    texts(g)
    torch.set_rng_state(state)  # what follows is drawn as before
    g.write(TESTS / "TensorsTests" / "Goldens" / "engine_whole.json")


def texts(g):
    """A convolution, ReLU and the maximum over time; and binary cross-entropy. Drawn apart from the other cases."""
    generator = torch.Generator().manual_seed(SEED)

    def strongest(x, w, b):
        return F.conv1d(x.transpose(1, 2), w, b).relu().amax(2)

    for n, length, d, filters, window in [(1, 1, 1, 1, 1), (2, 5, 3, 4, 2), (3, 4, 2, 5, 4)]:
        while True:  # until no two windows are close, and no maximum is near the ReLU's kink
            x, w, b = (torch.randn(shape, generator=generator) for shape in [(n, length, d), (filters, d, window), (filters,)])
            top = F.conv1d(x.transpose(1, 2), w, b).topk(min(2, length - window + 1), dim=2).values
            if top[..., 0].abs().min() > 0.1 and (top[..., 0] - top[..., -1]).add(0 if top.shape[2] > 1 else 1).min() > 0.05:
                break
        case(g, f"strongestResponses {[n, length, d]} {[filters, d, window]}", strongest, x, w, b)
    targets = torch.tensor([[1.0, 0.0, 0.25], [0.5, 1.0, 0.0]], dtype=torch.float64)
    logits = 2 * torch.randn((2, 3), generator=generator)
    case(g, "binaryCrossEntropy", lambda x: F.binary_cross_entropy_with_logits(x, targets), logits)


def fused(g):
    """Operations whose backward pass is written by hand."""
    def heads_of(x, heads):
        return x.reshape(x.shape[0], x.shape[1], heads, x.shape[2] // heads).transpose(1, 2)

    def attention(q, k, v, heads, is_causal):
        y = F.scaled_dot_product_attention(heads_of(q, heads), heads_of(k, heads), heads_of(v, heads), is_causal=is_causal)
        return y.transpose(1, 2).reshape(q.shape)

    for n, length, keys, d, heads in [(2, 3, 5, 4, 2), (1, 1, 1, 1, 1), (1, 3, 2, 3, 3), (0, 2, 2, 2, 1)]:
        label = f"{[n, length, d]} keys {keys} heads {heads}"
        case(g, f"attention {label}", lambda q, k, v: attention(q, k, v, heads, False), normal(n, length, d), normal(n, keys, d), normal(n, keys, d))
    for n, length, d, heads, causal in [(2, 3, 4, 2, 0), (1, 5, 3, 1, 1), (1, 1, 1, 1, 1)]:
        case(g, f"selfAttention {[n, length, 3 * d]} heads {heads} causal {causal}", lambda x: attention(*x.chunk(3, 2), heads, causal == 1), normal(n, length, 3 * d))
    for n, length, d, h in [(2, 3, 2, 3), (1, 1, 1, 1), (3, 2, 1, 5)]:
        def gru(x, w, u, b, c, h0):
            return torch._VF.gru(x, h0[None], [w, u, b, c], True, 1, 0.0, False, False, True)[0]

        def rnn(x, w, u, b, h0):
            return torch._VF.rnn_tanh(x, h0[None], [w, u, b, torch.zeros_like(b)], True, 1, 0.0, False, False, True)[0]

        label = f"{[n, length, d]} hidden {h}"
        case(g, f"gru {label}", gru, normal(n, length, d), normal(3 * h, d), normal(3 * h, h), normal(3 * h), normal(3 * h), normal(n, h))
        case(g, f"rnn {label}", rnn, normal(n, length, d), 0.5 * normal(h, d), 0.5 * normal(h, h), normal(h), normal(n, h))
    labels, weights = torch.tensor([2, 0, 1]), torch.tensor([0.5, 2.0, 1.0, 1.5], dtype=torch.float64)
    case(g, "softmaxCrossEntropy [3, 4]", lambda x: F.cross_entropy(x, labels, weight=weights, label_smoothing=0.2), 2 * normal(3, 4))
    case(g, "softmaxCrossEntropy [1, 1]", lambda x: F.cross_entropy(x, labels[:1] * 0), normal(1, 1))
    # Graph attention of 3 rows that hear 4 columns, the last row none; each sum of scores at least 1/4 from the kink at 0.
    graph = torch.tensor([[1.0, 0, 1, 1], [0, 1, 0, 0], [0, 0, 0, 0]])
    g["graph"] = graph

    def graph_attention(f, source, target):
        scores = F.leaky_relu(target[:, None] + source[None], 0.2).masked_fill(graph[:, :, None] == 0, -torch.inf)  # [3, 4, H]
        weights = torch.cat([torch.softmax(scores[:2], 1), torch.zeros_like(scores[2:])])
        return torch.einsum("ijh,jhf->ihf", weights, f.reshape(4, 2, -1)).reshape(3, -1)

    signs = torch.tensor([1.0, -1.0])
    case(g, "csrAttention", graph_attention, normal(4, 6), signs * (0.3 + torch.rand(4, 2)), signs * torch.rand(3, 2))


# What JSON cannot hold.
CODES = {"nan": 1001.0, "inf": 1002.0, "-inf": 1003.0}


def coded(tensor):
    return [[CODES.get(str(float(x)), float(x)) for x in tensor.detach().reshape(-1)]]


def special():
    """NaN and infinity as PyTorch treats them, in Float32, forward and backward from an upstream gradient of 1, 2, 3, …"""
    g = Golden(__file__, torch, numpy)
    g["codes"] = list(CODES.values())
    nan, inf = float("nan"), float("inf")
    rows = torch.tensor([[1.0, nan, 3.0, -2.0], [inf, 1.0, 2.0, 0.5], [-inf, -1.0, 4.0, 7.0], [inf, -inf, 1.0, nan],
                         [-inf, -inf, -inf, -inf], [nan, nan, inf, inf], [inf, 1.0, inf, 0.0], [0.0, -0.0, 6.0, 6.5]])
    g["rows"] = coded(rows)
    functions = {
        "relu": torch.relu, "relu6": F.relu6, "leakyRelu": lambda x: F.leaky_relu(x, 0.2), "clipped": lambda x: torch.clamp(x, -0.5, 0.75),
        "abs": torch.abs, "exp": torch.exp, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "softplus": F.softplus, "sqrt": torch.sqrt, "log": torch.log,
        "squared": torch.square, "softmax": lambda x: torch.softmax(x, 1), "logSoftmax": lambda x: torch.log_softmax(x, 1),
        "max": lambda x: x.amax(1), "min": lambda x: x.amin(1), "sum": lambda x: x.sum(1), "mean": lambda x: x.mean(1), "variance": lambda x: x.var(1, correction=0),
        "cumulativeSum": lambda x: x.cumsum(1), "topK": lambda x: x.topk(3, 1)[0], "sort": lambda x: x.sort(dim=1, descending=True, stable=True)[0],
        "maximum": lambda x: torch.maximum(x, torch.tensor([1.0, 1.0, nan, 2.0])), "minimum": lambda x: torch.minimum(x, torch.tensor([1.0, 1.0, nan, 2.0])),
        "maxPool2d": lambda x: F.max_pool2d(x[None, None], 2), "averagePool2d": lambda x: F.avg_pool2d(x[None, None], 2),
        "maxPool2d padding": lambda x: F.max_pool2d(x[None, None], 3, 2, 1),
        "adaptiveMaxPool2d": lambda x: F.adaptive_max_pool2d(x[None, None], (3, 1)), "adaptiveAveragePool2d": lambda x: F.adaptive_avg_pool2d(x[None, None], (3, 1)),
        "layerNormalized": lambda x: F.layer_norm(x, (4,)),
    }
    for name, function in functions.items():
        x = rows.clone().requires_grad_()
        y = function(x)
        upstream = torch.arange(1.0, y.numel() + 1).reshape(y.shape)
        (slope,) = torch.autograd.grad(y, x, upstream)
        g[f"{name}/out0"], g[f"{name}/grad0"] = coded(y), coded(slope)
    g["argmax"] = rows.argmax(1)
    g["argmin"] = rows.argmin(1)
    g["sort indices"] = rows.sort(dim=1, descending=True, stable=True)[1]
    g.write(TESTS / "TensorsTests" / "Goldens" / "special.json")


def module_case(golden, name, module, inputs, call, weights):
    """A module whose parameters follow the inputs, in their order."""
    module = module.double()
    names = [n for n, _ in module.named_parameters()]
    assert [tuple(w.shape) for w in weights] == [tuple(p.shape) for _, p in module.named_parameters()]

    class Call(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = module

        def forward(self, *x):
            return call(self.inner, *x)

    def function(*everything):
        given = {f"inner.{n}": w for n, w in zip(names, everything[len(inputs):])}
        return functional_call(Call(), given, tuple(everything[:len(inputs)]))

    case(golden, name, function, *inputs, *weights)


def separable(channels, filters, kernel, stride, padding, dilation, multiplier, has_bias):
    return nn.Sequential(
        nn.Conv2d(channels, channels * multiplier, kernel, stride, padding, dilation, groups=channels, bias=False),
        nn.Conv2d(channels * multiplier, filters, 1, bias=has_bias))


def inverted_residual(channels, filters, stride, expansion):
    """torchvision's block, written out: the names and the order of the parameters are the same."""
    wide, layers = channels * expansion, []

    def block(inputs, outputs, kernel, stride, groups):
        return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs), nn.ReLU6())

    if expansion != 1:
        layers.append(block(channels, wide, 1, 1, 1))
    layers += [block(wide, wide, 3, stride, wide), nn.Conv2d(wide, filters, 1, bias=False), nn.BatchNorm2d(filters)]
    return nn.Sequential(*layers)


def weights_of(module, spread):
    """Weights by which the numbers that a ReLU6 gets lie around 3, `spread` apart: with 0.4, between its kinks at 0 and 6."""
    weights = []
    for name, p in module.named_parameters():
        if p.dim() == 1 and name.endswith("weight"):
            weights.append(spread * (0.8 + 0.4 * torch.rand(p.shape)))
        elif p.dim() == 1:
            weights.append(3 + 0.1 * normal(*p.shape))
        else:
            # Normalisation takes a filter's size out: a step on one of weights near 0 would be a leap.
            w = normal(*p.shape)
            weights.append(w + 0.75 * torch.sign(w))
    return weights


def blocks():
    g = Golden(__file__, torch, numpy)
    g["seed"] = SEED
    for shape, filters, kernel, stride, padding, dilation, multiplier, has_bias in [
            ((2, 3, 5, 4), 4, 3, 1, 1, 1, 1, True), ((1, 2, 5, 5), 3, 3, 2, 0, 1, 2, False), ((1, 1, 1, 1), 1, 1, 1, 0, 1, 1, True),
            ((1, 2, 5, 7), 1, 2, 1, 1, 3, 1, True), ((0, 2, 4, 4), 3, 3, 1, 1, 1, 1, True)]:
        module = separable(shape[1], filters, kernel, stride, padding, dilation, multiplier, has_bias)
        label = f"{list(shape)} to {filters} kernel {kernel} stride {stride} padding {padding} dilation {dilation} multiplier {multiplier} bias {int(has_bias)}"
        module_case(g, f"separable {label}", module, [normal(*shape)], lambda m, x: m(x), [normal(*p.shape) for p in module.parameters()])
    for shape, filters, stride, expansion, spread in [((2, 2, 3, 3), 2, 1, 2, 0.4), ((2, 2, 5, 4), 3, 2, 2, 0.4), ((2, 3, 3, 2), 3, 1, 1, 0.4),
                                                      ((1, 1, 3, 5), 2, 1, 3, 0.4), ((3, 5, 7, 7), 5, 1, 6, 3.0)]:
        module = inverted_residual(shape[1], filters, stride, expansion)
        adds = stride == 1 and shape[1] == filters
        label = f"{list(shape)} to {filters} stride {stride} expansion {expansion}" + (" beyond the kinks" if spread > 1 else "")
        module_case(g, f"invertedResidual {label}", module, [normal(*shape)], lambda m, x: x + m(x) if adds else m(x), weights_of(module, spread))
    near = torch.tensor([[-3.0, -0.5, 0.5, 2.0, 5.5], [6.5, 9.0, 3.0, -9.0, 1.0]])
    case(g, "relu6", F.relu6, near)
    layer = nn.Conv2d(4, 2, (2, 3), (2, 1), (1, 0), (1, 2), groups=2)
    module_case(g, "Conv2D groups", layer, [normal(1, 4, 4, 6)], lambda m, x: m(x), [normal(*p.shape) for p in layer.parameters()])
    layer = nn.Conv1d(4, 4, 3, 2, 2, 2, groups=4)
    module_case(g, "Conv1D groups", layer, [normal(2, 4, 5)], lambda m, x: m(x), [normal(*p.shape) for p in layer.parameters()])
    layer = nn.ConvTranspose2d(2, 3, 3, 2, 1, 1)
    module_case(g, "ConvTranspose2D output padding", layer, [normal(1, 2, 2, 3)], lambda m, x: m(x), [normal(*p.shape) for p in layer.parameters()])
    layer = nn.BatchNorm2d(3)
    module_case(g, "BatchNorm2D", layer, [normal(3, 3, 1, 2)], lambda m, x: m(x), [normal(*p.shape) for p in layer.parameters()])
    tokens = torch.tensor([[1, 4, 1], [0, 1, 4]])
    case(g, "Embedding", lambda t: F.embedding(tokens, t), normal(5, 3))
    case(g, "Embedding of nothing", lambda t: F.embedding(tokens[:0], t), normal(5, 3))

    # Attention blocks with a smooth activation.
    def drawn(module):
        return [0.6 * normal(*p.shape) for p in module.parameters()]

    for first in (0, 1):
        layer = nn.TransformerEncoderLayer(4, 2, 3, dropout=0, activation=torch.tanh, batch_first=True, norm_first=bool(first))
        module_case(g, f"TransformerEncoderLayer tanh first {first}", layer, [normal(1, 3, 4)], lambda m, x: m(x), drawn(layer))
    encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(2, 1, 3, dropout=0, activation=torch.tanh, batch_first=True), 2,
                                    norm=nn.LayerNorm(2), enable_nested_tensor=False)
    module_case(g, "TransformerEncoder tanh", encoder, [normal(1, 3, 2)], lambda m, x: m(x), drawn(encoder))
    edges = torch.tensor([[1.0, 1, 0], [0, 1, 1], [0, 0, 1]])
    g["edges"] = edges

    def graph_attention(x, w, source, target, b):
        f = (x @ w.T).reshape(3, 2, -1)
        scores = (f * target).sum(2)[:, None] + (f * source).sum(2)[None]
        assert scores[edges == 1].abs().min() > 0.5, "near a kink"
        weights = torch.softmax(F.leaky_relu(scores, 0.2).masked_fill(edges[:, :, None] == 0, -torch.inf), 1)
        return torch.einsum("ijh,jhf->ihf", weights, f).reshape(3, -1) + b

    # Features and attention near 1 in the first head, and of opposite signs in the second.
    near_one = lambda *shape: 1 + 0.2 * normal(*shape)
    signs = torch.tensor([[1.0, 1.0], [-1.0, -1.0]])
    case(g, "GraphAttention", graph_attention, near_one(3, 3), near_one(4, 3) / 3, near_one(2, 2) * signs, near_one(2, 2) * signs, normal(4))

    # Losses at least 1/8 from their kinks.
    targets = torch.tensor([[0.25, -1.0, 2.0], [0.0, 1.5, -0.5]], dtype=torch.float64)
    errors = torch.tensor([[0.5, -0.25, 1.5], [-2.0, 0.3, 0.45]])
    near = (targets.float() + errors)
    case(g, "meanAbsoluteError", lambda x: F.l1_loss(x, targets), near)
    case(g, "huber", lambda x: F.huber_loss(x, targets, delta=0.75), near)
    case(g, "meanSquaredError", lambda x: F.mse_loss(x, targets), near)
    yes = torch.tensor([[1.0, 0.0, 0.5], [0.0, 1.0, 0.25]], dtype=torch.float64)
    weights = torch.tensor([2.0, 0.5, 1.0], dtype=torch.float64)
    case(g, "binaryCrossEntropy weights", lambda x: F.binary_cross_entropy_with_logits(x, yes, weight=weights), 3 * normal(2, 3))
    signs = torch.tensor([[1.0, -1.0, 1.0]], dtype=torch.float64)
    case(g, "hinge", lambda x: torch.clamp(1 - x * signs, min=0).mean(), torch.tensor([[0.5, 0.25, 2.0]]))
    anchor = torch.tensor([[0.0, 0.5, 1.0], [2.0, -1.0, 0.5]])
    case(g, "tripletMargin", lambda a, p, n: F.triplet_margin_loss(a, p, n, margin=1.0), anchor, anchor + 0.5 * normal(2, 3), anchor + torch.tensor([[0.5, 0.5, 0.25], [9.0, 9.0, 9.0]]))
    g.write(TESTS / "LearningTests" / "Goldens" / "blocks.json")


operations()
special()
blocks()
