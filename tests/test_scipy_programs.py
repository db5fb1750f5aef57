"""Boundary values, constrained minima, programs and roots, against what is known of them."""

import numpy as np
import pytest
from scipy import integrate, optimize

import dualad as da
from dualad.errors import SingularDerivativeError, UnsupportedParameterError
from tests.lifted import check_lifted

RNG = np.random.default_rng(25)
SHARP = {"ftol": 1e-16}
A = np.array([1.0, 2.0])
NEAR = 1e-6  # of what a minimizer finds with slopes from differences

# Boundary values


def oscillation(p):
    """Return a slope at the start, the solution in the middle, and its slope there."""
    rate, end, high = p
    found = integrate.solve_bvp(
        lambda t, y: np.stack([y[1], -(rate**2) * y[0]]),
        lambda a, b: np.stack([a[0], b[0] - end]),
        np.linspace(0.0, 1.0, 5) * high, np.ones((2, 5)), tol=1e-10,
    )  # fmt: skip
    return found.y[1, 0], found.sol(0.5)[0], found.sol(0.5, 1)[0], found.yp[1, -1]


def oscillation_exactly(p):
    rate, end, high = p
    size = end / np.sin(rate * high)
    at = np.sin(0.5 * rate), np.cos(0.5 * rate)
    return size * rate, size * at[0], size * rate * at[1], -end * rate**2


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_boundary_values_by_the_equation_and_the_ends(mode):
    at = np.array([1.7, 0.8, 1.2])
    for found, plain in zip(da.vjp(da.lift(oscillation), at)[0], oscillation(at), strict=True):
        np.testing.assert_allclose(found, plain, rtol=1e-15)
    found, expected = [
        da.jacobian(fn, mode=mode)(at) for fn in (da.lift(oscillation), oscillation_exactly)
    ]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_boundary_values_have_derivatives_of_any_order():
    along = np.array([0.3, -0.2, 0.4])

    def of(fn, k):
        return lambda s: fn(np.array([1.7, 0.8, 1.2]) + s * along)[k]

    for k in range(2):
        pairs = of(da.lift(oscillation), k), of(oscillation_exactly, k)
        for order in (2, 3):
            found, expected = [da.derivative(fn, order=order)(0.0) for fn in pairs]
            np.testing.assert_allclose(found, expected, atol=1e-4)
        nested, expected = [da.derivative(da.derivative(fn))(0.0) for fn in pairs]
        np.testing.assert_allclose(nested, expected, atol=1e-5)


def test_boundary_values_with_an_unknown_parameter():
    """The first eigenvalue of a string of a density: ``k`` times its root is pi."""

    def fn(density):
        x = np.linspace(0.0, 1.0, 9)
        found = integrate.solve_bvp(
            lambda t, y, k: [y[1], -(k[0] ** 2) * density * y[0]],
            lambda a, b, k: [a[0], b[0], a[1] - k[0]],
            x, np.stack([np.sin(3 * x), 3 * np.cos(3 * x)]), p=[3.0], tol=1e-8,
            fun_jac=None, bc_jac=None,
        )  # fmt: skip
        return found.p[0]

    np.testing.assert_allclose(da.grad(da.lift(fn))(1.3), -0.5 * np.pi * 1.3**-1.5, rtol=1e-6)


def test_boundary_values_that_have_no_rule():
    def singular(p):
        return integrate.solve_bvp(
            lambda t, y: np.stack([y[1], 0 * y[0] + p]), lambda a, b: np.stack([a[0], b[0]]),
            np.linspace(0, 1, 5), np.zeros((2, 5)), S=np.array([[0.0, 0.0], [0.0, -2.0]]),
        ).y[0, 2]  # fmt: skip

    singular(1.0)
    with pytest.raises(UnsupportedParameterError, match="S"):
        da.grad(da.lift(singular))(1.0)


def test_plain_boundary_values_stay_scipys():
    def fn(x):
        found = integrate.solve_bvp(
            lambda t, y: np.stack([y[1], -y[0]]), lambda a, b: np.stack([a[0], b[0] - 1]),
            np.linspace(0, 1, 5), np.ones((2, 5)),
        )  # fmt: skip
        return x * found.sol(0.5)[0]

    assert da.grad(da.lift(fn))(2.0) == pytest.approx(fn(1.0), rel=1e-15)


