"""Golden numbers for StreamBatchParity: counts by numpy.add.at, and the scores of six events by the definition."""

import numpy as np

from golden import Golden

golden = Golden(__file__, np)

# Three sessions over five events; event 4 never comes.
sessions = [[0, 1, 1, 2, 3, 0], [2, 2, 1], [0, 3]]
V, alpha = 5, 1.0
counts = np.zeros((V + 1, V))
for session in sessions:
    np.add.at(counts, ([V] + session[:-1], session), 1)
golden["lengths"] = [len(session) for session in sessions]
golden["events"] = [event for session in sessions for event in session]
golden["table"] = (counts + alpha) / (counts.sum(axis=1, keepdims=True) + alpha * V)

# Six events of two users; S by its closed form, the sum of all faded surprises, not by the recurrence.
table = np.array([[0.9, 0.1], [0.4, 0.6], [0.7, 0.3]])
tau = 10.0
log = [(1, 0.0, 0), (2, 3.0, 1), (1, 5.0, 1), (1, 5.0, 1), (2, 23.0, 0), (1, 30.0, 0)]
scores = []
for index, (user, time, _) in enumerate(log):
    own = [(t, e) for u, t, e in log[: index + 1] if u == user]
    before = [2] + [e for _, e in own[:-1]]
    scores.append(sum(-np.log(table[p, e]) * np.exp(-(time - t) / tau) for p, (t, e) in zip(before, own)))
golden["six"] = scores
golden["sixTable"] = table
golden["sixLog"] = [list(map(float, event)) for event in log]
golden.write()
