"""What SciPy's piecewise polynomials call, for traced coefficients, breaks and places."""

from itertools import pairwise
from math import comb, factorial
from typing import Any

import numpy as np

from dualad.core.level import refusal
from dualad.core.tracer import shape_of, strip
from dualad.errors import UnsupportedParameterError
from dualad.rules.scipy_interpolate import delivered, pieces


def refusing(name: str) -> Any:
    """Return what raises in place of a function of SciPy's that has no rule."""

    def body(*_: Any, **__: Any) -> Any:
        what, instead = REFUSED[name]
        raise refusal(UnsupportedParameterError(f"scipy.interpolate.{name}", what, instead))

    return body


def plainly(function: Any, *args: Any) -> Any:
    """Return what a function that finds a place does of plain numbers."""
    return function(*strip(args))


REFUSED = {
    "BSpline.design_matrix": ("traced x or t", "a spline with unit coefficients, at x"),
    "PPoly.solve": ("traced coefficients", "plain ones, and a step of Newton's method at the root"),
    "make_splrep": ("s > 0", "s=0, or make_lsq_spline with knots"),
}


def integrated(function: Any, c: Any, x: Any, a: Any, b: Any, extrapolate: Any,
               out: Any = None) -> Any:  # fmt: skip
    """Return integrals of piecewise polynomials, or write them into `out`, as SciPy's function."""
    order = shape_of(c)[0]
    rising = np.stack([c[j] / (order - j) for j in range(order)])
    steps = (x[1:] - x[:-1])[:, None]
    each = sum(rising[j] * steps ** (order - j) for j in range(order))
    before = np.cumsum(np.concatenate([np.zeros_like(each[:1]), each[:-1]]), 0)
    both = pieces(
        np.concatenate([rising, before[None]]), x, np.stack([a + 0.0, b + 0.0]), 0, extrapolate
    )
    y = both[1] - both[0]
    if out is not None:
        out[...] = y
    return y


def made_continuous(function: Any, c: Any, x: Any, order: int) -> None:
    """Write the lowest coefficients so that pieces meet, as SciPy's function does."""
    highest = shape_of(c)[0] - 1
    for k in range(1, shape_of(c)[1]):
        step = x[k] - x[k - 1]
        for power in range(order, -1, -1):  # of the derivative that is to be continuous
            end = 0.0
            for j in range(highest - power + 1):
                n = highest - j  # the exponent
                scale = factorial(n) // factorial(n - power)
                end = end + scale * c[j, k - 1] * step ** (n - power)
            c[highest - power, k] = end / factorial(power)


def bernstein(function: Any, c: Any, x: Any, xp: Any, nu: int, extrapolate: Any,
              out: Any = None) -> Any:  # fmt: skip
    """Return polynomials in Bernstein's basis, or write them into `out`, as SciPy's function."""
    breaks, places = strip(x), strip(xp)
    if np.any(np.diff(breaks) < 0):
        falling = "scipy.interpolate.BPoly", "falling breakpoints", "rising"
        raise refusal(UnsupportedParameterError(*falling))
    chosen = np.clip(np.searchsorted(breaks, places, "right") - 1, 0, breaks.size - 2)
    width = x[chosen + 1] - x[chosen]
    share, degree = np.reshape((xp - x[chosen]) / width, (-1, 1)), shape_of(c)[0] - 1
    lines = [c[j][chosen] for j in range(degree + 1)]
    for k in range(nu):
        size = np.reshape((degree - k) / width, (-1, 1))
        lines = [size * (b - a) for a, b in pairwise(lines)]
    left, y = len(lines) - 1, np.zeros((places.size, shape_of(c)[2]))
    for j, line in enumerate(lines):
        y = y + comb(left, j) * share**j * (1 - share) ** (left - j) * line
    return delivered(y, places, breaks, extrapolate, out)


def tensor(function: Any, c: Any, xs: Any, ks: Any, xp: Any, dx: Any, extrapolate: Any,
           out: Any = None) -> Any:  # fmt: skip
    """Return piecewise polynomials of several variables, as SciPy's function does.

    `c` has axes for the powers of all variables, for the pieces of all, and for what is computed.
    """
    ks, dx = [int(k) for k in strip(ks)], [int(order) for order in strip(dx)]
    sizes = [len(strip(x)) - 1 for x in xs]
    cells, outside, sides = [], np.zeros(shape_of(xp)[0], bool), []
    for i, x in enumerate(xs):
        breaks, places = strip(x), strip(xp)[:, i]
        cell = np.clip(np.searchsorted(breaks, places, "right") - 1, 0, sizes[i] - 1)
        outside |= (places < breaks[0]) | (places > breaks[-1])
        shift = xp[:, i] - x[cell]
        powers = []
        for k in range(ks[i] - 1, -1, -1):
            scale = factorial(k) // factorial(k - dx[i]) if k >= dx[i] else 0
            powers.append(scale * shift ** max(k - dx[i], 0))
        cells.append(cell)
        sides.append(np.stack(powers, -1))
    flat = np.ravel_multi_index(tuple(cells), sizes)
    y = np.reshape(np.moveaxis(c[:, flat], 1, 0), (flat.size, *ks, shape_of(c)[2]))
    for side in sides:
        y = np.sum(y * np.reshape(side, shape_of(side) + (1,) * (len(shape_of(y)) - 2)), 1)
    if not extrapolate:
        y = np.where(outside[:, None], np.nan, y)
    if out is not None:
        out[...] = y
    return y
