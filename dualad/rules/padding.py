"""Arrays grown, repeated or shifted: padding, tiling, rolling, windows."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from dualad.core.dispatch import apply, dispatching
from dualad.core.tracer import shape_of, strip
from dualad.errors import UnsupportedParameterError
from dualad.rules.directions import lead, trailing
from dualad.rules.indexing import scatter
from dualad.rules.joining import as_array
from dualad.rules.kinds import composite, linear


def _flat(t: Any, x: Any) -> Any:
    """Return each direction of `t`, a tangent of `x`, on one axis."""
    return np.reshape(t, (*lead(t, x), x.size))


# Padding


def _pad(array: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Any:
    """Return the array with wider sides."""
    if callable(mode):
        raise UnsupportedParameterError("numpy.pad", "a function as mode", "np.concatenate")
    plain = np.asarray(options.get("constant_values", 0)).dtype != object
    if mode not in _SIDES or (mode == "constant" and plain):
        return apply(_PAD, (array, pad_width, mode), options)
    shape = shape_of(array)
    sketch = np.ones([min(side, 1) for side in shape], array.dtype)
    np.pad(sketch, pad_width, mode, **strip(options))  # raises NumPy's errors
    for axis, widths in enumerate(_widths(pad_width, len(shape))):
        if any(widths):
            option = {name: _pair(value, len(shape), axis) for name, value in options.items()}
            array = _SIDES[mode](array, axis, widths, mode, **option)
    return np.copy(array) if shape_of(array) == shape else array


def _widths(pad_width: Any, ndim: int) -> Any:
    """Return the widths before and behind each axis; NumPy has checked them."""
    if isinstance(pad_width, dict):
        widths = np.zeros((ndim, 2), int)
        for axis, width in pad_width.items():
            widths[axis] = width
        pad_width = widths
    return np.broadcast_to(pad_width, (ndim, 2)).tolist()


def _pair(value: Any, ndim: int, axis: int) -> Any:
    """Return what an option says of an axis, before and behind it: as Python's numbers, if many."""
    if value is None or isinstance(value, str):
        return value
    pair = np.broadcast_to(as_array(value), (ndim, 2))[axis]
    return pair.tolist() if np.size(value) > 2 else pair


def _center(ct: Any, y: Any, x: Any, pad_width: Any, *params: Any, **options: Any) -> Any:
    """Return the part that was not padded."""
    widths = _widths(pad_width, x.ndim)
    parts = [slice(before, before + n) for (before, _), n in zip(widths, x.shape, strict=True)]
    return ct[(..., *parts)]


def _pad_push(t: Any, y: Any, x: Any, pad_width: Any, *params: Any, **options: Any) -> Any:
    """Return each direction padded with zeros."""
    widths = [(0, 0)] * len(lead(t, x)) + _widths(pad_width, len(shape_of(x)))
    return np.pad(t, widths or 0)


_PAD = linear(np.pad, _center, push=_pad_push)


def _at(x: Any, index: Any, axis: int) -> Any:
    """Return ``x[index]`` along an axis."""
    return x[(*(slice(None),) * axis, index)]


def _by_index(x: Any, axis: int, widths: Any, mode: Any, reflect_type: Any = "even") -> Any:
    """Return `x` padded with its own elements: NumPy says with which."""
    if reflect_type == "odd" and x.shape[axis] > 1:
        return _oddly(x, axis, widths, mode)
    size = x.shape[axis]
    index = np.pad(np.arange(size), widths, mode)
    sides = index[: widths[0]], index[widths[0] + size :]
    return np.concatenate([_at(x, sides[0], axis), x, _at(x, sides[1], axis)], axis)


