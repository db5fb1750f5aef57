"""Roots and minima of functions that may depend on traced values.

The solvers are SciPy's, and see plain numbers. Then the theorem of the implicit function gives the
derivatives of the root: a step of Newton's method is taken, in which everything is traced. Solvers
that have no rule raise `MissingRowError` if the function depends on a traced value.

Examples
--------
>>> import dualad as da
>>> from dualad.scipy import optimize
>>> def root(a):
...     return optimize.brentq(lambda x: x * x - a, 0.0, 10.0)
>>> round(float(da.grad(root)(9.0)), 12)
0.166666666667
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
from scipy import optimize

from dualad.core.level import is_following, refusal
from dualad.core.tracer import Tracer, primal_value, strip
from dualad.errors import MissingRowError, SingularDerivativeError, UnsupportedParameterError
from dualad.rules.likes import has_traced
from dualad.rules.standing import newton_steps
from dualad.transforms.jacobian import jacobian
from dualad.transforms.products import jvp


def __getattr__(name: str) -> Any:
    return OWN.get(name) or getattr(optimize, name)


def __dir__() -> list[str]:
    return sorted({*dir(optimize), *OWN})


def plainly(fn: Any) -> Any:
    """Return a function whose outcomes are plain."""
    return (lambda *args, **kwargs: strip(fn(*args, **kwargs))) if callable(fn) else fn


def _improved(step: Callable[[Any], Any], x: Any, y: Any) -> Any:
    """Return a root with its derivatives, given a plain one and what the function is there."""
    found = x
    for _ in range(newton_steps(y)):
        found = found - step(found)
    return found + (x - strip(found))


def _root_of_number(fn: Any, x: Any, name: str) -> Any:
    """Return a root of a function of a number, or of one that acts element by element."""

    def step(x: Any) -> Any:
        y, slope = jvp(fn, (x,), (np.ones_like(strip(x)) + 0.0 * primal_value(x),))
        if np.any(strip(slope) == 0):
            raise refusal(SingularDerivativeError(name, "the slope at the root is zero"))
        return y / slope

    y = fn(x)
    return _improved(step, x, y) if isinstance(y, Tracer) else x


def _root_of_vector(fn: Any, x: Any) -> Any:
    """Return a root of a function of a vector with as many outputs."""

    def whole(x: Any) -> Any:
        return np.reshape(np.stack([*np.ravel(_joined(fn(x)))]), (-1,))

    y = whole(x)
    if not isinstance(y, Tracer):
        return x
    return _improved(lambda x: np.linalg.solve(jacobian(whole)(x), whole(x)), x, y)


def _joined(y: Any) -> Any:
    """Return an output as one array."""
    return np.stack([_joined(part) for part in y]) if isinstance(y, (list, tuple)) else y


def _arguments(args: Any) -> tuple[Any, ...]:
    """Return further arguments of a function as SciPy takes them."""
    return args if isinstance(args, tuple) else (args,)


def _bracketing(solver: Any) -> Any:
    """Return a solver for the root of a function of one number."""

    @wraps(solver)
    def solve(f: Any, a: Any, *rest: Any, args: Any = (), **kwargs: Any) -> Any:
        if not is_following():
            return solver(f, a, *rest, args=args, **kwargs)
        place = 1  # where `args` may stand among the rest
        if len(rest) > place:
            args, rest = rest[place], (*rest[:place], (), *rest[place + 1 :])
        args = _arguments(args)

        def fn(x: Any) -> Any:
            return f(x, *args)

        if solver is optimize.newton and kwargs.get("fprime2") is not None:
            kwargs["fprime2"] = plainly(kwargs["fprime2"])
        given = [plainly(part) for part in strip(rest)]
        named = {key: _with(args, value) for key, value in strip(kwargs).items()}
        if solver is optimize.newton:
            given = [_with(args, part) for part in given]
        else:
            given += [()] if len(given) == 1 else []
        out = solver(plainly(fn), strip(a), *given, **named)
        several = isinstance(out, tuple)
        x = _root_of_number(fn, out[0] if several else out, f"scipy.optimize.{solver.__name__}")
        if several and hasattr(out[1], "root"):
            out[1].root = x
        return (x, *out[1:]) if several else x

    return solve


def _with(args: tuple[Any, ...], fn: Any) -> Any:
    """Return a derivative that a solver was given, with the further arguments."""
    return (lambda x, *_: strip(fn(x, *args))) if callable(fn) else fn


@wraps(optimize.fsolve)
def fsolve(func: Any, x0: Any, args: Any = (), *rest: Any, **kwargs: Any) -> Any:
    """Return a root of a function of a vector."""
    if not is_following():
        return optimize.fsolve(func, x0, args, *rest, **kwargs)
    args = _arguments(args)
    if rest or callable(kwargs.get("fprime")):
        raise refusal(UnsupportedParameterError("scipy.optimize.fsolve", "fprime", "None"))

    def fn(x: Any) -> Any:
        return func(x, *args)

    out = optimize.fsolve(plainly(fn), strip(x0), **kwargs)
    several = isinstance(out, tuple)
    x = _root_of_vector(fn, out[0] if several else out)
    return (x, *out[1:]) if several else x


@wraps(optimize.root)
def root(fun: Any, x0: Any, args: Any = (), *rest: Any, **kwargs: Any) -> Any:
    """Return a root of a function of a vector, among the solver's other results."""
    if not is_following():
        return optimize.root(fun, x0, args, *rest, **kwargs)
    args = _arguments(args)
    if callable(kwargs.get("jac")):
        kwargs["jac"] = _with(args, kwargs["jac"])

    def fn(x: Any) -> Any:
        return func(x, *args)

    func = fun
    out = optimize.root(plainly(fn), strip(x0), (), *rest, **kwargs)
    out.x = np.reshape(_root_of_vector(fn, out.x), out.x.shape)
    return out


