"""What the rows of `dualad.rules.transcendental` are tried on."""

from collections.abc import Callable

import numpy as np

from dualad.testing.samples.base import Call, Draws, Sample


def _in(domain: str) -> Callable[[Draws], Call]:
    """Return what draws an array of values in a domain."""
    return lambda d: Call(d.array(domain=domain))


def _two(d: Draws, domain: str = "real") -> Call:
    """Return two arrays that broadcast."""
    a, b = d.broadcastable(2)
    return Call(d.array(a, domain), d.array(b, domain))


def _beside_plain(d: Draws) -> Call:
    """Return an array and a plain number or integers of some width, in any order."""
    x = d.array(domain="nonzero")
    integers = d.rng.choice([-2, -1, 1, 2], x.shape).astype(np.int8)
    plain = d.choice((1, -0.5, integers))
    return Call(x, plain) if d.boolean() else Call(plain, x)


def _tied(d: Draws) -> Call:
    """Return two arrays of which some elements are equal."""
    x = d.array()
    return Call(x, np.where(d.mask(x.shape), x, x + 1))


def _from_zero(d: Draws) -> Call:
    """Return an array with zeros and very small numbers in it."""
    shape = d.shape()
    x = d.array(shape) * d.mask(shape)
    return Call(np.where(d.mask(shape), x, x * d.dtype.type(1e-3)))


def _scaled(d: Draws) -> Call:
    """Return numbers of a size in the middle of an interval between two powers of 2."""
    shape = d.shape()
    x = d.rng.uniform(0.6, 0.9, shape) * d.rng.choice([-1, 1], shape)
    return Call(d.laid_out(np.asarray(np.ldexp(x, d.rng.integers(-1, 3, shape)), d.dtype)))


ANALYTIC = {
    "real": (np.exp, np.exp2, np.expm1, np.sin, np.cos, np.sinh, np.cosh, np.tanh, np.sinc),
    "unit": (np.arcsin, np.arccos, np.arctan, np.arctanh, np.arcsinh, np.tan, np.log1p),
    "positive": (np.log, np.log2, np.log10, np.log1p, np.arcsinh),
    "above_one": (np.arccosh,),
}
REAL = (np.deg2rad, np.radians, np.rad2deg, np.degrees, np.arctan, np.arcsinh)

SAMPLES = [
    *(Sample(f, _in(domain), complex=f is not np.tanh)
      for domain, functions in ANALYTIC.items() for f in functions),
    *(Sample(f, lambda d: Call(d.array())) for f in REAL),
    Sample(np.tanh, lambda d: Call(d.array(domain="unit")), complex=True),
    Sample(np.sinc, _from_zero, complex=True),
    *(Sample(f, draw)
      for f in (np.logaddexp, np.logaddexp2) for draw in (_two, _beside_plain, _tied)),
    Sample(np.arctan2, lambda d: _two(d, "nonzero")),
    Sample(np.arctan2, _beside_plain),
    Sample(np.modf, lambda d: Call(d.array(domain="distinct"))),
    Sample(np.frexp, _scaled),
]  # fmt: skip
