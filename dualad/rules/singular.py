"""Singular values and vectors.

Sources: Townsend (2016), "Differentiating the singular value decomposition", for the tangents;
Wan and Zhang (2019), "Automatic differentiation for complex valued SVD", for the phases.
"""

from typing import Any

import numpy as np

from dualad.core.product import spread
from dualad.core.tracer import Tracer, shape_of, strip
from dualad.errors import SingularDerivativeError
from dualad.rules.directions import lead, mT
from dualad.rules.kinds import general
from dualad.rules.matrices import (
    adjoint,
    anchors,
    check_unread,
    columns,
    conj,
    diagonal,
    gaps,
    is_complex,
    on_diagonal,
    over,
    phase_cotangents,
    phases,
    pulled,
    pushed,
    real_row,
    shared,
    shares,
    unused,
)

SVD = "numpy.linalg.svd"


def _zero(s: Any, a_shape: Any) -> Any:
    """Return which singular values are zero, but for rounding."""
    plain = strip(s)
    limit = max(a_shape) * np.finfo(plain.dtype).eps
    return plain <= limit * np.max(plain, -1, keepdims=True, initial=0)


def _value_shares(s: Any, size: Any) -> Any:
    """Return how values share: tied ones equally, and zeros nothing, as norms at zero."""
    weights = shares(gaps(s)[1])
    zero = _zero(s, size)
    if not np.any(zero):
        return weights
    weights = np.eye(shape_of(s)[-1]) if weights is None else weights
    return np.where(zero[..., None] | zero[..., None, :], 0.0, weights)


def values_tangent(t: Any, u: Any, s: Any, vh: Any) -> Any:
    """Return the tangents of the singular values, given singular vectors."""
    moved = np.sum(conj(u) * np.matmul(t, adjoint(vh)), -2)
    return shared(np.real(moved), _value_shares(s, shape_of(t)[-2:]))


def values_cotangent(ct: Any, u: Any, s: Any, vh: Any) -> Any:
    """Return the transpose of `values_tangent`."""
    weights = _value_shares(s, (shape_of(u)[-2], shape_of(vh)[-1]))
    ct = shared(ct, weights if weights is None else mT(weights))
    return np.matmul(conj(u) * ct[..., None, :], conj(vh))


def _vector_divisors(u: Any, s: Any, size: Any) -> Any:
    """Return gaps and sums of singular values, and which pairs they are none to divide by.

    The phases of the two vectors of a zero value are independent, but for the signs if real.
    """
    gap, tie = gaps(s)
    zero = _zero(s, size)
    both = zero[..., None] & zero[..., None, :]
    total = np.where(both, 1, s[..., None] + s[..., None, :])
    return gap, tie, total, both if is_complex(u) else both & tie


def _anchor(u: Any, v: Any) -> Any:
    """Return the anchors of the phases, which are those of `v`, or of `u` for wide matrices.

    LAPACK brings a matrix into a real bidiagonal form, by reflections that leave alone the first
    coordinate on the shorter side; there the vectors stay real.
    """
    wide = shape_of(u)[-2] < shape_of(v)[-2]
    chosen = u if wide else v
    return anchors(chosen, real_row(chosen, 0))


def _thin_tangents(t: Any, u: Any, s: Any, vh: Any) -> tuple[Any, Any, Any]:
    """Return the tangents of singular vectors and values, as many as there are values."""
    v, size = adjoint(vh), shape_of(t)[-2:]
    moved = np.matmul(t, v)
    p = np.matmul(adjoint(u), moved)
    gap, tie, total, neither = _vector_divisors(u, s, size)
    turn = over(0.5 * (p + adjoint(p)), gap, tie, t)
    twist = over(0.5 * (p - adjoint(p)), total, neither, t)
    du, dv = np.matmul(u, turn + twist), np.matmul(v, turn - twist)
    divisor = np.where(_zero(s, size), 1, s)[..., None, :]
    if size[0] > size[1]:
        du = du + over(moved - np.matmul(u, p), divisor, _zero(s, size)[..., None, :], t)
    elif size[0] < size[1]:
        moved = np.matmul(adjoint(t), u)
        dv = dv + over(moved - np.matmul(v, adjoint(p)), divisor, _zero(s, size)[..., None, :], t)
    if is_complex(u):
        phase = 1j * phases(du if size[0] < size[1] else dv, _anchor(u, v))
        du, dv = du - phase * u, dv - phase * v
    return du, shared(np.real(diagonal(p)), _value_shares(s, size)), adjoint(dv)


