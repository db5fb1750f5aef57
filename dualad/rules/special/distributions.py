"""Distribution functions of statistics, by their continuous arguments."""

from math import pi, sqrt
from typing import Any

import numpy as np
from scipy import special

from dualad.core.tracer import primal_value
from dualad.rules.special.elementary import boxcox_by_power
from dualad.rules.special.errorfunctions import PEAK
from dualad.rules.special.gammas import beta_density, gamma_density
from dualad.rules.special.helpers import branches, by_last, elementwise, without_formula


def _binomial(k: Any, n: Any, p: Any) -> Any:
    """Return the derivative of ``bdtrc(k, n, p)`` by the probability; `k` counts whole numbers."""
    k = np.floor(primal_value(k))
    return np.where(np.equal(k, n), 0, beta_density(k + 1, np.where(np.equal(k, n), 1, n - k), p))


def _negative_binomial(k: Any, n: Any, p: Any) -> Any:
    """Return the derivative of ``nbdtr(k, n, p)`` by the probability."""
    return beta_density(n, np.floor(primal_value(k)) + 1.0, p)


def _poisson(k: Any, m: Any) -> Any:
    """Return the derivative of ``pdtrc(k, m)`` by the rate."""
    return gamma_density(np.floor(primal_value(k)) + 1.0, m)


def _f_density(a: Any, b: Any, x: Any) -> Any:
    """Return the density of the F distribution."""
    total = b + a * x
    return beta_density(0.5 * a, 0.5 * b, a * x / total, b / total) * (a / total) * (b / total)


def _chi_density(v: Any, x: Any) -> Any:
    """Return the density of the chi-square distribution."""
    return 0.5 * gamma_density(0.5 * v, 0.5 * x)


def _t_density(v: Any, x: Any) -> Any:
    """Return the density of Student's t distribution."""
    log_scale = 0.5 * np.log(v) + special.betaln(0.5 * v, 0.5)
    return np.exp(-0.5 * (v + 1) * np.log1p(x * x / v) - log_scale)


def _noncentral_density(x: Any, v: Any, nc: Any) -> Any:
    """Return the density of the noncentral chi-square distribution."""
    central = np.equal(primal_value(nc), 0)
    safe = np.where(central, 1, nc)
    order = 0.5 * v - 1
    power = 0.5 * special.xlogy(order, x / safe) - 0.5 * np.square(np.sqrt(x) - np.sqrt(safe))
    found = 0.5 * np.exp(power) * special.ive(order, np.sqrt(x * safe))
    return np.where(central, _chi_density(v, x), found) if np.any(central) else found


def _kolmogorov_slope(x: Any) -> Any:
    """Return the derivative of Kolmogorov's distribution, by the theta series that is shorter."""

    def below(x: Any) -> Any:
        x = np.where(near & (primal_value(x) > 0), x, 1)
        rates = [((2 * k + 1) * pi) ** 2 / 8 for k in range(4)]
        total = sum(np.exp(-c / x**2) * (2 * c / x**2 - 1) for c in rates)
        return -sqrt(2 * pi) / x**2 * total

    def above(x: Any) -> Any:
        terms = [(-1) ** k * k * k * np.exp(-2.0 * k * k * x * x) for k in range(1, 7)]
        return 8 * x * sum(terms)

    near = primal_value(x) < 1
    slope = branches(near, x, below, above)
    return np.where(primal_value(x) > 0, slope, 0)


def _tukey_density(y: Any, x: Any, shape: Any) -> Any:
    """Return the density of the Tukey-lambda distribution, zero outside of its support."""
    rest = special.tklmbda(-x, shape)
    inside = (primal_value(y) > 0) & (primal_value(rest) > 0)
    p, q = np.where(inside, y, 0.5), np.where(inside, rest, 0.5)
    return np.where(inside, 1 / (p ** (shape - 1.0) + q ** (shape - 1.0)), 0)


def _tukey_by_shape(y: Any, x: Any, shape: Any) -> Any:
    """Return the derivative by the shape, from that of the quantile function."""
    rest = special.tklmbda(-x, shape)
    inside = (primal_value(y) > 0) & (primal_value(rest) > 0)
    p, q = np.where(inside, y, 0.5), np.where(inside, rest, 0.5)
    by_shape = boxcox_by_power(np.log(p), shape) - boxcox_by_power(np.log(q), shape)
    return np.where(inside, -by_shape * _tukey_density(y, x, shape), 0)


