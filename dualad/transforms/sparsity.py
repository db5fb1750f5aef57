"""Patterns of Jacobians and Hessians: where they may be nonzero, from one recorded evaluation."""

from collections.abc import Callable
from functools import partial
from math import prod
from typing import Any

import numpy as np

from dualad.core.pushing import last_uses, sources
from dualad.core.tracer import primal_value, shape_of
from dualad.rules.dependence import passed
from dualad.rules.passages import Call, passing
from dualad.rules.unions import Unions
from dualad.transforms.arguments import check_function, positions
from dualad.transforms.checkpointing import Checkpoint
from dualad.transforms.gradient import grad
from dualad.transforms.products import Recording, record

POINTS = ("global", "local")


def pattern_of(recording: Recording, is_local: bool = False) -> Any:
    """Return the pattern of the Jacobian of all outputs by all inputs, each raveled.

    If it `is_local`, partial derivatives that are zero where it was recorded count as none.
    """
    shapes = [shape_of(x) for x in recording.inputs]
    unions = Unions(sum(map(prod, shapes)))
    given, first = [], 1
    for shape in shapes:
        given.append(np.arange(first, first + prod(shape)).reshape(shape))
        first += prod(shape)
    with np.errstate(all="ignore"):  # of partials
        found = [np.ravel(sets) for sets in _walked(recording, given, unions, is_local)]
    return unions.resolved(np.concatenate(found) if found else np.zeros(0, int))


def _walked(recording: Recording, given: list[Any], unions: Unions, is_local: bool) -> list[Any]:
    """Return the sets of the outputs of a record, given those of its inputs."""
    walk = _Walk(recording, unions, is_local)
    walk.sets[: len(given)] = given
    walk.go(len(given))
    outputs = zip(recording.positions, recording.outputs, strict=True)
    return [walk.of(position, shape_of(y)) for position, y in outputs]


class _Walk:
    """A walk forward through a record, with a set for each element of each value.

    Attributes
    ----------
    sets : list
        By position; None: it depends on nothing.
    last : list of int
        The last use of each value, if arrays are written into; otherwise empty.
    owned : set of int
        Positions whose sets are an array that nothing else shares, to be written into in place.
    """

    __slots__ = ("entries", "is_local", "last", "owned", "sets", "unions")

    def __init__(self, recording: Recording, unions: Unions, is_local: bool) -> None:
        self.entries, self.unions, self.is_local = recording.entries, unions, is_local
        self.sets: list[Any] = [None] * len(self.entries)
        self.owned: set[int] = set()
        self.last: list[int] = []
        if any(entry is not None and len(entry) == 7 for entry in self.entries):
            outputs = [position for position in recording.positions if position is not None]
            self.last = last_uses(self.entries, outputs)

    def of(self, position: int | None, shape: tuple[int, ...]) -> Any:
        """Return the sets of a value of some shape; None is the position of a constant."""
        sets = None if position is None else self.sets[position]
        return np.broadcast_to(0 if sets is None else sets, shape)

    def go(self, first: int) -> None:
        """Walk over all entries from `first` on."""
        sets = self.sets
        for position in range(first, len(self.entries)):
            entry: Any = self.entries[position]
            if not entry:
                continue
            length = len(entry)
            if length == 3:
                self._part(position, entry)
            elif length == 7:
                self._written(position, entry)
            else:
                if self.owned:
                    self.owned.difference_update(sources(entry))  # others may share them
                if length == 6:
                    self._row(position, entry)
                elif length == 5:
                    sets[position] = self._arithmetic(entry)
                else:
                    sets[position] = self._number(entry)

    def _seen(self, sets: Any, partial: Any) -> Any:
        """Return the sets of an operand that its partial derivative lets through."""
        if sets is None or partial is None or not self.is_local:
            return sets
        return passing(sets, primal_value(partial) != 0)

    def _number(self, entry: Any) -> Any:
        """Return the set of a number that has local partials."""
        a = self._seen(self.sets[entry[0]], entry[1])
        b = self._seen(self.sets[entry[2]], entry[3]) if len(entry) == 4 else None
        if a is None or b is None:
            return b if a is None else a
        return self.unions.pair(a, b)

    def _arithmetic(self, entry: Any) -> Any:
        """Return the sets of an array that has local partials."""
        i, p, j, q, _ = entry
        if j < 0:
            return self._seen(self._seen(self.sets[i], p), q)
        both = self._seen(self.sets[i], p), self._seen(self.sets[j], q)
        parts = [sets for sets in both if sets is not None]
        return self.unions.elementwise(*parts) if parts else None

    def _part(self, position: int, entry: Any) -> None:
        """Note the sets of a part of an array."""
        source, index, _ = entry
        sets = self.sets[source]
        if sets is not None:
            part = sets[index]
            is_view = source in self.owned and isinstance(part, np.ndarray)
            self.sets[position] = part.copy() if is_view else part

    def _written(self, position: int, entry: Any) -> None:
        """Note the sets of an array after a value was written into it."""
        source, value, index, _, _, _, whole = entry
        new = self.sets[source]
        if new is None:
            new = np.zeros(whole, int)
        elif source not in self.owned or self.last[source] != position:
            new = np.array(np.broadcast_to(new, whole))
        part = self.sets[value] if value >= 0 else None
        new[index] = 0 if part is None else part
        self.sets[position] = new
        self.owned.add(position)

    def _row(self, position: int, entry: Any) -> None:
        """Note the sets of the outputs of a row."""
        row, links, shapes, y, args, kwargs = entry
        several = type(shapes) is list
        known: dict[int, Any] = {}
        for i, source, _ in links:
            if self.sets[source] is not None:
                known[i] = np.asarray(self.sets[source])
        if not known:
            return
        shapes = shapes if several else [shapes]
        through = partial(self._through, known)
        owner = getattr(row.function, "__self__", None)
        if isinstance(owner, Checkpoint):
            *operands, this = args
            found = through(owner.flat(this), operands, self.is_local)
        else:
            call = Call(row, known, shapes, args, kwargs, self.unions, y, self.is_local, through)
            found = passed(call)
        for k, part in enumerate(found):
            self.sets[position + k] = part

    def _through(
        self, known: dict[int, Any], program: Any, operands: Any, is_local: bool = False
    ) -> list[Any]:
        """Return the sets of what a program makes of operands, of which some have `known` ones."""
        recording = record(program, tuple(operands), {}, tuple(known))
        return _walked(recording, list(known.values()), self.unions, is_local)


