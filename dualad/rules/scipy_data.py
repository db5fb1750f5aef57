"""Interpolation by the data: splines and other sums whose coefficients solve a linear system.

The matrix of the system depends on the places of the data, and on knots and weights.
"""

from typing import Any

import numpy as np
from scipy import interpolate
from scipy.sparse import csc_array
from scipy.sparse.linalg import splu

from dualad.core.blank import unfollowed
from dualad.core.dispatch import dispatching
from dualad.core.tracer import Tracer, as_array, shape_of, strip
from dualad.errors import UnsupportedParameterError
from dualad.rules.directions import mT
from dualad.rules.kinds import composite, linear
from dualad.rules.likes import gathered, has_traced
from dualad.rules.scipy_interpolate import b_splines
from dualad.rules.standing import named, settled_as


@dispatching
def solution(right: Any, factors: Any, trans: str) -> Any:
    """Return the solutions of a sparse system, whose factors are known, for columns."""
    if not right.size:
        return np.zeros(right.shape, right.dtype)
    columns = np.reshape(np.moveaxis(right, -2, 0), (right.shape[-2], -1))
    parts = [columns.real, columns.imag] if columns.dtype.kind == "c" else [columns]
    found = [factors.solve(np.ascontiguousarray(part, float), trans) for part in parts]
    y = found[0] if len(found) == 1 else found[0] + 1j * found[1]
    shape = (y.shape[0], *right.shape[:-2], right.shape[-1])
    return np.moveaxis(np.reshape(y, shape), 0, -2).astype(right.dtype)


OTHER = {"N": "T", "T": "N"}


def solved(matrix: Any, right: Any) -> Any:
    """Return the solution of a sparse system of plain numbers, for a vector or columns."""
    factors, several = splu(csc_array(matrix)), len(shape_of(right)) > 1
    found = solution(right if several else right[:, None], factors, "N")
    return found if several else found[:, 0]


def _refuse(function: str, what: str) -> None:
    """Raise, since only data may be traced."""
    raise UnsupportedParameterError(f"scipy.interpolate.{function}", what, "traced data alone")


def _within(x: Any, t: Any, k: int) -> Any:
    """Return places, of which those outside of the knots are moved to their ends."""
    plain, knots = strip(x), strip(t)
    inside = np.clip(plain, knots[k], knots[-k - 1])
    return np.where(inside == plain, x, inside)


def fitted(x: Any, y: Any, w: Any, t: Any, k: int) -> Any:
    """Return the coefficients of the spline on given knots nearest to the data."""
    if has_traced([x, w, t]):
        basis = b_splines(_within(x, t, k), t, k, 0, True)
        if shape_of(basis)[0] == shape_of(basis)[1]:
            return np.linalg.solve(basis, y)
        w = np.ones(shape_of(x)) if w is None else as_array(w)
        q, r = np.linalg.qr(basis * w[:, None])
        return np.linalg.solve(r, np.matmul(mT(q), rows_times(y, w)))
    matrix = csc_array(interpolate.BSpline.design_matrix(np.clip(x, t[k], t[-k - 1]), t, k))
    if matrix.shape[0] == matrix.shape[1]:
        return solved(matrix, y)
    weights = np.ones(len(x)) if w is None else np.asarray(w, float)
    weighted = matrix.multiply(weights[:, None] ** 2).T
    return solved(weighted @ matrix, np.matmul(weighted.toarray(), y))


def rows_times(y: Any, w: Any) -> Any:
    """Return an array whose rows are multiplied by numbers."""
    return y * np.reshape(w, (-1, *(1,) * (len(shape_of(y)) - 1)))


def knots_through(x: Any, k: int, low: Any, high: Any) -> Any:
    """Return the knots of FITPACK's spline through data at the places `x`."""
    half = k // 2 + 1 if k % 2 else k // 2
    inner = (
        x[half : shape_of(x)[0] - half]
        if k % 2
        else (x[half + 1 : -half] + x[half : -half - 1]) / 2
    )
    ends = [np.reshape(end, 1) for end in (low, high)]
    return np.concatenate([*[ends[0]] * (k + 1), inner, *[ends[1]] * (k + 1)])


def _splrep(x: Any, y: Any, w: Any = None, xb: Any = None, xe: Any = None, k: Any = 3,
            task: Any = 0, s: Any = None, t: Any = None, full_output: Any = 0, per: Any = 0,
            quiet: Any = 1) -> Any:  # fmt: skip
    """Return a spline through the data, or, if knots are given, near to them."""
    if any(isinstance(part, Tracer) for part in (s, t)) or per:
        _refuse("splrep", "s or t that is traced, or per")
    given = strip((x, y, w, xb, xe))
    plain = interpolate.splrep(*given, k, task, s, t, full_output, per, quiet)
    knots, c, k = plain[0] if full_output else plain
    x, y, count = as_array(x), as_array(y), len(knots) - k - 1
    low, high = x[0] if xb is None else xb, x[-1] if xe is None else xe
    if t is not None or task == -1:
        ends = [np.reshape(end, 1) for end in (low, high)]
        inner = knots[k + 1 : -k - 1]
        found_knots = np.concatenate([*[ends[0]] * (k + 1), inner, *[ends[1]] * (k + 1)])
    elif count == x.size:
        found_knots = knots_through(x, k, low, high)
    else:
        _refuse("splrep", "s > 0")
    found_knots = settled_as(knots, found_knots, "scipy.interpolate.splrep", "these knots")
    found = np.concatenate([fitted(x, y, w, found_knots, k), np.zeros(len(c) - count)])
    tck = (found_knots, settled_as(c, found, "scipy.interpolate.splrep", "these knots"), k)
    return (tck, *plain[1:]) if full_output else tck


