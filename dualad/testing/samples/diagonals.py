"""What the rows of `dualad.rules.diagonals` are tried on."""

from typing import Any

import numpy as np

from dualad.testing.samples.base import Call, Draws, Sample


def _diag(d: Draws) -> Any:
    """Return a vector or a matrix, and a diagonal."""
    x = d.array(min_ndim=1, max_ndim=2)
    return d.choice([Call(x), Call(x, d.integer(-4, 4)), Call(x, k=d.integer(-2, 2))])


def _axes(d: Draws) -> tuple[Any, int, tuple[int, int]]:
    """Return an array, a diagonal, and the two axes of the matrices that it is taken from."""
    x = d.array(min_ndim=2)
    first, second = (int(i) - x.ndim * d.integer(0, 1) for i in d.rng.permutation(x.ndim)[:2])
    return x, d.integer(-3, 3), (first, second)


def _diagonal(d: Draws) -> Any:
    """Return an array, a diagonal, and two axes."""
    x, offset, axes = _axes(d)
    named = {"axis1": axes[0], "axis2": axes[1]}
    return d.choice([Call(x), Call(x, offset, *axes), Call(x, offset=offset, **named)])


def _trace(d: Draws) -> Any:
    """Return an array, a diagonal, two axes, and perhaps a dtype."""
    x, offset, axes = _axes(d)
    wide = np.result_type(x, np.longdouble)
    return d.choice([Call(x), Call(x, offset, *axes), Call(x, offset, *axes, wide),
                     Call(x, axis1=axes[0], axis2=axes[1], dtype=wide)])  # fmt: skip


def _stacked(d: Draws) -> Any:
    """Return matrices, and perhaps a diagonal of them."""
    x = d.array(min_ndim=2)
    return d.choice([Call(x), Call(x, offset=d.integer(-3, 3))])


def _triangle(d: Draws) -> Any:
    """Return matrices, or a vector, and the diagonal that bounds a triangle."""
    x = d.array(min_ndim=1)
    return d.choice([Call(x), Call(x, d.integer(-3, 3)), Call(x, k=d.integer(-1, 1))])


SAMPLES = [
    Sample(np.diag, _diag, complex=True),
    Sample(np.diagflat, lambda d: Call(d.array(max_ndim=3), d.integer(-2, 2)), complex=True),
    Sample(np.diagonal, _diagonal, complex=True),
    Sample(np.linalg.diagonal, _stacked, complex=True),
    Sample(np.trace, _trace, complex=True),
    Sample(np.linalg.trace, _stacked, complex=True),
    Sample(np.tril, _triangle, complex=True),
    Sample(np.triu, _triangle, complex=True),
]
