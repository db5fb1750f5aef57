"""Sums, products and extremes over axes, and the ``reduce`` of ufuncs.

In the rules, the axes that a function reduces are *kept*, with length 1, wherever its output or a
cotangent of it meets the operand: so both broadcast.
"""

import inspect
from collections.abc import Callable
from functools import cache
from math import prod
from typing import Any

import numpy as np

from dualad.core.product import has_nan
from dualad.core.row import Row
from dualad.core.tracer import primal_value, shape_of
from dualad.rules.directions import lead, trailing
from dualad.rules.kinds import composite, constant, general, linear

Axes = tuple[int, ...]
# So many elements are filled sooner than a view is made that repeats what stands in them.
FILLED: dict[type, int] = {float: 16384, np.float64: 16384, np.ndarray: 1024}


def reduced_axes(axis: Any, ndim: int) -> Axes:
    """Return the axes that `axis` names, counted from the end."""
    axes = trailing(axis, ndim) if ndim else ()
    return axes if type(axes) is tuple else (axes,)


def kept(ct: Any, y: Any, x: Any, axes: Axes) -> Any:
    """Return `ct`, of shape ``D + y.shape``, with the reduced axes of `x`, of length 1."""
    if y.ndim == x.ndim or type(ct) is float or type(ct) is np.float64:
        return ct
    shape = list(x.shape)
    for i in axes:
        shape[i] = 1
    shape = [*lead(ct, y), *shape]
    return ct.reshape(shape) if type(ct) is np.ndarray else np.reshape(ct, shape)


def repeated(ct: Any, x: Any, where: Any = True) -> Any:
    """Return `ct`, its reduced axes kept, repeated along them; zero where `where` is False."""
    ct = in_dtype_of(ct, x)
    if where is not True:
        return np.where(np.broadcast_to(where, x.shape), ct, 0)
    got = shape_of(ct)
    shape = got[: len(got) - x.ndim] + x.shape if len(got) > x.ndim else x.shape
    most = FILLED.get(type(ct))
    if most is None or x.size > most:
        return np.broadcast_to(ct, shape)
    share = np.empty(shape, x.dtype)
    share[...] = ct
    return share


def in_dtype_of(ct: Any, x: Any) -> Any:
    """Return `ct` in the dtype of `x`, its real part if `x` is real: after a change of dtype."""
    own = FLOAT if type(ct) is float else ct.dtype
    if own is x.dtype or own == x.dtype:
        return ct
    if own.kind == "c" and x.dtype.kind != "c":
        ct = np.real(ct)
    return (np.float64(ct) if type(ct) is float else ct).astype(x.dtype)


FLOAT = np.dtype(float)


def merged(x: Any, axes: Axes) -> Any:
    """Return `x` with `axes`, counted from the end, moved to its end and made one."""
    count = len(axes)
    if count == 1:
        return x if axes == (-1,) else np.moveaxis(x, axes[0], -1)
    x = np.moveaxis(x, axes, tuple(range(-count, 0)))
    shape = shape_of(x)
    cut = len(shape) - count
    return np.reshape(x, (*shape[:cut], prod(shape[cut:])))


def unmerged(x: Any, axes: Axes, shape: tuple[int, ...]) -> Any:
    """Return `x` with its last axis, made by `merged` of an array of `shape`, where it was."""
    if len(axes) == 1:
        return x if axes == (-1,) else np.moveaxis(x, -1, axes[0])
    x = np.reshape(x, shape_of(x)[:-1] + tuple([shape[i] for i in axes]))
    return np.moveaxis(x, tuple(range(-len(axes), 0)), axes)


@cache
def parameter_names(function: Any) -> list[str]:
    """Return the names of the parameters after the first; NumPy names those of ufuncs' methods."""
    if isinstance(getattr(function, "__self__", None), np.ufunc):
        return []
    return list(inspect.signature(function).parameters)[1:]


def _sum_pull(ct: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None, out: Any = None,
              keepdims: Any = False, initial: Any = 0, where: Any = True) -> Any:  # fmt: skip
    """Return the cotangent, repeated over the axes that were summed."""
    if type(ct) is not np.float64:
        ct = kept(ct, y, x, reduced_axes(axis, x.ndim))
    return repeated(ct, x, where)


def _sum_push(t: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None, out: Any = None,
              keepdims: Any = False, initial: Any = 0, where: Any = True) -> Any:  # fmt: skip
    """Return the tangent's sum."""
    axes = reduced_axes(axis, x.ndim)
    return np.sum(t, axes, dtype, keepdims=y.ndim == x.ndim, where=where)


