"""What the rows of `dualad.rules.convolution` are tried on."""

import numpy as np

from dualad.testing.samples.base import Call, Draws, Sample


def _sequences(d: Draws) -> Call:
    """Return a call on two sequences, of which either may be the longer one."""
    a, v = (d.array((d.integer(1, 6),)) for _ in range(2))
    return Call(a, v, *d.choice(((), ("full",), ("same",), ("valid",), (0,), (1,), (2,))))


SAMPLES = [
    Sample(np.convolve, _sequences, complex=True),
    Sample(np.convolve, lambda d: Call(d.array(()), d.array((3,)), mode="same"), complex=True),
    Sample(np.correlate, _sequences, complex=True),
]
