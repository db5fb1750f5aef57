"""Gamma and beta functions, and those that are written with them."""

from math import factorial, pi
from typing import Any

import numpy as np
from scipy import special

from dualad.core.dispatch import dispatching
from dualad.core.level import refusal
from dualad.core.row import name_of
from dualad.core.tracer import Tracer, primal_value
from dualad.errors import UnsupportedParameterError
from dualad.rules.kinds import composite
from dualad.rules.special.helpers import (
    at,
    branches,
    by_last,
    elementwise,
    of_private,
    without_formula,
)
from dualad.rules.special.naming import named
from dualad.rules.statistics import array_of

FAR = 20.0  # the asymptotic series of digamma is exact to rounding from here on
STEPS = 400  # of a recurrence, at most
LEAST_POWER = -1  # of a zeta function, by which the formula has twelve digits
BERNOULLI = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510]

polygamma = named(dispatching(special.polygamma))
zeta = named(dispatching(special.zeta))
multigammaln = named(dispatching(special.multigammaln))
factorial_ = named(dispatching(special.factorial))
comb = named(dispatching(special.comb))
perm = named(dispatching(special.perm))


def _trigamma(x: Any) -> Any:
    """Return the derivative of digamma, which SciPy has for real numbers only."""
    return _of_complex(x) if np.iscomplexobj(primal_value(x)) else polygamma(1, x)


def _of_complex(x: Any) -> Any:
    """Return trigamma of a complex number: by recurrence, then its asymptotic series."""
    lowest = float(np.min(np.real(primal_value(x)), initial=FAR))
    if lowest < -STEPS:
        return x * np.nan
    total: Any = 0
    for _ in range(max(0, int(np.ceil(FAR - lowest)))):
        total, x = total + x**-2, x + 1
    total = total + 1 / x + x**-2 / 2
    for k, b in enumerate(BERNOULLI, 1):
        total = total + b * x ** (-1 - 2 * k)
    return total


def _zeta_by_power(y: Any, x: Any, q: Any = None) -> Any:
    """Return the derivative of zeta by its power: by Euler and Maclaurin's formula (DLMF 25.11)."""
    q = 1.0 if q is None else q
    if np.any(np.real(primal_value(x)) < LEAST_POWER) or np.any(primal_value(q) <= 0):
        without_formula(zeta, f"x below {LEAST_POWER}, or beside a q that is not positive,")()
    total: Any = 0
    for k in range(int(FAR)):
        total = total - np.log(q + k) * (q + k) ** -x
    far = q + FAR
    log_far, rest = np.log(far), x - 1
    total = total - far**-rest * (log_far / rest + 1 / rest**2) - 0.5 * log_far * far**-x
    rising, slope = x, 1.0  # x * (x + 1) * ... and its derivative
    for k, b in enumerate(BERNOULLI, 1):
        term = (slope - rising * log_far) * far ** (1 - x - 2 * k)
        total = total + b / factorial(2 * k) * term
        factor = (x + 2 * k - 1) * (x + 2 * k)
        rising, slope = rising * factor, slope * factor + rising * (2 * x + 4 * k - 1)
    return total


def digamma_step(a: Any, b: Any) -> Any:
    """Return ``digamma(a + b) - digamma(a)``, of positive numbers without cancellation.

    They are raised by the recurrence, to where the asymptotic series is exact. Between two poles
    it is the same by reflection, without their poles.
    """

    def positive(a: Any, b: Any) -> Any:
        total: Any = 0
        for k in range(int(FAR)):
            total = total + b / (a + k) / (a + b + k)
        low, high = a + FAR, a + b + FAR
        rise, shrunk, power = np.log1p(b / low), low**-2.0, 1.0
        total = total + rise + b / (2 * low * high)
        for k, bernoulli in enumerate(BERNOULLI, 1):
            power = power * shrunk
            total = total - bernoulli / (2 * k) * power * np.expm1(-2 * k * rise)
        return total

    def other(a: Any, b: Any) -> Any:
        return special.digamma(a + b) - special.digamma(a)

    poles = _is_pole(a) & _is_pole(a + b)
    if np.any(poles):
        a, b = np.where(poles, 1 - a, a), np.where(poles, -b, b)
    above = (primal_value(a) > 0) & (primal_value(a + b) > 0) & np.isfinite(primal_value(b))
    return at(above, positive, other, (a, b), ((1, 1), (-0.5, 0.5)))