def weighted(
    weights: Callable[..., Any], function: Any, axis: Any = None, real: bool = False
) -> list[list[Any]]:
    """Return the JVP and the VJP of a reduction, each in a list, given its partial derivatives.

    Parameters
    ----------
    weights : callable
        ``weights(y, x, axes, where, **params)`` returns two factors of the partials: a new array
        shaped like `x`, and one that is a number or shaped like `y`, whose reduced axes are kept.
    function : callable
        Whose parameters they are.
    axis : int or None
        The default of `axis`.
    real : bool
        Whether the function is real for complex operands, too.
    """
    names = parameter_names(function)

    def factors(y: Any, x: Any, args: Any, kwargs: Any) -> Any:
        given = {**dict(zip(names, args, strict=False)), **kwargs}
        given.pop("out", None)
        given.pop("keepdims", None)
        where = given.pop("where", True)
        axes = reduced_axes(given.pop("axis", axis), x.ndim)
        dtype = given.get("dtype")
        x = x if dtype is None or x.dtype == dtype else x.astype(dtype)
        return axes, where, *weights(kept(y, y, x, axes), x, axes, where, **given)

    def jvp(t: Any, y: Any, x: Any, *args: Any, **kwargs: Any) -> Any:
        axes, where, partial, scale = factors(y, x, args, kwargs)
        total = np.sum(partial * t, axes, keepdims=True, where=where) * scale
        total = np.real(total) if real and x.dtype.kind == "c" else total
        return np.reshape(in_dtype_of(total, y), lead(t, x) + y.shape)

    def vjp(ct: Any, y: Any, x: Any, *args: Any, **kwargs: Any) -> Any:
        axes, where, partial, scale = factors(y, x, args, kwargs)
        ct = np.real(ct) if real and y.dtype.kind == "c" else ct
        share = _scaled(partial, kept(ct, y, x, axes) * scale)
        return in_dtype_of(share if where is True else np.where(where, share, 0), x)

    return [[jvp], [vjp]]


def _scaled(partial: Any, factor: Any) -> Any:
    """Return a product, in the memory of `partial`, which is nobody else's, where it fits."""
    if (
        type(partial) is np.ndarray
        and type(factor) in (np.ndarray, float)
        and np.ndim(factor) <= partial.ndim
        and np.result_type(partial, factor) == partial.dtype
    ):
        partial *= factor
        return partial
    return partial * factor


def ignoring_nan(rule: Any, function: Any) -> Any:
    """Return the rule of a reduction as one that passes over NaN, by the parameter `where`."""
    names = parameter_names(function)

    def ignoring(t: Any, y: Any, x: Any, *args: Any, **kwargs: Any) -> Any:
        given = {**dict(zip(names, args, strict=False)), **kwargs}
        missing = np.isnan(primal_value(x))
        if np.any(missing):
            given["where"] = ~missing & given.get("where", True)
        return rule(t, y, x, **given)

    return ignoring


def from_first_axis(rule: Any) -> Any:
    """Return a rule as one for a ufunc's method, whose `axis` is 0 by default."""
    return lambda t, y, x, axis=0, **params: rule(t, y, x, axis, **params)


def is_normal(y: Any) -> bool:
    """Return whether all elements are finite, and none is zero or so small as to be inexact."""
    size = np.absolute(primal_value(y))
    return bool(np.all((size >= np.finfo(y.dtype).tiny) & np.isfinite(size)))


def leave_one_out(x: Any) -> Any:
    """Return the products of all other elements along the last axis: zeros need no division."""
    one = np.ones(shape_of(x[..., :1]), x.dtype)
    before = np.concatenate([one, np.cumprod(x[..., :-1], -1)], -1)
    after = np.concatenate([np.cumprod(x[..., :0:-1], -1)[..., ::-1], one], -1)
    return before * after


def _product_weights(y: Any, x: Any, axes: Axes, where: Any, dtype: Any = None,
                     initial: Any = None) -> Any:  # fmt: skip
    """Return the products of the other factors."""
    x = x if where is True else np.where(where, x, 1)
    if is_normal(y):  # so no factor is zero
        return y / x, 1
    return unmerged(leave_one_out(merged(x, axes)), axes, x.shape), _given(initial, 1)


def _given(value: Any, default: Any) -> Any:
    """Return a parameter, or its default if NumPy's own sign for "not given" stands there."""
    return default if value is None or value is np._NoValue else value


def _logaddexp_weights(exponential: Any) -> Any:
    """Return the weights of ``log(sum(exp(x)))`` in some base: the softmax."""

    def weights(y: Any, x: Any, axes: Axes, where: Any, dtype: Any = None,
                initial: Any = None) -> Any:  # fmt: skip
        level = primal_value(y)
        if np.all(np.isfinite(level)):
            return exponential(x - y), 1
        ties, count = _ties(y, x, axes, initial, where)  # infinite ones share, as in logaddexp
        share = np.multiply(ties, 1 if count is None else 1 / count, dtype=y.dtype)
        finite = np.isfinite(level)
        return np.where(finite, exponential(x - np.where(finite, y, 0)), share), 1

    return weights


