"""What the sweeps of a record cost, entry by entry, by a model that was fitted to measurements."""

import math
from typing import Any

import numpy as np

from dualad.core.pushing import last_uses, sources
from dualad.core.tracer import shape_of
from dualad.transforms.products import Recording

# What an entry takes, in microseconds: to push, and for each element; to pull, and for each
# element. The elements are `work` times the directions. Measured with one thread of a server's
# processor and NumPy 2.4, and fitted: ``python -m tests.benchmarks.costs`` prints this table. A
# faster machine has other numbers in about the same ratios, and only these matter.
COSTS = {
    "arithmetic": (2.5, 0.0013, 1.5, 0.00075),
    "elementwise": (6.1, 0.0013, 3.6, 0.0011),
    "general": (29, 0.00083, 24, 0.0012),
    "joining": (6.1, 0.00047, 4.4, 0.00059),
    "linear": (8, 0.00031, 5.9, 0.0012),
    "multilinear": (7.3, 0.00013, 5.7, 0.00011),
    "number": (2.7, 0.00086, 1.2, 0.00097),
    "part": (0.75, 2e-05, 2, 0.0008),
    "write": (2.8, 0.00014, 3.1, 0.0003),
}
NOTHING = (0.0, 0.0, 0.0, 0.0)
SHORT = {2: "number", 3: "part", 4: "number", 5: "arithmetic", 7: "write"}  # by an entry's length


def kind_of(entry: Any) -> str:
    """Return the kind of an entry that is not empty: that of its row, or one of the record's."""
    return SHORT.get(len(entry)) or str(entry[0].kind)


def work(entry: Any, made: int, read: int) -> float:
    """Return on how many elements a sweep works at an entry, for one direction.

    Parameters
    ----------
    entry : tuple
        Of a record.
    made, read : int
        How many elements its value has, and how many its traced operands.
    """
    length = len(entry)
    if length != 6:
        return math.prod(entry[3]) if length == 7 else made
    row = entry[0]
    if row.broadcasts:
        return made
    if row.kind == "multilinear":  # a product of matrices, k by l and l by m, takes k l m steps
        operands = row.operands(entry[4])
        if len(operands) == 2:
            first, second = [math.prod(shape_of(x)) for x in operands]
            return math.sqrt(first * second * made)
    return made + read


class Costs:
    """What it costs to sweep a recording, or a part of it.

    Attributes
    ----------
    entries : list
        Of the record.
    inputs : int
        How many there are.
    sizes : list of int
        Elements of the value at each position; 0 for one that depends on no input.
    last : list of int
        The position of each value's last use toward the outputs; see `last_uses`.
    works : list of float
        The elements that a sweep works on at each entry; 0 at those that it passes over.
    known : bool
        Whether all rules are those of the table, and not a user's own, of any cost.
    totals : ndarray, shape (4, length + 1)
        Sums of coefficients, as in `COSTS`, up to each position.
    """

    __slots__ = ("entries", "inputs", "known", "last", "sizes", "totals", "works")

    def __init__(self, recording: Recording) -> None:
        self.entries, self.inputs = recording.entries, len(recording.inputs)
        outputs = [position for position in recording.positions if position is not None]
        self.last = last_uses(self.entries, outputs)
        self.sizes = [math.prod(shape_of(x)) for x in recording.inputs]
        self.sizes += recording.made()[self.inputs :]
        self.works: list[float] = [0.0] * len(self.entries)
        self.known = True
        self._walk()

    def _walk(self) -> None:
        """Find what depends on the inputs, and add up what that costs."""
        entries, sizes, last, works = self.entries, self.sizes, self.last, self.works
        columns: list[Any] = [NOTHING] * len(entries)
        for position in range(self.inputs, len(entries)):
            entry = entries[position]
            if not entry:
                continue
            made, read = sizes[position], 0
            for i in sources(entry):
                read += sizes[i]
            several = len(entry) == 6 and type(entry[2]) is list
            if several or not read:
                shapes = entry[2] if several else [()]
                parts = [math.prod(shape) if read else 0 for shape in shapes]
                sizes[position : position + len(parts)] = parts if read else [0] * len(parts)
            if read and last[position] >= 0:
                kind = SHORT.get(len(entry)) or entry[0].kind
                elements = works[position] = work(entry, made, read)
                found = COSTS.get(kind)
                if found is None:
                    self.known, found = False, COSTS["general"]
                push, each, pull, each_back = found
                columns[position] = (push, each * elements, pull, each_back * elements)
        table = np.array(columns).reshape(len(entries), 4)
        self.totals = np.concatenate([np.zeros((1, 4)), np.cumsum(table, axis=0)]).T

    def pushed(self, directions: int, start: int = 0) -> float:
        """Return what it takes (us) to push directions through the entries from `start` on."""
        calls, each = self.totals[:2]
        return float(calls[-1] - calls[start] + directions * (each[-1] - each[start]))

    def pulled(self, directions: int, end: int = -1) -> float:
        """Return what it takes (us) to pull directions back through the entries before `end`."""
        calls, each = self.totals[2:]
        return float(calls[end] + directions * each[end])

    def widths(self) -> Any:
        """Return how many elements are live at each place: made before it, and used from it on.

        Returns
        -------
        ndarray of int, shape (length + 1,)
            Place ``p`` lies between the entries ``p - 1`` and ``p``.
        """
        sizes, last = np.array(self.sizes, int), np.array(self.last, int)
        used = np.flatnonzero((last >= 0) & (sizes > 0))
        length = len(self.entries)
        change = np.bincount(used + 1, sizes[used], length + 2)
        change -= np.bincount(last[used] + 1, sizes[used], length + 2)
        return np.cumsum(change)[: length + 1].astype(int)

    def live(self, place: int) -> list[int]:
        """Return the positions of the values that are live at a place."""
        sizes, last = self.sizes, self.last
        return [i for i in range(place) if sizes[i] and last[i] >= place]
