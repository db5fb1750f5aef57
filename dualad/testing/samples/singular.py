"""What the rows of `dualad.rules.singular` are tried on."""

import numpy as np

from dualad.testing.samples.base import Call, Draws, Sample
from dualad.testing.samples.factorizations import beside, near_diagonal
from dualad.testing.samples.linalg import batch


def _values(d: Draws) -> Call:
    """Return matrices with distinct singular values."""
    m, n = d.integer(0, 4), d.integer(0, 4)
    return Call(near_diagonal(d, m, n, 1 + 1.3 * np.arange(n)))


def _svd(d: Draws) -> Call:
    """Return matrices with distinct singular values, and what to compute of them."""
    (a,) = _values(d).args
    return Call(a, d.boolean(), not d.boolean())


def _hermitian(d: Draws) -> Call:
    """Return Hermitian matrices whose eigenvalues are not opposite."""
    a = beside(d, d.hermitian(d.integer(0, 4), batch(d)), True)
    return Call(a, compute_uv=d.boolean(), hermitian=True)


SAMPLES = [
    Sample(np.linalg.svd, _svd, complex=True),
    Sample(np.linalg.svd, _hermitian, complex=True),
    Sample(np.linalg.svdvals, _values, complex=True),
]
