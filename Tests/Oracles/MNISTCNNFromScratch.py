"""Golden numbers for MNISTCNNFromScratch from PyTorch: forward, pooling with ties, loss, and every gradient.

Two coarse pictures, three filters, four hidden units. PyTorch keeps the channel first; what is written here has it last.
"""

import numpy as np
import torch
import torch.nn.functional as F

from golden import Golden

golden = Golden(__file__, np, torch)
rng = np.random.default_rng(11)


def write(name, value):
    """Keeps eight significant digits: enough for Float32, and a smaller file."""
    value = np.asarray(value.detach() if hasattr(value, "detach") else value, dtype=np.float64)
    golden[name] = np.array([float(f"{v:.8g}") for v in value.ravel()]).reshape(value.shape)


def parameter(*shape, scale):
    return torch.tensor(np.round(rng.normal(0, scale, shape), 3), dtype=torch.float64, requires_grad=True)


filters, hidden = 3, 4
# A third of the pixels is ink, in four grey levels: after the convolution and ReLU many windows have ties at zero.
pixels = np.round(rng.integers(1, 5, (2, 28, 28, 1)) / 4, 2) * (rng.random((2, 28, 28, 1)) < 0.33)
labels = torch.tensor([7, 2])
x = torch.tensor(pixels, dtype=torch.float64)
w = parameter(3, 3, 1, filters, scale=0.4)
b = parameter(filters, scale=0.2)
w1 = parameter(169 * filters, hidden, scale=0.08)
b1 = parameter(hidden, scale=0.2)
w2 = parameter(hidden, 10, scale=0.5)
b2 = parameter(10, scale=0.2)

conv = F.conv2d(x.permute(0, 3, 1, 2), w.permute(3, 2, 0, 1), b).permute(0, 2, 3, 1)  # [B, 26, 26, F]
conv.retain_grad()
rectified = F.relu(conv)
pooled = F.max_pool2d(rectified.permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1)  # [B, 13, 13, F]
pooled.retain_grad()
h = F.relu(pooled.reshape(2, -1) @ w1 + b1)
logits = h @ w2 + b2
logits.retain_grad()
loss = F.cross_entropy(logits, labels)
loss.backward()

write("x", x)
golden["labels"] = labels
for name, value in dict(
    convWeight=w, convBias=b, hiddenWeight=w1, hiddenBias=b1, outputWeight=w2, outputBias=b2
).items():
    write(name, value)
    write("d_" + name, value.grad)
write("conv", conv)
write("d_conv", conv.grad)
write("logits", logits)
write("d_logits", logits.grad)
write("loss", loss)

# Pooling by itself, on small whole numbers: ties of negative, zero and positive maxima.
ties = torch.tensor(rng.integers(-2, 3, (2, 6, 4, 3)), dtype=torch.float64, requires_grad=True)
maxima, places = F.max_pool2d(ties.permute(0, 3, 1, 2), 2, return_indices=True)
upstream = torch.tensor(np.round(rng.normal(size=(2, 3, 2, 3)), 2))
(maxima.permute(0, 2, 3, 1) * upstream).sum().backward()
n, f = np.meshgrid(np.arange(2), np.arange(3), indexing="ij")
flat = (n[:, :, None, None] * 24 + places.numpy()) * 3 + f[:, :, None, None]  # the index in memory, channel last
write("pool_x", ties)
write("pool_y", maxima.permute(0, 2, 3, 1))
golden["pool_argmax"] = flat.transpose(0, 2, 3, 1)
write("pool_upstream", upstream)
write("pool_dx", ties.grad)
golden.write()
