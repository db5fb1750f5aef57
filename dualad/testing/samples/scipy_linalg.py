"""What the rows of `dualad.rules.scipy_linalg` are tried on."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dualad.rules.scipy_linalg import ROWS
from dualad.testing.samples.base import Call, Draws, Sample
from dualad.testing.samples.factorizations import without_signs


def own(rows: Any, name: str) -> Any:
    """Return the function of a row, by its name."""
    return next(row.function for row in rows if row.function.__name__ == name)


def _but_for_signs(out: Any) -> Any:
    """Return eigenvalues, and eigenvectors but for their signs: those of SciPy's jump."""
    return out[0], without_signs(out[1])


DOUBLE = "SciPy takes extended precision for double, and rounds otherwise in single than NumPy"


def _sample(name: str, draw: Callable[[Draws], Call], **options: Any) -> Sample:
    """Return a sample of one of the functions."""
    return Sample(own(ROWS, name), draw, float32=False, reason=DOUBLE, **options)


def _size(d: Draws) -> int:
    """Return the number of rows of a matrix."""
    return d.integer(1, 4)


def _square(d: Draws) -> Call:
    """Return a well-conditioned matrix."""
    return Call(d.matrix(_size(d)))


def _right(d: Draws, n: int) -> Any:
    """Return the right side of a system: a vector or a matrix."""
    return d.array(d.choice(((n,), (n, 2), (n, 1))))


def _triangle(d: Draws) -> Call:
    """Return a matrix, whose triangle is read, a right side, and all flags."""
    n = _size(d)
    a = d.laid_out(d.matrix(n) + 3 * np.eye(n, dtype=d.dtype))
    trans = d.choice((0, 1, 2, "N", "T", "C"))
    return Call(a, _right(d, n), trans, lower=d.boolean(), unit_diagonal=d.boolean())


def _system(d: Draws) -> Call:
    """Return a system, of a general matrix."""
    n = _size(d)
    return Call(d.matrix(n), _right(d, n), assume_a="gen")


def _definite(d: Draws) -> Call:
    """Return a system, of a positive definite matrix of which one triangle is read."""
    n = _size(d)
    return Call(d.spd(n), _right(d, n), lower=d.boolean(), assume_a="pos")


def _symmetric(d: Draws) -> Call:
    """Return a system, of a symmetric matrix of which one triangle is read."""
    n = _size(d)
    kind = "her" if d.dtype.kind == "c" else "sym"
    return Call(d.hermitian(n), _right(d, n), lower=d.boolean(), assume_a=kind)


def _by_cholesky(d: Draws) -> Call:
    """Return a Cholesky factor and a right side."""
    n, lower = _size(d), d.boolean()
    c = np.linalg.cholesky(d.spd(n))
    return Call((d.laid_out(c if lower else c.conj().T), lower), _right(d, n))


def _by_lu(d: Draws) -> Call:
    """Return LU factors and a right side."""
    from scipy import linalg

    n = _size(d)
    lu, pivots = linalg.lu_factor(d.matrix(n))
    return Call((d.laid_out(lu), pivots), _right(d, n), d.choice((0, 1, 2)))


def _equation(d: Draws) -> Call:
    """Return a Sylvester equation with one solution."""
    m, n = _size(d), _size(d)
    return Call(d.spd(m), d.spd(n), d.array((m, n)))


def _lyapunov(d: Draws) -> Call:
    """Return a Lyapunov equation with one solution."""
    n = _size(d)
    return Call(d.laid_out(d.spd(n) * 0.3), d.array((n, n)))


def _vectors(d: Draws) -> Call:
    """Return the first column and row of a matrix."""
    return Call(d.array((d.integer(1, 4),)), d.array((d.integer(1, 4),)))


