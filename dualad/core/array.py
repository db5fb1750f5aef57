"""The face of traced arrays: what they have beside the operators and methods of numbers."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dualad.core.dispatch import apply
from dualad.core.inplace import adopt, assign, take
from dualad.core.level import is_lifted, refusal
from dualad.core.row import TABLE
from dualad.core.scalar import TracedScalar, binary, equal, method, reflected
from dualad.core.tracer import Tracer, numpy_value, primal_value, strip
from dualad.errors import MissingRowError

# Exponents whose dtype NumPy overlooks, before version 2.2.
_FAST_POWERS = (0, 1, 2, 0.5, -1) if (np.ones(1, "f") ** np.float64(2)).dtype == "f" else ()


def _in_place(operator: str) -> Callable[[Any, Any], Any]:
    """Return the operator that writes the outcome of another over the array."""

    def operate(self: Any, other: Any) -> Any:
        result = getattr(self, operator)(other)
        return result if result is NotImplemented else self.receive(result)

    return operate


def _power(base: Any, exponent: Any) -> Any:
    """Return ``base ** exponent``, by the shortcuts that NumPy takes for scalar exponents."""
    shortcut = _POWERS.get(exponent) if type(exponent) in (int, float) else None
    operands = (base,) if shortcut else (base, exponent)
    return apply(TABLE[shortcut or np.power], operands, {})


_POWERS: dict[float, np.ufunc] = {2: np.square, 0.5: np.sqrt, -1: np.reciprocal}


class TracedArray(TracedScalar):
    """What arrays have beside: a length, elements, views."""

    __slots__ = ()
    __eq__ = equal
    __hash__: Any = None

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """NumPy's array: code asks ``isinstance(x, np.ndarray)`` before it goes on."""
        return np.ndarray

    __matmul__, __rmatmul__ = binary(np.matmul), reflected(np.matmul)

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

    put = method(np.put)

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
