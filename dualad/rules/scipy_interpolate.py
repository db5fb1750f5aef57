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
from dualad.rules.likes import gathered, has_traced
from dualad.rules.standing import settled_as

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
    """Return a spline, or each line of a curve, at places that may be traced."""
    t, c, k = [unfollowed(part) for part in getattr(tck, "tck", tck)][:3]
    if isinstance(c, (list, tuple)) or len(shape_of(c)) > 1:
        return [_splev(x, (t, line, k), der, ext) for line in c]
    x = as_array(unfollowed(gathered(x)))
    if not has_traced([t, c]):
        return _spline(x, (t, c, k), der, ext)
    places, knots = strip(x), strip(t)
    y = interpolate.splev(places, (knots, strip(c), k), der, ext)  # raises, if it is to
    inside = np.clip(places, knots[k], knots[-k - 1])
    outside = inside != places
    at = np.where(outside, inside, x) if ext == 3 else x
    count = len(knots) - k - 1
    found = np.matmul(b_splines(np.reshape(at, (-1,)), t, k, der, True), c[:count])
    found = np.reshape(found, shape_of(x))
    found = np.where(outside, 0, found) if ext == 1 else found
    return settled_as(np.asarray(y), found, SPLEV, "these knots")


def _bisplev(x: Any, y: Any, tck: Any, dx: Any = 0, dy: Any = 0) -> Any:
    """Return a spline of two variables on a grid: outside of the knots it is constant."""
    tx, ty, c, kx, ky = tck
    sides = []
    for places, t, k, order in ((x, tx, kx, dx), (y, ty, ky, dy)):
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
    return delivered(y, places, breaks, extrapolate, out)


def delivered(y: Any, places: Any, breaks: Any, extrapolate: bool, out: Any) -> Any:
    """Return the values at places, NaN outside unless they `extrapolate`; write them into `out`."""
    if not extrapolate:
        outside = (places < breaks[0]) | (places > breaks[-1])
        y = np.where(np.reshape(outside, (-1, 1)), np.nan, y)
    if out is not None:
        out[...] = y
    return y


def b_splines(x: Any, t: Any, k: int, nu: int, extrapolate: bool) -> Any:
    """Return the B-splines on the knots `t`, or derivatives of them, a column each."""
    if isinstance(t, Tracer):
        return _basis_by_knots(x, t, k, nu, extrapolate)
    if isinstance(x, Tracer):
        return x.bind(_BASIS, (x, t, k, nu, extrapolate), {})
    return interpolate.BSpline(t, np.eye(t.size - k - 1), k, extrapolate)(x, nu)


def _quotient(a: Any, b: Any) -> Any:
    """Return a quotient, which is zero where the divisor is."""
    none = strip(b) == 0
    return np.where(none, 0, a / np.where(none, 1, b))


def _basis_by_knots(x: Any, t: Any, k: int, nu: int, extrapolate: bool) -> Any:
    """Return the B-splines, or derivatives of them, by the recurrence (de Boor 1978, ch. X)."""
    knots, places = strip(t), strip(x)
    count = len(knots) - k - 1
    cells = np.clip(np.searchsorted(knots, places, "right") - 1, k, count - 1)
    x = np.reshape(x, (-1, 1))
    basis: Any = (cells[:, None] == np.arange(len(knots) - 1)) * 1.0
    for degree in range(1, k + 1):
        last = len(knots) - 1 - degree  # as many as there are of this degree
        width = t[degree:] - t[:-degree]
        before, after = basis[:, :last], basis[:, 1:]
        if degree > k - nu:
            basis = degree * (_quotient(before, width[:-1]) - _quotient(after, width[1:]))
        else:
            left, right = x - t[:last], t[degree + 1 :] - x
            basis = left * _quotient(before, width[:-1]) + right * _quotient(after, width[1:])
    if nu > k:
        basis = 0 * basis
    if not extrapolate:
        outside = (places < knots[k]) | (places > knots[count])
        basis = np.where(outside[:, None], np.nan, basis)
    return basis


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
    at = b_splines(xp, t, k, nu, extrapolate)
    y = np.matmul(at, c[: shape_of(at)[1]])  # further coefficients are zeros
    if out is not None:
        out[...] = y
    return y


def collocation(x: Any, t: Any, k: int, rows: Any, offset: Any = 0, **_: Any) -> None:
    """Write the B-splines at places into the columns of a band, as SciPy's function does."""
    basis, plain, count = b_splines(x, t, k, 0, True), strip(t), len(strip(t)) - k - 1
    cells = np.clip(np.searchsorted(plain, strip(x), "right") - 1, k, count - 1)
    for i, cell in enumerate(cells.tolist()):
        for j in range(cell - k, cell + 1):
            rows[j, 2 * k + i + offset - j] = basis[i, j]


def nonzero(t: Any, k: int, x: Any, m: int, nu: int = 0) -> Any:
    """Return the B-splines that are not zero in a cell, or derivatives of them."""
    return b_splines(np.reshape(x, 1), t, k, nu, True)[0, m - k : m + 1]


def at_end(t: Any, k: int, x: Any, ab: Any, kl: int, ku: int, orders: Any, offset: Any = 0) -> None:
    """Write derivatives of B-splines at an end into a band, as SciPy's function does."""
    plain, count = strip(t), len(strip(t)) - k - 1
    left = int(np.clip(np.searchsorted(plain, strip(x), "right") - 1, k, count - 1))
    for row, nu in enumerate(strip(orders).tolist()):
        basis = nonzero(t, k, x, left, nu)
        for a in range(k + 1):
            column = left - k + a
            ab[kl + ku + offset + row - column, column] = basis[a]


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
    compiled("_bspl", "_colloc"): lambda x, t, k, ab, offset=0: collocation(x, t, k, ab.T, offset),
    compiled("_dierckx", "_coloc"): collocation,
    compiled("_bspl", "evaluate_all_bspl"): nonzero,
    compiled("_bspl", "_handle_lhs_derivatives"): at_end,
    compiled("_dierckx", "evaluate_all_bspl"): nonzero,
}
