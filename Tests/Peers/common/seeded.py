"""The package's seeded random numbers in NumPy, so that a peer is timed on the very data that the package is timed on."""

import numpy


class Seeded:
    """`SeededRandom`: SplitMix64, and normal numbers by Marsaglia's polar method.

    Ask for all normal numbers of a stream before anything else is drawn from it: they are made a whole array at a time.
    """

    def __init__(self, seed):
        self.state = seed & 0xFFFF_FFFF_FFFF_FFFF

    def fork(self, label):
        value = 0xCBF2_9CE4_8422_2325
        for byte in label.encode():
            value = ((value ^ byte) * 0x0000_0100_0000_01B3) & 0xFFFF_FFFF_FFFF_FFFF
        child = Seeded(self.state ^ value)
        child.state = int(child.bits(1)[0])
        return child

    def bits(self, count):
        gamma = numpy.uint64(0x9E37_79B9_7F4A_7C15)
        with numpy.errstate(over="ignore"):
            z = numpy.uint64(self.state) + gamma * numpy.arange(1, count + 1, dtype=numpy.uint64)
            self.state = int(z[-1])
            z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58_476D_1CE4_E5B9)
            z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D0_49BB_1331_11EB)
        return z ^ (z >> numpy.uint64(31))

    def uniform(self, count):
        return (self.bits(count) >> numpy.uint64(11)).astype(numpy.float64) * 2.0**-53

    def normal(self, *shape):
        count = int(numpy.prod(shape))
        pairs = 2 * self.uniform(2 * (count + 64)).reshape(-1, 2) - 1
        s = (pairs**2).sum(1)
        inside = (s > 0) & (s < 1)
        factor = numpy.sqrt(-2 * numpy.log(s[inside]) / s[inside])
        return (pairs[inside] * factor[:, None]).reshape(-1)[:count].reshape(shape)
