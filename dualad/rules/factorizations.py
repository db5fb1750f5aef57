"""Factorizations of square and tall matrices: Cholesky, QR, eigenvalues and eigenvectors."""

from typing import Any

import numpy as np

from dualad.core.tracer import shape_of, strip
from dualad.errors import SingularDerivativeError, UnsupportedParameterError
from dualad.rules.directions import lead, mT
from dualad.rules.kinds import general
from dualad.rules.matrices import (
    adjoint,
    anchors,
    check_unread,
    conj,
    diagonal,
    folded,
    gaps,
    half_triangle,
    hermitian,
    inverse_of_triangle,
    is_complex,
    on_diagonal,
    over,
    phase_cotangents,
    phases,
    real_row,
    rounding,
    shared,
    shares,
    unused,
)
from dualad.rules.singular import null_cotangent, null_tangent

QR, EIGH, EIG = "numpy.linalg.qr", "numpy.linalg.eigh", "numpy.linalg.eig"


# Murray 2016, "Differentiation of the Cholesky decomposition".


def _cholesky_jvp(t: Any, y: Any, a: Any, *, upper: bool = False) -> Any:
    """Return the tangent of the factor; NumPy reads the triangle of `a` that it returns."""
    factor = adjoint(y) if upper else y
    inverted = inverse_of_triangle(factor)
    h = np.matmul(np.matmul(inverted, hermitian(t, not upper)), adjoint(inverted))
    tangent = np.matmul(factor, half_triangle(h))
    return adjoint(tangent) if upper else tangent


def _cholesky_vjp(ct: Any, y: Any, a: Any, *, upper: bool = False) -> Any:
    """Return the transpose of the JVP."""
    factor, ct = (adjoint(y), adjoint(ct)) if upper else (y, ct)
    inverted = inverse_of_triangle(factor)
    h = half_triangle(np.matmul(mT(factor), ct))
    share = np.matmul(np.matmul(mT(inverted), h), conj(inverted))
    return folded(share, not upper)


# Walter and Lehmann 2018, "Algorithmic differentiation of linear algebra functions". LAPACK makes
# the diagonal of R real, also where A is complex.


def _qr_parts(y: Any, a: Any, mode: str) -> tuple[Any, Any]:
    """Return the square or tall Q, and R with as many rows, of a factorization by NumPy."""
    if mode not in ("reduced", "complete", "r", "full", "f"):
        raise UnsupportedParameterError(QR, f"mode={mode!r}", "mode='reduced'")
    q, r = (np.linalg.qr(a)[0], y) if mode == "r" else y
    size = min(shape_of(a)[-2:])
    return q[..., :size], r[..., :size, :]


def _inverse_r(r: Any) -> Any:
    """Return the inverse of the leading, square part of R."""
    square = r[..., : shape_of(r)[-2]]
    pivots = np.abs(diagonal(strip(square)))
    least, most = np.min(pivots, -1, initial=np.inf), np.max(pivots, -1, initial=0)
    if np.any(least <= rounding(square, 1) * most):
        raise SingularDerivativeError(QR, _DEPENDENT)
    return mT(inverse_of_triangle(mT(square)))


_DEPENDENT = "its leading columns are linearly dependent, and Q jumps there"


def _qr_jvp(t: Any, y: Any, a: Any, mode: str = "reduced") -> Any:
    """Return the tangents of Q and R, or of R alone."""
    q, r = _qr_parts(y, a, mode)
    k = shape_of(q)[-1]
    moved = np.matmul(t[..., :k], _inverse_r(r))
    c = np.matmul(adjoint(q), moved)
    growth = folded(c, False)
    dq = moved - np.matmul(q, growth)
    dr = np.matmul(growth, r[..., :k])
    if shape_of(r)[-1] > k:
        rest = np.matmul(adjoint(q), t[..., k:] - np.matmul(dq, r[..., k:]))
        dr = np.concatenate([dr, rest], -1)
    if mode == "r":
        return dr
    if mode == "complete" and shape_of(a)[-2] > k:
        basis = y[0][..., k:]
        dq = np.concatenate([dq, null_tangent(t, basis, a)], -1)
        zeros = np.zeros((*shape_of(dr)[:-2], shape_of(a)[-2] - k, k), dr.dtype)
        dr = np.concatenate([dr, zeros], -2)
    return dq, dr


