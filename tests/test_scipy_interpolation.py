"""Interpolation by every argument that may move: places, data, knots, weights, widths."""

from inspect import signature

import numpy as np
import pytest
from scipy import interpolate
from scipy.sparse import linalg as sparse_linalg

import dualad as da
from dualad.errors import UnsupportedParameterError
from tests.lifted import check_lifted

RNG = np.random.default_rng(21)
X = np.cumsum(RNG.uniform(0.3, 0.6, 9))
Y = np.sin(2 * X)
AT = X[[2, 5]] + 0.11
POINTS = RNG.random((14, 2))
VALUES = np.sin(3 * POINTS[:, 0]) + POINTS[:, 1] ** 2
WITHIN = np.array([[0.41, 0.52], [0.61, 0.47]])
GRID = np.array([0.0, 1.0, 2.2, 3.0, 4.1, 5.0]), np.array([0.0, 0.9, 2.0, 3.2, 4.0, 5.5])
Z = RNG.random((6, 6))
ON_GRID = np.array([[1.2, 2.3], [3.4, 1.7]])
KNOTS = np.r_[[X[0] - 0.2] * 4, X[4] + 0.05, [X[-1] + 0.2] * 4]
NEWER = "method" in signature(interpolate.make_lsq_spline).parameters
NORMAL = {"method": "norm-eq"} if NEWER else {}
T = np.array([0.0, 0, 0, 0, 1, 2, 3, 3, 3, 3])
C = RNG.random(6)
BREAKS = np.array([0.0, 1.0, 2.3, 3.0])
PIECES = RNG.random((4, 3))
IN_PIECES = np.array([0.4, 1.7, 2.9])


def grid(method, **how):
    def fn(x, z, at):
        return interpolate.RegularGridInterpolator((x, GRID[1]), z, method=method, **how)(at)

    return fn, GRID[0], Z, ON_GRID


def univariate(cls, *more, **how):
    def fn(x, y, at):
        spline = cls(x, y, *more, **how)
        return (
            spline(at), spline(at, 1), spline.integral(at[0], at[1]), spline.derivatives(at[0]),
            spline.derivative()(at), spline.antiderivative(2)(at), spline.get_knots(),
        )  # fmt: skip

    return fn, X, Y, AT


def rectangle(x, z, at):
    spline = interpolate.RectBivariateSpline(x, GRID[1], z, kx=2)
    return (
        spline(at, at + 1, dx=1), spline.ev(at, at + 1),
        spline.integral(at[0], at[1], 0.7, at[1]),
        spline.partial_derivative(1, 0)(at, at, grid=False),
    )  # fmt: skip


def hermite(x, y, slopes, at):
    spline = interpolate.CubicHermiteSpline(x, y, slopes)
    return spline(at), spline.antiderivative()(at), spline.integrate(at[0], at[1])


def radial(kernel, **how):
    def fn(points, values, at):
        return interpolate.RBFInterpolator(points, values, kernel=kernel, epsilon=2.0, **how)(at)

    return fn, POINTS, VALUES, WITHIN


