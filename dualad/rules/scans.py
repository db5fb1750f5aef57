"""Running sums, products and extremes: the ``accumulate`` of ufuncs, and what is made of it.

Along the last axis, ``accumulate`` computes ``y[i] = f(y[i-1], x[i])``. Its derivative is a linear
recurrence, whose coefficients are the partials of `f`.
"""

from typing import Any

import numpy as np

from dualad.core.row import TABLE, Row
from dualad.core.tracer import primal_value, shape_of, strip
from dualad.errors import UnsupportedParameterError
from dualad.rules.directions import lead, trailing
from dualad.rules.indexing import scatter
from dualad.rules.kinds import composite, constant, general, linear
from dualad.rules.reductions import (
    from_first_axis,
    in_dtype_of,
    is_normal,
    merged,
    unmerged,
    weighted,
    without_nan,
)

BACKWARD = (..., slice(None, None, -1))


def recurrence(a: Any, b: Any) -> Any:
    """Return `s` with ``s[i] = a[i] * s[i-1] + b[i]`` along the last axis, from ``s[-1] = 0``.

    Notes
    -----
    Where the running product of `a` neither vanishes nor overflows, `s` is that product times a
    running sum. Otherwise pairs of steps are composed, then pairs of pairs, and so on, in
    ``log2(n)`` rounds without division (Blelloch 1990, section 1.4).
    """
    growth = np.multiply.accumulate(a, axis=-1)
    size, limits = np.absolute(primal_value(growth)), np.finfo(growth.dtype)
    if np.all((size > limits.tiny**0.5) & (size < limits.max**0.5)):
        return growth * np.cumsum(b / growth, -1)
    n, step = shape_of(a)[-1], 1
    while step < n:
        later = b[..., step:] + a[..., step:] * b[..., :-step]
        b = np.concatenate([b[..., :step], later], -1)
        a = np.concatenate([a[..., :step], a[..., step:] * a[..., :-step]], -1)
        step *= 2
    return b


def recurrence_transposed(a: Any, ct: Any) -> Any:
    """Return the transpose of the linear map from `b` to ``recurrence(a, b)``, applied to `ct`."""
    return recurrence(_following(a)[BACKWARD], ct[BACKWARD])[BACKWARD]


def _following(a: Any) -> Any:
    """Return the next element to each along the last axis, and 1 at its end."""
    return np.concatenate([a[..., 1:], np.ones(shape_of(a[..., :1]), a.dtype)], -1)


def _steps(ufunc: Any) -> Any:
    """Return ``steps(x, y)``: the partials of each ``y[i]`` by ``y[i-1]``, and by ``x[i]``."""

    def steps(x: Any, y: Any) -> Any:
        partials = TABLE[ufunc].partials
        before, now, x = y[..., :-1], y[..., 1:], x[..., 1:]
        first = np.ones(shape_of(y[..., :1]), y.dtype)
        return [
            np.concatenate([first, _as_array(p(now, before, x) if callable(p) else p, now)], -1)
            for p in partials
        ]

    return steps


def _as_array(partial: Any, like: Any) -> Any:
    """Return a partial in the shape and dtype of `like`; None stands for zero."""
    zeros = np.zeros(shape_of(like), like.dtype)
    return zeros if partial is None else zeros + partial


def _lines(y: Any, x: Any, axis: Any) -> Any:
    """Return the axis of a running function in a tuple, and input and output along the last one."""
    flat = axis is None or not x.ndim
    axes = (-1,) if flat else (trailing(axis, x.ndim),)
    x = in_dtype_of(np.reshape(x, y.shape) if flat else x, y)
    return axes, merged(x, axes), merged(y, axes)


def _in_shape(x: Any, shape: tuple[int, ...]) -> Any:
    """Return `x`, reshaped if it has another shape."""
    return x if shape_of(x) == shape else np.reshape(x, shape)


