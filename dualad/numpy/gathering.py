"""Functions of NumPy that also take lists with traced numbers in them."""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

import numpy as np

from dualad.core.blank import as_blank
from dualad.core.level import is_following
from dualad.core.row import TABLE
from dualad.core.tracer import Tracer
from dualad.rules.likes import gathered, has_traced

# Their operands come in a list, which NumPy looks into.
LISTING = {
    np.broadcast_arrays, np.choose, np.column_stack, np.concatenate, np.dstack, np.hstack,
    np.linalg.multi_dot, np.select, np.stack, np.vstack,
}  # fmt: skip
NESTED = {np.block}  # its lists are no arrays: their parts differ in shape
# Their arrays are new and often written into.
CREATING = {
    np.append, np.array_split, np.broadcast_arrays, np.broadcast_to, np.column_stack,
    np.concatenate, np.copy, np.delete, np.diag, np.diagflat, np.dstack, np.empty_like, np.hstack,
    np.insert, np.meshgrid, np.ones_like, np.outer, np.pad, np.repeat, np.roll, np.sort, np.stack,
    np.tile, np.tril, np.triu, np.vander, np.vstack, np.zeros_like, np.linspace, np.logspace,
    np.geomspace,
}  # fmt: skip
DISPATCHER = type(np.sum)


@cache
def gathering(function: Any) -> Any:
    """Return a function that makes one array of lists with traced numbers before it calls another.

    What is no function with a row comes back as it is.
    """
    if not isinstance(function, DISPATCHER) or function not in TABLE or function in NESTED:
        return function
    gather = _parts_gathered if function in LISTING else gathered
    finish = _accepting if function in CREATING else None

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if any(map(_may_hold, args)):
            args = tuple([gather(x) if _may_hold(x) else x for x in args])
        if kwargs and any(map(_may_hold, kwargs.values())):
            kwargs = {k: gather(x) if _may_hold(x) else x for k, x in kwargs.items()}
        y = function(*args, **kwargs)
        return y if finish is None or isinstance(y, Tracer) else finish(y)

    return call


def _may_hold(x: Any) -> bool:
    """Return whether `x` is a list or an object array."""
    cls = type(x)
    return cls is list or cls is tuple or (cls is np.ndarray and x.dtype == object)


def _parts_gathered(x: Any) -> Any:
    """Return a list of operands, each of which may be a list with traced numbers."""
    return [gathered(part) for part in x] if has_traced(x) else x


def _accepting(y: Any) -> Any:
    """Return an array that accepts traced values while a derivative is being computed."""
    return as_blank(y) if is_following() else y


def accepting(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a creation function whose arrays accept traced values."""

    @wraps(function)
    def create(*args: Any, **kwargs: Any) -> Any:
        y = function(*args, **kwargs)
        return as_blank(y) if is_following() else y

    return create
