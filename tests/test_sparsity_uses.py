"""Sparse Jacobians and Hessians of what people compute: right, in few colors, of use to SciPy."""

import numpy as np
import pytest
from scipy import integrate, interpolate, linalg, ndimage, optimize, signal
from scipy import sparse as sp

import dualad as da
import dualad.numpy as dnp
import dualad.scipy.sparse as dsparse
from dualad import sparse

N, SIDE = 64, 8
POINT = np.random.default_rng(0).uniform(0.4, 1.5, N)
CROSS = np.array([[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]])
COUPLING = np.random.default_rng(1).normal(size=(4, 4))
CORNERS = np.array(
    [[i * SIDE + j, (i + 1) * SIDE + j, i * SIDE + j + 1] for i in range(7) for j in range(7)]
)
TRIDIAGONAL = sp.diags_array([1.0, 4.0, 1.0], offsets=[-1, 0, 1], shape=(N, N), format="csr")
KNOTS, PLACES = np.linspace(0, 1, N), np.linspace(0, 1, 101)


def heat_with_edges(u):
    g = np.pad(np.reshape(u, (SIDE, SIDE)), 1, mode="edge")
    inner = g[2:, 1:-1] + g[:-2, 1:-1] + g[1:-1, 2:] + g[1:-1, :-2] - 4 * g[1:-1, 1:-1]
    return np.ravel(inner) * (1 + u**2)


def heat_on_a_torus(u):
    g = np.reshape(u, (SIDE, SIDE))
    return np.ravel(sum(np.roll(g, s, axis) for s in (1, -1) for axis in (0, 1)) - 4 * g + g**3)


def reaction_diffusion(z):
    u, v = np.reshape(z, (2, -1))
    spread = [np.diff(np.concatenate([w[:1], w, w[-1:]]), 2) for w in (u, v)]
    rate = np.where(u > 0.8, u * v**2, u**2 * v)
    return np.concatenate([spread[0] - rate, spread[1] + rate])


def orbit(z):
    z = np.reshape(z, (-1, 4))
    r, v = z[:, :2], z[:, 2:]
    pull = -r / np.linalg.norm(r, axis=1, keepdims=True) ** 3
    return np.ravel(z[1:] - z[:-1] - 0.01 * np.concatenate([v, pull], 1)[:-1])


def blocks(z):
    z = np.reshape(z, (-1, 4))
    return np.ravel(np.sin(z @ COUPLING.T) + z * np.sum(z, 1, keepdims=True))


def elements(u):
    e = u[CORNERS]
    local = np.stack([2 * e[:, 0] - e[:, 1] - e[:, 2], e[:, 1] - e[:, 0], e[:, 2] - e[:, 0]], 1)
    out = dnp.zeros(N)
    np.add.at(out, CORNERS, local * (1 + np.mean(e, 1, keepdims=True) ** 2))
    return out


def checkpointed(u):
    step = da.checkpoint(lambda w: w + 0.1 * w * (np.roll(w, 1) - 2 * w + np.roll(w, -1)))
    return step(step(u))


def in_the_plane(fn):
    return lambda u: np.ravel(fn(np.reshape(u, (SIDE, SIDE))))


JACOBIANS = {  # at the most so many colors
    "heat with edges": (heat_with_edges, 6),
    "heat on a torus": (heat_on_a_torus, 9),
    "laplace": (da.lift(in_the_plane(lambda g: ndimage.laplace(g**2, mode="wrap"))), 9),
    "convolve2d": (da.lift(in_the_plane(lambda g: signal.convolve2d(g**2, CROSS, "same"))), 6),
    "gaussian": (da.lift(in_the_plane(lambda g: ndimage.gaussian_filter(g, 0.5) ** 2)), 25),
    "convolve": (lambda u: np.convolve(u**2, [1.0, -2.0, 1.0], "same"), 3),
    "reaction and diffusion": (reaction_diffusion, 4),
    "orbit": (orbit, 4),
    "blocks": (blocks, 4),
    "finite elements": (elements, 9),
    "a moving average": (da.lift(lambda u: signal.lfilter([0.5, 0.3, 0.2], [1.0], u) ** 2), 3),
    "savgol": (da.lift(lambda u: signal.savgol_filter(u, 7, 2)), 7),
    "a window's largest": (
        lambda u: np.max(np.lib.stride_tricks.sliding_window_view(u, 5), -1), 5,
    ),
    "a banded system": (da.lift(lambda u: linalg.solve_banded(
        (1, 1), np.array([[1.0], [4.0], [1.0]]).repeat(N, 1), u**2)), N),
    "systems side by side": (
        lambda u: dsparse.solve(sp.block_diag(
            [sp.csr_array(np.eye(2) + 1.0)] * 32, "csr"), np.sin(u)), 2,
    ),
    "a cubic spline by its data": (
        da.lift(lambda y: interpolate.CubicSpline(KNOTS, y)(PLACES)), N,
    ),
    "a monotone spline by its data": (
        da.lift(lambda y: interpolate.PchipInterpolator(KNOTS, y)(PLACES)), 4,
    ),
    "a spline by its places": (
        da.lift(lambda x: interpolate.CubicSpline(KNOTS, KNOTS**2)(x / 2) * x), 1,
    ),
    "interpolation": (lambda y: np.interp(PLACES, KNOTS, y), 2),
    "checkpoints": (checkpointed, 8),
}  # fmt: skip


