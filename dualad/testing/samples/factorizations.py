"""What the rows of `dualad.rules.factorizations` are tried on."""

from typing import Any

import numpy as np

from dualad.core.tracer import strip
from dualad.testing.samples.base import Call, Draws, Sample, Shape
from dualad.testing.samples.linalg import batch


def beside(d: Draws, a: Any, lower: bool) -> Any:
    """Return Hermitian matrices with something else in the triangle that NumPy does not read."""
    other = d.array(a.shape)
    return d.laid_out(a + (np.triu(other, 1) if lower else np.tril(other, -1)))


def near(d: Draws, a: Any, stack: Shape | None = None) -> Any:
    """Return matrices near to `a`."""
    shape = (*(batch(d) if stack is None else stack), *a.shape)
    return d.laid_out((a + 0.3 * d.array(shape, "unit")).astype(d.dtype))


def _cholesky(d: Draws) -> Call:
    """Return positive definite matrices, with or without a choice of triangle."""
    upper = d.choice([None, False, True])
    a = beside(d, d.spd(d.integer(0, 4), batch(d)), not upper)
    return Call(a) if upper is None else Call(a, upper=upper)


def _qr(d: Draws) -> Call:
    """Return matrices whose reflections stay away from the jumps of their signs, and a mode."""
    m, n = d.integer(0, 4), d.integer(0, 4)
    return Call(near(d, 2.5 * np.eye(m, n)), d.choice(["reduced", "complete", "r"]))


def _complete(d: Draws) -> Call:
    """Return tall matrices, the Q of which is filled up to a full basis."""
    m, n = d.choice([(2, 1), (3, 2), (4, 2)])
    return Call(near(d, 2.5 * np.eye(m, n)), "complete")


def basis(d: Draws, n: int) -> Any:
    """Return a unitary matrix whose first and last rows have no small component.

    LAPACK makes the components of vectors in one of these rows real; the phase of a vector turns
    fast where its component there is small.
    """
    k, j = np.arange(n)[:, None], np.arange(n)
    cosines = np.cos(np.pi * k * (2 * j + 1) / (2 * n)) * np.sqrt(np.where(k, 2, 1) / n)
    if d.dtype.kind == "c":
        return cosines * np.exp(2j * d.rng.standard_normal((n, 1)))
    return cosines


def with_values(d: Draws, m: int, n: int, stack: Shape | None = None) -> Any:
    """Return matrices with distinct singular values, from 1 to 5 or so."""
    k = min(m, n)
    u, v = basis(d, max(m, 1))[:m, :k], basis(d, max(n, 1))[:n, :k]
    return near(d, (u * (1 + 1.5 * np.arange(k))) @ v.T.conj(), stack)


def hermitian(d: Draws, uplo: str) -> Call:
    """Return Hermitian matrices with distinct eigenvalues, and which triangle is read."""
    n = d.integer(0, 4)
    v = basis(d, max(n, 1))[:n, :n]
    a = near(d, (v * 1.7 * (np.arange(n) - 1.2)) @ v.T.conj())
    a = (a + np.swapaxes(a, -1, -2).conj()) / 2
    return Call(beside(d, a, uplo in "Ll"), UPLO=uplo)


def _hermitian(d: Draws) -> Call:
    """Return `hermitian` matrices with any choice of triangle."""
    return hermitian(d, d.choice(["L", "U", "l", "u"]))


def _spectrum(d: Draws) -> Call:
    """Return matrices with distinct eigenvalues: real ones, or with a complex pair."""
    n = d.integer(0, 4)
    values = np.diag(3.0 * np.arange(n))
    if n > 1 and d.boolean():
        values[:2, :2] = [[1.5, -6], [1.5, 1.5]]
    return Call(near(d, values))


def without_signs(v: Any) -> Any:
    """Return the products of all pairs of components: what a vector is but for its sign."""
    return v[..., :, None, :] * v[..., None, :, :]


def _order(w: Any) -> Any:
    """Return the order of eigenvalues by their real parts, and of conjugate pairs."""
    return np.argsort(strip(np.real(w)) + 0.1 * strip(np.imag(w)), -1)


def _sorted_values(w: Any) -> Any:
    """Return eigenvalues in an order of their own: that of NumPy's jumps."""
    return np.take_along_axis(w, _order(w), -1)


def _sorted_pairs(out: Any) -> Any:
    """Return eigenvalues, in an order of their own, and eigenvectors but for their signs."""
    order = _order(out[0])
    v = np.take_along_axis(out[1], order[..., None, :], -1)
    return np.take_along_axis(out[0], order, -1), without_signs(v)


SAMPLES = [
    Sample(np.linalg.cholesky, _cholesky, complex=True),
    Sample(np.linalg.qr, _qr, complex=True),
    Sample(np.linalg.qr, _complete, complex=True),
    Sample(
        np.linalg.eigh, _hermitian, complex=True,
        observe=lambda out: (out[0], without_signs(out[1])),
    ),
    Sample(np.linalg.eigvalsh, _hermitian, complex=True),
    Sample(np.linalg.eig, _spectrum, complex=True, observe=_sorted_pairs),
    Sample(np.linalg.eigvals, _spectrum, complex=True, observe=_sorted_values),
]  # fmt: skip
