"""Differences, integrals and interpolation of samples."""

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from dualad.core.dispatch import dispatching
from dualad.core.level import refusal
from dualad.core.tracer import Tracer, shape_of, strip
from dualad.errors import UnsupportedParameterError
from dualad.rules.joining import as_array, in_dtype
from dualad.rules.kinds import composite, elementwise, linear

NONE = np._NoValue
REAL, COMPLEX = np.dtype(float), np.dtype(complex)


def _along(a: Any, axis: int, start: Any, stop: Any) -> Any:
    """Return a slice of `a` along an axis."""
    return a[(slice(None),) * axis + (slice(start, stop),)]


def _edge(value: Any, a: Any, axis: int) -> Any:
    """Return what is put before or behind `a`: a number stands for one layer."""
    value = as_array(value)
    if shape_of(value):
        return value
    return np.broadcast_to(value, (*a.shape[:axis], 1, *a.shape[axis + 1 :]))


def _diff(a: Any, n: int = 1, axis: Any = -1, prepend: Any = NONE, append: Any = NONE) -> Any:
    """Return the differences of neighbors, taken `n` times."""
    if n == 0:
        return a
    if n < 0:
        raise ValueError(f"order must be non-negative but got {n!r}")
    a = as_array(a)
    if not a.ndim:
        raise ValueError("diff requires input that is at least one dimensional")
    axis = normalize_axis_index(axis, a.ndim)
    before, after = (
        [] if value is NONE else [_edge(value, a, axis)] for value in (prepend, append)
    )
    if before or after:
        a = np.concatenate([*before, a, *after], axis)
    for _ in range(n):
        a = _along(a, axis, 1, None) - _along(a, axis, None, -1)
    return a


def _ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """Return the differences of neighbors in the raveled array, between given ones."""
    ary = np.reshape(as_array(ary), (-1,))
    inner = ary[1:] - ary[:-1]
    if to_begin is None and to_end is None:
        return inner
    edges = []
    for name, value in (("to_begin", to_begin), ("to_end", to_end)):
        edge = as_array([] if value is None else value)
        if value is not None and not np.can_cast(edge.dtype, ary.dtype, "same_kind"):
            raise TypeError(f"dtype of `{name}` must be compatible with input `ary` under the "
                            f"`same_kind` rule.")  # fmt: skip
        edges.append(np.reshape(edge, (-1,)))
    return in_dtype(np.concatenate([edges[0], inner, edges[1]]), ary.dtype)


def _gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Return the finite differences of `f` along each axis."""
    f = as_array(f)
    axes = range(f.ndim) if axis is None else normalize_axis_tuple(axis, f.ndim)
    spacings = _spacings(f, axes, varargs)
    if edge_order > 2:
        raise ValueError("'edge_order' greater than 2 not supported")
    if f.dtype.kind not in "fc":
        f = f.astype(float)
    found = [_slopes(f, h, axis, edge_order) for h, axis in zip(spacings, axes, strict=True)]
    return found[0] if len(found) == 1 else tuple(found)


def _spacings(f: Any, axes: Any, varargs: Any) -> list[Any]:
    """Return for each axis the step, or an array of steps that broadcasts against `f`."""
    if not varargs:
        return [1.0] * len(axes)
    if len(varargs) == 1 and not shape_of(varargs[0]):
        return [varargs[0] * 1.0] * len(axes)
    if len(varargs) != len(axes):
        raise TypeError("invalid number of arguments")
    return [
        _steps(f, axis, as_array(x)) if shape_of(x) else x * 1.0
        for axis, x in zip(axes, varargs, strict=True)
    ]


def _steps(f: Any, axis: int, x: Any) -> Any:
    """Return the steps between coordinates along an axis, or the step, if they are all equal."""
    if x.ndim != 1:
        raise ValueError("distances must be either scalars or 1d")
    if x.size != f.shape[axis]:
        raise ValueError("when 1d, distances must match the length of the corresponding dimension")
    steps = np.diff(in_dtype(x, REAL) if x.dtype.kind in "iu" else x)
    plain = strip(steps)
    uniform = (plain == plain[0]).all()  # as in NumPy; but each step has a derivative of its own
    if uniform and not isinstance(steps, Tracer):
        return steps[0]
    return np.reshape(steps, (-1,) + (1,) * (f.ndim - 1 - axis))


def _slopes(f: Any, h: Any, axis: int, edge_order: int) -> Any:
    """Return differences of `f` along an axis: central ones inside, one-sided ones at the edges."""
    if f.shape[axis] < edge_order + 1:
        raise ValueError("Shape of array too small to calculate a numerical gradient, at least "
                         "(edge_order + 1) elements are required.")  # fmt: skip
    left, mid, right = (_along(f, axis, i, i - 2 or None) for i in range(3))
    if not shape_of(h):
        inner = (right - left) / (2.0 * h)
        first = last = second = before = h
    else:
        h1, h2 = (h[i : len(h) - 1 + i] for i in range(2))
        inner = _three_point(left, mid, right, h1, h2)
        first, last, second, before = h[:1], h[-1:], h[1:2], h[-2:-1]
    ends = [_along(f, axis, i, i + 1 or None) for i in (0, 1, 2, -3, -2, -1)]
    if edge_order == 1:
        start, stop = (ends[1] - ends[0]) / first, (ends[5] - ends[4]) / last
    else:
        start = _one_sided(ends[0], ends[1], ends[2], first, second)
        stop = _one_sided(ends[5], ends[4], ends[3], -last, -before)
    return in_dtype(np.concatenate([start, inner, stop], axis), f.dtype)


def _three_point(a: Any, b: Any, c: Any, h1: Any, h2: Any) -> Any:
    """Return the slope at `b` of the parabola through three points, `h1` and `h2` apart."""
    return -h2 / (h1 * (h1 + h2)) * a + (h2 - h1) / (h1 * h2) * b + h1 / (h2 * (h1 + h2)) * c


def _one_sided(a: Any, b: Any, c: Any, h1: Any, h2: Any) -> Any:
    """Return the slope at `a` of the parabola through three points, `h1` and `h2` apart."""
    return (
        -(2.0 * h1 + h2) / (h1 * (h1 + h2)) * a
        + (h1 + h2) / (h1 * h2) * b
        - h1 / (h2 * (h1 + h2)) * c
    )


def _trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """Return the sum of the trapezoids' areas along an axis."""
    y = as_array(y)
    place = range(y.ndim)[axis]
    widths = dx
    if x is not None:
        x = as_array(x)
        widths = np.diff(x, axis=axis if x.ndim != 1 else 0)
        if x.ndim == 1:
            widths = np.reshape(widths, (-1,) + (1,) * (y.ndim - 1 - place))
    return np.sum(widths * (_along(y, place, 1, None) + _along(y, place, None, -1)) / 2.0, place)