def _scan(function: Any, ufunc: Any, axis: Any = 0) -> Row:
    """Return the row of a running function, which is that of a ufunc."""
    steps = _steps(ufunc)

    def jvp(t: Any, y: Any, x: Any, axis: Any = axis, dtype: Any = None, out: Any = None) -> Any:
        axes, x_line, y_line = _lines(y, x, axis)
        t = merged(_in_shape(t, lead(t, x) + y.shape), axes)
        if ufunc is np.multiply and is_normal(y):  # so no factor is zero
            s = y_line * np.cumsum(t / x_line, -1)
        else:
            a, b = steps(x_line, y_line)
            s = recurrence(a, b * t)
        return unmerged(in_dtype_of(s, y), axes, y.shape)

    def vjp(ct: Any, y: Any, x: Any, axis: Any = axis, dtype: Any = None, out: Any = None) -> Any:
        axes, x_line, y_line = _lines(y, x, axis)
        line = merged(ct, axes)
        if ufunc is np.multiply and is_normal(y):
            share = np.cumsum((line * y_line)[BACKWARD], -1)[BACKWARD] / x_line
        else:
            a, b = steps(x_line, y_line)
            share = b * recurrence_transposed(a, line)
        share = _in_shape(unmerged(share, axes, y.shape), lead(ct, y) + x.shape)
        return in_dtype_of(share, x)

    return general(function, [jvp], [vjp])


def _sources(x: Any, y: Any) -> Any:
    """Return what each step of a running extreme takes from its input, and where it is new.

    All ties so far share equally. The first is None if there are none: each output then comes
    from the last place where the extreme was new.
    """
    x, y = primal_value(x), primal_value(y)
    reached = np.equal(x, y) | (np.isnan(x) & np.isnan(y))
    new = np.ones(y.shape, bool)
    new[..., 1:] = np.not_equal(y[..., 1:], y[..., :-1])
    new[..., 1:] &= ~(np.isnan(y[..., 1:]) & np.isnan(y[..., :-1]))
    if np.array_equal(new, reached):
        return None, new
    total = np.cumsum(reached, -1)
    earlier = np.maximum.accumulate(np.where(new, total - reached, 0), axis=-1)
    return np.where(reached, 1 / np.maximum(total - earlier, 1), 0).astype(y.dtype), new


def _extreme_scan(ufunc: Any) -> Row:
    """Return the row of the ``accumulate`` of `np.maximum` or its like."""

    def jvp(t: Any, y: Any, x: Any, axis: Any = 0, dtype: Any = None, out: Any = None) -> Any:
        axes, x_line, y_line = _lines(y, x, axis)
        share, new = _sources(x_line, y_line)
        line = merged(t, axes)
        if share is None:
            places = np.maximum.accumulate(np.where(new, np.arange(new.shape[-1]), 0), axis=-1)
            s = np.take_along_axis(line, places[(None,) * len(lead(t, x))], -1)
        else:
            s = recurrence(1 - share, share * line)
        return unmerged(in_dtype_of(s, y), axes, y.shape)

    def vjp(ct: Any, y: Any, x: Any, axis: Any = 0, dtype: Any = None, out: Any = None) -> Any:
        axes, x_line, y_line = _lines(y, x, axis)
        share, new = _sources(x_line, y_line)
        line = merged(ct, axes)
        if share is None:
            (starts,) = np.nonzero(np.ravel(new))
            totals = np.add.reduceat(np.reshape(line, (*lead(ct, y), new.size)), starts, -1)
            s = np.reshape(scatter(totals, (starts,), (new.size,)), shape_of(line))
        else:
            s = share * recurrence_transposed(1 - share, line)
        return in_dtype_of(unmerged(s, axes, x.shape), x)

    return general(ufunc.accumulate, [jvp], [vjp])


def _cumsum_push(t: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None,
                 out: Any = None) -> Any:  # fmt: skip
    """Return the tangent's running sum."""
    t = _in_shape(t, lead(t, x) + y.shape)
    return np.cumsum(t, -1 if axis is None else trailing(axis, y.ndim), dtype)


def _cumsum_pull(ct: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None,
                 out: Any = None) -> Any:  # fmt: skip
    """Return the cotangent's running sum from the other end."""
    axis = -1 if axis is None else trailing(axis, y.ndim)
    backward = (*BACKWARD, *(slice(None),) * (-1 - axis))
    total = np.cumsum(ct[backward], axis)[backward]
    return in_dtype_of(_in_shape(total, lead(ct, y) + x.shape), x)


def _cumulative(function: Any, scan: Any, initial: int) -> Row:
    """Return the row of `np.cumulative_sum` or its like, by that of an older function."""

    def body(x: Any, /, *, axis: Any = None, dtype: Any = None, out: Any = None,
             include_initial: bool = False) -> Any:  # fmt: skip
        if axis is None and x.ndim > 1:
            return function(strip(x))  # raises
        y = scan(x, axis, dtype)
        if include_initial:
            axis = -1 if axis is None else axis
            shape = list(y.shape)
            shape[axis] = 1
            y = np.concatenate([np.full(shape, initial, y.dtype), y], axis)
        return y

    return composite(function, body)


