"""`scipy.linalg`, with functions that accept traced values.

Every name of `scipy.linalg` is here. Those with a derivative are dualad's, with SciPy's parameters
and values; with the others, a traced value raises `MissingRowError`. In code that is not yours,
`dualad.lift` puts them in place of SciPy's.

Examples
--------
>>> import numpy as np
>>> import dualad as da
>>> from dualad.scipy import linalg
>>> def energy(a):
...     return np.sum(linalg.cho_solve(linalg.cho_factor(a), np.ones(2)))
>>> da.grad(energy)(np.array([[2.0, 0.0], [0.0, 4.0]]))
array([[-0.25  , -0.25  ],
       [ 0.    , -0.0625]])
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from scipy import linalg

from dualad.core.dispatch import dispatching
from dualad.rules.scipy_linalg import ROWS

_OWN = {row.function.__name__: row.function for row in ROWS}


def __getattr__(name: str) -> Any:
    if name in _OWN:
        return _OWN[name]
    value = getattr(linalg, name)
    return value if isinstance(value, type) or not callable(value) else _refusing(value)


def __dir__() -> list[str]:
    return sorted({*dir(linalg), *_OWN})


@cache
def _refusing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function without a row, which then raises when it meets a traced value."""
    return dispatching(function)
