"""SciPy's solvers, with derivatives exactly as dualad returns them."""

from functools import partial

import numpy as np
import pytest
from scipy import optimize
from scipy.integrate import solve_bvp, solve_ivp
from scipy.optimize import NonlinearConstraint, curve_fit, least_squares, minimize, root

import dualad as da

SOLVED = 1e-6  # of solutions of size one, by solvers that stop at gradients of about 1e-8
START = np.array([1.3, 0.7, 0.8, 1.9, 1.2])


def energy(x):
    """Return Rosenbrock's function, whose minimum is at ones."""
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def counted(fn):
    """Return a function, and a list that grows with each of its calls."""
    calls = []

    def call(*args):
        calls.append(args)
        return fn(*args)

    return call, calls


def product(x, p):
    """Return the Hessian times a vector."""
    return da.hvp(energy, (x,), (p,))[0]


SECOND_ORDER = {
    "nothing": {},
    "hess": {"hess": da.hessian(energy)},
    "hessp": {"hessp": product},
    "operator": {"hess": partial(da.hessian_operator, energy)},
}


@pytest.mark.parametrize(
    ("method", "second"),
    [
        ("BFGS", "nothing"),
        ("L-BFGS-B", "nothing"),
        ("CG", "nothing"),
        ("SLSQP", "nothing"),
        ("TNC", "nothing"),
        ("Newton-CG", "hess"),
        ("Newton-CG", "hessp"),
        ("Newton-CG", "operator"),
        ("trust-exact", "hess"),
        ("dogleg", "hess"),
        ("trust-ncg", "hess"),
        ("trust-ncg", "hessp"),
        ("trust-krylov", "hessp"),
        ("trust-constr", "hess"),
        ("trust-constr", "hessp"),
        ("trust-constr", "operator"),
    ],
)
def test_minimize(method, second):
    start = np.full(5, 1.05) if method == "dogleg" else START  # it needs a convex place
    found = minimize(
        da.value_and_grad(energy), start, jac=True, method=method, tol=1e-9, **SECOND_ORDER[second]
    )
    np.testing.assert_allclose(found.x, np.ones(5), atol=1e-3 if method == "TNC" else 1e-5)


def test_minimize_evaluates_value_and_gradient_at_once():
    fn, calls = counted(energy)
    found = minimize(da.value_and_grad(fn), START, jac=True, method="BFGS")
    assert len(calls) == found.nfev


def test_minimize_hands_further_arguments_to_function_and_derivatives():
    misfit = lambda p, t, y: np.sum((p[0] * np.exp(-p[1] * t) - y) ** 2)
    t = np.linspace(0.0, 2.0, 20)
    found = minimize(
        da.value_and_grad(misfit), [1.0, 1.0], args=(t, 2.0 * np.exp(-0.7 * t)), jac=True,
        hess=da.hessian(misfit), method="trust-exact",
    )  # fmt: skip
    np.testing.assert_allclose(found.x, [2.0, 0.7], rtol=SOLVED)


def disk(x):
    """Return how far out a point lies, in two ways: two constraints."""
    return np.stack([x[0] ** 2 + x[1] ** 2, np.exp(x[0]) - x[1]])


def weighted(x, v):
    """Return the Hessian of the constraints' sum with weights."""
    return da.hessian(lambda x: v @ disk(x))(x)


def weighted_operator(x, v):
    return da.hessian_operator(lambda x: v @ disk(x), x)


def reference():
    """Return the constrained minimum, by a solver without derivatives."""
    bounds = [
        {"type": "ineq", "fun": lambda x: 1.0 - disk(x)[0]},
        {"type": "ineq", "fun": lambda x: 5.0 - disk(x)[1]},
    ]
    return minimize(energy, [0.2, 0.2], method="COBYLA", constraints=bounds, tol=1e-9,
                    options={"maxiter": 20_000}).x  # fmt: skip


@pytest.mark.parametrize("hess", [weighted, weighted_operator])
@pytest.mark.parametrize("second", ["hess", "operator"])
def test_trust_constr_with_the_hessians_of_constraints(hess, second):
    constraint = NonlinearConstraint(disk, -np.inf, [1.0, 5.0], jac=da.jacobian(disk), hess=hess)
    found = minimize(
        da.value_and_grad(energy), np.array([0.2, 0.2]), jac=True, method="trust-constr",
        constraints=constraint, options={"gtol": 1e-9, "xtol": 1e-12}, **SECOND_ORDER[second],
    )  # fmt: skip
    np.testing.assert_allclose(found.x, reference(), atol=1e-4)


