"""What the rows of `dualad.rules.joining` are tried on."""

from typing import Any

import numpy as np

from dualad.testing.samples.base import Call, Draws, Sample

INEXACT = (np.float32, np.float64, np.longdouble, np.complex64, np.complex128, np.clongdouble)
MASKS = np.lib.NumpyVersion(np.__version__) >= "2.4.0.dev0"  # what `insert` takes them for


def _mixed(d: Draws, arrays: list[Any]) -> list[Any]:
    """Return operands, perhaps with one more that is a list or an array of another dtype."""
    x = arrays[0]
    kind = d.integer(0, 3)
    if kind == 1:
        arrays.append(np.zeros(x.shape, int).tolist() if x.size else np.zeros(x.shape, int))
    elif kind == 2:
        arrays.append(np.ones(x.shape, d.choice([bool, np.int8])))
    elif kind == 3:
        arrays.append(x.astype(np.result_type(x, np.longdouble)))
    return arrays


def _stack(d: Draws) -> Any:
    """Return arrays of one shape and, perhaps, where the new axis goes."""
    shape = d.shape(max_ndim=3)
    arrays = _mixed(d, [d.array(shape) for _ in range(d.integer(1, 3))])
    axis = d.integer(-len(shape) - 1, len(shape))
    return d.choice([Call(arrays), Call(tuple(arrays), axis), Call(arrays, axis=axis)])


def _along(d: Draws, axis: int, ndim: int) -> list[Any]:
    """Return arrays that differ in their length along an axis."""
    shape = list(d.shape(ndim, ndim))
    arrays = []
    for _ in range(d.integer(1, 3)):
        shape[axis] = d.integer(0, 3)
        arrays.append(d.array(tuple(shape)))
    return arrays


def _concatenate(d: Draws) -> Any:
    """Return arrays and along which axis they are joined."""
    ndim = d.integer(1, 4)
    axis = d.integer(-ndim, ndim - 1)
    arrays = _mixed(d, _along(d, axis, ndim))
    return d.choice([Call(arrays, axis), Call(tuple(arrays), axis=axis)])


def _flattened(d: Draws) -> Call:
    """Return arrays of different numbers of axes, to be joined flat."""
    arrays = [d.array() for _ in range(d.integer(1, 3))]
    return Call([*arrays, d.choice([2.0, [1.0, 2.0], np.ones((2, 2))])], axis=None)


def _in_a_dtype(d: Draws) -> dict[str, Any]:
    """Return a dtype to join in, and the casting that it takes."""
    wide = [dtype for dtype in INEXACT if np.can_cast(d.dtype, dtype)]
    return {"dtype": d.choice(wide), "casting": d.choice(["same_kind", "unsafe"])}


def _rows(d: Draws) -> Any:
    """Return one array in place of a list: it stands for its rows."""
    x = d.array(min_ndim=2, min_side=1)
    return np.asarray(x)


def _blocks(d: Draws) -> Call:
    """Return blocks, nested in lists to some depth."""
    a, b, m, n = d.integer(1, 2), d.integer(1, 2), d.integer(1, 2), d.integer(0, 2)
    rows = [[d.array((a, m)), d.array((a, n))], [d.array((b, m)), np.ones((b, n))]]
    numbers = [d.array(()), 2.0, d.array((1,))]
    deep = [[[d.array((m,)), d.array((1, 1, n))]], [[d.array((m + n,))]]]
    return Call(d.choice([rows, rows[0], numbers, d.array(), [rows], deep, [[numbers]]]))


def _append(d: Draws) -> Call:
    """Return an array, what is put behind it, and along which axis."""
    if d.boolean():
        return Call(d.array(), d.choice([d.array(), 2.0, [1.0, 2.0]]))
    ndim = d.integer(1, 3)
    axis = d.integer(-ndim, ndim - 1)
    arrays = _along(d, axis, ndim)
    return Call(arrays[0], arrays[-1] if len(arrays) > 1 else d.array(arrays[0].shape), axis=axis)