def splprep(x: Any, w: Any = None, u: Any = None, ub: Any = None, ue: Any = None, k: Any = 3,
             task: Any = 0, s: Any = None, t: Any = None, full_output: Any = 0,
             nest: Any = None, per: Any = 0, quiet: Any = 1) -> Any:  # fmt: skip
    """Return a curve through points, and the parameters of these."""
    name, points = "scipy.interpolate.splprep", as_array(gathered(unfollowed(x)))
    given = list(strip(points)), *strip((w, u, ub, ue))
    plain = interpolate.splprep(*given, k, task, strip(s), t, full_output, nest, per, quiet)
    (knots, c, k), places = plain[0] if full_output else plain
    if per or t is not None or len(knots) - k - 1 != points.shape[1]:
        _refuse("splprep", "s > 0, t or per")
    if u is None:
        steps = np.sqrt(np.sum((points[:, 1:] - points[:, :-1]) ** 2, 0))
        u = np.concatenate([np.zeros(1), np.cumsum(steps) / np.sum(steps)])
    u = settled_as(places, as_array(u), name, "these parameters")
    ends = [u[0] if ub is None else ub, u[-1] if ue is None else ue]
    found_knots = settled_as(knots, knots_through(u, k, *ends), name, "these knots")
    found = [fitted(u, line, None, found_knots, k) for line in points]
    tck = [found_knots, list(settled_as(tuple(c), tuple(found), name, "these knots")), k]
    return ((tck, u), *plain[1:]) if full_output else (tck, u)


# What SciPy's classes call. See `dualad.scipy.interpolate`.


def find_indices(grid: Any, xi: Any) -> tuple[Any, Any]:
    """Return the cells of a grid in which places lie, and where in them."""
    plain, cells, shares = strip(xi), [], []
    for i, line in enumerate(grid):
        places = strip(line)
        cell = np.clip(np.searchsorted(places, plain[i], "right") - 1, 0, max(len(places) - 2, 0))
        cells.append(cell)
        last = np.minimum(cell + 1, len(places) - 1)
        width, none = line[last] - line[cell], last == cell
        shares.append(np.where(none, 0, (xi[i] - line[cell]) / np.where(none, 1, width)))
    return np.stack(cells), np.stack(shares)


def evaluate_linear(values: Any, indices: Any, shares: Any, grid: Any, out: Any) -> Any:
    """Return values interpolated in the cells of a plane."""
    (i, j), y = strip(indices), 0.0
    last = [shape_of(line)[0] - 1 for line in grid]
    for a, u in ((i, 1 - shares[0]), (np.minimum(i + 1, last[0]), shares[0])):
        for b, v in ((j, 1 - shares[1]), (np.minimum(j + 1, last[1]), shares[1])):
            y = y + values[a, b] * (u * v)
    out[...] = y
    return out


# Banded systems, as LAPACK solves them. See `dualad.scipy.linalg`.


def gbsv(function: Any, kl: int, ku: int, ab: Any, b: Any, *rest: Any, **named: Any) -> Any:
    """Return what LAPACK's ``gbsv`` does: factors, pivots, the solution, and whether it failed."""
    ab = as_array(unfollowed(ab))
    plain = np.array(strip(ab))
    lu, pivots, x, info = function(kl, ku, plain, strip(b), *rest, **dict.fromkeys(named, 0))
    if info:
        return lu, pivots, x, info
    n = plain.shape[1]
    i, j = np.indices((n, n))
    inside = (i - j <= kl) & (j - i <= ku)
    k = np.where(inside, kl + ku + i - j, 0)
    if has_traced(ab):
        found = np.linalg.solve(np.where(inside, ab[k, j], 0), b)
    else:
        matrix = csc_array((plain[k, j][inside], (i[inside], j[inside])), shape=(n, n))
        found = solved(matrix, b)
    return lu, pivots, settled_as(x, found, "LAPACK's gbsv", "this matrix"), info


ROWS = [
    linear(
        solution,
        lambda ct, y, right, factors, trans: solution(ct, factors, OTHER[trans]),
        push=lambda t, y, right, factors, trans: solution(t, factors, trans),
    ),
    composite(named(interpolate.splrep, "interpolate"), _splrep),
]
