"""What the rows of `dualad.rules.arithmetic` are tried on."""

from typing import Any

import numpy as np

from dualad.testing.samples.base import Call, Draws, Sample

WIDE = "NumPy computes float_power, and float32 beside wide integers, in float64"
KINK = "the slope jumps"


def _two(d: Draws, domain: str = "real") -> Call:
    """Return two arrays that broadcast."""
    a, b = d.broadcastable(2)
    return Call(d.array(a, domain), d.array(b, domain))


def _sized(d: Draws, shape: Any, lo: float, hi: float) -> Any:
    """Return an array of real values of either sign, and of sizes between `lo` and `hi`."""
    values = d.rng.uniform(lo, hi, shape) * d.rng.choice([-1.0, 1.0], shape)
    return d.laid_out(np.asarray(values, d.dtype))


def _integers(d: Draws, shape: Any) -> Any:
    """Return integers, none of them 0, so narrow that float32 beside them stays float32."""
    return d.rng.choice([-3, -2, -1, 1, 2, 3], shape).astype(np.int8)


def _beside_plain(d: Draws) -> Call:
    """Return an array, and a plain number or array of booleans or integers, in any order."""
    shape, other = d.broadcastable(2)
    x, plain = d.array(shape), d.choice((2, -1.5, 1, d.mask(other), _integers(d, other)))
    return Call(x, plain) if d.boolean() else Call(plain, x)


def _over_plain(d: Draws) -> Call:
    """Return an array and a plain divisor, or a plain dividend and an array."""
    shape, other = d.broadcastable(2)
    x, plain = d.array(shape, "nonzero"), d.choice((2, -1.5, 1 - 0.5j, _integers(d, other)))
    return Call(x, plain) if d.boolean() else Call(plain, x)


def _polynomial(d: Draws) -> Call:
    """Return bases of any sign, some of them 0, and plain exponents, integers from 0."""
    shape, other = d.broadcastable(2)
    exponents = np.abs(_integers(d, other)) * d.mask(other)
    plain = (2, 3, 1, 0, 4, 3.0, exponents, exponents.astype(d.dtype))
    return Call(d.array(shape) * d.mask(shape), d.choice(plain))


def _to_plain(d: Draws) -> Call:
    """Return bases, and plain exponents, some of them 0."""
    shape, other = d.broadcastable(2)
    exponents = _integers(d, other) * d.mask(other)
    plain = (-1, -2.0, 0.5, 1.5, 0.0, 1 / 3, 1 - 0.5j, exponents, (exponents / 2).astype(d.dtype))
    return Call(d.array(shape, "positive"), d.choice(plain))


def _of_plain(d: Draws) -> Call:
    """Return plain bases, some of them 0, and exponents."""
    shape, other = d.broadcastable(2)
    bases = np.abs(_integers(d, other)) * d.mask(other)
    return Call(d.choice((2, 0.5, 0, 1 - 0.5j, bases, d.mask(other))), d.array(shape, "positive"))


def _parted(d: Draws) -> Call:
    """Return dividends and divisors whose quotients keep away from the integers."""
    full = d.shape()
    b = _sized(d, full[d.integer(0, len(full)) :], 1, 2)
    quotients = d.rng.integers(-2, 2, full) + d.rng.uniform(0.3, 0.7, full)
    return Call(d.laid_out(np.asarray(quotients * b, d.dtype)), b)


def _small_quotients(d: Draws) -> Call:
    """Return dividends smaller than their divisors; one of the two may be a plain number."""
    a, b = d.broadcastable(2)
    if d.boolean():
        return Call(_sized(d, a, 0.3, 0.7), d.choice((_sized(d, b, 1, 2), 2, -1.5)))
    return Call(d.choice((0.5, -1, _sized(d, a, 0.3, 0.7))), _sized(d, b, 1.5, 2))


def _beside_bound(d: Draws) -> Call:
    """Return an array and a plain bound."""
    x = d.array(domain="distinct")
    return Call(x, d.choice((0, 0.5))) if d.boolean() else Call(1, x)


def _tied(d: Draws) -> Call:
    """Return arrays of which half the elements are equal."""
    shape = d.shape()
    a = d.array(shape, "distinct")
    return Call(a, np.where(d.mask(shape), a, a + 1))


