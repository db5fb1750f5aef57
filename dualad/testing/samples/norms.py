"""What the rows of `dualad.rules.norms` are tried on."""

from typing import Any

import numpy as np

from dualad.testing.samples.base import Call, Draws, Sample, Shape
from dualad.testing.samples.factorizations import near, with_values

VECTOR_ORDERS = [None, 2, 1, np.inf, -np.inf, 0, 3, 2.5, 1.5, 0.5, -1, -2, -2.5]
SUM_ORDERS = [1, np.inf, -1, -np.inf, "fro", None]
SPECTRAL_ORDERS = [2, -2, "nuc"]


def _spaced(d: Draws, shape: Shape) -> Any:
    """Return entries whose absolute values differ, as do the sums of those along any axis."""
    sizes = 1.0 + np.arange(np.prod(shape)).reshape(shape) + 0.2 * d.values(shape, "unit")
    x = sizes * d.rng.choice([-1.0, 1.0], shape)
    if d.dtype.kind == "c":
        x = x * np.exp(1j * d.rng.uniform(0.2, 1.3, shape))
    return d.laid_out(x.astype(d.dtype))


def _vector(d: Draws) -> Call:
    """Return vectors along an axis, and an order."""
    x = _spaced(d, d.shape(1, 4, d.choice([1, 0])))
    order = d.choice(VECTOR_ORDERS if x.size else VECTOR_ORDERS[:4])
    axis = d.axis(x)
    axis = d.choice([axis, (axis,), None]) if x.ndim == 1 else d.choice([axis, (axis,)])
    return Call(x, order, axis, d.boolean())


def _whole(d: Draws) -> Call:
    """Return an array, as one long vector."""
    return Call(_spaced(d, d.shape()), keepdims=d.boolean())


def _matrix(d: Draws) -> Call:
    """Return matrices along two axes, and an order that sums absolute values."""
    x = _spaced(d, d.shape(2, 4, 1))
    axis = tuple(int(i) - x.ndim * d.integer(0, 1) for i in d.rng.permutation(x.ndim)[:2])
    axis = d.choice([axis, None]) if x.ndim == 2 else axis
    return Call(x, d.choice(SUM_ORDERS), axis, d.boolean())


def _distinct_values(d: Draws) -> Any:
    """Return matrices with distinct singular values."""
    return with_values(d, d.integer(1, 3), d.integer(1, 3))


def _spectral(d: Draws) -> Call:
    """Return matrices along two axes, and an order that is about singular values."""
    x = _distinct_values(d)
    axis = d.choice([(-2, -1), (0, x.ndim - 1)])
    x = np.moveaxis(x, (-2, -1), axis)
    return Call(x, d.choice(SPECTRAL_ORDERS), axis, d.boolean())


def _vector_norm(d: Draws) -> Call:
    """Return an array, and axes that together make one vector."""
    x = _spaced(d, d.shape(0, 4, 1))
    return Call(x, axis=d.axes(x), keepdims=d.boolean(), ord=d.choice(VECTOR_ORDERS[1:]))


def _matrix_norm(d: Draws) -> Call:
    """Return matrices and an order."""
    order = d.choice(SUM_ORDERS + SPECTRAL_ORDERS)
    x = _distinct_values(d) if order in SPECTRAL_ORDERS else _spaced(d, d.shape(2, 4, 1))
    return Call(x, keepdims=d.boolean(), ord=order)


def _cond(d: Draws) -> Call:
    """Return square matrices, and a norm."""
    n = d.integer(1, 3)
    sizes = 0.3 * np.arange(n * n).reshape(n, n) + 2 * np.eye(n)
    return Call(near(d, sizes), d.choice([None, 2, -2, 1, -1, np.inf, -np.inf, "fro", "nuc"]))


SAMPLES = [
    Sample(np.linalg.norm, _vector, complex=True),
    Sample(np.linalg.norm, _whole, complex=True),
    Sample(np.linalg.norm, _matrix, complex=True),
    Sample(np.linalg.norm, _spectral, complex=True),
    Sample(np.linalg.vector_norm, _vector_norm, complex=True),
    Sample(np.linalg.matrix_norm, _matrix_norm, complex=True),
    Sample(np.linalg.cond, _cond, complex=True),
    Sample(np.linalg.cond, lambda d: Call(_distinct_values(d)), complex=True),
    Sample(np.linalg.cond, lambda d: Call(d.array((0, 2, 2)), d.choice([None, 2, 1]))),
]