def test_integrals_of_vectors_between_bounds_that_move():
    def fn(p, a, b):
        return integrate.quad_vec(lambda x: np.stack([np.exp(-p * x), np.sin(p * x)]), a, b)[0]

    check_lifted(fn, 1.3, 0.2, 2.0, order=2)
    check_lifted(lambda p, a: fn(p, a, 0.5), 1.3, 0.9)
    check_lifted(lambda a: integrate.quad_vec(lambda x: np.exp(-x * x), a, np.inf)[0], 0.3)
    check_lifted(lambda a: integrate.quad_vec(lambda x: np.exp(-x * x), -np.inf, a)[0], 0.3)


# Minima under constraints: of (x - a)**2, summed, all are known


def off(a):
    return lambda x: np.sum((x - a) ** 2)


def held(method="SLSQP", options=SHARP, **how):
    """Return a minimum under constraints by what is to be reached, and by their bounds."""

    def fn(a, c):
        given = {key: value(c) for key, value in how.items()}
        return optimize.minimize(off(a), [0.2, 0.3], method=method, options=options, **given).x

    return fn


def on_line(a, c):
    return a - (np.sum(a) - c) / 2


def summed(x):
    return x[0] + x[1]


TRUST = {"gtol": 1e-11, "xtol": 1e-13, "barrier_tol": 1e-12}
LINE = np.array([[1.0, 1.0]])
CONSTRAINED = {
    "equation": (
        held(constraints=lambda c: {"type": "eq", "fun": lambda x: summed(x) - c}), on_line, 1.0,
    ),
    "inequality": (
        held(constraints=lambda c: [
            {"type": "ineq", "fun": lambda x, c: c - summed(x), "args": (c,)}
        ]), on_line, 1.0,
    ),
    "inequality that does not hold": (
        held(constraints=lambda c: [{"type": "ineq", "fun": lambda x: c - summed(x)}]),
        lambda a, c: a + 0 * c, 9.0,
    ),
    "linear": (
        held(constraints=lambda c: optimize.LinearConstraint(LINE, -np.inf, c)), on_line, 1.0,
    ),
    "linear, from below": (
        held(constraints=lambda c: optimize.LinearConstraint(LINE, c, np.inf)), on_line, 5.0,
    ),
    "nonlinear": (
        held(constraints=lambda c: optimize.NonlinearConstraint(
            lambda x: np.exp(summed(x)), -np.inf, np.exp(c)
        )), on_line, 1.0,
    ),
    "trust-constr": (
        held("trust-constr", TRUST, constraints=lambda c: optimize.NonlinearConstraint(
            summed, c, c
        )), on_line, 1.0,
    ),
    "lower bound": (
        held("L-BFGS-B", {"gtol": 1e-12}, bounds=lambda c: [(c, None), (None, 9.0)]),
        lambda a, c: np.stack([c + 0 * a[0], a[1]]), 1.5,
    ),
    "upper bounds": (
        held(bounds=lambda c: optimize.Bounds(-np.inf, [c, 9.0])),
        lambda a, c: np.stack([c + 0 * a[0], a[1]]), 0.5,
    ),
    "bound and constraint": (
        held(bounds=lambda c: [(-9, c), (-9, 9)],
             constraints=lambda c: {"type": "ineq", "fun": lambda x: c**2 + 2 - summed(x)}),
        lambda a, c: np.stack([c, c**2 + 2 - c]) + 0 * a, 0.2,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CONSTRAINED)
def test_minima_under_constraints(name):
    fn, exact, c = CONSTRAINED[name]
    np.testing.assert_allclose(fn(A, c), exact(A, c), atol=1e-5)
    for mode in ("forward", "reverse"):
        found, expected = [da.jacobian(f, (0, 1), mode=mode)(A, c) for f in (da.lift(fn), exact)]
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-5)
    found, expected = [
        da.derivative(lambda c, f=f: f(A, c)[1], order=2)(c) for f in (da.lift(fn), exact)
    ]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_the_least_value_moves_by_the_price_of_a_constraint():
    def value(c):
        constraint = {"type": "eq", "fun": lambda x: summed(x) - c}
        return optimize.minimize(off(A), [0.2, 0.3], constraints=constraint, options=SHARP).fun

    np.testing.assert_allclose(da.grad(da.lift(value))(1.0), 1.0 - 3.0, atol=NEAR)


@pytest.mark.parametrize(
    "how",
    [
        {"bounds": [(1.0, 9.0), (None, None)]},
        {"constraints": {"type": "ineq", "fun": lambda x: 3.0 - summed(x)}},
        {"constraints": [{"type": "eq", "fun": lambda x: x[0] - 1.0}] * 2},
    ],
)
def test_constraints_that_are_not_needed_raise(how):
    def fn(a):
        return optimize.minimize(off(a), [1.0, 1.7], method="SLSQP", options=SHARP, **how).x[1]

    with pytest.raises(SingularDerivativeError):
        da.grad(da.lift(fn))(A)


