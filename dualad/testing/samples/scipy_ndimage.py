"""What the rows of `dualad.rules.scipy_ndimage` are tried on."""

import inspect
from typing import Any

import numpy as np
from scipy import ndimage

from dualad.rules.scipy_ndimage import PADDING, ROWS
from dualad.testing.samples.base import Call, Draws, Sample
from dualad.testing.samples.scipy_linalg import own

MODES = tuple(PADDING)
DOUBLE: Any = {"float32": False, "reason": "SciPy computes in double precision"}


def _origin(d: Draws, size: int) -> int:
    """Return a shift of a window that long."""
    return d.integer(-(size // 2), (size - 1) // 2)


def _line(d: Draws) -> Call:
    """Return an array, weights of a window along an axis, and what is beyond the ends."""
    x, w = d.array(d.shape(1, 3, 1, 4)), d.array((d.integer(1, 4),))
    return Call(x, w, d.axis(x), None, d.choice(MODES), d.choice((0.0, 0.6)), _origin(d, len(w)))


def _line_from_end(d: Draws) -> Call:
    """Return the same, with the axis from the end, and without an output."""
    x, w, axis, _, *rest = _line(d).args
    return Call(x, w, axis % x.ndim - x.ndim, *rest)


def _window(d: Draws) -> Call:
    """Return an array, weights of a window, and what is beyond the ends."""
    x = d.array(d.shape(1, 3, 1, 4))
    w = d.array(tuple(d.integer(1, 3) for _ in x.shape))
    return Call(x, w, d.choice(MODES), d.choice((0.0, 0.6)), tuple(_origin(d, n) for n in w.shape))


def _window_of_all(d: Draws) -> Call:
    """Return the same, as the public functions take it."""
    x, w, mode, cval, origins = _window(d).args
    return Call(x, w, mode=mode, cval=cval, origin=list(origins) if d.boolean() else 0)


def _mean(d: Draws) -> Call:
    """Return an array, and a window whose mean is wanted, from the end."""
    x, w, axis, *rest = _line_from_end(d).args
    return Call(x, len(w), axis, *rest)


def _public_mean(d: Draws) -> Call:
    """Return the same, as the public function takes it."""
    x, w, axis, _, mode, cval, origin = _line(d).args
    return Call(x, len(w), axis, mode=mode, cval=cval, origin=origin)


def _extreme(d: Draws) -> Call:
    """Return an array of distinct elements, and a window along an axis."""
    x, size = d.array(d.shape(1, 3, 1, 4), "distinct"), d.integer(1, 4)
    return Call(x, size, d.axis(x), None, d.choice(MODES), 0.6, _origin(d, size))


def _selected(d: Draws) -> dict[str, Any]:
    """Return an array of distinct elements, and a window."""
    x = d.array(d.shape(2, 2, 2, 4), "distinct")
    parameters = {"mode": d.choice(MODES), "cval": 0.6, "origin": d.choice((0, (0, -1)))}
    if d.boolean():
        return {"input": x, "footprint": np.array([[1, 0, 1], [1, 1, 0]]), **parameters}
    return {"input": x, "size": d.choice((3, (2, 3))), **parameters}


def _by_rank(d: Draws, rank: Any) -> Call:
    """Return the same with a rank."""
    named = _selected(d)
    return Call(named.pop("input"), rank, **named)


def _plain(d: Draws) -> Call:
    """Return the same without a rank."""
    named = _selected(d)
    return Call(named.pop("input"), **named)


def _along(d: Draws) -> Call:
    """Return an array of distinct elements, and a window over two axes of three."""
    x = d.array(d.shape(3, 3, 2, 3), "distinct")
    parameters = {"mode": d.choice(MODES), "axes": d.choice(((0, 2), (0, 1), (1, -1)))}
    if d.boolean():
        return Call(x, footprint=np.array([[1, 0, 1], [1, 1, 0]]), **parameters)
    return Call(x, size=(2, 3), **parameters)


def _weights_along(d: Draws) -> Call:
    """Return an array, and weights of a window over two axes of three, in some order."""
    x, w = d.array(d.shape(3, 3, 2, 3)), d.array((d.integer(1, 3), d.integer(1, 3)))
    axes = d.choice(((0, 1), (0, -1), (2, 0)))
    origin = 0 if axes[0] else (_origin(d, len(w)), 0)
    return Call(x, w, mode=d.choice(MODES), axes=axes, origin=origin)


def _over_axes() -> list[Sample]:
    """Return samples of windows over some axes, where SciPy takes these."""
    taking = [
        (name, draw, options)
        for names, draw, options in (
            (("correlate", "convolve"), _weights_along, {"complex": True, **DOUBLE}),
            (("minimum_filter", "median_filter"), _along, {}),
        )
        for name in names
        if "axes" in inspect.signature(getattr(ndimage, name)).parameters
    ]
    return [Sample(own(ROWS, name), draw, **options) for name, draw, options in taking]


SAMPLES = [
    *_over_axes(),
    Sample(own(ROWS, "line"), _line_from_end, complex=True, **DOUBLE),
    Sample(own(ROWS, "windowed"), _window, complex=True, **DOUBLE),
    Sample(own(ROWS, "mean_line"), _mean, complex=True, **DOUBLE),
    Sample(own(ROWS, "correlate1d"), _line, complex=True, **DOUBLE),
    Sample(own(ROWS, "convolve1d"), _line, complex=True, **DOUBLE),
    Sample(own(ROWS, "correlate"), _window_of_all, complex=True, **DOUBLE),
    Sample(own(ROWS, "convolve"), _window_of_all, complex=True, **DOUBLE),
    Sample(own(ROWS, "uniform_filter1d"), _public_mean, complex=True, **DOUBLE),
    Sample(own(ROWS, "minimum_filter1d"), _extreme),
    Sample(own(ROWS, "maximum_filter1d"), _extreme),
    Sample(own(ROWS, "minimum_filter"), _plain),
    Sample(own(ROWS, "maximum_filter"), _plain),
    Sample(own(ROWS, "median_filter"), _plain),
    Sample(own(ROWS, "rank_filter"), lambda d: _by_rank(d, d.choice((0, 1, -2, -1)))),
    Sample(own(ROWS, "percentile_filter"), lambda d: _by_rank(d, d.choice((0, 30, 100, -40.0)))),
]
