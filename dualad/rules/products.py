"""Products of vectors and matrices.

The usual shapes of `dot` and `matmul` have rules of one matrix product; all others go by the labels
of their axes. No rule conjugates but for the operand that the function itself conjugates.
"""

from collections.abc import Callable
from math import prod
from operator import index
from typing import Any

import numpy as np

from dualad.core.dispatch import apply
from dualad.core.row import Row, name_of
from dualad.core.tracer import shape_of, strip
from dualad.errors import UnsupportedParameterError
from dualad.rules.contraction import Rules, Shape, by_labels, parsed
from dualad.rules.directions import mT
from dualad.rules.kinds import composite, multilinear
from dualad.rules.tensors import of_vectors, tensordot


def _row(function: Any, rules: Rules) -> Row:
    """Return the row of a product of two operands."""
    return multilinear(function, *rules[:2], pushes=rules[2:])


def _ufunc(name: str, rules: Rules, *serves: str) -> list[Row]:
    """Return the row of a ufunc whose rules serve some parameters; none if NumPy is too old."""
    ufunc = getattr(np, name, None)
    if ufunc is None:
        return []
    row = _row(ufunc, rules)
    refused = {"axes", "axis", "keepdims"}.difference(serves)

    def call(a: Any, b: Any, /, **options: Any) -> Any:
        for parameter in refused.intersection(options) if options else ():
            if options[parameter] is not False:
                instead = f"np.moveaxis or np.expand_dims and {name_of(ufunc)} without it"
                raise UnsupportedParameterError(name_of(ufunc), parameter, instead)
        return apply(row, (a, b), options)

    return [composite(ufunc, call)]


# The usual shapes: b is a vector or a matrix, a is one or has further axes ahead


def _usual(rule: Callable[..., Any], stacked: Callable[..., Any] | None = None) -> Any:
    """Return a rule for the usual shapes, and perhaps for equal stacks of matrices."""

    def quick(ct: Any, a: Any, b: Any) -> Any:
        left, right = shape_of(a), shape_of(b)
        if left and 0 < len(right) < 3:
            return rule(ct, a, b)
        if stacked is not None and len(left) > 2 and left[:-2] == right[:-2]:
            return stacked(ct, a, b)
        return None

    return quick


def _pull_a(ct: Any, a: Any, b: Any) -> Any:
    """Return the share of `a`."""
    return _rows_times(ct, b.T) if len(b.shape) == 2 else _times_vector(ct, b)


def _pull_b(ct: Any, a: Any, b: Any) -> Any:
    """Return the share of `b`, summed over all rows of `a` by one product."""
    columns = b.shape[1:]
    if len(a.shape) == 1:
        if not columns:
            return _times_vector(ct, a)
        return a.reshape(-1, 1) * ct.reshape((*ct.shape[:-1], 1, *columns))
    if len(a.shape) > 2:
        leading = ct.shape[: len(ct.shape) - len(a.shape) + 1 - len(columns)]
        a = _flat(a)
        ct = ct.reshape(leading + a.shape[:1] + columns)
    return a.T @ ct if columns else _rows_times(ct, a)


def _push_a(t: Any, a: Any, b: Any) -> Any:
    """Return the tangent along `a`."""
    return _rows_times(t, b)


def _push_b(t: Any, a: Any, b: Any) -> Any:
    """Return the tangent along `b`."""
    if len(t.shape) == len(b.shape):
        return a @ t
    if len(b.shape) == 2:
        ones = (1,) * (len(a.shape) - 2)
        return a @ t.reshape(t.shape[:-2] + ones + t.shape[-2:])
    if len(a.shape) == 1:
        return _rows_times(t, a)
    return _rows_times(t, _flat(a).T).reshape(t.shape[:-1] + a.shape[:-1])


def _rows_times(x: Any, m: Any) -> Any:
    """Return ``x @ m`` for a vector or matrix `m`: one product, whatever leads in `x`."""
    shape = x.shape
    if len(shape) > 1 and len(m.shape) == 2 and shape[-1] == 1:
        return x * m  # nothing to sum, and half the time
    if len(shape) <= 2:
        return x @ m
    return (x.reshape(prod(shape[:-1]), shape[-1]) @ m).reshape(shape[:-1] + m.shape[1:])


def _flat(a: Any) -> Any:
    """Return `a` as a matrix of the same last axis."""
    return a if len(a.shape) == 2 else a.reshape(prod(a.shape[:-1]), a.shape[-1])


def _times_vector(ct: Any, x: Any) -> Any:
    """Return the products of each element of `ct` with a vector."""
    if type(ct) is float or not ct.shape:
        return ct * x
    return ct.reshape((*ct.shape, 1)) * x


# What the others mean: the labels of their axes, from the shapes of their operands


def _dot(a: Shape, b: Shape, out: Any = None) -> Any:
    """Return the meaning of ``dot(a, b)``: a's last axis meets b's last but one."""
    return tensordot(a, b, (-1, -2 if len(b) > 1 else -1) if a and b else 0)


def _matmul(a: Shape, b: Shape, **options: Any) -> Any:
    """Return the meaning of ``matmul(a, b)``: a vector has no rows, or no columns."""
    left, right = "...m" * (len(a) > 1), "..." * (len(b) > 1)
    rows, columns = left[3:], right and "n"
    return parsed(f"{left}k,{right}k{columns}->...{rows}{columns}", (a, b))


def _matvec(a: Shape, b: Shape, **options: Any) -> Any:
    """Return the meaning of ``matvec(a, b)``."""
    return parsed("...mn,...n->...m", (a, b))


