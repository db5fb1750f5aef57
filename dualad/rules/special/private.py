"""Private ufuncs of SciPy that `scipy.stats` calls: declared when that module is imported.

They are looked up by name, where newer and older versions have them: a name that is gone makes no
row.
"""

from importlib import import_module
from math import factorial, pi, sqrt
from typing import Any

import numpy as np
from scipy import special
from scipy.special import _ufuncs

from dualad.core.row import Row
from dualad.core.tracer import primal_value
from dualad.rules.kinds import composite
from dualad.rules.special.distributions import kolmogorov_curve, kolmogorov_slope
from dualad.rules.special.errorfunctions import PEAK
from dualad.rules.special.gammas import digamma_step
from dualad.rules.special.helpers import branches, elementwise, power_series, without_formula
from dualad.rules.special.incomplete import (
    beta_by_first,
    beta_by_second,
    beta_density,
    beta_moved,
    either,
    inside,
    wide,
)
from dualad.rules.special.noncentral import (
    FISHER,
    STUDENT,
    chi_by_shape,
    chi_density_by_shape,
    falling_at_zero,
    fisher_by,
    fisher_moments,
    noncentral_density,
    student_by,
    student_moments,
)

FAR = 45.0  # from here on an asymptotic series is exact to rounding

try:
    older: Any = import_module("scipy.stats._boost")
except ImportError:
    older = None


def private(name: str) -> Any:
    """Return a private ufunc, None if this SciPy has none of that name."""
    found = getattr(_ufuncs, name, None)
    if found is None and older is not None:
        found = getattr(older, name, None)
    return found


def private_row(name: str, *partials: Any) -> list[Row]:
    """Return the row of a private ufunc; a word names an operand without a formula."""
    function = private(name)
    if function is None:
        return []
    given = [without_formula(function, p) if isinstance(p, str) else p for p in partials]
    return [elementwise(function, *given)]


def by_formula(name: str, formula: Any) -> list[Row]:
    """Return the row of a private ufunc whose value is SciPy's; its derivatives are a formula's."""
    function = private(name)

    def body(*operands: Any, **ufunc: Any) -> Any:
        found, value = formula(*wide(*operands)), function(*map(primal_value, operands), **ufunc)
        return value + (found - primal_value(found)).astype(value.dtype)

    return [] if function is None else [composite(function, body=body)]


def _moments(name: str, formula: Any) -> list[Row]:
    """Return the rows of a distribution's moments, which a formula returns together."""
    ends = ("mean", "variance", "skewness", "kurtosis_excess")
    return [
        row
        for i, end in enumerate(ends)
        for row in by_formula(f"{name}_{end}", lambda *shapes, i=i: formula(*shapes)[i])
    ]


def _beta_slope(y: Any, x: Any, a: Any, b: Any) -> Any:
    """Return the derivative of the density of a beta distribution."""

    def within(y: Any, x: Any, a: Any, b: Any) -> Any:
        return y * ((a - 1) / x - (b - 1) / (1 - x))

    def edge(y: Any, x: Any, a: Any, b: Any) -> Any:
        left, right = unless_zero(a - 1, a - 2, x), unless_zero(b - 1, b - 2, 1 - x)
        # a power of what is zero at an end leaves the other term alone, unless the shape is 1
        left = np.where((primal_value(x) == 1) & (primal_value(b) != 1), 0, left)
        right = np.where((primal_value(x) == 0) & (primal_value(a) != 1), 0, right)
        return (left - right) / special.beta(a, b)

    return either(inside(x, 1 - primal_value(x)), within, edge, y, x, a, b)


def unless_zero(factor: Any, power: Any, x: Any) -> Any:
    """Return ``factor * x**power``, and zero where the factor is."""
    zero = np.equal(primal_value(factor), 0)
    return np.where(zero, 0, factor * np.exp(special.xlogy(np.where(zero, 0, power), x)))


def _cosine_density(x: Any) -> Any:
    """Return the density of the cosine distribution."""
    return np.where(np.abs(primal_value(x)) < pi, (1 + np.cos(x)) / (2 * pi), 0)


def _mills(x: Any, mean: Any, shape: Any) -> Any:
    """Return the normal distribution over its density, deep in the tail, of an inverse Gaussian."""
    return sqrt(pi / 2) * special.erfcx(np.sqrt(shape / (2 * x)) * (x / mean + 1))


