"""Reverse mode: values that write each application into a record."""

from operator import getitem
from typing import Any

import numpy as np

from dualad.core.arithmetic import ArrayArithmetic, ArrayView
from dualad.core.array import TracedArray
from dualad.core.blank import unfollowed
from dualad.core.dispatch import constant
from dualad.core.dual import rebuild
from dualad.core.inplace import View, is_view, last_writes, put
from dualad.core.number import TracedNumber
from dualad.core.product import sharpened
from dualad.core.record import Record, dtype_of
from dualad.core.row import TABLE, Row
from dualad.core.tracer import Tracer, is_plain_array, shape_of

FLOAT = np.dtype(float)
_BASIC = (int, slice, type(None), type(...))


class Recorded(TracedNumber):
    """A number in a record.

    Attributes
    ----------
    origin : Record
        Where it is noted.
    position : int
        Where in it. Adding a constant changes neither tangent nor cotangent: the sum shares the
        position.
    """

    __slots__ = ()

    origin: Record
    position: int

    def constant(self, value: Any) -> Any:
        """Return `value` in the record of this one, as a constant."""
        return recorded(self.origin, self.origin.note([]), value)

    def bind(self, row: Row, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return a function's output, after noting its application."""
        if row.arity == 1:
            return self._bind_alone(row, args[1:], kwargs)
        record, rules, arity = self.origin, row.rules, row.arity
        primals: list[Any] = []
        traced, mask = [], 0
        for i, operand in enumerate(args[0] if arity is None else args[:arity]):
            if type(operand) is np.ndarray:
                primals.append(operand)
            elif isinstance(operand, Recorded) and operand.origin is record:
                primal = operand.primal
                primals.append(np.float64(primal) if type(primal) is float else primal)
                if not rules or rules[i] is not None:
                    traced.append((i, operand.position))
                    mask |= 1 << i
            elif row.broadcasts or type(row.function) is np.ufunc or hasattr(operand, "shape"):
                primals.append(unfollowed(operand))
            else:
                primals.append(np.asarray(operand))
        args = (*primals, *args[arity:]) if arity is not None else (primals, *args[1:])
        y = row.function(*args, **kwargs)
        if not traced:
            return y
        if type(y) is not np.ndarray or y.dtype is not FLOAT:
            return self._outputs(row, traced, mask, y, args, kwargs)
        fits, shape, links = row.fits, y.shape, []
        for i, k in traced:
            own = primals[i].shape
            links.append((i, k, None if fits or own == shape else (own, False)))
        return _array(record, record.append(row, links, mask, y, args, kwargs), y)

    def _bind_alone(self, row: Row, parameters: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return the output of a function of one operand, after noting its application."""
        record, primal = self.origin, self.primal
        primal = np.float64(primal) if type(primal) is float else primal
        function = (type(primal) is np.ndarray and row.method) or row.function
        y = function(primal, *parameters, **kwargs)
        cls = type(y)
        if row.fits and (cls is np.float64 or (cls is np.ndarray and y.dtype is FLOAT)):
            source = self.position
            position = record.append_linear(row, source, y, primal, parameters, kwargs)
            if cls is np.float64:
                return _number(record, position, y)
            if type(primal) is np.ndarray and is_view(y, primal):
                return _view_of(self, position, y, View(self, row, parameters, kwargs))
            return _array(record, position, y)
        args = (primal, *parameters)
        if row.broadcasts and cls is np.ndarray and y.dtype is FLOAT:
            links = ((0, self.position, None),)
            return _array(record, record.append(row, links, 1, y, args, kwargs), y)
        out: Any = self._outputs(row, ((0, self.position),), 1, y, args, kwargs)
        if row.fits and isinstance(self, RecordedArray) and is_view(y, primal):
            return _view_of(self, out.position, y, View(self, row, parameters, kwargs))
        return out

    def _outputs(
        self, row: Row, traced: Any, mask: int, y: Any, args: Any, kwargs: dict[str, Any]
    ) -> Any:
        """Return what a function returned that is no array of float64, after noting it."""
        record = self.origin
        several = isinstance(y, (tuple, list))
        if not several and dtype_of(y).kind not in "fc":
            return constant(y, row)
        operands = row.operands(args)
        if (row.partials and len(traced) < 3 and not isinstance(y, (np.ndarray, TracedArray))
                and dtype_of(y) is FLOAT):  # fmt: skip
            sharp = [sharpened(x, y) for x in operands]
            return _number(record, _note_partials(record, row, traced, y, sharp), y)
        links = [(i, k, (shape_of(operands[i]), _is_real(operands[i]))) for i, k in traced]
        position = record.append(row, links, mask, y, args, kwargs)
        if several:
            return rebuild(y, [_inexact(record, position + k, part) for k, part in enumerate(y)])
        return recorded(record, position, y)

    def shifted(self, primal: Any) -> "Recorded":
        """Return the number `primal`, which differs from this one by a constant."""
        trace = self.origin
        trace.level  # noqa: B018  # raises if the trace is closed
        number: Recorded = _new(Recorded)
        number.origin = trace
        number.position = self.position
        number.primal = primal
        return number

    def chained(self, primal: Any, p: Any) -> "Recorded":
        """Return the number `primal`, whose partial by this one is `p`."""
        trace = self.origin
        entries = trace.entries
        entry = (self.position, p)
        entries.append(entry)
        position = len(entries) - 1
        while entries[position] is not entry:  # another thread was quicker
            position -= 1
        number: Recorded = _new(Recorded)
        number.origin = trace
        number.position = position
        number.primal = primal
        return number

    def joined(self, primal: Any, p: Any, other: "Recorded", q: Any) -> "Recorded":
        """Return the number `primal`, whose partials are `p` by this one and `q` by `other`."""
        trace = self.origin
        entries = trace.entries
        entry = (self.position, p, other.position, q)
        entries.append(entry)
        position = len(entries) - 1
        while entries[position] is not entry:
            position -= 1
        number: Recorded = _new(Recorded)
        number.origin = trace
        number.position = position
        number.primal = primal
        return number


class RecordedArray(ArrayArithmetic, Recorded):
    """An array in a record."""

    __slots__ = ()

    @property
    def view_class(self) -> Any:
        """The class of the views of such arrays."""
        return RecordedView

    def __getitem__(self, index: Any) -> Any:
        """Return a part; for a basic index, note its place only: loops do little else."""
        primal = self.primal
        if type(primal) is np.ndarray:
            cls = type(index)
            if cls is int or cls is slice or (cls is tuple and _is_basic(index)):
                record = self.origin
                y = primal[index]
                position = record.note((self.position, index, primal.shape))
                if type(y) is not np.ndarray:
                    return recorded(record, position, y)
                link = View(self, TABLE[getitem], (index,), {})
                return _view_of(self, position, y, link)
        return super().__getitem__(index)

    def shifted(self, primal: Any) -> Any:
        """Return the array `primal`, which differs from this one by a constant."""
        self.origin.level  # noqa: B018  # raises if the trace is closed
        return recorded(self.origin, self.position, primal)

    def chained(self, primal: Any, p: Any) -> Any:
        """Return the array `primal`, whose partial by this one is `p`."""
        record = self.origin
        position = record.note((self.position, p, -1, None, primal.shape))
        return (_array if type(primal) is np.ndarray else recorded)(record, position, primal)

    def joined(self, primal: Any, p: Any, other: Any, q: Any) -> Any:
        """Return the array `primal`, whose partials are `p` by this one and `q` by `other`."""
        record = self.origin
        position = record.note((self.position, p, other.position, q, primal.shape))
        return (_array if type(primal) is np.ndarray else recorded)(record, position, primal)

    def kept(self, other: Any) -> Any:
        """Return a plain array so that the function under way cannot change it any more."""
        return self.origin.keep(other)

    def squared(self) -> Any:
        """Return the square."""
        primal = self.primal
        record = self.origin
        position = record.note((self.position, primal, -1, 2.0, primal.shape))
        y = np.square(primal)
        return (_array if type(y) is np.ndarray else recorded)(record, position, y)

    def write(self, index: tuple[Any, ...], value: Any) -> None:
        """Write a value of this or a lower level at `index`."""
        record = self.origin
        own = isinstance(value, Recorded) and value.origin is record
        primal, position = (value.primal, value.position) if own else (value, -1)
        put(self, "primal", index, primal)
        index = tuple([part.copy() if is_plain_array(part) else part for part in index])
        stays = last_writes(index, self.shape) if own else None
        real = own and self.dtype.kind == "c" and value.dtype.kind != "c"
        shape = shape_of(primal)
        entry = (self.position, position, index, shape, real, stays, self.shape)
        self.position = record.note(entry)
        self.version += 1


class RecordedView(ArrayView, RecordedArray):
    """An array in a record that was taken of another as a view."""

    __slots__ = ()

    @property
    def position(self) -> Any:  # type: ignore[override]
        """The place in the record."""
        if self.link.version != self.link.root.version:
            self.take_anew()
        return self.noted


def recorded(record: Record, position: int, y: Any) -> Recorded:
    """Return the traced value of `y`, noted at `position`."""
    if type(y) is np.float64:
        return _number(record, position, float(y))
    if _is_array(y):
        return _array(record, position, y)
    return _number(record, position, y)


_new: Any = object.__new__


def _is_array(y: Any) -> bool:
    """Return whether a value is an array, traced or not."""
    return type(y) is np.ndarray or isinstance(y, (np.ndarray, TracedArray))


def _array(record: Record, position: int, primal: Any) -> RecordedArray:
    """Return an array that is noted at `position`."""
    self: RecordedArray = _new(RecordedArray)
    self.origin, self.position, self.primal, self.version = record, position, primal, 0
    return self


def _view_of(array: Recorded, position: int, primal: Any, link: View) -> RecordedView:
    """Return a view of an array, noted at `position`."""
    self: RecordedView = _new(RecordedView)
    self.origin, self.noted, self.held, self.link = array.origin, position, primal, link
    return self


def _number(record: Record, position: int, primal: Any) -> Recorded:
    """Return a number that is noted at `position`."""
    self: Recorded = _new(Recorded)
    self.origin = record
    self.position = position
    self.primal = float(primal) if type(primal) is np.float64 else primal
    return self


def _is_basic(index: tuple[Any, ...]) -> bool:
    """Return whether an index is made of integers, slices, None and ... only."""
    return all(type(part) in _BASIC for part in index)


def _is_plain_number(x: Any) -> bool:
    """Return whether `x` is a number of NumPy's own."""
    return isinstance(x, np.number) and not isinstance(x, Tracer)


def _note_partials(record: Record, row: Row, traced: Any, y: Any, primals: Any) -> int:
    """Note the partials of a number by its operands, and return its position."""
    entry: list[Any] = []
    with np.errstate(all="ignore"):
        for i, position in traced:
            partial = row.partials[i]
            value = partial(y, *primals) if callable(partial) else partial
            entry += [position, float(value) if _is_plain_number(value) else value]
    return record.note(tuple(entry))


def record_input(record: Record, value: Any) -> Recorded:
    """Return `value` as the next input of a record."""
    return recorded(record, record.note([]), value)


def _inexact(record: Record, position: int, y: Any) -> Any:
    """Return one of several outputs: traced, unless it has no derivative."""
    return recorded(record, position, y) if dtype_of(y).kind in "fc" else y


def _is_real(x: Any) -> bool:
    """Return whether `x` has a real dtype."""
    return bool(dtype_of(x).kind != "c")
