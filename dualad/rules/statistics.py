"""Means, variances and covariances."""

import warnings
from math import prod
from typing import Any

import numpy as np

from dualad.core.dispatch import dispatching, stack_objects
from dualad.core.row import Row, name_of
from dualad.core.tracer import Tracer, primal_value, shape_of, strip
from dualad.errors import UnsupportedParameterError
from dualad.rules.directions import lead
from dualad.rules.kinds import composite, general, linear
from dualad.rules.reductions import (
    Axes,
    ignoring_nan,
    in_dtype_of,
    kept,
    reduced_axes,
    repeated,
    weighted,
)


def _count(x: Any, axes: Axes, where: Any) -> Any:
    """Return how many elements each mean is of, at least 1; an array only if `where` is given."""
    if where is True:
        return max(prod([x.shape[i] for i in axes]), 1)
    real = np.finfo(x.dtype).dtype
    where = np.broadcast_to(where, x.shape)
    return np.maximum(np.add.reduce(where, axes, dtype=real, keepdims=True), real.type(1))


def _mean_pull(ct: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None, out: Any = None,
               keepdims: Any = False, *, where: Any = True) -> Any:  # fmt: skip
    """Return the cotangent, spread evenly over the axes that were averaged."""
    axes = reduced_axes(axis, x.ndim)
    return repeated(kept(ct, y, x, axes) / _count(x, axes, where), x, where)


def _mean_push(t: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None, out: Any = None,
               keepdims: Any = False, *, where: Any = True) -> Any:  # fmt: skip
    """Return the tangent's mean; zero where there is nothing to average."""
    axes = reduced_axes(axis, x.ndim)
    total = np.sum(t, axes, dtype, keepdims=True, where=where) / _count(x, axes, where)
    return np.reshape(in_dtype_of(total, y), lead(t, x) + y.shape)


def _deviation(x: Any, axes: Axes, where: Any, dtype: Any = None, ddof: Any = 0,
               mean: Any = np._NoValue, correction: Any = np._NoValue) -> Any:  # fmt: skip
    """Return the deviations from the mean, and the number by which their squares are divided.

    That number is infinite, and so the derivative zero, where no degree of freedom is left.
    """
    count = _count(x, axes, where)
    if mean is None or mean is np._NoValue:
        mean = np.sum(x, axes, keepdims=True, where=where) / count
    free = count - (ddof if correction is np._NoValue else correction)
    if where is True:
        return x - mean, free if free > 0 else np.inf
    return np.where(where, x - mean, 0), np.where(free > 0, free, np.inf)


def _conjugate(x: Any) -> Any:
    """Return the complex conjugate; a real array itself, without a copy."""
    return np.conjugate(x) if x.dtype.kind == "c" else x


def _variance_weights(y: Any, x: Any, axes: Axes, where: Any, **params: Any) -> Any:
    """Return the factors of the partials of the variance."""
    deviation, free = _deviation(x, axes, where, **params)
    return _conjugate(deviation), 2 / free


def _std_weights(y: Any, x: Any, axes: Axes, where: Any, **params: Any) -> Any:
    """Return the factors of the partials of the standard deviation, which are zero where it is."""
    deviation, free = _deviation(x, axes, where, **params)
    return _conjugate(deviation), 1 / (free * np.where(np.greater(y, 0), y, np.inf))


def _about_mean(function: Any, weights: Any, passes_over_nan: bool = False) -> list[Row]:
    """Return the rows of a variance or standard deviation, which may be given a traced mean.

    The first is for the function itself; the second, for what it calls once the mean is plain.
    """
    of_array = dispatching(function)

    def body(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0,
             keepdims: Any = False, *, where: Any = True, mean: Any = np._NoValue,
             correction: Any = np._NoValue) -> Any:  # fmt: skip
        if mean is not np._NoValue:
            shape = shape_of(a)
            if np.broadcast_shapes(shape, shape_of(mean)) != shape:
                raise UnsupportedParameterError(
                    name_of(function), "a mean that is wider than the array", "its definition"
                )
            if isinstance(mean, Tracer):
                a, mean = a - mean, 0.0
        return of_array(a, axis, dtype, None, ddof, keepdims, where=where, mean=mean,
                     correction=correction)  # fmt: skip

    rules = weighted(weights, function, real=True)
    if passes_over_nan:
        rules = [[ignoring_nan(rule, function)] for (rule,) in rules]
    return [composite(function, body), general(of_array, *rules)]


def array_of(x: Any) -> Any:
    """Return `x` as an array, traced if it, or an element of it, is."""
    x = x if hasattr(x, "dtype") else np.array(x)
    return stack_objects(x) if x.dtype == object else x


def weights_along(weights: Any, a: Any, axis: Any) -> Any:
    """Return the weights of an average over `axis` in a shape that broadcasts against `a`."""
    weights = array_of(weights)
    if weights.shape == a.shape:
        return weights
    axes = reduced_axes(axis, a.ndim)
    if axis is None or weights.shape != tuple([a.shape[i] for i in axes]):
        np.average(strip(a), axis, strip(weights))  # raises
    weights = np.transpose(weights, np.argsort(axes))
    return np.reshape(weights, [n if i - a.ndim in axes else 1 for i, n in enumerate(a.shape)])


