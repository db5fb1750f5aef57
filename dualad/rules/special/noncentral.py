"""Noncentral chi-square, F and t distributions, by all of their operands.

The first two are mixtures of central distributions, with the weights of a Poisson distribution.
Their derivatives are sums over it of terms without a sign, as many as are not lost in rounding.

A noncentral t is a normal variable over the root of a chi-square one. With that root as a variable,
derivatives are moments of ``r**a * exp(z * r - r * r / 2)``.
"""

from math import comb, factorial, log, pi
from typing import Any

import numpy as np
from scipy import special

from dualad.core.tracer import primal_value
from dualad.rules.special.distributions import chi_density
from dualad.rules.special.gammas import digamma_step
from dualad.rules.special.helpers import elementwise
from dualad.rules.special.incomplete import (
    beta_power,
    beta_ratio,
    either,
    excess_of,
    gamma_power,
    gamma_ratio,
    inside,
    root,
    stirling,
    valid,
    wide,
)
from dualad.rules.special.quadrature import in_blocks, terms_around, trapezoidal, with_axis
from dualad.rules.special.solved import solving_for

FEWEST, CLEAR = 5.0, 10.0  # degrees of freedom, and a mean of normal numbers that are above zero
FEW = 30.0  # events, and a mean, of which a power does not overflow
TINY = 1e-150  # of an argument, in place of zero


def _poisson(j: Any, h: Any) -> Any:
    """Return the probability of `j` events; the mean `h` may be 0."""

    def few(j: Any, h: Any) -> Any:
        return np.float_power(h, j) * np.exp(-h) * special.rgamma(j + 1)

    return either((j < FEW) & (primal_value(h) < FEW), few, gamma_power, j, h)


class Chi:
    """Sums over the mixture of chi-square distributions.

    Attributes
    ----------
    a, x : array
        Half the degrees of freedom, of each term, and half the argument.
    weights : array
        Of each term: its probability, times ``x**a * exp(-x) / gamma(a + 1)``.
    """

    def __init__(self, x: Any, v: Any, nc: Any) -> None:
        a, x, h = 0.5 * v, 0.5 * x, 0.5 * nc
        plain_a, plain = primal_value(a), primal_value(x) * primal_value(h)
        j = terms_around(2 * plain / (plain_a + np.sqrt(plain_a**2 + 4 * plain)))
        self.a = with_axis(a) + j
        self.x, h = with_axis(x), with_axis(h)
        self.weights = _poisson(j, h) * gamma_power(self.a, self.x)

    def by_shape(self) -> Any:
        """Return the derivative of the distribution function by the degrees of freedom."""
        return 0.5 * np.sum(self.weights * gamma_ratio(self.a, self.x), -1)

    def density_by_shape(self) -> Any:
        """Return the derivative of the density by the degrees of freedom."""
        slope = self.a / self.x * (np.log(self.x) - special.digamma(self.a))
        return 0.25 * np.sum(self.weights * slope, -1)


