"""Linear programs, least squares with bounds, and what else picks constraints that hold.

SciPy finds which constraints are active. Near a solution they stay so, and what they leave free
solves a linear system, which has derivatives. Where that is not so, it raises.
"""

from functools import wraps
from inspect import signature
from typing import Any

import numpy as np
from scipy import optimize

from dualad.core.blank import unfollowed
from dualad.core.level import is_following, refusal
from dualad.core.tracer import strip
from dualad.errors import SingularDerivativeError
from dualad.rules.likes import gathered, has_traced
from dualad.scipy.implicit import FAR, array_of
from dualad.scipy.minima import forgotten

NEAR = 1e-9  # of numbers of the size of one: what counts as zero


def _singular(name: str, reason: str) -> Any:
    """Raise, since derivatives jump here."""
    raise refusal(SingularDerivativeError(f"scipy.optimize.{name}", reason))


def _with_value(plain: Any, found: Any, name: str) -> Any:
    """Return a plain solution with the derivatives of another, which is to be near."""
    if not np.all(np.abs(strip(found) - plain) <= FAR * (1 + np.max(np.abs(plain), initial=0))):
        _singular(name, "the solution has not converged, or is not the only one")
    return plain + (found - strip(found))


def _bound(function: Any, args: Any, kwargs: Any) -> dict[str, Any]:
    """Return the arguments of a call, by name."""
    return dict(signature(function).bind(*args, **kwargs).arguments)


def _least(a: Any, b: Any, x: Any, low: Any, high: Any, name: str) -> Any:
    """Return the least squares within bounds, given plain ones, with their derivatives."""
    size = 1 + np.max(np.abs(x), initial=0)
    slope = strip(a).T @ (strip(a) @ x - strip(b))
    lower, upper = [np.abs(x - strip(bound)) <= 1e-6 * size for bound in (low, high)]
    held = lower | upper
    if np.any(np.abs(slope[held]) <= NEAR * (1 + np.max(np.abs(slope)))):
        _singular(name, "it lies at a bound, and would without the bound")
    free = np.flatnonzero(~held)
    at_bounds = np.where(lower, low, np.where(upper, high, 0.0))
    rest = b - np.matmul(a, at_bounds)
    places = np.eye(len(x))[:, free]
    found = np.matmul(places, np.linalg.lstsq(np.matmul(a, places), rest, None)[0])
    return _with_value(x, at_bounds + found, name)


@wraps(optimize.lsq_linear)
def lsq_linear(*args: Any, **kwargs: Any) -> Any:
    """Return linear least squares, among the solver's other results."""
    given = _bound(optimize.lsq_linear, args, kwargs)
    bounds = given.get("bounds", (-np.inf, np.inf))
    low, high = (bounds.lb, bounds.ub) if hasattr(bounds, "lb") else bounds
    low, high = array_of(low), array_of(high)
    if not is_following() or not has_traced([given["A"], given["b"], low, high]):
        return optimize.lsq_linear(*args, **kwargs)
    a = given["A"].toarray() if hasattr(given["A"], "toarray") else given["A"]
    a, b = array_of(a), array_of(given["b"])
    given |= {"A": strip(a), "b": strip(b), "bounds": (strip(low), strip(high))}
    out = optimize.lsq_linear(**given)
    low, high = [np.broadcast_to(bound, out.x.shape) for bound in (low, high)]
    x = _least(a, b, out.x, low, high, "lsq_linear")
    off = np.matmul(a, x) - b
    forgotten(out)
    out.x, out.fun, out.cost = x, off, 0.5 * np.sum(off**2)
    return out


@wraps(optimize.nnls)
def nnls(*args: Any, **kwargs: Any) -> Any:
    """Return least squares of numbers that are not negative, and the norm of the residuals."""
    given = _bound(optimize.nnls, args, kwargs)
    if not is_following() or not has_traced([given["A"], given["b"]]):
        return optimize.nnls(*args, **kwargs)
    a, b = array_of(given["A"]), array_of(given["b"])
    plain, norm = optimize.nnls(**given | {"A": strip(a), "b": strip(b)})
    x = _least(a, b, plain, np.zeros(len(plain)), np.full(len(plain), np.inf), "nnls")
    found = np.linalg.norm(np.matmul(a, x) - b)
    return x, norm + (found - strip(found))


