"""How the solution of an ODE depends on its parameters: the solver's own loop is differentiated."""

import numpy as np

import dualad as da


def growth(y, p):
    """Return the rate of logistic growth: p is the rate constant and the capacity."""
    return p[0] * y * (1 - y / p[1])


def solve(p, y=0.1, end=6.0, steps=200):
    """Return the population at all times, by the classical method of Runge and Kutta."""
    h, ys = end / steps, [y]
    for _ in range(steps):
        k1 = growth(y, p)
        k2 = growth(y + h / 2 * k1, p)
        k3 = growth(y + h / 2 * k2, p)
        k4 = growth(y + h * k3, p)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        ys.append(y)
    return np.stack(ys)


def exact(p, y=0.1, end=6.0, steps=200):
    """Return the same by the formula that solves this equation."""
    t = np.linspace(0.0, end, steps + 1)
    return p[1] / (1 + (p[1] / y - 1) * np.exp(-p[0] * t))


p = np.array([1.2, 2.0])
sensitivity = da.jacobian(solve)(p)  # shape (201, 2): each time, by each parameter
for i in (0, 50, 100, 200):
    print(f"t = {6.0 * i / 200:.1f}  y = {solve(p)[i]:.6f}  dy/dp = {sensitivity[i]}")

assert np.allclose(solve(p), exact(p), rtol=1e-7)
assert np.allclose(sensitivity, da.jacobian(exact)(p), rtol=1e-6)
assert np.array_equal(sensitivity[0], [0.0, 0.0])  # the start is given
