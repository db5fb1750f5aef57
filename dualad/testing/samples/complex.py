"""What the rows of `dualad.rules.complex` are tried on."""

import numpy as np

from dualad.rules.complex import direction, magnitude, modulus
from dualad.testing.samples.base import Call, Draws, Sample


def _nonzero(d: Draws) -> Call:
    """Return an array without zeros."""
    return Call(d.array(domain="nonzero"))


def _any(d: Draws) -> Call:
    """Return an array."""
    return Call(d.array())


def _as_complex(d: Draws) -> Call:
    """Return an array of complex numbers, whatever the dtype that is drawn."""
    d.dtype = np.result_type(d.dtype, np.complex64)
    return _nonzero(d)


def _some_zero(d: Draws) -> Call:
    """Return an array with zeros in it."""
    shape = d.shape()
    return Call(d.array(shape, "nonzero") * d.mask(shape))


SAMPLES = [
    Sample(np.absolute, _nonzero, complex=True),
    Sample(np.absolute, _some_zero, complex=True, order=1, reason="the slope jumps at 0"),
    Sample(np.sign, _nonzero, complex=True),
    Sample(magnitude, _nonzero),
    Sample(modulus, _as_complex),
    Sample(direction, _as_complex),
    *(Sample(f, _any, complex=True) for f in (np.real, np.imag, np.conjugate)),
    Sample(np.angle, lambda d: Call(*_nonzero(d).args, d.boolean()), complex=True),
    Sample(np.angle, lambda d: Call(d.array(domain="nonzero"), deg=d.boolean()), complex=True),
    Sample(np.real_if_close, lambda d: Call(d.array(), d.choice((100, 1e-3))), complex=True),
    Sample(np.real_if_close, lambda d: Call(d.array(), tol=2.0**60), complex=True),
    *(Sample(f, _any, complex=True)
      for f in (np.iscomplex, np.isreal, np.iscomplexobj, np.isrealobj)),
]  # fmt: skip