def _gauss_density(x: Any, mean: Any, shape: Any) -> Any:
    """Return the density of the inverse Gaussian distribution."""
    return PEAK * np.sqrt(shape / x) / x * np.exp(-0.5 * shape / x * np.square(x / mean - 1))


def _inverse_gauss(name: str, sign: float) -> list[Row]:
    """Return the row of quantiles of the inverse Gaussian distribution, from either end.

    Of the derivatives of its distribution function two terms cancel, and Mills' ratio is left.
    """
    return private_row(
        name,
        lambda y, p, mean, shape: sign / _gauss_density(y, mean, shape),
        lambda y, p, mean, shape: 2 * np.sqrt(shape * y) * y * _mills(y, mean, shape) / mean**2,
        lambda y, p, mean, shape: (
            y / shape - 2 * y * np.sqrt(y / shape) * _mills(y, mean, shape) / mean
        ),
    )


def _skew_density(x: Any, place: Any, scale: Any, a: Any) -> Any:
    """Return the density of the skew normal distribution."""
    z = (x - place) / scale
    return 2 * PEAK / scale * np.exp(special.log_ndtr(a * z) - 0.5 * z * z)


def _skew_by_shape(square: Any, scale: Any, a: Any) -> Any:
    """Return the derivative of the skew normal distribution by its shape: Owen's T function's.

    It is even: `square` is that of the distance from the place.
    """
    return -np.exp(-0.5 * (1 + a * a) * square / (scale * scale)) / (pi * (1 + a * a))


def _skew_quantile(name: str, sign: float) -> list[Row]:
    """Return the row of quantiles of the skew normal distribution, from either end."""
    return private_row(
        name,
        lambda y, p, place, scale, a: sign / _skew_density(y, place, scale, a),
        1,
        lambda y, p, place, scale, a: (y - place) / scale,
        lambda y, p, place, scale, a: (
            -_skew_by_shape(np.square(y - place), scale, a) / _skew_density(y, place, scale, a)
        ),
    )


def _cauchy_quantile(name: str, sign: float) -> list[Row]:
    """Return the row of quantiles of the Cauchy distribution, from either end."""
    return private_row(
        name,
        lambda y, p, place, scale: sign * pi * (scale + np.square(y - place) / scale),
        1,
        lambda y, p, place, scale: (y - place) / scale,
    )


def _chi_slope(y: Any, x: Any, v: Any, nc: Any) -> Any:
    """Return the derivative of the density of a noncentral chi-square distribution."""
    return y * ((0.5 * v - 1) / x - 0.5) + 0.5 * nc / x * noncentral_density(x, v + 2.0, nc)


def _tail(name: str, slopes: Any, sign: float) -> list[Row]:
    """Return the row of a distribution, from either end, or of its density.

    The argument comes first; it is the last one of `slopes`.
    """

    def partial(i: int) -> Any:
        return lambda y, x, *shapes: sign * slopes[i - 1](*shapes, x)

    return private_row(name, *map(partial, range(len(slopes))))


def _quantile(name: str, slopes: Any, sign: float) -> list[Row]:
    """Return the row of quantiles of a noncentral distribution, from either end."""

    def partial(i: int) -> Any:
        return lambda y, p, *shapes: -slopes[i - 1](*shapes, y) / slopes[-1](*shapes, y)

    by_p = lambda y, p, *shapes: sign / slopes[-1](*shapes, y)
    return private_row(name, by_p, *map(partial, range(1, len(slopes))))


def _scaled_integral(y: Any, x: Any) -> Any:
    """Return the derivative of ``x * exp(x) * exp1(x)``, by its asymptotic series for large `x`."""
    signs = [-((-1.0) ** k) * k * factorial(k) for k in range(1, 40)]
    (x,) = wide(x)  # for its powers
    return branches(
        primal_value(x) > FAR,
        x,
        lambda x: power_series(1 / x, signs) / (x * x),
        lambda x: y * (1 + 1 / x) - 1,
        (FAR, 1.0),
    )


_BETA = (beta_by_first, beta_by_second, beta_density)
_density_by_first = fisher_by("density_first")


