"""Derivatives by parameters of distributions and of special functions: known values and edges.

And of `scipy.stats`, lifted: what is compiled, found by integration, or has several dimensions.
"""

import numpy as np
import pytest
from scipy import special, stats
from scipy.stats import _stats_pythran

import dualad as da
from dualad.core.row import declare_late
from dualad.errors import DualadError, MissingRowError, UnsupportedParameterError
from dualad.rules.special import compiled, counts
from dualad.rules.special.private import private
from tests.known import derivative_of

declare_late()  # the rows of `scipy.stats`

EXACT = 1e-12  # relative
COMPENSATED = 5e-11  # relative: degrees of freedom of the t distribution compensate
MODES = pytest.mark.parametrize("mode", ["forward", "reverse"])
VON_MISES = next(r.function for r in compiled.ROWS if r.function.__name__ == "von_mises_cdf")
FUNCTIONS = {
    "chndtr": special.chndtr,
    "ncfdtr": special.ncfdtr,
    "nctdtr": special.nctdtr,
    "order_j": special.jv,
    "order_y": special.yv,
    "order_i": special.iv,
    "hyp0f1": special.hyp0f1,
    "hyp1f1": special.hyp1f1,
    "hyp2f1": special.hyp2f1,
    "hyperu": special.hyperu,
    "von_mises": VON_MISES,
}
# The operands, how often by each of them, and the derivative: found with mpmath, 36 digits or more.
KNOWN = [
    ("chndtr", (3.0, 2.5, 1.0), (0, 1, 0), -0.15238237254195844),
    ("chndtr", (0.001, 3.0, 40.0), (0, 1, 0), -7.225753108809959e-14),
    ("chndtr", (30.0, 4.0, 100.0), (0, 1, 1), 9.020313712593991e-08),
    ("chndtr", (3.0, 2.5, 0.0), (0, 2, 0), -0.012103558124412444),
    ("ncfdtr", (3.0, 4.0, 1.0, 1.2), (1, 0, 0, 0), 0.00220795456011678),
    ("ncfdtr", (3.0, 40.0, 30.0, 0.01), (0, 1, 0, 0), -2.8294516050247353e-13),
    ("ncfdtr", (0.5, 7.0, 3.0, 0.01), (0, 0, 1, 0), -0.026794533199647662),
    ("ncfdtr", (3.0, 4.0, 1.0, 1.2), (1, 1, 0, 0), 0.0016505536285379796),
    ("ncfdtr", (30.0, 20.0, 0.0, 1.0), (1, 0, 0, 0), -0.000799635643172847),
    ("nctdtr", (3.0, 1.0, 0.7), (1, 0, 0), 0.0051860274142410895),
    ("nctdtr", (0.4, 2.0, -3.0), (1, 0, 0), -0.01613200083485265),
    ("nctdtr", (20.0, 3.0, -1.0), (0, 1, 0), -0.000167411844070279),
    ("nctdtr", (3.0, 1.0, 0.7), (1, 1, 0), -0.005661937339409412),
    ("nctdtr", (4.0, 0.0, 1.0), (1, 0, 0), 0.0065775759060398694),
    ("nctdtr", (0.4, 2.0, 3.0), (0, 1, 0), -0.14896604883709816),
    ("hyp1f1", (0.3, 2.0, -30.0), (0, 1, 0), 0.08045968792995112),
    ("order_j", (0.0, 0.3), (1, 0), -1.2680623707339134),
    ("order_j", (2.5, 3.0), (1, 0), -0.19203804272791766),
    ("order_j", (-2.5, 3.0), (1, 0), 0.9249048912148972),
    ("order_j", (100.0, 1.0), (1, 0), -4.471638713754071e-188),
    ("order_j", (30.0, 30.0), (1, 0), -0.04319255629598024),
    ("order_j", (1.5, 1000.0), (1, 0), -0.032762925919163265),
    ("order_j", (2.5, 3.0), (2, 0), -0.11477549756027261),
    ("order_y", (0.0, 0.3), (1, 0), -1.5356517170406374),
    ("order_y", (2.5, 3.0), (1, 0), -0.37166191403795357),
    ("order_y", (-0.5, 3.0), (1, 0), 0.7874168250815816),
    ("order_y", (20.0, 1.0), (1, 0), -1.5069382250977143e23),
    ("order_y", (1.5, 1000.0), (1, 1), -0.032773989335535415),
    ("order_i", (0.3, 0.5), (1, 0), -0.9660973949276322),
    ("order_i", (-1.5, 2.0), (1, 0), 0.9944697634858233),
    ("order_i", (2.5, 300.0), (1, 0), -3.6972886448264453e126),
    ("order_i", (40.0, 5.0), (1, 0), -3.291897730217975e-32),
    ("order_i", (2.5, 3.0), (2, 0), 0.7154934038293477),
    ("hyp0f1", (0.2, -0.5), (1, 0), 9.699980591505156),
    ("hyp0f1", (2.5, -30.0), (1, 0), 0.03719725733488506),
    ("hyp1f1", (0.3, 2.0, -30.0), (1, 0, 0), -1.2630307391085043),
    ("hyp1f1", (2.5, 2.7, 100.0), (0, 1, 0), -4.740221307784917e43),
    ("hyp1f1", (1.3, 2.0, 3.0), (1, 1, 0), -12.069192239985956),
    ("hyp2f1", (1.3, 2.0, 1.0, 0.9), (1, 0, 0, 0), 763.0447887558365),
    ("hyp2f1", (3.0, 0.5, 2.0, -0.9), (0, 1, 0, 0), -0.5823303392463902),
    ("hyp2f1", (0.5, 3.0, 4.0, -3.0), (0, 0, 1, 0), 0.05333457776143968),
    ("hyp2f1", (1.3, 2.0, 3.0, 0.4), (1, 0, 1, 0), -0.2680009421886988),
    ("hyperu", (0.2, -3.0, 0.4), (1, 0, 0), -1.0814658646145876),
    ("hyperu", (0.01, 1.5, 2.0), (1, 0, 0), -0.47404429178294594),
    ("hyperu", (0.0, 1.5, 2.0), (1, 0, 0), -0.46552987576612149),
    ("hyperu", (-0.25, 2.5, 0.7), (1, 0, 0), 3.6988113686554372),
    ("hyperu", (-0.25, 2.5, 0.7), (0, 1, 0), -0.80901464390583237),
    ("hyperu", (0.4, 2.3, 40.0), (0, 1, 0), 0.0023177943237276726),
    ("hyperu", (0.4, 2.3, 40.0), (1, 0, 0), -0.84823425827632468),
    ("hyperu", (0.013, 5.0, 0.014), (0, 1, 0), 11509772.94978089),
    ("hyperu", (20.0, 3.0, 5.0), (0, 1, 0), 8.172777086784396e-25),
    ("hyperu", (0.5, 1.0, 0.001), (1, 0, 0), 5.772850472823217),
    ("von_mises", (1.2, 0.3), (1, 0), 0.0527946395425048),
    ("von_mises", (30.0, 2.3), (1, 0), 3.3566407019190823e-23),
    ("von_mises", (200.0, 0.1), (1, 0), 0.0005200786434011021),
    ("von_mises", (1.2, -2.3), (2, 0), 0.0542624842245235),
    ("von_mises", (0.001, 1.0), (1, 1), 0.08595861489651244),
]


