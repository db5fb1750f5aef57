"""Arrays that no transform follows yet, but that can hold traced values.

`dualad.numpy` makes them while a derivative is being computed: ``y = np.zeros(3); y[0] = x[0]``. A
blank array becomes one of the value's trace when a traced value is written into it. Until then it
behaves as the plain array inside, and so does what is computed from it.
"""

from typing import Any

import numpy as np

from dualad.core.arithmetic import ArrayArithmetic, ArrayView
from dualad.core.inplace import View, is_view, put
from dualad.core.number import TracedNumber
from dualad.core.row import Row
from dualad.core.tracer import is_plain_array


class Blank(ArrayArithmetic, TracedNumber):
    """An array of level -1: below all transforms."""

    __slots__ = ()

    @property
    def level(self) -> int:
        """Lower than that of any traced value."""
        return -1

    @property
    def view_class(self) -> Any:
        """The class of the views of such arrays."""
        return BlankView

    @property
    def current(self) -> Any:
        """The plain array, unless a traced value was written into it."""
        return unfollowed(self)

    def apart(self) -> Any:
        """Return the plain array: what remains of this one in a trace."""
        return self.primal

    def bind(self, row: Row, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return a function's output, blank if it is an array."""
        given = row.operands(args)
        plain = row.with_operands(args, [unfollowed(x) for x in given])
        y = row.function(*plain, **kwargs)
        if row.fits and row.arity == 1 and is_plain_array(y) and is_view(y, plain[0]):
            view: BlankView = object.__new__(BlankView)
            view.origin, view.held = None, y
            view.link = View(given[0], row, args[1:], kwargs)
            return view
        return as_blank(y)

    def shifted(self, primal: Any) -> Any:
        """Return the array `primal`, blank."""
        return as_blank(primal)

    def chained(self, primal: Any, p: Any) -> Any:
        """Return the array `primal`, blank."""
        return as_blank(primal)

    def joined(self, primal: Any, p: Any, other: Any, q: Any) -> Any:
        """Return the array `primal`, blank."""
        return as_blank(primal)

    def kept(self, other: Any) -> Any:
        """Return a plain array as it is."""
        return other

    def squared(self) -> Any:
        """Return the square."""
        return as_blank(np.square(self.primal))

    def write(self, index: tuple[Any, ...], value: Any) -> None:
        """Write a plain value at `index`."""
        put(self, "primal", index, unfollowed(value))
        self.version += 1

    def __float__(self) -> float:
        return float(self.current)

    def __complex__(self) -> complex:
        return complex(self.current)

    def __getattr__(self, name: str) -> Any:
        """Answer for what only plain arrays have, such as ``tobytes``."""
        plain = None if name.startswith("__array_") else self.current
        return getattr(plain, name) if is_plain_array(plain) else super().__getattr__(name)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.array(self.current, dtype=dtype)  # of objects, if it is traced by now


class BlankView(ArrayView, Blank):
    """A blank array that was taken of another as a view."""

    __slots__ = ()

    @property
    def level(self) -> Any:
        """The level of the trace to which it belongs by now."""
        if self.link.version != self.link.root.version:
            self.take_anew()
            return self.level
        return -1


def as_blank(y: Any) -> Any:
    """Return an array of an inexact dtype as a blank one; containers likewise."""
    if is_plain_array(y) and y.dtype.kind in "fc":
        self: Blank = object.__new__(Blank)
        self.origin, self.primal, self.version = None, y, 0
        return self
    if isinstance(y, (tuple, list)):
        parts = [as_blank(part) for part in y]
        return type(y)(*parts) if hasattr(y, "_fields") else type(y)(parts)
    return y


def unfollowed(x: Any) -> Any:
    """Return a blank array as the plain one inside; anything else as it is."""
    blank = isinstance(x, Blank) and x.level == -1  # the look at a view's level takes it anew
    return x.primal if blank else x
