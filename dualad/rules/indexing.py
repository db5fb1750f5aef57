"""Indexing and taking, and their transpose, scattering."""

import math
import operator
from typing import Any

import numpy as np

from dualad.core.dispatch import dispatching
from dualad.core.tracer import shape_of, strip
from dualad.rules.directions import lead, trailing
from dualad.rules.kinds import composite, linear

Index = Any
Shape = tuple[int, ...]

MANY = 1000  # places: from there on, adding by their flat positions is 3 to 6 times as fast


def _parts(index: Index) -> tuple[Any, ...]:
    """Return an index as a tuple."""
    return index if isinstance(index, tuple) else (index,)


def _behind(index: Index, directions: int) -> tuple[Any, ...]:
    """Return `index` behind full slices over the direction axes."""
    return (slice(None),) * directions + _parts(index)


def _is_basic(index: Index) -> bool:
    """Return whether `index` is made of integers, slices, None and ... only."""
    if type(index) in _BASIC:
        return True
    return all(type(p) in _BASIC or isinstance(p, np.integer) for p in _parts(index))


_BASIC = (slice, int, type(None), type(Ellipsis))


def _is_slicing(part: Any) -> bool:
    """Return whether a part of an index is a slice, ``...`` or None."""
    return part is None or isinstance(part, (slice, type(Ellipsis)))


def _may_repeat(index: Index) -> bool:
    """Return whether `index` may name a place twice: masks and integers do not."""
    arrays = [np.asarray(part) for part in _parts(index) if not _is_slicing(part)]
    return any(array.ndim and array.dtype != bool for array in arrays)


def _moves_in_front(index: Index) -> bool:
    """Return whether the axes of the advanced indices come first, being apart from each other.

    NumPy's user guide, "Combining advanced and basic indexing": they do if a slice, ``...`` or
    None stands between two of them. Integers count among them if there is another one.
    """
    advanced = [i for i, part in enumerate(_parts(index)) if not _is_slicing(part)]
    return not _is_basic(index) and advanced[-1] - advanced[0] + 1 != len(advanced)


def _advanced_ndim(index: Index) -> int:
    """Return how many axes the advanced indices of `index` together make."""
    arrays = [np.asarray(part) for part in _parts(index) if not _is_slicing(part)]
    return max(1 if array.dtype == bool else array.ndim for array in arrays)


def gather(t: Any, directions: int, index: Index) -> Any:
    """Return ``t[index]`` behind the directions of `t`."""
    if not directions:
        return np.asarray(t)[index] if type(t) is float else t[index]
    found = t[_behind(index, directions)]
    if not _moves_in_front(index):
        return found
    count = _advanced_ndim(index)
    return np.moveaxis(found, range(count, count + directions), range(directions))


def _add_into(buffer: Any, ct: Any, args: Any, directions: int) -> None:
    """Add ``ct`` to the places of `buffer` that the index in `args` names, each as often."""
    index = args[1]
    if _is_basic(index):
        buffer[_behind(index, directions) if directions else index] += ct
        return
    lead, lengths = buffer.shape[:directions], buffer.shape[directions:]
    mask = type(index) is np.ndarray and index.dtype == bool
    repeats = not mask and _may_repeat(index)
    flat = index.shape == lengths if mask else repeats and len(lengths) > 1
    if flat and np.size(ct) >= MANY * math.prod(lead) and buffer.flags.c_contiguous:
        positions = np.flatnonzero(index) if mask else _positions(index, lengths)
        rows = buffer.reshape((math.prod(lead), math.prod(lengths)))
        for row, part in zip(rows, ct.reshape((len(rows), positions.size)), strict=True):
            np.add.at(row, positions, part)
        return
    if directions and _moves_in_front(index):
        count = _advanced_ndim(index)
        ct = np.moveaxis(ct, range(directions), range(count, count + directions))
    index = _behind(index, directions)
    if repeats:
        np.add.at(buffer, index, ct)
    else:
        buffer[index] += ct


def _positions(index: Index, lengths: Shape) -> Any:
    """Return which elements, in C order, `index` names in an array of some shape."""
    steps = [math.prod(lengths[i + 1 :]) for i in range(len(lengths))]
    grids = np.indices(lengths, sparse=True)
    parts = [np.broadcast_to(step * grid, lengths)[index]
             for step, grid in zip(steps, grids, strict=True)]  # fmt: skip
    return np.ravel(sum(parts))