def test_fits_at_a_bound():
    x = np.linspace(0.0, 2.0, 12)
    y = 2 * np.exp(-x) + 0.03 * np.sin(9 * x)
    sharp = {"ftol": 1e-15, "xtol": 1e-15, "gtol": 1e-15}

    def fn(y, high):
        out = optimize.least_squares(
            lambda p: p[0] * np.exp(-p[1] * x) - y, [1.0, 0.5], bounds=([0, 0], [9, high]), **sharp
        )
        return out.x

    def exact(y, high):
        e = np.exp(-high * x)
        return np.stack([y @ e / (e @ e), high])

    found, expected = [da.jacobian(f, (0, 1))(y, 0.9) for f in (da.lift(fn), exact)]
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    fit = da.lift(
        lambda y: optimize.curve_fit(
            lambda x, a, b: a * np.exp(-b * x), x, y, [1.0, 0.5], bounds=([0, 0], [9, 0.9])
        )[0][0]
    )
    np.testing.assert_allclose(da.grad(fit)(y), da.grad(lambda y: exact(y, 0.9)[0])(y), atol=1e-6)


# Programs

M, RIGHT = RNG.random((6, 3)), None
RIGHT = M @ np.array([0.5, -0.3, 1.2]) + 0.01 * RNG.random(6)


def program(c, matrix, most, high):
    out = optimize.linprog(c, A_ub=matrix, b_ub=most, bounds=[(0, None), (0, high), (0.1, None)])
    return out.x, out.fun, out.slack


