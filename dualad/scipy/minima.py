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
from dualad.core.level import is_following, refusal
from dualad.core.tracer import Tracer, strip
from dualad.errors import SingularDerivativeError, UnsupportedParameterError
from dualad.rules.likes import gathered, has_traced
from dualad.scipy.implicit import (
    arguments,
    plainly,
    root_of_number,
    root_of_vector,
    with_arguments,
)
from dualad.transforms.gradient import grad
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
        y = self.fn(x)
        self.traced = self.traced or has_traced(y)
        return strip(y)


def _one(y: Any) -> Any:
    """Return an outcome as one number."""
    return np.sum(unfollowed(gathered(y)))


def _vector(y: Any) -> Any:
    """Return an outcome as one vector."""
    y = unfollowed(gathered(y))
    y = y if isinstance(y, Tracer) else np.asarray(y)
    return np.reshape(y, -1)


def _with_value(plain: Any, found: Any) -> Any:
    """Return a plain value with the derivatives of another."""
    return plain + (found - strip(found))


def _minimum(fn: Any, x: Any, name: str) -> Any:
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


def _check_bounds(x: Any, bounds: Any, name: str) -> None:
    """Raise if a minimum lies at a bound, where its derivatives jump."""
    if bounds is None:
        return
    if hasattr(bounds, "lb"):
        low, high = bounds.lb, bounds.ub
    else:
        low, high = bounds if name.endswith("least_squares") else np.transpose(
            [[-np.inf if b is None else b for b in pair[:1]]
             + [np.inf if b is None else b for b in pair[1:]] for pair in bounds]
        )  # fmt: skip
    near = 1e-9 * (1 + np.abs(x))
    if np.any(x - low <= near) or np.any(high - x <= near):
        raise refusal(SingularDerivativeError(f"scipy.optimize.{name}", "it lies at a bound"))


def _forgotten(out: Any) -> None:
    """Take out of a result what depends on traced values, but was computed with plain ones."""
    for key in [key for key in out if key not in TOLD]:
        del out[key]


@wraps(optimize.minimize_scalar)
def minimize_scalar(*args: Any, **kwargs: Any) -> Any:
    """Return a minimum of a function of a number, among the solver's other results."""
    if not is_following():
        return optimize.minimize_scalar(*args, **kwargs)
    given = _given(optimize.minimize_scalar, args, kwargs)
    fun, rest = given.pop("fun"), arguments(given.pop("args", ()))

    def fn(x: Any) -> Any:
        return _one(fun(x, *rest))

    watched = Watched(fn)
    out = optimize.minimize_scalar(watched, **given)
    if watched.traced:
        x, y = _minimum(fn, out.x, "scipy.optimize.minimize_scalar"), out.fun
        _forgotten(out)
        out.x, out.fun = x, _with_value(y, fn(x))
    return out


@wraps(optimize.minimize)
def minimize(*args: Any, **kwargs: Any) -> Any:
    """Return a minimum of a function of a vector, among the solver's other results."""
    if not is_following():
        return optimize.minimize(*args, **kwargs)
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
        return _one(y[0] if both else y)

    watched = Watched((lambda x: fun(x, *rest)) if both else fn)
    constraints = given.get("constraints")
    if constraints not in (None, (), []):
        given["constraints"] = _watching(constraints, watched)
    out = optimize.minimize(watched, **given)
    if watched.traced:
        if constraints not in (None, (), []):
            raise refusal(
                UnsupportedParameterError("scipy.optimize.minimize", "constraints", "a penalty")
            )
        _check_bounds(out.x, given.get("bounds"), "minimize")
        x, y = _minimum(fn, out.x, "scipy.optimize.minimize"), out.fun
        _forgotten(out)
        out.x, out.fun = x, _with_value(y, fn(x))
    return out


def _watching(constraints: Any, watched: Watched) -> Any:
    """Return constraints whose functions tell whether they depend on traced values."""

    def call(fn: Any) -> Any:
        def plain(*args: Any) -> Any:
            y = fn(*args)
            watched.traced = watched.traced or has_traced(y)
            return strip(y)

        return plain if callable(fn) else fn

    if isinstance(constraints, dict):
        return {key: call(value) for key, value in constraints.items()}
    if isinstance(constraints, (list, tuple)):
        return [_watching(each, watched) for each in constraints]
    return constraints


def _fitted(fn: Any, x: Any, name: str) -> Any:
    """Return the least squares of residuals, with their derivatives, and the residuals there."""
    x = _minimum(lambda x: 0.5 * np.sum(fn(x) ** 2), x, name)
    return x, fn(x)


@wraps(optimize.least_squares)
def least_squares(*args: Any, **kwargs: Any) -> Any:
    """Return the least squares of residuals, among the solver's other results."""
    if not is_following():
        return optimize.least_squares(*args, **kwargs)
    given, name = _given(optimize.least_squares, args, kwargs), "scipy.optimize.least_squares"
    fun, rest, named = given.pop("fun"), given.pop("args", ()), given.pop("kwargs", None) or {}
    if callable(given.get("jac")):
        given["jac"] = plainly(lambda x, jac=given["jac"]: jac(x, *rest, **named))

    def fn(x: Any) -> Any:
        return _vector(fun(x, *rest, **named))

    watched = Watched(fn)
    out = optimize.least_squares(watched, **given)
    if not watched.traced:
        return out
    if given.get("loss", "linear") != "linear":
        raise refusal(UnsupportedParameterError(name, "loss", "loss='linear'"))
    _check_bounds(out.x, given.get("bounds"), "least_squares")
    x, y = _fitted(fn, out.x, name)
    cost, residuals, slopes = out.cost, out.fun, out.jac
    _forgotten(out)
    out.x, out.fun = x, _with_value(residuals, y)
    out.cost = _with_value(cost, 0.5 * np.sum(y**2))
    del out["jac"]
    if isinstance(slopes, np.ndarray):
        out.jac = _with_value(slopes, jacobian(fn)(x))
    return out


@wraps(optimize.leastsq)
def leastsq(*args: Any, **kwargs: Any) -> Any:
    """Return the least squares of residuals, perhaps with their covariance."""
    if not is_following():
        return optimize.leastsq(*args, **kwargs)
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
    told = {"nfev": told["nfev"], "fvec": _with_value(told["fvec"], y)}
    if covariance is not None:
        slopes = jacobian(fn)(x)
        found = np.linalg.inv(np.matmul(np.swapaxes(slopes, -1, -2), slopes))
        covariance = _with_value(covariance, found)
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
