"""`scipy.fft`, with functions that accept traced values in place of those that do not dispatch.

Every name of `scipy.fft` is here.
"""

from typing import Any

from scipy import fft

from dualad.rules.scipy_fft import ROWS

_OWN = {row.function.__name__: row.function for row in ROWS}


def __getattr__(name: str) -> Any:
    return _OWN.get(name) or getattr(fft, name)


def __dir__() -> list[str]:
    return sorted({*dir(fft), *_OWN})