def _interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None,
            period: Any = None) -> Any:  # fmt: skip
    """Return the piecewise linear interpolant: at a knot, but the last, the piece to its right."""
    nothing = np.ravel(strip(x))[:0]
    np.interp(nothing, *strip((xp, fp, left, right, period)))  # raises what NumPy raises
    x, xp, fp = (as_array(value) for value in (x, xp, fp))
    x, xp = in_dtype(x, REAL), in_dtype(xp, REAL)
    fp = in_dtype(fp, COMPLEX if fp.dtype.kind == "c" else REAL)
    if period is not None:
        x, xp, fp = _unrolled(x, xp, fp, np.abs(period))
        left = right = None
    plain, knots = strip(x), strip(xp)
    if np.any(knots[1:] < knots[:-1]):  # NumPy returns something, but no interpolant
        raise refusal(UnsupportedParameterError("numpy.interp", "points in no ascending order",
                                                "np.interp of sorted points"))  # fmt: skip
    last = len(knots) - 1
    base = np.clip(np.searchsorted(knots, plain, "right") - 1, 0, last)
    y = fp[base]
    if last:
        piece = np.minimum(base, last - 1)
        outside = (plain < knots[0]) | (plain > knots[last])
        step = np.where(outside, 0.0, x - xp[base])
        slope = _slope(xp, fp, piece)
        y = y + np.where(np.isfinite(slope) | (strip(step) != 0), slope, 0.0) * step
    for beyond, value in ((plain < knots[0], left), (plain > knots[last], right)):
        if value is not None:
            y = np.where(beyond, in_dtype(as_array(value), y.dtype), y)
    return y if y.ndim else y[()]


def _slope(xp: Any, fp: Any, piece: Any) -> Any:
    """Return the slopes of pieces; zero where two knots coincide."""
    gap = xp[piece + 1] - xp[piece]
    gap = np.where(np.equal(gap, 0), np.inf, gap)
    return (fp[piece + 1] - fp[piece]) / gap


def _unrolled(x: Any, xp: Any, fp: Any, period: Any) -> Any:
    """Return arguments of `interp` within one period, with the knots next to it."""
    x, xp = np.remainder(x, period), np.remainder(xp, period)
    order = np.argsort(strip(xp))
    xp, fp = xp[order], fp[order]
    return (
        x,
        np.concatenate([xp[-1:] - period, xp, xp[:1] + period]),
        np.concatenate([fp[-1:], fp, fp[:1]]),
    )


@dispatching
def i1(x: Any) -> Any:
    """Return the modified Bessel function of order 1, the derivative of `np.i0`."""
    from scipy.special import i1 as bessel  # loads much

    x = np.asarray(x)
    known = float if x.dtype == np.longdouble else x.dtype
    return bessel(x.astype(known)).astype(x.dtype)


def _i1_partial(y: Any, x: Any) -> Any:
    """Return ``i0(x) - i1(x) / x``, with the limit 1/2 at 0."""  # DLMF 10.29.1
    origin = np.equal(x, 0)
    return np.i0(x) - np.where(origin, 0.5, y / np.where(origin, 1, x))


ROWS = [
    composite(np.diff, _diff),
    composite(np.ediff1d, _ediff1d),
    composite(np.gradient, _gradient),
    composite(np.trapezoid, _trapezoid),
    composite(np.interp, _interp),
    linear(
        np.unwrap,
        lambda ct, y, x, discont=None, axis=-1, *, period=2 * np.pi: ct,
        push=lambda t, y, x, discont=None, axis=-1, *, period=2 * np.pi: t,
    ),
    elementwise(np.i0, lambda y, x: i1(x)),
    elementwise(i1, _i1_partial),
]
