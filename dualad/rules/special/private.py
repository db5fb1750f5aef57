"""Private ufuncs of SciPy that `scipy.stats` calls: declared when that module is imported.

They are looked up by name, where newer and older versions have them: a name that is gone makes no
row.
"""

from importlib import import_module
from math import pi, sqrt
from typing import Any

import numpy as np
from scipy import special
from scipy.special import _ufuncs

from dualad.core.row import Row
from dualad.core.tracer import primal_value
from dualad.rules.special.distributions import kolmogorov_slope, noncentral_density
from dualad.rules.special.errorfunctions import PEAK
from dualad.rules.special.gammas import digamma_step
from dualad.rules.special.helpers import elementwise, without_formula
from dualad.rules.special.incomplete import (
    beta_by_first,
    beta_by_second,
    beta_density,
    beta_moved,
    either,
    inside,
)

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


def _row(name: str, *partials: Any) -> list[Row]:
    """Return the row of a private ufunc; a word names an operand without a formula."""
    function = private(name)
    if function is None:
        return []
    given = [without_formula(function, p) if isinstance(p, str) else p for p in partials]
    return [elementwise(function, *given)]


def _beta_slope(y: Any, x: Any, a: Any, b: Any) -> Any:
    """Return the derivative of the density of a beta distribution."""

    def within(y: Any, x: Any, a: Any, b: Any) -> Any:
        return y * ((a - 1) / x - (b - 1) / (1 - x))

    def edge(y: Any, x: Any, a: Any, b: Any) -> Any:
        left, right = _unless_zero(a - 1, a - 2, x), _unless_zero(b - 1, b - 2, 1 - x)
        # a power of what is zero at an end leaves the other term alone, unless the shape is 1
        left = np.where((primal_value(x) == 1) & (primal_value(b) != 1), 0, left)
        right = np.where((primal_value(x) == 0) & (primal_value(a) != 1), 0, right)
        return (left - right) / special.beta(a, b)

    return either(inside(x, 1 - primal_value(x)), within, edge, y, x, a, b)


def _unless_zero(factor: Any, power: Any, x: Any) -> Any:
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
    z = np.sqrt(shape / x) * (x / mean - 1)
    return PEAK * np.sqrt(shape / x) / x * np.exp(-0.5 * z * z)


