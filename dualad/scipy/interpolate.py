"""`scipy.interpolate`, with functions that accept traced values in place of those that do not dispatch.

Every name of `scipy.interpolate` is here.
"""

from typing import Any

from scipy import interpolate

from dualad.rules.scipy_interpolate import ROWS

_OWN = {
    row.function.__name__: row.function for row in ROWS if hasattr(interpolate, row.function.__name__)
}


def __getattr__(name: str) -> Any:
    return _OWN.get(name) or getattr(interpolate, name)


def __dir__() -> list[str]:
    return sorted({*dir(interpolate), *_OWN})