def _toeplitz_system(d: Draws) -> Call:
    """Return a Toeplitz matrix with a strong diagonal, and a right side."""
    n = _size(d)
    c = d.array((n,), "unit")
    c = np.concatenate([c[:1] + 4, c[1:]])
    b = np.array(_right(d, n))  # older versions of SciPy take no read-only arrays
    return Call((c, np.array(d.array((n,), "unit"))) if d.boolean() else c, b)


def _banded(d: Draws) -> Call:
    """Return a matrix of three diagonals, and a right side."""
    n = d.integer(3, 4)
    ab = d.array((3, n), "unit") + np.array([[0], [4], [0]], d.dtype)
    return Call((1, 1), d.laid_out(ab), _right(d, n))


def _generalized(d: Draws) -> Call:
    """Return a generalized problem."""
    n = _size(d)
    return Call(d.hermitian(n), d.spd(n), eigvals_only=True)


def _tall(d: Draws) -> Call:
    """Return a matrix of full rank."""
    return Call(d.laid_out(d.matrix(4)[:, : d.integer(1, 4)]))


def _squares(d: Draws) -> Call:
    """Return an overdetermined system."""
    a = _tall(d).args[0]
    return Call(a, _right(d, 4))


SAMPLES = [
    _sample("solve_triangular", _triangle, complex=True),
    _sample("solve", _system, complex=True),
    _sample("solve", _definite, complex=True),
    _sample("solve", _symmetric, complex=True),
    _sample("cho_factor", lambda d: Call(d.spd(_size(d)), lower=d.boolean()), complex=True),
    _sample("cho_solve", _by_cholesky, complex=True),
    _sample("lu_factor", _square, complex=True),
    _sample("lu_solve", _by_lu, complex=True),
    _sample("solve_sylvester", _equation, complex=True),
    _sample("solve_continuous_lyapunov", _lyapunov, complex=True),
    _sample("solve_discrete_lyapunov", _lyapunov, complex=True),
    _sample("expm", _square, complex=True),
    _sample("sqrtm", lambda d: Call(d.spd(_size(d))), complex=True),
    _sample(
        "eigh", lambda d: Call(d.hermitian(_size(d)), lower=d.boolean()), observe=_but_for_signs
    ),
    _sample("eigh", lambda d: Call(d.hermitian(3), subset_by_index=(1, 2)), observe=_but_for_signs),
    _sample("eigh", lambda d: Call(d.hermitian(3), d.spd(3)), observe=_but_for_signs),
    _sample("eigh", _generalized, complex=True),
    _sample("eigvalsh", lambda d: Call(d.hermitian(_size(d)), lower=d.boolean()), complex=True),
    _sample("svd", _tall),
    _sample("svd", lambda d: Call(*_tall(d).args, full_matrices=False)),
    _sample("svd", lambda d: Call(*_tall(d).args, compute_uv=False), complex=True),
    _sample("svdvals", _tall, complex=True),
    _sample("qr", lambda d: Call(*_tall(d).args, mode=d.choice(("economic", "r"))), complex=True),
    _sample("qr", lambda d: Call(d.matrix(_size(d))), complex=True),
    _sample("pinv", _tall, complex=True),
    _sample("lstsq", _squares),
    _sample("toeplitz", _vectors, complex=True),
    _sample("toeplitz", lambda d: Call(d.array((3,))), complex=True),
    _sample("circulant", lambda d: Call(d.array((d.integer(1, 4),))), complex=True),
    _sample("hankel", _vectors, complex=True),
    _sample("hankel", lambda d: Call(d.array((3,))), complex=True),
    _sample("solve_toeplitz", _toeplitz_system, complex=True),
    _sample("solve_banded", _banded, complex=True),
    _sample("norm", lambda d: Call(d.array((3,)), d.choice((None, 1, 2, 3.5)))),
    _sample("norm", lambda d: Call(d.matrix(3), d.choice((None, "fro", "nuc")))),
    _sample("inv", _square, complex=True),
    _sample("det", _square, complex=True),
    _sample("cholesky", lambda d: Call(d.spd(_size(d)), lower=d.boolean()), complex=True),
]
