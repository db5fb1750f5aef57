"""The record: a straight list of what was computed, to be swept backward (pull) or forward (push).

Every recorded value has a position in the list. The entry there tells how it came about; its
length tells its kind:

nothing (None, or an empty list)
    a further output of the entry before; an input, or a constant;
``(i, p)`` and ``(i, p, j, q)``
    a number, with the positions of its one or two operands and the local partials by them;
``(i, index, shape)``
    the part at a basic `index` of the array at position ``i``, which has that shape;
``(i, p, j, q, shape)``
    an array, with local partials by one or two operands of the same shape: None stands for 1. If
    ``j`` is -1, there is one operand, and `q` a further factor of its partial;
``(row, links, shapes, y, args, kwargs)``
    an application of a row. `links` has a triple for each traced operand: its place among the
    operands, its position, and a repair ``(shape, real)`` of its share, or None: the share is
    summed to `shape`, and made real if `real`. `shapes` is the output's shape, or a list of
    several outputs' shapes. `y` and the operands in `args` are kept only if the rules read them;
    otherwise a `Spec` stands there;
``(i, j, index, shape, real, last, whole)``
    the array of shape `whole` at position ``i`` after a value was written into it at `index`: the
    value of that `shape` at position ``j``, or a constant if ``j`` is -1.

Nothing in an entry leads back to the traced values, so there are no cycles: what a finished
gradient leaves behind is freed by reference counting.
"""

from math import prod
from typing import Any

import numpy as np

from dualad.core.level import Trace, new_level
from dualad.core.product import sharpened
from dualad.core.row import Row, Spec
from dualad.core.tracer import shape_of

Entry = tuple[Any, ...] | list[Any] | None
Shape = tuple[int, ...]

COPIED_WHOLE = 32_768  # bytes; see `Record.keep`


class Record(Trace):
    """The trace of reverse mode.

    Attributes
    ----------
    entries : list
        One a recorded value, in the order of computation.
    constants : dict
        Copies of the large plain arrays that entries keep, by the identity of the original.
    """

    __slots__ = ("constants", "entries")

    def __init__(self) -> None:
        self.level = new_level()
        self.entries: list[Entry] = []
        self.constants: dict[int, tuple[Any, Any]] = {}

    def close(self) -> None:
        """End the trace; whoever sweeps the entries has taken them before."""
        del self.level, self.entries, self.constants

    def note(self, entry: Entry) -> int:
        """Note an entry, and return its position."""
        entries = self.entries
        entries.append(entry)
        position = len(entries) - 1
        while entries[position] is not entry:  # another thread was quicker
            position -= 1
        return position

    def append(self, row: Row, links: Any, mask: int, y: Any, args: Any, kwargs: Any) -> int:
        """Note an application of a row, and return the position of its (first) output.

        Bit ``i`` of `mask` tells whether operand ``i`` is traced.
        """
        keep_y, kept = row.plans.get(mask) or row.plan(mask)
        lean: Any = [] if row.arity is not None else [[_spec(x) for x in args[0]]]
        for i, x in enumerate(args[: len(kept)]):
            if kept[i]:
                x = x if mask >> i & 1 else self.keep(x)
                lean.append(sharpened(x, y) if row.broadcasts else x)
            else:  # the partials of an elementwise row ask for no shapes
                lean.append(None if row.broadcasts else _spec(x))
        if len(args) > len(lean) or kwargs:
            lean += [self.keep(value) for value in args[len(lean) :]]
            kwargs = {name: self.keep(value) for name, value in kwargs.items()}
        several = type(y) is not np.ndarray and isinstance(y, (tuple, list))
        shapes = [shape_of(part) for part in y] if several else shape_of(y)
        if not keep_y:
            y = None if row.broadcasts else [_spec(part) for part in y] if several else _spec(y)
        entry = (row, links, shapes, y, lean, kwargs)
        if not several:
            return self.note(entry)
        self.entries += [entry, *[None] * (len(shapes) - 1)]  # at once, for other threads
        position = len(self.entries) - len(shapes)
        while self.entries[position] is not entry:
            position -= 1
        return position

    def append_linear(
        self, row: Row, source: int, y: Any, x: Any, parameters: Any, kwargs: Any
    ) -> int:
        """Note an application of a linear row, whose rule reads the shapes of `x` and `y` only."""
        if parameters or kwargs:
            parameters = [self.keep(value) for value in parameters]
            kwargs = {name: self.keep(value) for name, value in kwargs.items()}
        args = (_spec(x), *parameters)
        return self.note((row, ((0, source, None),), y.shape, _spec(y), args, kwargs))

    def keep(self, value: Any) -> Any:
        """Return a plain array so that the function under way cannot change it any more.

        Code that reuses a work array between two operations would otherwise change what the
        first has kept. Large arrays are copied once, and again only after they have changed.
        """
        if type(value) is tuple:
            return tuple([self.keep(item) for item in value])
        if type(value) is list:
            return [self.keep(item) for item in value]
        if type(value) is not np.ndarray or not value.flags.writeable:
            return value
        if value.nbytes <= COPIED_WHOLE:
            return value.copy()
        known = self.constants.get(id(value))
        if known is None or not np.array_equal(known[1], value):
            known = self.constants[id(value)] = (value, value.copy())
        return known[1]


def elements(entry: Entry) -> int:
    """Return how many elements the value has that an entry made; 0 for inputs and constants."""
    if not entry:
        return 0
    if len(entry) in (2, 4):
        return 1
    if len(entry) == 3:
        _, index, whole = entry
        return 1 if type(index) is int and len(whole) == 1 else _part(index, whole)
    shapes = entry[2] if len(entry) == 6 else entry[-1]
    return sum(map(prod, shapes)) if type(shapes) is list else prod(shapes)


def _part(index: Any, whole: Shape) -> int:
    """Return the size of a part of an array."""
    return int(np.size(np.broadcast_to(np.float64(0), whole)[index]))


def dtype_of(x: Any) -> Any:
    """Return the dtype of an array, traced or not, or number."""
    found = getattr(x, "dtype", None)
    return np.result_type(x) if found is None else found


def _spec(x: Any) -> Spec:
    """Return what stands for `x` once its elements are not needed."""
    if type(x) is np.ndarray or type(x) is np.float64:
        return Spec(x.shape, x.dtype)
    return Spec(shape_of(x), dtype_of(x))
