"""Elementary functions: exponentials, logarithms, entropies, losses, angles in degrees."""

from math import factorial, log, pi
from typing import Any

import numpy as np
from scipy import special

from dualad.core.tracer import primal_value
from dualad.rules.arithmetic import unit
from dualad.rules.kinds import constant
from dualad.rules.special.helpers import at, branches, elementwise, power_series, size_of

DEGREE = pi / 180
EXPREL = [1 / (factorial(k) * (k + 2)) for k in range(20)]
LOGREL = [(-1) ** k / (k + 1) for k in range(20)]
LOGREL_SLOPE = [(-1) ** (k + 1) * (k + 1) / (k + 2) for k in range(20)]
NEAR = 0.1  # where the logarithmic series' terms fall quickly, and the closed forms start to cancel


def _exprel_slope(y: Any, x: Any) -> Any:
    """Return the derivative of ``(exp(x) - 1) / x``, by its series near 0, where that cancels."""
    return branches(
        size_of(x) < 1,
        x,
        lambda x: power_series(x, EXPREL),
        lambda x: (np.exp(x) - special.exprel(x)) / x,
    )


def logrel(x: Any) -> Any:
    """Return ``log1p(x) / x``, by its series near 0."""
    return branches(
        size_of(x) < NEAR, x, lambda x: power_series(x, LOGREL), lambda x: np.log1p(x) / x
    )


def _logrel_slope(x: Any) -> Any:
    """Return the derivative of ``log1p(x) / x``, by its series near 0, where that cancels."""
    return branches(
        size_of(x) < NEAR,
        x,
        lambda x: power_series(x, LOGREL_SLOPE),
        lambda x: (1 / (1 + x) - np.log1p(x) / x) / x,
    )


def boxcox_by_power(logarithm: Any, power: Any) -> Any:
    """Return the derivative of ``(exp(power * logarithm) - 1) / power`` by `power`."""
    zero = np.isneginf(np.real(primal_value(logarithm))) & (primal_value(power) > 0)  # ``-1/power``
    return at(
        zero,
        lambda logarithm, power: power**-2.0,
        lambda logarithm, power: logarithm**2 * _exprel_slope(None, power * logarithm),
        (logarithm, power),
        ((0, 1), (0, 1)),
    )


def _inverse_boxcox_by_power(x: Any, y: Any, power: Any) -> Any:
    """Return the derivative of ``x = (1 + power * y)**(1 / power)`` by `power`."""
    return x * y**2 * _logrel_slope(power * y)


def _ratio(x: Any, y: Any) -> Any:
    """Return ``x / y``, zero where both are: the limit for functions that are zero at ``x = 0``."""
    return np.divide(x, np.where(_both_zero(x, y), 1, y))


def _both_zero(x: Any, y: Any) -> Any:
    """Return where both operands are zero."""
    return np.equal(primal_value(x), 0) & np.equal(primal_value(y), 0)


def _log_ratio(x: Any, y: Any) -> Any:
    """Return ``log(x / y)``; minus infinity where both are zero."""
    return np.log(_ratio(x, y))


def _by_exponent(x: Any, power: Any) -> Any:
    """Return the derivative of ``x**power`` by the exponent, zero at ``x = 0``."""
    return np.power(x, power) * np.log(np.where(np.equal(primal_value(x), 0), 1, x))


def _excess(delta: Any, r: Any) -> Any:
    """Return the derivative of the pseudo-Huber loss by its width: ``(h - delta)**2 / h``."""
    h = np.hypot(delta, r)
    more = r * unit(r, np.where(np.equal(primal_value(h), 0), 0, h + delta))
    return more * unit(more, h)


ROWS = [
    elementwise(special.expit, lambda y, x: y * special.expit(-x)),
    elementwise(special.log_expit, lambda y, x: special.expit(-x)),
    elementwise(special.logit, lambda y, x: 1 / (x * (1 - x))),
    elementwise(special.expm1, lambda y, x: np.exp(x)),
    elementwise(special.log1p, lambda y, x: 1 / (1 + x)),
    elementwise(special.exp2, lambda y, x: y * log(2)),
    elementwise(special.exp10, lambda y, x: y * log(10)),
    elementwise(special.exprel, _exprel_slope),
    elementwise(special.cosm1, lambda y, x: -np.sin(x)),
    elementwise(special.cbrt, lambda y, x: 1 / (3 * y * y)),
    elementwise(
        special.powm1,
        lambda y, x, power: power * np.power(x, power - 1),
        lambda y, x, power: _by_exponent(x, power),
    ),
    elementwise(special.xlogy, lambda y, x, a: np.log(a), lambda y, x, a: _ratio(x, a)),
    elementwise(special.xlog1py, lambda y, x, a: np.log1p(a), lambda y, x, a: _ratio(x, 1 + a)),
    elementwise(special.entr, lambda y, x: -np.log(x) - 1),
    elementwise(
        special.rel_entr, lambda y, p, q: _log_ratio(p, q) + 1, lambda y, p, q: -_ratio(p, q)
    ),
    elementwise(special.kl_div, lambda y, p, q: _log_ratio(p, q), lambda y, p, q: _ratio(q - p, q)),
    elementwise(
        special.huber,
        lambda y, delta, r: np.maximum(np.absolute(r) - delta, 0),
        lambda y, delta, r: np.clip(r, -delta, delta),
    ),
    elementwise(
        special.pseudo_huber,
        lambda y, delta, r: _excess(delta, r),
        lambda y, delta, r: delta * unit(r, np.hypot(delta, r)),
    ),
    elementwise(
        special.boxcox,
        lambda y, x, power: np.power(x, power - 1.0),
        lambda y, x, power: boxcox_by_power(np.log(x), power),
    ),
    elementwise(
        special.boxcox1p,
        lambda y, x, power: np.exp((power - 1) * np.log1p(x)),
        lambda y, x, power: boxcox_by_power(np.log1p(x), power),
    ),
    elementwise(
        special.inv_boxcox,
        lambda y, x, power: np.exp((1 - power) * x * logrel(power * x)),
        lambda y, x, power: _inverse_boxcox_by_power(y, x, power),
    ),
    elementwise(
        special.inv_boxcox1p,
        lambda y, x, power: np.exp((1 - power) * x * logrel(power * x)),
        lambda y, x, power: _inverse_boxcox_by_power(1 + y, x, power),
    ),
    elementwise(special.sindg, lambda y, x: DEGREE * special.cosdg(x)),
    elementwise(special.cosdg, lambda y, x: -DEGREE * special.sindg(x)),
    elementwise(special.tandg, lambda y, x: DEGREE * (1 + y * y)),
    elementwise(special.cotdg, lambda y, x: -DEGREE * (1 + y * y)),
    elementwise(special.radian, DEGREE, DEGREE / 60, DEGREE / 3600),
    *constant(special.round, special.gammasgn),
]
