"""Pseudo-inverses and least squares.

The tangents hold the rank constant: Golub and Pereyra (1973), "The differentiation of
pseudo-inverses and nonlinear least squares problems whose variables separate".
"""

from typing import Any

import numpy as np

from dualad.core.tracer import shape_of, strip
from dualad.errors import UnsupportedParameterError
from dualad.rules.directions import mT
from dualad.rules.kinds import general
from dualad.rules.matrices import (
    adjoint,
    columns,
    conj,
    folded,
    hermitian,
    pulled,
    pushed,
    rounding,
)
from dualad.rules.singular import values_cotangent, values_tangent

NOT_GIVEN: Any = np._NoValue  # NumPy's own default of `rtol`, which differs from None


def _drops(a: Any, relative: Any, is_hermitian: bool = False) -> bool:
    """Return whether a relative cutoff drops singular values that are not zero by rounding."""
    plain = strip(a)
    zero = rounding(plain, 1)
    relative = np.asarray(relative)
    if not plain.size or np.all(relative <= zero):
        return False
    s = np.linalg.svd(plain, compute_uv=False, hermitian=is_hermitian)
    top = np.max(s, -1, keepdims=True)
    return bool(np.any((s <= relative[..., None] * top) & (s > zero * top)))


def _pinv_cutoff(a: Any, rcond: Any, rtol: Any) -> Any:
    """Return the share of the largest singular value below which `np.linalg.pinv` drops them."""
    if rcond is not None:
        return rcond
    if rtol is NOT_GIVEN:
        return 1e-15
    return rounding(a, 1) if rtol is None else rtol


def _pinv_by_values(a: Any, relative: Any, is_hermitian: bool) -> Any:
    """Return the pseudo-inverse by singular values, some of which are dropped."""
    u, s, vh = np.linalg.svd(a, full_matrices=False, hermitian=is_hermitian)
    kept = strip(s) > np.asarray(relative)[..., None] * np.max(strip(s), -1, keepdims=True)
    inverted = np.where(kept, 1 / np.where(kept, s, 1), 0)
    return (np.matmul(adjoint(vh) * inverted[..., None, :], adjoint(u)),)


def _pinv_jvp(t: Any, y: Any, a: Any, rcond: Any = None, hermitian: bool = False, *,
              rtol: Any = NOT_GIVEN) -> Any:  # fmt: skip
    """Return the tangent, with the rank held constant (Golub and Pereyra 1973)."""
    relative = _pinv_cutoff(a, rcond, rtol)
    if _drops(a, relative, hermitian):
        return pushed(lambda x: _pinv_by_values(x, relative, hermitian), t, a)[0]
    a, t = _as_read(a, hermitian), _as_read(t, hermitian)
    h, tangent = adjoint(y), adjoint(t)
    first = np.matmul(np.matmul(y, t), y)
    outside = np.matmul(np.matmul(np.matmul(y, h), tangent), _complement(np.matmul(a, y)))
    inside = np.matmul(_complement(np.matmul(y, a)), np.matmul(tangent, np.matmul(h, y)))
    return outside + inside - first


def _pinv_vjp(ct: Any, y: Any, a: Any, rcond: Any = None, hermitian: bool = False, *,
              rtol: Any = NOT_GIVEN) -> Any:  # fmt: skip
    """Return the transpose of the JVP."""
    relative = _pinv_cutoff(a, rcond, rtol)
    if _drops(a, relative, hermitian):
        return pulled(lambda x: _pinv_by_values(x, relative, hermitian), (ct,), a)
    a = _as_read(a, hermitian)
    h, c, turned = adjoint(y), adjoint(ct), mT(y)
    first = np.matmul(np.matmul(turned, ct), turned)
    outside = np.matmul(mT(_complement(np.matmul(a, y))), np.matmul(c, mT(np.matmul(y, h))))
    inside = np.matmul(np.matmul(mT(np.matmul(h, y)), c), mT(_complement(np.matmul(y, a))))
    share = outside + inside - first
    return folded(share) if hermitian else share


def _as_read(a: Any, is_hermitian: bool) -> Any:
    """Return the matrix that NumPy sees in `a`, of which it may read the lower triangle only."""
    return hermitian(np.where(np.tri(shape_of(a)[-1], dtype=bool), a, 0)) if is_hermitian else a


def _complement(projection: Any) -> Any:
    """Return what projects onto the orthogonal complement."""
    return np.eye(shape_of(projection)[-1], dtype=projection.dtype) - projection