@MODES
@pytest.mark.parametrize(("name", "point", "orders", "expected"), KNOWN)
def test_known_derivatives(name, point, orders, expected, mode):
    fn = derivative_of(FUNCTIONS[name], orders, mode)
    tolerance = COMPENSATED if name == "nctdtr" else EXACT
    np.testing.assert_allclose(fn(*point), expected, rtol=tolerance)


# An operand at an end of its range, the operand by which, and the derivative.
EDGES = [
    (special.chndtr, (0.0, 3.0, 1.0), 1, 0.0),
    (special.chndtr, (np.inf, 3.0, 1.0), 1, 0.0),
    (special.chndtr, (-1.0, 3.0, 1.0), 1, np.nan),
    (special.ncfdtr, (3.0, 4.0, 1.0, 0.0), 0, 0.0),
    (special.ncfdtr, (3.0, 4.0, 1.0, 0.0), 3, 0.0),
    (special.ncfdtr, (2.0, 4.0, 1.0, 0.0), 3, np.exp(-0.5)),
    (special.ncfdtr, (1.0, 4.0, 1.0, 0.0), 3, np.inf),
    (special.ncfdtr, (3.0, 4.0, 1.0, np.inf), 3, 0.0),
    (special.ncfdtr, (-3.0, 4.0, 1.0, 1.0), 0, np.nan),
    (special.nctdtr, (3.0, 1.0, 0.0), 0, 0.0),
    (special.nctdtr, (3.0, 1.0, 0.0), 1, -np.exp(-0.5) / np.sqrt(2 * np.pi)),
    (special.nctdtr, (-3.0, 1.0, 0.0), 0, np.nan),
    (special.nctdtr, (3.0, 1.0, np.inf), 0, 0.0),
    (special.nctdtr, (3.0, 1.0, -np.inf), 2, 0.0),
    (special.nctdtr, (3.0, 1.0, np.nan), 0, np.nan),
    (special.nctdtr, (3.0, np.nan, 1.0), 0, np.nan),
    (special.kv, (-1.5, 0.0), 0, -np.inf),
    (special.kv, (1.5, -1.0), 0, np.nan),
    (special.jv, (0.0, 0.0), 0, -np.inf),
    (special.jv, (1.5, 0.0), 0, 0.0),
    (special.jv, (1.5, np.inf), 0, 0.0),
    (special.jv, (1.5, -1.0), 0, np.nan),
    (special.yv, (0.0, 0.0), 0, -np.pi / 2),
    (special.yv, (1.0, 0.0), 0, -np.inf),
    (special.iv, (1.0, 0.0), 0, 0.0),
    (special.ive, (0.0, 0.0), 0, -np.inf),
    (special.ive, (1.0, np.inf), 0, 0.0),
    (special.hyp1f1, (1.0, 2.0, 0.0), 0, 0.0),
    (special.hyp0f1, (1.0, 0.0), 0, 0.0),
    (special.hyp2f1, (1.0, 2.0, 3.0, 0.0), 2, 0.0),
    (VON_MISES, (1.5, np.pi), 0, 0.0),
    (VON_MISES, (1.5, 0.0), 0, 0.0),
]


