"""Creation like a traced value, as ``np.zeros(n, like=x)``: the arrays accept traced values.

NumPy takes ``like`` out of the call before it looks for a row, so the functions here are those that
`dualad.numpy` makes its own of.
"""

from collections.abc import Callable
from functools import partial, wraps
from types import FunctionType
from typing import Any

import numpy as np

from dualad.core.blank import as_blank
from dualad.core.tracer import Tracer, as_array, is_plain_array, shape_of, strip
from dualad.rules.kinds import composite

PLAIN = (np.zeros, np.ones, np.empty, np.eye, np.identity, np.tri, np.frombuffer, np.fromstring,
         np.fromfile, np.loadtxt, np.genfromtxt)  # fmt: skip


class Held:
    """An object that stands for a number, which may be traced: see `dualad.lifting.floats`."""

    __slots__ = ("__held__",)

    __held__: Any


def held(x: Any) -> Any:
    """Return the number for which an object stands; anything else as it is."""
    return x.__held__ if isinstance(x, Held) else x


def has_traced(x: Any) -> bool:
    """Return whether `x` is traced, or holds a traced value in lists, tuples or object arrays."""
    if isinstance(x, Tracer):
        return True
    if isinstance(x, Held):
        return isinstance(x.__held__, Tracer)
    if isinstance(x, (list, tuple)):
        return any(map(has_traced, x))
    return is_plain_array(x) and x.dtype == object and has_traced(np.asarray(x).ravel().tolist())


def is_shown(x: Any) -> bool:
    """Return whether `x` is an array, of a subclass of NumPy's, of traced numbers."""
    return type(x) is not np.ndarray and is_plain_array(x) and has_traced(x)


def by_method(x: Any) -> Any:
    """Return the traced array that a method, written in Python, makes of an object, or `x`."""
    method = None if isinstance(x, Tracer) else getattr(type(x), "__array__", None)
    found = method(x) if isinstance(method, FunctionType) else x
    return found if has_traced(found) else x


def loses(result: Any) -> bool:
    """Return whether what a function that got traced values returned should be traced, and is not.

    If it returns nothing, it has written its result over an argument.
    """
    if isinstance(result, (list, tuple)):
        return not has_traced(result) and any(map(loses, result))
    if isinstance(result, (float, complex)) or result is None:
        return not isinstance(result, Tracer)
    return is_plain_array(result) and result.dtype.kind in "fc"


def gathered(x: Any) -> Any:
    """Return one array of a traced value, or of lists that hold some; anything else as it is."""
    x = held(x)
    if isinstance(x, Tracer):
        return as_array(x)
    parts = np.asarray(x).tolist() if is_plain_array(x) and x.dtype == object else x
    if not isinstance(parts, (list, tuple)) or not has_traced(parts):
        return parts if isinstance(parts, Tracer) else x
    shape, numbers = _numbers(parts)
    if numbers is not None:
        return np.reshape(np.stack(numbers), shape)
    return np.stack([gathered(part) if has_traced(part) else np.asarray(part) for part in parts])


def _numbers(x: Any) -> tuple[tuple[int, ...], list[Any] | None]:
    """Return the shape of nested lists of numbers, and these; None if there is something else."""
    if not isinstance(x, (list, tuple)):
        return (), None if shape_of(x) else [held(x)]
    found = [_numbers(part) for part in x]
    shapes = {shape for shape, _ in found}
    if len(shapes) != 1 or any(numbers is None for _, numbers in found):
        return (), None
    return (len(x), *shapes.pop()), [each for _, numbers in found for each in numbers or ()]


def array(object: Any, dtype: Any = None, *, copy: Any = True, order: Any = "K",
          subok: Any = False, ndmin: int = 0, **rest: Any) -> Any:  # fmt: skip
    """Return an array of `object`, which may hold traced values, as `numpy.array` does."""
    object = by_method(object)
    shown = subok and is_shown(object)
    dtype = None if shown else dtype
    as_objects = dtype is not None and np.dtype(dtype) == np.dtype("O")
    if shown or as_objects or not has_traced(object):
        return np.array(object, dtype, copy=copy, order=order, subok=subok, ndmin=ndmin, **rest)
    if isinstance(copy, np._CopyMode):
        copy = None if copy == np._CopyMode.IF_NEEDED else copy.value
    y = gathered(object)
    fresh = y is not object
    if dtype is not None and y.dtype != np.dtype(dtype):
        y, fresh = y.astype(dtype), True
    if copy is False and fresh:
        np.array([0], copy=False)  # raises NumPy's error
    y = y.copy() if copy and not fresh else y
    return np.reshape(y, (1,) * (ndmin - y.ndim) + y.shape) if y.ndim < ndmin else y


def converting(function: Callable[..., Any], ndmin: int = 0) -> Callable[..., Any]:
    """Return a function such as `numpy.asarray`, which returns what is an array already itself."""

    @wraps(function)
    def convert(a: Any, dtype: Any = None, *args: Any, **kwargs: Any) -> Any:
        a = by_method(a)
        if not has_traced(a):
            return function(a, dtype, *args, **kwargs)
        if function is np.asanyarray and is_shown(a):
            return function(a, None, *args, **kwargs)
        y = array(a, dtype, copy=kwargs.get("copy"), ndmin=ndmin)
        primal = strip(y)
        shared = np.may_share_memory(primal, function(primal, None, *args, **kwargs))
        return y if shared or not y.size else y.copy()  # a copy where another layout is asked for

    return convert


def full(shape: Any, fill_value: Any, dtype: Any = None, order: Any = "C", **rest: Any) -> Any:
    """Return a new array filled with a value that may be traced."""
    if not has_traced(fill_value):
        return np.full(shape, fill_value, dtype, order, **rest)
    value = array(fill_value, dtype, copy=None)
    return np.copy(np.broadcast_to(value, shape))


def arange(*args: Any, **kwargs: Any) -> Any:
    """Return evenly spaced values; the ends and the step may be traced.

    How many there are is decided by the plain values.
    """
    y = np.arange(*strip(args), **strip(kwargs))
    whole = len(args) > 1 or "stop" in kwargs  # else the first argument is where it stops
    given = dict(zip(("start", "stop", "step") if whole else ("stop",), args, strict=False))
    given |= kwargs
    start, step = given.get("start", 0), given.get("step", 1)
    for value, share in ((start, 1.0), (step, np.arange(y.size))):
        if isinstance(value, Tracer) and y.dtype.kind in "fc":
            y = y + share * (value - strip(value))  # plus zero, with a derivative
    return y


def fromiter(iter: Any, dtype: Any, count: int = -1, **rest: Any) -> Any:
    """Return the items of an iterable, which may be traced, as an array of one axis."""
    items = list(iter)
    return array(items[: None if count < 0 else count], dtype) if has_traced(items) else (
        np.fromiter(items, dtype, count, **rest)
    )  # fmt: skip


def _blank(function: Callable[..., Any], *args: Any, like: Any = None, **kwargs: Any) -> Any:
    """Return the outcome of a function, as an array that accepts traced values."""
    return as_blank(function(*args, **kwargs))


CREATING: dict[Any, Callable[..., Any]] = {
    np.array: array,
    **{f: converting(f) for f in (np.asarray, np.asanyarray, np.require)},
    **{f: converting(f, ndmin=1) for f in (np.ascontiguousarray, np.asfortranarray)},
    np.full: full,
    np.arange: arange,
    np.fromiter: fromiter,
    **{function: function for function in PLAIN},
}

ROWS = [composite(function, partial(_blank, made)) for function, made in CREATING.items()]
