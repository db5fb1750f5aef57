"""Newton's method on a nonlinear boundary value problem with 20,000 unknowns.

The Jacobian is found to be tridiagonal: three directions give all of it at every step.
"""

import numpy as np
from scipy.sparse.linalg import spsolve

from dualad import sparse

N = 20_000
H = 1.0 / (N + 1)


def residual(u):
    """Return ``u'' + exp(u)`` at the inner points, scaled: Bratu's problem with u = 0 outside."""
    padded = np.concatenate([np.zeros(1), u, np.zeros(1)])
    return padded[2:] - 2.0 * padded[1:-1] + padded[:-2] + H**2 * np.exp(u)


def main():
    """Solve the problem, and compare with its solution in closed form."""
    u = np.zeros(N)
    jacobian = sparse.prepare(residual, u, format="csc")
    for _ in range(10):
        step = spsolve(jacobian(u), -residual(u))
        u = u + step
        if np.max(np.abs(step)) < 1e-9:
            break
    assert jacobian.coloring.count == 3
    # Bratu, 1914: u = -2 log(cosh((x - 1/2) t / 2) / cosh(t / 4)) with t = sqrt(2) cosh(t / 4)
    t = 1.0
    for _ in range(100):
        t = np.sqrt(2.0) * np.cosh(t / 4.0)
    x = H * np.arange(1, N + 1)
    exact = -2.0 * np.log(np.cosh((x - 0.5) * t / 2.0) / np.cosh(t / 4.0))
    error = np.max(np.abs(u - exact))
    print(f"{jacobian.coloring.count} directions, error {error:.1e}")
    assert error < 1e-6


if __name__ == "__main__":
    main()