def _rgamma_slope(y: Any, x: Any) -> Any:
    """Return the derivative of ``1 / gamma(x)``, left of 1/2 by reflection: it has no poles."""

    def reflected(x: Any) -> Any:
        turn = _turned(x)
        return special.gamma(1 - x) * (np.cos(turn) - special.digamma(1 - x) * np.sin(turn) / pi)

    left = np.real(primal_value(x)) < 0.5
    return branches(left, x, reflected, lambda x: -special.rgamma(x) * special.digamma(x))


def _turned(x: Any) -> Any:
    """Return ``pi * x`` without its full turns, so that its sine vanishes at all integers."""
    return pi * (x - 2 * np.rint(np.real(primal_value(x)) / 2))


def _is_pole(x: Any) -> Any:
    """Return where ``gamma(x)`` has a pole."""
    x = primal_value(x)
    return (np.real(x) <= 0) & (x == np.rint(x))


def _poch_by_start(y: Any, x: Any, m: Any) -> Any:
    """Return the derivative of ``gamma(x + m) / gamma(x)`` by `x`, also at poles of gamma(x)."""

    def reflected(y: Any, x: Any, m: Any) -> Any:
        size = np.exp(special.gammaln(x + m) + special.gammaln(1 - x)) * special.gammasgn(x + m)
        turn = _turned(x)
        return size * (np.cos(turn) + np.sin(turn) / pi * digamma_step(1 - x, x + m - (1 - x)))

    def regular(y: Any, x: Any, m: Any) -> Any:
        return y * digamma_step(x, m)

    alone = _is_pole(x) & ~_is_pole(x + m)
    return at(alone, reflected, regular, (y, x, m), ((0, -2.0, 3), (1, 1, 1)))


def _beta_by(y: Any, a: Any, b: Any) -> Any:
    """Return the derivative of ``beta(a, b)`` by `a`, also where ``gamma(a + b)`` has a pole."""

    def regular(y: Any, a: Any, b: Any) -> Any:
        return -y * digamma_step(a, b)

    def reflected(y: Any, a: Any, b: Any) -> Any:
        rest, turn = 1 - a - b, _turned(a + b)
        logs = special.gammaln(a) + special.gammaln(b) + special.gammaln(rest)
        size = np.exp(logs) * special.gammasgn(a) * special.gammasgn(b)
        return size * (np.cos(turn) - np.sin(turn) / pi * digamma_step(a, rest - a))

    alone = _is_pole(a + b) & ~_is_pole(a) & ~_is_pole(b)
    return at(alone, reflected, regular, (y, a, b), ((0, 0.5, -1.5), (1, 1, 1)))


def _lies_above(k: Any, n: Any) -> Any:
    """Return where `k` lies above `n`: there ``binom(n, k)`` has zeros."""
    n, step = primal_value(n), primal_value(n - k)
    return np.where(n > -1.0, step < -0.5, _is_pole(step + 1) & ~_is_pole(n))


def _binom_by_top(y: Any, n: Any, k: Any) -> Any:
    """Return the derivative of binom by `n`, also where that vanishes."""

    def regular(y: Any, n: Any, k: Any) -> Any:
        return y * digamma_step(n - k + 1, k)

    def reflected(y: Any, n: Any, k: Any) -> Any:
        turn, size = _turned(n - k), special.beta(n + 1, k - n)
        return -size * (np.cos(turn) + np.sin(turn) / pi * digamma_step(k - n, 2 * n + 1 - k))

    return at(_lies_above(k, n), reflected, regular, (y, n, k), ((0, 1, 3), (3, 3, 1)))


