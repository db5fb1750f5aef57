"""Sums of products of a window that slides, and of arrays that are continued beyond their ends.

Filters of `scipy.signal` and `scipy.ndimage` differentiate as these do.
"""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from dualad.core.dispatch import dispatching
from dualad.core.tracer import shape_of
from dualad.rules.directions import lead
from dualad.rules.kinds import multilinear


@dispatching
def sliding(x: Any, w: Any, ndim: int) -> Any:
    """Return ``y[d, b, i] = sum_j x[b, i + j] w[d, j]`` over the last `ndim` axes of both.

    Parameters
    ----------
    x : array, shape B + N
    w : array, shape D + M
        In each axis M is at most N.

    Returns
    -------
    array, shape D + B + (N - M + 1)
    """
    batch, window = x.ndim - ndim, w.shape[w.ndim - ndim :]
    views = sliding_window_view(x, window, tuple(range(-ndim, 0)))
    places = list(range(batch + 2 * ndim))
    extra = list(range(len(places), len(places) + w.ndim - ndim))
    out = extra + places[: batch + ndim]
    return np.asarray(np.einsum(views, places, w, extra + places[batch + ndim :], out))


def _push_x(t: Any, y: Any, x: Any, w: Any, ndim: int) -> Any:
    """Return the tangent, whose directions come before those of `w`."""
    found, count = sliding(t, w, ndim), len(lead(t, x))
    places = range(len(shape_of(w)) - ndim, len(shape_of(w)) - ndim + count)
    return np.moveaxis(found, tuple(places), tuple(range(count)))


def _pull_x(ct: Any, y: Any, x: Any, w: Any, ndim: int) -> Any:
    """Return the share of `x`: the window slides backward over `ct` among zeros."""
    leading, (rows, batch) = lead(ct, y), (len(shape_of(w)) - ndim, len(shape_of(x)) - ndim)
    first = len(leading)
    ct = np.moveaxis(
        ct, tuple(range(first, first + rows)), range(first + batch, first + batch + rows)
    )
    sides = [(0, 0)] * (first + batch + rows) + [(m - 1, m - 1) for m in shape_of(w)[rows:]]
    backward = w[(slice(None),) * rows + (slice(None, None, -1),) * ndim]
    return np.reshape(sliding(np.pad(ct, sides), backward, rows + ndim), leading + shape_of(x))


def _pull_w(ct: Any, y: Any, x: Any, w: Any, ndim: int) -> Any:
    """Return the share of `w`: `ct` is the window, as large as `x` in the axes of the batch."""
    found = sliding(x, ct, len(shape_of(x)))
    return np.reshape(found, lead(ct, y) + shape_of(w))


def continued(x: Any, axis: int, before: int, after: int, mode: str, value: Any = 0) -> Any:
    """Return `x` continued along an axis, counted from the end, as `numpy.pad` does by `mode`.

    If `mode` is "constant", with a value.
    """
    before, after = max(before, 0), max(after, 0)
    if not before and not after:
        return x
    length = shape_of(x)[axis]
    if mode == "constant":
        shape = list(shape_of(x))
        parts = [x]
        for place, count in ((0, before), (2, after)):
            shape[axis] = count
            parts.insert(place, np.full(shape, value, x.dtype))
    else:
        places = np.pad(np.arange(length), (before, after), mode)  # type: ignore[call-overload]
        parts = [np.take(x, places[:before], axis), x, np.take(x, places[before + length :], axis)]
    return np.concatenate(parts, axis)


ROWS = [
    multilinear(
        sliding, _pull_x, _pull_w, pushes=[_push_x, lambda t, y, x, w, ndim: sliding(x, t, ndim)]
    )
]
