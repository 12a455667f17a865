"""Golden numbers for the layers and losses that stand on the engine, by PyTorch: forward, and every gradient of
Σ upstream · result.

Inputs are Float32; PyTorch computes in Float64, so that the goldens are the mathematical values.
Keys: `<case>/in<i>`, `<case>/out<i>`, `<case>/up<i>`, `<case>/grad<i>`; the parameters of a layer are inputs too, in
PyTorch's order.

    python Tests/Oracles/engine_layers.py      # Tests/LearningTests/Goldens/layers.json
"""

import pathlib

import numpy
import torch
import torch.nn.functional as F
from torch.func import functional_call

from golden import Golden

TESTS = pathlib.Path(__file__).resolve().parents[1]
SEED = 20261121
torch.manual_seed(SEED)


def short(tensor):
    """Float32 numbers by their shortest decimals."""
    array = tensor.detach().numpy().astype(numpy.float32)
    return numpy.array([float(str(x)) for x in array.reshape(-1)], dtype=numpy.float64).reshape(array.shape)


def normal(*shape):
    return torch.randn(shape, dtype=torch.float32)


def positive(*shape):
    return torch.rand(shape, dtype=torch.float32) + 0.5


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


def module_case(golden, name, module, inputs, call=lambda module, *x: module(*x), scale=0.6):
    """A module whose parameters, redrawn, follow the inputs."""
    module = module.double()
    names = [n for n, _ in module.named_parameters()]
    weights = [scale * normal(*p.shape) for _, p in module.named_parameters()]

    class Call(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = module

        def forward(self, *x):
            return call(self.inner, *x)

    def function(*all):
        given = {f"inner.{n}": w for n, w in zip(names, all[len(inputs):])}
        return functional_call(Call(), given, tuple(all[:len(inputs)]))

    case(golden, name, function, *inputs, *weights)


g = Golden(__file__, torch, numpy)
g["seed"] = SEED

# Layer normalisation and attention.
for shape in [(3, 4, 5), (1, 1), (2, 33), (70, 6), (0, 4)]:
    d = shape[-1]
    case(g, f"layerNorm {list(shape)}", lambda x, a, b: F.layer_norm(x, (d,), a, b), 2 * normal(*shape), positive(d), normal(d))


def padding(lengths, steps):
    return torch.tensor([[t >= n for t in range(steps)] for n in lengths])


def self_attention(causal, lengths):
    def call(module, x):
        mask = torch.triu(torch.ones(x.shape[1], x.shape[1], dtype=torch.bool), 1) if causal else None
        return module(x, x, x, attn_mask=mask, need_weights=False, key_padding_mask=padding(lengths, x.shape[1]) if lengths else None)[0]
    return call


for n, l, d, h, causal, lengths in [(2, 5, 6, 2, False, None), (2, 5, 6, 3, True, None), (3, 4, 4, 1, False, [4, 1, 3]), (2, 7, 4, 4, True, [7, 3]),
                                    (1, 1, 1, 1, False, None), (1, 19, 2, 1, False, None)]:
    name = f"attention {n} {l} {d} heads {h} causal {int(causal)} lengths {lengths or 'all'}"
    module_case(g, name, torch.nn.MultiheadAttention(d, h, batch_first=True), [normal(n, l, d)], self_attention(causal, lengths))
module_case(g, "crossAttention heads 2 lengths [3, 1]", torch.nn.MultiheadAttention(4, 2, batch_first=True), [normal(2, 5, 4), normal(2, 3, 4), normal(2, 3, 4)],
            lambda m, q, k, v: m(q, k, v, key_padding_mask=padding([3, 1], 3), need_weights=False)[0])
for first in (False, True):
    module_case(g, f"encoderLayer first {int(first)}", torch.nn.TransformerEncoderLayer(6, 2, 5, dropout=0, batch_first=True, norm_first=first), [normal(2, 4, 6)],
                lambda m, x: m(x, src_key_padding_mask=padding([4, 2], 4)))
causal = torch.nn.Transformer.generate_square_subsequent_mask(3, dtype=torch.float64)
layer = torch.nn.TransformerEncoderLayer(4, 1, 3, dropout=0, batch_first=True)
module_case(g, "encoder two causal layers and a norm", torch.nn.TransformerEncoder(layer, 2, norm=torch.nn.LayerNorm(4), enable_nested_tensor=False), [normal(2, 3, 4)],
            lambda m, x: m(x, mask=causal))
case(g, "positions", lambda x, p: x + p[:3], normal(2, 3, 4), normal(5, 4))

# Recurrent layers.
def at_lengths(step, x, lengths, h):
    """The state of a sequence stays as it is after its last valid step."""
    outs = []
    for t in range(x.shape[1]):
        m = torch.tensor([[float(t < n)] for n in lengths], dtype=x.dtype)
        h = m * step(x[:, t], h) + (1 - m) * h
        outs.append(h)
    return torch.stack(outs, 1), h


def gru(x, w, u, b, c, h):
    y, last = torch._VF.gru(x, h[None], [w, u, b, c], True, 1, 0.0, False, False, True)
    return y, last[0]


def rnn(x, w, u, b, h):
    y, last = torch._VF.rnn_tanh(x, h[None], [w, u, b, torch.zeros_like(b)], True, 1, 0.0, False, False, True)
    return y, last[0]


for n, l, d, h in [(3, 4, 2, 5), (1, 1, 1, 1), (18, 3, 4, 17), (2, 6, 3, 33)]:
    case(g, f"gru {n} {l} {d} {h}", gru, normal(n, l, d), normal(3 * h, d), normal(3 * h, h), normal(3 * h), normal(3 * h), normal(n, h))
    case(g, f"rnn {n} {l} {d} {h}", rnn, normal(n, l, d), 0.5 * normal(h, d), 0.5 * normal(h, h), normal(h), normal(n, h))
lengths = [4, 0, 2]
case(g, "gru lengths", lambda x, w, u, b, c, h: at_lengths(lambda x, h: torch._VF.gru_cell(x, h, w, u, b, c), x, lengths, h),
     normal(3, 4, 2), normal(9, 2), normal(9, 3), normal(9), normal(9), normal(3, 3))
case(g, "rnn lengths", lambda x, w, u, b, h: at_lengths(lambda x, h: torch.tanh(F.linear(x, w, b) + F.linear(h, u)), x, lengths, h),
     normal(3, 4, 2), normal(3, 2), normal(3, 3), normal(3), normal(3, 3))


class TwoWay(torch.nn.Module):
    """Two bidirectional layers; the LSTM's second bias is left out, as our layer has one."""

    def __init__(self, kind, inputs, hidden):
        super().__init__()
        self.kind = kind
        one = lambda *shape: torch.nn.Parameter(torch.zeros(*shape))
        gates = {"gru": 3, "lstm": 4}[kind]
        for layer, width in enumerate([inputs, 2 * hidden]):
            for way in ("", "_reverse"):
                self.register_parameter(f"weight_ih_l{layer}{way}", one(gates * hidden, width))
                self.register_parameter(f"weight_hh_l{layer}{way}", one(gates * hidden, hidden))
                self.register_parameter(f"bias_ih_l{layer}{way}", one(gates * hidden))
                if kind == "gru":
                    self.register_parameter(f"bias_hh_l{layer}{way}", one(gates * hidden))
        self.hidden = hidden

    def forward(self, x, lengths):
        weights = []
        for name, p in self.named_parameters():
            weights.append(p)
            if self.kind == "lstm" and name.startswith("bias"):
                weights.append(torch.zeros_like(p))
        packed = torch.nn.utils.rnn.pack_padded_sequence(x, torch.tensor(lengths), batch_first=True)
        start = torch.zeros(4, x.shape[0], self.hidden, dtype=x.dtype)
        if self.kind == "lstm":
            y, last, _ = torch._VF.lstm(packed.data, packed.batch_sizes, (start, start), weights, True, 2, 0.0, False, True)
        else:
            y, last = torch._VF.gru(packed.data, packed.batch_sizes, start, weights, True, 2, 0.0, False, True)
        y, _ = torch.nn.utils.rnn.pad_packed_sequence(torch.nn.utils.rnn.PackedSequence(y, packed.batch_sizes), batch_first=True)
        return y, torch.cat([last[2], last[3]], 1)


for kind in ("lstm", "gru"):
    module_case(g, f"bidirectional {kind}", TwoWay(kind, 3, 4), [normal(3, 5, 3)], lambda m, x: m(x, [5, 5, 5]))
    module_case(g, f"bidirectional {kind} lengths", TwoWay(kind, 3, 2), [normal(3, 5, 3)], lambda m, x: m(x, [5, 3, 1]))

# The softmax loss.
labels = torch.tensor([2, 0, 3, 1, 2])
w = torch.tensor([0.5, 2.0, 1.0, 1.5], dtype=torch.float64)
case(g, "crossEntropy smoothing", lambda x: F.cross_entropy(x, labels, label_smoothing=0.1), 3 * normal(5, 4))
case(g, "crossEntropy classWeights", lambda x: F.cross_entropy(x, labels, weight=w), normal(5, 4))
case(g, "crossEntropy smoothing classWeights", lambda x: F.cross_entropy(x, labels, weight=w, label_smoothing=0.3), normal(5, 4))
wide = torch.tensor([36, 0, 17])
case(g, "crossEntropy wide", lambda x: F.cross_entropy(x, wide, label_smoothing=0.2), 5 * normal(3, 37))

g.write(TESTS / "LearningTests" / "Goldens" / "layers.json")
