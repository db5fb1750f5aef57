"""Arithmetic ufuncs, and those that choose between their operands."""

from typing import Any

import numpy as np

from dualad.rules.kinds import composite, constant, elementwise


def _power_by_base(y: Any, a: Any, b: Any) -> Any:
    """Return ``b * a**(b - 1)``; zero where `b` is, even at ``a = 0``."""
    return b * np.power(a, np.where(np.equal(b, 0), 1, b - 1))


def _power_by_exponent(y: Any, a: Any, b: Any) -> Any:
    """Return ``y * log(a)``; zero at ``a = 0``, the limit wherever the power is smooth there."""
    return y * np.log(np.where(np.equal(a, 0), 1, a))


def _greater_share(y: Any, a: Any, b: Any) -> Any:
    """Return 1 where `a` is the chosen operand, 0 where `b` is; ties share equally."""
    return np.where(np.equal(a, b), 0.5, np.equal(a, y) | np.isnan(a))


def _nan_ignoring_share(y: Any, a: Any, b: Any) -> Any:
    """Return `_greater_share` for `fmax` and `fmin`, which prefer numbers to NaN."""
    return np.where(np.equal(a, b), 0.5, np.equal(a, y) | (np.isnan(a) & np.isnan(b)))


def _heaviside_share(y: Any, x: Any, h: Any) -> Any:
    """Return the partial of ``heaviside(x, h)`` by `h`: 1 where `x` is 0."""
    return np.where(np.equal(x, 0), 1.0, 0.0)


def _swapped(share: Any) -> Any:
    """Return a partial by the first operand as one by the second."""
    return lambda y, a, b: share(y, b, a)


def _divmod(a: Any, b: Any) -> tuple[Any, Any]:
    """Return quotient and remainder by their own rows."""
    return np.floor_divide(a, b), np.remainder(a, b)


ROWS = [
    elementwise(np.add, 1, 1),
    elementwise(np.subtract, 1, -1),
    elementwise(np.multiply, lambda y, a, b: b, lambda y, a, b: a),
    elementwise(np.divide, lambda y, a, b: 1 / b, lambda y, a, b: -y / b),
    elementwise(np.power, _power_by_base, _power_by_exponent),
    elementwise(np.float_power, _power_by_base, _power_by_exponent),
    elementwise(np.negative, -1),
    elementwise(np.positive, 1),
    elementwise(np.square, lambda y, x: 2 * x),
    elementwise(np.sqrt, lambda y, x: 0.5 / y),
    elementwise(np.cbrt, lambda y, x: 1 / (3 * np.square(y))),
    elementwise(np.reciprocal, lambda y, x: -np.square(y)),
    elementwise(np.fabs, lambda y, x: np.sign(x)),
    elementwise(np.remainder, 1, lambda y, a, b: -np.floor_divide(a, b)),
    elementwise(np.fmod, 1, lambda y, a, b: -np.trunc(a / b)),
    elementwise(np.maximum, _greater_share, _swapped(_greater_share)),
    elementwise(np.minimum, _greater_share, _swapped(_greater_share)),
    elementwise(np.fmax, _nan_ignoring_share, _swapped(_nan_ignoring_share)),
    elementwise(np.fmin, _nan_ignoring_share, _swapped(_nan_ignoring_share)),
    elementwise(np.hypot, lambda y, a, b: _unit(a, y), lambda y, a, b: _unit(b, y)),
    elementwise(np.copysign, lambda y, a, b: np.sign(a) * np.sign(y), None),
    elementwise(np.ldexp, lambda y, a, n: np.ldexp(1.0, n), None),
    elementwise(np.nextafter, 1, None),
    elementwise(np.heaviside, None, _heaviside_share),
    composite(np.divmod, _divmod),
    *constant(
        np.floor_divide, np.floor, np.ceil, np.trunc, np.rint, np.sign, np.signbit, np.spacing,
        np.isfinite, np.isinf, np.isnan, np.isnat, np.equal, np.not_equal, np.less, np.less_equal,
        np.greater, np.greater_equal, np.logical_and, np.logical_or, np.logical_xor,
        np.logical_not, np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.bitwise_count, np.invert,
        np.left_shift, np.right_shift, np.gcd, np.lcm,
    ),
]  # fmt: skip


def _unit(a: Any, y: Any) -> Any:
    """Return ``a / y``, zero where `y` is, as the norm's derivative at the origin."""
    return a / np.where(np.equal(y, 0), 1, y)
