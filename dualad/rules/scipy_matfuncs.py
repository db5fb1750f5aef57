"""`scipy.linalg`: further functions of matrices, Riccati's equations, and banded matrices."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
from scipy import linalg

from dualad.core.row import Row
from dualad.core.tracer import shape_of, strip
from dualad.rules.directions import each_direction, lead, mT
from dualad.rules.joining import as_array, in_dtype
from dualad.rules.kinds import composite, constant, general
from dualad.rules.matrices import adjoint, columns, is_complex, on_diagonal
from dualad.rules.scipy_linalg import lu_factor, solve_sylvester, solve_triangular
from dualad.rules.scipy_structured import checked, named, refuse
from dualad.rules.standing import newton_steps, settled_as
from dualad.rules.transposing import transpose_of

# Functions of matrices


def _block(function: Callable[..., Any], t: Any, a: Any, *params: Any) -> Any:
    """Return the derivative along `t`: a block of the function of a block matrix.

    Higham 2008, "Functions of Matrices", equation (3.16).
    """
    n = shape_of(a)[-1]

    def along(part: Any) -> Any:
        above = np.concatenate([a, part], -1)
        below = np.concatenate([np.zeros((n, n), strip(a).dtype), a], -1)
        return function(np.concatenate([above, below], -2), *params)[:n, n:]

    return each_direction(along, t, lead(t, a))


def _of_writable(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of a matrix that may be read-only, which SciPy's older ones refuse."""

    @wraps(function)
    def call(A: Any, *args: Any, **kwargs: Any) -> Any:
        A = np.asarray(A)
        return function(A if A.flags.writeable else A.copy(), *args, **kwargs)

    return named(call)


logm = _of_writable(linalg.logm)
fractional_matrix_power = _of_writable(linalg.fractional_matrix_power)


def _of_matrix(function: Callable[..., Any]) -> Row:
    """Return the row of a function of a matrix."""

    def jvp(t: Any, y: Any, A: Any, disp: Any = True) -> Any:
        if not disp:
            refuse(function.__name__, "disp=False", "disp=True")
        return in_dtype(_block(function, t, A), y.dtype)

    def vjp(ct: Any, y: Any, A: Any, disp: Any = True) -> Any:
        if not disp:
            refuse(function.__name__, "disp=False", "disp=True")
        return _block(function, ct, mT(A))

    return general(function, [jvp], [vjp])


signm = named(linalg.signm)


def _sign_along(t: Any, y: Any, A: Any, disp: Any = True) -> Any:
    """Return the tangent of the sign function (Higham 2008, theorem 5.3)."""
    if not disp:
        refuse("signm", "disp=False", "disp=True")
    root, right = np.matmul(y, A), t - np.matmul(np.matmul(y, t), y)
    found = each_direction(lambda part: solve_sylvester(root, root, part), right, lead(t, A))
    return in_dtype(found, y.dtype)


def _log_power(t: Any, y: Any, A: Any, p: Any) -> Any:
    """Return the tangent by the exponent."""
    return np.reshape(t, (*shape_of(t), 1, 1)) * np.matmul(logm(A), y)


_POWER = general(
    fractional_matrix_power,
    [
        lambda t, y, A, p: in_dtype(_block(fractional_matrix_power, t, A, p), y.dtype),
        lambda t, y, A, p: in_dtype(_log_power(t, y, A, p), y.dtype),
    ],
    [
        lambda ct, y, A, p: _block(fractional_matrix_power, ct, mT(A), p),
        lambda ct, y, A, p: np.sum(ct * np.matmul(logm(A), y), (-2, -1)).real,
    ],
)

# Eigenvalues


def _eigh_tridiagonal(d: Any, e: Any, eigvals_only: Any = False, select: Any = "a",
                      select_range: Any = None, check_finite: Any = True, tol: Any = 0.0,
                      lapack_driver: Any = "auto") -> Any:  # fmt: skip
    """Return eigenvalues and eigenvectors of a symmetric matrix of three diagonals."""
    checked(d, e, check_finite=check_finite)
    plain = linalg.eigh_tridiagonal(*strip((d, e)), eigvals_only, select, select_range)
    d, e = as_array(d), as_array(e)
    n = shape_of(d)[0]
    beside = np.pad(e, (0, 1)) if n > 1 else d * 0.0
    a = on_diagonal(d) + np.roll(on_diagonal(beside), 1, -2)
    chosen: Any = slice(None)
    if select in ("i", 2):
        chosen = slice(int(select_range[0]), int(select_range[1]) + 1)
    elif select in ("v", 1):
        values = np.linalg.eigvalsh(strip(a))
        chosen = np.flatnonzero((values > select_range[0]) & (values <= select_range[1]))
    if eigvals_only:
        found = np.linalg.eigvalsh(a)[chosen]
    else:
        w, v = np.linalg.eigh(a)
        w, v = w[chosen], v[:, chosen]
        found = (w, v * np.sign(np.sum(strip(v) * plain[1], 0)))
    return settled_as(plain, found, "scipy.linalg.eigh_tridiagonal", f"select={select!r}")


