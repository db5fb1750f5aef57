"""`scipy.linalg`: factorizations, the systems they solve, functions of matrices, special matrices.

Values are SciPy's. Most functions are written with rows of `numpy.linalg`; those that solve with a
triangle, exponentiate, or solve a matrix equation have rules of their own.
"""

from math import prod
from typing import Any

import numpy as np
from scipy import linalg

from dualad.core.tracer import primal_value, shape_of, strip
from dualad.rules import scipy_structured
from dualad.rules.directions import each_direction, lead, mT
from dualad.rules.joining import in_dtype
from dualad.rules.kinds import composite, general
from dualad.rules.matrices import adjoint, columns, hermitian, is_complex
from dualad.rules.scipy_structured import checked, named, refuse

solve_triangular = named(linalg.solve_triangular)
solve_sylvester = named(linalg.solve_sylvester)
expm = named(linalg.expm)
sqrtm = named(linalg.sqrtm)
lu_factor = named(linalg.lu_factor)


def _triangle(a: Any, lower: Any, unit: Any = False) -> Any:
    """Return what LAPACK reads of a triangular matrix."""
    a = np.tril(a, -1 if unit else 0) if lower else np.triu(a, 1 if unit else 0)
    return a + np.eye(shape_of(a)[-1], dtype=a.dtype) if unit else a


# Systems of equations


def _solved(a: Any, right: Any, trans: Any, lower: Any, unit: Any) -> Any:
    """Return solutions for matrices `right`, whose leading directions become further columns."""
    *leading, rows, count = shape_of(right)
    if leading:
        right = np.moveaxis(np.reshape(right, (prod(leading), rows, count)), 0, -1)
        right = np.reshape(right, (rows, count * prod(leading)))
    x = solve_triangular(a, right, trans, lower, unit, check_finite=False)
    if not leading:
        return x
    x = np.reshape(x, (rows, count, prod(leading)))
    return np.reshape(np.moveaxis(x, -1, 0), (*leading, rows, count))


_TRANSPOSED = {0: 0, 1: 1, 2: 2, "N": 0, "T": 1, "C": 2}


def _triangular_jvp(of_matrix: bool) -> Any:
    """Return the JVP of a solution by the triangular matrix, or by the right side."""

    def jvp(t: Any, y: Any, a: Any, b: Any, trans: Any = 0, lower: Any = False,
            unit_diagonal: Any = False, overwrite_b: Any = False,
            check_finite: Any = True) -> Any:  # fmt: skip
        vectors = len(shape_of(y)) == 1
        if of_matrix:
            moved = _triangle(t, lower, unit_diagonal) - (
                np.eye(shape_of(a)[-1], dtype=a.dtype) if unit_diagonal else 0
            )
            code = _TRANSPOSED[trans]
            moved = moved if code == 0 else mT(moved) if code == 1 else adjoint(moved)
            right = -np.matmul(moved, columns(y) if vectors else y)
        else:
            right = columns(t) if vectors else t
        found = _solved(a, right, trans, lower, unit_diagonal)
        return found[..., 0] if vectors else found

    return jvp


def _triangular_vjp(of_matrix: bool) -> Any:
    """Return the VJP of a solution by the triangular matrix, or by the right side."""

    def vjp(ct: Any, y: Any, a: Any, b: Any, trans: Any = 0, lower: Any = False,
            unit_diagonal: Any = False, overwrite_b: Any = False,
            check_finite: Any = True) -> Any:  # fmt: skip
        vectors = len(shape_of(y)) == 1
        ct, y = (columns(ct), columns(y)) if vectors else (ct, y)
        code = _TRANSPOSED[trans]
        of_conjugate = code == 2 and is_complex(a)
        matrix = np.conj(a) if of_conjugate else a
        share = _solved(matrix, ct, 0 if code else 1, lower, unit_diagonal)
        if not of_matrix:
            return share[..., 0] if vectors else share
        outer = -np.matmul(share, mT(y)) if code == 0 else -np.matmul(y, mT(share))
        outer = np.conj(outer) if of_conjugate else outer
        return np.tril(outer, -int(unit_diagonal)) if lower else np.triu(outer, int(unit_diagonal))

    return vjp


