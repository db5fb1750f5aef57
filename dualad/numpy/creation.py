"""Creation functions: their arrays accept traced values while a derivative is being computed."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from dualad.core.blank import as_blank
from dualad.core.level import is_following
from dualad.core.row import TABLE
from dualad.core.tracer import Tracer, is_plain_array
from dualad.numpy.gathering import accepting
from dualad.rules.likes import CREATING, has_traced, held

CONVERTING = {
    np.asarray, np.asanyarray, np.ascontiguousarray, np.asfortranarray, np.require,
}  # fmt: skip


def _converting(convert: Callable[..., Any]) -> Callable[..., Any]:
    """Return a conversion, after which what is an array already stays the same array."""

    @wraps(convert)
    def create(a: Any, *args: Any, **kwargs: Any) -> Any:
        y = convert(a, *args, **kwargs)
        fresh = is_following() and not is_plain_array(a)
        return as_blank(y) if fresh else y

    return create


def _asarray_chkfinite(a: Any, dtype: Any = None, order: Any = None) -> Any:
    """Return an array, and raise if there is a NaN or an infinity in it."""
    if not has_traced(a):
        return np.asarray_chkfinite(a, dtype, order)
    y = CREATING[np.asarray](a, dtype, order)
    if not np.all(np.isfinite(y)):
        raise ValueError("array must not contain infs or NaNs")
    return y


def _full_like(a: Any, fill_value: Any, *args: Any, **kwargs: Any) -> Any:
    """Return an array like `a`, filled with a value that may be traced."""
    if not has_traced([a, fill_value]):
        return np.full_like(a, fill_value, *args, **kwargs)
    body: Any = TABLE[np.full_like].body
    return body(a, fill_value, *args, **kwargs)


def _isscalar(element: Any) -> bool:
    """Return whether something is a number."""
    element = held(element)
    if isinstance(element, Tracer):
        return not hasattr(element, "__setitem__")
    return np.isscalar(element)


def _own(function: Any, made: Callable[..., Any]) -> Callable[..., Any]:
    """Return a creation function with the name and docstring of NumPy's."""
    if function in CONVERTING:
        return wraps(function)(_converting(made))
    return wraps(function)(accepting(made))


OWN: dict[Any, Callable[..., Any]] = {
    **{function: _own(function, made) for function, made in CREATING.items()},
    np.asarray_chkfinite: wraps(np.asarray_chkfinite)(_asarray_chkfinite),
    np.full_like: _own(np.full_like, _full_like),
    np.isscalar: wraps(np.isscalar)(_isscalar),
}
