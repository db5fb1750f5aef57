"""The polynomials of `numpy.polynomial`: Python code of NumPy's, which has no rows.

As it stands a function is right or raises; lifted it is right.
"""

import numpy as np
import numpy.polynomial as families
import pytest

import dualad as da
from dualad.testing import check_grads

COEFFICIENTS = np.array([0.3, -1.2, 0.7, 0.4])
OTHERS = np.array([0.8, -0.7, 1.2])
MATRIX = np.outer(OTHERS, COEFFICIENTS[:2] + 0.5)
CUBE = np.multiply.outer(OTHERS, MATRIX)
PLACES = np.array([0.2, 0.5, -0.3])

MODULES = {
    "poly": (families.polynomial, families.Polynomial),
    "cheb": (families.chebyshev, families.Chebyshev),
    "leg": (families.legendre, families.Legendre),
    "herm": (families.hermite, families.Hermite),
    "herme": (families.hermite_e, families.HermiteE),
    "lag": (families.laguerre, families.Laguerre),
}


def programs(prefix):
    """Return functions of one array or number, each with a point."""
    module, series = MODULES[prefix]

    def named(name):
        return getattr(module, prefix + name)

    c, x = COEFFICIENTS, PLACES
    return {
        "value by place": (lambda x: named("val")(x, c), x),
        "value by number": (lambda x: named("val")(x, c), 0.3),
        "value by coefficients": (lambda c: named("val")(x, c), c),
        "value in two variables": (lambda x: named("val2d")(x, x, MATRIX), x),
        "value in three variables": (lambda x: named("val3d")(x, x, x, CUBE), x),
        "grid": (lambda x: named("grid2d")(x, x, MATRIX), x),
        "grid in three variables": (lambda x: named("grid3d")(x, x, x, CUBE), x),
        "Vandermonde matrix": (lambda x: named("vander")(x, 3) ** 2, x),
        "Vandermonde matrix in two variables": (lambda x: named("vander2d")(x, x, [1, 2]) ** 2, x),
        "sum": (lambda c: named("add")(c, OTHERS) ** 2, c),
        "difference": (lambda c: named("sub")(c, OTHERS) ** 2, c),
        "product": (lambda c: named("mul")(c, OTHERS) ** 2, c),
        "times x": (lambda c: named("mulx")(c) ** 2, c),
        "quotient": (lambda c: named("div")(c, OTHERS)[0] ** 2, c),
        "power": (lambda c: named("pow")(c, 3) ** 2, c),
        "derivative": (lambda c: named("der")(c) ** 2, c),
        "integral": (lambda c: named("int")(c) ** 2, c),
        "fit": (lambda y: named("fit")(np.arange(4.0), y, 2) ** 2, c),
        "from roots": (lambda c: named("fromroots")(c) ** 2, c),
        "roots": (lambda c: np.abs(named("roots")(c)) ** 2, c),
        "companion matrix": (lambda c: named("companion")(c) ** 2, c),
        "object by place": (lambda x: series(c)(x), x),
        "object by coefficients": (lambda c: series(c)(x), c),
        "object's derivative": (lambda x: series(c).deriv()(x), x),
        "object's integral": (lambda x: series(c).integ()(x), x),
        "objects' product": (lambda c: (series(c) * series(OTHERS)).coef ** 2, c),
        "object's fit": (lambda y: series.fit(np.arange(4.0), y, 2)(0.3), c),
        "object's domain": (lambda x: series(c, domain=[0, 2])(x), x),
    }


CASES = [
    pytest.param(*case, id=f"{prefix}: {name}")
    for prefix in MODULES
    for name, case in programs(prefix).items()
]


@pytest.mark.parametrize(("fn", "point"), CASES)
def test_lifted_it_is_right(fn, point):
    check_grads(da.lift(fn), point, order=1)


@pytest.mark.parametrize(("fn", "point"), CASES)
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_as_it_stands_it_is_right_or_raises(fn, point, mode):
    try:
        found = da.grad(fn, mode=mode)(point)
    except (TypeError, NotImplementedError):
        return
    np.testing.assert_allclose(found, da.grad(da.lift(fn))(point), rtol=1e-10, atol=1e-12)
