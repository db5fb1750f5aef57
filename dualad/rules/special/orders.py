"""Derivatives of Bessel functions by their order, at real arguments.

Far from zero they are asymptotic series, differentiated term by term. Elsewhere those of `iv` are
a series of positive terms, and those of `jv` and `yv` integrals along the contour of Schläfli, led
through the saddle point of the integrand: so what is small has its digits, too.
"""

from collections.abc import Iterator
from math import pi
from typing import Any

import numpy as np
from scipy import special

from dualad.core.tracer import primal_value
from dualad.rules.special.helpers import only_real, without_formula
from dualad.rules.special.incomplete import either, excess_of, gamma_power, inside, wide
from dualad.rules.special.quadrature import in_blocks, nodes_of, panels_of, terms_around, with_axis

FAR = 25.0  # and beyond the square of the order the asymptotic series is exact to rounding
TERMS = 30
LEAST, MOST = 1e-12, 2000.0  # of arguments beside which there is a derivative by the order
RADIANS = 16.0  # of a panel, at most, between which the integrand turns


def is_far(v: Any, x: Any) -> Any:
    """Return where the asymptotic series is used."""
    return primal_value(x) > np.maximum(FAR, np.square(primal_value(v)))


def _series(v: Any, x: Any, turn: complex) -> tuple[Any, Any]:
    """Return the sum of ``a(k, v) * (turn / x)**k`` and its derivative (DLMF 10.17.1)."""
    term, moved = 1.0, 0.0
    total, slope = term, moved
    for k in range(1, TERMS):
        factor = turn / (8 * k) / x
        square = 4 * v * v - (2 * k - 1) ** 2
        term, moved = factor * square * term, factor * (square * moved + 8 * v * term)
        total, slope = total + term, slope + moved
    return total, slope


def _i_slope(v: Any, x: Any) -> Any:
    """Return the derivative of ``ive(v, x)`` by `v`, where both are positive."""
    return either(is_far(v, x), _i_far, _i_near, v, x)


def _i_far(v: Any, x: Any) -> Any:
    """Return the derivative of ``ive(v, x)`` by `v` for large `x` (DLMF 10.40.1)."""
    return _series(v, x, -1.0)[1] / np.sqrt(2 * pi * x)


@in_blocks
def _i_near(v: Any, x: Any) -> Any:
    """Return the derivative of ``ive(v, x)`` by `v`, by its power series (DLMF 10.38.1)."""
    plain_v, half = primal_value(v), 0.5 * primal_value(x)
    j = terms_around(2 * half * half / (plain_v + np.hypot(plain_v, 2 * half)))
    half, v = with_axis(0.5 * x), with_axis(v) + j
    return np.sum(gamma_power(j, half) * gamma_power(v, half) * excess_of(v, half), -1)


def i_by_order(function: Any, v: Any, x: Any) -> Any:
    """Return the derivative of ``iv(v, x)`` or ``ive(v, x)`` by `v` (DLMF 10.27.2)."""

    def below(v: Any, x: Any) -> Any:
        k = pi * np.cos(pi * v) * special.kve(v, x) + np.sin(pi * v) * k_by_order(special.kve, v, x)
        return -_i_slope(-v, x) - 2 / pi * np.exp(-2 * x) * k

    def slope(v: Any, x: Any) -> Any:
        return either(primal_value(v) >= 0, _i_slope, below, v, x)

    only_real(function, x)
    v, x = wide(v, x)
    found = _inside(slope, lambda v: np.where(v == 0, -np.inf, 0.0), v, x)
    return found if function is special.ive else found * np.exp(x)


def _inside(slope: Any, at_zero: Any, v: Any, x: Any) -> Any:
    """Return a slope where `x` is positive; it is NaN beyond, where the function is complex.

    ``at_zero(v)`` is its value at an `x` of zero, for a `v` that is not negative.
    """

    def edge(v: Any, x: Any) -> Any:
        v, x = primal_value(v), primal_value(x)
        ends = np.where((x == 0) & (v >= 0), at_zero(v), np.nan)
        return np.where(x == np.inf, 0.0, ends)

    plain = primal_value(x)
    return either(inside(x) & np.isfinite(primal_value(v) + plain), slope, edge, v, x)


