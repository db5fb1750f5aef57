"""From a call to its row: NumPy's protocols, and the choice of who handles an operation."""

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any

import numpy as np

from dualad.core.row import TABLE, Row, name_of
from dualad.core.tracer import Tracer, shape_of
from dualad.errors import (
    InPlaceError,
    MissingRowError,
    TracedParameterError,
    UfuncMethodError,
    UnsupportedParameterError,
)

OBJECT = np.dtype(object)


def apply(row: Row, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Return the outcome of a row's function, handled by the operand of the highest level."""
    if row.body is not None:
        return row.body(*args, **kwargs)
    top, level, odd = None, -1, False
    for operand in row.operands(args):
        if isinstance(operand, Tracer):
            if operand.level > level:
                top, level = operand, operand.level
        elif operand.__class__ is not np.ndarray:
            odd = odd or operand.__class__ is list or operand.__class__ is tuple
        elif operand.dtype is OBJECT:
            odd = True
    if odd:
        plain = [_as_operand(operand) for operand in row.operands(args)]
        if any(map(_is_loose, plain)) is False:
            return apply(row, row.with_operands(args, plain), kwargs)
    if top is None:
        return _without_traced_operands(row, args, kwargs)
    return top.bind(row, args, kwargs)


def _is_loose(operand: Any) -> bool:
    """Return whether an operand still is a sequence or an object array."""
    return isinstance(operand, (list, tuple)) or getattr(operand, "dtype", None) is OBJECT


def _as_operand(operand: Any) -> Any:
    """Return a list, or an object array of traced scalars, as one array, traced if they are."""
    if isinstance(operand, (list, tuple)):
        operand = np.array(operand)
    if getattr(operand, "dtype", None) is not OBJECT or isinstance(operand, Tracer):
        return operand
    return stack_objects(operand)


def stack_objects(array: Any) -> Any:
    """Return an object array of scalars, traced or not, as one array of their common type."""
    if not array.size:
        return np.zeros(array.shape)
    return np.reshape(np.stack(list(array.ravel())), array.shape)


def _without_traced_operands(row: Row, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Return the plain outcome, after a look for traced values where the row has no operand."""
    operands = {id(operand) for operand in row.operands(args)}
    rest = [*(a for a in args if id(a) not in operands), *kwargs.values()]
    if any(isinstance(value, Tracer) for value in rest):
        named = _operands_by_position(row, args, kwargs)
        if named is None:
            raise TracedParameterError(row.name)
        return apply(row, *named)
    return row.function(*args, **kwargs)


def _operands_by_position(row: Row, args: Any, kwargs: Any) -> Any:
    """Return the arguments with operands that came by keyword moved to their positions."""
    try:
        bound = signature(row.function).bind(*args, **kwargs)
    except (TypeError, ValueError):
        return None
    names = list(bound.signature.parameters)[: row.arity or 1]
    if not any(isinstance(kwargs.get(name), Tracer) for name in names):
        return None
    given = [bound.arguments[name] for name in names if name in bound.arguments]
    rest = {name: value for name, value in kwargs.items() if name not in names}
    return tuple(given) + args[len(given) :], rest


def check_parameters(row: Row, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Raise if a traced value stands where the row has no rule for it."""
    extra = args[1 if row.arity is None else row.arity :]
    if any(isinstance(value, Tracer) for value in (*extra, *kwargs.values())):
        raise TracedParameterError(row.name)


def array_function(
    self: Tracer, function: Any, types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Answer NumPy's ``__array_function__`` protocol."""
    row = TABLE.get(function)
    if row is None:
        raise MissingRowError(name_of(function), self.shape)
    if row.body is None and (kwargs or len(args) > (row.arity or 1)):
        named = _operands_by_position(row, args, kwargs) if kwargs else None
        if named is not None:
            args, kwargs = named
        if kwargs.get("out") is not None:
            raise InPlaceError(f"{row.name}(..., out=...)")
        check_parameters(row, args, kwargs)
    return apply(row, args, kwargs)


def array_ufunc(self: Tracer, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """Answer NumPy's ``__array_ufunc__`` protocol."""
    if method == "__call__":
        row = TABLE.get(ufunc)
        if row is None:
            raise MissingRowError(f"numpy.{ufunc.__name__}", self.shape)
        if kwargs:
            kwargs = _ufunc_parameters(ufunc, kwargs)
        return apply(row, inputs, kwargs)
    if method == "at":
        raise InPlaceError(f"numpy.{ufunc.__name__}.at")
    if kwargs.get("out") is not None and any(o is not None for o in kwargs["out"]):
        raise InPlaceError(f"numpy.{ufunc.__name__}.{method}(..., out=...)")
    kwargs.pop("out", None)
    row = TABLE.get(getattr(ufunc, method))
    if row is not None:
        return apply(row, inputs, kwargs)
    if method == "outer":
        return _outer(ufunc, *inputs, **kwargs)
    raise UfuncMethodError(f"numpy.{ufunc.__name__}", method)


def _ufunc_parameters(ufunc: np.ufunc, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the keywords of a ufunc's call, without those that say nothing."""
    if any(out is not None for out in kwargs.pop("out", None) or ()):
        raise InPlaceError(f"numpy.{ufunc.__name__}(..., out=...)")
    if kwargs.pop("where", True) is not True:
        raise UnsupportedParameterError(f"numpy.{ufunc.__name__}", "where", "np.where(mask, f, g)")
    return kwargs


def _outer(ufunc: np.ufunc, a: Any, b: Any, **kwargs: Any) -> Any:
    """Return ``ufunc.outer(a, b)``, by its definition."""
    return ufunc(np.reshape(a, shape_of(a) + (1,) * len(shape_of(b))), b, **kwargs)


def dispatching(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return `function`, which then finds its row whenever an operand is traced.

    For functions that NumPy does not dispatch: dualad's own, and SciPy's.
    """

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if any(isinstance(arg, Tracer) for arg in args):
            return apply(TABLE[call], args, kwargs)
        return function(*args, **kwargs)

    return call
