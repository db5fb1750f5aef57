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

    Attributes
    ----------
    record : Record
        Where it is noted.
    position : int
        Where in it.
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
        else:
            if not isinstance(y, (tuple, list)) and _dtype(y).kind not in "fc":
                return y
            links = [(i, k, (shape_of(primals[i]), _is_real(primals[i]))) for i, k in traced]
        position = record.append(row, links, y, args, kwargs)
        if isinstance(y, (tuple, list)):
            return rebuild(y, [_inexact(record, position + k, part) for k, part in enumerate(y)])
        return recorded(record, position, y)


class RecordedArray(Recorded, TracedArray):
    """An array in a record."""

    __slots__ = ()


def recorded(record: Record, position: int, y: Any) -> Recorded:
    """Return the traced value of `y`, noted at `position`."""
    cls = y.__class__
    if cls is np.ndarray:
        self = object.__new__(RecordedArray)
    elif cls is np.float64:
        self, y = object.__new__(Recorded), float(y)
    else:
        array = isinstance(y, (np.ndarray, TracedArray))
        self = object.__new__(RecordedArray if array else Recorded)
    self.record, self.position, self.primal = record, position, y
    return self


def record_input(record: Record, value: Any) -> Recorded:
    """Return `value` as the next input of a record."""
    record.entries.append(None)
    return recorded(record, len(record.entries) - 1, value)


def _inexact(record: Record, position: int, y: Any) -> Any:
    """Return one of several outputs: traced, unless it has no derivative."""
    return recorded(record, position, y) if _dtype(y).kind in "fc" else y


def _dtype(y: Any) -> np.dtype[Any]:
    """Return the dtype of an array, traced or not, or number."""
    return getattr(y, "dtype", FLOAT)


def _is_real(x: Any) -> bool:
    """Return whether `x` has a real dtype."""
    return _dtype(x).kind != "c"


def _repair(x: Any, shape: tuple[int, ...]) -> Any:
    """Return the repair of an operand's share in the cotangent of a float64 output of `shape`."""
    own = x.shape
    return None if own == shape else (own, False)
