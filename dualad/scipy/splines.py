"""SciPy's classes of splines whose compiled code keeps no derivative, by their data and places.

The coefficients solve a linear system, which depends on the places of the data alone.
"""

from functools import wraps
from math import prod
from string import ascii_lowercase
from typing import Any

import numpy as np
from scipy import interpolate
from scipy.interpolate import _ndbspline
from scipy.sparse import csc_array
from scipy.sparse import linalg as sparse_linalg

from dualad.core.blank import unfollowed
from dualad.core.level import refusal
from dualad.core.tracer import Tracer, as_array, shape_of, strip
from dualad.errors import UnsupportedParameterError
from dualad.rules.directions import mT
from dualad.rules.likes import gathered, has_traced
from dualad.rules.scipy_data import solved
from dualad.rules.scipy_interpolate import b_splines, pieces, splev
from dualad.rules.standing import settled_as


def _refuse(name: str, what: str, instead: str) -> Any:
    """Raise, since a parameter has no rule."""
    raise refusal(UnsupportedParameterError(f"scipy.interpolate.{name}", what, instead))


def _given(names: str, args: Any, kwargs: Any) -> dict[str, Any]:
    """Return arguments by name, those that may be traced as arrays."""
    given = dict(zip(names.split(), args, strict=False)) | kwargs
    return {name: unfollowed(gathered(value)) for name, value in given.items()}


def _fitted(x: Any, y: Any, w: Any, t: Any, k: int) -> Any:
    """Return the coefficients of the spline on given knots nearest to the data."""
    matrix = csc_array(interpolate.BSpline.design_matrix(np.clip(x, t[k], t[-k - 1]), t, k))
    if matrix.shape[0] == matrix.shape[1]:
        return solved(matrix, y)
    weights = np.ones(len(x)) if w is None else np.asarray(w, float)
    weighted = matrix.multiply(weights[:, None] ** 2).T
    return solved(weighted @ matrix, np.matmul(weighted.toarray(), y))


def integral(t: Any, c: Any, k: int, a: Any, b: Any) -> Any:
    """Return the integral of a spline that is zero outside of its knots."""
    count = len(t) - k - 1
    whole = interpolate.BSpline(t, np.eye(count), k).antiderivative()
    ends = np.stack([np.clip(each, t[k], t[-k - 1]) for each in (a, b)])
    basis = b_splines(ends, whole.t, whole.k, 0, True)
    parts = np.matmul(basis, whole.c[: shape_of(basis)[1]])
    return np.matmul(parts[1] - parts[0], c[:count])


class _Univariate:
    """What stands for the classes of splines of one variable."""

    NAMES: str
    __wrapped__: Any
    _eval_args: Any
    c: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        given = _given(self.NAMES, args, kwargs)
        super().__init__(**strip(given))
        if not has_traced(list(given.values())):
            return
        y, self.name = given["y"], self.__wrapped__.__name__
        t, plain, k = self._eval_args
        count = len(t) - k - 1
        if has_traced([value for name, value in given.items() if name != "y"]):
            _refuse(self.name, "x, w or knots that are traced", "traced y alone")
        if "t" not in given and count != len(given["x"]):
            _refuse(self.name, "s > 0", "s=0, or LSQUnivariateSpline with knots")
        found = _fitted(given["x"], y, given.get("w"), t, k)
        self.c = settled_as(plain[:count], found, f"scipy.interpolate.{self.name}", "these knots")

    def _refuse(self, what: str) -> None:
        """Raise if the data were traced."""
        if self.c is not None:
            _refuse(self.name, what, "the spline, or scipy.interpolate.make_interp_spline")

    def __call__(self, x: Any, nu: int = 0, ext: Any = None) -> Any:
        """Return the spline, or a derivative of it, at some places."""
        if self.c is None and not has_traced(x):
            return super().__call__(x, nu, ext)  # type: ignore[misc]
        t, c, k = self._eval_args
        c = c if self.c is None else np.concatenate([self.c, np.zeros(len(c) - len(self.c))])
        modes = {"extrapolate": 0, "zeros": 1, "raise": 2, "const": 3}
        ext = modes.get(ext, ext if ext is not None else self.ext)  # type: ignore[attr-defined]
        return splev(unfollowed(gathered(x)), (t, c, k), nu, modes.get(ext, ext))

    def integral(self, a: Any, b: Any) -> Any:
        """Return the integral between two places."""
        if self.c is None and not has_traced([a, b]):
            return super().integral(a, b)  # type: ignore[misc]
        t, c, k = self._eval_args
        return integral(t, c if self.c is None else self.c, k, a, b)

    def derivatives(self, x: Any) -> Any:
        """Return the spline and all of its derivatives at a place."""
        return np.stack([self(x, nu) for nu in range(self._eval_args[2] + 1)])

    def get_coeffs(self) -> Any:
        """Return the coefficients."""
        return super().get_coeffs() if self.c is None else self.c  # type: ignore[misc]

    def derivative(self, n: int = 1) -> Any:
        """Return the derivative, as a spline of plain data."""
        self._refuse("derivative")
        return super().derivative(n)  # type: ignore[misc]

    def antiderivative(self, n: int = 1) -> Any:
        """Return an antiderivative, as a spline of plain data."""
        self._refuse("antiderivative")
        return super().antiderivative(n)  # type: ignore[misc]

    def roots(self) -> Any:
        """Return the zeros of a spline of plain data."""
        self._refuse("roots")
        return super().roots()  # type: ignore[misc]

    def get_residual(self) -> Any:
        """Return the sum of the squares of residuals, of plain data."""
        self._refuse("get_residual")
        return super().get_residual()  # type: ignore[misc]

    def set_smoothing_factor(self, s: Any) -> None:
        """Smooth more, or less, plain data."""
        self._refuse("set_smoothing_factor")
        super().set_smoothing_factor(s)  # type: ignore[misc]