def _thin_cotangent(ct: Any, u: Any, s: Any, vh: Any) -> Any:
    """Return the transpose of `_thin_tangents`."""
    v, size = adjoint(vh), (shape_of(u)[-2], shape_of(vh)[-1])
    by_u, by_s, by_v = ct[0], ct[1], adjoint(ct[2])
    if unused(by_u) and unused(by_v):
        return values_cotangent(by_s, u, s, vh)
    gap, tie, total, neither = _vector_divisors(u, s, size)
    zero = _zero(s, size)[..., None, :]
    check_unread(tie | neither, [by_u, by_v], SVD)
    if size[0] != size[1]:
        check_unread(zero, [by_u, by_v], SVD)
    if is_complex(u):
        phase = 1j * (phase_cotangents(by_u, u) + phase_cotangents(by_v, v)) * _anchor(u, v)
        by_u, by_v = (by_u - phase, by_v) if size[0] < size[1] else (by_u, by_v - phase)
    left, right = np.matmul(mT(u), by_u), np.matmul(mT(v), by_v)
    turn = over(left + right, gap, tie)
    twist = over(left - right, total, neither)
    weights = _value_shares(s, size)
    by_p = on_diagonal(shared(by_s, weights if weights is None else mT(weights)))
    by_p = by_p + 0.5 * (turn + adjoint(turn) + twist - adjoint(twist))
    share = np.matmul(by_p, mT(v))
    divisor = np.where(zero, 1, s[..., None, :])
    if size[0] < size[1]:
        rest = over(by_v - np.matmul(conj(v), right), divisor, zero)
        share = share + adjoint(rest)
    share = np.matmul(conj(u), share)
    if size[0] > size[1]:
        rest = over(by_u - np.matmul(conj(u), left), divisor, zero)
        share = share + np.matmul(rest, mT(v))
    return share


def _reflector(x: Any) -> tuple[Any, Any]:
    """Return ``v`` and ``c`` of the reflection ``1 + c v v^H`` that LAPACK finds for vectors `x`.

    Its adjoint maps `x` to a real multiple of the first unit vector.
    """
    norm = np.sqrt(np.sum(np.real(x * conj(x)), -1))
    image = np.where(np.real(strip(x[..., 0])) < 0, norm, -norm)
    v = x - image[..., None] * (np.arange(shape_of(x)[-1]) == 0)
    return v, 1 / (image * conj(v[..., 0]))


def _added_outer(a: Any, c: Any, v: Any, w: Any) -> Any:
    """Return ``a + c v w^H``."""
    return a + (c[..., None] * v)[..., :, None] * conj(w)[..., None, :]


def null_basis(a: Any, bidiagonal: bool) -> Any:
    """Return the basis that LAPACK finds for what is orthogonal to the columns of tall matrices.

    It is the last columns of a product of reflections: those of a QR factorization, or of a
    reduction to bidiagonal form (Golub and Van Loan 2013, sections 5.2 and 5.4). The first
    columns, ``q``, determine them (Ballard et al. 2014, "Reconstructing Householder vectors").
    """
    (m, n), stack = shape_of(a)[-2:], shape_of(a)[:-2]
    q = np.zeros((*stack, m - n, 0), a.dtype)
    for v, c in reversed(_reflections(a, bidiagonal)):
        rows, k = shape_of(q)[-2:]
        first = np.zeros((*stack, rows + 1, 1), a.dtype)
        first[..., 0, :] = 1
        q = np.concatenate([np.zeros((*stack, 1, k), a.dtype), q], -2)
        q = np.concatenate([first, q], -1)
        q = _added_outer(q, c, v, np.matmul(adjoint(q), columns(v))[..., 0])
    one = np.eye(m, dtype=a.dtype)
    y = one[:, :n] - q
    fill = np.linalg.solve(adjoint(y[..., :n, :]), adjoint(y[..., n:, :]))
    return one[:, n:] - np.matmul(y, fill)


def _reflections(a: Any, bidiagonal: bool) -> list[tuple[Any, Any]]:
    """Return the reflections from the left of a QR factorization, or of a bidiagonalization."""
    n = shape_of(a)[-1]
    found = []
    for k in range(n):
        v, c = _reflector(a[..., :, 0])
        found.append((v, c))
        a = _added_outer(a, conj(c), v, np.matmul(adjoint(a), columns(v))[..., 0])
        row, a = conj(a[..., 0, 1:]), a[..., 1:, 1:]
        if bidiagonal and k < n - 1:
            v, c = _reflector(row)
            a = _added_outer(a, c, np.matmul(a, columns(v))[..., 0], v)
    return found