def _qr_vjp(ct: Any, y: Any, a: Any, mode: str = "reduced") -> Any:
    """Return the transpose of the JVP."""
    q, r = _qr_parts(y, a, mode)
    k = shape_of(q)[-1]
    by_q, by_r = (np.zeros(lead(ct, y) + shape_of(q), q.dtype), ct) if mode == "r" else ct
    by_basis, by_q = by_q[..., k:], by_q[..., :k]
    by_r, by_rest = by_r[..., :k, :k], by_r[..., :k, k:]
    rest = np.matmul(conj(q), by_rest)
    if shape_of(r)[-1] > k:
        by_q = by_q - np.matmul(rest, mT(r[..., k:]))
    x = np.matmul(by_r, mT(r[..., :k])) - np.matmul(mT(q), by_q)
    share = np.matmul(by_q + np.matmul(conj(q), hermitian(x, False)), mT(_inverse_r(r)))
    if shape_of(r)[-1] > k:
        share = np.concatenate([share, rest], -1)
    if not shape_of(by_basis)[-1]:
        return share
    return share + null_cotangent(by_basis, y[0][..., k:], a, QR)


def _lower(UPLO: Any) -> bool:
    """Return whether NumPy reads the lower triangle."""
    return bool(UPLO.upper() == "L")


def _eigh_anchor(v: Any, UPLO: Any) -> Any:
    """Return the anchors of the phases of eigenvectors.

    LAPACK brings a Hermitian matrix into a real tridiagonal form, by reflections that leave alone
    the first coordinate, or the last if it reads the upper triangle; there `v` stays real.
    """
    return anchors(v, real_row(v, 0 if _lower(UPLO) else -1))


def _eigh_jvp(t: Any, y: Any, a: Any, UPLO: Any = "L") -> Any:
    """Return the tangents of eigenvalues and eigenvectors (Giles 2008, section 3.1)."""
    w, v = y
    h = np.matmul(np.matmul(adjoint(v), hermitian(t, _lower(UPLO))), v)
    gap, tie = gaps(w)
    dv = np.matmul(v, over(h, gap, tie, t))
    if is_complex(v):
        dv = dv - 1j * phases(dv, _eigh_anchor(v, UPLO)) * v
    return shared(np.real(diagonal(h)), shares(tie)), dv


def _eigh_vjp(ct: Any, y: Any, a: Any, UPLO: Any = "L") -> Any:
    """Return the transpose of the JVP."""
    w, v = y
    by_w, by_v = ct
    if unused(by_v):
        return _eigenvalue_share(by_w, w, v, UPLO)
    gap, tie = gaps(w)
    check_unread(tie, [by_v], EIGH)
    if is_complex(v):
        by_v = by_v - 1j * phase_cotangents(by_v, v) * _eigh_anchor(v, UPLO)
    weights = shares(tie)
    h = over(np.matmul(mT(v), by_v), gap, tie)
    h = h + on_diagonal(shared(by_w, weights if weights is None else mT(weights)))
    return folded(np.matmul(np.matmul(conj(v), h), mT(v)), _lower(UPLO))


def _eigenvalue_share(ct: Any, w: Any, v: Any, UPLO: Any) -> Any:
    """Return the cotangent of a Hermitian matrix, given that of its eigenvalues."""
    weights = shares(gaps(w)[1])
    ct = shared(ct, weights if weights is None else mT(weights))
    return folded(np.matmul(conj(v) * ct[..., None, :], mT(v)), _lower(UPLO))


def _eigvalsh_jvp(t: Any, y: Any, a: Any, UPLO: Any = "L") -> Any:
    """Return the tangent of the eigenvalues."""
    _, v = np.linalg.eigh(a, UPLO)
    h = np.sum(conj(v) * np.matmul(hermitian(t, _lower(UPLO)), v), -2)
    return shared(np.real(h), shares(gaps(y)[1]))


def _eigvalsh_vjp(ct: Any, y: Any, a: Any, UPLO: Any = "L") -> Any:
    """Return the transpose of the JVP."""
    return _eigenvalue_share(ct, y, np.linalg.eigh(a, UPLO)[1], UPLO)