@MODES
@pytest.mark.parametrize(("fn", "point", "i", "expected"), EDGES)
def test_derivatives_at_edges(fn, point, i, expected, mode):
    found = da.grad(fn, argnums=i, mode=mode)(*point)
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-15)


def test_second_derivatives_at_edges():
    slope = da.grad(da.grad(VON_MISES, argnums=0), argnums=1)
    by_kappa = da.grad(lambda k: np.exp(-k) / (2 * np.pi * special.i0(k)))
    np.testing.assert_allclose(slope(1.5, np.pi), by_kappa(1.5), rtol=1e-12)
    slope = da.grad(da.grad(special.ncfdtr, argnums=3), argnums=3)
    assert slope(3.0, 4.0, 1.0, 0.0) == np.inf
    assert slope(7.0, 4.0, 1.0, 0.0) == 0
    slope = da.grad(da.grad(special.chndtr, argnums=1), argnums=0)
    assert slope(0.0, 1.5, 1.0) == -np.inf  # of x**(v / 2) * log(x)
    assert slope(0.0, 3.0, 1.0) == 0


def test_slopes_of_a_noncentral_density_where_it_begins():
    """It rises as ``x**(m / 2 - 1)`` does, over a beta function of `m` and `n` in halves."""
    density = private("_ncf_pdf")
    if density is None:
        pytest.skip("this SciPy has no such ufunc")
    rising = np.exp(-0.5) * (4 / 5) ** 2 / special.beta(2.0, 2.5)
    even = -0.5 * np.exp(-0.5)
    slopes = {  # by x, m, n and the noncentrality
        1.0: (-np.inf, -np.inf, np.inf, -np.inf),
        2.0: (1.4 * even, -np.inf, 0.0, even),
        3.0: (np.inf, 0.0, 0.0, 0.0),
        4.0: (rising, 0.0, 0.0, 0.0),
        5.0: (0.0, 0.0, 0.0, 0.0),
        7.0: (0.0, 0.0, 0.0, 0.0),
    }
    for m, expected in slopes.items():
        found = [da.grad(density, argnums=i)(0.0, m, 5.0, 1.0) for i in range(4)]
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


