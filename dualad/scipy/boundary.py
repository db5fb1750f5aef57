"""Boundary value problems, whose solutions have derivatives.

SciPy's solver sees plain numbers, and chooses the mesh. The equations of collocation on it (those
of Lobatto's formula of fourth order: Kierzenka and Shampine 2001) then give the derivatives of what
solves them, by the theorem of the implicit function.
"""

from inspect import signature
from typing import Any

import numpy as np
from scipy import integrate
from scipy.integrate import _bvp
from scipy.sparse import csc_array
from scipy.sparse.linalg import splu

from dualad.core.blank import unfollowed
from dualad.core.level import refusal
from dualad.core.tracer import shape_of, strip
from dualad.errors import SingularDerivativeError, UnsupportedParameterError
from dualad.rules.likes import gathered, has_traced
from dualad.rules.scipy_data import solution
from dualad.rules.scipy_interpolate import pieces
from dualad.rules.standing import orders
from dualad.scipy.implicit import array_of, in_place_of
from dualad.transforms.jacobian import jacobian
from dualad.transforms.products import jvp

NAME = "scipy.integrate.solve_bvp"


class Problem:
    """The equations of collocation on a mesh, with `n` components at `m` points, `k` parameters."""

    def __init__(self, fun: Any, bc: Any, x: Any, shape: tuple[int, int], k: int) -> None:
        self.fun, self.bc, self.x, (self.n, self.m), self.k = fun, bc, x, shape, k

    def parts(self, z: Any) -> tuple[Any, tuple[Any, ...]]:
        """Return the states at the points, and a tuple that holds the parameters, if any."""
        y = np.reshape(z[: self.n * self.m], (self.m, self.n)).T
        return y, (z[self.n * self.m :],) if self.k else ()

    def rate(self, x: Any, y: Any, p: Any) -> Any:
        """Return the right-hand side at some points."""
        return array_of(self.fun(x, y, *p))

    def middle(self, y: Any, rates: Any) -> Any:
        """Return the states between the points."""
        step = self.x[1:] - self.x[:-1]
        return (y[:, 1:] + y[:, :-1]) / 2 - step / 8 * (rates[:, 1:] - rates[:, :-1])

    def between(self) -> Any:
        """Return the places between the points."""
        return self.x[:-1] + (self.x[1:] - self.x[:-1]) / 2

    def off(self, z: Any) -> Any:
        """Return by how much the equations are not solved."""
        y, p = self.parts(z)
        step, rates = self.x[1:] - self.x[:-1], self.rate(self.x, y, p)
        inner = self.rate(self.between(), self.middle(y, rates), p)
        off = y[:, 1:] - y[:, :-1] - step / 6 * (rates[:, :-1] + rates[:, 1:] + 4 * inner)
        ends = array_of(self.bc(y[:, 0], y[:, -1], *p))
        return np.concatenate([np.reshape(off.T, -1), np.reshape(ends, -1)])

    def slopes(self, x: Any, y: Any, p: Any) -> tuple[Any, Any]:
        """Return the plain derivatives of the right-hand side, by states and by parameters."""

        def along(fn: Any, at: Any, size: int) -> Any:
            ways = np.reshape(np.eye(size), (size, size) + (1,) * (at.ndim - 1))
            found = [jvp(fn, (at,), (way + np.zeros_like(at),))[1] for way in ways]
            return np.stack([strip(part) for part in found], 1)

        by_states = along(lambda y: self.rate(x, y, p), y, self.n)
        if not self.k:
            return by_states, None
        return by_states, along(lambda p: self.rate(x, y, (p,)), p[0], self.k)

    def factors(self, z: Any) -> Any:
        """Return the factors of the plain Jacobian of the equations."""
        (y, p), n, x = self.parts(z), self.n, strip(self.x)
        middle = strip(self.middle(y, self.rate(self.x, y, p)))

        def ends(v: Any) -> Any:
            return np.reshape(array_of(self.bc(v[:n], v[n : 2 * n], *([v[2 * n :]] * len(p)))), -1)

        at_ends = strip(jacobian(ends)(np.concatenate([y[:, 0], y[:, -1], *p])))
        blocks = self.slopes(x, y, p), self.slopes(strip(self.between()), middle, p)
        (dy, dp), (dy_middle, dp_middle) = blocks
        places = _bvp.compute_jac_indices(n, self.m, self.k)
        matrix = _bvp.construct_global_jac(
            n, self.m, self.k, *places, np.diff(x), dy, dy_middle, dp, dp_middle,
            at_ends[:, :n], at_ends[:, n : 2 * n], at_ends[:, 2 * n :] if self.k else None,
        )  # fmt: skip
        try:
            return splu(csc_array(matrix))
        except RuntimeError:
            singular = "the equations of collocation are singular"
            raise refusal(SingularDerivativeError(NAME, singular)) from None

    def solved(self, z: Any) -> Any:
        """Return a plain solution with its derivatives: each step makes those of one order more."""
        factors = self.factors(z)
        known, most, count = z, 1, 0
        while count < most:
            off = self.off(known)
            most, count = max(1, orders(off)), count + 1
            known = known - solution(off[:, None], factors, "N")[:, 0]
        return z + (known - strip(known))


