"""The face of traced values: the operators, attributes and methods of NumPy's scalars and arrays.

`TracedScalar` stands for a number. It has no length and does not iterate, so that NumPy takes it
for an element: ``np.array([x[0], x[1]])`` is an object array of traced scalars. `TracedArray` adds
what arrays have. Neither defines ``__array__``, which would lose the derivative silently.
"""

import math
import operator
from collections.abc import Callable, Iterator
from typing import Any, Never

import numpy as np

from dualad.core.dispatch import apply, array_function, array_ufunc
from dualad.core.inplace import adopt, as_objects, assign, take
from dualad.core.level import Text, as_key, is_key, is_lifted, refusal
from dualad.core.row import TABLE
from dualad.core.tracer import Tracer, numpy_value, primal_value, shape_of, strip
from dualad.errors import (
    InPlaceError,
    MissingRowError,
    TracedPicklingError,
    TracedToFloatError,
)

_OF_MEMORY = {"device", "flags", "itemsize", "nbytes", "setflags", "strides"}  # the primal's
_FOREIGN = (str, bytes, dict, set, type(None))

# Exponents whose dtype NumPy overlooks, before version 2.2.
_FAST_POWERS = (0, 1, 2, 0.5, -1) if (np.ones(1, "f") ** np.float64(2)).dtype == "f" else ()


def _binary(ufunc: np.ufunc) -> Callable[[Any, Any], Any]:
    """Return the operator ``self <ufunc> other``."""

    def operate(self: Any, other: Any) -> Any:
        if type(other) in _FOREIGN or _defers(other):
            return NotImplemented
        return apply(TABLE[ufunc], (self, other), {})

    return operate


def _reflected(ufunc: np.ufunc) -> Callable[[Any, Any], Any]:
    """Return the operator ``other <ufunc> self``."""

    def operate(self: Any, other: Any) -> Any:
        if type(other) in _FOREIGN:
            return NotImplemented
        return apply(TABLE[ufunc], (other, self), {})

    return operate


def _defers(other: Any) -> bool:
    """Return whether `other` asks NumPy's arrays to leave binary operators to it."""
    found = getattr(other, "__array_ufunc__", True)
    return found is None or (found is True and getattr(other, "__array_priority__", 0) > 0)