def _oddly(x: Any, axis: int, widths: Any, mode: Any) -> Any:
    """Return `x` reflected in its edges, as points are in a point, again and again."""
    before, behind = widths
    own = x.shape[axis] - (mode == "reflect")  # one period; "symmetric" repeats the edge
    skip = int(mode == "reflect")
    while before or behind:
        size = x.shape[axis]
        period = (size - skip) // own * own
        first, last = min(before, period), min(behind, period)
        left = np.flip(_at(x, slice(skip, skip + first), axis), axis)
        right = np.flip(_at(x, slice(size - skip - last, size - skip), axis), axis)
        edges = _at(x, slice(0, 1), axis), _at(x, slice(size - 1, size), axis)
        x = np.concatenate([2 * edges[0] - left, x, 2 * edges[1] - right], axis)
        before, behind = before - first, behind - last
    return x


_ZEROS = np.zeros(2, int)


def _by_ramps(x: Any, axis: int, widths: Any, mode: Any, end_values: Any = _ZEROS) -> Any:
    """Return `x` with ramps to end values."""
    before, behind = [
        np.linspace(end, _at(x, edge, axis), width, False, dtype=x.dtype, axis=axis)
        for end, edge, width in zip(end_values, (0, -1), widths, strict=True)
    ]
    return np.concatenate([before, x, np.flip(behind, axis)], axis)


def _by_values(x: Any, axis: int, widths: Any, mode: Any, constant_values: Any) -> Any:
    """Return `x` with sides of constant values, which may be traced."""
    values = [as_array(value).astype(x.dtype) for value in constant_values]
    return _with_sides(x, axis, widths, values)


def _with_sides(x: Any, axis: int, widths: Any, values: Any) -> Any:
    """Return `x` with sides that repeat two values, or two slices."""
    shapes = [(*x.shape[:axis], width, *x.shape[axis + 1 :]) for width in widths]
    sides = [np.broadcast_to(*pair) for pair in zip(values, shapes, strict=True)]
    return np.concatenate([sides[0], x, sides[1]], axis)


def _by_statistic(x: Any, axis: int, widths: Any, mode: Any, stat_length: Any = None) -> Any:
    """Return `x` with sides that repeat a statistic of its elements nearby."""
    statistic, size = _STATISTICS[mode], x.shape[axis]
    lengths = size if stat_length is None else np.round(stat_length)
    first, last = np.broadcast_to(np.minimum(lengths, size).astype(int), 2).tolist()
    left = statistic(_at(x, slice(0, first), axis), axis=axis, keepdims=True)
    if first == last == size:
        return _with_sides(x, axis, widths, (left, left))
    right = statistic(_at(x, slice(size - last, size), axis), axis=axis, keepdims=True)
    return _with_sides(x, axis, widths, (left, right))


_STATISTICS: dict[str, Callable[..., Any]] = {
    "maximum": np.max, "minimum": np.min, "mean": np.mean, "median": np.median,
}  # fmt: skip
_SIDES: dict[Any, Callable[..., Any]] = {
    **dict.fromkeys(("edge", "wrap", "reflect", "symmetric"), _by_index),
    **dict.fromkeys(_STATISTICS, _by_statistic),
    "linear_ramp": _by_ramps,
    "constant": _by_values,
}


# Repeating


def _tile_push(t: Any, y: Any, A: Any, reps: Any) -> Any:
    """Return each direction tiled."""
    leading, shape = lead(t, A), shape_of(A)
    reps = reps if np.iterable(reps) else (reps,)
    t = np.reshape(t, leading + (1,) * (len(shape_of(y)) - len(shape)) + shape)
    return np.tile(t, (1,) * (len(leading) + len(shape_of(y)) - len(reps)) + tuple(reps))


def _tile_pull(ct: Any, y: Any, A: Any, reps: Any) -> Any:
    """Return the sum over all tiles."""
    leading = lead(ct, y)
    shape = (1,) * (y.ndim - A.ndim) + A.shape
    counts = tuple(reps) if np.iterable(reps) else (reps,)
    counts = (1,) * (y.ndim - len(counts)) + counts
    split = [side for pair in zip(counts, shape, strict=True) for side in pair]
    ct = np.sum(np.reshape(ct, (*leading, *split)), tuple(range(-2 * y.ndim, 0, 2)))
    return np.reshape(ct, leading + A.shape)


