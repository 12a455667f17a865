"""Golden numbers for GANTransposedConvImages: PyTorch's transposed convolution and losses, SciPy's matrix square root."""

import numpy as np
import scipy
import torch
import torch.nn.functional as F
from scipy.linalg import sqrtm

from golden import Golden

golden = Golden(__file__, np, scipy, torch)
rng = np.random.default_rng(16)


def leaf(*shape):
    return torch.tensor(np.round(rng.normal(size=shape), 2), dtype=torch.float64, requires_grad=True)


def write(name, value):
    """Keeps nine significant digits."""
    value = np.asarray(value.detach() if hasattr(value, "detach") else value, dtype=np.float64)
    golden[name] = np.array([float(f"{v:.9g}") for v in value.ravel()]).reshape(value.shape)


for k, s, p in [(4, 2, 1), (3, 1, 1), (5, 3, 0)]:
    x, w, b = leaf(2, 3, 4, 3), leaf(3, 2, k, k), leaf(2)
    y = F.conv_transpose2d(x, w, b, stride=s, padding=p)
    upstream = torch.tensor(np.round(rng.normal(size=y.shape), 2))
    (y * upstream).sum().backward()
    for name, value in dict(x=x, w=w, b=b, y=y, upstream=upstream, dx=x.grad, dw=w.grad, db=b.grad).items():
        write(f"k{k}s{s}p{p}_{name}", value)

# The losses, with logits so large that a probability would be exactly 0 or 1.
real = torch.tensor([[2.5], [-0.3], [0.0], [-120.0], [90.0]], dtype=torch.float64, requires_grad=True)
fake = torch.tensor([[-1.2], [0.8], [150.0], [-95.0], [0.1]], dtype=torch.float64, requires_grad=True)
bce = F.binary_cross_entropy_with_logits
d = 0.5 * (bce(real, torch.ones_like(real)) + bce(fake, torch.zeros_like(fake)))
d.backward()
write("real", real)
write("fake", fake)
write("dLoss", d)
write("dLoss_real", real.grad)
write("dLoss_fake", fake.grad)
fake.grad = None
g = bce(fake, torch.ones_like(fake))
g.backward()
write("gLoss", g)
write("gLoss_fake", fake.grad)

# Two correlated samples of different size.
a = rng.normal(size=(60, 6)) @ rng.normal(size=(6, 6)) + rng.normal(size=6)
b = rng.normal(size=(45, 6)) @ rng.normal(size=(6, 6))
a, b = np.round(a, 3), np.round(b, 3)
mean = a.mean(0) - b.mean(0)
ca, cb = np.cov(a.T), np.cov(b.T)
golden["features_a"] = a
golden["features_b"] = b
golden["frechet"] = float(mean @ mean + np.trace(ca + cb - 2 * sqrtm(ca @ cb).real))
golden.write()
