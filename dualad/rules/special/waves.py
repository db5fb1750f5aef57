"""Airy, Kelvin, Struve, parabolic cylinder and Mathieu functions, and integrals of some of them."""

from cmath import exp as phase
from math import factorial, pi, sqrt
from typing import Any

import numpy as np
from scipy import special

from dualad.core.tracer import primal_value
from dualad.rules.special.elementary import DEGREE
from dualad.rules.special.helpers import (
    branches,
    by_last,
    elementwise,
    only_real,
    power_series,
    several,
    size_of,
    without_formula,
)

TURN = phase(0.75j * pi)  # ber + i bei is J0 of the argument, turned by this
SQUARES = [1 / factorial(k + 1) ** 2 for k in range(12)]


def _airye(y: Any, x: Any) -> Any:
    """Return the derivatives of the scaled Airy functions of a real number."""
    only_real(special.airye, x)
    ai, aip, bi, bip = y
    root = np.sqrt(np.where(primal_value(x) > 0, x, 0))
    return aip + root * ai, x * ai + root * aip, bip - root * bi, x * bi - root * bip


def _kelvin(y: Any, x: Any) -> Any:
    """Return the derivatives of the Kelvin functions and their derivatives."""
    _, ke, bep, kep = y
    return bep, kep, _kelvin_second(x), 1j * ke - kep / x


def _kelvin_second(x: Any) -> Any:
    """Return the second derivative of ``ber + i bei``."""
    z = TURN * x
    return -0.5 * TURN**2 * (special.jv(0, z) - special.jv(2, z))


def _struve_slope(y: Any, v: Any, x: Any) -> Any:
    """Return the derivative of the Struve function: DLMF 11.4.27, and near 0 without division."""
    sign, v = np.where(np.equal(v, -1), -1, 1), _reflected(v)
    near = size_of(x) < 1
    return sign * branches(
        near,
        x,
        lambda x: 0.5 * (special.struve(v - 1, x) - special.struve(v + 1, x) + _power(v, x)),
        lambda x: special.struve(v - 1, x) - v / x * special.struve(v, x),
    )


def _modified_struve_slope(y: Any, v: Any, x: Any) -> Any:
    """Return the derivative of the modified Struve function."""
    v = _reflected(v)
    return 0.5 * (special.modstruve(v - 1, x) + special.modstruve(v + 1, x) + _power(v, x))


def _reflected(v: Any) -> Any:
    """Return an order, 1 for -1: the Struve functions of these differ by a sign and a constant."""
    return np.where(np.equal(v, -1), 1, v)


def _power(v: Any, x: Any) -> Any:
    """Return ``(x / 2)**v / (sqrt(pi) gamma(v + 3/2))``."""
    return np.float_power(0.5 * x, v) * (special.rgamma(v + 1.5) / sqrt(pi))


def _it2struve0(x: Any) -> Any:
    """Return ``-H0(x) / x``, where H0 is the Struve function; its limit at 0."""
    zero = np.equal(primal_value(x), 0)
    return np.where(zero, -2 / pi, -special.struve(0, x) / np.where(zero, 1, x))


def _over_argument(function: Any, sign: int) -> Any:
    """Return ``-sign * (1 - function(x)) / x``, where the function is J0 or I0."""
    return lambda x: branches(
        size_of(x) < 1,
        x,
        lambda x: 0.25 * x * power_series(0.25 * sign * x * x, SQUARES),
        lambda x: (function(x) - 1) / (sign * x),
    )


_J0_OVER, _I0_OVER = _over_argument(special.j0, -1), _over_argument(special.i0, 1)


def _by_last_of_several(function: Any, names: str, partial: Any) -> Any:
    """Return the row of a ufunc with several outputs, by its last operand."""
    return several(function, *(without_formula(function, n) for n in names.split()), partial)


def _mathieu(value: Any) -> Any:
    """Return the partials of a Mathieu function, of an angle in degrees, and its derivative."""
    return lambda y, m, q, x: (
        DEGREE * y[1],
        -DEGREE * (value(m, q) - 2 * q * special.cosdg(2 * x)) * y[0],
    )


def _modified_mathieu(value: Any) -> Any:
    """Return the partials of a modified Mathieu function and its derivative."""
    return lambda y, m, q, x: (y[1], (value(m, q) - 2 * q * np.cosh(2 * x)) * y[0])


ROWS = [
    several(special.airy, lambda y, x: (y[1], x * y[0], y[3], x * y[2])),
    several(special.airye, _airye),
    several(special.kelvin, _kelvin),
    elementwise(special.ber, lambda y, x: special.berp(x)),
    elementwise(special.bei, lambda y, x: special.beip(x)),
    elementwise(special.ker, lambda y, x: special.kerp(x)),
    elementwise(special.kei, lambda y, x: special.keip(x)),
    elementwise(special.berp, lambda y, x: np.real(_kelvin_second(x))),
    elementwise(special.beip, lambda y, x: np.imag(_kelvin_second(x))),
    elementwise(special.kerp, lambda y, x: -special.kei(x) - y / x),
    elementwise(special.keip, lambda y, x: special.ker(x) - y / x),
    by_last(special.struve, "v", _struve_slope),
    by_last(special.modstruve, "v", _modified_struve_slope),
    several(special.itj0y0, lambda y, x: (special.j0(x), special.y0(x))),
    several(special.iti0k0, lambda y, x: (special.i0(x), special.k0(x))),
    several(special.it2j0y0, lambda y, x: (_J0_OVER(x), -special.y0(x) / x)),
    several(special.it2i0k0, lambda y, x: (_I0_OVER(x), -special.k0(x) / x)),
    elementwise(special.itstruve0, lambda y, x: special.struve(0, x)),
    elementwise(special.it2struve0, lambda y, x: _it2struve0(x)),
    elementwise(special.itmodstruve0, lambda y, x: special.modstruve(0, x)),
    _by_last_of_several(special.pbdv, "v", lambda y, v, x: (y[1], (0.25 * x * x - v - 0.5) * y[0])),
    _by_last_of_several(special.pbvv, "v", lambda y, v, x: (y[1], (0.25 * x * x - v - 0.5) * y[0])),
    _by_last_of_several(special.pbwa, "a", lambda y, a, x: (y[1], (a - 0.25 * x * x) * y[0])),
    _by_last_of_several(special.mathieu_cem, "m q", _mathieu(special.mathieu_a)),
    _by_last_of_several(special.mathieu_sem, "m q", _mathieu(special.mathieu_b)),
    _by_last_of_several(special.mathieu_modcem1, "m q", _modified_mathieu(special.mathieu_a)),
    _by_last_of_several(special.mathieu_modcem2, "m q", _modified_mathieu(special.mathieu_a)),
    _by_last_of_several(special.mathieu_modsem1, "m q", _modified_mathieu(special.mathieu_b)),
    _by_last_of_several(special.mathieu_modsem2, "m q", _modified_mathieu(special.mathieu_b)),
]
