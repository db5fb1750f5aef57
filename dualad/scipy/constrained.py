"""Minima within bounds and under constraints, with derivatives.

SciPy finds which constraints hold at the minimum. Where each of them is needed, they hold near it,
too: there the slope of what is minimized is a sum of the slopes of constraints (Karush, Kuhn and
Tucker), and the theorem of the implicit function gives derivatives of minimum and multipliers.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from scipy import optimize

from dualad.core.blank import unfollowed
from dualad.core.level import refusal
from dualad.core.tracer import as_array, shape_of, strip
from dualad.errors import SingularDerivativeError
from dualad.rules.likes import gathered, has_traced
from dualad.scipy.implicit import arguments, root_of_vector
from dualad.transforms.gradient import grad
from dualad.transforms.jacobian import jacobian

NEAR = 1e-5  # of a bound, compared to its size: what counts as lying at it
NEEDED = 1e-6  # of a multiplier, compared to the slope: below, the constraint might be left out


def _vector(y: Any) -> Any:
    """Return an outcome as one vector."""
    return np.reshape(as_array(unfollowed(gathered(y))), -1)


def limits(bounds: Any, count: int) -> tuple[Any, Any]:
    """Return lower and upper bounds, which may be traced, of an object or of pairs."""
    if hasattr(bounds, "lb"):
        both = bounds.lb, bounds.ub
    else:
        both = (
            [-np.inf if pair[0] is None else pair[0] for pair in bounds],
            [np.inf if pair[1] is None else pair[1] for pair in bounds],
        )
    low, high = [np.broadcast_to(as_array(unfollowed(gathered(x))), (count,)) for x in both]
    return low, high


class Constraint:
    """Some numbers ``fn(x)``, each between two bounds.

    Attributes
    ----------
    fn : callable
    low, high : float or array
        Equal ones are of an equation.
    """

    def __init__(self, fn: Callable[[Any], Any], low: Any, high: Any) -> None:
        self.fn, self.low, self.high = fn, low, high

    def held(self, x: Any) -> Iterator[tuple[Any, bool]]:
        """Yield functions that are zero where bounds are reached, and if they are equations."""
        y = strip(_vector(self.fn(x)))
        low, high = [np.broadcast_to(as_array(unfollowed(gathered(bound))), y.shape)
                     for bound in (self.low, self.high)]  # fmt: skip
        equal = strip(low) == strip(high)
        for sign, bound in ((1.0, low), (-1.0, high)):
            at = np.where(np.isfinite(strip(bound)), strip(bound), 0)
            near = np.isfinite(strip(bound)) & (np.abs(y - at) <= NEAR * (1 + np.abs(at)))
            for kind, held in ((True, equal & (sign > 0)), (False, near & ~equal)):
                if held.any():
                    yield self._off(sign, bound, np.flatnonzero(held)), kind

    def _off(self, sign: float, bound: Any, chosen: Any) -> Callable[[Any], Any]:
        """Return by how much chosen numbers are within a bound."""
        return lambda x: sign * (_vector(self.fn(x))[chosen] - bound[chosen])


def constraints_of(given: Any) -> list[Constraint]:
    """Return constraints as SciPy takes them: dictionaries, or objects with bounds."""
    if isinstance(given, dict):
        fn, rest = given["fun"], arguments(given.get("args", ()))
        high = 0.0 if given["type"] == "eq" else np.inf
        return [Constraint(lambda x: fn(x, *rest), 0.0, high)]
    if hasattr(given, "A"):
        matrix = given.A.toarray() if hasattr(given.A, "toarray") else given.A
        matrix = np.atleast_2d(as_array(unfollowed(gathered(matrix))))
        return [Constraint(lambda x: np.matmul(matrix, x), given.lb, given.ub)]
    if hasattr(given, "fun"):
        return [Constraint(given.fun, given.lb, given.ub)]
    return [part for each in given for part in constraints_of(each)]


def plain_constraints(given: Any, watch: Callable[[Any], Any]) -> Any:
    """Return constraints for SciPy, whose functions `watch` makes plain."""

    def call(fn: Any) -> Any:
        return watch(fn) if callable(fn) else strip(fn)

    if isinstance(given, dict):
        return {key: call(value) if key != "args" else value for key, value in given.items()}
    if hasattr(given, "A"):
        return optimize.LinearConstraint(*strip((given.A, given.lb, given.ub)))
    if hasattr(given, "fun"):
        known = callable(given.hess) or isinstance(given.hess, str)
        hess = call(given.hess) if known else optimize.BFGS()  # perhaps of a copy of the class
        bounds = strip((given.lb, given.ub))
        return optimize.NonlinearConstraint(call(given.fun), *bounds, call(given.jac), hess)
    return [plain_constraints(each, watch) for each in given]


def are_traced(constraints: list[Constraint]) -> bool:
    """Return whether a bound of a constraint is traced."""
    return has_traced([bound for each in constraints for bound in (each.low, each.high)])


def held_minimum(fn: Any, x: Any, constraints: list[Constraint], name: str) -> Any:
    """Return a minimum with its derivatives; None if no constraint holds there."""
    held = [pair for each in constraints for pair in each.held(x)]
    if not held:
        return None

    def off(x: Any) -> Any:
        return np.concatenate([function(x) for function, _ in held])

    slope, slopes = strip(grad(fn)(x)), strip(jacobian(off)(x))
    prices = np.linalg.lstsq(slopes.T, slope, None)[0]
    kinds = [np.full(shape_of(function(x)), kind) for function, kind in held]
    unneeded = prices <= NEEDED * (1 + np.max(np.abs(slope)))
    if np.any(unneeded & ~np.concatenate(kinds)):
        unsure = "a bound or a constraint holds that is not needed"
        raise refusal(SingularDerivativeError(name, unsure))
    count = len(x)

    def system(z: Any) -> Any:
        x, prices = z[:count], z[count:]
        bent = grad(lambda x: fn(x) - np.sum(prices * off(x)))(x)
        return np.concatenate([bent, off(x)])

    found = root_of_vector(system, np.concatenate([x, prices]), name)[:count]
    return x + (found - strip(found))