def _null_definition(a: Any, basis: Any) -> Any:
    """Return `null_basis` in the form that gave `basis`, or None if neither did."""
    m, n = shape_of(a)[-2:]
    for bidiagonal in (m < 11 * n / 6, m >= 11 * n / 6):  # LAPACK's choice, or nearly so
        try:
            with np.errstate(all="ignore"):
                found = null_basis(strip(a), bidiagonal)
        except np.linalg.LinAlgError:  # a column is a combination of those before it
            continue
        if np.allclose(found, strip(basis), 0, np.finfo(found.dtype).eps ** 0.5):
            return lambda x, bidiagonal=bidiagonal: (null_basis(x, bidiagonal),)
    return None


def null_tangent(t: Any, basis: Any, a: Any) -> Any:
    """Return the tangents of `basis`, as `null_basis` finds it; NaN if the way is not known."""
    definition = _null_definition(a, basis)
    if definition is None:
        return np.full(lead(t, a) + shape_of(basis), np.nan, basis.dtype)
    return spread(pushed(definition, t, a)[0], lead(t, a), shape_of(basis))


def null_cotangent(ct: Any, basis: Any, a: Any, function: str) -> Any:
    """Return the transpose of `null_tangent`; zero if `basis` has no cotangent."""
    if unused(ct) or not shape_of(basis)[-1]:
        return 0.0
    definition = _null_definition(a, basis)
    if definition is None:
        raise SingularDerivativeError(function, _NO_BASIS)
    return pulled(definition, (ct,), a)


_NO_BASIS = (
    "the result depends on the basis of a null space, which jumps there. Leave it unused, or "
    "write full_matrices=False, or mode='reduced'"
)


def _hermitian_svd(a: Any) -> tuple[Any, Any, Any]:
    """Return the singular values and vectors of Hermitian matrices by `eigh`, as NumPy does."""
    values, u = np.linalg.eigh(a)
    sign = np.copysign(1.0, strip(values)).astype(values.dtype)
    s = np.abs(values)
    order = np.argsort(strip(s))[..., ::-1]
    u = np.take_along_axis(u, order[..., None, :], -1)
    sign = np.take_along_axis(sign, order, -1)
    return u, np.take_along_axis(s, order, -1), adjoint(u * sign[..., None, :])


def _svd_jvp(t: Any, y: Any, a: Any, full_matrices: bool = True, compute_uv: bool = True,
             hermitian: bool = False) -> Any:  # fmt: skip
    """Return the tangents of the singular vectors, if they are computed, and values."""
    if hermitian:
        tangents = pushed(_hermitian_svd, t, a)
        return tangents if compute_uv else tangents[1]
    if not compute_uv:
        u, _, vh = np.linalg.svd(a, full_matrices=False)
        return values_tangent(t, u, y, vh)
    u, s, vh = y
    k = shape_of(s)[-1]
    du, ds, dvh = _thin_tangents(t, u[..., :k], s, vh[..., :k, :])
    if shape_of(u)[-1] > k:
        du = np.concatenate([du, null_tangent(t, u[..., k:], a)], -1)
    if shape_of(vh)[-2] > k:
        rest = null_tangent(adjoint(t), adjoint(vh[..., k:, :]), adjoint(a))
        dvh = np.concatenate([dvh, adjoint(rest)], -2)
    return du, ds, dvh


def _svd_vjp(ct: Any, y: Any, a: Any, full_matrices: bool = True, compute_uv: bool = True,
             hermitian: bool = False) -> Any:  # fmt: skip
    """Return the transpose of the JVP."""
    if hermitian and compute_uv:
        return pulled(_hermitian_svd, ct, a)
    if hermitian:
        return pulled(lambda x: _hermitian_svd(x)[1:2], (ct,), a)
    if not compute_uv:
        u, _, vh = np.linalg.svd(a, full_matrices=False)
        return values_cotangent(ct, u, y, vh)
    u, s, vh = y
    k = shape_of(s)[-1]
    thin = (ct[0][..., :k], ct[1], ct[2][..., :k, :])
    share = _thin_cotangent(thin, u[..., :k], s, vh[..., :k, :])
    share = share + null_cotangent(ct[0][..., k:], u[..., k:], a, SVD)
    rest = null_cotangent(adjoint(ct[2][..., k:, :]), adjoint(vh[..., k:, :]), adjoint(a), SVD)
    return share + adjoint(rest) if isinstance(rest, (np.ndarray, Tracer)) else share


def _svdvals_jvp(t: Any, y: Any, x: Any) -> Any:
    """Return the tangents of the singular values."""
    return _svd_jvp(t, y, x, compute_uv=False)


def _svdvals_vjp(ct: Any, y: Any, x: Any) -> Any:
    """Return the transpose of the JVP."""
    return _svd_vjp(ct, y, x, compute_uv=False)


ROWS = [
    general(np.linalg.svd, [_svd_jvp], [_svd_vjp]),
    general(np.linalg.svdvals, [_svdvals_jvp], [_svdvals_vjp]),
]
