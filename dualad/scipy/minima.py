"""Minima of functions that may depend on traced values, and fits by least squares.

SciPy's minimizers see plain numbers. At the minimum the slope is zero, and so the theorem of the
implicit function gives its derivatives, from second derivatives of what is minimized.
"""

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any

import numpy as np
from scipy import optimize
from scipy.optimize import _minpack_py

from dualad.core.blank import unfollowed
from dualad.core.level import refusal
from dualad.core.tracer import Tracer, strip
from dualad.errors import SingularDerivativeError, UnsupportedParameterError
from dualad.rules.likes import gathered, has_traced
from dualad.scipy.constrained import (
    Constraint,
    are_traced,
    constraints_of,
    held_minimum,
    limits,
    plain_constraints,
)
from dualad.scipy.implicit import (
    arguments,
    in_place_of,
    plainly,
    root_of_number,
    root_of_vector,
    with_arguments,
)
from dualad.transforms.gradient import grad, value_and_grad
from dualad.transforms.jacobian import jacobian

TOLD = {  # what has no derivative, or a derivative of zero
    "success", "status", "message", "nfev", "njev", "nhev", "nit", "jac", "grad", "optimality",
    "active_mask",
}  # fmt: skip


class Watched:
    """A function that solvers call, which notes whether its outcomes were ever traced."""

    def __init__(self, fn: Callable[..., Any]) -> None:
        self.fn, self.traced = fn, False

    def __call__(self, x: Any) -> Any:
        """Return a plain outcome."""
        return self.beside(self.fn)(x)

    def beside(self, fn: Callable[..., Any]) -> Callable[..., Any]:
        """Return a further function that is noted likewise."""

        def call(*args: Any) -> Any:
            y = fn(*args)
            self.traced = self.traced or has_traced(y)
            return strip(y)

        return call


def as_one(y: Any) -> Any:
    """Return an outcome as one number."""
    return np.sum(unfollowed(gathered(y)))


def _vector(y: Any) -> Any:
    """Return an outcome as one vector."""
    y = unfollowed(gathered(y))
    y = y if isinstance(y, Tracer) else np.asarray(y)
    return np.reshape(y, -1)


def with_value(plain: Any, found: Any) -> Any:
    """Return a plain value with the derivatives of another."""
    return plain + (found - strip(found))


def minimum(fn: Any, x: Any, name: str) -> Any:
    """Return a minimum, a number or a vector, with its derivatives."""
    slope = grad(fn)
    try:
        if np.ndim(x):
            return np.reshape(root_of_vector(slope, np.ravel(x), name), np.shape(x))
        return root_of_number(slope, x, name, name)
    except np.linalg.LinAlgError:
        raise refusal(SingularDerivativeError(name, "second derivatives are singular")) from None


def _given(solver: Any, args: Any, kwargs: Any) -> dict[str, Any]:
    """Return the arguments of a call by name, with bounds and what else is traced made plain."""
    given = dict(signature(solver).bind(*args, **kwargs).arguments)
    bounds: Any = given.get("bounds")
    if hasattr(bounds, "lb"):  # perhaps of a copy of the class
        given["bounds"] = optimize.Bounds(strip(bounds.lb), strip(bounds.ub))
    return {name: strip(value) if name != "args" else value for name, value in given.items()}


def _within(fn: Any, x: Any, constraints: Any, name: str) -> Any:
    """Return a minimum within bounds and under constraints, with its derivatives."""
    try:
        found = held_minimum(fn, np.ravel(x), constraints, name)
    except np.linalg.LinAlgError:
        singular = "constraints that hold, or second derivatives, are singular"
        raise refusal(SingularDerivativeError(name, singular)) from None
    return minimum(fn, x, name) if found is None else np.reshape(found, np.shape(x))


def minimum_between(fn: Any, x: Any, ends: Any, tolerance: Any, name: str) -> Any:
    """Return a minimum within an interval, with its derivatives: at an end, those of the end.

    Without ends, of arrays, too, it lies anywhere.

    Raises
    ------
    SingularDerivativeError
        If it lies at an end, and may do so without the bound.
    """
    if not ends:
        return minimum(fn, x, name)
    gaps = [abs(x - strip(end)) for end in ends]
    near = 10 * (tolerance + np.sqrt(np.finfo(float).eps) * abs(x))  # as near as solvers go
    if min(gaps) > near:
        return minimum(fn, x, name)
    upper = gaps[1] < gaps[0]
    slope, bend = strip(value_and_grad(grad(fn))(x))
    if (slope if upper else -slope) >= -10 * near * abs(bend):  # it is not well beyond the end
        reason = "it lies at a bound, and would without the bound"
        raise refusal(SingularDerivativeError(name, reason))
    return with_value(x, ends[int(upper)])


def forgotten(out: Any, *known: str) -> None:
    """Take out of a result what depends on traced values, but was computed with plain ones."""
    for key in [key for key in out if key not in {*TOLD, *known}]:
        del out[key]


@in_place_of(optimize.minimize_scalar)
def minimize_scalar(*args: Any, **kwargs: Any) -> Any:
    """Return a minimum of a function of a number, among the solver's other results."""
    given = _given(optimize.minimize_scalar, args, kwargs)
    ends = signature(optimize.minimize_scalar).bind(*args, **kwargs).arguments.get("bounds") or ()
    fun, rest = given.pop("fun"), arguments(given.pop("args", ()))

    def fn(x: Any) -> Any:
        return as_one(fun(x, *rest))

    watched = Watched(fn)
    out = optimize.minimize_scalar(watched, **given)
    if watched.traced or has_traced(ends):
        near = (given.get("options") or {}).get("xatol", 1e-5)
        x = minimum_between(fn, out.x, ends, near, "scipy.optimize.minimize_scalar")
        y = out.fun
        forgotten(out)
        out.x, out.fun = x, with_value(y, fn(x))
    return out


