"""What the rows of `dualad.rules.scipy_signal` are tried on."""

from typing import Any

import numpy as np

from dualad.rules.scipy_signal import ROWS
from dualad.testing.samples.base import Call, Draws, Sample
from dualad.testing.samples.scipy_linalg import own

MODES = ("full", "same", "valid")
ROUNDING: Any = {"float32": False, "reason": "SciPy computes in double precision, or otherwise"}


def _denominator(d: Draws, count: int) -> Any:
    """Return coefficients of a stable filter."""
    a = d.array((count,), "unit") / 3
    return d.laid_out(np.concatenate([np.full(1, 1.7, a.dtype), a]))


def _filter(d: Draws) -> Call:
    """Return a filter, and signals along some axis."""
    x = d.array(d.shape(1, 3, 1, 4))
    return Call(d.array((d.integer(1, 3),)), _denominator(d, d.integer(0, 2)), x, d.axis(x))


def _filter_with_state(d: Draws) -> Call:
    """Return a filter with a state, signals and an axis."""
    b, a = d.array((d.integer(1, 3),)), _denominator(d, d.integer(1, 2))
    x = d.array(d.shape(1, 3, 1, 4))
    axis, order = d.axis(x), max(len(a), len(b)) - 1
    shape = [1 if d.integer(0, 3) == 3 else n for n in x.shape]
    shape[axis] = order
    return Call(b, a, x, axis, d.array(tuple(shape)))


def _sections(d: Draws) -> Any:
    """Return second-order sections of a stable filter."""
    count = d.integer(1, 2)
    b, a = d.array((count, 3)), d.array((count, 2), "unit") / 3
    return np.ascontiguousarray(np.concatenate([b, np.ones((count, 1), b.dtype), a], -1))


def _cascade(d: Draws) -> Call:
    """Return sections, and signals along some axis."""
    x = d.array(d.shape(1, 3, 1, 4))
    return Call(_sections(d), x, d.axis(x))


def _cascade_with_state(d: Draws) -> Call:
    """Return sections with a state each, and signals along some axis."""
    sos, x = _sections(d), d.array(d.shape(1, 2, 1, 4))
    axis = d.axis(x)
    shape = list(x.shape)
    shape[axis] = 2
    return Call(sos, x, axis, d.array((len(sos), *shape)))


def _pair(d: Draws, ndim: int) -> tuple[Any, Any]:
    """Return two arrays of which the first, or the second, is the larger one along all axes."""
    small = tuple(d.integer(1, 3) for _ in range(ndim))
    large = tuple(m + d.integer(0, 3) for m in small)
    pair = d.array(large), d.array(small)
    return pair[::-1] if d.integer(0, 3) == 3 else pair


def _convolved(d: Draws) -> Call:
    """Return arrays of equally many axes, a mode and a method."""
    pair = _pair(d, d.integer(0, 3))
    return Call(*pair, d.choice(MODES), d.choice(("auto", "direct", "fft")))


def _ragged(d: Draws) -> Call:
    """Return arrays of which neither is the larger one."""
    n = d.integer(0, 3)
    shapes = ((2 + n, 1), (1, 3))
    return Call(*[d.array(shape) for shape in shapes], d.choice(MODES[:2]), method="direct")


def _planes(d: Draws) -> Call:
    """Return two planes, and what is to be done beyond the border."""
    large, small = _pair(d, 2)
    boundary = d.choice(("fill", "wrap", "symm", "fill"))
    if boundary != "fill" and small.shape > large.shape:
        large, small = small, large
    return Call(large, small, d.choice(MODES), boundary, d.choice((0.7, 0)))


def _kernels(d: Draws) -> Call:
    """Return two planes, the first of which is the larger one, and all parameters."""
    args = _planes(d).args
    large, small = sorted(args[:2], key=np.size, reverse=True)
    return Call(large, small, d.boolean(), *args[2:])


def _rates(d: Draws) -> Call:
    """Return taps, signals and rates."""
    return Call(
        d.array((d.integer(1, 5),)), d.array(d.shape(1, 3, 1, 4)), d.integer(1, 3), d.integer(1, 3)
    )


def _rates_along(d: Draws) -> Call:
    """Return the same, and an axis."""
    args = _rates(d).args
    return Call(*args, axis=d.axis(args[1]))


SAMPLES = [
    Sample(own(ROWS, "filtered"), lambda d: Call(*_filter(d).args[:3]), complex=True),
    Sample(own(ROWS, "lfilter"), _filter, complex=True),
    Sample(own(ROWS, "lfilter"), _filter_with_state, complex=True),
    Sample(
        own(ROWS, "lfilter_zi"),
        lambda d: Call(d.array((d.integer(1, 3),)), _denominator(d, 2)),
        complex=True,
    ),
    Sample(own(ROWS, "sosfilt"), _cascade, complex=True, fixed=(0,)),
    Sample(own(ROWS, "sosfilt"), _cascade_with_state, complex=True, fixed=(0,)),
    Sample(own(ROWS, "convolve"), _convolved, complex=True),
    Sample(own(ROWS, "convolve"), _ragged, complex=True),
    Sample(own(ROWS, "correlate"), _convolved, complex=True),
    Sample(own(ROWS, "correlate"), _ragged, complex=True),
    Sample(own(ROWS, "planes"), _kernels, complex=True),
    Sample(own(ROWS, "convolve2d"), _planes, complex=True),
    Sample(own(ROWS, "correlate2d"), _planes, complex=True),
    Sample(own(ROWS, "at_rates"), _rates, complex=True),
    Sample(own(ROWS, "upfirdn"), _rates_along, complex=True),
    Sample(
        own(ROWS, "medfilt2d"),
        lambda d: Call(d.array((3, d.integer(1, 4)), "distinct"), d.choice((3, 1, [3, 1]))),
    ),
]