def _standing_for(cls: Any, names: str) -> Any:
    """Return what stands for a class of splines of one variable."""
    told = {"NAMES": names, "__wrapped__": cls, "__doc__": cls.__doc__}
    return type(cls.__name__, (_Univariate, cls), told)


UNIVARIATE = {
    cls.__name__: _standing_for(cls, names)
    for cls, names in {
        interpolate.UnivariateSpline: "x y w bbox k s ext check_finite",
        interpolate.InterpolatedUnivariateSpline: "x y w bbox k ext check_finite",
        interpolate.LSQUnivariateSpline: "x y t w bbox k ext check_finite",
    }.items()
}


class RectBivariateSpline(interpolate.RectBivariateSpline):  # type: ignore[misc]
    """What stands for SciPy's class of this name."""

    __wrapped__ = interpolate.RectBivariateSpline
    c: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        given = _given("x y z bbox kx ky s maxit", args, kwargs)
        super().__init__(**strip(given))
        if not has_traced(list(given.values())):
            return
        if has_traced([value for name, value in given.items() if name != "z"]):
            _refuse("RectBivariateSpline", "x or y that is traced", "traced z alone")
        (tx, ty, plain), (kx, ky) = self.tck, self.degrees
        shape = len(tx) - kx - 1, len(ty) - ky - 1
        if shape != shape_of(given["z"]):
            _refuse("RectBivariateSpline", "s > 0", "s=0")
        found = _fitted(given["x"], given["z"], None, tx, kx)
        found = mT(_fitted(given["y"], mT(found), None, ty, ky))
        self.c = settled_as(
            np.reshape(plain, shape), found, "scipy.interpolate.RectBivariateSpline", "these knots"
        )

    def __call__(self, x: Any, y: Any, dx: int = 0, dy: int = 0, grid: bool = True) -> Any:
        """Return the spline, or a derivative of it, on a grid or at places."""
        plain = super().__call__(strip(x), strip(y), dx, dy, grid)
        x, y = [as_array(unfollowed(gathered(each))) for each in (x, y)]
        if self.c is None and not has_traced([x, y]):
            return plain
        if not grid:
            x, y = [np.broadcast_to(each, plain.shape) for each in (x, y)]
        sides = [
            b_splines(np.clip(np.reshape(at, -1), t[k], t[-k - 1]), t, k, order, True)
            for at, t, k, order in zip((x, y), self.tck[:2], self.degrees, (dx, dy), strict=True)
        ]
        c = self.c
        c = np.reshape(self.tck[2], [shape_of(side)[1] for side in sides]) if c is None else c
        found = np.matmul(sides[0], c)
        found = np.matmul(found, mT(sides[1])) if grid else np.sum(found * sides[1], -1)
        found = np.reshape(found, plain.shape)
        return settled_as(plain, found, "scipy.interpolate.RectBivariateSpline", "these places")

    def integral(self, *args: Any) -> Any:
        """Return the integral of a spline of plain data."""
        if self.c is not None:
            _refuse("RectBivariateSpline", "integral", "sums of its values")
        return super().integral(*args)

    def partial_derivative(self, dx: int, dy: int) -> Any:
        """Return a derivative of a spline of plain data."""
        if self.c is not None:
            _refuse("RectBivariateSpline", "partial_derivative", "a call with dx and dy")
        return super().partial_derivative(dx, dy)

    def get_coeffs(self) -> Any:
        """Return the coefficients."""
        return super().get_coeffs() if self.c is None else np.reshape(self.c, -1)


