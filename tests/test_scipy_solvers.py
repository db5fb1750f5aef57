"""SciPy's implicit solvers of differential equations, minimizers and fits, lifted."""

import numpy as np
import pytest
from scipy import integrate, linalg, optimize

import dualad as da
from dualad.errors import MissingRowError, SingularDerivativeError, UnsupportedParameterError
from dualad.scipy.implicit import in_place_of

METHODS = ("BDF", "LSODA", "Radau")
TIGHT = {"rtol": 1e-9, "atol": 1e-11}
NEAR = 1e-6  # of derivatives: a thousand times the tolerance that the solvers are asked for
AT = np.array([1.3, 0.9, 0.2, 1.7])  # rate, start, and both times


def _by_solve_ivp(method):
    def fn(p):
        rate, start, low, high = p
        found = integrate.solve_ivp(
            lambda t, y, a: [-a * y[0] ** 2], (low, high), [start], method, args=(rate,), **TIGHT
        )
        return found.y[0, -1]

    return fn


def _by_odeint(p):
    rate, start, low, high = p
    times = np.array([low, 0.5 * (low + high), high])
    return integrate.odeint(lambda y, t, a: -a * y**2, start, times, (rate,), **TIGHT)[-1, 0]


def _solution(p):
    return 1 / (1 / p[1] + p[0] * (p[3] - p[2]))


SOLVERS = {**{name: _by_solve_ivp(name) for name in METHODS}, "odeint": _by_odeint}


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("name", SOLVERS)
def test_states_by_parameters_starts_and_times(name, mode):
    fn = SOLVERS[name]
    value, slope = da.value_and_grad(da.lift(fn), mode=mode)(AT)
    assert abs(value - fn(AT)) <= 1e-15
    np.testing.assert_allclose(slope, da.grad(_solution)(AT), NEAR, NEAR)


@pytest.mark.parametrize("name", SOLVERS)
def test_states_have_derivatives_of_any_order(name):
    fn = da.lift(SOLVERS[name])
    np.testing.assert_allclose(da.hessian(fn)(AT), da.hessian(_solution)(AT), 0, 10 * NEAR)

    def along(f):
        return lambda s: f(AT + s * np.array([0.3, -0.2, 0.5, 0.1]))

    for order in (3, 5):
        expected = da.derivative(along(_solution), order=order)(0.0)
        found = da.derivative(along(fn), order=order)(0.0)
        np.testing.assert_allclose(found, expected, 100 * NEAR, 100 * NEAR)


STIFF = np.array([[-500.0, 499.0], [1.0, -2.0]])