def _normal_score(p: Any) -> Any:
    """Return the derivative of ``1 / ndtri(p)``."""
    z = special.ndtri(p)
    return -np.exp(0.5 * z * z) / (PEAK * z * z)


def _steps(function: Any, partial: Any, n: bool = True) -> Any:
    """Return the row of a distribution of whole numbers: it is flat in `k`, its first operand."""
    between = [without_formula(function, "n")] if n else []
    return elementwise(function, None, *between, partial)


ROWS = [
    _steps(special.bdtr, lambda y, k, n, p: -_binomial(k, n, p)),
    _steps(special.bdtrc, lambda y, k, n, p: _binomial(k, n, p)),
    _steps(special.nbdtr, lambda y, k, n, p: _negative_binomial(k, n, p)),
    _steps(special.nbdtrc, lambda y, k, n, p: -_negative_binomial(k, n, p)),
    _steps(special.pdtr, lambda y, k, m: -_poisson(k, m), n=False),
    _steps(special.pdtrc, lambda y, k, m: _poisson(k, m), n=False),
    by_last(special.bdtri, "k n", lambda y, k, n, p: -1 / _binomial(k, n, y)),
    by_last(special.nbdtri, "k n", lambda y, k, n, p: 1 / _negative_binomial(k, n, y)),
    by_last(special.pdtri, "k", lambda y, k, p: -1 / _poisson(k, y)),
    by_last(special.fdtr, "dfn dfd", lambda y, a, b, x: _f_density(a, b, x)),
    by_last(special.fdtrc, "dfn dfd", lambda y, a, b, x: -_f_density(a, b, x)),
    by_last(special.fdtri, "dfn dfd", lambda y, a, b, p: 1 / _f_density(a, b, y)),
    by_last(special.chdtr, "v", lambda y, v, x: _chi_density(v, x)),
    by_last(special.chdtrc, "v", lambda y, v, x: -_chi_density(v, x)),
    by_last(special.chdtri, "v", lambda y, v, p: -1 / _chi_density(v, y)),
    by_last(special.stdtr, "df", lambda y, v, x: _t_density(v, x)),
    by_last(special.stdtrit, "df", lambda y, v, p: 1 / _t_density(v, y)),
    elementwise(
        special.gdtr,
        lambda y, a, b, x: x * gamma_density(b, a * x),
        without_formula(special.gdtr, "b"),
        lambda y, a, b, x: a * gamma_density(b, a * x),
    ),
    elementwise(
        special.gdtrc,
        lambda y, a, b, x: -x * gamma_density(b, a * x),
        without_formula(special.gdtrc, "b"),
        lambda y, a, b, x: -a * gamma_density(b, a * x),
    ),
    elementwise(
        special.gdtria,
        lambda y, p, b, x: np.divide(1, x * gamma_density(b, y * x)),
        without_formula(special.gdtria, "b"),
        lambda y, p, b, x: -y / x,
    ),
    elementwise(
        special.gdtrix,
        lambda y, a, b, p: -y / a,
        without_formula(special.gdtrix, "b"),
        lambda y, a, b, p: np.divide(1, a * gamma_density(b, a * y)),
    ),
    elementwise(
        special.chndtr,
        lambda y, x, v, nc: _noncentral_density(x, v, nc),
        without_formula(special.chndtr, "df"),
        lambda y, x, v, nc: -_noncentral_density(x, v + 2.0, nc),
    ),
    elementwise(
        special.chndtrix,
        lambda y, p, v, nc: 1 / _noncentral_density(y, v, nc),
        without_formula(special.chndtrix, "df"),
        lambda y, p, v, nc: _noncentral_density(y, v + 2.0, nc) / _noncentral_density(y, v, nc),
    ),
    elementwise(special.kolmogorov, lambda y, x: _kolmogorov_slope(x)),
    elementwise(special.kolmogi, lambda y, p: 1 / _kolmogorov_slope(y)),
    elementwise(special.tklmbda, _tukey_density, _tukey_by_shape),
    elementwise(
        special.nrdtrisd,
        lambda y, mean, p, x: -1 / special.ndtri(p),
        lambda y, mean, p, x: (x - mean) * _normal_score(p),
        lambda y, mean, p, x: 1 / special.ndtri(p),
    ),
]
