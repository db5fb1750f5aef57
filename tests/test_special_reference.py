"""Derivatives by shapes of distribution functions against mpmath, where that is installed."""

import numpy as np
import pytest
from scipy import special

import dualad as da

mpmath = pytest.importorskip("mpmath")

DIGITS = 52
STEP = mpmath.mpf(10) ** -14
TINY = 1e-280  # what is smaller underflows on the way

SHAPES = (1e-3, 0.1, 0.5, 1.0, 3.0, 19.9, 20.1, 300.0, 1e4)
WIDTHS = (-10.0, -3.0, -1.0, -0.1, 0.5, 2.0, 6.0, 15.0)  # standard deviations off the mean


def tail(a, b, x, rest):
    """Return ``betainc(a, b, x)`` for an `x` below the mean: DLMF 8.17.22, from the front."""
    fraction, c, d, k = mpmath.mpf(1), mpmath.mpf(1), mpmath.mpf(0), 1
    while True:
        m = k // 2
        up = m * (b - m) * x if k % 2 == 0 else -(a + m) * (a + b + m) * x
        down = (a + 2 * m) * (a + 2 * m - 1 if k % 2 == 0 else a + 2 * m + 1)
        d = 1 / (1 + up / down * d)
        c = 1 + up / down / c
        fraction *= c * d
        if abs(c * d - 1) < mpmath.mpf(10) ** (2 - DIGITS):
            break
        k += 1
    front = a * mpmath.log(x) + b * mpmath.log(rest) - mpmath.log(a)
    front += mpmath.loggamma(a + b) - mpmath.loggamma(a) - mpmath.loggamma(b)
    return mpmath.exp(front) / fraction


def beta(below, a, b, x):
    """Return ``betainc(a, b, x)`` but for a constant, by its tail on one side."""
    return tail(a, b, x, 1 - x) if below else -tail(b, a, 1 - x, x)


def gamma(below, a, x):
    """Return ``gammainc(a, x)`` but for a constant, by its tail on one side."""
    if below:
        return mpmath.gammainc(a, 0, x, regularized=True)
    return -mpmath.gammainc(a, x, mpmath.inf, regularized=True)


def student(below, v, x):
    """Return ``stdtr(v, x)`` for a positive `x` but for a constant."""
    return -beta(below, v / 2, mpmath.mpf(0.5), v / (v + x * x)) / 2


def fisher(below, a, b, x):
    """Return ``fdtr(a, b, x)`` but for a constant."""
    return beta(below, a / 2, b / 2, a * x / (b + a * x))


def derivative(fn, point, orders):
    """Return a partial derivative by differences, which many digits make exact."""
    place = next((i for i, order in enumerate(orders) if order), None)
    if place is None:
        return fn(*point)
    step = STEP * min(1, abs(point[place]))
    fewer = [order - (i == place) for i, order in enumerate(orders)]
    moved = [[x + (i == place) * h for i, x in enumerate(point)] for h in (step, -step)]
    above, under = (derivative(fn, at, fewer) for at in moved)
    return (above - under) / (2 * step)


def gammas():
    """Yield shapes and arguments for the gamma function."""
    for a in SHAPES:
        for x in [1e-30, 1e-3, 0.5, 0.57, 2.0, 30.0, *(a + np.sqrt(a) * np.array(WIDTHS))]:
            if x > 0:
                yield a, float(x)


def betas():
    """Yield shapes and arguments for the beta function."""
    for a in SHAPES:
        for b in SHAPES[::2] if a in SHAPES[1::2] else SHAPES[1::2]:
            mean = a / (a + b)
            spread = np.sqrt(mean * (1 - mean) / (a + b + 1))
            for x in [1e-30, 0.02, 0.5, 0.97, *(mean + spread * np.array(WIDTHS))]:
                if 0 < x < 1:
                    yield a, b, float(x)


def students():
    """Yield degrees of freedom and arguments."""
    for v in SHAPES:
        for x in (1e-3, 0.3, 1.0, 4.0, 30.0, 1e3):
            yield v, x


def fishers():
    """Yield degrees of freedom and arguments."""
    for a in SHAPES[1::2]:
        for b in SHAPES[::2]:
            for x in (1e-4, 0.3, 1.0, 1.5, 20.0):
                yield a, b, x


def is_below(name, *point):
    """Return whether an argument is below the mean."""
    if name == "gamma":
        return point[1] < point[0]
    if name == "student":
        point = (0.5 * point[0], 0.5, point[0] / (point[0] + point[1] ** 2))
    elif name == "fisher":
        a, b, x = point
        point = (0.5 * a, 0.5 * b, a * x / (b + a * x))
    return point[2] * (point[0] + point[1]) < point[0]


def derivatives(fn, points, orders):
    """Return partial derivatives by dualad."""
    columns = [np.array(column) for column in zip(*points, strict=True)]
    for i, order in enumerate(orders):
        for _ in range(order):
            fn = da.grad(lambda *x, fn=fn: np.sum(fn(*x)), argnums=i)
    return fn(*columns)


# How much of a derivative is lost, at most: where shapes compensate each other, more of it.
CASES = {
    "gamma": (special.gammainc, gamma, gammas, 1e-12),
    "beta": (special.betainc, beta, betas, 5e-12),
    "student": (special.stdtr, student, students, 5e-11),
    "fisher": (special.fdtr, fisher, fishers, 2e-9),
}
EVERY = {"gamma": 2, "beta": 29, "student": 2, "fisher": 23}  # a sample, quick enough
ORDERS = {
    2: [(1, 0), (0, 1), (2, 0), (1, 1)],
    3: [(1, 0, 0), (0, 1, 0), (2, 0, 0), (1, 1, 0), (1, 0, 1), (0, 2, 0), (0, 1, 1)],
}


@pytest.mark.parametrize("name", CASES)
def test_derivatives_of_two_orders(name):
    fn, reference, points, tolerance = CASES[name]
    points = list(points())
    for place, orders in enumerate(ORDERS[len(points[0])]):
        chosen = points[3 * place :: EVERY[name]]
        for value, point in zip(derivatives(fn, chosen, orders), chosen, strict=True):
            side = is_below(name, *point)
            with mpmath.workdps(DIGITS):
                at = [mpmath.mpf(x) for x in point]
                wanted = derivative(lambda *x, s=side: reference(s, *x), at, orders)
                size = abs(wanted) + TINY
                if sum(orders) == 2:  # it may cross zero, or be nothing beside the first ones
                    size += abs(reference(side, *at)) / 1000
            assert abs(value - wanted) <= tolerance * size, (point, orders, value, wanted)
