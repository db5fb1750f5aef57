"""Hypergeometric functions, by their parameters too, where that loses no digits.

There the series has positive terms: those of a parameter's derivative are the same, times sums of
``1 / (a + i)``, of the digamma function. Arguments below zero are first moved above it by Kummer's
and Pfaff's transformations (DLMF 13.2.39, 15.8.1).
"""

from typing import Any

import numpy as np
from scipy import special

from dualad.core.product import checked
from dualad.core.tracer import primal_value
from dualad.rules.special.helpers import at, by_last, elementwise, only_real, without_formula
from dualad.rules.special.incomplete import either, wide
from dualad.rules.special.orders import j_by_order
from dualad.rules.special.quadrature import in_blocks, trapezoidal, with_axis

MOST = 4096  # terms
ROUNDING = 1e-18
FLAT = 0.5  # of the integrand of `hyperu`: its exponent below which that falls too slowly
NEAR = -3.0  # times `b`: down to it the alternating series of `hyp0f1` has its digits


def _refuse(function: Any, name: str) -> None:
    """Raise: there is no formula by a parameter here."""
    without_formula(function, name)()


def _terms(above: Any, b: Any, x: Any, count: int) -> Any:
    """Return the terms of a hypergeometric series from the second on, along a new last axis."""
    k = np.arange(count)
    ratio = with_axis(x) / (k + 1.0) / (with_axis(b) + k)
    for a in above:
        ratio = ratio * (with_axis(a) + k)
    return np.cumprod(ratio, axis=-1)


def _length(sought: tuple[Any, str], above: Any, b: Any, x: Any) -> int:
    """Return how many terms there are before rounding."""
    count, above, b, x = 64, [primal_value(a) for a in above], primal_value(b), primal_value(x)
    while count <= MOST:
        terms = np.abs(_terms(above, b, x, count))
        if not np.any(terms[..., -1] * count > ROUNDING * (1 + np.sum(terms, -1))):
            return count
        count *= 2
    _refuse(*sought)
    return count


def _sums(sought: tuple[Any, str], above: Any, b: Any, x: Any) -> tuple[Any, list[Any]]:
    """Return a hypergeometric function of positive terms, and its derivatives by parameters.

    `sought` are the function and the name of a parameter, for a message.
    """
    count = _length(sought, above, b, x)
    terms = _terms(above, b, x, count)
    steps = np.arange(count)
    rises = [np.cumsum(1 / (with_axis(p) + steps), axis=-1) for p in (*above, b)]
    *slopes, fall = [np.sum(terms * rise, -1) for rise in rises]
    return 1 + np.sum(terms, -1), [*slopes, -fall]


def _of_one(y: Any, b: Any, x: Any) -> Any:
    """Return the derivative of ``hyp0f1(b, x)`` by `b`."""

    @in_blocks
    def series(b: Any, x: Any, less: Any) -> Any:
        return _sums((special.hyp0f1, "b"), [], b, x)[1][0]

    @in_blocks
    def waves(b: Any, x: Any, less: Any) -> Any:  # DLMF 10.16.9
        r = np.sqrt(less)
        moved = special.jv(b - 1, 2 * r) * (special.digamma(b) - np.log(r))
        return special.gamma(b) * r ** (1 - b) * (moved + j_by_order(special.jv, b - 1, 2 * r))

    only_real(special.hyp0f1, x)
    b, x = wide(b, x)
    if np.any(primal_value(b) <= 0):
        _refuse(special.hyp0f1, "b")
    near = primal_value(x) >= NEAR * np.maximum(primal_value(b), 1)
    return either(near, series, waves, b, x, -x)


def _of_two(i: int) -> Any:
    """Return the partial of ``hyp1f1(a, b, x)`` by `a`, if `i` is 0, or by `b`."""
    name = "ab"[i]

    @in_blocks
    def right(a: Any, b: Any, rest: Any, x: Any) -> Any:
        return _sums((special.hyp1f1, name), [a], b, x)[1][i]

    @in_blocks
    def left(a: Any, b: Any, rest: Any, x: Any) -> Any:
        by_a, by_b = _sums((special.hyp1f1, name), [rest], b, -x)[1]
        return np.exp(x) * (by_a + by_b if i else -by_a)

    def partial(y: Any, a: Any, b: Any, x: Any) -> Any:
        only_real(special.hyp1f1, x)
        a, b, x = wide(a, b, x)
        above = primal_value(x) >= 0
        least = np.minimum(np.where(above, primal_value(a), primal_value(b - a)), primal_value(b))
        if np.any(least <= 0):
            _refuse(special.hyp1f1, name)
        return either(above, right, left, a, b, b - a, x)

    return partial


