"""What the rows of `dualad.rules.products` are tried on."""

from itertools import pairwise
from math import prod
from typing import Any

import numpy as np

from dualad.testing.samples.base import Call, Draws, Sample, Shape


def _dot(d: Draws) -> Call:
    """Return a call of `dot`: the last axis of one operand meets the last but one of the other."""
    a, b = d.shape(0, 3), d.shape(0, 3)
    if a and b:
        k = max(len(b) - 2, 0)
        b = (*b[:k], a[-1], *b[k + 1 :])
    return Call(d.array(a), d.array(b))


def _inner(d: Draws) -> Call:
    """Return a call of `inner`: the last axes meet."""
    a, b = d.shape(0, 3), d.shape(0, 3)
    return Call(d.array(a), d.array((*b[:-1], a[-1]) if a and b else b))


def _vdot(d: Draws) -> Call:
    """Return a call of `vdot`: operands of as many elements."""
    shape = d.shape(0, 3)
    return Call(d.array(shape), d.array(d.choice((shape, shape[::-1], (prod(shape),)))))


def _stacks(d: Draws) -> tuple[Shape, Shape]:
    """Return two shapes that broadcast."""
    n = d.choice((3, 3, 3, 0))
    left = d.choice(((), (2,), (1,), (n, 2), (n, 1)))
    return left, d.choice(((), (2,), (n, 2), (1, 2)))


def _matrices(d: Draws, **options: Any) -> Call:
    """Return a call of `matmul` on vectors, matrices, or stacks of them that broadcast."""
    m, k, n = d.shape(3, 3)
    left, right = _stacks(d)
    a = d.choice(((*left, m, k), (k,)))
    return Call(d.array(a), d.array(d.choice(((*right, k, n), (k,)))), **options)


def _last_axes(d: Draws, left: str, right: str) -> Call:
    """Return a call on stacks of vectors and matrices, whose last axes are `left` and `right`."""
    sides = dict(zip("mn", d.shape(2, 2), strict=True))
    shapes = zip(_stacks(d), (left, right), strict=True)
    return Call(*[d.array(stack + tuple(map(sides.__getitem__, axes))) for stack, axes in shapes])


def _along_axis(d: Draws) -> Call:
    """Return a call of `vecdot` along some axis."""
    stacks, n = _stacks(d), d.integer(0, 3)
    ndims = [len(stack) + 1 for stack in stacks]
    axis = -d.integer(1, min(ndims))
    a, b = (d.array((*s[: len(s) + 1 + axis], n, *s[len(s) + 1 + axis :])) for s in stacks)
    positive = ndims[0] == ndims[1] and d.boolean()
    return Call(a, b, axis=axis + ndims[0] if positive else axis)


def _chain(d: Draws) -> Call:
    """Return a call of `multi_dot`: matrices, perhaps with a vector at either end."""
    sides = d.shape(3, 6, max_side=4)
    shapes: list[Shape] = list(pairwise(sides))
    shapes[0] = shapes[0][d.integer(0, 1) :]
    shapes[-1] = shapes[-1][: 2 - d.integer(0, 1)]
    return Call([d.array(shape) for shape in shapes])


def _power(d: Draws) -> Call:
    """Return a call of `matrix_power` on a matrix or a stack of them."""
    a = d.matrix(d.integer(0, 3), d.choice(((), (2,), (2, 1), (0,))))
    return Call(a, d.choice((2, 1, 0, 3, 5, 6, -1, -2, -3)))


SAMPLES = [
    Sample(np.matmul, lambda d: Call(d.array((2, 2, 3)), d.array((2, 3, 2))), complex=True),
    Sample(np.dot, _dot, complex=True),
    Sample(
        np.dot,
        lambda d: Call(d.array(max_ndim=2), 2.5),
        complex=True,
        float32=False,
        reason="NumPy takes the Python number for a float64 array",
    ),
    Sample(np.vdot, _vdot, complex=True),
    Sample(np.inner, _inner, complex=True),
    Sample(np.matmul, _matrices, complex=True),
    Sample(np.matmul, lambda d: _matrices(d, order="F", dtype=d.dtype), complex=True),
    Sample(np.vecdot, lambda d: _last_axes(d, "n", "n"), complex=True),
    Sample(np.vecdot, _along_axis, complex=True),
    Sample(np.linalg.matmul, _matrices, complex=True),
    Sample(np.linalg.vecdot, lambda d: _last_axes(d, "n", "n"), complex=True),
    Sample(np.linalg.vecdot, _along_axis, complex=True),
    Sample(np.linalg.multi_dot, _chain, complex=True),
    Sample(np.linalg.matrix_power, _power, complex=True),
]

if hasattr(np, "matvec"):  # NumPy 2.2
    SAMPLES += [
        Sample(np.matvec, lambda d: _last_axes(d, "mn", "n"), complex=True),
        Sample(np.vecmat, lambda d: _last_axes(d, "n", "nm"), complex=True),
    ]