class Fisher:
    """Sums over the mixture of beta distributions of a noncentral F distribution.

    Attributes
    ----------
    m, n, x : array
        The degrees of freedom and the argument, with an axis for the terms.
    a, b, y, rest : array
        The shapes of the beta distribution of each term, its argument, and one less it.
    weights : array
        Of each term: its probability, times ``y**a * rest**b / beta(a, b)``.
    """

    def __init__(self, m: Any, n: Any, nc: Any, x: Any) -> None:
        total = n + m * x
        a, b, h, y, rest = 0.5 * m, 0.5 * n, 0.5 * nc, m * x / total, n / total
        plain_a, mean = primal_value(a), primal_value(h) * primal_value(y)
        constant, half = mean * (plain_a + primal_value(b)), 0.5 * (mean - plain_a)
        root = np.sqrt(half * half + constant)
        j = terms_around(
            np.where(half > 0, half + root, constant / np.where(half > 0, 1, root - half))
        )
        self.a = with_axis(a) + j
        self.m, self.n, self.x = with_axis(m), with_axis(n), with_axis(x)
        self.b, self.y, self.rest, h = (with_axis(p) for p in (b, y, rest, h))
        self.weights = _poisson(j, h) * beta_power(self.a, self.b, self.y, self.rest)
        # of a weight the derivative by log(y), less one
        self.rise = (self.a - 1) - (self.a + self.b) * self.y

    def first(self) -> Any:
        """Return the derivative of the distribution function by `m`."""
        ratio = beta_ratio(self.a, self.b, self.y, self.rest)
        return np.sum(self.weights * (0.5 * ratio + 1 / self.m), -1)

    def second(self) -> Any:
        """Return the derivative of the distribution function by `n`."""
        ratio = beta_ratio(self.b, self.a, self.rest, self.y)
        return -np.sum(self.weights * (0.5 * ratio + 1 / self.n), -1)

    def center(self) -> Any:
        """Return the derivative of the distribution function by `nc`."""
        return -0.5 * np.sum(self.weights / self.a, -1)

    def density(self) -> Any:
        """Return the derivative of the distribution function by `x`."""
        return np.sum(self.weights / self.x, -1)

    def density_first(self) -> Any:
        """Return the derivative of the density by `m`."""
        slope = 0.5 * (np.log(self.y) + digamma_step(self.a, self.b)) + (self.rise + 1) / self.m
        return np.sum(self.weights * slope / self.x, -1)

    def density_second(self) -> Any:
        """Return the derivative of the density by `n`."""
        slope = 0.5 * (np.log(self.rest) + digamma_step(self.b, self.a)) - (self.rise + 1) / self.n
        return np.sum(self.weights * slope / self.x, -1)

    def density_center(self) -> Any:
        """Return the derivative of the density by `nc`."""
        return -0.5 * np.sum(self.weights * (self.rise + 1) / (self.a * self.x), -1)

    def density_slope(self) -> Any:
        """Return the derivative of the density by `x`."""
        return np.sum(self.weights * self.rise / self.x / self.x, -1)


class Student:
    """Moments of the chi-square root of a noncentral t distribution.

    Attributes
    ----------
    v, nc, x, width : array
        The operands and the root of ``v + x**2``, with an axis for the nodes.
    r, weights : array
        Nodes, and values there of ``r**v * exp(z * r - r * r / 2)``, with a factor such that their
        sum is the density.
    """

    def __init__(self, v: Any, nc: Any, x: Any) -> None:
        width = np.sqrt(v + x * x)
        z = nc * (x / width)
        plain_v, plain_z = primal_value(v), primal_value(z)
        root = np.sqrt(plain_z**2 + 4 * (plain_v + 1))
        positive = plain_z > 0
        top = np.where(
            positive,
            0.5 * (plain_z + root),
            2 * (plain_v + 1) / np.where(positive, 1, root - plain_z),
        )  # where the integrand over log(r) is largest

        def exponent(u: Any) -> Any:
            rise, r = np.expm1(u), top * np.exp(u)
            fall = top * rise * (plain_z - 0.5 * top * (rise + 2))
            return (plain_v + 1) * u + fall, plain_v + 1 + r * (plain_z - r)

        u, steps = trapezoidal(exponent, plain_v + 1 + top**2)
        rise = np.expm1(u)
        top = with_axis(top)
        self.v, self.nc, self.x, self.width = (with_axis(p) for p in (v, nc, x, width))
        self.z, self.r = with_axis(z), top * np.exp(u)
        power = (self.v + 1) * u + top * rise * (self.z - 0.5 * top * (rise + 2))
        # of log(2 * (v / 2)**(v / 2) / gamma(v / 2) / sqrt(2 * pi)), by Stirling's series
        constant = 0.5 * (self.v + np.log(self.v)) - stirling(0.5 * self.v) - log(pi) - 0.5 * log(2)
        largest = (self.v + 1) * np.log(top / self.width) + top * self.z
        squares = 0.5 * (top * top + self.nc * self.nc)
        self.weights = steps * np.exp(power + (constant + largest - squares))

    def first(self) -> Any:
        """Return the derivative of the distribution function by `v`."""
        half = 0.5 * self.v
        ratio = gamma_ratio(half, half * (self.r / self.width) ** 2)
        return -0.5 * np.sum(self.weights * (self.x / self.v) * (1 + ratio), -1)

    def center(self) -> Any:
        """Return the derivative of the distribution function by `nc`."""
        # of few degrees of freedom the mean of 1 / r has a long integrand, which the nodes cut off
        few = (primal_value(self.v) < FEWEST) & (primal_value(self.z) < CLEAR)
        inverse = np.where(few, (self.r - self.z) / self.v, 1 / self.r)
        return -np.sum(self.weights * self.width * inverse, -1)

    def density(self) -> Any:
        """Return the derivative of the distribution function by `x`."""
        return np.sum(self.weights, -1)

    def density_first(self) -> Any:
        """Return the derivative of the density by `v`."""
        half = 0.5 * self.v
        ratio = self.r / self.width
        rise = ratio * ratio - 1  # its mean is that of (v + 1 + r * z) / width**2 - 1
        near, far = lambda ratio, rise: np.log1p(rise), lambda ratio, rise: 2 * np.log(ratio)
        growth = either(np.abs(primal_value(rise)) < 0.5, near, far, ratio, rise)
        slope = growth - rise + (excess_of(half, half) + 1 / half)
        return 0.5 * np.sum(self.weights * slope, -1)

    def density_center(self) -> Any:
        """Return the derivative of the density by `nc`."""
        return np.sum(self.weights * (self.r * (self.x / self.width) - self.nc), -1)

    def density_slope(self) -> Any:
        """Return the derivative of the density by `x`."""
        slope = self.r * self.nc * (self.v / self.width) - (self.v + 1) * self.x
        return np.sum(self.weights * slope / self.width / self.width, -1)


