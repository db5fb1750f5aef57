"""Functions of SciPy and NumPy, unmodified: right or refused, as they are and lifted."""

import contextlib
import importlib
import threading

import numpy as np
import pytest
from scipy import fft, integrate, interpolate, linalg, optimize, signal, special, stats

import dualad as da
from dualad.core.row import TABLE, declare_late
from dualad.errors import DualadError, MissingRowError, SingularDerivativeError
from dualad.lifting.choices import counterpart_of
from dualad.testing import check_grads

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # SciPy's, of some names

# Compiled solvers raise errors of their own where the function raised.
REFUSALS = (
    DualadError, TypeError, ValueError, AttributeError, SystemError, optimize._minpack.error,
)  # fmt: skip

X = np.array([0.7, 1.9, 2.6])
KNOTS = np.array([0.3, 1.2, 2.5, 3.1, 4.7])
M = np.array([[2.0, 0.3, 0.1], [0.2, 1.7, 0.4], [0.5, 0.1, 1.1]])
S = M @ M.T

# A name, and arguments, all of which are differentiated.
NAMED = {
    "optimize.rosen": (X,), "optimize.rosen_der": (X,), "optimize.rosen_hess": (X,),
    "optimize.rosen_hess_prod": (X, X * 2), "spatial.distance.euclidean": (X, X**2),
    "spatial.distance.sqeuclidean": (X, X**2), "spatial.distance.cosine": (X, X**2),
    "spatial.distance.correlation": (X, X**2), "spatial.distance.cityblock": (X, X**2),
    "spatial.distance.chebyshev": (X, X**2), "spatial.distance.minkowski": (X, X**2),
    "spatial.distance.canberra": (X, X**2), "spatial.distance.braycurtis": (X, X**2),
    "spatial.distance.jensenshannon": (X, X**2), "integrate.trapezoid": (KNOTS, KNOTS**1.2),
    "integrate.simpson": (KNOTS, KNOTS**1.2), "integrate.cumulative_trapezoid": (KNOTS,),
    "integrate.cumulative_simpson": (KNOTS,), "integrate.romb": (KNOTS,),
    "linalg.norm": (M,), "linalg.inv": (M,), "linalg.det": (M,), "linalg.cholesky": (S,),
    "linalg.expm": (M,), "linalg.svdvals": (M,), "linalg.eigvalsh": (S,), "linalg.pinv": (M,),
    "linalg.sqrtm": (S,), "linalg.logm": (S,), "linalg.fractional_matrix_power": (S, 0.3),
    "linalg.toeplitz": (X, X**2), "linalg.circulant": (X,),
    "linalg.hankel": (X, X**2), "linalg.block_diag": (M, X), "linalg.companion": (X,),
    "linalg.khatri_rao": (M, S), "linalg.solve": (M, X), "linalg.solve_triangular": (M, X),
    "linalg.solve_sylvester": (M, S, S), "linalg.solve_continuous_lyapunov": (M, S),
    "linalg.qr": (M,), "stats.norm.pdf": (X, 0.1, 1.3), "stats.norm.logpdf": (X, 0.1, 1.3),
    "stats.norm.cdf": (X, 0.1, 1.3), "stats.norm.sf": (X, 0.1, 1.3),
    "stats.norm.ppf": (X / 4, 0.1, 1.3), "stats.expon.pdf": (X, 0.1, 1.3),
    "stats.gamma.pdf": (X, 1.9), "stats.gamma.logpdf": (X, 1.9),
    "stats.t.logpdf": (X, 2.7), "stats.cauchy.pdf": (X,), "stats.lognorm.pdf": (X, 0.9),
    "stats.weibull_min.cdf": (X, 1.8), "stats.logistic.cdf": (X,), "stats.gumbel_r.logpdf": (X,),
    "stats.laplace.pdf": (X,), "stats.pareto.pdf": (X + 1, 2.6), "stats.rayleigh.sf": (X,),
    "stats.chi2.logpdf": (X, 3.3), "stats.gmean": (X,), "stats.hmean": (X,), "stats.skew": (X,),
    "stats.kurtosis": (X,), "stats.zscore": (X,), "stats.sem": (X,), "stats.variation": (X,),
    "stats.linregress": (KNOTS, KNOTS**2 + np.sin(KNOTS)),
    "special.logsumexp": (X,), "special.softmax": (X,), "special.log_softmax": (X,),
    "special.erf": (X,), "special.gammaln": (X,), "special.expit": (X,), "special.ndtr": (X,),
    "special.beta": (0.7, 1.9), "special.digamma": (X,), "special.xlogy": (X, X**2),
    "signal.convolve": (X, KNOTS), "signal.detrend": (KNOTS,), "signal.chirp": (X, 1.0, 2.0, 3.0),
    "signal.gausspulse": (X / 9,), "signal.fftconvolve": (X, KNOTS),
    "interpolate.krogh_interpolate": (KNOTS, KNOTS**1.5, 2.2),
    "fft.fft": (X,), "fft.irfft": (X,), "fft.fft2": (M,), "fft.rfftn": (M,),
    "constants.lambda2nu": (X,),
}  # fmt: skip


