"""Orthogonal polynomials, and other functions defined by series."""

from math import factorial, pi
from typing import Any

import numpy as np
from scipy import special

from dualad.core.dispatch import dispatching
from dualad.core.product import checked
from dualad.core.row import Row
from dualad.core.tracer import primal_value
from dualad.rules.special.elementary import logrel
from dualad.rules.special.helpers import (
    at,
    branches,
    by_last,
    elementwise,
    lower,
    of_private,
    power_series,
    several,
    size_of,
    without_formula,
)
from dualad.rules.special.naming import named

lambertw = named(dispatching(special.lambertw))


def _lpmv(y: Any, m: Any, v: Any, x: Any) -> Any:
    """Return the derivative of the associated Legendre function (DLMF 14.10.5)."""

    def inside(y: Any, m: Any, v: Any, x: Any) -> Any:
        return (v * x * y - checked(v + m, special.lpmv(m, v - 1, x))) / (x * x - 1)

    def at_end(y: Any, m: Any, v: Any, x: Any) -> Any:
        return special.lpmv(0, v, x) * _legendre_end(m, v) * x ** (m + 1)

    plain = primal_value(x)
    ends = np.equal(plain, 1) | (np.equal(plain, -1) & np.equal(v, np.rint(v)))
    return at(
        ends & (np.equal(m, 0) | (m > 1)),
        at_end,
        inside,
        (y, m, v, x),
        ((1, 0, 1, 1), (0.5, 0, 1, 0.5)),
    )


def _legendre_end(m: Any, v: Any) -> Any:
    """Return the slope of the associated Legendre function at 1, for orders but 1."""
    second = -0.25 * (v - 1) * v * (v + 1) * (v + 2)
    return np.where(m == 0, 0.5 * v * (v + 1), np.where(m == 2, second, 0.0))


def _gegenbauer(n: Any, alpha: Any, x: Any) -> Any:
    """Return the Gegenbauer polynomial of one degree less, which is in most derivatives."""
    return lower(special.eval_gegenbauer, n, alpha, x)


def _legendre(n: Any, x: Any) -> Any:
    """Return the derivative of the Legendre function, whose degrees n and -1 - n are one."""
    return _gegenbauer(np.maximum(n, -1 - n), 1.5, x)


def _second_kind(n: Any, x: Any) -> Any:
    """Return half the derivative of Chebyshev's U, which is odd in ``n + 1``."""
    sign = np.sign(n + 1)
    return sign * _gegenbauer(np.where(sign == 0, 0, np.maximum(n, -2 - n)), 2, x)


def _sinhc(x: Any) -> Any:
    """Return ``sinh(x) / x``."""
    return branches(
        size_of(x) < 1,
        x,
        lambda x: power_series(x * x, [1 / factorial(2 * k + 1) for k in range(10)]),
        lambda x: np.sinh(x) / x,
    )


def _spence(x: Any) -> Any:
    """Return ``log(x) / (1 - x)``, by its series near 1."""
    return branches(
        size_of(x - 1) < 0.1,
        x - 1,
        lambda step: -logrel(step),
        lambda step: -np.log(x) / step,
    )


def _expn(y: Any, n: Any, x: Any) -> Any:
    """Return the derivative of the exponential integral: the function before it, by sign."""
    n = np.trunc(primal_value(n))  # as SciPy does
    first = np.equal(n, 0)
    return -np.where(first, (1 + np.divide(1, x)) * y, special.expn(np.where(first, 1, n) - 1, x))


def _newer() -> list[Row]:
    """Return the rows of functions that only newer versions of SciPy have."""
    if not hasattr(special, "log_wright_bessel"):
        return []
    wright = special.log_wright_bessel
    return [by_last(wright, "a b", lambda y, a, b, x: np.exp(wright(a, a + b, x) - y))]


ROWS = [
    by_last(special.eval_chebyt, "n", lambda y, n, x: n * lower(special.eval_chebyu, n, x)),
    by_last(special.eval_chebyu, "n", lambda y, n, x: 2 * _second_kind(n, x)),
    by_last(special.eval_chebyc, "n", lambda y, n, x: n * lower(special.eval_chebys, n, x)),
    by_last(special.eval_chebys, "n", lambda y, n, x: _second_kind(n, 0.5 * x)),
    by_last(
        special.eval_sh_chebyt, "n", lambda y, n, x: 2 * n * lower(special.eval_sh_chebyu, n, x)
    ),
    by_last(special.eval_sh_chebyu, "n", lambda y, n, x: 4 * _second_kind(n, 2 * x - 1)),
    by_last(special.eval_legendre, "n", lambda y, n, x: _legendre(n, x)),
    by_last(special.eval_sh_legendre, "n", lambda y, n, x: 2 * _legendre(n, 2 * x - 1)),
    by_last(
        special.eval_gegenbauer,
        "n alpha",
        lambda y, n, alpha, x: 2 * alpha * _gegenbauer(n, alpha + 1, x),
    ),
    by_last(
        special.eval_jacobi,
        "n alpha beta",
        lambda y, n, a, b, x: (
            0.5 * (n + a + b + 1) * lower(special.eval_jacobi, n, a + 1, b + 1, x)
        ),
    ),
    by_last(
        special.eval_sh_jacobi,
        "n p q",
        lambda y, n, p, q, x: n * lower(special.eval_sh_jacobi, n, p + 2, q + 1, x),
    ),
    by_last(special.eval_laguerre, "n", lambda y, n, x: -lower(special.eval_genlaguerre, n, 1, x)),
    by_last(
        special.eval_genlaguerre,
        "n alpha",
        lambda y, n, alpha, x: -lower(special.eval_genlaguerre, n, alpha + 1, x),
    ),
    by_last(special.eval_hermite, "n", lambda y, n, x: 2 * n * lower(special.eval_hermite, n, x)),
    by_last(
        special.eval_hermitenorm, "n", lambda y, n, x: n * lower(special.eval_hermitenorm, n, x)
    ),
    by_last(special.lpmv, "m v", _lpmv),
    elementwise(special.wrightomega, lambda y, x: y / (1 + y)),
    elementwise(lambertw, lambda y, z, *parameters: np.exp(-y) / (1 + y)),
    *of_private("_lambertw", lambda y, z, *parameters: np.exp(-y) / (1 + y), None, None),
    elementwise(special.spence, lambda y, x: _spence(x)),
    elementwise(
        special.besselpoly,
        lambda y, a, lmb, nu: (
            special.besselpoly(a, lmb + 1, nu - 1) - special.besselpoly(a, lmb + 1, nu + 1)
        ),
        without_formula(special.besselpoly, "lmb"),
        without_formula(special.besselpoly, "nu"),
    ),
    by_last(special.expn, "n", _expn),
    elementwise(special.exp1, lambda y, x: -np.exp(-x) / x),
    elementwise(special.expi, lambda y, x: np.exp(x) / x),
    several(special.sici, lambda y, x: (np.sinc(x / pi), np.cos(x) / x)),
    several(special.shichi, lambda y, x: (_sinhc(x), np.cosh(x) / x)),
    *_newer(),
]