def test_slsqp_with_constraints():
    inside = lambda x: 1.0 - x @ x
    constraints = [
        {"type": "ineq", "fun": inside, "jac": da.grad(inside)},
        {"type": "ineq", "fun": lambda x: 5.0 - disk(x), "jac": da.jacobian(lambda x: -disk(x))},
    ]
    found = minimize(da.value_and_grad(energy), [0.2, 0.2], jac=True, method="SLSQP",
                     constraints=constraints, tol=1e-12)  # fmt: skip
    np.testing.assert_allclose(found.x, reference(), atol=1e-4)


T = np.linspace(0.0, 4.0, 50)
TRUE = np.array([2.5, 1.3, 0.5])


def model(t, amplitude, rate, offset):
    return amplitude * np.exp(-rate * t) + offset


def residuals(p):
    return model(T, *p) - model(T, *TRUE)


@pytest.mark.parametrize("method", ["trf", "dogbox", "lm"])
def test_least_squares_with_an_array(method):
    found = least_squares(residuals, np.ones(3), jac=da.jacobian(residuals), method=method)
    np.testing.assert_allclose(found.x, TRUE, rtol=SOLVED)


@pytest.mark.parametrize("method", ["trf", "dogbox"])
@pytest.mark.parametrize("loss", ["linear", "soft_l1"])
def test_least_squares_with_an_operator(method, loss):
    fn, calls = counted(residuals)
    found = least_squares(
        residuals, np.ones(3), jac=partial(da.jacobian_operator, fn), method=method,
        tr_solver="lsmr", loss=loss, xtol=1e-12, ftol=1e-14, gtol=1e-12,
    )  # fmt: skip
    np.testing.assert_allclose(found.x, TRUE, rtol=SOLVED)
    assert len(calls) == found.njev


def test_least_squares_of_many_unknowns_without_a_matrix():
    n = 400
    target = np.sin(np.linspace(0, 3, n))
    smooth = lambda x: np.concatenate([x**3 - target**3, 0.1 * (x[1:] - x[:-1] - np.diff(target))])
    found = least_squares(smooth, np.ones(n), jac=partial(da.jacobian_operator, smooth),
                          tr_solver="lsmr", xtol=1e-12, ftol=1e-14, gtol=1e-12)  # fmt: skip
    np.testing.assert_allclose(found.x, target, atol=1e-4)


def test_curve_fit():
    columns = lambda t, *p: np.stack(da.jacobian(model, (1, 2, 3))(t, *p), axis=1)
    found, covariance = curve_fit(model, T, model(T, *TRUE), p0=np.ones(3), jac=columns)
    np.testing.assert_allclose(found, TRUE, rtol=SOLVED)
    assert covariance.shape == (3, 3)


def equations(v):
    x, y = v
    return np.stack([x**2 + y**2 - 4.0, np.exp(x) + y - 1.0])


SOLUTION = np.array([1.004168737, -1.729637262])


@pytest.mark.parametrize("method", ["hybr", "lm"])
def test_root(method):
    found = root(equations, [1.0, -1.0], jac=da.jacobian(equations), method=method)
    np.testing.assert_allclose(found.x, SOLUTION, rtol=SOLVED)


@pytest.mark.parametrize("method", ["hybr", "lm"])
def test_root_with_value_and_jacobian_at_once(method):
    both = da.value_and_jacobian(equations)
    found = root(both, [1.0, -1.0], jac=True, method=method)
    np.testing.assert_allclose(found.x, SOLUTION, rtol=SOLVED)


def lattice(x):
    """Return the residual of a nonlinear diffusion equation."""
    padded = np.concatenate([[0.0], x, [0.0]])
    return 3.0 * x + x**3 - padded[2:] - padded[:-2] - 1.0


def test_root_by_krylov_with_the_exact_jacobian():
    """Its preconditioner is what takes one; the products are differences."""
    x = root(lattice, np.zeros(30), jac=da.jacobian(lattice), tol=1e-10).x
    M = np.linalg.inv(da.jacobian(lattice)(np.zeros(30)))
    found = root(lattice, np.zeros(30), method="krylov", tol=1e-10,
                 options={"jac_options": {"inner_M": M}})  # fmt: skip
    np.testing.assert_allclose(found.x, x, rtol=SOLVED)