@dispatching
def scatter(ct: Any, index: Index, shape: Shape) -> Any:
    """Return the transpose of ``x[index]`` for an `x` of `shape`: zeros, with `ct` added in."""
    directions = len(shape_of(ct)) - np.broadcast_to(0, shape)[index].ndim
    buffer = np.zeros(shape_of(ct)[:directions] + shape, np.asarray(ct).dtype)
    _add_into(buffer, ct, (None, index), directions)
    return buffer


def _take_index(indices: Any, axis: Any, mode: str, shape: Shape) -> Index:
    """Return the index that does what `take` does, to the raveled array if `axis` is None."""
    indices = np.asarray(indices).astype(np.intp)
    length = math.prod(shape) if axis is None else shape[axis]
    if mode == "wrap":
        indices = indices % max(length, 1)
    elif mode == "clip":
        indices = np.clip(indices, 0, max(length - 1, 0))
    return (Ellipsis, indices, *(slice(None),) * (0 if axis is None else -1 - axis))


def _flat(t: Any, x: Any) -> Any:
    """Return each direction of `t`, a tangent of `x`, raveled."""
    return np.reshape(t, (*lead(t, x), math.prod(shape_of(x))))


def _take_push(
    t: Any, y: Any, x: Any, indices: Any, axis: Any = None, out: Any = None, mode: Any = "raise"
) -> Any:
    """Return what is taken of each direction."""
    if axis is None or not shape_of(x):
        return np.take(_flat(t, x), indices, -1, mode=mode)
    return np.take(t, indices, trailing(axis, len(shape_of(x))), mode=mode)


def _take_pull(
    ct: Any, y: Any, x: Any, indices: Any, axis: Any = None, out: Any = None, mode: Any = "raise"
) -> Any:
    """Return each direction scattered to where it was taken."""
    axis = None if axis is None or not x.ndim else trailing(axis, x.ndim)
    shape = (x.size,) if axis is None else x.shape
    ct = scatter(ct, _take_index(indices, axis, mode, shape), shape)
    return np.reshape(ct, shape_of(ct)[: len(shape_of(ct)) - len(shape)] + x.shape)


def _along_push(t: Any, y: Any, x: Any, indices: Any, axis: Any = -1) -> Any:
    """Return what is taken of each direction, at the same indices."""
    axis, t = (-1, _flat(t, x)) if axis is None else (trailing(axis, len(shape_of(x))), t)
    shape = np.shape(indices)
    missing = (1,) * (len(shape_of(t)) - len(shape))
    return np.take_along_axis(t, np.reshape(indices, missing + shape), axis)


def _along_pull(ct: Any, y: Any, x: Any, indices: Any, axis: Any = -1) -> Any:
    """Return each direction scattered to where it was taken."""
    axis, shape = (0, (x.size,)) if axis is None else (axis, x.shape)
    index = list(np.indices(shape, sparse=True))
    index[axis] = indices
    return np.reshape(scatter(ct, tuple(index), shape), lead(ct, y) + x.shape)


def _compress(condition: Any, a: Any, axis: Any = None, out: Any = None) -> Any:
    """Return the parts of `a` where `condition`, which is one-dimensional, holds."""
    condition = np.asarray(strip(condition))
    if condition.ndim != 1:
        raise ValueError("condition must be a 1-d array")
    return np.take(a, np.flatnonzero(condition), axis)


def _extract(condition: Any, arr: Any) -> Any:
    """Return the elements of `arr` where `condition` holds."""
    return np.take(arr, np.flatnonzero(strip(condition)))


ROWS = [
    linear(
        operator.getitem,
        lambda ct, y, x, index: scatter(ct, index, x.shape),
        push=lambda t, y, x, index: gather(t, len(lead(t, x)), index),
        add_into=_add_into,
    ),
    linear(
        scatter,
        lambda ct, y, x, index, shape: gather(ct, len(shape_of(ct)) - len(shape), index),
        push=lambda t, y, x, index, shape: scatter(t, index, shape),
    ),
    linear(np.take, _take_pull, push=_take_push),
    linear(np.take_along_axis, _along_pull, push=_along_push),
    composite(np.compress, _compress),
    composite(np.extract, _extract),
]
