"""What takes the place of ``float`` among the bases of classes that are copied.

Python keeps the value of an instance of a subclass of ``float`` in C, where nothing but a plain
number fits, and compiled code reads it without asking. So the copies are no subclasses of it: their
instances hold a number, which may be traced, and compiled code has to ask for it.
"""

import math
import operator
from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np

from dualad.core.level import refusal
from dualad.core.tracer import Tracer, numpy_value, primal_value
from dualad.errors import TracedToFloatError
from dualad.lifting.numbers import ORIGINAL, as_float
from dualad.rules.likes import Held, held


def _operator(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return an operator upon the number that is held."""

    def operate(self: Any, *others: Any) -> Any:
        if all(isinstance(other, (*_NUMBERS, Held)) for other in others):
            return function(held(self), *map(held, others))
        return NotImplemented

    return operate


_NUMBERS = (int, float, complex, np.ndarray, np.generic)


def _reflected(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a reflected operator."""
    return _operator(lambda x, other: function(other, x))


def _of_plain(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method that has no derivative, of the plain number."""
    return lambda self, *args: function(primal_value(held(self)), *args)


class _Asked:
    """``__array_ufunc__``: NumPy asks the class for it, and traced values ask the object.

    To these None means that they are to leave operators to the object.
    """

    def __get__(self, owner: Any, cls: type) -> Any:
        return _of_ufunc if owner is None else None


def _of_ufunc(self: Any, ufunc: np.ufunc, method: str, *args: Any, **kwargs: Any) -> Any:
    """Answer NumPy's protocol, on the numbers that are held."""
    return getattr(ufunc, method)(*map(held, args), **kwargs)


class Float(Held):
    """A number that a copy of a subclass of ``float`` holds."""

    __slots__ = ()
    __array_ufunc__ = _Asked()

    def __new__(cls, x: Any = 0.0, /, *args: Any, **kwargs: Any) -> Any:
        """Return an instance that holds ``float(x)``; a number, if it is to be no instance."""
        value = as_float(x)
        if not issubclass(cls, Float):
            return value if isinstance(value, Tracer) else float.__new__(cls, value)
        self = object.__new__(cls)
        self.__held__ = value
        return self

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return function(*map(held, args), **{name: held(x) for name, x in kwargs.items()})

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.array(held(self), dtype=dtype)

    __add__, __radd__ = _operator(operator.add), _reflected(operator.add)
    __sub__, __rsub__ = _operator(operator.sub), _reflected(operator.sub)
    __mul__, __rmul__ = _operator(operator.mul), _reflected(operator.mul)
    __truediv__, __rtruediv__ = _operator(operator.truediv), _reflected(operator.truediv)
    __floordiv__, __rfloordiv__ = _operator(operator.floordiv), _reflected(operator.floordiv)
    __mod__, __rmod__ = _operator(operator.mod), _reflected(operator.mod)
    __divmod__, __rdivmod__ = _operator(divmod), _reflected(divmod)
    __pow__, __rpow__ = _operator(pow), _reflected(pow)
    __neg__, __pos__, __abs__ = _operator(operator.neg), _operator(operator.pos), _operator(abs)
    __eq__, __ne__ = _operator(operator.eq), _operator(operator.ne)
    __lt__, __le__ = _operator(operator.lt), _operator(operator.le)
    __gt__, __ge__ = _operator(operator.gt), _operator(operator.ge)
    __round__ = _operator(round)
    __bool__, __int__, __trunc__ = _of_plain(bool), _of_plain(int), _of_plain(math.trunc)
    __floor__, __ceil__ = _of_plain(math.floor), _of_plain(math.ceil)
    __repr__, __str__ = _operator(repr), _operator(str)
    is_integer = _of_plain(float.is_integer)
    fromhex = classmethod(lambda cls, text: cls(float.fromhex(text)))

    def __hash__(self) -> int:
        return hash(held(self))

    def __format__(self, spec: str) -> str:
        return format(held(self), spec)

    def __float__(self) -> float:
        if isinstance(held(self), Tracer):
            raise refusal(TracedToFloatError("float", ()))
        return held(self)  # type: ignore[no-any-return]

    def __complex__(self) -> complex:
        return complex(float(self))

    def as_integer_ratio(self) -> tuple[int, int]:
        """Return two integers, in which there is no derivative."""
        return float(self).as_integer_ratio()

    def hex(self) -> str:
        """Return a text, in which there is no derivative."""
        return float(self).hex()

    def __getnewargs__(self) -> tuple[Any, ...]:
        return (held(self),)

    def conjugate(self) -> Any:
        """Return the number."""
        return held(self)

    real = property(conjugate)
    imag = property(lambda self: 0.0 * numpy_value(held(self)))


setattr(Float, ORIGINAL, float)
# Looked up in ``float``, these are methods of `Float`: copies of subclasses pass themselves.
METHODS = {name for name, value in vars(Float).items() if isinstance(value, FunctionType)}
METHODS |= {"__new__"}


def float_of(value: float) -> float:
    """Return the number that an instance of a subclass of ``float`` is."""
    return float.__pos__(value)
