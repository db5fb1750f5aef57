"""Special functions on wide ranges, real and complex, against mpmath, where that is installed.

Samples keep to where a function is tame. Here each meets all regions of its formulas, several in
one array, and numbers on both sides of where one formula takes over from another.
"""

import numpy as np
import pytest
from scipy import special

import dualad as da
from dualad.scipy import special as ours

mpmath = pytest.importorskip("mpmath")

DIGITS, STEP = 60, 1e-20
CLOSE = 1e-11  # relative
ROUNDING = 1e-15  # of the function: where its slope is zero, or nearly so
SIZES = (1e-6, 1e-3, 0.03, 0.09, 0.11, 0.3, 0.7, 0.99, 1.01, 1.5, 2.2, 3.3, 5, 7.7, 9.9, 10.1,
         15.3, 19.9, 20.1, 25.3, 31, 50.7, 99)  # fmt: skip
RADII, ANGLES = (0.05, 0.5, 1.5, 4, 9.5, 10.5, 21), (0.3, 1, 2, 2.9, -0.7, -2.4)
ANY = (-np.inf, np.inf)
POSITIVE = (0.0, np.inf)


def scaled(fn, by):
    """Return a function of mpmath's times an exponential, which it does not have."""
    return lambda x: fn(x) * mpmath.exp(by(x))


def with_order(fn, order):
    """Return a Bessel function of that order."""
    return lambda x: fn(order, x)


# What SciPy has, what mpmath has, and on which real numbers the function is wanted.
REAL = {
    "ndtr": (special.ndtr, mpmath.ncdf, ANY),
    "log_ndtr": (special.log_ndtr, lambda x: mpmath.log(mpmath.ncdf(x)), (-99, 9)),
    "gammaln": (special.gammaln, lambda x: mpmath.log(abs(mpmath.gamma(x))), ANY),
    "zeta": (ours.zeta, mpmath.zeta, (-1, np.inf)),
    "polygamma": (lambda x: ours.polygamma(2, x), lambda x: mpmath.polygamma(2, x), ANY),
    "beta": (lambda x: special.beta(x, 2.5), lambda x: mpmath.beta(x, 2.5), ANY),
    "betaln": (lambda x: special.betaln(x, 2.5), lambda x: mpmath.log(abs(mpmath.beta(x, 2.5))),
               ANY),
    "poch": (lambda x: special.poch(x, 2.5), lambda x: mpmath.rf(x, 2.5), ANY),
    "poch by its steps": (lambda x: special.poch(3.5, x), lambda x: mpmath.rf(3.5, x), ANY),
    "poch by whole steps": (lambda x: special.poch(x, 3), lambda x: x * (x + 1) * (x + 2), ANY),
    "binom of whole numbers": (lambda x: special.binom(x, 8), lambda x: mpmath.binomial(x, 8),
                               (-0.5, np.inf)),
    "binom": (lambda x: special.binom(x, 2.25), lambda x: mpmath.binomial(x, 2.25), ANY),
    "ellipk": (special.ellipk, mpmath.ellipk, (-np.inf, 1)),
    "ellipe": (special.ellipe, mpmath.ellipe, (-np.inf, 1)),
    "agm": (lambda x: special.agm(x, 1.0), lambda x: mpmath.agm(x, 1), POSITIVE),
    "j0": (special.j0, with_order(mpmath.besselj, 0), ANY),
    "j1": (special.j1, with_order(mpmath.besselj, 1), ANY),
    "y0": (special.y0, with_order(mpmath.bessely, 0), POSITIVE),
    "i0e": (special.i0e, scaled(with_order(mpmath.besseli, 0), lambda x: -abs(x)), ANY),
    "i1e": (special.i1e, scaled(with_order(mpmath.besseli, 1), lambda x: -abs(x)), ANY),
    "struve": (lambda x: special.struve(1, x), lambda x: mpmath.struveh(1, x), ANY),
    "modstruve": (lambda x: special.modstruve(1, x), lambda x: mpmath.struvel(1, x), ANY),
    "expn": (lambda x: special.expn(3, x), lambda x: mpmath.expint(3, x), POSITIVE),
    "exprel": (special.exprel, lambda x: mpmath.expm1(x) / x, ANY),
    "cosm1": (special.cosm1, lambda x: mpmath.cos(x) - 1, ANY),
    "expit": (special.expit, lambda x: 1 / (1 + mpmath.exp(-x)), ANY),
    "log_expit": (special.log_expit, lambda x: -mpmath.log1p(mpmath.exp(-x)), ANY),
    "logit": (special.logit, lambda x: mpmath.log(x / (1 - x)), (0, 1)),
    "entr": (special.entr, lambda x: -x * mpmath.log(x), POSITIVE),
    "boxcox": (lambda x: special.boxcox(2.5, x), lambda x: (mpmath.mpf(2.5) ** x - 1) / x, ANY),
    "inv_boxcox": (lambda x: special.inv_boxcox(0.7, x),
                   lambda x: (x * mpmath.mpf(0.7) + 1) ** (1 / x), (-1, np.inf)),
}  # fmt: skip
# Those that take complex numbers, too.
COMPLEX = {
    "erf": (special.erf, mpmath.erf, ANY),
    "erfc": (special.erfc, mpmath.erfc, ANY),
    "erfcx": (special.erfcx, lambda z: mpmath.exp(z * z) * mpmath.erfc(z), (-9, np.inf)),
    "dawsn": (special.dawsn,
              lambda z: mpmath.sqrt(mpmath.pi) / 2 * mpmath.exp(-z * z) * mpmath.erfi(z), ANY),
    "wofz": (special.wofz, lambda z: mpmath.exp(-z * z) * mpmath.erfc(-1j * z), ()),  # it has none
    "gamma": (special.gamma, mpmath.gamma, ANY),
    "loggamma": (special.loggamma, mpmath.loggamma, POSITIVE),
    "rgamma": (special.rgamma, mpmath.rgamma, ANY),
    "digamma": (special.digamma, mpmath.digamma, ANY),
    "spence": (special.spence, lambda z: mpmath.polylog(2, 1 - z), POSITIVE),
    "exp1": (special.exp1, mpmath.e1, POSITIVE),
    "expi": (special.expi, mpmath.ei, ANY),
    "sine integral": (lambda x: special.sici(x)[0], mpmath.si, ANY),
    "cosine integral": (lambda x: special.sici(x)[1], mpmath.ci, POSITIVE),
    "hyperbolic sine integral": (lambda x: special.shichi(x)[0], mpmath.shi, ANY),
    "hyperbolic cosine integral": (lambda x: special.shichi(x)[1], mpmath.chi, POSITIVE),
    "Fresnel's sine integral": (lambda x: special.fresnel(x)[0], mpmath.fresnels, (-6, 6)),
    "Fresnel's cosine integral": (lambda x: special.fresnel(x)[1], mpmath.fresnelc, (-6, 6)),
    "lambertw": (ours.lambertw, mpmath.lambertw, (-0.3, np.inf)),
    "jv": (lambda x: special.jv(1.5, x), with_order(mpmath.besselj, 1.5), POSITIVE),
    "kv": (lambda x: special.kv(1.5, x), with_order(mpmath.besselk, 1.5), POSITIVE),
    "Airy's Ai": (lambda x: special.airy(x)[0], mpmath.airyai, ANY),
    "Airy's Bi": (lambda x: special.airy(x)[2], mpmath.airybi, ANY),
    "elliprc": (lambda x: special.elliprc(x, 1.5), lambda x: mpmath.elliprc(x, 1.5), POSITIVE),
    "elliprf": (lambda x: special.elliprf(x, 1.5, 0.7), lambda x: mpmath.elliprf(x, 1.5, 0.7),
                POSITIVE),
    "log1p": (special.log1p, mpmath.log1p, (-1, np.inf)),
    "expm1": (special.expm1, mpmath.expm1, ANY),
    "sinc": (np.sinc, mpmath.sincpi, ANY),
}  # fmt: skip


