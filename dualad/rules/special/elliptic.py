"""Elliptic integrals and functions, in Carlson's forms, and the arithmetic-geometric mean."""

from math import pi
from typing import Any

import numpy as np
from scipy import special

from dualad.core.dispatch import dispatching
from dualad.core.tracer import primal_value
from dualad.rules.special.helpers import at, elementwise, several
from dualad.rules.special.naming import named

STEP = 0.25  # of the trapezoidal rule: its error is exp(-2 pi w / STEP) in a strip of half width w
REACH = 80.0  # of the rule beyond the operands, on a logarithmic scale: to rounding of exp(-s / 2)


@named
@dispatching
def carlson(x: Any, y: Any, z: Any, p: Any, a: Any, b: Any, c: Any, d: Any) -> Any:
    """Return the integral of ``(t+x)**-a (t+y)**-b (t+z)**-c (t+p)**-d`` over positive ``t``.

    Every derivative of Carlson's integrals is of this form. With the logarithm of ``t`` as the
    variable the integrand is analytic in a strip, and the trapezoidal rule exact to rounding. The
    exponents are numbers, whose sum is 3/2 or more.
    """
    operands, powers = np.broadcast_arrays(x, y, z, p), (a, b, c, d)
    sizes = np.absolute([each for each, power in zip(operands, powers, strict=True) if power])
    present = sizes[sizes > 0]
    lowest, highest = (np.log(f(present, initial=1.0)) for f in (np.min, np.max))
    nodes = np.exp(np.arange(lowest - REACH, highest + REACH, STEP))
    total: Any = nodes * STEP
    for each, power in zip(operands, powers, strict=True):
        total = total * (nodes + each[..., None]) ** -power
    return np.sum(total, axis=-1)


def _carlson_partial(i: int) -> Any:
    """Return the partial by operand `i`: its exponent times an integral with one more."""

    def partial(y: Any, *operands: Any) -> Any:
        powers = [power + (j == i) for j, power in enumerate(operands[4:])]
        return -operands[4 + i] * carlson(*operands[:4], *powers)

    return partial


def _rd_by(i: int) -> Any:
    """Return the partial of ``elliprd`` by operand `i`."""
    powers = [0.5, 0.5, 1.5, 0.0]
    factor = -1.5 * powers[i]
    powers[i] += 1
    return lambda r, x, y, z: factor * carlson(x, y, z, 1.0, *powers)


def _rj_by(i: int) -> Any:
    """Return the partial of ``elliprj`` by operand `i`."""
    powers = [0.5, 0.5, 0.5, 1.0]
    factor = -1.5 * powers[i]
    powers[i] += 1
    return lambda r, x, y, z, p: factor * carlson(x, y, z, p, *powers)


def _rg_by(x: Any, y: Any, z: Any) -> Any:
    """Return the partial of ``elliprg``, which is symmetric, by `x`."""

    def general(x: Any, y: Any, z: Any) -> Any:
        return 0.25 * (special.elliprf(x, y, z) - x * special.elliprd(y, z, x) / 3)

    alone = np.equal(primal_value(y), 0) & np.equal(primal_value(z), 0)
    return at(alone, lambda x, y, z: 0.25 / np.sqrt(x), general, (x, y, z), ((1, 0, 0), (1, 1, 1)))


def _rc_by(i: int) -> Any:
    """Return the partial of ``elliprc`` by `x` or `y`; Cauchy's principal value for negative y."""

    def general(r: Any, x: Any, y: Any) -> Any:
        return -special.elliprd(*((x, y, y) if i else (y, y, x))) / (3 if i else 6)

    def principal(r: Any, x: Any, y: Any) -> Any:
        return 0.5 * (np.sqrt(x) / y - r if i else r - 1 / np.sqrt(x)) / (y - x)

    def partial(r: Any, x: Any, y: Any) -> Any:
        plain = primal_value(y)
        cut = np.equal(np.imag(plain), 0) & (np.real(plain) < 0)
        return at(cut, principal, general, (r, x, y), ((1, 1, -1.0), (1, 1, 1)))

    return partial