def test_no_elements_have_no_derivatives():
    for name, point, orders, _ in KNOWN:
        i = np.argmax(orders)
        fn = lambda x, f=FUNCTIONS[name], p=point, i=i: f(*p[:i], x, *p[i + 1 :])
        assert da.jvp(fn, (np.zeros(0),), (np.zeros(0),))[1].shape == (0,)


def test_orders_satisfy_the_recurrence_of_their_functions():
    """The recurrence ``f(v - 1) + f(v + 1) = 2 * v / x * f(v)``, differentiated by the order."""
    rng = np.random.default_rng(0)
    v, x = rng.uniform(-40, 40, 400), 10 ** rng.uniform(-2, 3, 400)
    by = lambda f, v: da.jvp(lambda v: f(v, x), (v,), (np.ones(400),))[1]
    for f in (special.jv, special.yv):
        terms = (by(f, v - 1), by(f, v + 1), -2 * v / x * by(f, v), -2 / x * f(v, x))
        size = sum(map(np.abs, terms))
        assert np.all(np.abs(sum(terms)) <= 1e-9 * size)


def differences(fn, x, step=1e-3):
    """Return a derivative by differences of the fourth order."""
    near, far = ((fn(x + h) - fn(x - h)) / (2 * h) for h in (step, 2 * step))
    return (4 * near - far) / 3


st = stats
COVARIANCE = np.array([[2.0, 0.3], [0.3, 1.0]])
TURN = np.array([[0.1, 0.4], [0.4, -0.2]])
POINT, ORIGIN = np.array([0.3, 0.5]), np.zeros(2)
normal = st.multivariate_normal
LIFTED = {
    "ncx2.cdf": (lambda v: st.ncx2.cdf(2.0, v, 1.2), 3.5),
    "ncx2.ppf": (lambda v: st.ncx2.ppf(0.3, v, 1.2), 3.5),
    "ncx2.logpdf": (lambda v: st.ncx2.logpdf(2.0, v, 1.2), 3.5),
    "ncx2.pdf": (lambda v: st.ncx2.pdf(2.0, v, 1.2), 3.5),
    "ncf.pdf": (lambda v: st.ncf.pdf(2.0, v, 5.0, 1.2), 3.5),
    "ncf.sf": (lambda v: st.ncf.sf(2.0, 5.0, v, 1.2), 3.5),
    "ncf.std": (lambda v: st.ncf.std(5.0, v, 1.2), 9.5),
    "nct.cdf": (lambda v: st.nct.cdf(0.7, v, 1.2), 3.5),
    "nct.logpdf": (lambda nc: st.nct.logpdf(0.7, 4.5, nc), 0.5),
    "nct.logsf": (lambda nc: st.nct.logsf(0.7, 4.5, nc), 0.5),
    "nct.isf": (lambda v: st.nct.isf(0.7, v, 0.4), 4.5),
    "vonmises.cdf": (lambda k: st.vonmises.cdf(0.7, k), 1.5),
    "geninvgauss.cdf": (lambda p: st.geninvgauss.cdf(0.7, p, 1.5), 1.5),
    "geninvgauss.pdf": (lambda b: st.geninvgauss.pdf(0.7, 1.5, b), 1.5),
    "genhyperbolic.cdf": (lambda a: st.genhyperbolic.cdf(0.7, 0.5, a, -0.5), 1.5),
    "genhyperbolic.sf": (lambda x: st.genhyperbolic.sf(x, 0.5, 1.5, -0.5), 0.4),
    "genhyperbolic.logpdf": (lambda p: st.genhyperbolic.logpdf(0.4, p, 1.5, -0.5), 0.5),
    "gausshyper.pdf": (lambda a: st.gausshyper.pdf(0.4, a, 3.1, 2.5, 5.1), 1.8),
    "gennorm.std": (lambda b: st.gennorm.std(b), 1.4),
    "gennorm.moment": (lambda b: st.gennorm.moment(4, b, scale=1.2), 1.4),
    "powerlognorm.entropy": (lambda c: st.powerlognorm.entropy(c, 0.45), 2.1),
    "kstwobign.pdf": (lambda x: st.kstwobign.pdf(x), 1.2),
    "gompertz.entropy": (lambda c: st.gompertz.entropy(c), 0.9),
    "exponweib.mean": (lambda a: st.exponweib.mean(a, 1.9), 2.9),
    "exponweib.std": (lambda c: st.exponweib.std(2.9, c), 1.9),
    "johnsonsu.moment": (lambda a: st.johnsonsu.moment(3, a, 2.5), 1.5),
    "nbinom.mean": (lambda n: st.nbinom.mean(n, 0.4), 5.5),
    "multivariate_normal.logpdf": (lambda s: normal.logpdf(POINT, ORIGIN, s * np.eye(2)), 1.3),
    "multivariate_normal.cdf": (lambda s: normal.cdf(POINT, ORIGIN, COVARIANCE + s * TURN), 0.2),
    "multivariate_normal.cdf, mean": (lambda m: normal.cdf(POINT, [m, 0.1], COVARIANCE), 0.2),
    "multivariate_normal.cdf, lower limit": (
        lambda s: normal.cdf(POINT, ORIGIN, COVARIANCE + s * TURN, lower_limit=[-1, -0.5]), 0.2
    ),
    "multivariate_normal, singular": (
        lambda s: normal(ORIGIN, s * np.ones((2, 2)), allow_singular=True).logpdf([0.3, 0.3]), 1.3
    ),
}  # fmt: skip


