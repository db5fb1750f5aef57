"""Products of a local partial with a tangent or a cotangent; direction axes ahead of them.

Zero times infinity is zero, whichever of the two is the partial: ``np.where(x > 0, np.sqrt(x), 0)``
and ``np.sqrt(np.maximum(x, 0))`` have finite gradients at 0 and below. `operator.mul` is used first
wherever the sweep can be repeated; when a NaN appears in its result, the record is swept again with
`strong`. A dual number cannot be swept again, and so uses `checked`.
"""

from functools import lru_cache
from typing import Any

import numpy as np

from dualad.core.tracer import primal_value, shape_of


def strong(partial: Any, t: Any) -> Any:
    """Return ``partial * t``, zero where one of them is and the product would be NaN."""
    with np.errstate(all="ignore"):
        product = partial * t
        p, level = primal_value(partial), primal_value(t)
        masked = (p == 0) | (level == 0)
        if type(product) is float:
            return 0.0 if masked and product != product else product
        return np.where(masked & np.isnan(primal_value(product)), 0.0, product)


def checked(partial: Any, t: Any) -> Any:
    """Return ``partial * t``, and what `strong` does if that has a NaN."""
    product = partial * t
    return strong(partial, t) if has_nan(product) else product


def has_nan(x: Any) -> bool:
    """Return whether a number or array, if there is one, has a NaN among its elements."""
    x = primal_value(x)
    if type(x) is np.ndarray:  # of many numbers the least is found in half the time of their sum
        x = np.minimum.reduce(x, axis=None) if x.size > QUICK else telling_sum(x)
    return x is not None and bool(x != x)


def telling_sum(x: Any) -> Any:
    """Return a sum over an array that is NaN if an element is, and not finite if one is not.

    The inner product with itself is the quickest, until BLAS spreads it over threads.
    """
    if x.size <= QUICK and x.dtype.kind != "b":
        flat = x.ravel()
        return flat.dot(flat)
    return np.add.reduce(x, axis=None)


def telling_product(x: Any, y: Any) -> Any:
    """Return a sum over ``x * y``, of one shape and dtype, not finite if a product is NaN.

    By pieces, because BLAS spreads a longer one over threads, and waits for them where all
    processors are busy.
    """
    x, y = x.ravel(), y.ravel()
    whole = x.size - x.size % QUICK
    pieces = np.vecdot(x[:whole].reshape(-1, QUICK), y[:whole].reshape(-1, QUICK))
    return np.add.reduce(pieces) + np.vecdot(x[whole:], y[whole:])


QUICK = 8192  # elements
FLOAT = np.dtype(float)


def sharpened(x: Any, y: Any) -> Any:
    """Return an operand in the precision of the output `y`: its partial is computed from it."""
    dtype, wanted = getattr(x, "dtype", None), getattr(y, "dtype", FLOAT)  # a fraction makes floats
    if dtype is wanted or dtype is None or dtype.kind != "f" or wanted.kind not in "fc":
        return x
    parts = 1 if wanted.kind == "f" else 2
    return x.astype(np.finfo(wanted).dtype) if dtype.itemsize * parts < wanted.itemsize else x


def align(t: Any, directions: int, shape: tuple[int, ...], ndim: int) -> Any:
    """Return `t`, of shape ``D + shape``, with its directions ahead of `ndim` axes."""
    missing = ndim - len(shape)
    if not directions or not missing:
        return t
    return np.reshape(t, shape_of(t)[:directions] + (1,) * missing + shape)


def spread(t: Any, directions: tuple[int, ...], shape: tuple[int, ...]) -> Any:
    """Return `t` broadcast to ``D + shape``, the shape of an output's tangent."""
    target = directions + shape
    return t if shape_of(t) == target else np.broadcast_to(t, target)


def unbroadcast(ct: Any, directions: tuple[int, ...], shape: tuple[int, ...]) -> Any:
    """Return `ct` summed over the axes along which an operand of `shape` was broadcast."""
    target = directions + shape
    got = shape_of(ct)
    if got == target:
        return ct
    total = _summed(ct, _repeated_axes(got, target, len(directions)))
    return total if shape_of(total) == target else total.reshape(target)


@lru_cache
def _repeated_axes(got: tuple[int, ...], target: tuple[int, ...], lead: int) -> tuple[int, ...]:
    """Return the axes of an array of shape `got` that one of shape `target` lacks, or has once."""
    extra = len(got) - len(target)
    ones = [i for i in range(lead + extra, len(got)) if target[i - extra] == 1 != got[i]]
    return (*range(lead, lead + extra), *ones)


def _summed(ct: Any, axes: tuple[int, ...]) -> Any:
    """Return a sum over axes; over one of the last two, a product with ones takes a third."""
    if type(ct) is not np.ndarray:
        return np.sum(ct, axis=axes)
    if ct.dtype is FLOAT and len(axes) == 1 and ct.ndim > 1:
        length = ct.shape[axes[0]]
        if axes[0] == ct.ndim - 2:
            return (np.ones((1, length)) @ ct)[..., 0, :]
        if axes[0] == ct.ndim - 1 and ct.size <= QUICK:
            return ct @ np.ones(length)
    return np.add.reduce(ct, axes)


def behind(index: tuple[Any, ...], directions: int, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """Return `index` into an array of `shape` as one into the array with directions ahead.

    Where NumPy would move the axes of advanced indices in front of the directions, because they
    stand apart, they become places along all axes.
    """
    if not directions:
        return index
    apart = [isinstance(part, (slice, type(None), type(...))) for part in index]
    advanced = [i for i, basic in enumerate(apart) if not basic]
    arrays = any(isinstance(index[i], (np.ndarray, list)) for i in advanced)
    if arrays and advanced[-1] - advanced[0] + 1 != len(advanced):
        places = np.arange(np.prod(shape, dtype=int)).reshape(shape)[index]
        index = np.unravel_index(places, shape)
    return (slice(None),) * directions + index