CASES = {
    **{
        f"interp1d, {kind}": (
            lambda x, y, at, kind=kind: interpolate.interp1d(x, y, kind)(at), X, Y, AT,
        )
        for kind in ("linear", "quadratic", "cubic", "nearest", "previous")
    },
    **{
        f"make_interp_spline, {k}, {ends}": (
            lambda x, y, at, k=k, ends=ends: interpolate.make_interp_spline(
                x, y, k=k, bc_type=ends
            )(at),
            X, Y, AT,
        )
        for k, ends in ((1, None), (2, None), (3, None), (3, "natural"), (3, "clamped"), (5, None))
    },
    "make_interp_spline, slopes": (
        lambda x, y, slope: interpolate.make_interp_spline(
            x, y, bc_type=([(1, slope)], [(2, 0.1)])
        )(AT),
        X, Y, 0.4,
    ),
    "make_lsq_spline": (
        lambda x, y, w, s: interpolate.make_lsq_spline(
            x, y, np.concatenate([KNOTS[:4], s, KNOTS[-4:]]), w=w
        )(AT),
        X, Y, X + 1.0, KNOTS[4:5],
    ),
    "make_lsq_spline of columns": (
        lambda y, w: interpolate.make_lsq_spline(X, y, KNOTS, w=w)(AT),
        np.stack([Y, Y**2], 1), X + 1.0,
    ),
    "make_lsq_spline, normal equations": (
        lambda x, y, w, s: interpolate.make_lsq_spline(
            x, y, np.concatenate([KNOTS[:4], s, KNOTS[-4:]]), w=w, **NORMAL
        )(AT),
        X, Y, X + 1.0, KNOTS[4:5],
    ),
    "splrep": (
        lambda x, y, at: interpolate.splev(at, interpolate.splrep(x, y, k=4), 1), X, Y, AT,
    ),
    "splrep with weights and knots": (
        lambda y, w: interpolate.splev(AT, interpolate.splrep(X, y, w, t=KNOTS[4:5])),
        Y, X + 1,
    ),
    "splev, ends": (
        lambda y, at: [
            interpolate.splev(at, interpolate.splrep(X, y), 0, ext) for ext in (0, 1, 3)
        ],
        Y, np.array([X[0] - 0.5, X[3], X[-1] + 0.2]),
    ),
    "splprep": (
        lambda x, y, at: interpolate.splev(at, interpolate.splprep([x, y], s=0)[0]),
        X, Y, np.array([0.3, 0.6]),
    ),
    "splprep with parameters": (
        lambda y, u: interpolate.splev([0.3, 0.6], interpolate.splprep([X, y], u=u, s=0)[0]),
        Y, X / X[-1],
    ),
    "splint": (
        lambda y, a: interpolate.splint(a, X[4], interpolate.splrep(X, y)), Y, X[0] + 0.2,
    ),
    "UnivariateSpline": univariate(interpolate.UnivariateSpline, s=0),
    "UnivariateSpline, box": univariate(
        interpolate.InterpolatedUnivariateSpline, bbox=[X[0] - 0.1, X[-1] + 0.2], k=4
    ),
    "LSQUnivariateSpline": (
        lambda y, t, w: interpolate.LSQUnivariateSpline(X, y, t, w)(AT), Y, KNOTS[4:5], X + 1,
    ),
    "roots": (lambda y: interpolate.UnivariateSpline(X, y, s=0).roots(), Y),
    "BSpline": (
        lambda t, c, at: (
            interpolate.BSpline(np.concatenate([T[:4], t, T[-4:]]), c, 3)(at),
            interpolate.BSpline(T, c, 3).integrate(at[0], at[1]),
        ),
        T[4:6] + 0.1, C, np.array([0.4, 1.7]),
    ),
    "BSpline, slope by its knots": (
        lambda t: interpolate.BSpline(np.concatenate([T[:4], t, T[-4:]]), C, 3)([0.4, 3.2], 2),
        T[4:6] + 0.1,
    ),
    "PPoly": (
        lambda c, x, at: (
            interpolate.PPoly(c, x)(at), interpolate.PPoly(c, x).antiderivative(2)(at),
            interpolate.PPoly(c, x).integrate(at[0], at[1]),
        ),
        PIECES, BREAKS, IN_PIECES,
    ),
    "BPoly": (
        lambda c, x, at: (
            interpolate.BPoly(c, x)(at), interpolate.BPoly(c, x).derivative(2)(at),
            interpolate.BPoly(c, x).integrate(at[0], at[1]),
        ),
        PIECES, BREAKS, IN_PIECES,
    ),
    "BPoly outside": (
        lambda c: (
            interpolate.BPoly(c, BREAKS)(-0.4),
            np.isnan(interpolate.BPoly(c, BREAKS, extrapolate=False)(-0.4)) * 1.0,
        ),
        PIECES,
    ),
    "BPoly, from others": (
        lambda d: (
            interpolate.BPoly.from_derivatives(BREAKS, d)(IN_PIECES),
            interpolate.PPoly.from_bernstein_basis(interpolate.BPoly(d[:3].T, BREAKS))(0.4),
        ),
        RNG.random((4, 2)),
    ),
    "NdPPoly": (
        lambda c, x, at: (
            interpolate.NdPPoly(c, (x, BREAKS))(at),
            interpolate.NdPPoly(c, (x, BREAKS))(at, (1, 2)),
            interpolate.NdPPoly(c, (x, BREAKS)).integrate([(0.3, 0.8), (0.2, 2.0)]),
        ),
        RNG.random((3, 4, 3, 3)), BREAKS, np.array([[0.9, 1.3], [2.7, 0.4]]),
    ),
    **{
        f"antiderivative of {cls.__name__}": (
            lambda x, y, at, cls=cls: cls(x, y).antiderivative()(at), X, Y, AT,
        )
        for cls in (
            interpolate.CubicSpline, interpolate.PchipInterpolator, interpolate.Akima1DInterpolator,
        )
    },
    "CubicHermiteSpline": (hermite, X, Y, np.cos(X), AT),
    "RectBivariateSpline": (rectangle, GRID[0], Z, np.array([1.2, 2.3])),
    "RegularGridInterpolator, linear": grid("linear"),
    "RegularGridInterpolator, cubic": grid("cubic", solver=sparse_linalg.spsolve),
    "RegularGridInterpolator, pchip": grid("pchip"),
    "NdBSpline": (
        lambda t, c, at: interpolate.NdBSpline(
            (np.concatenate([T[:4], t, T[-4:]]), T), c, 3
        )(at, nu=(1, 0)),
        T[4:6] + 0.1, RNG.random((6, 6)), np.array([[0.9, 1.3]]),
    ),
    "LinearNDInterpolator": (
        lambda p, v, at: interpolate.LinearNDInterpolator(p, v)(at), POINTS, VALUES, WITHIN,
    ),
    "LinearNDInterpolator, rescaled": (
        lambda p, v: interpolate.LinearNDInterpolator(p, v, rescale=True)(0.4, [0.5, 0.6]),
        POINTS * [1.0, 30.0] / [1.0, 30.0], np.stack([VALUES, VALUES**2], -1),
    ),
    "NearestNDInterpolator": (
        lambda v, at: interpolate.NearestNDInterpolator(POINTS, v)(at), VALUES, WITHIN,
    ),
    "outside of all cells": (
        lambda v, out: interpolate.LinearNDInterpolator(POINTS, v, fill_value=out)(
            [[9.0, 9.0], [0.5, 0.5]]
        ),
        VALUES, 0.7,
    ),
    **{
        f"RBFInterpolator, {kernel}": radial(kernel)
        for kernel in (
            "linear", "thin_plate_spline", "cubic", "quintic", "multiquadric",
            "inverse_multiquadric", "inverse_quadratic", "gaussian",
        )
    },
    "RBFInterpolator, neighbors": radial("cubic", neighbors=7),
    "RBFInterpolator, width and smoothing": (
        lambda epsilon, smoothing: interpolate.RBFInterpolator(
            POINTS, VALUES, kernel="gaussian", epsilon=epsilon, smoothing=smoothing
        )(WITHIN),
        3.1, 0.1,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_every_argument_that_may_move(name):
    fn, *args = CASES[name]
    check_lifted(fn, *args, near=1e-9)


@pytest.mark.parametrize(
    "name",
    ["make_lsq_spline", "BSpline", "BPoly", "NdPPoly",
     "RectBivariateSpline", "LinearNDInterpolator", "RBFInterpolator, gaussian", "roots"],
)  # fmt: skip
def test_second_derivatives(name):
    fn, *args = CASES[name]
    check_lifted(fn, *args, order=2, near=1e-9)


@pytest.mark.parametrize("k", [2, 3])
def test_second_derivatives_by_the_places_of_data(k):
    first = da.jacobian(da.lift(lambda x: interpolate.make_interp_spline(x, Y, k=k)(AT)))
    second = da.jacobian(first)(X)
    steps = 1e-5 * np.eye(len(X))
    expected = np.stack([(first(X + h) - first(X - h)) / 2e-5 for h in steps], -1)
    np.testing.assert_allclose(second, expected, atol=1e-7)


def test_a_cubic_by_places_and_values():
    """Slopes that SciPy finds by iterating are as far from right as it stops."""

    def fn(values, at):
        how = {"tol": 1e-12, "maxiter": 4000}
        return interpolate.CloughTocher2DInterpolator(POINTS, values, **how)(at)

    check_lifted(fn, VALUES, WITHIN, order=2)
    check_lifted(lambda at: fn(VALUES, at), WITHIN)
    check_lifted(lambda v, at: fn(v, (at[:, 0], at[:, 1])), np.stack([VALUES] * 2, -1), WITHIN)


def test_a_cubic_is_exact_for_what_it_represents():
    """A linear function has its gradient everywhere in the hull."""

    def fn(at):
        plane = POINTS @ np.array([2.0, -3.0])
        return interpolate.CloughTocher2DInterpolator(POINTS, plane)(at)

    slopes = da.jacobian(da.lift(fn))(WITHIN)
    np.testing.assert_allclose(slopes[0, 0], [2.0, -3.0], atol=1e-5)
    np.testing.assert_allclose(slopes[1, 1], [2.0, -3.0], atol=1e-5)


SURFACE = interpolate.RectBivariateSpline(*GRID, Z)
BEFORE = {
    "interp1d": (interpolate.interp1d(X, Y, "cubic"), AT),
    "make_interp_spline": (interpolate.make_interp_spline(X, Y), AT),
    "UnivariateSpline": (interpolate.UnivariateSpline(X, Y, s=0.2).antiderivative(), AT),
    "BPoly": (interpolate.BPoly(PIECES, BREAKS), IN_PIECES),
    "RegularGridInterpolator": (interpolate.RegularGridInterpolator(GRID, Z), ON_GRID),
    "RectBivariateSpline": (lambda at: SURFACE.ev(at, at), np.array([1.2, 2.3])),
    "NdBSpline": (interpolate.NdBSpline((T, T), np.outer(C, C), 3), np.array([[0.9, 1.3]])),
    "RBFInterpolator": (interpolate.RBFInterpolator(POINTS, VALUES, neighbors=9), WITHIN),
    **{
        f"{cls.__name__}, {rescale}": (cls(POINTS, VALUES, rescale=rescale), WITHIN)
        for cls in (
            interpolate.LinearNDInterpolator, interpolate.NearestNDInterpolator,
            interpolate.CloughTocher2DInterpolator,
        )
        for rescale in (False, True)
    },
}  # fmt: skip


@pytest.mark.parametrize("name", BEFORE)
def test_what_was_made_of_plain_data_before(name):
    made, at = BEFORE[name]
    check_lifted(lambda at: made(at), at, near=1e-9)


@pytest.mark.parametrize(
    "fn",
    [
        lambda x: interpolate.PPoly(np.stack([x, x + 1.0]), np.arange(10.0)).solve(0.5),
        lambda x: interpolate.CloughTocher2DInterpolator(
            np.stack([POINTS[:9, 0], x], -1), VALUES[:9]
        )(WITHIN),
        lambda x: interpolate.splrep(x, Y, s=0.3),
        lambda x: interpolate.UnivariateSpline(x, Y, s=0.3)(1.0),
        lambda x: interpolate.UnivariateSpline(X, x, s=0).set_smoothing_factor(1.0),
        lambda x: interpolate.BSpline.design_matrix(x / 9, T, 3),
    ],
)
def test_what_has_no_rule_raises(fn):
    fn(X)
    with pytest.raises(UnsupportedParameterError):
        da.grad(da.lift(fn))(X)
