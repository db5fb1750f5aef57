"""SciPy's splines of one variable, by data, weights, knots and places.

The coefficients solve a linear system; its matrix depends on the places of the data and the knots.
"""

from typing import Any

import numpy as np
from scipy import interpolate
from scipy.interpolate import _fitpack_impl

from dualad.core.blank import unfollowed
from dualad.core.level import refusal
from dualad.core.tracer import shape_of, strip
from dualad.errors import UnsupportedParameterError
from dualad.lifting import lift
from dualad.rules.directions import mT
from dualad.rules.likes import gathered, has_traced
from dualad.rules.scipy_data import fitted, knots_through, rows_times
from dualad.rules.scipy_interpolate import b_splines, splev
from dualad.rules.standing import settled_as
from dualad.scipy.implicit import root_of_number


def refuse(name: str, what: str, instead: str) -> Any:
    """Raise, since a parameter has no rule."""
    raise refusal(UnsupportedParameterError(f"scipy.interpolate.{name}", what, instead))


def arguments_of(names: str, args: Any, kwargs: Any) -> dict[str, Any]:
    """Return arguments by name, those that may be traced as arrays."""
    given = dict(zip(names.split(), args, strict=False)) | kwargs
    return {name: unfollowed(gathered(value)) for name, value in given.items()}


def integral_weights(t: Any, k: int, a: Any, b: Any) -> Any:
    """Return the integrals of the B-splines on the knots `t` between two places.

    That of one, up to a place, is a sum of B-splines of the next degree (de Boor 1978, ch. X).
    """
    plain = strip(t)
    ends = np.stack([np.clip(each, plain[k], plain[-k - 1]) for each in (a, b)])
    basis = b_splines(ends, np.concatenate([t[:1], t, t[-1:]]), k + 1, 0, True)
    sums = np.cumsum(basis[:, :0:-1], 1)[:, ::-1]
    return (sums[1] - sums[0]) * (t[k + 1 :] - t[: -k - 1]) / (k + 1)


def integral(t: Any, c: Any, k: int, a: Any, b: Any) -> Any:
    """Return the integral of a spline that is zero outside of its knots."""
    weights = integral_weights(t, k, a, b)
    return np.matmul(weights, c[: shape_of(weights)[0]])


