"""Golden numbers for StackedLSTMSwitchDetector from PyTorch's two-layer LSTM, in float64."""

import numpy
import torch

from golden import Golden

golden = Golden(__file__, numpy, torch)
torch.set_default_dtype(torch.float64)
torch.manual_seed(2)

B, T, F, H, V = 3, 6, 4, 5, 7
stack = torch.nn.LSTM(F, H, num_layers=2, batch_first=True)
with torch.no_grad():
    for name, parameter in stack.named_parameters():
        parameter.normal_(0, 0.6)
        if name.startswith("bias_hh"):
            parameter.zero_()  # the exercise has one bias a gate

xs = torch.randn(B, T, F, requires_grad=True)
upstream = torch.randn(B, T, H)
states, _ = stack(xs)
(states * upstream).sum().backward()
golden["xs"], golden["upstream"], golden["states"], golden["dxs"] = xs, upstream, states, xs.grad
for layer in (0, 1):
    for ours, theirs in (("input", "weight_ih"), ("hidden", "weight_hh"), ("bias", "bias_ih")):
        parameter = getattr(stack, f"{theirs}_l{layer}")
        golden[f"{ours}{layer}"] = parameter
        golden[f"d{ours}{layer}"] = parameter.grad

# Surprise: cross-entropy a step, with two sessions shorter than T.
logits = 2 * torch.randn(B, T, V)
following = torch.randint(0, V, (B, T))
lengths = [6, 4, 1]
surprise = torch.nn.functional.cross_entropy(logits.transpose(1, 2), following, reduction="none")
golden["logits"], golden["next"], golden["lengths"] = logits, following, lengths
golden["perStep"] = torch.cat([surprise[b, :length] for b, length in enumerate(lengths)])
golden["mean"] = torch.stack([surprise[b, :length].mean() for b, length in enumerate(lengths)])
golden.write()