@MODES
@pytest.mark.parametrize("name", LIFTED)
def test_distributions_by_their_parameters(name, mode):
    if "normal.cdf" in name and not hasattr(_stats_pythran, "_bvnu"):
        pytest.skip("this SciPy has it in Fortran")
    fn, x = LIFTED[name]
    lifted = da.lift(fn)
    value, found = da.value_and_grad(lifted, mode=mode)(x)
    np.testing.assert_allclose(value, fn(x), rtol=1e-14)
    np.testing.assert_allclose(found, differences(fn, x), rtol=1e-7)


@MODES
def test_a_plain_shape_may_be_zero(mode):
    for one in AT_ZERO:
        found = da.grad(da.lift(lambda x, one=one: one.logpdf(0.7, 0.0, loc=x)), mode=mode)(0.1)
        np.testing.assert_allclose(found, differences(lambda x: one.logpdf(0.7, 0.0, loc=x), 0.1))  # noqa: B023
    near = da.grad(da.lift(lambda c: st.genextreme.logpdf(0.7, c)), mode=mode)(1e-3)
    np.testing.assert_allclose(near, 0.5766633994, rtol=1e-2)


def test_the_density_of_a_normal_distribution_by_a_covariance_with_equal_eigenvalues():
    fn = da.lift(lambda c: normal.logpdf(POINT, ORIGIN, c))
    slope = lambda t: da.jvp(fn, (np.eye(2),), (t,))[1]
    for t in (np.eye(2), TURN, COVARIANCE):
        expected = 0.5 * (POINT @ t @ POINT - np.trace(t))
        np.testing.assert_allclose(slope(t), expected, rtol=1e-14)
    pulled = da.grad(fn, mode="reverse")(np.eye(2))
    np.testing.assert_allclose(np.sum(pulled * TURN), slope(TURN), rtol=1e-14)


def test_probabilities_of_counts_by_sizes_are_those_of_gamma_functions():
    def log_pmf(k, n, drawn, total):
        choices = lambda n, k: special.gammaln(n + 1) - special.gammaln([k + 1, n - k + 1]).sum()
        return choices(n, k) + choices(total - n, drawn - k) - choices(total, drawn)

    pmf = private("_hypergeom_pmf")
    if pmf is not None:
        for point in ((1.0, 3.0, 4.0, 9.0), (2.0, 5.0, 7.0, 15.0)):
            for i in (1, 2, 3):
                fn = lambda x, i=i, p=point: np.exp(log_pmf(*p[:i], x, *p[i + 1 :]))
                found = da.grad(pmf, argnums=i)(*point)
                np.testing.assert_allclose(found, differences(fn, point[i]), rtol=1e-9)
        assert da.grad(pmf, argnums=1)(5.0, 3.0, 4.0, 9.0) == 0
    cdf = private("_binom_cdf")
    if cdf is not None:
        fn = lambda n: special.betainc(n - 2, 3, 0.7)
        np.testing.assert_allclose(da.grad(cdf, argnums=1)(2.0, 5.0, 0.3), differences(fn, 5.0))
        assert da.grad(cdf, argnums=1)(5.0, 5.0, 0.3) == 0


