"""What the rows of `dualad.rules.statistics` are tried on."""

from typing import Any

import numpy as np

from dualad.rules.statistics import ROWS
from dualad.testing.samples.base import Call, Draws, Sample
from dualad.testing.samples.reductions import with_nan


def _mean(d: Draws) -> Call:
    """Return an array, axes and `keepdims`."""
    x = d.array(min_side=1)
    return Call(x, axis=d.axes(x), keepdims=d.boolean())


def _mean_positional(d: Draws) -> Call:
    """Return an array, axes, a dtype, no `out`, and `keepdims`, in their order."""
    x = d.array(min_side=1)
    dtype = d.choice([None, np.result_type(x, np.float64), np.result_type(x, np.complex128)])
    return Call(x, d.axes(x), dtype, None, d.boolean())


def some(d: Draws, x: Any) -> Any:
    """Return a mask that leaves some of the elements along any axis of `x`."""
    even = np.sum(np.indices(np.shape(x)), 0) % 2 == 0
    return even | d.mask(np.shape(x))


def _mean_of_some(d: Draws) -> Call:
    """Return an array, axes, and a mask."""
    x = d.array(min_side=2)
    axes = d.axes(x)
    axes = None if axes == () else axes
    return Call(x, axis=axes, keepdims=d.boolean(), where=some(d, x))


def _missing(d: Draws) -> Call:
    """Return an array with NaN, axes and `keepdims`."""
    x = with_nan(d)
    axes = d.axes(x)
    return Call(x, axis=None if axes == () else axes, keepdims=d.boolean())


def _missing_of_some(d: Draws) -> Call:
    """Return an array with NaN, axes, and a mask."""
    x = with_nan(d)
    even = np.sum(np.indices(np.shape(x)), 0) % 2 == 0
    axes = d.axes(x)
    return Call(x, None if axes == () else axes, where=even)


def _spread(d: Draws) -> Call:
    """Return an array of which every line has two elements or more, axes and degrees of freedom."""
    x = d.array(None, "distinct", min_ndim=1, min_side=2)
    axes = d.axes(x)
    axes = None if axes == () else axes
    return Call(x, axes, None, None, d.choice([0, 1, 0.5]), d.boolean())


def _spread_in_dtype(d: Draws) -> Call:
    """Return an array, a wider dtype, a mask and a correction."""
    x = d.array(None, "distinct", min_ndim=1, min_side=3)
    even = np.sum(np.indices(np.shape(x)), 0) % 2 == 0
    dtype = np.result_type(x, np.float64)
    return Call(x, dtype=dtype, where=d.choice([True, even]), correction=d.choice([0, 0.5]))


def _spread_about(d: Draws) -> Call:
    """Return an array, an axis, and a mean, which may be traced."""
    x = d.array(None, "distinct", min_ndim=1, min_side=2)
    axis = d.axis(x)
    mean = d.array(np.mean(x, axis, keepdims=True).shape, "distinct")
    return Call(x, axis=axis, mean=mean, ddof=d.integer(0, 1), keepdims=d.boolean())


def _spread_with_nan(d: Draws) -> Call:
    """Return an array with NaN, axes and degrees of freedom."""
    x = with_nan(d, min_ndim=1, min_side=4, max_side=4, max_ndim=3)
    axes = d.axes(x)
    axes = None if axes == () else axes
    return Call(x, axes, None, None, d.choice([0, 1, 0.5]), d.boolean())


def _spread_with_nan_about(d: Draws) -> Call:
    """Return an array with NaN, an axis, and a mean, which may be traced."""
    x = with_nan(d, min_ndim=1, min_side=4, max_side=4, max_ndim=3)
    axis = d.axis(x)
    mean = d.array(np.nanmean(x, axis, keepdims=True).shape, "distinct")
    return Call(x, axis=axis, mean=mean)


def _equal(d: Draws) -> Call:
    """Return an array whose elements are equal, and axes."""
    x = d.laid_out(np.full(d.shape(min_side=1), 0.5).astype(d.dtype))
    return Call(x, axis=d.axes(x))


def _average(d: Draws) -> Call:
    """Return an array, and no weights."""
    x = d.array(min_side=1)
    return Call(x, d.axes(x), returned=d.boolean(), keepdims=d.boolean())


def _weighted(d: Draws) -> Call:
    """Return an array and weights of its shape."""
    x = d.array(min_side=1)
    weights = d.array(x.shape, "positive")
    return Call(x, d.axes(x), weights, d.boolean(), keepdims=d.boolean())