PROGRAMS = {
    "linprog": (
        program, np.array([-1.0, -2.0, 1.5]), np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 2.0]]),
        np.array([4.0, 5.0]), 3.0,
    ),
    "linprog, lists": (
        lambda most: optimize.linprog([-1.0, -2.0], [[1.0, 1.0], [0.0, 1.0]], most).x,
        np.array([4.0, 1.0]),
    ),
    "solve_bvp, lists": (
        lambda end: integrate.solve_bvp(
            lambda t, y: [y[1], -y[0]], lambda a, b: [a[0], b[0] - end], [0.0, 0.5, 1.0],
            np.ones((2, 3)), tol=1e-10,
        ).y[1, 0],
        0.8,
    ),
    "linprog, equations": (
        lambda c, matrix, sums: optimize.linprog(c, A_eq=matrix, b_eq=sums).x,
        np.array([1.0, 2.0, 4.0]), np.array([[1.0, 1.0, 1.0]]), np.array([2.0]),
    ),
    "nnls": (optimize.nnls, M, RIGHT),
    "lsq_linear": (lambda a, b: optimize.lsq_linear(a, b).x, M, RIGHT),
    "lsq_linear, bounds": (
        lambda a, b, high: (
            optimize.lsq_linear(a, b, (-0.1, high), "bvls").x,
            optimize.lsq_linear(a, b, (-0.1, high), "bvls").cost,
        ),
        M, RIGHT, np.array([1.0, 1.0, 1.0]),
    ),
    **{
        f"isotonic_regression, {rising}": (
            lambda y, w, rising=rising: (
                optimize.isotonic_regression(y, weights=w, increasing=rising).x,
                optimize.isotonic_regression(y, weights=w, increasing=rising).weights,
            ),
            np.array([1.0, 3.0, 1.8, 4.2, 3.1, 5.0]), np.arange(1.0, 7.0),
        )
        for rising in (True, False)
    },
    "linear_sum_assignment": (
        lambda costs: costs[optimize.linear_sum_assignment(costs)].sum(), RNG.random((4, 4)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(name):
    fn, *args = PROGRAMS[name]
    check_lifted(fn, *args, near=1e-9)


def test_corners_of_more_constraints_than_unknowns_raise():
    def corner(most):
        return optimize.linprog([-1.0, -1.0], np.array([[1.0, 0], [0, 1], [1, 1]]), most).x[0]

    with pytest.raises(SingularDerivativeError):
        da.grad(da.lift(corner))(np.array([1.0, 1.0, 2.0]))
    with pytest.raises(SingularDerivativeError, match="bound"):
        da.grad(da.lift(lambda b: optimize.nnls(np.eye(2), b)[0][0]))(np.array([0.0, 1.0]))


# Roots and minima by other names


def cubes(a):
    return lambda x: x + x**3 - a


def by_newton(fn):
    """Return a root, by a function that tells its slope, too."""
    both = lambda x: (fn(x), 1 + 3 * x**2)
    return optimize.root_scalar(both, x0=1.0, fprime=True, method="newton").root


SOLVERS = {
    **{
        name: lambda a, name=name: getattr(optimize, name)(cubes(a), np.ones(2), f_tol=1e-12)
        for name in ("broyden1", "broyden2", "newton_krylov")
    },
    "fsolve": lambda a: optimize.fsolve(
        lambda x, a: cubes(a)(x), [1.0, 1.0], (a,), lambda x, a: np.diag(1 + 3 * x**2), xtol=1e-13
    ),
    "root, both": lambda a: optimize.root(
        lambda x: (cubes(a)(x), np.diag(1 + 3 * x**2)), [1.0, 1.0], jac=True, tol=1e-13
    ).x,
    "root_scalar, both": lambda a: np.stack([by_newton(cubes(each)) for each in a]),
    "fmin_bfgs": lambda a: optimize.fmin_bfgs(
        lambda x, a: np.sum(x**2 / 2 + x**4 / 4 - a * x), [1.0, 1.0],
        lambda x, a: cubes(a)(x), (a,), gtol=1e-10, disp=False, full_output=True,
    )[0],
    "fmin_ncg": lambda a: optimize.fmin_ncg(
        lambda x: np.sum(x**2 / 2 + x**4 / 4 - a * x), [1.0, 1.0],
        lambda x: cubes(a)(x), fhess=lambda x: np.diag(1 + 3 * x**2), disp=False, avextol=1e-12,
    ),
    "fminbound": lambda a: np.stack([
        optimize.fminbound(lambda x, a: x**2 / 2 + x**4 / 4 - a * x, 0.0, 5.0, (each,), 1e-9)
        for each in a
    ]),
}  # fmt: skip


@pytest.mark.parametrize("name", SOLVERS)
def test_roots_and_minima_by_other_names(name):
    a = np.array([2.0, 3.0])
    fn = da.lift(SOLVERS[name])
    x = optimize.fsolve(cubes(a), [1.0, 1.0], xtol=1e-12)
    slope = 1 / (1 + 3 * x**2)
    np.testing.assert_allclose(da.jacobian(fn)(a), np.diag(slope), atol=1e-5)
    second = da.derivative(lambda s: fn(a + s)[0], order=2)(0.0)
    np.testing.assert_allclose(second, -6 * x[0] * slope[0] ** 3, atol=1e-5)


def test_the_least_value_of_older_minimizers():
    def fn(a):
        return optimize.fmin(lambda x: np.sum((x - a) ** 2) + a, 0.3, disp=False, full_output=True)

    assert da.grad(da.lift(lambda a: fn(a)[1]))(2.0) == pytest.approx(1.0, abs=1e-3)


def _between(a, low, high):
    found = optimize.minimize_scalar(
        lambda x: (x - a) ** 2, bounds=(low, high), method="bounded", options={"xatol": 1e-10}
    )
    other = optimize.fminbound(lambda x: (x - a) ** 2, low, high, xtol=1e-10)
    return np.stack([found.x, found.fun, other])


@pytest.mark.parametrize(
    ("a", "slopes"),
    [
        (2.0, [[0, 0, 1], [2, 0, -2], [0, 0, 1]]),
        (-1.0, [[0, 1, 0], [-2, 2, 0], [0, 1, 0]]),
        (0.5, [[1, 0, 0], [0, 0, 0], [1, 0, 0]]),
    ],
)
def test_a_minimum_at_an_end_of_an_interval_moves_with_it(a, slopes):
    def fn(x):
        return _between(x[0], x[1], x[2])

    for mode in ("forward", "reverse"):
        found = da.jacobian(da.lift(fn), mode=mode)(np.array([a, 0.0, 1.0]))
        np.testing.assert_allclose(found, slopes, atol=1e-6)
    ends = da.grad(da.lift(lambda e: _between(a, e, 1.0)[0]))(0.0)
    assert ends == pytest.approx(slopes[0][1], abs=1e-6)


def test_a_minimum_at_an_end_that_is_one_without_it():
    for a in (1.0, 1.00001, 0.99999):
        with pytest.raises(SingularDerivativeError, match="bound"):
            da.grad(da.lift(lambda a: optimize.fminbound(lambda x: (x - a) ** 2, 0.0, 1.0)))(a)
