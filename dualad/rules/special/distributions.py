"""Distribution functions of statistics, by their continuous arguments."""

from math import pi, sqrt
from typing import Any

import numpy as np
from scipy import special

from dualad.core.product import checked
from dualad.core.tracer import primal_value
from dualad.rules.special.elementary import boxcox_by_power
from dualad.rules.special.errorfunctions import PEAK
from dualad.rules.special.helpers import branches, elementwise, without_formula
from dualad.rules.special.incomplete import (
    beta_density,
    beta_ratio,
    either,
    gamma_by_shape,
    gamma_density,
    gamma_moved,
    inside,
    root,
    valid,
    wide,
)


def _binomial(k: Any, n: Any, p: Any) -> Any:
    """Return the derivative of ``bdtrc(k, n, p)`` by the probability; `k` counts whole numbers."""
    k, n = np.floor(primal_value(k)), np.trunc(primal_value(n))  # as SciPy does
    return np.where(np.equal(k, n), 0, beta_density(k + 1, np.where(np.equal(k, n), 1, n - k), p))


def _negative_binomial(k: Any, n: Any, p: Any) -> Any:
    """Return the derivative of ``nbdtr(k, n, p)`` by the probability."""
    return beta_density(n, np.floor(primal_value(k)) + 1.0, p)


def _poisson(k: Any, m: Any) -> Any:
    """Return the derivative of ``pdtrc(k, m)`` by the rate."""
    return gamma_density(np.floor(primal_value(k)) + 1.0, m)


def f_density(a: Any, b: Any, x: Any) -> Any:
    """Return the density of the F distribution."""
    total = b + a * x
    return beta_density(0.5 * a, 0.5 * b, a * x / total, b / total) * (a / total) * (b / total)


def chi_density(v: Any, x: Any) -> Any:
    """Return the density of the chi-square distribution."""
    return 0.5 * gamma_density(0.5 * v, 0.5 * x)


def t_density(v: Any, x: Any) -> Any:
    """Return the density of Student's t distribution."""
    log_scale = 0.5 * np.log(v) + special.betaln(0.5 * v, 0.5)
    return np.exp(-0.5 * (v + 1) * np.log1p(x * x / v) - log_scale)


def f_parts(a: Any, b: Any, x: Any) -> list[Any]:
    """Return both shapes, the argument and its rest for the beta function of an F distribution."""
    a, b, x = wide(a, b, x)
    total = b + a * x
    return [0.5 * a, 0.5 * b, a * x / total, b / total]


def f_pull(a: Any, b: Any, x: Any) -> Any:
    """Return the derivative of ``fdtr(a, b, x)`` by `a`, over that by ``log(x)``."""
    return 0.5 * beta_ratio(*f_parts(a, b, x)) + 1 / a


def f_counterpull(a: Any, b: Any, x: Any) -> Any:
    """Return the derivative of ``fdtr(a, b, x)`` by `b`, over that by ``log(x)``."""
    half_a, half_b, part, rest = f_parts(a, b, x)
    return -0.5 * beta_ratio(half_b, half_a, rest, part) - 1 / b


def _f_by_shape(pull: Any, a: Any, b: Any, x: Any) -> Any:
    """Return the derivative of ``fdtr(a, b, x)`` by a shape."""

    def edge(a: Any, b: Any, x: Any) -> Any:
        return valid(a, b, x) + root(x, primal_value(a) <= 2, -1.0)

    def slope(a: Any, b: Any, x: Any) -> Any:
        return x * f_density(a, b, x) * pull(a, b, x)

    a, b, x = wide(a, b, x)
    return either(inside(a, b, x), slope, edge, a, b, x)


def _f_moved(pull: Any, a: Any, b: Any, x: Any) -> Any:
    """Return how `x` moves with a shape, while ``fdtr(a, b, x)`` stays."""

    def edge(a: Any, b: Any, x: Any) -> Any:
        return valid(a, b, x) + root(x, True, 1.0)

    a, b, x = wide(a, b, x)
    return either(inside(a, b, x), lambda a, b, x: -x * pull(a, b, x), edge, a, b, x)


def t_moved(v: Any, x: Any) -> Any:
    """Return how `x` moves with `v`, while ``stdtr(v, x)`` stays."""

    def moved(v: Any, x: Any) -> Any:
        width = np.sqrt(v)
        size = np.sqrt(v + x * x)
        ratio = beta_ratio(0.5 * v, 0.5, (width / size) ** 2, (x / size) ** 2)
        return 0.5 * x * (0.5 * ratio + 1 / v)

    v, x = wide(v, x)
    within = inside(v, 1 + np.abs(primal_value(x)))
    return either(within, moved, lambda v, x: valid(v, np.abs(primal_value(x))), v, x)