def k_by_order(function: Any, v: Any, x: Any) -> Any:
    """Return the derivative of ``kv(v, x)`` or ``kve(v, x)`` by `v`."""

    def edge(v: Any, x: Any) -> Any:
        v, x = primal_value(v), primal_value(x)
        ends = np.where(x == 0, np.sign(v) * np.where(v == 0, 0, np.inf), np.nan)
        return np.where(x == np.inf, 0.0, ends)

    only_real(function, x)
    v, x = wide(v, x)
    plain = primal_value(x)
    if np.any((plain > 0) & (plain < LEAST)):
        without_formula(function, f"v beside an x below {LEAST}")()
    within = (plain > 0) & np.isfinite(plain + primal_value(v))
    integral = in_blocks(lambda v, x: _k_integral(function is special.kve, v, x))
    return either(within, integral, edge, v, x)


def _around(
    peak: Any, v: Any, x: Any, curve: tuple[Any, Any], steep: Any, curvature: Any
) -> Iterator[tuple[Any, Any]]:
    """Yield nodes and weights on either side of the peak of ``exp(v * t - x * curve(t))``.

    On the left they end at zero. `curve` has its derivative beside it; `steep` and `curvature` are
    of the exponent at the peak.
    """
    plain_v, plain_x, (value, slope) = primal_value(v), primal_value(x), curve
    for side, most in ((1, np.inf), (-1, peak)):

        def exponent(s: Any, side: int = side) -> Any:
            t = peak + side * s
            g = side * plain_v * s - plain_x * (value(t) - value(peak))
            return g, side * (plain_v - plain_x * slope(t))

        s, weights = nodes_of(exponent, steep, curvature, most)
        yield with_axis(peak) + side * s, weights


def _k_integral(scaled: bool, v: Any, x: Any) -> Any:
    """Return the integral of ``t * sinh(v * t) * exp(-x * cosh(t))`` over positive `t`.

    It is taken from its peak to either side (DLMF 10.32.9); `scaled` multiplies it by ``exp(x)``.
    """
    sign = np.where(primal_value(v) < 0, -1.0, 1.0)
    v = sign * v
    plain_v, plain_x = primal_value(v), primal_value(x)
    peak = np.arcsinh(plain_v / plain_x)
    curvature = np.hypot(plain_v, plain_x)
    total: Any = 0
    for t, weights in _around(peak, v, x, (np.cosh, np.sinh), 0.0, curvature):
        growth = with_axis(v) * t
        fall = with_axis(x) * (2 * np.sinh(0.5 * t) ** 2 + (0 if scaled else 1))
        total = total - 0.5 * np.sum(
            weights * t * np.expm1(-2 * growth) * np.exp(growth - fall), axis=-1
        )
    return sign * total


def j_by_order(function: Any, v: Any, x: Any) -> Any:
    """Return the derivative of ``jv(v, x)`` by `v`, which for a real `x` is that of `jve`."""
    return _by_order(function, 0, lambda v: np.where(v == 0, -np.inf, 0.0), v, x)


def y_by_order(function: Any, v: Any, x: Any) -> Any:
    """Return the derivative of ``yv(v, x)`` by `v`, which for a real `x` is that of `yve`."""
    return _by_order(function, 1, lambda v: np.where(v == 0, -0.5 * pi, -np.inf), v, x)


def hankel_by_order(function: Any, v: Any, x: Any) -> Any:
    """Return the derivative of a Hankel function by `v`, times a factor if it is scaled."""
    turn = 1j if function in (special.hankel1, special.hankel1e) else -1j
    found = j_by_order(function, v, x) + turn * y_by_order(function, v, x)
    scaled = function in (special.hankel1e, special.hankel2e)
    return found * np.exp(-turn * x) if scaled else found


def _by_order(function: Any, which: int, at_zero: Any, v: Any, x: Any) -> Any:
    """Return the derivative by the order of J, if `which` is 0, or Y."""
    only_real(function, x)
    v, x = wide(v, x)
    size, plain = np.abs(primal_value(v)), primal_value(x)
    near = ~is_far(v, x) & np.isfinite(size + plain) & (plain > 0)
    if np.any(near & ((plain < LEAST) | (np.maximum(plain, size) > MOST))):
        limits = f"v beside an x below {LEAST}, or one or the other above {MOST:.0f}"
        without_formula(function, limits)()

    def slope(v: Any, x: Any) -> Any:
        above = lambda v, x: _positive(which, v, x)
        below = lambda v, x: _reflected(which, -v, x)
        return either(primal_value(v) >= 0, above, below, v, x)

    return _inside(slope, at_zero, v, x)


