"""What the rows of `dualad.rules.shapes` are tried on."""

from typing import Any

import numpy as np

from dualad.testing.samples.base import Call, Draws, Sample

ORDERS = ("C", "F", "A", "K")


def _reshape(d: Draws) -> Any:
    """Return an array and another shape of its size."""
    x = d.array()
    shapes = [-1 if x.size else 0, x.shape[::-1], (*x.shape, 1), [x.size, 1], (x.size,)]
    if x.ndim > 1 and x.size:
        shapes.append((-1, x.shape[0]))
    shape = d.choice(shapes)
    order = d.choice(ORDERS[:3])
    return d.choice([Call(x, shape), Call(x, shape, order), Call(x, shape, order=order)])


def _transpose(d: Draws) -> Any:
    """Return an array and, perhaps, a permutation of its axes."""
    x = d.array()
    axes = [int(i) - x.ndim * d.integer(0, 1) for i in d.rng.permutation(x.ndim)]
    return d.choice([Call(x), Call(x, None), Call(x, tuple(axes)), Call(x, axes=axes)])


def _swapaxes(d: Draws) -> Any:
    """Return an array and two of its axes, which may be the same."""
    x = d.array(min_ndim=1)
    axes = d.axis(x), d.axis(x)
    return d.choice([Call(x, *axes), Call(x, axis1=axes[0], axis2=axes[1])])


def _moveaxis(d: Draws) -> Call:
    """Return an array, some of its axes, and where they go."""
    x = d.array(min_ndim=1)
    source, destination = some_axes(d, x), d.rng.permutation(x.ndim)
    if d.boolean():
        return Call(x, d.axis(x), d.axis(x))
    return Call(x, source, [int(i) for i in destination[: len(source)]])


def some_axes(d: Draws, x: Any) -> tuple[int, ...]:
    """Return some distinct axes of `x`, in any order."""
    axes = d.rng.permutation(x.ndim)[: d.integer(0, x.ndim)]
    return tuple(int(i) - x.ndim * d.integer(0, 1) for i in axes)


def _rollaxis(d: Draws) -> Any:
    """Return an array, an axis, and before which it goes."""
    x = d.array(min_ndim=1)
    axis = d.axis(x)
    return d.choice([Call(x, axis), Call(x, axis, d.integer(-x.ndim, x.ndim))])


def _squeeze(d: Draws) -> Any:
    """Return an array, and which of its axes of length one go."""
    x = d.array(max_side=2)
    ones = tuple(i - x.ndim * d.integer(0, 1) for i, side in enumerate(x.shape) if side == 1)
    calls = [Call(x), Call(x, ones), Call(x, axis=ones[:1])]
    return d.choice([*calls, Call(x, ones[0])] if ones else calls)


def _expand_dims(d: Draws) -> Any:
    """Return an array, and where it gets new axes."""
    x = d.array(max_ndim=3)
    axis = d.integer(-x.ndim - 1, x.ndim)
    return d.choice([Call(x, axis), Call(x, axis=(0, -1)), Call(x, [x.ndim + 1, 0]), Call(x, ())])


def _broadcast_to(d: Draws) -> Any:
    """Return an array, and a shape to which it broadcasts."""
    full = d.shape()
    if d.boolean():
        return Call(d.array(full[d.integer(0, len(full)) :]), full)
    x = d.array(tuple(1 if d.boolean() else side for side in full))
    return d.choice([Call(x, full), Call(x, shape=list(full), subok=True), Call(x, (2, *full))])


def _flip(d: Draws) -> Any:
    """Return an array and the axes that are reversed."""
    x = d.array()
    axes = d.axes(x)
    return d.choice([Call(x, axes), Call(x, axis=axes)])


def _rot90(d: Draws) -> Any:
    """Return an array, how often it is turned, and in which plane."""
    x = d.array(min_ndim=2)
    k = d.integer(-3, 5)
    first, second = (int(i) for i in d.rng.permutation(x.ndim)[:2])
    axes = [first, second - x.ndim]
    return d.choice([Call(x), Call(x, k), Call(x, k=k, axes=tuple(axes)), Call(x, k, axes)])


def _several(d: Draws) -> Call:
    """Return one array, or several that broadcast with each other."""
    return Call(*[d.array(shape) for shape in d.broadcastable(d.integer(1, 3))])


def _mixed(d: Draws) -> Any:
    """Return an array, beside numbers and lists."""
    x = d.array(max_ndim=3)
    return d.choice([Call(x), Call(x, 2), Call([1.0, 2.0], x), Call(x, d.array(()), np.arange(3))])


SAMPLES = [
    Sample(np.reshape, _reshape, complex=True),
    Sample(np.ravel, lambda d: Call(d.array(), d.choice(ORDERS)), complex=True),
    Sample(np.ravel, lambda d: Call(np.moveaxis(d.array(min_ndim=2), 0, -1), order="K")),
    Sample(np.ravel, lambda d: d.choice([Call(d.array()), Call(d.array(), order=d.choice("afk"))])),
    Sample(np.transpose, _transpose, complex=True),
    Sample(np.swapaxes, _swapaxes, complex=True),
    Sample(np.matrix_transpose, lambda d: Call(d.array(min_ndim=2)), complex=True),
    Sample(np.linalg.matrix_transpose, lambda d: Call(d.array(min_ndim=2)), complex=True),
    Sample(np.moveaxis, _moveaxis, complex=True),
    Sample(np.rollaxis, _rollaxis, complex=True),
    Sample(np.squeeze, _squeeze, complex=True),
    Sample(np.expand_dims, _expand_dims, complex=True),
    Sample(np.broadcast_to, _broadcast_to, complex=True),
    Sample(np.broadcast_arrays, _several, complex=True),
    Sample(np.broadcast_arrays, lambda d: Call(d.array(()), [1.0, 2.0], 3, subok=d.boolean())),
    Sample(np.atleast_1d, _mixed, complex=True),
    Sample(np.atleast_2d, _mixed, complex=True),
    Sample(np.atleast_3d, _mixed, complex=True),
    Sample(np.flip, _flip, complex=True),
    Sample(np.flipud, lambda d: Call(d.array(min_ndim=1)), complex=True),
    Sample(np.fliplr, lambda d: Call(d.array(min_ndim=2)), complex=True),
    Sample(np.rot90, _rot90, complex=True),
    Sample(np.shape, lambda d: Call(d.array()), complex=True),
    Sample(np.ndim, lambda d: Call(d.array()), complex=True),
    Sample(np.size, lambda d: d.choice([Call(d.array()), Call(d.array(min_ndim=1), 0)])),
    Sample(np.may_share_memory, lambda d: Call(*[d.array((2,))] * d.integer(2, 2))),
    Sample(np.shares_memory, lambda d: Call(d.array((2,)), d.array((2,)))),
    Sample(np.tril_indices_from, lambda d: Call(d.array(min_ndim=2, max_ndim=2), d.integer(-2, 2))),
    Sample(np.triu_indices_from, lambda d: Call(d.array(min_ndim=2, max_ndim=2), d.integer(-2, 2))),
    Sample(np.diag_indices_from, lambda d: Call(d.array((3,) * d.integer(2, 3)))),
    Sample(np.unravel_index, lambda d: Call(d.integer(0, 5), (2, 3))),
    Sample(np.ravel_multi_index, lambda d: Call((d.integer(0, 1), d.integer(0, 2)), (2, 3))),
]
