"""What the rows of `dualad.rules.counting` are tried on."""

from typing import Any

import numpy as np

from dualad.rules.counting import weighted_counts
from dualad.testing.samples.base import Call, Draws, Sample


def _bincount(d: Draws) -> Call:
    """Return numbers, their weights, and how many counts there are at least."""
    n = d.integer(0, 6)
    numbers = d.rng.integers(0, 4, n)
    return Call(d.choice([numbers, numbers.tolist()]), d.array((n,)), d.integer(0, 6))


def _weighted_counts(d: Draws) -> Call:
    """Return the same as `_bincount`, with the weights first."""
    x, weights, minlength = _bincount(d).args
    return Call(weights, x, minlength)


def _in_bins(d: Draws) -> Call:
    """Return values from -3 to 3, the others in the middle of bins, whose number is given."""
    bins = d.integer(1, 3)
    return Call(_points(d, d.integer(0, 5), bins), bins=bins)


def _bins(d: Draws) -> Call:
    """Return values and bins, whose edges are apart from the values."""
    if d.boolean():
        return _in_bins(d)
    edges = np.sort(d.array((d.integer(2, 4),), "distinct"))
    ranges = [(-1, 2), (-8.0, 0.0)]
    return Call(d.array(None, "distinct"), *d.choice([(edges,), *((2, ends) for ends in ranges)]))


def _weighted(d: Draws, call: Call, **options: Any) -> Call:
    """Return a call of `histogram` with weights, or without."""
    weights = d.choice([None, d.array(call.args[0].shape, "positive")])
    return Call(*call.args, **call.kwargs, weights=weights, **options)


def _points(d: Draws, n: int, bins: int) -> Any:
    """Return `n` values and -3 and 3; they are in the middle of as many bins."""
    middle = (d.rng.integers(0, bins, n) + d.rng.uniform(0.3, 0.7, n)) * (6 / bins) - 3
    return d.laid_out(d.rng.permutation([-3.0, 3.0, *middle]).astype(d.dtype))


def _in_boxes(d: Draws) -> tuple[Any, ...]:
    """Return coordinates of points, how to divide the plane into boxes, and other parameters."""
    n, across, along = d.integer(0, 4), d.integer(1, 3), d.integer(1, 3)
    x, y = _points(d, n, across), _points(d, n, along)
    edges = (np.array([-4, 2.7, 3.5]) + d.rng.uniform(-0.1, 0.1, 3)).astype(d.dtype)
    far = np.array([-4.5, -3.8, 5.5], d.dtype)  # some points are outside
    bins = d.choice([(across, along), [edges, far], (across, far)])
    weights = d.choice([None, d.array(x.shape, "positive")])
    return x, y, bins, weights


def _histogram2d(d: Draws) -> Call:
    """Return points of the plane, and boxes."""
    x, y, bins, weights = _in_boxes(d)
    edges = np.array([-5, -3.3, 3.6, 4], d.dtype)  # of both coordinates
    bins = edges if d.integer(0, 3) == 3 else bins
    return Call(x, y, bins, density=d.boolean(), weights=weights)


def _histogramdd(d: Draws) -> Call:
    """Return points as an array or a list of coordinates, and boxes."""
    x, y, bins, weights = _in_boxes(d)
    points = d.choice([np.stack([x, y], 1), [x, y]])
    if isinstance(bins, tuple) and all(n is bins[0] for n in bins):
        bins = bins[0]  # one number for both
    return Call(points, bins, density=d.boolean(), weights=weights)


SAMPLES = [
    Sample(np.bincount, _bincount),
    Sample(np.bincount, lambda d: Call(d.rng.integers(0, 4, d.integer(0, 6))), complex=True),
    Sample(weighted_counts, _weighted_counts),
    Sample(np.histogram, lambda d: _weighted(d, _bins(d))),
    Sample(np.histogram, lambda d: _weighted(d, _in_bins(d), density=True)),
    Sample(np.histogram2d, _histogram2d),
    Sample(np.histogramdd, _histogramdd),
    Sample(np.histogram_bin_edges, _bins),
    Sample(np.histogram_bin_edges, lambda d: Call(d.array((7,), "distinct"), "sturges")),
]