def _implicit(solver):
    """Return a function of the data of an equation, which a solver solves."""
    return lambda a: solver(lambda x: x**3 + np.exp(a * x) - 7, 0.1, 5.0)


def _system(x, a):
    return [x[0] ** 2 + a * x[1] - 3, x[0] - a * x[1] ** 3 + 1]


def _frozen(x, loc, scale):
    return stats.norm(loc=loc, scale=scale).logpdf(x)


def _ode(a):
    return integrate.solve_ivp(lambda t, y: -a * y * t, (0, 1), [1.0]).y[0, -1]


def _rotation(angle, x):
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]], dtype=float) @ np.asarray(x, dtype=float)


@np.vectorize
def _clipped(x):
    return float(x) if x < 2 else 2.0 + 0.1 * (float(x) - 2)


def _polynomial(c, x):
    p = np.polynomial.Polynomial(c)
    return [p(x), p.deriv()(x), p.integ()(x), np.polynomial.chebyshev.chebval(x, c)]


# Calls of functions of SciPy and NumPy that are no one name.
WRITTEN = {
    "brentq": (_implicit(optimize.brentq), (1.1,)),
    "brenth": (_implicit(optimize.brenth), (1.1,)),
    "bisect": (_implicit(optimize.bisect), (1.1,)),
    "ridder": (_implicit(optimize.ridder), (1.1,)),
    "toms748": (_implicit(optimize.toms748), (1.1,)),
    "root_scalar": (
        lambda a: optimize.root_scalar(lambda x: x**3 - a, bracket=(0, 5), method="brentq").root,
        (2.0,),
    ),
    "brentq args": (lambda a: optimize.brentq(lambda x, b: x**2 - b, 0, 5, (a,)), (2.0,)),
    "newton": (lambda a: optimize.newton(lambda x: x**2 - a, 1.5), (2.0,)),
    "newton slope": (
        lambda a: optimize.newton(lambda x, b: x**2 - b, 1.5, lambda x, b: 2 * x, args=(a,)),
        (2.0,),
    ),
    "newton of an array": (
        lambda a: optimize.newton(lambda x: x**2 - a, np.array([1.0, 1.5, 2.0])), (X,),
    ),
    "fsolve": (lambda a: optimize.fsolve(lambda x: _system(x, a), [1.0, 1.0], xtol=1e-12), (1.3,)),
    "root": (lambda a: optimize.root(lambda x: _system(x, a), [1.0, 1.0], tol=1e-12).x, (1.3,)),
    "approx_fprime": (lambda x: optimize.approx_fprime(x, optimize.rosen, 1e-3), (X,)),
    "quad": (lambda a, b: integrate.quad(lambda x: np.exp(-a * x) * x, 0, b)[0], (1.3, 2.0)),
    "quad infinite": (lambda a: integrate.quad(lambda x: np.exp(-a * x * x), a, np.inf)[0], (1.3,)),
    "quad whole": (
        lambda a: integrate.quad(lambda x: np.exp(-a * x * x + x), -np.inf, np.inf)[0], (1.3,),
    ),
    "quad args": (lambda a: integrate.quad(lambda x, b: np.sin(b * x), 0, 1, (a,))[0], (1.3,)),
    "dblquad": (lambda a: integrate.dblquad(lambda y, x: a * x * y**a, 0, 1, 0, 1)[0], (1.3,)),
    "fixed_quad": (lambda a: integrate.fixed_quad(lambda x: np.exp(-a * x), 0, a)[0], (1.3,)),
    "solve_ivp": (_ode, (1.3,)),
    "frozen": (_frozen, (X, 0.1, 1.3)),
    "multivariate": (
        lambda x, m: stats.multivariate_normal.logpdf(x, m, np.eye(3)), (X, X / 2),
    ),
    "poisson": (lambda a: stats.poisson.logpmf(3, a), (1.3,)),
    "geom": (lambda a: stats.geom.pmf(3, a), (0.3,)),
    "cho_solve": (lambda a, b: linalg.cho_solve(linalg.cho_factor(a), b), (S, X)),
    "lu_solve": (lambda a, b: linalg.lu_solve(linalg.lu_factor(a), b), (M, X)),
    "eigh": (lambda a: np.abs(linalg.eigh(a)[1]), (S,)),
    "svd": (lambda a: linalg.svd(a)[1], (M,)),
    "lstsq": (lambda a, b: linalg.lstsq(a, b)[0], (KNOTS[:4].reshape(2, 2) ** 2, X[:2])),
    "mahalanobis": (
        lambda u, v: importlib.import_module("scipy.spatial.distance").mahalanobis(u, v, S),
        (X, X**2),
    ),
    "interp1d": (lambda y, x: interpolate.interp1d(KNOTS, y)(x), (KNOTS**2, 2.2)),
    "CubicSpline": (lambda y, x: interpolate.CubicSpline(KNOTS, y)(x), (KNOTS**2, X)),
    "slopes": (lambda y, x: interpolate.CubicSpline(KNOTS, y)(x, 1), (np.sin(KNOTS), X)),
    "pchip": (lambda y, x: interpolate.PchipInterpolator(KNOTS, y)(x), (KNOTS**2, X)),
    "Akima": (lambda y, x: interpolate.Akima1DInterpolator(KNOTS, y)(x), (KNOTS**2, X)),
    "PPoly": (lambda c, x: interpolate.PPoly(c, [0.0, 1.0, 3.0])(x), (M[:, :2], X)),
    "BSpline": (lambda c, x: interpolate.BSpline(np.arange(8.0), c, 3)(x), (X[[0, 1, 2, 0]], 3.4)),
    "splev": (lambda x: interpolate.splev(x, interpolate.splrep(KNOTS, KNOTS**2)), (X,)),
    "lagrange": (lambda y, x: interpolate.lagrange(KNOTS, y)(x), (KNOTS**1.3, 2.2)),
    "window": (lambda a: signal.get_window(("gaussian", a), 7), (2.3,)),
    "resample": (lambda x: signal.resample(x, 7), (KNOTS,)),
    "hilbert": (lambda x: np.abs(signal.hilbert(x)), (KNOTS,)),
    "spectrum": (lambda x: np.abs(fft.rfft(x)) ** 2, (KNOTS,)),
    "rotation": (_rotation, (0.3, X)),
    "vectorize": (_clipped, (X,)),
    "Polynomial": (_polynomial, (X, 1.3)),
    "multigammaln": (lambda a: special.multigammaln(a, 2), (3.3,)),
}  # fmt: skip


