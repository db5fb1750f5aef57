"""SciPy's splines of several variables, by data, by the places of a grid and by where they are."""

from functools import wraps
from math import prod
from string import ascii_lowercase
from typing import Any

import numpy as np
from scipy import interpolate
from scipy.interpolate import _ndbspline
from scipy.sparse import linalg as sparse_linalg

from dualad.core.blank import unfollowed
from dualad.core.tracer import as_array, shape_of, strip
from dualad.rules.directions import mT
from dualad.rules.likes import gathered, has_traced
from dualad.rules.scipy_data import fitted, knots_through
from dualad.rules.scipy_interpolate import b_splines
from dualad.rules.standing import settled_as
from dualad.scipy.splines import arguments_of, integral_weights, refuse

_NAME = "scipy.interpolate.RectBivariateSpline"


class RectBivariateSpline(interpolate.RectBivariateSpline):  # type: ignore[misc]
    """What stands for SciPy's class of this name."""

    __wrapped__ = interpolate.RectBivariateSpline
    c: Any = None
    knots: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        given = arguments_of("x y z bbox kx ky s maxit", args, kwargs)
        super().__init__(**strip(given))
        if not has_traced(list(given.values())):
            return
        (*plain, coefficients), (kx, ky) = self.tck, self.degrees
        shape = len(plain[0]) - kx - 1, len(plain[1]) - ky - 1
        x, y, z = [as_array(given[name]) for name in "xyz"]
        if shape != shape_of(z) or has_traced([given.get("bbox"), given.get("s")]):
            refuse("RectBivariateSpline", "s > 0, or a traced bbox or s", "s=0")
        bounds = [x[0], x[-1], y[0], y[-1]]
        if given.get("bbox") is not None:
            pairs = zip(bounds, given["bbox"], strict=True)
            bounds = [bound if at is None else at for bound, at in pairs]
        tx, ty = knots_through(x, kx, *bounds[:2]), knots_through(y, ky, *bounds[2:])
        self.knots = settled_as(tuple(plain), (tx, ty), _NAME, "these knots")
        found = mT(fitted(y, mT(fitted(x, z, None, tx, kx)), None, ty, ky))
        self.c = settled_as(np.reshape(coefficients, shape), found, _NAME, "these knots")

    def _sides(self) -> Any:
        """Return knots, degrees and coefficients."""
        knots = self.tck[:2] if self.knots is None else self.knots
        if self.c is not None:
            return knots, self.degrees, self.c
        counts = [len(t) - k - 1 for t, k in zip(knots, self.degrees, strict=True)]
        return knots, self.degrees, np.reshape(self.tck[2], counts)

    def __call__(self, x: Any, y: Any, dx: int = 0, dy: int = 0, grid: bool = True) -> Any:
        """Return the spline, or a derivative of it, on a grid or at places."""
        plain = super().__call__(strip(x), strip(y), dx, dy, grid)
        x, y = [as_array(unfollowed(gathered(each))) for each in (x, y)]
        if self.c is None and not has_traced([x, y]):
            return plain
        if not grid:
            x, y = [np.broadcast_to(each, plain.shape) for each in (x, y)]
        knots, degrees, c = self._sides()
        a, b = [
            b_splines(np.clip(np.reshape(at, -1), t[k], t[-k - 1]), t, k, order, True)
            for at, t, k, order in zip((x, y), knots, degrees, (dx, dy), strict=True)
        ]
        found = np.matmul(a, c)
        found = np.matmul(found, mT(b)) if grid else np.sum(found * b, -1)
        return settled_as(plain, np.reshape(found, plain.shape), _NAME, "these places")

    def integral(self, xa: Any, xb: Any, ya: Any, yb: Any) -> Any:
        """Return the integral over a rectangle."""
        plain = super().integral(*strip((xa, xb, ya, yb)))
        (tx, ty), (kx, ky), c = self._sides()
        if not has_traced([xa, xb, ya, yb, c]):
            return plain
        weights = integral_weights(tx, kx, xa, xb), integral_weights(ty, ky, ya, yb)
        found = np.matmul(np.matmul(weights[0], c), weights[1])
        return settled_as(np.asarray(plain), found, _NAME, "these bounds")

    def partial_derivative(self, dx: int, dy: int) -> Any:
        """Return a derivative, as a spline."""
        return _Derived(self, (dx, dy))

    def get_coeffs(self) -> Any:
        """Return the coefficients."""
        return super().get_coeffs() if self.c is None else np.reshape(self.c, -1)

    def get_knots(self) -> Any:
        """Return the knots of both variables."""
        return super().get_knots() if self.c is None else tuple(self.knots)


