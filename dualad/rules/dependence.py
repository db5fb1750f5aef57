"""How dependence passes through rows: on which inputs each element of an output depends.

A passage is ``passage(call)``: it returns, for each element of the output, the set of inputs on
which it depends, given those of the operands' elements. Elementwise rows need none, and where
another has none, every element of the output depends on all elements of its traced operands.
A set may be too large, but never too small, wherever the function takes the same branches.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from operator import getitem
from typing import Any

import numpy as np

from dualad.core.row import Row, Spec
from dualad.core.tracer import shape_of, strip
from dualad.rules.creation import converted
from dualad.rules.directions import trailing
from dualad.rules.indexing import scatter
from dualad.rules.joining import numbers_joined
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
    """

    row: Row
    sets: dict[int, Sets]
    shapes: list[tuple[int, ...]]
    args: Any
    kwargs: dict[str, Any]
    unions: Unions

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the first output."""
        return self.shapes[0]

    def parameter(self, position: int, name: str, default: Any) -> Any:
        """Return a parameter that was given by position or by name, or its default."""
        given = self.args
        return given[position] if len(given) > position else self.kwargs.get(name, default)


def passed(call: Call) -> list[Sets]:
    """Return the sets of all outputs of an application of a row."""
    passage = PASSAGES.get(call.row.function)
    if passage is None and call.row.broadcasts:
        passage = _elementwise
    if passage is None and call.row.function.__name__ == "einsum":
        passage = _einsum
    found = passage(call) if passage is not None and len(call.shapes) == 1 else None
    if found is None:
        return _together(call)
    found = np.asarray(found)
    if found.shape != call.shape:  # a form that the passage does not know
        return _together(call)
    return [found]


def _together(call: Call) -> list[Sets]:
    """Every element of the outputs depends on all operands, in each matrix of a stack."""
    operands = list(call.sets.values())
    batch = operands[0].shape[:-2] if call.row.function in STACKS else ()
    parts = [(sets.shape, batch) for sets in operands] + [(shape, batch) for shape in call.shapes]
    if any(shape[: len(batch)] != batch for shape, _ in parts) or any(
        sets.ndim != len(batch) + 2 for sets in operands
    ):
        batch = ()
    count = prod(batch)
    rows = [np.reshape(sets, (count, -1)) if sets.size else np.zeros((count, 0), int)
            for sets in operands]  # fmt: skip
    flat = np.concatenate(rows, axis=1)
    groups = np.broadcast_to(np.arange(count)[:, None], flat.shape)
    found = np.reshape(call.unions.grouped(flat, groups, count), batch)
    outputs = []
    for shape in call.shapes:
        behind = (1,) * (len(shape) - len(batch))
        outputs.append(np.broadcast_to(np.reshape(found, batch + behind), shape))
    return outputs


def _elementwise(call: Call) -> Sets:
    """Each element depends on those of the operands at its place."""
    return np.broadcast_to(call.unions.elementwise(*call.sets.values()), call.shape)


def _joined(call: Call) -> Sets:
    """What joins values joins sets."""
    arrays = call.args[0]
    sets = [call.sets.get(i, np.zeros(shape_of(x), int)) for i, x in enumerate(arrays)]
    kwargs = {k: v for k, v in call.kwargs.items() if k not in ("dtype", "casting")}
    return call.row.function(sets, *call.args[1:2], **kwargs)


def _moved(call: Call) -> Sets:
    """What moves, repeats or leaves out values does so with sets; zeros are empty sets."""
    return call.row.function(call.sets[0], *call.args[1:], **call.kwargs)


def _same(call: Call) -> Sets:
    """Each element depends on that at its place."""
    return call.sets[0]


def _padded(call: Call) -> Sets:
    """What is added depends on nothing."""
    return np.pad(call.sets[0], call.args[1])


def _scattered(call: Call) -> Sets:
    """Sets go where values are added."""
    index, shape = call.parameter(1, "index", None), call.parameter(2, "shape", None)
    places = np.arange(prod(shape)).reshape(shape)[index]
    return np.reshape(call.unions.grouped(call.sets[0], places, prod(shape)), shape)


def _along(position: int, default: Any, name: str = "axis") -> Callable[[Call], Sets]:
    """Return the passage of a function that mixes what lies along some axes."""

    def passage(call: Call) -> Sets:
        axes = call.parameter(position, name, default)
        sets = call.sets[0]
        axes = trailing(axes, sets.ndim) if sets.ndim else ()
        axes = {axis % sets.ndim for axis in (axes if isinstance(axes, tuple) else (axes,))}
        return mixed_along(call, sets, axes)

    return passage


def mixed_along(call: Call, sets: Sets, axes: set[int]) -> Sets:
    """Return the unions along some axes, spread over the output."""
    kept = [1 if i in axes else side for i, side in enumerate(sets.shape)]
    groups = np.broadcast_to(np.arange(prod(kept)).reshape(kept), sets.shape)
    found = call.unions.grouped(sets, groups, prod(kept)).reshape(kept)
    if len(call.shape) == sets.ndim:
        same = all(call.shape[i] == side for i, side in enumerate(sets.shape) if i not in axes)
        return np.broadcast_to(found, call.shape) if same else None
    return found.reshape([side for i, side in enumerate(sets.shape) if i not in axes])


def _reduced(call: Call, sets: Sets, axis: int) -> Sets:
    """Return the unions along one axis, which stays with length 1."""
    kept = list(sets.shape)
    kept[axis] = 1
    groups = np.broadcast_to(np.arange(prod(kept)).reshape(kept), sets.shape)
    return call.unions.grouped(sets, groups, prod(kept)).reshape(kept)


def _matmul(call: Call) -> Sets:
    """Elements depend on a row and a column; of a constant matrix only the nonzero places count."""
    a, b = (x if isinstance(x, Spec) else strip(x) for x in call.args[:2])
    if len(shape_of(a)) == 0 or len(shape_of(b)) == 0:
        return None
    if 1 in call.sets and 0 not in call.sets and np.ndim(a) <= 2 and len(shape_of(b)) <= 2:
        found = through_matrix(call.unions, np.atleast_2d(a), _column(call.sets[1]))
        return found.reshape(call.shape)
    if 0 in call.sets and 1 not in call.sets and np.ndim(b) <= 2 and len(shape_of(a)) <= 2:
        rows = np.atleast_2d(call.sets[0])
        found = through_matrix(call.unions, _column(np.asarray(b)).T, rows.T).T
        return found.reshape(call.shape)
    shares = []
    if 0 in call.sets:
        rows = _reduced(call, call.sets[0], -1)
        shares.append(rows if len(shape_of(b)) > 1 else rows[..., 0])
    if 1 in call.sets:
        columns = _reduced(call, _column(call.sets[1]), -2)
        columns = columns if len(shape_of(b)) > 1 else columns[..., 0]
        if len(shape_of(a)) == 1:
            columns = columns[..., 0] if len(shape_of(b)) == 1 else columns[..., 0, :]
        shares.append(columns)
    return np.broadcast_to(call.unions.elementwise(*shares), call.shape)


def _dot(call: Call) -> Sets:
    """As a product of matrices, where it is one."""
    a, b = call.args[:2]
    return _matmul(call) if len(shape_of(a)) <= 2 and len(shape_of(b)) <= 2 else None


def _column(x: Any) -> Any:
    """Return a vector as a matrix of one column."""
    return x[:, None] if x.ndim == 1 else x


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


def _outer(call: Call) -> Sets:
    """Elements depend on one element of each operand."""
    shares = []
    if 0 in call.sets:
        shares.append(np.ravel(call.sets[0])[:, None])
    if 1 in call.sets:
        shares.append(np.ravel(call.sets[1])[None, :])
    return np.broadcast_to(call.unions.elementwise(*shares), call.shape)


def _einsum(call: Call) -> Sets:
    """Elements depend on what has their labels."""
    parts = call.args[call.row.arity or 0]
    shares = []
    for i, sets in call.sets.items():
        labels = parts.inputs[i]
        kept = [label for label in parts.output if label in labels]
        sides = dict.fromkeys(parts.output, 1)
        for label, side in zip(labels, sets.shape, strict=True):
            sides[label] = max(side, sides.get(label, 1))
        groups = np.zeros(sets.shape, int)
        for label in kept:
            where = np.zeros(sets.shape, int)
            for axis, own in enumerate(labels):
                if own == label:
                    ones = [1] * sets.ndim
                    ones[axis] = sets.shape[axis]
                    where = np.maximum(where, np.arange(sets.shape[axis]).reshape(ones))
            groups = groups * sides[label] + where
        found = call.unions.grouped(sets, groups, prod(sides[label] for label in kept))
        shape = [sides[label] if label in kept else 1 for label in parts.output]
        shares.append(found.reshape(shape))
    return np.broadcast_to(call.unions.elementwise(*shares), call.shape)


_REDUCTIONS = (
    np.sum, np.mean, np.prod, np.max, np.amax, np.min, np.amin, np.nanmax, np.nanmin, np.nanmean,
    np.var, np.std, np.nanvar, np.nanstd, np.cumsum, np.cumprod,
)  # fmt: skip
_UFUNCS = (
    np.add, np.multiply, np.maximum, np.minimum, np.fmax, np.fmin, np.subtract, np.divide,
    np.logaddexp, np.logaddexp2, np.hypot,
)  # fmt: skip
_MOVING = (
    np.take, np.take_along_axis, np.transpose, np.swapaxes, np.matrix_transpose, np.reshape,
    np.ravel, np.linalg.matrix_transpose, np.squeeze, np.expand_dims, np.broadcast_to, np.flip,
    np.flipud, np.fliplr, np.rot90, np.delete, np.diag, np.diagonal, np.tril, np.triu, np.tile,
    np.repeat, np.roll, np.lib.stride_tricks.sliding_window_view, np.fft.fftshift,
    np.fft.ifftshift,
)  # fmt: skip
_KEEPING = (
    np.real,
    np.imag,
    np.conjugate,
    np.real_if_close,
    np.ldexp,
    np.copy,
    np.unwrap,
    converted,
)
_FOURIER = (np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.irfft)
_FOURIER_ND = (np.fft.fftn, np.fft.ifftn, np.fft.rfftn, np.fft.irfftn)
STACKS = {
    np.linalg.solve, np.linalg.inv, np.linalg.det, np.linalg.cholesky, np.linalg.eigh,
    np.linalg.eigvalsh, np.linalg.eig, np.linalg.eigvals, np.linalg.svd, np.linalg.svdvals,
    np.linalg.slogdet, np.linalg.pinv, np.linalg.qr,
}  # fmt: skip


PASSAGES: dict[Any, Callable[[Call], Sets]] = {
    getitem: _moved,
    scatter: _scattered,
    np.pad: _padded,
    np.matmul: _matmul,
    np.linalg.matmul: _matmul,
    np.dot: _dot,
    np.concatenate: _joined,
    np.stack: _joined,
    numbers_joined: _joined,
    np.outer: _outer,
    np.linalg.outer: _outer,
    np.linalg.norm: _along(2, None),
    **dict.fromkeys(_MOVING, _moved),
    **dict.fromkeys(_KEEPING, _same),
    **dict.fromkeys(_REDUCTIONS, _along(1, None)),
    **{ufunc.reduce: _along(1, 0) for ufunc in _UFUNCS},
    **{ufunc.accumulate: _along(1, 0) for ufunc in _UFUNCS},
    **dict.fromkeys(_FOURIER, _along(2, -1)),
    **dict.fromkeys(_FOURIER_ND, _along(2, None, "axes")),
}
