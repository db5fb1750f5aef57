"""Minimizers by their older names, and solvers for roots that keep an estimate of the Jacobian."""

from inspect import signature
from typing import Any

import numpy as np
from scipy import optimize
from scipy.optimize import _root_scalar

from dualad.core.blank import unfollowed
from dualad.core.tracer import strip
from dualad.rules.likes import gathered, has_traced
from dualad.scipy.implicit import arguments, in_place_of, plainly, root_of_vector, with_arguments
from dualad.scipy.minima import Watched, as_one, minimum_between, with_value

MINIMIZERS = ("brent", "fmin", "fmin_bfgs", "fmin_cg", "fmin_ncg", "fmin_powell", "fminbound")
ROOTS = (
    "anderson", "broyden1", "broyden2", "diagbroyden", "excitingmixing", "linearmixing",
    "newton_krylov",
)  # fmt: skip


def _minimizing(solver: Any) -> Any:
    """Return a minimizer whose first argument is a function; it returns a minimum, or a tuple."""
    name = solver.__name__

    @in_place_of(solver)
    def solve(*args: Any, **kwargs: Any) -> Any:
        given = dict(signature(solver).bind(*args, **kwargs).arguments)
        first = next(iter(signature(solver).parameters))
        fun, rest = given.pop(first), arguments(given.pop("args", ()))
        for key in ("fprime", "fhess"):
            if key in given:
                given[key] = with_arguments(rest, given[key])
        if given.get("fhess_p") is not None:
            product = given["fhess_p"]
            given["fhess_p"] = lambda x, p: strip(product(x, p, *rest))

        def fn(x: Any) -> Any:
            return as_one(fun(x, *rest))

        watched = Watched(fn)
        out = solver(watched, **strip(given))
        ends = [given[key] for key in ("x1", "x2") if key in given]  # of fminbound
        if not watched.traced and not has_traced(ends):
            return out
        plain = out[0] if isinstance(out, tuple) else out
        near = given.get("xtol", 1e-5)
        x = minimum_between(fn, plain, ends, near, f"scipy.optimize.{name}")
        if not isinstance(out, tuple):
            return x
        if not given.get("full_output"):  # with retall
            return (x, *out[1:])
        return (x, with_value(out[1], fn(x)), *out[2:])

    return solve


def _finding(solver: Any) -> Any:
    """Return a solver for the root of a function of an array."""

    @in_place_of(solver)
    def solve(F: Any, xin: Any, *rest: Any, **kwargs: Any) -> Any:
        out = solver(plainly(F), strip(unfollowed(gathered(xin))), *strip(rest), **strip(kwargs))
        return np.reshape(root_of_vector(F, np.asarray(out)), np.shape(out))

    return solve


class MemoizeDer:
    """What stands for SciPy's class of this name, without its memo, which knows plain numbers."""

    __wrapped__ = _root_scalar.MemoizeDer

    def __init__(self, fun: Any) -> None:
        self.fun, self.n_calls, self.vals = fun, 0, None

    def __call__(self, x: Any, *args: Any) -> Any:
        """Return the function."""
        self.n_calls += 1
        return self.fun(x, *args)[0]

    def fprime(self, x: Any, *args: Any) -> Any:
        """Return its slope."""
        return self.fun(x, *args)[1]

    def fprime2(self, x: Any, *args: Any) -> Any:
        """Return its second derivative."""
        return self.fun(x, *args)[2]

    def ncalls(self) -> int:
        """Return how often it was called."""
        return self.n_calls


OWN: dict[str, Any] = {
    **{name: _minimizing(getattr(optimize, name)) for name in MINIMIZERS},
    **{name: _finding(getattr(optimize, name)) for name in ROOTS},
    "MemoizeDer": MemoizeDer,
}
