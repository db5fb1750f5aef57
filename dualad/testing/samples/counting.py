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
    bins, n = d.integer(1, 3), d.integer(0, 5)
    middle = (d.rng.integers(0, bins, n) + d.rng.uniform(0.3, 0.7, n)) * (6 / bins) - 3
    a = d.laid_out(d.rng.permutation([-3.0, 3.0, *middle]).astype(d.dtype))
    return Call(a, bins=bins)


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


SAMPLES = [
    Sample(np.bincount, _bincount),
    Sample(np.bincount, lambda d: Call(d.rng.integers(0, 4, d.integer(0, 6))), complex=True),
    Sample(weighted_counts, _weighted_counts),
    Sample(np.histogram, lambda d: _weighted(d, _bins(d))),
    Sample(np.histogram, lambda d: _weighted(d, _in_bins(d), density=True)),
    Sample(np.histogram_bin_edges, _bins),
    Sample(np.histogram_bin_edges, lambda d: Call(d.array((7,), "distinct"), "sturges")),
]
