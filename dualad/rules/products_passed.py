"""How dependence passes through products of arrays; see `dualad.rules.dependence`.

The zeros of a constant operand count as none, where a product is one with a matrix or a sequence.
"""

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from dualad.core.tracer import shape_of
from dualad.rules.contraction import Contraction, parsed
from dualad.rules.passages import Call, factor, reduced, through_matrix
from dualad.rules.tensors import of_vectors, tensordot
from dualad.rules.unions import Sets

Passage = Callable[[Call], Sets]
MOST = 10_000_000  # products of two sequences up to which each is looked at


def _united(call: Call, shares: list[Sets]) -> Sets:
    """Return the unions of the operands' shares, which broadcast to the output."""
    return np.broadcast_to(call.unions.elementwise(*shares), call.shape)


def _column(x: Any) -> Any:
    """Return a vector as a matrix of one column."""
    return x[:, None] if x.ndim == 1 else x


def _matmul(call: Call) -> Sets:
    """Elements depend on a row and a column."""
    left, right = map(shape_of, call.args[:2])
    if not left or not right:
        return None
    is_flat = len(left) <= 2 and len(right) <= 2
    shares = []
    if 0 in call.sets:
        b = factor(call, 1)
        if b is not None and is_flat:
            rows = np.atleast_2d(call.sets[0]).T
            shares.append(through_matrix(call.unions, _column(b).T, rows).T.reshape(call.shape))
        else:
            rows = reduced(call, call.sets[0], -1)
            shares.append(rows if len(right) > 1 else rows[..., 0])
    if 1 in call.sets:
        a = factor(call, 0)
        columns = _column(call.sets[1])
        if a is not None and is_flat:
            found = through_matrix(call.unions, np.atleast_2d(a), columns)
            shares.append(found.reshape(call.shape))
        else:
            columns = reduced(call, columns, -2)
            columns = columns if len(right) > 1 else columns[..., 0]
            if len(left) == 1:
                columns = columns[..., 0] if len(right) == 1 else columns[..., 0, :]
            shares.append(columns)
    return _united(call, shares)


def _dot(call: Call) -> Sets:
    """As a product of matrices, where it is one."""
    left, right = map(shape_of, call.args[:2])
    if not left or not right:
        return _united(call, list(call.sets.values()))
    if len(left) <= 2 and len(right) <= 2:
        return _matmul(call)
    return labeled(call, tensordot(left, right, (-1, -2 if len(right) > 1 else -1)))


def _beside_ones(call: Call) -> Sets:
    """Elements of an outer product depend on one element of each operand."""
    shares = []
    for i, sets in call.sets.items():
        other = factor(call, 1 - i)
        ones = np.ones(shape_of(call.args[1 - i]), int) if other is None else (other != 0) * 1
        shares.append(call.row.function(*((sets, ones) if i == 0 else (ones, sets))))
    return _united(call, shares)


def labeled(call: Call, parts: Contraction) -> Sets:
    """Elements depend on what has their labels."""
    shares = []
    for i, sets in call.sets.items():
        sides = dict.fromkeys(parts.output, 1)
        places: dict[Any, Any] = {}
        there = np.True_  # but beside the diagonal of axes with one label
        for axis, label in enumerate(parts.inputs[i]):
            side = sets.shape[axis]
            own = np.arange(side).reshape((side, *[1] * (sets.ndim - axis - 1)))
            first = places.setdefault(label, own)
            there = there & ((own == first) | (side == 1) | (first.size == 1))
            if side > first.size:
                places[label] = own
        groups = np.zeros(sets.shape, int)
        for label in parts.output:
            if label in places:
                sides[label] = places[label].size
                groups = groups * sides[label] + places[label]
        shape = [sides[label] for label in parts.output]
        found = call.unions.grouped(np.where(there, sets, 0), groups, prod(shape))
        shares.append(found.reshape(shape))
    return _united(call, shares)


def einsum(call: Call) -> Sets:
    """Elements depend on what has their labels."""
    return labeled(call, call.args[call.row.arity or 0])


