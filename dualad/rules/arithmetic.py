"""Arithmetic ufuncs, and those that choose between their operands."""

from typing import Any

import numpy as np

from dualad.core.product import align, unbroadcast
from dualad.core.tracer import Tracer, is_plain_array, primal_value, shape_of
from dualad.rules.directions import lead
from dualad.rules.kinds import composite, constant, elementwise, linear

PYTHON = (bool, int, float, complex)
NUMBERS: Any = (*PYTHON, np.generic)
HALF = np.float16(0.5)  # so narrow that products with it keep the dtype of any other factor


def _inverse(b: Any) -> Any:
    """Return ``1 / b``; infinite at the zero of a Python number, where Python would raise."""
    return 1 / b if type(b) not in PYTHON or b else (1 / np.asarray(b)).item()


def _power_by_base(power: np.ufunc, a: Any, b: Any) -> Any:
    """Return ``b * a**(b - 1)``; zero where `b` is, even at ``a = 0``."""
    if isinstance(b, NUMBERS) and not isinstance(b, Tracer):
        return b * (a ** (b - 1) if power is np.power else power(a, b - 1)) if b else 0.0
    flat = np.equal(b, 0)
    if isinstance(b, Tracer):  # elsewhere the slope of the slope by b is 1 / a
        flat = flat & ~np.isfinite(np.reciprocal(a))
    return b * power(a, np.where(flat, 1, b - 1))


def _power_by_exponent(y: Any, a: Any) -> Any:
    """Return ``y * log(a)``; zero at ``a = 0``, the limit wherever the power is smooth there."""
    return y * np.log(np.where(np.equal(a, 0), 1, a), dtype=y.dtype)  # a real base may need complex


def _choice(wins: np.ufunc, ignores_nan: bool) -> tuple[Any, Any]:
    """Return the partials of a ufunc that chooses the operand which `wins`; ties share equally.

    Of a NaN and a number the NaN is chosen, or ignored.
    """

    def first(y: Any, a: Any, b: Any) -> Any:
        a, b = primal_value(a), primal_value(b)
        chosen, tied = wins(a, b) | np.isnan(b if ignores_nan else a), np.equal(a, b)
        if not is_plain_array(chosen):
            return 0.5 if tied else float(chosen)
        return np.where(tied, HALF, chosen) if tied.any() else chosen

    return first, lambda y, a, b: first(None, b, a)


def unit(a: Any, y: Any) -> Any:
    """Return ``a / y``, where `y` is the norm of `a`: the norm's derivative; zero at the origin."""
    plain = primal_value(y)
    if plain.all() if is_plain_array(plain) else plain:
        return a / y
    origin = np.equal(plain, 0)
    return np.where(origin, 0, a) / np.where(origin, 1, y)


def _ldexp_pull(ct: Any, y: Any, x: Any, n: Any, **ufunc: Any) -> Any:
    """Return the cotangent, scaled likewise, and summed where `n` broadcast `x`."""
    return unbroadcast(np.ldexp(ct, n), lead(ct, y), x.shape)


def _ldexp_push(t: Any, y: Any, x: Any, n: Any, **ufunc: Any) -> Any:
    """Return the tangent, scaled likewise."""
    return np.ldexp(align(t, len(lead(t, x)), shape_of(x), len(shape_of(y))), n)


def _divmod(a: Any, b: Any, **ufunc: Any) -> tuple[Any, Any]:
    """Return quotient and remainder by their own rows."""
    return np.floor_divide(a, b, **ufunc), np.remainder(a, b, **ufunc)


ROWS = [
    elementwise(np.add, 1, 1),
    elementwise(np.subtract, 1, -1),
    elementwise(np.multiply, lambda y, a, b: b, lambda y, a, b: a),
    elementwise(np.divide, lambda y, a, b: _inverse(b), lambda y, a, b: -y / b),
    elementwise(
        np.power,
        lambda y, a, b: _power_by_base(np.power, a, b),
        lambda y, a, b: _power_by_exponent(y, a),
    ),
    elementwise(
        np.float_power,
        lambda y, a, b: _power_by_base(np.float_power, a, b),
        lambda y, a, b: _power_by_exponent(y, a),
    ),
    elementwise(np.negative, -1),
    elementwise(np.positive, 1),
    elementwise(np.square, lambda y, x: 2 * x),
    elementwise(np.sqrt, lambda y, x: 0.5 / y),
    elementwise(np.cbrt, lambda y, x: 1 / (3 * (y * y))),
    elementwise(np.reciprocal, lambda y, x: y * -y),
    elementwise(np.fabs, lambda y, x: np.sign(x)),
    elementwise(np.remainder, 1, lambda y, a, b: -np.floor_divide(a, b)),
    elementwise(np.fmod, 1, lambda y, a, b: -np.rint((a - y) / b)),  # a / b may round up
    elementwise(np.maximum, *_choice(np.greater, ignores_nan=False)),
    elementwise(np.minimum, *_choice(np.less, ignores_nan=False)),
    elementwise(np.fmax, *_choice(np.greater, ignores_nan=True)),
    elementwise(np.fmin, *_choice(np.less, ignores_nan=True)),
    elementwise(np.hypot, lambda y, a, b: unit(a, y), lambda y, a, b: unit(b, y)),
    elementwise(np.copysign, lambda y, a, b: np.sign(a) * np.sign(y), None),
    linear(np.ldexp, _ldexp_pull, push=_ldexp_push),
    elementwise(np.nextafter, 1, None),
    elementwise(np.heaviside, None, lambda y, x, h: np.equal(x, 0)),
    composite(np.divmod, _divmod),
    *constant(
        np.floor_divide, np.floor, np.ceil, np.trunc, np.rint, np.signbit, np.spacing,
        np.isfinite, np.isinf, np.isnan, np.isnat, np.equal, np.not_equal, np.less, np.less_equal,
        np.greater, np.greater_equal, np.logical_and, np.logical_or, np.logical_xor,
        np.logical_not, np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.bitwise_count, np.invert,
        np.left_shift, np.right_shift, np.gcd, np.lcm,
    ),
]  # fmt: skip