def _hypot_weights(y: Any, x: Any, axes: Axes, where: Any, dtype: Any = None,
                   initial: Any = None) -> Any:  # fmt: skip
    """Return ``x / y``, zero where `y` is, as the norm's derivative at the origin."""
    return x / np.where(np.equal(y, 0), np.inf, y), 1


def _ties(y: Any, x: Any, axes: Axes, initial: Any, where: Any) -> Any:
    """Return where `x` is the extreme `y`, its reduced axes kept, and how often along them.

    That number is None if it is one everywhere: so it mostly is, which saves a division.
    """
    y = np.asarray(primal_value(y))
    x = np.asarray(primal_value(x), y.dtype)
    ties = np.equal(x, y)
    if has_nan(y):  # NaN comes from NaN
        ties = ties | (np.isnan(x) & np.isnan(y))
    if where is not True:
        ties = ties & where
    initial = _given(initial, None)
    if initial is None and where is True and np.count_nonzero(ties) == y.size:
        return ties, None
    real = np.finfo(y.dtype).dtype
    count = np.add.reduce(ties, axes, dtype=real, keepdims=True)
    if initial is not None:
        count = count + np.equal(np.asarray(initial, y.dtype), y)
    return ties, np.maximum(count, real.type(1))


def _extreme_jvp(t: Any, y: Any, x: Any, axis: Any = None, out: Any = None, keepdims: Any = False,
                 initial: Any = None, where: Any = True, dtype: Any = None) -> Any:  # fmt: skip
    """Return the mean tangent of the elements that are the extreme: ties share equally."""
    axes = reduced_axes(axis, x.ndim)
    ties, count = _ties(kept(y, y, x, axes), x, axes, initial, where)
    total = np.sum(np.where(ties, t, 0), axes, keepdims=True)
    total = total if count is None else total / count
    return np.reshape(in_dtype_of(total, y), lead(t, x) + y.shape)


def _extreme_vjp(ct: Any, y: Any, x: Any, axis: Any = None, out: Any = None, keepdims: Any = False,
                 initial: Any = None, where: Any = True, dtype: Any = None) -> Any:  # fmt: skip
    """Return the cotangent, shared equally by the elements that are the extreme."""
    axes = reduced_axes(axis, x.ndim)
    ties, count = _ties(kept(y, y, x, axes), x, axes, initial, where)
    ct = kept(ct, y, x, axes)
    return in_dtype_of(np.where(ties, ct if count is None else ct / count, 0), x)


def _ptp(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False) -> Any:
    """Return the greatest less the smallest element."""
    return np.max(a, axis, keepdims=keepdims) - np.min(a, axis, keepdims=keepdims)


def without_nan(function: Any, fill: float) -> Any:
    """Return `function` as applied to an array whose NaN are replaced by `fill`."""

    def body(a: Any, *args: Any, **kwargs: Any) -> Any:
        missing = np.isnan(a)
        return function(np.where(missing, fill, a) if np.any(missing) else a, *args, **kwargs)

    return body


def _of_ufunc(ufunc: Any, weights: Any) -> Row:
    """Return the row of a ufunc's ``reduce``, given its partial derivatives."""
    return general(ufunc.reduce, *weighted(weights, ufunc.reduce, 0))


ROWS = [
    linear(np.sum, _sum_pull, push=_sum_push, method=np.ndarray.sum),
    linear(np.add.reduce, from_first_axis(_sum_pull), push=from_first_axis(_sum_push)),
    general(np.prod, *weighted(_product_weights, np.prod)),
    _of_ufunc(np.multiply, _product_weights),
    _of_ufunc(np.logaddexp, _logaddexp_weights(np.exp)),
    _of_ufunc(np.logaddexp2, _logaddexp_weights(np.exp2)),
    _of_ufunc(np.hypot, _hypot_weights),
    *[
        general(extreme, [_extreme_jvp], [_extreme_vjp])
        for extreme in (np.max, np.amax, np.min, np.amin, np.nanmax, np.nanmin)
    ],
    *[
        general(ufunc.reduce, [from_first_axis(_extreme_jvp)], [from_first_axis(_extreme_vjp)])
        for ufunc in (np.maximum, np.minimum, np.fmax, np.fmin)
    ],
    composite(np.ptp, _ptp),
    composite(np.nansum, without_nan(np.sum, 0)),
    composite(np.nanprod, without_nan(np.prod, 1)),
    *constant(
        np.any, np.all, np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.count_nonzero,
        np.logical_and.reduce, np.logical_or.reduce, np.logical_xor.reduce,
    ),
]  # fmt: skip
