"""Writes Zachary's karate club as two CSV files.

    python Tests/Oracles/data_karate.py social.py        # networkx/generators/social.py
"""

import pathlib
import re
import sys

DATA = pathlib.Path(__file__).parents[2] / "Sources/Datasets/Data/karate"

source = pathlib.Path(sys.argv[1]).read_text()
matrix = re.search(r'zacharydat = """\\\n(.*?)"""', source, re.S).group(1)
weights = [[int(x) for x in line.split()] for line in matrix.splitlines()]
hi = {int(x) for x in re.search(r"club1 = \{(.*?)\}", source).group(1).split(",")}

DATA.mkdir(parents=True, exist_ok=True)
# The published matrix is not quite symmetric; as in networkx, either half makes an edge and the lower half's weight wins.
edges = [
    (a, b, weights[b][a] or weights[a][b]) for a in range(34) for b in range(a + 1, 34) if weights[a][b] or weights[b][a]
]
(DATA / "edges.csv").write_text("a,b,weight\n" + "".join("%d,%d,%d\n" % edge for edge in edges))
(DATA / "factions.csv").write_text("member,faction\n" + "".join(f"{m},{0 if m in hi else 1}\n" for m in range(34)))
print(len(edges), "edges,", len(hi), "with Mr. Hi")
