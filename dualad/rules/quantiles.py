"""Medians, quantiles and percentiles.

Each is a mean of two order statistics, or one of them. Which, and in what proportion, depends on
the number of elements, the quantile and the method only; so NumPy tells it itself, when asked for
the quantiles of 0, 1, 2, ...: there, a quantile is its own position among the sorted elements.
"""

from typing import Any

import numpy as np

from dualad.core.dispatch import dispatching
from dualad.core.row import Row, name_of
from dualad.core.tracer import Tracer, primal_value, strip
from dualad.errors import UnsupportedParameterError
from dualad.rules.directions import lead
from dualad.rules.kinds import composite, general
from dualad.rules.reductions import Axes, in_dtype_of, merged, reduced_axes, unmerged
from dualad.rules.statistics import array_of, weights_along

# The slope of the position by the quantile is the number of elements and this; and the position
# of quantile 0 is the second number. Other methods are piecewise constant. (Hyndman, Fan 1996)
CONTINUOUS = {
    "linear": (-1, 0),
    "interpolated_inverted_cdf": (0, -1),
    "hazen": (0, -1 / 2),
    "weibull": (1, -1),
    "median_unbiased": (1 / 3, -2 / 3),
    "normal_unbiased": (1 / 4, -5 / 8),
}


Piece = tuple[Any, Any]  # where elements are an order statistic; its part, a number a line


@dispatching
def averaged(a: Any, function: Any, axis: Any, keepdims: Any, **settings: Any) -> Any:
    """Return ``function(a, axis=axis, keepdims=keepdims, **settings)``, a median or quantile."""
    y = function(a, axis=axis, keepdims=keepdims, **settings)
    return y if hasattr(y, "dtype") else np.asarray(y)[()]  # a median may be a Python float


class _Lines:
    """The lines of an array whose order statistics are wanted, along its last axis; all plain.

    Attributes
    ----------
    x : ndarray, shape (*K, n)
        The elements.
    counts : ndarray, shape K or (1, ..., 1)
        How many elements of each line count: NaN do not, for functions that pass over them.
    positions : ndarray, shape (Q, *counts.shape)
        Where, among the sorted elements, the quantiles lie.
    """

    def __init__(
        self, x: Any, axes: Axes, function: Any, q: Any = None, method: Any = "linear"
    ) -> None:
        self.x = merged(np.asarray(primal_value(x)), axes)
        if function in (np.nanmedian, np.nanquantile):
            self.counts = np.add.reduce(~np.isnan(self.x), -1, dtype=int)
        else:
            self.counts = np.full((1,) * (self.x.ndim - 1), self.x.shape[-1])
        self.positions = _positions(self.counts, q, method)

    def statistics(self, positions: list[Any]) -> list[Any]:
        """Return the order statistics at some positions in each line."""
        last = self.x.shape[-1] - 1
        places = [np.clip(position, 0, last).astype(int) for position in positions]
        wanted = np.unique(np.concatenate([np.ravel(place) for place in places]))
        ordered = np.partition(self.x, wanted, -1)
        return [np.take_along_axis(ordered, place[..., None], -1) for place in places]

    def share(self, value: Any, factor: Any, used: Any = None) -> Piece:
        """Return which elements are an order statistic, and what part each has: all the same."""
        ties = np.equal(self.x, value)
        if used is not None:
            ties &= used
        count = np.maximum(np.add.reduce(ties, -1, keepdims=True), 1)
        return ties, (factor / count).astype(np.finfo(self.x.dtype).dtype)

    def pieces(self) -> list[list[Piece]]:
        """Return, for each quantile, the order statistics that it is made of."""
        floors = list(np.floor(self.positions))
        values = self.statistics([*floors, *[below + 1 for below in floors]])
        found = []
        for i, below in enumerate(floors):
            part = (self.positions[i] - below)[..., None]
            found.append([self.share(values[i], 1 - part)])
            if np.any(part):
                found[i].append(self.share(values[len(floors) + i], part))
        return found

    def slopes(self, q: Any, method: Any) -> list[list[Piece]]:
        """Return, for each quantile, the order statistics that its slope by `q` is made of.

        At a kink, which every element is, it is the mean of the slopes on both sides.
        """
        more, start = CONTINUOUS[method]
        last = self.counts - 1
        below = np.maximum(np.ceil(self.positions) - 1, 0)
        above = np.minimum(np.floor(self.positions) + 1, last)
        values = self.statistics([*below, *above])
        found = []
        for i, one in enumerate(np.ravel(q)):
            free = one * (self.counts + more) + start  # the position, were there no ends
            flat = (free < 0) | (free > last)
            edge = ((free == 0) & (one > 0)) | ((free == last) & (one < 1))  # of what is flat
            rate = np.where(flat, 0.0, np.where(edge, 0.5, 1.0)) * (self.counts + more)
            rate = (rate / np.maximum(above[i] - below[i], 1))[..., None]
            found.append([self.share(values[i], -rate), self.share(values[len(below) + i], rate)])
        return found


def _positions(counts: Any, q: Any, method: Any) -> Any:
    """Return where, among so many sorted elements, the quantiles `q`, or the median, lie."""
    if q is None:
        return np.maximum(counts - 1, 0)[None] / 2
    found = np.zeros((np.size(q), *counts.shape))
    for count in np.unique(counts[counts > 0]):
        ramp = np.quantile(np.arange(float(count)), q, method=method)
        found[:, counts == count] = np.reshape(ramp, (-1, 1))
    return found


