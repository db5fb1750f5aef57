"""Arrays as sets: NumPy finds the values, whose derivatives come from the elements they equal."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dualad.core.row import Row
from dualad.core.tracer import strip
from dualad.rules.joining import as_array, in_dtype
from dualad.rules.kinds import composite, constant
from dualad.rules.ordering import shared


def _members(pool: Any, values: Any) -> Any:
    """Return `values`, each traced as the element of `pool`, or the elements, that it equals."""
    if values.dtype.kind not in "fc":
        return values
    pool = np.sort(pool, axis=None)
    found = pool[np.searchsorted(strip(pool), values)]
    return in_dtype(found, values.dtype)


def _with_members(found: Any, pool: Any) -> Any:
    """Return what NumPy `found`: its values, which may be the first of its results, traced."""
    if not isinstance(found, tuple):
        return _members(pool, found)
    return _with_values(found, _members(pool, found[0]))


def _with_values(found: Any, values: Any) -> Any:
    """Return several results that NumPy `found`, with the first replaced."""
    if hasattr(found, "_replace"):
        return found._replace(values=values)
    return (values, *found[1:])


def _unique_parts(ar: Any, axis: int, options: Any) -> Any:
    """Return the distinct parts of `ar` along an axis; equal ones share their derivatives."""
    _, index, inverse = np.unique(strip(ar), True, True, axis=axis, **options)
    places = np.arange(ar.size).reshape(ar.shape)
    groups = np.take(places, index[inverse.ravel()], axis)
    return np.take(shared(ar, groups), index, axis)


def _unique(ar: Any, return_index: Any = False, return_inverse: Any = False,
            return_counts: Any = False, axis: Any = None, **options: Any) -> Any:  # fmt: skip
    """Return the distinct values, or parts along an axis, as NumPy orders them."""
    ar = as_array(ar)
    found = np.unique(strip(ar), return_index, return_inverse, return_counts, axis, **options)
    if axis is None or ar.ndim == 1:
        return _with_members(found, ar)
    parts = _unique_parts(ar, axis, options)
    return _with_values(found, parts) if isinstance(found, tuple) else parts


def _of_one(function: Callable[..., Any]) -> Row:
    """Return the row of one of `unique_values`, `unique_counts`, `unique_inverse`, `unique_all`."""

    def body(x: Any, /) -> Any:
        return _with_members(function(strip(x)), as_array(x))

    return composite(function, body)


def _of_two(function: Callable[..., Any]) -> Row:
    """Return the row of a function of two sets."""

    def body(ar1: Any, ar2: Any, *args: Any, **kwargs: Any) -> Any:
        found = function(strip(ar1), strip(ar2), *args, **kwargs)
        pool = np.concatenate([np.reshape(as_array(ar), (-1,)) for ar in (ar1, ar2)])
        return _with_members(found, pool)

    return composite(function, body)


ROWS = [
    composite(np.unique, _unique),
    _of_one(np.unique_values),
    _of_one(np.unique_counts),
    _of_one(np.unique_inverse),
    _of_one(np.unique_all),
    _of_two(np.intersect1d),
    _of_two(np.union1d),
    _of_two(np.setdiff1d),
    _of_two(np.setxor1d),
    *constant(np.isin),
    *constant(*filter(None, [getattr(np, "in1d", None)])),  # of NumPy 2.0 to 2.3
]
