"""Norms of vectors and matrices, and condition numbers.

A norm's derivative at zero is zero, as that of the absolute value; entries, sums or singular
values that tie for the greatest or the least share the derivative equally.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from dualad.core.row import Row
from dualad.core.tracer import shape_of, strip
from dualad.rules.directions import lead, trailing
from dualad.rules.kinds import composite, general
from dualad.rules.matrices import conj, is_complex, rounding

Axes = tuple[int, ...]

# NumPy 2.0 returns the condition numbers of complex matrices, by all norms but the 2-norm, so.
COMPLEX_CONDITIONS = np.iscomplexobj(np.linalg.cond(np.eye(1) + 0j, 1))


def _phase(x: Any, size: Any) -> Any:
    """Return the conjugate of ``x / abs(x)``, and 0 where `x` is, for real `x` its sign."""
    if not is_complex(x):
        return np.sign(x)
    return np.where(strip(size) == 0, 0, np.conj(x) / np.where(strip(size) == 0, 1, size))


def _extreme(x: Any, order: float, axes: Any) -> Any:
    """Return how the entries of `x` share its maximum along `axes`, or its minimum if order < 0."""
    plain = np.asarray(strip(x))
    best = np.max(plain, axes, keepdims=True, initial=0) if order > 0 else None
    chosen = plain == (np.min(plain, axes, keepdims=True, initial=np.inf) if best is None else best)
    return chosen / np.sum(chosen, axes, keepdims=True, dtype=plain.dtype)


def _vector_partial(x: Any, y: Any, order: Any, axes: Axes) -> tuple[Any, Any]:
    """Return the derivative of a vector norm `y`, of shape ``(..., 1)``, in two factors.

    The first has the shape of `x`, the second that of `y`.
    """
    flat = strip(y) == 0
    if order is None or order == 2:
        slope = np.where(flat, 0, 1 / np.where(flat, 1, y)) if np.any(flat) else 1 / y
        return conj(x), slope
    size = np.abs(x)
    phase = _phase(x, size)
    if order == 0:
        return phase, 0.0
    if order == 1:
        return phase, 1.0
    if abs(order) == np.inf:
        return _extreme(size, order, axes) * phase, 1.0
    void = (strip(size) == 0) | flat
    ratio = np.where(void, 1, size) / np.where(flat, 1, y)
    return np.where(void, 0, np.power(ratio, float(order) - 1) * phase), 1.0


def _matrix_partial(x: Any, y: Any, order: Any, axes: Axes) -> tuple[Any, Any]:
    """Return the derivative of a matrix norm `y`, of shape ``(..., 1, 1)``, as for vectors."""
    if order in (None, "fro", "f"):
        return _vector_partial(x, y, None, axes)
    if order in (2, -2, "nuc"):
        return _spectral_partial(x, order, axes), 1.0
    rows, columns = axes
    size = np.abs(x)
    along, across = (rows, columns) if abs(order) == 1 else (columns, rows)
    return _extreme(np.sum(size, along, keepdims=True), order, across) * _phase(x, size), 1.0


def _spectral_partial(x: Any, order: Any, axes: Axes) -> Any:
    """Return the derivative of the greatest singular value, of the least, or of their sum."""
    a = np.moveaxis(x, axes, (-2, -1))
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    plain = strip(s)
    top = np.max(plain, -1, keepdims=True, initial=0)
    weight = np.ones(plain.shape, plain.dtype)
    if order != "nuc":
        best = top if order == 2 else np.min(plain, -1, keepdims=True, initial=np.inf)
        weight = (np.abs(plain - best) <= rounding(a, 1) * top).astype(plain.dtype)
        weight = weight / np.sum(weight, -1, keepdims=True)
    weight = np.where(plain <= rounding(a, 1) * top, 0, weight)
    partial = np.matmul(np.conj(u) * weight[..., None, :], np.conj(vh))
    return np.moveaxis(partial, (-2, -1), axes)


def _norm_row(function: Callable[..., Any], meaning: Callable[..., Any]) -> Row:
    """Return the row of a norm.

    Parameters
    ----------
    meaning : callable
        ``meaning(ndim, *params)`` returns the order, the axes from the end, and whether the norm
        is that of matrices.
    """

    def parts(y: Any, x: Any, params: Any, kwargs: Any) -> tuple[Any, Any, Axes]:
        order, axes, matrices = meaning(len(shape_of(x)), *params, **kwargs)
        rule = _matrix_partial if matrices else _vector_partial
        return *rule(x, np.reshape(y, _kept(shape_of(x), axes)), order, axes), axes

    def jvp(t: Any, y: Any, x: Any, *params: Any, **kwargs: Any) -> Any:
        partial, slope, axes = parts(y, x, params, kwargs)
        found = np.real(np.sum(partial * t, axes, keepdims=True)) * slope
        return np.reshape(found, lead(t, x) + shape_of(y))

    def vjp(ct: Any, y: Any, x: Any, *params: Any, **kwargs: Any) -> Any:
        partial, slope, axes = parts(y, x, params, kwargs)
        return np.reshape(ct, lead(ct, y) + _kept(shape_of(x), axes)) * slope * partial

    return general(function, [jvp], [vjp])


def _kept(shape: Any, axes: Axes) -> Any:
    """Return a shape with the length 1 along some axes."""
    return tuple([1 if i - len(shape) in axes else n for i, n in enumerate(shape)])


def _norm(ndim: int, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the meaning of the parameters of `np.linalg.norm`."""
    axes = trailing(axis, ndim)
    axes = axes if isinstance(axes, tuple) else (axes,)
    return ord, axes, len(axes) == 2 and not (axis is None and ord is None)


def _vector_norm(ndim: int, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    """Return the meaning of the parameters of `np.linalg.vector_norm`."""
    axes = trailing(axis, ndim)
    return ord, axes if isinstance(axes, tuple) else (axes,), False


def _matrix_norm(ndim: int, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    """Return the meaning of the parameters of `np.linalg.matrix_norm`."""
    return ord, (-2, -1), True


def _cond(x: Any, p: Any = None) -> Any:
    """Return condition numbers, by singular values or by norms; infinite if there is no inverse."""
    if not np.size(strip(x)):
        return np.linalg.cond(strip(x), p)  # which may raise
    with np.errstate(all="ignore"):
        if p is None or p in (2, -2):
            s = np.linalg.svd(x, compute_uv=False)
            y = s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
        else:
            y = np.linalg.norm(x, p, (-2, -1)) * _inverse_norm(x, p)
            y = y.astype(x.dtype) if is_complex(x) and COMPLEX_CONDITIONS else y
    plain = strip(y)
    infinite = np.isnan(plain) & ~np.any(np.isnan(strip(x)), (-2, -1))
    return np.where(infinite, np.inf, y) if np.any(infinite) else y


def _inverse_norm(x: Any, p: Any) -> Any:
    """Return the norms of inverses; where there is none infinite, and its derivative as well."""
    try:
        return np.linalg.norm(np.linalg.inv(x), p, (-2, -1))
    except np.linalg.LinAlgError:
        singular = np.isinf(np.linalg.cond(strip(x), p))
        one = np.eye(shape_of(x)[-1], dtype=bool)
        some = np.linalg.inv(np.where(singular[..., None, None], one, x))
        return np.linalg.norm(some, p, (-2, -1)) / np.where(singular, 0, 1).astype(some.real.dtype)


ROWS = [
    _norm_row(np.linalg.norm, _norm),
    _norm_row(np.linalg.vector_norm, _vector_norm),
    _norm_row(np.linalg.matrix_norm, _matrix_norm),
    composite(np.linalg.cond, _cond),
]
