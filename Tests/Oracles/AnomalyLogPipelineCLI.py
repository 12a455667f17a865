"""Golden numbers for AnomalyLogPipelineCLI: PyTorch's LSTM on packed sessions, and cross-entropy with class weights."""

import numpy
import torch

from golden import Golden

golden = Golden(__file__, numpy, torch)
torch.set_default_dtype(torch.float64)
torch.manual_seed(5)

B, T, D, H, K = 3, 5, 6, 4, 4
lengths = [5, 2, 4]
lstm = torch.nn.LSTM(D, H, batch_first=True)
head = torch.nn.Linear(H, K)
with torch.no_grad():
    for name, parameter in list(lstm.named_parameters()) + list(head.named_parameters()):
        parameter.normal_(0, 0.7)
        if name.startswith("bias_hh"):
            parameter.zero_()  # the exercise has one bias a gate

x = torch.randn(B, T, D)  # the filling holds numbers too: they must not matter
labels = torch.randint(0, K, (B, T))
weights = torch.tensor([1.0, 4.0, 2.5, 8.0])
packed = torch.nn.utils.rnn.pack_padded_sequence(x, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
states, _ = torch.nn.utils.rnn.pad_packed_sequence(lstm(packed)[0], batch_first=True)
mask = torch.arange(T)[None, :] < torch.tensor(lengths)[:, None]
logits = head(states)
target = labels.clone()
target[~mask] = -100
loss = torch.nn.functional.cross_entropy(logits.reshape(-1, K), target.reshape(-1), weight=weights, ignore_index=-100)
loss.backward()

golden["x"], golden["lengths"], golden["labels"], golden["weights"] = x, lengths, labels, weights
golden["logits"], golden["loss"] = logits * mask[:, :, None], loss
for ours, parameter in (
    ("input", lstm.weight_ih_l0), ("hidden", lstm.weight_hh_l0), ("bias", lstm.bias_ih_l0),
    ("output", head.weight), ("outputBias", head.bias),
):
    golden[ours], golden["d" + ours] = parameter, parameter.grad
golden.write()