class _Univariate:
    """What stands for the classes of splines of one variable."""

    NAMES: str
    __wrapped__: Any
    _eval_args: Any
    ext: Any
    c: Any = None
    knots: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        given = arguments_of(self.NAMES, args, kwargs)
        super().__init__(**strip(given))
        if not has_traced(list(given.values())):
            return
        x, y, w = given["x"], given["y"], given.get("w")
        t, plain, k = self._eval_args
        count = len(t) - k - 1
        low, high = [
            x[end] if bound is None else bound
            for end, bound in zip((0, -1), given.get("bbox") or (None, None), strict=True)
        ]
        if given.get("t") is not None:
            ends = [np.reshape(end, 1) for end in (low, high)]
            knots = np.concatenate([*[ends[0]] * (k + 1), given["t"], *[ends[1]] * (k + 1)])
        elif count == shape_of(x)[0]:
            knots = knots_through(x, k, low, high)
        else:
            refuse(self.__wrapped__.__name__, "s > 0", "s=0, or LSQUnivariateSpline with knots")
        self.knots = settled_as(t, knots, self._name(), "these knots")
        found = fitted(x, y, w, self.knots, k)
        self.c = settled_as(plain[:count], found, self._name(), "these knots")

    def _name(self) -> str:
        """Return the name by which a user knows the class."""
        return f"scipy.interpolate.{self.__wrapped__.__name__}"

    def _tck(self) -> Any:
        """Return the spline, with as many coefficients as FITPACK has."""
        t, c, k = self._eval_args
        if self.c is None:
            return t, c, k
        return self.knots, np.concatenate([self.c, np.zeros(len(c) - shape_of(self.c)[0])]), k

    def _refuse(self, what: str) -> None:
        """Raise if the data were traced."""
        if self.c is not None:
            refuse(
                self.__wrapped__.__name__,
                what,
                "the spline, or scipy.interpolate.make_interp_spline",
            )

    def __call__(self, x: Any, nu: int = 0, ext: Any = None) -> Any:
        """Return the spline, or a derivative of it, at some places."""
        if self.c is None and not has_traced(x):
            return super().__call__(x, nu, ext)  # type: ignore[misc]
        modes = {"extrapolate": 0, "zeros": 1, "raise": 2, "const": 3}
        ext = modes.get(ext, ext if ext is not None else self.ext)
        return splev(unfollowed(gathered(x)), self._tck(), nu, modes.get(ext, ext))

    def integral(self, a: Any, b: Any) -> Any:
        """Return the integral between two places."""
        if self.c is None and not has_traced([a, b]):
            return super().integral(a, b)  # type: ignore[misc]
        t, c, k = self._tck()
        return integral(t, c, k, a, b)

    def derivatives(self, x: Any) -> Any:
        """Return the spline and all of its derivatives at a place."""
        return np.stack([self(x, nu) for nu in range(self._eval_args[2] + 1)])

    def get_coeffs(self) -> Any:
        """Return the coefficients."""
        return super().get_coeffs() if self.c is None else self.c  # type: ignore[misc]

    def get_knots(self) -> Any:
        """Return the knots, those at the ends once."""
        if self.c is None:
            return super().get_knots()  # type: ignore[misc]
        k = self._eval_args[2]
        return self.knots[k : shape_of(self.knots)[0] - k]

    def _made(self, tck: Any, ext: int) -> Any:
        """Return a spline by its knots and coefficients."""
        made: Any = UNIVARIATE["UnivariateSpline"]._from_tck(strip(tuple(tck)), ext)
        if has_traced(list(tck)):
            t, c, k = tck
            made.knots, made.c = t, c[: shape_of(t)[0] - k - 1]
        return made

    def derivative(self, n: int = 1) -> Any:
        """Return the derivative, as a spline."""
        return self._made(_differentiated(self._tck(), n), 1 if self.ext == 3 else self.ext)

    def antiderivative(self, n: int = 1) -> Any:
        """Return an antiderivative, as a spline."""
        return self._made(_differentiated(self._tck(), -n), self.ext)

    def roots(self) -> Any:
        """Return the zeros."""
        places = super().roots()  # type: ignore[misc]
        return places if self.c is None else root_of_number(self, places, self._name())

    def get_residual(self) -> Any:
        """Return the sum of the squares of residuals, of plain data."""
        self._refuse("get_residual")
        return super().get_residual()  # type: ignore[misc]

    def set_smoothing_factor(self, s: Any) -> None:
        """Smooth more, or less, plain data."""
        self._refuse("set_smoothing_factor")
        super().set_smoothing_factor(s)  # type: ignore[misc]


def _differentiated(tck: Any, n: int) -> Any:
    """Return the derivative of an order, which may be negative, of a spline."""
    function = _fitpack_impl.splder if n >= 0 else _fitpack_impl.splantider
    return (lift(function) if has_traced(list(tck)) else function)(tck, abs(n))


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


def solved_by_qr(function: Any, x: Any, y: Any, t: Any, k: Any, w: Any, *rest: Any,
                 **named: Any) -> Any:  # fmt: skip
    """Return what SciPy's function does that finds coefficients: they are third of the results."""
    if any(rest) or any(named.values()):
        refuse("make_lsq_spline", "a periodic spline", "one that is not")
    out = function(strip(x), strip(y), strip(t), k, strip(w))
    found = fitted(x, y, w, t, k)
    c = settled_as(out[2], found, "scipy.interpolate.make_lsq_spline", "these knots")
    return None, None, c, None, None


def normal_equations(function: Any, x: Any, t: Any, k: Any, y: Any, w: Any, ab: Any,
                     rhs: Any) -> None:  # fmt: skip
    """Write the matrix and the right side of the normal equations, as SciPy's function does."""
    x, t, w = map(unfollowed, (x, t, w))
    columns = "dierckx" in function.__module__  # newer: SciPy hands it the band transposed
    plain = np.zeros(shape_of(rhs), order="C" if columns else "F")
    function(strip(x), strip(t), k, strip(y), strip(w), strip(ab), plain)
    weighted = b_splines(x, t, k, 0, True) * w[:, None]
    if has_traced([x, t, w]):
        normal = np.matmul(mT(weighted), weighted)
        for i in range(k + 1):
            band = ab[:, i] if columns else ab[i]
            band[: shape_of(normal)[0] - i] = np.diagonal(normal, -i)
    rhs[...] = np.matmul(mT(weighted), rows_times(y, w))


def splint(function: Any, a: Any, b: Any, tck: Any, *rest: Any, **named: Any) -> Any:
    """Return the integral of a spline."""
    t, c, k = [unfollowed(part) for part in tck]
    if any(rest) or any(named.values()):
        refuse("splint", "full_output", "the integral alone")
    return integral(t, c, k, a, b)
