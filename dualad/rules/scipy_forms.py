"""`scipy.linalg`: forms to which matrices are brought, and eigenvalues of pairs and of bands."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import linalg

from dualad.core.dispatch import dispatching
from dualad.core.tracer import as_array, shape_of, strip
from dualad.rules import scipy_symmetric
from dualad.rules.directions import mT
from dualad.rules.joining import in_dtype
from dualad.rules.kinds import composite, general
from dualad.rules.matrices import adjoint, is_complex, on_diagonal
from dualad.rules.scipy_matfuncs import band
from dualad.rules.scipy_structured import checked, named, refuse
from dualad.rules.standing import settled_as


@dispatching
def schur_form(a: Any) -> tuple[Any, Any]:
    """Return Schur's form of a real matrix, and the basis in which it has it."""
    t, z = linalg.schur(a)
    if np.any(np.tril(t, -1)):
        refuse("schur", "complex eigenvalues", "numpy.linalg.eig")
    return t, z


@dispatching
def hessenberg_form(a: Any) -> tuple[Any, Any]:
    """Return Hessenberg's form of a real matrix, and the basis in which it has it."""
    h, q = linalg.hessenberg(a, calc_q=True)
    return h, q


def _turning(first: int, below: int) -> Any:
    """Return the jvp of a form that is zero where a row is more than `below` under the diagonal.

    The basis ``Q`` moves by ``Q X``, where ``X`` is skew, and is zero in its first columns. So
    the form ``H`` moves by ``Q^T dA Q + H X - X H``, which is zero where the form is.
    """

    def jvp(t: Any, y: Any, a: Any) -> Any:
        form, basis = y
        n = shape_of(a)[-1]
        i, j = np.indices((n, n))
        whole = np.eye(n * n)
        free = np.flatnonzero((i > j) & (j >= first))
        zero = np.flatnonzero(i > j + below)
        skew = whole[free] - whole[(j * n + i).ravel()[free]]
        moves = np.kron(np.eye(n), mT(form)) - np.kron(form, np.eye(n))
        system = np.matmul(whole[zero], np.matmul(moves, skew.T))
        change = np.matmul(mT(basis), np.matmul(t, basis))
        flat = np.reshape(change, (*shape_of(change)[:-2], n * n))
        found = np.matmul(np.matmul(flat, whole[:, zero]), mT(np.linalg.inv(system)))
        turn = np.reshape(np.matmul(found, skew), shape_of(change))
        moved = change + np.matmul(form, turn) - np.matmul(turn, form)
        return (
            in_dtype(np.triu(moved, -below), form.dtype),
            in_dtype(np.matmul(basis, turn), basis.dtype),
        )

    return jvp


def _schur(a: Any, output: Any = "real", lwork: Any = None, overwrite_a: Any = False,
           sort: Any = None, check_finite: Any = True) -> Any:  # fmt: skip
    """Return Schur's form of a real matrix whose eigenvalues are real, and the basis."""
    checked(a, check_finite=check_finite)
    real = output in ("real", "r") and not is_complex(a)
    if sort is not None or not real or len(shape_of(a)) != 2:
        refuse("schur", "sort, complex numbers, or several matrices", "output='real'")
    return schur_form(a)


def _hessenberg(a: Any, calc_q: Any = False, overwrite_a: Any = False,
                check_finite: Any = True) -> Any:  # fmt: skip
    """Return Hessenberg's form of a real matrix, perhaps with the basis."""
    checked(a, check_finite=check_finite)
    if is_complex(a) or len(shape_of(a)) != 2:
        refuse("hessenberg", "complex numbers, or several matrices", "one real matrix")
    return hessenberg_form(a) if calc_q else hessenberg_form(a)[0]


def _rq(a: Any, overwrite_a: Any = False, lwork: Any = None, mode: Any = "full",
        check_finite: Any = True) -> Any:  # fmt: skip
    """Return the factors of a real matrix: a triangle, and an orthogonal matrix after it."""
    plain = linalg.rq(strip(a), mode=mode, check_finite=check_finite)
    if is_complex(a) or len(shape_of(a)) != 2:
        refuse("rq", "complex numbers, or several matrices", "one real matrix")
    q, r = np.linalg.qr(mT(a[::-1]), "reduced" if mode == "economic" else "complete")
    r, q = mT(r)[::-1, ::-1], mT(q)[::-1]
    wanted = linalg.rq(strip(a))[1] if mode != "economic" else plain[1]
    signs = np.sign(np.sum(strip(q) * wanted, -1))
    r = r * signs
    found = r if mode == "r" else (r, q * signs[:, None])
    return settled_as(plain, found, "scipy.linalg.rq", "this matrix")


