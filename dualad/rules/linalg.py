"""Solutions, inverses and determinants.

The formulas are those of Giles (2008), "An extended collection of matrix derivative results for
forward and reverse mode algorithmic differentiation", but where another source is named.
"""

from math import prod
from typing import Any

import numpy as np

from dualad.core.product import align
from dualad.core.row import Row
from dualad.core.tracer import shape_of, strip
from dualad.errors import SingularDerivativeError
from dualad.rules.directions import lead, mT
from dualad.rules.kinds import composite, constant, general
from dualad.rules.matrices import adjoint, columns, factors, is_complex, solve


def _solve() -> Row:
    """Return the row of `np.linalg.solve`: both operands share one solution of a system."""

    def push(pairs: Any, y: Any, args: Any, kwargs: Any, times: Any) -> Any:
        a, b = args
        vectors = len(shape_of(y)) < len(shape_of(a))
        shapes = [shape_of(x) for x in (a, b)]
        if vectors:
            y, shapes[1] = columns(y), (*shapes[1], 1)
        leading = lead(pairs[0][1], args[pairs[0][0]])
        right = 0
        for i, t in pairs:
            t = columns(t) if i and vectors else t
            t = align(t, len(leading), shapes[i], len(shape_of(y)))
            right = right + t if i else right - np.matmul(t, y)
        found = solve(a, right, len(leading))
        return found[..., 0] if vectors else found

    def pull(positions: Any, ct: Any, y: Any, args: Any, kwargs: Any, times: Any) -> Any:
        share = transposed(ct, y, *args)
        outer = _outer if y.ndim < args[0].ndim else _outer_columns
        return [share if i else -outer(share, y) for i in positions]

    def transposed(ct: Any, y: Any, a: Any, b: Any) -> Any:
        count = len(lead(ct, y))
        if y.ndim < a.ndim:
            return solve(mT(a), columns(ct), count)[..., 0]
        return solve(mT(a), ct, count)

    return Row(np.linalg.solve, "general", push, pull, 2, rules=((transposed,), (transposed,)))


def _outer(a: Any, b: Any) -> Any:
    """Return the outer products of vectors."""
    return a[..., :, None] * b[..., None, :]


def _outer_columns(a: Any, b: Any) -> Any:
    """Return the sum of the outer products of the columns of two matrices."""
    return np.matmul(a, mT(b))


def _cofactors(y: Any, a: Any) -> Any:
    """Return the cofactors of `a`, whose determinant is `y`: its derivative."""
    try:
        inverted = np.linalg.inv(a)
    except np.linalg.LinAlgError:
        return _cofactors_by_blocks(a)
    plain, other = strip(a), strip(inverted)
    axes = (-2, -1)
    conditions = np.linalg.norm(plain, axis=axes) * np.linalg.norm(other, axis=axes)
    if np.any(conditions > np.finfo(plain.dtype).eps ** -0.5):
        return _cofactors_by_blocks(a)
    return factors(y) * mT(inverted)


def _cofactors_by_blocks(a: Any) -> Any:
    """Return the cofactors of a matrix that is singular, or nearly so.

    Between the bases of its singular vectors, which are constants here, the matrix has an
    invertible block of the large singular values; the Schur complement of that block is small.
    Determinant and adjugate are polynomials of the complement, and so right at every order.
    """
    u, s, vh = np.linalg.svd(strip(a))
    small = s <= shape_of(a)[-1] * np.finfo(s.dtype).eps ** 0.5 * s[..., :1]
    r = shape_of(a)[-1] - int(np.max(np.count_nonzero(small, -1), initial=0))
    left, right = adjoint(vh), adjoint(u)
    b = np.matmul(np.matmul(right, a), left)
    inverted = np.linalg.inv(b[..., :r, :r])
    above = np.matmul(inverted, b[..., :r, r:])
    below = np.matmul(b[..., r:, :r], inverted)
    schur = b[..., r:, r:] - np.matmul(b[..., r:, :r], above)
    adjugate, determinant = _adjugate(schur)
    factor = np.linalg.det(b[..., :r, :r]) * np.linalg.det(u) * np.linalg.det(vh)
    through = np.matmul(left[..., :r], above) - left[..., r:]
    through = np.matmul(through, adjugate)
    through = np.matmul(through, np.matmul(below, right[..., :r, :]) - right[..., r:, :])
    beside = np.matmul(np.matmul(left[..., :r], inverted), right[..., :r, :])
    return mT(factors(factor) * (through + factors(determinant) * beside))


