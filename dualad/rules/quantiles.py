"""Medians, quantiles and percentiles.

Each is a mean of two order statistics, or one of them. Which, and in what proportion, depends on
the number of elements, the quantile and the method only; so NumPy tells it itself, when asked for
the quantiles of 0, 1, 2, ...: there, a quantile is its own position among the sorted elements.
"""

from typing import Any

import numpy as np

from dualad.core.dispatch import dispatching
from dualad.core.row import Row
from dualad.core.tracer import Tracer, primal_value, shape_of, strip
from dualad.rules.directions import lead
from dualad.rules.kinds import composite, general
from dualad.rules.reductions import Axes, in_dtype_of, merged, reduced_axes, refuse_out, unmerged
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
    positions : ndarray, shape (*counts.shape, Q)
        Where, among the sorted elements, the quantiles lie.
    """

    def __init__(
        self, x: Any, axes: Axes, function: Any, q: Any = None, method: Any = "linear",
        weights: Any = None,
    ) -> None:  # fmt: skip
        self.x = merged(np.asarray(primal_value(x)), axes)
        self.real = np.finfo(self.x.dtype).dtype
        self.sorted = np.sort(self.x, -1)
        if function in (np.nanmedian, np.nanquantile):
            self.counts = np.add.reduce(~np.isnan(self.x), -1, dtype=int)
        else:
            self.counts = np.full((1,) * (self.x.ndim - 1), self.x.shape[-1])
        self.positions = _positions(self.counts, q, method)

    def statistic(self, position: Any) -> Any:
        """Return the order statistics at a position in each line."""
        index = np.clip(position, 0, self.x.shape[-1] - 1).astype(int)
        return np.take_along_axis(self.sorted, index[..., None], -1)

    def shares(self, value: Any, used: Any = True) -> Any:
        """Return what each element contributes to an order statistic: ties share equally."""
        ties = np.equal(self.x, value) & used
        count = np.add.reduce(ties, -1, dtype=self.real, keepdims=True)
        return ties / np.maximum(count, self.real.type(1))

    def weights(self) -> list[Any]:
        """Return the partials of each quantile by the elements."""
        found = []
        for position in np.moveaxis(self.positions, -1, 0):
            below = np.floor(position)
            part = (position - below).astype(self.real)[..., None]
            partial = self.shares(self.statistic(below))
            if np.any(part):
                partial = (1 - part) * partial + part * self.shares(self.statistic(below + 1))
            found.append(partial)
        return found

    def slopes(self, q: Any, method: Any) -> list[Any]:
        """Return the partials, by the elements, of the slope of each quantile by `q`.

        At a kink, which every element is, it is the mean of the slopes on both sides.
        """
        more, start = CONTINUOUS[method]
        last, found = self.counts - 1, []
        for position, one in zip(np.moveaxis(self.positions, -1, 0), np.ravel(q), strict=True):
            free = one * (self.counts + more) + start
            below = np.maximum(np.ceil(position) - 1, 0)
            above = np.minimum(np.floor(position) + 1, last)
            rate = np.where((free >= 0) & (free <= last), self.counts + more, 0)
            rate = (rate / np.maximum(above - below, 1)).astype(self.real)[..., None]
            change = self.shares(self.statistic(above)) - self.shares(self.statistic(below))
            found.append(rate * change)
        return found


def _positions(counts: Any, q: Any, method: Any) -> Any:
    """Return where, among so many sorted elements, the quantiles `q`, or the median, lie."""
    if q is None:
        return np.maximum(counts - 1, 0)[..., None] / 2
    found = np.zeros((*counts.shape, np.size(q)))
    for count in np.unique(counts[counts > 0]):
        found[counts == count] = np.ravel(np.quantile(np.arange(float(count)), q, method=method))
    return found


def _partials(y: Any, x: Any, axes: Axes, function: Any, q: Any = None, **settings: Any) -> Any:
    """Return the partials of each quantile by the elements, in lines along the last axis."""
    x, y = np.asarray(primal_value(x)), primal_value(y)
    if not x.size:
        return []
    lines = _Lines(x, axes, function, q, **settings)
    weights = settings.get("weights")
    if weights is None:
        return lines.weights()
    # each quantile is an element
    used = merged(np.broadcast_to(weights_along(weights, x, axes) > 0, x.shape), axes)
    values = np.reshape(y, (-1, *lines.x.shape[:-1], 1))
    return [lines.shares(value, used) for value in values]


def _totals(partials: Any, lines: Any, ndim: int) -> Any:
    """Return the sums of partials times elements, the quantiles ahead of `ndim - 1` axes."""
    parts = [np.sum(np.where(p == 0, 0, p * lines), -1) for p in partials]
    return np.stack(parts, -ndim)


def _jvp(t: Any, y: Any, x: Any, function: Any, axis: Any, keepdims: Any, **settings: Any) -> Any:
    """Return the tangents of the elements that the quantiles are made of."""
    axes = reduced_axes(axis, x.ndim)
    partials = _partials(y, x, axes, function, **settings)
    if not partials:
        return np.zeros(lead(t, x) + y.shape, y.dtype)
    total = _totals(partials, merged(t, axes), partials[0].ndim)
    return np.reshape(in_dtype_of(total, y), lead(t, x) + shape_of(y))


def _vjp(ct: Any, y: Any, x: Any, function: Any, axis: Any, keepdims: Any, **settings: Any) -> Any:
    """Return the cotangents, brought to the elements that the quantiles are made of."""
    axes = reduced_axes(axis, x.ndim)
    partials = _partials(y, x, axes, function, **settings)
    if not partials:
        return np.zeros(lead(ct, y) + x.shape, x.dtype)
    lines = partials[0].shape[:-1]
    ct = np.reshape(ct, (*lead(ct, y), len(partials), *lines, 1))
    ct = np.moveaxis(ct, -len(lines) - 2, 0)
    total = sum(np.where(p == 0, 0, p * part) for p, part in zip(partials, ct, strict=True))
    return in_dtype_of(unmerged(total, axes, x.shape), x)


def _median(function: Any) -> Row:
    """Return the row of a median."""

    def body(a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False,
             keepdims: Any = False) -> Any:  # fmt: skip
        refuse_out(out, function.__name__)
        return averaged(a, function, axis, keepdims)  # never overwritten: the rule reads it

    return composite(function, body)


def _quantile(function: Any, of_one: Any, whole: int) -> Row:
    """Return the row of a function that gives quantiles, in units of which `whole` make one."""

    def body(a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False,
             method: Any = "linear", keepdims: Any = False, *,
             weights: Any = None) -> Any:  # fmt: skip
        refuse_out(out, function.__name__)
        traced = isinstance(q, Tracer) or np.asarray(q).dtype == object
        q = array_of(q) if traced else q
        plain = np.asarray(strip(q))[()] if traced else q
        if whole > 1:
            plain = plain / whole if type(plain) in (int, float) else np.true_divide(plain, whole)
        weights = None if weights is None else strip(weights)  # they choose elements: no slope
        y = averaged(a, of_one, axis, keepdims, q=plain, method=method, weights=weights)
        if not traced or weights is not None or method not in CONTINUOUS or not np.size(a) * y.size:
            return y
        slope = np.reshape(_slope(array_of(a), of_one, axis, plain, method), y.shape) / whole
        change = np.reshape(q - strip(q), q.shape + (1,) * (y.ndim - q.ndim))
        return y + slope * change

    return composite(function, body)


def _slope(a: Any, function: Any, axis: Any, q: Any, method: Any) -> Any:
    """Return the derivative of quantiles by `q`; zero where an element is infinite."""
    a = a if a.dtype.kind == "f" else a.astype(float)
    axes = reduced_axes(axis, a.ndim)
    partials = _Lines(a, axes, function, q, method).slopes(q, method)
    total = _totals(partials, merged(a, axes), partials[0].ndim)
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