def _meaning(meaning: Callable[..., Contraction]) -> Passage:
    """Return the passage of a product that has a meaning in labels, told by shapes."""

    def passage(call: Call) -> Sets:
        shapes = map(shape_of, call.args[:2])
        return labeled(call, meaning(*shapes, *call.args[2:], **call.kwargs))

    return passage


def _vecdot(a: Any, b: Any, axis: int = -1, **options: Any) -> Contraction:
    """Return the meaning of ``vecdot``."""
    output = tuple(range(1 - max(len(a), len(b)), 0))
    return parsed((of_vectors(a, axis, "n"), of_vectors(b, axis, "n"), output), (a, b))


def _by_subscripts(subscripts: str) -> Passage:
    """Return the passage of a product that is an `einsum`."""
    return _meaning(lambda a, b, **options: parsed(subscripts, (a, b)))


def _cross(
    a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> tuple[int, int, int]:
    """Return the axes of the vectors of the operands, and of the output."""
    return (axisa, axisb, axisc) if axis is None else (axis, axis, axis)


def _crossed(call: Call) -> Sets:
    """A component depends on the two others, one of each operand: as far as they are there."""
    *axes, last = _cross(*call.args, **call.kwargs)
    sides = [shape_of(call.args[k])[axes[k]] for k in (0, 1)]
    shares = []
    for i, sets in call.sets.items():
        vectors = np.moveaxis(sets, axes[i], 0)
        x, y, z = vectors if len(vectors) == 3 else (*vectors, np.zeros_like(vectors[0]))
        third = call.unions.elementwise(x, y)
        if sides == [2, 2]:
            shares.append(third)
            continue
        first, second = (
            (z, z)
            if sides[1 - i] == 2
            else (call.unions.elementwise(y, z), call.unions.elementwise(z, x))
        )
        missing = (1,) * (len(call.shape) - 1 - third.ndim)
        found = [part.reshape(missing + part.shape) for part in (first, second, third)]
        shares.append(np.stack(found, axis=last))
    return _united(call, shares)


def _sliding(is_flipped: bool) -> Passage:
    """Return the passage of `convolve`, or of `correlate`, whose second operand is flipped."""

    def passage(call: Call) -> Sets:
        n, m = (prod(shape_of(x)) for x in call.args[:2])
        if n * m > MOST:
            return None
        function, settings = call.row.function, (call.args[2:], call.kwargs)
        first = np.zeros(m, int)
        first[-1 if is_flipped else 0] = 1
        start = function(np.arange(n), first, *settings[0], **settings[1])[0]
        i, j = np.indices((n, m)).reshape(2, -1)
        places = i + (m - 1 - j if is_flipped else j) - start
        shares = []
        for k, sets in call.sets.items():
            other, (own, beside) = factor(call, 1 - k), ((i, j), (j, i))[k]
            there = (places >= 0) & (places < call.shape[0])
            if other is not None:
                there &= np.ravel(other)[beside] != 0
            chosen = np.ravel(sets)[own[there]]
            shares.append(call.unions.grouped(chosen, places[there], call.shape[0]))
        return _united(call, shares)

    return passage


PRODUCTS: dict[Any, Passage] = {
    np.matmul: _matmul,
    np.linalg.matmul: _matmul,
    np.dot: _dot,
    **dict.fromkeys((np.outer, np.linalg.outer, np.kron), _beside_ones),
    **dict.fromkeys((np.tensordot, np.linalg.tensordot), _meaning(tensordot)),
    **dict.fromkeys((np.cross, np.linalg.cross), _crossed),
    np.convolve: _sliding(False),
    np.correlate: _sliding(True),
    np.linalg.vecdot: _meaning(_vecdot),
    **{
        getattr(np, name): passage
        for name, passage in (
            ("vecdot", _meaning(_vecdot)),
            ("matvec", _by_subscripts("...mn,...n->...m")),
            ("vecmat", _by_subscripts("...n,...nm->...m")),
        )
        if hasattr(np, name)
    },
}