@pytest.mark.parametrize("name", JACOBIANS)
def test_jacobians(name):
    fn, colors = JACOBIANS[name]
    prepared, dense = sparse.prepare(fn, POINT), da.jacobian(fn)(POINT)
    assert prepared.coloring.count <= colors
    for found in (prepared(POINT), da.jacobian(fn, sparsity="auto")(POINT)):
        assert np.allclose(found.toarray(), dense, 1e-9, 1e-9)


HESSIANS = {
    "rosenbrock": (lambda x: np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2), 3),
    "separable": (lambda x: np.sum(np.log(x) * x + np.exp(-x)), 1),
    "membrane": (
        lambda x: np.sum(np.sqrt(1 + np.diff(np.reshape(x, (8, 8)), axis=0)[:, :-1] ** 2
                                 + np.diff(np.reshape(x, (8, 8)), axis=1)[:-1] ** 2)), 9,
    ),
    "powell": (
        lambda x: np.sum((x[::4] + 10 * x[1::4]) ** 2 + 5 * (x[2::4] - x[3::4]) ** 2
                         + (x[1::4] - 2 * x[2::4]) ** 4 + 10 * (x[::4] - x[3::4]) ** 4), 3,
    ),
    "arrow": (lambda x: np.sum(x[1:] * x[0] ** 2 + np.sin(x[1:])), 2),
    "a convolution's squares": (lambda x: np.sum(np.convolve(x**2, [1.0, 2, 1], "same") ** 2), 5),
    "log-sum-exp": (lambda x: np.sum(np.log(np.sum(np.exp(np.reshape(x, (16, 4))), 1))), 4),
    "a chain molecule": (
        lambda x: np.sum(np.linalg.norm(np.diff(np.reshape(x[:60], (20, 3)), axis=0), axis=1)), 9,
    ),
    "an image's energy": (
        da.lift(lambda x: np.sum(ndimage.laplace(np.reshape(x, (8, 8)) ** 2) ** 2)), 40,
    ),
    "control": (lambda x: np.sum((np.cumsum(x)[:10] - 1) ** 2) + np.sum(x**4), 10),
    "stochastic volatility": (
        lambda x: np.sum((x[1:] - 0.9 * x[:-1]) ** 2 / np.exp(x[0]) + x[0]), 4,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HESSIANS)
def test_hessians(name):
    fn, colors = HESSIANS[name]
    prepared, dense = sparse.prepare(fn, POINT, of="hessian"), da.hessian(fn)(POINT)
    assert prepared.coloring.count <= colors
    for found in (prepared(POINT), da.hessian(fn, sparsity="auto")(POINT)):
        assert np.allclose(found.toarray(), dense, 1e-9, 1e-9 * np.max(np.abs(dense)))


def bratu(u):
    padded = np.pad(u, 1)
    return padded[2:] - 2 * u + padded[:-2] + np.exp(u) / (N + 1) ** 2


def brusselator(t, y):
    u, v = np.reshape(y, (2, -1))
    spread = [np.concatenate([w[1:], [end]]) - 2 * w + np.concatenate([[end], w[:-1]])
              for w, end in ((u, 1.0), (v, 3.0))]  # fmt: skip
    rate = u * u * v
    return np.concatenate([1 + rate - 4 * u + 20 * spread[0], 3 * u - rate + 20 * spread[1]])


def test_patterns_and_matrices_serve_the_solvers_of_scipy():
    start = np.zeros(N)
    right = optimize.root(bratu, start).x
    pattern = sparse.jacobian_pattern(bratu, start)
    for jac in (da.jacobian(bratu, sparsity="auto"), sparse.prepare(bratu, start)):
        found = optimize.least_squares(bratu, start, jac=jac, xtol=1e-12, ftol=1e-15, gtol=1e-14)
        assert np.allclose(found.x, right, atol=1e-3)
    assert optimize.least_squares(bratu, start, jac_sparsity=pattern).cost < 1e-6
    near = sp.linalg.splu(sp.csc_array(da.jacobian(bratu, sparsity="auto")(start)))
    inverse = sp.linalg.LinearOperator((N, N), near.solve)
    found = optimize.root(
        bratu, start, method="krylov", options={"fatol": 1e-10, "jac_options": {"inner_M": inverse}}
    )
    assert found.success
    assert np.allclose(found.x, right, atol=1e-4)


@pytest.mark.parametrize("method", ["BDF", "Radau"])
def test_stiff_equations_are_solved_alike(method):
    y = np.concatenate([1 + np.sin(np.linspace(0, 6, N // 2)), np.full(N // 2, 3.0)])
    prepared = sparse.prepare(brusselator, 0.0, y, argnums=1)
    pattern = sparse.jacobian_pattern(brusselator, 0.0, y, argnums=1)
    ways = (
        {"jac": da.jacobian(brusselator, 1, sparsity="auto")},
        {"jac": prepared},
        {"jac_sparsity": pattern},
        {"jac": da.jacobian(brusselator, 1)},
    )
    ends = [integrate.solve_ivp(brusselator, (0, 1), y, method, **way).y[:, -1] for way in ways]
    for end in ends[1:]:
        assert np.allclose(end, ends[0], 1e-6)
