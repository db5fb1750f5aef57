"""Functions of NumPy that also take lists with traced numbers in them."""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

import numpy as np

from dualad.core.blank import as_blank
from dualad.core.dispatch import objects_of, overrides
from dualad.core.level import is_following
from dualad.core.row import TABLE
from dualad.core.tracer import Tracer, strip
from dualad.rules.likes import gathered, has_traced, is_shown

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
def called(ufunc: np.ufunc) -> Callable[..., Any]:
    """Return a ufunc that takes lists and arrays of Python's objects with traced numbers in them.

    It is no ufunc any more: code asks ``ufunc is np.multiply``.
    """

    def call(*args: Any, **kwargs: Any) -> Any:
        if not any(map(_may_hold, args)) or not any(map(has_traced, args)):
            return ufunc(*args, **kwargs)
        shown = _shown(args)
        if not shown:
            return ufunc(*map(gathered, args), **kwargs)
        try:
            return ufunc(*args, **kwargs)
        except TypeError:  # of objects NumPy has no such function
            cls: Any = type(shown[0])
            if overrides(cls):
                raise
            return _of_class(ufunc, gathered, args, kwargs, shown[0])

    return call


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
            shown = _shown(args)
            if shown and _is_asked(type(shown[0])):
                return function(*args, **kwargs)
            if shown:
                return _of_class(function, gather, args, kwargs, shown[0])
            args = tuple([gather(x) if _may_hold(x) else x for x in args])
        if kwargs and any(map(_may_hold, kwargs.values())):
            kwargs = {k: gather(x) if _may_hold(x) else x for k, x in kwargs.items()}
        y = function(*args, **kwargs)
        return y if finish is None or isinstance(y, Tracer) else finish(y)

    def implementation(*args: Any, **kwargs: Any) -> Any:
        """Return what the function does, whatever the types of its arguments say."""
        traced = has_traced([*args, *kwargs.values()])
        plain: Any = function
        return (call if traced else plain._implementation)(*args, **kwargs)

    call._implementation = implementation  # type: ignore[attr-defined]
    return call


def _may_hold(x: Any) -> bool:
    """Return whether `x` is a list or an object array."""
    cls = type(x)
    return cls is list or cls is tuple or (issubclass(cls, np.ndarray) and x.dtype == object)


class Kept(np.ndarray):
    """Tells of which outcomes NumPy says that they are of the class of an operand."""


def _shown(args: Any) -> list[Any]:
    """Return the arguments that are arrays, of other packages' classes, of traced numbers."""
    parts = [part for x in args for part in (x if type(x) in (list, tuple) else [x])]
    return [x for x in parts if is_shown(x) and not isinstance(x, np.ma.MaskedArray)]


def _is_asked(cls: type) -> bool:
    """Return whether a class says itself what NumPy's functions do."""
    return cls.__array_function__ is not np.ndarray.__array_function__  # type: ignore[attr-defined]


def _of_class(function: Any, gather: Any, args: Any, kwargs: Any, shown: Any) -> Any:
    """Return the outcome of a function, of the class of `shown` where NumPy's would be."""
    y = function(*[gather(x) if _may_hold(x) else x for x in args], **kwargs)
    probes = [_as_kept(x) for x in args]
    return _like(y, function(*probes, **strip(kwargs)), shown)


def _as_kept(x: Any) -> Any:
    """Return an argument without traced values, whose arrays of other classes are `Kept`."""
    if type(x) in (list, tuple):
        return type(x)(map(_as_kept, x))
    return strip(x).view(Kept) if is_shown(x) else strip(x)


def _like(y: Any, plain: Any, shown: Any) -> Any:
    """Return `y` as an array of the class of `shown` if NumPy's outcome is `Kept`."""
    if isinstance(y, (list, tuple)):
        return type(y)([_like(a, b, shown) for a, b in zip(y, plain, strict=True)])
    if not isinstance(plain, Kept):
        return y
    found = (objects_of(y) if isinstance(y, Tracer) else np.asarray(y)).view(type(shown))
    found.__array_finalize__(shown)
    return found


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
        return _accepting(function(*args, **kwargs))

    return create
