"""Error functions, and the normal distribution."""

from math import pi, sqrt
from typing import Any

import numpy as np
from scipy import special

from dualad.core.tracer import primal_value
from dualad.rules.special.helpers import at, branches, elementwise, power_series, several

SLOPE = 2 / sqrt(pi)  # of erf at 0
PEAK = 1 / sqrt(2 * pi)  # of the normal density
FAR = 10.0  # the asymptotic series below is exact to rounding from here on
ODD = [
    float(np.prod(np.arange(1.0, 2 * k + 2, 2))) for k in range(14)
]  # (2 k + 1)!!, of the asymptotic series
ODD_SLOPE = [(2 * k + 2) * odd for k, odd in enumerate(ODD)]


def _is_far(x: Any, above: Any) -> Any:
    """Return where `x` is large, and either `above` is true or `x` is close to the real axis."""
    x = primal_value(x)
    return (np.absolute(x) > FAR) & (
        above | (np.absolute(np.real(x)) > 2 * np.absolute(np.imag(x)))
    )


def _erfcx_slope(y: Any, x: Any) -> Any:
    """Return ``2 x erfcx(x) - 2 / sqrt(pi)``, by its asymptotic series where that cancels."""
    right = np.real(primal_value(x)) > 0
    return branches(
        right & _is_far(x, right),
        x,
        lambda x: -0.5 * SLOPE / x**2 * power_series(-0.5 / x**2, ODD),
        lambda x: 2 * x * y - SLOPE,
        (FAR, 0),
    )


def _dawsn_slope(y: Any, x: Any) -> Any:
    """Return ``1 - 2 x dawsn(x)``, by its asymptotic series where that cancels."""
    return branches(
        _is_far(x, False),
        x,
        lambda x: -0.5 / x**2 * power_series(0.5 / x**2, ODD),
        lambda x: 1 - 2 * x * y,
        (FAR, 0),
    )


def wofz_slope(y: Any, x: Any) -> Any:
    """Return ``2 i / sqrt(pi) - 2 x wofz(x)``, by its asymptotic series where that cancels."""
    return branches(
        _is_far(x, np.imag(primal_value(x)) >= 0),
        x,
        lambda x: -0.5j * SLOPE / x**2 * power_series(0.5 / x**2, ODD),
        lambda x: 1j * SLOPE - 2 * x * y,
        (FAR, 0),
    )


def _wofz_second(y: Any, x: Any) -> Any:
    """Return the second derivative of `wofz`, by its asymptotic series where it cancels."""
    return branches(
        _is_far(x, np.imag(primal_value(x)) >= 0),
        x,
        lambda x: 0.5j * SLOPE / x**3 * power_series(0.5 / x**2, ODD_SLOPE),
        lambda x: -2 * (y + x * (1j * SLOPE - 2 * x * y)),
        (FAR, 0),
    )


def hazard(x: Any) -> Any:
    """Return the derivative of ``log_ndtr(x)``, the normal density over its distribution function.

    On the left both are tiny, and so it is written with a scaled function.
    """
    left = np.real(primal_value(x)) < 0
    return branches(
        left,
        x,
        lambda x: 2 * PEAK / special.erfcx(-sqrt(0.5) * x),
        lambda x: PEAK * np.exp(-0.5 * x * x) / special.ndtr(x),
    )


def _unless_sharp(smooth: Any, sharp: Any, *operands: Any) -> Any:
    """Return what is of a Voigt profile, or of a Lorentzian where the Gaussian has no width."""
    alone = np.equal(primal_value(operands[1]), 0)
    return at(alone, sharp, smooth, operands, ((1, 0, 1), (1, 1, 1)))


