"""The same elements in other shapes."""

from typing import Any

import numpy as np

from dualad.core.product import unbroadcast
from dualad.core.tracer import shape_of
from dualad.rules.directions import lead, trailing
from dualad.rules.kinds import linear


def _reshape_push(t: Any, y: Any, x: Any, shape: Any, order: str = "C", copy: Any = None) -> Any:
    """Return each direction reshaped."""
    return _reshaped(t, lead(t, x), shape_of(y), order, shape_of(x))


def _reshaped(t: Any, leading: Any, shape: Any, order: str, old: Any) -> Any:
    """Return the trailing axes of `t`, of shape ``leading + old``, as `shape`, in some order."""
    if order in ("F", "A"):  # "A" of the primal's layout is resolved by the row's body
        n = len(leading)
        t = np.transpose(t, (*range(n), *range(n + len(old) - 1, n - 1, -1)))
        t = np.reshape(t, leading + shape[::-1])
        return np.transpose(t, (*range(n), *range(n + len(shape) - 1, n - 1, -1)))
    return np.reshape(t, leading + shape)


def _reshape_pull(ct: Any, y: Any, x: Any, shape: Any, order: str = "C", copy: Any = None) -> Any:
    """Return each direction reshaped back."""
    return _reshaped(ct, lead(ct, y), x.shape, order, y.shape)


def _permutation(axes: Any, ndim: int, leading: int) -> list[int]:
    """Return the axes of a transpose, behind direction axes."""
    axes = range(ndim)[::-1] if axes is None else [int(axis) % ndim for axis in axes]
    return [*range(leading), *(leading + axis for axis in axes)]


def _transpose_push(t: Any, y: Any, x: Any, axes: Any = None) -> Any:
    """Return each direction transposed."""
    return np.transpose(t, _permutation(axes, len(shape_of(x)), len(lead(t, x))))


def _transpose_pull(ct: Any, y: Any, x: Any, axes: Any = None) -> Any:
    """Return each direction transposed back."""
    return np.transpose(ct, np.argsort(_permutation(axes, x.ndim, len(lead(ct, y)))))


ROWS = [
    linear(np.reshape, _reshape_pull, push=_reshape_push),
    linear(np.transpose, _transpose_pull, push=_transpose_push),
    linear(
        np.swapaxes,
        lambda ct, y, x, a, b: np.swapaxes(ct, trailing(a, x.ndim), trailing(b, x.ndim)),
        push=lambda t, y, x, a, b: np.swapaxes(t, trailing(a, y.ndim), trailing(b, y.ndim)),
    ),
    linear(
        np.moveaxis,
        lambda ct, y, x, source, destination: np.moveaxis(
            ct, trailing(destination, x.ndim), trailing(source, x.ndim)
        ),
        push=lambda t, y, x, source, destination: np.moveaxis(
            t, trailing(source, y.ndim), trailing(destination, y.ndim)
        ),
    ),
    linear(
        np.broadcast_to,
        lambda ct, y, x, shape, subok=False: unbroadcast(ct, lead(ct, y), x.shape),
        push=lambda t, y, x, shape, subok=False: _broadcast(t, lead(t, x), shape_of(y)),
    ),
]


def _broadcast(t: Any, leading: Any, shape: Any) -> Any:
    """Return each direction broadcast to `shape`."""
    old = shape_of(t)[len(leading) :]
    ones = (1,) * (len(shape) - len(old))
    return np.broadcast_to(np.reshape(t, leading + ones + old), leading + shape)