def _left(v: Any) -> Any:
    """Return the inverse of a matrix of eigenvectors."""
    try:
        found = np.linalg.inv(v)
    except np.linalg.LinAlgError:
        raise SingularDerivativeError(EIG, _DEFECTIVE) from None
    if np.any(np.abs(strip(found)) * 100 * np.finfo(v.dtype).eps > 1):
        raise SingularDerivativeError(EIG, _DEFECTIVE)
    return found


_DEFECTIVE = (
    "the matrix is defective, it has fewer eigenvectors than eigenvalues, which move infinitely "
    "fast there. For their sum or product use np.trace or np.linalg.det"
)


def _largest(v: Any) -> Any:
    """Return the mask of the largest real component of each vector: LAPACK made it real."""
    plain = strip(v)
    real = np.abs(plain.imag) <= rounding(plain, 1)
    if not plain.size:
        return real
    chosen = np.argmax(np.where(real, np.abs(plain), -1), -2)
    return real & (np.arange(plain.shape[-1])[:, None] == chosen[..., None, :])


def _eig_jvp(t: Any, y: Any, a: Any) -> Any:
    """Return the tangents of eigenvalues and eigenvectors, which keep their norm and phase."""
    w, v = y
    gap, tie = gaps(w)
    m = np.matmul(np.matmul(_left(v), t), v)
    dv = np.matmul(v, over(m, gap, tie, t))
    growth = np.real(np.sum(conj(v) * dv, -2, keepdims=True))
    if is_complex(v):
        growth = growth + 1j * phases(dv, anchors(v, _largest(v)))
    return shared(diagonal(m), shares(tie)), dv - growth * v


def _eig_vjp(ct: Any, y: Any, a: Any) -> Any:
    """Return the transpose of the JVP."""
    w, v = y
    by_w, by_v = ct
    gap, tie = gaps(w)
    weights = shares(tie)
    m = on_diagonal(shared(by_w, weights if weights is None else mT(weights)))
    if not unused(by_v):
        check_unread(tie, [by_v], EIG)
        growth = np.sum(by_v * v, -2, keepdims=True)
        by_v = by_v - np.real(growth) * conj(v)
        if is_complex(v):
            by_v = by_v - 1j * np.imag(growth) * anchors(v, _largest(v))
        m = m + over(np.matmul(mT(v), by_v), gap, tie)
    return np.matmul(np.matmul(mT(_left(v)), m), mT(v))


def _eigenvectors(w: Any, a: Any) -> Any:
    """Return the eigenvectors of the eigenvalues `w`, in their order.

    LAPACK may find the eigenvalues of large matrices in another order when it computes no vectors.
    """
    found, v = np.linalg.eig(a)
    plain, wanted = strip(found), strip(w)
    near = np.finfo(plain.dtype).eps ** 0.5 * np.max(np.abs(wanted), initial=0)
    if np.all(np.abs(plain - wanted) <= near):
        return v
    order = np.argmin(np.abs(wanted[..., :, None] - plain[..., None, :]), -1)
    if np.any(np.sort(order, -1) != np.arange(plain.shape[-1])):
        raise SingularDerivativeError("numpy.linalg.eigvals", _DEFECTIVE)
    return np.take_along_axis(v, order[..., None, :], -1)


def _eigvals_jvp(t: Any, y: Any, a: Any) -> Any:
    """Return the tangent of the eigenvalues."""
    v = _eigenvectors(y, a)
    return shared(np.sum(mT(_left(v)) * np.matmul(t, v), -2), shares(gaps(y)[1]))


def _eigvals_vjp(ct: Any, y: Any, a: Any) -> Any:
    """Return the transpose of the JVP."""
    v, weights = _eigenvectors(y, a), shares(gaps(y)[1])
    ct = shared(ct, weights if weights is None else mT(weights))
    return np.matmul(mT(_left(v)) * ct[..., None, :], mT(v))


ROWS = [
    general(np.linalg.cholesky, [_cholesky_jvp], [_cholesky_vjp]),
    general(np.linalg.qr, [_qr_jvp], [_qr_vjp]),
    general(np.linalg.eigh, [_eigh_jvp], [_eigh_vjp]),
    general(np.linalg.eigvalsh, [_eigvalsh_jvp], [_eigvalsh_vjp]),
    general(np.linalg.eig, [_eig_jvp], [_eig_vjp]),
    general(np.linalg.eigvals, [_eigvals_jvp], [_eigvals_vjp]),
]
