"""Indexing, and its transpose, scattering."""

import operator
from typing import Any

import numpy as np

from dualad.core.dispatch import dispatching
from dualad.core.tracer import shape_of
from dualad.rules.directions import lead
from dualad.rules.kinds import linear

Index = Any


def _behind(index: Index, directions: int) -> tuple[Any, ...]:
    """Return `index` behind full slices over the direction axes."""
    index = index if isinstance(index, tuple) else (index,)
    return (slice(None),) * directions + index


def _is_basic(index: Index) -> bool:
    """Return whether `index` is made of integers, slices, None and ... only: no place repeats."""
    parts = index if index.__class__ is tuple else (index,)
    return all(part is None or part.__class__ in _BASIC or isinstance(part, np.integer)
               for part in parts)  # fmt: skip


_BASIC = (int, slice, type(Ellipsis))


def _moves_in_front(index: Index) -> bool:
    """Return whether the axes of the advanced indices come first, being apart from each other.

    NumPy's user guide, "Combining advanced and basic indexing": they do if a slice, ``...`` or
    None stands between two of them.
    """
    parts = index if isinstance(index, tuple) else (index,)
    advanced = [i for i, part in enumerate(parts)
                if part is not None and not isinstance(part, (slice, type(Ellipsis)))]  # fmt: skip
    if _is_basic(index) or not advanced:
        return False
    return advanced[-1] - advanced[0] + 1 != len(advanced)


def _advanced_ndim(index: Index) -> int:
    """Return how many axes the advanced indices of `index` together make."""
    shapes = []
    for part in index if isinstance(index, tuple) else (index,):
        if part is not None and not isinstance(part, (slice, type(Ellipsis))):
            part = np.asarray(part)
            shapes.append((0,) if part.dtype == bool else part.shape)
    return max(map(len, shapes))


def _gather(t: Any, y: Any, x: Any, index: Index) -> Any:
    """Return ``t[index]`` behind the directions of `t`."""
    directions = len(lead(t, x))
    found = t[_behind(index, directions)]
    if directions and _moves_in_front(index):
        for k in range(directions):
            found = np.moveaxis(found, _advanced_ndim(index) + k, k)
    return found


def _add_into(buffer: Any, ct: Any, args: Any, directions: int) -> None:
    """Add ``ct`` to the places of `buffer` that the index in `args` names, each as often."""
    index = args[1]
    if _is_basic(index):
        if not directions and buffer.ndim == 1 and index.__class__ is int:
            buffer[index] += ct
            return
        buffer[_behind(index, directions)] += ct
        return
    if directions and _moves_in_front(index):
        for k in range(directions):
            ct = np.moveaxis(ct, k, _advanced_ndim(index) + k)
    np.add.at(buffer, _behind(index, directions), ct)


@dispatching
def scatter(ct: Any, index: Index, shape: tuple[int, ...]) -> Any:
    """Return the transpose of ``x[index]`` for an `x` of `shape`: zeros, with `ct` added in."""
    directions = len(shape_of(ct)) - len(shape_of(np.broadcast_to(0, shape)[index]))
    buffer = np.zeros(shape_of(ct)[:directions] + shape, np.asarray(ct).dtype)
    _add_into(buffer, ct, (None, index), directions)
    return buffer


ROWS = [
    linear(
        operator.getitem,
        lambda ct, y, x, index: scatter(ct, index, x.shape),
        push=_gather,
        add_into=_add_into,
    ),
    linear(
        scatter,
        lambda ct, y, x, index, shape: _gather(ct, x, y, index),
        push=lambda t, y, x, index, shape: scatter(t, index, shape),
    ),
]
