"""Reverse mode: values that write each application into a record."""

from typing import Any

import numpy as np

from dualad.core.array import TracedArray
from dualad.core.dual import rebuild
from dualad.core.number import TracedNumber
from dualad.core.record import Record
from dualad.core.row import Row
from dualad.core.tracer import shape_of

FLOAT = np.dtype(float)


class Recorded(TracedNumber):
    """A number in a record.

    Attributes
    ----------
    trace : Record
        Where it is noted.
    position : int
        Where in it. Adding a constant changes neither tangent nor cotangent: the sum shares the
        position.
    """

    __slots__ = ("position",)

    trace: Record
    position: int

    def bind(self, row: Row, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return a function's output, after noting its application."""
        record = self.trace
        primals = list(row.operands(args))
        traced = []
        for i, operand in enumerate(primals):
            if isinstance(operand, Recorded) and operand.trace is record:
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

    def shifted(self, primal: Any) -> "Recorded":
        """Return the number `primal`, which differs from this one by a constant."""
        trace = self.trace
        trace.level  # noqa: B018  # raises if the trace is closed
        number: Recorded = _new(Recorded)
        number.trace = trace
        number.position = self.position
        number.primal = primal
        return number

    def chained(self, primal: Any, p: Any) -> "Recorded":
        """Return the number `primal`, whose partial by this one is `p`."""
        trace = self.trace
        entries = trace.entries
        number: Recorded = _new(Recorded)
        number.trace = trace
        number.position = len(entries)
        number.primal = primal
        entries.append((self.position, p))
        return number

    def joined(self, primal: Any, p: Any, other: "Recorded", q: Any) -> "Recorded":
        """Return the number `primal`, whose partials are `p` by this one and `q` by `other`."""
        trace = self.trace
        entries = trace.entries
        number: Recorded = _new(Recorded)
        number.trace = trace
        number.position = len(entries)
        number.primal = primal
        entries.append((self.position, p, other.position, q))
        return number


class RecordedArray(TracedArray, Recorded):
    """An array in a record."""

    __slots__ = ()

    def __getitem__(self, index: Any) -> Any:
        """Return a part; for one element, note its place only: loops over elements do little else."""
        primal = self.primal
        if index.__class__ is int and primal.__class__ is np.ndarray:
            y = primal[index]
            if y.__class__ is np.float64:
                entries = self.trace.entries
                entries.append((self.position, index, primal.shape))
                return _number(self.trace, len(entries) - 1, float(y))
        return super().__getitem__(index)


def recorded(record: Record, position: int, y: Any) -> Recorded:
    """Return the traced value of `y`, noted at `position`."""
    cls = y.__class__
    if cls is np.float64:
        return _number(record, position, float(y))
    array = cls is np.ndarray or isinstance(y, (np.ndarray, TracedArray))
    self = _new(RecordedArray if array else Recorded)
    self.trace, self.position, self.primal = record, position, y
    return self


_new: Any = object.__new__


def _number(record: Record, position: int, primal: Any) -> Recorded:
    """Return a number that is noted at `position`."""
    self: Recorded = _new(Recorded)
    self.trace = record
    self.position = position
    self.primal = float(primal) if primal.__class__ is np.float64 else primal
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
