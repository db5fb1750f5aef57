"""Forward mode: a dual number carries its tangent along, and nothing is stored."""

from typing import Any, Self

import numpy as np

from dualad.core.arithmetic import ArrayArithmetic, ArrayView
from dualad.core.array import TracedArray
from dualad.core.blank import unfollowed
from dualad.core.dispatch import constant
from dualad.core.inplace import View, is_view, put
from dualad.core.level import Trace
from dualad.core.number import TracedNumber
from dualad.core.product import align, behind, checked, sharpened, spread
from dualad.core.row import Row
from dualad.core.scalar import TracedScalar
from dualad.core.tracer import primal_value, shape_of
from dualad.errors import StructureError

MANUAL = Trace(0)
FLOAT = np.dtype(float)


class Dual(TracedNumber):
    """A dual number ``primal + tangent * epsilon``, with ``epsilon ** 2 == 0``.

    Every NumPy function of a dual number gives its value and, in `tangent`, its derivative in the
    direction of the tangents that came in: ``np.sin(Dual(2.0, 1.0)).tangent`` is ``cos(2)``. A
    number made by hand sits on level 0, under every transform.

    Parameters
    ----------
    primal : float, complex or ndarray, shape S
        The value; integers are promoted to float64.
    tangent : float, complex or ndarray, shape D + S
        Its change, one for each index of the leading direction axes D, of which there may be
        none.

    Raises
    ------
    StructureError
        If the shape of `tangent` does not end in that of `primal`.

    Examples
    --------
    >>> import numpy as np
    >>> y = np.exp(Dual(0.0, 1.0)) * 3
    >>> float(y.primal), float(y.tangent)
    (3.0, 3.0)
    """

    __slots__ = ()

    def __new__(cls, primal: Any, tangent: Any) -> Self:  # noqa: D102
        array = isinstance(primal, (np.ndarray, list, TracedArray))
        self: Self = _new(DualArray if array and cls is Dual else cls)
        return self

    def __init__(self, primal: Any, tangent: Any) -> None:
        if not isinstance(primal, TracedScalar):
            primal = np.asarray(primal)
            primal = primal if primal.dtype.kind in "fc" else primal.astype(float)
            primal = primal if isinstance(self, DualArray) else primal[()]
        if not isinstance(tangent, TracedScalar):
            tangent = np.asarray(tangent, np.result_type(primal.dtype, float))
            tangent = tangent if tangent.ndim else tangent[()]
        shape, found = shape_of(primal), shape_of(tangent)
        if found[len(found) - len(shape) :] != shape or len(found) < len(shape):
            raise StructureError("the tangent's shape", f"(..., *{shape})", str(found))
        self.origin, self.primal, self.tangent, self.version = MANUAL, primal, tangent, 0

    @property
    def directions(self) -> tuple[int, ...]:
        """The direction axes of the tangent."""
        shape = shape_of(self.tangent)
        return shape[: len(shape) - len(self.shape)]

    def __reduce_ex__(self, protocol: Any) -> Any:
        if self.origin is MANUAL:
            return Dual, (self.primal, self.tangent)
        return super().__reduce_ex__(protocol)

    def constant(self, value: Any) -> Any:
        """Return `value` in the trace of this one, with a zero tangent."""
        return dual(self.origin, value, np.zeros(self.directions + shape_of(value), value.dtype))

    def shifted(self, primal: Any) -> "Dual":
        """Return the number `primal`, which differs from this one by a constant."""
        return _number(self.origin, primal, self.tangent)

    def chained(self, primal: Any, p: Any) -> "Dual":
        """Return the number `primal`, whose partial by this one is `p`."""
        if type(p) is float and p and p - p == 0.0:  # no NaN comes of such a product
            return _number(self.origin, primal, p * self.tangent)
        with np.errstate(all="ignore"):
            return _number(self.origin, primal, checked(p, self.tangent))

    def joined(self, primal: Any, p: Any, other: "Dual", q: Any) -> "Dual":
        """Return the number `primal`, whose partials are `p` by this one and `q` by `other`."""
        if type(p) is float and p and q and p - p == 0.0 and q - q == 0.0:
            return _number(self.origin, primal, p * self.tangent + q * other.tangent)
        with np.errstate(all="ignore"):
            t = checked(p, self.tangent) + checked(q, other.tangent)
        return _number(self.origin, primal, t)

    def bind(self, row: Row, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return a function's output with its tangent."""
        trace = self.origin
        primals = list(row.operands(args))
        pairs = []
        for i, operand in enumerate(primals):
            if isinstance(operand, Dual) and operand.origin is trace:
                primals[i] = _array_like(operand.primal)
                if row.differentiable(i):
                    t = operand.tangent  # NumPy would round a float to a float32 partial's digits
                    pairs.append((i, np.float64(t) if type(t) is float else t))
            else:
                primals[i] = unfollowed(operand)
        given, args = args, row.with_operands(args, primals)
        y = row.function(*args, **kwargs)
        if not pairs or getattr(y, "dtype", FLOAT).kind not in "fc":
            return constant(y, row) if pairs else y
        i, t = pairs[0]
        lead = len(shape_of(t)) - len(shape_of(primals[i]))
        directions = shape_of(t)[:lead]
        if row.broadcasts:
            args = tuple([sharpened(x, y) for x in args])
            if directions:
                ndim = len(shape_of(y))
                pairs = [(i, align(t, lead, shape_of(primals[i]), ndim)) for i, t in pairs]
        with np.errstate(all="ignore"):
            t = row.push(pairs, y, args, kwargs, checked)  # type: ignore[misc]
        parent = given[0]
        if row.fits and isinstance(parent, DualArray) and is_view(y, primals[0]):
            y = _array(trace, y, spread(t, directions, shape_of(y)))
            return y.as_view(parent, row, given[1:], kwargs)
        return _paired(trace, y, t, directions)


class DualArray(ArrayArithmetic, Dual):
    """A dual number whose primal is an array."""

    __slots__ = ()

    @property
    def view_class(self) -> Any:
        """The class of the views of such arrays."""
        return DualView

    def shifted(self, primal: Any) -> Any:
        """Return the array `primal`, which differs from this one by a constant."""
        return dual(self.origin, primal, self.tangent)

    @np.errstate(all="ignore")
    def chained(self, primal: Any, p: Any) -> Any:
        """Return the array `primal`, whose partial by this one is `p`."""
        return dual(self.origin, primal, checked(p, self.tangent))

    @np.errstate(all="ignore")
    def joined(self, primal: Any, p: Any, other: Any, q: Any) -> Any:
        """Return the array `primal`, whose partials are `p` by this one and `q` by `other`."""
        t = self.tangent if p is None else checked(p, self.tangent)
        u = other.tangent if q is None else checked(q, other.tangent)
        return dual(self.origin, primal, t + u)

    def kept(self, other: Any) -> Any:
        """Return a plain array as it is: the partial is used at once."""
        return other

    def squared(self) -> Any:
        """Return the square."""
        primal = self.primal
        return self.chained(np.square(primal), 2 * primal)

    def as_view(self, parent: Any, row: Row, args: Any, kwargs: Any) -> "DualView":
        """Return this array as what `row` shows of `parent`."""
        view: DualView = _new(DualView)
        view.link = View(parent, row, args, kwargs)
        view.origin, view.held, view.carried = self.origin, self.primal, self.tangent
        return view

    def write(self, index: tuple[Any, ...], value: Any) -> None:
        """Write a value of this or a lower level at `index`."""
        own = isinstance(value, Dual) and value.origin is self.origin
        primal, t = (value.primal, value.tangent) if own else (value, 0.0)
        directions = self.directions
        put(self, "primal", index, primal)
        if directions and own:
            shape, lead = shape_of(primal), len(directions)
            t = align(t, lead, shape, np.ndim(primal_value(self.primal)[index]))
        put(self, "tangent", behind(index, len(directions), self.shape), t)
        self.version += 1


class DualView(ArrayView, DualArray):
    """A dual array that was taken of another as a view."""

    __slots__ = ()

    @property
    def tangent(self) -> Any:
        """The tangent."""
        if self.link.version != self.link.root.version:
            self.take_anew()
        return self.carried


_new: Any = object.__new__


def _number(trace: Trace, primal: Any, tangent: Any) -> Dual:
    """Return a number of a trace, unchecked."""
    trace.level  # noqa: B018  # raises if the trace is closed
    self: Dual = _new(Dual)
    self.origin = trace
    self.primal = primal
    self.tangent = tangent
    return self


def _array(trace: Trace, primal: Any, tangent: Any) -> DualArray:
    """Return an array of a trace, unchecked."""
    trace.level  # noqa: B018  # raises if the trace is closed
    self: DualArray = _new(DualArray)
    self.origin, self.primal, self.tangent, self.version = trace, primal, tangent, 0
    return self


def dual(trace: Trace, primal: Any, tangent: Any) -> Dual:
    """Return a dual number of a trace, unchecked."""
    if type(primal) is np.float64 or type(primal) is float:
        tangent = float(tangent) if type(tangent) is np.float64 else tangent
        return _number(trace, float(primal), tangent)
    if isinstance(primal, (np.ndarray, TracedArray)):
        return _array(trace, primal, tangent)
    return _number(trace, primal, tangent)


def _paired(trace: Trace, y: Any, t: Any, directions: tuple[int, ...]) -> Any:
    """Return output and tangent as a dual number; several outputs keep their container."""
    if isinstance(y, (tuple, list)):
        pairs = [_paired(trace, *both, directions) for both in zip(y, t, strict=True)]
        return rebuild(y, pairs)
    if getattr(y, "dtype", FLOAT).kind not in "fc":
        return y
    return dual(trace, y, spread(t, directions, shape_of(y)))


def rebuild(container: Any, items: list[Any]) -> Any:
    """Return `items` in a list, a tuple or a namedtuple, as `container` is."""
    cls = type(container)
    return cls(*items) if hasattr(cls, "_fields") else cls(items)


def _array_like(primal: Any) -> Any:
    """Return a Python float as NumPy's, which has a shape and divides by zero."""
    return np.float64(primal) if type(primal) is float else primal