def _refusing(solver: Any) -> Any:
    """Return a solver that raises if what it is to solve depends on a traced value."""

    @wraps(solver)
    def solve(*args: Any, **kwargs: Any) -> Any:
        if not is_following():
            return solver(*args, **kwargs)
        if has_traced([*args, *kwargs.values()]):
            raise refusal(_missing(solver))
        checked = [_checking(solver, arg) for arg in args]
        return solver(*checked, **{k: _checking(solver, arg) for k, arg in kwargs.items()})

    return solve


def _missing(solver: Any) -> MissingRowError:
    """Return the error of a solver without a rule."""
    return MissingRowError(f"scipy.optimize.{solver.__name__}", ())


def _checking(solver: Any, fn: Any) -> Any:
    """Return a function that raises if its outcome is traced."""

    def call(*args: Any, **kwargs: Any) -> Any:
        y = fn(*args, **kwargs)
        if has_traced(y):
            raise refusal(_missing(solver))
        return y

    return call if callable(fn) and not isinstance(fn, type) else fn


BRACKETING = ("bisect", "brenth", "brentq", "newton", "ridder", "toms748")
REFUSED = (
    "basinhopping", "brent", "brute", "curve_fit", "differential_evolution", "direct",
    "dual_annealing", "fmin", "fmin_bfgs", "fmin_cg", "fmin_cobyla", "fmin_l_bfgs_b", "fmin_ncg",
    "fmin_powell", "fmin_slsqp", "fmin_tnc", "fminbound", "golden", "least_squares", "leastsq",
    "linprog", "lsq_linear", "milp", "minimize", "minimize_scalar", "nnls", "shgo",
)  # fmt: skip

OWN: dict[str, Any] = {
    **{name: _bracketing(getattr(optimize, name)) for name in BRACKETING},
    **{name: _refusing(getattr(optimize, name)) for name in REFUSED},
    "fsolve": fsolve,
    "root": root,
}
