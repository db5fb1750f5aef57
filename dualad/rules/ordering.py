"""Sorting: NumPy's own permutation is read off the values, and ties share equally.

Within a group of equal values no order is better than another, so each value of the group gets the
mean of their tangents, and each operand the mean of their cotangents.
"""

from typing import Any

import numpy as np

from dualad.core.dispatch import dispatching
from dualad.core.tracer import shape_of, strip
from dualad.rules.indexing import scatter
from dualad.rules.joining import as_array
from dualad.rules.kinds import composite, constant, linear


@dispatching
def shared(x: Any, groups: Any) -> Any:
    """Return `x`, whose equal elements share their derivatives.

    Parameters
    ----------
    x : array
    groups : array of int
        Of the shape of `x`: the flat position of an element that stands for all that are equal.
    """
    return x


def _averaged(t: Any, groups: Any) -> Any:
    """Return each direction of `t` with the mean of its group in place of each element."""
    counts = np.bincount(groups.ravel())
    return scatter(t, groups, counts.shape)[..., groups] / counts[groups].astype(t.dtype)


def ties_shared(y: Any, axis: int) -> Any:
    """Return `y`, which is sorted along `axis`, with equal elements sharing their derivatives."""
    plain = strip(y).swapaxes(axis, 0)
    tied = plain[1:] == plain[:-1]
    if not tied.any():
        return y
    places = np.arange(plain.size).reshape(shape_of(y)).swapaxes(axis, 0)
    groups = np.concatenate([places[:1], np.where(tied, 0, places[1:])])
    return shared(y, np.maximum.accumulate(groups).swapaxes(axis, 0))


def _sort(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, **options: Any) -> Any:
    """Return what `argsort` finds in order."""
    a = as_array(a)
    if axis is None:
        a, axis = np.reshape(a, (-1,)), -1
    places = np.argsort(strip(a), axis, kind, order, **options)
    y = a[places] if a.ndim == 1 else np.take_along_axis(a, places, axis)
    return ties_shared(y, axis)


def _partition(
    a: Any, kth: Any, axis: Any = -1, kind: Any = "introselect", order: Any = None
) -> Any:
    """Return the sorted values in the order in which NumPy leaves them."""
    a = as_array(a)
    if axis is None:
        a, axis = np.reshape(a, (-1,)), -1
    plain = np.partition(strip(a), kth, axis, kind, order)
    ranks = np.argsort(np.argsort(plain, axis, kind="stable"), axis)
    return np.take_along_axis(np.sort(a, axis), ranks, axis)


def _sort_complex(a: Any) -> Any:
    """Return the sorted values as complex numbers: in double precision, if they were real."""
    y = np.sort(a)
    if y.dtype.kind == "c":
        return y
    return y.astype(np.clongdouble if y.dtype == np.longdouble else np.complex128)


ROWS = [
    linear(
        shared,
        lambda ct, y, x, groups: _averaged(ct, groups),
        push=lambda t, y, x, groups: _averaged(t, groups),
    ),
    composite(np.sort, _sort),
    composite(np.partition, _partition),
    composite(np.sort_complex, _sort_complex),
    *constant(
        np.argsort, np.argpartition, np.lexsort, np.searchsorted, np.digitize, np.nonzero,
        np.flatnonzero, np.argwhere,
    ),
]  # fmt: skip
