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


def _with_values(found: Any, values: Any) -> Any:
    """Return what NumPy `found`, with its values, or the first of its results, replaced."""
    if not isinstance(found, tuple):
        return values
    if hasattr(found, "_replace"):
        return found._replace(values=values)
    return (values, *found[1:])


def _unique_parts(ar: Any, axis: int, options: Any) -> Any:
    """Return the distinct parts of `ar` along an axis; equal ones share their derivatives."""
    _, index, inverse = np.unique(strip(ar), True, True, axis=axis, **options)
    places = np.arange(ar.size).reshape(ar.shape)
    groups = np.take(places, index[inverse.ravel()], axis)
    return np.take(shared(ar, groups), index, axis)


def _unique(ar: Any, return_index: bool = False, return_inverse: bool = False,
            return_counts: bool = False, axis: Any = None, **options: Any) -> Any:  # fmt: skip
    """Return the distinct values, or parts along an axis, as NumPy orders them."""
    ar = as_array(ar)
    found = np.unique(strip(ar), return_index, return_inverse, return_counts, axis, **options)
    values = found[0] if isinstance(found, tuple) else found
    if axis is None or ar.ndim == 1:
        return _with_values(found, _members(ar, values))
    return _with_values(found, _unique_parts(ar, axis, options))


def _of_one(function: Callable[..., Any]) -> Row:
    """Return the row of one of `unique_values`, `unique_counts`, `unique_inverse`, `unique_all`."""

    def body(x: Any, /) -> Any:
        found = function(strip(x))
        values = found.values if isinstance(found, tuple) else found
        return _with_values(found, _members(as_array(x), values))

    return composite(function, body)


def _of_two(function: Callable[..., Any]) -> Row:
    """Return the row of a function of two sets."""

    def body(ar1: Any, ar2: Any, *args: Any, **kwargs: Any) -> Any:
        found = function(strip(ar1), strip(ar2), *args, **kwargs)
        pool = np.concatenate([np.reshape(as_array(ar), (-1,)) for ar in (ar1, ar2)])
        values = found[0] if isinstance(found, tuple) else found
        return _with_values(found, _members(pool, values))

    return composite(function, body)


ROWS = [
    composite(np.unique, _unique),
    *map(_of_one, (np.unique_values, np.unique_counts, np.unique_inverse, np.unique_all)),
    *map(_of_two, (np.intersect1d, np.union1d, np.setdiff1d, np.setxor1d)),
    *constant(np.isin),
]