def _from_origin(d: Draws) -> Call:
    """Return two arrays, some elements of which are both 0."""
    shape = d.shape()
    origin = d.mask(shape)
    return Call(*(np.where(origin, d.dtype.type(0), d.array(shape, "nonzero")) for _ in range(2)))


def _scaled(d: Draws) -> Call:
    """Return an array and powers of 2 to scale it by."""
    a, b = d.broadcastable(2)
    return Call(d.array(a), d.choice((2, d.rng.integers(-2, 3, b), _integers(d, b))))


def _at_origin(d: Draws) -> Call:
    """Return zeros and numbers whose signs are to be copied, or steps to take."""
    a, b = d.broadcastable(2)
    return Call(_integers(d, a) * d.mask(a), d.array(b))


def _whole(d: Draws) -> Call:
    """Return two arrays of positive integers."""
    a, b = d.broadcastable(2)
    return Call(np.abs(_integers(d, a)), np.abs(_integers(d, b)))


REAL_PAIRS = [
    Sample(f, draw)
    for f in (np.remainder, np.fmod, np.divmod, np.floor_divide)
    for draw in (_parted, _small_quotients)
]
CHOICES = [
    Sample(f, draw, complex=True, order=order, reason=reason)
    for f in (np.maximum, np.minimum, np.fmax, np.fmin)
    for draw, order, reason in (
        (lambda d: _two(d, "distinct"), 2, ""),
        (_beside_bound, 2, ""),
        (_tied, 1, KINK),
    )
]
CONSTANT = [
    *(Sample(f, lambda d: Call(d.array(domain="distinct")))
      for f in (np.floor, np.ceil, np.trunc, np.rint, np.signbit, np.spacing)),
    *(Sample(f, lambda d: Call(d.array()), complex=True)
      for f in (np.isfinite, np.isinf, np.isnan, np.logical_not)),
    *(Sample(f, lambda d: _two(d, "distinct"), complex=True)
      for f in (np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal,
                np.logical_and, np.logical_or, np.logical_xor)),
    *(Sample(f, _whole)
      for f in (np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.left_shift, np.right_shift,
                np.gcd, np.lcm)),
    *(Sample(f, lambda d: Call(_integers(d, d.shape()))) for f in (np.bitwise_count, np.invert)),
    Sample(np.isnat, lambda d: Call(_integers(d, d.shape()).astype("M8[s]"))),
]  # fmt: skip

SAMPLES = [
    *(Sample(f, draw, complex=True)
      for f in (np.add, np.subtract, np.multiply) for draw in (_two, _beside_plain)),
    Sample(np.multiply, lambda d: Call(1 - 0.5j, d.array()), complex=True),
    Sample(np.divide, lambda d: _two(d, "nonzero"), complex=True),
    Sample(np.divide, _over_plain, complex=True, float32=False, reason=WIDE),
    *(Sample(f, draw, True, 2, "" if f is np.power else WIDE, f is np.power, fixed)
      for f in (np.power, np.float_power)
      for draw, fixed in ((lambda d: _two(d, "positive"), ()), (_polynomial, (1,)),
                          (_to_plain, (1,)), (_of_plain, ()))),
    *(Sample(f, lambda d: Call(d.array()), complex=True)
      for f in (np.negative, np.positive, np.square)),
    Sample(np.sqrt, lambda d: Call(d.array(domain="positive")), complex=True),
    Sample(np.cbrt, lambda d: Call(d.array(domain="nonzero"))),
    Sample(np.reciprocal, lambda d: Call(d.array(domain="nonzero")), complex=True),
    Sample(np.fabs, lambda d: Call(d.array(domain="nonzero"))),
    *REAL_PAIRS,
    *CHOICES,
    Sample(np.hypot, lambda d: _two(d, "nonzero")),
    Sample(np.hypot, _from_origin, order=1, reason=KINK),
    Sample(np.copysign, lambda d: _two(d, "nonzero")),
    Sample(np.copysign, lambda d: Call(2, d.array(domain="nonzero"))),
    Sample(np.ldexp, _scaled),
    Sample(np.nextafter, _two),
    Sample(np.heaviside, lambda d: _two(d, "distinct")),
    Sample(np.heaviside, _at_origin),
    *CONSTANT,
]  # fmt: skip