def _adjugate(a: Any) -> tuple[Any, Any]:
    """Return adjugates and determinants of small matrices, without division by them.

    This is the algorithm of Faddeev and Le Verrier (Householder 1964, section 6.7).
    """
    n = shape_of(a)[-1]
    one = np.eye(n, dtype=a.dtype)
    m, c = np.zeros(shape_of(a), a.dtype) + one, np.ones(shape_of(a)[:-2], a.dtype)
    for k in range(1, n + 1):
        if k > 1:
            m = np.matmul(a, m) + factors(c) * one
        c = -np.sum(a * mT(m), (-2, -1)) / k
    return (m, -c) if n % 2 else (-m, c)


def _slogdet_inverse(a: Any, sign: Any, moving: Any) -> Any:
    """Return inverses; of singular matrices too, if nothing is `moving` there."""
    try:
        return np.linalg.inv(a)
    except np.linalg.LinAlgError:
        singular = strip(sign) == 0
        if np.any(singular & strip(moving)):
            raise SingularDerivativeError("numpy.linalg.slogdet", "a matrix is singular") from None
        one = np.eye(shape_of(a)[-1], dtype=bool)
        return np.linalg.inv(np.where(singular[..., None, None], one, a))


def _slogdet_jvp(t: Any, y: Any, a: Any) -> Any:
    """Return the tangents of the sign, which turns if it is complex, and of the logarithm."""
    sign, _ = y
    inverted = _slogdet_inverse(a, sign, np.any(strip(t) != 0, (-2, -1)))
    growth = np.sum(mT(inverted) * t, (-2, -1))
    if is_complex(a):
        return 1j * np.imag(growth) * sign, np.real(growth)
    return 0 * growth, growth


def _slogdet_vjp(ct: Any, y: Any, a: Any) -> Any:
    """Return the transpose of the JVP."""
    sign, _ = y
    by_sign, by_log = ct
    if is_complex(a):
        by_log = by_log + 1j * np.imag(by_sign * sign)
    inverted = _slogdet_inverse(a, sign, strip(by_log) != 0)
    return factors(by_log) * mT(inverted)


def _tensorinv(a: Any, ind: int = 2) -> Any:
    """Return the inverse of a tensor as that of a matrix, as NumPy does."""
    shape = shape_of(a)
    if ind <= 0:
        raise ValueError("Invalid ind argument.")
    rows = np.linalg.inv(np.reshape(a, (prod(shape[ind:]), -1)))
    return np.reshape(rows, shape[ind:] + shape[:ind])


def _tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    """Return the solution of a tensor equation as that of a matrix equation, as NumPy does."""
    ndim = len(shape_of(a))
    if axes is not None:
        order = [k for k in range(ndim) if k not in axes] + list(axes)
        a = np.transpose(a, order)
    shape = shape_of(a)[len(shape_of(b)) - ndim :]
    size = prod(shape)
    if prod(shape_of(a)) != size**2:
        return np.linalg.tensorsolve(strip(a), strip(b))  # which raises
    return np.reshape(np.linalg.solve(np.reshape(a, (size, size)), np.ravel(b)), shape)


ROWS = [
    _solve(),
    general(
        np.linalg.inv,
        [lambda t, y, a: -np.matmul(np.matmul(y, t), y)],
        [lambda ct, y, a: -np.matmul(np.matmul(mT(y), ct), mT(y))],
    ),
    general(
        np.linalg.det,
        [lambda t, y, a: np.sum(_cofactors(y, a) * t, (-2, -1))],
        [lambda ct, y, a: factors(ct) * _cofactors(y, a)],
    ),
    general(np.linalg.slogdet, [_slogdet_jvp], [_slogdet_vjp]),
    composite(np.linalg.tensorinv, _tensorinv),
    composite(np.linalg.tensorsolve, _tensorsolve),
    *constant(np.linalg.matrix_rank),
]