def _by_last_step(ufunc: Any) -> Row:
    """Return the row of the ``reduce`` of a ufunc for which the order of elements matters."""

    def weights(y: Any, x: Any, axes: Any, where: Any, dtype: Any = None,
                initial: Any = None) -> Any:  # fmt: skip
        if where is not True:
            raise UnsupportedParameterError(f"numpy.{ufunc.__name__}.reduce", "where", "x[where]")
        x = merged(x, axes)
        given = initial is not None and initial is not np._NoValue
        if given:
            first = np.full(shape_of(x[..., :1]), initial, x.dtype)
            x = np.concatenate([first, x], -1)
        a, b = _steps(ufunc)(x, ufunc.accumulate(x, axis=-1))
        partial = b * np.multiply.accumulate(_following(a)[BACKWARD], axis=-1)[BACKWARD]
        return unmerged(partial[..., 1:] if given else partial, axes, shape_of(x)), 1

    return general(ufunc.reduce, *weighted(weights, ufunc.reduce, 0))


def _slices(indices: Any, n: int) -> list[Any]:
    """Return the places that ``reduceat`` reduces together, for each index."""
    stops = [*indices[1:], n]
    return [np.arange(start, max(stops[i], start + 1)) for i, start in enumerate(indices)]


def _reduceat(ufunc: Any) -> Row:
    """Return the row of a ufunc's ``reduceat``, by its ``accumulate`` along slices."""

    def body(array: Any, indices: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
        plain = ufunc.reduceat(strip(array), indices, axis, dtype)  # raises, if NumPy does
        if not plain.size:
            return plain
        places = _slices(np.asarray(indices), array.shape[axis])
        runs = [ufunc.accumulate(np.take(array, i, axis), axis, dtype) for i in places]
        return np.stack([np.take(run, -1, axis) for run in runs], axis)

    return composite(ufunc.reduceat, body)


def _sums_push(t: Any, y: Any, x: Any, indices: Any, axis: int = 0, dtype: Any = None) -> Any:
    """Return the tangent's sums over slices."""
    return np.add.reduceat(t, indices, trailing(axis, x.ndim), dtype)


def _sums_pull(ct: Any, y: Any, x: Any, indices: Any, axis: int = 0, dtype: Any = None) -> Any:
    """Return the cotangents, added into the slices that were summed."""
    axis = trailing(axis, x.ndim)
    places = _slices(np.asarray(indices), x.shape[axis])
    owners = np.repeat(np.arange(len(places)), [len(part) for part in places])
    ct = np.take(merged(in_dtype_of(ct, x), (axis,)), owners, -1)
    share = scatter(ct, (np.concatenate([np.zeros(0, int), *places]),), (x.shape[axis],))
    return unmerged(share, (axis,), x.shape)


_SEQUENTIAL = (np.subtract, np.divide)
_SYMMETRIC = (np.multiply, np.logaddexp, np.logaddexp2, np.hypot)
_EXTREMES = (np.maximum, np.minimum, np.fmax, np.fmin)
_LOGICAL = (np.logical_and, np.logical_or, np.logical_xor)

ROWS = [
    linear(np.cumsum, _cumsum_pull, push=_cumsum_push),
    linear(np.add.accumulate, from_first_axis(_cumsum_pull), push=from_first_axis(_cumsum_push)),
    linear(np.add.reduceat, _sums_pull, push=_sums_push),
    _scan(np.cumprod, np.multiply, None),
    *[_scan(ufunc.accumulate, ufunc) for ufunc in _SYMMETRIC + _SEQUENTIAL],
    *[_extreme_scan(ufunc) for ufunc in _EXTREMES],
    *[_by_last_step(ufunc) for ufunc in _SEQUENTIAL],
    *[_reduceat(ufunc) for ufunc in _SYMMETRIC + _SEQUENTIAL + _EXTREMES],
    composite(np.nancumsum, without_nan(np.cumsum, 0)),
    composite(np.nancumprod, without_nan(np.cumprod, 1)),
    *[
        _cumulative(getattr(np, name), scan, initial)
        for name, scan, initial in (
            ("cumulative_sum", np.cumsum, 0),
            ("cumulative_prod", np.cumprod, 1),
        )
        if hasattr(np, name)  # NumPy 2.1
    ],
    *constant(*[ufunc.accumulate for ufunc in _LOGICAL], *[ufunc.reduceat for ufunc in _LOGICAL]),
]
