"""More golden numbers for the tensor engine, by PyTorch; see engine.py, whose form and keys they have.

Numbers that a maximum is taken of lie at least 1/4 apart, so that finite differences cross no tie.

    python Tests/Oracles/engine_more.py      # Tests/TensorsTests/Goldens/engine_more.json
"""

import pathlib

import numpy
import torch
import torch.nn.functional as F

from golden import Golden

SEED = 20260102
torch.manual_seed(SEED)


def short(tensor):
    """Float32 numbers by their shortest decimals."""
    array = tensor.detach().numpy().astype(numpy.float32)
    return numpy.array([float(str(x)) for x in array.reshape(-1)], dtype=numpy.float64).reshape(array.shape)


def normal(*shape):
    return torch.randn(shape, dtype=torch.float32)


def positive(*shape):
    return torch.rand(shape, dtype=torch.float32) + 0.5


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


def softmaxes(g):
    """`mask <bits>`: one bit an entry, of a mask [rows, columns]; a row without a 1 is 0 by definition."""
    for rows, columns, bits in [(3, 4, "110101110001"), (2, 3, "111000"), (1, 1, "1"), (1, 1, "0"), (2, 17, "1" * 17 + "01" * 8 + "0")]:
        mask = torch.tensor([bit == "1" for bit in bits]).reshape(rows, columns)

        def soft(x, logarithm):
            # Each row by itself, over the entries that count; masked logarithms, −∞, are left out.
            out = []
            for row, valid in zip(x, mask):
                y = (torch.log_softmax if logarithm else torch.softmax)(row[valid], 0)
                out.append(torch.zeros_like(row).masked_scatter(valid, y) if valid.any() else row * 0)
            return torch.stack(out)

        case(g, f"softmax mask {bits} {rows} {columns}", lambda x: soft(x, False), normal(rows, columns))
        case(g, f"logSoftmax mask {bits} {rows} {columns}", lambda x: soft(x, True), normal(rows, columns))


def entries(g):
    for exponent in ["2.5", "-1.5", "0.5", "0", "1", "3"]:
        case(g, f"pow {exponent}", lambda x: x ** float(exponent), positive(3, 7))
    case(g, "min axis 1", lambda x: torch.amin(x, 1), spaced(3, 4, 2))
    for shape, k in [((3, 5), 2), ((2, 3, 4), 4), ((1, 1), 1), ((7,), 3), ((2, 3), 0)]:
        case(g, f"topK {k} of {list(shape)}", lambda x: torch.topk(x, k)[0], spaced(*shape))
    for shape, axis in [((5,), 0), ((3, 4, 5), 0), ((3, 4, 5), 1), ((3, 4, 5), 2), ((1, 1), 1), ((2, 33), 1)]:
        case(g, f"cumulativeSum axis {axis} of {list(shape)}", lambda x: torch.cumsum(x, axis), normal(*shape))
    for indices, shape in [([2, 0, 2, 1], (4, 3)), ([0], (1,)), ([1, 1, 1], (2, 2, 2)), ([], (2, 3))]:
        label = " ".join(map(str, indices))
        place = torch.tensor(indices, dtype=torch.long)
        case(g, f"addingRows {list(shape)} at {label}", lambda x, r: x.index_add(0, place, r), normal(*shape), normal(len(indices), *shape[1:]))
    for shape, scale in [((2, 3, 2, 3), 2), ((1, 1, 1, 1), 3), ((1, 2, 3, 1), 1)]:
        case(g, f"upsampledNearest2d {scale} of {list(shape)}", lambda x: F.interpolate(x, scale_factor=scale, mode="nearest"), normal(*shape))


def convolutions(g):
    for n, c, h, w, o, k, s, p, d, q in [(2, 3, 7, 6, 4, 3, 1, 0, 2, 1), (1, 2, 9, 8, 3, 2, 2, 1, 3, 1), (2, 2, 4, 5, 3, 3, 1, 4, 3, 1), (1, 1, 1, 1, 1, 1, 1, 0, 5, 1),
                                         (2, 4, 5, 6, 4, 3, 1, 1, 1, 4), (1, 3, 7, 6, 6, 3, 2, 1, 1, 3), (2, 4, 5, 5, 6, 2, 1, 0, 1, 2), (1, 6, 7, 7, 3, 3, 2, 2, 2, 3),
                                         (1, 2, 3, 20, 2, 3, 1, 1, 1, 2), (0, 2, 4, 4, 2, 3, 1, 1, 2, 2)]:
        label = f"{n} {c} {h} {w} to {o} kernel {k} stride {s} padding {p} dilation {d} groups {q}"
        case(g, f"conv2d {label}", lambda x, w, b: F.conv2d(x, w, b, s, p, d, q), normal(n, c, h, w), normal(o, c // q, k, k), normal(o))
    for n, c, length, o, k, s, p, d, q in [(2, 3, 9, 4, 3, 1, 4, 4, 1), (2, 4, 8, 4, 3, 2, 1, 1, 4), (1, 4, 9, 2, 2, 1, 0, 3, 2)]:
        label = f"{n} {c} {length} to {o} kernel {k} stride {s} padding {p} dilation {d} groups {q}"
        case(g, f"conv1d {label}", lambda x, w, b: F.conv1d(x, w, b, s, p, d, q), normal(n, c, length), normal(o, c // q, k), normal(o))


def pooling(g):
    for (n, c, h, w), oh, ow in [((2, 3, 5, 7), 2, 3), ((1, 2, 4, 6), 1, 1), ((1, 1, 2, 3), 4, 5), ((2, 1, 1, 1), 1, 1), ((2, 2, 6, 4), 3, 4), ((0, 2, 4, 4), 2, 2)]:
        label = f"{oh} {ow} of {[n, c, h, w]}"
        case(g, f"adaptiveMaxPool2d {label}", lambda x: F.adaptive_max_pool2d(x, (oh, ow)) if n else x[:, :, :oh, :ow], spaced(n, c, h, w))
        case(g, f"adaptiveAveragePool2d {label}", lambda x: F.adaptive_avg_pool2d(x, (oh, ow)) if n else x[:, :, :oh, :ow], normal(n, c, h, w))
    for lengths, length, d in [([3, 0, 1, 5], 5, 3), ([1], 1, 1), ([2, 2], 4, 17), ([], 3, 2), ([0], 0, 2)]:
        # Each sequence by itself, cut to its valid steps; one without any is 0 by definition.
        def over(x, function):
            rows = [function(x[i, :m], 0) if m else torch.zeros_like(x[i]).sum(0) for i, m in enumerate(lengths)]
            return torch.stack(rows) + 0 * x.sum() if rows else x.sum(1)

        label = f"lengths {' '.join(map(str, lengths))} of {[len(lengths), length, d]}"
        case(g, f"maxOverSteps {label}", lambda x: over(x, torch.amax), spaced(len(lengths), length, d))
        case(g, f"meanOverSteps {label}", lambda x: over(x, torch.mean), normal(len(lengths), length, d))


def main():
    g = Golden(__file__, torch, numpy)
    g["seed"] = SEED
    softmaxes(g)
    entries(g)
    convolutions(g)
    pooling(g)
    g.write(pathlib.Path(__file__).resolve().parents[1] / "TensorsTests" / "Goldens" / "engine_more.json")


main()
