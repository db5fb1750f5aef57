"""Derivatives of roots and minima: by the theorem of the implicit function, from plain ones."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from dualad.core.blank import unfollowed
from dualad.core.level import is_following, refusal
from dualad.core.tracer import Tracer, as_array, primal_value, strip
from dualad.errors import SingularDerivativeError
from dualad.rules.likes import gathered
from dualad.rules.standing import newton_steps
from dualad.transforms.jacobian import jacobian
from dualad.transforms.products import jvp


def array_of(x: Any) -> Any:
    """Return what may hold traced values, or plain ones in lists, as an array."""
    x = unfollowed(gathered(x))
    return as_array(x) if isinstance(x, Tracer) else np.asarray(x)


def in_place_of(solver: Any) -> Callable[[Any], Any]:
    """Return a decorator of what serves while a derivative is computed; else SciPy's own does."""

    def decorated(own: Any) -> Any:
        @wraps(solver)
        def call(*args: Any, **kwargs: Any) -> Any:
            return own(*args, **kwargs) if is_following() else solver(*args, **kwargs)

        return call

    return decorated


def plainly(fn: Any) -> Any:
    """Return a function whose outcomes are plain."""
    return (lambda *args, **kwargs: strip(fn(*args, **kwargs))) if callable(fn) else fn


FAR = 1e-3  # of a minimum, compared to where it is: beyond, a step finds that it is none


def improved(step: Callable[[Any], Any], x: Any, y: Any, minimizer: str = "") -> Any:
    """Return a root with its derivatives, given a plain one and what the function is there.

    Of a minimizer, it is the root of a slope, and is checked.
    """
    found = x
    for _ in range(newton_steps(y)):
        change = step(found)
        size = np.max(np.abs(strip(change)), initial=0)
        if minimizer and not size <= FAR * (1 + np.max(np.abs(x), initial=0)):
            raise refusal(SingularDerivativeError(minimizer, "the slope there is not zero"))
        found = found - change
    return found + (x - strip(found))


def root_of_number(fn: Any, x: Any, name: str, minimizer: str = "") -> Any:
    """Return a root of a function of a number, or of one that acts element by element."""

    def step(x: Any) -> Any:
        y, slope = jvp(fn, (x,), (np.ones_like(strip(x)) + 0.0 * primal_value(x),))
        if np.any(strip(slope) == 0):
            raise refusal(SingularDerivativeError(name, "the slope at the root is zero"))
        return y / slope

    y = fn(x)
    return improved(step, x, y, minimizer) if isinstance(y, Tracer) else x


def root_of_vector(fn: Any, x: Any, minimizer: str = "") -> Any:
    """Return a root of a function of a vector with as many outputs."""

    def whole(x: Any) -> Any:
        return np.reshape(np.stack([*np.ravel(joined(fn(x)))]), (-1,))

    y = whole(x)
    if not isinstance(y, Tracer):
        return x

    def step(x: Any) -> Any:
        return np.linalg.solve(jacobian(whole)(x), whole(x))

    return improved(step, x, y, minimizer)


def joined(y: Any) -> Any:
    """Return an output as one array."""
    return np.stack([joined(part) for part in y]) if isinstance(y, (list, tuple)) else y


def arguments(args: Any) -> tuple[Any, ...]:
    """Return further arguments of a function as SciPy takes them."""
    return args if isinstance(args, tuple) else (args,)


def with_arguments(args: tuple[Any, ...], fn: Any) -> Any:
    """Return a derivative that a solver was given, with the further arguments."""
    return (lambda x, *_: strip(fn(x, *args))) if callable(fn) else fn