def _average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *,
             keepdims: Any = False) -> Any:  # fmt: skip
    """Return the weighted mean, and the sum of the weights if it is asked for."""
    a = array_of(a)
    if weights is None:
        mean = np.mean(a, axis, keepdims=keepdims)
        total = mean.dtype.type(a.size / mean.size)
    else:
        weights = weights_along(weights, a, axis)
        integral = ["f8"] * (a.dtype.kind in "biu")
        dtype = np.result_type(a.dtype, weights.dtype, *integral)
        a, weights = (x if x.dtype == dtype else x.astype(dtype) for x in (a, weights))
        total = np.sum(weights, axis, keepdims=keepdims)
        if np.any(total == 0):
            raise ZeroDivisionError("Weights sum to zero, can't be normalized")
        mean = np.sum(a * weights, axis, keepdims=keepdims) / total
    if not returned:
        return mean
    if shape_of(total) != mean.shape:
        total = np.broadcast_to(total, mean.shape) + np.zeros((), total.dtype)
    return mean, total


def _variables(m: Any, rowvar: bool, first: bool, dtype: Any) -> Any:
    """Return a matrix with a row a variable, of the first or second array given to `np.cov`."""
    turned = not rowvar and m.ndim == 2 and (first or len(m) != 1)
    m = m if m.ndim == 2 else np.reshape(m, (1, m.size))
    return (np.transpose(m) if turned else m).astype(dtype)


def _fit(weights: Any, count: int) -> bool:
    """Return whether weights are as `np.cov` wants them: one an observation, none negative."""
    return weights is None or (shape_of(weights) == (count,) and not np.any(weights < 0))


def _cov(m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: Any = None,
         fweights: Any = None, aweights: Any = None, *, dtype: Any = None) -> Any:  # fmt: skip
    """Return the covariance matrix of variables."""
    arrays = [array_of(x) for x in (m, y) if x is not None]
    weights = [None if w is None else array_of(w) for w in (fweights, aweights)]
    given = strip((m, y, rowvar, bias, ddof, fweights, aweights))
    if any(x.ndim > 2 for x in arrays) or (ddof is not None and ddof != int(ddof)):
        return np.cov(*given)  # raises
    dtype = dtype or np.result_type(*[x.dtype for x in arrays], float)
    parts = [_variables(x, rowvar, not i, dtype) for i, x in enumerate(arrays)]
    if not len(parts[0]):
        return np.cov(*given)  # an empty array, whatever else is given
    x = np.concatenate(parts) if len(parts) > 1 else parts[0]
    count = x.shape[1]
    counts = primal_value(weights[0])
    whole = counts is None or np.all(counts == np.around(counts))
    if not (whole and _fit(weights[0], count) and _fit(weights[1], count)):
        return np.cov(*given)  # raises
    if ddof is None:
        ddof = 0 if bias else 1
    return _covariance(x, [None if w is None else w.astype(float) for w in weights], ddof)


def _covariance(x: Any, weights: Any, ddof: Any) -> Any:
    """Return the covariance matrix of the rows of `x`, of which `weights` are two or None."""
    fweights, aweights = weights
    w = fweights if aweights is None else aweights if fweights is None else fweights * aweights
    mean, total = np.average(x, 1, w, returned=True)
    total = total[0]
    if w is None:
        free = x.shape[1] - ddof
    elif ddof == 0 or aweights is None:
        free = total - ddof
    else:
        free = total - ddof * np.sum(w * aweights) / total
    if free <= 0:
        warnings.warn("Degrees of freedom <= 0 for slice", RuntimeWarning, stacklevel=4)
        free = 0.0
    x = x - mean[:, None]
    c = np.dot(x, _conjugate(np.transpose(x if w is None else x * w)))
    return np.squeeze(c * np.true_divide(1, free))


def _corrcoef(
    x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None, **older: Any
) -> Any:
    """Return the matrix of correlation coefficients of variables; `older` is without effect."""
    c = np.cov(x, y, rowvar, dtype=dtype)
    if not c.ndim:
        return c / c
    diagonal = np.arange(len(c))
    scale = np.sqrt(np.real(c[diagonal, diagonal]))
    c = c / scale[:, None] / scale[None, :]
    plain = primal_value(c)
    bounded = np.clip(plain.real, -1, 1)
    if plain.dtype.kind == "c":
        bounded = bounded + 1j * np.clip(plain.imag, -1, 1)
    return c + (bounded - plain)  # only rounding takes a coefficient out of bounds


ROWS = [
    linear(np.mean, _mean_pull, push=_mean_push),
    general(
        np.nanmean, [ignoring_nan(_mean_push, np.nanmean)], [ignoring_nan(_mean_pull, np.nanmean)]
    ),
    *_about_mean(np.var, _variance_weights),
    *_about_mean(np.std, _std_weights),
    *_about_mean(np.nanvar, _variance_weights, passes_over_nan=True),
    *_about_mean(np.nanstd, _std_weights, passes_over_nan=True),
    composite(np.average, _average),
    composite(np.cov, _cov),
    composite(np.corrcoef, _corrcoef),
]
