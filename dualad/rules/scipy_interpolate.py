"""Splines of `scipy.interpolate`, by the places where they are evaluated."""

import importlib
from math import perm
from typing import Any

import numpy as np
from scipy import interpolate

from dualad.core.blank import unfollowed
from dualad.core.dispatch import dispatching
from dualad.core.row import Row
from dualad.core.tracer import Tracer, as_array, shape_of, strip
from dualad.errors import UnsupportedParameterError
from dualad.rules.directions import mT
from dualad.rules.kinds import composite, general

SPLEV = "scipy.interpolate.splev"


def _named(function: Any) -> Any:
    """Return a function of SciPy's that dispatches, under the name by which a user finds it."""
    own = dispatching(function)
    own.__module__ = "dualad.scipy.interpolate"
    return own


splev = _named(interpolate.splev)


def _slope(y: Any, x: Any, tck: Any, der: Any, ext: Any) -> Any:
    """Return the next derivative of a spline; where its value is constant outside, zero."""
    degree = tck[2]
    if der >= degree:
        return np.zeros(shape_of(x))
    return _spline(x, tck, der + 1, 1 if ext == 3 else ext)


def _spline(x: Any, tck: Any, der: Any, ext: Any) -> Any:
    """Return a spline, or a derivative of it, at the elements of an array."""
    args = (x, tck, der, ext)
    return x.bind(_ROW, args, {}) if isinstance(x, Tracer) else interpolate.splev(*args)


_ROW = general(
    _spline,
    [lambda t, y, x, tck, der, ext: _slope(y, x, tck, der, ext) * t],
    [lambda ct, y, x, tck, der, ext: _slope(y, x, tck, der, ext) * ct],
)


def _splev(x: Any, tck: Any, der: Any = 0, ext: Any = 0) -> Any:
    """Return a spline at places that may be traced."""
    tck = [unfollowed(part) for part in getattr(tck, "tck", tck)]
    t, c, k = tck[:3]
    by_data = isinstance(c, Tracer) and not isinstance(t, Tracer) and len(shape_of(c)) == 1
    if by_data and ext in (0, 3):
        x = as_array(x)
        at = np.clip(x, t[k], t[-k - 1]) if ext == 3 else x
        y = np.matmul(b_splines(np.reshape(at, (-1,)), t, k, der, True), c[: len(t) - k - 1])
        return np.reshape(y, shape_of(x))
    if any(isinstance(part, Tracer) for part in tck):
        raise UnsupportedParameterError(SPLEV, "a traced spline", "scipy.interpolate.BSpline")
    return _spline(as_array(x), tuple(tck), der, ext)


def _bisplev(x: Any, y: Any, tck: Any, dx: Any = 0, dy: Any = 0) -> Any:
    """Return a spline of two variables on a grid: outside of the knots it is constant."""
    tx, ty, c, kx, ky = tck
    sides = []
    for places, t, k, order in ((x, tx, kx, dx), (y, ty, ky, dy)):
        t = strip(t)
        inside = np.clip(np.atleast_1d(places), t[k], t[-k - 1])
        sides.append(b_splines(inside, t, k, order, True))
    a, b = sides
    z = np.matmul(np.matmul(a, np.reshape(c, (shape_of(a)[1], -1))), mT(b))
    rows, columns = shape_of(z)
    if rows > 1:
        return z
    return z[0] if columns > 1 else z[0, 0]


def pieces(c: Any, x: Any, xp: Any, dx: Any, extrapolate: Any, out: Any = None) -> Any:
    """Return piecewise polynomials, or write them into `out`, as SciPy's compiled function does."""
    breaks, places = strip(x), strip(xp)
    if np.any(np.diff(breaks) < 0):
        raise UnsupportedParameterError("scipy.interpolate.PPoly", "falling breakpoints", "rising")
    chosen = np.clip(np.searchsorted(breaks, places, "right") - 1, 0, breaks.size - 2)
    shift, order = np.reshape(xp - x[chosen], (-1, 1)), shape_of(c)[0]
    y = np.zeros((places.size, shape_of(c)[2]))
    for j in range(order - dx):
        y = y * shift + perm(order - 1 - j, dx) * c[j][chosen]
    if not extrapolate:
        outside = (places < breaks[0]) | (places > breaks[-1])
        y = np.where(np.reshape(outside, (-1, 1)), np.nan, y)
    if out is not None:
        out[...] = y
    return y


def b_splines(x: Any, t: Any, k: int, nu: int, extrapolate: bool) -> Any:
    """Return the B-splines on the knots `t`, or derivatives of them, a column each."""
    if isinstance(x, Tracer):
        return x.bind(_BASIS, (x, t, k, nu, extrapolate), {})
    return interpolate.BSpline(t, np.eye(t.size - k - 1), k, extrapolate)(x, nu)


def _next_basis(y: Any, x: Any, t: Any, k: int, nu: int, extrapolate: bool) -> Any:
    """Return the next derivatives of the B-splines."""
    return np.zeros(y.shape) if nu >= k else b_splines(x, t, k, nu + 1, extrapolate)


_BASIS = general(
    b_splines,
    [lambda d, y, x, t, k, nu, ext: _next_basis(y, x, t, k, nu, ext) * d[..., None]],
    [lambda ct, y, x, t, k, nu, ext: np.sum(_next_basis(y, x, t, k, nu, ext) * ct, -1)],
)


def _spline_sum(t: Any, c: Any, k: Any, xp: Any, nu: Any, extrapolate: Any, out: Any = None) -> Any:
    """Return sums of B-splines, or write them into `out`, as SciPy's compiled function does."""
    at = b_splines(xp, strip(t), k, nu, extrapolate)
    y = np.matmul(at, c[: shape_of(at)[1]])  # further coefficients are zeros
    if out is not None:
        out[...] = y
    return y


def compiled(home: str, name: str) -> Any:
    """Return a function that SciPy's classes call; versions have it elsewhere, or not at all."""
    try:
        return getattr(importlib.import_module(f"scipy.interpolate.{home}"), name, None)
    except ImportError:
        return None


ROWS: list[Row] = [composite(splev, _splev), composite(_named(interpolate.bisplev), _bisplev)]

# What SciPy's classes call, and what stands for it if a traced value is among the arguments.
COMPILED = {
    compiled("_ppoly", "evaluate"): pieces,
    compiled("_bspl", "evaluate_spline"): _spline_sum,  # before SciPy 1.15
    compiled("_dierckx", "evaluate_spline"): _spline_sum,
}