def _of_three(i: int) -> Any:
    """Return the partial of ``hyp2f1(a, b, c, x)`` by its parameter `i`."""
    name = "abc"[i]

    def slopes(i: int, a: Any, b: Any, c: Any, x: Any) -> Any:
        above, rest = primal_value(x) >= 0, primal_value(c - b)
        least = np.minimum(np.minimum(primal_value(a), primal_value(c)), 1 - primal_value(x))
        if np.any(np.minimum(least, np.where(above, primal_value(b), rest)) <= 0):
            _refuse(special.hyp2f1, name)
        right = lambda a, b, c, x, *moved: _sums((special.hyp2f1, name), [a, b], c, x)[1][i]
        left = lambda a, b, c, x, *moved: _moved(name, a, c, x, *moved)[i]
        return either(above, *map(in_blocks, (right, left)), a, b, c, x, c - b, x / (x - 1))

    def partial(y: Any, a: Any, b: Any, c: Any, x: Any) -> Any:
        only_real(special.hyp2f1, x)
        a, b, c, x = wide(a, b, c, x)
        if np.any((primal_value(x) < 0) & (primal_value(c - b) <= 0)):  # it is symmetric
            return slopes((1, 0, 2)[i], b, a, c, x)
        return slopes(i, a, b, c, x)

    return partial


def _moved(name: str, a: Any, c: Any, x: Any, rest: Any, z: Any) -> tuple[Any, Any, Any]:
    """Return the derivatives of ``(1 - x)**-a * hyp2f1(a, rest, c, z)``.

    They are by `a`, by `b` and by `c`, of which `rest` is the difference; `z` is ``x / (x - 1)``.
    """
    y, (by_a, by_b, by_c) = _sums((special.hyp2f1, name), [a, rest], c, z)
    log_rest = np.log1p(-x)
    scale = np.exp(-a * log_rest)
    return scale * (by_a - log_rest * y), -scale * by_b, scale * (by_b + by_c)


def _integral(i: int) -> Any:
    """Return the derivative of ``hyperu(a, b, x)`` by `a` or `b`, or for 2 itself: DLMF 13.4.4."""

    @in_blocks
    def integral(a: Any, b: Any, x: Any) -> Any:
        p, q, r = primal_value(a), primal_value(b), primal_value(x)
        half = 0.5 * (q - 1 - r)
        root = np.sqrt(half * half + r * p)
        top = np.where(half > 0, (half + root) / r, p / np.where(half > 0, 1, root - half))
        log_top = np.log(top)

        def exponent(u: Any) -> Any:
            t = top * np.exp(u)
            g = p * u - r * top * np.expm1(u) + (q - p - 1) * np.log1p((t - top) / (1 + top))
            return g, p - r * t + (q - p - 1) * t / (1 + t)

        curvature = r * top - (q - p - 1) * top / (1 + top) ** 2
        u, step = trapezoidal(exponent, curvature)
        u = u + with_axis(log_top)
        t, a, b, x = np.exp(u), with_axis(a), with_axis(b), with_axis(x)
        g = a * u - x * t + (b - a - 1) * np.log1p(t) - special.gammaln(a)
        by_a, by_b = -np.logaddexp(0.0, -u) - special.digamma(a), np.log1p(t)
        return np.sum(step * np.exp(g) * (by_a, by_b, 1.0)[i], -1)

    return integral


_U_BY_A, _U_BY_B, _U = map(_integral, range(3))


def _of_second_kind(i: int) -> Any:
    """Return the partial of ``hyperu(a, b, x)`` by `a`, if `i` is 0, or by `b`."""
    integral = (_U_BY_A, _U_BY_B)[i]

    def from_above(a: Any, b: Any, x: Any) -> Any:  # by the recurrence DLMF 13.3.7
        second, third = _U(a + 1, b, x), _U(a + 2, b, x)
        rise = (2 * a + 2 + x - b) * integral(a + 1, b, x)
        rise = rise - (a + 1) * (a + 2 - b) * integral(a + 2, b, x)
        return rise + ((a + 1) * third - second if i else 2 * second - (2 * a + 3 - b) * third)

    def partial(y: Any, a: Any, b: Any, x: Any) -> Any:
        a, b, x = wide(a, b, x)
        if np.any(primal_value(a) <= -FLAT) or np.any(primal_value(x) <= 0):
            _refuse(special.hyperu, "ab"[i])
        flat = primal_value(a) < FLAT
        return at(flat, from_above, integral, (a, b, x), ((0, 1, 1), (1, 1, 1)))

    return partial


ROWS = [
    elementwise(special.hyp0f1, _of_one, lambda y, b, x: special.hyp0f1(b + 1, x) / b),
    elementwise(
        special.hyp1f1,
        _of_two(0),
        _of_two(1),
        lambda y, a, b, x: np.divide(a, b) * special.hyp1f1(a + 1, b + 1, x),
    ),
    elementwise(
        special.hyp2f1,
        _of_three(0),
        _of_three(1),
        _of_three(2),
        lambda y, a, b, c, x: checked(np.divide(a * b, c), special.hyp2f1(a + 1, b + 1, c + 1, x)),
    ),
    elementwise(
        special.hyperu,
        _of_second_kind(0),
        _of_second_kind(1),
        lambda y, a, b, x: -a * special.hyperu(a + 1, b + 1, x),
    ),
    by_last(special.wright_bessel, "a b", lambda y, a, b, x: special.wright_bessel(a, a + b, x)),
]