def _inverse_gauss(name: str, sign: float) -> list[Row]:
    """Return the row of quantiles of the inverse Gaussian distribution, from either end.

    Of the derivatives of its distribution function two terms cancel, and Mills' ratio is left.
    """
    return _row(
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


def _skew_by_shape(x: Any, place: Any, scale: Any, a: Any) -> Any:
    """Return the derivative of the skew normal distribution by its shape: Owen's T function's."""
    z = (x - place) / scale
    return -np.exp(-0.5 * (1 + a * a) * z * z) / (pi * (1 + a * a))


def _skew_quantile(name: str, sign: float) -> list[Row]:
    """Return the row of quantiles of the skew normal distribution, from either end."""
    return _row(
        name,
        lambda y, p, place, scale, a: sign / _skew_density(y, place, scale, a),
        1,
        lambda y, p, place, scale, a: (y - place) / scale,
        lambda y, p, place, scale, a: (
            -_skew_by_shape(y, place, scale, a) / _skew_density(y, place, scale, a)
        ),
    )


def _cauchy_quantile(name: str, sign: float) -> list[Row]:
    """Return the row of quantiles of the Cauchy distribution, from either end."""
    return _row(
        name,
        lambda y, p, place, scale: sign * pi * scale * (1 + ((y - place) / scale) ** 2),
        1,
        lambda y, p, place, scale: (y - place) / scale,
    )


def _chi_slope(y: Any, x: Any, v: Any, nc: Any) -> Any:
    """Return the derivative of the density of a noncentral chi-square distribution."""
    return y * ((0.5 * v - 1) / x - 0.5) + 0.5 * nc / x * noncentral_density(x, v + 2.0, nc)


def _chi_tail(name: str, sign: float) -> list[Row]:
    """Return the row of the noncentral chi-square distribution, from either end."""
    return _row(
        name,
        lambda y, x, v, nc: sign * noncentral_density(x, v, nc),
        "df",
        lambda y, x, v, nc: -sign * noncentral_density(x, v + 2.0, nc),
    )


def _chi_quantile(name: str, sign: float) -> list[Row]:
    """Return the row of quantiles of the noncentral chi-square distribution."""
    return _row(
        name,
        lambda y, p, v, nc: sign / noncentral_density(y, v, nc),
        "df",
        lambda y, p, v, nc: noncentral_density(y, v + 2.0, nc) / noncentral_density(y, v, nc),
    )


def _beta_tail(name: str, sign: float) -> list[Row]:
    """Return the row of the beta distribution, from either end."""
    return _row(
        name,
        lambda y, x, a, b: sign * beta_density(a, b, x),
        lambda y, x, a, b: sign * beta_by_first(a, b, x),
        lambda y, x, a, b: sign * beta_by_second(a, b, x),
    )


def _beta_quantile(name: str, sign: float) -> list[Row]:
    """Return the row of quantiles of the beta distribution, from either end."""
    return _row(
        name,
        lambda y, p, a, b: sign / beta_density(a, b, y),
        lambda y, p, a, b: beta_moved(a, b, y),
        lambda y, p, a, b: -beta_moved(b, a, 1 - y, y),
    )


def _failures(name: str, sign: float) -> list[Row]:
    """Return the row of the negative binomial distribution, from either end."""
    return _row(
        name,
        None,  # it counts whole numbers
        lambda y, k, n, p: sign * beta_by_first(n, primal_value(k) + 1.0, p),
        lambda y, k, n, p: sign * beta_density(n, primal_value(k) + 1.0, p),
    )


def _successes(name: str, sign: float) -> list[Row]:
    """Return the row of the binomial distribution, from either end."""
    return _row(
        name,
        None,
        "n",
        lambda y, k, n, p: -sign * _binomial_density(primal_value(k), n, p),
    )


def _binomial_density(k: Any, n: Any, p: Any) -> Any:
    """Return the derivative of the tail above `k` by the probability."""
    all_of_them = np.greater_equal(k, n)
    return np.where(all_of_them, 0, beta_density(k + 1.0, np.where(all_of_them, 1.0, n - k), p))


def _binomial_slope(y: Any, k: Any, n: Any, p: Any) -> Any:
    """Return the derivative of the binomial probability of `k` by that of one success."""
    k = primal_value(k)
    log_count = -special.betaln(k + 1.0, n - k + 1.0) - np.log(n + 1.0)
    left = _unless_zero(k * 1.0, k - 1.0, p) * _unless_zero(1.0, n - k, 1 - p)
    right = _unless_zero(1.0, k * 1.0, p) * _unless_zero(n - k + 0.0, n - k - 1.0, 1 - p)
    return np.exp(log_count) * (left - right)


ROWS = [
    *_row(
        "_beta_pdf",
        _beta_slope,
        lambda y, x, a, b: special.xlogy(y, x) + y * digamma_step(a, b),
        lambda y, x, a, b: special.xlog1py(y, -x) + y * digamma_step(b, a),
    ),
    *_beta_tail("_beta_cdf", 1.0),
    *_beta_tail("_beta_sf", -1.0),
    *_beta_quantile("_beta_ppf", 1.0),
    *_beta_quantile("_beta_isf", -1.0),
    *_cauchy_quantile("_cauchy_ppf", 1.0),
    *_cauchy_quantile("_cauchy_isf", -1.0),
    *_row("_cosine_cdf", lambda y, x: _cosine_density(x)),
    *_row("_cosine_invcdf", lambda y, p: 1 / _cosine_density(y)),
    *_row("_log1mexp", lambda y, x: -1 / np.expm1(-x)),
    *_inverse_gauss("_invgauss_ppf", 1.0),
    *_inverse_gauss("_invgauss_isf", -1.0),
    *_row(
        "_skewnorm_cdf",
        lambda y, x, place, scale, a: _skew_density(x, place, scale, a),
        lambda y, x, place, scale, a: -_skew_density(x, place, scale, a),
        lambda y, x, place, scale, a: (
            -(x - place) / scale * _skew_density(x, place, scale, a)
        ),
        lambda y, x, place, scale, a: _skew_by_shape(x, place, scale, a),
    ),
    *_skew_quantile("_skewnorm_ppf", 1.0),
    *_skew_quantile("_skewnorm_isf", -1.0),
    *_row(
        "_ncx2_pdf",
        _chi_slope,
        "df",
        lambda y, x, v, nc: 0.5 * (noncentral_density(x, v + 2.0, nc) - y),
    ),
    *_chi_tail("_ncx2_cdf", 1.0),
    *_chi_tail("_ncx2_sf", -1.0),
    *_chi_quantile("_ncx2_ppf", 1.0),
    *_chi_quantile("_ncx2_isf", -1.0),
    *_row("_kolmogc", lambda y, x: -kolmogorov_slope(x)),
    *_row("_kolmogci", lambda y, p: -1 / kolmogorov_slope(y)),
    *(row for name in ("_binom_pmf", "_binom_pdf")
      for row in _row(name, None, "n", _binomial_slope)),
    *_successes("_binom_cdf", 1.0),
    *_successes("_binom_sf", -1.0),
    *(row for name in ("_nbinom_pmf", "_nbinom_pdf")
      for row in _row(
          name,
          None,
          lambda y, k, n, p: y * (np.log(p) + digamma_step(n, primal_value(k))),
          lambda y, k, n, p: y * (n / p - primal_value(k) / (1 - p)),
      )),
    *_failures("_nbinom_cdf", 1.0),
    *_failures("_nbinom_sf", -1.0),
    *(row for name in ("_binom", "_nbinom") for end in ("_ppf", "_isf")
      for row in _row(name + end, None, None, None)),
]  # fmt: skip
