"""From a call to its row: NumPy's protocols, and the choice of who handles an operation."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, wraps
from inspect import signature
from operator import is_not
from typing import Any

import numpy as np

from dualad.core.level import is_lifted, refusal
from dualad.core.row import TABLE, Row, name_of, row_of
from dualad.core.tracer import Tracer, shape_of
from dualad.errors import (
    MissingRowError,
    PlainArrayError,
    TracedParameterError,
    UfuncMethodError,
    UnsupportedParameterError,
)

OBJECT = np.dtype(object)
ARRAY: Any = np.ndarray
# The types of operands in which there can be no traced value.
NUMBERS = frozenset({bool, int, float, complex, str, bytes, type(None), *np.sctypeDict.values()})


def apply(row: Row, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Return the outcome of a row's function, handled by the operand of the highest level."""
    if row.body is not None:
        return row.body(*args, **kwargs)
    arity = row.arity
    if arity == 1 and isinstance(args[0], Tracer):  # the look at a single operand is short
        return args[0].bind(row, args, kwargs)
    top, level, odd = None, -2, False  # that of a blank array is -1
    for operand in args[0] if arity is None else args[:arity]:
        cls = type(operand)
        if cls is np.ndarray:
            odd = odd or operand.dtype is OBJECT
        elif isinstance(operand, Tracer):
            own = operand.level
            if own > level:
                top, level = operand, own
        elif cls not in NUMBERS:
            odd = True
    if odd:
        others = [x for x in row.operands(args) if is_foreign(x)] if top is not None else []
        y = _of_foreign(row, args, kwargs, others) if others else NotImplemented
        if y is not NotImplemented:
            return y
        plain = [as_operand(operand) for operand in row.operands(args)]
        if any(map(is_not, row.operands(args), plain)) and not any(map(_is_loose, plain)):
            return apply(row, row.with_operands(args, plain), kwargs)
    if top is None:
        return _without_traced_operands(row, args, kwargs)
    return top.bind(row, args, kwargs)


@cache
def overrides(cls: Any) -> bool:
    """Return whether NumPy asks a subclass of its arrays what its functions are to do."""
    return cls.__array_ufunc__ is not ARRAY.__array_ufunc__


def is_foreign(x: Any) -> bool:
    """Return whether `x` is an array of a subclass of NumPy's that another package defines."""
    cls = type(x)
    return cls not in NUMBERS and issubclass(cls, ARRAY) and cls.__module__[:5] != "numpy"


def objects_of(x: Tracer) -> Any:
    """Return a traced value as an array of Python's objects, its elements."""
    found = np.empty(shape_of(x), object)
    found[...] = x.tolist()
    return found


def _of_foreign(row: Row, args: tuple[Any, ...], kwargs: Any, others: list[Any]) -> Any:
    """Return a ufunc's outcome of traced values and arrays of another package, in lifted code.

    Elsewhere such a package, of quantities perhaps, could not say what the outcome is.
    """
    if isinstance(row.function, np.ufunc) and is_lifted():
        args = tuple([objects_of(x) if isinstance(x, Tracer) else x for x in args])
        return row.function(*args, **kwargs)
    for cls in filter(overrides, map(type, others)):
        operand = f"an operand of type {cls.__name__}"
        raise refusal(UnsupportedParameterError(row.name, operand, "np.asarray(operand)"))
    return NotImplemented


def _is_loose(operand: Any) -> bool:
    """Return whether an operand still is a sequence or an object array."""
    return isinstance(operand, (list, tuple)) or getattr(operand, "dtype", None) is OBJECT


def as_operand(operand: Any) -> Any:
    """Return a list, or an object array of traced scalars, as one array, traced if they are.

    So are other sequences with traced scalars, and objects that NumPy makes such an array of.
    """
    if isinstance(operand, Tracer):
        return operand
    cls: Any = type(operand)
    if issubclass(cls, (list, tuple)):
        operand = np.array(operand)
    elif cls is not np.ndarray and _is_array_like(cls):
        found = np.asarray(operand)
        if found.dtype is not OBJECT or not any(isinstance(x, Tracer) for x in found.flat):
            return found if is_foreign(operand) else operand
        if isinstance(operand, np.ma.MaskedArray) and np.any(operand.mask):
            raise refusal(MissingRowError("numpy.ma.MaskedArray", found.shape))
        operand = found
    return stack_objects(operand) if getattr(operand, "dtype", None) is OBJECT else operand


@cache
def _is_array_like(cls: type) -> bool:
    """Return whether NumPy makes arrays of the objects of a class."""
    sequence = hasattr(cls, "__getitem__") and not issubclass(cls, (str, bytes, Mapping))
    return sequence or hasattr(cls, "__array__") or hasattr(cls, "__array_interface__")


def constant(y: Any, row: Row) -> Any:
    """Return an output that is of no inexact type, and so has no derivative.

    An array of Python's objects would have one: of numbers of other packages.
    """
    if getattr(y, "dtype", None) is OBJECT:
        instead = "np.asarray(operand, dtype=float)"
        raise refusal(
            UnsupportedParameterError(row.name, "an operand of Python's objects", instead)
        )
    return y


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
            raise refusal(TracedParameterError(row.name))
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


