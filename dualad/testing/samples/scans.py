"""What the rows of `dualad.rules.scans` are tried on."""

from typing import Any

import numpy as np

from dualad.testing.samples.base import Call, Draws, Sample
from dualad.testing.samples.reductions import in_pairs, with_nan, with_zeros

TIED = "at ties the derivative jumps"


def _maybe_axis(d: Draws, x: Any) -> Any:
    """Return None, or an axis; NumPy takes an array without axes for one with a single axis."""
    return d.choice([None, 0, -1]) if not np.ndim(x) else d.choice([None, d.axis(x)])


def _scan(d: Draws) -> Call:
    """Return an array, and an axis or None."""
    x = d.array()
    return Call(x, axis=_maybe_axis(d, x))


def _product_scan(d: Draws) -> Call:
    """Return an array with zeros, and an axis or None."""
    x = with_zeros(d)
    return Call(x, _maybe_axis(d, x))


def _in_dtype(d: Draws) -> Call:
    """Return an array, an axis, and another dtype."""
    x = d.array()
    return Call(x, _maybe_axis(d, x), np.result_type(x, d.choice([np.float64, np.complex128])))


def _missing(d: Draws) -> Call:
    """Return an array with NaN, and an axis or None."""
    x = with_nan(d)
    return Call(x, axis=_maybe_axis(d, x))


def _cumulative(d: Draws) -> Call:
    """Return an array, which needs no axis if it has only one, and whether to start at zero."""
    x = with_zeros(d)
    axis = d.axis(x) if np.ndim(x) > 1 else d.choice([None, 0, -1])
    return Call(x, axis=axis, include_initial=d.boolean())


def _accumulate(d: Draws) -> Call:
    """Return an array with zeros, an axis and a dtype, as ufuncs take them."""
    x = with_zeros(d, min_ndim=1)
    return Call(x, d.axis(x), d.choice([None, d.dtype]))


def _accumulate_first(d: Draws) -> Call:
    """Return an array only: ufuncs go along its first axis."""
    return Call(with_zeros(d, min_ndim=1))


def _distinct(d: Draws) -> Call:
    """Return an array without ties, and an axis."""
    x = d.array(None, "distinct", min_ndim=1, max_side=5)
    return Call(x, axis=d.axis(x))


def _positive(d: Draws) -> Call:
    """Return a positive array, and an axis."""
    x = d.array(None, "positive", min_ndim=1, min_side=1)
    return Call(x, axis=d.axis(x))


def _positive_after(d: Draws) -> Call:
    """Return a positive array, an axis, and an initial value to start from."""
    x = d.array(None, "positive", min_ndim=1)
    return Call(x, axis=d.axis(x), keepdims=d.boolean(), initial=1.25)


def _missing_along(d: Draws) -> Call:
    """Return an array with NaN, whose first elements are not, and an axis."""
    x = np.array(with_nan(d, min_ndim=1))
    axis = d.axis(x)
    np.moveaxis(x, axis, 0)[0] = np.moveaxis(d.array(x.shape, "distinct"), axis, 0)[0]
    return Call(d.laid_out(x), axis=axis)


def _slices(d: Draws) -> Call:
    """Return an array, and where slices of it start, in any order."""
    x = d.array(None, "distinct", min_ndim=1, min_side=1, max_side=5)
    axis = d.axis(x)
    starts = d.rng.integers(0, x.shape[axis], d.integer(0, 4))
    return Call(x, starts, axis=axis)


def _slices_by_default(domain: str) -> Any:
    """Return a draw of an array in a domain, and where slices of it start, in order."""

    def drawn(d: Draws) -> Call:
        x = d.array(None, domain, min_ndim=1, min_side=1, max_side=5)
        return Call(x, np.sort(d.rng.integers(0, len(x), d.integer(1, 4))))

    return drawn


SEQUENTIAL = (np.subtract, np.divide)

SAMPLES = [
    *[Sample(f, _scan, complex=True) for f in (np.cumsum, np.cumprod)],
    *[Sample(f, _in_dtype, complex=True) for f in (np.cumsum, np.cumprod)],
    Sample(np.cumprod, _product_scan, complex=True),
    *[Sample(f, _missing, complex=True) for f in (np.nancumsum, np.nancumprod)],
    *[
        Sample(getattr(np, name), _cumulative, complex=True)
        for name in ("cumulative_sum", "cumulative_prod")
        if hasattr(np, name)  # NumPy 2.1
    ],
    *[
        Sample(ufunc.accumulate, draw, complex=True)
        for ufunc in (np.add, np.multiply)
        for draw in (_accumulate, _accumulate_first)
    ],
    *[
        Sample(ufunc.accumulate, _distinct, complex=True)
        for ufunc in (np.maximum, np.minimum, np.fmax, np.fmin)
    ],
    *[
        Sample(ufunc.accumulate, lambda d: Call(in_pairs(d), axis=-1), order=1, reason=TIED)
        for ufunc in (np.maximum, np.minimum, np.fmax, np.fmin)
    ],
    *[Sample(ufunc.accumulate, _missing_along) for ufunc in (np.fmax, np.fmin)],
    *[
        Sample(ufunc.accumulate, _distinct)
        for ufunc in (np.logaddexp, np.logaddexp2, np.hypot, np.subtract)
    ],
    *[Sample(ufunc.accumulate, _positive) for ufunc in SEQUENTIAL],
    *[Sample(ufunc.reduce, draw) for ufunc in SEQUENTIAL for draw in (_positive, _positive_after)],
    *[
        Sample(ufunc.reduceat, _slices, complex=ufunc is not np.hypot)
        for ufunc in (np.add, np.multiply, np.maximum, np.minimum, np.hypot)
    ],
    *[
        Sample(ufunc.reduceat, _slices_by_default("distinct"))
        for ufunc in (np.add, np.fmax, np.fmin, np.logaddexp, np.logaddexp2, np.subtract)
    ],
    Sample(np.divide.reduceat, _slices_by_default("positive")),
    *[
        Sample(method, lambda d: Call(with_zeros(d, min_ndim=1)), complex=True)
        for ufunc in (np.logical_and, np.logical_or, np.logical_xor)
        for method in (ufunc.accumulate,)
    ],
    *[
        Sample(ufunc.reduceat, _slices, complex=True)
        for ufunc in (np.logical_and, np.logical_or, np.logical_xor)
    ],
]
