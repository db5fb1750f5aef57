"""SciPy's functions that are written with rows: lifted, and as `dualad.scipy` has them."""

import importlib
import warnings

import numpy as np
import pytest
import scipy
from scipy import fft, interpolate, linalg, ndimage, signal, stats
from scipy.sparse import csc_array
from scipy.sparse import linalg as sparse_linalg
from scipy.spatial import distance

import dualad as da
from dualad.errors import UnsupportedParameterError
from dualad.rules.scipy_data import solution
from dualad.testing import check_grads

OLD = tuple(map(int, scipy.__version__.split(".")[:2])) < (1, 15)
RNG = np.random.default_rng(20)
X = RNG.standard_normal(40)
IMAGE = RNG.standard_normal((6, 7))
POINTS, OTHERS = RNG.random((4, 3)), RNG.random((3, 3))
M = RNG.standard_normal((3, 3)) + 3 * np.eye(3)
S = M @ M.T
SOS, (B, A) = signal.butter(4, 0.3, output="sos"), signal.butter(3, 0.3)
PLACES = np.sort(RNG.random(9)) * 3
DATA = np.sin(PLACES)
GRID = (np.arange(6.0), np.arange(7.0))
AT = np.array([[1.2, 2.3], [3.4, 4.1]])
SCATTERED = RNG.random((9, 2))

