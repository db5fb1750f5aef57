"""Bessel functions, spherical ones, and their relatives."""

from typing import Any

import numpy as np
from scipy import special

from dualad.core.dispatch import dispatching
from dualad.core.tracer import Tracer, primal_value, strip
from dualad.rules.kinds import composite
from dualad.rules.special.helpers import by_last, elementwise, lower, only_real, without_formula
from dualad.rules.special.naming import named
from dualad.rules.special.orders import (
    FAR,
    TERMS,
    hankel_by_order,
    i_by_order,
    j_by_order,
    k_by_order,
    y_by_order,
)


def _minus(function: Any) -> Any:
    """Return the partial of a function like J: half the difference of its neighbors."""
    return lambda y, v, x: 0.5 * (function(v - 1, x) - function(v + 1, x))


def _whole(partial: Any) -> Any:
    """Return the partial of a function of an integer order, to which SciPy cuts any number."""
    return lambda y, n, x: partial(y, np.trunc(n), x)


def _plus(function: Any, sign: float) -> Any:
    """Return the partial of a function like I or K: half the sum of its neighbors."""
    return lambda y, v, x: 0.5 * sign * (function(v - 1, x) + function(v + 1, x))


def _of_scaled(y: Any, v: Any, x: Any, turn: complex, plain: Any) -> Any:
    """Return the derivative of a Bessel function without its exponential factor.

    `plain` has its terms cancel for large `x`. There the function is ``x**(-1/2)`` times a series
    of ``(turn / x)**k``, which is differentiated term by term (Abramowitz and Stegun 9.2, 9.7).
    """
    size = primal_value(x)
    size = np.real(size) if np.iscomplexobj(size) else np.absolute(size)
    far = size > np.maximum(FAR, np.square(np.real(primal_value(v))))
    if not np.any(far):
        return plain(y, v, x)
    r = np.where(far, _upright(x), FAR)
    term: Any = 1.0
    total, moment = 1.0, 0.5
    for k in range(1, TERMS):
        term = term * (turn / (8 * k) * (4 * v * v - (2 * k - 1) ** 2)) / r
        term = np.where(far, term, 0)
        total, moment = total + term, moment + (k + 0.5) * term
    slope = -y / np.where(far, x, 1) * moment / total
    return slope if np.all(far) else np.where(far, slope, plain(y, v, np.where(far, FAR, x)))


def _upright(x: Any) -> Any:
    """Return a complex number as it is, of a real one the absolute value."""
    return x if np.iscomplexobj(primal_value(x)) else np.absolute(x)


def _scaled_i(y: Any, v: Any, x: Any) -> Any:
    """Return the derivative of ``exp(-abs(x)) * iv(v, x)``."""
    only_real(special.ive, x)
    return _of_scaled(y, v, x, -1, lambda y, v, x: _plus(special.ive, 1)(y, v, x) - np.sign(x) * y)


def _scaled_k(y: Any, v: Any, x: Any) -> Any:
    """Return the derivative of ``exp(x) * kv(v, x)``."""
    return _of_scaled(y, v, x, 1, lambda y, v, x: y + _plus(special.kve, -1)(y, v, x))


def _scaled_hankel(function: Any, turn: complex) -> Any:
    """Return the partial of a Hankel function times ``exp(-turn * x)``."""
    plain = _minus(function)
    return lambda y, v, x: _of_scaled(y, v, x, turn, lambda y, v, x: plain(y, v, x) - turn * y)


def _real_scaled(function: Any) -> Any:
    """Return the partial of ``exp(-abs(imag(x)))`` times a Bessel function, for real `x`."""

    def partial(y: Any, v: Any, x: Any) -> Any:
        only_real(function, x)
        return _minus(function)(y, v, x)

    return partial


def _of_order(function: Any, by_order: Any, partial: Any) -> Any:
    """Return the row of a Bessel function by its order and its argument."""
    return elementwise(function, lambda y, v, x: by_order(function, v, x), partial)