def _binom_by_bottom(y: Any, n: Any, k: Any) -> Any:
    """Return the derivative of binom by `k`, also where that vanishes."""

    def regular(y: Any, n: Any, k: Any) -> Any:
        return y * (special.digamma(n - k + 1) - special.digamma(k + 1))

    def reflected(y: Any, n: Any, k: Any) -> Any:
        turn, size = _turned(n - k), special.beta(n + 1, k - n)
        return size * (np.cos(turn) - np.sin(turn) / pi * digamma_step(k + 1, -n - 1))

    def mirrored(y: Any, n: Any, k: Any) -> Any:
        return -reflected(y, n, n - k)

    def above(y: Any, n: Any, k: Any) -> Any:
        return at(_lies_above(n - k, n), mirrored, regular, (y, n, k), ((0, 1, -2.0), (3, 3, 1)))

    return at(_lies_above(k, n), reflected, above, (y, n, k), ((0, 1, 3), (3, 3, 1)))


def _multigammaln(a: Any, d: Any) -> Any:
    """Return the logarithm of the multivariate gamma function."""
    if isinstance(d, Tracer):
        without_formula(multigammaln, "d")()
    a = array_of(a)
    if d != int(d) or d < 1 or np.any(primal_value(a) <= 0.5 * (d - 1)):
        return special.multigammaln(primal_value(a), d)  # raises, but for a dimension of zero
    d = int(d)
    parts = [special.gammaln(a - 0.5 * j) for j in range(d)]
    return 0.25 * d * (d - 1) * np.log(pi) + np.sum(np.stack(parts), axis=0)


def _factorial(n: Any, exact: bool = False, extend: str = "zero") -> Any:
    """Return the factorial."""
    if exact or extend != "zero":
        raise without_exact(factorial_)
    as_it_is, n = isinstance(n, np.ndarray), array_of(n)
    y = np.where(primal_value(n) < 0, 0, special.gamma(n + 1))
    return y if as_it_is else y[()]


def without_exact(function: Any) -> Exception:
    """Return the error for numbers that are to be exact integers."""
    return refusal(UnsupportedParameterError(name_of(function), "these options", "exact=False"))


def _chosen(function: Any, ways: Any) -> Any:
    """Return the body of a count of choices, which is zero where there are none."""

    def body(N: Any, k: Any, exact: bool = False, repetition: bool = False) -> Any:
        if exact:
            raise without_exact(function)
        N, k = array_of(N), array_of(k)
        if repetition:
            none = np.equal(primal_value(k), 0) & (primal_value(N) >= 0)
            return np.where(none, 1.0, special.binom(N + k - 1, k))[()]
        plain_n, plain_k = primal_value(N), primal_value(k)
        some = (plain_k <= plain_n) & (plain_n >= 0) & (plain_k >= 0)
        return np.where(some, ways(N, k), 0.0)[()]

    return body


ROWS = [
    elementwise(special.gamma, lambda y, x: y * special.digamma(x)),
    elementwise(special.gammaln, lambda y, x: special.digamma(x)),
    elementwise(special.loggamma, lambda y, x: special.digamma(x)),
    elementwise(special.rgamma, _rgamma_slope),
    elementwise(special.digamma, lambda y, x: _trigamma(x)),
    by_last(polygamma, "n", lambda y, n, x: polygamma(n + 1, x)),
    elementwise(zeta, _zeta_by_power, lambda y, x, q: -x * zeta(x + 1, q)),
    *of_private("_zeta", _zeta_by_power, lambda y, x, q: -x * zeta(x + 1, q)),
    elementwise(
        special.poch,
        _poch_by_start,
        lambda y, x, m: y * special.digamma(x + m),
    ),
    elementwise(special.binom, _binom_by_top, _binom_by_bottom),
    elementwise(
        special.beta,
        lambda y, a, b: _beta_by(y, a, b),
        lambda y, a, b: _beta_by(y, b, a),
    ),
    elementwise(
        special.betaln,
        lambda y, a, b: -digamma_step(a, b),
        lambda y, a, b: -digamma_step(b, a),
    ),
    composite(multigammaln, _multigammaln),
    composite(factorial_, _factorial),
    composite(comb, _chosen(comb, special.binom)),
    composite(perm, _chosen(perm, lambda n, k: special.poch(n - k + 1, k))),
]