class Tensor:
    """A spline of several variables whose coefficients, or places, may be traced."""

    def __init__(self, plain: Any, c: Any) -> None:
        self.plain, self.t, self.c, self.k = plain, plain.t, c, plain.k

    def __call__(self, xi: Any, *, nu: Any = None, extrapolate: Any = None) -> Any:
        """Return the spline, or a derivative of it, at places."""
        xi = as_array(unfollowed(gathered(xi)))
        plain = self.plain(strip(xi), nu=nu, extrapolate=extrapolate)
        if not has_traced([xi, self.c]):
            return plain
        count = len(self.t)
        flat, letters = np.reshape(xi, (-1, count)), ascii_lowercase[:count]
        orders = [0] * count if nu is None else nu
        sides = [
            b_splines(flat[:, i], np.asarray(self.t[i]), self.k[i], int(orders[i]), True)
            for i in range(count)
        ]
        c = np.reshape(self.c, (*shape_of(self.c)[:count], -1))
        terms = ",".join(["z" + letter for letter in letters])
        found = np.einsum(f"{terms},{letters}y->zy", *sides, c, optimize=True)
        found = np.reshape(found, plain.shape)
        finite = np.isfinite(plain)
        found = np.where(finite, found, 0)
        return plain + (found - strip(found))  # SciPy's solver iterates


@wraps(_ndbspline.make_ndbspl)
def make_ndbspl(points: Any, values: Any, k: Any = 3, **solving: Any) -> Any:
    """Return the spline of several variables through values on a grid."""
    values = as_array(unfollowed(gathered(values)))
    solver = solving.pop("solver", None)
    if solver is not None:  # perhaps a copy of one: SciPy asks which it is
        solving["solver"] = getattr(sparse_linalg, getattr(solver, "__name__", ""), solver)
    plain = _ndbspline.make_ndbspl(points, strip(values), k, **solving)
    if not isinstance(values, Tracer):
        return Tensor(plain, plain.c)
    c: Any = values
    shape = shape_of(values)
    for axis in range(len(points)):
        t, degree = np.asarray(plain.t[axis]), plain.k[axis]
        moved = np.moveaxis(c, axis, 0)
        flat = np.reshape(moved, (shape[axis], prod(shape) // shape[axis]))
        found = _fitted(np.asarray(points[axis], float), flat, None, t, degree)
        c = np.moveaxis(np.reshape(found, shape_of(moved)), 0, axis)
    return Tensor(plain, c)


def solved_by_qr(function: Any, x: Any, y: Any, t: Any, k: Any, w: Any, *rest: Any,
                 **named: Any) -> Any:  # fmt: skip
    """Return what SciPy's function does that finds coefficients: they are third of the results."""
    if any(rest) or any(named.values()):
        _refuse("make_lsq_spline", "a periodic spline", "one that is not")
    out = function(strip(x), strip(y), strip(t), k, strip(w))
    found = _fitted(strip(x), y, strip(w), strip(t), k)
    c = settled_as(out[2], found, "scipy.interpolate.make_lsq_spline", "these knots")
    return None, None, c, None, None


def normal_equations(function: Any, x: Any, t: Any, k: Any, y: Any, w: Any, ab: Any,
                     rhs: Any) -> None:  # fmt: skip
    """Write the matrix and the right side of the normal equations, as SciPy's function does."""
    plain = np.zeros(shape_of(rhs))
    function(strip(x), strip(t), k, strip(y), strip(w), strip(ab), plain)
    weighted = interpolate.BSpline.design_matrix(strip(x), strip(t), k).toarray()
    rhs[...] = np.matmul(weighted.T * strip(w) ** 2, y)


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


def splint(function: Any, a: Any, b: Any, tck: Any, *rest: Any, **named: Any) -> Any:
    """Return the integral of a spline."""
    t, c, k = [unfollowed(part) for part in tck]
    if any(rest) or any(named.values()) or isinstance(t, Tracer):
        _refuse("splint", "full_output, or traced knots", "the integral alone")
    return integral(t, c, k, a, b)
