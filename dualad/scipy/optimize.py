"""Roots and minima of functions that may depend on traced values.

The solvers are SciPy's, and see plain numbers. Then the theorem of the implicit function gives the
derivatives of the root, or of the minimum, where the slope is zero: a step of Newton's method is
taken, in which everything is traced. Solvers that have no rule raise `MissingRowError` if the
function depends on a traced value.

Examples
--------
>>> import dualad as da
>>> from dualad.scipy import optimize
>>> def root(a):
...     return optimize.brentq(lambda x: x * x - a, 0.0, 10.0)
>>> round(float(da.grad(root)(9.0)), 12)
0.166666666667
"""

from inspect import signature
from typing import Any

import numpy as np
from scipy import optimize

from dualad.core.level import refusal
from dualad.core.tracer import strip
from dualad.errors import MissingRowError
from dualad.lifting import lift
from dualad.rules.likes import has_traced
from dualad.scipy import minima, older, programs
from dualad.scipy.implicit import (
    arguments,
    in_place_of,
    plainly,
    root_of_number,
    root_of_vector,
    with_arguments,
)


def __getattr__(name: str) -> Any:
    if name == "curve_fit":
        return lift(optimize.curve_fit)
    return OWN.get(name) or getattr(optimize, name)


def __dir__() -> list[str]:
    return sorted({*dir(optimize), *OWN})


def _bracketing(solver: Any) -> Any:
    """Return a solver for the root of a function of one number."""

    @in_place_of(solver)
    def solve(f: Any, a: Any, *rest: Any, args: Any = (), **kwargs: Any) -> Any:
        place = 1  # where `args` may stand among the rest
        if len(rest) > place:
            args, rest = rest[place], (*rest[:place], (), *rest[place + 1 :])
        args = arguments(args)

        def fn(x: Any) -> Any:
            return f(x, *args)

        if solver is optimize.newton and kwargs.get("fprime2") is not None:
            kwargs["fprime2"] = plainly(kwargs["fprime2"])
        given = [plainly(part) for part in strip(rest)]
        named = {key: with_arguments(args, value) for key, value in strip(kwargs).items()}
        if solver is optimize.newton:
            given = [with_arguments(args, part) for part in given]
        else:
            given += [()] if len(given) == 1 else []
        out = solver(plainly(fn), strip(a), *given, **named)
        several = isinstance(out, tuple)
        x = root_of_number(fn, out[0] if several else out, f"scipy.optimize.{solver.__name__}")
        if several and hasattr(out[1], "root"):
            out[1].root = x
        return (x, *out[1:]) if several else x

    return solve


@in_place_of(optimize.fsolve)
def fsolve(*args: Any, **kwargs: Any) -> Any:
    """Return a root of a function of a vector."""
    given = dict(signature(optimize.fsolve).bind(*args, **kwargs).arguments)
    func, rest = given.pop("func"), arguments(given.pop("args", ()))
    if callable(given.get("fprime")):
        given["fprime"] = with_arguments(rest, given["fprime"])

    def fn(x: Any) -> Any:
        return func(x, *rest)

    out = optimize.fsolve(plainly(fn), **strip(given))
    several = isinstance(out, tuple)
    x = root_of_vector(fn, out[0] if several else out)
    return (x, *out[1:]) if several else x


@in_place_of(optimize.root)
def root(fun: Any, x0: Any, args: Any = (), *rest: Any, **kwargs: Any) -> Any:
    """Return a root of a function of a vector, among the solver's other results."""
    args = arguments(args)
    if callable(kwargs.get("jac")):
        kwargs["jac"] = with_arguments(args, kwargs["jac"])

    both = kwargs.get("jac", rest[1] if len(rest) > 1 else None) is True

    def fn(x: Any) -> Any:
        return fun(x, *args)

    out = optimize.root(plainly(fn), strip(x0), (), *rest, **kwargs)
    found = root_of_vector((lambda x: fn(x)[0]) if both else fn, out.x)
    out.x = np.reshape(found, out.x.shape)
    return out


def _refusing(solver: Any) -> Any:
    """Return a solver that raises if what it is to solve depends on a traced value."""

    @in_place_of(solver)
    def solve(*args: Any, **kwargs: Any) -> Any:
        if has_traced([*args, *kwargs.values()]):
            raise refusal(_missing(solver))
        checked = [_checking(solver, arg) for arg in args]
        return solver(*checked, **{k: _checking(solver, arg) for k, arg in kwargs.items()})

    return solve


def _missing(solver: Any) -> MissingRowError:
    """Return the error of a solver without a rule."""
    return MissingRowError(f"scipy.optimize.{solver.__name__}", (), _INSTEAD)


def _checking(solver: Any, fn: Any) -> Any:
    """Return a function that raises if its outcome is traced."""

    def call(*args: Any, **kwargs: Any) -> Any:
        y = fn(*args, **kwargs)
        if has_traced(y):
            raise refusal(_missing(solver))
        return y

    return call if callable(fn) and not isinstance(fn, type) else fn


_INSTEAD = (
    "Let it look for the minimum with dualad.stop_gradient(a) in place of each traced value a. "
    "Then, without constraints, dualad.scipy.optimize.minimize from there has a minimum with "
    "derivatives."
)
BRACKETING = ("bisect", "brenth", "brentq", "newton", "ridder", "toms748")
REFUSED = (
    "basinhopping", "brute", "differential_evolution", "direct", "dual_annealing", "fmin_cobyla",
    "fmin_l_bfgs_b", "fmin_slsqp", "fmin_tnc", "golden", "milp", "quadratic_assignment", "shgo",
)  # fmt: skip

OWN: dict[str, Any] = {
    **{name: _bracketing(getattr(optimize, name)) for name in BRACKETING},
    **{name: _refusing(getattr(optimize, name)) for name in REFUSED},
    "fsolve": fsolve,
    "root": root,
    **minima.OWN,
    **older.OWN,
    **programs.OWN,
}
