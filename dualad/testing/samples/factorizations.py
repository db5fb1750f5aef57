"""What the rows of `dualad.rules.factorizations` are tried on."""

from typing import Any

import numpy as np

from dualad.testing.samples.base import Call, Draws, Sample
from dualad.testing.samples.linalg import batch


def beside(d: Draws, a: Any, lower: bool) -> Any:
    """Return Hermitian matrices with something else in the triangle that NumPy does not read."""
    other = d.array(a.shape)
    return d.laid_out(a + (np.triu(other, 1) if lower else np.tril(other, -1)))


def near_diagonal(d: Draws, m: int, n: int, values: Any) -> Any:
    """Return matrices with `values` on the diagonal, well above all others."""
    noise = 0.4 * d.array((*batch(d), m, n), "unit")
    return d.laid_out((noise + np.eye(m, n) * values).astype(d.dtype))


def _cholesky(d: Draws) -> Call:
    """Return positive definite matrices, with or without a choice of triangle."""
    upper = d.choice([None, False, True])
    a = beside(d, d.spd(d.integer(0, 4), batch(d)), not upper)
    return Call(a) if upper is None else Call(a, upper=upper)


def _qr(d: Draws) -> Call:
    """Return matrices whose reflections stay away from the jumps of their signs, and a mode."""
    m, n = d.integer(0, 4), d.integer(0, 4)
    return Call(near_diagonal(d, m, n, 2.5), d.choice(["reduced", "complete", "r"]))


def _hermitian(d: Draws) -> Call:
    """Return Hermitian matrices, and which triangle is read."""
    uplo = d.choice(["L", "U", "l", "u"])
    return Call(beside(d, d.hermitian(d.integer(0, 4), batch(d)), uplo in "Ll"), UPLO=uplo)


def _spectrum(d: Draws) -> Call:
    """Return matrices with distinct eigenvalues: real ones, or with a complex pair."""
    n = d.integer(0, 4)
    a = near_diagonal(d, n, n, 1.5 * np.arange(n))
    if n > 1 and d.boolean():
        turn = np.zeros((n, n), d.dtype)
        turn[:2, :2] = [[0.75, -2], [2, -0.75]]
        a = a + turn
    return Call(a)


SAMPLES = [
    Sample(np.linalg.cholesky, _cholesky, complex=True),
    Sample(np.linalg.qr, _qr, complex=True),
    Sample(np.linalg.eigh, _hermitian, complex=True),
    Sample(np.linalg.eigvalsh, _hermitian, complex=True),
    Sample(np.linalg.eig, _spectrum, complex=True),
    Sample(np.linalg.eigvals, _spectrum, complex=True),
]
