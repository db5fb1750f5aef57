"""Derivatives by shapes of distribution functions: known values, identities, edges, `scipy.stats`.

`tests/test_special_reference.py` looks at more points, where mpmath is installed.
"""

import numpy as np
import pytest
import scipy.stats
from scipy import special

import dualad as da
from dualad.core.row import declare_late
from dualad.rules.special.private import private
from dualad.scipy import special as ours
from tests.known import derivative_of

declare_late()  # the rows of `scipy.stats`; what a test declares, another does not find

EXACT = 1e-12  # relative: shapes of 1e4 cost some digits
COMPENSATED = 5e-11  # relative: shapes of Student's and Fisher's distributions compensate
MODES = pytest.mark.parametrize("mode", ["forward", "reverse"])

# The operands, how often by each of them, and the derivative: found with mpmath, 90 digits.
FUNCTIONS = {
    "gamma": special.gammainc,
    "beta": special.betainc,
    "student": special.stdtr,
    "fisher": special.fdtr,
    "zeta": ours.zeta,
    "bessel": special.kv,
}
KNOWN = [
    ("gamma", (0.001, 1e-30), (1, 0), -63.96662757973106),
    ("gamma", (0.001, 0.3), (1, 0), -0.9059989515572813),
    ("gamma", (0.001, 30.0), (1, 0), -3.0458488566425612e-15),
    ("gamma", (0.5, 0.5), (1, 0), -0.6472003523777539),
    ("gamma", (0.5, 0.57), (1, 0), -0.6049104613958658),
    ("gamma", (3.0, 1e-08), (1, 0), -3.2794663775721966e-24),
    ("gamma", (19.9, 25.0), (1, 0), -0.04568184090890847),
    ("gamma", (20.1, 5.0), (2, 0), 5.979227765580939e-07),
    ("gamma", (300.0, 301.0), (1, 0), -0.022962810861290837),
    ("gamma", (300.0, 400.0), (1, 1), 5.634895166020399e-09),
    ("gamma", (10000.0, 9500.0), (1, 0), -9.892319012214694e-09),
    ("gamma", (1000000.0, 1001000.0), (1, 0), -0.00024193040952413304),
    ("gamma", (2.5, 4.0), (2, 0), -0.06977387933172398),
    ("beta", (0.001, 0.001, 0.5), (1, 0, 0), -250.00041018403215),
    ("beta", (0.001, 10000.0, 1e-09), (0, 1, 0), 9.891625223271855e-08),
    ("beta", (0.5, 3.0, 1e-20), (1, 0, 0), -8.434694098727671e-09),
    ("beta", (0.5, 0.5, 0.999), (1, 0, 0), -0.027906380086556385),
    ("beta", (0.5, 0.5, 0.999), (0, 1, 0), 0.15144045259989147),
    ("beta", (2.0, 3.0, 0.4), (2, 0, 0), 0.05839660125154109),
    ("beta", (2.0, 3.0, 0.4), (1, 1, 0), 0.008923407670034283),
    ("beta", (2.0, 3.0, 0.4), (1, 0, 1), 0.28864961532146016),
    ("beta", (19.9, 20.1, 0.5), (0, 1, 0), 0.06354574527910424),
    ("beta", (300.0, 0.1, 0.9999), (1, 0, 0), -0.00023978873356337397),
    ("beta", (300.0, 0.1, 0.5), (0, 2, 0), 7.74585831988532e-92),
    ("beta", (10000.0, 0.001, 0.999), (1, 0, 0), -4.532851485304248e-12),
    ("beta", (10000.0, 3.0, 0.9999), (1, 0, 0), -1.8397650983268115e-05),
    ("beta", (10000.0, 10000.0, 0.5), (1, 0, 0), -0.002821006688412662),
    ("beta", (10000.0, 10000.0, 0.55), (0, 1, 0), 6.683866806599635e-47),
    ("beta", (1000000.0, 1000000.0, 0.501), (1, 0, 0), -5.161546253977599e-06),
    ("beta", (2.0, 1e-6, 0.99999), (1, 0, 0), -6.449170848187523e-07),
    ("student", (0.001, 0.5), (1, 0), 1.4724312814297502),
    ("student", (0.5, 30.0), (1, 0), 0.2152960612372696),
    ("student", (3.0, 0.001), (1, 1), 0.009732995580895389),
    ("student", (4.3, 2.0), (2, 0), -0.003470787380261818),
    ("student", (40.0, 2.0), (1, 0), 8.610839202035744e-05),
    ("student", (10000.0, 3.0), (1, 0), 3.3282403426193825e-10),
    ("student", (1000.0, 30.0), (1, 0), 6.482078318582915e-143),
    ("fisher", (2.0, 3.0, 0.7), (1, 0, 0), -0.0648740396915497),
    ("fisher", (2.0, 3.0, 0.7), (0, 1, 0), 0.018243904990372532),
    ("fisher", (2.0, 3.0, 0.7), (1, 1, 0), -0.0020779155542683544),
    ("fisher", (0.1, 10000.0, 2.0), (0, 1, 0), 4.349264820887698e-10),
    ("fisher", (300.0, 20.0, 3.0), (1, 0, 0), 1.1140543874662498e-06),
    ("fisher", (10000.0, 300.0, 1.0), (1, 0, 0), -4.718543870927396e-08),
    ("fisher", (19.9, 0.5, 0.0001), (1, 0, 1), -1.380973326143684e-20),
    ("zeta", (1.001, 300.0), (1, 0), -999983.8046114082),
    ("zeta", (2.0, 1.0), (1, 0), -0.9375482543158438),
    ("zeta", (3.3, 0.3), (1, 0), 63.76847245859534),
    ("zeta", (30.0, 19.0), (1, 0), -1.6449033930529738e-38),
    ("zeta", (0.5,), (1,), -3.9226461392091516),
    ("zeta", (-1.0,), (1,), -0.16542114370045094),
    ("bessel", (0.3, 0.5), (1, 0), 0.3549858938041083),
    ("bessel", (-0.3, 0.5), (1, 0), -0.3549858938041083),
    ("bessel", (2.5, 0.001), (1, 0), 987350972.0337794),
    ("bessel", (2.5, 30.0), (1, 0), 1.9349969240290513e-15),
    ("bessel", (10.0, 3.0), (1, 0), 4606.401311901185),
    ("bessel", (100.0, 90.0), (1, 0), 1.5206512839886357e-18),
    ("bessel", (0.001, 2.0), (1, 0), 4.722160964488714e-05),
    ("bessel", (0.5, 600.0), (1, 0), 1.129152146782256e-265),
    ("bessel", (0.0, 0.7), (2, 0), 0.6336468058590442),
    ("bessel", (2.5, 3.0), (2, 0), 0.060422040148868116),
    ("bessel", (0.0, 1e-10), (2, 0), 4168.398217504575),
]


