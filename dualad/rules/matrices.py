"""What the rules of linear algebra share: adjoints, inverses, triangles, quotients by gaps.

Matrices are the last two axes; batch axes, and ahead of them direction axes, lead.
"""

from math import prod
from typing import Any

import numpy as np

from dualad.core.tracer import shape_of, strip
from dualad.errors import SingularDerivativeError
from dualad.rules.directions import mT

ANCHOR = 1e-4  # a component smaller than this does not fix a phase: that would cost digits


def is_complex(a: Any) -> bool:
    """Return whether an array is complex."""
    return bool(a.dtype.kind == "c")


def adjoint(a: Any) -> Any:
    """Return the conjugate transpose."""
    return mT(np.conj(a)) if is_complex(a) else mT(a)


def diagonal(a: Any) -> Any:
    """Return the diagonals of matrices."""
    return np.diagonal(a, 0, -2, -1)


def inverse(a: Any, function: str, reason: str = "the matrix is singular") -> Any:
    """Return the inverse; where there is none, `function` has no derivative, for that reason."""
    try:
        return np.linalg.inv(a)
    except np.linalg.LinAlgError:
        raise SingularDerivativeError(function, reason) from None


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


def half_triangle(a: Any, lower: bool = True) -> Any:
    """Return `a` without one triangle, and half its diagonal."""
    half = np.tri(shape_of(a)[-1], k=-1, dtype=a.dtype)
    np.fill_diagonal(half, 0.5)
    return a * (half if lower else half.T)


def hermitian(a: Any, lower: bool = True) -> Any:
    """Return the Hermitian matrix that LAPACK sees in `a`, of which it reads one triangle."""
    half = half_triangle(a, lower)
    return half + adjoint(half)


def folded(ct: Any, lower: bool = True) -> Any:
    """Return the transpose of `hermitian`, applied to `ct`."""
    return half_triangle(ct + adjoint(ct), lower)


def gaps(values: Any) -> tuple[Any, Any]:
    """Return the gaps ``values[j] - values[i]``, 1 where they tie, and where they do.

    Values tie if they differ by no more than rounding, as computed ones that are equal may.
    """
    plain = strip(values)
    size = np.max(np.abs(plain), axis=-1, initial=0)[..., None, None]
    distance = np.abs(plain[..., None, :] - plain[..., :, None])
    tie = distance <= shape_of(plain)[-1] * np.finfo(plain.dtype).eps * size
    return np.where(tie, 1, values[..., None, :] - values[..., :, None]), tie


def over_gaps(m: Any, gap: Any, tie: Any, refusing: str = "") -> Any:
    """Return ``m / gap`` off the diagonal, and zero on it and wherever `m` is zero.

    Where values tie and `m` is not zero, their vectors have no derivative: NaN, or an error that
    names the function `refusing`.
    """
    off = ~np.eye(shape_of(tie)[-1], dtype=bool)
    bad = tie & off & (strip(m) != 0)
    quotient = np.where(off & ~tie, m / gap, 0)
    if not np.any(bad):
        return quotient
    if refusing:
        raise SingularDerivativeError(refusing, _TIE)
    return np.where(bad, np.nan, quotient)


_TIE = (
    "two eigenvalues or singular values are equal, and the result depends on their vectors, which "
    "jump there. Functions of the values alone are differentiable: leave the vectors unused"
)


def anchors(v: Any, real: Any) -> Any:
    """Return ``1 / v`` at the components `real`, a mask, and zero elsewhere.

    LAPACK fixes the phase of a complex vector by making a component real; it stays real.
    """
    chosen = real & (np.abs(strip(v)) > ANCHOR)
    return chosen / np.where(chosen, v, 1)


def real_row(v: Any, row: int) -> Any:
    """Return the mask of a row of `v`; empty if the row is not real."""
    plain = strip(v)
    eps = np.finfo(plain.dtype).eps
    mask = np.zeros(plain.shape, bool)
    mask[..., row, :] = np.all(np.abs(plain[..., row, :].imag) < 4 * eps, -1)[..., None]
    return mask


def phases(t: Any, anchor: Any) -> Any:
    """Return by how much the phases of vectors grow, as their tangents `t` have it."""
    return np.imag(np.sum(anchor * t, axis=-2, keepdims=True))


def phase_cotangents(ct: Any, v: Any) -> Any:
    """Return the cotangents of the phases of the vectors `v`, given those of the vectors."""
    return -np.imag(np.sum(ct * v, axis=-2, keepdims=True))
