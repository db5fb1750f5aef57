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


def _bins(d: Draws) -> dict[str, Any]:
    """Return how to divide values into bins."""
    edges = np.sort(d.array((d.integer(2, 4),), "distinct"))
    options = [{}, {"bins": 3}, {"bins": edges}, {"bins": 2, "range": (-0.5, 2.0)},
               {"bins": 2, "range": (-7.5, 0.0)}]  # fmt: skip
    return dict(d.choice(options))


def _histogram(d: Draws) -> Call:
    """Return values, bins, and perhaps weights."""
    a = d.array(None, "distinct")
    bins = _bins(d)
    weights = d.choice([None, d.array(a.shape, "positive")])
    return Call(a, **bins, weights=weights)


def _density(d: Draws) -> Call:
    """Return values from -3 to 3, the others in the middle of bins, to be told the density."""
    bins, n = d.integer(1, 3), d.integer(0, 5)
    middle = (d.rng.integers(0, bins, n) + d.rng.uniform(0.3, 0.7, n)) * (6 / bins) - 3
    a = d.laid_out(d.rng.permutation([-3.0, 3.0, *middle]).astype(d.dtype))
    weights = d.choice([None, d.array(a.shape, "positive")])
    return Call(a, bins=bins, density=True, weights=weights)


SAMPLES = [
    Sample(np.bincount, _bincount),
    Sample(np.bincount, lambda d: Call(d.rng.integers(0, 4, d.integer(0, 6))), complex=True),
    Sample(weighted_counts, _weighted_counts),
    Sample(np.histogram, _histogram),
    Sample(np.histogram, _density),
    Sample(np.histogram_bin_edges, lambda d: Call(d.array(None, "distinct"), **_bins(d))),
    Sample(np.histogram_bin_edges, lambda d: Call(d.array((7,), "distinct"), "sturges")),
]
