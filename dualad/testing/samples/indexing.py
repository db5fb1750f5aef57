"""What the rows of `dualad.rules.indexing` are tried on."""

import math
import operator
from functools import partial
from typing import Any

import numpy as np

from dualad.rules.indexing import scatter
from dualad.testing.samples.base import Call, Draws, Sample, Shape

BOUNDS = (None, 0, 1, 2, 5, -1, -2, -5)
MODES = ("raise", "wrap", "clip")


def _slice(d: Draws) -> slice:
    """Return a slice, perhaps backward or empty."""
    step = d.choice((None, 1, 2, -1, -2))
    return slice(d.choice(BOUNDS), d.choice(BOUNDS), step)


def _integers(d: Draws, n: int, shape: Shape) -> Any:
    """Return indices of an axis of length `n`, which may be negative or repeat; none if it is 0."""
    return d.rng.integers(-n, n, shape) if n else np.zeros((0,), int)


def _part(d: Draws, lengths: Shape, advanced: bool) -> tuple[Any, int]:
    """Return a part of an index into axes of some lengths, and how many of them it takes."""
    n = lengths[0]
    one = int(_integers(d, n, ())) if n else slice(None)
    basic = [slice(None), one, _slice(d), np.int64(one) if isinstance(one, int) else _slice(d)]
    if not advanced or d.boolean():
        return d.choice(basic), 1
    if len(lengths) > 1 and d.integer(0, 4) == 4:
        return d.mask(lengths[:2]), 2
    arrays = [
        _integers(d, n, (2,)),
        _integers(d, n, (2, 1)),
        _integers(d, n, (2,)).tolist(),
        np.array(one) if n else _integers(d, n, (2,)),
        d.mask((n,)),
        d.mask((n,)).tolist(),
    ]
    return d.choice(arrays), 1


def _index(d: Draws, shape: Shape, advanced: bool) -> Any:
    """Return an index into an array of some shape; it may leave axes out, and add some."""
    parts: list[Any] = []
    axis = 0
    while axis < len(shape):
        extra = d.integer(0, 9)
        if extra == 9 and not any(part is Ellipsis for part in parts):
            parts.append(Ellipsis)
            axis += d.integer(0, len(shape) - axis)
        elif extra == 8:
            parts.append(None)
        elif extra == 7 and advanced:
            parts.append(d.choice((True, np.True_, np.array(True), False)))
        elif extra == 6:
            break
        else:
            part, taken = _part(d, shape[axis:], advanced)
            parts.append(part)
            axis += taken
    return parts[0] if len(parts) == 1 else tuple(parts)


def _valid_index(d: Draws, shape: Shape, advanced: bool) -> Any:
    """Return an index whose arrays broadcast, or one of all elements."""
    index = _index(d, shape, advanced)
    try:
        np.broadcast_to(0, shape)[index]
    except IndexError:
        return ...
    return index


def _getitem(d: Draws, advanced: bool) -> Call:
    """Return an array and an index into it."""
    x = d.array()
    return Call(x, _valid_index(d, x.shape, advanced))


def _whole(d: Draws) -> Call:
    """Return an array and an index that stands for all axes at once."""
    x = d.array(min_ndim=1)
    n = x.shape[0]
    masks = [d.mask(x.shape), d.mask(x.shape[:1]), np.zeros(x.shape, bool)]
    arrays = [_integers(d, n, (5,)), _integers(d, n, (2, 3)), [], ()]
    open_grid = np.ix_(*[_integers(d, side, (2,)) for side in x.shape])
    return Call(x, d.choice([*masks, *arrays, open_grid, d.mask(x.shape) & False]))


def _many(d: Draws) -> Call:
    """Return an array and so many repeated indices that they are added by flat positions."""
    x = d.array((d.integer(1, 3), d.integer(1, 3), 2))
    first, second = (_integers(d, side, (520,)) for side in x.shape[:2])
    return Call(x, d.choice([first, (first, second), (slice(None), second), (first, ..., 1)]))


def _scatter(d: Draws) -> Call:
    """Return a cotangent, and the index and shape of what it belongs to."""
    shape = d.shape(min_ndim=1)
    index = _valid_index(d, shape, d.boolean())
    return Call(d.array(np.broadcast_to(0, shape)[index].shape), index, shape)


def _take(d: Draws, mode: str) -> Call:
    """Return an array and indices; out of bounds in the modes that allow it."""
    x = d.array()
    axis = d.choice([None, d.axis(x)]) if x.ndim else None
    n = x.size if axis is None else x.shape[axis]
    reach = n if mode == "raise" else 2 * n + 2
    shape = d.choice([(), (2,), (2, 2), (0,)]) if n else (0,)
    indices: Any = d.rng.integers(-reach, reach, shape) if n else np.zeros(shape, int)
    return Call(x, d.choice([indices, indices.tolist()]), axis, mode=mode)


def _along(d: Draws) -> Call:
    """Return an array and indices along an axis, which broadcast on the others."""
    x = d.array(min_ndim=1)
    if d.integer(0, 3) == 3:
        return Call(x, _integers(d, x.size, (3,)), None)
    axis = d.axis(x)
    shape = [1 if d.integer(0, 3) == 3 else side for side in x.shape]
    shape[axis] = d.integer(0, 3) if x.shape[axis] else 0
    indices = _integers(d, x.shape[axis], tuple(shape)).reshape(shape)
    return Call(x, indices, axis)


def _compress(d: Draws) -> Call:
    """Return a condition and an array along an axis of which it selects."""
    x = d.array()
    axis = d.choice([None, d.axis(x)]) if x.ndim else None
    n = x.size if axis is None else x.shape[axis]
    condition = d.mask((d.choice([n, max(n - 1, 0), n + 1]),))
    condition[n:] = False  # a longer one is allowed if it selects nothing there
    return Call(d.choice([condition, condition.tolist()]), x, axis)


def _extract(d: Draws) -> Call:
    """Return a condition and an array, or numbers that serve as one."""
    x = d.array()
    condition = d.mask(x.shape)
    numbers: Any = d.rng.integers(0, 2, (math.prod(x.shape),))
    return Call(d.choice([condition, numbers]), x)


SAMPLES = [
    Sample(operator.getitem, lambda d: _getitem(d, False), complex=True),
    Sample(operator.getitem, lambda d: _getitem(d, True), complex=True),
    Sample(operator.getitem, _whole, complex=True),
    Sample(operator.getitem, _many, complex=True),
    Sample(scatter, _scatter, complex=True),
    *[Sample(np.take, partial(_take, mode=mode), complex=True) for mode in MODES],
    Sample(np.take_along_axis, _along, complex=True),
    Sample(np.compress, _compress, complex=True),
    Sample(np.extract, _extract, complex=True),
]
