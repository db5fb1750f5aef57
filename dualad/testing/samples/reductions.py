"""What the rows of `dualad.rules.reductions` are tried on."""

from typing import Any

import numpy as np

from dualad.testing.samples.base import Call, Draws, Sample


def _reduction(d: Draws) -> Call:
    """Return an array, axes and `keepdims`."""
    x = d.array()
    return Call(x, axis=d.axes(x), keepdims=d.boolean())


def _positional(d: Draws) -> Call:
    """Return an array, and all parameters of `sum` and `prod` in their order."""
    x = d.array()
    where = d.choice([True, d.mask(x.shape), d.mask(x.shape[1:])])
    return Call(x, d.axes(x), None, None, d.boolean(), 1.5, where)


def _in_dtype(d: Draws) -> Call:
    """Return an array, and another dtype."""
    x = d.array()
    wide = np.result_type(x, d.choice([np.float64, np.complex128, np.float32]))
    return Call(x, axis=d.axes(x), dtype=wide)


def with_zeros(d: Draws, **limits: Any) -> Any:
    """Return an array in which some elements are zero."""
    x = d.array(**limits)
    return d.laid_out(np.where(d.mask(np.shape(x)), x, 0).astype(d.dtype))


def with_nan(d: Draws, **limits: Any) -> Any:
    """Return an array in which some elements are NaN, but not all of those along any axis."""
    x = d.array(None, "distinct", **{"min_side": 2, **limits})
    odd = np.sum(np.indices(np.shape(x)), 0) % 2 == 1
    return d.laid_out(np.where(odd & d.mask(np.shape(x)), np.nan, x).astype(d.dtype))


def in_pairs(d: Draws) -> Any:
    """Return an array each of whose elements occurs twice along the last axis."""
    x = d.array(None, "distinct", min_ndim=1, max_ndim=3, min_side=1)
    return d.laid_out(np.concatenate([x, x[..., ::-1]], -1))


def _factors(d: Draws) -> Call:
    """Return an array with zeros, axes, `keepdims`, and an initial value."""
    x = with_zeros(d)
    return Call(x, axis=d.axes(x), keepdims=d.boolean(), initial=d.choice([1, 1.5]))


def _tied_with_masked(initial: float) -> Any:
    """Return a draw of an array whose extremes are tied with elements that do not count."""

    def drawn(d: Draws) -> Call:
        x = in_pairs(d)
        n = x.shape[-1]
        return Call(x, axis=-1, initial=initial, where=np.arange(n) < n // 2)

    return drawn


def _tied_with_initial(d: Draws) -> Call:
    """Return an array, and its greatest element to start from."""
    x = d.array(None, "distinct", min_ndim=1, min_side=1)
    return Call(x, keepdims=d.boolean(), initial=float(np.max(x)))


def _extreme(d: Draws) -> Call:
    """Return an array without ties, axes and `keepdims`."""
    x = d.array(None, "distinct", min_side=1)
    return Call(x, axis=d.axes(x), keepdims=d.boolean())


def _extreme_of_some(d: Draws) -> Call:
    """Return an array, a mask, and an initial value, which may be the extreme."""
    x = d.array(None, "distinct", min_ndim=1)
    where = d.choice([True, d.mask(x.shape), d.mask(x.shape[1:])])
    return Call(x, axis=d.axes(x), keepdims=d.boolean(), initial=d.integer(-2, 2), where=where)


def _missing(d: Draws) -> Call:
    """Return an array with NaN, axes and `keepdims`."""
    x = with_nan(d)
    axes = d.axes(x)
    return Call(x, axis=None if axes == () else axes, keepdims=d.boolean())


def _missing_of_some(d: Draws) -> Call:
    """Return an array with NaN, a mask, and an initial value."""
    x = with_nan(d, min_side=0, min_ndim=1)
    return Call(x, axis=d.axes(x), initial=1.0, where=d.mask(x.shape))


def _one_axis(d: Draws) -> Call:
    """Return an array, and an axis."""
    x = d.array(None, "distinct", min_ndim=1, min_side=1)
    return Call(x, axis=d.axis(x))


def _ufunc_default(d: Draws) -> Call:
    """Return an array only: a ufunc reduces its first axis."""
    return Call(d.array(None, "distinct", min_ndim=1, min_side=1))


def _ufunc_of_some(d: Draws) -> Call:
    """Return an array, axes, a mask, an initial value and a dtype, as ufuncs take them."""
    x = d.array(None, "distinct")
    where = d.choice([True, d.mask(x.shape)])
    return Call(x, d.axes(x), d.choice([None, d.dtype]), None, d.boolean(), 1.0, where)


TIED = "at ties the derivative jumps"

SAMPLES = [
    *[Sample(f, _reduction, complex=True) for f in (np.sum, np.prod)],
    *[Sample(f, _positional, complex=True) for f in (np.sum, np.prod, np.nansum, np.nanprod)],
    *[Sample(f, _in_dtype, complex=True) for f in (np.sum, np.prod)],
    Sample(np.prod, _factors, complex=True),
    *[
        Sample(f, draw, complex=True)
        for f in (np.max, np.min, np.amax, np.amin, np.nanmax, np.nanmin)
        for draw in (_extreme, _extreme_of_some)
    ],
    *[
        Sample(f, lambda d: Call(in_pairs(d), axis=-1), order=1, reason=TIED)
        for f in (np.max, np.amin, np.nanmax, np.maximum.reduce, np.fmin.reduce)
    ],
    *[Sample(f, _tied_with_masked(-9)) for f in (np.max, np.nanmax, np.fmax.reduce)],
    Sample(np.min, _tied_with_masked(9)),
    *[Sample(f, _tied_with_initial, order=1, reason=TIED) for f in (np.max, np.nanmax)],
    *[
        Sample(f, draw, complex=True)
        for f in (np.nansum, np.nanprod, np.nanmax, np.nanmin)
        for draw in (_missing, _missing_of_some)
    ],
    Sample(np.ptp, _extreme, complex=True),
    *[
        Sample(f, draw, complex=True)
        for f in (
            np.add.reduce, np.multiply.reduce, np.maximum.reduce, np.minimum.reduce,
            np.fmax.reduce, np.fmin.reduce,
        )
        for draw in (_ufunc_default, _extreme, _ufunc_of_some)
    ],
    *[
        Sample(f, draw)
        for f in (np.logaddexp.reduce, np.logaddexp2.reduce, np.hypot.reduce)
        for draw in (_ufunc_default, _extreme, _ufunc_of_some)
    ],
    *[Sample(f, _missing, complex=True) for f in (np.fmax.reduce, np.fmin.reduce)],
    *[
        Sample(f, _reduction, complex=True)
        for f in (
            np.any, np.all, np.count_nonzero, np.logical_and.reduce, np.logical_or.reduce,
            np.logical_xor.reduce,
        )
    ],
    *[
        Sample(f, _one_axis, complex=True)
        for f in (np.argmax, np.argmin, np.nanargmax, np.nanargmin)
    ],
]  # fmt: skip
