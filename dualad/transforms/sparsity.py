"""Patterns of Jacobians and Hessians: where they may be nonzero, from one recorded evaluation."""

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from dualad.core.record import Entry
from dualad.core.tracer import shape_of
from dualad.rules.dependence import Call, passed
from dualad.rules.unions import Unions
from dualad.transforms.arguments import check_function, positions
from dualad.transforms.gradient import grad
from dualad.transforms.products import Recording, record


def pattern_of(recording: Recording) -> Any:
    """Return the pattern of the Jacobian of all outputs by all inputs, each raveled."""
    shapes = [shape_of(x) for x in recording.inputs]
    unions = Unions(sum(map(prod, shapes)))
    walk = _Walk(recording.entries, unions)
    first = 1
    for i, shape in enumerate(shapes):
        walk.sets[i] = np.arange(first, first + prod(shape)).reshape(shape)
        first += prod(shape)
    walk.go(len(shapes))
    found = [
        np.zeros(prod(shape_of(y)), int) if position is None else walk.of(position, shape_of(y))
        for position, y in zip(recording.positions, recording.outputs, strict=True)
    ]
    return unions.resolved(np.concatenate(found) if found else np.zeros(0, int))


class _Walk:
    """A walk forward through a record, with a set for each element of each value."""

    __slots__ = ("entries", "sets", "unions")

    def __init__(self, entries: list[Entry], unions: Unions) -> None:
        self.entries, self.unions = entries, unions
        self.sets: list[Any] = [None] * len(entries)  # None: depends on nothing

    def of(self, position: int, shape: tuple[int, ...]) -> Any:
        """Return the sets of a value of some shape, raveled."""
        sets = self.sets[position]
        return np.ravel(np.broadcast_to(0 if sets is None else sets, shape))

    def go(self, first: int) -> None:
        """Walk over all entries from `first` on."""
        sets, unions = self.sets, self.unions
        for position in range(first, len(self.entries)):
            entry: Any = self.entries[position]
            if not entry:
                continue
            length = len(entry)
            if length == 2:
                sets[position] = sets[entry[0]]
            elif length == 4:
                a, b = sets[entry[0]], sets[entry[2]]
                whole = a is None or b is None
                sets[position] = (b if a is None else a) if whole else unions.pair(a, b)
            elif length == 3:
                sets[position] = None if sets[entry[0]] is None else sets[entry[0]][entry[1]]
            elif length == 5:
                parts = [sets[i] for i in entry[0:4:2] if i >= 0 and sets[i] is not None]
                sets[position] = unions.elementwise(*parts) if parts else None
            elif length == 7:
                self._written(position, entry)
            else:
                self._row(position, entry)

    def _written(self, position: int, entry: Any) -> None:
        """Note the sets of an array after a value was written into it."""
        source, value, index, _, _, _, whole = entry
        old = self.sets[source]
        new = np.zeros(whole, int) if old is None else np.array(np.broadcast_to(old, whole))
        part = self.sets[value] if value >= 0 else None
        new[index] = 0 if part is None else part
        self.sets[position] = new

    def _row(self, position: int, entry: Any) -> None:
        """Note the sets of the outputs of a row."""
        row, links, shapes, _, args, kwargs = entry
        several = type(shapes) is list
        known: dict[int, Any] = {}
        for i, source, _ in links:
            if self.sets[source] is not None:
                known[i] = np.asarray(self.sets[source])
        if not known:
            return
        call = Call(row, known, shapes if several else [shapes], args, kwargs, self.unions)
        for k, found in enumerate(passed(call)):
            self.sets[position + k] = found


def jacobian_pattern(
    fn: Callable[..., Any], *args: Any, argnums: int | tuple[int, ...] = 0, **kwargs: Any
) -> Any:
    """Pattern of a Jacobian: where it may be nonzero.

    Parameters
    ----------
    fn : callable
        Evaluated once.
    *args, **kwargs
        Its arguments.
    argnums : int or tuple of int
        Positions of the arguments to differentiate.

    Returns
    -------
    csr_array of bool, shape (m, n)
        A row for each element of the outputs, a column for each element of the arguments, both
        raveled one after the other. It holds at every point where `fn` takes the same branches: an
        element that happens to be zero here is in it. A choice by index, such as ``x[x > 0]``,
        the order found by `np.sort` or a constant matrix made by a comparison, is a branch.

    Examples
    --------
    >>> import numpy as np
    >>> jacobian_pattern(lambda x: x[1:] * x[:-1], np.zeros(3)).toarray().astype(int)
    array([[1, 1, 0],
           [0, 1, 1]])
    """
    check_function(fn, "sparse.jacobian_pattern")
    return pattern_of(record(fn, args, kwargs, positions(argnums, args)))


def hessian_pattern(
    fn: Callable[..., Any], *args: Any, argnums: int | tuple[int, ...] = 0, **kwargs: Any
) -> Any:
    """Pattern of a Hessian: which pairs of elements interact.

    Parameters
    ----------
    fn, *args, argnums, **kwargs
        As for `jacobian_pattern`.

    Returns
    -------
    csr_array of bool, shape (n, n)
        Symmetric.

    Examples
    --------
    >>> import numpy as np
    >>> hessian_pattern(lambda x: x[0] * x[1] + x[2], np.zeros(3)).toarray().astype(int)
    array([[0, 1, 0],
           [1, 0, 0],
           [0, 0, 0]])
    """
    check_function(fn, "sparse.hessian_pattern")
    return symmetric(jacobian_pattern(grad(fn, argnums), *args, argnums=argnums, **kwargs))


def symmetric(pattern: Any) -> Any:
    """Return a square pattern with its transpose added: what either half holds."""
    from scipy import sparse  # heavy

    return sparse.csr_array(pattern + pattern.T)