def _fit(x: Any, a: Any, b: Any, rcond: Any) -> tuple[Any, Any, Any]:
    """Return the solution and the rest ``b - a x``, as columns, and the pseudo-inverse of `a`."""
    cutoff = np.finfo(float).eps * (max(shape_of(a)) if rcond is None else 1)
    cutoff = cutoff if rcond is None or rcond < 0 else rcond
    if _drops(a, cutoff):
        raise UnsupportedParameterError(
            "numpy.linalg.lstsq", f"rcond={rcond!r}, which drops singular values that are not zero",
            "np.matmul(np.linalg.pinv(a, rcond), b)",
        )  # fmt: skip
    if len(shape_of(b)) == 1:
        x, b = columns(x), columns(b)
    return x, b - np.matmul(a, x), np.linalg.pinv(a, cutoff)


def _lstsq_along_a(t: Any, y: Any, a: Any, b: Any, rcond: Any = None) -> Any:
    """Return the tangents of solution, residuals and singular values; the rank has none."""
    x, rest, p = _fit(y[0], a, b, rcond)
    h, tangent, moved, rank = adjoint(p), adjoint(t), np.matmul(t, x), y[2]
    dx = -np.matmul(p, moved)
    if rank < shape_of(a)[0]:  # else there is no rest, but for rounding
        dx = dx + np.matmul(p, np.matmul(h, np.matmul(tangent, rest)))
    if rank < shape_of(a)[1]:
        inside = np.matmul(tangent, np.matmul(h, x))
        dx = dx + inside - np.matmul(p, np.matmul(a, inside))
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    ds = values_tangent(t, u, s, vh)
    return dx if len(shape_of(b)) > 1 else dx[..., 0], _growth(y, rest, -moved), 0.0, ds


def _lstsq_along_b(t: Any, y: Any, a: Any, b: Any, rcond: Any = None) -> Any:
    """Return the tangents of solution and residuals."""
    _, rest, p = _fit(y[0], a, b, rcond)
    ds = np.zeros(shape_of(y[3]), y[3].dtype)
    if len(shape_of(b)) > 1:
        return np.matmul(p, t), _growth(y, rest, t), 0.0, ds
    return np.matmul(p, columns(t))[..., 0], _growth(y, rest, columns(t)), 0.0, ds


def _growth(y: Any, rest: Any, t: Any) -> Any:
    """Return the tangents of the sums of squares of `rest`, which grows by `t`."""
    if not shape_of(y[1])[0]:
        return np.zeros(0, y[1].dtype)
    return 2 * np.real(np.sum(conj(rest) * t, -2))


def _rest_share(ct: Any, y: Any, rest: Any) -> Any:
    """Return the cotangent of `rest`, given that of its sums of squares."""
    return 2 * conj(rest) * ct[..., None, :] if shape_of(y[1])[0] else 0.0


def _lstsq_to_a(ct: Any, y: Any, a: Any, b: Any, rcond: Any = None) -> Any:
    """Return the transpose of `_lstsq_along_a`."""
    x, rest, p = _fit(y[0], a, b, rcond)
    h, rank = adjoint(p), y[2]
    by_x = ct[0] if len(shape_of(b)) > 1 else columns(ct[0])
    share = -np.matmul(np.matmul(mT(p), by_x) + _rest_share(ct[1], y, rest), mT(x))
    if rank < shape_of(a)[0]:
        turned = np.matmul(conj(p), np.matmul(mT(p), by_x))
        share = share + np.matmul(conj(rest), adjoint(turned))
    if rank < shape_of(a)[1]:
        turned = by_x - np.matmul(mT(a), np.matmul(mT(p), by_x))
        share = share + np.matmul(conj(np.matmul(h, x)), adjoint(turned))
    if np.any(strip(ct[3])):
        u, s, vh = np.linalg.svd(a, full_matrices=False)
        share = share + values_cotangent(ct[3], u, s, vh)
    return share


def _lstsq_to_b(ct: Any, y: Any, a: Any, b: Any, rcond: Any = None) -> Any:
    """Return the transpose of `_lstsq_along_b`."""
    _, rest, p = _fit(y[0], a, b, rcond)
    if len(shape_of(b)) > 1:
        return np.matmul(mT(p), ct[0]) + _rest_share(ct[1], y, rest)
    share = np.matmul(mT(p), columns(ct[0])) + _rest_share(ct[1], y, rest)
    return share[..., 0]


ROWS = [
    general(np.linalg.pinv, [_pinv_jvp], [_pinv_vjp]),
    general(np.linalg.lstsq, [_lstsq_along_a, _lstsq_along_b], [_lstsq_to_a, _lstsq_to_b]),
]
