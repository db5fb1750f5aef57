"""What the rows of `dualad.rules.leastsquares` are tried on."""

import numpy as np

from dualad.testing.samples.base import Call, Draws, Sample
from dualad.testing.samples.factorizations import with_values
from dualad.testing.samples.linalg import batch, product_of_rank

SIZES = [(2, 2), (3, 2), (2, 3), (1, 1), (4, 2), (1, 3), (0, 2), (2, 0)]


def _full_rank(d: Draws) -> Call:
    """Return matrices of full rank, and the cutoff that NumPy takes by default, or another."""
    m, n = d.choice(SIZES)
    a = product_of_rank(d, m, n, max(m, n))
    return Call(a, **d.choice([{}, {"rcond": 1e-10}, {"rtol": None}, {"rtol": 1e-8}]))


def _hermitian(d: Draws) -> Call:
    """Return Hermitian matrices, the upper triangles of which NumPy does not read."""
    n, stack = d.integer(1, 3), batch(d)
    return Call(d.hermitian(n, stack) + np.triu(d.array((*stack, n, n)), 1), hermitian=True)


def _truncated(d: Draws) -> Call:
    """Return matrices, and a cutoff that drops the smallest of their singular values, 1 to 2."""
    a = d.matrix(d.integer(2, 3), batch(d))
    return Call(a, d.choice([0.6, np.full(a.shape[:-2], 0.6)]))


def _fit(d: Draws) -> Call:
    """Return a matrix of full rank, and one or several right sides."""
    m, n = d.choice(SIZES)
    a = with_values(d, m, n, ())
    b = d.array((m,) if d.boolean() else (m, d.integer(0, 3)))
    return Call(a, b, **d.choice([{}, {"rcond": 1e-10}, {"rcond": -1}]))


def _deficient_fit(d: Draws) -> Call:
    """Return a matrix of rank 1, and right sides."""
    m, n = d.choice([(2, 2), (3, 2), (2, 3), (4, 2)])
    a = np.outer(d.array((m,), "nonzero"), d.array((n,), "nonzero"))
    return Call(a, d.array((m,) if d.boolean() else (m, 2)), 1e-5)


SAMPLES = [
    Sample(np.linalg.pinv, _full_rank, complex=True),
    Sample(np.linalg.pinv, _hermitian, complex=True),
    Sample(np.linalg.pinv, _truncated, complex=True, fixed=(1,)),
    Sample(np.linalg.lstsq, _fit, complex=True),
    Sample(np.linalg.lstsq, _deficient_fit, complex=True, fixed=(0,)),
]
