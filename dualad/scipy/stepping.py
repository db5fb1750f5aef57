"""Implicit solvers of differential equations, which SciPy steps and collocation differentiates.

SciPy's solver sees plain numbers and chooses the steps; values are its own. Over each of its steps
the equations of a method of collocation (Radau IIA with four stages: Hairer and Wanner 1996,
section IV.5) are solved, and the theorem of the implicit function gives the derivatives of their
solution. So derivatives are those of the true solution, to the tolerances that SciPy was given.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import integrate

from dualad.core.blank import unfollowed
from dualad.core.level import refusal
from dualad.core.tracer import strip
from dualad.errors import SingularDerivativeError, UnsupportedParameterError
from dualad.rules.likes import gathered, has_traced
from dualad.rules.standing import orders
from dualad.transforms.jacobian import jacobian

STAGES = 4
_BASE = np.polynomial.Polynomial.fromroots([0.0] * (STAGES - 1) + [1.0] * STAGES)
NODES = np.sort(_BASE.deriv(STAGES - 1).roots().real)
NODES[-1] = 1.0
_POWERS = np.arange(STAGES)
WEIGHTS = np.linalg.solve(  # of each stage, in the integrals up to each
    (NODES[:, None] ** _POWERS).T, (NODES[:, None] ** (_POWERS + 1) / (_POWERS + 1)).T
).T
MOST_PARTS = 256  # of a step
NEWTON_ENDS = 1e-9  # a change, relative to the state: the next one would be its square
NEAR = 10.0  # times the tolerances: what SciPy's local errors may be


class Equation:
    """A differential equation: its right-hand side, and what SciPy's solver was asked for.

    Parameters
    ----------
    fun : callable
        ``fun(t, y)``, which may depend on traced values.
    rtol, atol : float or array
    traced : bool
        Whether the initial state or a time is traced.
    """

    def __init__(self, fun: Callable[..., Any], rtol: Any, atol: Any, traced: bool) -> None:
        self.fun, self.rtol, self.atol, self.traced = fun, strip(rtol), strip(atol), traced

    def __call__(self, t: Any, y: Any) -> Any:
        """Return the right-hand side as one vector, which may be traced."""
        rate = unfollowed(gathered(self.fun(t, y)))
        self.traced = self.traced or has_traced(rate)
        return np.reshape(np.asarray(rate, float) if isinstance(rate, (list, tuple)) else rate, -1)

    def plain(self, t: Any, y: Any) -> Any:
        """Return the right-hand side as plain numbers."""
        return strip(self(t, y))

    def rates(self, times: Any, states: Any) -> Any:
        """Return the right-hand side at each stage."""
        return np.stack([self(times[i], states[i]) for i in range(STAGES)])

    def near(self, y: Any, other: Any) -> bool:
        """Return whether two states agree, to the tolerances."""
        size = self.atol + self.rtol * np.maximum(np.abs(y), np.abs(other))
        return bool(np.all(np.abs(y - other) <= NEAR * size))

    def solved(self, low: float, high: float, y: Any, guess: Any) -> Any:
        """Return the stages over a step, and the inverse of their Jacobian; None if they fail."""
        step, n = high - low, len(y)
        times, states = low + NODES * step, guess
        for _ in range(12):
            slopes = [strip(jacobian(lambda s, t=t: self(t, s))(s))
                      for t, s in zip(times, states, strict=True)]  # fmt: skip
            blocks = WEIGHTS[:, None, :, None] * np.stack(slopes, 1)[None]
            matrix = np.eye(STAGES * n) - step * np.reshape(blocks, (STAGES * n, STAGES * n))
            off = states - y - step * np.matmul(WEIGHTS, strip(self.rates(times, states)))
            if not (np.isfinite(matrix).all() and np.isfinite(off).all()):
                return None
            inverse = np.linalg.inv(matrix)
            change = np.reshape(inverse @ np.ravel(off), states.shape)
            states = states - change
            if np.max(np.abs(change)) <= NEWTON_ENDS * (np.max(np.abs(states)) + 1e-300):
                return states, inverse
        return None

    def parts(self, low: float, high: float, y: Any, end: Any, dense: Any) -> Any:
        """Return places, stages and inverses of as many parts of a step as the end needs."""
        count, before = 1, None
        while count <= MOST_PARTS:
            places, found, state = np.linspace(low, high, count + 1), [], y
            for a, b in zip(places[:-1].tolist(), places[1:].tolist(), strict=True):
                guess = np.stack([dense(t) for t in a + NODES * (b - a)])
                part = self.solved(a, b, state, guess)
                if part is None:
                    break
                found.append(part)
                state = part[0][-1]
            if len(found) == count:
                if self.near(state, end) or (before is not None and self.near(state, before)):
                    return places, found
                before = state
            count *= 2
        raise refusal(SingularDerivativeError("an integral of a differential equation", _NONE))

    def carried(self, t0: Any, t1: Any, y0: Any, y1: Any, dense: Any) -> Any:
        """Return the state at the end of a step of SciPy's, with its derivatives."""
        low, high = strip(t0), strip(t1)
        places, found = self.parts(low, high, strip(y0), y1, dense)
        y = y0
        for i, (states, inverse) in enumerate(found):
            share = (places[i : i + 2] - low) / (high - low)
            start, step = t0 + share[0] * (t1 - t0), (share[1] - share[0]) * (t1 - t0)
            y = self.improved(start, step, y, states, inverse)[-1]
        return y1 + (y - strip(y))

    def improved(self, start: Any, step: Any, y: Any, states: Any, inverse: Any) -> Any:
        """Return stages with their derivatives: each step makes those of one order more right."""
        times, known, most, count = start + NODES * step, states, 1, 0
        while count < most:
            rates = self.rates(times, known)
            off = known - y - step * np.matmul(WEIGHTS, rates)
            most, count = max(1, orders(off)), count + 1
            known = known - np.reshape(np.matmul(inverse, np.reshape(off, -1)), states.shape)
        return known


