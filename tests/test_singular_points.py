"""Where a formula breaks down and the derivative does not: zeros, infinities, huge numbers, ties.

Differences are no reference there; these are known values, in both modes, of numbers and arrays.
"""

import re

import numpy as np
import pytest
from scipy import special

import dualad as da
from dualad.core import pulling
from dualad.core.row import TABLE
from dualad.core.tracer import strip
from dualad.errors import UnsupportedParameterError
from dualad.rules.standing import settled_as
from dualad.scipy import special as ours

INF, NAN = np.inf, np.nan

PARTIALS = [  # a function, where, and its partials
    (np.absolute, (0.0,), (0.0,)),
    (np.fabs, (-0.0,), (0.0,)),
    (np.copysign, (0.0, -1.0), (0.0, 0.0)),
    (np.copysign, (3.0, -0.0), (-1.0, 0.0)),
    (np.hypot, (0.0, 0.0), (0.0, 0.0)),
    (np.hypot, (3e200, -4e200), (0.6, -0.8)),
    (np.hypot, (3e-200, -4e-200), (0.6, -0.8)),
    (np.arctan2, (3e200, 4e200), (1.6e-201, -1.2e-201)),
    (np.arctan2, (3e-200, 4e-200), (1.6e199, -1.2e199)),
    (np.arctan2, (0.0, -2.0), (-0.5, 0.0)),
    (np.arctan, (1e200,), (0.0,)),
    (np.arcsinh, (1e200,), (1e-200,)),
    (np.arccosh, (1e200,), (1e-200,)),
    (np.tanh, (800.0,), (0.0,)),
    (np.sinc, (0.0,), (0.0,)),
    (np.sinc, (2.0,), (0.5,)),
    (np.sinc, (0.0999,), (-0.32543195527576435,)),
    (np.expm1, (-50.0,), (np.exp(-50.0),)),
    (np.log1p, (-1.0,), (INF,)),
    (np.sqrt, (0.0,), (INF,)),
    (np.cbrt, (0.0,), (INF,)),
    (np.cbrt, (-8.0,), (1 / 12,)),
    (np.logaddexp, (INF, 0.0), (1.0, 0.0)),
    (np.logaddexp, (-INF, 0.0), (0.0, 1.0)),
    (np.logaddexp, (-INF, -INF), (0.5, 0.5)),
    (np.logaddexp, (1e3, -1e3), (1.0, 0.0)),
    (np.logaddexp2, (INF, -INF), (1.0, 0.0)),
    (np.logaddexp2, (INF, INF), (0.5, 0.5)),
    (np.maximum, (1.0, 1.0), (0.5, 0.5)),
    (np.maximum, (NAN, 1.0), (1.0, 0.0)),
    (np.fmax, (NAN, 1.0), (0.0, 1.0)),
    (np.minimum, (-INF, 1.0), (1.0, 0.0)),
    (np.power, (0.0, 0.0), (0.0, 0.0)),
    (np.power, (0.0, 1.0), (1.0, 0.0)),
    (np.power, (0.0, 2.0), (0.0, 0.0)),
    (np.power, (0.0, 0.5), (INF, 0.0)),
    (np.power, (1e-310, 0.0), (0.0, np.log(1e-310))),
    (np.fmod, (1.0, 0.1), (1.0, -9.0)),
    (np.remainder, (1.0, 0.1), (1.0, -9.0)),
    (np.fmod, (-1.0, 0.3), (1.0, 3.0)),
    (np.remainder, (-1.0, 0.3), (1.0, 4.0)),
    (np.remainder, (1.0, INF), (1.0, 0.0)),
    (lambda x: np.power(x, 0), (0.0,), (0.0,)),
    (lambda x: np.power(x, 3), (-2.0,), (12.0,)),
    (lambda x: np.power(x, -1), (-2.0,), (-0.25,)),
    (lambda x: np.power(x, True), (0.0,), (1.0,)),
    (lambda x: np.power(0, x), (2.0,), (0.0,)),
    (lambda x: np.divide(x, 0), (1.0,), (INF,)),
    (lambda x: np.divide(x, -0.0), (1.0,), (-INF,)),
    (lambda x: np.ldexp(x, -1), (0.0,), (0.5,)),
    (lambda x: np.modf(x)[0], (-2.5,), (1.0,)),
    (lambda x: np.frexp(x)[0], (5.0,), (0.125,)),
]

