"""`scipy.ndimage`: filters, linear ones and those that select.

Other filters of `scipy.ndimage` are written with these, and differentiate when they are lifted.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import ndimage

from dualad.core.dispatch import dispatching
from dualad.core.tracer import Tracer, shape_of, strip
from dualad.rules.joining import as_array, in_dtype
from dualad.rules.kinds import composite
from dualad.rules.matrices import conj
from dualad.rules.sliding import continued, sliding
from dualad.rules.standing import by_program, by_programs, named, settled_as

PADDING = {"reflect": "symmetric", "grid-mirror": "symmetric", "mirror": "reflect",
           "nearest": "edge", "constant": "constant", "grid-constant": "constant",
           "wrap": "wrap", "grid-wrap": "wrap"}  # fmt: skip
Origins = tuple[int, ...]


def is_array(output: Any) -> bool:
    """Return whether an output is an array that is to be filled."""
    return isinstance(output, (Tracer, np.ndarray))


def into(y: Any, output: Any) -> Any:
    """Return a result in the dtype, or in the array, that a caller asked for."""
    if output is None:
        return y
    if is_array(output):
        output[...] = y
        return output
    dtype = np.dtype(output)
    if dtype.kind in "fc":
        return in_dtype(y, dtype)
    return strip(y).astype(dtype)


def widened(x: Any, output: Any) -> Any:
    """Return an operand in a dtype that keeps what the result is asked to keep."""
    asked = getattr(output, "dtype", output)
    kind = strip(x).dtype if asked is None else np.result_type(strip(x).dtype, asked)
    return x if kind == strip(x).dtype or kind.kind not in "fc" else x.astype(kind)


def _extended(x: Any, axis: int, size: int, origin: int, mode: str, cval: Any) -> Any:
    """Return `x` continued along an axis as far as a window reaches."""
    before = size // 2 + origin
    return continued(x, axis, before, size - 1 - before, PADDING[mode], cval)


# Correlations


@dispatching
def windowed(x: Any, w: Any, mode: str, cval: Any, origins: Origins) -> Any:
    """Return `scipy.ndimage.correlate`, without a conjugate."""
    return ndimage.correlate(x, conj(w), None, mode, cval, origins)


def _window(x: Any, w: Any, mode: str, cval: Any, origins: Origins) -> Any:
    """Return what `windowed` does, over the last axes."""
    count = len(origins)
    for axis, origin in zip(range(-count, 0), origins, strict=True):
        x = _extended(x, axis, shape_of(w)[axis], origin, mode, cval)
    return sliding(x, w, count)


@dispatching
def line(x: Any, w: Any, axis: int, mode: str, cval: Any, origin: int) -> Any:
    """Return `scipy.ndimage.correlate1d`, without a conjugate."""
    return ndimage.correlate1d(x, conj(w), axis, None, mode, cval, origin)


def _along(x: Any, w: Any, axis: int, mode: str, cval: Any, origin: int) -> Any:
    """Return what `line` does."""
    x = np.moveaxis(x, axis, -1)
    y = sliding(_extended(x, -1, shape_of(w)[-1], origin, mode, cval), w, 1)
    return np.moveaxis(y, -1, axis)


def _one_axis(flip: bool) -> Callable[..., Any]:
    """Return a correlation, or convolution, along an axis."""
    function = ndimage.convolve1d if flip else ndimage.correlate1d

    def body(input: Any, weights: Any, axis: Any = -1, output: Any = None, mode: Any = "reflect",
             cval: Any = 0.0, origin: Any = 0) -> Any:  # fmt: skip
        x, w = widened(as_array(input), output), as_array(weights)
        function(
            np.zeros(shape_of(x)), np.zeros(shape_of(w)), axis, None, mode, 0.0, origin
        )  # raises
        if strip(x).dtype.kind not in "fc":
            return into(function(*strip((x, w)), axis, None, mode, cval, origin), output)
        if flip:
            w, origin = w[::-1], -origin - (shape_of(w)[0] + 1) % 2
        y = line(
            x,
            w if flip else conj(w),
            axis % len(shape_of(x)) - len(shape_of(x)),
            mode,
            cval,
            origin,
        )
        return into(y, output)

    return body


def _axes_of(x: Any, axes: Any) -> list[int]:
    """Return axes, all of them for None, from the start."""
    ndim = len(shape_of(x))
    return list(range(ndim)) if axes is None else [int(axis) % ndim for axis in np.atleast_1d(axes)]


def _spread(value: Any, axes: Sequence[int], ndim: int, rest: Any) -> list[Any]:
    """Return one value for each axis, `rest` for those that are not among some."""
    single = isinstance(value, str) or np.ndim(value) == 0
    values = [value] * len(axes) if single else list(value)
    if len(values) != len(axes):
        raise RuntimeError("sequence argument must have length equal to input rank")
    found = dict(zip(axes, values, strict=True))
    return [found.get(axis, rest) for axis in range(ndim)]


def _all_axes(flip: bool) -> Callable[..., Any]:
    """Return a correlation, or convolution, over several axes."""
    function = ndimage.convolve if flip else ndimage.correlate

    def body(input: Any, weights: Any, output: Any = None, mode: Any = "reflect",
             cval: Any = 0.0, origin: Any = 0, *, axes: Any = None) -> Any:  # fmt: skip
        x, w = widened(as_array(input), output), as_array(weights)
        named = {} if axes is None else {"axes": axes}
        function(
            np.zeros(shape_of(x)), np.zeros(shape_of(w)), None, mode, 0.0, origin, **named
        )  # raises
        if strip(x).dtype.kind not in "fc":
            return into(function(*strip((x, w)), None, mode, cval, origin, **named), output)
        chosen, ndim = _axes_of(x, axes), len(shape_of(x))
        # SciPy leaves the axes of weights in their order, but origins go with those that are named
        origins = _spread(origin, chosen if len(chosen) < ndim else range(ndim), ndim, 0)
        w = np.reshape(w, _spread(shape_of(w), sorted(chosen), ndim, 1))
        if flip:
            w = w[(slice(None, None, -1),) * ndim]
            origins = [n % 2 - 1 - o for o, n in zip(origins, shape_of(w), strict=True)]
        y = windowed(x, w if flip else conj(w), mode, cval, tuple(map(int, origins)))
        return into(y, output)

    return body


@dispatching
def mean_line(x: Any, size: int, axis: int, mode: str, cval: Any, origin: int) -> Any:
    """Return `scipy.ndimage.uniform_filter1d`."""
    return ndimage.uniform_filter1d(x, size, axis, None, mode, cval, origin)


def _uniform_filter1d(input: Any, size: Any, axis: Any = -1, output: Any = None,
                      mode: Any = "reflect", cval: Any = 0.0, origin: Any = 0) -> Any:  # fmt: skip
    """Return means of a window along an axis."""
    x = widened(as_array(input), output)
    ndimage.uniform_filter1d(np.zeros(shape_of(x)), size, axis, None, mode, 0.0, origin)  # raises
    axis = axis % len(shape_of(x)) - len(shape_of(x))
    return into(mean_line(x, size, axis, mode, cval, origin), output)


# Filters that select


def _extreme(largest: bool) -> Callable[..., Any]:
    """Return the largest, or smallest, elements of a window along an axis."""
    function = ndimage.maximum_filter1d if largest else ndimage.minimum_filter1d
    choose: Any = np.max if largest else np.min

    def body(input: Any, size: Any, axis: Any = -1, output: Any = None, mode: Any = "reflect",
             cval: Any = 0.0, origin: Any = 0) -> Any:  # fmt: skip
        x = as_array(input)
        plain = function(strip(x), size, axis, None, mode, cval, origin)
        axis = axis % len(shape_of(x)) - len(shape_of(x))
        views = sliding_window_view(_extended(x, axis, size, origin, mode, cval), size, axis)
        name = f"scipy.ndimage.{function.__name__}"
        return into(settled_as(plain, choose(views, -1), name, "these parameters"), output)

    return body


def _views(x: Any, footprint: Any, modes: list[str], cval: Any, origins: list[int]) -> Any:
    """Return the elements of the window around each element, along a last axis."""
    for axis, (n, mode, origin) in enumerate(zip(footprint.shape, modes, origins, strict=True)):
        x = _extended(x, axis - footprint.ndim, n, origin, mode, cval)
    views = sliding_window_view(x, footprint.shape, tuple(range(footprint.ndim)))
    return np.reshape(views, (*shape_of(views)[: footprint.ndim], -1))[
        ..., np.flatnonzero(footprint)
    ]


def _ranked(function: Any, place: Callable[[int, Any], int]) -> Callable[..., Any]:
    """Return the element of some rank among those of a window.

    ``place(count, rank)`` is its place, counted from the smallest.
    """

    def body(input: Any, rank: Any, size: Any, footprint: Any, output: Any, mode: Any,
             cval: Any, origin: Any, axes: Any) -> Any:  # fmt: skip
        x = as_array(input)
        named = {} if axes is None else {"axes": axes}
        given = (rank,) if rank is not None else ()
        plain = function(strip(x), *given, size, footprint, None, mode, cval, origin, **named)
        chosen, ndim = _axes_of(x, axes), len(shape_of(x))
        if footprint is None:
            mask = np.ones(_spread(size, chosen, ndim, 1), bool)
        else:
            mask = np.asarray(strip(footprint), bool)
            if axes is not None:
                mask = np.reshape(mask, _spread(mask.shape, sorted(chosen), ndim, 1))
        modes = _spread(mode, chosen, ndim, "nearest")
        views = _views(x, mask, modes, cval, _spread(origin, chosen, ndim, 0))
        count = int(mask.sum())
        k = place(count, rank) % count
        if k in (0, count - 1):
            found = np.max(views, -1) if k else np.min(views, -1)
        else:
            found = np.sort(views, -1)[..., k]
        return into(
            settled_as(plain, found, f"scipy.ndimage.{function.__name__}", "these parameters"),
            output,
        )

    return body


def _without_rank(function: Any, place: Callable[[int, Any], int]) -> Callable[..., Any]:
    """Return a filter that has no parameter for the rank."""
    ranked = _ranked(function, place)

    def body(input: Any, size: Any = None, footprint: Any = None, output: Any = None,
             mode: Any = "reflect", cval: Any = 0.0, origin: Any = 0, *,
             axes: Any = None) -> Any:  # fmt: skip
        return ranked(input, None, size, footprint, output, mode, cval, origin, axes)

    return body


def _rank_filter(input: Any, rank: Any, size: Any = None, footprint: Any = None,
                 output: Any = None, mode: Any = "reflect", cval: Any = 0.0, origin: Any = 0, *,
                 axes: Any = None) -> Any:  # fmt: skip
    """Return the elements of a rank, which may be counted from the largest."""
    ranked = _ranked(ndimage.rank_filter, lambda count, rank: int(rank))
    return ranked(input, strip(rank), size, footprint, output, mode, cval, origin, axes)


def _percentile(count: int, percentile: Any) -> int:
    """Return the place of a percentile, which may be counted from the largest."""
    percentile = percentile + 100.0 if percentile < 0 else percentile
    return count - 1 if percentile == 100.0 else int(float(count) * percentile / 100.0)


def _percentile_filter(input: Any, percentile: Any, size: Any = None, footprint: Any = None,
                       output: Any = None, mode: Any = "reflect", cval: Any = 0.0,
                       origin: Any = 0, *, axes: Any = None) -> Any:  # fmt: skip
    """Return the elements at a percentile; the percentile itself chooses a rank."""
    ranked = _ranked(ndimage.percentile_filter, _percentile)
    return ranked(input, strip(percentile), size, footprint, output, mode, cval, origin, axes)


_BODIES: dict[Any, Callable[..., Any]] = {
    ndimage.correlate1d: _one_axis(False),
    ndimage.convolve1d: _one_axis(True),
    ndimage.correlate: _all_axes(False),
    ndimage.convolve: _all_axes(True),
    ndimage.uniform_filter1d: _uniform_filter1d,
    ndimage.minimum_filter1d: _extreme(False),
    ndimage.maximum_filter1d: _extreme(True),
    ndimage.minimum_filter: _without_rank(ndimage.minimum_filter, lambda count, _: 0),
    ndimage.maximum_filter: _without_rank(ndimage.maximum_filter, lambda count, _: count - 1),
    ndimage.median_filter: _without_rank(ndimage.median_filter, lambda count, _: count // 2),
    ndimage.rank_filter: _rank_filter,
    ndimage.percentile_filter: _percentile_filter,
}
ROWS = [
    by_programs(line, _along, lambda t, w, axis, mode, cval, o: _along(t, w, axis, mode, 0, o)),
    by_programs(windowed, _window, lambda t, w, mode, cval, o: _window(t, w, mode, 0, o)),
    by_program(
        mean_line,
        lambda t, size, axis, mode, cval, o: _along(
            t, np.full(size, 1 / size, strip(t).real.dtype), axis, mode, 0, o
        ),
    ),
    *[composite(named(function, "ndimage"), body) for function, body in _BODIES.items()],
]
