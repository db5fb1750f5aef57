"""What the rows of `dualad.rules.polynomials` are tried on."""

from typing import Any

import numpy as np

from dualad.testing.samples.base import Call, Draws, Sample


def _coefficients(d: Draws, lo: int = 1, hi: int = 4) -> Any:
    """Return coefficients that are not zero."""
    return d.array((d.integer(lo, hi),), "nonzero")


def _polyval(d: Draws) -> Any:
    """Return coefficients, perhaps several sets, and where to evaluate."""
    n = d.integer(0, 4)
    return d.choice([Call(d.array((n,)), d.array()), Call(d.array((n, 3)), d.array((2, 3)))])


def _two(d: Draws) -> Call:
    """Return two polynomials, of which one may be a number."""
    return Call(_coefficients(d), d.choice([_coefficients(d), d.array((), "nonzero")]))


def _factors(d: Draws) -> Call:
    """Return two polynomials, of which one may have leading zeros, or only zeros."""
    zeros = np.array(d.choice([[0, 0, 2, 1], [0, 0]]), d.dtype)
    return Call(_coefficients(d), zeros)


def _polyint(d: Draws) -> Call:
    """Return coefficients, an order, and integration constants."""
    m = d.integer(0, 3)
    constants = [None, 1.5, d.array((m + d.integer(0, 1),)), d.array(())]
    return Call(d.array((d.integer(0, 3),)), m, d.choice(constants if m else [None]))


def _polyfit(d: Draws) -> Call:
    """Return points, more than coefficients, and weights."""
    n, degree = d.integer(5, 7), d.integer(0, 3)
    x = d.laid_out((np.arange(n) * 0.7 - 2 + d.rng.uniform(-0.1, 0.1, n)).astype(d.dtype))
    y = d.array(d.choice([(n,), (n, 2)]))
    weights = d.choice([None, d.array((n,), "positive")])
    return Call(x, y, degree, w=weights, **d.choice([{}, {"cov": "unscaled"}, {"cov": True}]))


def _roots(d: Draws) -> Any:
    """Return the coefficients of a polynomial with distinct roots, one of which may be zero."""
    n = d.integer(1, 3)
    p = np.atleast_1d(np.poly(d.array((n,), "distinct") * 1.5)).astype(d.dtype) * 8
    return p if d.integer(0, 2) else np.append(p, np.zeros(1, d.dtype))


def _conjugate_roots(d: Draws) -> Any:
    """Return the real coefficients of a polynomial with two complex roots, and a real one."""
    a, b, c = d.rng.uniform(0.5, 2.0, 3)
    return np.real(np.poly([a + 1j * b, a - 1j * b, -c])).astype(d.dtype)


SAMPLES = [
    Sample(np.polyval, _polyval, complex=True),
    Sample(np.polyadd, _two, complex=True),
    Sample(np.polysub, _two, complex=True),
    Sample(np.polymul, _two, complex=True),
    Sample(np.polymul, _factors, complex=True, fixed=(1,)),
    Sample(np.polymul, lambda d: Call(d.array((0,)), _coefficients(d)), complex=True),
    Sample(
        np.polydiv,
        lambda d: Call(_coefficients(d), _coefficients(d, 1, 3)),
        complex=True,
        float32=False,
        reason="how much of the remainder counts as zero depends on precision",
    ),
    Sample(np.polyder, lambda d: Call(_coefficients(d), d.integer(0, 3)), complex=True),
    Sample(np.polyint, _polyint, complex=True, fixed=(2,)),
    Sample(np.polyfit, _polyfit),
    Sample(np.poly, lambda d: Call(d.array(min_ndim=1, max_ndim=1)), complex=True),
    Sample(np.poly, lambda d: Call(d.hermitian(d.integer(1, 3)))),
    Sample(np.roots, lambda d: Call(_roots(d)), complex=True, observe=np.sort),
    Sample(np.roots, lambda d: Call(_conjugate_roots(d)), observe=np.sort),
]
