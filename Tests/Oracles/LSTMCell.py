"""Golden numbers for LSTMCell from PyTorch, in float64."""

import numpy
import torch

from golden import Golden

golden = Golden(__file__, numpy, torch)
torch.set_default_dtype(torch.float64)
torch.manual_seed(20)

B, D, H, T = 3, 2, 4, 5
cell = torch.nn.LSTMCell(D, H)
with torch.no_grad():
    for parameter in cell.parameters():
        parameter.normal_()  # wide and asymmetric: no two gates are alike

golden["input"] = cell.weight_ih
golden["hidden"] = cell.weight_hh
golden["inputBias"] = cell.bias_ih
golden["hiddenBias"] = cell.bias_hh

# Five chained steps; the loss is a random weighting of every h and of the last c.
x = torch.randn(T, B, D, requires_grad=True)
h0 = torch.randn(B, H, requires_grad=True)
c0 = torch.randn(B, H, requires_grad=True)
upstream_h = torch.randn(T, B, H)
upstream_c = torch.randn(B, H)
golden["x"], golden["h0"], golden["c0"] = x, h0, c0
golden["upstreamH"], golden["upstreamC"] = upstream_h, upstream_c

h, c = h0, c0
loss = 0
for t in range(T):
    h, c = cell(x[t], (h, c))
    if t == 0:
        golden["h1"], golden["c1"] = h, c
    loss = loss + (upstream_h[t] * h).sum()
loss = loss + (upstream_c * c).sum()
loss.backward()
golden["h5"], golden["c5"] = h, c
golden["dx"], golden["dh0"], golden["dc0"] = x.grad, h0.grad, c0.grad
golden["dInput"] = cell.weight_ih.grad
golden["dHidden"] = cell.weight_hh.grad
golden["dInputBias"] = cell.bias_ih.grad
golden["dHiddenBias"] = cell.bias_hh.grad
golden.write()