def test_newton_krylov_by_hand():
    """What `krylov` does by differences, with exact products: an operator and gmres."""
    from scipy.sparse.linalg import gmres

    x = np.zeros(30)
    for _ in range(6):
        step, info = gmres(da.jacobian_operator(lattice, x), -lattice(x), rtol=1e-10)
        assert info == 0
        x = x + step
    np.testing.assert_allclose(lattice(x), 0.0, atol=1e-9)


def test_fsolve():
    found = optimize.fsolve(equations, [1.0, -1.0], fprime=da.jacobian(equations))
    np.testing.assert_allclose(found, SOLUTION, rtol=SOLVED)


def excess(x):
    return np.exp(x) - 3.0 * x**2


def test_newton_and_halley():
    slope, bend = da.derivative(excess), da.derivative(excess, order=2)
    for extra in ({}, {"fprime2": bend}):
        assert abs(excess(optimize.newton(excess, 1.0, fprime=slope, **extra))) < 1e-9
    for method, extra in (("newton", {}), ("halley", {"fprime2": bend})):
        found = optimize.root_scalar(excess, x0=1.0, fprime=slope, method=method, **extra)
        assert found.converged


def test_newton_from_many_starts():
    """By `grad`, whose sum over elements gives the slope of each."""
    starts = np.linspace(0.8, 1.2, 5)
    slope, bend = da.grad(excess), da.hessian_diagonal(excess)
    found = optimize.newton(excess, starts, fprime=slope, fprime2=bend)
    np.testing.assert_allclose(excess(found), 0.0, atol=1e-9)


def robertson(t, y):
    a, b, c = y
    slow, fast, very_fast = 0.04 * a, 1e4 * b * c, 3e7 * b**2
    return np.stack([fast - slow, slow - fast - very_fast, very_fast])


AT_40 = [0.7158270688, 9.185534764e-6, 0.2841637457]  # Hairer and Wanner 1996, problem ROBER


@pytest.mark.parametrize("method", ["Radau", "BDF", "LSODA"])
def test_solve_ivp(method):
    field, calls = counted(robertson)
    jac = da.jacobian(lambda t, y: field(t, y), 1)
    found = solve_ivp(
        robertson, (0.0, 40.0), [1.0, 0.0, 0.0], method=method, jac=jac, rtol=1e-8, atol=1e-12
    )
    assert found.success
    assert calls
    np.testing.assert_allclose(found.y[:, -1], AT_40, rtol=1e-5)


def bratu(x, y, p):
    """Return the right-hand side of ``u'' = -k exp(u)`` at all mesh points."""
    return np.stack([y[1], -p[0] * np.exp(y[0])])


def ends(ya, yb, p):
    """Return what vanishes at the ends; the slope at the left chooses the parameter."""
    return np.stack([ya[0], yb[0], ya[1] - 0.6])


def by_mesh_point(x, y, p):
    """Return the Jacobians at all mesh points: one push a component, for all points at once."""
    columns = [da.jvp(lambda y: bratu(x, y, p), (y,), (np.eye(2)[i][:, None] + 0 * y,))[1]
               for i in range(2)]  # fmt: skip
    return np.stack(columns, axis=1), da.jacobian(bratu, 2)(x, y, p).transpose(0, 2, 1)


def test_solve_bvp():
    mesh = np.linspace(0, 1, 11)
    guess = np.zeros((2, 11))
    jac, calls = counted(by_mesh_point)
    found = solve_bvp(bratu, ends, mesh, guess, p=[1.0], fun_jac=jac,
                      bc_jac=da.jacobian(ends, (0, 1, 2)), tol=1e-8)  # fmt: skip
    without = solve_bvp(bratu, ends, mesh, guess, p=[1.0], tol=1e-8)
    assert found.success
    assert calls
    np.testing.assert_allclose(found.p, without.p, rtol=SOLVED)
    np.testing.assert_allclose(found.sol(0.5), without.sol(0.5), rtol=SOLVED, atol=SOLVED)


@pytest.mark.parametrize("shape", [(), (3,)])
def test_results_own_their_memory_and_are_contiguous(shape):
    """Solvers in C and Fortran take them as they are."""
    x = np.full(shape, 2.0)
    for found in (
        da.jacobian(lambda x: x.T**2)(x),
        da.hessian(lambda x: np.sum(x**3))(x),
        da.grad(lambda x: np.sum(x**3))(x),
    ):
        array = np.asarray(found)
        assert array.dtype == np.float64
        assert array.flags.c_contiguous
