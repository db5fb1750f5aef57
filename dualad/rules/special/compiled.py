"""Compiled functions of `scipy.stats` that do not dispatch: dualad's stand for them when lifted."""

from functools import wraps
from inspect import signature
from math import log, pi
from typing import Any

import numpy as np
from scipy import special
from scipy.stats import _stats, _stats_pythran

from dualad.core.dispatch import dispatching
from dualad.core.row import Row
from dualad.core.tracer import primal_value, strip
from dualad.rules.kinds import composite
from dualad.rules.special.errorfunctions import PEAK
from dualad.rules.special.helpers import branches, elementwise, power_series
from dualad.rules.special.incomplete import either, wide
from dualad.rules.special.quadrature import in_blocks, nodes_of, panels_of, with_axis


def _circular_density(y: Any, kappa: Any, x: Any) -> Any:
    """Return the density of the von Mises distribution."""
    return np.exp(-2 * kappa * np.sin(0.5 * x) ** 2) / (2 * pi * special.i0e(kappa))


def _circular_by_kappa(y: Any, kappa: Any, x: Any) -> Any:
    """Return the derivative of the von Mises distribution by its concentration.

    It is the integral of the density times ``cos(t) - i1(kappa) / i0(kappa)``, from 0 to `x`, or
    from `x` to pi with the other sign: so that factor does not change its own.
    """
    kappa, x = wide(kappa, x)
    x = x - 2 * pi * np.rint(primal_value(x) / (2 * pi))
    sign = np.where(primal_value(x) < 0, -1.0, 1.0)
    x = sign * x
    mean = special.i1e(kappa) / special.i0e(kappa)
    inner = np.cos(primal_value(x)) > primal_value(mean)
    return sign * either(inner, in_blocks(_from_zero), in_blocks(_to_pi), kappa, x)


def _from_zero(kappa: Any, x: Any) -> Any:
    """Return the integral from zero to `x`, where the density has not fallen far yet."""
    nodes, weights = panels_of(1.0, 1)
    t = with_axis(x) * nodes
    return x * np.sum(weights * _moment(with_axis(kappa), t), -1)


def _to_pi(kappa: Any, x: Any) -> Any:
    """Return the integral from `x` to pi, with the other sign."""
    k, low = primal_value(kappa), primal_value(x)

    def exponent(s: Any) -> Any:
        return k * (np.cos(low + s) - np.cos(low)), -k * np.sin(low + s)

    most = np.maximum(pi - low, LEAST)
    s, weights = nodes_of(exponent, k * np.sin(low) + LEAST, k * np.abs(np.cos(low)), most)
    width = (pi - x) / most  # the nodes move with the end that is traced
    t = with_axis(x) + s * with_axis(width)
    return -np.sum(weights * with_axis(width) * _moment(with_axis(kappa), t), -1)


LEAST = 1e-3  # of a slope, from which to look for the end of an integral, and of its length


def _moment(kappa: Any, t: Any) -> Any:
    """Return the density times ``cos(t)`` less its mean."""
    less = _spread(kappa) - 2 * np.sin(0.5 * t) ** 2
    return less * _circular_density(None, kappa, t)


def _spread(kappa: Any) -> Any:
    """Return one less the mean of the cosine, which satisfies ``r' = 1 - r / kappa - r**2``."""

    def direct(kappa: Any) -> Any:
        return (special.i0e(kappa) - special.i1e(kappa)) / special.i0e(kappa)

    def far(kappa: Any) -> Any:
        return power_series(1 / kappa, SPREAD) / kappa

    return branches(primal_value(kappa) > CLOSE, kappa, far, direct, (CLOSE, 1.0))


CLOSE = 1e3  # a concentration from which on these terms of an asymptotic series are enough
SPREAD = (1 / 2, 1 / 8, 1 / 8, 25 / 128, 13 / 32, 1073 / 1024)


def _log_of_inverse(x: Any, p: Any, b: Any) -> Any:
    """Return the logarithm of a generalized inverse Gaussian density, but for a constant."""
    return b - np.log(special.kve(p, b)) + (p - 1) * np.log(x) - 0.5 * b * (x + 1 / x)


def _log_of_hyperbolic(x: Any, p: Any, a: Any, b: Any) -> Any:
    """Return the logarithm of the density of the generalized hyperbolic distribution."""
    delta = np.sqrt((a - b) * (a + b))
    root = np.sqrt(1 + x * x)
    power = p - 0.5
    constant = p * np.log(delta) - power * np.log(a) - np.log(special.kve(p, delta)) + delta
    bessel = np.log(special.kve(power, a * root)) - a * root
    return constant - 0.5 * log(2 * pi) + bessel + b * x + power * np.log(root)


def _by_formula(name: str, formula: Any) -> list[Row]:
    """Return the row of a function of numbers; its value is SciPy's, its slope a formula's."""
    plain = getattr(_stats, name, None)
    if plain is None:
        return []

    parameters = signature(formula)

    def body(*args: Any, **kwargs: Any) -> Any:
        operands = parameters.bind(*args, **kwargs).args
        value = plain(*map(float, strip(operands)))
        if not np.isfinite(value):
            return value
        found = formula(*operands)
        return value + (found - primal_value(found))

    return [composite(dispatching(plain), body)]


def _both_above(h: Any, k: Any, r: Any) -> Any:
    """Return the derivative of the chance that two correlated normal numbers are above, by `h`."""
    one, other = (np.where(np.isfinite(primal_value(x)), x, 0.0) for x in (h, k))
    rest = special.ndtr((r * one - other) / np.sqrt((1 - r) * (1 + r)))
    ends = np.where(primal_value(k) == np.inf, 0.0, np.where(primal_value(k) == -np.inf, 1.0, rest))
    return -np.where(np.isfinite(primal_value(h)), PEAK * np.exp(-0.5 * one * one), 0.0) * ends


def _both_by_correlation(h: Any, k: Any, r: Any) -> Any:
    """Return the derivative of that chance by the correlation: the density (Plackett 1954)."""
    finite = np.isfinite(primal_value(h)) & np.isfinite(primal_value(k))
    h, k = (np.where(finite, x, 0.0) for x in (h, k))
    rest = (1 - r) * (1 + r)
    density = np.exp(-0.5 * ((h - r * k) ** 2 / rest + k * k)) / (2 * pi * np.sqrt(rest))
    return np.where(finite, density, 0.0)


def _of_two_normals() -> list[Row]:
    """Return the row of the distribution of two normal numbers, if this SciPy has it in Python."""
    plain = getattr(_stats_pythran, "_bvnu", None)
    if plain is None:
        return []
    return [
        elementwise(
            wraps(plain)(dispatching(lambda h, k, r: np.float64(plain(*map(float, (h, k, r)))))),
            lambda y, h, k, r: _both_above(h, k, r),
            lambda y, h, k, r: _both_above(k, h, r),
            lambda y, h, k, r: _both_by_correlation(h, k, r),
        )
    ]


ROWS = [
    elementwise(dispatching(_stats.von_mises_cdf), _circular_by_kappa, _circular_density),
    *_by_formula("geninvgauss_logpdf", _log_of_inverse),
    *_by_formula("genhyperbolic_logpdf", _log_of_hyperbolic),
    *_by_formula("genhyperbolic_pdf", lambda x, p, a, b: np.exp(_log_of_hyperbolic(x, p, a, b))),
    *_of_two_normals(),
]
