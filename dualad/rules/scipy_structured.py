"""`scipy.linalg`: matrices that a few numbers make, and what all of its rows share."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import linalg

from dualad.core.dispatch import dispatching
from dualad.core.tracer import shape_of, strip
from dualad.errors import UnsupportedParameterError
from dualad.rules.kinds import composite
from dualad.rules.matrices import is_complex


def named(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of SciPy's that dispatches, under the name by which a user finds it."""
    own = dispatching(function)
    own.__module__ = "dualad.scipy.linalg"
    return own


def checked(*arrays: Any, check_finite: bool = True) -> None:
    """Raise where SciPy does: if there is a NaN or an infinity."""
    for x in arrays if check_finite else ():
        np.asarray_chkfinite(strip(x))


def refuse(function: str, parameter: str, instead: str) -> None:
    """Raise, since a parameter has no rule."""
    raise UnsupportedParameterError(f"scipy.linalg.{function}", parameter, instead)


# Matrices with repeated entries


def _toeplitz(c: Any, r: Any = None) -> Any:
    """Return the matrix whose diagonals are constant."""
    r = (np.conj(c) if is_complex(c) else c) if r is None else r
    if max(len(shape_of(c)), len(shape_of(r))) > 1:  # SciPy's versions differ
        refuse("toeplitz", "arrays of several axes", "a loop over vectors")
    c, r = np.ravel(c), np.ravel(r)
    m, n = c.size, r.size
    places = np.arange(n)[None, :] - np.arange(m)[:, None] + m - 1
    return np.concatenate([c[::-1], r[1:]])[places]


def _hankel(c: Any, r: Any = None) -> Any:
    """Return the matrix whose antidiagonals are constant."""
    c = np.ravel(c)
    r = np.zeros_like(c) if r is None else np.ravel(r)
    places = np.arange(c.size)[:, None] + np.arange(r.size)[None, :]
    return np.concatenate([c, r[1:]])[places]


def _solve_toeplitz(c_or_cr: Any, b: Any, check_finite: Any = True) -> Any:
    """Return the solution of a system with a Toeplitz matrix."""
    c, r = c_or_cr if isinstance(c_or_cr, tuple) else (c_or_cr, None)
    return np.linalg.solve(_toeplitz(c, r), b)


def _solve_banded(l_and_u: Any, ab: Any, b: Any, overwrite_ab: Any = False,
                  overwrite_b: Any = False, check_finite: Any = True) -> Any:  # fmt: skip
    """Return the solution of a system with a banded matrix, as of a full one."""
    checked(ab, b, check_finite=check_finite)
    below, above = l_and_u
    n = shape_of(ab)[-1]
    i, j = np.indices((n, n))
    inside = (j - i <= above) & (i - j <= below)
    rows = np.where(inside, above + i - j, 0)
    return np.linalg.solve(np.where(inside, ab[rows, j], 0), b)


_BODIES: dict[Any, Callable[..., Any]] = {
    linalg.toeplitz: _toeplitz,
    linalg.circulant: lambda c: _toeplitz(c, np.roll(c[::-1], 1)),
    linalg.hankel: _hankel,
    linalg.solve_toeplitz: _solve_toeplitz,
    linalg.solve_banded: _solve_banded,
}
ROWS = [composite(named(function), body) for function, body in _BODIES.items()]
