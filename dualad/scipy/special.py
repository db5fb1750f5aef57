"""`scipy.special`, with functions that accept traced values in place of those that do not dispatch.

Every name of `scipy.special` is here. Its ufuncs are SciPy's own: they accept traced values as they
are. Functions that SciPy writes in Python, such as `logsumexp`, `softmax`, `polygamma`, `comb` and
`spherical_jn`, are dualad's, with SciPy's parameters; of those without a derivative, a traced value
raises `MissingRowError`. In code that is not yours, `dualad.lift` puts them in place of SciPy's.

Examples
--------
>>> import numpy as np
>>> import dualad as da
>>> from dualad.scipy import special
>>> da.grad(special.logsumexp)(np.array([0.0, np.log(3.0)]))
array([0.25, 0.75])
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from scipy import special

from dualad.core.dispatch import dispatching
from dualad.rules.special import ROWS
from dualad.rules.special.naming import named


def __getattr__(name: str) -> Any:
    if name in _OWN:
        return _OWN[name]
    value = getattr(special, name)
    if isinstance(value, type) or not callable(value):
        return value
    known = isinstance(value, (np.ufunc, type(np.sum)))
    return value if known or name in SETTINGS else _refusing(value)


def __dir__() -> list[str]:
    return sorted({*dir(special), *_OWN})


@cache
def _refusing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function without a row, which then raises when it meets a traced value."""
    return named(dispatching(function))


SETTINGS = {"errstate", "geterr", "seterr"}
_OWN = {
    row.function.__name__: row.function
    for row in ROWS
    if getattr(row.function, "__module__", "") == __name__
}
