"""Counting, with weights, in bins. Counts are constant; weights and the edges of bins are not."""

import math
from typing import Any

import numpy as np

from dualad.core.dispatch import dispatching
from dualad.core.tracer import Tracer, shape_of, strip
from dualad.rules.indexing import scatter
from dualad.rules.joining import as_array, in_dtype
from dualad.rules.kinds import composite, linear


@dispatching
def weighted_counts(weights: Any, x: Any, minlength: Any) -> Any:
    """Return the sum of the weights of each number that stands in `x`."""
    return np.bincount(x, weights, minlength)


def _bincount(x: Any, /, weights: Any = None, minlength: Any = 0) -> Any:
    """Return how often each number stands in `x`, or the sum of its weights."""
    if weights is None:
        return np.bincount(strip(x), minlength=minlength)
    return weighted_counts(as_array(weights), strip(x), minlength)


def _histogram(a: Any, bins: Any = 10, range: Any = None, density: Any = None,
               weights: Any = None) -> Any:  # fmt: skip
    """Return counts, or sums of weights, and the edges of the bins."""
    counts, plain = np.histogram(*strip((a, bins, range, None, weights)))
    edges = np.histogram_bin_edges(a, bins, range, weights)
    if weights is not None:
        values = np.ravel(strip(a))
        inside = (values >= plain[0]) & (values <= plain[-1])
        places = np.searchsorted(plain, values[inside], "right") - 1
        places = np.minimum(places, len(counts) - 1)  # the last bin has its upper edge
        weights = np.reshape(as_array(weights), (-1,))[inside]
        wide = in_dtype(weights, np.result_type(weights.dtype, float))
        counts = in_dtype(scatter(wide, places, counts.shape), weights.dtype)
    if density:
        widths = in_dtype(np.diff(edges), np.dtype(float))
        counts, total = (in_dtype(value, np.result_type(value.dtype, float))
                         for value in (counts, np.sum(counts)))  # fmt: skip
        counts = counts / widths / total
    return counts, edges


def _histogram_bin_edges(a: Any, bins: Any = 10, range: Any = None, weights: Any = None) -> Any:
    """Return the edges of bins, which move with the extremes of the data or with `range`."""
    plain = np.histogram_bin_edges(*strip((a, bins, range, weights)))
    return _edges(as_array(a), bins, range, plain)


def _edges(a: Any, bins: Any, range: Any, plain: Any) -> Any:
    """Return the edges of bins, whose `plain` values NumPy has found."""
    if not isinstance(bins, str) and shape_of(bins):
        return as_array(bins)
    first, last = ((np.min(a), np.max(a)) if a.size else (0, 1)) if range is None else range
    if not isinstance(first, Tracer) and not isinstance(last, Tracer):
        return plain
    if strip(first) == strip(last):
        first, last = first - 0.5, last + 0.5
    return np.linspace(first, last, len(plain), dtype=plain.dtype)


def _histogramdd(sample: Any, bins: Any = 10, range: Any = None, density: Any = None,
                 weights: Any = None) -> Any:  # fmt: skip
    """Return counts, or sums of weights, in boxes, and the edges along each axis."""
    counts, plain = np.histogramdd(*strip((sample, bins, range, None, weights)))
    points, ndim = as_array(sample), len(plain)
    if len(shape_of(sample)) != 2 or not hasattr(sample, "shape"):
        points = np.transpose(np.atleast_2d(points))
    along = [bins] * ndim if not hasattr(bins, "__len__") else bins
    ranges = [None] * ndim if range is None else range
    edges = [_edges(points[:, i], along[i], ranges[i], found) for i, found in enumerate(plain)]
    if weights is not None:
        counts = _weighted_boxes(strip(points), plain, as_array(weights))
    if density:
        total = np.sum(counts)
        for i, ends in enumerate(edges):
            counts = counts / np.reshape(np.diff(ends), (-1,) + (1,) * (ndim - 1 - i))
        counts = counts / total
    return counts, edges


def _weighted_boxes(points: Any, edges: Any, weights: Any) -> Any:
    """Return the sums of weights in boxes; the last one along an axis has its upper edge."""
    places = [
        np.searchsorted(ends, x, "right") - (x == ends[-1])
        for ends, x in zip(edges, points.T, strict=True)
    ]
    shape = [len(ends) + 1 for ends in edges]  # a box at each end is for what is outside
    boxes = np.ravel_multi_index(places, shape)
    counts = np.bincount(boxes, weights, minlength=math.prod(shape))
    return np.reshape(counts, shape)[(slice(1, -1),) * len(shape)]


def _histogram2d(x: Any, y: Any, bins: Any = 10, range: Any = None, density: Any = None,
                 weights: Any = None) -> Any:  # fmt: skip
    """Return counts, or sums of weights, in rectangles, and the edges along both axes."""
    if len(x) != len(y):
        raise ValueError("x and y must have the same length.")
    if hasattr(bins, "__len__") and len(bins) not in (1, 2):
        bins = [as_array(bins)] * 2
    counts, edges = np.histogramdd([x, y], bins, range, density, weights)
    return counts, edges[0], edges[1]


ROWS = [
    linear(
        weighted_counts,
        lambda ct, y, weights, x, minlength: in_dtype(
            ct[..., np.asarray(x, np.intp)], weights.dtype
        ),
        push=lambda t, y, weights, x, minlength: scatter(
            in_dtype(t, y.dtype), np.asarray(x, np.intp), shape_of(y)
        ),
    ),
    composite(np.bincount, _bincount),
    composite(np.histogram, _histogram),
    composite(np.histogram2d, _histogram2d),
    composite(np.histogramdd, _histogramdd),
    composite(np.histogram_bin_edges, _histogram_bin_edges),
]
