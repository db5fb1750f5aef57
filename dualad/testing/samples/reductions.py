"""What the rows of `dualad.rules.reductions` are tried on."""

import numpy as np

from dualad.testing.samples.base import Call, Draws, Sample


def _reduction(d: Draws) -> Call:
    """Return an array, axes and `keepdims`."""
    x = d.array()
    return Call(x, axis=d.axes(x), keepdims=d.boolean())


SAMPLES = [Sample(np.sum, _reduction, complex=True)]