def kolmogorov_slope(x: Any) -> Any:
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


def kolmogorov_curve(x: Any) -> Any:
    """Return the second derivative of Kolmogorov's distribution, as `kolmogorov_slope`."""

    def below(x: Any) -> Any:
        u = 1 / np.where(near & (primal_value(x) > 0), x, 1)
        rates = [((2 * k + 1) * pi) ** 2 / 8 for k in range(4)]
        terms = [np.exp(-c * u * u) * (10 * c - 2 / (u * u) - (2 * c * u) ** 2) for c in rates]
        return sqrt(2 * pi) * u**5 * sum(terms)

    def above(x: Any) -> Any:
        terms = [(-1) ** k * k * k * np.exp(-2.0 * k * k * x * x) for k in range(1, 7)]
        return 8 * sum(term * (1 - (2 * k * x) ** 2) for k, term in enumerate(terms, 1))

    near = primal_value(x) < 1
    return np.where(primal_value(x) > 0, branches(near, x, below, above), 0)


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
    _steps(special.bdtri, lambda y, k, n, p: -1 / _binomial(k, n, y)),
    _steps(special.nbdtri, lambda y, k, n, p: 1 / _negative_binomial(k, n, y)),
    _steps(special.pdtri, lambda y, k, p: -1 / _poisson(k, y), n=False),
    elementwise(
        special.fdtr,
        lambda y, a, b, x: _f_by_shape(f_pull, a, b, x),
        lambda y, a, b, x: _f_by_shape(f_counterpull, a, b, x),
        lambda y, a, b, x: f_density(a, b, x),
    ),
    elementwise(
        special.fdtrc,
        lambda y, a, b, x: -_f_by_shape(f_pull, a, b, x),
        lambda y, a, b, x: -_f_by_shape(f_counterpull, a, b, x),
        lambda y, a, b, x: -f_density(a, b, x),
    ),
    elementwise(
        special.fdtri,
        lambda y, a, b, p: _f_moved(f_pull, a, b, y),
        lambda y, a, b, p: _f_moved(f_counterpull, a, b, y),
        lambda y, a, b, p: 1 / f_density(a, b, y),
    ),
    elementwise(
        special.chdtr,
        lambda y, v, x: 0.5 * gamma_by_shape(0.5 * v, 0.5 * x),
        lambda y, v, x: chi_density(v, x),
    ),
    elementwise(
        special.chdtrc,
        lambda y, v, x: -0.5 * gamma_by_shape(0.5 * v, 0.5 * x),
        lambda y, v, x: -chi_density(v, x),
    ),
    elementwise(
        special.chdtri,
        lambda y, v, p: gamma_moved(0.5 * v, 0.5 * y),
        lambda y, v, p: -1 / chi_density(v, y),
    ),
    elementwise(
        special.stdtr,
        lambda y, v, x: -t_density(v, x) * t_moved(v, x),
        lambda y, v, x: t_density(v, x),
    ),
    elementwise(
        special.stdtrit,
        lambda y, v, p: t_moved(v, y),
        lambda y, v, p: 1 / t_density(v, y),
    ),
    elementwise(
        special.gdtr,
        lambda y, a, b, x: checked(x, gamma_density(b, a * x)),
        lambda y, a, b, x: gamma_by_shape(b, a * x),
        lambda y, a, b, x: checked(a, gamma_density(b, a * x)),
    ),
    elementwise(
        special.gdtrc,
        lambda y, a, b, x: -checked(x, gamma_density(b, a * x)),
        lambda y, a, b, x: -gamma_by_shape(b, a * x),
        lambda y, a, b, x: -checked(a, gamma_density(b, a * x)),
    ),
    elementwise(
        special.gdtria,
        lambda y, p, b, x: np.divide(1, x * gamma_density(b, y * x)),
        lambda y, p, b, x: gamma_moved(b, y * x) / x,
        lambda y, p, b, x: -y / x,
    ),
    elementwise(
        special.gdtrix,
        lambda y, a, b, p: -y / a,
        lambda y, a, b, p: gamma_moved(b, a * y) / a,
        lambda y, a, b, p: np.divide(1, a * gamma_density(b, a * y)),
    ),
    elementwise(special.kolmogorov, lambda y, x: kolmogorov_slope(x)),
    elementwise(special.kolmogi, lambda y, p: 1 / kolmogorov_slope(y)),
    elementwise(special.tklmbda, _tukey_density, _tukey_by_shape),
    elementwise(
        special.nrdtrisd,
        lambda y, mean, p, x: -1 / special.ndtri(p),
        lambda y, mean, p, x: (x - mean) * _normal_score(p),
        lambda y, mean, p, x: 1 / special.ndtri(p),
    ),
]
