"""`scipy.interpolate`, with functions that accept traced values.

Every name of `scipy.interpolate` is here. Of the functions, `splev` and `bisplev` are dualad's, by
the places where they are evaluated. SciPy's classes are differentiated by `dualad.lift`, which puts
what is here in place of the compiled functions that they call.
"""

from functools import wraps
from typing import Any

from scipy import interpolate

from dualad.core.blank import unfollowed
from dualad.core.tracer import Tracer
from dualad.rules.scipy_interpolate import COMPILED, ROWS

_OWN = {row.function.__name__: row.function for row in ROWS}


def __getattr__(name: str) -> Any:
    return _OWN.get(name) or getattr(interpolate, name)


def __dir__() -> list[str]:
    return sorted({*dir(interpolate), *_OWN})


def _standing_for(function: Any, body: Any) -> Any:
    """Return a function that calls `body` of traced values, and else a compiled one."""

    @wraps(function)
    def call(*args: Any) -> Any:
        plain = [unfollowed(x) for x in args]
        return body(*args) if any(isinstance(x, Tracer) for x in plain) else function(*plain)

    return call


OWN: dict[str, Any] = {
    function.__name__: _standing_for(function, body)
    for function, body in COMPILED.items()
    if function is not None
}