def _function(name):
    """Return a function of SciPy by its name."""
    module, _, rest = name.partition(".")
    found = importlib.import_module(f"scipy.{module}")
    if rest.startswith("distance."):
        found, rest = importlib.import_module("scipy.spatial.distance"), rest.partition(".")[2]
    for part in rest.split("."):
        found = getattr(found, part)
    return found


CALLS = {**{name: (_function(name), args) for name, args in NAMED.items()}, **WRITTEN}


def _floats(y):
    """Return the inexact parts of an output."""
    if isinstance(y, dict):
        y = list(y.values())
    if isinstance(y, (list, tuple)):
        return [part for item in y for part in _floats(item)]
    kind = np.dtype(getattr(y, "dtype", type(y))).kind
    return [y] if kind in "fcO" else []


def _of_floats(fn):
    """Return a function with the floating outputs of another, as attributes or items."""

    def call(*args):
        y = fn(*args)
        if hasattr(y, "statistic"):
            y = y.statistic
        return _floats(y)

    return call


@pytest.mark.parametrize("name", CALLS)
def test_lifted_they_are_right(name):
    fn, args = CALLS[name]
    check_grads(da.lift(_of_floats(fn)), *args, order=1)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("name", CALLS)
def test_as_they_are_they_are_right_or_raise(name, mode):
    """Besides dualad's own errors NumPy raises, on arrays of objects."""
    fn, args = CALLS[name]
    numbers = tuple(range(len(args)))

    def real(*args):
        return [np.real(y) for y in _of_floats(fn)(*args)]

    expected = da.grad(da.lift(real), numbers, mode=mode)(*args)
    try:
        found = da.grad(real, numbers, mode=mode)(*args)
    except REFUSALS:
        return
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ["fft", "linalg", "ndimage", "signal", "spatial.distance"])
def test_all_that_has_a_row_is_found_lifted(name):
    """However often dualad wraps SciPy's function."""
    module = importlib.import_module(f"scipy.{name}")
    declare_late()
    own = [f for f in TABLE if getattr(f, "__module__", "") == f"dualad.scipy.{name}"]
    count = 0
    for function in own:
        plain = getattr(module, function.__name__, None)
        if plain is not None:
            assert counterpart_of(plain) is function
            count += 1
    assert count > 2


