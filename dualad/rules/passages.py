"""One application of a row as a walk over a record meets it, and what passages are made of."""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from dualad.core.row import Row, Spec
from dualad.core.tracer import shape_of, strip
from dualad.rules.unions import Sets, Unions


@dataclass(slots=True)
class Call:
    """One application of a row in a record.

    Attributes
    ----------
    row : Row
    sets : dict
        For each traced operand, by its place, an array of sets in its shape.
    shapes : list of tuple of int
        Of the outputs.
    args, kwargs
        As recorded: operands may be shapes only.
    unions : Unions
        The graph of the sets.
    y : array, Spec or None
        The output, as recorded.
    is_local : bool
        Whether partial derivatives that are zero here count as none.
    through : callable
        ``through(program, operands)`` returns the sets of what a program makes of `operands`, of
        which the traced ones have sets.
    """

    row: Row
    sets: dict[int, Sets]
    shapes: list[tuple[int, ...]]
    args: Any
    kwargs: dict[str, Any]
    unions: Unions
    y: Any = None
    is_local: bool = False
    through: Any = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the first output."""
        return self.shapes[0]

    def parameter(self, position: int, name: str, default: Any) -> Any:
        """Return a parameter that was given by position or by name, or its default."""
        given = self.args
        return given[position] if len(given) > position else self.kwargs.get(name, default)


def passing(sets: Sets, is_there: Any) -> Sets:
    """Return the sets of elements of which something is there, and empty ones for the rest."""
    if is_there is True or np.all(is_there):
        return sets
    return np.where(is_there, sets, 0)


def mixed_along(call: Call, sets: Sets, axes: set[int]) -> Sets:
    """Return the unions along some axes, spread over the output."""
    kept = [1 if i in axes else side for i, side in enumerate(sets.shape)]
    groups = np.broadcast_to(np.arange(prod(kept)).reshape(kept), sets.shape)
    found = call.unions.grouped(sets, groups, prod(kept)).reshape(kept)
    if len(call.shape) == sets.ndim:
        same = all(call.shape[i] == side for i, side in enumerate(sets.shape) if i not in axes)
        return np.broadcast_to(found, call.shape) if same else None
    return found.reshape([side for i, side in enumerate(sets.shape) if i not in axes])


def reduced(call: Call, sets: Sets, *axes: int) -> Sets:
    """Return the unions along some axes, which stay with length 1."""
    kept = list(sets.shape)
    for axis in axes:
        kept[axis] = 1
    groups = np.broadcast_to(np.arange(prod(kept)).reshape(kept), sets.shape)
    return call.unions.grouped(sets, groups, prod(kept)).reshape(kept)


def through_matrix(unions: Unions, matrix: Any, sets: Sets) -> Sets:
    """Return the sets of ``matrix @ x``, given those of `x`, of shape (n, k).

    `matrix` is a constant array, or any sparse one: its nonzero places count.
    """
    rows, columns = matrix.nonzero()
    m, k = matrix.shape[0], sets.shape[1]
    if len(rows) == m * matrix.shape[1]:  # full: all rows are the same
        groups = np.broadcast_to(np.arange(k), sets.shape)
        return np.broadcast_to(unions.grouped(sets, groups, k), (m, k))
    groups = np.asarray(rows)[:, None] * k + np.arange(k)
    return unions.grouped(sets[columns], groups, m * k).reshape(m, k)


def components(matrix: Any) -> Any:
    """Return for each row of a square matrix the number of its block, if it falls into blocks.

    The inverse falls into the same blocks.
    """
    from scipy.sparse import csgraph  # heavy

    return csgraph.connected_components(matrix, directed=False)[1]


def mixed_within(unions: Unions, blocks: Any, sets: Sets) -> Sets:
    """Return the unions down each column, of shape (n, k), over the rows of the same block."""
    k = sets.shape[1]
    groups = np.asarray(blocks)[:, None] * k + np.arange(k)
    count = (int(np.max(blocks, initial=-1)) + 1) * k
    return unions.grouped(sets, groups, count)[groups]


def factor(call: Call, i: int) -> Any:
    """Return an operand of a product, if its zeros count: if it is constant, or in a local walk."""
    x = call.args[i]
    if (i in call.sets and not call.is_local) or isinstance(x, Spec):
        return None
    return np.asarray(strip(x))


PROGRAMS: dict[Any, Callable[..., Any]] = {}  # of functions: what they do, by other rows


def programmed(call: Call) -> Sets:
    """Dependence passes as through the program of the function."""
    operands = []
    for i, x in enumerate(call.args[: call.row.arity]):
        shape = shape_of(x)
        operands.append(np.ones(shape) if i in call.sets or isinstance(x, Spec) else strip(x))
    program, settings = PROGRAMS[call.row.function], call.args[call.row.arity :]
    (found,) = call.through(lambda *given: program(*given, *settings, **call.kwargs), operands)
    return found
