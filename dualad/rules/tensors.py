"""Products of tensors, and of vectors as tensors: their rules go by the labels of axes."""

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from dualad.rules.contraction import Shape, by_labels, parsed
from dualad.rules.kinds import multilinear


def tensordot(a: Shape, b: Shape, axes: Any = 2) -> Any:
    """Return the meaning of ``tensordot(a, b, axes)``, for operands of shapes `a` and `b`."""
    labels = range(len(a) + len(b))
    left, right = list(labels[: len(a)]), list(labels[len(a) :])
    try:
        ours, theirs = axes
    except TypeError:  # the number of axes
        ours, theirs = range(-axes, 0), range(axes)
    for i, j in zip(np.atleast_1d(ours), np.atleast_1d(theirs), strict=True):
        right[int(j)] = left[int(i)]
    output = [k for k in labels if (k in left) != (k in right)]
    return parsed((tuple(left), tuple(right), tuple(output)), (a, b))


@lru_cache(maxsize=256)
def _outer(a: Shape, b: Shape, out: Any = None) -> Any:
    """Return the meaning of ``outer(a, b)``: the axes of each operand are one of the output."""
    return replace(tensordot(a, b, 0), ndim=2)


@lru_cache(maxsize=256)
def _kron(a: Shape, b: Shape) -> Any:
    """Return the meaning of ``kron(a, b)``: an axis of `a` and one of `b` are one of the output."""
    left, right = tuple(range(-2 * len(a), 0, 2)), tuple(range(1 - 2 * len(b), 1, 2))
    labels = (left, right, tuple(sorted(left + right)))
    return replace(parsed(labels, (a, b)), ndim=max(len(a), len(b)))


def of_vectors(shape: Shape, axis: int, label: str) -> tuple[Any, ...]:
    """Return labels of an array of vectors along `axis`, whose other axes broadcast."""
    labels: list[Any] = list(range(1 - len(shape), 0))
    labels.insert(axis % len(shape), label)
    return tuple(labels)


LEVI_CIVITA = np.zeros((3, 3, 3), np.int8)  # multiplies any dtype without widening it
LEVI_CIVITA[[0, 1, 2], [1, 2, 0], [2, 0, 1]] = 1
LEVI_CIVITA[[0, 2, 1], [2, 1, 0], [1, 0, 2]] = -1


@lru_cache(maxsize=256)
def _cross(
    a: Shape, b: Shape, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Any:
    """Return the meaning of ``cross(a, b)``, also of vectors that lack their last component."""
    if axis is not None:
        axisa = axisb = axisc = axis
    broadcast: list[Any] = list(range(1 - max(len(a), len(b)), 0))
    symbol = LEVI_CIVITA[: a[axisa], : b[axisb]]
    if a[axisa] == b[axisb] == 2:
        symbol = symbol[..., 2]
    else:
        broadcast.insert(axisc % (len(broadcast) + 1), "k")
    labels = (
        of_vectors(a, axisa, "i"),
        of_vectors(b, axisb, "j"),
        tuple("ijk"[: symbol.ndim]),
        tuple(broadcast),
    )
    return replace(parsed(labels, (a, b, symbol.shape)), constants=(symbol,))


def _row(function: Any, meaning: Any) -> Any:
    """Return the row of a product of two operands."""
    rules = by_labels(meaning)
    return multilinear(function, *rules[:2], pushes=rules[2:])


ROWS = [
    _row(np.tensordot, tensordot),
    _row(np.linalg.tensordot, tensordot),
    _row(np.outer, _outer),
    _row(np.linalg.outer, _outer),
    _row(np.kron, _kron),
    _row(np.cross, _cross),
    _row(np.linalg.cross, _cross),
]