def _solve(a: Any, b: Any, lower: Any = False, overwrite_a: Any = False,
           overwrite_b: Any = False, check_finite: Any = True, assume_a: Any = None,
           transposed: Any = False) -> Any:  # fmt: skip
    """Return the solution of a system; of matrices of a structure one triangle may be read."""
    checked(a, b, check_finite=check_finite)
    kind = {"symmetric": "sym", "hermitian": "her", "positive definite": "pos"}.get(
        assume_a, assume_a
    )
    if kind in ("her", "pos"):
        a = hermitian(a, bool(lower))
    elif kind == "sym":
        half = np.tril(a, -1) if lower else np.triu(a, 1)
        a = half + mT(half) + a * np.eye(shape_of(a)[-1])
    elif kind in ("lower triangular", "upper triangular"):
        a = _triangle(a, kind[0] == "l")
    elif kind == "diagonal":
        a = a * np.eye(shape_of(a)[-1])
    elif kind == "tridiagonal":
        a = np.triu(np.tril(a, 1), -1)
    elif kind not in (None, "gen", "general", "banded"):
        refuse("solve", f"assume_a={assume_a!r}", "assume_a='gen'")
    return np.linalg.solve(mT(a) if transposed else a, b)


_LEAVES_TRIANGLE = linalg.cho_factor(np.eye(2) + 1)[0][1, 0] != 0  # before SciPy 1.18


def _cho_factor(a: Any, lower: Any = False, overwrite_a: Any = False,
                check_finite: Any = True) -> Any:  # fmt: skip
    """Return a Cholesky factor, with what SciPy leaves in the other triangle, and `lower`."""
    checked(a, check_finite=check_finite)
    factor = np.linalg.cholesky(a, upper=not lower)
    if _LEAVES_TRIANGLE:
        factor = factor + (np.triu(a, 1) if lower else np.tril(a, -1))
    return factor, linalg.cho_factor(np.eye(1), lower)[1]


def _cho_solve(c_and_lower: Any, b: Any, overwrite_b: Any = False, check_finite: Any = True) -> Any:
    """Return the solution of a system by its Cholesky factor."""
    c, lower = c_and_lower
    checked(c, b, check_finite=check_finite)
    code = 2 if is_complex(c) else 1
    first, second = (0, code) if lower else (code, 0)
    return solve_triangular(c, solve_triangular(c, b, first, lower), second, lower)


def _order(pivots: Any) -> Any:
    """Return the permutation that a sequence of interchanges of rows makes."""
    order = np.arange(len(pivots))
    for i, k in enumerate(pivots):
        order[[i, k]] = order[[k, i]]
    return order


def _lu_jvp(t: Any, y: Any, a: Any, overwrite_a: Any = False, check_finite: Any = True) -> Any:
    """Return the tangents of both triangles, stored in one matrix; the pivots have none.

    This is the derivative of ``L U = P A`` (de Hoog, Anderssen and Lukas 2011).
    """
    lu, pivots = y
    unit, upper = _triangle(lu, True, True), np.triu(lu)
    f = np.matmul(np.linalg.inv(unit), np.take(t, _order(strip(pivots)), -2))
    f = np.matmul(f, np.linalg.inv(upper))
    return np.matmul(unit, np.tril(f, -1)) + np.matmul(np.triu(f), upper), np.zeros(
        lead(t, a) + shape_of(pivots)
    )


def _lu_solve(lu_and_piv: Any, b: Any, trans: Any = 0, overwrite_b: Any = False,
              check_finite: Any = True) -> Any:  # fmt: skip
    """Return the solution of a system by its LU factors."""
    lu, pivots = lu_and_piv
    checked(lu, b, check_finite=check_finite)
    order = _order(strip(pivots))
    if not trans:
        x = solve_triangular(lu, np.take(b, order, 0), 0, True, True)
        return solve_triangular(lu, x)
    x = solve_triangular(lu, b, trans)
    return np.take(solve_triangular(lu, x, trans, True, True), np.argsort(order), 0)


# Matrix equations


def _sylvester(t: Any, y: Any, a: Any, b: Any, q: Any) -> Any:
    """Return the tangent of the solution of ``A X + X B = Q``, given that of Q."""
    return each_direction(lambda part: solve_sylvester(a, b, part), t, lead(t, q))


def _sylvester_ct(ct: Any, y: Any, a: Any, b: Any, q: Any) -> Any:
    """Return the cotangent of Q."""
    return each_direction(lambda part: solve_sylvester(mT(a), mT(b), part), ct, lead(ct, y))


def _continuous_lyapunov(a: Any, q: Any) -> Any:
    """Return the solution of ``A X + X A^H = Q``."""
    return solve_sylvester(a, adjoint(a), q)


def _discrete_lyapunov(a: Any, q: Any, method: Any = None) -> Any:
    """Return the solution of ``A X A^H - X + Q = 0``, as that of a system of n**2 equations."""
    n = shape_of(a)[-1]
    system = np.eye(n * n) - np.kron(a, np.conj(a) if is_complex(a) else a)
    return np.reshape(np.linalg.solve(system, np.ravel(q)), (n, n))


