"""What the rows of `dualad.rules.singular` are tried on."""

from typing import Any

import numpy as np

from dualad.testing.samples.base import Call, Draws, Sample
from dualad.testing.samples.factorizations import hermitian, near, with_values, without_signs


def _values(d: Draws) -> Call:
    """Return matrices with distinct singular values."""
    return Call(with_values(d, d.integer(0, 4), d.integer(0, 4)))


def _svd(d: Draws) -> Call:
    """Return matrices with distinct singular values, and what to compute of them."""
    (a,) = _values(d).args
    return Call(a, d.boolean(), not d.boolean())


def _filled(d: Draws) -> Call:
    """Return matrices whose bases are filled up by vectors of null spaces.

    Their reflections to bidiagonal form stay away from the jumps of their signs.
    """
    m, n = d.choice([(4, 2), (4, 3), (3, 1), (3, 2)])
    a = near(d, 2.5 * np.eye(m, n) + np.eye(m, n, 1))
    return Call(a if d.boolean() else np.swapaxes(a, -1, -2).conj())


def _hermitian(d: Draws) -> Call:
    """Return Hermitian matrices whose eigenvalues are not opposite."""
    (a,) = hermitian(d, "L").args
    return Call(a, compute_uv=d.boolean(), hermitian=True)


def _observed(out: Any) -> Any:
    """Return singular values, and singular vectors but for the common sign of each pair."""
    if not isinstance(out, tuple):
        return out
    u, s, vh = out
    k = s.shape[-1]
    pairs = np.concatenate([u[..., :k], np.swapaxes(vh[..., :k, :], -1, -2)], -2)
    return without_signs(pairs), s


def _null_spaces(out: Any) -> Any:
    """Return the vectors that fill up the bases."""
    u, s, vh = out
    return u[..., s.shape[-1] :], vh[..., s.shape[-1] :, :]


SAMPLES = [
    Sample(np.linalg.svd, _svd, complex=True, observe=_observed),
    Sample(np.linalg.svd, _filled, complex=True, observe=_null_spaces),
    Sample(np.linalg.svd, _hermitian, complex=True, observe=_observed),
    Sample(np.linalg.svdvals, _values, complex=True),
]
