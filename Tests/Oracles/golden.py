"""Writes the golden numbers of an exercise, with their provenance.

    from golden import Golden
    golden = Golden(__file__, torch, numpy)
    golden["h"] = torch.tensor([[1.0]])
    golden.write()          # Sources/Curriculum/Goldens/<name of the script>.json

Run a script with Python 3.11 and the libraries that it imports:  python Tests/Oracles/LSTMCell.py
`dojo verify` compares the recorded hash with the script: a golden is never older than its oracle.
"""

import hashlib
import json
import pathlib
import platform

GOLDENS = pathlib.Path(__file__).resolve().parents[2] / "Sources" / "Curriculum" / "Goldens"


class Golden:
    def __init__(self, script, *libraries):
        self.script = pathlib.Path(script).resolve()
        self.versions = {"python": platform.python_version()}
        self.versions.update({library.__name__: library.__version__ for library in libraries})
        self.values = {}

    def __setitem__(self, key, value):
        """Keeps a number, a (nested) list, a NumPy array or a torch tensor under a name."""
        if hasattr(value, "detach"):
            value = value.detach().cpu().numpy()
        if hasattr(value, "tolist"):
            shape, value = list(value.shape), value.tolist()
        else:
            shape = _shape(value)
        self.values[key] = {"shape": shape, "values": [float(x) for x in _flat(value)]}

    def write(self, path=None):
        path = pathlib.Path(path) if path else GOLDENS / (self.script.stem + ".json")
        content = {
            "provenance": {
                "script": "Tests/Oracles/" + self.script.name,
                "sha256": hashlib.sha256(self.script.read_bytes()).hexdigest(),
                "versions": self.versions,
            },
            "values": self.values,
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=None, separators=(",", ":"), sort_keys=True) + "\n")
        print(f"{path.name}: {sum(len(v['values']) for v in self.values.values())} numbers")


def _shape(value):
    return [len(value)] + _shape(value[0]) if isinstance(value, (list, tuple)) and value else []


def _flat(value):
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _flat(item)
    else:
        yield value