class _Derived:
    """A derivative of a spline of two variables, which has its values alone."""

    def __init__(self, spline: RectBivariateSpline, orders: tuple[int, int]) -> None:
        self.spline, self.orders = spline, orders

    def __call__(self, x: Any, y: Any, dx: int = 0, dy: int = 0, grid: bool = True) -> Any:
        """Return it, or a derivative of it, on a grid or at places."""
        return self.spline(x, y, dx + self.orders[0], dy + self.orders[1], grid)

    def integral(self, *bounds: Any) -> Any:
        """Return the integral over a rectangle, of a spline of plain data."""
        if has_traced([*bounds, self.spline.c]):
            refuse("RectBivariateSpline", "the integral of a derivative", "differences of values")
        plain = interpolate.RectBivariateSpline.partial_derivative(self.spline, *self.orders)
        return plain.integral(*bounds)


class NdBSpline(interpolate.NdBSpline):  # type: ignore[misc]
    """What stands for SciPy's class of this name."""

    __wrapped__ = interpolate.NdBSpline
    by: Any = None  # knots and coefficients, if one is traced

    def __init__(self, t: Any, c: Any, k: Any, *, extrapolate: Any = None) -> None:
        t = tuple([as_array(unfollowed(gathered(each))) for each in t])
        c = as_array(unfollowed(gathered(c)))
        super().__init__(strip(t), strip(c), k, extrapolate=extrapolate)
        if has_traced([*t, c]):
            self.by = t, c

    def __call__(self, xi: Any, *, nu: Any = None, extrapolate: Any = None) -> Any:
        """Return the spline, or a derivative of it, at places."""
        xi = as_array(unfollowed(gathered(xi)))
        plain = super().__call__(strip(xi), nu=nu, extrapolate=extrapolate)
        if self.by is None and not has_traced(xi):
            return plain
        t, c = (self.t, self.c) if self.by is None else self.by
        count = len(t)
        flat, letters = np.reshape(xi, (-1, count)), ascii_lowercase[:count]
        orders = [0] * count if nu is None else nu
        sides = [
            b_splines(flat[:, i], as_array(t[i]), self.k[i], int(orders[i]), True)
            for i in range(count)
        ]
        c = np.reshape(c, (*shape_of(c)[:count], -1))
        terms = ",".join(["z" + letter for letter in letters])
        found = np.einsum(f"{terms},{letters}y->zy", *sides, c, optimize=True)
        found = np.where(np.isfinite(plain), np.reshape(found, plain.shape), 0)
        return plain + (found - strip(found))


@wraps(_ndbspline.make_ndbspl)
def make_ndbspl(points: Any, values: Any, k: Any = 3, **solving: Any) -> Any:
    """Return the spline of several variables through values on a grid."""
    points = [as_array(unfollowed(gathered(each))) for each in points]
    values = as_array(unfollowed(gathered(values)))
    solver = solving.pop("solver", None)
    if solver is not None:  # perhaps a copy of one: SciPy asks which it is
        solving["solver"] = getattr(sparse_linalg, getattr(solver, "__name__", ""), solver)
    plain = _ndbspline.make_ndbspl(strip(points), strip(values), k, **solving)
    if not has_traced([*points, values]):
        return NdBSpline(plain.t, plain.c, plain.k)
    c: Any = values
    shape, knots = shape_of(values), []
    for axis, x in enumerate(points):
        t, degree = np.asarray(plain.t[axis]), int(plain.k[axis])
        if has_traced(x):
            t = _interior(x, degree)
            settled_as(plain.t[axis], t, "scipy.interpolate.NdBSpline", "these knots")
        knots.append(t)
        moved = np.moveaxis(c, axis, 0)
        flat = np.reshape(moved, (shape[axis], prod(shape) // shape[axis]))
        found = fitted(as_array(x), flat, None, t, degree)
        c = np.moveaxis(np.reshape(found, shape_of(moved)), 0, axis)
    made = NdBSpline(plain.t, plain.c, plain.k)
    made.by = knots, c  # SciPy's solver iterates, and so has others
    return made


def _interior(x: Any, k: int) -> Any:
    """Return the knots of a spline on a grid."""
    return np.concatenate([x[:1], x, x[-1:]]) if k == 1 else knots_through(x, k, x[0], x[-1])