@MODES
@pytest.mark.parametrize(("name", "point", "orders", "expected"), KNOWN)
def test_known_derivatives(name, point, orders, expected, mode):
    fn = derivative_of(FUNCTIONS[name], orders, mode)
    tolerance = EXACT if name not in ("student", "fisher") else COMPENSATED
    np.testing.assert_allclose(fn(*point), expected, rtol=tolerance)


SHAPES = np.geomspace(1e-3, 1e4, 15)[:, None]
INSIDE = np.array([1e-300, 1e-20, 1e-3, 0.1, 0.3, 0.5, 0.8, 0.99, 1 - 1e-6])


def by(fn, i, *operands):
    """Return the elementwise derivative by operand `i`."""
    ones = np.ones(np.shape(operands[i]))
    moved = lambda x: fn(*operands[:i], x, *operands[i + 1 :])
    return da.jvp(moved, (operands[i],), (ones,))[1]


def test_powers_by_their_exponent():
    """With a shape of one, the beta distribution is a power."""
    power = INSIDE**SHAPES
    expected = power * np.log(INSIDE)
    for fn, sign in ((special.betainc, 1), (special.betaincc, -1)):
        found = by(fn, 0, SHAPES, 1.0, INSIDE)
        np.testing.assert_allclose(found, sign * expected, rtol=EXACT, atol=1e-290)
        found = by(fn, 1, 1.0, SHAPES, INSIDE)
        expected_b = -np.exp(SHAPES * np.log1p(-INSIDE)) * np.log1p(-INSIDE)
        np.testing.assert_allclose(found, sign * expected_b, rtol=EXACT, atol=1e-290)


def test_roots_by_their_exponent():
    p = INSIDE[:-1]  # the logarithm of a root that is nearly 1 has lost its digits
    found = by(special.betaincinv, 0, SHAPES, 1.0, p)
    expected = -(p ** (1 / SHAPES)) * np.log(p) / SHAPES**2
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-16)


