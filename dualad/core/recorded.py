"""Reverse mode: values that write each application into a record."""

from typing import Any

import numpy as np

from dualad.core.array import TracedArray, TracedScalar
from dualad.core.dual import rebuild
from dualad.core.record import Record
from dualad.core.row import Row
from dualad.core.tracer import shape_of

FLOAT = np.dtype(float)


class Recorded(TracedScalar):
    """A number in a record.

    Arithmetic among numbers notes local partials, two numbers and two positions at most, and goes
    through no table: that makes loops over scalars an order of magnitude quicker. The general way
    remains for mixed types, and for what Python's floats would raise or turn complex.

    Attributes
    ----------
    record : Record
        Where it is noted.
    position : int
        Where in it. Adding a constant changes neither tangent nor cotangent: the sum shares the
        position.
    primal : float, numpy scalar, or Tracer of a lower level
        Its value; a float64 is held as a Python float, whose arithmetic is the same and faster.
    """

    __slots__ = ("position", "primal", "record")

    @property
    def level(self) -> int:
        """The level of its record; raises if that is closed."""
        return self.record.level

    def bind(self, row: Row, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return a function's output, after noting its application."""
        record = self.record
        primals = list(row.operands(args))
        traced = []
        for i, operand in enumerate(primals):
            if isinstance(operand, Recorded) and operand.record is record:
                primal = operand.primal
                primals[i] = np.float64(primal) if primal.__class__ is float else primal
                if row.differentiable(i):
                    traced.append((i, operand.position))
            elif not row.broadcasts and not hasattr(operand, "shape"):
                primals[i] = np.asarray(operand)
        args = row.with_operands(args, primals)
        y = row.function(*args, **kwargs)
        if not traced:
            return y
        if y.__class__ is np.ndarray and y.dtype is FLOAT:
            shape = y.shape
            links = [(i, k, _repair(primals[i], shape)) for i, k in traced]
        elif row.partials and not isinstance(y, (np.ndarray, TracedArray)) and y.dtype is FLOAT:
            return _number(record, _note_partials(record, row, traced, y, primals), y)
        else:
            if not isinstance(y, (tuple, list)) and _dtype(y).kind not in "fc":
                return y
            links = [(i, k, (shape_of(primals[i]), _is_real(primals[i]))) for i, k in traced]
        position = record.append(row, links, y, args, kwargs)
        if isinstance(y, (tuple, list)):
            return rebuild(y, [_inexact(record, position + k, part) for k, part in enumerate(y)])
        return recorded(record, position, y)

    def __add__(self, other: Any) -> Any:
        cls = other.__class__
        if cls is float or cls is int:
            return _number(self.record, self.position, self.primal + other)
        if cls is Recorded and other.record is self.record:
            a, b = self.primal, other.primal
            if a.__class__ is b.__class__:
                return _note(self.record, (self.position, 1.0, other.position, 1.0), a + b)
        return _general("__add__", self, other)

    def __radd__(self, other: Any) -> Any:
        cls = other.__class__
        if cls is float or cls is int:
            return _number(self.record, self.position, other + self.primal)
        return _general("__radd__", self, other)

    def __sub__(self, other: Any) -> Any:
        cls = other.__class__
        if cls is float or cls is int:
            return _number(self.record, self.position, self.primal - other)
        if cls is Recorded and other.record is self.record:
            a, b = self.primal, other.primal
            if a.__class__ is b.__class__:
                return _note(self.record, (self.position, 1.0, other.position, -1.0), a - b)
        return _general("__sub__", self, other)

    def __rsub__(self, other: Any) -> Any:
        cls = other.__class__
        if cls is float or cls is int:
            return _note(self.record, (self.position, -1.0), other - self.primal)
        return _general("__rsub__", self, other)

    def __mul__(self, other: Any) -> Any:
        cls = other.__class__
        if cls is float or cls is int:
            return _note(self.record, (self.position, other), self.primal * other)
        if cls is Recorded and other.record is self.record:
            a, b = self.primal, other.primal
            if a.__class__ is b.__class__:
                return _note(self.record, (self.position, b, other.position, a), a * b)
        return _general("__mul__", self, other)

    def __rmul__(self, other: Any) -> Any:
        cls = other.__class__
        if cls is float or cls is int:
            return _note(self.record, (self.position, other), other * self.primal)
        return _general("__rmul__", self, other)

    def __truediv__(self, other: Any) -> Any:
        cls = other.__class__
        if (cls is float or cls is int) and other:
            return _note(self.record, (self.position, 1.0 / other), self.primal / other)
        if cls is Recorded and other.record is self.record:
            a, b = self.primal, other.primal
            if a.__class__ is b.__class__ is float and b:
                y = a / b
                return _note(self.record, (self.position, 1.0 / b, other.position, -y / b), y)
        return _general("__truediv__", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        cls, b = other.__class__, self.primal
        if (cls is float or cls is int) and b.__class__ is float and b:
            y = other / b
            return _note(self.record, (self.position, -y / b), y)
        return _general("__rtruediv__", self, other)

    def __pow__(self, other: Any) -> Any:
        cls, a = other.__class__, self.primal
        if (cls is int or cls is float) and a.__class__ is float:
            try:
                y = a**other
                partial = other * a ** (other - 1) if other else 0.0
            except (ZeroDivisionError, OverflowError):  # NumPy gives inf or 0, and warns
                return _general("__pow__", self, other)
            if y.__class__ is float:  # a negative base may give complex, and NumPy NaN
                return _note(self.record, (self.position, partial), y)
        return _general("__pow__", self, other)

    def __neg__(self) -> Any:
        return _note(self.record, (self.position, -1.0), -self.primal)

    def __pos__(self) -> Any:
        return self


class RecordedArray(Recorded, TracedArray):
    """An array in a record."""

    __slots__ = ()

    __add__, __radd__ = TracedArray.__add__, TracedArray.__radd__
    __sub__, __rsub__ = TracedArray.__sub__, TracedArray.__rsub__
    __mul__, __rmul__ = TracedArray.__mul__, TracedArray.__rmul__
    __truediv__, __rtruediv__ = TracedArray.__truediv__, TracedArray.__rtruediv__
    __neg__, __pos__, __pow__ = TracedArray.__neg__, TracedArray.__pos__, TracedArray.__pow__

    def __getitem__(self, index: Any) -> Any:
        """Return a part; for one element, note its place only: loops over elements do little else."""
        primal = self.primal
        if index.__class__ is int and primal.__class__ is np.ndarray:
            y = primal[index]
            if y.__class__ is np.float64:
                return _note(self.record, (self.position, index, primal.shape), float(y))
        return super().__getitem__(index)


def recorded(record: Record, position: int, y: Any) -> Recorded:
    """Return the traced value of `y`, noted at `position`."""
    cls = y.__class__
    if cls is np.float64:
        return _number(record, position, float(y))
    array = cls is np.ndarray or isinstance(y, (np.ndarray, TracedArray))
    self = _new(RecordedArray if array else Recorded)
    self.record, self.position, self.primal = record, position, y
    return self


_new: Any = object.__new__


def _number(record: Record, position: int, primal: Any) -> Recorded:
    """Return a number that is noted at `position`."""
    self: Recorded = _new(Recorded)
    self.record = record
    self.position = position
    self.primal = float(primal) if primal.__class__ is np.float64 else primal
    return self


def _note(record: Record, entry: Any, primal: Any) -> Recorded:
    """Return a number, after noting `entry` for it."""
    entries = record.entries
    self: Recorded = _new(Recorded)
    self.record = record
    self.position = len(entries)
    self.primal = primal
    entries.append(entry)
    return self


def _note_partials(record: Record, row: Row, traced: Any, y: Any, primals: Any) -> int:
    """Note the partials of a number by its operands, and return its position."""
    entry: list[Any] = []
    with np.errstate(all="ignore"):
        for i, position in traced:
            partial = row.partials[i]
            value = partial(y, *primals) if callable(partial) else partial
            entry += [position, float(value) if isinstance(value, np.number) else value]
    entries = record.entries
    entries.append(tuple(entry))
    return len(entries) - 1


def _general(operator: str, self: Recorded, other: Any) -> Any:
    """Return the outcome of a binary operator by its row; a float64 counts as a Python float."""
    if other.__class__ is np.float64 and self.primal.__class__ is float:
        return getattr(Recorded, operator)(self, float(other))
    return getattr(TracedScalar, operator)(self, other)


def record_input(record: Record, value: Any) -> Recorded:
    """Return `value` as the next input of a record."""
    record.entries.append(None)
    return recorded(record, len(record.entries) - 1, value)


def _inexact(record: Record, position: int, y: Any) -> Any:
    """Return one of several outputs: traced, unless it has no derivative."""
    return recorded(record, position, y) if _dtype(y).kind in "fc" else y


def _dtype(y: Any) -> np.dtype[Any]:
    """Return the dtype of an array, traced or not, or number."""
    found = getattr(y, "dtype", None)
    return np.result_type(y) if found is None else found


def _is_real(x: Any) -> bool:
    """Return whether `x` has a real dtype."""
    return _dtype(x).kind != "c"


def _repair(x: Any, shape: tuple[int, ...]) -> Any:
    """Return the repair of an operand's share in the cotangent of a float64 output of `shape`."""
    own = shape_of(x)
    return None if own == shape else (own, False)
