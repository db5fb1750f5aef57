"""Exponentials, logarithms, circular and hyperbolic functions."""

from typing import Any

import numpy as np

from dualad.core.tracer import primal_value
from dualad.rules.arithmetic import HALF
from dualad.rules.kinds import elementwise, general

DEGREE = float(np.pi / 180)
NEAR = 0.1  # of sinc: where the series' terms fall quickly, and the closed form starts to cancel


def _ln(base: int, x: Any) -> Any:
    """Return the logarithm of a base, as accurate as the dtype of `x`, which it never widens."""
    return np.log(np.longdouble(base)) if x.dtype.char in "gG" else float(np.log(base))


def _share(power: np.ufunc, y: Any, a: Any, b: Any) -> Any:
    """Return ``power(a - y)``, the share of `a` in ``y = log(power(a) + power(b))``.

    An infinite `y` is the share of the operand that makes it so; ties share equally.
    """
    infinite = np.isinf(y)
    if not infinite.any():
        return power(a - y)
    plain_a, plain_b, plain_y = map(primal_value, (a, b, y))
    limit = np.where(np.equal(plain_a, plain_b), HALF, np.equal(plain_a, plain_y))
    return np.where(infinite, limit, power(np.where(infinite, 0, a - y)))


def _inexact(a: Any, b: Any) -> Any:
    """Return `a`; integers, whose squares would overflow, in their common dtype with `b`."""
    whole = isinstance(a, (np.ndarray, np.generic)) and a.dtype.kind in "biu"
    return a.astype(np.result_type(a.dtype, b.dtype)) if whole else a


def _over_square(c: Any, a: Any, b: Any) -> Any:
    """Return ``c / (a**2 + b**2)``, by way of the hypotenuse where a square leaves the range."""
    a, b = _inexact(a, b), _inexact(b, a)
    square = a * a + b * b
    plain = primal_value(square)
    limits = np.finfo(np.result_type(plain))
    if np.all((plain > limits.tiny) & (plain < limits.max)):
        return c / square
    radius = np.hypot(a, b)
    return c / radius / radius


def _of_inverse(real: Any, complex: Any) -> Any:
    """Return the partial of an inverse function: by `x` if that is real, else by `y`.

    The output tells on which side of its branch cuts NumPy sees a complex number.
    """
    return lambda y, x: complex(y) if x.dtype.kind == "c" else real(x)


def _leg(x: Any) -> Any:
    """Return ``sqrt(1 - x**2)``."""
    return np.sqrt((1 - x) * (1 + x))


def _sinc_partial(y: Any, x: Any) -> Any:
    """Return ``(cos(pi x) - sinc(x)) / x``, by its series near 0, where that cancels."""
    near = np.less(np.absolute(primal_value(x)), NEAR)
    small, large = np.where(near, x, 0), np.where(near, 1, x)
    u = np.square(np.pi * small)
    tail = 1 - u / 130 * (1 - u / 180)
    series = 1 - u / 10 * (1 - u / 28 * (1 - u / 54 * (1 - u / 88 * tail)))
    closed = (np.cos(np.pi * large) - y) / large
    return np.where(near, -(np.pi**2) / 3 * small * series, closed)


def _one_minus_square(y: Any) -> Any:
    """Return ``1 - y**2``, of a plain array in one new array: memory is time."""
    square = np.square(y)
    return np.subtract(1, square, out=square if type(square) is np.ndarray else None)


ROWS = [
    elementwise(np.exp, lambda y, x: y),
    elementwise(np.exp2, lambda y, x: y * _ln(2, y)),
    elementwise(np.expm1, lambda y, x: np.exp(x)),  # y + 1 would cancel
    elementwise(np.log, lambda y, x: 1 / x),
    elementwise(np.log2, lambda y, x: 1 / _ln(2, x) / x),
    elementwise(np.log10, lambda y, x: 1 / _ln(10, x) / x),
    elementwise(np.log1p, lambda y, x: 1 / (1 + x)),
    elementwise(
        np.logaddexp,
        lambda y, a, b: _share(np.exp, y, a, b),
        lambda y, a, b: _share(np.exp, y, b, a),
    ),
    elementwise(
        np.logaddexp2,
        lambda y, a, b: _share(np.exp2, y, a, b),
        lambda y, a, b: _share(np.exp2, y, b, a),
    ),
    elementwise(np.sin, lambda y, x: np.cos(x)),
    elementwise(np.cos, lambda y, x: -np.sin(x)),
    elementwise(np.tan, lambda y, x: 1 + y * y),
    elementwise(np.arcsin, _of_inverse(lambda x: 1 / _leg(x), lambda y: 1 / np.cos(y))),
    elementwise(np.arccos, _of_inverse(lambda x: -1 / _leg(x), lambda y: -1 / np.sin(y))),
    elementwise(np.arctan, lambda y, x: 1 / (1 + x * x)),
    elementwise(
        np.arctan2,
        lambda y, a, b: _over_square(b, a, b),
        lambda y, a, b: -_over_square(a, a, b),
    ),
    elementwise(np.sinh, lambda y, x: np.cosh(x)),
    elementwise(np.cosh, lambda y, x: np.sinh(x)),
    elementwise(np.tanh, lambda y, x: _one_minus_square(y)),
    elementwise(np.arcsinh, _of_inverse(lambda x: 1 / np.hypot(1, x), lambda y: 1 / np.cosh(y))),
    elementwise(
        np.arccosh,
        _of_inverse(lambda x: 1 / (np.sqrt(x - 1) * np.sqrt(x + 1)), lambda y: 1 / np.sinh(y)),
    ),
    elementwise(np.arctanh, lambda y, x: 1 / ((1 - x) * (1 + x))),
    elementwise(np.deg2rad, DEGREE),
    elementwise(np.radians, DEGREE),
    elementwise(np.rad2deg, 1 / DEGREE),
    elementwise(np.degrees, 1 / DEGREE),
    elementwise(np.sinc, _sinc_partial),
    general(
        np.modf,
        [lambda t, y, x, **ufunc: (t, 0 * t)],
        [lambda ct, y, x, **ufunc: ct[0]],
    ),
    general(
        np.frexp,
        [lambda t, y, x, **ufunc: (np.ldexp(t, -y[1]), 0 * t)],
        [lambda ct, y, x, **ufunc: np.ldexp(ct[0], -y[1])],
    ),
]
