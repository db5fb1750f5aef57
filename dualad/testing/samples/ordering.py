"""What the rows of `dualad.rules.ordering` are tried on."""

from typing import Any

import numpy as np

from dualad.rules.ordering import shared
from dualad.testing.samples.base import Call, Draws, Sample, Shape

AT_A_TIE = "at a tie the derivative jumps; the mean of two sides is what central differences give"
UNSPECIFIED = "NumPy's order beside the partition depends on the precision"
KINDS = (None, "quicksort", "heapsort", "mergesort", "stable")


def _pairs(d: Draws, shape: Shape, axis: int) -> Any:
    """Return an array of distinct values, each of which is there twice along an axis."""
    once = d.array(shape, "distinct")
    twice = np.concatenate([once, once], axis)
    return d.laid_out(np.take(twice, d.rng.permutation(twice.shape[axis]), axis))


def _axis(d: Draws, x: Any) -> Any:
    """Return an axis of `x`, or None."""
    return d.choice([d.axis(x), None]) if x.ndim else None


def _sort(d: Draws) -> Call:
    """Return an array, an axis and a kind of sorting."""
    x = d.array(None, "distinct")
    if d.boolean():
        return Call(x, _axis(d, x), d.choice(KINDS))
    return Call(x, axis=_axis(d, x), stable=d.choice((None, True)))


def _tied(d: Draws) -> Call:
    """Return an array in which values are there twice, and an axis."""
    axis = d.integer(0, 1)
    return Call(_pairs(d, d.shape(2, 2), axis), d.choice([axis, axis - 2]))


def _partition(d: Draws) -> Call:
    """Return an array, one place or several that are to be in order, and an axis."""
    x = d.array(None, "distinct", min_ndim=1, max_side=5, min_side=1)
    axis = _axis(d, x)
    n = x.size if axis is None else x.shape[axis]
    kth = d.integer(-n, n - 1)
    return Call(x, d.choice([kth, [kth, 0], (kth,), np.array([n - 1])]), axis)


def _keys(d: Draws) -> Call:
    """Return sort keys, the last of which is the first to look at."""
    shape = d.shape(min_ndim=1)
    return Call((d.array(shape, "distinct"), d.array(shape, "distinct")), d.axis(np.empty(shape)))


def _bins(d: Draws) -> tuple[Any, Any]:
    """Return values, and edges in order among which they are."""
    values = d.array(None, "distinct")
    return values, np.sort(d.array((d.integer(1, 4),), "distinct"))


def _digitize(d: Draws) -> Call:
    """Return values, and edges in rising or falling order."""
    values, edges = _bins(d)
    return Call(values, edges[:: d.choice((1, -1))], d.boolean())


def _search(d: Draws) -> Any:
    """Return edges, which may be sorted by indices, values to look for, and a side."""
    values, edges = _bins(d)
    sorter = d.rng.permutation(edges.size)
    unsorted = np.empty_like(edges)
    unsorted[sorter] = edges
    side = d.choice(("left", "right"))
    return d.choice([Call(edges, values, side), Call(unsorted, values, side, sorter=sorter)])


SAMPLES = [
    Sample(np.sort, _sort, complex=True),
    Sample(np.sort, lambda d: Call(d.array(domain="distinct"), None), complex=True),
    Sample(np.sort, _tied, complex=True, order=1, reason=AT_A_TIE),
    Sample(shared, lambda d: Call(d.array((2, 3)), np.arange(6).reshape(2, 3)), complex=True),
    Sample(np.partition, _partition, complex=True, float32=False, reason=UNSPECIFIED),
    Sample(np.partition, _partition, complex=True, observe=np.sort),
    Sample(np.sort_complex, lambda d: Call(d.array(None, "distinct", min_ndim=1)), complex=True),
    Sample(np.argsort, _sort, complex=True),
    Sample(np.argpartition, _partition, complex=True),
    Sample(np.lexsort, _keys, complex=True),
    Sample(np.searchsorted, _search),
    Sample(np.digitize, _digitize),
    Sample(np.nonzero, lambda d: Call(d.array(min_ndim=1)), complex=True),
    Sample(np.flatnonzero, lambda d: Call(d.array()), complex=True),
    Sample(np.argwhere, lambda d: Call(d.array()), complex=True),
]