@in_place_of(optimize.minimize)
def minimize(*args: Any, **kwargs: Any) -> Any:
    """Return a minimum of a function of a vector, among the solver's other results."""
    wanted = dict(signature(optimize.minimize).bind(*args, **kwargs).arguments)
    given = _given(optimize.minimize, args, kwargs)
    fun, rest = given.pop("fun"), arguments(given.pop("args", ()))
    both = given.get("jac") is True
    for name in ("jac", "hess"):
        given[name] = with_arguments(rest, given.get(name))
    hessp = given.get("hessp")
    if hessp is not None:
        given["hessp"] = lambda x, p: strip(hessp(x, p, *rest))

    def fn(x: Any) -> Any:
        y = fun(x, *rest)
        return as_one(y[0] if both else y)

    watched = Watched((lambda x: fun(x, *rest)) if both else fn)
    others = []
    if wanted.get("constraints") not in (None, (), []):
        others = constraints_of(wanted["constraints"])
        given["constraints"] = plain_constraints(wanted["constraints"], watched.beside)
    out = optimize.minimize(watched, **given)
    if wanted.get("bounds") is not None:
        low, high = limits(wanted["bounds"], np.size(out.x))
        others.append(Constraint(lambda x: x, low, high))
    if watched.traced or are_traced(others):
        x, y = _within(fn, out.x, others, "scipy.optimize.minimize"), out.fun
        forgotten(out)
        out.x, out.fun = x, with_value(y, fn(x))
    return out


def _fitted(fn: Any, x: Any, name: str, bounds: Any = None) -> Any:
    """Return the least squares of residuals, with their derivatives, and the residuals there."""
    within = [] if bounds is None else [Constraint(lambda x: x, *bounds)]
    x = _within(lambda x: 0.5 * np.sum(fn(x) ** 2), x, within, name)
    return x, fn(x)


@in_place_of(optimize.least_squares)
def least_squares(*args: Any, **kwargs: Any) -> Any:
    """Return the least squares of residuals, among the solver's other results."""
    name = "scipy.optimize.least_squares"
    wanted = dict(signature(optimize.least_squares).bind(*args, **kwargs).arguments)
    given, bounds = _given(optimize.least_squares, args, kwargs), wanted.get("bounds")
    fun, rest, named = given.pop("fun"), given.pop("args", ()), given.pop("kwargs", None) or {}
    if callable(given.get("jac")):
        given["jac"] = plainly(lambda x, jac=given["jac"]: jac(x, *rest, **named))

    def fn(x: Any) -> Any:
        return _vector(fun(x, *rest, **named))

    watched = Watched(fn)
    out = optimize.least_squares(watched, **given)
    if bounds is not None:
        pair = (bounds.lb, bounds.ub) if hasattr(bounds, "lb") else bounds
        bounds = [np.zeros(out.x.size) + _vector(each) for each in pair]
    if not watched.traced and not has_traced(bounds):
        return out
    if given.get("loss", "linear") != "linear":
        raise refusal(UnsupportedParameterError(name, "loss", "loss='linear'"))
    x, y = _fitted(fn, out.x, name, bounds)
    cost, residuals, slopes = out.cost, out.fun, out.jac
    forgotten(out)
    out.x, out.fun = x, with_value(residuals, y)
    out.cost = with_value(cost, 0.5 * np.sum(y**2))
    del out["jac"]
    if isinstance(slopes, np.ndarray):
        out.jac = with_value(slopes, jacobian(fn)(x))
    return out


@in_place_of(optimize.leastsq)
def leastsq(*args: Any, **kwargs: Any) -> Any:
    """Return the least squares of residuals, perhaps with their covariance."""
    given = _given(optimize.leastsq, args, kwargs)
    func, rest = given.pop("func"), arguments(given.pop("args", ()))
    given["Dfun"] = with_arguments(rest, given.get("Dfun"))

    def fn(x: Any) -> Any:
        return _vector(func(x, *rest))

    watched = Watched(fn)
    out = optimize.leastsq(watched, **given)
    if not watched.traced:
        return out
    x, y = _fitted(fn, out[0], "scipy.optimize.leastsq")
    if not given.get("full_output"):
        return (x, *out[1:])
    _, covariance, told, *others = out
    told = {"nfev": told["nfev"], "fvec": with_value(told["fvec"], y)}
    if covariance is not None:
        slopes = jacobian(fn)(x)
        found = np.linalg.inv(np.matmul(np.swapaxes(slopes, -1, -2), slopes))
        covariance = with_value(covariance, found)
    return (x, covariance, told, *others)


def _memoizing(f: Any) -> Any:
    """Return a function itself: SciPy's memo would take a traced place for a plain one."""
    return f


OWN: dict[str, Any] = {
    function.__name__: function for function in (minimize_scalar, minimize, least_squares, leastsq)
}
if hasattr(_minpack_py, "_lightweight_memoizer"):
    _MEMO = _minpack_py._lightweight_memoizer
    OWN["_lightweight_memoizer"] = wraps(_MEMO)(_memoizing)