def _expm_along(t: Any, a: Any) -> Any:
    """Return the derivative of the exponential along `t`: a block of that of a block matrix.

    Higham 2008, "Functions of Matrices", equation (3.16).
    """
    n = shape_of(a)[-1]
    a = np.broadcast_to(a, shape_of(t))
    above = np.concatenate([a, t], -1)
    below = np.concatenate([np.zeros(shape_of(t), a.dtype), a], -1)
    return expm(np.concatenate([above, below], -2))[..., :n, n:]


# Eigenvalues and singular values


def _turned(v: Any, wanted: Any, axis: int, function: str) -> Any:
    """Return real vectors with the signs of SciPy's, which chooses them in its own way."""
    plain = strip(v)
    signs = np.sign(np.sum(plain * wanted, axis, keepdims=True))
    near = 1e3 * max(plain.shape, default=1) * float(np.finfo(plain.dtype).eps) ** 0.75
    if np.iscomplexobj(plain) or not np.all(np.abs(plain * signs - wanted) <= near):
        refuse(function, "vectors that differ from NumPy's", f"numpy.linalg.{function}")
    return v * signs


def _eigh(a: Any, b: Any = None, *, lower: Any = True, eigvals_only: Any = False,
          overwrite_a: Any = False, overwrite_b: Any = False, type: Any = 1,
          check_finite: Any = True, subset_by_index: Any = None, subset_by_value: Any = None,
          driver: Any = None) -> Any:  # fmt: skip
    """Return eigenvalues and vectors of a symmetric problem, perhaps a generalized one."""
    checked(a, check_finite=check_finite)
    if subset_by_value is not None or (b is not None and type != 1):
        refuse("eigh", "subset_by_value or type", "the whole problem, of type 1")
    factor, problem = None, (a, b)
    if b is not None:
        factor = np.linalg.cholesky(hermitian(b, bool(lower)))
        half = np.linalg.solve(factor, hermitian(a, bool(lower)))
        a = np.linalg.solve(factor, adjoint(half))
    first, last = (0, shape_of(a)[-1] - 1) if subset_by_index is None else subset_by_index
    chosen = slice(int(first), int(last) + 1)
    side: Any = "L" if lower else "U"
    if eigvals_only:
        return np.linalg.eigvalsh(a, side)[..., chosen]
    w, v = np.linalg.eigh(a, side)
    v = (v if factor is None else np.linalg.solve(adjoint(factor), v))[..., :, chosen]
    plain = strip(problem)
    wanted = linalg.eigh(*plain, lower=lower, driver=driver, subset_by_index=subset_by_index)[1]
    return w[..., chosen], _turned(v, wanted, -2, "eigh")


def _eigvalsh(a: Any, b: Any = None, *, lower: Any = True, **rest: Any) -> Any:
    """Return the eigenvalues of a symmetric problem."""
    return _eigh(a, b, lower=lower, eigvals_only=True, **rest)


def _svd(a: Any, full_matrices: Any = True, compute_uv: Any = True, overwrite_a: Any = False,
         check_finite: Any = True, lapack_driver: Any = "gesdd") -> Any:  # fmt: skip
    """Return singular values and vectors, with the signs of SciPy's."""
    checked(a, check_finite=check_finite)
    if not compute_uv:
        return np.linalg.svd(a, compute_uv=False)
    u, s, vh = np.linalg.svd(a, full_matrices)
    plain = linalg.svd(strip(a), full_matrices, lapack_driver=lapack_driver)
    return _turned(u, plain[0], -2, "svd"), s, _turned(vh, plain[2], -1, "svd")


def _qr(a: Any, overwrite_a: Any = False, lwork: Any = None, mode: Any = "full",
        pivoting: Any = False, check_finite: Any = True) -> Any:  # fmt: skip
    """Return Q and R, in the forms of SciPy."""
    checked(a, check_finite=check_finite)
    if mode == "raw":
        refuse("qr", "mode='raw'", "another mode")
    order: Any = ()
    if pivoting:  # the chosen columns have none larger beside them: their order is constant
        if len(shape_of(a)) != 2:
            refuse("qr", "pivoting of several matrices", "a loop")
        order = (linalg.qr(strip(a), mode="r", pivoting=True)[1],)
        a = a[:, order[0]]
    if mode == "r":
        return (np.linalg.qr(a, "complete")[1], *order)
    modes: Any = {"full": "complete", "economic": "reduced"}
    return (*np.linalg.qr(a, modes[mode]), *order)