def test_many_need_no_lift():
    count = 0
    for fn, args in CALLS.values():
        try:
            da.grad(_of_floats(fn), tuple(range(len(args))))(*args)
            count += 1
        except REFUSALS:
            pass
    assert count >= 35


@pytest.mark.parametrize("name", ["brentq", "newton", "fsolve", "root", "quad", "quad infinite"])
def test_higher_orders(name):
    fn, args = WRITTEN[name]
    check_grads(da.lift(fn), *args, order=2)


def test_solvers_without_a_rule_raise():
    def fn(a):
        fun, grad = lambda x: (x - a) ** 2, lambda x: 2 * (x - a)
        return optimize.fmin_l_bfgs_b(fun, 1.0, grad)[0]

    with pytest.raises(MissingRowError, match="fmin_l_bfgs_b"):
        da.grad(da.lift(fn))(2.0)

    def constant(a):
        return a * optimize.minimize_scalar(lambda x: (x - 2) ** 2).x

    assert abs(da.grad(da.lift(constant))(3.0) - 2) < 1e-6


def test_roots_without_a_slope_raise():
    with pytest.raises(SingularDerivativeError, match="slope"):
        da.grad(da.lift(lambda a: optimize.bisect(lambda x: (x - a) ** 3, 0, 4)))(2.0)


def test_singular_integrands_are_right_or_raise():
    def fn(a):
        return integrate.quad(lambda x: x ** (a - 1), 0, 1)[0]

    with contextlib.suppress(SingularDerivativeError):
        assert abs(da.grad(da.lift(fn))(0.5) + 4) < 1e-6


def test_values_are_scipys():
    for name in ("brentq", "newton", "quad", "quad infinite", "CubicSpline", "cho_solve", "eigh"):
        fn, args = WRITTEN[name]
        found = da.value_and_grad(da.lift(fn))(*args)[0]
        np.testing.assert_allclose(found, fn(*args), rtol=1e-12, atol=1e-15)


def test_threads():
    fn, args = WRITTEN["frozen"]
    lifted, found = da.lift(fn), []
    expected = da.grad(lifted)(*args)
    threads = [
        threading.Thread(target=lambda: found.append(da.grad(lifted)(*args))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    for each in found:
        np.testing.assert_array_equal(each, expected)
