"""`scipy.spatial`, with functions that accept traced values; `distance` has those of all pairs.

Every name of `scipy.spatial` is here: functions that SciPy writes in Python are lifted.
"""

from typing import Any

from scipy import spatial

from dualad.scipy.following import Names
from dualad.scipy.spatial import distance

_NAMES = Names(spatial, ())

__all__ = ["distance"]


def __getattr__(name: str) -> Any:
    return _NAMES[name]


def __dir__() -> list[str]:
    return dir(spatial)