def _lu(a: Any, permute_l: Any = False, overwrite_a: Any = False, check_finite: Any = True,
        p_indices: Any = False) -> Any:  # fmt: skip
    """Return the factors of a square matrix: a permutation and two triangles."""
    plain = linalg.lu(strip(a), permute_l, check_finite=check_finite, p_indices=p_indices)
    if len(shape_of(a)) != 2 or shape_of(a)[0] != shape_of(a)[1]:
        refuse("lu", "a matrix that is not square, or several", "square matrices")
    both = lu_factor(a)[0]
    lower = np.tril(both, -1) + np.eye(shape_of(a)[0], dtype=both.dtype)
    places = linalg.lu(strip(a), p_indices=True)[0]
    lower = lower[places] if permute_l else lower
    found = settled_as(plain[-2:], (lower, np.triu(both)), "scipy.linalg.lu", "these pivots")
    return found if permute_l else (plain[0], *found)


# Riccati's equations


def _riccati(function: Any, discrete: bool) -> Callable[..., Any]:
    """Return the solution of a Riccati equation.

    At the solution, which SciPy finds, steps of Newton's method are taken in which everything is
    traced. Each solves a Lyapunov equation, and doubles the order of derivatives that are right.
    """

    def body(a: Any, b: Any, q: Any, r: Any, e: Any = None, s: Any = None,
             balanced: Any = True) -> Any:  # fmt: skip
        plain = function(*strip((a, b, q, r, e, s)), balanced)
        given = [as_array(value) for value in (a, b, q, r)]
        if any(len(shape_of(value)) != 2 for value in given):
            refuse(function.__name__, "stacks of matrices", "a loop")
        a, b, q, r = given
        e = np.eye(len(plain)) if e is None else as_array(e)
        s = np.zeros(shape_of(b)) if s is None else as_array(s)
        x = plain
        for _ in range(newton_steps(a, b, q, r, e, s)):
            right = np.matmul(adjoint(e), x)
            middle = r
            if discrete:
                right = np.matmul(adjoint(a), x)
                middle = r + np.matmul(adjoint(b), np.matmul(x, b))
            cross = np.matmul(right, b) + s
            gain = np.linalg.solve(middle, adjoint(cross))
            closed = np.linalg.solve(mT(e), mT(a - np.matmul(b, gain)))
            closed = mT(closed)  # (a - b gain) e^-1
            if discrete:
                off = np.matmul(right, a) - np.matmul(adjoint(e), np.matmul(x, e))
            else:
                half = np.matmul(right, a)
                off = half + adjoint(half)
            off = off + q - np.matmul(cross, gain)
            off = np.linalg.solve(adjoint(e), off)
            off = mT(np.linalg.solve(mT(e), mT(off)))
            if discrete:
                system = np.eye(plain.size) - np.kron(adjoint(closed), mT(closed))
                x = x + np.reshape(np.linalg.solve(system, np.ravel(off)), shape_of(x))
            else:
                x = x - solve_sylvester(adjoint(closed), closed, off)
        return settled_as(
            plain, x, f"scipy.linalg.{function.__name__}", "a solution that is not one"
        )

    return body


# Banded matrices


def band(ab: Any, lower: Any) -> Any:
    """Return the full triangle of which a banded matrix has the diagonals."""
    count, n = shape_of(ab)[-2:]
    i, j = np.indices((n, n))
    rows = i - j if lower else count - 1 + i - j
    inside = (rows >= 0) & (rows < count) & ((i >= j) if lower else (i <= j))
    return np.where(inside, ab[..., np.where(inside, rows, 0), j], 0)


def _banded(a: Any, ab: Any, lower: Any) -> Any:
    """Return the diagonals of a triangle, in the shape of `ab`, whose corners stay."""
    count, n = shape_of(ab)
    k, j = np.indices((count, n))
    i = j + k if lower else j + k - count + 1
    inside = (i >= 0) & (i < n)
    return np.where(inside, a[np.where(inside, i, 0), j], 0)


def _times_band(ab: Any, x: Any, lower: Any) -> Any:
    """Return a Hermitian banded matrix, of which one triangle is given, times columns `x`."""
    count, n = shape_of(ab)[-2:]
    y = 0.0
    for k in range(min(count, n)):
        row = (ab[..., k, : n - k] if lower else ab[..., count - 1 - k, k:])[..., None]
        if not k:
            y = (row.real if is_complex(row) else row) * x
            continue
        first, second = row * x[..., k:, :], row * x[..., : n - k, :]
        first = np.conj(row) * x[..., k:, :] if lower and is_complex(row) else first
        if not lower and is_complex(row):
            second = np.conj(row) * x[..., : n - k, :]
        zeros = np.zeros((*shape_of(first)[:-2], k, shape_of(first)[-1]), first.dtype)
        y = y + np.concatenate([first, zeros], -2) + np.concatenate([zeros, second], -2)
    return y


