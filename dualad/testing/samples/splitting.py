"""What the rows of `dualad.rules.splitting` are tried on."""

from collections.abc import Callable
from inspect import signature
from typing import Any

import numpy as np

from dualad.testing.samples.base import Call, Draws, Sample


def _places(d: Draws, size: int) -> Any:
    """Return where an axis is cut, in any order, or into how many parts of about one length."""
    cuts = [d.integer(-size - 1, size + 1) for _ in range(d.integer(0, 3))]
    return d.choice([sorted(cuts), cuts, tuple(cuts), np.array(cuts, int)])


def _array_split(d: Draws) -> Any:
    """Return an array, and where it is cut along an axis."""
    x = d.array(min_ndim=1)
    axis = d.axis(x)
    places = d.choice([d.integer(1, 5), _places(d, x.shape[axis])])
    return d.choice([Call(x, places, axis), Call(x, indices_or_sections=places, axis=axis)])


def _split(d: Draws) -> Call:
    """Return an array, and into how many equal parts, or where, it is cut along an axis."""
    x = d.array(min_ndim=1)
    axis = d.axis(x)
    parts = d.choice([k for k in (1, 2, 3) if x.shape[axis] % k == 0])
    return Call(x, d.choice([parts, _places(d, x.shape[axis])]), axis=axis)


def _split_along(least: int, axis: int) -> Callable[[Draws], Call]:
    """Return how to draw a call of `hsplit`, `vsplit` or `dsplit`."""

    def draw(d: Draws) -> Call:
        x = d.array(min_ndim=least)
        size = x.shape[min(axis, x.ndim - 1)]
        return Call(x, d.choice([1, max(size, 1), _places(d, size)]))

    return draw


def _delete(d: Draws) -> Any:
    """Return an array, and what is deleted along an axis, or from all elements."""
    x = d.array(min_ndim=1)
    axis = d.choice([d.axis(x), None])
    size = x.size if axis is None else x.shape[axis]
    places = [d.integer(-size, size - 1) for _ in range(d.integer(0, 3))] if size else []
    obj = d.choice([places, np.array(places, int), tuple(places), slice(None, None, 2),
                    slice(size, 0, -1), d.mask((size,)), *places[:1]])  # fmt: skip
    return d.choice([Call(x, obj, axis), Call(x, obj=obj, axis=axis)])


def _with_zeros(d: Draws) -> Any:
    """Return an array with zeros around and between its elements."""
    several = "axis" in signature(np.trim_zeros).parameters  # since NumPy 2.2
    x = np.pad(np.asarray(d.array(min_ndim=1, max_ndim=3 if several else 1)), d.integer(0, 2))
    x[1:-1:3] = 0
    calls = [Call(x), Call(x, d.choice("fb")), Call(x, trim="bf")]
    return d.choice(
        [*calls, Call(x, "f", d.axis(x)), Call(x, axis=d.axes(x))] if several else calls
    )


def _vectors(d: Draws) -> Call:
    """Return a function of vectors, to numbers, vectors or matrices, and where they are."""
    functions = [np.sum, lambda v: v * v, lambda v: 2.0, lambda v, s: s * v[:1] * np.sum(v),
                 lambda v: [np.sum(v * v), 1.0], lambda v: np.reshape(v, (1, -1, 1))]  # fmt: skip
    x = d.array(min_ndim=1, min_side=1)
    place = d.integer(0, len(functions) - 1)
    more = (3.0,) if place == 3 else ()
    return Call(functions[place], d.axis(x), x, *more)


def _reducing(d: Draws) -> Call:
    """Return a function that drops an axis, or keeps it, and the axes that it is applied over."""
    x = d.array(min_ndim=1)
    axes = [int(i) - x.ndim * d.integer(0, 1) for i in d.rng.permutation(x.ndim)[:2]]
    functions = [np.sum, lambda a, axis: np.sum(a * a, axis, keepdims=True)]
    return Call(d.choice(functions), x, d.choice([axes, tuple(axes), axes[0]]))


def _unstack(d: Draws) -> Any:
    """Return an array, and along which axis it is taken apart."""
    x = d.array(min_ndim=1)
    return d.choice([Call(x), Call(x, axis=d.axis(x))])


def _squares(y: Any) -> Any:
    """Return the sum of squares, whose derivative does not depend on whether zeros are there."""
    return np.sum(y * y)


SAMPLES = [
    Sample(np.array_split, _array_split, complex=True),
    Sample(np.split, _split, complex=True),
    Sample(np.hsplit, _split_along(1, 1), complex=True),
    Sample(np.vsplit, _split_along(2, 0), complex=True),
    Sample(np.dsplit, _split_along(3, 2), complex=True),
    Sample(np.delete, _delete, complex=True),
    Sample(np.trim_zeros, _with_zeros, True, 1, "zeros are zeros at one point", observe=_squares),
    Sample(np.apply_along_axis, _vectors, complex=True),
    Sample(np.apply_over_axes, _reducing, complex=True),
]
if hasattr(np, "unstack"):  # since NumPy 2.1
    SAMPLES.append(Sample(np.unstack, _unstack, complex=True))
