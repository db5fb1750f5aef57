"""A sharp profile is found again from blurred counts, with a Jacobian that is never formed.

Gauss-Newton steps by LSMR, which needs products of the Jacobian and of its transpose only.
"""

import numpy as np
from scipy.sparse.linalg import lsmr

import dualad as da

N = 4000
PLACES = np.linspace(0.0, 1.0, N)
WAVES = np.fft.rfftfreq(N, 1.0 / N)
BLUR = np.exp(-((WAVES / 60.0) ** 2))  # of each frequency


def blurred(log_density):
    """Return what an instrument sees of a density, which is positive: it is an exponential."""
    return np.fft.irfft(np.fft.rfft(np.exp(log_density)) * BLUR, N)


def main():
    """Fit, and compare with the profile that the data were made from."""
    truth = np.exp(-(((PLACES - 0.5) / 0.05) ** 2)) + 0.5 * np.sin(6.0 * PLACES)
    seen = blurred(truth)

    def residual(log_density):
        return blurred(log_density) - seen

    fit = np.zeros(N)
    for _ in range(12):
        jacobian = da.jacobian_operator(residual, fit)
        assert jacobian.shape == (N, N)
        step = lsmr(jacobian, -residual(fit), damp=1e-6, maxiter=200)[0]
        fit = fit + step
    misfit = np.linalg.norm(residual(fit)) / np.linalg.norm(seen)
    error = np.max(np.abs(blurred(fit) - seen))
    print(f"{N} unknowns, relative misfit {misfit:.0e}, largest difference {error:.0e}")
    assert misfit < 1e-5


if __name__ == "__main__":
    main()