def noncentral_density(x: Any, v: Any, nc: Any) -> Any:
    """Return the density of the noncentral chi-square distribution."""
    central = np.equal(primal_value(nc), 0)
    safe = np.where(central, 1, nc)
    order = 0.5 * v - 1
    power = 0.5 * special.xlogy(order, x / safe) - 0.5 * np.square(np.sqrt(x) - np.sqrt(safe))
    found = 0.5 * np.exp(power) * special.ive(order, np.sqrt(x * safe))
    return np.where(central, chi_density(v, x), found) if np.any(central) else found


def fisher_by(name: str, power: Any = None) -> Any:
    """Return a derivative of the noncentral F distribution, or of its density, as a function.

    Parameters
    ----------
    name : str
        That of the sum.
    power : callable, optional
        Of `m`: how the derivative leaves zero as `x` does, if it is not zero there.
    """
    part = in_blocks(lambda *operands: getattr(Fisher(*operands), name)())

    def slope(m: Any, n: Any, nc: Any, x: Any) -> Any:
        zero = primal_value(x) == 0
        if not np.any(zero):
            return part(m, n, nc, x)
        grows = power(primal_value(m))
        factor = np.where(grows < 0, np.inf, np.where((grows > 0) & (grows < 1), 0, 1))
        found = part(m, n, nc, x + np.where(zero, TINY, 0))
        return found * np.where(zero, factor, 1) + root(x, (grows > 0) & (grows < 1), 1.0)

    def by(m: Any, n: Any, nc: Any, x: Any) -> Any:
        m, n, nc, x = wide(m, n, nc, x)
        lowest = 0.0 if power is None else TINY  # of x, added where zero is within
        within = inside(m, n, primal_value(nc) + TINY, primal_value(x) + lowest)
        return either(within, slope, lambda *rest: valid(*rest), m, n, nc, x)

    return by


def chi_by_shape(x: Any, v: Any, nc: Any) -> Any:
    """Return the derivative of the noncentral chi-square distribution by the degrees of freedom."""

    def edge(x: Any, v: Any, nc: Any) -> Any:
        return valid(x, v, nc) + root(x, primal_value(v) <= 2, -1.0)

    x, v, nc = wide(x, v, nc)
    within = inside(x, v, primal_value(nc) + TINY)
    return either(within, in_blocks(lambda *given: Chi(*given).by_shape()), edge, x, v, nc)


def falling_at_zero(x: Any, v: Any) -> Any:
    """Return what ``x**(v / 2 - 1) * log(x)`` is at zero, if it is infinite there; zeros else."""
    return np.where((primal_value(x) == 0) & (primal_value(v) <= 2), -np.inf, 0)


def chi_density_by_shape(x: Any, v: Any, nc: Any) -> Any:
    """Return the derivative of the noncentral chi-square density by the degrees of freedom."""

    def edge(x: Any, v: Any, nc: Any) -> Any:
        return valid(x, v, nc) + falling_at_zero(x, v)

    x, v, nc = wide(x, v, nc)
    within = inside(x, v, primal_value(nc) + TINY)
    return either(within, in_blocks(lambda *given: Chi(*given).density_by_shape()), edge, x, v, nc)