def plain_parameters(row: Row, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Return the arguments; raise if a traced value stands where the row has no rule for it.

    Blank arrays there are made plain.
    """
    place = 1 if row.arity is None else row.arity
    extra = args[place:]
    if any(isinstance(value, Tracer) for value in (*extra, *kwargs.values())):
        extra = tuple([_current(value) for value in extra])
        kwargs = {name: _current(value) for name, value in kwargs.items()}
        if any(isinstance(value, Tracer) for value in (*extra, *kwargs.values())):
            raise refusal(TracedParameterError(row.name))
    return (*args[:place], *extra), kwargs


def _current(value: Any) -> Any:
    """Return what a value stands for."""
    return value.current if isinstance(value, Tracer) else value


def array_function(
    self: Tracer, function: Any, types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Answer NumPy's ``__array_function__`` protocol."""
    row = TABLE.get(function) or row_of(function)
    if row is None:
        raise refusal(MissingRowError(name_of(function), self.shape))
    if kwargs or len(args) > 2:
        args, kwargs, out = _without_out(function, args, kwargs)
        if out is not None:
            return deliver(array_function(self, function, types, args, kwargs), out, row.name)
    if row.body is None and (kwargs or len(args) > (row.arity or 1)):
        missing = len(args) < (row.arity or 1)  # an operand: by keyword, then
        named = _operands_by_position(row, args, kwargs) if missing else None
        if named is not None:
            args, kwargs = named
        args, kwargs = plain_parameters(row, args, kwargs)
    return apply(row, args, kwargs)


def _without_out(function: Any, args: Any, kwargs: Any) -> tuple[Any, Any, Any]:
    """Return the arguments of a call without `out` and NumPy's mark of what is unset, and that."""
    options = {k: v for k, v in kwargs.items() if k != "out" and v is not np._NoValue}
    out, place = kwargs.get("out"), None if "out" in kwargs else _place_of_out(function)
    if place is not None and len(args) > place:
        args, out = (*args[:place], None, *args[place + 1 :]), args[place]
    return args, options, out


@cache
def _place_of_out(function: Any) -> int | None:
    """Return the position of the parameter `out`."""
    try:
        parameters = signature(function).parameters.values()
        names = [p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.KEYWORD_ONLY)]
    except ValueError:  # NumPy 2.0 tells the parameters of compiled functions in their docstrings
        head = (function.__doc__ or "").partition("\n\n")[0].partition("(")[2]
        parts = re.sub(r"\([^()]*\)", "", head).split(",")
        names = [part.partition("=")[0].strip() for part in parts]
    return names.index("out") if "out" in names else None


def deliver(result: Any, out: Any, function: str) -> Any:
    """Return `out` after `result` was written over it."""
    if isinstance(out, Tracer):
        return out.receive(result)
    result = _current(result)
    if isinstance(result, Tracer):
        raise refusal(PlainArrayError(f"{function}(..., out=array)"))
    np.copyto(out, result, "same_kind")
    return out


def array_ufunc(self: Tracer, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """Answer NumPy's ``__array_ufunc__`` protocol."""
    if method == "__call__":
        if len(inputs) == 2 and not kwargs and ufunc in self.shortcuts:
            operator, reflected = self.shortcuts[ufunc]
            return reflected(self, inputs[0]) if inputs[1] is self else operator(self, inputs[1])
        row = TABLE.get(ufunc) or row_of(ufunc)
        if row is None:
            raise refusal(MissingRowError(name_of(ufunc), self.shape))
        if kwargs:
            return _with_parameters(row, inputs, **kwargs)
        return apply(row, inputs, kwargs)
    outs = kwargs.pop("out", None) or (None,)
    if outs[0] is not None:
        result = array_ufunc(self, ufunc, method, *inputs, **kwargs)
        return deliver(result, outs[0], f"{name_of(ufunc)}.{method}")
    row = TABLE.get(getattr(ufunc, method))
    if row is not None:
        if row.body is None:
            inputs, kwargs = plain_parameters(row, inputs, kwargs)
        return apply(row, inputs, kwargs)
    if method == "outer":
        return _outer(ufunc, *inputs, **kwargs)
    raise refusal(UfuncMethodError(name_of(ufunc), method))


def _with_parameters(
    row: Row, inputs: tuple[Any, ...], out: Any = None, where: Any = True, **kwargs: Any
) -> Any:
    """Return a ufunc's outcome, written over `out` at those places `where` it is wanted."""
    if all(array is None for array in out or ()):
        if not np.all(where):
            raise refusal(UnsupportedParameterError(row.name, "where", "np.where(mask, f, g)"))
        y = apply(row, inputs, kwargs)
        return y if np.ndim(where) == 0 else np.where(where, y, y)
    if where is True:
        result = apply(row, inputs, kwargs)
    else:  # what is computed elsewhere is thrown away, and its warnings with it
        with np.errstate(all="ignore"):
            result = np.where(where, apply(row, inputs, kwargs), out[0])
    if len(out) == 1:
        return deliver(result, out[0], row.name)
    pairs = zip(result, out, strict=True)
    return tuple([y if o is None else deliver(y, o, row.name) for y, o in pairs])


def _outer(ufunc: np.ufunc, a: Any, b: Any, **kwargs: Any) -> Any:
    """Return ``ufunc.outer(a, b)``, by its definition."""
    return ufunc(np.reshape(a, shape_of(a) + (1,) * len(shape_of(b))), b, **kwargs)


def dispatching(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return `function`, which then finds its row whenever an operand is traced.

    For functions that NumPy does not dispatch: dualad's own, and SciPy's.
    """

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        traced = next(_traced((*args, *kwargs.values())), None)
        if traced is None:
            return function(*args, **kwargs)
        return array_function(traced, call, (), args, kwargs)

    return call


def _traced(values: Iterable[Any]) -> Iterator[Tracer]:
    """Yield the traced values among some, and in lists, tuples and object arrays among them."""
    for value in values:
        if isinstance(value, Tracer):
            yield value
        elif type(value) is list or type(value) is tuple:
            yield from _traced(value)
        elif getattr(value, "dtype", None) is OBJECT:
            yield from _traced(value.ravel().tolist())
