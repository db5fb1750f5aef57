"""The face of traced numbers: the operators, attributes and methods of NumPy's scalars.

`TracedScalar` has no length and does not iterate, so that NumPy takes it for an element:
``np.array([x[0], x[1]])`` is an object array of traced scalars. `dualad.core.array` adds what
arrays have. Neither defines ``__array__``, which would lose the derivative silently.
"""

import math
import operator
from collections.abc import Callable, Iterator
from typing import Any, Never

import numpy as np

from dualad.core.dispatch import apply, array_function, array_ufunc
from dualad.core.inplace import as_objects
from dualad.core.level import Text, is_lifted, keys, refusal
from dualad.core.row import TABLE
from dualad.core.tracer import Tracer, numpy_value, primal_value, shape_of, strip
from dualad.errors import InPlaceError, TracedKeyError, TracedPicklingError, TracedToFloatError

_OF_MEMORY = {"device", "flags", "itemsize", "nbytes", "setflags", "strides"}  # the primal's
_FOREIGN = (str, bytes, dict, set, type(None))


def binary(ufunc: np.ufunc) -> Callable[[Any, Any], Any]:
    """Return the operator ``self <ufunc> other``."""

    def operate(self: Any, other: Any) -> Any:
        if type(other) in _FOREIGN or _defers(other):
            return NotImplemented
        return apply(TABLE[ufunc], (self, other), {})

    return operate


def reflected(ufunc: np.ufunc) -> Callable[[Any, Any], Any]:
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


equal = _comparison(operator.eq)


def method(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the method that calls the row of `function` with the value as first argument."""

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        return array_function(self, function, (), (self, *args), kwargs)

    return call


def _refused(operation: str) -> Callable[..., Never]:
    """Return a method that refuses an in-place update."""

    def refuse(self: Any, *args: Any, **kwargs: Any) -> Never:
        raise InPlaceError(operation)

    return refuse


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

    __add__, __radd__ = binary(np.add), reflected(np.add)
    __sub__, __rsub__ = binary(np.subtract), reflected(np.subtract)
    __mul__, __rmul__ = binary(np.multiply), reflected(np.multiply)
    __truediv__, __rtruediv__ = binary(np.divide), reflected(np.divide)
    __floordiv__, __rfloordiv__ = binary(np.floor_divide), reflected(np.floor_divide)
    __mod__, __rmod__ = binary(np.remainder), reflected(np.remainder)
    __divmod__, __rdivmod__ = binary(np.divmod), reflected(np.divmod)
    __pow__, __rpow__ = binary(np.power), reflected(np.power)
    __lt__, __le__ = _comparison(operator.lt), _comparison(operator.le)
    __gt__, __ge__ = _comparison(operator.gt), _comparison(operator.ge)
    __ne__ = _comparison(operator.ne)

    __float__, __complex__ = _to_number(float), _to_number(complex)
    __int__, __trunc__ = _rounded(int), _rounded(math.trunc)
    __floor__, __ceil__ = _rounded(math.floor), _rounded(math.ceil)

    all, any = method(np.all), method(np.any)
    argmax, argmin = method(np.argmax), method(np.argmin)
    argsort, argpartition = method(np.argsort), method(np.argpartition)
    round = method(np.round)
    choose = method(np.choose)
    conj = conjugate = method(np.conj)
    cumprod, cumsum = method(np.cumprod), method(np.cumsum)
    diagonal, trace = method(np.diagonal), method(np.trace)
    dot, searchsorted = method(np.dot), method(np.searchsorted)
    max, min = method(np.max), method(np.min)
    mean, std, var = method(np.mean), method(np.std), method(np.var)
    nonzero = method(np.nonzero)
    prod, sum = method(np.prod), method(np.sum)
    ravel, repeat = method(np.ravel), method(np.repeat)
    squeeze, swapaxes, take = method(np.squeeze), method(np.swapaxes), method(np.take)

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
        found = equal(self, other)
        if found is TRUE and (keys() or {}).get(primal_value(self)) is self:
            raise TracedKeyError(primal_value(self))  # the other may be a key, too
        return found

    def __hash__(self) -> int:
        """Return that of its value in lifted code, if no other number of that value has asked."""
        value, known = primal_value(self), keys()
        if known is None or known.setdefault(value, self) is not self:
            raise TracedKeyError(value)
        return hash(value)

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
