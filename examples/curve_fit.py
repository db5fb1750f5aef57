"""A curve fitted to data by scipy.optimize.least_squares, with the exact Jacobian."""

import numpy as np
from scipy.optimize import least_squares

import dualad as da

TRUTH = np.array([2.5, 1.3, 0.5, 4.0])
t = np.linspace(0.0, 4.0, 200)


def curve(p):
    """Return a damped oscillation of amplitude, decay rate, offset and frequency `p`."""
    return p[0] * np.exp(-p[1] * t) * np.cos(p[3] * t) + p[2]


data = curve(TRUTH) + 0.01 * np.random.default_rng(0).normal(size=t.size)


def residuals(p):
    """Return what the curve misses of the data."""
    return curve(p) - data


start = np.array([2.0, 1.0, 0.0, 3.7])
print(da.explain(residuals, start))  # few inputs, many outputs: the Jacobian is pushed forward

fit = least_squares(residuals, start, jac=da.jacobian(residuals), xtol=1e-12)
print("parameters", fit.x)
print("evaluations", fit.nfev, "and Jacobians", fit.njev)

# The covariance of the parameters comes from the same Jacobian.
J = da.jacobian(curve)(fit.x)
variance = np.sum(fit.fun**2) / (t.size - fit.x.size)
errors = np.sqrt(np.diag(variance * np.linalg.inv(J.T @ J)))
print("standard errors", errors)

assert fit.success
assert np.all(np.abs(fit.x - TRUTH) < 5 * errors)
assert np.allclose(J.T @ fit.fun, 0, atol=1e-6)  # the residuals are orthogonal to the tangents