SECOND = [  # a function of one number, where, and its second derivative
    (lambda x: np.power(x, 2), 0.0, 2.0),
    (lambda x: np.power(x, 3), 0.0, 0.0),
    (lambda x: np.power(x, 2.0), -1.0, 2.0),
    (lambda x: np.logaddexp(x, 1.0), 1.0, 0.25),
    (lambda x: np.logaddexp2(x, 1.0), 1.0, 0.25 * np.log(2)),
    (lambda x: np.hypot(x, 0.0), 0.0, 0.0),
    (lambda x: np.hypot(x, 2.0), 0.0, 0.5),
    (np.absolute, 0.0, 0.0),
    (np.sinc, 0.0, -(np.pi**2) / 3),
    (np.sinc, 1e-6, -(np.pi**2) / 3),
    (np.sinc, 0.1, -3.19302983596485),
    (da.grad(np.sinc), 0.0, 0.0),
    (lambda x: np.absolute(x * (1 + 1j)), 0.0, 0.0),
]

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's own, of such values


@pytest.mark.parametrize(("fn", "point", "partials"), PARTIALS)
def test_partials(fn, point, partials):
    numbers = tuple(map(np.float64, point))
    arrays = tuple(np.array([x, x]) for x in point)
    every = tuple(range(len(point)))
    for x in (numbers, arrays):
        reverse = da.grad(fn, every, mode="reverse")(*x)
        forward = [da.jvp(fn, x, tuple(np.ones_like(v) * (i == k) for k, v in enumerate(x)))[1]
                   for i in every]  # fmt: skip
        for expected, *found in zip(partials, reverse, forward, strict=True):
            for value in found:
                np.testing.assert_allclose(value, expected * np.ones_like(x[0]), rtol=1e-14)


@pytest.mark.parametrize("ufunc", dict.fromkeys(f for f, *_ in PARTIALS if f in TABLE))
def test_partials_beside_each_other(ufunc):
    cases = [(point, partials) for fn, point, partials in PARTIALS if fn is ufunc]
    x, expected = (np.array(part).T for part in zip(*cases, strict=True))
    found = da.grad(ufunc, tuple(range(len(x))), mode="reverse")(*x)
    np.testing.assert_allclose(found, expected, rtol=1e-14)
    for i, partial in enumerate(expected):
        t = tuple(np.ones_like(v) * (i == k) for k, v in enumerate(x))
        np.testing.assert_allclose(da.jvp(ufunc, tuple(x), t)[1], partial, rtol=1e-14)


