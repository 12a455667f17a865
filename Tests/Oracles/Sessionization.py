"""Golden numbers for Sessionization: pandas sorts, drops duplicates, and cuts by groupby().diff()."""

import numpy as np
import pandas as pd

from golden import Golden

rng = np.random.default_rng(8)
golden = Golden(__file__, np, pd)

# 2,000 rows of 25 users in two days; times on a coarse grid, so that there are ties and pauses of exactly 1,800 s.
ROWS, MAX_GAP = 2000, 1800
rows = []
for _ in range(ROWS - 200):
    rows.append([rng.integers(25), 300 * rng.integers(576), rng.integers(4), rng.integers(6)])
rows += [rows[i] for i in rng.integers(len(rows), size=200)]  # delivered twice
log = pd.DataFrame(rows, columns=["number", "time", "action", "item"])
log = log.iloc[rng.permutation(ROWS)].reset_index(drop=True)
log["arrival"] = rng.permutation(ROWS)  # the rows' order is not that of arrival
for column in ["number", "time", "action", "item", "arrival"]:
    golden[column] = log[column].to_numpy()

# The users are texts, "u10" before "u2".
log["user"] = "u" + log["number"].astype(str)
clean = (
    log.sort_values("arrival", kind="stable")
    .drop_duplicates(["user", "time", "action", "item"], keep="first")
    .sort_values(["user", "time"], kind="stable")
)
golden["kept"] = clean["arrival"].to_numpy()

pause = clean.groupby("user")["time"].diff()
number = (pause.isna() | pause.gt(MAX_GAP)).cumsum()
sizes = clean.groupby(number).size().to_numpy()
golden["sizes"] = sizes
assert (pause == MAX_GAP).any() and (pause == 0).any() and len(clean) < ROWS
print(f"{ROWS} rows, {len(clean)} events, {len(sizes)} sessions, {(pause == MAX_GAP).sum()} pauses of exactly {MAX_GAP} s")
golden.write()