@pytest.mark.parametrize("method", METHODS)
def test_stiff_systems_at_places_within_steps(method):
    places = np.array([0.0, 0.013, 0.4, 0.9, 1.0])

    def fn(m, y0):
        return integrate.solve_ivp(
            lambda t, y: m @ y, (0, 1), y0, method, places, rtol=1e-8, atol=1e-10
        ).y

    def exact(m, y0):
        return np.stack([linalg.expm(m * t) @ y0 for t in places], -1)

    args = STIFF, np.array([1.0, 2.0])
    found = da.jacobian(da.lift(fn), (0, 1))(*args)
    for a, b in zip(found, da.jacobian(da.lift(exact), (0, 1))(*args), strict=True):
        np.testing.assert_allclose(a, b, 1e-5, 1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_solutions_and_events_within_steps(method):
    def fn(a):
        def rate(t, y):
            return np.array([y[1], -a])

        def ground(t, y):
            return y[0]

        ground.terminal, ground.direction = True, -1
        out = integrate.solve_ivp(
            rate, (0, 9), [1.0, 2.0], method, events=ground, dense_output=True, **TIGHT
        )
        return out.t_events[0][0], out.y_events[0][0], out.sol(0.3)

    def exact(a):
        end = (2 + np.sqrt(4 + 2 * a)) / a
        return end, np.array([0, 2 - a * end]), np.array([1.6 - a * 0.045, 2 - 0.3 * a])

    for found, expected in zip(da.jacobian(da.lift(fn))(1.5), da.jacobian(exact)(1.5), strict=True):
        np.testing.assert_allclose(found, expected, NEAR, NEAR)


def test_plain_equations_keep_what_scipy_does():
    def fn(a):
        out = integrate.solve_ivp(lambda t, y: -y, (0, 2), [1.0], "LSODA", dense_output=True)
        states = integrate.odeint(lambda y, t: -y, 1.0, [0.0, 1.0], full_output=True)
        return a * np.stack([out.y[0, -1], out.sol(0.3)[0], states[0][-1, 0]])

    np.testing.assert_array_equal(da.jacobian(da.lift(fn))(1.0), fn(1.0))


def test_complex_states_raise():
    def fn(a):
        return integrate.solve_ivp(lambda t, y: 1j * a * y, (0, 1), [1 + 0j], "BDF").y[0, -1].real

    with pytest.raises(UnsupportedParameterError, match="complex"):
        da.grad(da.lift(fn))(1.0)


# Minima

X = np.linspace(0.0, 3.0, 12)
Y = 2.5 * np.exp(-1.3 * X) + 0.5 + 0.05 * np.sin(7 * X)
SHARP = {"xtol": 1e-13, "ftol": 1e-13}


def _model(x, a, b, c):
    return a * np.exp(-b * x) + c


def _of_number(**how):
    def fn(a):
        out = optimize.minimize_scalar(lambda x, b: np.cosh(x - b) + b * x * x, args=a, **how)
        return out.x, out.fun

    return fn


def _of_vector(method, **how):
    def fn(a):
        out = optimize.minimize(
            lambda x, b: (x[0] - b) ** 2 + np.cosh(x[1] * b - x[0]) + x[1] ** 4 * b,
            [1.0, 1.0], a, method, tol=1e-10, **how,
        )  # fmt: skip
        return out.x, out.fun

    return fn


def _number_exactly(a):
    x = optimize.newton(lambda x: np.sinh(x - a) + 2 * a * x, 0.4, tol=1e-14)
    return x, np.cosh(x - a) + a * x * x


def _vector_exactly(b):
    def slope(x):
        s = np.sinh(x[1] * b - x[0])
        return [2 * (x[0] - b) - s, s * b + 4 * x[1] ** 3 * b]

    x = optimize.fsolve(slope, [1.0, 0.8], xtol=1e-14)
    return x, (x[0] - b) ** 2 + np.cosh(x[1] * b - x[0]) + x[1] ** 4 * b


def _residuals_of(y):
    return lambda p: _model(X, *p) - y


def _fit_exactly(y):
    x = optimize.leastsq(_residuals_of(y), [2.0, 1.0, 0.4], **SHARP)[0]
    for _ in range(3):
        slopes = da.jacobian(_residuals_of(y))
        x = x - np.linalg.solve(
            da.hessian(lambda p: 0.5 * np.sum(_residuals_of(y)(p) ** 2))(x),
            slopes(x).T @ _residuals_of(y)(x),
        )
    j, r = da.jacobian(_residuals_of(y))(x), _residuals_of(y)(x)
    return x, np.linalg.inv(j.T @ j) * np.sum(r**2) / (len(X) - 3)


def _least_squares(y):
    out = optimize.least_squares(_residuals_of(y), [2.0, 1.0, 0.4], gtol=1e-13, **SHARP)
    inverse = np.linalg.inv(out.jac.T @ out.jac)
    return out.x, inverse * 2 * out.cost / 9 + inverse * (np.sum(out.fun**2) - 2 * out.cost)


MINIMA = {
    "minimize_scalar": (_of_number(), _number_exactly, 1.3),
    "minimize_scalar, bounded": (
        _of_number(bounds=(0, 3), options={"xatol": 1e-9}), _number_exactly, 1.3,
    ),
    **{
        f"minimize, {method}": (_of_vector(method), _vector_exactly, 1.3)
        for method in ("BFGS", "CG", "L-BFGS-B", "Nelder-Mead")
    },
    "minimize, bounds": (
        _of_vector("L-BFGS-B", bounds=optimize.Bounds([0, 0], [9, 9])), _vector_exactly, 1.3,
    ),
    "curve_fit": (lambda y: optimize.curve_fit(_model, X, y, **SHARP), _fit_exactly, Y),
    "curve_fit, bounds": (
        lambda y: optimize.curve_fit(_model, X, y, bounds=(0, [9, 9, 9]), gtol=1e-13, **SHARP),
        _fit_exactly, Y,
    ),
    "least_squares": (_least_squares, _fit_exactly, Y),
}  # fmt: skip


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("name", MINIMA)
def test_minima(name, mode):
    fn, exact, x = MINIMA[name]
    for found, plain in zip(da.vjp(da.lift(fn), x)[0], fn(x), strict=True):
        np.testing.assert_allclose(found, plain, 1e-13, 1e-14)
    jacobians = [
        da.jacobian(da.lift(f), mode=mode)(x) for f in (fn, exact)
    ]  # of the minimum, and of the value or the covariance there
    for found, expected in zip(*jacobians, strict=True):
        np.testing.assert_allclose(found, expected, 1e-5, 1e-7)


@pytest.mark.parametrize("name", ["minimize_scalar", "minimize, BFGS"])
def test_minima_have_derivatives_of_any_order(name):
    fn, exact, x = MINIMA[name]
    for order in (2, 3, 4):
        found, expected = [da.derivative(da.lift(f), order=order)(x) for f in (fn, exact)]
        for a, b in zip(found, expected, strict=True):
            np.testing.assert_allclose(a, b, 1e-4, 1e-5)
    nested = da.jacobian(da.jacobian(da.lift(fn)))(x)
    for a, b in zip(nested, da.derivative(da.lift(exact), order=2)(x), strict=True):
        np.testing.assert_allclose(a, b, 1e-4, 1e-5)


@pytest.mark.parametrize(
    ("fn", "error", "match"),
    [
        (
            lambda a: optimize.minimize(
                lambda x: np.sum((x - a) ** 2), [1.5], bounds=[(0, 2)]
            ).x[0],
            SingularDerivativeError, "not needed",
        ),
        (
            lambda a: optimize.minimize_scalar(lambda x: (x + 1.0 - a) ** 2, bounds=(0, 1)).x,
            SingularDerivativeError, "bound",
        ),
        (
            lambda a: optimize.minimize(lambda x: np.sum((x[0] - a) ** 2), [0.5, 1.0]).x[0],
            SingularDerivativeError, "second derivatives",
        ),
        (
            lambda a: optimize.least_squares(lambda x: x**3 - a, [1.0], loss="huber").x[0],
            UnsupportedParameterError, "loss",
        ),
        (
            lambda a: optimize.fmin_l_bfgs_b(lambda x: (x - a) ** 2, [0.3], approx_grad=True)[0][0],
            MissingRowError, "fmin",
        ),
        (
            lambda a: optimize.minimize_scalar(
                lambda x: np.cosh(x - a), bounds=(0, 9), options={"maxiter": 2}
            ).x,
            SingularDerivativeError, "slope",
        ),
    ],
)  # fmt: skip
def test_what_is_no_minimum_raises(fn, error, match):
    fn(2.0)
    with pytest.raises(error, match=match):
        da.grad(da.lift(fn))(2.0)


def test_what_approximations_tell_is_left_out():
    out = da.lift(lambda a: optimize.minimize(lambda x: np.sum((x - a) ** 2), [0.5]))
    with pytest.raises(KeyError):
        da.grad(lambda a: out(a)["hess_inv"][0, 0])(2.0)


def test_fits_that_begin_at_their_end():
    def fn(y):
        return optimize.curve_fit(
            lambda x, a: a * x, X, y, [2.0], jac=lambda x, a: x[:, None], absolute_sigma=True
        )[0][0]

    np.testing.assert_allclose(da.grad(da.lift(fn))(2 * X), X / np.sum(X**2), 1e-12)


def test_scipys_own_serves_while_no_derivative_is_computed():
    larger = in_place_of(max)(lambda a, b: a + b)
    assert larger(1.0, 2.0) == 2.0
    assert da.value_and_grad(lambda x: larger(x, 2.0))(1.0) == (3.0, 1.0)
