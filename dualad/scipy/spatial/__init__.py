"""`scipy.spatial`, with functions that accept traced values; `distance` has those of all pairs.

Every name of `scipy.spatial` is here: functions that SciPy writes in Python are lifted.
"""

from typing import Any

from scipy import spatial

from dualad.scipy.following import Names
from dualad.scipy.spatial import distance, rotations, trees

_NAMES = Names(spatial, ())
OWN: dict[str, Any] = {**rotations.OWN, **trees.OWN}

__all__ = ["distance"]


def __getattr__(name: str) -> Any:
    return trees.OWN.get(name) or _NAMES[name]


def __dir__() -> list[str]:
    return dir(spatial)
