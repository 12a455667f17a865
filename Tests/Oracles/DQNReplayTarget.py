"""Golden numbers for DQNReplayTarget: torch for targets, loss and gradient; numpy value iteration for the shop."""

import numpy as np
import torch
import torch.nn.functional as F

from golden import Golden

golden = Golden(__file__, np, torch)
rng = np.random.default_rng(16)

# Targets and the Huber loss; errors on both sides of 1.
gamma = 0.95
rewards = rng.normal(size=8).astype(np.float32)
next_q = (2 * rng.normal(size=(8, 4))).astype(np.float32)
done = np.array([0, 1, 0, 0, 1, 0, 0, 0], dtype=bool)
targets = torch.tensor(rewards) + gamma * torch.tensor(next_q).max(1).values * torch.tensor(~done)
q = torch.tensor((2 * rng.normal(size=(8, 4))).astype(np.float32), requires_grad=True)
actions = torch.tensor([0, 3, 1, 2, 2, 0, 1, 3])
loss = F.smooth_l1_loss(q.gather(1, actions[:, None])[:, 0], targets)
loss.backward()
golden["rewards"], golden["nextQ"], golden["done"], golden["gamma"] = rewards, next_q, done.astype(int), gamma
golden["targets"], golden["q"], golden["actions"] = targets, q, actions
golden["loss"], golden["gradient"] = loss, q.grad

# The shop, written a second time from its description: six depths, four carts, three classes, coupon shown or not.
FULL = [0.20, 0.10, 0.02]
EXTRA = {2: [0.03, 0.28, 0.08], 3: [0.05, 0.36, 0.55]}  # 2 is the 5 % coupon, 3 the 15 % one
MARGIN = {0: 0.30, 1: 0.30, 2: 0.25, 3: 0.15}


def worth(depth, cart, kind, used, action, value):
    adds = (0.50 if action == 1 else 0.35) if cart < 3 else 0.0
    leaves = 1.0 if depth == 5 else (0.08 if cart == 0 else 0.10) + (0.08 if action == 1 else 0.0)
    total = 0.0
    for more, chance in ((1, adds), (0, 1 - adds)) if cart < 3 else ((0, 1.0),):
        n = cart + more
        buys = 0.0
        if n > 0:
            full = FULL[kind] + 0.01 * (n - 1)
            buys = 0.4 * full if used else full + EXTRA.get(action, [0, 0, 0])[kind]
        total += chance * buys * 20 * n * MARGIN[action]
        if leaves < 1:
            total += chance * (1 - buys) * (1 - leaves) * gamma * value[depth + 1, n, kind, int(used or action >= 2)]
    return total


value = np.zeros((7, 4, 3, 2))
for depth in reversed(range(6)):
    for cart in range(4):
        for kind in range(3):
            for used in range(2):
                value[depth, cart, kind, used] = max(worth(depth, cart, kind, used, a, value) for a in range(4))
golden["shop.values"] = value[:6].reshape(-1)
golden["shop.optimum"] = float(np.dot([0.3, 0.4, 0.3], value[0, 0, :, 0]))
golden.write()
print(golden.values["shop.optimum"], loss.item())
