"""What the rows of `dualad.rules.scipy_matfuncs` are tried on."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import linalg

from dualad.rules.scipy_matfuncs import ROWS
from dualad.testing.samples.base import Call, Draws, Sample
from dualad.testing.samples.factorizations import without_signs
from dualad.testing.samples.scipy_forms import apart
from dualad.testing.samples.scipy_linalg import DOUBLE, own


def _sample(name: str, draw: Callable[[Draws], Call], **options: Any) -> Sample:
    """Return a sample of one of the functions."""
    return Sample(own(ROWS, name), draw, **{"float32": False, "reason": DOUBLE, **options})


def _near_one(d: Draws) -> Any:
    """Return a matrix whose eigenvalues lie around 2."""
    n = d.integer(1, 3)
    return d.laid_out(np.eye(n) * 2 + d.matrix(n) / 3)


def _but_for_signs(out: Any) -> Any:
    """Return eigenvalues, and eigenvectors but for their signs."""
    return out[0], without_signs(out[1])


def _tridiagonal(d: Draws) -> Call:
    """Return two diagonals, whether vectors are wanted, and which eigenvalues."""
    n = d.integer(1, 4)
    chosen = d.choice((("a", None), ("i", (0, min(1, n - 1))), ("v", (-99.0, 99.0))))
    return Call(d.array((n,), "distinct") * 3, d.array((n - 1,), "positive"), True, *chosen)


def _with_vectors(d: Draws) -> Call:
    """Return the same, where vectors are wanted."""
    named = ("eigvals_only", "select", "select_range")
    d1, e, _, *chosen = _tridiagonal(d).args
    return Call(d1, e, **dict(zip(named, (False, *chosen), strict=True)))


def _riccati(d: Draws) -> Call:
    """Return a system and what it costs; that is symmetric, and stays so.

    What SciPy finds after balancing does not always solve the equation, and then the row raises.
    """
    n, m = d.integer(1, 3), d.integer(1, 2)
    a, b, q, r = d.array((n, n)), d.array((n, m)), d.spd(n), d.spd(m)
    rest = (d.matrix(n) + 2 * np.eye(n), d.array((n, m)) / 9) if d.boolean() else ()
    return Call(a, b, q, r, *rest, balanced=False)


def _band(d: Draws) -> tuple[Any, bool]:
    """Return the diagonals of a positive definite matrix, and whether they are the lower ones."""
    n, lower = d.integer(3, 4), d.boolean()
    ab = d.array((d.integer(1, 3), n), "unit") / 2
    rows = np.arange(len(ab)) == (0 if lower else len(ab) - 1)
    return d.laid_out(np.where(rows[:, None], 3 + ab.real, ab)), lower


def _banded_system(d: Draws) -> Call:
    """Return a banded system with a vector or columns."""
    ab, lower = _band(d)
    shape = (ab.shape[1],) if d.boolean() else (ab.shape[1], d.integer(1, 2))
    return Call(ab, d.array(shape), lower=lower)


def _by_factor(d: Draws) -> Call:
    """Return the factor of a banded matrix, and a right side."""
    ab, lower = _band(d)
    shape = (ab.shape[1],) if d.boolean() else (ab.shape[1], d.integer(1, 2))
    return Call((linalg.cholesky_banded(ab, lower=lower), lower), d.array(shape))


def _factored(d: Draws) -> Call:
    """Return a banded matrix."""
    ab, lower = _band(d)
    return Call(ab, lower=lower)


def _powers(d: Draws) -> Call:
    """Return a matrix and a power."""
    return Call(_near_one(d), d.choice((0.5, 1.7, -0.3, 2)))


SAMPLES = [
    _sample("logm", lambda d: Call(_near_one(d)), complex=True),
    _sample("signm", lambda d: Call(apart(d, 2) - np.eye(2))),
    _sample("fractional_matrix_power", _powers, complex=True),
    _sample("fractional_matrix_power", lambda d: Call(_near_one(d), np.float64(0.7))),
    _sample("eigh_tridiagonal", _tridiagonal),
    _sample("eigh_tridiagonal", _with_vectors, observe=_but_for_signs),
    _sample("lu", lambda d: Call(d.matrix(3), d.boolean()), complex=True),
    _sample("solve_continuous_are", _riccati, complex=True, fixed=(2, 3)),
    _sample("solve_discrete_are", _riccati, complex=True, fixed=(2, 3)),
    _sample("solveh_banded", _banded_system, complex=True),
    _sample("cholesky_banded", _factored, complex=True),
    _sample("cho_solve_banded", _by_factor, complex=True),
    *[
        _sample(name, lambda d: Call(d.array((3, 3))))
        for name in ("bandwidth", "issymmetric", "ishermitian")
    ],
]
