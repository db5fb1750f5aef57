"""What the rules of linear algebra share: adjoints, triangles, inverses, quotients by gaps, phases.

Matrices are the last two axes; batch axes, and ahead of them direction axes, lead.
"""

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from dualad.core.dual import Dual, dual
from dualad.core.level import Trace
from dualad.core.pulling import pull
from dualad.core.record import Record
from dualad.core.recorded import Recorded, record_input
from dualad.core.tracer import primal_value, shape_of, strip
from dualad.errors import SingularDerivativeError
from dualad.rules.directions import lead, mT

SMALL = 32  # a triangle of that size is inverted as any matrix is

_TIE = (
    "eigenvalues or singular values are equal, or both zero, and the result depends on their "
    "vectors, which jump there. Functions of the values alone are differentiable: use "
    "np.linalg.eigvalsh, eigvals or svdvals"
)


def is_complex(a: Any) -> bool:
    """Return whether an array or number is complex."""
    return bool(np.iscomplexobj(primal_value(a)))


def conj(a: Any) -> Any:
    """Return the complex conjugate, which is `a` itself if it is real."""
    return np.conj(a) if is_complex(a) else a


def adjoint(a: Any) -> Any:
    """Return the conjugate transpose."""
    return mT(conj(a))


def diagonal(a: Any) -> Any:
    """Return the diagonals of matrices."""
    return np.diagonal(a, 0, -2, -1)


def columns(v: Any) -> Any:
    """Return vectors as matrices of one column."""
    return np.reshape(v, (*shape_of(v), 1))


def factors(v: Any) -> Any:
    """Return numbers, which may be Python's, as matrices of one entry."""
    return np.reshape(v, (*shape_of(v), 1, 1))


def on_diagonal(v: Any) -> Any:
    """Return diagonal matrices."""
    return v[..., None, :] * np.eye(shape_of(v)[-1], dtype=bool)


def half_triangle(a: Any, lower: bool = True) -> Any:
    """Return `a` without one triangle, and half its diagonal."""
    n = shape_of(a)[-1]
    half = np.tri(n, k=-1, dtype=a.dtype)
    np.fill_diagonal(half, 0.5)
    return a * (half if lower else half.T)


def hermitian(a: Any, lower: bool = True) -> Any:
    """Return the Hermitian matrix that LAPACK sees in `a`, of which it reads one triangle."""
    half = half_triangle(a, lower)
    return half + adjoint(half)


def folded(ct: Any, lower: bool = True) -> Any:
    """Return the transpose of `hermitian`, applied to `ct`."""
    return half_triangle(ct + adjoint(ct), lower)


def inverse_of_triangle(a: Any) -> Any:
    """Return the inverse of lower triangular matrices, by halves: 4 to 10 times faster."""
    n = shape_of(a)[-1]
    if n <= SMALL:
        return np.linalg.inv(a)
    k = n // 2
    first = inverse_of_triangle(a[..., :k, :k])
    last = inverse_of_triangle(a[..., k:, k:])
    corner = -np.matmul(last, np.matmul(a[..., k:, :k], first))
    above = np.zeros((*shape_of(a)[:-2], k, n - k), a.dtype)
    halves = [np.concatenate([first, above], -1), np.concatenate([corner, last], -1)]
    return np.concatenate(halves, -2)


def rounding(x: Any, factor: float = 8.0) -> float:
    """Return what an entry of a product of matrices of order one may be by rounding alone."""
    return factor * max(shape_of(x)[-2:], default=1) * float(np.finfo(x.dtype).eps)


def solve(a: Any, b: Any, directions: int) -> Any:
    """Return ``np.linalg.solve(a, b)`` for matrices `b`, ahead of whose batch directions lead.

    The directions become further columns, so that `a` is factored once.
    """
    if not directions:
        return np.linalg.solve(a, b)
    shape, count = shape_of(b), prod(shape_of(b)[:directions])
    b = np.moveaxis(np.reshape(b, (count, *shape[directions:])), 0, -1)
    x = np.linalg.solve(a, np.reshape(b, (*shape[directions:-1], shape[-1] * count)))
    x = np.moveaxis(np.reshape(x, (*shape_of(x)[:-1], shape[-1], count)), -1, 0)
    return np.reshape(x, shape[:directions] + shape_of(x)[1:])


def pushed(definition: Callable[[Any], Any], t: Any, x: Any) -> Any:
    """Return the tangents of ``definition(x)``, a tuple of outputs, given that of `x`."""
    trace = Trace()
    outputs = definition(dual(trace, x, t))
    trace.close()
    ours = [isinstance(y, Dual) and y.origin is trace for y in outputs]
    return tuple(
        [y.tangent if own else np.zeros_like(y) for own, y in zip(ours, outputs, strict=True)]
    )


