"""Arithmetic among traced numbers, by local partials: the short path of loops over scalars.

It goes through no table, which makes such loops an order of magnitude quicker. Forward and reverse
share it: each says what a partial becomes (`shifted`, `chained`, `joined`), and nothing else. The
general way remains for mixed types, and for what Python's floats would raise on or turn complex.
"""

from typing import Any, Self

import numpy as np

from dualad.core.level import Trace
from dualad.core.scalar import TracedScalar


class TracedNumber(TracedScalar):
    """A traced scalar of one of the modes.

    Attributes
    ----------
    origin : Trace
        To which it belongs.
    primal : float, numpy scalar, or Tracer of a lower level
        Its value; a float64 is held as a Python float, whose arithmetic is the same and faster.
    tangent, position
        What `Dual` and `Recorded` add to it. Both have both slots, so that an array can change
        from one mode to the other when a value of an inner transform is written into it.
    version, places
        See `dualad.core.inplace`; of arrays only.
    """

    __slots__ = ("origin", "places", "position", "primal", "tangent", "version")

    origin: Trace
    version: int

    @property
    def level(self) -> int:
        """The level of its trace; raises if that is closed."""
        return self.origin.level

    def shifted(self, primal: Any) -> Self:
        """Return the number `primal`, which differs from this one by a constant."""
        raise NotImplementedError

    def chained(self, primal: Any, p: Any) -> Self:
        """Return the number `primal`, whose partial by this one is `p`."""
        raise NotImplementedError

    def joined(self, primal: Any, p: Any, other: Self, q: Any) -> Self:
        """Return the number `primal`, whose partials are `p` by this one and `q` by `other`."""
        raise NotImplementedError

    def __add__(self, other: Any) -> Any:
        cls = type(other)
        if cls is float or cls is int:
            return self.shifted(self.primal + other)
        if cls is type(self) and other.origin is self.origin:
            a, b = self.primal, other.primal
            if type(a) is type(b) and (type(a) is float or a.dtype == b.dtype):
                return self.joined(a + b, 1.0, other, 1.0)
        return _general("__add__", self, other)

    def __radd__(self, other: Any) -> Any:
        cls = type(other)
        if cls is float or cls is int:
            return self.shifted(other + self.primal)
        return _general("__radd__", self, other)

    def __sub__(self, other: Any) -> Any:
        cls = type(other)
        if cls is float or cls is int:
            return self.shifted(self.primal - other)
        if cls is type(self) and other.origin is self.origin:
            a, b = self.primal, other.primal
            if type(a) is type(b) and (type(a) is float or a.dtype == b.dtype):
                return self.joined(a - b, 1.0, other, -1.0)
        return _general("__sub__", self, other)

    def __rsub__(self, other: Any) -> Any:
        cls = type(other)
        if cls is float or cls is int:
            return self.chained(other - self.primal, -1.0)
        return _general("__rsub__", self, other)

    def __mul__(self, other: Any) -> Any:
        cls = type(other)
        if cls is float or cls is int:
            return self.chained(self.primal * other, other)
        if cls is type(self) and other.origin is self.origin:
            a, b = self.primal, other.primal
            if type(a) is type(b) and (type(a) is float or a.dtype == b.dtype):
                return self.joined(a * b, b, other, a)
        return _general("__mul__", self, other)

    def __rmul__(self, other: Any) -> Any:
        cls = type(other)
        if cls is float or cls is int:
            return self.chained(other * self.primal, other)
        return _general("__rmul__", self, other)

    def __truediv__(self, other: Any) -> Any:
        cls = type(other)
        if (cls is float or cls is int) and other:
            return self.chained(self.primal / other, 1.0 / other)
        if cls is type(self) and other.origin is self.origin:
            a, b = self.primal, other.primal
            if type(a) is type(b) is float and b:
                y = a / b
                return self.joined(y, 1.0 / b, other, -y / b)
        return _general("__truediv__", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        cls, b = type(other), self.primal
        if (cls is float or cls is int) and type(b) is float and b:
            y = other / b
            return self.chained(y, -y / b)
        return _general("__rtruediv__", self, other)

    def __pow__(self, other: Any) -> Any:
        cls, a = type(other), self.primal
        if (cls is int or cls is float) and type(a) is float:
            try:
                y = a**other
                partial = other * a ** (other - 1) if other else 0.0
            except (ZeroDivisionError, OverflowError):  # NumPy gives inf or 0, and warns
                return _general("__pow__", self, other)
            if type(y) is float:  # a negative base may give complex, and NumPy NaN
                return self.chained(y, partial)
        return _general("__pow__", self, other)

    def __neg__(self) -> Any:
        return self.chained(-self.primal, -1.0)

    def __pos__(self) -> Any:
        return self


def _general(operator: str, self: Any, other: Any) -> Any:
    """Return the outcome of a binary operator by its row; a float64 counts as a Python float."""
    if type(other) is np.float64 and type(self.primal) is float:
        return getattr(TracedNumber, operator)(self, float(other))
    return getattr(TracedScalar, operator)(self, other)