def _pinv(a: Any, *, atol: Any = None, rtol: Any = None, return_rank: Any = False,
          check_finite: Any = True) -> Any:  # fmt: skip
    """Return the pseudo-inverse."""
    checked(a, check_finite=check_finite)
    if atol is not None or return_rank:
        refuse("pinv", "atol or return_rank", "rtol")
    eps = float(np.finfo(a.dtype).eps)
    return np.linalg.pinv(a, max(shape_of(a)[-2:]) * eps if rtol is None else rtol)


def _lstsq(a: Any, b: Any, cond: Any = None, overwrite_a: Any = False, overwrite_b: Any = False,
           check_finite: Any = True, lapack_driver: Any = None) -> Any:  # fmt: skip
    """Return the least-squares solution, residuals, rank and singular values."""
    checked(a, b, check_finite=check_finite)
    if lapack_driver not in (None, "gelsd"):
        refuse("lstsq", "lapack_driver", "the default")
    dtype = np.result_type(primal_value(a), primal_value(b), np.float32)
    x, residuals, rank, s = np.linalg.lstsq(
        a, b, float(np.finfo(dtype).eps) if cond is None else cond
    )
    _, number, like, _ = linalg.lstsq(np.ones((2, 1)), np.ones(2))  # their types are the version's
    if len(shape_of(b)) == 1 and shape_of(residuals) == (1,):
        residuals = residuals[(0, ...) if isinstance(number, np.ndarray) else 0]
    return x, residuals, type(like)(rank), s


def _norm(a: Any, ord: Any = None, axis: Any = None, keepdims: Any = False,
          check_finite: Any = True) -> Any:  # fmt: skip
    """Return a norm."""
    y = np.linalg.norm(a, ord, axis, keepdims)
    plain = linalg.norm(strip(a), ord, axis, keepdims, check_finite)
    return y + (plain - strip(y))  # SciPy rounds in another way


def _on(function: Any) -> Any:
    """Return a function of one matrix, with SciPy's other parameters, by one of NumPy's."""

    def body(a: Any, overwrite_a: Any = False, check_finite: Any = True) -> Any:
        checked(a, check_finite=check_finite)
        return function(a)

    return body


ROWS = [
    *scipy_structured.ROWS,
    general(
        solve_triangular,
        [_triangular_jvp(True), _triangular_jvp(False)],
        [_triangular_vjp(True), _triangular_vjp(False)],
    ),
    general(
        solve_sylvester,
        [
            lambda t, y, a, b, q: -_sylvester(np.matmul(t, y), y, a, b, q),
            lambda t, y, a, b, q: -_sylvester(np.matmul(y, t), y, a, b, q),
            _sylvester,
        ],
        [
            lambda ct, y, a, b, q: -np.matmul(_sylvester_ct(ct, y, a, b, q), mT(y)),
            lambda ct, y, a, b, q: -np.matmul(mT(y), _sylvester_ct(ct, y, a, b, q)),
            _sylvester_ct,
        ],
    ),
    general(
        expm,
        [lambda t, y, A: _expm_along(t, A)],
        [lambda ct, y, A: _expm_along(ct, mT(A))],
    ),
    general(
        sqrtm,
        [lambda t, y, A, disp=True, blocksize=64: in_dtype(_sylvester(t, y, y, y, A), y.dtype)],
    ),
    general(lu_factor, [_lu_jvp]),
    *[
        composite(named(function), body)
        for function, body in {
            linalg.solve: _solve,
            linalg.cho_factor: _cho_factor,
            linalg.cho_solve: _cho_solve,
            linalg.lu_solve: _lu_solve,
            linalg.solve_continuous_lyapunov: _continuous_lyapunov,
            linalg.solve_discrete_lyapunov: _discrete_lyapunov,
            linalg.eigh: _eigh,
            linalg.eigvalsh: _eigvalsh,
            linalg.svd: _svd,
            linalg.qr: _qr,
            linalg.pinv: _pinv,
            linalg.lstsq: _lstsq,
            linalg.norm: _norm,
            linalg.inv: _on(np.linalg.inv),
            linalg.det: _on(np.linalg.det),
            linalg.svdvals: _on(lambda a: np.linalg.svd(a, compute_uv=False)),
            linalg.cholesky: lambda a, lower=False, overwrite_a=False, check_finite=True: _on(
                lambda x: np.linalg.cholesky(x, upper=not lower)
            )(a, False, check_finite),
        }.items()
    ],
]
