"""Diagonals and triangles of matrices."""

from typing import Any

import numpy as np

from dualad.core.tracer import shape_of
from dualad.rules.directions import lead, trailing
from dualad.rules.indexing import scatter
from dualad.rules.kinds import composite, linear


def _on_diagonal(ct: Any, shape: Any, offset: int) -> Any:
    """Return matrices of a shape ``(..., m, n)``, with `ct` on a diagonal and zeros elsewhere.

    Row after row on one axis, the elements of a diagonal are ``n + 1`` apart.
    """
    m, n = shape[-2:]
    start, count = offset if offset >= 0 else -offset * n, shape_of(ct)[-1]
    place = slice(start, start + count * (n + 1), n + 1) if count else slice(0)
    flat = scatter(ct, (..., place), (*shape[:-2], m * n))
    return np.reshape(flat, shape_of(ct)[: len(shape_of(ct)) - len(shape) + 1] + shape)


def _diagonal_pull(ct: Any, y: Any, a: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Any:
    """Return each direction on the diagonal that it was taken from."""
    axes = trailing(axis1, a.ndim), trailing(axis2, a.ndim)
    rest = [side for i, side in enumerate(a.shape) if i - a.ndim not in axes]
    matrices = _on_diagonal(ct, (*rest, a.shape[axis1], a.shape[axis2]), int(offset))
    return np.moveaxis(matrices, (-2, -1), axes)


def _diag_push(t: Any, y: Any, v: Any, k: Any = 0) -> Any:
    """Return the diagonal of each direction, or a matrix with it."""
    if len(shape_of(v)) == 1:
        return _on_diagonal(t, shape_of(y), int(k))
    return np.diagonal(t, k, -2, -1)


def _diag_pull(ct: Any, y: Any, v: Any, k: Any = 0) -> Any:
    """Return each direction on the diagonal, or the diagonal of each."""
    return np.diagonal(ct, k, -2, -1) if v.ndim == 1 else _on_diagonal(ct, v.shape, int(k))


def _trace(a: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1, dtype: Any = None,
           out: Any = None) -> Any:  # fmt: skip
    """Return the sum along a diagonal."""
    return np.sum(np.diagonal(a, offset, axis1, axis2), -1, dtype)


def _triangle(triangle: Any) -> Any:
    """Return the row of `tril` or `triu`, which take a vector for equal rows."""

    def push(t: Any, y: Any, m: Any, k: Any = 0) -> Any:
        if len(shape_of(m)) == 1:
            t = np.broadcast_to(np.expand_dims(t, -2), lead(t, m) + shape_of(y))
        return triangle(t, k)

    def pull(ct: Any, y: Any, m: Any, k: Any = 0) -> Any:
        ct = triangle(ct, k)
        return np.sum(ct, -2) if m.ndim == 1 else ct

    return linear(triangle, pull, push=push)


ROWS = [
    linear(np.diag, _diag_pull, push=_diag_push),
    composite(np.diagflat, lambda v, k=0: np.diag(np.ravel(v), k)),
    linear(
        np.diagonal,
        _diagonal_pull,
        push=lambda t, y, a, offset=0, axis1=0, axis2=1: np.diagonal(
            t, offset, trailing(axis1, len(shape_of(a))), trailing(axis2, len(shape_of(a)))
        ),
    ),
    composite(np.linalg.diagonal, lambda x, /, *, offset=0: np.diagonal(x, offset, -2, -1)),
    composite(np.trace, _trace),
    composite(
        np.linalg.trace, lambda x, /, *, offset=0, dtype=None: np.trace(x, offset, -2, -1, dtype)
    ),
    _triangle(np.tril),
    _triangle(np.triu),
]