def student_by(name: str) -> Any:
    """Return a derivative of the noncentral t distribution, or of its density, as a function."""
    part = in_blocks(lambda *operands: getattr(Student(*operands), name)())

    def by(v: Any, nc: Any, x: Any) -> Any:
        v, nc, x = wide(v, nc, x)
        within = inside(v) & np.isfinite(primal_value(nc) + primal_value(x))
        return either(
            within, part, lambda v, nc, x: valid(v) + 0 * np.sign(x) * np.sign(nc), v, nc, x
        )

    return by


def _central(first: Any, second: Any, third: Any, fourth: Any) -> tuple[Any, Any, Any, Any]:
    """Return the mean, variance, skewness and excess kurtosis, from the moments about zero."""
    variance = second - first**2
    about = third - 3 * first * second + 2 * first**3
    flat = fourth - 4 * first * third + 6 * first**2 * second - 3 * first**4
    return first, variance, about / variance**1.5, flat / variance**2 - 3


def fisher_moments(m: Any, n: Any, nc: Any) -> tuple[Any, Any, Any, Any]:
    """Return the mean, variance, skewness and excess kurtosis of a noncentral F distribution."""
    moments, cumulants = [1.0], [2.0**k * factorial(k) * (m + (k + 1) * nc) for k in range(4)]
    for k in range(4):  # from the cumulants of the noncentral chi-square distribution
        moments.append(sum(comb(k, i) * cumulants[i] * moments[k - i] for i in range(k + 1)))
    ratio: Any = 1.0
    found = []
    for k in range(1, 5):
        ratio = ratio * (n / m) / (n - 2 * k)
        found.append(ratio * moments[k])
    return _central(*found)


def student_moments(v: Any, nc: Any) -> tuple[Any, Any, Any, Any]:
    """Return the mean, variance, skewness and excess kurtosis of a noncentral t distribution."""
    square = nc * nc
    normal = (nc, 1 + square, nc * (3 + square), 3 + square * (6 + square))
    gammas = [special.gammaln(0.5 * (v - k)) - special.gammaln(0.5 * v) for k in range(1, 5)]
    scales = [np.exp(g + 0.5 * k * np.log(0.5 * v)) for k, g in enumerate(gammas, 1)]
    return _central(*(scale * moment for scale, moment in zip(scales, normal, strict=True)))


def _chi_slopes(x: Any, v: Any, nc: Any) -> tuple[Any, Any, Any]:
    """Return the derivatives of ``chndtr(x, v, nc)``."""
    by_nc = -noncentral_density(x, v + 2.0, nc)
    return noncentral_density(x, v, nc), chi_by_shape(x, v, nc), by_nc


FISHER = (
    fisher_by("first"),
    fisher_by("second"),
    fisher_by("center"),
    fisher_by("density", lambda m: 0.5 * m - 1),
)
STUDENT = (student_by("first"), student_by("center"), student_by("density"))


def _all_of(partials: Any) -> Any:
    """Return the derivatives by all operands as one function."""
    return lambda *operands: [partial(*operands) for partial in partials]


ROWS = [
    elementwise(
        special.chndtr,
        lambda y, x, v, nc: noncentral_density(x, v, nc),
        lambda y, x, v, nc: chi_by_shape(x, v, nc),
        lambda y, x, v, nc: -noncentral_density(x, v + 2.0, nc),
    ),
    elementwise(
        special.ncfdtr,
        lambda y, m, n, nc, x: FISHER[0](m, n, nc, x),
        lambda y, m, n, nc, x: FISHER[1](m, n, nc, x),
        lambda y, m, n, nc, x: FISHER[2](m, n, nc, x),
        lambda y, m, n, nc, x: FISHER[3](m, n, nc, x),
    ),
    elementwise(
        special.nctdtr,
        lambda y, v, nc, x: STUDENT[0](v, nc, x),
        lambda y, v, nc, x: STUDENT[1](v, nc, x),
        lambda y, v, nc, x: STUDENT[2](v, nc, x),
    ),
    *solving_for("chndtrix", _chi_slopes, 0, 0, ends=False),
    *solving_for("chndtridf", _chi_slopes, 1, 1),
    *solving_for("chndtrinc", _chi_slopes, 2, 2),
    *solving_for("ncfdtri", _all_of(FISHER), 3, 3, ends=False),
    *solving_for("nctdtrit", _all_of(STUDENT), 2, 2, ends=False),
    *solving_for("nctdtridf", _all_of(STUDENT), 0, 0),
    *solving_for("nctdtrinc", _all_of(STUDENT), 1, 1),
]