def _vecmat(a: Shape, b: Shape, **options: Any) -> Any:
    """Return the meaning of ``vecmat(a, b)``, but for the conjugate."""
    return parsed("...n,...nm->...m", (a, b))


def _vecdot(a: Shape, b: Shape, axis: int = -1, **options: Any) -> Any:
    """Return the meaning of ``vecdot(a, b)``, but for the conjugate."""
    output = tuple(range(1 - max(len(a), len(b)), 0))
    return parsed((of_vectors(a, axis, "n"), of_vectors(b, axis, "n"), output), (a, b))


def _conjugating(pull_a: Any, pull_b: Any, push_a: Any, push_b: Any) -> Rules:
    """Return the rules of a product that conjugates its first operand, given those of one without.

    The pairing has no conjugate, so the first operand's share has one.
    """
    return (
        lambda ct, y, a, b, **options: _conj(pull_a(ct, y, a, b, **options)),
        lambda ct, y, a, b, **options: pull_b(ct, y, _conj(a), b, **options),
        lambda t, y, a, b, **options: push_a(_conj(t), y, a, b, **options),
        lambda t, y, a, b, **options: push_b(t, y, _conj(a), b, **options),
    )


def _conj(x: Any) -> Any:
    """Return the complex conjugate, without a copy of what is real."""
    return np.conj(x) if x.dtype.kind == "c" else x


# Those in terms of others


def _vdot(a: Any, b: Any, /) -> Any:
    """Return ``vdot(a, b)``."""
    a, b = (x if len(shape_of(x)) == 1 else np.reshape(x, -1) for x in (a, b))
    return np.dot(np.conj(a) if np.iscomplexobj(a) else a, b)


def _inner(a: Any, b: Any, /) -> Any:
    """Return ``inner(a, b)``."""
    return np.dot(a, mT(b) if shape_of(a) and len(shape_of(b)) > 1 else b)


def _multi_dot(arrays: Any, *, out: Any = None) -> Any:
    """Return the product of several arrays, in the order that takes the fewest multiplications."""
    arrays = list(arrays)
    shapes, last = [shape_of(x) for x in arrays], len(arrays) - 1
    ends = (0, last)
    if last < 1 or (last > 1 and not all(_fits(s, i in ends) for i, s in enumerate(shapes))):
        return np.linalg.multi_dot(strip(arrays))  # raises
    if last == 1:
        return np.dot(*arrays)
    sides = [shape[-1] for shape in shapes[:-1]]
    first, final = shapes[0][:-1] or (1,), shapes[-1][1:] or (1,)
    splits = _splits((*first, *sides, *final))

    def product(i: int, j: int) -> Any:
        k = splits[i, j][1]
        return arrays[i] if i == j else np.dot(product(i, k), product(k + 1, j))

    return product(0, last)


def _fits(shape: Shape, at_end: bool) -> bool:
    """Return whether an array of a chain is a matrix, or a vector at its end."""
    return len(shape) == 2 or (at_end and len(shape) == 1)


def _splits(sides: Shape) -> dict[tuple[int, int], tuple[int, int]]:
    """Return for each part of a chain of matrices its cost, and after which to split it.

    Matrix ``i`` has ``sides[i]`` rows and ``sides[i + 1]`` columns. Cormen et al. 2009, sec. 15.2.
    """
    count = len(sides) - 1
    best = {(i, i): (0, i) for i in range(count)}
    for width in range(1, count):
        for i in range(count - width):
            j = i + width
            best[i, j] = min(
                (best[i, k][0] + best[k + 1, j][0] + sides[i] * sides[k + 1] * sides[j + 1], k)
                for k in range(i, j)
            )
    return best


def _matrix_power(a: Any, n: Any) -> Any:
    """Return ``a`` to the power `n`, by repeated squaring."""
    shape, n = shape_of(a), index(n)
    if not n or len(shape) < 2 or shape[-1] != shape[-2]:
        return np.linalg.matrix_power(strip(a), n)  # the identity, or an error
    power, n = (np.linalg.inv(a), -n) if n < 0 else (a, n)
    found = None
    while n:
        if n % 2:
            found = power if found is None else np.matmul(found, power)
        n //= 2
        power = np.matmul(power, power) if n else power
    return found


_DOT = by_labels(_dot, tuple(map(_usual, (_pull_a, _pull_b, _push_a, _push_b))))
_MATMUL = by_labels(
    _matmul,
    (
        _usual(_pull_a, lambda ct, a, b: ct @ mT(b)),
        _usual(_pull_b, lambda ct, a, b: mT(a) @ ct),
        _usual(_push_a, lambda t, a, b: t @ b),
        _usual(_push_b, lambda t, a, b: a @ t),
    ),
)
_VECDOT = _conjugating(*by_labels(_vecdot))

ROWS = [
    _row(np.dot, _DOT),
    *_ufunc("matmul", _MATMUL),
    *_ufunc("matvec", by_labels(_matvec)),
    *_ufunc("vecmat", _conjugating(*by_labels(_vecmat))),
    *_ufunc("vecdot", _VECDOT, "axis"),
    _row(np.linalg.matmul, _MATMUL),
    _row(np.linalg.vecdot, _VECDOT),
    composite(np.vdot, _vdot),
    composite(np.inner, _inner),
    composite(np.linalg.multi_dot, _multi_dot),
    composite(np.linalg.matrix_power, _matrix_power),
]