def pulled(definition: Callable[[Any], Any], ct: Any, x: Any) -> Any:
    """Return the cotangent of `x`, given those of ``definition(x)``, a tuple of outputs."""
    record = Record()
    outputs = definition(record_input(record, x))
    entries = record.entries
    record.close()
    seeds = [
        (y.position, share)
        for y, share in zip(outputs, ct, strict=True)
        if isinstance(y, Recorded) and y.origin is record
    ]
    (found,) = pull(entries, seeds, 1, lead(ct[0], outputs[0]))
    return 0.0 if found is None else found


def moves(x: Any, limit: float = 0.0) -> Any:
    """Return where `x` is not zero, but for rounding, or may not stay so, at some level."""
    if isinstance(x, Recorded):
        return np.ones(x.shape, bool)
    if isinstance(x, Dual):
        steady = ~moves(x.tangent, limit)
        return moves(x.primal, limit) | ~np.all(steady, tuple(range(steady.ndim - x.ndim)))
    return ~(np.abs(x) <= limit)


def unused(ct: Any) -> bool:
    """Return whether a cotangent is zero, as that of an output that nothing reads."""
    return not np.any(moves(ct))


def gaps(values: Any) -> tuple[Any, Any]:
    """Return the gaps ``values[j] - values[i]``, and which pairs tie.

    Values tie if they differ by no more than rounding; the gap is then 1. That of a value to
    itself is infinite, so that quotients by gaps vanish on the diagonal.
    """
    plain = strip(values)
    one = np.eye(shape_of(plain)[-1], dtype=bool)
    size = np.max(np.abs(plain), axis=-1, initial=0)[..., None, None]
    distance = np.abs(plain[..., None, :] - plain[..., :, None])
    tie = (distance <= rounding(plain[..., None], 1) * size) & ~one
    gap = values[..., None, :] - values[..., :, None]
    return np.where(one, np.inf, np.where(tie, 1, gap)), tie


def shares(tie: Any) -> Any:
    """Return the matrix that lets tied values share what they get; None if there are none."""
    if not np.any(tie):
        return None
    group = tie | np.eye(shape_of(tie)[-1], dtype=bool)
    return group / np.sum(group, -1, keepdims=True)


def shared(x: Any, weights: Any) -> Any:
    """Return tangents of values with those of tied ones averaged; `weights` are their `shares`.

    Only sums of tied values are differentiable, and get their derivative; each one alone gets
    the same share of it, whichever vectors LAPACK happens to return.
    """
    if weights is None:
        return x
    return np.sum(x[..., None, :] * weights.astype(np.finfo(x.dtype).dtype), -1)


def over(m: Any, divisor: Any, bad: Any, t: Any = None) -> Any:
    """Return ``m / divisor``, and zero where it is `bad`, as pairs of vectors that tie are.

    Given the tangent `t` that `m` was made of, what is not zero there turns into NaN: vectors
    that are pushed apart have no tangent. That of a vector does no harm if nothing reads it.
    """
    quotient = np.where(bad, 0, m / divisor)
    if t is None or not np.any(bad):
        return quotient
    pushed_apart = bad & moves(m, rounding(m) * _size(t))
    return np.where(pushed_apart, np.nan, quotient) if np.any(pushed_apart) else quotient


def check_unread(bad: Any, cts: Any, function: str) -> None:
    """Raise if vectors, the columns of `bad` pairs, have a cotangent: they have no derivative."""
    if not np.any(bad):
        return
    columns_of_pairs = np.any(bad, -2, keepdims=True)
    for ct in cts:
        if np.any(columns_of_pairs & moves(ct, rounding(ct) * _size(ct))):
            raise SingularDerivativeError(function, _TIE)


def _size(x: Any) -> float:
    """Return the size of the largest entry."""
    return float(np.max(np.abs(strip(x)), initial=0))


def anchors(v: Any, real: Any) -> Any:
    """Return ``1 / v`` at the components `real`, a mask, and zero elsewhere.

    LAPACK fixes the phase of a complex vector by making a component real, which stays real. One
    that is nearly zero is left out: a phase that turns so fast would cost half the digits.
    """
    chosen = real & (np.abs(strip(v)) > np.sqrt(np.finfo(v.dtype).eps))
    return np.where(chosen, 1 / np.where(chosen, v, 1), 0)


def real_row(v: Any, row: int) -> Any:
    """Return the mask of a row of `v`; empty if the row is not real."""
    plain = strip(v)
    small = np.all(np.abs(plain.imag) <= rounding(plain, 1), -1, keepdims=True)
    return small & (np.arange(plain.shape[-2]) == row % max(plain.shape[-2], 1))[:, None]


def phases(t: Any, anchor: Any) -> Any:
    """Return by how much the phases of vectors grow, as their tangents `t` have it."""
    return np.imag(np.sum(anchor * t, axis=-2, keepdims=True))


def phase_cotangents(ct: Any, v: Any) -> Any:
    """Return the cotangents of the phases of the vectors `v`, given those of the vectors."""
    return np.imag(np.sum(ct * v, axis=-2, keepdims=True))
