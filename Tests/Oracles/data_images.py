"""Cuts the embedded image sets.

    python Tests/Oracles/data_images.py mnist mnist_5k.csv.gz
    python Tests/Oracles/data_images.py fashion folder-with-the-four-idx-gz-files

Writes four IDX files into Sources/Datasets/Data/<set>/. The output depends on nothing but the source.
"""

import gzip
import pathlib
import struct
import sys

import numpy as np

DATA = pathlib.Path(__file__).parents[2] / "Sources/Datasets/Data"


def write(folder, part, images, labels):
    folder = DATA / folder
    folder.mkdir(parents=True, exist_ok=True)
    header = struct.pack(">IIII", 0x0803, len(images), 28, 28)
    (folder / f"{part}-images.idx").write_bytes(header + images.astype(np.uint8).tobytes())
    (folder / f"{part}-labels.idx").write_bytes(struct.pack(">II", 0x0801, len(labels)) + labels.astype(np.uint8).tobytes())
    print(folder.name, part, len(images), "per class", np.bincount(labels).tolist())


def mnist(source):
    """5,000 digits; the source is sorted by label, so it is shuffled before it is split 4,000 / 1,000."""
    rows = np.loadtxt(gzip.open(source, "rt"), delimiter=",")
    rows = rows[np.random.RandomState(2026).permutation(len(rows))]
    images, labels = rows[:, :784], rows[:, 784].astype(int)
    write("mnist", "train", images[:4000], labels[:4000])
    write("mnist", "test", images[4000:], labels[4000:])


def fashion(source):
    """The first 6,000 training and the first 1,500 test images, in the order of the source."""
    for name, part, count in (("train", "train", 6000), ("t10k", "test", 1500)):
        folder = pathlib.Path(source)
        pixels = gzip.open(folder / f"{name}-images-idx3-ubyte.gz").read()
        labels = gzip.open(folder / f"{name}-labels-idx1-ubyte.gz").read()
        images = np.frombuffer(pixels, np.uint8, offset=16).reshape(-1, 784)
        write("fashion", part, images[:count], np.frombuffer(labels, np.uint8, offset=8)[:count])


{"mnist": mnist, "fashion": fashion}[sys.argv[1]](sys.argv[2])