def _repeat_push(t: Any, y: Any, a: Any, repeats: Any, axis: Any = None) -> Any:
    """Return the elements of each direction repeated."""
    if axis is None or not a.ndim:
        return np.repeat(_flat(t, a), repeats, -1)
    return np.repeat(t, repeats, trailing(axis, len(shape_of(a))))


def _repeat_pull(ct: Any, y: Any, a: Any, repeats: Any, axis: Any = None) -> Any:
    """Return the sums over what one element was repeated to."""
    leading = lead(ct, y)
    whole = axis is None or not a.ndim
    shape, axis = ((a.size,), -1) if whole else (a.shape, trailing(axis, a.ndim))
    behind = len(shape) + axis + 1
    if np.size(repeats) == 1:
        split = (*shape[:behind], int(np.ravel(repeats)[0]), *shape[behind:])
        ct = np.sum(np.reshape(ct, leading + split), axis)
    else:
        index = np.repeat(np.arange(shape[axis]), repeats)
        ct = scatter(ct, (..., index, *(slice(None),) * (-1 - axis)), shape)
    return np.reshape(ct, leading + a.shape)


def _resize(a: Any, new_shape: Any) -> Any:
    """Return the elements over and over, as many as the new shape takes."""
    shape = np.resize(np.zeros(0), new_shape).shape  # NumPy reads, and checks, `new_shape`
    size, taken = math.prod(shape), math.prod(shape_of(a))
    if not size or not taken:
        return np.zeros(shape, a.dtype)
    return np.reshape(np.tile(np.ravel(a), -(-size // taken))[:size], shape)


# Shifting


def _rolled(t: Any, x: Any, shift: Any, axis: Any) -> Any:
    """Return each direction rolled."""
    if axis is None:
        return np.reshape(np.roll(_flat(t, x), shift, -1), shape_of(t))
    return np.roll(t, shift, trailing(axis, x.ndim))


@dispatching
def overlapped(windows: Any, axis: int) -> Any:
    """Return the sum of windows that overlap: the transpose of a sliding window.

    Parameters
    ----------
    windows : array
        The windows' elements are on the last axis.
    axis : int
        Along which the windows slide, counted from the end.
    """
    windows = np.moveaxis(windows, axis, -2)
    count, width = windows.shape[-2:]
    total = np.zeros((*windows.shape[:-2], count + width - 1), windows.dtype)
    if count < width:
        for i in range(count):
            total[..., i : i + width] += windows[..., i, :]
    else:
        for i in range(width):
            total[..., i : i + count] += windows[..., i]
    return np.moveaxis(total, -1, axis + 1)


def _window_push(t: Any, y: Any, x: Any, window_shape: Any, axis: Any = None, **named: Any) -> Any:
    """Return the windows of each direction."""
    return sliding_window_view(t, window_shape, trailing(axis, len(shape_of(x))))


def _window_pull(ct: Any, y: Any, x: Any, window_shape: Any, axis: Any = None, **named: Any) -> Any:
    """Return the overlapping windows' sum, for one axis that they slide along after the other."""
    axes = trailing(axis, x.ndim)
    axes = axes if isinstance(axes, tuple) else (axes,)
    for count, place in reversed(list(enumerate(axes))):
        ct = overlapped(ct, place - count - 1)
    return ct


ROWS = [
    composite(np.pad, _pad),
    linear(np.tile, _tile_pull, push=_tile_push),
    linear(np.repeat, _repeat_pull, push=_repeat_push),
    composite(np.resize, _resize),
    linear(
        np.roll,
        lambda ct, y, a, shift, axis=None: _rolled(ct, y, np.negative(shift), axis),
        push=lambda t, y, a, shift, axis=None: _rolled(t, y, shift, axis),
    ),
    linear(sliding_window_view, _window_pull, push=_window_push),
    linear(
        overlapped,
        lambda ct, y, windows, axis: sliding_window_view(ct, windows.shape[-1], axis + 1),
        push=lambda t, y, windows, axis: overlapped(t, axis),
    ),
]