def _insert(d: Draws) -> Any:
    """Return an array, places along an axis, and values that broadcast to them."""
    x = d.array(min_ndim=1)
    axis = d.axis(x)
    size = x.shape[axis]
    rest = list(x.shape)
    del rest[axis % x.ndim]
    places = [d.integer(-size, size) for _ in range(d.integer(0, 3))]
    forms = [places, np.array(places, int), tuple(places), slice(0, size, 2)]
    obj = d.choice([*forms, d.mask((size,))] if MASKS else forms)
    count = len(np.insert(np.zeros(size), obj, 0)) - size
    shape = list(x.shape)
    shape[axis] = count if d.boolean() else 1
    if count == 1:
        shape[axis] = d.integer(1, 3)
    values = d.array(tuple(shape[d.integer(0, 0 if shape[0] != 1 else 1) :]))
    return d.choice([Call(x, obj, values, axis), Call(x, obj, d.array(()), axis=axis)])


def _insert_one(d: Draws) -> Call:
    """Return an array, one place along an axis, and what goes there, without that axis or with."""
    x = d.array(min_ndim=1)
    axis = d.axis(x)
    place = d.integer(-x.shape[axis], x.shape[axis])
    if d.boolean() or x.ndim > 2:
        return Call(x, place, d.choice([d.array(()), 3, d.array((1,))]), axis)
    shape = x.shape if x.ndim == 1 else x.shape[: axis % 2] + x.shape[axis % 2 + 1 :]
    return Call(x, obj=place, values=d.array(shape), axis=axis)


def _insert_flat(d: Draws) -> Call:
    """Return an array of any number of axes, to be flattened first."""
    x = d.array()
    places = [d.integer(-x.size, x.size) for _ in range(2)]
    if d.boolean():
        return Call(x, d.choice([places[0], places]), d.array((2,)))
    return Call(d.choice([[1.0, 2.0], np.arange(3)]), places[0] % 2, np.ravel(x))


def _any(d: Draws) -> Any:
    """Return arrays that may be put in columns, or flat beside each other."""
    n = d.integer(0, 3)
    return d.choice([[d.array((n,)), d.array((n, 2)), np.ones(n)], [d.array((n, 2))],
                     [d.array(()), d.array(()), 1]])  # fmt: skip


def _level(d: Draws) -> list[Any]:
    """Return arrays that may be put beside each other along the first or last axis."""
    shape = d.shape(max_ndim=4)
    return _mixed(d, [d.array(shape) for _ in range(d.integer(1, 3))])


SAMPLES = [
    Sample(np.stack, _stack, complex=True),
    Sample(
        np.stack, lambda d: Call([d.array((2,)), d.array((2,))], **_in_a_dtype(d)), complex=True
    ),
    Sample(np.stack, lambda d: Call(_rows(d), d.integer(-2, 1)), complex=True),
    Sample(np.stack, lambda d: Call([d.array(()), 1.0, d.array(()), 2]), complex=True),
    Sample(np.concatenate, _concatenate, complex=True),
    Sample(np.concatenate, _flattened, complex=True),
    Sample(np.concatenate, lambda d: Call([d.array((2,))] * 2, **_in_a_dtype(d)), complex=True),
    Sample(np.concatenate, lambda d: Call(_rows(d), d.choice([0, None])), complex=True),
    Sample(np.vstack, lambda d: Call(_level(d)), complex=True),
    Sample(np.vstack, lambda d: Call([d.array((3,)), d.array((2, 3))], **_in_a_dtype(d))),
    Sample(np.vstack, lambda d: Call(_rows(d))),
    Sample(np.hstack, lambda d: Call(_level(d)), complex=True),
    Sample(np.hstack, lambda d: Call([d.array(()), d.array((3,))], **_in_a_dtype(d))),
    Sample(np.hstack, lambda d: Call(_rows(d))),
    Sample(np.dstack, lambda d: Call(d.choice([_level(d), _rows(d)])), complex=True),
    Sample(np.column_stack, lambda d: Call(d.choice([_any(d), _rows(d)])), complex=True),
    Sample(np.block, _blocks, complex=True),
    Sample(np.append, _append, complex=True),
    Sample(np.insert, _insert, complex=True),
    Sample(np.insert, _insert_one, complex=True),
    Sample(np.insert, _insert_flat),
]