class Solution:
    """The solution between the points of the mesh: a cubic polynomial in each part."""

    def __init__(self, x: Any, y: Any, rates: Any) -> None:
        step = x[1:] - x[:-1]
        slope = (y[:, 1:] - y[:, :-1]) / step
        bend = (rates[:, :-1] + rates[:, 1:] - 2 * slope) / step
        c = [bend / step, (slope - rates[:, :-1]) / step - bend, rates[:, :-1], y[:, :-1]]
        self.x, self.c = x, np.stack([line.T for line in c])

    def __call__(self, x: Any, nu: int = 0, extrapolate: Any = None) -> Any:
        """Return the states, or derivatives of them, at some places."""
        x = array_of(x)
        inside = True if extrapolate is None else extrapolate
        y = pieces(self.c, self.x, np.reshape(x, -1), nu, inside)
        return np.reshape(y.T, (shape_of(y)[1], *shape_of(x)))


@in_place_of(integrate.solve_bvp)
def solve_bvp(*args: Any, **kwargs: Any) -> Any:
    """Return the solution of a boundary value problem, among the solver's other results."""
    given = dict(signature(integrate.solve_bvp).bind(*args, **kwargs).arguments)
    fun, bc, x = given["fun"], given["bc"], array_of(given["x"])
    traced = [has_traced(x)]

    def plain(fn: Any) -> Any:
        def call(*args: Any) -> Any:
            y = fn(*args)
            traced[0] = traced[0] or has_traced(y)
            return strip(unfollowed(gathered(y)))

        return call

    def only_plain(fn: Any) -> Any:
        return lambda *args: strip(fn(*args))

    given |= {"fun": plain(fun), "bc": plain(bc)}
    for name in ("fun_jac", "bc_jac"):
        if given.get(name) is not None:
            given[name] = only_plain(given[name])
    for name in ("x", "y", "p"):
        given[name] = strip(unfollowed(gathered(given.get(name))))
    out = integrate.solve_bvp(**given)
    if not traced[0]:
        return out
    if given.get("S") is not None or out.y.dtype.kind == "c":
        raise refusal(UnsupportedParameterError(NAME, "S, or complex y", "real y without S"))
    low, high = out.x[0], out.x[-1]
    mesh = x[0] + (out.x - low) / (high - low) * (x[-1] - x[0]) if has_traced(x) else out.x
    k = 0 if out.p is None else len(out.p)
    problem = Problem(fun, bc, mesh, out.y.shape, k)
    z = problem.solved(np.concatenate([out.y.T.ravel(), *([out.p] if k else [])]))
    y, p = problem.parts(z)
    rates = problem.rate(mesh, y, p)
    rates = out.yp + (rates - strip(rates))
    out.x, out.y, out.yp, out.sol = mesh, y, rates, Solution(mesh, y, rates)
    if k:
        out.p = p[0]
    return out
