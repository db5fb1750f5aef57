"""Functions that stand for SciPy's: their names, their values, and their programs.

A program is what a function does, written with functions that have rows. Values are always SciPy's.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from dualad.core.dispatch import dispatching
from dualad.core.row import Row
from dualad.core.tracer import Tracer, shape_of, strip
from dualad.errors import UnsupportedParameterError
from dualad.rules.joining import in_dtype
from dualad.rules.kinds import general, linear
from dualad.rules.passages import PROGRAMS
from dualad.rules.transposing import transpose_of

NEAR = 1e-6  # of a value and its program's: far above rounding, far below another meaning


def named(function: Callable[..., Any], package: str) -> Callable[..., Any]:
    """Return a function of SciPy's that dispatches, under the name by which a user finds it."""
    own = dispatching(function)
    own.__module__ = f"dualad.scipy.{package}"
    return own


def orders(*values: Any) -> int:
    """Return up to which order derivatives are carried by a value that carries the most."""
    most = 0
    for value in values:
        order = 0
        while isinstance(value, Tracer):
            order += getattr(getattr(value, "origin", None), "order", 1)
            value = value.primal
        most = max(most, order)
    return most


def newton_steps(*values: Any) -> int:
    """Return how many steps at a solution give it all derivatives that values carry.

    Each step of Newton's method doubles the order up to which the derivatives are right.
    """
    return orders(*values).bit_length()


def settled_as(plain: Any, found: Any, function: str, what: str) -> Any:
    """Return what a program found, with SciPy's values; raise if it found something else.

    Parameters
    ----------
    plain, found : array or tuple of arrays
    function, what : str
        Name the function, and the parameters of which the program may know too little.
    """
    if isinstance(plain, tuple):
        pairs = zip(plain, found, strict=True)
        return tuple([settled_as(p, f, function, what) for p, f in pairs])
    value = strip(found)
    size = 1 + np.max(np.abs(plain[np.isfinite(plain)]), initial=0)
    near = max(NEAR, 1e4 * float(np.finfo(np.result_type(plain, np.float32)).eps))
    if shape_of(plain) != shape_of(value) or not np.allclose(value, plain, 0, near * size, True):
        raise UnsupportedParameterError(function, what, "others, or a loop")
    if not isinstance(found, Tracer):
        return plain
    found = in_dtype(found, np.asarray(plain).dtype)
    value = strip(found)
    finite = np.isfinite(value)
    if not finite.all():
        found, value = np.where(finite, found, 0), np.where(finite, value, 0)
    return plain + (found - value)  # plus zero, with a derivative


def by_program(function: Callable[..., Any], program: Callable[..., Any]) -> Row:
    """Return the row of a function that is linear in its first argument, as a program says.

    ``program(x, *params)`` takes any number of leading directions in `x`.
    """
    PROGRAMS[function] = program
    return linear(
        function,
        lambda ct, y, x, *params, **named: transpose_of(
            lambda part: program(part, *params, **named), ct, y, x
        ),
        push=lambda t, y, x, *params, **named: program(t, *params, **named),
    )


def by_programs(function: Callable[..., Any], program: Any, first: Any = None) -> Row:
    """Return the row of a function that is linear in each of its first two arguments.

    Parameters
    ----------
    program : callable
        ``program(x, w, *params)`` takes leading directions in either of both.
    first : callable, optional
        What it is in `x` alone, if the function is not linear, but affine, in `x`.
    """
    PROGRAMS[function] = program
    of_x = program if first is None else first
    return general(
        function,
        [
            lambda t, y, x, w, *params: of_x(t, w, *params),
            lambda t, y, x, w, *params: program(x, t, *params),
        ],
        [
            lambda ct, y, x, w, *params: transpose_of(lambda t: of_x(t, w, *params), ct, y, x),
            lambda ct, y, x, w, *params: transpose_of(lambda t: program(x, t, *params), ct, y, w),
        ],
    )
