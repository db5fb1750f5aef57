"""Interpolation by the data: splines and other sums whose coefficients solve a linear system.

The system depends on the places of the data alone, which are plain numbers.
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
from dualad.rules.kinds import composite, linear
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


def _splrep(x: Any, y: Any, w: Any = None, xb: Any = None, xe: Any = None, k: Any = 3,
            task: Any = 0, s: Any = None, t: Any = None, full_output: Any = 0, per: Any = 0,
            quiet: Any = 1) -> Any:  # fmt: skip
    """Return a spline through the data, or, if knots are given, near to them."""
    if any(isinstance(part, Tracer) for part in (x, w, xb, xe, s, t)) or per:
        _refuse("splrep", "x, w, s or t that is traced, or per")
    plain = interpolate.splrep(x, strip(y), w, xb, xe, k, task, s, t, full_output, per, quiet)
    knots, c, k = plain[0] if full_output else plain
    places, y, count = np.asarray(x, float), as_array(y), len(knots) - k - 1
    matrix = interpolate.BSpline.design_matrix(places, knots, k)
    if t is not None or task == -1:
        weights = np.ones(len(places)) if w is None else np.asarray(w, float)
        weighted = csc_array(matrix).multiply(weights[:, None] ** 2).T
        found = solved(weighted @ matrix, np.matmul(weighted.toarray(), y))
    elif count == len(places):
        found = solved(matrix, y)
    else:
        _refuse("splrep", "s > 0")
    found = np.concatenate([found, np.zeros(len(c) - count)])
    tck = (knots, settled_as(c, found, "scipy.interpolate.splrep", "these knots"), k)
    return (tck, *plain[1:]) if full_output else tck


# What SciPy's classes call. See `dualad.scipy.interpolate`.


def find_indices(grid: Any, xi: Any) -> tuple[Any, Any]:
    """Return the cells of a grid in which places lie, and where in them."""
    plain, cells, shares = strip(xi), [], []
    for i, line in enumerate(strip(grid)):
        cell = np.clip(np.searchsorted(line, plain[i], "right") - 1, 0, max(len(line) - 2, 0))
        cells.append(cell)
        width = line[np.minimum(cell + 1, len(line) - 1)] - line[cell]
        shares.append((xi[i] - line[cell]) / np.where(width, width, 1) * (width != 0))
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


def radial(function: Any) -> Any:
    """Return what stands for the function that finds the coefficients of radial functions."""

    def body(y: Any, d: Any, smoothing: Any, kernel: Any, epsilon: Any, powers: Any,
             *rest: Any) -> Any:  # fmt: skip
        y, d, smoothing, epsilon = map(unfollowed, (y, d, smoothing, epsilon))
        if any(isinstance(part, Tracer) for part in (y, smoothing, epsilon)):
            _refuse("RBFInterpolator", "y, smoothing or epsilon")
        from scipy.interpolate._rbfinterp_pythran import _build_system

        shift, scale, plain = function(y, strip(d), smoothing, kernel, epsilon, powers, *rest)
        left = _build_system(y, np.ascontiguousarray(strip(d)), smoothing, kernel, epsilon, powers)[
            0
        ]
        right = np.concatenate([d, np.zeros((len(plain) - len(y), shape_of(d)[1]))])
        found = np.linalg.solve(left, right)
        return shift, scale, settled_as(plain, found, "scipy.interpolate.RBFInterpolator", kernel)

    return body


class LinearNDInterpolator:
    """Values at the corners of simplices, interpolated in them, as SciPy's class of this name does.

    The values, and the places where it is called, may be traced.
    """

    __wrapped__ = interpolate.LinearNDInterpolator

    def __init__(self, points: Any, values: Any, fill_value: Any = np.nan, rescale: Any = False):
        points, values = unfollowed(points), unfollowed(values)
        self.plain = interpolate.LinearNDInterpolator(
            strip(points), strip(as_array(values)), strip(fill_value), rescale
        )
        self.values, self.fill_value, self.rescale = as_array(values), fill_value, rescale
        if isinstance(points, Tracer):
            _refuse("LinearNDInterpolator", "points")

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Return the interpolated values at places."""
        plain, tri = self.plain(*strip(args), **named), self.plain.tri
        given = args[0] if len(args) == 1 and isinstance(args[0], tuple) else args
        if len(given) > 1:
            shape = np.broadcast_shapes(*map(shape_of, given))
            at = np.stack([np.broadcast_to(as_array(part), shape) for part in given], -1)
        else:
            at = as_array(given[0])
        if self.rescale:
            at = (at - self.plain.offset) / self.plain.scale
        inside = tri.find_simplex(strip(at))
        maps, corners = tri.transform[inside], tri.simplices[inside]
        shares = np.matmul(maps[..., :-1, :], (at - maps[..., -1, :])[..., None])[..., 0]
        shares = np.concatenate([shares, 1 - np.sum(shares, -1, keepdims=True)], -1)
        values = self.values[corners]
        shares = np.reshape(shares, shape_of(shares) + (1,) * (values.ndim - shares.ndim))
        found = np.sum(shares * values, inside.ndim)
        outside = np.reshape(inside < 0, inside.shape + (1,) * (found.ndim - inside.ndim))
        found = np.where(outside, self.fill_value, found)
        return settled_as(plain, found, "scipy.interpolate.LinearNDInterpolator", "these places")


# Banded systems, as LAPACK solves them. See `dualad.scipy.linalg`.


def gbsv(function: Any, kl: int, ku: int, ab: Any, b: Any, *rest: Any, **named: Any) -> Any:
    """Return what LAPACK's ``gbsv`` does: factors, pivots, the solution, and whether it failed."""
    if isinstance(unfollowed(ab), Tracer):
        raise UnsupportedParameterError(
            "LAPACK's gbsv", "a traced matrix", "scipy.linalg.solve_banded"
        )
    plain = np.array(strip(ab))
    lu, pivots, x, info = function(kl, ku, plain, strip(b), *rest, **dict.fromkeys(named, 0))
    if info:
        return lu, pivots, x, info
    n = plain.shape[1]
    k, j = np.indices((kl + ku + 1, n))
    i = j + k - ku
    inside = (i >= 0) & (i < n)
    matrix = csc_array((plain[kl:][inside], (i[inside], j[inside])), shape=(n, n))
    return lu, pivots, settled_as(x, solved(matrix, b), "LAPACK's gbsv", "this matrix"), info


ROWS = [
    linear(
        solution,
        lambda ct, y, right, factors, trans: solution(ct, factors, OTHER[trans]),
        push=lambda t, y, right, factors, trans: solution(t, factors, trans),
    ),
    composite(named(interpolate.splrep, "interpolate"), _splrep),
]