_NONE = "the equations of collocation have no solution near SciPy's"


class Dense:
    """The solution within one step of a solver."""

    def __init__(self, solver: Any, plain: Any) -> None:
        self.equation, self.plain = solver.equation, plain
        self.start, self.end, self.ends = solver.start, (solver.t, solver.y), plain.t
        self.t_old, self.t = plain.t_old, plain.t
        self.t_min, self.t_max = plain.t_min, plain.t_max

    def __call__(self, t: Any) -> Any:
        """Return states at a time, or at several, along the last axis."""
        y, at = self.plain(strip(t)), strip(t)
        if np.ndim(at):
            return np.stack([self(t[i]) for i in range(len(at))], -1) if len(at) else y
        if at == self.start[0] and not has_traced(t):
            return self.start[1]
        if at == self.ends and not has_traced([t, self.end[0]]):
            return self.end[1]
        return self.equation.carried(self.start[0], t, self.start[1], y, self.plain)


class Stepping(integrate.OdeSolver):  # type: ignore[misc]  # SciPy has no types
    """A solver of SciPy's, whose states may be traced."""

    METHOD: Any = None

    def __init__(self, fun: Any, t0: Any, y0: Any, t_bound: Any, vectorized: Any = False,
                 **options: Any) -> None:  # fmt: skip
        y0 = unfollowed(gathered(y0))
        rtol, atol = options.get("rtol", 1e-3), options.get("atol", 1e-6)
        whole = (lambda t, y: fun(t, y[:, None])) if vectorized else fun
        self.equation = Equation(whole, rtol, atol, has_traced([t0, y0, t_bound]))
        jac = options.get("jac")
        if callable(jac):
            options["jac"] = lambda t, y: strip(jac(t, y))
        options = {name: strip(value) for name, value in options.items()}
        given = strip((t0, y0, t_bound))
        self.solver = self.METHOD(self.equation.plain, *given, **options)
        self.t, self.t_old, self.t_bound, self.fun = t0, None, t_bound, self.equation
        self.y = y0 if has_traced(y0) else self.solver.y
        self.n, self.direction, self.vectorized = self.solver.n, self.solver.direction, vectorized
        self._told()

    def _told(self) -> None:
        """Keep what the solver tells."""
        for name in ("status", "nfev", "njev", "nlu"):
            setattr(self, name, getattr(self.solver, name))

    def step(self) -> Any:
        """Do a step of SciPy's, and return its message."""
        message = self.solver.step()
        self._told()
        if self.status == "failed":
            return message
        self.start, plain = (self.t, self.y), self.solver
        self.t_old, self.t, self.y = self.t, plain.t, plain.y
        if has_traced(self.t_bound) and plain.t == strip(self.t_bound):
            self.t = self.t_bound
        if self.equation.traced and self.n and plain.t != plain.t_old:
            if plain.y.dtype.kind == "c":
                method = f"scipy.integrate.{self.METHOD.__name__}"
                raise refusal(UnsupportedParameterError(method, "complex y0", "real parts"))
            dense = plain.dense_output()
            self.y = self.equation.carried(*self.start[:1], self.t, self.start[1], plain.y, dense)
        return message

    def dense_output(self) -> Any:
        """Return the solution within the last step."""
        plain = self.solver.dense_output()
        return Dense(self, plain) if self.equation.traced and self.n else plain


def stepping(method: Any) -> Any:
    """Return a class that stands for one of SciPy's solvers."""
    told = {"METHOD": method, "__wrapped__": method, "__doc__": method.__doc__}
    return type(method.__name__, (Stepping,), told)


SOLVERS = {name: stepping(getattr(integrate, name)) for name in ("BDF", "LSODA", "Radau")}
TOLERANCE = 1.49012e-8  # that of `odeint`


def states_along(func: Any, y0: Any, t: Any, given: dict[str, Any]) -> Any:
    """Return what SciPy's `odeint` does, with derivatives.

    Parameters
    ----------
    func : callable
        ``func(t, y)``.
    given : dict
        The other parameters of `odeint`.
    """
    rtol, atol = [TOLERANCE if given.get(key) is None else given[key] for key in ("rtol", "atol")]
    y0, t = unfollowed(gathered(y0)), unfollowed(gathered(t))
    equation = Equation(func, rtol, atol, has_traced([y0, t]))
    times = np.asarray(strip(t), float)
    out = integrate.odeint(equation.plain, strip(y0), times, tfirst=True, **given)
    if not equation.traced:
        return out
    plain = out[0] if isinstance(out, tuple) else out
    start = np.reshape(y0, -1) if has_traced(y0) else plain[0]
    ends = [t[0], t[len(times) - 1]] if len(times) else []
    rows, k = [start], 1
    solver = SOLVERS["LSODA"](func, ends[0], start, ends[1], rtol=rtol, atol=atol)
    while k < len(times):
        while k < len(times) and times[k] == strip(ends[0]):
            rows.append(start)  # a time once more
            k += 1
        if k == len(times):
            break
        message = solver.step()
        if solver.status == "failed":
            raise refusal(SingularDerivativeError("scipy.integrate.odeint", str(message)))
        inside = solver.dense_output()
        while k < len(times) and (solver.solver.t - times[k]) * solver.direction >= 0:
            rows.append(inside(t[k]))
            k += 1
    found = np.stack(rows)
    found = plain + (found - strip(found))
    return (found, *out[1:]) if isinstance(out, tuple) else found