@pytest.mark.parametrize(
    ("fn", "inverse"),
    [(special.gammainc, special.gammaincinv), (special.gammaincc, special.gammainccinv)],
)
def test_a_quantile_moves_so_that_its_probability_stays(fn, inverse):
    p = np.array([1e-200, 1e-9, 0.01, 0.5, 0.9, 1 - 1e-9])
    shapes = SHAPES[2:]  # the density at a subnormal quantile overflows
    found = by(lambda a: fn(a, inverse(a, p)), 0, shapes)
    scale = np.abs(by(fn, 0, shapes, inverse(shapes, p)))
    assert np.all(np.abs(found) <= 1e-10 * scale + 1e-290)


# An operand at an end of its range, and the derivative by the first operand there.
EDGES = [
    (special.gammainc, (2.0, 0.0), 0.0),
    (special.gammainc, (0.5, 0.0), 0.0),
    (special.gammainc, (2.0, np.inf), 0.0),
    (special.gammainc, (np.inf, 2.0), 0.0),
    (special.gammainc, (0.0, 1.5), -special.exp1(1.5)),
    (special.gammaincc, (0.0, 0.3), special.exp1(0.3)),
    (special.gammaincinv, (2.0, 0.0), 0.0),
    (special.gammaincinv, (1e-3, 0.3), 0.0),  # the quantile underflows
    (special.gammainccinv, (2.0, 0.0), 0.0),
    (special.betainc, (2.0, 3.0, 0.0), 0.0),
    (special.betainc, (2.0, 3.0, 1.0), 0.0),
    (special.betainc, (0.5, 0.5, 1.0), 0.0),
    (special.betaincinv, (2.0, 3.0, 0.0), 0.0),
    (special.betaincinv, (2.0, 3.0, 1.0), 0.0),
    (special.stdtr, (3.0, 0.0), 0.0),
    (special.stdtr, (3.0, np.inf), 0.0),
    (special.stdtr, (3.0, -np.inf), 0.0),
    (special.fdtr, (3.0, 2.0, 0.0), 0.0),
    (special.fdtr, (3.0, 2.0, np.inf), 0.0),
    (special.chdtrc, (3.0, 0.0), 0.0),
    (special.kv, (1.5, np.inf), 0.0),
    (special.kve, (1.5, 0.0), np.inf),
    (special.kv, (0.0, 0.0), 0.0),
]


@MODES
@pytest.mark.parametrize(("fn", "point", "expected"), EDGES)
def test_derivatives_by_a_shape_at_edges(fn, point, expected, mode):
    found = da.grad(fn, mode=mode)(*point)
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-300)
    beside = da.grad(lambda a: np.sum(fn(a, *(np.array([x, 0.7]) for x in point[1:]))), mode=mode)
    inner = da.grad(fn, mode=mode)(point[0], *[0.7] * (len(point) - 1))
    np.testing.assert_allclose(beside(point[0]), expected + inner, rtol=1e-13)


def test_second_derivatives_at_edges():
    slope = lambda fn, i: da.grad(da.grad(fn), argnums=i)
    assert slope(special.betainc, 2)(2.5, 1.0, 1.0) == pytest.approx(1.0, rel=1e-13)  # of x**a
    assert slope(special.betainc, 2)(2.5, 3.0, 1.0) == 0
    assert slope(special.betainc, 2)(2.5, 3.0, 0.0) == 0
    assert slope(special.stdtr, 1)(4.0, 0.0) == pytest.approx(0.00569480729002, rel=1e-11)
    with np.errstate(divide="ignore"):
        assert slope(special.gammainc, 1)(0.5, 0.0) == -np.inf
        assert slope(special.betainc, 2)(0.5, 2.0, 0.0) == -np.inf
    assert slope(special.gammainc, 1)(2.0, 0.0) == 0


def test_what_scipy_cannot_solve_has_no_slope():
    for fn, point in ((special.pdtrik, (0.3, 0.5)), (special.stdtridf, (0.9, 1.0))):
        assert da.grad(fn)(*point) == 0
        assert da.grad(fn, argnums=1)(*point) == 0


