"""Integrals of ``exp(g(s))`` times a smooth weight over ``s > 0``, for a concave, falling `g`."""

from collections.abc import Callable
from functools import cache, wraps
from itertools import pairwise
from typing import Any

import numpy as np

from dualad.core.tracer import Tracer, shape_of

NODES = 32  # a panel: both together are exact to rounding
LEVELS = (4.0, 40.0)  # how far `g` has fallen at the end of each panel; exp(-40) is rounding
LONG = 30.0  # to start from: of exponentials of what is far beyond an end some overflow
STEPS = 12  # of Newton's method, which needs no more than an end to a tenth
WIDEST, FINEST = 0.08, 0.4  # steps of the trapezoidal rule: at most, and of its largest width
SPREAD, LEAST = 9.0, 30.0  # terms beside the largest one: standard deviations, and at least
BLOCK = 4096  # elements of plain arrays at once: each has as many numbers as there are nodes


@cache
def _rule() -> tuple[Any, Any]:
    """Return nodes and weights of Gauss and Legendre between 0 and 1."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    return (nodes + 1) / 2, weights / 2


def _end(exponent: Callable[[Any], tuple[Any, Any]], level: float, s: Any) -> Any:
    """Return where ``-g`` reaches a level: Newton's method for ``log(-g)`` over ``log(s)``."""
    for _ in range(STEPS):
        g, slope = exponent(s)
        fallen = np.maximum(-g, 1e-9)
        step = np.log(level / fallen) * fallen / np.maximum(-slope * s, fallen)
        s = s * np.exp(np.clip(step, -1, 1))
    return s


def nodes_of(
    exponent: Callable[[Any], tuple[Any, Any]], slope: Any, curvature: Any, most: Any = np.inf
) -> Any:
    """Return nodes and weights in two panels, along a new last axis.

    Parameters
    ----------
    exponent : callable
        ``exponent(s)`` returns `g` and its derivative, of plain arrays.
    slope, curvature : array
        ``-g'(0)`` and ``-g''(0)``.
    most : array, optional
        Where the integral ends at the latest.
    """
    ends: list[Any] = [0.0]
    for level in LEVELS:
        start = 2 * level / (slope + np.sqrt(slope * slope + 2 * level * curvature))
        end = _end(exponent, level, np.minimum(start, LONG))
        ends.append(with_axis(np.minimum(end, most)))
    nodes, weights = _rule()
    panels = [(low, high - low) for low, high in pairwise(ends)]
    at = np.concatenate([low + width * nodes for low, width in panels], axis=-1)
    return at, np.concatenate([width * weights for _, width in panels], axis=-1)


def panels_of(length: float, count: float) -> tuple[Any, Any]:
    """Return nodes and weights from zero on, in panels of equal widths, as many as `count` or more.

    Parameters
    ----------
    length : float
        Where the last panel ends.
    """
    edges = np.linspace(0, length, int(np.ceil(count)) + 2)
    nodes, weights = _rule()
    width = edges[1]
    at = edges[:-1, None] + width * nodes
    return at.ravel(), np.tile(width * weights, len(edges) - 1)


def trapezoidal(exponent: Callable[[Any], tuple[Any, Any]], curvature: Any) -> Any:
    """Return equally spaced nodes and their weights for ``exp(g(u))`` between both infinities.

    The rule is exact to rounding for what falls exponentially, or sooner, and is smooth in the
    complex plane, too: `g` is of exponentials of `u` (Trefethen and Weideman, 2014).

    Parameters
    ----------
    exponent : callable
        ``exponent(u)`` returns `g`, which is largest at zero, and its derivative.
    curvature : array
        ``-g''(0)``.
    """
    start = np.sqrt(2 * LEVELS[-1] / curvature)
    ends = []
    for side in (-1.0, 1.0):

        def along(s: Any, side: float = side) -> tuple[Any, Any]:
            g, slope = exponent(side * s)
            return g, side * slope

        ends.append(side * _end(along, LEVELS[-1], start))
    low, high = ends
    steps = (high - low) / np.minimum(WIDEST, FINEST / np.sqrt(curvature))
    count = int(np.ceil(np.max(steps, initial=1)))
    step = with_axis((high - low) / count)
    return with_axis(low) + step * np.arange(count + 1), step


def terms_around(peak: Any) -> Any:
    """Return the numbers of terms of a series, around the largest one, on a new last axis.

    The logarithms of the terms curve at least as that of ``peak**j / j!`` does.
    """
    reach = SPREAD * np.sqrt(peak) + LEAST
    low = np.floor(np.maximum(peak - reach, 0))
    count = np.arange(np.ceil(np.max(peak + reach - low, initial=0)))
    return with_axis(low) + count


def with_axis(x: Any) -> Any:
    """Return `x` with a last axis of length one."""
    return np.reshape(x, (*shape_of(x), 1))


def in_blocks(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return an elementwise function that takes large plain arrays in parts, for their nodes."""

    @wraps(function)
    def call(*operands: Any) -> Any:
        if any(isinstance(x, Tracer) for x in operands):
            return function(*operands)
        whole = np.broadcast_arrays(*operands)
        size = whole[0].size
        if size <= BLOCK:
            return function(*operands)
        flat = [x.ravel() for x in whole]
        starts = range(0, size, BLOCK)
        parts = [function(*[x[i : i + BLOCK] for x in flat]) for i in starts]
        return np.reshape(np.concatenate(parts), whole[0].shape)

    return call