solveh_banded = named(linalg.solveh_banded)


def _solved(ab: Any, right: Any, lower: Any) -> Any:
    """Return solutions for columns, whose leading directions become further columns."""
    *leading, rows, count = shape_of(right)
    flat = np.reshape(np.moveaxis(np.reshape(right, (-1, rows, count)), 0, -1), (rows, -1)) if (
        right.size
    ) else np.zeros((rows, 0))  # fmt: skip
    if not flat.size:
        return right
    x = solveh_banded(ab, flat, lower=lower, check_finite=False)
    x = np.moveaxis(np.reshape(x, (rows, count, -1)), -1, 0)
    return np.reshape(x, (*leading, rows, count))


def _solveh_rules() -> tuple[list[Any], list[Any]]:
    """Return the JVPs and VJPs of a solution, by the matrix and by the right side."""

    def jvp(of_matrix: bool) -> Any:
        def rule(t: Any, y: Any, ab: Any, b: Any, overwrite_ab: Any = False,
                 overwrite_b: Any = False, lower: Any = False,
                 check_finite: Any = True) -> Any:  # fmt: skip
            vectors = len(shape_of(y)) == 1
            if of_matrix:
                t = -_times_band(t, columns(y) if vectors else y, lower)
            else:
                t = columns(t) if vectors else t
            found = _solved(ab, t, lower)
            return found[..., 0] if vectors else found

        return rule

    def vjp(of_matrix: bool) -> Any:
        def rule(ct: Any, y: Any, ab: Any, b: Any, overwrite_ab: Any = False,
                 overwrite_b: Any = False, lower: Any = False,
                 check_finite: Any = True) -> Any:  # fmt: skip
            vectors = len(shape_of(y)) == 1
            share = _solved(
                np.conj(ab) if is_complex(ab) else ab, columns(ct) if vectors else ct, lower
            )
            if not of_matrix:
                return share[..., 0] if vectors else share
            y = columns(y) if vectors else y
            return -transpose_of(lambda t: _times_band(t, y, lower), share, y, ab)

        return rule

    return [jvp(True), jvp(False)], [vjp(True), vjp(False)]


def _cholesky_banded(ab: Any, overwrite_ab: Any = False, lower: Any = False,
                     check_finite: Any = True) -> Any:  # fmt: skip
    """Return the diagonals of a Cholesky factor, by way of full matrices."""
    plain = linalg.cholesky_banded(strip(ab), lower=lower, check_finite=check_finite)
    ab = as_array(ab)
    triangle = band(ab, lower)
    full = triangle + adjoint(triangle) - on_diagonal(np.diagonal(triangle).real)
    factor = np.linalg.cholesky(full)
    found = _banded(factor if lower else adjoint(factor), ab, lower)
    k, j = np.indices(shape_of(ab))
    i = j + k if lower else j + k - shape_of(ab)[0] + 1
    outside = (i < 0) | (i >= shape_of(ab)[1])
    found = np.where(outside, ab, found)
    return settled_as(plain, found, "scipy.linalg.cholesky_banded", "this matrix")


def _cho_solve_banded(cb_and_lower: Any, b: Any, overwrite_b: Any = False,
                      check_finite: Any = True) -> Any:  # fmt: skip
    """Return the solution of a system by its banded Cholesky factor, by way of a full matrix."""
    cb, lower = cb_and_lower
    cb, b = as_array(cb), as_array(b)
    plain = linalg.cho_solve_banded((strip(cb), lower), strip(b), False, check_finite)
    factor, code = band(cb, lower), 2 if is_complex(cb) else 1
    first, second = (0, code) if lower else (code, 0)
    x = solve_triangular(factor, solve_triangular(factor, b, first, lower), second, lower)
    return settled_as(plain, x, "scipy.linalg.cho_solve_banded", "this matrix")


_QUERIES = [named(getattr(linalg, name)) for name in ("bandwidth", "issymmetric", "ishermitian")]
_BODIES: dict[Any, Callable[..., Any]] = {
    linalg.eigh_tridiagonal: _eigh_tridiagonal,
    linalg.lu: _lu,
    linalg.solve_continuous_are: _riccati(linalg.solve_continuous_are, False),
    linalg.solve_discrete_are: _riccati(linalg.solve_discrete_are, True),
    linalg.cholesky_banded: _cholesky_banded,
    linalg.cho_solve_banded: _cho_solve_banded,
}
ROWS = [
    _of_matrix(logm),
    general(signm, [_sign_along]),
    _POWER,
    general(solveh_banded, *_solveh_rules()),
    *constant(*_QUERIES),
    *[composite(named(function), body) for function, body in _BODIES.items()],
]