def test_every_derivative_is_finite_and_has_its_sign():
    rng = np.random.default_rng(0)
    a, b = 10 ** rng.uniform(-6, 6, (2, 3000))
    x = special.expit(rng.uniform(-30, 30, 3000))
    for found in (
        by(special.gammainc, 0, a, a * b),
        by(special.betainc, 0, a, b, x),
        by(special.betaincc, 1, a, b, x),
        -by(special.kve, 0, np.minimum(a, 50), np.maximum(b, 1e-3)),
    ):
        assert np.all(np.isfinite(found))
        assert np.all(found <= 0)


def test_invalid_operands_are_nan():
    for fn in (special.gammainc, special.gammaincc):
        assert np.isnan(da.grad(lambda a, fn=fn: fn(a, 1.0))(-1.0))
        assert np.isnan(da.grad(lambda a, fn=fn: fn(a, np.nan))(1.0))


st = scipy.stats
DISTRIBUTIONS = {
    "beta.ppf": (lambda a: st.beta(a, 2.0).ppf(0.3), 1.5),
    "beta.cdf": (lambda b: st.beta.cdf(0.3, 2.0, b), 1.5),
    "beta.logpdf": (lambda a: st.beta.logpdf(0.3, a, 2.0), 1.5),
    "beta.pdf": (lambda x: st.beta.pdf(x, 1.7, 2.0), 0.3),
    "cauchy.ppf": (lambda p: st.cauchy.ppf(p), 0.3),
    "cauchy.isf": (lambda s: st.cauchy.isf(0.3, 1.0, s), 1.5),
    "chi2.ppf": (lambda v: st.chi2.ppf(0.3, v), 3.5),
    "chi2.sf": (lambda v: st.chi2.sf(2.0, v), 3.5),
    "f.cdf": (lambda v: st.f.cdf(0.8, v, 4.5), 3.5),
    "f.ppf": (lambda v: st.f.ppf(0.8, 4.5, v), 3.5),
    "gamma.ppf": (lambda a: st.gamma.ppf(0.3, a), 1.5),
    "gamma.logcdf": (lambda a: st.gamma.logcdf(0.8, a), 1.5),
    "invgauss.ppf": (lambda m: st.invgauss.ppf(0.3, m), 1.5),
    "nbinom.logpmf": (lambda n: st.nbinom.logpmf(2, n, 0.3), 2.5),
    "nbinom.cdf": (lambda n: st.nbinom.cdf(2, n, 0.3), 2.5),
    "binom.sf": (lambda p: st.binom.sf(2, 5, p), 0.3),
    "poisson.cdf": (lambda m: st.poisson.cdf(2, m), 1.5),
    "skewnorm.cdf": (lambda a: st.skewnorm.cdf(0.4, a), 1.5),
    "skewnorm.ppf": (lambda a: st.skewnorm.ppf(0.4, a), 1.5),
    "t.cdf": (lambda v: st.t.cdf(0.8, v), 3.5),
    "t.ppf": (lambda v: st.t.ppf(0.8, v), 3.5),
}


@MODES
@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_distributions_by_their_shapes(name, mode):
    fn, x = DISTRIBUTIONS[name]
    step = 1e-3
    near, far = ((fn(x + h) - fn(x - h)) / (2 * h) for h in (step, 2 * step))
    found = da.grad(da.lift(fn), mode=mode)(x)
    np.testing.assert_allclose(found, (4 * near - far) / 3, rtol=1e-7)


def test_large_arrays_are_taken_in_parts():
    a, x = np.linspace(0.1, 9, 300)[:, None], np.linspace(0.1, 20, 40)
    for fn, operands in ((special.gammainc, (a, x)), (special.betainc, (a, 2.0, x / 21))):
        whole = by(lambda a, *rest, fn=fn: fn(a + 0 * x, *rest), 0, *operands)
        rows = [by(fn, 0, a[i], *operands[1:]) for i in range(0, 300, 37)]
        np.testing.assert_allclose(whole[::37], np.broadcast_arrays(*rows), rtol=1e-13)


@pytest.mark.parametrize(
    ("x", "a", "b", "slope"),
    [(0.0, 2.0, 3.0, 12.0), (1.0, 3.0, 2.0, -12.0), (0.0, 3.0, 2.0, 0.0), (0.0, 1.0, 4.0, -12.0)],
)
def test_slopes_of_a_beta_density_at_its_ends(x, a, b, slope):
    density = private("_beta_pdf")
    if density is None:
        pytest.skip("this SciPy has no such ufunc")
    assert da.grad(lambda x: density(x, a, b))(x) == pytest.approx(slope, rel=1e-12)