def _fisher_by_first(m: Any, n: Any, nc: Any, x: Any) -> Any:
    """Return the derivative of the density by `m`: at zero that of ``x**(m / 2 - 1)``."""
    return _density_by_first(m, n, nc, x) + falling_at_zero(x, m)


_FISHER = (
    _fisher_by_first,
    fisher_by("density_second", lambda m: 0.5 * m - 1),
    fisher_by("density_center", lambda m: 0.5 * m - 1),
    fisher_by("density_slope", lambda m: np.where(m == 2, 0, 0.5 * m - 2)),
)
_CHI = (
    lambda v, nc, x: chi_by_shape(x, v, nc),
    lambda v, nc, x: -noncentral_density(x, v + 2.0, nc),
    lambda v, nc, x: noncentral_density(x, v, nc),
)
_STUDENT = tuple(map(student_by, ("density_first", "density_center", "density_slope")))


ROWS = [
    *private_row(
        "_beta_pdf",
        _beta_slope,
        lambda y, x, a, b: special.xlogy(y, x) + y * digamma_step(a, b),
        lambda y, x, a, b: special.xlog1py(y, -x) + y * digamma_step(b, a),
    ),
    *_tail("_beta_cdf", _BETA, 1.0),  # up to SciPy 1.13
    *_tail("_beta_sf", _BETA, -1.0),
    *private_row(
        "_beta_ppf",
        lambda y, p, a, b: 1 / beta_density(a, b, y),
        lambda y, p, a, b: beta_moved(a, b, y),
        lambda y, p, a, b: -beta_moved(b, a, 1 - y, y),
    ),
    *_cauchy_quantile("_cauchy_ppf", 1.0),
    *_cauchy_quantile("_cauchy_isf", -1.0),
    *private_row("_cosine_cdf", lambda y, x: _cosine_density(x)),
    *private_row("_cosine_invcdf", lambda y, p: 1 / _cosine_density(y)),
    *private_row("_log1mexp", lambda y, x: -1 / np.expm1(-x)),
    *_inverse_gauss("_invgauss_ppf", 1.0),
    *_inverse_gauss("_invgauss_isf", -1.0),
    *private_row(
        "_skewnorm_cdf",
        lambda y, x, place, scale, a: _skew_density(x, place, scale, a),
        lambda y, x, place, scale, a: -_skew_density(x, place, scale, a),
        lambda y, x, place, scale, a: -(x - place) / scale * _skew_density(x, place, scale, a),
        lambda y, x, place, scale, a: _skew_by_shape(np.square(x - place), scale, a),
    ),
    *_skew_quantile("_skewnorm_ppf", 1.0),
    *_skew_quantile("_skewnorm_isf", -1.0),
    *private_row(
        "_ncx2_pdf",
        _chi_slope,
        lambda y, x, v, nc: chi_density_by_shape(x, v, nc),
        lambda y, x, v, nc: 0.5 * (noncentral_density(x, v + 2.0, nc) - y),
    ),
    *_tail("_ncx2_cdf", _CHI, 1.0),
    *_tail("_ncx2_sf", _CHI, -1.0),
    *_quantile("_ncx2_ppf", _CHI, 1.0),
    *_quantile("_ncx2_isf", _CHI, -1.0),
    *_tail("_ncf_pdf", _FISHER, 1.0),
    *_tail("_ncf_cdf", FISHER, 1.0),
    *_tail("_ncf_sf", FISHER, -1.0),
    *_quantile("_ncf_ppf", FISHER, 1.0),
    *_quantile("_ncf_isf", FISHER, -1.0),
    *_tail("_nct_pdf", _STUDENT, 1.0),
    *_tail("_nct_cdf", STUDENT, 1.0),
    *_tail("_nct_sf", STUDENT, -1.0),
    *_quantile("_nct_ppf", STUDENT, 1.0),
    *_quantile("_nct_isf", STUDENT, -1.0),
    *_moments("_ncf", fisher_moments),
    *_moments("_nct", student_moments),
    *private_row("_scaled_exp1", _scaled_integral),
    *private_row("_kolmogc", lambda y, x: -kolmogorov_slope(x)),
    *private_row("_kolmogp", lambda y, x: kolmogorov_curve(x)),
    *private_row("_kolmogci", lambda y, p: -1 / kolmogorov_slope(y)),
]