def _weighted_along(d: Draws) -> Call:
    """Return an array, and weights along an axis."""
    x = d.array(min_ndim=1, min_side=1)
    axis = d.axis(x)
    weights = d.array((x.shape[axis],), "positive")
    return Call(x, axis=axis, weights=weights, returned=d.boolean())


def _weighted_along_two(d: Draws) -> Call:
    """Return an array, and weights along two of its axes."""
    x = d.array(min_ndim=2, min_side=1)
    axes = tuple(int(i) for i in d.rng.permutation(x.ndim)[:2])
    weights = d.array(tuple(x.shape[i] for i in axes), "positive")
    return Call(x, axis=axes, weights=weights, keepdims=d.boolean())


def _weighted_numbers(d: Draws) -> Call:
    """Return whole numbers, and weights."""
    weights = d.array((3,), "positive")
    return Call(d.choice([[1, 2, 4], np.array([1, 2, 4])]), weights=weights)


def _cov(d: Draws) -> Call:
    """Return variables, and how to normalize."""
    x = d.array(min_ndim=1, max_ndim=2, min_side=3)
    ddof = d.choice([None, 0, 1, 2])
    return Call(x, None, d.boolean(), d.boolean(), ddof)


def _cov_of_two(d: Draws) -> Call:
    """Return two sets of variables, in rows or in columns."""
    rowvar = d.boolean()
    n = d.integer(3, 5)
    shapes = [d.choice([(n,), (k, n) if rowvar else (n, k)]) for k in (2, 3)]
    return Call(d.array(shapes[0]), d.array(shapes[1]), rowvar=rowvar, bias=d.boolean())


def _cov_weighted(d: Draws) -> Call:
    """Return variables, and weights of their observations."""
    x = d.array((2, 4))
    counts = d.choice([None, [1, 2, 3, 1]])
    weights = d.rng.uniform(0.5, 1.5, 4).astype(np.finfo(d.dtype).dtype)
    return Call(x, fweights=counts, aweights=weights, ddof=d.choice([None, 0, 1]))


def _cov_counted(d: Draws) -> Call:
    """Return variables, how often each observation was made, and a dtype."""
    x = d.array((2, 3))
    return Call(x, fweights=[2, 1, 3], dtype=d.choice([None, np.result_type(x, np.longdouble)]))


def _corrcoef(d: Draws) -> Call:
    """Return variables whose correlation is off its bounds."""
    rowvar = d.boolean()
    x = d.array((2, 4) if rowvar else (4, 2), "distinct")
    y = d.choice([None, d.array((4,), "distinct")])
    return Call(x, y, rowvar=rowvar)


POINTED = "the standard deviation has a kink at zero"

SPREADS = (np.var, np.std)
NAN_SPREADS = (np.nanvar, np.nanstd)

SAMPLES = [
    *[Sample(np.mean, draw, complex=True) for draw in (_mean, _mean_positional, _mean_of_some)],
    *[
        Sample(np.nanmean, draw, complex=True)
        for draw in (_mean, _mean_positional, _missing, _missing_of_some)
    ],
    *[
        Sample(f, draw, complex=True)
        for f in SPREADS + NAN_SPREADS
        for draw in (_spread, _spread_in_dtype)
    ],
    *[Sample(f, _equal, complex=True, order=1, reason=POINTED) for f in (np.std, np.nanstd)],
    *[Sample(f, _spread_about, complex=True) for f in SPREADS],
    *[Sample(f, _spread_with_nan, complex=True) for f in NAN_SPREADS],
    *[
        Sample(f, draw, complex=True, fixed=("mean",))  # by which NumPy does not dispatch these
        for f in NAN_SPREADS
        for draw in (_spread_about, _spread_with_nan_about)
    ],
    *[
        Sample(row.function, _spread, complex=True)
        for row in ROWS  # what `var` and its like call once the mean is plain
        if row.kind == "general" and row.function is not np.nanmean
    ],
    *[
        Sample(np.average, draw, complex=True)
        for draw in (_average, _weighted, _weighted_along, _weighted_along_two, _weighted_numbers)
    ],
    *[
        Sample(np.cov, draw, complex=True)
        for draw in (_cov, _cov_of_two, _cov_weighted, _cov_counted)
    ],
    Sample(np.corrcoef, _corrcoef, complex=True),
]
