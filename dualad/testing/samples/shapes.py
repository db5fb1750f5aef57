"""What the rows of `dualad.rules.shapes` are tried on."""

import numpy as np

from dualad.testing.samples.base import Call, Draws, Sample


def _reshape(d: Draws) -> Call:
    """Return an array and another shape of its size."""
    x = d.array()
    return Call(x, d.choice([-1 if x.size else 0, x.shape[::-1], (*x.shape, 1)]))


SAMPLES = [
    Sample(np.reshape, _reshape, complex=True),
    Sample(np.transpose, lambda d: Call(d.array()), complex=True),
]