def _spherical(function: Any, left: float, right: float) -> list[Any]:
    """Return the rows of a spherical Bessel function and of its derivative.

    The derivative is ``(left * n f(n-1) + right * (n+1) f(n+1)) / (2 n + 1)``: DLMF 10.51.
    """
    value = dispatching(lambda n, z: function(n, z))
    value = named(value)
    value.__name__ = value.__qualname__ = f"{function.__name__}_value"
    whole = named(dispatching(function))

    def slope(n: Any, z: Any) -> Any:
        n = np.asarray(n)
        below, above = lower(value, n, z), value(n + 1, z)
        return (left * n * below + right * (n + 1) * above) / (2 * n + 1)

    def body(n: Any, z: Any, derivative: bool = False) -> Any:
        plain = np.asarray(strip(n))
        cut = np.trunc(plain)  # to which SciPy cuts any order; at whole ones there is a jump
        if not (isinstance(n, Tracer) and np.any(cut == plain)):
            n = cut
        return slope(n, z) if derivative else value(n, z)

    return [by_last(value, "n", lambda y, n, z: slope(n, z)), composite(whole, body)]


def _repeated(function: Any, plain: Any, sign: float) -> Any:
    """Return the row of an n-th derivative of a Bessel function (DLMF 10.6.7, 10.29.5)."""
    whole = named(dispatching(function))

    def body(v: Any, z: Any, n: Any = 1) -> Any:
        if isinstance(n, Tracer):
            without_formula(whole, "n")()
        if not isinstance(n, (int, np.integer)) or n < 0:
            function(primal_value(v), primal_value(z), n)  # raises, but for an array of an integer
        n = int(n)
        v = np.asarray(v) if not hasattr(v, "dtype") else v
        if n == 0:
            return plain(v, z)
        weight, total = 1.0, plain(v - n, z)
        for i in range(1, n + 1):
            weight = sign * (weight * (n - i + 1)) / i
            total = total + weight * plain(v - n + 2 * i, z)
        return total / 2.0**n * ((-1) ** n if function is special.kvp else 1)

    return composite(whole, body)


ROWS = [
    elementwise(special.j0, lambda y, x: -special.j1(x)),
    elementwise(special.j1, lambda y, x: 0.5 * (special.j0(x) - special.jv(2, x))),
    elementwise(special.y0, lambda y, x: -special.y1(x)),
    elementwise(special.y1, lambda y, x: 0.5 * (special.y0(x) - special.yn(2, x))),
    elementwise(special.i0, lambda y, x: special.i1(x)),
    elementwise(special.i1, lambda y, x: 0.5 * (special.i0(x) + special.iv(2, x))),
    elementwise(special.k0, lambda y, x: -special.k1(x)),
    elementwise(special.k1, lambda y, x: -0.5 * (special.k0(x) + special.kn(2, x))),
    elementwise(special.i0e, lambda y, x: _scaled_i(y, 0, x)),
    elementwise(special.i1e, lambda y, x: _scaled_i(y, 1, x)),
    elementwise(special.k0e, lambda y, x: _scaled_k(y, 0, x)),
    elementwise(special.k1e, lambda y, x: _scaled_k(y, 1, x)),
    _of_order(special.jv, j_by_order, _minus(special.jv)),
    by_last(special.yn, "n", _whole(_minus(special.yv))),
    _of_order(special.yv, y_by_order, _minus(special.yv)),
    _of_order(special.iv, i_by_order, _plus(special.iv, 1)),
    by_last(special.kn, "n", _whole(_plus(special.kv, -1))),
    _of_order(special.kv, k_by_order, _plus(special.kv, -1)),
    _of_order(special.hankel1, hankel_by_order, _minus(special.hankel1)),
    _of_order(special.hankel2, hankel_by_order, _minus(special.hankel2)),
    _of_order(special.jve, j_by_order, _real_scaled(special.jve)),
    _of_order(special.yve, y_by_order, _real_scaled(special.yve)),
    _of_order(special.ive, i_by_order, _scaled_i),
    _of_order(special.kve, k_by_order, _scaled_k),
    _of_order(special.hankel1e, hankel_by_order, _scaled_hankel(special.hankel1e, 1j)),
    _of_order(special.hankel2e, hankel_by_order, _scaled_hankel(special.hankel2e, -1j)),
    *_spherical(special.spherical_jn, 1, -1),
    *_spherical(special.spherical_yn, 1, -1),
    *_spherical(special.spherical_in, 1, 1),
    *_spherical(special.spherical_kn, -1, -1),
    _repeated(special.jvp, special.jv, -1),
    _repeated(special.yvp, special.yv, -1),
    _repeated(special.ivp, special.iv, 1),
    _repeated(special.kvp, special.kv, 1),
    _repeated(special.h1vp, special.hankel1, -1),
    _repeated(special.h2vp, special.hankel2, -1),
]
