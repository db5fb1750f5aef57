"""`jet` against Taylor coefficients by mpmath, where that is installed."""

import math

import numpy as np
import pytest

import dualad as da

mpmath = pytest.importorskip("mpmath")

ORDER = 12
ROUNDING = 1e-12  # of Taylor coefficients of functions without cancellation


def line(order):
    """Return the series of ``x + s`` up to an order."""
    return [1.0] + [None] * (order - 1)


REFERENCES = {
    "exp": (np.exp, mpmath.exp, 0.3),
    "expm1": (np.expm1, mpmath.expm1, 0.3),
    "exp2": (np.exp2, lambda x: 2**x, 0.4),
    "log": (np.log, mpmath.log, 1.3),
    "log1p": (np.log1p, mpmath.log1p, 0.3),
    "log2": (np.log2, lambda x: mpmath.log(x, 2), 1.3),
    "log10": (np.log10, mpmath.log10, 1.3),
    "sin": (np.sin, mpmath.sin, 0.3),
    "cos": (np.cos, mpmath.cos, 0.3),
    "tan": (np.tan, mpmath.tan, 0.3),
    "arcsin": (np.arcsin, mpmath.asin, 0.3),
    "arccos": (np.arccos, mpmath.acos, 0.3),
    "arctan": (np.arctan, mpmath.atan, 0.3),
    "sinh": (np.sinh, mpmath.sinh, 0.3),
    "cosh": (np.cosh, mpmath.cosh, 0.3),
    "tanh": (np.tanh, mpmath.tanh, 0.3),
    "arcsinh": (np.arcsinh, mpmath.asinh, 0.3),
    "arccosh": (np.arccosh, mpmath.acosh, 1.3),
    "arctanh": (np.arctanh, mpmath.atanh, 0.3),
    "sqrt": (np.sqrt, mpmath.sqrt, 1.3),
    "cbrt": (np.cbrt, mpmath.cbrt, 1.3),
    "reciprocal": (np.reciprocal, lambda x: 1 / x, 1.3),
    "square": (np.square, lambda x: x**2, 1.3),
    "quotient": (
        lambda x: (x + 1) / (x * x + 2),
        lambda x: (x + 1) / (x * x + 2),
        0.3,
    ),
    "power 7": (lambda x: x**7, lambda x: x**7, 1.3),
    "power -3": (lambda x: x**-3, lambda x: x**-3, 1.3),
    "power 2.5": (lambda x: x**2.5, lambda x: x ** mpmath.mpf(2.5), 1.3),
    "power 0": (lambda x: x**0 + x, lambda x: 1 + x, 1.3),
    "float_power": (lambda x: np.float_power(x, 3.5), lambda x: x ** mpmath.mpf(3.5), 1.3),
    "exponent": (lambda x: 2.0**x, lambda x: 2**x, 1.3),
    "x**x": (lambda x: x**x, lambda x: x**x, 1.3),
    "arctan2": (
        lambda x: np.arctan2(x, x * x + 1),
        lambda x: mpmath.atan2(x, x * x + 1),
        0.3,
    ),
    "hypot": (lambda x: np.hypot(x, x * x + 1), lambda x: mpmath.hypot(x, x * x + 1), 0.3),
    "composition": (
        lambda x: np.exp(np.sin(x) ** 2) / (1 + x),
        lambda x: mpmath.exp(mpmath.sin(x) ** 2) / (1 + x),
        0.3,
    ),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_elementary_functions_agree_with_mpmath(name):
    fn, reference, x = REFERENCES[name]
    y, terms = da.jet(fn, (x,), (line(ORDER),))
    with mpmath.workdps(60):
        wanted = [float(c) for c in mpmath.taylor(reference, mpmath.mpf(x), ORDER)]
    found = [y] + [t / math.factorial(k) for k, t in enumerate(terms, 1)]
    np.testing.assert_allclose(found, wanted, rtol=20 * ROUNDING, atol=ROUNDING)