def _voigt_slope(x: Any, sigma: Any, gamma: Any) -> Any:
    """Return the complex derivative of the Voigt profile by its position.

    The real part is by `x`, the imaginary part is the opposite of that by `gamma`.
    """

    def smooth(x: Any, sigma: Any, gamma: Any) -> Any:
        z = (x + 1j * gamma) / (sqrt(2) * sigma)
        return wofz_slope(special.wofz(z), z) / (2 * sqrt(pi) * sigma**2)

    def sharp(x: Any, sigma: Any, gamma: Any) -> Any:
        return -1j / pi / (x + 1j * gamma) ** 2

    return _unless_sharp(smooth, sharp, x, sigma, gamma)


def _voigt_by_sigma(y: Any, x: Any, sigma: Any, gamma: Any) -> Any:
    """Return the derivative by the width of the Gaussian: ``sigma`` times the second by `x`."""

    def smooth(x: Any, sigma: Any, gamma: Any) -> Any:
        z = (x + 1j * gamma) / (sqrt(2) * sigma)
        return _wofz_second(special.wofz(z), z) / (2 * sqrt(2 * pi) * sigma**3)

    def sharp(x: Any, sigma: Any, gamma: Any) -> Any:
        return 2j / pi / (x + 1j * gamma) ** 3

    return sigma * np.real(_unless_sharp(smooth, sharp, x, sigma, gamma))


def _fresnel(y: Any, x: Any) -> Any:
    """Return the derivatives of the two Fresnel integrals."""
    phase = 0.5 * pi * x * x
    return np.sin(phase), np.cos(phase)


def _modfresnel(sign: int) -> Any:
    """Return the partials of a modified Fresnel integral; the second output is half an `erfcx`."""
    turn = complex(sqrt(0.5), -sign * sqrt(0.5))

    def partials(y: Any, x: Any) -> Any:
        z = turn * x  # SciPy's own second output is wrong for some arguments
        return -np.exp(sign * 1j * x * x), 0.5 * turn * _erfcx_slope(special.erfcx(z), z)

    return partials


ROWS = [
    elementwise(special.erf, lambda y, x: SLOPE * np.exp(-x * x)),
    elementwise(special.erfc, lambda y, x: -SLOPE * np.exp(-x * x)),
    elementwise(special.erfi, lambda y, x: SLOPE * np.exp(x * x)),
    elementwise(special.erfcx, _erfcx_slope),
    elementwise(special.dawsn, _dawsn_slope),
    elementwise(special.wofz, wofz_slope),
    elementwise(special.erfinv, lambda y, x: np.exp(y * y) / SLOPE),
    elementwise(special.erfcinv, lambda y, x: -np.exp(y * y) / SLOPE),
    elementwise(special.ndtr, lambda y, x: PEAK * np.exp(-0.5 * x * x)),
    elementwise(special.ndtri, lambda y, x: np.exp(0.5 * y * y) / PEAK),
    elementwise(special.log_ndtr, lambda y, x: hazard(x)),
    elementwise(special.ndtri_exp, lambda y, x: 1 / hazard(y)),
    elementwise(
        special.voigt_profile,
        lambda y, x, sigma, gamma: np.real(_voigt_slope(x, sigma, gamma)),
        _voigt_by_sigma,
        lambda y, x, sigma, gamma: -np.imag(_voigt_slope(x, sigma, gamma)),
    ),
    several(special.fresnel, _fresnel),
    several(special.modfresnelp, _modfresnel(1)),
    several(special.modfresnelm, _modfresnel(-1)),
    elementwise(
        special.owens_t,
        lambda y, h, a: -0.5 * PEAK * np.exp(-0.5 * h * h) * special.erf(sqrt(0.5) * a * h),
        lambda y, h, a: np.exp(-0.5 * h * h * (1 + a * a)) / (2 * pi * (1 + a * a)),
    ),
    elementwise(
        special.nrdtrimn,
        lambda y, p, std, x: -std * np.exp(0.5 * special.ndtri(p) ** 2) / PEAK,
        lambda y, p, std, x: -special.ndtri(p),
        1,
    ),
]