def assert_slopes(fn, reference, x):
    """Assert that the slopes of a function at those `x` are right at which it is finite."""
    with np.errstate(all="ignore"):
        y, slopes = da.jvp(fn, (x,), (np.ones_like(x),))
    finite = np.isfinite(y)
    assert np.count_nonzero(finite) > 0.6 * x.size
    wrong = []
    with mpmath.workdps(DIGITS):
        for at, value, found in zip(x[finite], y[finite], slopes[finite], strict=True):
            wanted = complex(mpmath.diff(reference, mpmath.mpmathify(at.item()), h=STEP))
            wanted = wanted if np.iscomplexobj(found) else wanted.real
            if not abs(found - wanted) <= CLOSE * abs(wanted) + ROUNDING * abs(value):
                wrong.append((at, found, wanted))
    assert not wrong


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", [name for name, (*_, ends) in (REAL | COMPLEX).items() if ends])
def test_slopes_at_real_numbers_of_all_sizes(name):
    fn, reference, ends = (REAL | COMPLEX)[name]
    x = np.array([*SIZES, *(-size for size in SIZES)])
    assert_slopes(fn, reference, x[(x > ends[0]) & (x < ends[1])])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", COMPLEX)
def test_slopes_at_complex_numbers_in_all_directions(name):
    fn, reference, _ = COMPLEX[name]
    assert_slopes(fn, reference, np.outer(RADII, np.exp(1j * np.array(ANGLES))).ravel())