def _reflected(which: int, v: Any, x: Any) -> Any:
    """Return the derivative by the order at ``-v``, of J or Y (DLMF 10.4.6)."""
    cos, sin = np.cos(pi * v), np.sin(pi * v)
    j, y = special.jv(v, x), special.yv(v, x)
    by_j, by_y = _positive(0, v, x), _positive(1, v, x)
    if which == 0:  # J(-v) = cos(pi v) J(v) - sin(pi v) Y(v)
        return pi * (sin * j + cos * y) - cos * by_j + sin * by_y
    return pi * (sin * y - cos * j) - sin * by_j - cos * by_y


def _positive(which: int, v: Any, x: Any) -> Any:
    """Return the derivative by an order that is not negative, of J or Y."""
    near = in_blocks(_y_near if which else _j_near)
    return either(is_far(v, x), lambda v, x: _far(which, v, x), near, v, x)


def _far(which: int, v: Any, x: Any) -> Any:
    """Return the derivative of J or Y for a large `x` (DLMF 10.17.5)."""
    total, slope = _series(v, x, 1j)
    found = (special.jv(v, x) + 1j * special.yv(v, x)) * (slope / total - 0.5j * pi)
    return np.imag(found) if which else np.real(found)


def _half_turn(speed: Any) -> tuple[Any, Any]:
    """Return nodes and weights between 0 and pi, for what turns as fast as ``cos(speed * t)``."""
    return panels_of(pi, pi * np.max(primal_value(speed), initial=0) / RADIANS)


def _j_near(v: Any, x: Any) -> Any:
    """Return the derivative of J by `v`: DLMF 10.9.6, along a line through the saddle point."""
    plain_v, plain_x = primal_value(v), primal_value(x)
    saddle = np.arccosh(np.maximum(plain_v / plain_x, 1))
    angle, weights = _half_turn(v + x)
    shift, over = with_axis(saddle), with_axis(v)
    phase = with_axis(x * np.cosh(saddle)) * np.sin(angle) - over * angle
    size = np.exp(with_axis(x * np.sinh(saddle)) * np.cos(angle) - over * shift)
    turned = size * (angle * np.sin(phase) - shift * np.cos(phase))
    whole, moment = _falling(v, x, saddle)
    tail = np.sin(pi * v) / pi * moment - np.cos(pi * v) * whole
    return np.sum(weights * turned, -1) / pi + tail


def _y_near(v: Any, x: Any) -> Any:
    """Return the derivative of Y by `v`: DLMF 10.9.7."""
    angle, weights = _half_turn(v + x)
    turned = angle * np.cos(with_axis(x) * np.sin(angle) - with_axis(v) * angle)
    whole, moment = _falling(v, x, 0.0)
    tail = np.sin(pi * v) * whole + np.cos(pi * v) / pi * moment
    return tail - (np.sum(weights * turned, -1) + _rising(v, x)) / pi


def _falling(v: Any, x: Any, start: Any) -> tuple[Any, Any]:
    """Return the integrals of ``exp(-x * sinh(t) - v * t)``, and of `t` times it, from a start."""
    plain_v, plain_x = primal_value(v), primal_value(x)

    def exponent(s: Any) -> Any:
        rise = np.sinh(start + s) - np.sinh(start)
        return -plain_x * rise - plain_v * s, -plain_x * np.cosh(start + s) - plain_v

    s, weights = nodes_of(exponent, plain_x * np.cosh(start) + plain_v, plain_x)
    t = with_axis(start) + s
    weights = weights * np.exp(-with_axis(x) * np.sinh(t) - with_axis(v) * t)
    return np.sum(weights, -1), np.sum(weights * t, -1)


def _rising(v: Any, x: Any) -> Any:
    """Return the integral of ``t * exp(v * t - x * sinh(t))`` over positive `t`, from its peak."""
    plain_v, plain_x = primal_value(v), primal_value(x)
    peak = np.arccosh(np.maximum(plain_v / plain_x, 1))
    steep = np.maximum(plain_x - plain_v, 0)  # at the peak, if that is at zero
    curvature = plain_x * np.sinh(peak) + np.cbrt(plain_x)
    total: Any = 0
    for t, weights in _around(peak, v, x, (np.sinh, np.cosh), steep, curvature):
        total = total + np.sum(
            weights * t * np.exp(with_axis(v) * t - with_axis(x) * np.sinh(t)), -1
        )
    return total