def test_a_density_of_zero_has_a_logarithm_without_slope():
    by_name = {row.function.__name__: row.function for row in compiled.ROWS}
    for name, point in (("geninvgauss_logpdf", (0.0, 1.5, 2.0)), ("_bvnu", (np.inf, 0.3, 0.5))):
        if name in by_name:
            for i in range(3):
                assert da.grad(by_name[name], argnums=i)(*point) == 0


def test_the_chance_that_two_numbers_are_above_where_one_is_sure_to_be():
    rows = [row for row in compiled.ROWS if row.function.__name__ == "_bvnu"]
    if not rows:
        pytest.skip("this SciPy has it in Fortran")
    both = rows[0].function
    for other, slope in ((-np.inf, -np.exp(-0.045) / np.sqrt(2 * np.pi)), (np.inf, 0.0)):
        np.testing.assert_allclose(da.grad(both)(0.3, other, 0.5), slope, rtol=1e-14)
        np.testing.assert_allclose(da.grad(both, argnums=1)(other, 0.3, 0.5), slope, rtol=1e-14)
        assert da.grad(both, argnums=2)(0.3, other, 0.5) == 0


@pytest.mark.parametrize("name", ["mean", "variance", "skewness"])
def test_formulas_of_moments_are_those_of_scipys_values(name):
    found = private(f"_hypergeom_{name}")
    if found is None:
        pytest.skip("this SciPy has none")
    exact = {"mean": lambda n, drawn, total: n * drawn / total,
             "variance": counts._hypergeometric_variance,
             "skewness": counts._hypergeometric_skewness}[name]  # fmt: skip
    for point in ((7.0, 4.0, 20.0), (3.0, 9.0, 12.0), (5.0, 5.0, 11.0)):
        np.testing.assert_allclose(exact(*point), found(*point), rtol=1e-13)
        for i in range(3):
            along = lambda x, i=i, point=point: exact(*point[:i], x, *point[i + 1 :])
            slope = da.grad(found, argnums=i)(*point)
            np.testing.assert_allclose(slope, differences(along, point[i]), rtol=1e-8)


# Of these SciPy has another formula for a shape of zero, without the shape.
AT_ZERO = [st.genextreme, st.genpareto, st.pearson3, st.skewnorm]
REFUSED = [
    *((lambda c, one=one: one.cdf(0.7, c - 1.0), UnsupportedParameterError) for one in AT_ZERO),
    (lambda c: st.kappa4.ppf(0.7, c - 1.0, 0.3), UnsupportedParameterError),
    (lambda c: st.kappa4.pdf(0.7, 0.3, c - 1.0), UnsupportedParameterError),
    (lambda x: normal.cdf([0.4, 0.5, 0.6], [0, 0, x], np.eye(3)), DualadError),
    (
        lambda x: st.multivariate_t.cdf([0.4, 0.5], [0, x], np.eye(2), 3.0),
        UnsupportedParameterError,
    ),
    *(
        (lambda v, f=f: np.real(f(v, 1j)), UnsupportedParameterError)
        for f in (special.jv, special.yv, special.iv, special.kv)
    ),
    (lambda n: st.hypergeom.cdf(1, 9, 3 * n, 4), UnsupportedParameterError),
    (lambda x: st.ksone.sf(0.3 * x, 10), MissingRowError),
    (lambda x: special.ncfdtrinc(3.0, 4.0, 0.3 * x, 1.2), MissingRowError),
]


@MODES
@pytest.mark.parametrize(("fn", "error"), REFUSED)
def test_what_has_no_formula_raises(fn, error, mode):
    with pytest.raises(error):
        da.grad(da.lift(fn), mode=mode)(1.0)