def _halves(phi: Any) -> tuple[Any, Any, Any]:
    """Return how many half turns an angle has, and the sine and squared cosine of the rest."""
    turns = np.rint(primal_value(phi) / pi)
    odd = 1 - 2 * np.remainder(turns, 2)
    return turns, odd * np.sin(phi), np.square(np.cos(phi))


def _f_by_m(phi: Any, m: Any) -> Any:
    """Return the derivative of the elliptic integral of the first kind by its parameter."""
    turns, s, c2 = _halves(phi)
    rest = s**3 / 6 * special.elliprd(c2, 1, 1 - m * s * s)
    return rest if not np.any(turns) else rest + turns / 3 * special.elliprd(0, 1, 1 - m)


def _e_by_m(phi: Any, m: Any) -> Any:
    """Return the derivative of the elliptic integral of the second kind by its parameter."""
    turns, s, c2 = _halves(phi)
    rest = -(s**3) / 6 * special.elliprd(c2, 1 - m * s * s, 1)
    return rest if not np.any(turns) else rest - turns / 3 * special.elliprd(0, 1 - m, 1)


def _jacobi_by_m(y: Any, u: Any, m: Any) -> Any:
    """Return the derivatives of Jacobi's functions by their parameter, the amplitude's first."""
    sn, cn, dn, ph = y
    by_m = -dn * _f_by_m(ph, m)
    return cn * by_m, -sn * by_m, -(0.5 * sn * sn + m * sn * cn * by_m) / dn, by_m


def _agm_by(y: Any, a: Any, b: Any) -> Any:
    """Return the derivative of the arithmetic-geometric mean by `a`, from that of Carlson's RF."""
    none = np.equal(primal_value(b), 0)  # for all a
    part = np.absolute(a) * special.elliprd(0, np.where(none, 1, b) ** 2, a * a)
    return np.where(none, 0, 2 / (3 * pi) * y * y * part)


ROWS = [
    elementwise(special.ellipk, lambda y, m: special.elliprd(0, 1, 1 - m) / 6),
    elementwise(special.ellipkm1, lambda y, p: -special.elliprd(0, 1, p) / 6),
    elementwise(special.ellipe, lambda y, m: -special.elliprd(0, 1 - m, 1) / 6),
    elementwise(
        special.ellipkinc,
        lambda y, phi, m: 1 / np.sqrt(1 - m * np.square(np.sin(phi))),
        lambda y, phi, m: _f_by_m(phi, m),
    ),
    elementwise(
        special.ellipeinc,
        lambda y, phi, m: np.sqrt(1 - m * np.square(np.sin(phi))),
        lambda y, phi, m: _e_by_m(phi, m),
    ),
    several(
        special.ellipj,
        lambda y, u, m: (y[1] * y[2], -y[0] * y[2], -m * y[0] * y[1], y[2]),
        _jacobi_by_m,
    ),
    elementwise(
        special.elliprc,
        _rc_by(0),
        _rc_by(1),
    ),
    elementwise(
        special.elliprf,
        lambda r, x, y, z: -special.elliprd(y, z, x) / 6,
        lambda r, x, y, z: -special.elliprd(z, x, y) / 6,
        lambda r, x, y, z: -special.elliprd(x, y, z) / 6,
    ),
    elementwise(special.elliprd, _rd_by(0), _rd_by(1), _rd_by(2)),
    elementwise(
        special.elliprg,
        lambda r, x, y, z: _rg_by(x, y, z),
        lambda r, x, y, z: _rg_by(y, z, x),
        lambda r, x, y, z: _rg_by(z, x, y),
    ),
    elementwise(special.elliprj, _rj_by(0), _rj_by(1), _rj_by(2), _rj_by(3)),
    elementwise(carlson, *map(_carlson_partial, range(4)), None, None, None, None),
    elementwise(special.agm, lambda y, a, b: _agm_by(y, a, b), lambda y, a, b: _agm_by(y, b, a)),
]
