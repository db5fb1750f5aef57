"""What the rows of `dualad.rules.sliding` are tried on."""

from dualad.rules.sliding import sliding
from dualad.testing.samples.base import Call, Draws, Sample


def _window(d: Draws) -> Call:
    """Return an array, and a window that is not longer in any of the last axes."""
    ndim = d.integer(1, 2)
    window = tuple(d.integer(1, 3) for _ in range(ndim))
    sides = tuple(m + d.integer(0, 3) for m in window)
    batch, rows = d.shape(0, 2), d.shape(0, 1)
    return Call(d.array(batch + sides), d.array(rows + window), ndim)


SAMPLES = [Sample(sliding, _window, complex=True)]
