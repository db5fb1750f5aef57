"""Functions of `scipy.special` that solve for a shape of a distribution function.

All are implicit functions: with ``F(y, u) = p``, ``dy/dp = 1 / F_y`` and ``dy/du = -F_u / F_y``.
"""

from typing import Any

import numpy as np
from scipy import special

from dualad.core.row import Row
from dualad.core.tracer import primal_value, shape_of
from dualad.rules.special.distributions import f_counterpull, f_density, f_pull, t_density, t_moved
from dualad.rules.special.helpers import elementwise
from dualad.rules.special.incomplete import (
    beta_by_first,
    beta_by_second,
    beta_density,
    either,
    gamma_by_shape,
    gamma_density,
)

SMALLEST, LARGEST = 1e-49, 1e10  # of SciPy's solutions; what is beyond is an end of its range


def _gamma_shape(y: Any, x: Any) -> Any:
    """Return how the shape `y` moves with `x`, while ``gammainc(y, x)`` stays."""
    return -gamma_density(y, x) / gamma_by_shape(y, x)


def _trials(k: Any, n: Any, p: Any) -> tuple[Any, Any, Any]:
    """Return the derivatives of ``bdtr(k, n, p)``, continued between the integers."""
    first = beta_by_first(n - k, k + 1, 1 - p, p)
    second = beta_by_second(n - k, k + 1, 1 - p, p)
    return second - first, first, -beta_density(n - k, k + 1, 1 - p, p)


def _failures(k: Any, n: Any, p: Any) -> tuple[Any, Any, Any]:
    """Return the derivatives of ``nbdtr(k, n, p)``, continued between the integers."""
    density = beta_density(n, k + 1, p)
    return beta_by_second(n, k + 1, p), beta_by_first(n, k + 1, p), density


def _shapes(a: Any, b: Any, x: Any) -> tuple[Any, Any, Any]:
    """Return the derivatives of ``betainc(a, b, x)``."""
    return beta_by_first(a, b, x), beta_by_second(a, b, x), beta_density(a, b, x)


def _solving(function: Any, *partials: Any) -> Row:
    """Return the row of a function that SciPy stops at an end of its range: it is flat there."""

    def guarded(partial: Any) -> Any:
        def by(y: Any, *operands: Any) -> Any:
            plain = np.abs(primal_value(y))
            found = (plain > SMALLEST) & (plain < LARGEST)
            return either(found, partial, lambda y, *rest: np.zeros(shape_of(y)), y, *operands)

        return by

    return elementwise(function, *map(guarded, partials))


def solving_for(name: str, slopes: Any, place: int, given: int, ends: bool = True) -> list[Row]:
    """Return the row of a function, if this SciPy has it, that solves for an operand of another.

    Parameters
    ----------
    slopes : callable
        The derivatives of the distribution function, by all of its operands.
    place : int
        The operand of the distribution function that it solves for.
    given : int
        Its own operand that is the probability.
    ends : bool, optional
        Whether SciPy stops at ends of a range: quantiles have none.
    """
    function = getattr(special, name, None)
    if function is None:
        return []

    def partial(i: int) -> Any:
        def by(y: Any, *operands: Any) -> Any:
            rest = [x for j, x in enumerate(operands) if j != given]
            found = slopes(*rest[:place], y, *rest[place:])
            if i == given:
                return 1 / found[place]
            others = [f for j, f in enumerate(found) if j != place]
            return -others[i - (i > given)] / found[place]

        return by

    kind = _solving if ends else elementwise
    return [kind(function, *map(partial, range(function.nin)))]


ROWS = [
    _solving(
        special.chdtriv,
        lambda y, p, x: 2 / gamma_by_shape(0.5 * y, 0.5 * x),
        lambda y, p, x: _gamma_shape(0.5 * y, 0.5 * x),
    ),
    _solving(
        special.gdtrib,
        lambda y, a, p, x: x * _gamma_shape(y, a * x),
        lambda y, a, p, x: 1 / gamma_by_shape(y, a * x),
        lambda y, a, p, x: a * _gamma_shape(y, a * x),
    ),
    _solving(
        special.pdtrik,
        lambda y, p, m: -1 / gamma_by_shape(y + 1, m),
        lambda y, p, m: _gamma_shape(y + 1, m),
    ),
    _solving(
        special.stdtridf,
        lambda y, p, x: -1 / (t_density(y, x) * t_moved(y, x)),
        lambda y, p, x: 1 / t_moved(y, x),
    ),
    _solving(
        special.fdtridfd,
        lambda y, a, p, x: -f_pull(a, y, x) / f_counterpull(a, y, x),
        lambda y, a, p, x: 1 / (x * f_density(a, y, x) * f_counterpull(a, y, x)),
        lambda y, a, p, x: -1 / (x * f_counterpull(a, y, x)),
    ),
    *solving_for("btdtria", _shapes, 0, 0),
    *solving_for("btdtrib", _shapes, 1, 1),
    *solving_for("bdtrik", _trials, 0, 0),
    *solving_for("bdtrin", _trials, 1, 1),
    *solving_for("nbdtrik", _failures, 0, 0),
    *solving_for("nbdtrin", _failures, 1, 1),
]