def _comparison(compare: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Return a comparison, which is plain: it has no derivative."""

    def operate(self: Any, other: Any) -> Any:
        primal = primal_value(self)
        if type(primal) is float:  # NumPy's own numbers take longer to compare, and be made
            if type(other) in (float, int):
                return TRUE if compare(primal, other) else FALSE
            primal = np.float64(primal)
        return compare(primal, strip(other))

    return operate


TRUE, FALSE = np.True_, np.False_  # of Python's, ``~(x > 0)`` would be an integer, and always true


_equal = _comparison(operator.eq)


def _method(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the method that calls the row of `function` with the value as first argument."""

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        return array_function(self, function, (), (self, *args), kwargs)

    return call


def _refused(operation: str) -> Callable[..., Never]:
    """Return a method that refuses an in-place update."""

    def refuse(self: Any, *args: Any, **kwargs: Any) -> Never:
        raise InPlaceError(operation)

    return refuse


def _in_place(operator: str) -> Callable[[Any, Any], Any]:
    """Return the operator that writes the outcome of another over the array."""

    def operate(self: Any, other: Any) -> Any:
        result = getattr(self, operator)(other)
        return result if result is NotImplemented else self.receive(result)

    return operate


def _to_number(target: type) -> Callable[[Any], Any]:
    """Return a conversion that refuses to lose the derivative."""

    def refuse(self: Any) -> Never:
        raise refusal(TracedToFloatError(target.__name__, self.shape))

    return refuse


def _rounded(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a conversion to an integer: piecewise constant, so its derivative is zero."""

    def call(self: Any, *args: Any) -> Any:
        return function(primal_value(self), *args)

    return call


def _power(base: Any, exponent: Any) -> Any:
    """Return ``base ** exponent``, by the shortcuts that NumPy takes for scalar exponents."""
    shortcut = _POWERS.get(exponent) if type(exponent) in (int, float) else None
    operands = (base,) if shortcut else (base, exponent)
    return apply(TABLE[shortcut or np.power], operands, {})


_POWERS: dict[float, np.ufunc] = {2: np.square, 0.5: np.sqrt, -1: np.reciprocal}


class Flat:
    """The elements of an array, in C order, as `numpy.flatiter` shows them."""

    __slots__ = ("base",)

    def __init__(self, base: Any) -> None:
        self.base = base

    def __len__(self) -> int:
        size: int = self.base.size
        return size

    def __iter__(self) -> Iterator[Any]:
        return iter(np.reshape(self.base, (-1,)))

    def __getitem__(self, index: Any) -> Any:
        return np.reshape(self.base, (-1,))[index].copy()

    __eq__: Any = lambda self, other: np.reshape(self.base, (-1,)) == other
    __ne__: Any = lambda self, other: np.reshape(self.base, (-1,)) != other

    def __setitem__(self, index: Any, value: Any) -> None:
        self.base.put(np.arange(len(self))[index], value)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        inputs = tuple([np.reshape(x.base, (-1,)) if isinstance(x, Flat) else x for x in inputs])
        return getattr(ufunc, method)(*inputs, **kwargs)


class TracedScalar(Tracer):
    """The operators, attributes and methods that NumPy's scalars and arrays share."""

    __slots__ = ()
    __array_priority__ = 1000
    __iter__: Any = None
    __array_function__ = array_function
    __array_ufunc__ = array_ufunc

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """The class that it stands for: code asks ``isinstance(x, float)`` before it goes on."""
        return type(numpy_value(self))

    __add__, __radd__ = _binary(np.add), _reflected(np.add)
    __sub__, __rsub__ = _binary(np.subtract), _reflected(np.subtract)
    __mul__, __rmul__ = _binary(np.multiply), _reflected(np.multiply)
    __truediv__, __rtruediv__ = _binary(np.divide), _reflected(np.divide)
    __floordiv__, __rfloordiv__ = _binary(np.floor_divide), _reflected(np.floor_divide)
    __mod__, __rmod__ = _binary(np.remainder), _reflected(np.remainder)
    __divmod__, __rdivmod__ = _binary(np.divmod), _reflected(np.divmod)
    __pow__, __rpow__ = _binary(np.power), _reflected(np.power)
    __lt__, __le__ = _comparison(operator.lt), _comparison(operator.le)
    __gt__, __ge__ = _comparison(operator.gt), _comparison(operator.ge)
    __ne__ = _comparison(operator.ne)

    __float__, __complex__ = _to_number(float), _to_number(complex)
    __int__, __trunc__ = _rounded(int), _rounded(math.trunc)
    __floor__, __ceil__ = _rounded(math.floor), _rounded(math.ceil)

    all, any = _method(np.all), _method(np.any)
    argmax, argmin = _method(np.argmax), _method(np.argmin)
    argsort, argpartition = _method(np.argsort), _method(np.argpartition)
    round = _method(np.round)
    choose = _method(np.choose)
    conj = conjugate = _method(np.conj)
    cumprod, cumsum = _method(np.cumprod), _method(np.cumsum)
    diagonal, trace = _method(np.diagonal), _method(np.trace)
    dot, searchsorted = _method(np.dot), _method(np.searchsorted)
    max, min = _method(np.max), _method(np.min)
    mean, std, var = _method(np.mean), _method(np.std), _method(np.var)
    nonzero = _method(np.nonzero)
    prod, sum = _method(np.prod), _method(np.sum)
    ravel, repeat = _method(np.ravel), _method(np.repeat)
    squeeze, swapaxes, take = _method(np.squeeze), _method(np.swapaxes), _method(np.take)

    resize, setfield = _refused("x.resize"), _refused("x.setfield")

    def __neg__(self) -> Any:
        return apply(TABLE[np.negative], (self,), {})

    def __pos__(self) -> Any:
        return apply(TABLE[np.positive], (self,), {})

    def __abs__(self) -> Any:
        return apply(TABLE[np.absolute], (self,), {})

    def __round__(self, digits: int | None = None) -> Any:
        return round(primal_value(self)) if digits is None else np.round(self, digits)

    def __eq__(self, other: Any) -> Any:
        found = _equal(self, other)
        if found is TRUE and is_key(self, primal_value(self)):  # the other may be one, too
            raise TypeError(f"unhashable type: {type(self).__name__!r}")
        return found

    def __hash__(self) -> int:
        return as_key(self, primal_value(self))

    def __bool__(self) -> bool:
        return bool(self.primal)

    def __getitem__(self, index: Any) -> Any:
        return apply(TABLE[operator.getitem], (self, index), {})

    def __copy__(self) -> Any:
        return self.copy()

    def __deepcopy__(self, memo: Any) -> Any:
        return self.copy()

    def __reduce_ex__(self, protocol: Any) -> Never:
        raise TracedPicklingError(self.shape)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.primal!r})"

    def __str__(self) -> str:
        return Text(self.primal)

    def __format__(self, spec: str) -> str:
        return Text(format(primal_value(self), spec))

    def __getattr__(self, name: str) -> Any:
        """Answer ``x.sin()``, which NumPy calls on the elements of object arrays."""
        if name[0] == "_":  # NumPy asks each element of a list for several of these
            raise AttributeError(name)
        if name in _OF_MEMORY:
            return getattr(numpy_value(self), name)
        ufunc = getattr(np, name, None)
        if isinstance(ufunc, np.ufunc):
            return lambda *others: ufunc(self, *others)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the primal."""
        found = getattr(self.primal, "dtype", None)
        return np.result_type(self.primal) if found is None else found

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the primal's axes."""
        return shape_of(self.primal)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)

    @property
    def flat(self) -> Any:
        """The elements, in C order: to iterate over, to index, and to write to."""
        return Flat(self)

    @flat.setter
    def flat(self, values: Any) -> None:
        self.put(np.arange(self.size), values)  # numbers have none

    @property
    def T(self) -> Any:  # noqa: N802  # its name in NumPy
        """The transpose."""
        return np.transpose(self)

    @property
    def mT(self) -> Any:  # noqa: N802  # its name in NumPy
        """The transpose of the last two axes."""
        return np.matrix_transpose(self)

    @property
    def real(self) -> Any:
        """The real part."""
        return np.real(self) if self.dtype.kind == "c" else self

    @real.setter
    def real(self, values: Any) -> None:
        self.real[...] = values

    @property
    def imag(self) -> Any:
        """The imaginary part."""
        return np.imag(self)

    @imag.setter
    def imag(self, values: Any) -> None:
        self.imag[...] = values

    def astype(self, dtype: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the value in another dtype; plain, without derivative, if it is no inexact one."""
        if np.dtype(dtype).kind == "O":
            return np.array(self, dtype=object) if self.ndim else self
        if np.dtype(dtype).kind not in "fc":
            return numpy_value(self).astype(dtype, *args, **kwargs)
        return apply(TABLE[np.astype], (self, np.dtype(dtype)), {})

    def view(self, dtype: Any = None, type: Any = None) -> Any:
        """Return another array that shows the same elements.

        Of a subclass of NumPy's it is one of Python's objects, in lifted code. Others are refused.
        """
        if hasattr(dtype, "mro") and issubclass(dtype, np.ndarray):
            dtype, type = None, dtype
        same = dtype is None or dtype == self.dtype
        if same and type in (None, np.ndarray):
            return self[...]
        return as_objects(self).view(type) if same and is_lifted() else _refused("x.view")(self)

    def is_integer(self) -> bool:
        """Return whether the number is an integer."""
        return bool(primal_value(self).is_integer())

    def copy(self, order: str = "C") -> Any:
        """Return a copy; numbers are their own."""
        return self

    def item(self, *index: Any) -> Any:
        """Return one element as a traced scalar."""
        flat = np.reshape(self, (-1,))
        if not index:
            if self.size != 1:
                raise ValueError("can only convert an array of size 1 to a scalar")
            return flat[0]
        place = index[0] if isinstance(index[0], tuple) else index
        if len(place) == 1:
            return flat[place[0]]
        if len(place) != self.ndim:
            raise ValueError("incorrect number of indices for array")
        return self[tuple(place)]

    def clip(self, min: Any = None, max: Any = None, out: Any = None, **kwargs: Any) -> Any:
        """Return the elements limited to an interval."""
        return array_function(self, np.clip, (), (self, min, max), {"out": out, **kwargs})

    def compress(self, condition: Any, axis: Any = None, out: Any = None) -> Any:
        """Return the parts along an axis where a condition holds."""
        return array_function(self, np.compress, (), (condition, self, axis), {"out": out})

    def flatten(self, order: Any = "C") -> Any:
        """Return the elements in one dimension, in memory of their own."""
        return np.ravel(self, order).copy()

    def reshape(self, *shape: Any, order: Any = "C", copy: Any = None) -> Any:
        """Return the elements in another shape."""
        return np.reshape(self, shape[0] if len(shape) == 1 else shape, order=order)

    def transpose(self, *axes: Any) -> Any:
        """Return the axes in another order, reversed by default."""
        if len(axes) == 1 and not isinstance(axes[0], (int, np.integer)):
            (axes,) = axes
        return np.transpose(self, axes or None)

    def tolist(self) -> Any:
        """Return nested lists of traced scalars."""
        return [self[i].tolist() for i in range(len(self))] if self.shape else self.item()


class TracedArray(TracedScalar):
    """What arrays have beside: a length, elements, views."""

    __slots__ = ()
    __eq__ = _equal
    __hash__: Any = None

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """NumPy's array: code asks ``isinstance(x, np.ndarray)`` before it goes on."""
        return np.ndarray

    __matmul__, __rmatmul__ = _binary(np.matmul), _reflected(np.matmul)

    link: Any = None  # how it was taken of another array, of views

    @property
    def view_class(self) -> Any:
        """The class of the views of such arrays."""
        raise NotImplementedError

    def apart(self) -> Any:
        """Return another array of the same value and derivative."""
        twin: Any = object.__new__(type(self))
        take(twin, self)
        twin.version = 0
        return twin

    __iadd__, __isub__ = _in_place("__add__"), _in_place("__sub__")
    __imul__, __itruediv__ = _in_place("__mul__"), _in_place("__truediv__")
    __ipow__, __imatmul__ = _in_place("__pow__"), _in_place("__matmul__")
    __ifloordiv__, __imod__ = _in_place("__floordiv__"), _in_place("__mod__")

    put = _method(np.put)

    def __setitem__(self, index: Any, value: Any) -> None:
        assign(self, index, value)

    def receive(self, result: Any) -> Any:
        """Return this array after `result` was written over it."""
        return adopt(self, result)

    def fill(self, value: Any) -> None:
        """Write one value into all elements."""
        self[...] = value

    def sort(self, axis: Any = -1, kind: Any = None, order: Any = None) -> None:
        """Sort the elements in place."""
        self[...] = np.sort(self, axis, kind)

    def partition(self, kth: Any, axis: Any = -1, kind: Any = "introselect") -> None:
        """Partition the elements in place."""
        self[...] = np.partition(self, kth, axis, kind)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        if not self.shape:
            raise TypeError("iteration over a 0-d array")
        return (self[i] for i in range(self.shape[0]))

    def __contains__(self, value: Any) -> bool:
        return strip(value) in primal_value(self)

    def __pow__(self, exponent: Any) -> Any:
        if _FAST_POWERS and hasattr(exponent, "ndim") and not isinstance(exponent, Tracer):
            fast = not exponent.ndim and exponent in _FAST_POWERS
            exponent = float(exponent) if fast else exponent
        return _power(self, exponent)

    @property
    def strides(self) -> tuple[int, ...]:
        """The primal's, in lifted code; elsewhere ``as_strided`` would look past the derivative."""
        if is_lifted():
            return numpy_value(self).strides  # type: ignore[no-any-return]
        raise refusal(MissingRowError("numpy.lib.stride_tricks.as_strided", self.shape))