CASES = {
    "filtfilt": (lambda x: signal.filtfilt(B, A, x), X),
    "filtfilt by gust": (lambda x: signal.filtfilt(B, A, x, method="gust"), X),
    "filtfilt by its coefficients": (lambda b, a: signal.filtfilt(b, a, X), B, A),
    "sosfilt by its sections": (
        lambda b, a: signal.sosfilt(np.stack([np.concatenate([b, np.ones(1), a])] * 2), X),
        np.array([0.2, 0.3, 0.1]), np.array([-0.5, 0.2]),
    ),
    "sosfiltfilt": (lambda x: signal.sosfiltfilt(SOS, x), X),
    **{
        f"savgol_filter, {mode}": (lambda x, mode=mode: signal.savgol_filter(x, 5, 2, mode=mode), X)
        for mode in ("mirror", "constant", "nearest", "wrap", "interp")
    },
    "savgol_filter, slope": (lambda x: signal.savgol_filter(x, 5, 2, deriv=1, delta=0.3), X),
    "detrend": (lambda x: signal.detrend(x, bp=[10]), X),
    "hilbert": (lambda x: np.imag(signal.hilbert(x)), X),
    "resample": (lambda x: signal.resample(x, 17), X),
    "resample_poly": (lambda x: signal.resample_poly(x, 3, 2), X),
    "decimate": (lambda x: signal.decimate(x, 2), X),
    "decimate, fir": (lambda x: signal.decimate(x, 2, ftype="fir"), X),
    "medfilt": (lambda x: signal.medfilt(x, 3), X),
    "oaconvolve": (lambda x, w: signal.oaconvolve(x, w, "same"), X, X[:4]),
    "fftconvolve": (lambda x, w: signal.fftconvolve(x, w, axes=0), IMAGE, IMAGE[:2]),
    "deconvolve": (lambda x: signal.deconvolve(x, np.array([1.0, 0.4]))[0], X),
    "welch": (lambda x: signal.welch(x, nperseg=16)[1], X),
    "kaiser": (lambda beta: signal.windows.kaiser(9, beta), np.array(2.0)),
    "gaussian_filter": (lambda x: ndimage.gaussian_filter(x, 1.2), IMAGE),
    "gaussian_filter by sigma": (lambda s: ndimage.gaussian_filter(IMAGE, s[0]), np.array([1.23])),
    "uniform_filter": (lambda x: ndimage.uniform_filter(x, (2, 3)), IMAGE),
    "sobel": (ndimage.sobel, IMAGE),
    "prewitt": (lambda x: ndimage.prewitt(x, 0), IMAGE),
    "laplace": (ndimage.laplace, IMAGE),
    "gaussian_laplace": (lambda x: ndimage.gaussian_laplace(x, 1.0), IMAGE),
    "gaussian_gradient_magnitude": (lambda x: ndimage.gaussian_gradient_magnitude(x, 1.0), IMAGE),
    "grey_opening": (lambda x: ndimage.grey_opening(x, 3), IMAGE),
    "rotate": (lambda x: ndimage.rotate(x, 20.0), IMAGE),
    "affine_transform by its matrix": (
        lambda m, o: ndimage.affine_transform(IMAGE, m, o, mode="mirror"),
        np.array([[0.93, 0.11], [0.07, 0.87]]), np.array([0.21, 0.33]),
    ),
    "shift by how much": (lambda s: ndimage.shift(IMAGE, s, mode="mirror"), np.array([0.3, -0.4])),
    "label means": (lambda x: ndimage.mean(x, np.arange(42).reshape(6, 7) % 3, [0, 1, 2]), IMAGE),
    "riccati": (
        lambda q, r: linalg.solve_continuous_are(M, M + 1, q + q.T, r + r.T), S, S + np.eye(3),
    ),
    "discrete riccati": (
        lambda q, r: linalg.solve_discrete_are(M, M + 1, q + q.T, r + r.T), S, S + np.eye(3),
    ),
    "cosm": (linalg.cosm, M),
    "polar": (linalg.polar, M),
    "splrep": (lambda y: interpolate.splev([0.5, 1.0], interpolate.splrep(PLACES, y)), DATA),
    "splrep, slope": (
        lambda y: interpolate.splev([0.5, 1.0], interpolate.splrep(PLACES, y), 1, 3), DATA,
    ),
    "splrep, outside": (
        lambda y: interpolate.splev([-2.0, 99.0], interpolate.splrep(PLACES, y), 0, 3), DATA,
    ),
    "make_interp_spline": (lambda y: interpolate.make_interp_spline(PLACES, y)([0.5, 1.0]), DATA),
    "interp1d": (lambda y: interpolate.interp1d(PLACES, y, "cubic")([0.9, 1.0]), DATA),
    "RegularGridInterpolator": (
        lambda z, at: interpolate.RegularGridInterpolator(GRID, z)(at), IMAGE, AT,
    ),
    "griddata": (
        lambda y: interpolate.griddata(SCATTERED, y, SCATTERED[:4].mean(0)[None], "linear"), DATA,
    ),
    "RBFInterpolator": (
        lambda y: interpolate.RBFInterpolator(SCATTERED, y)(SCATTERED[:2] + 0.1), DATA,
    ),
    **{
        f"{cls.__name__}": (
            lambda y, at, cls=cls, more=more: (
                cls(PLACES, y, *more)(at), cls(PLACES, y, *more)(at, 1),
                cls(PLACES, y, *more).integral(at[0], 1.4), cls(PLACES, y, *more).derivatives(0.9),
            ),
            DATA, np.array([0.7, 1.1]),
        )
        for cls, more in (
            (interpolate.InterpolatedUnivariateSpline, ()),
            (interpolate.LSQUnivariateSpline, ([PLACES[3] + 0.05, PLACES[5] + 0.05], PLACES + 1)),
        )
    },
    "UnivariateSpline": (
        lambda y: interpolate.UnivariateSpline(PLACES, y, s=0, k=4, ext=3)([-1.0, 0.9, 9.0]), DATA,
    ),
    "RectBivariateSpline": (
        lambda z, x: (
            interpolate.RectBivariateSpline(*GRID, z, kx=2)(x, [1.2, 3.3], dx=1),
            interpolate.RectBivariateSpline(*GRID, z).ev(x, x + 1),
        ),
        IMAGE, np.array([1.2, 2.3]),
    ),
    "make_lsq_spline": (
        lambda y: interpolate.make_lsq_spline(
            PLACES, y, np.r_[[PLACES[0]] * 4, PLACES[4] + 0.01, [PLACES[-1]] * 4], w=PLACES + 1
        )([0.9, 1.0]),
        DATA,
    ),
    "make_smoothing_spline": (
        lambda y: interpolate.make_smoothing_spline(PLACES, y, lam=0.1)([0.9, 1.0]), DATA,
    ),
    "RegularGridInterpolator, cubic": (
        lambda z, at: interpolate.RegularGridInterpolator(
            GRID, z, "cubic", solver=sparse_linalg.spsolve
        )(at),
        IMAGE, AT,
    ),
    "integrals of splines": (
        lambda y, a: (
            interpolate.CubicSpline(PLACES, y).integrate(a, 1.4),
            interpolate.CubicSpline(PLACES, y).integrate(1.4, a),
            interpolate.make_interp_spline(PLACES, y).integrate(0.7, 1.4),
            interpolate.splint(0.7, 1.4, interpolate.splrep(PLACES, y)),
        ),
        DATA, np.array(0.73),
    ),
    "derivatives of splines": (
        lambda y: (
            interpolate.make_interp_spline(PLACES, y).derivative()(0.9),
            interpolate.make_interp_spline(PLACES, y).antiderivative()(0.9),
        ),
        DATA,
    ),
    "qr, pivoting": (lambda a: linalg.qr(a, pivoting=True)[:2], M),
    "gaussian_kde": (lambda x, at: stats.gaussian_kde(x)(at), X, np.array([0.1, 0.3])),
    "gaussian_kde, logarithm": (
        lambda x, w: stats.gaussian_kde(x, weights=w).logpdf(np.array([0.1, 0.3])), X, X**2 + 0.1,
    ),
    "linregress": (lambda x, y: tuple(stats.linregress(x, y))[:2], X, X**2),
    "pearsonr": (lambda x, y: tuple(stats.pearsonr(x, y))[:1], X, X**2),
    "multivariate_normal": (
        lambda x, s: stats.multivariate_normal.logpdf(x, np.zeros(3), s + s.T), X[:3], S,
    ),
    "hfftn": (fft.hfftn, IMAGE),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_lifted_functions_are_right(name):
    if name in ("sosfiltfilt", "decimate") and OLD:
        pytest.skip("SciPy sets the shape of an array in place")
    fn, *args = CASES[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        plain, lifted = fn(*args), da.vjp(da.lift(fn), *args)[0]
        check_grads(da.lift(fn), *args, order=1)
    for found, expected in zip(_parts(lifted), _parts(plain), strict=True):
        assert found.dtype == expected.dtype
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def _parts(out):
    return [np.asarray(part) for part in (out if isinstance(out, tuple) else [out])]


@pytest.mark.parametrize(
    ("module", "name", "args"),
    [
        ("signal", "filtfilt", (B, A, X)), ("signal", "sosfilt", (SOS, X)),
        ("signal", "savgol_filter", (X, 5, 2)), ("ndimage", "gaussian_filter", (IMAGE, 1.0)),
        ("ndimage", "zoom", (IMAGE, 1.5)), ("spatial.distance", "euclidean", (X[:3], X[3:6])),
        ("spatial.distance", "cdist", (POINTS, OTHERS)), ("fft", "dct", (X,)),
        ("stats", "zscore", (X,)), ("linalg", "logm", (S,)), ("linalg", "sinm", (M,)),
    ],
)  # fmt: skip
def test_modules_have_them_without_lift(module, name, args):
    own = getattr(importlib.import_module(f"dualad.scipy.{module}"), name)
    expected = getattr(importlib.import_module(f"scipy.{module}"), name)(*args)
    place = next(
        i for i, arg in enumerate(args) if arg is not B and arg is not A and arg is not SOS
    )

    def fn(x):
        return own(*args[:place], x, *args[place + 1 :])

    assert np.array_equal(fn(args[place]), expected)
    assert np.allclose(da.vjp(fn, args[place])[0], expected, rtol=1e-14, atol=1e-14)
    check_grads(fn, args[place], order=1)


def test_distances_of_equal_points_have_no_slope():
    def total(x):
        return distance.cdist(x, x).sum()

    assert np.all(np.isfinite(da.grad(da.lift(total))(POINTS)))
    for metric in ("euclidean", "minkowski", "seuclidean", "jensenshannon"):
        fn = da.lift(lambda x, metric=metric: distance.pdist(x, metric, **_V[metric]))
        assert np.all(da.grad(fn)(np.ones((2, 3))) == 0)


_V = {"euclidean": {}, "minkowski": {"p": 3}, "seuclidean": {"V": np.ones(3)}, "jensenshannon": {}}


@pytest.mark.parametrize(
    "fn",
    [
        lambda x: distance.pdist(x > 0, "jaccard") + distance.pdist(x, "hamming"),
        lambda x: signal.upfirdn([1.0], x, mode="wrap"),
        lambda x: linalg.eig(x, homogeneous_eigvals=True),
        lambda x: linalg.schur(x),
        lambda x: linalg.schur(x, output="complex"),
        lambda x: interpolate.splrep(PLACES[:6], x[0], s=0.3),
        lambda x: interpolate.UnivariateSpline(PLACES[:6], x[0], s=0.3)(1.0),
        lambda x: interpolate.RectBivariateSpline(GRID[0], GRID[0], x, s=9.0)(1.0, 1.0),
        lambda x: ndimage.fourier_ellipsoid(IMAGE * 1j, x[0, 0] + 3.0).real,
        lambda x: ndimage.generic_filter(x, np.sum, 3, output=np.zeros_like(IMAGE[:, :6])),
    ],
)
def test_what_has_no_rule_raises(fn):
    fn(IMAGE[:, :6])
    with pytest.raises(UnsupportedParameterError):
        da.grad(da.lift(fn))(IMAGE[:, :6])


def test_results_are_put_where_the_caller_says():
    def fn(x):
        found = np.zeros(IMAGE.shape)
        ndimage.correlate1d(x, [0.2, 0.5, 0.3], output=found)
        return found, ndimage.zoom(x, 1.5, output=np.dtype("f4"))

    found, other = da.vjp(da.lift(fn), IMAGE)[0]
    assert np.array_equal(found, ndimage.correlate1d(IMAGE, [0.2, 0.5, 0.3]))
    assert other.dtype == np.float32
    check_grads(da.lift(lambda x: fn(x)[0]), IMAGE, order=1)


RESAMPLED = {
    "map_coordinates": lambda x, **how: ndimage.map_coordinates(x, AT, **how),
    "affine_transform": lambda x, **how: ndimage.affine_transform(x, [0.8, 1.1], [0.3, 0.2], **how),
    "affine_transform of one offset": lambda x, **how: ndimage.affine_transform(
        x, np.eye(2), 0.3, **how
    ),
    "shift": lambda x, **how: ndimage.shift(x, 0.4, **how),
    "zoom": lambda x, **how: ndimage.zoom(x, 1.5, **how),
    "zoom by one": lambda x, **how: ndimage.zoom(x, 1, **how),
    "spline_filter": lambda x, **how: ndimage.spline_filter(x, 3, **how),
    "spline_filter1d": lambda x, **how: ndimage.spline_filter1d(x, 3, 0, **how),
}


@pytest.mark.filterwarnings("ignore:promoting")
@pytest.mark.parametrize("name", RESAMPLED)
def test_images_of_every_dtype_are_resampled_into_every_output(name):
    """All are linear in the image: along itself the slope is the value."""
    fn = RESAMPLED[name]
    turned = IMAGE * (1 + 0.5j)
    for image in (IMAGE, IMAGE.astype("f4"), turned, turned.astype("c8")):
        plain = fn(image)
        filled = lambda x, like=plain: fn(x, output=np.zeros_like(like))
        dtype = np.complex64 if plain.dtype.kind == "c" else np.float32
        single = lambda x, dtype=dtype: fn(x, output=dtype)
        for way in (fn, filled, single):
            expected = way(image)
            value, slope = da.jvp(da.lift(way), (image,), (image,))
            assert value.dtype == slope.dtype == expected.dtype
            rough = 1e-12 if expected.dtype.char in "dD" and image.dtype.char in "dD" else 1e-5
            for found in (value, slope):
                np.testing.assert_allclose(found, expected, rtol=rough, atol=rough)


def test_places_many_periods_away_are_found():
    image = np.arange(5.0) ** 2
    for order in (1, 3):
        for mode in ("wrap", "grid-wrap", "mirror", "reflect"):
            for places in ([-3.7, -9.2, -12.4, 0.3], [4.3, 8.9, 13.6, 17.2]):
                fn = lambda x, at=places, how=(order, mode): ndimage.map_coordinates(
                    x, [at], order=how[0], mode=how[1]
                )
                slope = da.jvp(da.lift(fn), (image,), (image,))[1]
                np.testing.assert_allclose(slope, fn(image), rtol=1e-12, atol=1e-12)


def test_a_signal_is_thinned_out_more_than_it_has_elements():
    for x, down in ((X[:5], 3), (X[:2], 7)):
        check_grads(da.lift(lambda x, down=down: signal.upfirdn([0.5], x, 1, down)), x, order=1)
        pulled = da.grad(da.lift(lambda x, down=down: signal.upfirdn([0.5], x, 1, down).sum()))(x)
        np.testing.assert_array_equal(pulled, np.where(np.arange(x.size) % down, 0, 0.5))


def test_distances_of_single_precision_and_of_no_points():
    cityblock = lambda u, v: np.sum(np.abs(u - v))
    for metric in ("euclidean", "mahalanobis", cityblock):
        fn = da.lift(lambda x, metric=metric: distance.cdist(x, OTHERS, metric))
        single = POINTS.astype("f4")
        value = da.vjp(fn, single)[0]
        np.testing.assert_allclose(value, distance.cdist(single, OTHERS, metric), rtol=1e-14)
        slope = da.grad(lambda x, fn=fn: np.sum(fn(x)))(single)
        assert slope.dtype == np.float32
        expected = da.grad(lambda x, fn=fn: np.sum(fn(x)))(single.astype(float))
        np.testing.assert_allclose(slope, expected, rtol=1e-5)
    none = da.vjp(da.lift(lambda x: distance.cdist(x, OTHERS, cityblock)), np.zeros((0, 3)))[0]
    assert none.shape == (0, 3)


def test_sparse_systems_of_complex_columns_are_solved():
    factors = sparse_linalg.splu(csc_array(M))
    for dtype in ("f4", "f8", "c8", "c16"):
        right = RNG.standard_normal((2, 3, 4)) * (1 + 0.3j * (dtype[0] == "c"))
        right = (right * np.exp(1j * right) if dtype[0] == "c" else right.real).astype(dtype)
        for trans, matrix in (("N", M), ("T", M.T)):
            found = solution(right, factors, trans)
            assert found.dtype == right.dtype
            np.testing.assert_allclose(matrix @ found, right, rtol=1e-4, atol=1e-5)


@pytest.mark.skipif(OLD, reason="SciPy has no such structures")
@pytest.mark.parametrize(("structure", "width"), [("diagonal", 0), ("tridiagonal", 1)])
def test_systems_of_a_structure_read_their_bands_alone(structure, width):
    a = M[[0, 1, 2, 0, 1]][:, [2, 0, 1, 1, 2]] + 9 * np.eye(5)
    right = np.arange(1.0, 6.0)
    band = lambda a: np.triu(np.tril(a, width), -width)
    fn = da.lift(lambda a: linalg.solve(a, right, assume_a=structure))
    expected = da.jacobian(lambda a: np.linalg.solve(band(a), right))(a)
    np.testing.assert_allclose(fn(a), np.linalg.solve(band(a), right), rtol=1e-13)
    for mode in ("forward", "reverse"):
        np.testing.assert_allclose(da.jacobian(fn, mode=mode)(a), expected, atol=1e-14)
