"""What the rows of `dualad.rules.quantiles` are tried on."""

from typing import Any

import numpy as np

from dualad.rules.quantiles import CONTINUOUS, averaged
from dualad.testing.samples.base import Call, Draws, Sample
from dualad.testing.samples.reductions import in_pairs, with_nan

POSITIONS = {**CONTINUOUS, "inverted_cdf": (0, 0), "lower": (-1, 0), "midpoint": (-1, 0)}
TIED = "at ties the derivative jumps"
METHODS = (
    *CONTINUOUS, "inverted_cdf", "averaged_inverted_cdf", "closest_observation", "lower",
    "higher", "midpoint", "nearest",
)  # fmt: skip


def _median(d: Draws) -> Call:
    """Return an array, axes and `keepdims`."""
    x = d.array(None, "distinct", min_side=1, max_side=4, max_ndim=3)
    return Call(x, axis=d.axes(x), keepdims=d.boolean())


def _median_overwriting(d: Draws) -> Call:
    """Return an array that may be overwritten, and axes."""
    x = d.array(None, "distinct", min_ndim=1, min_side=1)
    return Call(np.array(x), d.axes(x), None, True, d.boolean())


def _missing(d: Draws) -> Call:
    """Return an array with NaN, axes and `keepdims`."""
    x = with_nan(d)
    axes = d.axes(x)
    return Call(x, axis=None if axes == () else axes, keepdims=d.boolean())


def _quantiles(d: Draws, whole: int) -> Any:
    """Return plain quantiles: a number, an array of some shape, or a list."""
    rng = d.rng
    return d.choice(
        [0.5 * whole, 0, whole, [0.25 * whole, 0.1 * whole], (rng.random((2, 3)) * whole).tolist()]
    )


def _quantile(whole: int, draw: Any) -> Any:
    """Return a draw of quantiles, by some method, of the array and axes that `draw` returns."""

    def drawn(d: Draws) -> Call:
        call = draw(d)
        q, method = _quantiles(d, whole), d.choice(METHODS)
        if np.ndim(q) > 1 and isinstance(call.kwargs["axis"], tuple):
            q = q[0]  # NumPy 2.4 mixes up the axes of what its nanquantile returns
        return Call(*call.args, q, method=method, **call.kwargs)

    return drawn


def _at(whole: int) -> Any:
    """Return a draw of quantiles that may be traced, off the kinks, of lines of two or three."""

    def drawn(d: Draws) -> Call:
        x = d.array(None, "distinct", min_ndim=1, max_ndim=3, min_side=2)
        axis = d.axis(x)
        more, start = POSITIONS[method := d.choice(tuple(POSITIONS))]
        n = x.shape[axis]
        places = d.rng.integers(0, n - 1, d.shape(max_ndim=2, min_side=1)) + d.rng.uniform(
            0.35, 0.65
        )
        q = np.asarray((places - start) / (n + more) * whole, d.dtype)
        return Call(x, q, axis=axis, method=method, keepdims=d.boolean())

    return drawn


def _weighted(whole: int, along: bool) -> Any:
    """Return a draw of quantiles of weighted elements, whose weights may run along one axis."""

    def drawn(d: Draws) -> Call:
        x = d.array(None, "distinct", min_ndim=1, max_ndim=3, min_side=1)
        axis = d.axis(x)
        q = d.choice([0.4, [0.3, 0.7]])
        q = np.multiply(q, whole).tolist()
        weights = d.rng.integers(
            1, 4, d.choice([x.shape, (x.shape[axis],)] if along else [x.shape])
        )
        return Call(x, q, axis, method="inverted_cdf", weights=weights.tolist())

    return drawn


def _weighted_in_pairs(d: Draws) -> Call:
    """Return a quantile of elements of which each is tied with one that has no weight."""
    x = in_pairs(d)
    half = x.shape[-1] // 2
    return Call(x, 0.37, -1, method="inverted_cdf", weights=[1] * half + [0] * half)


QUANTILES = ((np.quantile, 1), (np.percentile, 100), (np.nanquantile, 1), (np.nanpercentile, 100))

SAMPLES = [
    *[Sample(f, _median, complex=True) for f in (np.median, np.nanmedian)],
    *[Sample(f, _median_overwriting) for f in (np.median, np.nanmedian)],
    Sample(np.nanmedian, _missing),
    *[
        Sample(f, lambda d: Call(in_pairs(d), axis=-1), order=1, reason=TIED)
        for f in (np.median, np.nanmedian)
    ],
    *[Sample(f, _quantile(whole, _median)) for f, whole in QUANTILES],
    *[Sample(f, _quantile(whole, _missing)) for f, whole in QUANTILES[2:]],
    *[Sample(f, _at(whole)) for f, whole in QUANTILES],
    *[Sample(f, _weighted(whole, along=True)) for f, whole in QUANTILES[:2]],
    *[Sample(f, _weighted(whole, along=False)) for f, whole in QUANTILES[2:]],
    Sample(np.quantile, _weighted_in_pairs, order=1, reason=TIED),
    Sample(averaged, lambda d: Call(d.array(None, "distinct", min_side=1), np.median, None, True)),
    Sample(averaged, lambda d: Call(d.array((2, 0)), np.median, 0, d.boolean())),
]