def _ordered(w: Any, plain: Any) -> Any:
    """Return in which order eigenvalues are those of another solver."""
    free, order = list(range(len(plain))), []
    for value in plain:
        k = min(free, key=lambda i: abs(w[i] - value))
        free.remove(k)
        order.append(k)
    return np.array(order, int)


def _vectors(v: Any, plain: Any) -> Any:
    """Return vectors with the signs of another solver's."""
    signs = np.sign(np.sum(np.conj(strip(v)) * plain, 0).real)
    return v * np.where(signs == 0, 1, signs)


def _eig(a: Any, b: Any = None, left: Any = False, right: Any = True, overwrite_a: Any = False,
         overwrite_b: Any = False, check_finite: Any = True,
         homogeneous_eigvals: Any = False) -> Any:  # fmt: skip
    """Return eigenvalues, and left or right eigenvectors, of a matrix or of a pair."""
    plain = linalg.eig(
        *strip((a, b)), left, right, check_finite=check_finite,
        homogeneous_eigvals=homogeneous_eigvals,
    )  # fmt: skip
    if homogeneous_eigvals:
        refuse("eig", "homogeneous_eigvals", "the quotients")
    values, *wanted = plain if left or right else (plain,)
    problem = a if b is None else np.linalg.solve(b, a)
    if not left and not right:
        w = np.linalg.eigvals(problem)
        found: Any = [w[_ordered(strip(w), values)].astype(values.dtype)]
    else:
        w, v = np.linalg.eig(problem)
        order = _ordered(strip(w), values)
        found = [w[order].astype(values.dtype)]
        if left:
            other = adjoint(a) if b is None else np.linalg.solve(adjoint(b), adjoint(a))
            turned, u = np.linalg.eig(other)
            u = u[:, _ordered(np.conj(strip(turned)), values)]
            found.append(_vectors(u, wanted[0]))
        if right:
            found.append(_vectors(v[:, order], wanted[-1]))
    what = "complex vectors of b, or this order"
    parts = settled_as((values, *wanted), tuple(found), "scipy.linalg.eig", what)
    return parts if wanted else parts[0]


def _eigvals(a: Any, b: Any = None, overwrite_a: Any = False, check_finite: Any = True,
             homogeneous_eigvals: Any = False) -> Any:  # fmt: skip
    """Return the eigenvalues of a matrix or of a pair."""
    return _eig(
        a, b, False, False, check_finite=check_finite, homogeneous_eigvals=homogeneous_eigvals
    )


def _eig_banded(a_band: Any, lower: Any = False, eigvals_only: Any = False,
                overwrite_a_band: Any = False, select: Any = "a", select_range: Any = None,
                max_ev: Any = 0, check_finite: Any = True) -> Any:  # fmt: skip
    """Return eigenvalues and eigenvectors of a Hermitian matrix, of which the bands are given."""
    a_band = as_array(a_band)
    plain = linalg.eig_banded(
        strip(a_band), lower, eigvals_only, False, select, select_range, max_ev, check_finite
    )
    triangle = band(a_band, lower)
    a = triangle + adjoint(triangle) - on_diagonal(np.diagonal(triangle).real)
    if eigvals_only:
        w = np.linalg.eigvalsh(a)
        found: Any = w[_ordered(strip(w), plain)]
    else:
        w, v = np.linalg.eigh(a)
        order = _ordered(strip(w), plain[0])
        found = w[order], _vectors(v[:, order], plain[1])
    return settled_as(plain, found, "scipy.linalg.eig_banded", "complex vectors")


def _eigvals_banded(a_band: Any, lower: Any = False, overwrite_a_band: Any = False,
                    select: Any = "a", select_range: Any = None,
                    check_finite: Any = True) -> Any:  # fmt: skip
    """Return eigenvalues of a Hermitian matrix, of which the bands are given."""
    return _eig_banded(a_band, lower, True, False, select, select_range, 0, check_finite)


_BODIES: dict[Any, Callable[..., Any]] = {
    linalg.schur: _schur,
    linalg.hessenberg: _hessenberg,
    linalg.rq: _rq,
    linalg.eig: _eig,
    linalg.eigvals: _eigvals,
    linalg.eig_banded: _eig_banded,
    linalg.eigvals_banded: _eigvals_banded,
}
ROWS = [
    *scipy_symmetric.ROWS,
    general(schur_form, [_turning(0, 0)]),
    general(hessenberg_form, [_turning(1, 1)]),
    *[composite(named(function), body) for function, body in _BODIES.items()],
]