@wraps(optimize.isotonic_regression)
def isotonic_regression(*args: Any, **kwargs: Any) -> Any:
    """Return the rising numbers nearest to others: means of blocks of these."""
    given = _bound(optimize.isotonic_regression, args, kwargs)
    if not is_following() or not has_traced([given["y"], given.get("weights")]):
        return optimize.isotonic_regression(*args, **kwargs)
    y, weights = array_of(given["y"]), given.get("weights")
    out = optimize.isotonic_regression(**strip(given) | {"y": strip(y)})
    weights = np.ones(y.shape) if weights is None else array_of(weights)
    starts = out.blocks[:-1]
    sums = np.add.reduceat(weights, starts)
    means = np.add.reduceat(weights * y, starts) / sums
    block = np.repeat(np.arange(len(starts)), np.diff(out.blocks))
    forgotten(out, "blocks")
    out.x, out.weights = means[block], sums
    return out


def _rows(given: dict[str, Any], kind: str, count: int) -> tuple[Any, Any]:
    """Return the matrix and the right side of constraints of a kind."""
    if given.get(f"A_{kind}") is None:
        return np.zeros((0, count)), np.zeros(0)
    return array_of(given[f"A_{kind}"]), np.reshape(array_of(given[f"b_{kind}"]), -1)


def _limits(bounds: Any, count: int) -> tuple[list[Any], list[Any]]:
    """Return the lower and the upper bound of each unknown."""
    if bounds is None:
        bounds = (0, None)
    pairs = list(bounds)
    if len(pairs) == 2 and not np.ndim(strip(pairs[0])):
        pairs = [tuple(pairs)]
    pairs = pairs * count if len(pairs) == 1 else pairs
    low = [-np.inf if pair[0] is None else pair[0] for pair in pairs]
    high = [np.inf if pair[1] is None else pair[1] for pair in pairs]
    return low, high


@wraps(optimize.linprog)
def linprog(*args: Any, **kwargs: Any) -> Any:
    """Return the solution of a linear program: the corner where as many constraints hold."""
    given = _bound(optimize.linprog, args, kwargs)
    data = ("c", "A_ub", "b_ub", "A_eq", "b_eq", "bounds")
    traced = has_traced([given.get(name) for name in data])
    if not is_following() or not traced:
        return optimize.linprog(*args, **kwargs)
    c = np.reshape(array_of(given["c"]), -1)
    count = len(strip(c))
    (above, most), (equal, sums) = [_rows(given, kind, count) for kind in ("ub", "eq")]
    low, high = _limits(given.get("bounds"), count)
    for name in data:
        x = given.get(name)
        given[name] = strip(x if name == "bounds" else unfollowed(gathered(x)))
    out = optimize.linprog(**given)
    if not out.success or np.any(given.get("integrality") or 0):
        _singular("linprog", "there is no solution, or one of integers")
    x, size = out.x, 1 + np.max(np.abs(out.x), initial=0)
    unit, rows, right = np.eye(count), [equal], [sums]
    for matrix, end, off, price in (
        (above, most, out.slack, out.ineqlin.marginals),
        (unit, low, out.lower.residual, out.lower.marginals),
        (unit, high, out.upper.residual, out.upper.marginals),
    ):
        held = np.flatnonzero(np.abs(off) <= 1e-8 * size)
        if np.any(np.abs(price[held]) <= NEAR):
            _singular("linprog", "a constraint holds that could as well be left out")
        rows.append(matrix[held])
        right += [np.reshape(array_of(end[i]), 1) for i in held.tolist()]
    system = np.concatenate(rows)
    if system.shape != (count, count):
        _singular("linprog", "the corner is of more constraints than unknowns, or of fewer")
    found = np.linalg.solve(system, np.concatenate(right))
    x = _with_value(x, found, "linprog")
    forgotten(out)
    out.x, out.fun = x, np.matmul(c, x)
    out.slack, out.con = most - np.matmul(above, x), sums - np.matmul(equal, x)
    return out


@wraps(optimize.linear_sum_assignment)
def linear_sum_assignment(*args: Any, **kwargs: Any) -> Any:
    """Return which rows and columns belong together: constant near costs."""
    plain = [strip(unfollowed(gathered(x))) for x in args]
    named = {key: strip(unfollowed(gathered(x))) for key, x in kwargs.items()}
    return optimize.linear_sum_assignment(*plain, **named)


OWN: dict[str, Any] = {
    function.__name__: function
    for function in (lsq_linear, nnls, isotonic_regression, linprog, linear_sum_assignment)
}