def _pieces(
    y: Any, x: Any, axes: Axes, function: Any, q: Any = None, method: Any = "linear",
    weights: Any = None,
) -> list[list[Piece]]:  # fmt: skip
    """Return, for each quantile, the order statistics that it is made of; none of an empty array.

    With weights, each quantile is one of the elements.
    """
    if not x.size or not y.size:
        return []
    if weights is None:
        return _Lines(x, axes, function, q, method).pieces()
    lines = _Lines(x, axes, np.median)
    used = np.broadcast_to(weights_along(weights, x, axes) > 0, x.shape)
    values = np.reshape(primal_value(y), (-1, *lines.x.shape[:-1], 1))
    return [[lines.share(value, 1, merged(used, axes))] for value in values]


def _totals(pieces: list[list[Piece]], lines: Any) -> Any:
    """Return the quantiles' parts of the lines of elements, the quantiles ahead of the lines."""
    totals = [
        sum(np.sum(np.where(ties, lines, 0), -1) * part[..., 0] for ties, part in terms)
        for terms in pieces
    ]
    return np.stack(totals, -pieces[0][0][0].ndim)


def _jvp(t: Any, y: Any, x: Any, function: Any, axis: Any, keepdims: Any, **settings: Any) -> Any:
    """Return the tangents of the elements that the quantiles are made of."""
    axes = reduced_axes(axis, x.ndim)
    pieces = _pieces(y, x, axes, function, **settings)
    if not pieces:
        return np.zeros(lead(t, x) + y.shape, y.dtype)
    total = _totals(pieces, merged(t, axes))
    return np.reshape(in_dtype_of(total, y), lead(t, x) + y.shape)


def _vjp(ct: Any, y: Any, x: Any, function: Any, axis: Any, keepdims: Any, **settings: Any) -> Any:
    """Return the cotangents, brought to the elements that the quantiles are made of."""
    axes = reduced_axes(axis, x.ndim)
    pieces = _pieces(y, x, axes, function, **settings)
    if not pieces:
        return np.zeros(lead(ct, y) + x.shape, x.dtype)
    lines = pieces[0][0][0].shape[:-1]
    ct = np.reshape(ct, (*lead(ct, y), len(pieces), *lines, 1))
    ct = np.moveaxis(ct, -len(lines) - 2, 0)
    total = sum(
        np.where(ties, part * share, 0)
        for terms, share in zip(pieces, ct, strict=True)
        for ties, part in terms
    )
    return in_dtype_of(unmerged(total, axes, x.shape), x)


def _median(function: Any) -> Row:
    """Return the row of a median."""

    def body(a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False,
             keepdims: Any = False) -> Any:  # fmt: skip
        return averaged(a, function, axis, keepdims)  # never overwritten: the rule reads it

    return composite(function, body)


def _quantile(function: Any, of_one: Any, whole: int) -> Row:
    """Return the row of a function that gives quantiles, in units of which `whole` make one."""

    def body(a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False,
             method: Any = "linear", keepdims: Any = False, *,
             weights: Any = None, **older: Any) -> Any:  # fmt: skip
        if any(value is not None for value in older.values()):  # known to some versions of NumPy
            raise UnsupportedParameterError(name_of(function), next(iter(older)), "method=")
        traced = isinstance(q, Tracer) or np.asarray(q).dtype == object
        q = array_of(q) if traced else q
        plain = np.asarray(strip(q))[()] if traced else q
        if whole > 1:
            plain = plain / whole if type(plain) in (int, float) else np.true_divide(plain, whole)
        if of_one is np.nanquantile and np.ndim(plain) > 1 and np.size(axis) > 1:
            # NumPy 2.4 mixes up the axes of its result
            several = "several axes and a q of several axes"
            raise UnsupportedParameterError(name_of(function), several, "np.ravel(q)")
        weights = None if weights is None else strip(weights)  # they choose elements: no slope
        y = averaged(a, of_one, axis, keepdims, q=plain, method=method, weights=weights)
        smooth = method in CONTINUOUS and weights is None and np.size(a) and y.size
        if traced and smooth:
            slope = np.reshape(_slope(array_of(a), of_one, axis, plain, method), y.shape) / whole
            y = y + slope * np.reshape(q - strip(q), q.shape + (1,) * (y.ndim - q.ndim))
        return y

    return composite(function, body)


def _slope(a: Any, function: Any, axis: Any, q: Any, method: Any) -> Any:
    """Return the derivative of quantiles by `q`; zero where an element is infinite."""
    a = a if a.dtype.kind == "f" else a.astype(float)
    axes = reduced_axes(axis, a.ndim)
    total = _totals(_Lines(a, axes, function, q, method).slopes(q, method), merged(a, axes))
    return np.where(np.isfinite(total), total, 0)


ROWS = [
    general(averaged, [_jvp], [_vjp]),
    _median(np.median),
    _median(np.nanmedian),
    _quantile(np.quantile, np.quantile, 1),
    _quantile(np.percentile, np.quantile, 100),
    _quantile(np.nanquantile, np.nanquantile, 1),
    _quantile(np.nanpercentile, np.nanquantile, 100),
]
