"""Exponentials, logarithms, circular and hyperbolic functions."""

from typing import Any

import numpy as np

from dualad.rules.kinds import elementwise, general

LN2 = float(np.log(2.0))
LN10 = float(np.log(10.0))
DEGREE = float(np.pi / 180)


def _logaddexp_share(y: Any, a: Any, b: Any) -> Any:
    """Return ``exp(a - y)``, the first operand's share; infinite ties share equally."""
    return np.where(np.equal(a, b), 0.5, np.exp(a - y))


def _logaddexp2_share(y: Any, a: Any, b: Any) -> Any:
    """Return ``2**(a - y)``, the first operand's share; infinite ties share equally."""
    return np.where(np.equal(a, b), 0.5, np.exp2(a - y))


def _sinc_partial(y: Any, x: Any) -> Any:
    """Return ``(cos(pi x) - sinc(x)) / x``, by its series near 0, where that cancels."""
    u = np.square(np.pi * x)
    series = -np.pi**2 * x / 3 * (1 - u / 10 * (1 - u / 28 * (1 - u / 54)))
    near = np.less(np.absolute(x), 0.03)
    return np.where(near, series, (np.cos(np.pi * x) - y) / np.where(near, 1, x))


ROWS = [
    elementwise(np.exp, lambda y, x: y),
    elementwise(np.exp2, lambda y, x: y * LN2),
    elementwise(np.expm1, lambda y, x: y + 1),
    elementwise(np.log, lambda y, x: 1 / x),
    elementwise(np.log2, lambda y, x: 1 / (x * LN2)),
    elementwise(np.log10, lambda y, x: 1 / (x * LN10)),
    elementwise(np.log1p, lambda y, x: 1 / (1 + x)),
    elementwise(
        np.logaddexp, _logaddexp_share, lambda y, a, b: _logaddexp_share(y, b, a)
    ),
    elementwise(
        np.logaddexp2, _logaddexp2_share, lambda y, a, b: _logaddexp2_share(y, b, a)
    ),
    elementwise(np.sin, lambda y, x: np.cos(x)),
    elementwise(np.cos, lambda y, x: -np.sin(x)),
    elementwise(np.tan, lambda y, x: 1 + np.square(y)),
    elementwise(np.arcsin, lambda y, x: 1 / np.sqrt((1 - x) * (1 + x))),
    elementwise(np.arccos, lambda y, x: -1 / np.sqrt((1 - x) * (1 + x))),
    elementwise(np.arctan, lambda y, x: 1 / (1 + np.square(x))),
    elementwise(
        np.arctan2,
        lambda y, a, b: b / (np.square(a) + np.square(b)),
        lambda y, a, b: -a / (np.square(a) + np.square(b)),
    ),
    elementwise(np.sinh, lambda y, x: np.cosh(x)),
    elementwise(np.cosh, lambda y, x: np.sinh(x)),
    elementwise(np.tanh, lambda y, x: 1 - np.square(y)),
    elementwise(np.arcsinh, lambda y, x: 1 / np.sqrt(1 + np.square(x))),
    elementwise(np.arccosh, lambda y, x: 1 / (np.sqrt(x - 1) * np.sqrt(x + 1))),
    elementwise(np.arctanh, lambda y, x: 1 / ((1 - x) * (1 + x))),
    elementwise(np.deg2rad, DEGREE),
    elementwise(np.radians, DEGREE),
    elementwise(np.rad2deg, 1 / DEGREE),
    elementwise(np.degrees, 1 / DEGREE),
    elementwise(np.sinc, _sinc_partial),
    general(np.modf, [lambda t, y, x: (t, 0 * t)]),
    general(np.frexp, [lambda t, y, x: (np.ldexp(t, -y[1]), 0 * t)]),
]
