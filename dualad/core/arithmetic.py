"""What the arrays of all modes share: arithmetic by local partials, and views.

Sums and products with a number, or with an array of the same shape and dtype, need no row: the
partials are at hand, and nothing broadcasts. Everything else takes the general way.
"""

from typing import Any, Self

import numpy as np

from dualad.core.array import TracedArray
from dualad.core.number import TracedNumber
from dualad.core.tracer import become

FLOAT = np.dtype(float)


class ArrayArithmetic(TracedArray):
    """What `DualArray` and `RecordedArray` share; a partial None stands for 1."""

    __slots__ = ()

    origin: Any

    def shifted(self, primal: Any) -> Self:
        """Return the array `primal`, which differs from this one by a constant."""
        raise NotImplementedError

    def chained(self, primal: Any, p: Any) -> Self:
        """Return the array `primal`, whose partial by this one is the number or array `p`."""
        raise NotImplementedError

    def joined(self, primal: Any, p: Any, other: Self, q: Any) -> Self:
        """Return the array `primal`, whose partials are `p` by this one and `q` by `other`."""
        raise NotImplementedError

    def kept(self, other: Any) -> Any:
        """Return a plain array so that it can serve as a partial later on."""
        raise NotImplementedError

    def pairs_with(self, other: Any, a: Any, b: Any) -> bool:
        """Return whether `other`, of the same trace, has the shape and dtype of this array."""
        if other.origin is not self.origin or a.dtype is not FLOAT:
            return False
        return bool(b.dtype is FLOAT and a.shape == b.shape)

    def __add__(self, other: Any) -> Any:
        cls = type(other)
        if cls is float or cls is int:
            return self.shifted(self.primal + other)
        if isinstance(other, ArrayArithmetic):
            a, b = self.primal, other.primal
            if self.pairs_with(other, a, b):
                return self.joined(a + b, None, other, None)
        elif _is_constant(self, other):
            return self.shifted(self.primal + other)
        return TracedArray.__add__(self, other)

    def __radd__(self, other: Any) -> Any:
        if _is_constant(self, other):
            return self.shifted(other + self.primal)
        return TracedArray.__radd__(self, other)

    def __sub__(self, other: Any) -> Any:
        cls = type(other)
        if cls is float or cls is int:
            return self.shifted(self.primal - other)
        if isinstance(other, ArrayArithmetic):
            a, b = self.primal, other.primal
            if self.pairs_with(other, a, b):
                return self.joined(a - b, None, other, -1.0)
        elif _is_constant(self, other):
            return self.shifted(self.primal - other)
        return TracedArray.__sub__(self, other)

    def __rsub__(self, other: Any) -> Any:
        if type(other) is float or _is_constant(self, other):
            return self.chained(other - self.primal, -1.0)
        return TracedArray.__rsub__(self, other)

    def __mul__(self, other: Any) -> Any:
        cls = type(other)
        if cls is float or cls is int:
            return self.chained(self.primal * other, other)
        if isinstance(other, ArrayArithmetic):
            a, b = self.primal, other.primal
            if self.pairs_with(other, a, b):
                return self.joined(a * b, b, other, a)
        elif _is_constant(self, other):
            return self.chained(self.primal * other, self.kept(other))
        return TracedArray.__mul__(self, other)

    def __rmul__(self, other: Any) -> Any:
        if type(other) is float:
            return self.chained(other * self.primal, other)
        if _is_constant(self, other):
            return self.chained(other * self.primal, self.kept(other))
        return TracedArray.__rmul__(self, other)

    def __truediv__(self, other: Any) -> Any:
        if (type(other) is float or type(other) is int) and other:
            return self.chained(self.primal / other, 1.0 / other)
        return TracedArray.__truediv__(self, other)

    def __pow__(self, other: Any) -> Any:
        if (type(other) is int or type(other) is float) and other == 2:
            return self.squared()
        return TracedArray.__pow__(self, other)

    def __neg__(self) -> Any:
        return self.chained(-self.primal, -1.0)

    def squared(self) -> Self:
        """Return the square; NumPy computes it for ``x**2``, too."""
        raise NotImplementedError

    def copy(self, order: Any = "C") -> Any:
        """Return a copy, in memory of its own."""
        return self.shifted(self.primal.copy(order))

    shortcuts = {  # noqa: RUF012  # it stays as it is
        np.add: (__add__, __radd__),
        np.subtract: (__sub__, __rsub__),
        np.multiply: (__mul__, __rmul__),
    }


def _is_constant(self: Any, other: Any) -> bool:
    """Return whether `other` is a plain number, or array, that broadcasts to the shape of `self`.

    For an array both are of float64.
    """
    cls = type(other)
    if cls is np.ndarray:
        primal = self.primal
        if other.dtype is not FLOAT or primal.dtype is not FLOAT:
            return False
        own, shape = primal.shape, other.shape
        return own == shape or _reaches(shape, own)
    return cls is float or cls is int


def _reaches(shape: tuple[int, ...], target: tuple[int, ...]) -> bool:
    """Return whether `shape` broadcasts to `target`."""
    if len(shape) > len(target):
        return False
    trailing = target[len(target) - len(shape) :]
    return all(a == b or a == 1 for a, b in zip(shape, trailing, strict=True))


class ArrayView(TracedNumber):
    """A traced array that was taken of another; see `dualad.core.inplace`.

    It reads its value, and what the mode adds to that, through properties, which take the view
    anew if the array at its root has changed since. The view is then of the root's trace.

    Attributes
    ----------
    link : View
        How it was taken.
    held, carried, noted
        The primal, the tangent and the position as they were then.
    """

    __slots__ = ("carried", "held", "link", "noted")

    @property
    def primal(self) -> Any:
        """The value."""
        link = self.link
        if link.version != link.root.version:
            self.take_anew()
        return self.held

    @property
    def level(self) -> Any:
        """The level of its trace; raises if that is closed."""
        link = self.link
        if link.version != link.root.version:
            self.take_anew()
        return self.origin.level

    def bind(self, row: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return a function's output; the view is taken anew before."""
        if self.link.version != self.link.root.version:
            self.take_anew()
            return self.bind(row, args, kwargs)
        return super().bind(row, args, kwargs)

    def take_anew(self) -> None:
        """Read everything from the parent."""
        again = self.link.taken_anew()
        become(self, again.view_class)
        self.origin, self.held = again.origin, again.primal
        self.carried, self.noted = getattr(again, "tangent", None), getattr(again, "position", None)

    def drop(self) -> None:
        """Let go of the value, which is about to change."""
        self.link.version, self.held, self.carried = -1, None, None