@pytest.mark.parametrize(("fn", "point", "expected"), SECOND)
def test_second_derivatives(fn, point, expected):
    for x in (np.float64(point), np.array([point, point])):
        slope = da.grad(fn, mode="reverse")
        found = [da.grad(slope, mode=mode)(x) for mode in ("forward", "reverse")]
        found.append(da.jvp(slope, (x,), (np.ones_like(x),))[1])
        for value in found:
            np.testing.assert_allclose(value, expected * np.ones_like(x), rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("second", [1.0, 0.0, 2.0])
def test_mixed_partial_of_a_power_is_there_where_the_exponent_is_zero(second):
    by_base = da.grad(np.power)
    a, b = np.array([2.0]), np.array([second])
    expected = a ** (b - 1) * (1 + b * np.log(a))
    np.testing.assert_allclose(da.grad(by_base, 1)(a, b), expected)
    np.testing.assert_allclose(da.grad(da.grad(np.power, 1))(a, b), expected)


def test_power_of_a_negative_number_to_a_complex_exponent():
    def fn(x):
        return np.power(-2.0, x)

    step = 1e-6
    expected = (fn(1 + 1j + step) - fn(1 + 1j - step)) / (2 * step)
    found = da.jvp(fn, (np.complex128(1 + 1j),), (np.complex128(1),))[1]
    np.testing.assert_allclose(found, expected, rtol=1e-8)


ZERO = np.zeros(3)
ROOTS = np.array([0.0, 1.0, 4.0])
SQUARE = np.array([[0.0, 0.0], [1.0, 2.0]])
ZERO_TIMES_INFINITY = [  # a function, where, and its gradient
    (lambda x: np.where(x > 0, np.sqrt(x), 0), 0.0, 0.0),
    (lambda x: np.where(x > 0, np.log(np.abs(x)), x), 0.0, 1.0),
    (lambda x: np.where(x > 0, 1 / x, 0), 0.0, 0.0),
    (lambda x: np.where(x > 0, x**0.5, 0) + np.where(x > 0, x**-2.0, 0), 0.0, 0.0),
    (lambda x: np.where(x > 0, np.arctan2(x, x), x), 0.0, 1.0),
    (lambda x: 0.0 * np.sqrt(x), 0.0, 0.0),
    (lambda x: np.sqrt(0.0 * x), 1.0, 0.0),
    (lambda x: np.sqrt(x * x), 0.0, 0.0),
    (lambda x: np.sqrt(x**2), 0.0, 0.0),
    (lambda x: np.sqrt(x) * x, 0.0, 0.0),
    (lambda x: np.sqrt(np.maximum(x, 0)), -1.0, 0.0),
    (lambda x: np.sqrt(np.clip(x, 0, None)), -1.0, 0.0),
    (lambda x: np.sqrt(np.where(x > 0, x, 0)), -1.0, 0.0),
    (lambda x: np.sqrt(x @ x), ZERO, ZERO),
    (lambda x: np.sqrt(np.dot(x, x)), ZERO, ZERO),
    (lambda x: np.sqrt(np.inner(x, x)), ZERO, ZERO),
    (lambda x: np.sqrt(np.tensordot(x, x, 1)), ZERO, ZERO),
    (lambda x: np.sqrt(np.sum(x * x)), ZERO, ZERO),
    (lambda x: np.sqrt(np.mean(x**2)), ZERO, ZERO),
    (lambda x: np.sqrt(np.prod(x)), ZERO, ZERO),
    (lambda x: np.sqrt(np.var(x)), ZERO + 1, ZERO),
    (lambda x: np.sqrt(np.linalg.norm(x)), ZERO, ZERO),
    (lambda x: np.sum(np.sqrt(np.einsum("ij,ij->i", x, x))), SQUARE, SQUARE / np.sqrt([[1], [5]])),
    (lambda x: np.array([0.0, 1.0, 2.0]) @ np.sqrt(x), ROOTS, [0.0, 0.5, 0.5]),
    (lambda x: np.sum(np.array([[0.0, 1, 2], [1, 1, 2]]) @ np.sqrt(x)), ROOTS, [INF, 1.0, 1.0]),
    (lambda x: np.sum(np.convolve(np.sqrt(x), [0.0, 1.0])), ROOTS, [INF, 0.5, 0.25]),
    (lambda x: np.sum(np.sqrt(np.triu((x[:, None] - x) ** 2, 1)) * 3), ZERO, ZERO),
]


@pytest.fixture(params=[None, 0], ids=["two sweeps", "one sweep"])
def _sweeps(request, monkeypatch):
    """Pull as for small arrays, or as for large ones: with a look at each product."""
    if request.param is not None:
        monkeypatch.setattr(pulling, "LARGE", request.param)


@pytest.mark.usefixtures("_sweeps")
@pytest.mark.parametrize(("fn", "point", "expected"), ZERO_TIMES_INFINITY)
def test_zero_times_infinity_is_zero_in_both_modes(fn, point, expected):
    for x in (point,) if np.ndim(point) else (point, np.array([point, point])):
        for mode in ("forward", "reverse"):
            found = da.grad(fn, mode=mode)(x)
            np.testing.assert_allclose(found, expected * np.ones_like(x), rtol=1e-14, err_msg=mode)
        for transform in (da.jacfwd, da.jacrev, da.jacobian):
            found = transform(lambda x: np.sum(fn(x)))(x)
            np.testing.assert_allclose(found, expected * np.ones_like(x), rtol=1e-14)


@pytest.mark.parametrize(
    ("fn", "point", "expected"), [case for case in ZERO_TIMES_INFINITY if np.ndim(case[1]) == 0]
)
def test_zero_times_infinity_is_zero_in_large_arrays(fn, point, expected):
    x = np.full(20_000, point)
    found = da.grad(fn, mode="reverse")(x)
    np.testing.assert_allclose(found, np.full(20_000, expected), rtol=1e-14)


def test_a_nan_that_is_there_before_the_large_arrays_is_mended():
    def fn(x, y):  # the root is pulled first, by a zero cotangent; then come the large arrays
        return np.sum(np.sin(y) * np.exp(y)) + np.where(x > 0, np.sqrt(np.abs(x)), 0)

    by_x, by_y = da.grad(fn, (0, 1), mode="reverse")(0.0, np.linspace(0, 1, 20_000))
    assert by_x == 0
    assert np.isfinite(by_y).all()


@pytest.mark.usefixtures("_sweeps")
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_nan_of_the_function_itself_stays(mode):
    assert np.isnan(da.grad(lambda x: np.log(x) + x, mode=mode)(NAN))
    found = da.grad(lambda x: x @ np.array([1.0, NAN]), mode=mode)(np.ones(2))
    assert np.isnan(found).tolist() == [False, True]


@pytest.mark.parametrize("b", [[1.0, 1.0, 0.0], [1.0, 2.0, 0.0]])
def test_infinity_less_infinity_is_not_zero(b):
    a, infinite, b = np.ones(3), np.array([INF, INF, 0.0]), np.array(b)
    pushed = da.jvp(lambda a: np.cross(a, b), (a,), (infinite,))[1]
    (pulled,) = da.vjp(lambda a: np.cross(a, b), a)[1](infinite)
    for found in (pushed, pulled):
        np.testing.assert_array_equal(found, [0.0, 0.0, NAN])


def test_zero_tangents_where_nothing_is_infinite_keep_their_derivatives():
    def fn(x, y):  # a NaN shows elsewhere: so the record is swept with care
        return np.sum(np.where(x > 1, np.sqrt(x - 1), 0) + x * y)

    x, y = np.array([1.0, 2.0]), np.zeros(2)
    for outer in ("forward", "reverse"):
        for inner in ("forward", "reverse"):
            mixed = da.jacobian(da.grad(fn, mode=inner), 1, mode=outer)(x, y)
            np.testing.assert_allclose(mixed, np.eye(2))


CUTS = [
    (np.arcsin, 2.0), (np.arcsin, -2.0), (np.arccos, 2.0), (np.arccos, -2.0), (np.arcsinh, 2j),
    (np.arcsinh, -2j), (np.arccosh, -2.0), (np.arccosh, 0.5), (np.arctanh, 2.0), (np.arctan, 2j),
    (np.sqrt, -2.0), (np.log, -2.0), (np.log1p, -3.0),
]  # fmt: skip


@pytest.mark.parametrize(("fn", "point"), CUTS)
@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_derivative_is_on_the_side_of_a_branch_cut_where_the_value_is(fn, point, zero):
    def at(shift):
        moved = point + shift
        return np.complex128(complex(zero, moved.imag) if point.imag else complex(moved, zero))

    along = 1j if point.imag else 1.0
    step = 1e-6 * along
    expected = (fn(at(step)) - fn(at(-step))) / (2 * step)
    found = da.jvp(fn, (at(0),), (np.complex128(1),))[1]
    np.testing.assert_allclose(found, expected, rtol=1e-8)


def test_power_of_a_small_dtype_has_slopes_of_the_wide_one():
    x, t = np.float32(1e20), np.float32(1)
    found = da.jvp(lambda x: np.float_power(x, np.float32(3)), (x,), (t,))[1]
    np.testing.assert_allclose(found, 3 * float(x) ** 2)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_edges_of_bins_around_one_value_move_with_it(mode):
    edges = lambda x: np.histogram_bin_edges(x, 2)
    x = np.array([2.0, 2.0])
    np.testing.assert_array_equal(da.jvp(edges, (x,), (x,))[0], [1.5, 2.0, 2.5])
    np.testing.assert_allclose(da.jacobian(edges, mode=mode)(x), np.full((3, 2), 0.5))


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_numbers_in_place_of_nan_have_no_derivative(mode):
    def fn(x):
        y = 3 * x
        z = np.nan_to_num(y, copy=False, nan=7.0)
        return np.sum(z * z) + np.sum(y)

    found = da.grad(fn, mode=mode)(np.array([1.0, NAN, 2.0]))
    np.testing.assert_allclose(found, [21.0, 0.0, 39.0])


WRITTEN = [  # functions that write the last two of three elements over an array
    lambda x, out: np.compress([False, True, True], x, out=out),
    lambda x, out: np.choose([0, 1], [x[1:2], x[2:]], out=out),
    lambda x, out: np.median([x[1:], x[1:]], axis=0, out=out),
]


@pytest.mark.parametrize("function", WRITTEN)
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_what_is_written_over_an_array_brings_its_derivatives(function, mode):
    def fn(x):
        y = 3 * x[:2]
        z = function(x * x, y)
        return np.sum(y) + np.sum(z)

    found = da.grad(fn, mode=mode)(np.array([1.0, 2.0, 3.0]))
    np.testing.assert_allclose(found, [0.0, 8.0, 12.0])


REFUSED = [  # calls that NumPy refuses
    lambda x: np.gradient(x[:1]),
    lambda x: np.gradient(x[:2], edge_order=2),
    lambda x: np.linalg.cond(np.reshape(x[:0], (0, 0))),
    lambda x: np.linalg.cond(np.reshape(x[:0], (0, 0)), 1),
]


@pytest.mark.parametrize("fn", REFUSED)
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_calls_that_numpy_refuses_are_refused_in_the_same_way(fn, mode):
    with pytest.raises(Exception) as plain:  # noqa: PT011 - of whatever type
        fn(np.ones(3))
    with pytest.raises(plain.type, match=re.escape(str(plain.value))):
        da.jacobian(fn, mode=mode)(np.ones(3))


@pytest.mark.parametrize("initial", [None, INF])
def test_infinite_terms_share_a_sum_of_exponentials(initial):
    given = {} if initial is None else {"initial": initial}
    slopes = da.grad(lambda x: np.logaddexp.reduce(x, **given))(np.array([INF, 0.0, INF]))
    np.testing.assert_allclose(slopes, np.array([1, 0, 1]) / (2 if initial is None else 3))


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_quantiles_move_with_their_places_up_to_the_ends(mode):
    x = np.array([0.0, NAN, 1.0, 3.0])
    places = np.array([0.0, 0.01, 0.25, 0.5, 0.75, 0.99, 1.0])  # 1/2 is a kink, and others are
    wanted = {
        "linear": [2, 2, 2, 3, 4, 4, 4],
        "hazen": [0, 0, 3, 4.5, 6, 0, 0],
        "weibull": [0, 0, 2, 6, 4, 0, 0],
    }
    for method, slopes in wanted.items():
        fn = lambda q, m=method: np.sum(np.nanquantile(x, q, method=m))
        np.testing.assert_allclose(da.grad(fn, mode=mode)(places), slopes)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_extremes_are_found_in_the_dtype_that_is_asked_for(mode):
    x = np.array([0.1, 0.3, 0.3 + 1e-12])  # the last two are equal in single precision
    found = da.grad(lambda x: np.maximum.reduce(x, dtype=np.float32), mode=mode)(x)
    np.testing.assert_array_equal(found, [0.0, 0.5, 0.5])


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("x", [[1e-290, 1e-155, 1e25], [1e200, 1e155, 1e-120]])
def test_running_quotients_whose_partials_leave_the_range_on_the_way(x, mode):
    found = da.jacobian(np.divide.accumulate, mode=mode)(np.array(x))
    wanted = [1 / x[1] / x[2], -x[0] / x[1] / x[1] / x[2], -x[0] / x[1] / x[2] / x[2]]
    np.testing.assert_allclose(found[2], wanted, rtol=1e-14)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("end", [INF, -INF])
def test_infinite_terms_share_their_logsumexp(end, mode):
    x = np.array([[end, -INF, end], [0.0, 0.0, -INF]])
    wanted = np.array([[1, end == -INF, 1], [1, 1, 0]]) / [[2 if end > 0 else 3], [2]]
    found = da.grad(lambda x: np.sum(ours.logsumexp(x, axis=1)), mode=mode)(x)
    np.testing.assert_allclose(found, wanted)


FAR = [  # a special function, where, and its derivative, found with mpmath, 80 digits
    (special.rgamma, -99.75, -9.729470729559856e156),
    (special.dawsn, 8 - 8.4j, -14483.09685013097 - 1052.2889794364873j),
    (special.dawsn, 2500 + 1000j, -4.994054766351383e-08 + 4.7562439935474916e-08j),
    (special.dawsn, 9 + 9j, 18.902173400893922 + 12.317586805851462j),
    (special.wofz, 8 - 8.4j, 2374.7577418643554 - 32684.84977220522j),
    (special.erfcx, 10.001, -0.00555821663914682),  # where the series that is used there begins
    (special.dawsn, 10.001, -0.0050759127292038745),
]


@pytest.mark.parametrize(("fn", "point", "expected"), FAR)
def test_derivatives_far_from_zero(fn, point, expected):
    found = da.jvp(fn, (np.array(point),), (np.ones_like(point),))[1]
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_what_has_no_formula_is_nan_at_all_orders():
    z, one = np.array([-450.0 + 1j]), np.ones(1, complex)
    slope = lambda z: da.jvp(special.digamma, (z,), (one,))[1]
    for found in (slope(z), da.jvp(slope, (z,), (one,))[1]):
        assert np.isnan(found)


def test_a_program_that_finds_other_values_than_scipy_is_refused():
    for dtype, near, far in ((float, 1e-9, 1e-4), (np.float32, 2e-4, 0.1)):
        plain = np.ones(3, dtype)
        np.testing.assert_array_equal(settled_as(plain, plain + near, "f", "x"), plain)
        with pytest.raises(UnsupportedParameterError, match="with x, for which"):
            settled_as(plain, plain + far, "f", "x")


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_the_covariance_of_one_observation_warns_as_numpys_does(mode):
    x = np.ones((2, 1))
    with pytest.warns(RuntimeWarning, match="Degrees of freedom"):
        plain = np.cov(x)
    found = []
    with pytest.warns(RuntimeWarning, match="Degrees of freedom"):
        da.grad(lambda x: np.sum(found.append(np.cov(x)) or found[0]), mode=mode)(x)
    np.testing.assert_array_equal(strip(found[0]), plain)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_correlation_coefficients_stay_within_their_bounds(mode):
    x = np.array([[0.1, 0.2, 0.4], [0.3, 0.6, 1.2]])  # rounding takes the quotient out of them
    found = []
    da.grad(lambda x: np.sum(found.append(np.corrcoef(x)) or found[0]), mode=mode)(x)
    np.testing.assert_array_equal(strip(found[0]), np.corrcoef(x))


def test_spacings_of_small_integers_do_not_overflow():
    x, step = np.array([0.0, 1.0, 4.0]), np.int8(100)
    y = da.jvp(lambda x: np.gradient(x, step, edge_order=2), (x,), (x,))
    np.testing.assert_allclose(y, [np.gradient(x, 100.0, edge_order=2)] * 2)


@pytest.mark.parametrize("mode", ["reflect", "symmetric"])
@pytest.mark.parametrize("widths", [(1, 9), (9, 0), (7, 12)])
def test_reflections_over_several_periods_are_those_of_numpy(mode, widths):
    padded = lambda x: np.pad(x, widths, mode, reflect_type="odd")
    for n in (2, 3, 4):
        x, t = np.arange(n) ** 2.0, np.cos(np.arange(n))
        y, moved = da.jvp(padded, (x,), (t,))
        np.testing.assert_allclose(y, padded(x), rtol=1e-13)
        np.testing.assert_allclose(moved, padded(t), rtol=1e-12)