def jacobian_pattern(
    fn: Callable[..., Any],
    *args: Any,
    argnums: int | tuple[int, ...] = 0,
    kind: str = "global",
    **kwargs: Any,
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
    kind : {"global", "local"}
        "global": it holds at every point where `fn` takes the same branches, and so an element
        that happens to be zero here is in it. A choice by index, such as ``x[x > 0]``, the order
        found by `np.sort` or a constant matrix made by a comparison, is a branch. "local": it
        holds here only, and leaves out what goes through partial derivatives that are zero here,
        such as the branch that `np.where` does not choose, or a factor beside a zero.

    Returns
    -------
    csr_array of bool, shape (m, n)
        A row for each element of the outputs, a column for each element of the arguments, both
        raveled one after the other.

    Examples
    --------
    >>> import numpy as np
    >>> jacobian_pattern(lambda x: x[1:] * x[:-1], np.zeros(3)).toarray().astype(int)
    array([[1, 1, 0],
           [0, 1, 1]])
    >>> relu = lambda x: np.where(x > 0, x, 0)
    >>> jacobian_pattern(relu, np.array([-1.0, 2.0]), kind="local").toarray().astype(int)
    array([[0, 0],
           [0, 1]])
    """
    check_function(fn, "sparse.jacobian_pattern")
    if kind not in POINTS:
        raise ValueError(f"kind is {kind!r}; it is one of {POINTS}.")
    return pattern_of(record(fn, args, kwargs, positions(argnums, args)), kind == "local")


def hessian_pattern(
    fn: Callable[..., Any],
    *args: Any,
    argnums: int | tuple[int, ...] = 0,
    kind: str = "global",
    **kwargs: Any,
) -> Any:
    """Pattern of a Hessian: which pairs of elements interact.

    Parameters
    ----------
    fn, *args, argnums, kind, **kwargs
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
    gradient = grad(fn, argnums)
    return symmetric(jacobian_pattern(gradient, *args, argnums=argnums, kind=kind, **kwargs))


def symmetric(pattern: Any) -> Any:
    """Return a square pattern with its transpose added: what either half holds."""
    from scipy import sparse  # heavy

    return sparse.csr_array(pattern + pattern.T)
