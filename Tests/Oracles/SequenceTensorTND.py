"""Golden numbers for SequenceTensorTND: numpy.transpose, numpy.ma's mean, and PyTorch's pad_sequence."""

import numpy as np
import torch
from torch.nn.utils.rnn import pad_sequence

from golden import Golden

rng = np.random.default_rng(11)
golden = Golden(__file__, np, torch)

# Three shapes [T, N, D]; in the last T = N, where a wrong order keeps the shape.
for k, shape in enumerate([(3, 2, 4), (5, 3, 1), (4, 4, 2)]):
    x = rng.normal(size=shape).round(6)
    golden[f"timeMajor{k}"] = x
    golden[f"batchMajor{k}"] = np.transpose(x, (1, 0, 2))

# Ragged users, right-padded; torch pads with zeros and puts the time first.
lengths = [4, 1, 6, 3]
users = [rng.normal(size=(length, 3)).round(6) for length in lengths]
padded = pad_sequence([torch.tensor(user) for user in users], batch_first=False)
golden["lengths"] = lengths
golden["rows"] = np.concatenate(users)
golden["padded"] = padded
hidden = np.arange(6)[:, None, None] >= np.array(lengths)[None, :, None]  # [T, N, 1]
masked = np.ma.array(padded.numpy(), mask=np.broadcast_to(hidden, padded.shape))
golden["means"] = masked.mean(axis=0).filled(0)
golden.write()
